//! Go's regular expressions (golang.org/s/re2syntax) in the syntax of the `regex` crate.
//!
//! Every construct is read, so that what Go refuses is refused, and written in a form that can only mean the same: the
//! crate has Unicode classes where Go has ASCII ones, set operations and nested classes where Go has literal
//! characters, and refuses a literal `{`. Captures are not needed, so all groups are plain ones.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Go's limit for the numbers of a repetition.
const MAX_REPEAT: u32 = 1000;

const PERL_SPACES: &str = r"\t\n\x0C\r ";
const BAD_ESCAPE: &str = "it has a `\\` before something that has no meaning with it";
const BAD_RANGE: &str = "it has a range or a class between `[` and `]` that does not exist";
const BAD_GROUP: &str = "it has a `(?` that is not supported; there is no looking ahead or behind";
const NOTHING_TO_REPEAT: &str = "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it";
const REPEATED_TWICE: &str = "it repeats a repetition, as `**` does; it is no glob";
const BAD_COUNT: &str = "it repeats something more than 1000 times, or with its numbers the wrong way round";
const UNCLOSED_CLASS: &str = "it has a `[` without its `]`";

/// What stands before the place that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that can be repeated.
    Nothing,
    Item,
    Repetition,
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    before: Before,
}

/// The pattern of the `regex` crate that means what `text` means in Go.
///
/// # Errors
/// Why Go refuses it. What both refuse may pass.
pub(super) fn translate(text: &str) -> Result<String, &'static str> {
    let mut translator = Translator {
        rest: text.chars().peekable(),
        out: String::with_capacity(text.len() + 16),
        before: Before::Nothing,
    };
    while let Some(c) = translator.rest.next() {
        translator.take(c)?;
    }
    Ok(translator.out)
}

