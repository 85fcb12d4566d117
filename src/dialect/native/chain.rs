//! Links: each sealed leaf is bound to the next one of its section (format spec, "Links").
//!
//! A link points forward, so that an insertion changes the token of the line right above it, which a text merge
//! treats as touched anyway, and appending at the end of a file never touches the metadata.

use std::ops::Range;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::encoding::{Numbers, put_lp, put_path, put_u64};
use super::pieces::Pieces;
use super::roles::{Role, Roles};
use super::seal::ID_LEN;
use super::section_keys::SectionKeys;
use crate::document::{Format, Scan};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree};

/// Length of a link in bytes. It can only be tested by holders of the key, so 16 suffice.
pub(crate) const LINK_LEN: usize = 16;

/// The links of one section.
pub(crate) struct Chain {
    /// What stands in the section's metadata: binds the first sealed leaf.
    pub(crate) start: [u8; 32],
    /// For each sealed leaf of the section its number in the scan and its link.
    pub(crate) links: Vec<(usize, [u8; LINK_LEN])>,
}

/// A text with everything that its links depend on.
#[derive(Clone, Copy)]
pub(crate) struct Linked<'a> {
    /// The format that scanned it.
    pub(crate) format: &'a dyn Format,
    /// The text; its sealed leaves may be plaintext or tokens.
    pub(crate) text: &'a str,
    /// Its scan.
    pub(crate) scan: &'a Scan,
    /// The role of each leaf.
    pub(crate) roles: &'a Roles,
    /// Their seals.
    pub(crate) seals: &'a Pieces,
}

/// Computes the links of those leaves of the section number `index`, called `name`, that `numbers` holds, and the start
/// if it holds the first one.
///
/// # Errors
/// Those of [`Format::pinned`] for a clear value.
pub(crate) fn chain(
    linked: Linked<'_>,
    numbers: Range<usize>,
    index: usize,
    name: &str,
    keys: &SectionKeys,
) -> Result<Chain, Error> {
    let Linked { format, text, scan, roles, seals } = linked;
    let mut links = Links::new(keys.mac("sops-rs/1 start", name), keys.mac("sops-rs/1 link", name));
    let mut clear = ClearRun::default();
    let mut open: Option<usize> = None;
    let mut place = Vec::new();
    let mut next_place = Vec::new();
    let mut next = Vec::new();
    // What lies before the first sealed leaf is bound by the link of one before `numbers`, or by the start.
    let mut is_bound = numbers.start > 0;
    for (number, leaf) in scan.leaves.iter().enumerate().skip(numbers.start) {
        if is_bound && number >= numbers.end {
            return Ok(links.chain);
        }
        let (role, section) = roles.of(number);
        if section != index {
            continue;
        }
        match role {
            Role::Clear => clear.add(format, text, &scan.paths, leaf)?,
            Role::ClearComment | Role::Free | Role::SealedComment => {}
            Role::Sealed => {
                next_place.clear();
                put_path(&mut next_place, &scan.paths, leaf.path, Numbers::Documents);
                // Measured from the leaf before, sealed or counted: from the sealed one alone, a clear leaf between the
                // two could be moved into the list item of the next one, or out of it.
                let depth = clear.depth_to(&scan.paths, leaf.path);
                next.clear();
                next.push(0x01);
                put_u64(&mut next, depth as u64);
                put_lp(&mut next, &next_place);
                next.extend_from_slice(&seals.of(number)[..ID_LEN]);
                let digest = clear.take_digest();
                if !is_bound {
                    links.close(open.map(|number| (number, &place[..], seals.of(number))), &digest, &next);
                }
                if number >= numbers.end {
                    return Ok(links.chain);
                }
                is_bound = false;
                open = Some(number);
                clear.last = Some(leaf.path);
                std::mem::swap(&mut place, &mut next_place);
            }
        }
    }
    if is_bound {
        return Ok(links.chain);
    }
    next.clear();
    next.push(0x00);
    put_u64(&mut next, scan.documents);
    links.close(open.map(|number| (number, &place[..], seals.of(number))), &clear.take_digest(), &next);
    Ok(links.chain)
}

