//! Payloads: what is sealed for a leaf (format spec, "Seals").

/// Payloads are padded to a multiple of this many bytes, so that `true`, `false` and `12` look alike.
const BLOCK: usize = 32;

/// The first byte of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum PayloadKind {
    /// A value on one line.
    OneLine = 0x01,
    /// A comment.
    Comment = 0x02,
    /// A value on several lines; the indentation of its parent stands before the text.
    SeveralLines = 0x03,
}

/// A payload taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Payload<'t> {
    /// What it is.
    pub(crate) kind: PayloadKind,
    /// The indentation of its parent, in blanks, when it was sealed; 0 but for [`PayloadKind::SeveralLines`].
    pub(crate) indent: u16,
    /// The leaf's source text.
    pub(crate) text: &'t str,
}

impl<'t> Payload<'t> {
    /// The payload of a value with this source text.
    pub(crate) fn value(text: &'t str, indent: u16) -> Self {
        if text.contains('\n') {
            Self { kind: PayloadKind::SeveralLines, indent, text }
        } else {
            Self { kind: PayloadKind::OneLine, indent: 0, text }
        }
    }

    /// The payload of a comment, its sign included.
    pub(crate) fn comment(text: &'t str) -> Self {
        Self { kind: PayloadKind::Comment, indent: 0, text }
    }

    /// Appends the payload with its padding: one 0x80, then fewer than 32 zeros.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let start = out.len();
        out.push(self.kind as u8);
        if self.kind == PayloadKind::SeveralLines {
            out.extend_from_slice(&self.indent.to_le_bytes());
        }
        out.extend_from_slice(self.text.as_bytes());
        out.push(0x80);
        let padded = (out.len() - start).next_multiple_of(BLOCK);
        out.resize(start + padded, 0);
    }

    /// How many bytes [`Payload::write`] appends.
    pub(crate) fn padded_len(self) -> usize {
        let head = if self.kind == PayloadKind::SeveralLines { 3 } else { 1 };
        (head + self.text.len() + 1).next_multiple_of(BLOCK)
    }

    /// Takes an opened payload apart. `None` when it is not in the one form that `write` gives, or its text has
    /// line breaks that do not fit its kind: only the holder of a data key can have made such a thing.
    pub(crate) fn read(bytes: &'t [u8]) -> Option<Self> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
            return None;
        }
        let end = bytes.iter().rposition(|&byte| byte != 0)?;
        if bytes[end] != 0x80 || bytes.len() - end > BLOCK {
            return None;
        }
        let (kind, indent, text) = match bytes[..end].split_first()? {
            (0x01, text) => (PayloadKind::OneLine, 0, text),
            (0x02, text) => (PayloadKind::Comment, 0, text),
            (0x03, rest) => {
                let (indent, text) = rest.split_first_chunk()?;
                (PayloadKind::SeveralLines, u16::from_le_bytes(*indent), text)
            }
            _ => return None,
        };
        let text = std::str::from_utf8(text).ok()?;
        let several = kind == PayloadKind::SeveralLines;
        (text.contains('\n') == several).then_some(Self { kind, indent, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(payload: Payload<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        payload.write(&mut bytes);
        assert_eq!(bytes.len(), payload.padded_len());
        bytes
    }

    #[test]
    fn short_values_look_alike() {
        for text in ["", "true", "false", "12", "x".repeat(30).as_str()] {
            assert_eq!(written(Payload::value(text, 0)).len(), 32, "{text}");
        }
        assert_eq!(written(Payload::value(&"x".repeat(31), 0)).len(), 64);
    }

    #[test]
    fn reading_gives_back_what_was_written() {
        for payload in [
            Payload::value("a", 9),
            Payload::value("|\n  a\n  b", 513),
            Payload::comment("# é"),
            Payload::value(&"\u{80}x".repeat(100), 0),
        ] {
            assert!(Payload::read(&written(payload)) == Some(payload));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let good = written(Payload::value("abc", 0));
        let change = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = good.clone();
            change(&mut bytes);
            Payload::read(&bytes).is_some()
        };
        assert!(change(&|_| {}));
        assert!(!change(&|bytes| bytes[0] = 0x04), "an unknown kind");
        assert!(!change(&|bytes| bytes[0] = 0x03), "one line where several belong");
        assert!(!change(&|bytes| bytes[1] = b'\n'), "several lines where one belongs");
        assert!(!change(&|bytes| bytes[4] = 0), "no padding sign");
        assert!(!change(&|bytes| bytes[1] = 0xFF), "not UTF-8");
        assert!(!change(&|bytes| bytes.extend_from_slice(&[0; 32])), "a block of zeros too many");
        assert!(!change(&|bytes| bytes.truncate(31)), "not whole blocks");
        assert!(!change(&|bytes| bytes.clear()));
        assert!(Payload::read(&[0; 32]).is_none());
    }
}
