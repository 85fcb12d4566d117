//! Against the files in `testdata/keys`, which the `age` program and ssh-keygen made.

use std::cell::RefCell;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::keys::{NoInteraction, Recipient, WRAPPED_KEY_LIMIT, generate_x25519, wrap};

macro_rules! testdata {
    ($name:literal) => {
        include_bytes!(concat!("../../../testdata/keys/", $name))
    };
}

const X25519: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const PLUGIN_IDENTITY: &str = "AGE-PLUGIN-MIRROR-1D4JEE5";
const PLUGIN_RECIPIENT: &str = "age1mirror18cedd3";

/// Types the same passphrase at every question, and remembers all texts.
struct Typist {
    passphrase: &'static str,
    heard: RefCell<Vec<String>>,
}

impl Typist {
    fn new(passphrase: &'static str) -> Self {
        Self { passphrase, heard: RefCell::default() }
    }
}

impl Interaction for Typist {
    fn message(&self, text: &str) {
        self.heard.borrow_mut().push(text.to_owned());
    }

    fn confirm(&self, _question: &str, _yes: &str, _no: Option<&str>) -> Option<bool> {
        None
    }

    fn public_string(&self, _question: &str) -> Option<String> {
        None
    }

    fn passphrase(&self, question: &str) -> Option<Zeroizing<String>> {
        self.heard.borrow_mut().push(question.to_owned());
        Some(Zeroizing::new(self.passphrase.to_owned()))
    }
}

fn identities(files: &[&[u8]]) -> Identities {
    let mut identities = Identities::new();
    for (index, file) in files.iter().enumerate() {
        identities.add_identity_file(file, &format!("file {index}")).expect("an identity file");
    }
    identities
}

fn key(bytes: &[u8]) -> WrappedKey {
    WrappedKey::from_bytes(bytes.to_vec())
}

fn is_the_data_key(unwrapped: Result<Option<DataKey>, Error>) -> bool {
    let expected = testdata!("data_key.bin");
    unwrapped.expect("no error").is_some_and(|key| key.expose() == expected)
}

fn text_of(unwrapped: Result<Option<DataKey>, Error>) -> String {
    unwrapped.expect_err("an error").to_string()
}

fn public(file: &'static [u8]) -> &'static str {
    std::str::from_utf8(file).expect("text").trim_end()
}

fn hybrid() -> &'static str {
    public(testdata!("hybrid.txt")).lines().find_map(|line| line.strip_prefix("# public key: ")).expect("a recipient")
}

#[test]
fn every_kind_unwraps_what_the_age_program_wrapped() {
    for (identity, recipient, wrapped) in [
        (testdata!("x25519.txt").as_slice(), X25519, testdata!("x25519.age").as_slice()),
        (testdata!("ssh_ed25519"), public(testdata!("ssh_ed25519.pub")), testdata!("ssh_ed25519.age")),
        (testdata!("ssh_rsa"), public(testdata!("ssh_rsa.pub")), testdata!("ssh_rsa.age")),
        (testdata!("hybrid.txt"), hybrid(), testdata!("hybrid.age")),
    ] {
        let identities = identities(&[identity]);
        assert!(is_the_data_key(identities.unwrap(&[(recipient, &key(wrapped))], &NoInteraction)), "{recipient}");
        assert!(is_the_data_key(identities.unwrap(&[("another", &key(wrapped))], &NoInteraction)), "only a hint");
        let parsed = Recipient::parse(recipient).expect("a recipient");
        let info = |recipient| IdentityInfo { source: "file 0".into(), sort: IdentitySort::Silent, recipient };
        assert_eq!(identities.list(Effort::Read, &NoInteraction), [info(Some(parsed.clone()))]);

        let fresh = DataKey::generate().expect("randomness");
        let wrapped = wrap(&fresh, &parsed, &NoInteraction).expect("wrapped");
        let unwrapped = identities.unwrap(&[(recipient, &wrapped)], &NoInteraction).expect("no error");
        assert_eq!(unwrapped.map(|key| *key.expose()), Some(*fresh.expose()));
    }
}

