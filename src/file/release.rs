//! Steps 5 to 9 of verifying: what a key holder checks, and what is released after it.

use std::ops::Range;

use zeroize::Zeroizing;

use super::document::Document;
use super::open::{Keys, SealedFile, Warning, section_error};
use super::parallel::{self, Parts};
use super::positions::Positions;
use crate::dialect::native::{Chain, Linked, Payload, PayloadKind, Pieces, Role, Sealer, SectionKeys, chain, equal};
use crate::document::{MAX_ENCRYPTED_LEN, MAX_LEAF_LEN, MAX_PLAINTEXT_LEN, Root, Scan, Spliced, Splicer, reindent};
use crate::error::{Error, Position, Step};
use crate::leaf::{Leaf, Span};

/// What comes out of a sealed file.
pub(super) struct OpenedFile {
    pub(super) document: Document,
    pub(super) warnings: Vec<Warning>,
}

/// The payloads of some leaves in a row (step 7); a leaf that is not sealed, or does not open, has none.
pub(super) struct Opened {
    pub(super) payloads: Zeroizing<Pieces>,
    /// How long the texts in them are together, so that the buffer for the plaintext is made as large as it must be.
    text_len: usize,
    warnings: Vec<Warning>,
}

/// A text with every payload in its place, which was not scanned yet.
struct Candidate {
    spliced: Spliced,
    /// Whether each leaf was opened.
    opened: Vec<bool>,
}

