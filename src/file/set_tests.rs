//! What must hold whatever the text, the path and the value: the value is there afterwards, and nothing else changed.

use std::fmt::Write as _;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::change::{Scanning, with_value, without_value};
use super::document::Document;
use super::open::{IdentityUnlock, decrypt};
use super::path_query::PathQuery;
use super::plan::{NewSection, Plan};
use super::seal::encrypt;
use super::set::{set, unset};
use super::tree::Tree;
use crate::document::{Value, format_by_name};
use crate::error::Error;
use crate::keys::{Identities, NoInteraction, generate_x25519};
use crate::leaf::{LeafKind, PathId, Segment};
use crate::select::{ClearValues, CommentPolicy, PathGlob};

/// A value with how it is written.
#[derive(Clone, Debug)]
enum Node {
    Scalar(&'static str),
    Map(bool, Vec<Node>),
    List(bool, Vec<Node>),
}

fn nodes(scalars: &'static [&'static str]) -> impl Strategy<Value = Node> {
    let leaf = prop::sample::select(scalars).prop_map(Node::Scalar);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => (prop::bool::weighted(0.2), prop::collection::vec(inner.clone(), 1..4)).prop_map(|(flow, of)| Node::Map(flow, of)),
            1 => (prop::bool::weighted(0.2), prop::collection::vec(inner, 1..4)).prop_map(|(flow, of)| Node::List(flow, of)),
        ]
    })
}

fn roots(scalars: &'static [&'static str]) -> impl Strategy<Value = Node> {
    prop::collection::vec(nodes(scalars), 1..4).prop_map(|of| Node::Map(false, of))
}

const YAML_SCALARS: &[&str] = &[
    "x",
    "'q q'",
    "\"d\\n\"",
    "12",
    "~",
    "",
    "|\n      b\n      c",
    "&n x",
    "a b # c",
    "{}",
    "[]",
    "!t v",
    "folded\n      more",
];
const JSON_SCALARS: &[&str] = &["\"x\"", "12", "null", "true", "\"\\u0041\"", "{}", "[ ]"];

fn yaml(node: &Node, column: usize, unit: usize, flow: bool, out: &mut String) {
    match node {
        Node::Scalar(text) if flow && (text.contains(['\n', '#']) || text.is_empty()) => out.push_str(" f"),
        Node::Scalar("") => {}
        Node::Scalar(text) => out.extend([" ", text]),
        Node::Map(is_flow, nodes) if flow || *is_flow => {
            out.push_str(" {");
            for (n, node) in nodes.iter().enumerate() {
                let _ = write!(out, "{}k{n}:", if n > 0 { ", " } else { "" });
                yaml(node, column, unit, true, out);
            }
            out.push('}');
        }
        Node::List(is_flow, nodes) if flow || *is_flow => {
            out.push_str(" [");
            for (n, node) in nodes.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                yaml(node, column, unit, true, out);
            }
            out.push(']');
        }
        Node::Map(_, nodes) => {
            for (n, node) in nodes.iter().enumerate() {
                let _ = write!(out, "\n{:column$}k{n}:", "");
                yaml(node, column + unit, unit, false, out);
            }
        }
        Node::List(_, nodes) => {
            for (n, node) in nodes.iter().enumerate() {
                let _ = write!(out, "\n{:column$}{}", "", if n % 2 == 0 { "-" } else { "# c\n" });
                if n % 2 == 1 {
                    let _ = write!(out, "{:column$}-", "");
                }
                yaml(node, column + unit, unit, false, out);
            }
        }
    }
}

fn json(node: &Node, indent: Option<usize>, out: &mut String) {
    let (open, nodes, close, is_map) = match node {
        Node::Scalar(text) => return out.push_str(text),
        Node::Map(_, nodes) => ('{', nodes, '}', true),
        Node::List(_, nodes) => ('[', nodes, ']', false),
    };
    out.push(open);
    let inner = indent.map(|indent| indent + 3);
    for (n, node) in nodes.iter().enumerate() {
        out.push_str(if n > 0 { "," } else { "" });
        if let Some(inner) = inner {
            let _ = write!(out, "\n{:inner$}", "");
        }
        if is_map {
            let _ = write!(out, "\"k{n}\": ");
        }
        json(node, inner, out);
    }
    if let Some(indent) = indent {
        let _ = write!(out, "\n{:indent$}", "");
    }
    out.push(close);
}

