//! What somebody with a section's data key may seal, and the file must survive: texts that are more or less than the
//! one leaf whose place they take (verify, step 8), in files where every MAC and link is right.

use super::document::Document;
use super::open::{Keys, SealedFile};
use super::seal::{self_check, write};
use crate::data_key::DataKey;
use crate::dialect::native::{
    Metadata, NONCE_LEN, Payload, PayloadKind, Pieces, Policy, Reader, Role, Roles, Sealer, Section, SectionKeys,
};
use crate::document::{Layout, format_by_name};
use crate::error::{Error, Position, Step};
use crate::keys::WrappedKey;
use crate::leaf::LeafKind;
use crate::random::Pool;
use crate::select::{ClearValues, CommentPolicy, PathGlob, Selection};

mod formats;

/// A part of every payload.
const CANARY: &str = "CANARY";

/// What is sealed instead of a leaf's own source.
#[derive(Clone, Copy)]
struct Other<'t> {
    /// The source of the leaf in the template.
    of: &'t str,
    payload: Payload<'t>,
}

fn value<'t>(of: &'t str, text: &'t str) -> Other<'t> {
    Other { of, payload: Payload::value(text, 0) }
}

fn comment<'t>(of: &'t str, text: &'t str) -> Other<'t> {
    Other { of, payload: Payload::comment(text) }
}

