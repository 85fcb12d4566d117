//! Blocks in YAML: block style, one field a line.

use super::build::Builder;
use super::{Block, scalar};
use crate::error::Error;

impl Block {
    /// The block under the root key `key`, maps indented by two and the items of lists by two more. Every line ends
    /// with `newline`.
    #[must_use]
    pub fn to_yaml(&self, key: &str, newline: &str) -> String {
        let mut out = format!("{key}:{newline}");
        if let Self::Map(fields) = self {
            write_fields(&mut out, fields, 2, newline);
        }
        out
    }

    /// Reads what [`Block::to_yaml`] wrote; `text` begins with the line `key:`, the line `first_line` of the file, and
    /// ends with the block. Indentation may have another width in each map; list items may stand below their field's
    /// first letter; the last line break may be missing.
    ///
    /// # Errors
    /// [`Error::Metadata`] with the line for every other spelling, [`Error::Limit`] for too large a block.
    pub fn from_yaml(text: &str, key: &str, first_line: usize) -> Result<Self, Error> {
        let mut reader = Reader { builder: Builder::new(text, first_line)?, levels: Vec::new(), expects_value: true };
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let head = lines.next().unwrap_or_default();
        if head.strip_suffix('\r').unwrap_or(head).strip_suffix(':') != Some(key) {
            return Err(reader.builder.error("expected the key of the metadata block"));
        }
        for line in lines {
            reader.builder.line += 1;
            reader.line(line.strip_suffix('\r').unwrap_or(line))?;
        }
        reader.builder.finish()
    }
}

fn write_fields(out: &mut String, fields: &[(String, Block)], indent: usize, newline: &str) {
    for (n, (name, value)) in fields.iter().enumerate() {
        // The first field of a list item stands behind its dash.
        if n > 0 || !out.ends_with("- ") {
            push_blanks(out, indent);
        }
        out.push_str(name);
        out.push(':');
        match value {
            Block::List(items) => {
                out.push_str(newline);
                for item in items {
                    push_blanks(out, indent + 2);
                    out.push_str("- ");
                    if let Block::Map(fields) = item {
                        write_fields(out, fields, indent + 4, newline);
                    }
                }
            }
            Block::Map(fields) => {
                out.push_str(newline);
                write_fields(out, fields, indent + 2, newline);
            }
            Block::Strings(_) | Block::Text(_) => {
                out.push(' ');
                scalar::write(out, value);
                out.push_str(newline);
            }
        }
    }
}

fn push_blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

struct Reader {
    builder: Builder,
    /// Column and sort of each open map (of its names) and list (of its dashes).
    levels: Vec<Level>,
    /// Whether the line before was a name without value, so that this one has to begin a map or list.
    expects_value: bool,
}

#[derive(Clone, Copy)]
struct Level {
    column: usize,
    list: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Error> {
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        let Some(first) = content.strip_prefix("- ") else {
            self.enter(column, false)?;
            return self.field(content);
        };
        self.enter(column, true)?;
        self.builder.open_map()?;
        self.levels.push(Level { column: column + 2, list: false });
        self.field(first)
    }

    /// Opens the map or list that this line begins, or closes those that ended before it.
    fn enter(&mut self, column: usize, list: bool) -> Result<(), Error> {
        if self.expects_value {
            let outer = self.levels.last().map_or(0, |level| level.column);
            // The dashes of a list may stand right below its field, but for a list in the place of the whole block.
            let flush = list && !self.levels.is_empty() && column == outer;
            if column <= outer && !flush {
                return Err(self.builder.error("a field has no value"));
            }
            if list {
                self.builder.open_list()?;
            } else {
                self.builder.open_map()?;
            }
            self.levels.push(Level { column, list });
            self.expects_value = false;
            return Ok(());
        }
        while let Some(level) = self.levels.last() {
            if level.column == column && level.list == list {
                return Ok(());
            }
            if level.column < column {
                break;
            }
            self.levels.pop();
            self.builder.close()?;
        }
        Err(self.builder.error("wrong indentation"))
    }

