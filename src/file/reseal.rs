//! Resealing: a file in which one value changes is written anew without sealing, linking or opening the others again.

use std::ops::Range;

use zeroize::Zeroizing;

use super::before::Before;
use super::change::Changed;
use super::document::Document;
use super::open::{Keys, SealedFile};
use super::release::same_structure;
use super::seal::{self, attached, roles_for_plaintext};
use super::tokens::{held, payload, seal_some, write_leaf};
use super::window::Window;
use crate::dialect::native::{Chain, LINK_LEN, Linked, Payload, Pieces, Role, Roles, chain};
use crate::error::{Error, Position};

/// The encrypted text of `changed`, which takes the place of `sealed`; that was opened with `keys` and holds `old`.
pub(super) fn reseal(
    sealed: &SealedFile<'_>,
    old: &Document,
    changed: &Changed,
    keys: &Keys,
) -> Result<(String, Roles), Error> {
    let new = &changed.document;
    let window = &changed.window;
    let roles = roles_for_plaintext(&sealed.metadata.policy, new)?;
    let matches = window.matches(old, new);
    let sections = sealed.metadata.sections.len();
    let touched = touched(window, &roles, sections);
    let is_same_role = |number| window.same(number).is_some_and(|old| sealed.roles.of(old) == roles.of(number));
    let untouched = || (0..touched.start).chain(touched.end..new.scan().leaves.len());
    if !untouched().all(is_same_role) {
        let before = Before::of_matches(sealed, old, new, &roles, matches, None);
        let encrypted = seal::seal(new, sealed.metadata.clone(), &roles, keys, Some(&before))?;
        return Ok((encrypted.text, roles));
    }
    let old_touched = touched.start..old.scan().leaves.len() - (new.scan().leaves.len() - touched.end);
    let numbers = (old_touched, touched.clone());
    let before = Before::of_matches(sealed, old, new, &roles, matches, Some(&numbers));
    let text = write(sealed, new, window, &roles, keys, &touched, &before)?;
    let again = SealedFile::read_like(text.as_bytes(), sealed.format, Some(sealed));
    let checked =
        again.and_then(|again| Check { again: &again, sealed, old, new, window, touched: &touched }.all(keys));
    let at = Position { line: 1, column: 1 };
    if checked.unwrap_or(false) { Ok((text, roles)) } else { Err(Error::SelfCheck { at }) }
}

/// The leaves of the new text whose tokens may have to change: those of the window; in each section the sealed one before
/// it, whose link names what follows; and the next one, which gets a new id where `start` covers what changed. And
/// comments right before the window, which belong to the section of what follows them.
fn touched(window: &Window, roles: &Roles, sections: usize) -> Range<usize> {
    let Range { mut start, mut end } = window.new.clone();
    let leaves = roles.len();
    let is_comment = |number: usize| matches!(roles.role(number), Role::ClearComment | Role::SealedComment);
    while start > 0 && is_comment(start - 1) {
        start -= 1;
    }
    for section in 0..sections {
        let is_sealed = |number: &usize| roles.of(*number) == (Role::Sealed, section);
        start = start.min((0..window.new.start).rev().find(is_sealed).unwrap_or(0));
        end = end.max((window.new.end..leaves).find(is_sealed).map_or(leaves, |next| next + 1));
    }
    start..end
}

/// Puts new tokens for `touched` between what stands before and behind it in the old text.
fn write(
    sealed: &SealedFile<'_>,
    new: &Document,
    window: &Window,
    roles: &Roles,
    keys: &Keys,
    touched: &Range<usize>,
    before: &Before<'_>,
) -> Result<String, Error> {
    let mut metadata = sealed.metadata.clone();
    let (fresh, _) = seal_some(touched.clone(), new, &metadata, roles, keys, Some(before))?;
    let seals = seals_around(sealed, window, roles, touched, &fresh);
    let linked = Linked { format: new.format(), text: new.text(), scan: new.scan(), roles, seals: &seals };
    let mut links: Vec<Option<[u8; LINK_LEN]>> = vec![None; touched.len()];
    for index in 0..metadata.sections.len() {
        let section = &metadata.sections[index];
        let Chain { start, links: new_links } =
            chain(linked, touched.clone(), index, &section.name, held(keys, index, &metadata)?)?;
        if touched.start == 0 {
            metadata.sections[index].start = start;
        }
        new_links.into_iter().for_each(|(number, link)| links[number - touched.start] = Some(link));
    }
    let (leaves, old_leaves) = (&new.scan().leaves, &sealed.scan.leaves);
    // What stands before the first touched leaf and behind the last one is the old text's, tokens and all.
    let end_of = |number: usize| {
        number.checked_sub(1).map_or((0, 0), |last| (leaves[last].span.range().end, old_leaves[last].span.range().end))
    };
    let (from, head) = end_of(touched.start);
    let old_end = old_leaves.len() - (leaves.len() - touched.end);
    let behind = leaves.get(touched.end).zip(old_leaves.get(old_end));
    let behind = behind.map(|(leaf, old)| (leaf.span.range().start, old.span.range().start));
    let (to, tail) = behind.unwrap_or((new.text().len(), sealed.body.len()));
    let mut body = String::with_capacity(sealed.body.len() + (to - from) + 256 * touched.len());
    body.push_str(&sealed.body[..head]);
    let mut copied = from;
    for number in touched.clone() {
        let leaf = &leaves[number];
        body.push_str(&new.text()[copied..leaf.span.range().start]);
        write_leaf(new, roles, number, seals.of(number), links[number - touched.start].as_ref(), &mut body);
        copied = leaf.span.range().end;
    }
    body.push_str(&new.text()[copied..to]);
    body.push_str(&sealed.body[tail..]);
    attached(new, metadata, &body, keys)
}