impl Translator<'_> {
    fn take(&mut self, c: char) -> Result<(), &'static str> {
        match c {
            '*' | '+' | '?' => self.repeat(&c.to_string()),
            '{' => match self.count() {
                None => self.literal(c),
                Some((least, most)) => {
                    if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
                        return Err(BAD_COUNT);
                    }
                    let most = most.map_or_else(String::new, |most| most.to_string());
                    self.repeat(&format!("{{{least},{most}}}"))
                }
            },
            '(' => self.group(),
            ')' => self.item(")"),
            '|' => {
                self.out.push('|');
                self.before = Before::Nothing;
                Ok(())
            }
            '[' => self.class(),
            '\\' => self.escape(),
            '^' | '$' | '.' => self.item(&c.to_string()),
            _ => self.literal(c),
        }
    }

    fn item(&mut self, text: &str) -> Result<(), &'static str> {
        self.out.push_str(text);
        self.before = Before::Item;
        Ok(())
    }

    fn literal(&mut self, c: char) -> Result<(), &'static str> {
        let mut buffer = [0; 4];
        self.item(&regex::escape(c.encode_utf8(&mut buffer)))
    }

    fn repeat(&mut self, operator: &str) -> Result<(), &'static str> {
        match self.before {
            Before::Nothing => return Err(NOTHING_TO_REPEAT),
            Before::Repetition => return Err(REPEATED_TWICE),
            Before::Item => self.out.push_str(operator),
        }
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        self.before = Before::Repetition;
        Ok(())
    }

    /// The numbers of `{n}`, `{n,}` (no second one) or `{n,m}`. Nothing is read when it is none of these: then the `{` is
    /// a literal character.
    fn count(&mut self) -> Option<(u32, Option<u32>)> {
        let text: String = self.rest.clone().take_while(|&c| c != '}').collect();
        self.rest.clone().nth(text.chars().count())?;
        let number = |digits: &str| {
            let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty();
            let shortest = !digits.starts_with('0') || digits.len() == 1;
            (well_formed && shortest).then(|| digits.parse().unwrap_or(u32::MAX))
        };
        let (least, most) = match text.split_once(',') {
            None => (number(&text)?, Some(number(&text)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        self.rest.nth(text.chars().count());
        Some((least, most))
    }

    fn group(&mut self) -> Result<(), &'static str> {
        if self.rest.next_if_eq(&'?').is_none() {
            self.out.push_str("(?:");
            self.before = Before::Nothing;
            return Ok(());
        }
        let mut head: String = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphabetic() || *c == '-') {
            head.push(c);
        }
        let end = self.rest.next().ok_or(BAD_GROUP)?;
        match (head.as_str(), end) {
            ("P" | "", '<') => {
                let mut name = String::new();
                while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                if name.is_empty() || self.rest.next() != Some('>') {
                    return Err(BAD_GROUP);
                }
                self.out.push_str("(?:");
                self.before = Before::Nothing;
            }
            (flags, ':' | ')') => {
                let (on, off) = flags.split_once('-').unwrap_or((flags, "i"));
                let known = |flags: &str| flags.chars().all(|flag| "imsU".contains(flag));
                if !known(on) || !known(off) || off.is_empty() {
                    return Err(BAD_GROUP);
                }
                // The crate knows no `(?)`, which sets nothing.
                if !flags.is_empty() || end == ':' {
                    write!(self.out, "(?{flags}{end}").map_err(|_| BAD_GROUP)?;
                }
                // Go would repeat what stands before `(?i)`; nobody means that.
                self.before = Before::Nothing;
            }
            _ => return Err(BAD_GROUP),
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), &'static str> {
        let c = self.rest.next().ok_or("it ends in a `\\`")?;
        if let Some(class) = perl_class(c) {
            return self.item(&class);
        }
        match c {
            'A' | 'z' => self.item(&format!("\\{c}")),
            'b' | 'B' => self.item(&format!(r"(?-u:\{c})")),
            'Q' => {
                let rest: String = self.rest.clone().collect();
                let quoted = rest.split("\\E").next().unwrap_or_default();
                let with_end = if quoted.len() == rest.len() { quoted.len() } else { quoted.len() + 2 };
                for c in quoted.chars() {
                    self.literal(c)?;
                }
                for _ in 0..rest[..with_end].chars().count() {
                    self.rest.next();
                }
                Ok(())
            }
            'p' | 'P' => {
                let class = self.unicode_class(c)?;
                self.item(&class)
            }
            _ => {
                let c = self.escaped_char(c)?;
                self.literal(c)
            }
        }
    }

    /// The character that `\` and `c` stand for, with what follows.
    fn escaped_char(&mut self, c: char) -> Result<char, &'static str> {
        Ok(match c {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            // A single digit would be a reference back, which there is not.
            '1'..='7' if !self.rest.peek().is_some_and(|next| ('0'..='7').contains(next)) => return Err(BAD_ESCAPE),
            '0'..='7' => {
                let mut code = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.rest.next_if(|next| ('0'..='7').contains(next)) else { break };
                    code = code * 8 + digit.to_digit(8).unwrap_or_default();
                }
                char::from_u32(code).ok_or(BAD_ESCAPE)?
            }
            'x' => {
                let digits: String = if self.rest.next_if_eq(&'{').is_some() {
                    self.until_brace().ok_or(BAD_ESCAPE)?
                } else {
                    self.rest.by_ref().take(2).collect()
                };
                let well_formed = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| well_formed);
                code.and_then(char::from_u32).ok_or(BAD_ESCAPE)?
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(BAD_ESCAPE),
        })
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`. A name that the crate does not know is refused by it.
    fn unicode_class(&mut self, p: char) -> Result<String, &'static str> {
        let first = self.rest.next().ok_or(BAD_RANGE)?;
        if first != '{' {
            return Ok(format!(r"\{p}{{{first}}}"));
        }
        let name = self.until_brace().ok_or(BAD_RANGE)?;
        let (p, name) = match name.strip_prefix('^') {
            Some(name) => (if p == 'p' { 'P' } else { 'p' }, name),
            None => (p, name.as_str()),
        };
        let known = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if known { Ok(format!(r"\{p}{{{name}}}")) } else { Err(BAD_RANGE) }
    }

    /// What stands before the next `}`, which is read too.
    fn until_brace(&mut self) -> Option<String> {
        let text: String = self.rest.clone().take_while(|&c| c != '}').collect();
        self.rest.nth(text.chars().count())?;
        Some(text)
    }

    fn class(&mut self) -> Result<(), &'static str> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.next().ok_or(UNCLOSED_CLASS)? {
                ']' if !first => break,
                '[' if self.rest.peek() == Some(&':') => self.named_class()?,
                '\\' if self.rest.peek().is_some_and(|&c| perl_class(c).is_some()) => {
                    self.rest.next().and_then(perl_class).into_iter().for_each(|class| self.out.push_str(&class));
                }
                '\\' if matches!(self.rest.peek(), Some('p' | 'P')) => {
                    let p = self.rest.next().ok_or(BAD_RANGE)?;
                    let class = self.unicode_class(p)?;
                    self.out.push_str(&class);
                }
                c => self.range(c)?,
            }
            first = false;
        }
        self.item("]")
    }

    /// `[:alpha:]`, or a `[` as it stands when no `:]` comes.
    fn named_class(&mut self) -> Result<(), &'static str> {
        let rest: String = self.rest.clone().skip(1).collect();
        let Some((name, _)) = rest.split_once(":]") else { return self.range('[') };
        let names = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        if !names.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(BAD_RANGE);
        }
        write!(self.out, "[:{name}:]").map_err(|_| BAD_RANGE)?;
        self.rest.nth(name.chars().count() + 2);
        Ok(())
    }

    /// One character, or a range that begins with it.
    fn range(&mut self, first: char) -> Result<(), &'static str> {
        let low = self.class_char(first)?;
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('-') || matches!(ahead.next(), Some(']') | None) {
            write!(self.out, r"\x{{{:x}}}", u32::from(low)).map_err(|_| BAD_RANGE)?;
            return Ok(());
        }
        self.rest.next();
        let next = self.rest.next().ok_or(UNCLOSED_CLASS)?;
        let high = self.class_char(next)?;
        if high < low {
            return Err(BAD_RANGE);
        }
        write!(self.out, r"\x{{{:x}}}-\x{{{:x}}}", u32::from(low), u32::from(high)).map_err(|_| BAD_RANGE)
    }

    fn class_char(&mut self, c: char) -> Result<char, &'static str> {
        if c != '\\' {
            return Ok(c);
        }
        let escaped = self.rest.next().ok_or(UNCLOSED_CLASS)?;
        self.escaped_char(escaped)
    }
}

/// The class that `\` and `c` stand for: of ASCII characters, as in Go.
fn perl_class(c: char) -> Option<String> {
    let (negated, inner) = match c {
        'd' => ("", "0-9"),
        'D' => ("^", "0-9"),
        's' => ("", PERL_SPACES),
        'S' => ("^", PERL_SPACES),
        'w' => ("", "0-9A-Za-z_"),
        'W' => ("^", "0-9A-Za-z_"),
        _ => return None,
    };
    Some(format!("[{negated}{inner}]"))
}
