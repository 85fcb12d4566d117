//! Input that is too deep, too long, too much or not text at all.

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::document::{MAX_ENCRYPTED_LEN, MAX_LEAF_LEN, MAX_NESTING, MAX_PLAINTEXT_LEN};
use sops_rs::error::Position;
use sops_rs::file::{Document, Plan, Tree, decrypt, encrypt, status, update};
use sops_rs::keys::NoInteraction;
use sops_rs::select::CommentPolicy;

use super::support::{
    alice, assert_silent, decrypt_as, document, format, opened, parts, plan, refused, replaced, sealed, token, yaml,
};

/// Why a plaintext is refused.
fn not_parsed(text: &[u8], name: &str) -> Error {
    let error = Document::parse(text, format(name)).expect_err("it is refused");
    assert_silent(&error);
    error
}

fn nested(name: &str, depth: usize) -> String {
    match name {
        "block" => {
            (0..depth).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(depth) + "CANARY\n"
        }
        "compact" => format!("{}CANARY\n", "- ".repeat(depth)),
        _ => format!("{}\"CANARY\"{}\n", "[".repeat(depth), "]".repeat(depth)),
    }
}

#[test]
fn nesting_bombs() {
    for (name, kind) in [("yaml", "block"), ("yaml", "compact"), ("yaml", "flow"), ("json", "flow")] {
        let deepest = nested(kind, MAX_NESTING);
        assert_eq!(opened(&sealed(&deepest, format(name), &plan()), format(name)), deepest, "{kind}");
        for depth in [MAX_NESTING + 1, 1000, 10_000] {
            // Block maps of that depth have a quadratic length.
            let depth = if kind == "block" { depth.min(1000) } else { depth };
            let bomb = nested(kind, depth);
            match not_parsed(bomb.as_bytes(), name) {
                Error::Limit { limit: 128, at: Some(_), .. } => {}
                error => panic!("{error} for {depth} times {kind} in {name}"),
            }
            // Nothing that closes it; block maps need nothing.
            if let Err(error) = Document::parse(&bomb.as_bytes()[..bomb.len() / 2], format(name)) {
                assert!(matches!(error, Error::Limit { limit: 128, .. } | Error::Syntax { .. }), "{error}: {kind}");
            }
        }
    }
}

#[test]
fn nesting_bombs_in_an_encrypted_file() {
    let file = sealed("a: CANARY\n", yaml(), &plan());
    for kind in ["compact", "flow"] {
        let bomb = nested(kind, 10_000).replace("CANARY\"", "\"").replace("CANARY", "x");
        let bad = replaced(&file, &token(&file, "a: "), &bomb.trim_end().replacen("- ", "\n- ", 1));
        assert!(matches!(refused(&bad, yaml()), Error::Limit { limit: 128, at: Some(_), .. }), "{kind}");
    }
    let file = sealed("{\"a\": \"CANARY\"}", format("json"), &plan());
    let bad = replaced(&file, &format!("\"{}\"", token(&file, "")), &nested("flow", 10_000).replace("CANARY", ""));
    let error = refused(&bad, format("json"));
    assert!(matches!(error, Error::Limit { limit: 128, at: Some(_), .. }), "{error}");
    // In the block itself.
    let deep = "{\"a\":".repeat(10_000);
    let bad = file.replacen("\"version\": 1", &format!("\"version\": {deep}1"), 1);
    assert!(matches!(refused(&bad, format("json")), Error::Metadata { .. }));
}

#[test]
fn an_alias_bomb() {
    let mut text = "a0: &a0 CANARY\n".to_owned();
    for n in 1..40 {
        text += &format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1);
    }
    // Aliases are never expanded to encrypt and decrypt.
    let file = sealed(&text, yaml(), &plan());
    assert_eq!(opened(&file, yaml()), text);
    match Tree::of(&document(&text, yaml())) {
        Err(error @ Error::Limit { .. }) => assert_silent(&error),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a tree of 4^39 values"),
    }
    // Few values, but long ones.
    let text = format!("a: &a CANARY-{}\nb: [{}]\n", "x".repeat(1 << 20), ["*a"; 256].join(", "));
    match Tree::of(&document(&text, yaml())) {
        Err(error @ Error::Limit { .. }) => assert_silent(&error),
        _ => panic!("a tree of 257 MiB"),
    }
    // One that holds itself has no end at all.
    match Tree::of(&document("a: &a [*a, CANARY]\n", yaml())) {
        Err(error @ Error::Unrepresentable { .. }) => assert_silent(&error),
        _ => panic!("a tree without an end"),
    }
}