#[test]
fn nobody_elses_key_opens() {
    let stranger = key(testdata!("stranger.age"));
    let scrypt = key(testdata!("scrypt.age"));
    let identities = identities(&[testdata!("x25519.txt"), testdata!("ssh_ed25519"), testdata!("ssh_rsa")]);
    for wrapped in [&[][..], &[("a", &stranger)], &[("a", &stranger), ("b", &scrypt)]] {
        assert!(matches!(identities.unwrap(wrapped, &NoInteraction), Ok(None)));
    }
    let both = [("a", &stranger), ("b", &key(testdata!("ssh_ed25519.age")))];
    assert!(is_the_data_key(identities.unwrap(&both, &NoInteraction)));
}

#[test]
fn a_passphrase_is_asked_for_only_when_its_ssh_key_fits_and_only_once() {
    let typist = Typist::new("correct horse");
    let identities = identities(&[testdata!("ssh_ed25519_passphrase"), testdata!("x25519.txt")]);
    let (mine, other) = (key(testdata!("ssh_ed25519_passphrase.age")), key(testdata!("ssh_ed25519.age")));
    let silent = key(testdata!("x25519.age"));
    assert!(matches!(identities.unwrap(&[("a", &other)], &typist), Ok(None)));
    assert!(is_the_data_key(identities.unwrap(&[("a", &mine), ("b", &silent)], &typist)), "the silent one first");
    assert!(typist.heard.borrow().is_empty());
    for _ in 0..2 {
        assert!(is_the_data_key(identities.unwrap(&[("a", &other), ("b", &mine)], &typist)));
    }
    assert_eq!(*typist.heard.borrow(), ["passphrase of file 0"]);
}

#[test]
fn passphrases_that_are_wrong_or_cannot_be_asked_for_are_errors() {
    let mine = key(testdata!("ssh_ed25519_passphrase.age"));
    let locked = || identities(&[testdata!("ssh_ed25519_passphrase")]);
    assert_eq!(
        text_of(locked().unwrap(&[("a", &mine)], &NoInteraction)),
        "file 0: needs its passphrase, and it could not be asked for"
    );
    let typist = Typist::new("wrong horse");
    assert_eq!(text_of(locked().unwrap(&[("a", &mine)], &typist)), "file 0: wrong passphrase");
    assert_eq!(
        *typist.heard.borrow(),
        ["passphrase of file 0", "wrong; passphrase of file 0", "wrong; passphrase of file 0"]
    );
}

#[test]
fn an_encrypted_identity_file_is_unlocked_last_and_once() {
    let typist = Typist::new("correct horse");
    let identities = identities(&[testdata!("locked_stranger.txt"), testdata!("x25519.txt")]);
    let (own, ssh) = (key(testdata!("x25519.age")), key(testdata!("ssh_rsa.age")));
    assert!(is_the_data_key(identities.unwrap(&[("a", &own)], &typist)));
    assert!(matches!(identities.unwrap(&[("a", &ssh)], &typist), Ok(None)), "no ssh key can be in it");
    assert!(typist.heard.borrow().is_empty());
    let locked = |list: &[IdentityInfo]| list[0].sort == IdentitySort::Locked && list[0].recipient.is_none();
    assert!(locked(&identities.list(Effort::Run, &typist)) && typist.heard.borrow().is_empty());

    let stranger = key(testdata!("stranger.age"));
    assert!(is_the_data_key(identities.unwrap(&[("a", &stranger)], &typist)));
    assert!(is_the_data_key(identities.unwrap(&[("a", &stranger)], &NoInteraction)), "silent from now on");
    assert!(identities.list(Effort::Read, &NoInteraction)[0].recipient.is_some(), "and known");
    assert_eq!(*typist.heard.borrow(), ["passphrase of file 0"]);

    let typist = Typist::new("wrong");
    let locked = self::identities(&[testdata!("locked_stranger.txt")]);
    assert_eq!(text_of(locked.unwrap(&[("a", &stranger)], &typist)), "file 0: wrong passphrase");
}

