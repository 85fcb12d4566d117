//! dotenv as SOPS reads it: line by line, the first `=` ends the key, and nothing is trimmed or unquoted.

use crate::document::{KeyedScan, Root, Scan};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathTree, Segment, Span};

/// The leaves and keys of `text`. Only LF ends a line: a carriage return belongs to the value. Keys may stand twice.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    let mut paths = PathTree::default();
    let mut leaves = Vec::new();
    let mut keys = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        let leaf = |span, path, kind, carrier| Leaf { span: Span::new(span), path, kind, carrier, indent: 0 };
        if line.starts_with('#') {
            leaves.push(leaf(start..end, PathTree::ROOT, LeafKind::Comment, Carrier::Comment(b'#')));
        } else if let Some((key, value)) = line.split_once('=') {
            let path = paths.child(PathTree::ROOT, Segment::Key { text: key, quoted: false });
            keys.push((path, Span::new(start..start).start));
            let kind = if value.is_empty() { LeafKind::EmptyValue } else { LeafKind::Plain };
            leaves.push(leaf(start + key.len() + 1..end, path, kind, Carrier::Bare));
        } else if !line.is_empty() {
            return Err(Error::syntax(text, start, "expected KEY=value on one line, as SOPS does"));
        }
        start = end + 1;
    }
    let root = Root::Map(Span::new(0..text.len()));
    Ok(KeyedScan { scan: Scan { leaves, paths, documents: 1, root }, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_as_they_are() {
        let text = "# c\n\nexport A=\"x\" # y\nB=\n K = v \nA=2";
        let KeyedScan { scan, keys } = keyed_scan(text).expect("a dotenv text");
        let sources: Vec<_> = scan.leaves.iter().map(|leaf| leaf.span.of(text)).collect();
        assert_eq!(sources, ["# c", "\"x\" # y", "", " v ", "2"]);
        let names: Vec<_> = keys.iter().map(|&(path, _)| scan.paths.display(path).to_string()).collect();
        assert_eq!(names, ["\"export A\"", "B", "\" K \"", "A"]);
        assert!(keyed_scan("A=1\r\n\r\n").is_err() && keyed_scan("x").is_err());
    }
}
