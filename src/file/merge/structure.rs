//! The merge of three plaintexts by what they hold: entries by their keys, items by their contents. Every byte of the result
//! comes from one of them.

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::chunks::{Chunk, Chunks};
use super::contents::{At, content, is_same, places, shifted, texts};
use super::lines::{Change, Touching, merge_lines, merge_slices};
use super::{Conflict, ConflictKind, Labels};
use crate::document::reindent;
use crate::leaf::Leaf;

/// Whose version stands where both cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Theirs,
}

/// Three versions of a plaintext; the base may be missing.
pub(super) struct Versions<'v, 'd> {
    pub(super) base: Option<&'v Chunks<'d>>,
    pub(super) ours: &'v Chunks<'d>,
    pub(super) theirs: &'v Chunks<'d>,
}

impl Versions<'_, '_> {
    /// The merged text, in which `prefer` has its way wherever there is a conflict, and the conflicts.
    pub(super) fn merge(&self, prefer: Side) -> (Zeroizing<String>, Vec<Conflict>) {
        let ours = self.ours.document.text();
        let merger = &mut Merger {
            base: self.base.unwrap_or(self.ours),
            ours: self.ours,
            theirs: self.theirs,
            prefer,
            line_break: if ours.contains("\r\n") { "\r\n" } else { "\n" },
            conflicts: Vec::new(),
        };
        let piece = merger.chunk(self.base.map(|base| &base.root), &self.ours.root, &self.theirs.root);
        let mut text = Zeroizing::new(String::with_capacity(2 * ours.len()));
        if let Some(Piece { body, trail }) = piece {
            text.push_str(&body);
            text.push_str(&trail);
        }
        (text, std::mem::take(&mut merger.conflicts))
    }
}

/// A merged chunk, without the comma behind it.
struct Piece {
    body: Zeroizing<String>,
    trail: Zeroizing<String>,
}

struct Merger<'m, 'd> {
    base: &'m Chunks<'d>,
    ours: &'m Chunks<'d>,
    theirs: &'m Chunks<'d>,
    prefer: Side,
    line_break: &'static str,
    conflicts: Vec<Conflict>,
}

