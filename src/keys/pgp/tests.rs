//! Against a script in the place of `gpg`, which shows what it was given; and, when asked for, against `gpg` itself.

use std::process::Command;

use super::*;
use crate::keys::shamir::split;

const FINGERPRINT: &str = "85D77543B3D624B63CEA9E6DBC17301B491B3F21";

fn fingerprint(text: &str) -> Fingerprint {
    Fingerprint::parse(text).expect("a fingerprint")
}

fn key() -> DataKey {
    // All values that a shell could stumble over, the line feed at the end.
    let mut bytes: Vec<u8> = (0..32).collect();
    bytes[30] = 0xff;
    bytes[31] = b'\n';
    DataKey::from_bytes(&bytes).expect("32 bytes")
}

#[test]
fn fingerprints_are_hexadecimal_and_not_short() {
    for (text, parsed) in [
        (FINGERPRINT, FINGERPRINT),
        ("85D7 7543 B3D6 24B6 3CEA  9E6D BC17 301B 491B 3F21", FINGERPRINT),
        ("bc17301b491b3f21!", "bc17301b491b3f21!"),
    ] {
        assert_eq!(fingerprint(text).to_string(), parsed);
        assert_eq!(fingerprint(text), fingerprint(parsed));
    }
    let long = "A".repeat(65);
    for text in ["", "!", "491B3F21", "joe@example.com", "--output", "BC17301B491B3F2!", "BC17301B491B3F21!!", &long] {
        let error = Fingerprint::parse(text).expect_err("refused").to_string();
        let what = "a PGP key is given by its fingerprint, the 40 hexadecimal digits that `gpg --fingerprint` shows";
        assert_eq!(error, what, "{text}");
    }
    assert_eq!(fingerprint(FINGERPRINT).key_id(), "BC17301B491B3F21");
    assert_eq!(fingerprint(&format!("{FINGERPRINT}!")).key_id(), "BC17301B491B3F21!");
}

#[cfg(unix)]
fn script() -> Gpg {
    Gpg::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gpg/gpg"))
}

#[cfg(unix)]
#[test]
fn gpg_gets_the_arguments_that_sops_gives_it() {
    let wrapped = script().wrap(&key(), &fingerprint(&format!("{FINGERPRINT}!"))).expect("wrapped");
    let arguments = format!(
        "Comment: --no-default-recipient --yes --encrypt -a -r {FINGERPRINT}! --trusted-key BC17301B491B3F21! --no-encrypt-to"
    );
    let lines: Vec<&str> = wrapped.lines().collect();
    assert_eq!(lines[..2], [ARMOR_START, &arguments]);
    assert_eq!(lines.last(), Some(&"-----END PGP MESSAGE-----"), "without white space around it");
    assert_eq!(script().unwrap(&wrapped, FINGERPRINT).expect("unwrapped").expose(), key().expose());
}

#[cfg(unix)]
#[test]
fn shares_go_through_gpg_too() {
    let shares = split(&key(), 2, 2).expect("shares");
    let wrapped = script().wrap_share(&shares[1], &fingerprint(FINGERPRINT)).expect("wrapped");
    assert_eq!(script().unwrap_share(&wrapped, "fp").expect("a share").expose(), shares[1].expose());
    assert_eq!(
        script().unwrap(&wrapped, "fp").expect_err("refused").to_string(),
        "the wrapped key for the PGP key fp does not hold a data key of 32 bytes"
    );
    let wrapped = script().wrap(&key(), &fingerprint(FINGERPRINT)).expect("wrapped");
    assert_eq!(
        script().unwrap_share(&wrapped, "fp").expect_err("refused").to_string(),
        "the wrapped key for the PGP key fp does not hold a share of a data key of 33 bytes"
    );
}

#[cfg(unix)]
#[test]
fn failures_of_gpg_are_told_and_cannot_forge_messages() {
    let wrap = |text: &str| script().wrap(&key(), &fingerprint(text)).expect_err("an error").to_string();
    assert_eq!(
        wrap("00000000000000000bad"),
        "cannot wrap the data key for 00000000000000000bad: cannot: No public key;  [31mstdin: encryption failed"
    );
    assert_eq!(
        wrap("00000000000000000ddd"),
        "cannot wrap the data key for 00000000000000000ddd: `gpg` gave no message back"
    );
    let unwrap = |text: &str| script().unwrap(text, "f\u{1b}p").expect_err("an error").to_string();
    assert_eq!(unwrap("STRANGER"), "the PGP key f p: decryption failed: No secret key");
    assert_eq!(unwrap("SILENT"), "the PGP key f p: `gpg` failed and did not say why");
    assert_eq!(unwrap("ENDLESS"), "the wrapped key for the PGP key f p does not hold a data key of 32 bytes");
    assert!(unwrap("LOUD").starts_with("the PGP key f p: many words; many words; "));
    assert_eq!(unwrap(""), "the wrapped key for the PGP key f p does not hold a data key of 32 bytes");
    assert_eq!(
        unwrap(&"x".repeat(WRAPPED_KEY_LIMIT + 1)),
        "the PGP key f p: its wrapped key is longer than 65536 bytes"
    );
    // More than a pipe holds, to a program that does not read it.
    assert_eq!(unwrap(&format!("SILENT\n{}", "x".repeat(65_000))), "the PGP key f p: `gpg` failed and did not say why");
}

