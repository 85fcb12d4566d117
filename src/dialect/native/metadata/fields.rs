//! Metadata to and from a block's fields.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{
    DEFAULT_NAME, MAX_PROPOSALS, MAX_RECIPIENTS, MAX_SECTIONS, Metadata, Policy, Proposal, Reader, Section, VERSION,
    base64,
};
use crate::dialect::native::groups::check_key_groups;
use crate::document::{Block, Layout};
use crate::error::Error;
use crate::keys::{WRAPPED_KEY_LIMIT, WrappedKey};
use crate::select::{ClearValues, CommentPolicy, PathGlob, Selection};

/// A recipient's text is at most this long: a post-quantum one has some 2,000 characters.
const MAX_RECIPIENT_LEN: usize = 16 << 10;

impl Metadata {
    /// The block to attach.
    pub(crate) fn to_block(&self) -> Block {
        let mut fields = Fields::default();
        fields.text("version", VERSION.to_string());
        fields.text("comments", self.policy.comments.as_str());
        fields.text("clear_values", self.policy.clear_values.as_str());
        if self.layout.newline_added {
            fields.text("newline", "added");
        }
        if self.layout.wrapped {
            fields.text("wrapped", "true");
        }
        let sections =
            self.sections.iter().enumerate().map(|(index, section)| (section.name.clone(), self.section_block(index)));
        fields.0.push(("sections".into(), Block::Map(sections.collect())));
        if !self.proposals.is_empty() {
            fields.0.push(("proposals".into(), Block::List(self.proposals.iter().map(Proposal::to_block).collect())));
        }
        Block::Map(fields.0)
    }

    fn section_block(&self, index: usize) -> Block {
        let section = &self.sections[index];
        let mut fields = Fields::default();
        fields.text("start", base64(&section.start));
        if index == 0 {
            fields.strings("encrypt", self.policy.selection.encrypt.iter().map(|glob| glob.as_str()));
            fields.strings("clear", self.policy.selection.clear.iter().map(|glob| glob.as_str()));
        } else {
            fields.strings("paths", self.policy.sections[index - 1].iter().map(|glob| glob.as_str()));
        }
        fields.text("key_id", base64(&section.key_id));
        if let Some(threshold) = section.threshold {
            fields.text("threshold", threshold.to_string());
        }
        fields.0.push(("recipients".into(), Block::List(section.readers.iter().map(Reader::to_block).collect())));
        if let Some(follows) = &section.follows {
            fields.text("follows", base64(follows));
        }
        fields.text("mac", base64(&section.mac));
        Block::Map(fields.0)
    }

    /// Reads a block that stands on `line` of its file.
    ///
    /// # Errors
    /// [`Error::Metadata`] for anything that [`Metadata::to_block`] would not have made.
    pub(crate) fn from_block(block: Block, line: usize) -> Result<Self, Error> {
        Self::read(block).map_err(|what| Error::Metadata { line, what })
    }

    fn read(block: Block) -> Result<Self, &'static str> {
        let mut fields = Reading::of(block)?;
        if fields.text("version")? != VERSION.to_string() {
            return Err("this version of the format is not known; a newer sops-rs may read it");
        }
        let comments = read_comments(&fields.text("comments")?)?;
        let clear_values = read_clear_values(&fields.text("clear_values")?)?;
        let newline_added = fields.flag("newline", "added")?;
        let wrapped = fields.flag("wrapped", "true")?;
        let Block::Map(blocks) = fields.take("sections")? else { return Err("`sections` is not a map") };
        let proposals = match fields.take_optional("proposals") {
            None => Vec::new(),
            Some(Block::List(blocks)) if blocks.len() <= MAX_PROPOSALS => {
                blocks.into_iter().map(Proposal::read).collect::<Result<_, _>>()?
            }
            Some(_) => return Err("`proposals` is not a list, or too long"),
        };
        fields.finish()?;
        let (selection, globs, sections) = read_sections(blocks)?;
        let policy = Policy { comments, clear_values, selection, sections: globs };
        let layout = Layout { newline_added, wrapped, separate: false };
        Ok(Self { policy, layout, sections, proposals })
    }
}

type Sections = (Selection, Vec<Vec<PathGlob>>, Vec<Section>);

