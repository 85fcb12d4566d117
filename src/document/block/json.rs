//! Blocks in JSON: an object with one member a line.

use super::build::Builder;
use super::{Block, scalar};
use crate::document::json::string;
use crate::error::Error;

impl Block {
    /// The block as the value of a member that is itself indented by two. Small numbers and `true` are written as
    /// such, every other text as a string. There is no line break at the end.
    #[must_use]
    pub fn to_json(&self, newline: &str) -> String {
        let mut out = String::new();
        write(&mut out, self, 2, newline);
        out
    }

    /// Reads what [`Block::to_json`] wrote; `text` is the object alone, on the line `first_line` of the file. White
    /// space between tokens is free, since JSON formatters put lists on several lines or everything on one.
    ///
    /// # Errors
    /// [`Error::Metadata`] with the line for every other spelling, [`Error::Limit`] for too large a block.
    pub fn from_json(text: &str, first_line: usize) -> Result<Self, Error> {
        let (block, end) = read(text, first_line)?;
        if end == text.len() {
            return Ok(block);
        }
        let line = first_line + text.bytes().filter(|&b| b == b'\n').count();
        Err(Error::Metadata { line, what: "something stands behind the metadata" })
    }
}

fn write(out: &mut String, block: &Block, indent: usize, newline: &str) {
    let line = |out: &mut String, indent: usize| {
        out.push_str(newline);
        out.extend(std::iter::repeat_n(' ', indent));
    };
    match block {
        Block::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                line(out, indent + 2);
                write(out, item, indent + 2, newline);
            }
            line(out, indent);
            out.push(']');
        }
        Block::Map(fields) => {
            out.push('{');
            for (n, (name, value)) in fields.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                line(out, indent + 2);
                scalar::write_quoted(out, name);
                out.push_str(": ");
                write(out, value, indent + 2, newline);
            }
            line(out, indent);
            out.push('}');
        }
        Block::Strings(texts) => scalar::write_list(out, texts),
        Block::Text(text) if is_literal(text) => out.push_str(text),
        Block::Text(text) => scalar::write_quoted(out, text),
    }
}

/// Whether `text` is written without quotes: `true` and whole numbers that every JSON reader keeps as they are.
pub(super) fn is_literal(text: &str) -> bool {
    let number = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text == "true" || (number && (text == "0" || !text.starts_with('0')))
}

/// Reads the object at the beginning of `text`, and tells where it ends. Whatever stands behind is not looked at.
///
/// # Errors
/// As [`Block::from_json`].
pub(in crate::document) fn read(text: &str, first_line: usize) -> Result<(Block, usize), Error> {
    // What stands behind the object does not count towards the limit, so it is checked at the end once more.
    let mut reader = Reader { builder: Builder::new("", first_line)?, text, at: 0 };
    reader.object()?;
    Builder::new(&text[..reader.at], first_line)?;
    let end = reader.at;
    Ok((reader.builder.finish()?, end))
}

