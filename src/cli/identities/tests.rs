//! On made-up machines: a temporary home folder, variables in a map.

use std::fs;

use sops_rs::keys::{Effort, NoInteraction, Recipient, WrappedKey};
use tempfile::TempDir;

use super::*;

const X25519_FILE: &str = include_str!("../../../testdata/keys/x25519.txt");
const STRANGER_FILE: &str = include_str!("../../../testdata/keys/stranger.txt");
const SSH_FILE_TEXT: &str = include_str!("../../../testdata/keys/ssh_ed25519");
const X25519: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const STRANGER: &str = "age13hspa0g3q30ztfvtl2afsgdul5hgv32wlxr5kjvcrps8qqdu4scqglpx25";

/// A machine whose home is a new folder that holds `files`.
fn machine(files: &[(&str, &str)], variables: &[(&'static str, &str)]) -> (TempDir, Machine) {
    let home = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        put(home.path(), name, text);
    }
    let config = home.path().join(".config");
    let machine = Machine {
        variables: variables.iter().map(|&(name, value)| (name, value.into())).collect(),
        home: Some(home.path().to_owned()),
        config: Some(config.clone()),
        sops_config: Some(config),
    };
    (home, machine)
}

#[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(&path, text).expect("written");
    path
}

fn sources(found: &FoundIdentities) -> Vec<&str> {
    found.identities.sources().collect()
}

fn refusal(files: &[PathBuf], machine: &Machine) -> String {
    find(files, machine).expect_err("refused").to_string()
}

#[test]
fn a_key_given_as_a_path_is_not_told() {
    let secret = X25519_FILE.lines().last().expect("a key");
    let expected = "(a key, where the path of a file is expected): cannot be read: no such file";
    for text in [secret, &secret.to_lowercase(), &format!("./{secret}")] {
        assert_eq!(refusal(&[text.into()], &Machine::default()), expected);
        let (_home, machine) = machine(&[], &[(KEY_FILE, text)]);
        assert!(!refusal(&[], &machine).contains(&text[..24]));
    }
    let message = refusal(&[SSH_FILE_TEXT.into()], &Machine::default());
    assert!(message.starts_with("(a key, where the path of a file is expected): "), "{message}");
}

#[test]
fn all_places_are_looked_at_in_order() {
    let secret = X25519_FILE.lines().last().expect("a key");
    let (home, mut machine) = machine(
        &[
            ("named.txt", X25519_FILE),
            ("variable.txt", STRANGER_FILE),
            ("key", SSH_FILE_TEXT),
            (".ssh/id_ed25519", SSH_FILE_TEXT),
            (".ssh/id_rsa", SSH_FILE_TEXT),
            (".config/sops/age/keys.txt", X25519_FILE),
            (".config/sops-rs/keys.txt", X25519_FILE),
        ],
        &[(KEY, secret), (KEY_CMD, "false"), (SSH_CMD, "false")],
    );
    machine.variables.insert(KEY_FILE, home.path().join("variable.txt").into());
    machine.variables.insert(SSH_FILE, home.path().join("key").into());
    let found = find(&[home.path().join("named.txt")], &machine).expect("found");
    assert_eq!(
        sources(&found),
        [
            "`~/named.txt`",
            "`~/key` (`SOPS_AGE_SSH_PRIVATE_KEY_FILE`)",
            "`SOPS_AGE_SSH_PRIVATE_KEY_CMD`",
            "`~/.ssh/id_ed25519`",
            "`~/.ssh/id_rsa`",
            "`SOPS_AGE_KEY`",
            "`~/variable.txt` (`SOPS_AGE_KEY_FILE`)",
            "`SOPS_AGE_KEY_CMD`",
            "`~/.config/sops/age/keys.txt`",
            "`~/.config/sops-rs/keys.txt`",
        ]
    );
    assert_eq!(found.warnings, [""; 0]);
    assert_eq!(found.tried.len(), 10);
}

#[test]
fn an_empty_machine_says_where_it_looked() {
    let (_home, machine) = machine(&[], &[(KEY, "")]);
    let found = find(&[], &machine).expect("nothing is no error");
    assert!(found.identities.is_empty());
    assert_eq!(found.warnings, ["`SOPS_AGE_KEY` is set, but empty"]);
    assert_eq!(
        found.tried,
        [
            "`SOPS_AGE_SSH_PRIVATE_KEY_FILE` (not set)",
            "`SOPS_AGE_SSH_PRIVATE_KEY_CMD` (not set)",
            "`~/.ssh/id_ed25519` (not there)",
            "`~/.ssh/id_rsa` (not there)",
            "`SOPS_AGE_KEY` (empty)",
            "`SOPS_AGE_KEY_FILE` (not set)",
            "`SOPS_AGE_KEY_CMD` (not set)",
            "`~/.config/sops/age/keys.txt` (not there)",
            "`~/.config/sops-rs/keys.txt` (not there)",
        ]
    );
    assert!(find(&[], &Machine::default()).expect("no home is no error").identities.is_empty());
}

