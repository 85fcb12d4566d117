//! What holds for every document: the invariants of the library, named as in its documentation.

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::document::Format;
use sops_rs::error::Position;
use sops_rs::file::{Document, NewSection, Plan, decrypt, encrypt, replace, update};
use sops_rs::keys::NoInteraction;
use sops_rs::select::{ClearValues, CommentPolicy, Selection};

use super::support::{
    CANARY, alice, assert_silent, bob, document, format, globs, opened, plan, refused, replaced, sealed, token, yaml,
};

/// Sources of YAML scalars; `@` is where the next line of a value has to begin.
const YAML_SCALARS: &[&str] = &[
    "CANARY",
    "CANARY x:y #z",
    "'CANARY it''s'",
    "\"CANARY \\\" \\n\"",
    "1.10",
    "0644",
    "~",
    "yes",
    "2001-12-14",
    "-CANARY",
    "|\n@CANARY\n@ more\n\n@end",
    ">-\n@CANARY\n@folded",
    "|+\n@CANARY\n\n",
    "\"CANARY\n@on two lines\"",
    "CANARY\n@plain",
    "é CANARY 日本",
    "!!str CANARY",
    "&anchor CANARY",
    "\"\"",
];
const JSON_SCALARS: &[&str] = &[
    "\"CANARY\"",
    "\"CANARY \\\" \\u00e9 \\ud800\"",
    "1.10",
    "-0e+00",
    "12345678901234567890123456789",
    "true",
    "null",
    "{}",
    "[]",
    "{ }",
    "\"\"",
];
const DOTENV_VALUES: &[&str] = &[
    "=CANARY",
    "='CANARY $X'",
    "=\"CANARY\nx\"",
    "=`CANARY`",
    "= CANARY ",
    "=CANARY # CANARY",
    "=\"CANARY\" # CANARY",
    "=",
    "",
    "=CANARY=1",
    "= 'CANARY'  ",
];

#[derive(Clone, Debug)]
enum Node {
    Scalar(usize),
    List(Vec<Node>),
    Map(Vec<Node>),
}

fn nodes() -> impl Strategy<Value = Node> {
    (0..40_usize).prop_map(Node::Scalar).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Node::List),
            prop::collection::vec(inner, 1..4).prop_map(Node::Map),
        ]
    })
}

/// A node in block style behind its key or dash, its children `column` blanks in.
fn block(node: &Node, column: usize, out: &mut String) {
    let indent = " ".repeat(column);
    match node {
        Node::Scalar(n) => {
            let scalar = YAML_SCALARS[n % YAML_SCALARS.len()];
            out.push(' ');
            out.push_str(&scalar.replace('@', &format!("{indent} ")));
            if !scalar.contains('\n') && n % 3 == 0 {
                out.push_str("  # CANARY");
            }
            out.push('\n');
        }
        Node::List(items) | Node::Map(items) => {
            out.push_str(if items.len() == 2 { " # CANARY\n" } else { "\n" });
            for (n, item) in items.iter().enumerate() {
                let key = if matches!(node, Node::List(_)) { "-".to_owned() } else { format!("k{n}:") };
                out.push_str(&format!("{indent}{key}"));
                block(item, column + 1 + n % 3, out);
            }
        }
    }
}

fn flow(node: &Node, scalars: &[&str], out: &mut String) {
    match node {
        Node::Scalar(n) => out.push_str(scalars[n % scalars.len()]),
        Node::List(items) | Node::Map(items) => {
            let list = matches!(node, Node::List(_));
            out.push(if list { '[' } else { '{' });
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ",\n " } else { "" });
                if !list {
                    out.push_str(&format!("\"k{n}\": "));
                }
                flow(item, scalars, out);
            }
            out.push(if list { ']' } else { '}' });
        }
    }
}

fn documents() -> impl Strategy<Value = (&'static str, String)> {
    let yaml_text = (prop::collection::vec(nodes(), 1..4), 0..8_usize).prop_map(|(roots, style)| {
        let mut text = if style & 1 == 1 { "# CANARY\n".to_owned() } else { String::new() };
        for (n, root) in roots.iter().enumerate() {
            if n > 0 {
                text.push_str("---\n");
            }
            match root {
                Node::Scalar(_) => text.push_str("- CANARY\n"),
                _ if style & 2 == 2 => {
                    flow(root, JSON_SCALARS, &mut text);
                    text.push('\n');
                }
                _ => {
                    let mut inner = String::new();
                    block(root, 0, &mut inner);
                    text.push_str(inner.trim_start_matches([' ', '\n']));
                }
            }
        }
        if style & 4 == 4 { ("yaml", text.replace('\n', "\r\n")) } else { ("yaml", text) }
    });
    let json_text = (nodes(), any::<bool>()).prop_map(|(root, newline)| {
        let mut text = String::new();
        flow(&root, JSON_SCALARS, &mut text);
        ("json", if newline { text + "\n" } else { text })
    });
    let dotenv_text = (prop::collection::vec(0..60_usize, 1..8), any::<bool>()).prop_map(|(lines, crlf)| {
        let mut text = String::new();
        for (n, line) in lines.into_iter().enumerate() {
            let key = if line % 7 == 0 { "export K" } else { "K" };
            text += &format!("{key}{n}{}\n", DOTENV_VALUES[line % DOTENV_VALUES.len()]);
            text += ["", "# CANARY\n", "\n"][line % 3];
        }
        ("dotenv", if crlf { text.replace('\n', "\r\n") } else { text })
    });
    prop_oneof![2 => yaml_text, 1 => json_text, 1 => dotenv_text]
}

