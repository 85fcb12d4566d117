use proptest::prelude::*;

use super::*;

fn search(values: &[&str]) -> Search {
    let mut all = Values::default();
    for value in values {
        all.add(value.as_bytes(), &[], &|_| false);
    }
    Search::new(all)
}

/// Line and spelling of each hit.
fn found(value: &str, text: impl AsRef<[u8]>) -> Vec<(usize, Spelling)> {
    let hits = search(&[value]).find(text.as_ref());
    assert!(hits.iter().all(|hit| hit.value == 0));
    hits.iter().map(|hit| (hit.line, hit.spelling)).collect()
}

#[test]
fn what_a_value_is_worth() {
    use Worth::{Nothing, Secret, Word};
    for (value, worth) in [
        ("s3cret!", Nothing),
        ("hunter2 ", Nothing),
        ("production", Nothing),
        ("Postgres", Nothing),
        ("postgres-production", Nothing),
        ("localhost:5432", Nothing),
        ("2026-11-21", Nothing),
        ("2026-11-21T14:22:58.123456789Z", Nothing),
        ("10.0.128.0/16", Nothing),
        ("123456789012", Nothing),
        ("0.0.0.0:8080", Nothing),
        ("eu-west-1", Nothing),
        ("Europe/Berlin", Nothing),
        ("en_US.UTF-8", Nothing),
        ("https://hooks.example.com/deploy/main", Nothing),
        ("postgres://db.internal:5432/app?sslmode=verify", Nothing),
        ("postgres://app@db.internal/app", Nothing),
        ("db-main.example.com", Nothing),
        ("somebody@example.com", Nothing),
        ("/var/lib/postgresql/data", Nothing),
        ("${DATABASE_PASSWORD}", Nothing),
        ("<your password>", Nothing),
        ("xxxxxxxxxxxx", Nothing),
        ("age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs", Nothing),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB", Nothing),
        ("-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUEsPNpn\n-----END CERTIFICATE-----\n", Nothing),
        ("correct-horse-battery-staple", Word),
        ("supersecretvalue", Word),
        ("payments gateway", Word),
        ("hunter22", Word),
        ("hunter2hunter2", Secret),
        ("canary-7f3a91", Secret),
        ("p@ssw0rd", Secret),
        ("a!b?c#d$e", Secret),
        ("3141592653589793", Secret),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", Secret),
        ("postgres://app:hunter@db.internal/app", Secret),
        ("https://hooks.example.com/services/T00XK2/B0192/a8Fh2kQ", Secret),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n", Secret),
    ] {
        assert_eq!(Worth::of(value.as_bytes()), worth, "{value}");
    }
    assert_eq!(Worth::of(b"\xff\xfe1234567"), Secret);
}

#[test]
fn a_word_that_names_something_is_not_looked_for() {
    let mut values = Values::default();
    let is_key = |text: &[u8]| text == b"payments";
    assert_eq!(values.add(b"payments", &[], &is_key), None);
    assert_eq!(values.add(b"payouts-9", &[], &is_key), Some(0));
    assert_eq!(values.add(b"canary-7f3a91", &[], &is_key), Some(1));
    assert_eq!(values.add(b"canary-7f3a91\n", &[], &is_key), Some(1));
    assert_eq!((values.len(), values.is_word(0), values.is_word(1)), (2, true, false));
}

