#![expect(clippy::disallowed_methods, reason = "tests write their inputs, in temporary folders")]

use std::os::unix::fs::{PermissionsExt as _, symlink};

use sops_rs::dialect::sops::{MasterKey, Rule, Time};
use sops_rs::document::sops::Store;
use sops_rs::document::{BINARY, format_by_name};
use sops_rs::file::any::{self, Input};
use sops_rs::file::{Document, Plan, encrypt, sops};
use sops_rs::keys::{NoInteraction, generate_x25519};
use tempfile::TempDir;

use super::*;

fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("done")).expect("done");
    fs::write(path, text).expect("done");
}

/// A folder with files of all sorts; `with_git` makes it a repository.
fn folder(with_git: bool) -> TempDir {
    let folder = tempfile::tempdir().expect("done");
    let top = folder.path();
    for name in ["b.yaml", "a/z.yaml", "a/b/c.env", "ignored/x.yaml", "ignored.yaml", "ä \n.json", "gone/x.yaml"] {
        put(top, name, "a: 1\n");
    }
    put(top, ".gitignore", "ignored\nignored.yaml\n");
    if with_git {
        git::ask(top, &["init", "-q"]).expect("done");
        git::ask(top, &["add", "a/z.yaml", "gone/x.yaml"]).expect("done");
    } else {
        put(top, ".git/config.yaml", "a: 1\n");
    }
    put(top, "elsewhere/x.yaml", "a: 1\n");
    fs::remove_file(top.join("gone/x.yaml")).expect("done");
    fs::remove_dir(top.join("gone")).expect("done");
    symlink("elsewhere", top.join("gone")).expect("done");
    symlink("b.yaml", top.join("link.yaml")).expect("done");
    folder
}

fn names(listing: &Listing, top: &Path) -> Vec<String> {
    assert!(listing.failures.is_empty(), "{:?}", listing.failures);
    let name = |file: &ListedFile| {
        let ignored = if file.ignored { "!" } else { "" };
        format!("{ignored}{}", file.path.strip_prefix(top).expect("done").display())
    };
    listing.files.iter().map(name).collect()
}

#[test]
fn files_are_found_with_git_and_without() {
    let with = folder(true);
    assert_eq!(
        names(&list(&[with.path().to_owned()]), with.path()),
        [".gitignore", "a/b/c.env", "a/z.yaml", "b.yaml", "elsewhere/x.yaml", "!ignored.yaml", "ä \n.json"]
    );
    let without = folder(false);
    assert_eq!(
        names(&list(&[without.path().to_owned()]), without.path()),
        [
            ".gitignore",
            "a/b/c.env",
            "a/z.yaml",
            "b.yaml",
            "elsewhere/x.yaml",
            "ignored/x.yaml",
            "ignored.yaml",
            "ä \n.json"
        ]
    );
}

#[test]
fn a_file_is_listed_once_and_only_from_the_folders_asked_for() {
    for with_git in [false, true] {
        let folder = folder(with_git);
        let folders = ["a", "a/b", "elsewhere"].map(|name| folder.path().join(name));
        assert_eq!(names(&list(&folders), folder.path()), ["a/b/c.env", "a/z.yaml", "elsewhere/x.yaml"]);
    }
}

#[test]
fn a_folder_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a/x.yaml", "a: 1\n");
    fs::set_permissions(folder.path().join("a"), fs::Permissions::from_mode(0o300)).unwrap();
    let listing = list(&[folder.path().to_owned()]);
    // The superuser reads everything.
    if listing.files.is_empty() {
        assert_eq!(listing.failures.len(), 1);
    }
    fs::set_permissions(folder.path().join("a"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(list(&[folder.path().join("none")]).failures.len(), 1);
}

/// A binary file of SOPS.
fn sops_text() -> String {
    let plan = sops::Plan {
        groups: vec![vec![sops::NamedKey { name: None, key: MasterKey::age(generate_x25519().1.as_str()) }]],
        shamir_threshold: None,
        selector: Rule::default(),
        mac_only_encrypted: false,
        with_toml: true,
    };
    let input = Input { plaintext: b"x", format: BINARY, store: Store::Binary };
    let wrap = sops::KeyWrap { interaction: &NoInteraction, gpg: None };
    any::encrypt(input, &any::Plan::Sops(plan), &wrap, Time::of_unix(0)).expect("it is encrypted").text
}

#[test]
fn encrypted_files_are_told_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = format_by_name("yaml").unwrap();
    let plan = Plan::for_recipients([("me".to_owned(), generate_x25519().1)]);
    let encrypted_text = |text: &str| {
        let document = Document::parse(text.as_bytes(), yaml).unwrap();
        encrypt(&document, &plan, &NoInteraction).unwrap().text
    };
    let text = encrypted_text("a: 1\n");
    put(folder.path(), "a.yaml", &text);
    put(folder.path(), "b/a.yml", &text);
    put(folder.path(), "damaged.yaml", text.replace("version:", "verison:"));
    put(folder.path(), "note.txt", &text);
    put(folder.path(), "about.md", format!("as in\n\n{text}\nwhich is `sops-rs`"));
    put(folder.path(), "bytes.bin", [text.as_bytes(), &[0]].concat());
    put(folder.path(), "ours.yaml", "see: sops-rs\nnot: \u{2028} allowed\n");
    put(folder.path(), "sops.env", "A=1\nsops_mac=x\nsops_version=3\n");
    put(folder.path(), "plain.json", "{}");
    put(folder.path(), "bytes.yaml", [0xff, 0xfe]);
    let envelope = {
        let document = Document::parse(&[0, 159, 146, 150], BINARY).unwrap();
        encrypt(&document, &plan, &NoInteraction).unwrap().text
    };
    put(folder.path(), "cert.pem", &envelope);
    put(
        folder.path(),
        "formatted",
        format!("\u{feff}\n{}", envelope.replacen("{\n  \"data\": ", "{\r\n\r\n\t\"data\" :", 1)),
    );
    put(folder.path(), "misnamed.env", &envelope);
    put(folder.path(), "cut", &envelope[..envelope.len() - 9]);
    put(folder.path(), "other", "{\"data\": \"sops-rs\"}");
    let of_sops = sops_text();
    put(folder.path(), "of_sops.env", &of_sops);
    put(folder.path(), "of_sops.pem", &of_sops);
    put(folder.path(), "sops.pem", "{\n\t\"data\": \"x\",\n\t\"sops\": {\"mac\": \"x\", \"version\": \"3.9.0\"}}");
    let found = encrypted(&[folder.path().to_owned()], jobs::processors());
    let paths: Vec<_> = found.files.iter().map(|(path, _)| path.strip_prefix(folder.path()).unwrap()).collect();
    let names =
        ["a.yaml", "b/a.yml", "cert.pem", "formatted", "misnamed.env", "note.txt", "of_sops.env", "of_sops.pem"];
    assert_eq!(paths, names.map(Path::new));
    assert_eq!(found.files[0].1.sections()[0].readers[0].name, "me");
    let failures: Vec<_> = found.failures.iter().map(|failure| format!("{failure:?}")).collect();
    assert_eq!(failures.len(), 2, "{failures:?}");
    for (failure, name) in failures.iter().zip(["cut", "damaged.yaml"]) {
        assert!(failure.contains(name), "{failure}");
    }
    for name in ["sops.env", "sops.pem"] {
        assert!(matches!(look(&folder.path().join(name)), Ok(Look::Other)), "{name}");
    }
}
