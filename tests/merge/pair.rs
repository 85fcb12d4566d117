//! Random pairs: a document, two edited versions of it, and all three encrypted.

use std::collections::BTreeSet;

use sops_rs::Error;
use sops_rs::select::{ClearValues, CommentPolicy};

use crate::edits::{self, Edit};
use crate::git::Versions;
use crate::person::Person;
use crate::print;
use crate::random::Random;
use crate::tree::{self, Style, Syntax, Tree};
use crate::{PLAIN, SEALED};

/// What the random documents and edits are like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mix {
    /// What people do.
    Usual(Syntax),
    /// YAML in which clear, empty and repeated values, lists and documents abound.
    Hard,
}

/// One base with two edited versions of it.
pub(crate) struct Pair {
    pub(crate) number: u64,
    pub(crate) versions: Versions,
    pub(crate) person: Person,
    /// What it is counted under: the kinds of its edits, and what its base is like.
    pub(crate) labels: BTreeSet<String>,
}

/// The pair number `number`; none when the edits do not fit the document, or leave no document.
pub(crate) fn pair(seed: u64, number: u64, mix: Mix, max_edits: usize) -> Option<Pair> {
    let mut random = Random::new(seed.wrapping_mul(0x1_0000_0001).wrapping_add(number << 1));
    let style = Style {
        syntax: if let Mix::Usual(syntax) = mix { syntax } else { Syntax::Yaml },
        deep_lists: random.chance(50),
        comments: *random.choose(&[0, 15, 40]),
        clear: *random.choose(&[0, 0, 20, 40]),
        empty: 3,
        stream: 0,
        rich: random.chance(40),
    };
    let (style, size) = match mix {
        Mix::Usual(_) => (style, *random.choose(&[6, 15, 40, 120])),
        Mix::Hard => (Style { clear: random.between(20, 80), empty: 30, stream: 50, ..style }, random.between(6, 20)),
    };
    let base = tree::generate(&mut random, style, size);
    let clear_values = if random.chance(50) { ClearValues::Free } else { ClearValues::Pinned };
    let comments = if random.chance(75) { CommentPolicy::Encrypt } else { CommentPolicy::Clear };
    let person = Person::new(style.syntax, clear_values, comments);
    let base_text = print::print(&base);
    let sealed = possible(person.encrypt(&base_text))?;
    let mut edits = [Vec::new(), Vec::new()];
    let mut side = |edits: &mut Vec<Edit>| {
        let count = random.between(1, max_edits);
        // Several edits are one change, or one change each.
        let at_once = random.chance(50);
        let mut edited = base.clone();
        let mut edited_sealed = sealed.clone();
        for step in 1..=count {
            edits.push(edit(&mut random, mix, &mut edited)?);
            if step == count || !at_once {
                edited_sealed = possible(person.update(&edited_sealed, &print::print(&edited)))?;
            }
        }
        Some(vec![(PLAIN, print::print(&edited)), (SEALED, edited_sealed)])
    };
    let (ours, theirs) = (side(&mut edits[0])?, side(&mut edits[1])?);
    let versions = Versions { base: vec![(PLAIN, base_text), (SEALED, sealed)], ours, theirs };
    let mut labels: BTreeSet<_> = edits.concat().iter().map(|edit| format!("{edit:?}")).collect();
    labels.insert(if style.clear == 0 { "none clear".to_owned() } else { format!("clear {}", clear_values.as_str()) });
    labels.insert(format!("{} lines or more", (versions.base[0].1.lines().count() / 20 * 20).min(60)));
    Some(Pair { number, versions, person, labels })
}

/// Makes one random edit of `tree`.
fn edit(random: &mut Random, mix: Mix, tree: &mut Tree) -> Option<Edit> {
    let kinds = match mix {
        Mix::Usual(syntax) if syntax.is_flat() => edits::FLAT,
        Mix::Usual(_) => edits::NESTED,
        Mix::Hard => edits::HARD,
    };
    let kind = *random.choose(kinds);
    edits::apply(random, kind, tree).then_some(kind)
}

/// The result of an encryption; none when the plaintext is not one: a random edit took an alias its anchor, or the
/// last value that is not clear.
fn possible(result: Result<String, Error>) -> Option<String> {
    match result {
        Ok(text) => Some(text),
        Err(Error::Syntax { .. } | Error::DuplicateKey { .. } | Error::NothingSelected { .. }) => None,
        Err(error) => panic!("{error:?}"),
    }
}
