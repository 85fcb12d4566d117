//! The vectors in `testdata/vectors`, none of which this program made: each opens to exactly its plaintext, or fails
//! with the class that its header names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sops_rs::Error;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::document::{Format, format_by_name};
use sops_rs::error::Step;
use sops_rs::file::{IdentityUnlock, Unlock, decrypt, status, update};
use sops_rs::keys::{Identities, NoInteraction};

/// How many there are: a vector that is not found cannot fail.
const SUCCESSES: usize = 131;
const FAILURES: usize = 304;

struct Vector {
    name: String,
    bytes: Vec<u8>,
    plain: Option<Vec<u8>>,
    expect: String,
    format: &'static dyn Format,
    data_keys: BTreeMap<String, Vec<u8>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors")
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn vectors() -> Vec<Vector> {
    let mut names: Vec<_> = std::fs::read_dir(folder())
        .expect("the folder of the vectors")
        .filter_map(|entry| entry.expect("a file").file_name().into_string().ok())
        .filter_map(|file| file.strip_suffix(".header.json").map(str::to_owned))
        .collect();
    names.sort_unstable();
    names.into_iter().map(vector).collect()
}

fn vector(name: String) -> Vector {
    let header: Value =
        serde_json::from_slice(&read(&folder().join(format!("{name}.header.json")))).expect("a JSON header");
    let text = |field: &str| header[field].as_str().unwrap_or_else(|| panic!("{name}: {field}")).to_owned();
    let format = format_by_name(&text("format")).expect("a known format");
    let extension = text("format").replace("dotenv", "env").replace("binary", "bin");
    let keys = header["data_keys"].as_object().expect("data keys");
    let expect = text("expect");
    Vector {
        bytes: read(&folder().join(format!("{name}.enc.{extension}"))),
        plain: (expect == "success").then(|| read(&folder().join(format!("{name}.plain")))),
        data_keys: keys.iter().map(|(name, key)| (name.clone(), unhex(key.as_str().expect("hex")))).collect(),
        name,
        expect,
        format,
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// The data keys of a header.
struct Fixed<'v>(&'v Vector);

impl Unlock for Fixed<'_> {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        Ok(self.0.data_keys.get(&section.name).map(|key| DataKey::from_bytes(key).expect("32 bytes")))
    }
}

fn class(error: &Error) -> &'static str {
    match error {
        Error::NotEncrypted => "not encrypted",
        Error::Syntax { .. }
        | Error::NotUtf8 { .. }
        | Error::ForbiddenCharacter { .. }
        | Error::DuplicateKey { .. }
        | Error::Limit { .. } => "syntax failure",
        Error::Metadata { .. } => "metadata failure",
        Error::NoIdentity { .. } | Error::TooFewKeyGroups { .. } => "no match",
        Error::Token { .. }
        | Error::LeafNotSealed { .. }
        | Error::DuplicateId { .. }
        | Error::Authentication { step: Step::Seal | Step::Splice, .. } => "leaf failure",
        Error::Authentication { .. } => "MAC failure",
        other => panic!("no error of a reader: {other:?}"),
    }
}

fn check(vector: &Vector, unlock: &dyn Unlock, how: &str, failures: &mut Vec<String>) {
    let result = decrypt(&vector.bytes, vector.format, unlock);
    let found = result.as_ref().map_or_else(class, |_| "success");
    if found != vector.expect {
        failures.push(format!("{} ({how}): {found}, not {}: {:?}", vector.name, vector.expect, result.err()));
    } else if let (Ok(decrypted), Some(plain)) = (result, &vector.plain)
        && *decrypted.document.into_plaintext().expect("a plaintext") != *plain
    {
        failures.push(format!("{} ({how}): another plaintext", vector.name));
    }
}

#[test]
fn every_vector_opens_or_fails_as_its_header_says() {
    let mut identities = Identities::new();
    for name in ["x25519.txt", "x25519_second.txt"] {
        let identity = read(&folder().join("../keys").join(name));
        identities.add_identity_file(&identity, name).expect("an identity");
    }
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    let (mut failures, vectors) = (Vec::new(), vectors());
    for vector in &vectors {
        check(vector, &Fixed(vector), "data keys", &mut failures);
        check(vector, &unlock, "identity", &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let successes = vectors.iter().filter(|vector| vector.plain.is_some()).count();
    assert_eq!((successes, vectors.len() - successes), (SUCCESSES, FAILURES));
}

/// Without a key: metadata are shown wherever they can be read, and nothing else is looked at.
#[test]
fn status_tells_what_the_metadata_say() {
    for vector in vectors() {
        match (status(&vector.bytes, vector.format), vector.expect.as_str()) {
            (Ok(None), expect) => assert_eq!(expect, "not encrypted", "{}", vector.name),
            (Ok(Some(metadata)), "success") => {
                let held = metadata.sections.iter().filter(|section| vector.data_keys.contains_key(&section.name));
                assert_eq!(held.count(), vector.data_keys.len(), "{}", vector.name);
            }
            (Ok(Some(_)), expect) => assert_ne!(expect, "not encrypted", "{}", vector.name),
            // Attaching is checked with the body, so that fewer metadata failures show here.
            (Err(error), expect) => assert_eq!(class(&error), expect, "{}", vector.name),
        }
    }
}

/// Nothing but seals is random in what this program writes: given back what it opened, it writes the same bytes.
#[test]
fn an_update_without_a_change_writes_the_same_file() {
    let mut updated = 0;
    for vector in vectors() {
        let header = folder().join(format!("{}.header.json", vector.name));
        let header: Value = serde_json::from_slice(&read(&header)).expect("a JSON header");
        if header["canonical"] != true || vector.name == "sections-one-held" {
            continue;
        }
        let opened = decrypt(&vector.bytes, vector.format, &Fixed(&vector)).expect("it opens");
        let again = update(&vector.bytes, &opened.document, &Fixed(&vector)).expect("it can be written");
        assert_eq!(again.text.as_bytes(), vector.bytes, "{}", vector.name);
        updated += 1;
    }
    assert_eq!(updated, 111);
}

#[test]
fn the_example_of_the_format_page_is_a_vector() {
    let page = include_str!("../man/sops-rs-format.5").replace("\\-", "-").replace("\\(dq", "\"");
    let example = vector("example".to_owned());
    for text in [Some(&example.bytes), example.plain.as_ref()].into_iter().flatten() {
        let text = std::str::from_utf8(text).expect("UTF-8");
        assert!(page.contains(&format!(".EX\n{text}.EE\n")), "the page lacks:\n{text}");
    }
}