#[test]
fn merged_maps_with_many_keys() {
    let keys = |name: &str| (0..30_000).map(|n| format!("  {name}{n}: 1\n")).collect::<String>();
    let text = format!("a: &a\n{}b:\n  <<: *a\n{}", keys("x"), keys("y"));
    let start = std::time::Instant::now();
    assert!(Tree::of(&document(&text, yaml())).is_ok());
    // Each with each takes half a minute in a build without optimisation.
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn keys_of_a_mebibyte() {
    let key = "k".repeat(1 << 20);
    for (name, text) in [
        ("json", format!("{{\"{key}\": \"CANARY\"}}")),
        ("dotenv", format!("{key}=CANARY\n")),
        ("toml", format!("[{key}]\n{key} = 'CANARY'\n")),
        ("ini", format!("[{key}]\n{key} = CANARY\n")),
        ("properties", format!("{key}=CANARY\n")),
        ("yaml", format!("? {key}\n: CANARY\n")),
    ] {
        assert_eq!(opened(&sealed(&text, format(name), &plan()), format(name)), text, "{name}");
    }
    match not_parsed(format!("a: 1\n{key}: CANARY\n").as_bytes(), "yaml") {
        Error::Syntax { at: Position { line: 2, .. }, what: "a `:` is missing behind the key" } => {}
        error => panic!("{error}"),
    }
}

#[test]
fn more_values_than_an_encrypted_file_can_hold() {
    // Each of them takes two bytes, and its token 126: nothing is sealed before that is noticed.
    let text = format!("[{}1]", "1,".repeat(MAX_ENCRYPTED_LEN / 126));
    let error = encrypt(&document(&text, format("json")), &plan(), &NoInteraction).expect_err("it is refused");
    let what = "the encrypted file's length in bytes";
    assert_eq!(error, Error::Limit { what, limit: MAX_ENCRYPTED_LEN as u64, at: None });
}

#[test]
fn text_that_is_none() {
    for name in ["yaml", "json", "dotenv", "toml", "ini", "properties"] {
        let format = format(name);
        for bad in
            [&b"A\xff=1"[..], b"\xfe\xff\0a", b"{\"a\": \"\xc3\x28\"}", b"a: \xed\xa0\x80\n", b"\xf8\x88\x80\x80\x80"]
        {
            assert!(matches!(not_parsed(bad, name), Error::NotUtf8 { at: Position { line: 1, .. } }), "{name}");
            assert_eq!(status(bad, format).map(|_| ()), Err(not_parsed(bad, name)));
        }
        let text = if name == "json" {
            "{\"a\": \"CANARY\"}"
        } else if name == "yaml" {
            "a: CANARY\n"
        } else if name == "toml" {
            "a='CANARY'\n"
        } else {
            "a=CANARY\n"
        };
        let file = sealed(text, format, &plan());
        for at in [0, file.len() / 2, file.len()] {
            let bad = format!("{}\0{}", &file[..at], &file[at..]);
            let error = refused(&bad, format);
            let expected = if name == "json" {
                matches!(
                    error,
                    Error::Syntax { .. } | Error::Metadata { .. } | Error::NotEncrypted | Error::Token { .. }
                )
            } else {
                matches!(error, Error::ForbiddenCharacter { code: 0, .. })
            };
            assert!(expected, "{error} for NUL at {at} in {name}");
        }
    }
}

#[test]
fn keys_that_stand_twice() {
    for (name, text, key) in [
        ("yaml", "a: CANARY\nb: CANARY\na: CANARY\n", "a"),
        ("yaml", "1: CANARY\n\"1\": CANARY\n", "1"),
        ("yaml", "{x: CANARY, 'x': CANARY}\n", "x"),
        ("yaml", "<<: {a: CANARY}\n<<: {b: CANARY}\n", "<<"),
        ("json", "{\"a\": \"CANARY\", \"\\u0061\": 1}", "a"),
        ("dotenv", "A=CANARY\nexport A=CANARY\n", "A"),
        ("toml", "a.b = 'CANARY'\n[a]\nb = 'CANARY'\n", "a"),
        ("toml", "[t]\n[t.\"u\"]\nx = 1\n[t.u]\n", "u"),
        ("ini", "[s]\na = CANARY\na : CANARY\n", "a"),
        ("properties", "a=CANARY\n\\u0061 CANARY\n", "a"),
    ] {
        let Error::DuplicateKey { key: found, .. } = not_parsed(text.as_bytes(), name) else { panic!("{text}") };
        assert_eq!(found, key, "{text}");
    }
}

#[test]
fn a_leaf_too_long() {
    let limit = MAX_LEAF_LEN as u64;
    let long = "x".repeat(MAX_LEAF_LEN + 1);
    let at = Some(Position { line: 2, column: 3 });
    let what = "the length of a value or comment in bytes";
    for text in [format!("A=CANARY\nB={long}\n"), format!("A=1\n  #{}\n", &long[1..])] {
        assert_eq!(not_parsed(text.as_bytes(), "dotenv"), Error::Limit { what, limit, at });
    }
    let text = format!("A=1\nB={}\n", &long[1..]);
    assert_eq!(document(&text, format("dotenv")).text().len(), text.len());
}

#[test]
fn a_file_too_long() {
    let text = "#".repeat(MAX_PLAINTEXT_LEN + 1);
    let what = "the file's length in bytes";
    assert_eq!(not_parsed(text.as_bytes(), "yaml"), Error::Limit { what, limit: MAX_PLAINTEXT_LEN as u64, at: None });
}

#[test]
fn a_block_too_long() {
    let file = sealed("a: CANARY\n", yaml(), &plan());
    let globs = vec!["\"a\""; 1025].join(", ");
    let bad = replaced(&file, "clear: []", &format!("clear: [{globs}]"));
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 2, what: "a glob cannot be read" });
    let bad = replaced(&file, "clear: []", &format!("clear: [\"{}\"]", "a".repeat(5 << 20)));
    assert!(matches!(refused(&bad, yaml()), Error::Limit { what: "the metadata block", .. }));
    let fields: String = (0..9000).map(|n| format!("  f{n}: 1\n")).collect();
    assert!(matches!(refused(&format!("{file}{fields}"), yaml()), Error::Limit { limit: 8192, .. }));
}