    fn field(&mut self, content: &str) -> Result<(), Error> {
        let Some((name, value)) = content.split_once(':') else {
            return Err(self.builder.error("expected the name of a field"));
        };
        self.builder.name(name)?;
        if value.is_empty() {
            self.expects_value = true;
            return Ok(());
        }
        match value.strip_prefix(' ').and_then(scalar::read) {
            Some(value) => self.builder.value(value),
            None => Err(self.builder.error("a value is not in the one spelling that is allowed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{blocks, example};
    use super::*;
    use crate::document::battery::edited;

    const EXAMPLE: &str = r##"sops-rs:
  version: 1
  wrapped: true
  sections:
    default:
      encrypt: ["**", "a \"b\""]
      clear: []
      recipients:
        - name: alice
          recipient: age1xyz
        - name: "#bob"
          recipient: ssh-ed25519 AAAA+/=
      mac: AbC+/
"##;

    #[test]
    fn the_example_is_written_and_read() {
        assert_eq!(example().to_yaml("sops-rs", "\n"), EXAMPLE);
        assert_eq!(Block::from_yaml(EXAMPLE, "sops-rs", 1), Ok(example()));
    }

    #[test]
    fn formatters_may_change_indentation_and_line_ends() {
        let wide: String = EXAMPLE.split_inclusive('\n').map(double_indentation).collect();
        assert_eq!(Block::from_yaml(&wide, "sops-rs", 1), Ok(example()));
        let flush = EXAMPLE.replace("        - ", "      - ").replace("          recipient", "        recipient");
        assert_eq!(Block::from_yaml(&flush, "sops-rs", 1), Ok(example()));
        assert_eq!(Block::from_yaml(EXAMPLE.trim_end(), "sops-rs", 1), Ok(example()));
    }

    fn double_indentation(line: &str) -> String {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        // The fields of an item stay two behind its dash.
        let indent = if content.starts_with("recipient:") { 2 * indent - 2 } else { 2 * indent };
        " ".repeat(indent) + content
    }

    #[test]
    fn other_spellings_are_refused_with_their_line() {
        for (bad, line) in [
            ("", 5),
            ("sops-rs:\n", 5),
            ("sops:\n  a: 1\n", 5),
            ("sops-rs: \n  a: 1\n", 5),
            (" sops-rs:\n  a: 1\n", 5),
            ("sops-rs:\na: 1\n", 6),
            ("sops-rs:\n- a: 1\n", 6),
            ("sops-rs:\n  - a: 1\n", 6),
            ("sops-rs:\n  a: 1 # c\n", 6),
            ("sops-rs:\n  a: 1\n  # c\n", 7),
            ("sops-rs:\n  a: 1\n\n", 7),
            ("sops-rs:\n  a: 1\n\n  b: 1\n", 7),
            ("sops-rs:\n  a: 1\n  a: 2\n", 7),
            ("sops-rs:\n  a: 1\n b: 2\n", 7),
            ("sops-rs:\n  a: 1\n   b: 2\n", 7),
            ("sops-rs:\n  a: 1\nb: 2\n", 7),
            ("sops-rs:\n  a:\n  b: 2\n", 7),
            ("sops-rs:\n  a:\n", 6),
            ("sops-rs:\n\ta: 1\n", 6),
            ("sops-rs:\n  a:  1\n", 6),
            ("sops-rs:\n  a:1\n", 6),
            ("sops-rs:\n  a: 1 \n", 6),
            ("sops-rs:\n  a: &x 1\n", 6),
            ("sops-rs:\n  a: *x\n", 6),
            ("sops-rs:\n  a: !x 1\n", 6),
            ("sops-rs:\n  a: {}\n", 6),
            ("sops-rs:\n  \"a\": 1\n", 6),
            ("sops-rs:\n  ? a\n", 6),
            ("sops-rs:\n  a:\n    -  b: 1\n", 7),
            ("sops-rs:\n  a:\n    - b\n", 7),
            ("sops-rs:\n  a:\n    - b: 1\n      - c: 1\n", 8),
            ("sops-rs:\n  a:\n    - b: 1\n    c: 1\n", 8),
            ("sops-rs:\n  a: |\n    b\n", 6),
            ("sops-rs:\n  a: 1\n...\n", 7),
        ] {
            match Block::from_yaml(bad, "sops-rs", 5) {
                Err(Error::Metadata { line: found, .. }) => assert_eq!(found, line, "{bad:?}"),
                other => panic!("{bad:?}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_is_read_back(block in blocks(), crlf: bool) {
            let newline = if crlf { "\r\n" } else { "\n" };
            let text = block.to_yaml("sops-rs", newline);
            prop_assert!(!text.lines().any(|line| line.ends_with(' ')));
            prop_assert_eq!(Block::from_yaml(&text, "sops-rs", 1), Ok(block));
        }

        #[test]
        fn what_is_accepted_is_canonical(block in blocks(), at: prop::sample::Index, new in "[ \n:\"\\[\\]a0#-]{0,2}", cut in 0..3_usize) {
            let text = edited(block.to_yaml("sops-rs", "
    "), at, cut, &new);
            if let Ok(read) = Block::from_yaml(&text, "sops-rs", 1) {
                let stripped = |text: &str| text.trim_end_matches('\n').split('\n').map(|l| l.trim_start_matches(' ').to_owned()).collect::<Vec<_>>();
                prop_assert_eq!(stripped(&read.to_yaml("sops-rs", "\n")), stripped(&text));
            }
        }
    }
}
