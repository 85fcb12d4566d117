//! How documents are laid out.

use crate::random::Random;
use crate::tree::Syntax;

/// What the printers ask; each format has its own of these.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Chance of brackets around a map or list, in percent.
    pub(crate) flow: usize,
    /// Whether each entry within brackets has a line of its own.
    pub(crate) flow_lines: bool,
    /// Whether YAML lists stand deeper than their key.
    pub(crate) deep_lists: bool,
    pub(crate) crlf: bool,
    pub(crate) indent: Indent,
    pub(crate) quotes: Quotes,
    /// Between key and value of INI and properties.
    pub(crate) delimiter: &'static str,
    /// The comment sign of INI and properties.
    pub(crate) sign: &'static str,
    /// Whether TOML tables in tables are dotted keys.
    pub(crate) dotted: bool,
    /// Whether dotenv lines begin with `export`.
    pub(crate) export: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indent {
    Blanks(usize),
    /// No line breaks at all.
    Minified,
    Tab,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    Bare,
    Double,
    Single,
}

impl Layout {
    /// What files look like that a formatter made: two blanks, no brackets.
    pub(crate) const BLOCK: Self = Self {
        flow: 0,
        flow_lines: false,
        deep_lists: true,
        crlf: false,
        indent: Indent::Blanks(2),
        quotes: Quotes::Bare,
        delimiter: " = ",
        sign: "#",
        dotted: false,
        export: false,
    };

    /// A random layout for files of `syntax`.
    pub(crate) fn random(random: &mut Random, syntax: Syntax) -> Self {
        let blanks = *random.choose(&[2, 2, 4]);
        Self {
            flow: *random.choose(&[0, 0, 0, 30]),
            flow_lines: random.chance(50),
            deep_lists: random.chance(50),
            crlf: random.chance(10),
            indent: match random.below(10) {
                0 if syntax == Syntax::Json => Indent::Minified,
                1 | 2 if syntax == Syntax::Json => Indent::Tab,
                _ => Indent::Blanks(blanks),
            },
            quotes: *random.choose(&[Quotes::Bare, Quotes::Bare, Quotes::Double, Quotes::Single]),
            delimiter: match syntax {
                Syntax::Ini => *random.choose(&[" = ", "=", ": "]),
                _ => *random.choose(&["=", " = ", ": ", " "]),
            },
            sign: match syntax {
                Syntax::Ini => *random.choose(&["#", ";"]),
                Syntax::Properties => *random.choose(&["#", "!"]),
                _ => "#",
            },
            dotted: random.chance(25),
            export: random.chance(25),
        }
    }

    /// What its merges are counted under.
    pub(crate) fn labels(&self, syntax: Syntax) -> Vec<&'static str> {
        let lists = matches!(syntax, Syntax::Toml | Syntax::Yaml);
        let labels = [
            (self.crlf, "layout CRLF"),
            (lists && self.flow > 0 && self.flow_lines, "layout brackets on lines"),
            (lists && self.flow > 0 && !self.flow_lines, "layout brackets on one line"),
            (lists && self.flow == 0, "layout without brackets"),
            (syntax == Syntax::Json && self.indent == Indent::Blanks(2), "layout of 2 blanks"),
            (syntax == Syntax::Json && self.indent == Indent::Blanks(4), "layout of 4 blanks"),
            (syntax == Syntax::Json && self.indent == Indent::Minified, "layout minified"),
            (syntax == Syntax::Json && self.indent == Indent::Tab, "layout of tabs"),
            (syntax == Syntax::Toml && self.dotted, "layout with dotted keys"),
            (syntax == Syntax::Dotenv && self.export, "layout with export"),
        ];
        labels.into_iter().filter(|(is_so, _)| *is_so).map(|(_, label)| label).collect()
    }
}
