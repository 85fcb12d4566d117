//! People, plans, and the one way in which these tests decrypt.

use std::cell::RefCell;
use std::collections::HashMap;

use sops_rs::Error;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::document::{Format, format_by_name};
use sops_rs::error::{Position, Step};
use sops_rs::file::{Decrypted, Document, Plan, Unlock, decrypt, encrypt};
use sops_rs::keys::{Identities, NoInteraction, Recipient, generate_x25519};
use sops_rs::select::{ClearValues, CommentPolicy, PathGlob, Selection};

/// A part of every secret in these tests.
pub(crate) const CANARY: &str = "CANARY";

/// Somebody with a key.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) recipient: Recipient,
    identities: Identities,
}

impl Person {
    fn new(name: &'static str) -> Self {
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), name).expect("a new identity");
        Self { name, recipient, identities }
    }

    pub(crate) fn reader(&self) -> (String, Recipient) {
        (self.name.to_owned(), self.recipient.clone())
    }
}

thread_local! {
    static ALICE: &'static Person = Box::leak(Box::new(Person::new("alice")));
    static BOB: &'static Person = Box::leak(Box::new(Person::new("bob")));
    static UNWRAPPED: RefCell<HashMap<(&'static str, Vec<u8>), DataKey>> = RefCell::default();
}

/// A reader of everything.
pub(crate) fn alice() -> &'static Person {
    ALICE.with(|person| *person)
}

/// Another one.
pub(crate) fn bob() -> &'static Person {
    BOB.with(|person| *person)
}

/// Unwraps each wrapped key once: age costs more than all else here, and thousands of files share their keys.
impl Unlock for &Person {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        let mine = section.readers.iter().map(|reader| (self.name, reader.wrapped_key.as_bytes().to_vec()));
        let cached = UNWRAPPED.with_borrow(|keys| mine.clone().find_map(|key| keys.get(&key).cloned()));
        if cached.is_some() {
            return Ok(cached);
        }
        for (entry, reader) in mine.zip(&section.readers) {
            let wrapped = [(reader.recipient.as_str(), &reader.wrapped_key)];
            if let Some(key) = self.identities.unwrap(&wrapped, &NoInteraction)? {
                UNWRAPPED.with_borrow_mut(|keys| keys.insert(entry, key.clone()));
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// The format of this name.
pub(crate) fn format(name: &str) -> &'static dyn Format {
    format_by_name(name).expect("a format")
}

/// YAML, which most attacks are about.
pub(crate) fn yaml() -> &'static dyn Format {
    format("yaml")
}

/// Globs.
pub(crate) fn globs(texts: &[&str]) -> Vec<PathGlob> {
    PathGlob::parse_all(texts.iter().copied()).expect("globs")
}

/// Everything sealed, for alice and bob.
pub(crate) fn plan() -> Plan {
    Plan {
        comments: CommentPolicy::Encrypt,
        clear_values: ClearValues::Pinned,
        selection: Selection::default(),
        recipients: vec![alice().reader(), bob().reader()],
        key_groups: None,
        sections: vec![],
    }
}

/// The same with some values clear.
pub(crate) fn plan_with_clear(clear: &[&str]) -> Plan {
    Plan { selection: Selection { encrypt: globs(&["**"]), clear: globs(clear) }, ..plan() }
}

/// A plaintext.
pub(crate) fn document(text: &str, format: &'static dyn Format) -> Document {
    Document::parse(text.as_bytes(), format).expect("a valid plaintext")
}

/// `text` encrypted as `plan` says.
pub(crate) fn sealed(text: &str, format: &'static dyn Format, plan: &Plan) -> String {
    encrypt(&document(text, format), plan, &NoInteraction).expect("it can be encrypted").text
}

/// Decrypts as `person`; an error is searched for secrets.
pub(crate) fn decrypt_as(person: &Person, bytes: &[u8], format: &'static dyn Format) -> Result<Decrypted, Error> {
    let decrypted = decrypt(bytes, format, &person);
    match &decrypted {
        Ok(decrypted) => assert_no_secret(&format!("{decrypted:?}")),
        Err(error) => assert_silent(error),
    }
    decrypted
}

/// What alice gets.
pub(crate) fn opened(text: &str, format: &'static dyn Format) -> String {
    let decrypted = decrypt_as(alice(), text.as_bytes(), format).unwrap_or_else(|error| panic!("{error}: {text}"));
    decrypted.document.text().to_owned()
}

/// Why alice gets nothing.
pub(crate) fn refused(text: &str, format: &'static dyn Format) -> Error {
    match decrypt_as(alice(), text.as_bytes(), format) {
        Err(error) => error,
        Ok(decrypted) => panic!("it went unnoticed:\n{text}\ngives\n{}", decrypted.document.text()),
    }
}

/// I6: neither form of an error holds a secret.
pub(crate) fn assert_silent(error: &Error) {
    assert_no_secret(&format!("{error}\n{error:?}"));
}

fn assert_no_secret(text: &str) {
    assert!(!text.contains(CANARY), "a secret in a message: {text}");
}

/// An error of verification at a leaf.
pub(crate) fn unverified(step: Step, path: &str, line: usize, column: usize) -> Error {
    Error::Authentication { step, path: Some(path.to_owned()), at: Some(Position { line, column }) }
}

/// An error of verification of a section.
pub(crate) fn section_unverified(step: Step, section: &str) -> Error {
    Error::Authentication { step, path: Some(format!("sops-rs.sections.{section}")), at: None }
}

/// `text` with the only occurrence of `old` replaced.
pub(crate) fn replaced(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "`{old}` in {text}");
    text.replace(old, new)
}

/// The token behind `key`, which stands once in `text`.
pub(crate) fn token(text: &str, key: &str) -> String {
    let (_, behind) = text.split_once(key).unwrap_or_else(|| panic!("no `{key}` in {text}"));
    let start = behind.find("ENC[").expect("a token");
    let end = behind.find(']').expect("the end of a token");
    behind[start..=end].to_owned()
}

/// `text` with two pieces in each other's place.
pub(crate) fn swapped(text: &str, a: &str, b: &str) -> String {
    const MARK: &str = "\u{0}";
    replaced(&replaced(&replaced(text, a, MARK), b, a), MARK, b)
}

/// `text` with the line that begins with `start` changed.
pub(crate) fn with_line(text: &str, start: &str, change: impl Fn(&str) -> String) -> String {
    let mut found = 0;
    let changed = text.split_inclusive('\n').map(|line| {
        if line.starts_with(start) {
            found += 1;
            change(line)
        } else {
            line.to_owned()
        }
    });
    let changed = changed.collect();
    assert_eq!(found, 1, "lines with `{start}` in {text}");
    changed
}

/// The body and the metadata of an encrypted YAML file.
pub(crate) fn parts(text: &str) -> (&str, &str) {
    text.split_at(text.find("sops-rs:\n").expect("a metadata block"))
}