impl SealedFile<'_> {
    /// Steps 5 to 9.
    pub(super) fn open(&self, keys: &Keys) -> Result<OpenedFile, Error> {
        let (document, comments) = self.verify(keys, |candidate| self.released(candidate, keys))?;
        let mut warnings = self.warnings(keys);
        warnings.extend(comments);
        Ok(OpenedFile { document, warnings })
    }

    /// Steps 7 to 9: what the values are, whoever put them together.
    pub(super) fn open_loosely(&self, keys: &Keys) -> Result<OpenedFile, Error> {
        let opened = [self.open_seals(keys, 0..self.scan.leaves.len())?];
        let document = self.released(self.splice(&opened)?, keys)?;
        let [opened] = opened;
        Ok(OpenedFile { document, warnings: self.warnings(keys).into_iter().chain(opened.warnings).collect() })
    }

    /// Step 9.
    fn released(&self, candidate: Candidate, keys: &Keys) -> Result<Document, Error> {
        let text = candidate.spliced.text;
        // Tokens of sections that are not held stay in it, and may make it longer.
        if text.len() > MAX_PLAINTEXT_LEN && keys.iter().all(Option::is_some) {
            let what = "the decrypted file's length in bytes";
            return Err(Error::Limit { what, limit: MAX_PLAINTEXT_LEN as u64, at: None });
        }
        // A place in a text that is not released would help nobody.
        let misfit = |_| Error::Authentication { step: Step::Splice, path: None, at: None };
        let scan = self.format.scan(&text).map_err(misfit)?;
        self.check_structure(&scan, &candidate.spliced.spans, &candidate.opened)?;
        Document::from_parts(self.format, text, scan)
    }

    /// Steps 5 to 8, for a text that should open to `document`. Gives the offset of the first byte that differs.
    ///
    /// The scan of equal texts is equal, so that of `document` serves for step 8.
    pub(super) fn compare(&self, keys: &Keys, document: &Document) -> Result<Option<usize>, Error> {
        let (difference, _) = self.verify(keys, |candidate| {
            let (new, old) = (candidate.spliced.text.as_bytes(), document.text().as_bytes());
            if new != old {
                return Ok(Some(new.iter().zip(old).take_while(|(a, b)| a == b).count()));
            }
            self.check_structure(document.scan(), &candidate.spliced.spans, &candidate.opened)?;
            Ok(None)
        })?;
        Ok(difference)
    }

    /// Steps 5 to 8, but for the scan of the spliced text, which `finish` does. What it gives leaves this function only
    /// when everything holds.
    ///
    /// Links and values are checked at the same time; when both are wrong, the earlier step is named.
    fn verify<T>(
        &self,
        keys: &Keys,
        finish: impl FnOnce(Candidate) -> Result<T, Error>,
    ) -> Result<(T, Vec<Warning>), Error> {
        self.check_macs(keys)?;
        let leaves = self.scan.leaves.len();
        let opened = parallel::halves(leaves, |numbers| self.open_seals(keys, numbers));
        let released = || -> Result<_, Error> {
            let [first, second] = opened;
            let opened = [first?, second?];
            let finished = finish(self.splice(&opened)?)?;
            Ok((finished, opened.into_iter().flat_map(|opened| opened.warnings).collect()))
        };
        let parts = Parts::new(leaves);
        let (links, (released, more_links)) =
            parallel::join(leaves, || self.check_links(keys, &parts), || (released(), self.check_links(keys, &parts)));
        match links.into_iter().chain(more_links).min_by_key(|(part, _)| *part) {
            Some((_, error)) => Err(error),
            None => released,
        }
    }

    /// The sections that can be opened, with their numbers and keys.
    fn held<'k>(&self, keys: &'k Keys) -> impl Iterator<Item = (usize, &'k SectionKeys)> {
        keys.iter().enumerate().filter_map(|(index, keys)| Some((index, keys.as_ref()?)))
    }

    /// Step 5.
    pub(super) fn check_macs(&self, keys: &Keys) -> Result<(), Error> {
        for (index, keys) in self.held(keys) {
            let section = &self.metadata.sections[index];
            if !equal(&self.metadata.mac(index, keys), &section.mac) {
                return Err(section_error(Step::MetadataMac, section));
            }
        }
        Ok(())
    }

    /// Step 6, as many parts of it as are left; of those that fail the first one.
    fn check_links(&self, keys: &Keys, parts: &Parts) -> Option<(usize, Error)> {
        let results = parts.take().map(|(part, numbers)| (part, self.check_some_links(keys, &numbers)));
        results.filter_map(|(part, result)| Some((part, result.err()?))).min_by_key(|(part, _)| *part)
    }

    pub(super) fn check_some_links(&self, keys: &Keys, numbers: &Range<usize>) -> Result<(), Error> {
        for (index, keys) in self.held(keys) {
            let section = &self.metadata.sections[index];
            let linked = Linked {
                format: self.format,
                text: &self.body,
                scan: &self.scan,
                roles: &self.roles,
                seals: &self.seals,
            };
            let Chain { start, links } = chain(linked, numbers.clone(), index, &section.name, keys)?;
            if numbers.start == 0 && !equal(&start, &section.start) {
                return Err(section_error(Step::Start, section));
            }
            for (number, link) in links {
                if !self.links[number].is_some_and(|stored| equal(&stored, &link)) {
                    return Err(self.leaf_error(Step::Link, number));
                }
            }
        }
        Ok(())
    }

    fn warnings(&self, keys: &Keys) -> Vec<Warning> {
        let proposals =
            self.metadata.proposals.iter().map(|proposal| Warning::Proposal { path: proposal.path.clone() });
        let locked = self.metadata.sections.iter().zip(keys).filter(|(_, keys)| keys.is_none());
        let locked = locked.map(|(section, _)| Warning::SectionLocked { name: section.name.clone() });
        proposals.chain(locked).collect()
    }

    /// Step 7: opens the seals of some leaves.
    pub(super) fn open_seals(&self, keys: &Keys, numbers: Range<usize>) -> Result<Opened, Error> {
        let sealers = self.metadata.sections.iter().zip(keys);
        let mut sealers: Vec<_> =
            sealers.map(|(section, keys)| keys.as_ref().map(|keys| Sealer::new(keys, &section.name))).collect();
        let len = numbers.clone().map(|number| self.seals.of(number).len()).sum();
        let payloads = Zeroizing::new(Pieces::with_capacity(numbers.len(), len));
        let mut opened = Opened { payloads, text_len: 0, warnings: Vec::new() };
        let mut positions = Positions::new(&self.body);
        for number in numbers {
            let leaf = &self.scan.leaves[number];
            let (role, section) = self.roles.of(number);
            let seal = self.seals.of(number);
            let out = &mut opened.payloads.bytes;
            let start = out.len();
            match role {
                // In a file that was merged by hand: it stands there in clear.
                Role::Sealed if self.links[number].is_none() => {}
                Role::Sealed => {
                    let path = Some((&self.scan.paths, leaf.path));
                    let opens = sealers[section].as_mut().map(|sealer| sealer.open(seal, path, out));
                    if opens == Some(None) {
                        return Err(self.leaf_error(Step::Seal, number));
                    }
                }
                Role::SealedComment if !seal.is_empty() => {
                    // It may have been moved next to a leaf of another section: the seal tells which one made it.
                    let is_open = sealers.iter_mut().flatten().any(|sealer| sealer.open(seal, None, out).is_some());
                    if !is_open && sealers.iter().all(Option::is_some) {
                        let at = positions.next(leaf.span);
                        opened.warnings.push(Warning::CommentNotOpened { at });
                    }
                }
                _ => {}
            }
            opened.text_len += Payload::read(&out[start..]).map_or(0, |payload| payload.text.len());
            opened.payloads.end_leaf();
        }
        Ok(opened)
    }

    /// Step 8, first half: each opened text is one leaf, and takes that leaf's place.
    fn splice(&self, opened: &[Opened]) -> Result<Candidate, Error> {
        let pieces = || opened.iter().flat_map(|opened| opened.payloads.iter());
        let leaves = &self.scan.leaves;
        let replaced = leaves.iter().zip(pieces()).filter(|(_, piece)| !piece.is_empty());
        let tokens: usize = replaced.map(|(leaf, _)| leaf.span.len()).sum();
        let texts: usize = opened.iter().map(|opened| opened.text_len).sum();
        let mut splicer = Splicer::new(&self.body, leaves.len(), self.body.len() - tokens + texts);
        for ((number, leaf), piece) in leaves.iter().enumerate().zip(pieces()) {
            if piece.is_empty() {
                splicer.keep(leaf.span);
                continue;
            }
            let refused = || self.leaf_error(Step::Splice, number);
            let payload = Payload::read(piece).ok_or_else(refused)?;
            let is_comment = payload.kind == PayloadKind::Comment;
            let source = match payload.kind {
                PayloadKind::SeveralLines => {
                    self.check_growth(payload, leaf)?;
                    reindent(payload.text, payload.indent, leaf.indent)
                }
                PayloadKind::Comment | PayloadKind::OneLine => payload.text.into(),
            };
            let fits = is_comment == leaf.kind.is_comment()
                && self.format.check_characters(&source).is_ok()
                && self.format.is_one_leaf(&source, leaf);
            if !fits {
                return Err(refused());
            }
            splicer.replace(leaf.span, |out| out.push_str(&source));
            if splicer.len() > MAX_ENCRYPTED_LEN {
                let what = "the decrypted file's length in bytes";
                return Err(Error::Limit { what, limit: MAX_ENCRYPTED_LEN as u64, at: None });
            }
        }
        Ok(Candidate { spliced: splicer.finish(), opened: pieces().map(|piece| !piece.is_empty()).collect() })
    }

    /// Anybody can indent an encrypted file, and so add blanks to every line of a value: within limits.
    fn check_growth(&self, payload: Payload<'_>, leaf: &Leaf) -> Result<(), Error> {
        let added = usize::from(leaf.indent.saturating_sub(payload.indent));
        let lines = payload.text.bytes().filter(|&byte| byte == b'\n').count();
        if payload.text.len() + lines * added <= MAX_LEAF_LEN {
            return Ok(());
        }
        Err(Error::Limit {
            what: "the length of a value in bytes",
            limit: MAX_LEAF_LEN as u64,
            at: Some(Position::of_span(&self.body, leaf.span)),
        })
    }

    /// Step 8, second half (invariant I4): `after` has the leaves of this file, exactly at `spans`, and those that were
    /// not opened are of the same kind still.
    fn check_structure(&self, after: &Scan, spans: &[Span], opened: &[bool]) -> Result<(), Error> {
        same_structure(&self.scan, after, spans, |number| !opened[number])
            .map_err(|number| self.leaf_error(Step::Splice, number))
    }
}

