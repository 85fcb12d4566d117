//! Builds a block step by step and keeps the rules that are the same in every format.

use std::collections::HashSet;

use super::{Block, MAX_BLOCK_LEN, MAX_DEPTH, MAX_FIELDS, is_name};
use crate::error::Error;

/// A block under construction. The reader keeps `line` current, for the errors.
pub(super) struct Builder {
    /// The line that is being read.
    pub(super) line: usize,
    fields: usize,
    open: Vec<Open>,
    done: Option<Block>,
}

/// A container that is not closed yet.
enum Open {
    List(Vec<Block>),
    Map { fields: Vec<(String, Block)>, names: HashSet<String>, pending: Option<String> },
}

impl Builder {
    /// Begins to read `text`, whose first line is `line`.
    pub(super) fn new(text: &str, line: usize) -> Result<Self, Error> {
        if text.len() > MAX_BLOCK_LEN {
            return Err(Error::Limit { what: "the metadata block", limit: MAX_BLOCK_LEN as u64, at: None });
        }
        Ok(Self { line, fields: 0, open: Vec::new(), done: None })
    }

    /// An error in the current line.
    pub(super) fn error(&self, what: &'static str) -> Error {
        Error::Metadata { line: self.line, what }
    }

    /// Begins a field of the innermost map.
    pub(super) fn name(&mut self, name: &str) -> Result<(), Error> {
        if !is_name(name) {
            return Err(self.error("expected the name of a field"));
        }
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(Error::Limit { what: "the number of metadata fields", limit: MAX_FIELDS as u64, at: None });
        }
        let what = match self.open.last_mut() {
            Some(Open::Map { names, pending: pending @ None, .. }) => {
                if names.insert(name.to_owned()) {
                    *pending = Some(name.to_owned());
                    return Ok(());
                }
                "a field stands twice"
            }
            Some(Open::Map { .. }) => "a field has no value",
            _ => "expected an item of a list",
        };
        Err(self.error(what))
    }

    /// Gives the field that was begun a text or a list of texts.
    pub(super) fn value(&mut self, value: Block) -> Result<(), Error> {
        if let Some(Open::Map { fields, pending, .. }) = self.open.last_mut()
            && let Some(name) = pending.take()
        {
            fields.push((name, value));
            return Ok(());
        }
        Err(self.error("expected a map"))
    }

    /// Opens a map: the whole block, the value of a field or an item of a list.
    pub(super) fn open_map(&mut self) -> Result<(), Error> {
        let fits = match self.open.last() {
            None => self.done.is_none(),
            Some(Open::List(_)) => true,
            Some(Open::Map { pending, .. }) => pending.is_some(),
        };
        self.push(fits, Open::Map { fields: Vec::new(), names: HashSet::new(), pending: None })
    }

    /// Opens a list of maps, the value of a field.
    pub(super) fn open_list(&mut self) -> Result<(), Error> {
        let fits = matches!(self.open.last(), Some(Open::Map { pending: Some(_), .. }));
        self.push(fits, Open::List(Vec::new()))
    }

    /// Closes the innermost map or list.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        let closed = match self.open.pop() {
            Some(Open::List(items)) if !items.is_empty() => Block::List(items),
            Some(Open::Map { fields, pending: None, .. }) if !fields.is_empty() => Block::Map(fields),
            Some(Open::Map { pending: Some(_), .. }) => return Err(self.error("a field has no value")),
            _ => return Err(self.error("a map or list is empty")),
        };
        match self.open.last_mut() {
            None => self.done = Some(closed),
            Some(Open::List(items)) => items.push(closed),
            Some(Open::Map { .. }) => return self.value(closed),
        }
        Ok(())
    }

    /// How many maps and lists are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// How many items the innermost list has; `None` when a map is innermost.
    pub(super) fn items(&self) -> Option<usize> {
        match self.open.last() {
            Some(Open::List(items)) => Some(items.len()),
            _ => None,
        }
    }

    /// Closes all that is open and gives the block.
    pub(super) fn finish(mut self) -> Result<Block, Error> {
        while self.depth() > 0 {
            self.close()?;
        }
        let line = self.line;
        self.done.ok_or(Error::Metadata { line, what: "the block is empty" })
    }

    fn push(&mut self, fits: bool, open: Open) -> Result<(), Error> {
        if !fits {
            return Err(self.error("a map or list stands where none belongs"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(self.error("maps and lists are nested too deep"));
        }
        self.open.push(open);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted() {
        let mut builder = Builder::new("", 1).expect("short");
        builder.open_map().expect("the block");
        for n in 0..MAX_FIELDS {
            builder.name(&format!("f{n}")).expect("within the limit");
            builder.value(Block::Text(String::new())).expect("a field was begun");
        }
        assert_eq!(
            builder.name("one-more"),
            Err(Error::Limit { what: "the number of metadata fields", limit: 8192, at: None })
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let mut builder = Builder::new("", 7).expect("short");
        builder.open_map().expect("the block");
        for _ in 1..MAX_DEPTH {
            builder.name("a").expect("first field");
            builder.open_map().expect("within the limit");
        }
        builder.name("a").expect("first field");
        assert_eq!(builder.open_map(), Err(Error::Metadata { line: 7, what: "maps and lists are nested too deep" }));
    }

    #[test]
    fn long_blocks_are_refused() {
        let text = " ".repeat(MAX_BLOCK_LEN + 1);
        assert!(matches!(Builder::new(&text, 1).err(), Some(Error::Limit { .. })));
    }
}
