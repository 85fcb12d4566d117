//! How programs write a text into their output.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Lines of base64 are that long: in PEM (RFC 7468) and in MIME (RFC 2045), which `base64(1)` follows.
const BASE64_LINES: [usize; 2] = [64, 76];

/// Longer texts, in bytes, are not looked for in wrapped base64: they would be thousands of lines.
const MAX_WRAPPED_LEN: usize = 16 << 10;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// As it is.
    Plain,
    /// One of its lines.
    Line,
    /// All of it in base64.
    Base64,
    /// A line of that; the first one says least of it.
    Base64Line {
        /// Whether it is the first one.
        first: bool,
    },
    /// What is its own in the base64 of a longer text that it is in.
    Base64Inside,
    /// With percent-encoding, as in an address.
    Percent,
    /// As a JSON string.
    Json,
    /// As a string of a shell, or of YAML, inside of quotes.
    Quoted,
}

/// Takes a spelling.
type Add<'a> = dyn FnMut(Spelling, Vec<u8>) + 'a;

/// Gives `add` the spellings of `secret`, some of them perhaps twice.
pub(crate) fn of(secret: &[u8], add: &mut Add<'_>) {
    // A program that reads a value often takes the line break behind it away.
    let bare = secret.trim_ascii_end();
    let texts = if bare.len() < secret.len() { &[secret, bare][..] } else { &[secret] };
    for &text in texts {
        add(Spelling::Plain, text.to_vec());
        base64(text, add);
        percent(text, add);
        if let Ok(text) = std::str::from_utf8(text) {
            json(text, &mut |spelling| add(Spelling::Json, spelling));
            quotes(text, add);
        }
    }
    lines(bare, add);
}

/// Each line, since others may be printed around it, and terminals change what is between them.
fn lines(text: &[u8], add: &mut Add<'_>) {
    for line in text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.len() < text.len()) {
        add(Spelling::Line, line.to_vec());
        if let Ok(line) = std::str::from_utf8(line) {
            json(line, &mut |spelling| add(Spelling::Line, spelling));
        }
    }
}

/// The text alone, and where it stands inside of a longer one, as in a header with a user and a password: there it
/// begins at any of three places of a group, and its first and last digit may be shared with the neighbours.
fn base64(text: &[u8], add: &mut Add<'_>) {
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        let whole = engine.encode(text);
        let padding = "=".repeat((4 - whole.len() % 4) % 4);
        let wraps = |&columns: &usize| columns < whole.len() && text.len() <= MAX_WRAPPED_LEN;
        for columns in BASE64_LINES.into_iter().filter(wraps) {
            for (number, line) in whole.as_bytes().chunks(columns).enumerate() {
                add(Spelling::Base64Line { first: number == 0 }, line.to_vec());
            }
        }
        add(Spelling::Base64, (whole.clone() + &padding).into_bytes());
        add(Spelling::Base64, whole.into_bytes());
        for before in 0..3 {
            let mut padded = Zeroizing::new(vec![0; before]);
            padded.extend_from_slice(text);
            let digits = engine.encode(&padded);
            let own = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
            add(Spelling::Base64Inside, digits.as_bytes()[own].to_vec());
        }
    }
}

/// Percent-encoding (RFC 3986, section 2.1): libraries differ in what they leave as it is, and in the case of digits.
fn percent(text: &[u8], add: &mut Add<'_>) {
    // By the strict rule of the RFC, of Python, of JavaScript for a part and for a whole address; last a form, with
    // `+` for a blank.
    for (kept, blank) in
        [("-._~", "%20"), ("-._~/", "%20"), ("-._~!*'()", "%20"), ("-._~!*'();/?:@&=+$,#", "%20"), ("-._*", "+")]
    {
        for upper in [true, false] {
            let mut spelling = String::with_capacity(3 * text.len());
            for &byte in text {
                match byte {
                    b' ' => spelling.push_str(blank),
                    byte if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                        spelling.push(byte.into());
                    }
                    byte => {
                        let _ = if upper { write!(spelling, "%{byte:02X}") } else { write!(spelling, "%{byte:02x}") };
                    }
                }
            }
            add(Spelling::Percent, spelling.into_bytes());
        }
    }
}

/// JSON strings (RFC 8259, section 7) without their quotes: as short as can be; with `/` escaped; as Go writes them, safe
/// in HTML; in ASCII alone. Other digits are letters in either case.
fn json(text: &str, add: &mut dyn FnMut(Vec<u8>)) {
    for (escaped, ascii) in [("", false), ("/", false), ("<>&", false), ("", true), ("/", true), ("<>&'", true)] {
        for upper in [false, true] {
            let mut spelling = String::with_capacity(2 * text.len());
            let unicode = |spelling: &mut String, unit: u16| {
                let _ = if upper { write!(spelling, "\\u{unit:04X}") } else { write!(spelling, "\\u{unit:04x}") };
            };
            for c in text.chars() {
                match c {
                    '"' | '\\' => spelling.extend(['\\', c]),
                    '/' if escaped.contains(c) => spelling.push_str("\\/"),
                    '\n' => spelling.push_str("\\n"),
                    '\r' => spelling.push_str("\\r"),
                    '\t' => spelling.push_str("\\t"),
                    '\u{8}' => spelling.push_str("\\b"),
                    '\u{c}' => spelling.push_str("\\f"),
                    c if c < ' ' || escaped.contains(c) || ascii && !c.is_ascii() => {
                        c.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| unicode(&mut spelling, unit));
                    }
                    c => spelling.push(c),
                }
            }
            add(spelling.into_bytes());
        }
    }
}

/// What shells and YAML make of quotes inside of quotes.
fn quotes(text: &str, add: &mut Add<'_>) {
    for (quote, spelled) in [("'", r"'\''"), ("'", "'\"'\"'"), ("'", "''"), ("'", r"\'")] {
        if text.contains(quote) {
            add(Spelling::Quoted, text.replace(quote, spelled).into_bytes());
        }
    }
    let mut spelling = String::with_capacity(2 * text.len());
    for c in text.chars() {
        if "\"\\$`".contains(c) {
            spelling.push('\\');
        }
        spelling.push(c);
    }
    add(Spelling::Quoted, spelling.into_bytes());
}