#[test]
fn the_listing_of_a_key_tells_what_is_wrong_with_it() {
    let row = |kind: &str, validity: &str, able: &str| {
        format!("{kind}:{validity}:255:22:9701D7B27391DD91:1577836800:1577923200::u:::{able}:::::ed25519:::0:\n")
    };
    let uid = "uid:e::::1577836800::71CA571655032EE05B56F91898434F9310D06470::c@example.org::::::::::0:\n";
    for (rows, expected) in [
        (vec![], None),
        (vec![row("pub", "u", "sc"), uid.to_owned(), row("sub", "u", "e")], None),
        (vec![row("pub", "e", "sc"), row("sub", "e", "e")], Some(" (the key has expired)")),
        (vec![row("pub", "r", "scESC"), row("sub", "r", "e")], Some(" (the key is revoked)")),
        (vec![row("pub", "u", "sc"), row("sub", "e", "e"), row("sub", "u", "s")], Some(" (the key has expired)")),
        (vec![row("pub", "u", "sc"), row("sub", "e", "e"), row("sub", "u", "e")], None),
        (vec![row("pub", "u", "sc")], Some(" (the key is not for encryption)")),
    ] {
        assert_eq!(reason(&rows.concat()), expected, "{rows:?}");
    }
}

#[test]
fn a_missing_gpg_is_named() {
    let error = Gpg::new("no-such-gpg").wrap(&key(), &fingerprint(FINGERPRINT)).expect_err("an error").to_string();
    let what = "the program `no-such-gpg` is not there; it is needed for PGP keys";
    assert_eq!(error, format!("cannot wrap the data key for {FINGERPRINT}: {what}"));
    let error = Gpg::new("no-such-gpg").unwrap("x", FINGERPRINT).expect_err("an error").to_string();
    assert_eq!(error, format!("the PGP key {FINGERPRINT}: {what}"));
}

/// Opt-in, since that program must be installed. It finds its folder in the environment, which a test cannot change for
/// itself: the next test is run as a child.
#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, no input of the library")]
fn gpg_itself_wraps_and_unwraps() {
    if std::env::var_os("SOPS_RS_TEST_GPG").is_none_or(|value| value != "1") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let gpg = |arguments: &[&str]| {
        let output = Command::new("gpg").args(arguments).env("GNUPGHOME", home.path()).output().expect("gpg runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    gpg(&[
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "test@example.org",
        "future-default",
        "default",
        "never",
    ]);
    let listed = gpg(&["--with-colons", "--list-keys"]);
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).expect("a fingerprint");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "keys::pgp::tests::with_a_key_in_the_keyring", "--ignored"])
        .env("GNUPGHOME", home.path())
        .env("SOPS_RS_TEST_FINGERPRINT", fingerprint.trim_end_matches(':'))
        .output()
        .expect("the child runs");
    let _ = Command::new("gpgconf").args(["--kill", "gpg-agent"]).env("GNUPGHOME", home.path()).status();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "run by the test before, with a keyring"]
#[expect(clippy::disallowed_methods, reason = "an argument of the test before, no input of the library")]
fn with_a_key_in_the_keyring() {
    let text = std::env::var("SOPS_RS_TEST_FINGERPRINT").expect("a fingerprint");
    let gpg = Gpg::new("gpg");
    for recipient in [text.clone(), text[text.len() - 16..].to_owned()] {
        let wrapped = gpg.wrap(&key(), &fingerprint(&recipient)).expect("wrapped");
        assert_eq!(gpg.unwrap(&wrapped, &recipient).expect("unwrapped").expose(), key().expose());
    }
    let share = &split(&key(), 2, 2).expect("shares")[0];
    let wrapped = gpg.wrap_share(share, &fingerprint(&text)).expect("wrapped");
    assert_eq!(gpg.unwrap_share(&wrapped, &text).expect("unwrapped").expose(), share.expose());
    let error = gpg.wrap(&key(), &fingerprint(FINGERPRINT)).expect_err("an error").to_string();
    assert!(error.starts_with(&format!("cannot wrap the data key for {FINGERPRINT}: ")), "{error}");
    let error = gpg.unwrap("garbage", &text).expect_err("an error").to_string();
    assert!(error.starts_with(&format!("the PGP key {text}: ")), "{error}");
}
