//! The metadata block behind a YAML body: as one more root key, or in a document of its own.

use std::borrow::Cow;

use crate::document::{Block, Detached, Layout, Root, Scan};
use crate::error::{Error, line_breaks};

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn layout(body: &str, scan: &Scan) -> Layout {
    let content = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    Layout {
        newline_added: !content.is_empty() && !content.ends_with('\n'),
        wrapped: false,
        separate: !matches!(scan.root, Root::Map(_)),
    }
}

pub(super) fn attach(body: &str, layout: Layout, key: &str, block: &Block) -> String {
    let newline = newline(body);
    let block = block.to_yaml(key, newline);
    let mut text = String::with_capacity(body.len() + block.len() + 8);
    text.push_str(body);
    if layout.newline_added {
        text.push_str(newline);
    }
    if layout.separate {
        text.push_str("---");
        text.push_str(newline);
    }
    text.push_str(&block);
    text
}

pub(super) fn detach<'t>(text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
    let Some(start) = block_start(text, key) else { return Ok(None) };
    let line = line_breaks(&text[..start]) + 1;
    let block = Block::from_yaml(&text[start..], key, line)?;
    let before = &text[..start];
    let mark = before.strip_suffix("---\n").or_else(|| before.strip_suffix("---\r\n"));
    let separated = mark.filter(|rest| rest.is_empty() || rest.ends_with('\n') || *rest == BYTE_ORDER_MARK);
    let rest = Cow::Borrowed(separated.unwrap_or(before));
    Ok(Some(Detached { rest, separate: separated.is_some(), block, line }))
}

pub(super) fn body(rest: Cow<'_, str>, layout: Layout) -> Result<Cow<'_, str>, Error> {
    if layout.wrapped {
        return Err(Error::Metadata { line: 0, what: "YAML is never wrapped" });
    }
    if !layout.newline_added {
        return Ok(rest);
    }
    let stripped = rest.strip_suffix("\r\n").or_else(|| rest.strip_suffix('\n'));
    let len = stripped.map(str::len).filter(|&len| len > 0);
    let len = len.ok_or(Error::Metadata { line: 0, what: "the line break before the block is missing" })?;
    Ok(match rest {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..len]),
        Cow::Owned(mut text) => {
            text.truncate(len);
            Cow::Owned(text)
        }
    })
}

/// The line ending of the first line, for the lines that are added.
fn newline(body: &str) -> &'static str {
    match body.find('\n') {
        Some(at) if body[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The offset of the last line that is `key` with a colon and nothing else.
fn block_start(text: &str, key: &str) -> Option<usize> {
    let line = format!("{key}:");
    text.rmatch_indices(&line).map(|(at, _)| at).find(|&at| {
        let before = &text[..at];
        let behind = &text[at + line.len()..];
        let starts = before.is_empty() || before.ends_with('\n') || before == BYTE_ORDER_MARK;
        starts && (behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml::scan::scan;

    fn block() -> Block {
        Block::Map(vec![("version".to_owned(), Block::Text("1".to_owned()))])
    }

    fn attached(body: &str) -> (Layout, String) {
        let layout = layout(body, &scan(body).expect("valid YAML"));
        (layout, attach(body, layout, "sops-rs", &block()))
    }

    #[test]
    fn a_block_follows_a_block_map() {
        for (text, expected) in [
            ("a: 1\n", "a: 1\nsops-rs:\n  version: 1\n"),
            ("a: 1", "a: 1\nsops-rs:\n  version: 1\n"),
            ("a: |+\r\n  x\r\n\r\n", "a: |+\r\n  x\r\n\r\nsops-rs:\r\n  version: 1\r\n"),
            ("--- # x\na:\n- 1\n\n# end\n", "--- # x\na:\n- 1\n\n# end\nsops-rs:\n  version: 1\n"),
            ("\u{feff}a: 1\n", "\u{feff}a: 1\nsops-rs:\n  version: 1\n"),
        ] {
            let (layout, whole) = attached(text);
            assert!(!layout.separate, "{text:?}");
            assert_eq!(whole, expected);
        }
    }

    #[test]
    fn a_block_gets_a_document_of_its_own_behind_anything_else() {
        for text in [
            "",
            "\u{feff}",
            "# c\n",
            "- 1\n",
            "{a: 1}",
            "x",
            "---\n",
            "a: 1\n...\n",
            "a: 1\n---\n",
            "  a: 1\n",
            "a: 1\r\n...\r\n# c",
        ] {
            let (layout, whole) = attached(text);
            assert!(layout.separate, "{text:?}");
            let newline = if text.contains('\r') { "\r\n" } else { "\n" };
            assert!(whole.ends_with(&format!("---{newline}sops-rs:{newline}  version: 1{newline}")), "{whole:?}");
        }
    }

    #[test]
    fn detaching_is_the_reverse_of_attaching() {
        for text in [
            "",
            "\u{feff}",
            "# c",
            "- 1",
            "{a: 1}",
            "x\n",
            "---",
            "---\n",
            "a: 1\n...\n",
            "a: 1\n---\n",
            "a: 1\n---",
            "  a: 1\n",
            "a: 1",
            "a: 1\r\n",
            "a: 1\r\nb: |+\r\n  x\r\n\r\n",
            "a: |\n  sops-rs:\n",
            "a: 1\n\n\n",
            "- |\n sops-rs:\n",
            "\n",
            "a: 1\n  ",
        ] {
            let (layout, whole) = attached(text);
            let detached = detach(&whole, "sops-rs").expect("a block").expect("a block");
            assert_eq!((detached.separate, &detached.block), (layout.separate, &block()), "{text:?}");
            assert_eq!(whole.lines().nth(detached.line - 1), Some("sops-rs:"), "{text:?}");
            assert_eq!(body(detached.rest.clone(), layout).expect("the layout"), text);
            assert_eq!(body(Cow::Owned(detached.rest.into_owned()), layout).expect("the layout"), text);
        }
    }

    #[test]
    fn only_a_whole_line_begins_a_block() {
        for text in ["", "a: 1\n", "sops-rs: 1\n", " sops-rs:\n", "xsops-rs:\n", "sops-rs: \n", "a: 1\n#sops-rs:\n"] {
            assert!(detach(text, "sops-rs").expect("no block").is_none(), "{text:?}");
        }
        assert!(matches!(detach("sops-rs:\n  version: 1\na: 1\n", "sops-rs"), Err(Error::Metadata { line: 3, .. })));
    }

    #[test]
    fn a_layout_that_does_not_fit_is_refused() {
        let added = Layout { newline_added: true, ..Layout::default() };
        assert!(matches!(body(Cow::Borrowed("a: 1"), added), Err(Error::Metadata { .. })));
        assert!(matches!(body(Cow::Borrowed("\n"), added), Err(Error::Metadata { .. })));
        assert_eq!(body(Cow::Borrowed("a: 1\r\n"), added), Ok(Cow::Borrowed("a: 1")));
        let wrapped = Layout { wrapped: true, ..Layout::default() };
        assert!(matches!(body(Cow::Borrowed("a: 1\n"), wrapped), Err(Error::Metadata { .. })));
    }
}
