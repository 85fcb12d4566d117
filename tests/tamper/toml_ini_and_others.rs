//! The attacks on leaves once more where TOML, INI, properties and binary files have a scan, a carrier and a block of their own.

use sops_rs::Error;
use sops_rs::error::Step;
use sops_rs::file::Document;

use super::support::{alice, decrypt_as, format, opened, plan, plan_with_clear, refused, replaced, sealed, token};

/// Nobody notices nothing: each of these changes is refused, and by the step that is named, or by the grammar.
fn check(name: &str, file: &str, changes: &[(&str, &str)]) {
    for (old, new) in changes {
        let error = refused(&replaced(file, old, new), format(name));
        let is_expected = matches!(
            error,
            Error::Authentication { step: Step::Link | Step::Start, .. }
                | Error::Token { .. }
                | Error::LeafNotSealed { .. }
                | Error::DuplicateId { .. }
                | Error::DuplicateKey { .. }
                | Error::Syntax { .. }
        );
        assert!(is_expected, "{old:?} → {new:?}: {error:?}");
    }
}

#[test]
fn nothing_can_be_put_behind_a_value_of_ini() {
    // systemd runs what stands behind ` ; `, and Python's configparser takes it for a part of the value.
    let text = "[Service]\nExecStart = \"CANARY\"\nType = \"clear\"\nUser = CANARY\nEnd = 'CANARY' ; note\n";
    let file = sealed(text, format("ini"), &plan_with_clear(&["*.Type"]));
    assert_eq!(opened(&file, format("ini")), text);
    let (start, user, end) = (token(&file, "ExecStart"), token(&file, "User"), token(&file, "End"));
    for token in [&start, &user, &end] {
        for new in ["\"T\" ; evil", "'T' # evil", "T ; evil", "T # evil", "\"T\"evil", "`T` ; evil", "T\n  evil"] {
            check("ini", &file, &[(token, &new.replace('T', token))]);
        }
    }
    check(
        "ini",
        &file,
        &[
            ("\"clear\"", "\"clear\" ; evil"),
            ("\"clear\"", "\"clear\" # evil"),
            ("\"clear\"", "clear"),
            ("\"clear\"", "'clear'"),
            ("\"clear\"", "\"clear\"\n  evil"),
        ],
    );
    // Blanks are nothing to any reader.
    let blanks = replaced(&file, "\"clear\"", "\"clear\" \t");
    assert_eq!(opened(&blanks, format("ini")), replaced(text, "\"clear\"", "\"clear\" \t"));
}

#[test]
fn sections_and_keys_of_ini_stay_what_they_are() {
    let text =
        "root = CANARY\n[a]\nx = CANARY-1\ny\nz =\n[b]\nx = CANARY-2\n[l]\nk = CANARY-3\n[l]\n[l]\nk = CANARY-4\n";
    let file = sealed(text, format("ini"), &plan());
    check(
        "ini",
        &file,
        &[
            ("[b]", "[c]"),
            ("[b]\n", ""),
            ("[b]", "[ b]"),
            ("[b]", "[b]\n[c]"),
            ("[b]", "b2\n[b]"),
            // Python's configparser would take all up to the last bracket for the name.
            ("[b]", "[b] ; evil]"),
            ("[b]", "[b] # ENC[1:evil] ]"),
            ("\n[a]\n", "\nroot2\n[a]\n"),
            ("\ny\n", "\n"),
            ("\ny\n", "\ny =\n"),
            ("\ny\n", "\n  y\n"),
            ("\ny\n", "\n\u{a0}y\n"),
            ("\nz =", "\nz = 1"),
            ("\nz =", "\nz"),
            ("[l]\n[l]\n", "[l]\n"),
            ("[l]\n[l]\n", "[l]\n[l]\n[l]\n"),
            ("[l]\n[l]\n", "[m]\n[l]\n"),
        ],
    );
}

