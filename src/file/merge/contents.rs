//! What chunks hold, and how their texts are moved.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use zeroize::Zeroizing;

use super::chunks::{Chunk, Chunks};
use crate::document::reindent;
use crate::leaf::Segment;

/// A chunk in its version.
pub(super) type At<'m, 'd> = (&'m Chunks<'d>, &'m Chunk);

/// The text of a chunk, and what is behind it but for its comma.
pub(super) fn texts<'m>((chunks, chunk): At<'m, '_>) -> (&'m str, Cow<'m, str>) {
    let trail = chunks.text(chunk.trail.clone());
    let trail = match chunk.comma {
        None => Cow::Borrowed(trail),
        Some(comma) => {
            let at = comma - chunk.trail.start;
            Cow::Owned([&trail[..at], &trail[at + 1..]].concat())
        }
    };
    (chunks.text(chunk.body.clone()), trail)
}

/// Whether two versions differ in their layout only.
pub(super) fn is_same(a: At<'_, '_>, b: At<'_, '_>) -> bool {
    let (a_text, b_text) = (texts(a), texts(b));
    let words = |(body, trail): &(&str, Cow<'_, str>)| -> Vec<u64> {
        let words = body.split_whitespace().chain(trail.split_whitespace());
        words.map(|word| hash(|hasher| word.hash(hasher))).collect()
    };
    a_text == b_text || content(a.0, a.1) == content(b.0, b.1) && words(&a_text) == words(&b_text)
}

/// What a chunk holds, whatever its layout.
pub(super) fn content(chunks: &Chunks<'_>, chunk: &Chunk) -> u64 {
    hash(|hasher| {
        for place in places((chunks, chunk)) {
            place.hash(hasher);
        }
        for &number in &chunk.leaves {
            let leaf = chunks.leaf(number);
            (leaf.kind, reindent(leaf.span.of(chunks.document.text()), leaf.indent, 0)).hash(hasher);
        }
    })
}

/// Where the leaves of a chunk are in it.
pub(super) fn places<'m>((chunks, chunk): At<'m, '_>) -> Vec<Vec<Segment<'m>>> {
    let paths = &chunks.document.scan().paths;
    let depth = paths.depth(chunk.path);
    chunk.leaves.iter().map(|&number| paths.segments(chunks.leaf(number).path).split_off(depth)).collect()
}

fn hash(write: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    write(&mut hasher);
    hasher.finish()
}

/// `text` with every line moved by `shift` columns; the first one only when it is whole.
pub(super) fn shifted(text: &str, shift: isize, starts_line: bool) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let is_blank = line.trim().is_empty();
        if shift == 0 || is_blank || number == 0 && !starts_line {
            out.push_str(line);
            continue;
        }
        out.extend(std::iter::repeat_n(' ', shift.max(0).unsigned_abs()));
        let blanks = line.bytes().take(shift.min(0).unsigned_abs()).take_while(|&byte| byte == b' ').count();
        out.push_str(&line[blanks..]);
    }
    out
}
