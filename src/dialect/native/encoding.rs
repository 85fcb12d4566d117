//! How fields become bytes before they are hashed (format spec, "Notation").

use crate::leaf::{PathId, PathTree, Segment};

/// Appends `u64(n)`: little-endian.
pub(super) fn put_u64(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(&n.to_le_bytes());
}

/// Appends `lp(bytes)`: the length as `u64`, then the bytes.
pub(super) fn put_lp(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a list: the count as `u64`, then each item `lp`. Without the count, moving an item from the end of one
/// list to the start of the next would give the same bytes.
pub(super) fn put_list<'i>(out: &mut Vec<u8>, items: impl ExactSizeIterator<Item = &'i [u8]>) {
    put_u64(out, items.len() as u64);
    for item in items {
        put_lp(out, item);
    }
}

/// Appends an optional field: 0x00, or 0x01 and `lp`.
pub(super) fn put_optional(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => out.push(0x00),
        Some(bytes) => {
            out.push(0x01);
            put_lp(out, bytes);
        }
    }
}

/// Which numbers of a path are hashed as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// `shape(p)`: none. A seal stays valid when an item or a document is inserted before it.
    None,
    /// `place(p)`: documents only. List indexes are left to ids and depths, so that both sides of a merge may shift
    /// them.
    Documents,
}

/// Appends a path in bytes. Segments are prefix-free, so no two paths have the same bytes.
pub(super) fn put_path(out: &mut Vec<u8>, paths: &PathTree, path: PathId, numbers: Numbers) {
    if path == PathTree::ROOT {
        return;
    }
    // Recursion depth is the path's, which is limited to 128 and two.
    put_path(out, paths, paths.parent(path), numbers);
    match paths.last(path) {
        None => {}
        Some(Segment::Key { text, quoted }) => {
            out.push(if quoted { 0x04 } else { 0x01 });
            put_lp(out, text.as_bytes());
        }
        Some(Segment::Index(_)) => {
            out.push(0x02);
            put_u64(out, 0);
        }
        Some(Segment::Document(n)) => {
            out.push(0x03);
            put_u64(out, if numbers == Numbers::Documents { n } else { 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_differ_in_a_border_differ_in_bytes() {
        let encode = |lists: [&[&str]; 2]| {
            let mut out = Vec::new();
            for list in lists {
                put_list(&mut out, list.iter().map(|item| item.as_bytes()));
            }
            out
        };
        assert_ne!(encode([&["a", "b"], &[]]), encode([&["a"], &["b"]]));
    }

    #[test]
    fn shapes_and_places() {
        let mut tree = PathTree::default();
        let document = tree.child(PathTree::ROOT, Segment::Document(2));
        let key = tree.child(document, Segment::Key { text: "é", quoted: true });
        let item = tree.child(key, Segment::Index(7));
        let mut place = Vec::new();
        put_path(&mut place, &tree, item, Numbers::Documents);
        let expected: &[&[u8]] =
            &[&[3, 2, 0, 0, 0, 0, 0, 0, 0], &[4, 2, 0, 0, 0, 0, 0, 0, 0], "é".as_bytes(), &[2, 0, 0, 0, 0, 0, 0, 0, 0]];
        assert_eq!(place, expected.concat());
        let mut shape = Vec::new();
        put_path(&mut shape, &tree, item, Numbers::None);
        assert_eq!(shape[1], 0);
        assert_eq!(shape[9..], place[9..]);
    }
}