#[test]
fn many_comments_that_do_not_open_take_no_quadratic_time() {
    let other = sealed("# CANARY\na: CANARY\n", yaml(), &plan());
    let comment = format!("# {}\n", token(&other, "# "));
    let file = sealed("a: CANARY\n", yaml(), &plan());
    // A pass over the text for each of them would take minutes.
    let count = 30_000;
    let decrypted = decrypt_as(alice(), (comment.repeat(count) + &file).as_bytes(), yaml()).expect("it opens");
    assert_eq!(decrypted.warnings.len(), count);
}

#[test]
fn many_candidates_for_a_block_take_no_quadratic_time() {
    let count = 200_000;
    for (name, text) in [
        ("json", format!("[{}1]", "\"sops-rs\", ".repeat(count))),
        ("json", format!("[{}1]", "{\"sops-rs\": {\"version\": 1}}, ".repeat(count))),
        ("yaml", format!("a: |\n{}", "  sops-rs:\n".repeat(count))),
        ("dotenv", "#sops_rs__\n".repeat(count)),
        ("properties", "#sops_rs__\n".repeat(count)),
        ("toml", "[sops-rs-x]\n".repeat(count)),
        ("ini", "#[sops-rs]\n".repeat(count)),
        ("binary", format!("{{\"data\": \"{}\"}}", "\\\"sops-rs\\\"".repeat(count))),
    ] {
        assert_eq!(status(text.as_bytes(), format(name)).map(|found| found.is_some()), Ok(false), "{name}");
    }
    let lines = "sops-rs:\n".repeat(count);
    assert!(matches!(status(lines.as_bytes(), yaml()), Err(Error::Metadata { .. })));
    let lines = "[sops-rs]\n".repeat(count);
    for name in ["toml", "ini"] {
        assert!(matches!(status(lines.as_bytes(), format(name)), Err(Error::Metadata { .. })));
    }
    let lines = "sops_rs__a=1\n".repeat(count);
    assert!(matches!(status(lines.as_bytes(), format("dotenv")), Err(Error::Metadata { .. })));
}