impl<'m> Merger<'m, '_> {
    fn chunk(&mut self, base: Option<&'m Chunk>, ours: &'m Chunk, theirs: &'m Chunk) -> Option<Piece> {
        let (our_text, their_text) = (texts((self.ours, ours)), texts((self.theirs, theirs)));
        let base_text = base.map(|base| texts((self.base, base)));
        if our_text == their_text || base_text.as_ref() == Some(&their_text) {
            return Some(self.whole((self.ours, ours), 0));
        }
        if base_text.as_ref() == Some(&our_text) {
            return Some(self.whole((self.theirs, theirs), 0));
        }
        let is_alike = |a: At<'_, '_>, b: At<'_, '_>| {
            !a.1.children.is_empty() && !b.1.children.is_empty() && a.0.is_map(a.1) == b.0.is_map(b.1)
        };
        let body = if is_alike((self.ours, ours), (self.theirs, theirs)) {
            let base = base.filter(|base| is_alike((self.ours, ours), (self.base, base)));
            Some(self.collection(base, ours, theirs))
        } else {
            self.leaves(base, ours, theirs)
        };
        let Some(body) = body else {
            let kind = if base.is_some() { ConflictKind::Changed } else { ConflictKind::Added };
            self.conflict((self.ours, ours), kind);
            return self.preferred(Some(ours), Some(theirs));
        };
        let base_trail = base_text.as_ref().map(|(_, trail)| &**trail);
        let trail = self.text(base_trail, &our_text.1, &their_text.1, (self.ours, ours));
        Some(Piece { body, trail })
    }

    /// A map or a list.
    fn collection(&mut self, base: Option<&'m Chunk>, ours: &'m Chunk, theirs: &'m Chunk) -> Zeroizing<String> {
        let head = |(chunks, chunk): At<'m, '_>| chunks.text(chunk.body.start..chunk.inside);
        let tail = |(chunks, chunk): At<'m, '_>| {
            let start = chunk.children.last().map_or(chunk.inside, |child| child.trail.end);
            chunks.text(start.min(chunk.body.end)..chunk.body.end)
        };
        let (our, their) = ((self.ours, ours), (self.theirs, theirs));
        let in_base = base.map(|base| (self.base, base));
        let mut body = self.text(in_base.map(head), head(our), head(their), our);
        let pieces =
            if self.ours.is_map(ours) { self.entries(base, ours, theirs) } else { self.items(base, ours, theirs) };
        let commas = [ours, theirs].iter().any(|chunk| chunk.children.iter().any(|child| child.comma.is_some()))
            || self.ours.document.format().name() == "json";
        let is_on_dash = self.ours.is_map(ours) && !commas && !body.is_empty() && !body.ends_with('\n');
        let on_dash = is_on_dash.then(|| self.column(base, ours, theirs));
        let last = pieces.len().saturating_sub(1);
        for (number, piece) in pieces.into_iter().enumerate() {
            let is_line_open = !body.is_empty() && !body.ends_with('\n');
            if number > 0 && !commas && is_line_open {
                body.push_str(self.line_break);
            }
            // On the line of a dash stands whichever entry is the first one.
            match (on_dash, number) {
                (None, _) => body.push_str(&piece.body),
                (Some(_), 0) => body.push_str(piece.body.trim_start_matches(' ')),
                (Some(column), _) => {
                    let is_first_elsewhere = !piece.body.starts_with([' ', '\n', '\r']);
                    body.extend(std::iter::repeat_n(' ', if is_first_elsewhere { column } else { 0 }));
                    body.push_str(&piece.body);
                }
            }
            if commas && number < last {
                body.push(',');
            }
            body.push_str(&piece.trail);
        }
        let tail = self.text(in_base.map(tail), tail(our), tail(their), our);
        body.push_str(&tail);
        body
    }

    /// The entries of a map.
    fn entries(&mut self, base: Option<&'m Chunk>, ours: &'m Chunk, theirs: &'m Chunk) -> Vec<Piece> {
        let base_children = base.map_or(&[][..], |base| &base.children);
        let names = |chunks: &'m Chunks<'_>, children: &'m [Chunk]| -> Vec<Name<'m>> {
            children.iter().filter_map(|child| chunks.name(child)).collect()
        };
        let base_names: Vec<Name<'m>> = base.map_or(Vec::new(), |base| names(self.base, &base.children));
        let (our_names, their_names) = (names(self.ours, &ours.children), names(self.theirs, &theirs.children));
        let at = |names: &[Name<'m>]| -> HashMap<Name<'m>, usize> {
            names.iter().enumerate().map(|(number, &name)| (name, number)).collect()
        };
        let (in_base, in_ours, in_theirs) = (at(&base_names), at(&our_names), at(&their_names));
        let shifts = self.shifts(base, ours, theirs);
        let mut order = self.order(base, [&base_names, &our_names, &their_names], (self.ours, ours));
        // On each side tables stand behind all other entries, and so they do here.
        let is_table = |chunks: &HashMap<Name<'m>, usize>, children: &[Chunk], name: &Name<'m>| {
            chunks.get(name).is_some_and(|&number| children[number].is_table)
        };
        order.sort_by_key(|name| {
            is_table(&in_ours, &ours.children, name) || is_table(&in_theirs, &theirs.children, name)
        });
        let mut pieces = Vec::new();
        for name in order {
            let base = in_base.get(&name).map(|&number| &base_children[number]);
            let our = in_ours.get(&name).map(|&number| &ours.children[number]);
            let their = in_theirs.get(&name).map(|&number| &theirs.children[number]);
            let piece = match (our, their) {
                (Some(our), Some(their)) => self.chunk(base, our, their),
                (Some(our), None) => self.alone(base, (self.ours, our), shifts[0]),
                (None, Some(their)) => self.alone(base, (self.theirs, their), shifts[1]),
                (None, None) => None,
            };
            pieces.extend(piece);
        }
        pieces
    }

    /// An entry that only one side has: it was added there, or taken out on the other one.
    fn alone(&mut self, base: Option<&'m Chunk>, (chunks, chunk): At<'m, '_>, shift: isize) -> Option<Piece> {
        let Some(base) = base else { return Some(self.whole((chunks, chunk), shift)) };
        if is_same((self.base, base), (chunks, chunk)) {
            return None;
        }
        self.conflict((chunks, chunk), ConflictKind::Removed);
        let is_ours = std::ptr::eq(chunks, self.ours);
        let (ours, theirs) = if is_ours { (Some(chunk), None) } else { (None, Some(chunk)) };
        self.preferred(ours, theirs)
    }

    /// The names of all entries in the order of the result: that of the side that moved them, with what the other one added
    /// behind what it stands behind there.
    fn order(&mut self, base: Option<&Chunk>, names: [&[Name<'m>]; 3], at: At<'m, '_>) -> Vec<Name<'m>> {
        let [in_base, in_ours, in_theirs] = names.map(|names| names.iter().copied().collect::<HashSet<_>>());
        let is_common = |name: &&Name<'m>| {
            in_ours.contains(*name) && in_theirs.contains(*name) && (base.is_none() || in_base.contains(*name))
        };
        let [base_order, our_order, their_order] =
            names.map(|names| names.iter().filter(is_common).copied().collect::<Vec<_>>());
        let is_ours = if base.is_none() || their_order == base_order || our_order == their_order {
            true
        } else if our_order == base_order {
            false
        } else {
            self.conflict(at, ConflictKind::Order);
            self.prefer == Side::Ours
        };
        let [_, our_names, their_names] = names;
        let (own, others) = if is_ours { (our_names, their_names) } else { (their_names, our_names) };
        let (in_own, in_others) = if is_ours { (&in_ours, &in_theirs) } else { (&in_theirs, &in_ours) };
        // What the other side added, by what it stands behind.
        let mut added: HashMap<Option<Name<'m>>, Vec<Name<'m>>> = HashMap::new();
        let mut behind = None;
        for name in others {
            if in_own.contains(name) {
                behind = Some(*name);
            } else {
                added.entry(behind).or_default().push(*name);
            }
        }
        let mut order = Vec::with_capacity(own.len() + others.len());
        let mut waiting = added.remove(&None).unwrap_or_default();
        for name in own {
            // Ours first, where both added something.
            if !is_ours || in_others.contains(name) {
                order.append(&mut waiting);
            }
            order.push(*name);
            waiting.extend(added.remove(&Some(*name)).unwrap_or_default());
        }
        order.append(&mut waiting);
        order
    }

    /// The items of a list, or the documents of a file.
    fn items(&mut self, base: Option<&'m Chunk>, ours: &'m Chunk, theirs: &'m Chunk) -> Vec<Piece> {
        let contents = |chunks: &Chunks<'_>, chunk: &Chunk| -> Vec<u64> {
            chunk.children.iter().map(|child| content(chunks, child)).collect()
        };
        let in_base = base.map_or(Vec::new(), |base| contents(self.base, base));
        let (in_ours, in_theirs) = (contents(self.ours, ours), contents(self.theirs, theirs));
        let shifts = self.shifts(base, ours, theirs);
        let mut pieces = Vec::new();
        for region in merge_slices(&in_base, &in_ours, &in_theirs, Touching::ConflictsIfBothAdd) {
            let (our, their) = (&ours.children[region.ours.clone()], &theirs.children[region.theirs.clone()]);
            let in_base = base.map_or(&[][..], |base| &base.children[region.base.clone()]);
            // As many as there were: each is what became of the one in its place, or has at most another layout.
            if in_base.len() == our.len() && our.len() == their.len() {
                for ((base, our), their) in in_base.iter().zip(our).zip(their) {
                    pieces.extend(self.chunk(Some(base), our, their));
                }
                continue;
            }
            // An item that one side moved or took out, with a comment that the other one changed: that would be lost.
            let differs = |chunks, items: &[Chunk]| {
                let mut pairs = in_base.iter().zip(items);
                pairs.any(|(base, item)| !is_same((self.base, base), (chunks, item)))
            };
            let is_lossy = match region.change {
                Change::Ours => differs(self.theirs, their),
                Change::Theirs => differs(self.ours, our),
                Change::None | Change::Both | Change::Conflict => false,
            };
            match if is_lossy { Change::Conflict } else { region.change } {
                Change::None | Change::Ours | Change::Both => {
                    pieces.extend(our.iter().map(|item| self.whole((self.ours, item), shifts[0])));
                }
                Change::Theirs => {
                    pieces.extend(their.iter().map(|item| self.whole((self.theirs, item), shifts[1])));
                }
                Change::Conflict => {
                    self.conflict((self.ours, ours), ConflictKind::List);
                    let (chunks, items) = match self.prefer {
                        Side::Ours => (self.ours, our),
                        Side::Theirs => (self.theirs, their),
                    };
                    pieces.extend(items.iter().map(|item| self.whole((chunks, item), 0)));
                }
            }
        }
        pieces
    }

    /// By how many columns what ours and theirs add moves, because the other one has indented its surroundings.
    fn shifts(&self, base: Option<&Chunk>, ours: &Chunk, theirs: &Chunk) -> [isize; 2] {
        let column = self.column(base, ours, theirs) as isize;
        [ours, theirs].map(|side| column - first_column(side) as isize)
    }

    /// The column in which the entries of the result stand.
    fn column(&self, base: Option<&Chunk>, ours: &Chunk, theirs: &Chunk) -> usize {
        let (ours, theirs) = (first_column(ours), first_column(theirs));
        if base.is_some_and(|base| first_column(base) == ours) { theirs } else { ours }
    }

    /// A value, or several that have the same places in all versions: each by itself, and what is between them.
    fn leaves(&mut self, base: Option<&'m Chunk>, ours: &'m Chunk, theirs: &'m Chunk) -> Option<Zeroizing<String>> {
        let base = base.filter(|base| base.leaves.len() == ours.leaves.len());
        let chunks = [base.map(|base| (self.base, base)), Some((self.ours, ours)), Some((self.theirs, theirs))];
        let known: Vec<At<'m, '_>> = chunks.iter().flatten().copied().collect();
        if ours.leaves.is_empty() || known.windows(2).any(|pair| places(pair[0]) != places(pair[1])) {
            return None;
        }
        let mut body = Zeroizing::new(String::new());
        let mut at = chunks.map(|at| at.map_or(0, |(_, chunk)| chunk.body.start));
        for number in 0..ours.leaves.len() {
            let leaves = chunks.map(|at| at.map(|(chunks, chunk)| (chunks, chunks.leaf(chunk.leaves[number]))));
            let gap =
                |side: usize| Some(chunks[side]?.0.text(at[side]..(leaves[side]?.1.span.start as usize).max(at[side])));
            let gap = self.text(gap(0), gap(1)?, gap(2)?, (self.ours, ours));
            body.push_str(&gap);
            let source = self.leaf(leaves[0], leaves[1]?, leaves[2]?, base.is_some(), (self.ours, ours));
            body.push_str(&source);
            at = leaves.map(|leaf| leaf.map_or(0, |(_, leaf)| leaf.span.end as usize));
        }
        let gap =
            |side: usize| Some(chunks[side]?.0.text(at[side].min(chunks[side]?.1.body.end)..chunks[side]?.1.body.end));
        let gap = self.text(gap(0), gap(1)?, gap(2)?, (self.ours, ours));
        body.push_str(&gap);
        Some(body)
    }

    fn leaf(
        &mut self,
        base: Option<(&Chunks<'_>, &Leaf)>,
        ours: (&Chunks<'_>, &Leaf),
        theirs: (&Chunks<'_>, &Leaf),
        has_base: bool,
        at: At<'m, '_>,
    ) -> Zeroizing<String> {
        let indent = match base {
            Some((_, base)) if ours.1.indent == base.indent => theirs.1.indent,
            _ => ours.1.indent,
        };
        let moved = |(chunks, leaf): (&Chunks<'_>, &Leaf)| {
            let text = reindent(leaf.span.of(chunks.document.text()), leaf.indent, indent);
            (leaf.kind, Zeroizing::new(text.into_owned()))
        };
        let (base, ours, theirs) = (base.map(moved), moved(ours), moved(theirs));
        if ours == theirs || base.as_ref() == Some(&theirs) {
            return ours.1;
        }
        if base.as_ref() == Some(&ours) {
            return theirs.1;
        }
        self.conflict(at, if has_base { ConflictKind::Changed } else { ConflictKind::Added });
        if self.prefer == Side::Ours { ours.1 } else { theirs.1 }
    }

    /// A text between values: white space, comments, keys.
    fn text(&mut self, base: Option<&str>, ours: &str, theirs: &str, at: At<'m, '_>) -> Zeroizing<String> {
        let text = |text: &str| Zeroizing::new(text.to_owned());
        if ours == theirs || base == Some(theirs) {
            return text(ours);
        }
        if base == Some(ours) {
            return text(theirs);
        }
        let is_blank = |text: &str| text.trim().is_empty();
        if let Some(base) = base {
            let merged = merge_lines(base, ours, theirs, &Labels::default());
            if merged.conflicts == 0 {
                return merged.text;
            }
        }
        if is_blank(ours) && is_blank(theirs) || base.is_none() && ours.split_whitespace().eq(theirs.split_whitespace())
        {
            return text(ours);
        }
        self.conflict(at, ConflictKind::Comment);
        text(if self.prefer == Side::Ours { ours } else { theirs })
    }

    /// The version that is preferred; none when it has nothing there.
    fn preferred(&self, ours: Option<&Chunk>, theirs: Option<&Chunk>) -> Option<Piece> {
        let (chunks, chunk) = match self.prefer {
            Side::Ours => (self.ours, ours),
            Side::Theirs => (self.theirs, theirs),
        };
        Some(self.whole((chunks, chunk?), 0))
    }

    fn whole(&self, at: At<'_, '_>, shift: isize) -> Piece {
        let (body, trail) = texts(at);
        let starts_line = at.1.body.start == 0 || at.0.text(0..at.1.body.start).ends_with('\n');
        Piece { body: shifted(body, shift, starts_line), trail: Zeroizing::new(trail.into_owned()) }
    }

    fn conflict(&mut self, (chunks, chunk): At<'_, '_>, kind: ConflictKind) {
        let path = chunks.document.path(chunk.path);
        self.conflicts.push(Conflict { path: Some(path), kind });
    }
}

/// A key, and whether it stands in quotes.
type Name<'m> = (&'m str, bool);

fn first_column(chunk: &Chunk) -> usize {
    chunk.children.first().map_or(0, |child| child.column)
}