/// Makes one link after the other.
struct Links {
    /// For `start` and for links, with domain and section taken in.
    macs: (Hmac<Sha256>, Hmac<Sha256>),
    message: Vec<u8>,
    chain: Chain,
}

impl Links {
    fn new(start: Hmac<Sha256>, link: Hmac<Sha256>) -> Self {
        Self { macs: (start, link), message: Vec::new(), chain: Chain { start: [0; 32], links: Vec::new() } }
    }

    /// Binds `leaf` (number, place and seal; none before the first one) to the clear leaves behind it and to `next`.
    fn close(&mut self, leaf: Option<(usize, &[u8], &[u8])>, clear: &[u8; 32], next: &[u8]) {
        self.message.clear();
        if let Some((_, place, seal)) = leaf {
            put_lp(&mut self.message, place);
            put_lp(&mut self.message, seal);
        }
        put_lp(&mut self.message, clear);
        self.message.extend_from_slice(next);
        let mac = if leaf.is_some() { &self.macs.1 } else { &self.macs.0 };
        let mac: [u8; 32] = mac.clone().chain_update(&self.message).finalize().into_bytes().into();
        match leaf {
            None => self.chain.start = mac,
            Some((number, ..)) => {
                let link = mac.first_chunk().expect("a MAC is longer than a link");
                self.chain.links.push((number, *link));
            }
        }
    }
}

/// The clear leaves since the last sealed one.
#[derive(Default)]
struct ClearRun {
    count: u64,
    items: Vec<u8>,
    /// The leaf before, sealed or counted.
    last: Option<PathId>,
    /// The digest over no leaf at all, by far the most frequent one.
    none: Option<[u8; 32]>,
}

impl ClearRun {
    /// How many leading segments `path` shares with the leaf before; 0 when there is none.
    fn depth_to(&self, paths: &PathTree, path: PathId) -> usize {
        self.last.map_or(0, |last| paths.common_depth(last, path))
    }

    fn add(&mut self, format: &dyn Format, text: &str, paths: &PathTree, leaf: &Leaf) -> Result<(), Error> {
        let depth = self.depth_to(paths, leaf.path);
        let value = match leaf.kind {
            LeafKind::Plain | LeafKind::Quoted => format.pinned(text, leaf)?,
            LeafKind::EmptyList | LeafKind::EmptyMap => "".into(),
            _ => leaf.span.of(text).into(),
        };
        let mut item = vec![kind_code(leaf.kind)];
        put_u64(&mut item, depth as u64);
        let mut place = Vec::new();
        put_path(&mut place, paths, leaf.path, Numbers::Documents);
        put_lp(&mut item, &place);
        put_lp(&mut item, value.replace("\r\n", "\n").replace('\r', "\n").as_bytes());
        put_lp(&mut self.items, &item);
        self.count += 1;
        self.last = Some(leaf.path);
        Ok(())
    }

    fn take_digest(&mut self) -> [u8; 32] {
        if self.count == 0 {
            return *self.none.get_or_insert_with(|| digest(0, &[]));
        }
        let digest = digest(self.count, &self.items);
        self.count = 0;
        self.items.clear();
        digest
    }
}

fn digest(count: u64, items: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(count.to_le_bytes()).chain_update(items).finalize().into()
}

/// The number of a clear leaf's kind in the digest.
fn kind_code(kind: LeafKind) -> u8 {
    match kind {
        LeafKind::Plain => 1,
        LeafKind::Quoted => 2,
        LeafKind::EmptyValue => 3,
        LeafKind::NoValue => 4,
        LeafKind::EmptyMap => 5,
        LeafKind::EmptyList => 6,
        LeafKind::Anchor => 7,
        LeafKind::Alias => 8,
        LeafKind::Tag => 9,
        LeafKind::Directive => 10,
        // Comments are in no chain; no other kind has this number.
        LeafKind::Comment => 0,
    }
}