/// A text of each format.
fn texts() -> impl Strategy<Value = (&'static str, String)> {
    let yaml = (roots(YAML_SCALARS), prop::sample::select(vec![1_usize, 2, 4]), any::<bool>(), 0..3_usize).prop_map(
        |(root, unit, ends, crlf)| {
            let mut text = String::new();
            yaml(&root, 0, unit, false, &mut text);
            let text = text.trim_start_matches('\n').to_owned() + if ends { "\n" } else { "" };
            ("yaml", if crlf == 0 { text.replace('\n', "\r\n") } else { text })
        },
    );
    let json = (roots(JSON_SCALARS), any::<bool>()).prop_map(|(root, pretty)| {
        let mut text = String::new();
        json(&root, pretty.then_some(0), &mut text);
        ("json", text)
    });
    let line = "(export )?K=(x|'q q'|\"d\"| `b`|x # c||'q' # c|a b)|K|# c|";
    let dotenv = (prop::collection::vec(line, 1..6), any::<bool>()).prop_map(|(lines, ends)| {
        let lines = lines.iter().enumerate().map(|(n, line)| line.replacen('K', &format!("k{n}"), 1));
        ("dotenv", format!("k=x\n{}{}", lines.collect::<Vec<_>>().join("\n"), if ends { "\n" } else { "" }))
    });
    let line = "K *[=:] *(x|'q q'|x ; c||\"d\" # c|a b)|K|; c|# c|\\[S\\]";
    let ini = (prop::collection::vec(line, 1..7), any::<bool>()).prop_map(|(lines, ends)| {
        let name = |n, line: &String| line.replacen('K', &format!("k{n}"), 1).replacen('S', &format!("s{n}"), 1);
        let lines = lines.iter().enumerate().map(|(n, line)| name(n, line)).collect::<Vec<_>>();
        ("ini", format!("k = x\n{}{}", lines.join("\n"), if ends { "\n" } else { "" }))
    });
    let line = "K *[=: ] *(x|a b|\\\\#|x\\\\\n  z|)|# c|! c|";
    let properties = prop::collection::vec(line, 1..6).prop_map(|lines| {
        let lines = lines.iter().enumerate().map(|(n, line)| line.replacen('K', &format!("k{n}"), 1));
        ("properties", format!("k=x\n{}\n", lines.collect::<Vec<_>>().join("\n")))
    });
    let line = "K *= *(1|\"d\"|'q q'|\\[1, 2\\]|\\[\n  1, # c\n\\]|\\{a = 1\\}|\\[\\]|\\{\\}|1979-05-27) *(# c)?|K\\.a = 1|\\[S\\]|\\[S\\.a\\]|\\[\\[S\\]\\]|# c|";
    let toml = (prop::collection::vec(line, 1..7), any::<bool>()).prop_map(|(lines, ends)| {
        let name = |n, line: &String| line.replacen('K', &format!("k{n}"), 1).replacen('S', &format!("s{n}"), 1);
        let lines = lines.iter().enumerate().map(|(n, line)| name(n, line)).collect::<Vec<_>>();
        ("toml", format!("k = \"x\"\n{}{}", lines.join("\n"), if ends { "\n" } else { "" }))
    });
    prop_oneof![4 => yaml, 1 => json, 1 => dotenv, 1 => ini, 1 => properties, 2 => toml]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop_oneof!["[a-z]{1,8}", "[a-z #:'\"\n,{}\\[\\]|>&*!%@`-]{0,12}", "[0-9._+-]{1,5}", any::<String>()]
            .prop_map(|text| Value::Text(Zeroizing::new(text))),
        1 => prop::sample::select(vec!["null", "true", "-1.50", "{\"a\":[1,{\"b\":\"c\"}],\"d\":{}}", "[[\"x\"],[]]", "[]"])
            .prop_map(|json| Value::from_json(json).expect("JSON")),
    ]
}

