//! Marks around YAML values: tags, anchors, aliases, directives, quotes, comments, and characters that other parsers
//! take for line breaks.

use sops_rs::Error;
use sops_rs::error::{Position, Step};

use super::support::{opened, plan, refused, replaced, sealed, section_unverified, token, unverified, yaml};

const TEXT: &str = "# CANARY-head\na: CANARY-1\nb: CANARY-2 # CANARY-b\nc: CANARY-3\n";

fn file() -> String {
    sealed(TEXT, yaml(), &plan())
}

fn start_broken() -> Error {
    section_unverified(Step::Start, "default")
}

fn a_broken() -> Error {
    unverified(Step::Link, "a", 2, 4)
}

/// The file with something else in the place of the token of `b`, `@` standing for the token.
fn with_b(file: &str, value: &str) -> String {
    let token = token(file, "b: ");
    replaced(file, &token, &value.replace('@', &token))
}

#[test]
fn a_tag_anchor_or_alias_added() {
    let file = file();
    for value in ["!!int @", "!x @", "! @", "&x @", "&x !!str @", "!!binary \"@\""] {
        assert_eq!(refused(&with_b(&file, value), yaml()), a_broken(), "{value}");
    }
    assert_eq!(refused(&with_b(&file, "*x"), yaml()), a_broken());
    let bad = replaced(&replaced(&file, "a: ", "a: &x "), "\nc: ", "\nd: *x\nc: ");
    assert_eq!(refused(&bad, yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "b: ", "&x b: "), yaml()), a_broken());
    assert_eq!(refused(&replaced(&file, "b: ", "!!str b: "), yaml()), a_broken());
}

#[test]
fn a_tag_anchor_or_alias_changed_moved_or_removed() {
    let text = "a: &x CANARY-1\nb: &y CANARY-2\nc: !!str CANARY-3\nd: *x\ne: CANARY-4\n";
    let file = sealed(text, yaml(), &plan());
    let c_broken = unverified(Step::Link, "c", 3, 10);
    let b_broken = unverified(Step::Link, "b", 2, 7);
    let a_broken = unverified(Step::Link, "a", 1, 7);
    assert_eq!(refused(&replaced(&file, "*x", "*y"), yaml()), c_broken);
    assert_eq!(refused(&replaced(&file, "d: *x\n", ""), yaml()), c_broken);
    assert_eq!(refused(&replaced(&file, "d: *x\n", "d: *x\nf: *y\n"), yaml()), c_broken);
    assert_eq!(refused(&replaced(&file, "!!str", "!!int"), yaml()), b_broken);
    assert_eq!(refused(&replaced(&file, "!!str ", ""), yaml()), b_broken);
    assert_eq!(refused(&replaced(&file, "c: !!str ", "!!str c: "), yaml()), b_broken);
    assert_eq!(refused(&replaced(&file, "b: &y ", "b: "), yaml()), a_broken);
    assert_eq!(refused(&replaced(&file, "b: &y ", "&y b: "), yaml()), a_broken);
    let start = start_broken();
    assert_eq!(refused(&replaced(&replaced(&file, "&y", "&x"), "a: &x", "a: &y"), yaml()), start);
}

#[test]
fn a_directive_added_changed_or_removed() {
    let file = sealed("%TAG !e! tag:e,2000:\n---\na: !e!x CANARY\n", yaml(), &plan());
    assert_eq!(refused(&replaced(&file, "tag:e,2000:", "tag:e,2001:"), yaml()), start_broken());
    assert_eq!(refused(&format!("%YAML 1.1\n{file}"), yaml()), start_broken());
    assert_eq!(refused(&format!("%FOO bar\n{file}"), yaml()), start_broken());
    let file = sealed("%YAML 1.2\n---\na: CANARY\n", yaml(), &plan());
    assert_eq!(refused(&replaced(&file, "%YAML 1.2", "%YAML 1.1"), yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "%YAML 1.2\n", ""), yaml()), start_broken());
}

#[test]
fn a_token_in_other_quotes_opens_to_the_same() {
    // Quotes around a token only carry it: the value's own quotes are sealed.
    let file = file();
    for value in ["'@'", "\"@\"", "  @  ", "\n  @", "\n\n    '@'"] {
        let opened = opened(&with_b(&file, value), yaml());
        let carried = value.replace(['\'', '"'], "").replace('@', "CANARY-2");
        assert_eq!(opened, replaced(TEXT, "CANARY-2", &carried), "{value:?}");
    }
}