/// `template` encrypted with other payloads for some of its leaves, every check of the writer left out. Leaves below
/// `db` lie in a section of their own.
fn sealed(name: &str, template: &str, others: &[Other<'_>]) -> (String, Keys) {
    let format = format_by_name(name).expect("a format");
    let document = Document::parse(template.as_bytes(), format).expect("a template");
    let policy = Policy {
        comments: CommentPolicy::Encrypt,
        clear_values: ClearValues::Pinned,
        selection: Selection::default(),
        sections: vec![PathGlob::parse_all(["db.**", "DB*"]).expect("globs")],
    };
    let roles = Roles::assign(&policy, template, document.scan()).expect("roles");
    let mut sections = Vec::new();
    let mut keys = Vec::new();
    for name in ["default", "db"] {
        let section_keys = SectionKeys::derive(&DataKey::generate().expect("a key"));
        let wrapped_key = WrappedKey::from_bytes(vec![1; 8]);
        sections.push(Section {
            name: name.to_owned(),
            start: [0; 32],
            key_id: *section_keys.key_id(),
            threshold: None,
            readers: vec![Reader { name: "insider".into(), group: None, recipient: "age1x".into(), wrapped_key }],
            follows: None,
            mac: [0; 32],
        });
        keys.push(Some(section_keys));
    }
    let mut seals = Pieces::default();
    let mut pool = Pool::new();
    let mut used = 0;
    for (number, leaf) in document.scan().leaves.iter().enumerate() {
        let (role, section) = roles.of(number);
        let source = document.source(leaf);
        let own = if leaf.kind.is_comment() { Payload::comment(source) } else { Payload::value(source, leaf.indent) };
        let other = others.iter().find(|other| other.of == source).map(|other| other.payload);
        if matches!(role, Role::Sealed | Role::SealedComment) {
            used += usize::from(other.is_some());
            let keys = keys[section].as_ref().expect("all keys");
            let nonce: [u8; NONCE_LEN] = pool.take().expect("randomness");
            let path = (!leaf.kind.is_comment()).then_some((&document.scan().paths, leaf.path));
            Sealer::new(keys, &sections[section].name).seal(&nonce, other.unwrap_or(own), path, &mut seals.bytes);
        }
        seals.end_leaf();
    }
    assert_eq!(used, others.len(), "{template:?}");
    let metadata = Metadata { policy, layout: Layout::default(), sections, proposals: Vec::new() };
    let text = write(&document, metadata, &roles, &keys, seals).expect("it can be written");
    (text, keys)
}

/// What a reader of such a file gets.
fn opened(name: &str, template: &str, others: &[Other<'_>]) -> Result<String, Error> {
    let (text, keys) = sealed(name, template, others);
    let file = SealedFile::read(text.as_bytes(), format_by_name(name).expect("a format")).expect("steps 1 to 3");
    let opened = file.open(&keys).map(|opened| opened.document.text().to_owned());
    if let Err(error) = &opened {
        let shown = format!("{error}\n{error:?}");
        assert!(!shown.contains(CANARY), "{shown}");
    }
    opened
}

/// The error of step 8.
fn refused(path: &str, line: usize, column: usize) -> Result<String, Error> {
    let (path, at) = (Some(path.to_owned()), Some(Position { line, column }));
    Err(Error::Authentication { step: Step::Splice, path, at })
}

const YAML: &str = "first: x\ndb:\n  a: LEAF\n  z: END\n# NOTE\nlast: {k: FLOW, l: x}\n";

const TOML: &str = "first = 'x'\n[db]\na = 'LEAF'\nx = 1\nz = 'END' # NOTE\nt = { k = 'FLOW' }\n[last]\n";
const INI: &str = "first = x\n[db]\na = LEAF\nx = 1\nz = 'END' \n; NOTE\n[last]\n";

#[test]
fn what_is_sealed_as_it_stands_opens() {
    for (name, template) in [
        ("yaml", YAML),
        ("json", "{\"a\": 1, \"db\": {\"a\": [2, \"x\"]}}"),
        ("dotenv", "A=1\n# NOTE\nDB_A='x'\nDB_B=\n"),
        ("toml", TOML),
        ("ini", INI),
        ("properties", "A=1\n! NOTE\nDB_A x\nDB_B=\\\n  y\n"),
    ] {
        assert_eq!(opened(name, template, &[]), Ok(template.to_owned()));
    }
    let texts = ["CANARY", "'CANARY'", "\"CANARY: # x\"", "1", "|\n    CANARY", "\"CANARY\n    x\"", "CANARY\n    x"];
    for text in texts {
        let other = Other { of: "LEAF", payload: Payload::value(text, 2) };
        assert_eq!(opened("yaml", YAML, &[other]), Ok(YAML.replace("LEAF", text)), "{text:?}");
    }
    assert_eq!(
        opened("yaml", YAML, &[comment("# NOTE", "#CANARY: x # y")]),
        Ok(YAML.replace("# NOTE", "#CANARY: x # y"))
    );
}

#[test]
fn b2_yaml_values_that_are_not_one_leaf() {
    for text in [
        "CANARY\n  b: evil",
        "1\n  b: \"CANARY",
        "\"CANARY",
        "'CANARY' x",
        "'CANARY",
        "!!tag CANARY",
        "!x CANARY",
        "&a CANARY",
        "*CANARY",
        "CANARY # c",
        "CANARY #",
        "# CANARY",
        "CANARY: x",
        "{CANARY: x}",
        "[CANARY]",
        "- CANARY",
        "? CANARY",
        "{",
        "[",
        " CANARY",
        "CANARY ",
        "\tCANARY",
        "",
        "{}",
        "[]",
        "|\n  CANARY",
        "|\n    CANARY\n  b: evil",
        "|\n    CANARY\n# c",
        "\"CANARY\" x",
        "CANARY\n---\nx",
        "CANARY\n...\n",
        "CANARY\n",
        "CANARY\r\n",
        "\nCANARY",
        "\"CANARY\n  x\"\n",
        "CANARY\n    # c\n    x",
    ] {
        let other = Other { of: "LEAF", payload: Payload::value(text, 2) };
        assert_eq!(opened("yaml", YAML, &[other]), refused("db.a", 3, 6), "{text:?}");
    }
}

#[test]
fn b2_yaml_values_in_flow_maps() {
    let column = "last: {k: ".len() + 1;
    for text in [
        "CANARY, b",
        "CANARY, b: x",
        "CANARY}",
        "CANARY]",
        "CANARY: x",
        "\"CANARY\", \"x\": y",
        "[CANARY",
        "CANARY #",
        "|\n CANARY",
        "",
    ] {
        assert_eq!(opened("yaml", YAML, &[value("FLOW", text)]), refused("last.k", 6, column), "{text:?}");
    }
}

#[test]
fn b2_two_values_that_enclose_another_one() {
    // The result would have the same paths in the same order, but what lies between says something else.
    for (template, first, second, path) in [
        ("db:\n  a: LEAF\n  x: y\n  z: END\n", "1\n  x: \"evil\"\n  z: \"CANARY", "CANARY\"", "db.a"),
        ("db:\n  a: LEAF\n  x: y\n  z: END\n", "\"CANARY", "x\"", "db.a"),
        ("db: {a: LEAF, x: y, z: END}\n", "'CANARY", "x'", "db.a"),
        ("db:\n  - LEAF\n  - y\n  - END\n", "\"CANARY", "x\"", "db[0]"),
    ] {
        let others = [value("LEAF", first), value("END", second)];
        let found = opened("yaml", template, &others);
        let Err(Error::Authentication { step: Step::Splice, path: Some(place), .. }) = &found else {
            panic!("{first:?} and {second:?}: {found:?}")
        };
        assert_eq!(place, path);
    }
    let found = opened("dotenv", "DB_A=LEAF\nX=y\nDB_Z=END\n", &[value("LEAF", "\"CANARY"), value("END", "x\"")]);
    assert_eq!(found, refused("DB_A", 1, 6));
    let found = opened("dotenv", "DB_A=LEAF\nX=y\n", &[value("LEAF", "1\nX=CANARY\nDB_Z='")]);
    assert_eq!(found, refused("DB_A", 1, 6));
}

#[test]
fn b2_comments_that_are_more_than_a_comment() {
    for (name, template, line, column) in
        [("yaml", "a: x\n# NOTE\nb: y\n", 2, 1), ("dotenv", "A=x # z\n# NOTE\nB='y'\n", 2, 1)]
    {
        for text in [
            "# CANARY\nb: x",
            "CANARY",
            "",
            " # CANARY",
            "# CANARY\n",
            "# CANARY\r\nA=1",
            "# CANARY\rA=1",
            "x # CANARY",
        ] {
            assert_eq!(opened(name, template, &[comment("# NOTE", text)]), refused(".", line, column), "{text:?}");
        }
        let as_value = Other { of: "# NOTE", payload: Payload::value("# CANARY", 0) };
        assert_eq!(opened(name, template, &[as_value]), refused(".", line, column), "{name}");
    }
    let backslash = opened("dotenv", "# NOTE\nA=x\n", &[comment("# NOTE", "# CANARY\\")]);
    assert_eq!(backslash, refused(".", 1, 1));
}

#[test]
fn b1_line_breaks_of_other_parsers_in_payloads() {
    for c in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{b}', '\u{c}', '\0', '\u{1b}'] {
        let text = format!("CANARY{c}admin: true");
        assert_eq!(opened("yaml", "db:\n  a: LEAF\n", &[value("LEAF", &text)]), refused("db.a", 2, 6), "{c:?}");
        let text = format!("# CANARY{c}ADMIN=1");
        for (name, template) in [("yaml", "# NOTE\na: 1\n"), ("dotenv", "# NOTE\nA=1\n")] {
            let found = opened(name, template, &[comment("# NOTE", &text)]);
            assert_eq!(found, refused(".", 1, 1), "{name}: {c:?}");
        }
    }
}

#[test]
fn payloads_of_another_form() {
    let payload = |kind, indent, text| Other { of: "LEAF", payload: Payload { kind, indent, text } };
    for other in [
        payload(PayloadKind::Comment, 0, "CANARY"),
        payload(PayloadKind::Comment, 0, "# CANARY"),
        payload(PayloadKind::OneLine, 0, "CANARY\n    x"),
        payload(PayloadKind::SeveralLines, 2, "CANARY"),
    ] {
        assert_eq!(opened("yaml", YAML, &[other]), refused("db.a", 3, 6));
    }
    // Another indentation only moves the lines; moved too far to the left, they are not the value's any more.
    let text = "|\n    CANARY\n     x";
    assert_eq!(
        opened("yaml", YAML, &[payload(PayloadKind::SeveralLines, 0, text)]),
        Ok(YAML.replace("LEAF", "|\n      CANARY\n       x"))
    );
    for indent in [4, 9, u16::MAX] {
        let found = opened("yaml", YAML, &[payload(PayloadKind::SeveralLines, indent, text)]);
        assert_eq!(found, refused("db.a", 3, 6), "{indent}");
    }
}

#[test]
fn a_payload_longer_than_a_leaf_may_be() {
    let limit = crate::document::MAX_LEAF_LEN;
    let text = "x".repeat(limit + 1);
    let what = "the length of a value or comment in bytes";
    let at = Some(Position { line: 2, column: 6 });
    let found = opened("dotenv", "X=1\nDB_A=LEAF\n", &[value("LEAF", &text)]);
    assert_eq!(found, Err(Error::Limit { what, limit: limit as u64, at }));
}

#[test]
fn i9_a_text_that_does_not_give_the_original_back_is_not_written() {
    let (text, keys) = sealed("yaml", YAML, &[]);
    let format = format_by_name("yaml").expect("a format");
    let original = Document::parse(YAML.as_bytes(), format).expect("a template");
    assert_eq!(self_check(&text, &original, &keys), Ok(()));
    let changed = YAML.replace("  z: END", "  z: AND");
    let changed = Document::parse(changed.as_bytes(), format).expect("a document");
    let at = Position { line: 4, column: 6 };
    assert_eq!(self_check(&text, &changed, &keys), Err(Error::SelfCheck { at }));
    let start = Position { line: 1, column: 1 };
    assert_eq!(self_check(YAML, &original, &keys), Err(Error::SelfCheck { at: start }), "not even encrypted");
    let (text, keys) = sealed("yaml", YAML, &[value("LEAF", "\"CANARY")]);
    assert_eq!(self_check(&text, &original, &keys), Err(Error::SelfCheck { at: start }));
}

#[test]
fn templates_have_the_kinds_that_are_meant() {
    let format = format_by_name("yaml").expect("a format");
    let document = Document::parse(YAML.as_bytes(), format).expect("a template");
    let comments = document.scan().leaves.iter().filter(|leaf| leaf.kind == LeafKind::Comment).count();
    assert_eq!((document.scan().leaves.len(), comments), (6, 1));
}