#[test]
fn tables_of_toml_stay_what_they_are() {
    let text = "root = 'CANARY'\n[a]\nx = 'CANARY-1'\ny = []\nz = {}\n[a.b]\nx = 'CANARY-2'\n[[l]]\nk = 'CANARY-3'\n[[l]]\n[[l]]\n\
        k = 'CANARY-4'\n[[l.m]]\nn = 'clear'\n[e]\n";
    let file = sealed(text, format("toml"), &plan_with_clear(&["l[].m[].n"]));
    check(
        "toml",
        &file,
        &[
            ("[a.b]", "[a.c]"),
            ("[a.b]\n", ""),
            ("[a.b]", "[c]"),
            ("[a.b]", "[[a.b]]"),
            ("[a.b]", "[a.d]\n[a.b]"),
            ("y = []", "y = {}"),
            ("y = []", "y = [[]]"),
            ("y = []\n", ""),
            ("z = {}", "z = {y = {}}"),
            ("[[l]]\n[[l]]\n", "[[l]]\n"),
            ("[[l]]\n[[l]]\n", "[[l]]\n[[l]]\n[[l]]\n"),
            ("[[l.m]]", "[l.m]"),
            ("[[l.m]]", "[[l.m]]\n[[l.m]]"),
            ("[[l.m]]", "[[l]]\n[[l.m]]"),
            ("'clear'", "'other'"),
            ("'clear'", "'clear'\no = 1"),
            ("[e]", "[f]"),
            ("[e]\n", ""),
            ("[e]", "[e.f]"),
        ],
    );
    // Dotted keys and headers are two spellings of one table.
    let dotted = replaced(&replaced(&file, "[a.b]\nx =", "[a]\nb.x ="), "\n[a]\nx =", "\n[A]\nx =");
    assert!(decrypt_as(alice(), dotted.as_bytes(), format("toml")).is_err());
}

#[test]
fn entries_of_properties_stay_what_they_are() {
    let text = "a=CANARY-1\nb : CANARY\\\n  -2\nclear = x\\\n  y\nnone\nempty=\nlast CANARY-3\n";
    let file = sealed(text, format("properties"), &plan_with_clear(&["clear"]));
    let first = token(&file, "a=");
    check(
        "properties",
        &file,
        &[
            (&first, &format!("{first} # evil")),
            (&first, &format!("{first}\\\n evil")),
            (&first, &format!("\\\n  {first}")),
            (&first, &format!("= {first}")),
            ("clear = x\\\n  y", "clear = x\\\n  z"),
            ("clear = x\\\n  y", "clear = xy"),
            ("clear = x\\\n  y", "clear = x\\\n   y"),
            ("\nnone\n", "\nnone=\n"),
            ("\nnone\n", "\nnone\\\n"),
            ("\nempty=\n", "\nempty\n"),
            ("\nempty=\n", "\nempty=\\\n"),
            ("\nempty=\n", "\n"),
            ("\nempty=\n", "\nempty=\nmore=\n"),
            ("\nlast ", "\nlast2 "),
            ("\nlast ", "\nlast\\ "),
        ],
    );
    // To Java these say the same.
    for (old, new) in [("a=", "\\u0061 : "), ("\nempty=", "\n  empty :"), ("\nlast ", "\n! evil\nlast = ")] {
        assert!(opened(&replaced(&file, old, new), format("properties")).contains("CANARY-3"), "{new:?}");
    }
}

#[test]
fn a_binary_file_is_its_data_and_nothing_more() {
    let bytes = b"CANARY\x00\xff\x01";
    let document = Document::parse(bytes, format("binary")).expect("any bytes");
    let encrypted = sops_rs::file::encrypt(&document, &plan(), &sops_rs::keys::NoInteraction).expect("encrypted").text;
    let data = token(&encrypted, "\"data\"");
    let mut unnoticed = 0;
    for at in 0..encrypted.len() {
        for new in [&b" "[..], b"\"", b"A", b",", b"\\", b""] {
            let changed = [&encrypted.as_bytes()[..at], new, &encrypted.as_bytes()[at + 1..]].concat();
            let Ok(decrypted) = decrypt_as(alice(), &changed, format("binary")) else { continue };
            assert_eq!(
                decrypted.document.into_plaintext().as_deref().map(Vec::as_slice),
                Ok(&bytes[..]),
                "{new:?} at {at}"
            );
            unnoticed += usize::from(changed != encrypted.as_bytes());
        }
    }
    // White space between the tokens of JSON.
    assert!(unnoticed < encrypted.matches([' ', '\n']).count() * 6, "{unnoticed}");
    for (old, new) in [
        (format!("\"{data}\""), format!("[\"{data}\"]")),
        (format!("\"{data}\""), "\"QUJD\"".to_owned()),
        (format!("\"{data}\""), "null".to_owned()),
        ("\"data\"".to_owned(), "\"more\": 1, \"data\"".to_owned()),
        ("\"data\"".to_owned(), "\"more\": {}, \"data\"".to_owned()),
        ("\"data\"".to_owned(), "\"date\"".to_owned()),
    ] {
        assert!(decrypt_as(alice(), replaced(&encrypted, &old, &new).as_bytes(), format("binary")).is_err(), "{new}");
    }
}