#[test]
fn a_token_in_a_value_on_several_lines_is_refused() {
    let file = file();
    let not_sealed = Error::LeafNotSealed { at: Position { line: 3, column: 4 }, path: "b".into() };
    for value in ["|\n  @\n", "|-\n  @\n", ">\n  @\n", "\"\n  @\"", "'\n  @'", "\"\\\n  @\"", "x\n  @"] {
        // What was behind the value would be in its way.
        let file = replaced(&file, &format!(" # {}", token(&file, "] # ")), "");
        assert_eq!(refused(&with_b(&file, value), yaml()), not_sealed, "{value:?}");
    }
}

#[test]
fn a_token_with_something_around_it_is_refused() {
    let file = file();
    let malformed = Error::Token { at: Position { line: 3, column: 4 }, path: "b".into() };
    for value in ["\" @\"", "\"@ \"", "@x", "@ x", "@#", "\"'@'\"", "@ @", "@\n  x", "\"\\x45@\""] {
        let error = refused(&with_b(&file, value), yaml());
        let expected = match value {
            "\"\\x45@\"" => Error::LeafNotSealed { at: Position { line: 3, column: 4 }, path: "b".into() },
            _ => malformed.clone(),
        };
        assert_eq!(error, expected, "{value:?}");
    }
}

#[test]
fn a_token_split_by_a_comment_or_a_line_is_refused() {
    let file = file();
    let malformed = Error::Token { at: Position { line: 3, column: 4 }, path: "b".into() };
    let token = token(&file, "b: ");
    for between in [" #", "\n  ", " "] {
        let bad = format!("{}{between}{}", &token[..60], &token[60..]);
        assert_eq!(refused(&replaced(&file, &token, &bad), yaml()), malformed, "{between:?}");
    }
}

#[test]
fn a_comment_behind_the_token_of_a_block_scalar() {
    // Behind `|` and its lines it would become a part of the value.
    let file = sealed("a: |\n  CANARY-1\nb: CANARY-2\n", yaml(), &plan());
    let token = token(&file, "a: ");
    let expected = unverified(Step::Splice, "a", 1, 4);
    for behind in [" # c", "  ", "\n  # c", "\n     "] {
        assert_eq!(refused(&replaced(&file, &token, &format!("{token}{behind}")), yaml()), expected, "{behind:?}");
    }
    // A blank line is a part of the value only where the header says so.
    assert_eq!(opened(&replaced(&file, &token, &format!("{token}\n")), yaml()), "a: |\n  CANARY-1\n\nb: CANARY-2\n");
    let keep = sealed("a: |+\n  CANARY-1\nb: CANARY-2\n", yaml(), &plan());
    let token = super::support::token(&keep, "a: ");
    assert_eq!(refused(&replaced(&keep, &token, &format!("{token}\n")), yaml()), expected);
}

#[test]
fn a_block_map_made_a_flow_map() {
    // A block scalar cannot stand between brackets.
    let file = sealed("a: |\n  CANARY-1\n---\nx\n", yaml(), &plan());
    let token = token(&file, "a: ");
    let bad = replaced(&file, &format!("a: {token}"), &format!("{{a: \"{token}\"}}"));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Splice, "a", 1, 5));
    // Nor a plain value with a comma.
    let file = sealed("a: CANARY, 1\n---\nx\n", yaml(), &plan());
    let token = super::support::token(&file, "a: ");
    let bad = replaced(&file, &format!("a: {token}"), &format!("{{a: \"{token}\"}}"));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Splice, "a", 1, 5));
}

#[test]
fn b1_line_breaks_of_other_parsers() {
    let file = file();
    for c in ["\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\0", "\u{b}", "\u{c}", "\u{1b}", "\u{1}"] {
        let code = c.chars().next().map_or(0, u32::from);
        let places = [
            ("# ENC", format!("# note{c}admin: true ENC"), 1, 7),
            ("# ENC", format!("# {c}ENC"), 1, 3),
            ("\nc: ", format!("\n# x{c}c: 1\nc: "), 4, 4),
            ("\nc: ", format!("\n{c}c: "), 4, 1),
            ("\nc: ", format!("\nc: {c}"), 4, 4),
            ("version: 1", format!("version: {c}1"), 6, 12),
        ];
        for (old, new, line, column) in places {
            let bad = file.replacen(old, &new, 1);
            let at = Position { line, column };
            assert_eq!(refused(&bad, yaml()), Error::ForbiddenCharacter { at, code }, "{c:?} in {new:?}");
        }
    }
}