fn read_sections(blocks: Vec<(String, Block)>) -> Result<Sections, &'static str> {
    if blocks.len() > MAX_SECTIONS {
        return Err("too many sections");
    }
    let mut selection = None;
    let mut globs = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    for (name, block) in blocks {
        let ordered = match &sections[..] {
            [] => name == DEFAULT_NAME,
            [_] => true,
            [.., last] => last.name < name,
        };
        if !ordered || !is_section_name(&name) || !sections.is_empty() && name == DEFAULT_NAME {
            return Err("the sections are not `default` and then others by name");
        }
        let mut fields = Reading::of(block)?;
        let start = fields.bytes("start")?;
        if sections.is_empty() {
            let encrypt = parse_globs(fields.strings("encrypt")?)?;
            selection = Some(Selection { encrypt, clear: parse_globs(fields.strings("clear")?)? });
        } else {
            globs.push(parse_globs(fields.strings("paths")?)?);
        }
        let key_id = fields.bytes("key_id")?;
        let threshold = fields.optional_number("threshold")?;
        let Block::List(readers) = fields.take("recipients")? else { return Err("`recipients` is not a list") };
        let readers = read_readers(readers)?;
        check_key_groups(threshold, &readers)?;
        let follows = fields.optional_bytes("follows")?;
        let mac = fields.bytes("mac")?;
        fields.finish()?;
        if let Some(default) = sections.first() {
            let reads_default =
                |reader: &Reader| default.readers.iter().any(|other| other.recipient == reader.recipient);
            if !readers.iter().all(reads_default) {
                return Err("a recipient of a section is not one of `default`");
            }
        }
        sections.push(Section { name, start, key_id, threshold, readers, follows, mac });
    }
    Ok((selection.ok_or("there is no section")?, globs, sections))
}

fn parse_globs(texts: Vec<String>) -> Result<Vec<PathGlob>, &'static str> {
    PathGlob::parse_all(texts.iter().map(String::as_str)).map_err(|_| "a glob cannot be read")
}

fn read_readers(blocks: Vec<Block>) -> Result<Vec<Reader>, &'static str> {
    if blocks.is_empty() || blocks.len() > MAX_RECIPIENTS {
        return Err("there are no recipients, or too many");
    }
    let readers: Vec<Reader> = blocks.into_iter().map(Reader::read).collect::<Result<_, _>>()?;
    if !readers.is_sorted_by(|a, b| a.name < b.name) {
        return Err("the recipients are not sorted by name, or a name stands twice");
    }
    let mut recipients: Vec<&str> = readers.iter().map(|reader| reader.recipient.as_str()).collect();
    recipients.sort_unstable();
    if recipients.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("a recipient stands twice");
    }
    Ok(readers)
}

impl Reader {
    fn to_block(&self) -> Block {
        let mut fields = Fields::default();
        fields.text("name", self.name.as_str());
        if let Some(group) = self.group {
            fields.text("group", group.to_string());
        }
        fields.text("recipient", self.recipient.as_str());
        fields.text("wrapped_key", base64(self.wrapped_key.as_bytes()));
        Block::Map(fields.0)
    }

    fn read(block: Block) -> Result<Self, &'static str> {
        let mut fields = Reading::of(block)?;
        let name = fields.text("name")?;
        let group = fields.optional_number("group")?;
        let recipient = fields.text("recipient")?;
        let wrapped_key = WrappedKey::from_bytes(fields.any_bytes("wrapped_key")?);
        fields.finish()?;
        if !is_reader_name(&name) {
            return Err("a recipient's name has characters that are not allowed");
        }
        if recipient.len() > MAX_RECIPIENT_LEN || !recipient.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err("a recipient is not printable ASCII, or too long");
        }
        if wrapped_key.as_bytes().len() > WRAPPED_KEY_LIMIT {
            return Err("a wrapped key is too long");
        }
        Ok(Self { name, group, recipient, wrapped_key })
    }
}

impl Proposal {
    fn to_block(&self) -> Block {
        let mut fields = Fields::default();
        fields.text("path", self.path.as_str());
        fields.text("age_file", base64(&self.age_file));
        if let Some(note) = &self.note {
            fields.text("note", note.as_str());
        }
        Block::Map(fields.0)
    }

