//! Blocks in formats without nesting: one `key__field__0__field=value` a line.

use super::build::Builder;
use super::{Block, scalar};
use crate::error::Error;

impl Block {
    /// The block as lines, each of which begins with `key` (as `sops_rs`, since shells know no `-` in names) and `__`,
    /// and ends with `newline`. The way to a value is written with `__` between its names and list indexes; a name of
    /// digits alone has a dot before it, so that it differs from an index.
    #[must_use]
    pub fn to_flat(&self, key: &str, newline: &str) -> String {
        let mut out = String::new();
        let mut path = flat_prefix(key);
        write(&mut out, self, &mut path, newline);
        out
    }

    /// Reads what [`Block::to_flat`] wrote: lines in their one order, the first of them being line `first_line` of the
    /// file. The last line break may be missing.
    ///
    /// # Errors
    /// [`Error::Metadata`] with the line for every other spelling, [`Error::Limit`] for too large a block.
    pub fn from_flat(text: &str, key: &str, first_line: usize) -> Result<Self, Error> {
        let mut builder = Builder::new(text, first_line)?;
        builder.open_map()?;
        let prefix = flat_prefix(key);
        let mut before: Vec<&str> = Vec::new();
        for (n, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
            builder.line = first_line + n;
            let line = line.strip_suffix('\r').unwrap_or(line);
            let Some((path, value)) = line.strip_prefix(&prefix).and_then(|line| line.split_once('=')) else {
                return Err(builder.error("expected a field of the metadata"));
            };
            let path: Vec<&str> = path.split("__").collect();
            let shared = path.iter().zip(&before).take_while(|(a, b)| a == b).count();
            // The block itself, and one container for each shared name, stay open.
            while builder.depth() > shared + 1 {
                builder.close()?;
            }
            if builder.depth() != shared + 1 {
                return Err(builder.error("a field stands twice"));
            }
            enter(&mut builder, &path[shared..])?;
            match scalar::read(value) {
                Some(value) => builder.value(value)?,
                None => return Err(builder.error("a value is not in the one spelling that is allowed")),
            }
            before = path;
        }
        builder.finish()
    }
}

/// What every line of a flattened block begins with: `sops_rs__` for the key `sops-rs`.
pub(in crate::document) fn flat_prefix(key: &str) -> String {
    key.replace('-', "_") + "__"
}

fn write(out: &mut String, block: &Block, path: &mut String, newline: &str) {
    let len = path.len();
    match block {
        Block::List(items) => {
            for (n, item) in items.iter().enumerate() {
                path.push_str(&format!("{n}__"));
                write(out, item, path, newline);
                path.truncate(len);
            }
        }
        Block::Map(fields) => {
            for (name, value) in fields {
                path.push_str(if is_digits(name) { "." } else { "" });
                path.push_str(name);
                path.push_str("__");
                write(out, value, path, newline);
                path.truncate(len);
            }
        }
        Block::Strings(_) | Block::Text(_) => {
            out.push_str(path.strip_suffix("__").unwrap_or(path));
            out.push('=');
            scalar::write(out, block);
            out.push_str(newline);
        }
    }
}

/// Opens the maps and lists on the way to a value. Below `path[0]` they are new.
fn enter(builder: &mut Builder, path: &[&str]) -> Result<(), Error> {
    for (n, segment) in path.iter().enumerate() {
        if is_digits(segment) {
            if builder.items().map(|items| items.to_string()).as_deref() != Some(segment) {
                return Err(builder.error("expected the next index of the list"));
            }
        } else {
            let name = segment.strip_prefix('.').filter(|name| is_digits(name)).unwrap_or(segment);
            builder.name(name)?;
        }
        match path.get(n + 1) {
            Some(next) if is_digits(next) => builder.open_list()?,
            Some(_) => builder.open_map()?,
            None => {}
        }
    }
    Ok(())
}

fn is_digits(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{blocks, example};
    use super::*;
    use crate::document::battery::edited;

    const EXAMPLE: &str = r##"sops_rs__version=1
sops_rs__wrapped=true
sops_rs__sections__default__encrypt=["**", "a \"b\""]
sops_rs__sections__default__clear=[]
sops_rs__sections__default__recipients__0__name=alice
sops_rs__sections__default__recipients__0__recipient=age1xyz
sops_rs__sections__default__recipients__1__name="#bob"
sops_rs__sections__default__recipients__1__recipient=ssh-ed25519 AAAA+/=
sops_rs__sections__default__mac=AbC+/
"##;

    #[test]
    fn the_example_is_written_and_read() {
        assert_eq!(example().to_flat("sops-rs", "\n"), EXAMPLE);
        assert_eq!(Block::from_flat(EXAMPLE, "sops-rs", 1), Ok(example()));
        assert_eq!(Block::from_flat(EXAMPLE.trim_end(), "sops-rs", 1), Ok(example()));
    }

    #[test]
    fn other_spellings_are_refused_with_their_line() {
        for (bad, line) in [
            ("", 9),
            ("\n", 9),
            ("sops_rs__a", 9),
            ("sops_rs__=1", 9),
            ("sops-rs__a=1", 9),
            (" sops_rs__a=1", 9),
            ("sops_rs__a =1", 9),
            ("sops_rs__a= 1", 9),
            ("sops_rs__a='1'", 9),
            ("sops_rs__a=\"1\"", 9),
            ("sops_rs__a=", 9),
            ("sops_rs__a=1\n\n", 10),
            ("sops_rs__a=1\n# c\n", 10),
            ("sops_rs__a=1\nexport sops_rs__b=1\n", 10),
            ("sops_rs__a=1\nsops_rs__a=1\n", 10),
            ("sops_rs__a=1\nsops_rs__a__b=1\n", 10),
            ("sops_rs__a__b=1\nsops_rs__a=1\n", 10),
            ("sops_rs__a__b=1\nsops_rs__c=1\nsops_rs__a__d=1\n", 11),
            ("sops_rs__0=1\n", 9),
            ("sops_rs__.a=1\n", 9),
            ("sops_rs__a__0=1\n", 9),
            ("sops_rs__a__1__b=1\n", 9),
            ("sops_rs__a__00__b=1\n", 9),
            ("sops_rs__a__0__0__b=1\n", 9),
            ("sops_rs__a__0__b=1\nsops_rs__a__2__b=1\n", 10),
            ("sops_rs__a__0__b=1\nsops_rs__a__c=1\n", 10),
            ("sops_rs__a____b=1\n", 9),
            ("sops_rs___a=1\n", 9),
        ] {
            match Block::from_flat(bad, "sops-rs", 9) {
                Err(Error::Metadata { line: found, .. }) => assert_eq!(found, line, "{bad:?}"),
                other => panic!("{bad:?}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_is_read_back(block in blocks(), crlf: bool) {
            let text = block.to_flat("sops-rs", if crlf { "\r\n" } else { "\n" });
            prop_assert!(text.lines().all(|line| line.starts_with("sops_rs__")));
            prop_assert_eq!(Block::from_flat(&text, "sops-rs", 1), Ok(block));
        }

        #[test]
        fn what_is_accepted_is_canonical(block in blocks(), at: prop::sample::Index, new in "[ \n:\"\\[\\]_=.,a01-]{0,2}", cut in 0..3_usize) {
            let text = edited(block.to_flat("sops-rs", "
    "), at, cut, &new);
            if let Ok(read) = Block::from_flat(&text, "sops-rs", 1) {
                let written = read.to_flat("sops-rs", "\n");
                prop_assert_eq!(written.trim_end_matches('\n'), text.strip_suffix('\n').unwrap_or(&text));
            }
        }
    }
}
