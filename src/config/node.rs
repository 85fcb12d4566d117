//! The YAML of a config file as a tree with positions.
//!
//! Read straight from the parser's events, so that every message has its line and column and our own words, and so that
//! what a policy has no use for is refused: duplicate keys, anchors and aliases (so there is nothing to blow up), tags,
//! several documents.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use crate::error::{Error, Position};

/// A config nests six deep at most; more is a mistake or an attack.
const MAX_NESTING: usize = 16;

/// A value of a config file, and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Nothing, `~` or `null`.
    Null,
    /// Any other scalar, whatever type it would have elsewhere.
    Text(String),
}

/// An entry of a map. Keys are unique within theirs.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Position,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Value {
    /// What this is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Null => "empty",
            Self::Text(_) => "a text",
        }
    }
}

/// An error at a place of a config file.
pub(super) fn error(at: Position, what: impl Into<String>) -> Error {
    Error::Config { at: Some(at), what: what.into() }
}

/// The root of `text`; `None` when it holds nothing but white space and comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Error> {
    let mut options = Options::default();
    options.disallow_directives = true;
    // Else `files: [*.yaml]` would be "unknown anchor", which helps nobody.
    options.emit_unresolved_aliases = true;
    let mut builder = Builder { stack: Vec::new(), root: None };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|found| not_yaml(&found))?;
        builder.take(event, place(&span))?;
    }
    Ok(builder.root)
}

fn place(span: &Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

fn not_yaml(found: &ScanError) -> Error {
    let marker = found.marker();
    error(
        Position { line: marker.line(), column: marker.col() + 1 },
        format!("this is not valid YAML: {}", found.kind()),
    )
}

/// Collections that are open, innermost last.
struct Builder {
    stack: Vec<Open>,
    root: Option<Node>,
}

enum Open {
    List {
        at: Position,
        items: Vec<Node>,
    },
    Map {
        at: Position,
        entries: Vec<Entry>,
        lines: std::collections::HashMap<String, usize>,
        key: Option<(Position, String)>,
    },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Error> {
        let (tag, anchor) = match &event {
            Event::Scalar(_, _, anchor, tag) => (tag.is_some(), *anchor),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => (tag.is_some(), *anchor),
            _ => (false, 0),
        };
        if tag {
            return Err(error(at, "`!` begins a YAML tag here; put texts that begin with it in quotes"));
        }
        if anchor != 0 {
            return Err(error(at, "`&` begins a YAML anchor here; put texts that begin with it in quotes"));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Text(text.into_owned()) };
                self.node(Node { at, value })
            }
            Event::SequenceStart(..) => self.open(Open::List { at, items: Vec::new() }, at),
            Event::MappingStart(..) => {
                let open = Open::Map { at, entries: Vec::new(), lines: std::collections::HashMap::new(), key: None };
                self.open(open, at)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Open::List { at, items }) => self.node(Node { at, value: Value::List(items) }),
                Some(Open::Map { at, entries, .. }) => self.node(Node { at, value: Value::Map(entries) }),
                None => Ok(()),
            },
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                Err(error(at, "`*` begins a YAML alias here; put globs that begin with it in quotes"))
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(error(at, "a second YAML document; a config is one document"))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, open: Open, at: Position) -> Result<(), Error> {
        if let Some(Open::Map { key: None, .. }) = self.stack.last() {
            return Err(error(at, "a map or a list cannot be a key"));
        }
        if self.stack.len() == MAX_NESTING {
            return Err(Error::Limit { what: "the nesting of the config", limit: MAX_NESTING as u64, at: Some(at) });
        }
        self.stack.push(open);
        Ok(())
    }

    /// Puts a whole node where it belongs: as the key or the value of the innermost map, into the innermost list, or
    /// as the root.
    fn node(&mut self, node: Node) -> Result<(), Error> {
        if let Value::Text(text) = &node.value
            && is_secret_key(text)
        {
            return Err(error(node.at, "this is a secret key; a config holds public keys only, and is committed"));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, lines, key, .. }) => match key.take() {
                Some((at, key)) => entries.push(Entry { at, key, value: node }),
                None => {
                    let Value::Text(text) = node.value else { return Err(error(node.at, "empty key")) };
                    if let Some(line) = lines.insert(text.clone(), node.at.line) {
                        return Err(error(node.at, format!("`{text}` stands here twice, first on line {line}")));
                    }
                    *key = Some((node.at, text));
                }
            },
        }
        Ok(())
    }
}