#[test]
fn only_an_identity_that_fits_complains() {
    let identities = identities(&[testdata!("x25519.txt"), testdata!("ssh_ed25519")]);
    for (wrapped, what) in [
        (testdata!("x25519_31_bytes.age").to_vec(), "does not hold a data key of 32 bytes"),
        (testdata!("x25519_33_bytes.age").to_vec(), "does not hold a data key of 32 bytes"),
        (b"garbage".to_vec(), "is damaged"),
        (Vec::new(), "is damaged"),
        (vec![b'x'; WRAPPED_KEY_LIMIT + 1], "is longer than 65536 bytes"),
        ([testdata!("x25519.age").as_slice(), b"x"].concat(), "is damaged"),
    ] {
        let wrapped = WrappedKey::from_bytes(wrapped);
        let other = key(testdata!("stranger.age"));
        let expected = format!("the wrapped key for {X25519} {what}");
        assert_eq!(text_of(identities.unwrap(&[(X25519, &wrapped)], &NoInteraction)), expected);
        assert_eq!(text_of(identities.unwrap(&[("x", &other), (X25519, &wrapped)], &NoInteraction)), expected);
        for entries in [&[("a stranger", &wrapped)][..], &[("a stranger", &wrapped), ("x", &other)]] {
            assert!(matches!(identities.unwrap(entries, &NoInteraction), Ok(None)));
        }
        let good = key(testdata!("ssh_ed25519.age"));
        assert!(is_the_data_key(identities.unwrap(&[(X25519, &wrapped), ("ssh", &good)], &NoInteraction)));
    }
}