#[test]
fn a_lone_carriage_return() {
    let file = file();
    for (old, new, line, column) in
        [("# ENC", "# x\radmin: true ENC", 1, 4), ("\nc: ", "\rc: ", 3, 0), ("\nc: ", "\nc: \r", 4, 4)]
    {
        let bad = replaced(&file.replacen(old, "\u{1}", 1), "\u{1}", new);
        let Error::ForbiddenCharacter { at, code: 13 } = refused(&bad, yaml()) else { panic!("{new:?}") };
        assert_eq!(at.line, line, "{new:?}");
        assert!(column == 0 || at.column == column, "{new:?}: {at}");
    }
    let doubled = file.replace('\n', "\r\r\n");
    assert!(matches!(refused(&doubled, yaml()), Error::ForbiddenCharacter { code: 13, .. }));
}

#[test]
fn an_outsider_cannot_seal_a_line_break_in() {
    // Nor can the owner by mistake.
    for text in ["a: x\u{2028}CANARY\n", "# CANARY\u{85}\na: 1\n"] {
        let refused = sops_rs::file::Document::parse(text.as_bytes(), yaml()).expect_err("a forbidden character");
        super::support::assert_silent(&refused);
        assert!(matches!(refused, Error::ForbiddenCharacter { .. }));
    }
}

#[test]
fn plaintext_that_looks_like_a_token() {
    use sops_rs::file::encrypt;
    use sops_rs::keys::NoInteraction;

    let what = "plaintext that begins with `ENC[` cannot be encrypted: it would be taken for a token";
    for (text, line, column) in [
        ("a: ENC[CANARY]\n", 1, 4),
        ("a: \"ENC[CANARY]\"\n", 1, 4),
        ("a: 1\nb: 'ENC[AES256_GCM,CANARY]'\n", 2, 4),
        ("# ENC[CANARY]\na: 1\n", 1, 1),
        ("#ENC[CANARY]\na: 1\n", 1, 1),
    ] {
        let document = super::support::document(text, yaml());
        let error = encrypt(&document, &plan(), &NoInteraction).expect_err("it looks like a token");
        super::support::assert_silent(&error);
        assert_eq!(error, Error::Syntax { at: Position { line, column }, what }, "{text:?}");
    }
}

#[test]
fn marks_on_a_list_and_around_documents() {
    let file = sealed("- CANARY-1\n- CANARY-2\n", yaml(), &plan());
    let (body, block) = super::support::parts(&file);
    for bad in [
        file.replacen("- ", "- - ", 1),
        file.replacen("- ", "-\n- ", 1),
        file.replacen("- ", "- ? ", 1),
        file.replacen("- ", "- \"\": ", 1),
        format!("&a\n{file}"),
        format!("--- &a\n{file}"),
        format!("--- !!omap\n{file}"),
        format!("---\n---\n{file}"),
        format!("%YAML 1.1\n---\n{file}"),
    ] {
        assert_eq!(refused(&bad, yaml()), start_broken(), "{bad}");
    }
    let last = unverified(Step::Link, "[1]", 2, 3);
    assert_eq!(refused(&format!("{}...\n---\n---\n{block}", &body[..body.len() - 4]), yaml()), last);
    for mark in ["--- \n", "---\n# c\n", "---\n\n"] {
        let bad = format!("{}{mark}{block}", &body[..body.len() - 4]);
        assert!(matches!(refused(&bad, yaml()), Error::Metadata { .. }), "{mark:?}");
    }
    for directive in ["...\n%TAG !! tag:x,2000:\n", "%YAML 1.1\n", "...\n%FOO x\n"] {
        let bad = format!("{}{directive}---\n{block}", &body[..body.len() - 4]);
        assert!(matches!(refused(&bad, yaml()), Error::Syntax { .. }), "{directive:?}");
    }
}
