//! Somebody who encrypts files to themselves and others.

use sops_rs::Error;
use sops_rs::dialect::sops::{MasterKey, Rule, Time};
use sops_rs::document::sops::Store;
use sops_rs::document::{Format, format_by_name};
use sops_rs::file::any::{self, Input, Metadata, Plan, Rekeying};
use sops_rs::file::sops::{Confirmed, KeyWrap, NamedKey, Plan as SopsPlan};
use sops_rs::file::{Document, IdentityUnlock, NewSection, Plan as NativePlan};
use sops_rs::keys::{Identities, NoInteraction, Recipient, generate_x25519};
use sops_rs::select::{ClearValues, CommentPolicy, PathGlob, Selection};

use zeroize::Zeroizing;

use crate::tree::Syntax;

pub(crate) struct Person {
    pub(crate) format: &'static dyn Format,
    pub(crate) plan: Plan,
    identities: Identities,
    recipient: Recipient,
    secret: Zeroizing<String>,
    store: Store,
}

const WRAP: KeyWrap<'static> = KeyWrap { interaction: &NoInteraction, gpg: None };

impl Person {
    /// Somebody new, who leaves what begins with `clear_` clear.
    pub(crate) fn new(syntax: Syntax, clear_values: ClearValues, comments: CommentPolicy) -> Self {
        let globs = match syntax {
            Syntax::Dotenv => &["CLEAR_*"][..],
            _ => &["**.clear_*", "**.clear_*.**"],
        };
        Self::with_plan(syntax, |recipient| {
            Plan::Native(NativePlan {
                comments,
                clear_values,
                selection: Selection { clear: globs_of(globs), ..Selection::default() },
                recipients: vec![("me".into(), recipient)],
                key_groups: None,
                sections: Vec::new(),
            })
        })
    }

    /// The same with files of the sops dialect.
    pub(crate) fn of_sops(syntax: Syntax, mac_only_encrypted: bool) -> Self {
        Self::with_plan(syntax, |recipient| {
            Plan::Sops(SopsPlan {
                groups: vec![vec![NamedKey { name: None, key: MasterKey::age(recipient.as_str()) }]],
                shamir_threshold: None,
                selector: Rule::new("unencrypted_regex", "^(clear|CLEAR)_").expect("a selector"),
                mac_only_encrypted,
                with_toml: true,
            })
        })
    }

    fn with_plan(syntax: Syntax, plan: impl FnOnce(Recipient) -> Plan) -> Self {
        let (name, store) = match syntax {
            Syntax::Dotenv => ("dotenv", Store::Dotenv),
            Syntax::Ini => ("ini", Store::Ini),
            Syntax::Json => ("json", Store::Json),
            Syntax::Properties => ("properties", Store::Binary),
            Syntax::Toml => ("toml", Store::Toml),
            Syntax::Yaml => ("yaml", Store::Yaml),
        };
        let (secret, recipient) = generate_x25519();
        let format = format_by_name(name).expect("a format");
        let identities = identities(&secret);
        Self { format, plan: plan(recipient.clone()), identities, recipient, secret, store }
    }

    /// Gives `users` and `tokens` at the root a section of their own, with the same reader.
    pub(crate) fn add_section(&mut self) {
        let globs: &[&str] = match self.store {
            Store::Dotenv => &["USER_*", "TOKEN_*"],
            _ => &["user_*.**", "token_*.**"],
        };
        if let Plan::Native(plan) = &mut self.plan {
            let recipients = plan.recipients.clone();
            plan.sections =
                vec![NewSection { name: "ops".into(), paths: globs_of(globs), recipients, key_groups: None }];
        }
    }

    /// The plan that a file follows.
    pub(crate) fn plan_of(&self, metadata: &Metadata) -> Plan {
        match (metadata, &self.plan) {
            (Metadata::Native(metadata), _) => Plan::Native(NativePlan::of_metadata(metadata).expect("readers")),
            (Metadata::Sops(metadata, _), Plan::Sops(plan)) => {
                let key = |key: &MasterKey| NamedKey { name: None, key: key.clone() };
                let groups = metadata.groups.iter().map(|group| group.keys.iter().map(key).collect()).collect();
                Plan::Sops(SopsPlan { groups, ..plan.clone() })
            }
            (Metadata::Sops(..), Plan::Native(_)) => panic!("files of this person are native"),
        }
    }