/// Each leaf but comments: its path for people, its source and its kind.
fn leaves(document: &Document) -> Vec<(String, String, LeafKind)> {
    let leaves = document.scan().leaves.iter().filter(|leaf| !leaf.kind.is_comment());
    leaves.map(|leaf| (document.path(leaf.path), document.source(leaf).to_owned(), leaf.kind)).collect()
}

fn query_of(document: &Document, path: PathId) -> String {
    let segments = document.scan().paths.segments(path);
    let steps = segments.iter().filter_map(|segment| match segment {
        Segment::Document(_) => None,
        Segment::Index(n) => Some(format!("[{n}]")),
        Segment::Key { text, .. } => Some(format!("[{text:?}]")),
    });
    steps.collect()
}

/// A place in `document`, and whether a value stands there already.
fn places(document: &Document, at: prop::sample::Index, new: u8) -> (String, bool) {
    let paths = &document.scan().paths;
    let ids: Vec<_> = paths.ids().filter(|&id| !query_of(document, id).is_empty()).collect();
    let path = ids[at.index(ids.len())];
    let query = query_of(document, path);
    let first = paths.children(path).next().and_then(|child| paths.last(child));
    match (new, first) {
        (1, Some(Segment::Key { .. })) => (format!("{query}[\"new\"]"), false),
        (2, Some(Segment::Key { .. })) => (format!("{query}[\"new\"][\"deep\"][0]"), false),
        (1 | 2, Some(Segment::Index(_))) => (format!("{query}[{}]", paths.children(path).count()), false),
        (3, _) => ("new".to_owned(), false),
        _ => (query, true),
    }
}

fn read(document: &Document, query: &PathQuery) -> Value {
    let tree = Tree::of(document).and_then(|tree| tree.extract(query)).expect("it is there");
    Value::from(tree.documents.into_iter().next().expect("one"))
}