#[test]
fn what_was_asked_for_must_be_there_and_right() {
    let (home, machine) = machine(&[("bad.txt", "# c\nhunter2\n")], &[]);
    let (missing, bad) = (home.path().join("missing.txt"), home.path().join("bad.txt"));
    assert!(refusal(std::slice::from_ref(&missing), &machine).starts_with("`~/missing.txt`: cannot be read: "));
    let what = "line 2: not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected";
    assert_eq!(refusal(std::slice::from_ref(&bad), &machine), format!("`~/bad.txt`, {what}"));
    for (variable, path, expected) in [
        (KEY_FILE, &missing, "`~/missing.txt` (`SOPS_AGE_KEY_FILE`): cannot be read: "),
        (KEY_FILE, &bad, "`~/bad.txt` (`SOPS_AGE_KEY_FILE`), line 2: not an identity"),
        (SSH_FILE, &missing, "`~/missing.txt` (`SOPS_AGE_SSH_PRIVATE_KEY_FILE`): cannot be read: "),
        (SSH_FILE, &bad, "`~/bad.txt` (`SOPS_AGE_SSH_PRIVATE_KEY_FILE`): not an ssh private key"),
        (KEY, &PathBuf::from("hunter2"), "`SOPS_AGE_KEY`, line 1: not an identity"),
    ] {
        let machine = Machine {
            variables: HashMap::from([(variable, path.into())]),
            home: machine.home.clone(),
            ..Machine::default()
        };
        let error = refusal(&[], &machine);
        assert!(error.starts_with(expected) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_wrong_default_place_is_a_warning() {
    let (_home, machine) =
        machine(&[(".config/sops/age/keys.txt", "hunter2"), (".config/sops-rs/keys.txt/x", "a folder")], &[]);
    let found = find(&[], &machine).expect("no error");
    assert_eq!(found.warnings.len(), 2, "{:?}", found.warnings);
    assert_eq!(
        found.warnings[0],
        "`~/.config/sops/age/keys.txt`, line 1: not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected"
    );
    assert!(found.warnings[1].starts_with("`~/.config/sops-rs/keys.txt`: cannot be read: "));
}

#[test]
fn a_command_is_run_only_when_nothing_else_fits() {
    let (home, mut machine) = machine(&[("x25519.txt", X25519_FILE), ("it's.txt", STRANGER_FILE)], &[]);
    machine.variables.insert(KEY_FILE, home.path().join("x25519.txt").into());
    let command = format!("sh -c 'cat \"$1\"; echo >> \"$1.ran\"' - \"{}/it's.txt\"", home.path().display());
    machine.variables.insert(KEY_CMD, command.into());
    let ran = home.path().join("it's.txt.ran");
    let identities = find(&[], &machine).expect("found").identities;

    let own = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/x25519.age").to_vec());
    let stranger = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/stranger.age").to_vec());
    assert!(matches!(identities.unwrap(&[(STRANGER, &stranger), (X25519, &own)], &NoInteraction), Ok(Some(_))));
    assert!(!ran.exists());
    for _ in 0..2 {
        assert!(matches!(identities.unwrap(&[(STRANGER, &stranger)], &NoInteraction), Ok(Some(_))));
    }
    assert_eq!(fs::read(&ran).expect("it ran"), b"\n", "once");
    let list = identities.list(Effort::Read, &NoInteraction);
    let last = list.last().expect("one");
    assert_eq!((last.source.as_str(), &last.recipient), ("`SOPS_AGE_KEY_CMD`", &Recipient::parse(STRANGER).ok()));
}

#[test]
fn a_command_is_told_the_recipient() {
    let (home, mut machine) = machine(&[("age1a", STRANGER_FILE), ("age1b", STRANGER_FILE)], &[]);
    let ran = home.path().join("ran");
    // The first part prints another key for each recipient, the second one the same for all.
    for (file, expected) in [("$SOPS_AGE_RECIPIENT", "age1x\nage1a\nage1b\n"), ("age1a", "age1x\n")] {
        let command = format!("sh -c 'cd {} && echo $SOPS_AGE_RECIPIENT >> ran && cat {file}'", home.path().display());
        machine.variables.insert(KEY_CMD, command.into());
        let identities = find(&[], &machine).expect("found").identities;
        let stranger = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/stranger.age").to_vec());
        let wrapped = [("age1x", &stranger), ("age1a", &stranger)];
        assert!(matches!(identities.unwrap(&wrapped, &NoInteraction), Ok(Some(_))));
        let own = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/x25519.age").to_vec());
        for _ in 0..2 {
            // A failing run may be what it is for a recipient without a key.
            let _ = identities.unwrap(&[("age1b", &own)], &NoInteraction);
        }
        let log = fs::read_to_string(&ran).expect("it ran");
        assert!(log.starts_with(expected), "{log}");
        fs::remove_file(&ran).expect("removed");
    }
    let command = format!("sh -c 'cd {} && echo $SOPS_AGE_RECIPIENT >> ran && cat age1a'", home.path().display());
    machine.variables.insert(KEY_CMD, command.into());
    let identities = find(&[], &machine).expect("found").identities;
    let own = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/x25519.age").to_vec());
    for recipient in ["age1a", "age1b", "age1c", "age1d"] {
        assert!(matches!(identities.unwrap(&[(recipient, &own)], &NoInteraction), Ok(None)));
    }
    assert_eq!(fs::read_to_string(&ran).expect("it ran"), "age1a\nage1b\n", "it does not look at the recipient");
}

#[test]
fn as_sops_what_is_wrong_is_passed_over() {
    let files = [("bad.txt", "hunter2\n"), (".config/sops/age/keys.txt", X25519_FILE)];
    let (home, mut machine) = machine(&files, &[(KEY, "hunter2"), (KEY_CMD, ""), (SSH_FILE, "missing")]);
    machine.variables.insert(KEY_FILE, home.path().join("bad.txt").into());
    assert!(find(&[], &machine).is_err());
    let found = find_as_sops(&machine);
    assert_eq!(sources(&found), ["`~/.config/sops/age/keys.txt`"]);
    assert_eq!(found.warnings, [""; 0]);
    let starts = [
        "`missing` (`SOPS_AGE_SSH_PRIVATE_KEY_FILE`): cannot",
        "`SOPS_AGE_KEY`, line 1",
        "`~/bad.txt`",
        "`SOPS_AGE_KEY_CMD` is set, but empty",
    ];
    assert_eq!(found.passed_over.len(), starts.len());
    for (message, start) in found.passed_over.iter().zip(starts) {
        assert!(message.starts_with(start) && !message.contains("hunter2"), "{message}");
    }
}

/// Somebody who hears what is told.
#[derive(Default)]
struct Listener(std::cell::RefCell<Vec<String>>);

impl sops_rs::keys::Interaction for Listener {
    fn message(&self, text: &str) {
        self.0.borrow_mut().push(text.to_owned());
    }

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn public_string(&self, _: &str) -> Option<String> {
        None
    }

    fn passphrase(&self, _: &str) -> Option<Zeroizing<String>> {
        None
    }
}

#[test]
fn as_sops_a_useless_ssh_key_is_told_only_when_nothing_fits() {
    let files = [(".ssh/id_rsa", "rubbish"), ("key.txt", X25519_FILE)];
    let (home, mut machine) = machine(&files, &[]);
    machine.variables.insert(KEY_CMD, format!("cat {}", home.path().join("key.txt").display()).into());
    let own = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/x25519.age").to_vec());
    let stranger = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/stranger.age").to_vec());
    let what = "`~/.ssh/id_rsa`: not an ssh private key";
    for (found, said) in [(find_as_sops(&machine), 0), (find(&[], &machine).expect("found"), 1)] {
        let listener = Listener::default();
        let identities = found.identities;
        assert!(matches!(identities.unwrap(&[(X25519, &own)], &listener), Ok(Some(_))));
        let heard = listener.0.take();
        assert!(heard.len() == said && heard.iter().all(|text| text.starts_with(what)), "{heard:?}");
    }
    let error = find_as_sops(&machine).identities.unwrap(&[("a", &stranger), ("b", &stranger)], &NoInteraction);
    let error = error.expect_err("nothing fits").to_string();
    assert!(error.starts_with(what), "{error}");
}

#[test]
fn a_failing_command_is_named_by_its_variable_alone() {
    let stranger = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/stranger.age").to_vec());
    for (command, expected) in [
        ("sh -c 'echo hunter2; exit 3'", "the command failed (exit status: 3)"),
        ("echo hunter2", ", line 1: not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected"),
        ("sh -c 'hunter2", "a quote is not closed"),
        (" # hunter2", "names no command"),
        ("/nonexistent/hunter2", "the command cannot be run: "),
    ] {
        for variable in [KEY_CMD, SSH_CMD] {
            let (_home, machine) = machine(&[], &[(variable, command)]);
            let identities = find(&[], &machine).expect("found").identities;
            let error = identities.unwrap(&[("a", &stranger)], &NoInteraction).expect_err("fails").to_string();
            assert!(error.starts_with(&format!("`{variable}`")) && !error.contains("hunter2"), "{error}");
            assert!(error.contains(expected) || variable == SSH_CMD && command.starts_with("echo"), "{error}");
        }
    }
}

#[test]
fn the_home_folder_s_ssh_keys_are_used_last_and_never_required() {
    let (_home, machine) = machine(&[(".ssh/id_ed25519", "rubbish"), (".ssh/id_rsa", SSH_FILE_TEXT)], &[]);
    let identities = find(&[], &machine).expect("found").identities;
    let wrapped = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/ssh_ed25519.age").to_vec());
    assert!(matches!(identities.unwrap(&[("a", &wrapped)], &NoInteraction), Ok(Some(_))));
    let stranger = WrappedKey::from_bytes(include_bytes!("../../../testdata/keys/stranger.age").to_vec());
    assert!(matches!(identities.unwrap(&[("a", &stranger)], &NoInteraction), Ok(None)));
}

#[test]
fn paths_in_messages_are_escaped() {
    let machine = Machine::default();
    assert_eq!(machine.display(Path::new("a\u{1b}[2J\nb")), "`a\\u{1b}[2J\\u{a}b`");
}
