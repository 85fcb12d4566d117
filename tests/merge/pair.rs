//! Random pairs: a document, two edited versions of it, and all three encrypted.

use std::collections::BTreeSet;

use sops_rs::Error;
use sops_rs::file::any::{self, Plan};
use sops_rs::select::{ClearValues, CommentPolicy};

use crate::edits::{self, Edit};
use crate::git::Versions;
use crate::layout::Layout;
use crate::person::{self, Person};
use crate::print;
use crate::random::Random;
use crate::tree::{self, Style, Syntax, Tree};
use crate::{PLAIN, SEALED};

/// What the random documents and edits are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    /// What people do.
    Usual(Syntax),
    /// YAML in which clear, empty and repeated values, lists and documents abound.
    Hard,
    /// What the format was measured with before it was fixed: YAML with unique keys and values, 6 to 120 of them.
    Prototype,
    /// As usual, and one side has new data keys.
    Rekeyed(Syntax),
    /// As usual, in files of the sops dialect.
    Sops(Syntax),
}

impl Mix {
    pub(crate) fn syntax(self) -> Syntax {
        match self {
            Self::Usual(syntax) | Self::Rekeyed(syntax) | Self::Sops(syntax) => syntax,
            Self::Hard | Self::Prototype => Syntax::Yaml,
        }
    }

    fn is_sops(self) -> bool {
        matches!(self, Self::Sops(_))
    }

    fn edits(self) -> &'static [Edit] {
        match self {
            Self::Hard => edits::HARD,
            Self::Prototype => edits::PROTOTYPE,
            _ if self.syntax() == Syntax::Ini => edits::MAPS,
            _ if self.syntax().is_flat() => edits::FLAT,
            _ => edits::NESTED,
        }
    }
}

/// One base with two edited versions of it.
pub(crate) struct Pair {
    pub(crate) number: u64,
    pub(crate) versions: Versions,
    pub(crate) person: Person,
    /// The kinds of the edits of each side.
    pub(crate) edits: [Vec<Edit>; 2],
    /// What else it is counted under.
    pub(crate) labels: BTreeSet<String>,
}

/// The pair number `number`; none when the edits do not fit the document, or leave no document.
pub(crate) fn pair(seed: u64, number: u64, mix: Mix, max_edits: usize) -> Option<Pair> {
    let mut random = Random::new(seed.wrapping_mul(0x1_0000_0001).wrapping_add(number << 1));
    let random = &mut random;
    let style = style(random, mix);
    let size = if mix == Mix::Hard { random.between(6, 20) } else { *random.choose(&[6, 15, 40, 120]) };
    let base = tree::generate(random, style, size);
    let mut person = person(random, mix);
    let has_section = matches!(mix, Mix::Usual(_) | Mix::Hard) && random.chance(20);
    if has_section {
        person.add_section();
    }
    let mut labels: BTreeSet<_> = style.layout.labels(style.syntax).into_iter().map(str::to_owned).collect();
    labels.insert(match &person.plan {
        _ if style.clear == 0 => "none clear".to_owned(),
        Plan::Native(plan) => format!("clear {}", plan.clear_values.as_str()),
        Plan::Sops(plan) => format!("MAC of {}", if plan.mac_only_encrypted { "encrypted" } else { "all" }),
    });
    if let (Plan::Native(plan), true) = (&person.plan, style.comments > 0) {
        labels.insert(format!("comments {}", plan.comments.as_str()));
    }
    labels.insert(if has_section { "two sections" } else { "one section" }.to_owned());
    let mut base_text = print::print(&base);
    labels.insert(format!("{} lines or more", (base_text.lines().count() / 20 * 20).min(60)));
    let sealed = possible(mix, person.encrypt(&base_text))?;
    if mix.is_sops() {
        // SOPS writes some values and comments in its own way.
        base_text = Some(person.decrypt(&sealed).expect("an encrypted file")).filter(|text| person.scans(text))?;
    }
    let mut edits = [Vec::new(), Vec::new()];
    let mut sides = Vec::new();
    for (number, edits) in edits.iter_mut().enumerate() {
        let mut side = Side { tree: base.clone(), sealed: sealed.clone(), seconds: 60 * (number as u64 + 1) };
        let count = random.between(1, max_edits);
        // Several edits are one change, or one change each.
        let at_once = random.chance(50) || mix == Mix::Prototype;
        for step in 1..=count {
            let kind = *random.choose(mix.edits());
            edits.push(kind);
            side.edit(random, &person, kind)?;
            if step == count || !at_once {
                side.seal(mix, &person)?;
            }
        }
        if number == 0 && matches!(mix, Mix::Rekeyed(_)) {
            side.sealed = person.rotate(&side.sealed, side.seconds).ok()?;
        }
        if side.sealed == sealed {
            // Something was moved to where it is.
            return None;
        }
        let plain = if mix.is_sops() {
            Some(person.decrypt(&side.sealed).expect("an encrypted file")).filter(|text| person.scans(text))?
        } else {
            print::print(&side.tree)
        };
        sides.push(vec![(PLAIN, plain), (SEALED, side.sealed)]);
    }
    let [ours, theirs] = <[_; 2]>::try_from(sides).expect("two sides");
    let versions = Versions { base: vec![(PLAIN, base_text), (SEALED, sealed)], ours, theirs };
    Some(Pair { number, versions, person, edits, labels })
}

