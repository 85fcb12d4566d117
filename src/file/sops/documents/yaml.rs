//! Documents as YAML, as SOPS writes it: go-yaml's emitter, with its way of placing comments and blank lines.

use zeroize::Zeroizing;

use super::json::into_bytes;
use super::print::refuse;
use super::{Item, Node};
use crate::dialect::sops::Value;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::sops::spell::{self, Place};

/// Keys longer than this stand behind a `?`.
const MAX_SIMPLE_KEY: usize = 128;
const MERGE: &str = "<<";

/// All documents, with `step` blanks per level.
pub(super) fn documents(roots: &[Node], step: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut emitter = Emitter::new(step);
    for (number, root) in roots.iter().enumerate() {
        if number > 0 {
            emitter.new_line();
            emitter.out.push_str("---");
            emitter.begun = Begun::Content;
            emitter.new_line();
        }
        emitter.document(root)?;
    }
    Ok(into_bytes(emitter.out))
}

/// One value as a document.
pub(super) fn value(node: &Node, step: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut emitter = Emitter::new(step);
    emitter.document(node)?;
    Ok(into_bytes(emitter.out))
}

/// The comments that a map or list begins with.
fn leading(items: &[Item]) -> impl Iterator<Item = &str> {
    items.iter().map_while(|item| match item {
        Item::Comment(text) => Some(text.as_str()),
        _ => None,
    })
}

/// How far the line is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// Not at all.
    Nothing,
    /// Up to a sign that a map or list may follow on the same line; so many columns of it.
    Sign(usize),
    /// To something that ends with the line.
    Content,
}

/// What a node is to the one around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Element,
    Key,
    Other,
}

struct Emitter {
    out: Zeroizing<String>,
    step: usize,
    /// The column of the innermost map or list; none for a document.
    indent: Option<usize>,
    begun: Begun,
    /// Comments that stand above what comes next.
    head: Vec<Zeroizing<String>>,
    /// Behind a foot comment in this column, a blank line keeps it from the next line of the same column.
    foot_column: Option<usize>,
}

impl Emitter {
    fn new(step: usize) -> Self {
        Self {
            out: Zeroizing::new(String::new()),
            step,
            indent: None,
            begun: Begun::Nothing,
            head: Vec::new(),
            foot_column: None,
        }
    }

    fn document(&mut self, node: &Node) -> Result<(), Error> {
        self.add_head(leading(node.items()));
        self.write_head();
        self.node(node, Role::Other)?;
        self.foot_column = None;
        self.new_line();
        Ok(())
    }

    fn node(&mut self, node: &Node, role: Role) -> Result<(), Error> {
        let (items, brackets) = match node {
            Node::List(items) => (items, "[]"),
            Node::Map(items) => (items, "{}"),
            Node::Null => return self.scalar("null"),
            Node::Value(value) => {
                let text = self.spell(value, role)?;
                return self.scalar(&text);
            }
        };
        let Some(last) = items.iter().rposition(|item| item.node().is_some()) else { return self.scalar(brackets) };
        let outer = self.indent;
        self.indent = Some(self.deeper(role).unwrap_or(0));
        // Those before the first item are written already.
        let mut above: Vec<&str> = Vec::new();
        for item in items[..=last].iter().skip_while(|item| item.node().is_none()) {
            match item {
                Item::Comment(text) => above.push(text),
                Item::Entry(key, node) => {
                    self.add_head(above.drain(..));
                    self.begin_item();
                    self.key(key)?;
                    self.add_head(leading(node.items()));
                    self.node(node, Role::Other)?;
                }
                Item::Element(node) => {
                    self.add_head(above.drain(..).chain(leading(node.items())));
                    self.begin_item();
                    self.sign('-');
                    self.node(node, Role::Element)?;
                }
            }
        }
        // Comments behind the last item stand below all that is in it.
        leading(&items[last + 1..]).for_each(|comment| self.comment(comment));
        if last + 1 < items.len() {
            self.foot_column = self.indent;
        }
        if matches!(node, Node::Map(_)) {
            self.write_head();
        }
        self.indent = outer;
        Ok(())
    }

    fn begin_item(&mut self) {
        self.write_head();
        self.new_line();
    }

    fn key(&mut self, key: &str) -> Result<(), Error> {
        let value = Value::text(key);
        if key.len() <= MAX_SIMPLE_KEY && !key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            let text = self.spell(&value, Role::Key)?;
            self.scalar(&text)?;
            self.out.push(':');
            return Ok(());
        }
        self.sign('?');
        let text = self.spell(&value, Role::Other)?;
        self.scalar(&text)?;
        self.new_line();
        self.sign(':');
        Ok(())
    }

    fn spell(&self, value: &Value, role: Role) -> Result<Zeroizing<String>, Error> {
        if value.bytes() == MERGE.as_bytes() {
            return Ok(Zeroizing::new("!!merge <<".to_owned()));
        }
        let place = Place {
            quote: None,
            toml_quote: "",
            is_flow: false,
            ends_line: role != Role::Key,
            column: self.indent.unwrap_or(0),
            content_column: self.deeper(role).unwrap_or(self.step),
            newline: "\n",
        };
        spell::value(Store::Yaml, value, &place).or_else(|what| refuse(".", what))
    }

    /// The column of what is in a node of this role.
    fn deeper(&self, role: Role) -> Option<usize> {
        let indent = self.indent?;
        Some(if role == Role::Element { indent + 2 } else { (indent / self.step + 1) * self.step })
    }

    /// Never fails; the end of what can.
    fn scalar(&mut self, text: &str) -> Result<(), Error> {
        if self.begun != Begun::Nothing {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.begun = Begun::Content;
        Ok(())
    }

    fn sign(&mut self, sign: char) {
        let before = match self.begun {
            Begun::Sign(column) => column,
            _ => self.indent.unwrap_or(0),
        };
        self.out.push(sign);
        self.begun = Begun::Sign(before + 1);
    }

    /// Goes to where a line of the innermost map or list begins: a new line, unless only signs stand on this one.
    fn new_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let column = match self.begun {
            Begun::Nothing => 0,
            Begun::Sign(column) if column < indent => column,
            Begun::Sign(_) | Begun::Content => {
                self.out.push('\n');
                0
            }
        };
        if self.foot_column == Some(indent) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent.saturating_sub(column)));
        self.begun = Begun::Nothing;
        self.foot_column = None;
    }

    fn add_head<'c>(&mut self, comments: impl Iterator<Item = &'c str>) {
        self.head.extend(comments.map(|text| Zeroizing::new(text.to_owned())));
    }

    fn write_head(&mut self) {
        for comment in std::mem::take(&mut self.head) {
            self.comment(&comment);
        }
    }

    /// Writes a comment on lines of its own.
    fn comment(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            self.new_line();
            match line.strip_prefix('#').filter(|_| number > 0) {
                // Further lines of a comment of INI have kept their signs.
                Some(rest) => self.out.extend(["#", rest]),
                None if number > 0 => self.out.extend(["# ", line]),
                None => self.out.extend(["#", line]),
            }
            self.out.push('\n');
            self.begun = Begun::Nothing;
        }
    }
}