#[test]
fn identity_files_are_read_strictly_and_never_quoted() {
    let secret = public(testdata!("x25519.txt")).lines().last().expect("a key");
    let stranger = public(testdata!("stranger.txt")).lines().last().expect("a key");
    let mut all = Identities::new();
    all.add_identity_file(format!("\u{feff}# c\r\n\r\n{secret} {stranger}\r\n{PLUGIN_IDENTITY}\n").as_bytes(), "a")
        .expect("an identity file");
    assert_eq!(all.sources().count(), 3);
    assert_eq!(format!("{all:?}"), r#"Identities["a", "a", "a"]"#);

    for (text, what) in [
        (format!("{secret}\n\n{}", &secret[..40]), ", line 3: this identity is mistyped or cut off"),
        (secret.replace("KEY-1", "KEY-PQ-1"), ", line 1: this identity is mistyped or cut off"),
        ("AGE-PLUGIN-MIRROR-1D4JEE6".to_owned(), ", line 1: this plugin identity is mistyped or cut off"),
        (
            X25519.to_owned(),
            ", line 1: this is a recipient (a public key), an identity is expected: `AGE-SECRET-KEY-1…`",
        ),
        ("hunter2".to_owned(), ", line 1: not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected"),
        ("# nothing\n".to_owned(), ": holds no identity"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(),
            ": not an ssh private key (OpenSSH's own form, or PEM with `BEGIN RSA PRIVATE KEY`), or a damaged one",
        ),
        ("age-encryption.org/v1\n".to_owned(), ": this encrypted identity file is damaged"),
    ] {
        let mut identities = Identities::new();
        let error = identities.add_identity_file(text.as_bytes(), "`K`").expect_err("refused").to_string();
        assert_eq!(error, format!("`K`{what}"));
        assert!(identities.is_empty(), "all or nothing");
    }
    let error = Identities::new().add_identity_file(testdata!("x25519.age"), "`K`").expect_err("refused");
    assert_eq!(error.to_string(), "`K`: this identity file is encrypted to a key; only a passphrase is supported");
    let error = Identities::new().add_identity_file(b"\xff", "`K`").expect_err("refused");
    assert_eq!(error.to_string(), "`K`: not UTF-8");
    let error = Identities::new().add_identity_file(&vec![b'#'; IDENTITY_FILE_LIMIT + 1], "`K`").expect_err("refused");
    assert_eq!(error.to_string(), "`K`: longer than 16 MiB");
}

#[test]
fn deferred_sources_are_read_once_and_only_at_need() {
    let reads = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reads);
    let mut list = Identities::new();
    list.add_deferred("a slow file", move || {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(identities(&[testdata!("stranger.txt")]))
    });
    list.add_identity_file(testdata!("x25519.txt"), "a file").expect("an identity file");
    let (own, stranger) = (key(testdata!("x25519.age")), key(testdata!("stranger.age")));
    assert!(is_the_data_key(list.unwrap(&[("a", &own), ("b", &stranger)], &NoInteraction)));
    assert_eq!(reads.load(Ordering::Relaxed), 0);
    for _ in 0..2 {
        assert!(is_the_data_key(list.unwrap(&[("b", &stranger)], &NoInteraction)));
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[test]
fn a_failing_source_is_an_error_or_a_message() {
    let stranger = key(testdata!("stranger.age"));
    let typist = Typist::new("");
    let mut list = Identities::new();
    list.add_deferred("a slow file", || Err(invalid("a slow file: rubbish".to_owned())));
    assert!(matches!(list.unwrap(&[("a", &stranger)], &typist), Ok(None)));
    list.add_command("a command", |_| Err(invalid("a command: exit status 1".to_owned())));
    assert_eq!(text_of(list.unwrap(&[("a", &stranger)], &typist)), "a command: exit status 1");
    assert_eq!(*typist.heard.borrow(), ["a slow file: rubbish"]);
}

#[test]
fn a_command_is_asked_once_for_each_recipient() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let mut list = Identities::new();
    list.add_command("a command", move |recipient| {
        log.lock().expect("one thread").push(recipient.to_owned());
        match recipient {
            "b" => Ok(identities(&[testdata!("stranger.txt")])),
            "c" => Ok(Identities::new()),
            _ => Err(invalid("a command: what is that".to_owned())),
        }
    });
    let stranger = key(testdata!("stranger.age"));
    for _ in 0..2 {
        let wrapped = [("a", &stranger), ("b", &stranger), ("c", &stranger)];
        assert!(is_the_data_key(list.unwrap(&wrapped, &NoInteraction)));
    }
    assert_eq!(*asked.lock().expect("one thread"), ["a", "b"]);
    // What it gave is there for every file from then on.
    assert!(is_the_data_key(list.unwrap(&[("d", &stranger)], &NoInteraction)));
    let own = key(testdata!("x25519.age"));
    assert_eq!(
        text_of(list.unwrap(&[("d", &own), ("c", &own), ("d", &own)], &NoInteraction)),
        "a command: what is that"
    );
    assert_eq!(*asked.lock().expect("one thread"), ["a", "b", "d", "c"]);
    assert_eq!(list.list(Effort::Ask, &NoInteraction).len(), 1, "what failed for one recipient is not told");
}

#[test]
fn sops_keeps_the_comment_of_an_ssh_key() {
    assert!(same("ssh-rsa AAAA", "ssh-rsa AAAA me@here"));
    assert!(!same("ssh-rsa AAAA", "ssh-rsa AAAAB"));
    assert!(same("age1x", "age1x"));
    assert!(!same("age1x", "age1x y"));
}

/// The real `age` opens what we wrapped. Opt-in, since that program must be installed.
#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, no input of the library")]
fn the_age_program_unwraps_what_we_wrapped() {
    if std::env::var_os("SOPS_RS_TEST_AGE").is_none_or(|value| value != "1") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (recipient, identity) in [
        (X25519, "x25519.txt"),
        (public(testdata!("ssh_ed25519.pub")), "ssh_ed25519"),
        (public(testdata!("ssh_rsa.pub")), "ssh_rsa"),
    ] {
        let data_key = DataKey::generate().expect("randomness");
        let recipient = Recipient::parse(recipient).expect("a recipient");
        let wrapped = wrap(&data_key, &recipient, &NoInteraction).expect("wrapped");
        let file = tempfile::NamedTempFile::new_in(&folder).expect("a file");
        std::io::Write::write_all(&mut file.as_file(), wrapped.as_bytes()).expect("written");
        let identity = format!("{}/testdata/keys/{identity}", env!("CARGO_MANIFEST_DIR"));
        let output = Command::new("age").args(["-d", "-i", &identity]).arg(file.path()).output().expect("age runs");
        assert_eq!(output.stdout, data_key.expose(), "{recipient}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The `age` program of today's distributions has no post-quantum keys: its author's version in TypeScript has.
#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, no input of the library")]
fn another_program_unwraps_what_we_wrapped_post_quantum() {
    let Some(modules) = std::env::var_os("SOPS_RS_TEST_TYPAGE") else { return };
    let data_key = DataKey::generate().expect("randomness");
    let (secret, recipient) = crate::keys::generate_post_quantum().expect("randomness");
    let wrapped = wrap(&data_key, &recipient, &NoInteraction).expect("wrapped");
    let script = r#"
        const { armor, Decrypter, identityToRecipient } = await import(process.argv[1] + "/age-encryption/dist/index.js");
        const decrypter = new Decrypter();
        decrypter.addIdentity(process.argv[2]);
        const key = await decrypter.decrypt(armor.decode(process.argv[3]));
        console.log(Buffer.from(key).toString("hex"), await identityToRecipient(process.argv[2]));
    "#;
    let output = Command::new("node")
        .args(["--input-type=module", "-e", script])
        .args([modules.as_os_str(), secret.as_str().as_ref(), wrapped.to_armored().as_ref()])
        .output()
        .expect("node runs");
    let expected: String = data_key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, format!("{expected} {recipient}\n"), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Plugins are looked up on the PATH, which a test cannot change for itself: it runs the next test as a child.
#[cfg(unix)]
#[test]
fn a_plugin_wraps_and_unwraps() {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "keys::identities::tests::with_the_plugin_on_the_path", "--ignored"])
        .env("PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plugin"))
        .output()
        .expect("the child runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "run by `a_plugin_wraps_and_unwraps`"]
fn with_the_plugin_on_the_path() {
    let recipient = Recipient::parse(PLUGIN_RECIPIENT).expect("a recipient");
    let data_key = DataKey::generate().expect("randomness");
    let typist = Typist::new("1234");
    let wrapped = wrap(&data_key, &recipient, &typist).expect("wrapped");
    let identities = identities(&[format!("{PLUGIN_IDENTITY}\n").as_bytes(), testdata!("x25519.txt")]);
    let other = key(testdata!("stranger.age"));
    let unwrapped = identities.unwrap(&[("x", &other), (PLUGIN_RECIPIENT, &wrapped)], &typist).expect("no error");
    assert_eq!(unwrapped.map(|key| *key.expose()), Some(*data_key.expose()));
    assert_eq!(*typist.heard.borrow(), ["Hello", "PIN"]);

    let typist = Typist::new("4321");
    let error = text_of(identities.unwrap(&[(PLUGIN_RECIPIENT, &wrapped)], &typist));
    assert!(error.starts_with("file 0: ") && error.ends_with("wrong PIN"), "{error}");
    assert!(identities.unwrap(&[(PLUGIN_RECIPIENT, &wrapped)], &NoInteraction).is_err());
    assert!(matches!(identities.unwrap(&[("x", &other)], &NoInteraction), Ok(None)));
}

#[test]
fn a_missing_plugin_is_named_when_nothing_else_fits() {
    let identities = identities(&[b"AGE-PLUGIN-NOSUCH-1ES4KG9", testdata!("x25519.txt")]);
    assert!(is_the_data_key(identities.unwrap(&[("a", &key(testdata!("x25519.age")))], &NoInteraction)));
    assert_eq!(
        text_of(identities.unwrap(&[("a", &key(testdata!("stranger.age")))], &NoInteraction)),
        "file 0: the plugin `age-plugin-nosuch` is not on the PATH"
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_unwrap_but_the_right_ones(
        position in 0..232_usize,
        change in 1..=255_u8,
        cut in proptest::bool::ANY,
        named in proptest::bool::ANY,
    ) {
        let mut bytes = testdata!("x25519.age").to_vec();
        if cut {
            bytes.truncate(position);
        } else {
            bytes[position] ^= change;
        }
        let identities = identities(&[testdata!("x25519.txt"), testdata!("ssh_ed25519")]);
        let recipient = if named { X25519 } else { "another" };
        proptest::prop_assert!(!matches!(
            identities.unwrap(&[(recipient, &WrappedKey::from_bytes(bytes))], &NoInteraction),
            Ok(Some(_))
        ));
    }

    #[test]
    fn no_header_makes_unwrapping_panic(stanzas in "(-> (X25519|ssh-ed25519|ssh-rsa|scrypt|x)( [A-Za-z0-9+/]{0,44}){0,3}\n([A-Za-z0-9+/]{64}\n){0,2}[A-Za-z0-9+/]{0,63}\n){0,3}", rest in "(--- [A-Za-z0-9+/]{43}\n)?.{0,80}") {
        let wrapped = WrappedKey::from_bytes(format!("age-encryption.org/v1\n{stanzas}{rest}").into_bytes());
        let identities = identities(&[testdata!("x25519.txt"), testdata!("ssh_ed25519")]);
        for recipient in [X25519, "another"] {
            proptest::prop_assert!(!matches!(identities.unwrap(&[(recipient, &wrapped)], &NoInteraction), Ok(Some(_))));
        }
    }

    #[test]
    fn no_identity_file_makes_reading_panic(text in "(-----BEGIN (OPENSSH|RSA) PRIVATE KEY-----\n|AGE-|age-encryption.org/v1\n)?[ -~\n]{0,200}") {
        let _ = Identities::new().add_identity_file(text.as_bytes(), "a test");
    }
}

#[test]
fn generated_identities_unwrap() {
    let (secret, recipient) = generate_x25519();
    let data_key = DataKey::generate().expect("randomness");
    let wrapped = wrap(&data_key, &recipient, &NoInteraction).expect("wrapped");
    let unwrapped = identities(&[secret.as_bytes()]).unwrap(&[(recipient.as_str(), &wrapped)], &NoInteraction);
    assert_eq!(unwrapped.expect("no error").map(|key| *key.expose()), Some(*data_key.expose()));
}

#[test]
fn a_list_goes_as_far_as_it_may() {
    let mut identities = identities(&[testdata!("locked_stranger.txt"), b"AGE-PLUGIN-MIRROR-1D4JEE5\n"]);
    identities.add_command("a command", |_| Err(invalid("a command: fails".into())));
    identities.add_deferred("a slow file", || {
        let mut identities = Identities::new();
        identities.add_identity_file(testdata!("x25519.txt"), "a slow file")?;
        Ok(identities)
    });
    let typist = Typist::new("correct horse");
    let sorts = |effort| -> Vec<_> {
        identities.list(effort, &typist).into_iter().map(|info| (info.sort, info.recipient.is_some())).collect()
    };
    let plugin = (IdentitySort::Plugin("mirror".into()), false);
    let known = (IdentitySort::Silent, true);
    let failed = (IdentitySort::Failed(invalid("a command: fails".into())), false);
    let locked = (IdentitySort::Locked, false);
    let unread = (IdentitySort::Unread, false);
    assert_eq!(sorts(Effort::Read), [locked.clone(), plugin.clone(), unread, known.clone()]);
    assert_eq!(sorts(Effort::Run), [locked, plugin.clone(), failed.clone(), known.clone()]);
    assert_eq!(sorts(Effort::Ask), [known.clone(), plugin, failed, known]);
    assert_eq!(*typist.heard.borrow(), ["passphrase of file 0"]);
}