/// The seals that links in `touched` depend on: new ones there, and behind it old ones up to the next of each section.
/// All other leaves have none here; they keep their tokens.
fn seals_around(
    sealed: &SealedFile<'_>,
    window: &Window,
    roles: &Roles,
    touched: &Range<usize>,
    fresh: &Pieces,
) -> Pieces {
    let mut seals = Pieces::with_capacity(roles.len(), fresh.bytes_len());
    let mut missing: Vec<usize> = (0..sealed.metadata.sections.len()).collect();
    for number in 0..roles.len() {
        if touched.contains(&number) {
            seals.bytes.extend_from_slice(fresh.of(number - touched.start));
        } else if number >= touched.end && !missing.is_empty() {
            let (role, section) = roles.of(number);
            if let (Role::Sealed, Some(old)) = (role, window.same(number)) {
                seals.bytes.extend_from_slice(sealed.seals.of(old));
                missing.retain(|&other| other != section);
            }
        }
        seals.end_leaf();
    }
    seals
}

/// Invariant I9 for a resealed file: that it opens to the new text.
///
/// What was opened a moment ago is not opened again. A seal opens to the same payload under the same key and the same
/// associated data, and that is section and shape of its path; a link is right if what it covers is what it covered
/// before: seal and place of its leaf, the clear leaves behind it, and the next sealed leaf. So for each leaf outside of
/// `touched`, it is enough that the written text, read from its bytes, has in its place a token with the same seal and
/// the same link, below the same path, with the same role. The leaves in `touched` are opened and their links made again:
/// among them is, in each section, the sealed leaf before the window, the last one that the window can concern.
struct Check<'c> {
    again: &'c SealedFile<'c>,
    sealed: &'c SealedFile<'c>,
    old: &'c Document,
    new: &'c Document,
    window: &'c Window,
    touched: &'c Range<usize>,
}

impl Check<'_> {
    fn all(&self, keys: &Keys) -> Result<bool, Error> {
        let spans: Vec<_> = self.new.scan().leaves.iter().map(|leaf| leaf.span).collect();
        let is_kept =
            |number: usize| matches!(self.again.roles.role(number), Role::Clear | Role::ClearComment | Role::Free);
        if same_structure(&self.again.scan, self.new.scan(), &spans, is_kept).is_err() || !self.is_equal_around() {
            return Ok(false);
        }
        self.again.check_macs(keys)?;
        self.again.check_some_links(keys, self.touched)?;
        let leaves = self.new.scan().leaves.len();
        let is_same = |number| self.window.same(number).is_some_and(|old| self.is_same(number, old));
        let starts = self.touched.start == 0
            || self.again.metadata.sections.iter().zip(&self.sealed.metadata.sections).all(|(a, b)| a.start == b.start);
        Ok(starts && (0..self.touched.start).chain(self.touched.end..leaves).all(is_same) && self.is_opened(keys)?)
    }

    /// Between the leaves both texts are the same.
    fn is_equal_around(&self) -> bool {
        let (mut from, mut to) = (0, 0);
        let (text, body) = (self.new.text().as_bytes(), self.again.body.as_bytes());
        let leaves = self.new.scan().leaves.iter().zip(&self.again.scan.leaves);
        let between = leaves.map(|(leaf, sealed)| (leaf.span.range(), sealed.span.range()));
        let end = (text.len()..text.len(), body.len()..body.len());
        between.chain([end]).all(|(leaf, sealed)| {
            let same = text[from..leaf.start] == body[to..sealed.start];
            (from, to) = (leaf.end, sealed.end);
            same
        })
    }

    /// The leaf number `number` has the token that the old leaf number `old` had, and stands for the same text.
    fn is_same(&self, number: usize, old: usize) -> bool {
        let (leaf, old_leaf) = (&self.again.scan.leaves[number], &self.sealed.scan.leaves[old]);
        let (source, old_source) =
            (self.new.source(&self.new.scan().leaves[number]), self.old.source(&self.old.scan().leaves[old]));
        self.again.seals.of(number) == self.sealed.seals.of(old)
            && self.again.links[number] == self.sealed.links[old]
            && self.again.roles.of(number) == self.sealed.roles.of(old)
            && (leaf.kind, leaf.carrier, leaf.indent) == (old_leaf.kind, old_leaf.carrier, old_leaf.indent)
            && source == old_source
    }

    /// Every touched leaf opens to its text, which fits its place.
    fn is_opened(&self, keys: &Keys) -> Result<bool, Error> {
        let opened = self.again.open_seals(keys, self.touched.clone())?;
        let payloads: Zeroizing<Pieces> = opened.payloads;
        Ok(self.touched.clone().zip(payloads.iter()).all(|(number, piece)| {
            let leaf = &self.again.scan.leaves[number];
            let new_leaf = &self.new.scan().leaves[number];
            match payload(self.new, &self.again.roles, number) {
                None => piece.is_empty() && leaf.span.of(&self.again.body) == self.new.source(new_leaf),
                Some(wanted) => {
                    Payload::read(piece).is_some_and(|found| found == wanted)
                        && (wanted.indent == 0 || wanted.indent == leaf.indent)
                        && self.again.format.is_one_leaf(wanted.text, leaf)
                }
            }
        }))
    }
}
