//! The tokens of a plaintext's leaves: making their seals, and writing them.

use std::ops::Range;

use super::before::{OldSeal, OldSeals};
use super::document::Document;
use super::open::Keys;
use super::parallel;
use crate::dialect::native::{
    ID_LEN, LINK_LEN, Metadata, NONCE_LEN, Payload, Pieces, Role, Roles, Sealer, SectionKeys, token_len,
    write_comment_token, write_token,
};
use crate::error::Error;
use crate::leaf::Carrier;
use crate::random::Pool;

/// Makes the seal of every leaf that has one, or takes over the old one where the leaf did not change; how many of
/// those there are is the second result.
pub(super) fn seal_leaves(
    document: &Document,
    metadata: &Metadata,
    roles: &Roles,
    keys: &Keys,
    before: Option<&dyn OldSeals>,
) -> Result<(Pieces, usize), Error> {
    let leaves = document.scan().leaves.len();
    let seal = |numbers| seal_some(numbers, document, metadata, roles, keys, before);
    let [first, second] = parallel::halves(leaves, seal);
    let ((first, first_kept), (second, second_kept)) = (first?, second?);
    Ok((first.followed_by(second), first_kept + second_kept))
}

/// The same for some leaves.
pub(super) fn seal_some(
    numbers: Range<usize>,
    document: &Document,
    metadata: &Metadata,
    roles: &Roles,
    keys: &Keys,
    before: Option<&dyn OldSeals>,
) -> Result<(Pieces, usize), Error> {
    let scan = document.scan();
    let payload = |number| payload(document, roles, number);
    let payloads = numbers.clone().filter_map(payload);
    // Exactly what is needed: a payload lies in the buffer before it is sealed in place.
    let capacity = payloads.map(|payload| payload.padded_len() + Sealer::OVERHEAD).sum();
    let mut seals = Pieces::with_capacity(numbers.len(), capacity);
    let mut sealers = Vec::new();
    for (index, section) in metadata.sections.iter().enumerate() {
        sealers.push(Sealer::new(held(keys, index, metadata)?, &section.name));
    }
    let mut kept = 0;
    let mut pool = Pool::new();
    for number in numbers {
        let leaf = &scan.leaves[number];
        if let Some(payload) = payload(number) {
            let old = before.and_then(|before| before.old_seal(number, leaf, payload, roles));
            let (role, section) = roles.of(number);
            let path = (role == Role::Sealed).then_some((&scan.paths, leaf.path));
            match old {
                Some(OldSeal::Same(seal)) => {
                    kept += 1;
                    seals.bytes.extend_from_slice(seal);
                }
                Some(OldSeal::Id(id)) => {
                    let mut nonce: [u8; NONCE_LEN] = pool.take()?;
                    nonce[..ID_LEN].copy_from_slice(&id);
                    sealers[section].seal(&nonce, payload, path, &mut seals.bytes);
                }
                None => sealers[section].seal(&pool.take()?, payload, path, &mut seals.bytes),
            }
        }
        seals.end_leaf();
    }
    Ok((seals, kept))
}

/// How long the tokens of all sealed leaves will be together, but for what carries them.
pub(super) fn tokens_len(document: &Document, roles: &Roles) -> usize {
    let numbers = 0..document.scan().leaves.len();
    let payloads = numbers.filter_map(|number| payload(document, roles, number));
    payloads.map(|payload| token_len(payload.padded_len() + Sealer::OVERHEAD)).sum()
}

/// The payload of the leaf number `number`, if it is to be sealed.
pub(super) fn payload<'d>(document: &'d Document, roles: &Roles, number: usize) -> Option<Payload<'d>> {
    let leaf = &document.scan().leaves[number];
    match roles.role(number) {
        Role::Sealed => Some(Payload::value(document.source(leaf), leaf.indent)),
        Role::SealedComment => Some(Payload::comment(document.source(leaf))),
        Role::Clear | Role::ClearComment | Role::Free => None,
    }
}

/// Writes the leaf number `number` of `document` as the encrypted text has it: as a token, if it is sealed.
pub(super) fn write_leaf(
    document: &Document,
    roles: &Roles,
    number: usize,
    seal: &[u8],
    link: Option<&[u8; LINK_LEN]>,
    out: &mut String,
) {
    let leaf = &document.scan().leaves[number];
    match (roles.role(number), link) {
        (Role::Sealed, Some(link)) => carry(leaf.carrier, out, |out| write_token(seal, link, out)),
        (Role::SealedComment, _) => carry(leaf.carrier, out, |out| write_comment_token(seal, out)),
        _ => out.push_str(document.source(leaf)),
    }
}

pub(super) fn carry(carrier: Carrier, out: &mut String, write: impl FnOnce(&mut String)) {
    match carrier {
        Carrier::Bare => write(out),
        Carrier::DoubleQuoted => {
            out.push('"');
            write(out);
            out.push('"');
        }
        Carrier::Comment(sign) => {
            out.push(char::from(sign));
            out.push(' ');
            write(out);
        }
    }
}

/// The keys of the section number `index`, which have to be there.
pub(super) fn held<'k>(keys: &'k Keys, index: usize, metadata: &Metadata) -> Result<&'k SectionKeys, Error> {
    keys[index].as_ref().ok_or_else(|| Error::SectionLocked { section: metadata.sections[index].name.clone() })
}