    fn unlock(&self) -> IdentityUnlock<'_> {
        IdentityUnlock { identities: &self.identities, interaction: &NoInteraction }
    }

    /// Somebody else, with the same format and plan.
    pub(crate) fn other_identity(&self) -> Self {
        let (secret, recipient) = generate_x25519();
        let identities = identities(&secret);
        Self { format: self.format, plan: self.plan.clone(), identities, recipient, secret, store: self.store }
    }

    pub(crate) fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The secret key, for other programs.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether a text is a file of the format, as the native dialect has it: without a key that stands twice.
    pub(crate) fn scans(&self, text: &str) -> bool {
        Document::parse(text.as_bytes(), self.format).is_ok()
    }

    /// Encrypts a file by the plan.
    pub(crate) fn encrypt(&self, text: &str) -> Result<String, Error> {
        let input = Input { plaintext: text.as_bytes(), format: self.format, store: self.store };
        Ok(any::encrypt(input, &self.plan, &WRAP, time(0))?.text)
    }

    /// `sealed`, changed to hold `text`. The time counts for the sops dialect only.
    pub(crate) fn update(&self, sealed: &str, text: &str, seconds: u64) -> Result<String, Error> {
        let unlock = self.unlock();
        Ok(any::update(sealed.as_bytes(), text.as_bytes(), self.format, &unlock, time(seconds))?.text)
    }

    pub(crate) fn decrypt(&self, sealed: &str) -> Result<String, Error> {
        let decrypted = any::decrypt(sealed.as_bytes(), self.format, &self.unlock())?;
        Ok(String::from_utf8(decrypted.into_plaintext()?.to_vec()).expect("text"))
    }

    /// Works with the keys of this person.
    pub(crate) fn rekeying<T>(&self, seconds: u64, work: impl FnOnce(&Rekeying<'_>) -> T) -> T {
        let confirmed = match &self.plan {
            Plan::Native(_) => Confirmed::default(),
            Plan::Sops(plan) => Confirmed::by_plan(plan),
        };
        work(&Rekeying { unlock: &self.unlock(), wrap: &WRAP, confirmed: &confirmed, now: time(seconds) })
    }

    /// Gives `sealed` the readers of the plan of `other`, who has the same identity.
    pub(crate) fn update_keys(&self, sealed: &str, plan: &Plan, seconds: u64) -> Result<String, Error> {
        let rekeyed =
            self.rekeying(seconds, |rekeying| any::update_keys(sealed.as_bytes(), self.format, plan, rekeying));
        Ok(rekeyed?.text)
    }

    /// Encrypts `sealed` anew.
    pub(crate) fn rotate(&self, sealed: &str, seconds: u64) -> Result<String, Error> {
        Ok(self.rekeying(seconds, |rekeying| any::rotate(sealed.as_bytes(), self.format, rekeying))?.text)
    }
}

fn identities(secret: &str) -> Identities {
    let mut identities = Identities::new();
    identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
    identities
}

/// Somebody of whom nobody has the secret key.
pub(crate) fn stranger() -> Recipient {
    generate_x25519().1
}

/// Adds a reader to a plan.
pub(crate) fn add_reader(plan: &mut Plan, name: &str, recipient: &Recipient) {
    match plan {
        Plan::Native(plan) => plan.recipients.push((name.to_owned(), recipient.clone())),
        Plan::Sops(plan) => {
            plan.groups[0].push(NamedKey { name: None, key: MasterKey::age(recipient.as_str()) });
        }
    }
}

/// Takes a reader out of a plan.
pub(crate) fn remove_reader(plan: &mut Plan, recipient: &Recipient) {
    match plan {
        Plan::Native(plan) => plan.recipients.retain(|(_, other)| other != recipient),
        Plan::Sops(plan) => plan.groups[0].retain(|named| named.key.name() != recipient.as_str()),
    }
}

fn globs_of(globs: &[&str]) -> Vec<PathGlob> {
    PathGlob::parse_all(globs.iter().copied()).expect("globs")
}

/// A time so many seconds after another one.
fn time(seconds: u64) -> Time {
    Time::of_unix(1_763_700_000 + seconds)
}
