//! Losslessness on files: decrypt(encrypt(f)) == f, byte for byte, or a refusal that names the place.
//!
//! The files lie in `testdata/lossless/<format>/`. `SOPS_RS_CORPUS=FOLDER` runs the same over any folder of files, and
//! prints every refusal with its reason.

#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "an opt-in run says what it was asked to do")]

use std::fs;
use std::path::{Path, PathBuf};

use sops_rs::Error;
use sops_rs::document::{FORMATS, Format, format_for_name};
use sops_rs::file::{self, Document, IdentityUnlock, Plan};
use sops_rs::keys::{self, Identities, NoInteraction};

struct Reader {
    plan: Plan,
    identities: Identities,
}

impl Reader {
    fn new() -> Self {
        let (secret, recipient) = keys::generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "the test's key").expect("a generated key");
        Self { plan: Plan::for_recipients([("reader".to_owned(), recipient)]), identities }
    }

    /// Encrypts and decrypts `bytes`, which must come back; or gives the refusal.
    fn round_trip(&self, name: &str, bytes: &[u8], format: &'static dyn Format) -> Result<(), Error> {
        let document = Document::parse(bytes, format)?;
        let encrypted = file::encrypt(&document, &self.plan, &NoInteraction)?;
        let unlock = IdentityUnlock { identities: &self.identities, interaction: &NoInteraction };
        let decrypted = file::decrypt(encrypted.text.as_bytes(), format, &unlock)
            .unwrap_or_else(|error| panic!("{name}: encrypted, and does not decrypt: {error}"));
        let plaintext = decrypted.document.into_plaintext()?;
        assert!(*plaintext == bytes, "{name}: came back different");
        Ok(())
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The text as it stands, with CRLF, behind a BOM, and without its last line break.
fn variants(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut variants = vec![("as it is", bytes.to_vec())];
    let Ok(text) = std::str::from_utf8(bytes) else { return variants };
    if !text.contains('\r') {
        variants.push(("CRLF", text.replace('\n', "\r\n").into_bytes()));
    }
    if !text.contains('\u{feff}') {
        variants.push(("BOM", format!("\u{feff}{text}").into_bytes()));
    }
    if let Some(text) = text.strip_suffix('\n') {
        variants.push(("no last line break", text.as_bytes().to_vec()));
    }
    variants
}

#[test]
fn every_file_comes_back_or_is_refused_with_its_place() {
    let reader = Reader::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lossless");
    let mut refused = String::new();
    let mut count = 0;
    for format in FORMATS.iter().copied() {
        let files = files_below(&root.join(format.name()));
        assert!(!files.is_empty(), "no files for {}", format.name());
        for path in files {
            let name = path.strip_prefix(&root).expect("below the root").display().to_string();
            for (variant, bytes) in variants(&fs::read(&path).expect("a readable file")) {
                count += 1;
                if let Err(error) = reader.round_trip(&format!("{name} ({variant})"), &bytes, format) {
                    refused.push_str(&format!("{name} ({variant}): {error}\n"));
                }
            }
        }
    }
    assert!(count > 1000, "only {count} texts");
    let expected = fs::read_to_string(root.join("refused.txt")).expect("the list of refusals");
    assert_eq!(refused, expected, "refusals changed; look at each before accepting it");
}

#[test]
fn a_corpus_comes_back_or_is_refused_with_its_place() {
    let Some(folder) = std::env::var_os("SOPS_RS_CORPUS") else { return };
    let reader = Reader::new();
    let (mut same, mut refused) = (0, 0);
    for path in files_below(Path::new(&folder)) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let Some(format) = format_for_name(&name) else { continue };
        let bytes = fs::read(&path).expect("a readable file");
        let shown = path.strip_prefix(&folder).expect("below the folder").display().to_string();
        match reader.round_trip(&shown, &bytes, format) {
            Ok(()) => same += 1,
            Err(error) => {
                refused += 1;
                eprintln!("refused: {shown}: {error}");
            }
        }
    }
    eprintln!("{same} files came back byte for byte, {refused} were refused");
    assert!(same > 0, "no file of a known format");
}
