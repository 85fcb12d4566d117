//! Blocks in TOML: one table, one field a line, inner maps as dotted keys.
//!
//! Dotted keys keep every field in its place: behind the header of an inner table no field of an outer one can stand.

use super::build::Builder;
use super::{Block, json, scalar};
use crate::document::json::string;
use crate::error::Error;

impl Block {
    /// The block under the header `[key]`. A list of maps has one inline table a line. Every line ends with `newline`.
    #[must_use]
    pub fn to_toml(&self, key: &str, newline: &str) -> String {
        let mut out = format!("[{key}]{newline}");
        write_fields(self, "", &mut |name, value| {
            out.push_str(name);
            out.push_str(" = ");
            match value {
                Self::List(items) => {
                    out.push('[');
                    out.push_str(newline);
                    for item in items {
                        out.push_str("  ");
                        write_inline(&mut out, item);
                        out.push(',');
                        out.push_str(newline);
                    }
                    out.push(']');
                }
                value => write_inline(&mut out, value),
            }
            out.push_str(newline);
        });
        out
    }

    /// Reads what [`Block::to_toml`] wrote; `text` begins with the header, the line `first_line` of the file, and ends
    /// with the block. The last line break may be missing.
    ///
    /// # Errors
    /// [`Error::Metadata`] with the line for every other spelling, [`Error::Limit`] for too large a block.
    pub fn from_toml(text: &str, key: &str, first_line: usize) -> Result<Self, Error> {
        let mut builder = Builder::new(text, first_line)?;
        let mut lines =
            text.strip_suffix('\n').unwrap_or(text).split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        if lines.next() != Some(&format!("[{key}]")) {
            return Err(builder.error("expected the header of the metadata block"));
        }
        builder.open_map()?;
        let mut before = Vec::new();
        while let Some(line) = lines.next() {
            builder.line += 1;
            let mut reader = Reader { builder, rest: line };
            reader.name(&mut before, 1)?;
            if reader.rest == "[" {
                reader.builder.open_list()?;
                loop {
                    let Some(line) = lines.next() else { return Err(reader.builder.error("a list is not closed")) };
                    reader.builder.line += 1;
                    if line == "]" {
                        break;
                    }
                    reader.rest = line;
                    reader.expect("  ")?;
                    reader.table()?;
                    reader.expect(",")?;
                    reader.end()?;
                }
                reader.builder.close()?;
            } else if reader.rest.starts_with("[{") {
                return Err(reader.builder.error("each item of a list stands on a line of its own"));
            } else {
                reader.value()?;
                reader.end()?;
            }
            builder = reader.builder;
        }
        builder.finish()
    }
}

/// Hands over the fields of a map and of the maps in it, each with its dotted name.
fn write_fields(block: &Block, prefix: &str, write: &mut impl FnMut(&str, &Block)) {
    let Block::Map(fields) = block else { return };
    for (name, value) in fields {
        let name = format!("{prefix}{name}");
        match value {
            Block::Map(_) => write_fields(value, &format!("{name}."), write),
            value => write(&name, value),
        }
    }
}

fn write_inline(out: &mut String, block: &Block) {
    match block {
        Block::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                write_inline(out, item);
            }
            out.push(']');
        }
        Block::Map(_) => {
            let mut separator = "{ ";
            write_fields(block, "", &mut |name, value| {
                out.push_str(separator);
                out.push_str(name);
                out.push_str(" = ");
                write_inline(out, value);
                separator = ", ";
            });
            out.push_str(" }");
        }
        Block::Strings(texts) => scalar::write_list(out, texts),
        Block::Text(text) if json::is_literal(text) => out.push_str(text),
        Block::Text(text) => scalar::write_quoted(out, text),
    }
}

struct Reader<'t> {
    builder: Builder,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// Reads `a.b.c = `. Maps that the name shares with `before`, the one before it, stay open; `depth` is that of the
    /// map around both.
    fn name(&mut self, before: &mut Vec<&'t str>, depth: usize) -> Result<(), Error> {
        let Some((name, rest)) = self.rest.split_once(" = ") else {
            return Err(self.builder.error("expected a field of the metadata"));
        };
        self.rest = rest;
        let way: Vec<&str> = name.split('.').collect();
        let shared = way.iter().zip(before.iter()).take_while(|(a, b)| a == b).count();
        while self.builder.depth() > shared + depth {
            self.builder.close()?;
        }
        if self.builder.depth() != shared + depth {
            return Err(self.builder.error("a field stands twice"));
        }
        for (n, name) in way[shared..].iter().enumerate() {
            self.builder.name(name)?;
            if shared + n + 1 < way.len() {
                self.builder.open_map()?;
            }
        }
        *before = way;
        Ok(())
    }

    /// Reads a value on one line.
    fn value(&mut self) -> Result<(), Error> {
        if self.rest.starts_with("[{") {
            self.expect("[")?;
            self.builder.open_list()?;
            loop {
                self.table()?;
                if self.rest.starts_with(']') {
                    self.expect("]")?;
                    return self.builder.close();
                }
                self.expect(", ")?;
            }
        }
        let len = match self.rest.as_bytes().first() {
            Some(b'"') => string::end_of(self.rest.as_bytes(), 0).unwrap_or(0),
            Some(b'[') => self.end_of_strings(),
            _ => self.rest.bytes().take_while(u8::is_ascii_alphanumeric).count(),
        };
        let (source, rest) = self.rest.split_at(len);
        self.rest = rest;
        let value = match source.as_bytes().first() {
            Some(b'"') => scalar::read_quoted(source).filter(|text| !json::is_literal(text)).map(Block::Text),
            Some(b'[') => scalar::read_list(source).map(Block::Strings),
            _ => json::is_literal(source).then(|| Block::Text(source.to_owned())),
        };
        match value {
            Some(value) => self.builder.value(value),
            None => Err(self.builder.error("a value is not in the one spelling that is allowed")),
        }
    }

    /// Reads `{ a = "b", c.d = "e" }`.
    fn table(&mut self) -> Result<(), Error> {
        self.expect("{ ")?;
        self.builder.open_map()?;
        let depth = self.builder.depth();
        let mut before = Vec::new();
        loop {
            self.name(&mut before, depth)?;
            self.value()?;
            if self.rest.starts_with(" }") {
                self.expect(" }")?;
                while self.builder.depth() >= depth {
                    self.builder.close()?;
                }
                return Ok(());
            }
            self.expect(", ")?;
        }
    }

    /// The length of the list of strings at the start, up to the first bracket outside of them.
    fn end_of_strings(&self) -> usize {
        let bytes = self.rest.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at = match byte {
                b'"' => match string::end_of(bytes, at) {
                    Ok(end) => end,
                    Err(_) => return 0,
                },
                b']' => return at + 1,
                _ => at + 1,
            };
        }
        0
    }

    fn expect(&mut self, text: &str) -> Result<(), Error> {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.builder.error("a field is not in the one spelling that is allowed")),
        }
    }

    fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.builder.error("something stands behind a value")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{blocks, example};
    use super::*;
    use crate::document::battery::edited;

    const EXAMPLE: &str = r##"[sops-rs]