/// Invariant I4: `after` has the leaves of `before`, exactly at `spans`, and those that `unchanged` names are of the
/// same kind still. Otherwise the number of the first leaf that is not where it should be.
pub(super) fn same_structure(
    before: &Scan,
    after: &Scan,
    spans: &[Span],
    unchanged: impl Fn(usize) -> bool,
) -> Result<(), usize> {
    for (number, (old, new)) in before.leaves.iter().zip(&after.leaves).enumerate() {
        let same_kind = if unchanged(number) {
            old.kind == new.kind
        } else {
            old.kind.is_comment() == new.kind.is_comment() && old.kind.is_value() == new.kind.is_value()
        };
        if !same_kind || new.span != spans[number] || new.path != old.path {
            return Err(number);
        }
    }
    let same_root =
        matches!((before.root, after.root), (Root::Map(_), Root::Map(_)) | (Root::Other(_), Root::Other(_)));
    let same = before.leaves.len() == after.leaves.len()
        && before.documents == after.documents
        && same_root
        && before.paths == after.paths;
    if same { Ok(()) } else { Err(before.leaves.len().min(after.leaves.len())) }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::document::format_by_name;
    use crate::file::{Document, IdentityUnlock, Plan, decrypt, encrypt};
    use crate::keys::{Identities, NoInteraction, generate_x25519};
    use crate::select::{PathGlob, Selection};

    /// More leaves than one thread does, sealed ones and clear ones.
    fn large() -> String {
        let mut text = String::new();
        for n in 0..3000 {
            write!(text, "k{n}:\n  a: secret {n} # note\n  clear: {n}\n  b: |\n    x\n    y{n}\n").expect("a string");
        }
        text
    }

    struct Case {
        identities: Identities,
        encrypted: String,
    }

    impl Case {
        fn new(text: &str) -> Self {
            let (secret, recipient) = generate_x25519();
            let mut identities = Identities::new();
            identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
            let clear = vec![PathGlob::parse("*.clear").expect("a glob")];
            let plan = Plan {
                comments: Default::default(),
                clear_values: Default::default(),
                selection: Selection { clear, ..Selection::default() },
                recipients: vec![("me".into(), recipient)],
                key_groups: None,
                sections: vec![],
            };
            let document = Document::parse(text.as_bytes(), format_by_name("yaml").expect("a format")).expect("YAML");
            let encrypted = encrypt(&document, &plan, &NoInteraction).expect("it is encrypted").text;
            Self { identities, encrypted }
        }

        fn decrypt(&self, text: &str) -> Result<String, Error> {
            let unlock = IdentityUnlock { identities: &self.identities, interaction: &NoInteraction };
            let decrypted = decrypt(text.as_bytes(), format_by_name("yaml").expect("a format"), &unlock)?;
            Ok(decrypted.document.text().to_owned())
        }

        /// The tokens of the values `a`, by number.
        fn token(&self, n: usize) -> &str {
            let lines = self.encrypted.lines().filter_map(|line| line.strip_prefix("  a: "));
            lines.map(|line| line.split(' ').next().expect("a token")).nth(n).expect("so many values")
        }
    }

    #[test]
    fn large_files_come_back() {
        let text = large();
        let case = Case::new(&text);
        assert_eq!(case.decrypt(&case.encrypted), Ok(text));
    }

    #[test]
    fn the_earlier_step_is_named() {
        let case = Case::new(&large());
        let step = |text: &str| match case.decrypt(text) {
            Err(Error::Authentication { step, path, .. }) => (step, path.expect("a path")),
            other => panic!("{other:?}"),
        };
        for n in [0, 1499, 1500, 2998] {
            // Whoever changes a seal breaks the seal (step 7) and the link (step 6) of one leaf.
            let token = case.token(n);
            let at = "ENC[1:".len() + 50;
            let other = if &token[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert_eq!(step(&case.encrypted.replace(token, &changed)), (Step::Link, format!("k{n}.a")));
            // A clear value is bound by the link before it.
            let clear = case.encrypted.replace(&format!("clear: {n}\n"), "clear: x\n");
            assert_eq!(step(&clear), (Step::Link, format!("k{n}.a")));
            // Two values that change places.
            let next = case.token(n + 1);
            let swapped = case.encrypted.replace(token, "<mark>").replace(next, token).replace("<mark>", next);
            let before = if n == 0 { "sops-rs.sections.default".to_owned() } else { format!("k{}.b", n - 1) };
            assert_eq!(step(&swapped), (if n == 0 { Step::Start } else { Step::Link }, before));
        }
    }
}