/// Everything that reads bytes, with bytes of whatever sort. Only panics and secrets are wrong here.
fn read_all(bytes: &[u8], name: &str) {
    let format = format(name);
    for result in [
        decrypt(bytes, format, &alice()).map(|_| ()),
        status(bytes, format).map(|_| ()),
        update(bytes, &document(if name == "json" { "[1]" } else { "" }, format), &alice()).map(|_| ()),
    ] {
        if let Err(error) = result {
            assert_silent(&error);
        }
    }
    let result = Document::parse(bytes, format).and_then(|document| {
        let plan = Plan { comments: CommentPolicy::Encrypt, recipients: vec![alice().reader()], ..plan() };
        let file = encrypt(&document, &plan, &NoInteraction)?.text;
        // What was encrypted comes back.
        assert_eq!(opened(&file, format), document.text());
        Tree::of(&document).map(|_| ())
    });
    match result {
        Err(error @ Error::SelfCheck { .. }) => panic!("{error}: {:?}", String::from_utf8_lossy(bytes)),
        Err(error) => assert_silent(&error),
        Ok(()) => {}
    }
}

/// Pieces that mean something in one of the formats.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "CANARY",
        "\n",
        "\r\n",
        "  ",
        "- ",
        "? ",
        ": ",
        "# ",
        "\"",
        "'",
        "`",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&x ",
        "*x",
        "!t ",
        "!!str ",
        "|\n",
        ">-\n",
        "|2+\n",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "<<: ",
        "=",
        "A=",
        "export ",
        "\\",
        "\\u0041",
        "ENC[1:",
        "]",
        "sops-rs:\n",
        "sops_rs__version=1\n",
        "\"sops-rs\": {",
        "\t",
        "\u{feff}",
        "\u{2028}",
        "é",
        "\0",
        "1.0",
        "null",
    ]);
    prop::collection::vec(piece.prop_map(|piece| piece.as_bytes().to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn garbage_never_panics(bytes in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..64)]) {
        // Keys are a file's own text, so that a canary cannot stand in them.
        let bytes = String::from_utf8_lossy(&bytes).contains("CANARY").then(Vec::new).unwrap_or(bytes);
        for name in ["yaml", "json", "dotenv", "toml", "ini", "properties"] {
            read_all(&bytes, name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn changed_files_never_panic_and_never_lie(
        which in 0..6_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, pieces()), 1..4),
    ) {
        let (name, text) = [
            ("yaml", "# CANARY\na: CANARY-1\nb: [CANARY-2, {c: 'CANARY'}]\nd: |\n  CANARY\ne:\n"),
            ("json", "{\"a\": \"CANARY-1\", \"b\": [1, {\"c\": \"CANARY-2\"}]}"),
            ("dotenv", "# CANARY\nA=CANARY-1\nB='CANARY-2' # CANARY\nC=\n"),
            ("toml", "# CANARY\na = 'CANARY-1'\n[t]\nb = [1, {c = 'CANARY-2'}] # CANARY\n[[l]]\nd = 1\n[[l]]\n"),
            ("ini", "# CANARY\na=CANARY-1\n[t]\nb = 'CANARY-2' ; CANARY\nc =\n  CANARY\n[l]\nd=1\n[l]\n"),
            ("properties", "# CANARY\na=CANARY-1\nb CANARY\\\n -2\nc=\n"),
        ][which];
        let file = sealed(text, format(name), &plan());
        let mut bytes = file.clone().into_bytes();
        for (at, cut, new) in edits {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            let new: Vec<u8> = new.into_iter().take(6).collect();
            // Messages tell the file's recipients, so that a canary cannot be put there.
            bytes.splice(at..end, if new == b"CANARY" { Vec::new() } else { new });
        }
        match decrypt(&bytes, format(name), &alice()) {
            Err(error) => assert_silent(&error),
            Ok(decrypted) => {
                // Values are read from the tree, in which comments and styles do not show.
                let values = |document: &Document| {
                    let values: Vec<_> = document.scan().leaves.iter()
                        .filter(|leaf| !leaf.kind.is_comment())
                        .map(|leaf| (leaf.kind, document.path(leaf.path), document.value(leaf).map(|value| value.to_string())))
                        .collect();
                    values
                };
                prop_assert_eq!(values(&decrypted.document), values(&document(text, format(name))));
            }
        }
    }
}

#[test]
fn the_block_is_found_behind_many_lines() {
    let text = (0..2000).map(|n| format!("k{n}: CANARY-{n}\n")).collect::<String>();
    let file = sealed(&text, yaml(), &plan());
    assert_eq!(parts(&file).0.lines().count(), 2000);
    assert_eq!(opened(&file, yaml()), text);
}
