//! Files for merges: three plaintexts, encrypted as three versions of one file.

use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata, Time};
use sops_rs::document::sops::Store;
use sops_rs::document::{Format, format_by_name};
use sops_rs::error::Error;
use sops_rs::file::any::{self, Rekeying};
use sops_rs::file::merge::{Labels, Merged, Sides, merge, merge_vouched};
use sops_rs::file::sops::{self, Confirmed, KeyWrap};
use sops_rs::file::{self, Document, IdentityUnlock, Plan};
use sops_rs::keys::{Identities, NoInteraction, Recipient, generate_x25519};

/// Somebody with a key.
pub(crate) struct Person {
    pub(crate) recipient: Recipient,
    secrets: Vec<String>,
    identities: Identities,
}

impl Person {
    pub(crate) fn new() -> Self {
        let (secret, recipient) = generate_x25519();
        Self::with(recipient, vec![secret.to_string()])
    }

    /// All of these together.
    pub(crate) fn of(people: &[&Self]) -> Self {
        let secrets = people.iter().flat_map(|person| person.secrets.clone()).collect();
        Self::with(people[0].recipient.clone(), secrets)
    }

    fn with(recipient: Recipient, secrets: Vec<String>) -> Self {
        let mut identities = Identities::new();
        secrets.iter().for_each(|secret| identities.add_identity_file(secret.as_bytes(), "test").expect("an identity"));
        Self { recipient, secrets, identities }
    }

    pub(crate) fn unlock(&self) -> IdentityUnlock<'_> {
        IdentityUnlock { identities: &self.identities, interaction: &NoInteraction }
    }

    pub(crate) fn open(&self, text: &[u8], format: &str) -> Result<String, Error> {
        let decrypted = any::decrypt(text, format_of(format), &self.unlock())?;
        Ok(String::from_utf8(decrypted.into_plaintext()?.to_vec()).expect("a text"))
    }

    /// `old` with another plaintext.
    pub(crate) fn update(&self, old: &str, plaintext: &str, format: &str) -> String {
        any::update(old.as_bytes(), plaintext.as_bytes(), format_of(format), &self.unlock(), now())
            .expect("updated")
            .text
    }

    /// The same, with somebody who vouches for both sides.
    pub(crate) fn merge_vouched(&self, sides: &Sides<'_>, format: &str, confirmed: &[&Recipient]) -> Merged {
        let mut known = Confirmed::default();
        known.add(confirmed.iter().map(|recipient| MasterKey::age(recipient.as_str())));
        let (unlock, wrap) = (self.unlock(), wrap());
        let rekeying = Rekeying { unlock: &unlock, wrap: &wrap, confirmed: &known, now: now() };
        merge_vouched(sides, format_of(format), &Labels::default(), &rekeying).expect("merged")
    }

    pub(crate) fn merge(&self, sides: &Sides<'_>, format: &str, confirmed: &[&Recipient]) -> Result<Merged, Error> {
        let mut known = Confirmed::default();
        known.add(confirmed.iter().map(|recipient| MasterKey::age(recipient.as_str())));
        let (unlock, wrap) = (self.unlock(), wrap());
        let rekeying = Rekeying { unlock: &unlock, wrap: &wrap, confirmed: &known, now: now() };
        merge(sides, format_of(format), &Labels::default(), &rekeying)
    }
}

pub(crate) fn wrap() -> KeyWrap<'static> {
    KeyWrap { interaction: &NoInteraction, gpg: None }
}

pub(crate) fn now() -> Time {
    Time::parse("2026-11-21T10:00:00Z").expect("a time")
}

pub(crate) fn format_of(name: &str) -> &'static dyn Format {
    format_by_name(name).expect("a format")
}

/// The plan that seals everything for these people, who are called `p0`, `p1` and so on.
pub(crate) fn plan(people: &[&Person]) -> Plan {
    Plan::for_recipients(
        people.iter().enumerate().map(|(number, person)| (format!("p{number}"), person.recipient.clone())),
    )
}

pub(crate) fn encrypt(text: &str, format: &str, plan: &Plan) -> String {
    let document = Document::parse(text.as_bytes(), format_of(format)).expect("a document");
    file::encrypt(&document, plan, &NoInteraction).expect("encrypted").text
}

/// The same in the dialect of SOPS.
pub(crate) fn encrypt_sops(text: &str, store: Store, people: &[&Person]) -> String {
    let keys = people.iter().map(|person| MasterKey::age(person.recipient.as_str())).collect();
    let mut metadata = Metadata::new(vec![KeyGroup { keys, unknown: Vec::new() }], now());
    let data_key = DataKey::generate().expect("a key");
    sops::wrap_data_key(&mut metadata, &data_key, &wrap()).expect("wrapped");
    sops::encrypt(text.as_bytes(), store, &data_key, metadata).expect("encrypted")
}

/// What came of a merge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Clean(String),
    /// Both sides opened, and what conflicts.
    Conflict(String, String, Vec<String>),
}

/// Merges three plaintexts, encrypted natively under one data key.
pub(crate) fn outcome(format: &str, base: &str, ours: &str, theirs: &str) -> Outcome {
    let me = Person::new();
    let first = encrypt(base, format, &plan(&[&me]));
    let (ours, theirs) = (me.update(&first, ours, format), me.update(&first, theirs, format));
    outcome_of(&me, format, Some(&first), &ours, &theirs, &[])
}

pub(crate) fn outcome_of(
    me: &Person,
    format: &str,
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    confirmed: &[&Recipient],
) -> Outcome {
    let sides = Sides { base: base.map(str::as_bytes), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    match me.merge(&sides, format, confirmed).expect("merged") {
        Merged::Clean(text) => Outcome::Clean(me.open(&text, format).expect("it opens")),
        Merged::Conflict { text, conflicts } => {
            let text = String::from_utf8(text).expect("a text");
            let [ours, theirs] = cut(&text).map(|side| me.open(side.as_bytes(), format).expect("a side opens"));
            let conflicts = conflicts
                .iter()
                .map(|conflict| format!("{} {:?}", conflict.path.as_deref().unwrap_or("."), conflict.kind));
            Outcome::Conflict(ours, theirs, conflicts.collect())
        }
    }
}

/// Both sides of a text with conflict markers.
pub(crate) fn cut(text: &str) -> [String; 2] {
    let mut sides = [String::new(), String::new()];
    let mut at = None;
    for line in text.split_inclusive('\n') {
        match line.get(..7) {
            Some("<<<<<<<") => at = Some(0),
            Some("=======") => at = Some(1),
            Some(">>>>>>>") => at = None,
            _ => match at {
                Some(side) => sides[side].push_str(line),
                None => sides.iter_mut().for_each(|side| side.push_str(line)),
            },
        }
    }
    sides
}
