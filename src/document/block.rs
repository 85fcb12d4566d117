//! Metadata blocks: a small tree, and its one spelling in each format.
//!
//! There is exactly one text for a block in a format, but for indentation, line endings and (in JSON) white space
//! between tokens, which formatters change. The readers refuse everything else, so that a block can't say one thing
//! to us and another one to a person or to another parser: comments, anchors, aliases, tags, duplicate fields, other
//! quotes and blank lines.

mod build;
mod flat;
mod json;
mod scalar;
mod toml;
mod yaml;

pub(super) use flat::flat_prefix;
pub(super) use json::read as read_json_object;
pub(super) use scalar::write_quoted;

/// A block is at most 4 MiB: some 2,000 recipients with post-quantum keys.
pub const MAX_BLOCK_LEN: usize = 4 << 20;
/// A block has at most this many fields, those of inner maps included.
pub const MAX_FIELDS: usize = 8192;
/// Maps and lists of a block nest at most this deep; the deepest field of version 1 lies four levels down.
pub const MAX_DEPTH: usize = 16;

/// Root keys that no plaintext may have, since a metadata block stands under them.
pub(crate) const RESERVED_KEYS: [&str; 2] = ["sops", "sops-rs"];

/// A metadata block, or a part of it. What the fields mean is the dialect's to say; formats only write and read them.
///
/// Maps and lists are never empty: a field without content is left out. The names in a map are those that
/// [`is_name`] accepts, each once. The whole block is a map. Blocks that break these rules are written in a
/// spelling that no reader accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A list of maps.
    List(Vec<Block>),
    /// Fields in their order.
    Map(Vec<(String, Block)>),
    /// A list of texts on one line, which may be empty.
    Strings(Vec<String>),
    /// One text. Line breaks in it are escaped.
    Text(String),
}

/// Whether `name` may be the name of a field or of a section: letters, digits, `-` and `_` (ASCII); it begins and ends
/// with a letter or digit and never has `_` twice in a row, since `__` separates names where a block is flattened.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
        && !name.contains("__")
}

/// The line break that `text` uses first, LF when it has none: what an attached block is written with.
pub(crate) fn newline_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A block as version 1 of the native dialect has it.
    pub(crate) fn example() -> Block {
        let text = |text: &str| Block::Text(text.to_owned());
        let map = |fields: &[(&str, Block)]| {
            Block::Map(fields.iter().map(|(name, block)| ((*name).to_owned(), block.clone())).collect())
        };
        map(&[
            ("version", text("1")),
            ("wrapped", text("true")),
            (
                "sections",
                map(&[(
                    "default",
                    map(&[
                        ("encrypt", Block::Strings(vec!["**".to_owned(), "a \"b\"".to_owned()])),
                        ("clear", Block::Strings(vec![])),
                        (
                            "recipients",
                            Block::List(vec![
                                map(&[("name", text("alice")), ("recipient", text("age1xyz"))]),
                                map(&[("name", text("#bob")), ("recipient", text("ssh-ed25519 AAAA+/="))]),
                            ]),
                        ),
                        ("mac", text("AbC+/")),
                    ]),
                )]),
            ),
        ])
    }

    /// Any block that has a spelling.
    pub(crate) fn blocks() -> impl Strategy<Value = Block> {
        map_of(leaves().prop_recursive(4, 40, 4, |inner| {
            prop_oneof![map_of(inner.clone()), proptest::collection::vec(map_of(inner), 1..4).prop_map(Block::List),]
        }))
    }

    fn leaves() -> BoxedStrategy<Block> {
        let strings = proptest::collection::vec(texts(), 0..4).prop_map(Block::Strings);
        prop_oneof![3 => texts().prop_map(Block::Text), 1 => strings].boxed()
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-z0-9][A-Za-z0-9+/=_.@ -]{0,12}",
            "[0-9]{1,11}",
            "(true|false|null||sops-rs|\\[\\]|\\[\"|#| a|a )",
            any::<String>(),
        ]
    }

    fn map_of(inner: impl Strategy<Value = Block> + 'static) -> BoxedStrategy<Block> {
        let name =
            prop_oneof!["[a-z][a-z0-9]{0,3}([_-][a-z0-9]{1,3}){0,2}", "[A-Z0-9]{1,2}", Just("sops-rs".to_owned())];
        proptest::collection::vec((name, inner), 1..5)
            .prop_map(|mut fields| {
                let mut seen = std::collections::HashSet::new();
                fields.retain(|(name, _)| seen.insert(name.clone()));
                Block::Map(fields)
            })
            .boxed()
    }

    #[test]
    fn names_are_plain_words() {
        for good in ["a", "0", "key_id", "my-SECTION", "a_b-c"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "_a", "a_", "-a", "a-", "a__b", "a b", "a.b", "é", "a:"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_first_line_break_decides() {
        assert_eq!(newline_of("a\r\nb\n"), "\r\n");
        assert_eq!(newline_of("a\nb\r\n"), "\n");
        assert_eq!(newline_of("a"), "\n");
        assert_eq!(newline_of("\n"), "\n");
    }
}
