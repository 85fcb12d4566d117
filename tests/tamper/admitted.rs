//! What the keys alone do not detect, as the format spec admits: each of these goes unnoticed, and nothing more.

use sops_rs::file::{Warning, update};

use super::support::{
    alice, decrypt_as, document, format, opened, parts, plan, replaced, sealed, swapped, token, yaml,
};

const TEXT: &str = "# CANARY-head\na: CANARY-1\nb: CANARY-2 # CANARY-b\nc: \"CANARY-3\"\n";

fn file() -> String {
    sealed(TEXT, yaml(), &plan())
}

fn updated(file: &str, text: &str) -> String {
    update(file.as_bytes(), &document(text, yaml()), &alice()).expect("it can be updated").text
}

fn comment(file: &str, key: &str) -> String {
    let token = token(file.split_once(key).expect("a comment").1, "");
    assert!(!token[6..].contains(':'), "no comment");
    format!("# {token}")
}

#[test]
fn an_earlier_value_under_the_same_data_key() {
    let yesterday = file();
    let today = updated(&yesterday, &replaced(TEXT, "CANARY-2", "CANARY-9"));
    assert_eq!(opened(&replaced(&today, &token(&today, "b: "), &token(&yesterday, "b: ")), yaml()), TEXT);
}

#[test]
fn a_leaf_taken_out_again_with_the_earlier_token_before_it() {
    let yesterday = file();
    let today = updated(&yesterday, &replaced(TEXT, "b: ", "new: CANARY-9\nb: "));
    let bad = replaced(&today, &format!("new: {}\n", token(&today, "new: ")), "");
    let bad = replaced(&bad, &token(&bad, "a: "), &token(&yesterday, "a: "));
    assert_eq!(opened(&bad, yaml()), TEXT);
}

#[test]
fn comments_added_copied_moved_deleted() {
    let file = file();
    let (head, behind) = (comment(&file, "# "), comment(&file, "] # "));
    assert_eq!(opened(&replaced(&file, &format!("{head}\n"), ""), yaml()), replaced(TEXT, "# CANARY-head\n", ""));
    assert_eq!(opened(&swapped(&file, &head, &behind), yaml()), swapped(TEXT, "# CANARY-head", "# CANARY-b"),);
    assert_eq!(opened(&file.replace(&behind, &head), yaml()), TEXT.replace("# CANARY-b", "# CANARY-head"));
    assert_eq!(opened(&file.replace(&head, "# in clear"), yaml()), TEXT.replace("# CANARY-head", "# in clear"));
    assert_eq!(opened(&format!("#\n{file}"), yaml()), format!("#\n{TEXT}"));
}

#[test]
fn a_comment_that_does_not_open_stays_with_a_warning() {
    let (file, other) = (file(), file());
    let foreign = comment(&other, "# ");
    let bad = replaced(&file, &comment(&file, "] # "), &foreign);
    let decrypted = decrypt_as(alice(), bad.as_bytes(), yaml()).expect("it opens");
    assert_eq!(decrypted.document.text(), TEXT.replace("# CANARY-b", &foreign));
    let [Warning::CommentNotOpened { at }] = decrypted.warnings[..] else { panic!("{:?}", decrypted.warnings) };
    assert_eq!((at.line, at.column), (3, "b: ".len() + token(&file, "b: ").len() + 2));
}

#[test]
fn a_value_sealed_as_a_comment_or_the_reverse_does_not_open() {
    use sops_rs::error::Step;

    let file = file();
    // The seal of `a`, as a comment: under its own associated data it opens to nothing.
    let seal = token(&file, "a: ").rsplit_once(':').expect("a link").0.to_owned() + "]";
    let bad = replaced(&file, &comment(&file, "# "), &format!("# {seal}"));
    let decrypted = decrypt_as(alice(), bad.as_bytes(), yaml()).expect("it opens");
    assert_eq!(decrypted.warnings.len(), 1);
    let link = token(&file, "a: ").rsplit_once(':').expect("a link").1.to_owned();
    let as_value = comment(&file, "# ")[2..].replace(']', ":") + &link;
    let bad = replaced(&file, &token(&file, "a: "), &as_value);
    let expected = super::support::section_unverified(Step::Start, "default");
    assert_eq!(super::support::refused(&bad, yaml()), expected);
}

