//! Cases of JSONTestSuite (<https://github.com/nst/JSONTestSuite>, revision 1ef36fa01286, `test_parsing`), copyright (c)
//! 2016 Nicolas Seriot, MIT licence. Of its 316 files these are the ones that test something of their own here; left
//! out are texts that are not UTF-8 (refused before any scan), long ones and repetitions.
//!
//! Two `y` cases of the suite are refused here on purpose, `y_object_duplicated_key` and
//! `y_object_duplicated_key_and_value`; of its `i` cases (a parser may do either) those below are accepted.

use crate::document::json::Json;
use crate::document::{Format, battery};

#[test]
fn valid_texts_are_accepted() {
    for (name, text) in VALID {
        assert!(battery::check(&Json, text), "{name}");
    }
}

#[test]
fn invalid_texts_are_refused() {
    for (name, text) in INVALID {
        assert!(Json.scan(text).is_err(), "{name}");
    }
}

const VALID: &[(&str, &str)] = &[
    ("y_array_arraysWithSpaces", "[[]   ]"),
    ("y_array_ending_with_newline", "[\"a\"]"),
    ("y_array_heterogeneous", "[null, 1, \"1\", {}]"),
    ("y_number_0e+1", "[0e+1]"),
    (
        "y_number_double_close_to_zero",
        "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]\n",
    ),
    ("y_number_minus_zero", "[-0]"),
    ("y_number_real_capital_e_neg_exp", "[1E-2]"),
    ("y_object_empty_key", "{\"\":0}"),
    ("y_object_escaped_null_in_key", "{\"foo\\u0000bar\": 42}"),
    ("y_object_extreme_numbers", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
    ("y_object_with_newlines", "{\n\"a\": \"b\"\n}"),
    ("y_string_accepted_surrogate_pairs", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    ("y_string_allowed_escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    ("y_string_comments", "[\"a/*b*/c/*d//e\"]"),
    ("y_string_double_escape_a", "[\"\\\\a\"]"),
    ("y_string_escaped_noncharacter", "[\"\\uFFFF\"]"),
    ("y_string_nonCharacterInUTF-8_U+FFFF", "[\"\u{ffff}\"]"),
    ("y_string_u+2028_line_sep", "[\"\u{2028}\"]"),
    ("y_string_unescaped_char_delete", "[\"\u{7f}\"]"),
    ("y_string_unicode_escaped_double_quote", "[\"\\u0022\"]"),
    ("y_string_with_del_character", "[\"a\u{7f}a\"]"),
    ("y_structure_lonely_negative_real", "-0.1"),
    ("y_structure_lonely_string", "\"asd\""),
    ("y_structure_trailing_newline", "[\"a\"]\n"),
    ("y_structure_whitespace_array", " [] "),
    (
        "i_number_huge_exp",
        "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]",
    ),
    ("i_number_very_big_negative_int", "[-237462374673276894279832749832423479823246327846]"),
    ("i_string_1st_surrogate_but_2nd_missing", "[\"\\uDADA\"]"),
    ("i_string_inverted_surrogates_U+1D11E", "[\"\\uDd1e\\uD834\"]"),
    ("i_structure_UTF-8_BOM_empty_object", "\u{feff}{}"),
];

const INVALID: &[(&str, &str)] = &[
    ("n_array_1_true_without_comma", "[1 true]"),
    ("n_array_colon_instead_of_comma", "[\"\": 1]"),
    ("n_array_comma_after_close", "[\"\"],"),
    ("n_array_double_comma", "[1,,2]"),
    ("n_array_extra_close", "[\"x\"]]"),
    ("n_array_extra_comma", "[\"\",]"),
    ("n_array_just_minus", "[-]"),
    ("n_array_newlines_unclosed", "[\"a\",\n4\n,1,"),
    ("n_array_spaces_vertical_tab_formfeed", "[\"\u{b}a\"\\f]"),
    ("n_array_star_inside", "[*]"),
    ("n_incomplete_true", "[tru]"),
    ("n_multidigit_number_then_00", "123\u{0}"),
    ("n_number_++", "[++1234]"),
    ("n_number_+1", "[+1]"),
    ("n_number_-01", "[-01]"),
    ("n_number_-1.0.", "[-1.0.]"),
    ("n_number_-2.", "[-2.]"),
    ("n_number_-NaN", "[-NaN]"),
    ("n_number_.2e-3", "[.2e-3]"),
    ("n_number_0.3e+", "[0.3e+]"),
    ("n_number_0.e1", "[0.e1]"),
    ("n_number_0e", "[0e]"),
    ("n_number_1.0e-", "[1.0e-]"),
    ("n_number_1_000", "[1 000.0]"),
    ("n_number_2.e3", "[2.e3]"),
    ("n_number_Inf", "[Inf]"),
    ("n_number_U+FF11_fullwidth_digit_one", "[\u{ff11}]"),
    ("n_number_hex_1_digit", "[0x1]"),
    ("n_number_minus_space_1", "[- 1]"),
    ("n_number_neg_real_without_int_part", "[-.123]"),
    ("n_number_with_leading_zero", "[012]"),
    ("n_object_comma_instead_of_colon", "{\"x\", null}"),
    ("n_object_double_colon", "{\"x\"::\"b\"}"),
    ("n_object_garbage_at_end", "{\"a\":\"a\" 123}"),
    ("n_object_key_with_single_quotes", "{key: 'value'}"),
    ("n_object_missing_semicolon", "{\"a\" \"b\"}"),
    ("n_object_non_string_key", "{1:1}"),
    ("n_object_trailing_comma", "{\"id\":0,}"),
    ("n_object_trailing_comment", "{\"a\":\"b\"}/**/"),
    ("n_object_trailing_comment_slash_open", "{\"a\":\"b\"}//"),
    ("n_object_unquoted_key", "{a: \"b\"}"),
    ("n_object_unterminated-value", "{\"a\":\"a"),
    ("n_object_with_single_string", "{ \"foo\" : \"bar\", \"a\" }"),
    ("n_single_space", " "),
    ("n_string_1_surrogate_then_escape_u1", "[\"\\uD800\\u1\"]"),
    ("n_string_backslash_00", "[\"\\\u{0}\"]"),
    ("n_string_escape_x", "[\"\\x00\"]"),
    ("n_string_escaped_ctrl_char_tab", "[\"\\\t\"]"),
    ("n_string_incomplete_escaped_character", "[\"\\u00A\"]"),
    ("n_string_invalid_unicode_escape", "[\"\\uqqqq\"]"),
    ("n_string_leading_uescaped_thinspace", "[\\u0020\"asd\"]"),
    ("n_string_single_quote", "['single quote']"),
    ("n_string_start_escape_unclosed", "[\"\\"),
    ("n_string_unescaped_ctrl_char", "[\"a\u{0}a\"]"),
    ("n_string_unescaped_newline", "[\"new\nline\"]"),
    ("n_string_unescaped_tab", "[\"\t\"]"),
    ("n_string_unicode_CapitalU", "\"\\UA66D\""),
    ("n_structure_UTF8_BOM_no_data", "\u{feff}"),
    ("n_structure_array_with_unclosed_string", "[\"asd]"),
    ("n_structure_capitalized_True", "[True]"),
    ("n_structure_close_unopened_array", "1]"),
    ("n_structure_double_array", "[][]"),
    ("n_structure_no_data", ""),
    ("n_structure_null-byte-outside-string", "[\u{0}]"),
    ("n_structure_object_followed_by_closing_object", "{}}"),
    ("n_structure_open_array_apostrophe", "['"),
    ("n_structure_open_object_comma", "{,"),
    ("n_structure_trailing_#", "{\"a\":\"b\"}#{}"),
    ("n_structure_uescaped_LF_before_string", "[\\u000A\"\"]"),
    ("n_structure_unclosed_array_partial_null", "[ false, nul"),
    ("n_structure_unclosed_object", "{\"asd\":\"asd\""),
    ("n_structure_whitespace_U+2060_word_joiner", "[\u{2060}]"),
    ("n_structure_whitespace_formfeed", "[\u{c}]"),
];