fn style(random: &mut Random, mix: Mix) -> Style {
    let syntax = mix.syntax();
    let style = Style {
        syntax,
        layout: Layout::random(random, syntax),
        comments: *random.choose(&[0, 15, 40]),
        clear: *random.choose(&[0, 0, 20, 40]),
        empty: 3,
        stream: if syntax == Syntax::Yaml { 10 } else { 0 },
        rich: random.chance(40),
        uniform: false,
    };
    match mix {
        Mix::Usual(_) | Mix::Rekeyed(_) => style,
        Mix::Sops(_) => Style { rich: false, ..style },
        Mix::Hard => Style { clear: random.between(20, 80), empty: 30, stream: 50, ..style },
        Mix::Prototype => {
            let clear = *random.choose(&[0, 0, 20]);
            Style { layout: Layout::BLOCK, clear, empty: 0, stream: 0, rich: false, uniform: true, ..style }
        }
    }
}

fn person(random: &mut Random, mix: Mix) -> Person {
    let clear_values = if random.chance(50) { ClearValues::Free } else { ClearValues::Pinned };
    let comments = if random.chance(75) { CommentPolicy::Encrypt } else { CommentPolicy::Clear };
    match mix {
        Mix::Sops(syntax) => Person::of_sops(syntax, random.chance(30)),
        Mix::Prototype => {
            let mut person = Person::new(Syntax::Yaml, clear_values, CommentPolicy::Clear);
            ["r1", "r2"].into_iter().for_each(|name| person::add_reader(&mut person.plan, name, &person::stranger()));
            person
        }
        _ => Person::new(mix.syntax(), clear_values, comments),
    }
}

/// A version that is being edited.
struct Side {
    tree: Tree,
    sealed: String,
    seconds: u64,
}

impl Side {
    fn edit(&mut self, random: &mut Random, person: &Person, kind: Edit) -> Option<()> {
        if kind != Edit::AddReader {
            return edits::apply(random, kind, &mut self.tree).then_some(());
        }
        let metadata = any::status(self.sealed.as_bytes(), person.format).ok()??;
        let mut plan = person.plan_of(&metadata);
        person::add_reader(&mut plan, &random.word("r"), &person::stranger());
        self.sealed = person.update_keys(&self.sealed, &plan, self.seconds).expect("a reader more");
        Some(())
    }

    fn seal(&mut self, mix: Mix, person: &Person) -> Option<()> {
        self.sealed = possible(mix, person.update(&self.sealed, &print::print(&self.tree), self.seconds))?;
        Some(())
    }
}

/// The result of an encryption; none when the plaintext is not one: a random edit took an alias its anchor, or the
/// last value that is not clear.
fn possible(mix: Mix, result: Result<String, Error>) -> Option<String> {
    match result {
        Ok(text) => Some(text),
        Err(Error::Syntax { .. } | Error::DuplicateKey { .. } | Error::NothingSelected { .. }) => None,
        Err(Error::Sops(_) | Error::Unrepresentable { .. }) if mix.is_sops() => None,
        Err(error) => panic!("{error:?}"),
    }
}