/// Whether somebody pasted the wrong half of a key. Refused here, before any message can quote it.
fn is_secret_key(text: &str) -> bool {
    let start = text.trim_start().get(..11).unwrap_or_default();
    start.eq_ignore_ascii_case("AGE-SECRET-") || start.eq_ignore_ascii_case("AGE-PLUGIN-") || start == "-----BEGIN "
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A short form of the tree, with lines and columns.
    fn show(node: &Node) -> String {
        let Position { line, column } = node.at;
        let inner = match &node.value {
            Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => {
                let entry = |entry: &Entry| format!("{}={}", entry.key, show(&entry.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
            }
            Value::Null => "null".to_owned(),
            Value::Text(text) => format!("{text:?}"),
        };
        format!("{line}:{column}{inner}")
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn nodes_have_their_positions() {
        let text = "a: 1\nb:\n  - x\n  - é: \"y\"\n    z: ~\nc:\n";
        let root = parse(text).unwrap().unwrap();
        assert_eq!(show(&root), r#"1:1{a=1:4"1" b=3:3[3:5"x" 4:5{é=4:8"y" z=5:8null}] c=6:2null}"#);
        assert_eq!(
            show(&parse("\u{feff}a: {b: [c]}\r\nd: 'null'").unwrap().unwrap()),
            r#"1:1{a=1:4{b=1:8[1:9"c"]} d=2:4"null"}"#
        );
    }

    #[test]
    fn an_empty_text_has_no_root() {
        assert!(parse("").unwrap().is_none());
        assert!(parse("# nothing\n\n").unwrap().is_none());
    }

    #[test]
    fn what_a_config_has_no_use_for_is_refused() {
        let cases = [
            ("a: 1\nb: 2\na: 3\n", "line 3, column 1: `a` stands here twice, first on line 1"),
            ("a: {b: 1, \"b\": 2}", "line 1, column 11: `b` stands here twice, first on line 1"),
            (
                "files: [*.yaml]",
                "line 1, column 9: `*` begins a YAML alias here; put globs that begin with it in quotes",
            ),
            ("- *x", "line 1, column 3: `*` begins a YAML alias here; put globs that begin with it in quotes"),
            (
                "a: &x 1\nb: *x",
                "line 1, column 7: `&` begins a YAML anchor here; put texts that begin with it in quotes",
            ),
            ("a: !x 1", "line 1, column 7: `!` begins a YAML tag here; put texts that begin with it in quotes"),
            ("a: 1\n---\nb: 1\n", "line 2, column 1: a second YAML document; a config is one document"),
            ("? [a]\n: b", "line 1, column 3: a map or a list cannot be a key"),
            ("~: b", "line 1, column 1: empty key"),
            ("%YAML 1.2\n---\na: 1", "line 1, column 1: this is not valid YAML: YAML directives are disallowed"),
            ("a: [b", "line 1, column 4: this is not valid YAML: unclosed bracket '['"),
            ("a: \"b", "line 1, column 4: this is not valid YAML: unclosed quote"),
        ];
        for (text, message) in cases {
            assert_eq!(refused(text), message, "{text:?}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        assert!(parse(&format!("{}{}", "[".repeat(16), "]".repeat(16))).is_ok());
        let error = refused(&format!("{}{}", "[".repeat(17), "]".repeat(17)));
        assert_eq!(error, "the nesting of the config exceeds the limit of 16 at line 1, column 17");
        assert!(parse(&"[".repeat(1 << 20)).is_err());
        assert!(parse(&"a: {".repeat(1 << 18)).is_err());
        assert!(parse(&"- ".repeat(1 << 19)).is_err());
    }

    #[test]
    fn secret_keys_are_refused_without_being_quoted() {
        let what = "this is a secret key; a config holds public keys only, and is committed";
        for secret in
            ["AGE-SECRET-KEY-1CANARY", "age-secret-key-1canary", "AGE-PLUGIN-CANARY-1X", "'-----BEGIN CANARY'"]
        {
            assert_eq!(refused(&format!("a: {secret}")), format!("line 1, column 4: {what}"));
            assert_eq!(refused(&format!("a: [b, {secret}]")), format!("line 1, column 8: {what}"));
            assert_eq!(refused(&format!("{secret}: a")), format!("line 1, column 1: {what}"));
        }
        assert!(parse("a: -----BEGI").is_ok());
    }

    /// The classic: nine levels of nine aliases each.
    #[test]
    fn an_alias_bomb_ends_at_its_first_anchor() {
        let mut bomb = "a: &a [x]\n".to_owned();
        for (name, of) in ('b'..='j').zip('a'..) {
            bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(", ")));
        }
        assert!(refused(&bomb).starts_with("line 1, column 7: `&` begins a YAML anchor here"));
    }
}