#[test]
fn line_endings_and_a_crlf_checkout() {
    let file = file();
    let crlf = file.replace('\n', "\r\n");
    assert_eq!(opened(&crlf, yaml()), TEXT.replace('\n', "\r\n"));
    assert_eq!(crlf.replace("\r\n", "\n"), file);
    for (name, text) in [
        ("yaml", "a: |\n  CANARY\n  x\n\nb: 'x\n  CANARY'\nc: >-\n  CANARY\n"),
        ("yaml", "# CANARY\n- CANARY"),
        ("json", "{\n  \"a\": \"CANARY\"\n}\n"),
        ("dotenv", "A=CANARY\nB=\"x\nCANARY\"\n# CANARY\nC=\n"),
    ] {
        let file = sealed(text, format(name), &plan());
        let there = opened(&file.replace('\n', "\r\n"), format(name));
        // The line breaks inside of sealed values were not seen by git.
        assert_eq!(there.replace("\r\n", "\n"), text, "{name}");
        let windows = text.replace('\n', "\r\n");
        let file = sealed(&windows, format(name), &plan());
        assert!(!file.replace("\r\n", "").contains('\n'), "{file}");
        let there = opened(&file.replace("\r\n", "\n"), format(name));
        assert_eq!(there.replace("\r\n", "\n"), text, "{name}");
    }
}

#[test]
fn clear_values_on_several_lines_in_a_crlf_checkout() {
    let text = "A=\"x\nCANARY\"\nB=CANARY\n";
    let file = sealed(text, format("dotenv"), &super::support::plan_with_clear(&["A"]));
    assert_eq!(opened(&file.replace('\n', "\r\n"), format("dotenv")), text.replace('\n', "\r\n"));
    let text = "a: \"x\n  CANARY\"\nb: |\n  CANARY\n  x\nc: CANARY\n";
    let file = sealed(text, yaml(), &super::support::plan_with_clear(&["a", "b"]));
    assert_eq!(opened(&file.replace('\n', "\r\n"), yaml()), text.replace('\n', "\r\n"));
}

#[test]
fn yaml_blanks_marks_and_styles_that_mean_the_same() {
    let file = file();
    let with = |old: &str, new: &str| (replaced(&file, old, new), replaced(TEXT, old, new));
    let (body, block) = parts(&file);
    for (changed, text) in [
        with("\na: ", "\n\na:\t "),
        with("\nb: ", "\n? b\n: "),
        (format!("---\n{file}"), format!("---\n{TEXT}")),
        (format!("\u{feff}{file}"), format!("\u{feff}{TEXT}")),
        (format!("{body}...\n---\n{block}"), format!("{TEXT}...\n")),
        (format!("{body}\n \t\n{block}"), format!("{TEXT}\n \t\n")),
    ] {
        assert_eq!(opened(&changed, yaml()), text);
    }
    let indented = body.replace("\n", "\n  ").replace("# ENC", "  # ENC");
    let text = TEXT.replace('\n', "\n  ").replace("# CANARY", "  # CANARY");
    assert_eq!(opened(&format!("{}---\n{block}", indented.trim_end_matches(' ')), yaml()), text.trim_end_matches(' '));
}

#[test]
fn a_block_map_made_a_flow_map() {
    let file = sealed("a: CANARY-1\nb: CANARY-2\n", yaml(), &plan());
    let block = parts(&file).1;
    let flow = format!("{{a: \"{}\", b: '{}'}}\n---\n{block}", token(&file, "a: "), token(&file, "b: "));
    assert_eq!(opened(&flow, yaml()), "{a: CANARY-1, b: CANARY-2}\n");
}

#[test]
fn a_formatter_may_indent_otherwise() {
    let text = "a:\n  b: |\n    CANARY\n     x\n  c: \"CANARY\n    y\"\n";
    let file = sealed(text, yaml(), &plan());
    let changed = replaced(&replaced(&file, "\n  b: ", "\n      b: "), "\n  c: ", "\n      c: ");
    assert_eq!(
        opened(&changed, yaml()),
        "a:\n      b: |\n        CANARY\n         x\n      c: \"CANARY\n        y\"\n"
    );
}

#[test]
fn dotenv_export_and_blanks() {
    let file = sealed("A=CANARY-1\nB=\"CANARY-2\"\nC\n", format("dotenv"), &plan());
    for (old, new) in [("A=", "export A="), ("A=", "  A ="), ("\nC\n", "\nexport C\n"), ("\nC\n", "\n\n  C \n")] {
        let text = replaced("A=CANARY-1\nB=\"CANARY-2\"\nC\n", old, new);
        assert_eq!(opened(&replaced(&file, old, new), format("dotenv")), text);
    }
    let token = token(&file, "B=");
    let quoted = replaced(&file, &token, &format!("'{token}' # note"));
    assert_eq!(opened(&quoted, format("dotenv")), "A=CANARY-1\nB=\"CANARY-2\" # note\nC\n");
}

#[test]
fn json_white_space_and_escapes_in_keys() {
    let file = sealed("{\"a\": \"CANARY-1\", \"b\": 2}", format("json"), &plan());
    let changed = replaced(&file, "{\"a\": ", "{\n\t\"\\u0061\" :\r\n");
    assert_eq!(opened(&changed, format("json")), "{\n\t\"\\u0061\" :\r\n\"CANARY-1\", \"b\": 2}");
}