    fn read(block: Block) -> Result<Self, &'static str> {
        let mut fields = Reading::of(block)?;
        let path = fields.text("path")?;
        let age_file = fields.any_bytes("age_file")?;
        let note = match fields.take_optional("note") {
            None => None,
            Some(Block::Text(note)) => Some(note),
            Some(_) => return Err("`note` is not a text"),
        };
        fields.finish()?;
        Ok(Self { path, age_file, note })
    }
}

/// `[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}`.
fn is_reader_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(rest)
}

/// `[A-Za-z0-9-]{1,64}` without a hyphen at either end: no underscore, which separates fields in dotenv.
fn is_section_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn read_comments(name: &str) -> Result<CommentPolicy, &'static str> {
    let policies = [CommentPolicy::Clear, CommentPolicy::Encrypt];
    policies.into_iter().find(|policy| policy.as_str() == name).ok_or("`comments` is not a known policy")
}

fn read_clear_values(name: &str) -> Result<ClearValues, &'static str> {
    let policies = [ClearValues::Free, ClearValues::Pinned];
    policies.into_iter().find(|policy| policy.as_str() == name).ok_or("`clear_values` is not a known policy")
}

#[derive(Default)]
struct Fields(Vec<(String, Block)>);

impl Fields {
    fn text(&mut self, name: &str, text: impl Into<String>) {
        self.0.push((name.into(), Block::Text(text.into())));
    }

    fn strings<'s>(&mut self, name: &str, strings: impl Iterator<Item = &'s str>) {
        self.0.push((name.into(), Block::Strings(strings.map(str::to_owned).collect())));
    }
}

/// Takes fields off a map, in the one order in which they are written.
struct Reading(std::iter::Peekable<std::vec::IntoIter<(String, Block)>>);

impl Reading {
    fn of(block: Block) -> Result<Self, &'static str> {
        match block {
            Block::Map(fields) => Ok(Self(fields.into_iter().peekable())),
            _ => Err("a map of fields was expected"),
        }
    }

    fn take_optional(&mut self, name: &str) -> Option<Block> {
        self.0.next_if(|(field, _)| field == name).map(|(_, block)| block)
    }

    fn take(&mut self, name: &str) -> Result<Block, &'static str> {
        self.take_optional(name).ok_or("a field is missing, unknown, or not in its place")
    }

    fn text(&mut self, name: &str) -> Result<String, &'static str> {
        match self.take(name)? {
            Block::Text(text) => Ok(text),
            _ => Err("a text was expected"),
        }
    }

    fn flag(&mut self, name: &str, value: &str) -> Result<bool, &'static str> {
        match self.take_optional(name) {
            None => Ok(false),
            Some(Block::Text(text)) if text == value => Ok(true),
            Some(_) => Err("a flag has another value than the one it can have"),
        }
    }

    fn strings(&mut self, name: &str) -> Result<Vec<String>, &'static str> {
        match self.take(name)? {
            Block::Strings(strings) => Ok(strings),
            _ => Err("a list of texts was expected"),
        }
    }

    fn any_bytes(&mut self, name: &str) -> Result<Vec<u8>, &'static str> {
        STANDARD_NO_PAD.decode(self.text(name)?).map_err(|_| "a field is not canonical base64")
    }

    fn bytes(&mut self, name: &str) -> Result<[u8; 32], &'static str> {
        self.any_bytes(name)?.try_into().map_err(|_| "a field does not hold 32 bytes")
    }

    fn optional_bytes(&mut self, name: &str) -> Result<Option<[u8; 32]>, &'static str> {
        if self.0.peek().is_some_and(|(field, _)| field == name) { self.bytes(name).map(Some) } else { Ok(None) }
    }

    /// A number from 1 to 255 in its one spelling.
    fn optional_number(&mut self, name: &str) -> Result<Option<u8>, &'static str> {
        let read = |text: String| text.parse().ok().filter(|number: &u8| *number > 0 && number.to_string() == text);
        match self.take_optional(name) {
            None => Ok(None),
            Some(Block::Text(text)) => read(text).map(Some).ok_or("a field is not a number from 1 to 255"),
            Some(_) => Err("a number was expected"),
        }
    }

    fn finish(mut self) -> Result<(), &'static str> {
        if self.0.next().is_some() { Err("a field is unknown, or not in its place") } else { Ok(()) }
    }
}