fn plans() -> impl Strategy<Value = Plan> {
    let clear = prop::sample::select(vec![vec![], vec!["**.k1"], vec!["k0.**"], vec!["K1", "K3", "**[].k0"]]);
    let encrypt = prop::sample::select(vec![vec!["**"], vec!["**.k0", "**.k1", "K*"], vec!["k0.**", "K0"]]);
    let section = prop::option::of(prop::sample::select(vec!["k2.**", "K2", "k0"]));
    (encrypt, clear, any::<[bool; 2]>(), section).prop_map(|(encrypt, clear, [comments, free], section)| Plan {
        comments: if comments { CommentPolicy::Encrypt } else { CommentPolicy::Clear },
        clear_values: if free { ClearValues::Free } else { ClearValues::Pinned },
        selection: Selection { encrypt: globs(&encrypt), clear: globs(&clear) },
        recipients: vec![alice().reader(), bob().reader()],
        key_groups: None,
        sections: section.map_or_else(Vec::new, |paths| {
            vec![NewSection {
                name: "s".into(),
                paths: globs(&[paths]),
                recipients: vec![alice().reader()],
                key_groups: None,
            }]
        }),
    })
}

/// Refusals that a generated document may meet.
fn is_expected(error: &Error) -> bool {
    matches!(error, Error::NothingSelected { .. })
        || matches!(error, Error::Syntax { what, .. } if what.contains("split this list") || what.contains("lone surrogate"))
}