#[test]
fn values_are_found_in_the_spellings_of_programs() {
    let value = "p@ss/w0\"r7d1x é";
    for (text, spelling) in [
        ("x = p@ss/w0\"r7d1x é;", Spelling::Plain),
        ("cEBzcy93MCJyN2QxeCDDqQ==", Spelling::Base64Inside),
        ("user:p%40ss%2Fw0%22r7d1x%20%C3%A9@host", Spelling::Percent),
        (r#"{"a":"p@ss/w0\"r7d1x \u00e9"}"#, Spelling::Json),
    ] {
        assert_eq!(found(value, text), [(1, spelling)], "{text}");
    }
    assert_eq!(found("it's 7f3a91", r"VALUE='it'\''s 7f3a91'"), [(1, Spelling::Quoted)]);
    let header = "Authorization: Basic dXNlcjpjYW5hcnktN2YzYTkx"; // `user:canary-7f3a91`
    assert_eq!(found("canary-7f3a91", header), [(1, Spelling::Base64Inside)]);
}

#[test]
fn each_line_is_told_once() {
    let text = "\n\ncanary-7f3a91 canary-7f3a91\r\n\ncanary-7f3a91";
    assert_eq!(found("canary-7f3a91", text), [(3, Spelling::Plain), (5, Spelling::Plain)]);
}

#[test]
fn a_short_value_stands_alone() {
    for (text, count) in [
        ("a7f3a91c2", 0),
        ("7f3a91c2", 1),
        ("\"7f3a91c2\"", 1),
        ("7f3a91c20", 0),
        ("07f3a91c2", 0),
        ("_7f3a91c2_", 1),
        (r"A=1\n7f3a91c2\n", 1),
        ("%207f3a91c2%20", 1),
        ("é7f3a91c2é", 1),
    ] {
        assert_eq!(found("7f3a91c2", text).len(), count, "{text}");
    }
    // A long one may be the end of something.
    assert_eq!(found("7f3a91c27f3a91c2", "x7f3a91c27f3a91c2y").len(), 1);
    assert_eq!(found("correct-horse-battery", "incorrect-horse-battery correct-horse-battery").len(), 1);
    // Nor is a word looked for inside of the base64 of something.
    assert_eq!(found("supersecretvalue", "c3VwZXJzZWNyZXR2YWx1ZQ==").len(), 1);
    assert_eq!(found("supersecretvalue", "eHN1cGVyc2VjcmV0dmFsdWV4").len(), 0);
}

#[test]
fn private_keys_are_found_by_their_lines_and_their_common_beginnings_are_not() {
    let line = |seed: usize| -> String { (0..64).map(|n| char::from(b'A' + (n * n * seed % 26) as u8)).collect() };
    let lines: Vec<_> = (1..5).map(line).collect();
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}\nAQAB\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(found(&key, format!("    {line}\n")).len(), usize::from(number > 0), "{number}");
    }
    assert_eq!(found(&key, "-----BEGIN PRIVATE KEY-----\nAQAB\n-----END PRIVATE KEY-----\n"), []);
    assert_eq!(found(&key, format!("{:?}", key))[0].0, 1);
    // The lines of other texts are nobody's.
    assert_eq!(found("server {\n  listen 0a0b0c0d0e0f;\n}\n", "listen 0a0b0c0d0e0f;"), []);
}

#[test]
fn a_value_is_compared_to_its_end() {
    let long: String = (0..400_u32).map(|n| format!("{:x}", n * n)).collect();
    assert_eq!(found(&long, format!("<{long}>")).len(), 1);
    assert_eq!(found(&long, &long[..long.len() - 1]).len(), 0);
}

#[test]
fn no_value_is_shown() {
    let mut values = Values::default();
    values.add(b"canary-7f3a91", &[], &|_| false);
    let shown = format!("{values:?}");
    assert_eq!(shown + &format!("{:?}", Search::new(values)), "Values(1)Search(4 patterns)");
}

/// Texts over few letters, so that they overlap each other and themselves.
fn letters(len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"a0!\n\"".to_vec()), len)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn everything_is_found_that_a_slow_search_finds(
        values in prop::collection::vec(letters(8..=24), 1..6),
        noise in prop::collection::vec(letters(0..=9), 0..12),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let mut all = Values::default();
        for value in &values {
            all.add(value, &[], &|_| false);
        }
        let search = Search::new(all);
        let mut text = Vec::new();
        for (noise, pick) in noise.iter().zip(&picks) {
            text.extend_from_slice(noise);
            if !search.patterns.is_empty() {
                text.extend_from_slice(&pick.get(&search.patterns).bytes);
            }
        }
        let mut expected = Vec::new();
        for start in 0..text.len() {
            let line = 1 + text[..start].iter().filter(|&&byte| byte == b'\n').count();
            for pattern in search.patterns.iter().filter(|pattern| text[start..].starts_with(&pattern.bytes)) {
                let end = start + pattern.bytes.len();
                if !pattern.alone || boundary::is_alone(&text, start..end) {
                    expected.push((line, pattern.value));
                }
            }
        }
        expected.sort_unstable();
        expected.dedup();
        let mut found: Vec<_> = search.find(&text).iter().map(|hit| (hit.line, hit.value)).collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }
}
