//! Damage that knows nothing of the format: every byte flipped, every byte cut off, bytes put in.

use sops_rs::Error;
use sops_rs::file::Plan;

use super::support::{CANARY, alice, decrypt_as, format, plan, sealed};

const FILES: &[(&str, &str)] = &[
    (
        "yaml",
        "# CANARY-head\na: CANARY-1 # CANARY-a\nlist: [CANARY-2, \"CANARY-3\"]\nmap:\n  x: &y |\n    CANARY-4\n  z:\n  e: {}\nalias: *y\n",
    ),
    ("yaml", "- CANARY-1\n- !!str CANARY-2"),
    ("json", "{\n  \"a\": \"CANARY-1\",\n  \"b\": [1, true, {\"c\": null, \"d\": {}}]\n}\n"),
    ("json", "[\"CANARY-1\", 2]"),
    ("dotenv", "# CANARY-head\nA=CANARY-1\nexport B='CANARY-2' # CANARY-b\n\nC=\"CANARY\n-3\"\nD\nE=\n"),
    ("toml", "# CANARY-head\na = ['CANARY-1', {}] # CANARY-a\n[[l]]\nb = '2'\n[[l]]\n"),
    ("ini", "# CANARY-head\n[a]\nb='CANARY-2' # CANARY-b\nc :\n  CANARY-3\n[l]\n[l]"),
];

/// The encrypted files with their formats and plaintexts.
fn files() -> impl Iterator<Item = (&'static str, String, String)> {
    // One reader: the block is the longest part of these files.
    let plan = Plan { recipients: vec![alice().reader()], ..plan() };
    FILES.iter().map(move |&(name, text)| (name, sealed(text, format(name), &plan), text.to_owned()))
}

/// What a comment may stand behind: TOML needs no blank.
const BEFORE_COMMENT: [char; 6] = [' ', '\t', '"', '\'', ']', '}'];

/// What is left when everything that is not authenticated is taken out of a text.
fn essence(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let end = line.match_indices('#').find(|&(at, _)| at == 0 || line[..at].ends_with(BEFORE_COMMENT));
        &line[..end.map_or(line.len(), |(at, _)| at)]
    });
    // A comma may stand behind the last item of a YAML list.
    lines.collect::<String>().replace([' ', '\t', '\r', '\n'], "").replace(",]", "]")
}

/// Whether byte `at` of an encrypted file may change unnoticed: it is white space, or part of a comment.
fn is_free(file: &str, at: usize) -> bool {
    let line_start = file[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let comment = file[line_start..at]
        .match_indices('#')
        .any(|(sign, _)| sign == 0 || file[line_start..at][..sign].ends_with(BEFORE_COMMENT));
    comment || file.as_bytes()[at].is_ascii_whitespace()
}

#[test]
fn a_byte_flipped() {
    for (name, file, text) in files() {
        let mut unnoticed = 0;
        for at in 0..file.len() {
            for flip in [0x01, 0x03, 0x04, 0x10, 0x20, 0x29, 0x40] {
                let mut bytes = file.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(decrypted) = decrypt_as(alice(), &bytes, format(name)) else { continue };
                let shown = format!("byte {at} ^ {flip:#x} of\n{file}\ngives\n{}", decrypted.document.text());
                assert!(is_free(&file, at), "{shown}");
                assert_eq!(essence(decrypted.document.text()), essence(&text), "{shown}");
                unnoticed += 1;
            }
        }
        // Blanks that become tabs and comments are there in all of them, but not many.
        assert!(unnoticed < file.len() * 4, "{unnoticed} in {name}");
    }
}

#[test]
fn a_byte_flipped_names_what_it_broke() {
    for (name, file, _) in files() {
        for at in 0..file.len() {
            let mut bytes = file.clone().into_bytes();
            bytes[at] ^= 0x80;
            // No text has such a byte alone, wherever it stands.
            match decrypt_as(alice(), &bytes, format(name)) {
                Err(Error::NotUtf8 { at: found }) => {
                    let line = file[..at].matches('\n').count() + 1;
                    assert_eq!(found.line, line, "{name}: byte {at}");
                }
                other => panic!("{name}: {other:?} at {at}"),
            }
        }
    }
}

#[test]
fn truncation_at_every_byte() {
    for (name, file, text) in files() {
        for len in 0..file.len() {
            match decrypt_as(alice(), &file.as_bytes()[..len], format(name)) {
                Err(_) => {}
                // Only line breaks behind all else may go.
                Ok(decrypted) => {
                    assert!(file[len..].chars().all(|c| c == '\n'), "{name}: cut at {len}");
                    assert_eq!(decrypted.document.text().trim_end(), text.trim_end(), "{name}: cut at {len}");
                }
            }
        }
    }
}

#[test]
fn a_file_without_its_beginning() {
    for (name, file, text) in files() {
        for start in 1..file.len() {
            if let Ok(decrypted) = decrypt_as(alice(), &file.as_bytes()[start..], format(name)) {
                // A part of the leading comment.
                assert_eq!(essence(decrypted.document.text()), essence(&text), "{name}: from {start}");
                assert!(file[..start].lines().count() == 1 && file.starts_with('#'), "{name}: from {start}");
            }
        }
    }
}

#[test]
fn a_byte_put_in_or_taken_out() {
    for (name, file, text) in files() {
        for at in 0..=file.len() {
            for new in [&b" "[..], b"\n", b"\"", b"#", b"-", b":", b""] {
                let behind = if new.is_empty() { at + 1 } else { at };
                let bytes = [&file.as_bytes()[..at], new, &file.as_bytes()[behind.min(file.len())..]].concat();
                if let Ok(decrypted) = decrypt_as(alice(), &bytes, format(name)) {
                    let shown = format!("{new:?} at {at} of\n{file}\ngives\n{}", decrypted.document.text());
                    assert_eq!(essence(decrypted.document.text()), essence(&text), "{shown}");
                }
            }
        }
    }
}

#[test]
fn no_encrypted_file_shows_a_secret() {
    for (name, file, _) in files() {
        assert!(!file.contains(CANARY), "{name}: {file}");
    }
}