fn is_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_value_that_is_set_is_there_and_nothing_else_changed(
        (format, text) in texts(), at: prop::sample::Index, new in 0..4_u8, value in values(),
    ) {
        let Ok(old) = Document::parse(text.as_bytes(), format_by_name(format).expect("a format")) else {
            return Ok(());
        };
        let (path, is_there) = places(&old, at, new);
        let query = PathQuery::parse(&path).expect("a path");
        let changed = match with_value(&old, &query, &value, Scanning::Now) {
            Ok(Some(changed)) => changed,
            Ok(None) => {
                let found = read(&old, &query);
                prop_assert!(found == value || is_text(&found).is_some(), "{text:?} {path}");
                return Ok(());
            }
            // What the format has no spelling for, and what needs another command first.
            Err(Error::Unrepresentable { .. } | Error::ForbiddenCharacter { .. }) if !matches!(format, "json" | "yaml") => {
                return Ok(());
            }
            Err(Error::Misplaced { what, .. }) if what.contains("unset") => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(format!("{error}: {path} in {text:?}, {:?}", is_text(&value)))),
        };
        // What is foretold is right, or known to be wrong.
        if let Ok(Some(foretold)) = with_value(&old, &query, &value, Scanning::Later)
            && foretold.is_as_foretold()
        {
            prop_assert_eq!(foretold.document.text(), changed.document.text());
            prop_assert_eq!(foretold.document.scan(), changed.document.scan());
            prop_assert_eq!(foretold.window, changed.window);
        }
        let document = changed.document;
        let found = read(&document, &query);
        prop_assert!(super::value::same(document.format(), &value, &found), "{path} in {text:?} gives {:?}", document.text());
        // Leaves whose path has the query as its beginning are the value's; a map that was empty has none any more.
        let shown = query_of(&document, super::change::find(&document, &query).expect("there"));
        let shown = PathQuery::parse(&shown).expect("a path");
        let own = document.path(super::change::find(&document, &shown).expect("there"));
        let around = own.split(['.', '[']).next().unwrap_or_default().to_owned();
        let others = |document: &Document| -> Vec<_> {
            leaves(document).into_iter().filter(|(path, ..)| !path.starts_with(&around)).collect()
        };
        prop_assert_eq!(others(&old), others(&document), "{} in {:?} gives {:?}", path, text, document.text());
        if !is_there {
            let (top, _) = path.split_once("[\"deep\"]").unwrap_or((&path, ""));
            let query = PathQuery::parse(top).expect("a path");
            let back = without_value(&document, &query).map(|changed| changed.document.text().to_owned());
            // A table that got a header of its own keeps it.
            let is_back = back.as_deref().is_ok_and(|back| back == text || format == "toml" && back.starts_with(text.trim_end()));
            prop_assert!(is_back, "{} = {:?} in {:?} gave {:?} and then {:?}", top, is_text(&value), text, document.text(), back);
        }
    }

    #[test]
    fn a_value_that_is_taken_out_is_gone((format, text) in texts(), at: prop::sample::Index) {
        let Ok(old) = Document::parse(text.as_bytes(), format_by_name(format).expect("a format")) else {
            return Ok(());
        };
        let (path, _) = places(&old, at, 0);
        let query = PathQuery::parse(&path).expect("a path");
        match without_value(&old, &query) {
            Ok(changed) => {
                let count = |document: &Document| leaves(document).len();
                prop_assert!(count(&changed.document) <= count(&old), "{} in {:?}", path, text);
            }
            Err(error) => return Err(TestCaseError::fail(format!("{error}: {path} in {text:?}"))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_encrypted_file_changes_in_the_same_way(
        (format, text) in texts(), at: prop::sample::Index, new in 0..5_u8, value in values(), clear: bool,
        policy in 0..4_u8, lines in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    ) {
        let format = format_by_name(format).expect("a format");
        let Ok(old) = Document::parse(text.as_bytes(), format) else { return Ok(()) };
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let mut plan = Plan::for_recipients([("me".into(), recipient.clone())]);
        if policy & 1 > 0 {
            (plan.clear_values, plan.comments) = (ClearValues::Free, CommentPolicy::Clear);
        }
        if policy & 2 > 0 {
            let paths = ["k2", "*.k0", "*.k3", "b.**"].map(|glob| PathGlob::parse(glob).expect("a glob"));
            let recipients = vec![("me".into(), recipient)];
            plan.sections = vec![NewSection { name: "own".into(), paths: paths.to_vec(), recipients, key_groups: None }];
        }
        if clear {
            plan.selection.clear = vec![PathGlob::parse("**.k1").expect("a glob")];
        }
        let Ok(mut encrypted) = encrypt(&old, &plan, &NoInteraction) else { return Ok(()) };
        // Somebody moves a line: a comment may be anywhere.
        if let Some((from, to)) = lines {
            let mut moved: Vec<_> = encrypted.text.split_inclusive('\n').collect();
            let line = moved.remove(from.index(moved.len()));
            moved.insert(to.index(moved.len() + 1), line);
            encrypted.text = moved.concat();
        }
        let Ok(old) = decrypt(encrypted.text.as_bytes(), format, &unlock).map(|decrypted| decrypted.document) else {
            return Ok(());
        };
        let (path, is_there) = places(&old, at, new % 4);
        let query = PathQuery::parse(&path).expect("a path");
        let (expected, outcome) = if new == 4 {
            let expected = without_value(&old, &query).map(Some);
            (expected, unset(encrypted.text.as_bytes(), format, &query, &unlock))
        } else {
            (with_value(&old, &query, &value, Scanning::Now), set(encrypted.text.as_bytes(), format, &query, &value, &unlock))
        };
        let (Ok(Some(expected)), Ok(outcome)) = (expected, outcome) else { return Ok(()) };
        let edited = outcome.edited.expect("it changed").text;
        let opened = decrypt(edited.as_bytes(), format, &unlock).expect("what was written opens");
        prop_assert_eq!(opened.document.text(), expected.document.text());
        if is_there && new != 4 && is_text(&value).is_some_and(|text| !text.is_empty()) && expected.window.old.len() == 1 && expected.window.new.len() == 1
            && edited.lines().count() == encrypted.text.lines().count()
            && old.scan().leaves[expected.window.old.start].kind.is_value()
        {
            let differing = edited.lines().zip(encrypted.text.lines()).filter(|(a, b)| a != b).count();
            // A clear value changes the link before it, too, and may stand on several lines.
            prop_assert!(differing == 1 || clear || policy > 0 || lines.is_some(), "{} lines of {:?}", differing, text);
        }
    }
}