struct Reader<'t> {
    builder: Builder,
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn object(&mut self) -> Result<(), Error> {
        self.expect(b'{', "expected an object")?;
        self.builder.open_map()?;
        self.member()?;
        while self.builder.depth() > 0 {
            self.skip_blank();
            let list = self.builder.items().is_some();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if list {
                        self.item()?;
                    } else {
                        self.member()?;
                    }
                }
                Some(b'}') if !list => self.close()?,
                Some(b']') if list => self.close()?,
                _ => return Err(self.builder.error("expected `,` or the end of a map or list")),
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        self.at += 1;
        self.builder.close()
    }

    fn item(&mut self) -> Result<(), Error> {
        self.expect(b'{', "expected an object")?;
        self.builder.open_map()?;
        self.member()
    }

    /// Reads a name and its value, or as much of it as its first member.
    fn member(&mut self) -> Result<(), Error> {
        loop {
            self.skip_blank();
            let name = self.string()?;
            self.builder.name(&name)?;
            self.expect(b':', "expected `:`")?;
            self.skip_blank();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.builder.open_map()?;
                }
                Some(b'[') => {
                    self.at += 1;
                    self.skip_blank();
                    if self.peek() != Some(b'{') {
                        let texts = self.strings()?;
                        return self.builder.value(Block::Strings(texts));
                    }
                    self.at += 1;
                    self.builder.open_list()?;
                    self.builder.open_map()?;
                }
                Some(b'"') => {
                    let text = self.string()?;
                    if is_literal(&text) {
                        return Err(self.builder.error("a number is written as a string"));
                    }
                    return self.builder.value(Block::Text(text));
                }
                _ => {
                    let rest = &self.text[self.at..];
                    let end = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
                    if !is_literal(&rest[..end]) {
                        return Err(self.builder.error("expected a string, a small number or `true`"));
                    }
                    self.at += end;
                    return self.builder.value(Block::Text(rest[..end].to_owned()));
                }
            }
        }
    }

    /// Reads the rest of a list of strings.
    fn strings(&mut self) -> Result<Vec<String>, Error> {
        let mut texts = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(texts);
        }
        loop {
            self.skip_blank();
            texts.push(self.string()?);
            self.skip_blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(texts);
                }
                _ => return Err(self.builder.error("expected `,` or `]`")),
            }
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        let end = string::end_of(self.text.as_bytes(), self.at);
        let text = end.ok().and_then(|end| {
            let source = &self.text[self.at..end];
            self.at = end;
            scalar::read_quoted(source)
        });
        text.ok_or_else(|| self.builder.error("expected a string in the one spelling that is allowed"))
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Error> {
        self.skip_blank();
        if self.peek() != Some(byte) {
            return Err(self.builder.error(what));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.builder.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{blocks, example};
    use super::*;
    use crate::document::battery::edited;

    const EXAMPLE: &str = r##"{
    "version": 1,
    "wrapped": true,
    "sections": {
      "default": {
        "encrypt": ["**", "a \"b\""],
        "clear": [],
        "recipients": [
          {
            "name": "alice",
            "recipient": "age1xyz"
          },
          {
            "name": "#bob",
            "recipient": "ssh-ed25519 AAAA+/="
          }
        ],
        "mac": "AbC+/"
      }
    }
  }"##;

    #[test]
    fn the_example_is_written_and_read() {
        assert_eq!(example().to_json("\n"), EXAMPLE);
        assert_eq!(Block::from_json(EXAMPLE, 1), Ok(example()));
    }

    #[test]
    fn white_space_between_tokens_is_free() {
        let value: serde_json::Value = serde_json::from_str(EXAMPLE).expect("valid JSON");
        assert_eq!(Block::from_json(&value.to_string(), 1), Ok(example()));
        let pretty = serde_json::to_string_pretty(&value).expect("a value");
        assert_eq!(Block::from_json(&pretty.replace('\n', "\r\n\t"), 1), Ok(example()));
    }

    #[test]
    fn other_spellings_are_refused_with_their_line() {
        for (bad, line) in [
            ("", 3),
            ("{}", 3),
            ("[]", 3),
            ("{\"a\": 1\n,}", 4),
            ("{\"a\": 1,\n\"a\": 2}", 4),
            ("{\"a\": \"1\"}", 3),
            ("{\"a\": 01}", 3),
            ("{\"a\": 1234567890}", 3),
            ("{\"a\": -1}", 3),
            ("{\"a\": 1.5}", 3),
            ("{\"a\": false}", 3),
            ("{\"a\": null}", 3),
            ("{\"a\": {}}", 3),
            ("{\"a\": [{}]}", 3),
            ("{\"a\": [[]]}", 3),
            ("{\"a\": [\"b\",\n]}", 4),
            ("{\"a\": [{\"b\": 1},\n\"c\"]}", 4),
            ("{\"a\": [\"c\",\n{\"b\": 1}]}", 4),
            ("{\"\\u0061\": 1}", 3),
            ("{\"a\": \"\\u0061\"}", 3),
            ("{\"a b\": 1}", 3),
            ("{\"a\": 1]", 3),
            ("{\"a\": 1}\n}", 4),
            ("{\"a\": 1 // c\n}", 3),
            ("{\"a\": 1", 3),
            ("{\"a\": \"x", 3),
        ] {
            match Block::from_json(bad, 3) {
                Err(Error::Metadata { line: found, .. }) => assert_eq!(found, line, "{bad:?}"),
                other => panic!("{bad:?}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_is_read_back(block in blocks(), crlf: bool) {
            let text = block.to_json(if crlf { "\r\n" } else { "\n" });
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            prop_assert_eq!(Block::from_json(&text, 1), Ok(block));
        }

        #[test]
        fn what_is_accepted_is_canonical(block in blocks(), at: prop::sample::Index, new in "[ \n:\"\\[\\]{},a0-]{0,2}", cut in 0..3_usize) {
            let text = edited(block.to_json("
    "), at, cut, &new);
            if let Ok(read) = Block::from_json(&text, 1) {
                let blanks_removed = |text: &str| text.replace([' ', '\n'], "");
                prop_assert_eq!(blanks_removed(&read.to_json("\n")), blanks_removed(&text));
            }
        }
    }
}
