//! A plaintext with its scan.

use std::fmt;

use zeroize::Zeroizing;

use crate::document::{BINARY, Format, MAX_ENCRYPTED_LEN, MAX_LEAF_LEN, MAX_PLAINTEXT_LEN, Scan};
use crate::error::{Error, Position};
use crate::leaf::{Leaf, PathId};

/// A plaintext file: its text, and the leaves in it.
pub struct Document {
    format: &'static dyn Format,
    text: Zeroizing<String>,
    scan: Scan,
}

impl Document {
    /// Scans `bytes` as a file of `format`.
    ///
    /// # Errors
    /// [`Error::Limit`], [`Error::NotUtf8`], [`Error::ForbiddenCharacter`], and those of [`Format::scan`].
    pub fn parse(bytes: &[u8], format: &'static dyn Format) -> Result<Self, Error> {
        let text = match format.envelope(bytes) {
            Some(text) => text?,
            None => Zeroizing::new(checked_text(bytes, MAX_PLAINTEXT_LEN, format)?.to_owned()),
        };
        let scan = format.scan(&text)?;
        Self::from_parts(format, text, scan)
    }

    /// Scans `text`, which is taken over.
    ///
    /// # Errors
    /// Those of [`Document::parse`].
    pub(super) fn of_text(text: Zeroizing<String>, format: &'static dyn Format) -> Result<Self, Error> {
        checked_text(text.as_bytes(), MAX_PLAINTEXT_LEN, format)?;
        let scan = format.scan(&text)?;
        Self::from_parts(format, text, scan)
    }

    /// A document whose text was scanned already.
    ///
    /// # Errors
    /// [`Error::Limit`] for a leaf of more than [`MAX_LEAF_LEN`] bytes.
    pub(super) fn from_parts(format: &'static dyn Format, text: Zeroizing<String>, scan: Scan) -> Result<Self, Error> {
        match scan.leaves.iter().find(|leaf| leaf.span.len() > MAX_LEAF_LEN) {
            None => Ok(Self { format, text, scan }),
            Some(leaf) => Err(Error::Limit {
                what: "the length of a value or comment in bytes",
                limit: MAX_LEAF_LEN as u64,
                at: Some(Position::of_span(&text, leaf.span)),
            }),
        }
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }

    /// The text that was scanned. It is the file's, but of a binary file: what the file holds is
    /// [`Document::into_plaintext`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the plaintext file: what [`Document::parse`] was given.
    ///
    /// # Errors
    /// [`Error::Syntax`] for a binary file whose data is not base64.
    pub fn into_plaintext(mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.format.open_envelope(&self.text) {
            Some(bytes) => bytes,
            None => Ok(Zeroizing::new(std::mem::take(&mut *self.text).into_bytes())),
        }
    }

    /// The same, of which the document stays.
    pub(super) fn plaintext(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.format.open_envelope(&self.text) {
            Some(bytes) => bytes,
            None => Ok(Zeroizing::new(self.text.as_bytes().to_vec())),
        }
    }

    /// The scan of the text.
    #[must_use]
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// The source text of `leaf`.
    #[must_use]
    pub fn source(&self, leaf: &Leaf) -> &str {
        leaf.span.of(&self.text)
    }

    /// The value of `leaf` as readers of this format see it.
    ///
    /// # Errors
    /// Those of [`Format::decode`].
    pub fn value(&self, leaf: &Leaf) -> Result<Zeroizing<String>, Error> {
        Ok(Zeroizing::new(self.format.decode(&self.text, leaf)?.into_owned()))
    }

    /// A path for people.
    #[must_use]
    pub fn path(&self, path: PathId) -> String {
        self.scan.paths.display(path).to_string()
    }

    pub(super) fn position(&self, leaf: &Leaf) -> Position {
        Position::of_span(&self.text, leaf.span)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} leaves)", self.format.name(), self.scan.leaves.len())
    }
}

/// [`checked_text`] of a file that may be encrypted; none for bytes that cannot be, since they are no text of any sort.
pub(super) fn encrypted_text<'b>(bytes: &'b [u8], format: &dyn Format) -> Result<Option<&'b str>, Error> {
    match checked_text(bytes, MAX_ENCRYPTED_LEN, format) {
        Err(Error::NotUtf8 { .. }) if format.name() == BINARY.name() => Ok(None),
        text => text.map(Some),
    }
}

/// Verify, step 1: limits, UTF-8, and characters.
fn checked_text<'b>(bytes: &'b [u8], limit: usize, format: &dyn Format) -> Result<&'b str, Error> {
    if bytes.len() > limit {
        return Err(Error::Limit { what: "the file's length in bytes", limit: limit as u64, at: None });
    }
    let text = utf8(bytes)?;
    format.check_characters(text)?;
    Ok(text)
}

/// `bytes` as a text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
        Error::NotUtf8 { at: Position::of(&Zeroizing::new(valid), usize::MAX) }
    })
}