version = 1
wrapped = true
sections.default.encrypt = ["**", "a \"b\""]
sections.default.clear = []
sections.default.recipients = [
  { name = "alice", recipient = "age1xyz" },
  { name = "#bob", recipient = "ssh-ed25519 AAAA+/=" },
]
sections.default.mac = "AbC+/"
"##;

    #[test]
    fn the_example_is_written_and_read() {
        assert_eq!(example().to_toml("sops-rs", "\n"), EXAMPLE);
        assert_eq!(Block::from_toml(EXAMPLE, "sops-rs", 1), Ok(example()));
        assert_eq!(Block::from_toml(EXAMPLE.trim_end(), "sops-rs", 1), Ok(example()));
    }

    #[test]
    fn other_spellings_are_refused_with_their_line() {
        for (bad, line) in [
            ("", 5),
            ("[sops-rs]\n", 5),
            ("[sops]\na = 1\n", 5),
            ("[ sops-rs ]\na = 1\n", 5),
            ("[sops-rs] \na = 1\n", 5),
            ("[sops-rs]\na=1\n", 6),
            ("[sops-rs]\n a = 1\n", 6),
            ("[sops-rs]\na = 1 \n", 6),
            ("[sops-rs]\na = 1 # c\n", 6),
            ("[sops-rs]\n\"a\" = 1\n", 6),
            ("[sops-rs]\na . b = 1\n", 6),
            ("[sops-rs]\na = 1\n\n", 7),
            ("[sops-rs]\na = 1\n# c\n", 7),
            ("[sops-rs]\na = 1\na = 2\n", 7),
            ("[sops-rs]\na = 1\na.b = 2\n", 7),
            ("[sops-rs]\na.b = 1\na = 2\n", 7),
            ("[sops-rs]\na.b = 1\nc = 1\na.d = 2\n", 8),
            ("[sops-rs]\na = 1\n[sops-rs.b]\nc = 1\n", 7),
            ("[sops-rs]\na = 'b'\n", 6),
            ("[sops-rs]\na = \"1\"\n", 6),
            ("[sops-rs]\na = 01\n", 6),
            ("[sops-rs]\na = 1_0\n", 6),
            ("[sops-rs]\na = false\n", 6),
            ("[sops-rs]\na = \"\\u0062\"\n", 6),
            ("[sops-rs]\na = \"\"\"b\"\"\"\n", 6),
            ("[sops-rs]\na = [ ]\n", 6),
            ("[sops-rs]\na = [\"b\",]\n", 6),
            ("[sops-rs]\na = {}\n", 6),
            ("[sops-rs]\na = { b = 1 }\n", 6),
            ("[sops-rs]\na = [{ b = 1 }]\n", 6),
            ("[sops-rs]\na = [\n]\n", 7),
            ("[sops-rs]\na = [\n  { b = 1 }\n]\n", 7),
            ("[sops-rs]\na = [\n  { b = 1, },\n]\n", 7),
            ("[sops-rs]\na = [\n    { b = 1 },\n]\n", 7),
            ("[sops-rs]\na = [\n  {b = 1},\n]\n", 7),
            ("[sops-rs]\na = [\n  { b = 1 },\n", 7),
            ("[sops-rs]\na = [\n  { b = 1 }, # c\n]\n", 7),
        ] {
            match Block::from_toml(bad, "sops-rs", 5) {
                Err(Error::Metadata { line: found, .. }) => assert_eq!(found, line, "{bad:?}"),
                other => panic!("{bad:?}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_is_read_back(block in blocks(), crlf: bool) {
            let text = block.to_toml("sops-rs", if crlf { "\r\n" } else { "\n" });
            prop_assert_eq!(Block::from_toml(&text, "sops-rs", 1), Ok(block));
        }

        #[test]
        fn what_is_accepted_is_canonical(block in blocks(), at: prop::sample::Index, new in "[ \n:\"\\[\\]{}=.,a01#-]{0,2}", cut in 0..3_usize) {
            let text = edited(block.to_toml("sops-rs", "\n"), at, cut, &new);
            if let Ok(read) = Block::from_toml(&text, "sops-rs", 1) {
                let written = read.to_toml("sops-rs", "\n");
                prop_assert_eq!(written.trim_end_matches('\n'), text.strip_suffix('\n').unwrap_or(&text));
            }
        }
    }
}