fn parsed(name: &str, text: &str) -> Option<Document> {
    match Document::parse(text.as_bytes(), format(name)) {
        Ok(document) => Some(document),
        // An anchor may stand twice, but a plain value on two lines not everywhere.
        Err(Error::Syntax { .. }) => None,
        Err(error) => panic!("{error} in {text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn decrypting_gives_back_what_was_encrypted((name, text) in documents(), plan in plans()) {
        let Some(document) = parsed(name, &text) else { return Ok(()) };
        match encrypt(&document, &plan, &NoInteraction) {
            Err(error) => {
                assert_silent(&error);
                prop_assert!(is_expected(&error), "{} in {}", error, text);
            }
            Ok(encrypted) => {
                prop_assert_eq!(&opened(&encrypted.text, format(name)), &text);
                // I3 for every leaf: alone, its source is one leaf.
                let format: &dyn Format = format(name);
                for leaf in document.scan().leaves.iter().filter(|leaf| leaf.kind.is_value() || leaf.kind.is_comment()) {
                    prop_assert!(format.is_one_leaf(document.source(leaf), leaf), "{}", text);
                }
            }
        }
    }

    #[test]
    fn i8_updating_with_the_same_text_changes_nothing((name, text) in documents(), plan in plans()) {
        let Some(document) = parsed(name, &text) else { return Ok(()) };
        if let Ok(encrypted) = encrypt(&document, &plan, &NoInteraction) {
            let again = update(encrypted.text.as_bytes(), &document, &alice()).expect("it can be updated");
            prop_assert_eq!(again.text, encrypted.text);
        }
    }

    #[test]
    fn i9_updating_and_replacing_give_what_opens_to_the_new_text((name, a) in documents(), plan in plans(), (_, b) in documents()) {
        let (Some(old), Some(new)) = (parsed(name, &a), Document::parse(b.as_bytes(), format(name)).ok()) else { return Ok(()) };
        let Ok(encrypted) = encrypt(&old, &plan, &NoInteraction) else { return Ok(()) };
        for result in [
            update(encrypted.text.as_bytes(), &new, &alice()),
            replace(encrypted.text.as_bytes(), &new, &plan, &alice(), &NoInteraction),
        ] {
            match result {
                Ok(updated) => prop_assert_eq!(&opened(&updated.text, format(name)), &b),
                Err(error) => prop_assert!(is_expected(&error), "{} from {} to {}", error, a, b),
            }
        }
    }
}

#[test]
fn i3_each_span_read_alone_is_one_leaf() {
    for (name, text) in [
        ("yaml", "# CANARY\na: 'CANARY' # CANARY\nb: [CANARY, \"x\"]\nc: |\n  CANARY\n  x\nd: CANARY\n  x\n"),
        ("json", "{\"a\": \"CANARY\", \"b\": [1.0, null]}"),
        ("dotenv", "# CANARY\nA=CANARY # CANARY\nB='CANARY\nx' # CANARY\n"),
        ("toml", "# CANARY\na = 'CANARY' # CANARY\nb = [1, \"\"\"\nCANARY\"\"\"]\n[c]\nd = 1979-05-27 07:32:00\n"),
        ("ini", "; CANARY\na=CANARY ; CANARY\n[b]\nc = 'CANARY' # CANARY\nd =\n  CANARY\n  x\n"),
        ("properties", "! CANARY\na=CANARY # x\nb : CANARY \\\n  x\nc CANARY\n"),
    ] {
        let document = document(text, format(name));
        let sealable: Vec<_> =
            document.scan().leaves.iter().filter(|leaf| leaf.kind.is_value() || leaf.kind.is_comment()).collect();
        assert!(sealable.len() > 2);
        for leaf in sealable {
            let source = document.source(leaf);
            assert!(document.format().is_one_leaf(source, leaf), "{source:?}");
            for other in [format!("{source}\n"), format!("\n{source}"), String::new()] {
                assert!(!document.format().is_one_leaf(&other, leaf), "{other:?}");
            }
        }
    }
}

#[test]
fn i5_no_plaintext_before_the_whole_file_is_authenticated() {
    // The last link of the last section is wrong: all else would open.
    let text = "a: CANARY-1\nb: CANARY-2\nc: CANARY-3\n";
    let file = sealed(text, yaml(), &plan());
    let last = token(&file, "\nc: ");
    let (seal, link) = last.rsplit_once(':').expect("a link");
    let other = format!("{seal}:{}{}", if link.starts_with('A') { "B" } else { "A" }, &link[1..]);
    let bad = replaced(&file, &last, &other);
    let result = decrypt(bad.as_bytes(), yaml(), &alice());
    let Err(error) = result else { panic!("it was released") };
    assert_silent(&error);
    assert!(matches!(error, Error::Authentication { at: Some(Position { line: 3, column: 4 }), .. }));
    // Neither is anything made of it.
    let new = document("a: 1\n", yaml());
    assert_eq!(update(bad.as_bytes(), &new, &alice()).map(|_| ()), Err(error.clone()));
    assert_eq!(replace(bad.as_bytes(), &new, &plan(), &alice(), &NoInteraction).map(|_| ()), Err(error));
}

#[test]
fn i6_no_secret_in_any_error_or_debug_output() {
    let file = sealed("# CANARY\na: CANARY-1\nb: \"CANARY-2\"\n", yaml(), &plan());
    let decrypted = decrypt(file.as_bytes(), yaml(), &alice()).expect("it opens");
    assert!(decrypted.document.text().contains(CANARY));
    for shown in [format!("{decrypted:?}"), format!("{:?}", decrypted.document)] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
    let encrypted = encrypt(&decrypted.document, &plan(), &NoInteraction).expect("it can be encrypted");
    assert!(!format!("{encrypted:?}").contains(CANARY));
    // Plaintext that is refused, in each format and for each reason that lies in the text.
    for (name, text) in [
        ("yaml", "a: CANARY: CANARY\n"),
        ("yaml", "a: \"CANARY\n"),
        ("yaml", "a: [CANARY\n"),
        ("yaml", "a: !CANARY!x CANARY\n"),
        ("yaml", "a: CANARY\n\tb: CANARY\n"),
        ("yaml", "? [CANARY]\n: CANARY\n"),
        ("yaml", "*CANARY : CANARY\n"),
        ("yaml", "a: \"\\CANARY\"\n"),
        ("yaml", "a: |CANARY\n  CANARY\n"),
        ("yaml", "a: CANARY\u{2028}\n"),
        ("json", "{\"a\": CANARY}"),
        ("json", "{\"a\": \"CANARY\\x\"}"),
        ("json", "{\"a\": \"CANARY"),
        ("json", "[\"CANARY\" \"CANARY\"]"),
        ("json", "{\"a\": 1CANARY}"),
        ("dotenv", "A='CANARY\n"),
        ("dotenv", "CANARY CANARY\n"),
        ("dotenv", "A=1\nA B=CANARY\n"),
        ("dotenv", "# CANARY\\\nA=1\n"),
        ("dotenv", "A=CANARY\rB=1\n"),
        ("toml", "a = CANARY\n"),
        ("toml", "a = 'CANARY\n"),
        ("toml", "a = [1, 'CANARY' 2]\n"),
        ("toml", "a = \"\\CANARY\"\n"),
        ("toml", "a = 'CANARY' CANARY\n"),
        ("toml", "a = 1CANARY\n"),
        ("toml", "a = \"\"\"CANARY\n"),
        ("ini", "a = \"CANARY\n"),
        ("ini", "CANARY CANARY\n"),
        ("ini", "a = CANARY\\\n"),
        ("ini", "a = 1\n  b = CANARY\n"),
        ("ini", "[a] CANARY\n"),
        ("properties", "a=\\uCANARY\n"),
        ("properties", "a=CANARY\\\n\n"),
        ("properties", "=CANARY\n"),
    ] {
        let error = Document::parse(text.as_bytes(), format(name)).expect_err("it is refused");
        assert_silent(&error);
        let broken = if name == "json" { file.clone() } else { format!("{text}{file}") };
        let _ = refused(&broken, format(name));
    }
}
