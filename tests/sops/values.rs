//! The typed values of a text, read by parsers that are not the program's: what a client would see.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value as Json};

/// The documents of a YAML text.
pub(crate) fn yaml(text: &str) -> Vec<Json> {
    let events = Parser::new_from_str(text.trim_start_matches('\u{feff}'));
    let events = events.map(|event| event.unwrap_or_else(|error| panic!("{error}\n{text}")).0);
    let events: Vec<_> = events.filter(|event| !matches!(event, Event::Comment(..))).collect();
    let mut reader = YamlReader { events: events.into_iter(), anchors: HashMap::new() };
    let mut documents = Vec::new();
    while let Some(event) = reader.events.next() {
        if let Event::DocumentStart(..) = event {
            let first = reader.events.next().expect("a node");
            documents.push(reader.node(first));
        }
    }
    documents
}

struct YamlReader<'t> {
    events: std::vec::IntoIter<Event<'t>>,
    anchors: HashMap<usize, Json>,
}

impl<'t> YamlReader<'t> {
    fn node(&mut self, event: Event<'t>) -> Json {
        let (anchor, value) = match event {
            Event::Alias(id) => return self.anchors[&id].clone(),
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                (anchor, if is_text { Json::from(text.into_owned()) } else { plain(&text) })
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                while let Some(event) = self.next_but(&Event::SequenceEnd) {
                    items.push(self.node(event));
                }
                (anchor, Json::from(items))
            }
            Event::MappingStart(_, anchor, _) => {
                let mut map = Map::new();
                while let Some(event) = self.next_but(&Event::MappingEnd) {
                    let key = match event {
                        Event::Scalar(text, ..) => text.into_owned(),
                        other => panic!("a key that is {other:?}"),
                    };
                    let value = self.events.next().expect("a value");
                    let value = self.node(value);
                    map.insert(key, value);
                }
                (anchor, Json::from(map))
            }
            // An empty document.
            Event::DocumentEnd => return Json::Null,
            other => panic!("{other:?} in place of a value"),
        };
        self.anchors.insert(anchor, value.clone());
        value
    }

    fn next_but(&mut self, end: &Event<'t>) -> Option<Event<'t>> {
        self.events.next().filter(|event| event != end)
    }
}

/// A plain scalar by YAML's core schema, numbers as they are spelled.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => match text.parse::<serde_json::Number>() {
            Ok(number) => Json::Number(number),
            Err(_) => Json::from(text),
        },
    }
}

/// The lines of a dotenv text; comments have the key `#`.
pub(crate) fn dotenv(text: &str) -> Json {
    let mut map = Map::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.split_once('=') {
            Some((key, value)) if !line.starts_with('#') => drop(map.insert(key.to_owned(), Json::from(value))),
            _ => {
                let comments = map.entry("#").or_insert_with(|| Json::from(Vec::<Json>::new()));
                comments.as_array_mut().expect("a list").push(Json::from(line));
            }
        }
    }
    Json::from(map)
}

/// The sections of a simple INI text: bare values, no comments.
pub(crate) fn ini(text: &str) -> Json {
    let (mut root, mut section) = (Map::new(), "DEFAULT".to_owned());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with([';', '#'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let value = value.trim().trim_matches(['"', '`']);
            let entry = root.entry(section.clone()).or_insert_with(|| Json::from(Map::new()));
            entry.as_object_mut().expect("a section").insert(key.trim().to_owned(), Json::from(value));
        }
    }
    Json::from(root)
}

/// A JSON text.
pub(crate) fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn texts_are_read_as_their_formats_say() {
    let text = "a: &x [1, '1', \"b\\n\", ~, true]\nb: *x\n# c\nc: {d: 1.50, e: text}\n---\n{}\n";
    let first =
        json(r#"{"a": [1, "1", "b\n", null, true], "b": [1, "1", "b\n", null, true], "c": {"d": 1.50, "e": "text"}}"#);
    assert_eq!(yaml(text), [first, json("{}")]);
    assert_eq!(dotenv("# c\nA=x = y\n\nB=\n"), json(r##"{"#": ["# c"], "A": "x = y", "B": ""}"##));
    assert_eq!(ini("a = 1\n\n; c\n[s t]\nb   = \" x\"\n"), json(r#"{"DEFAULT": {"a": "1"}, "s t": {"b": " x"}}"#));
}
