use proptest::prelude::*;

use super::*;

/// What should come out, found the slow way: every byte of every occurrence is covered, every run of such bytes is a mark.
fn reference(patterns: &Patterns, text: &[u8]) -> Vec<u8> {
    let mut covered = vec![false; text.len()];
    for spelling in &patterns.spellings {
        for at in 0..text.len() {
            let common = spelling.iter().zip(&text[at..]).take_while(|(a, b)| a == b).count();
            if common >= spelling.len().min(HEAD_LEN) {
                covered[at..at + common].fill(true);
            }
        }
    }
    let mut out = Vec::new();
    for (at, &byte) in text.iter().enumerate() {
        if !covered[at] {
            out.push(byte);
        } else if at == 0 || !covered[at - 1] {
            out.extend_from_slice(MARK);
        }
    }
    out
}

fn patterns(secrets: &[&[u8]]) -> Arc<Patterns> {
    Arc::new(Patterns::new(secrets.iter().copied()).expect("few"))
}

fn redacted(patterns: &Arc<Patterns>, pieces: &[&[u8]]) -> Vec<u8> {
    let mut redactor = Redactor::new(Arc::clone(patterns));
    let mut out = Vec::new();
    pieces.iter().for_each(|piece| redactor.push(piece, &mut out));
    redactor.finish(&mut out);
    out
}

fn shown(secrets: &[&str], text: &str) -> String {
    let secrets: Vec<_> = secrets.iter().map(|secret| secret.as_bytes()).collect();
    String::from_utf8(redacted(&patterns(&secrets), &[text.as_bytes()])).expect("UTF-8")
}

/// Texts over few letters, so that they overlap each other and themselves.
fn letters(len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"ab c\n\"/".to_vec()), len)
}

#[derive(Clone, Debug)]
enum Part {
    Noise(Vec<u8>),
    Spelling(prop::sample::Index),
    Beginning(prop::sample::Index, prop::sample::Index),
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![
        letters(0..=12).prop_map(Part::Noise),
        any::<prop::sample::Index>().prop_map(Part::Spelling),
        any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(which, end)| Part::Beginning(which, end)),
    ];
    prop::collection::vec(part, 0..8)
}

fn text_of(patterns: &Patterns, parts: &[Part]) -> Vec<u8> {
    let mut text = Vec::new();
    for part in parts {
        match part {
            Part::Noise(noise) => text.extend_from_slice(noise),
            _ if patterns.spellings.is_empty() => {}
            Part::Spelling(which) => text.extend_from_slice(which.get(&patterns.spellings).as_slice()),
            Part::Beginning(which, end) => {
                let spelling = which.get(&patterns.spellings);
                text.extend_from_slice(&spelling[..end.index(spelling.len())]);
            }
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_split_lets_a_secret_through(
        secrets in prop::collection::vec(letters(0..=100), 0..4),
        parts in parts(),
        splits in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let secrets: Vec<_> = secrets.iter().map(Vec::as_slice).collect();
        let patterns = patterns(&secrets);
        let text = text_of(&patterns, &parts);
        let mut ends: Vec<_> = splits.iter().map(|split| split.index(text.len() + 1)).chain([0, text.len()]).collect();
        ends.sort_unstable();
        let pieces: Vec<_> = ends.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        let out = redacted(&patterns, &pieces);
        prop_assert_eq!(&out, &reference(&patterns, &text));
        for secret in secrets.iter().filter(|secret| secret.len() >= MIN_LEN) {
            prop_assert!(!out.windows(secret.len()).any(|window| window == *secret));
        }
    }

    #[test]
    fn both_automata_agree(secrets in prop::collection::vec(letters(6..=100), 1..4), parts in parts()) {
        let secrets: Vec<_> = secrets.iter().map(Vec::as_slice).collect();
        let dense = patterns(&secrets);
        let heads: Vec<_> = dense.spellings.iter().map(|spelling| head(spelling)).collect();
        let automaton = nfa::contiguous::Builder::new().prefilter(false).build(&heads).expect("few");
        let sparse =
            Arc::new(Patterns { automaton: Kind::Sparse(automaton), prefilter: Prefilter::new(&heads), spellings: dense.spellings.clone() });
        let text = text_of(&dense, &parts);
        let pieces: Vec<_> = text.chunks(7).collect();
        prop_assert_eq!(redacted(&dense, &pieces), redacted(&sparse, &pieces));
    }
}

#[test]
fn what_overlaps_or_touches_is_one_mark() {
    assert_eq!(shown(&["abcdef", "defghi"], "x abcdefghi y"), "x *** y");
    assert_eq!(shown(&["abcdef"], "abcdefabcdef abcdef"), "*** ***");
    assert_eq!(shown(&["cdefgh", "abcdefghij"], "abcdefghi abcdefghij"), "ab***i ***");
    assert_eq!(shown(&["short", ""], "short"), "short");
}

#[test]
fn only_a_possible_beginning_is_held_back() {
    let patterns = patterns(&[b"hunter2"]);
    let mut redactor = Redactor::new(patterns);
    let mut step = |piece: &str| {
        let mut out = Vec::new();
        redactor.push(piece.as_bytes(), &mut out);
        String::from_utf8(out).expect("UTF-8")
    };
    assert_eq!(step("Password: "), "Password: ");
    assert_eq!(step("x hun"), "x ");
    assert_eq!(step("ter"), "");
    assert_eq!(step("hu"), "hunter");
    assert_eq!(step("nter2"), "***");
    assert_eq!(step("\n"), "\n");
}

#[test]
fn a_long_secret_is_redacted_as_far_as_it_goes() {
    let long: String = (0..400).map(|n| char::from(b'a' + (n * n % 26) as u8)).collect();
    assert_eq!(shown(&[&long], &format!("<{long}>")), "<***>");
    assert_eq!(shown(&[&long], &format!("<{}>", &long[..200])), "<***>");
    assert_eq!(shown(&[&long], &format!("<{}>", &long[..63])), format!("<{}>", &long[..63]));
}

#[test]
fn a_very_long_secret_is_no_burden() {
    let text: String = (0..40_000_u64).map(|n| format!("{:x}", n * n % 65_521)).collect();
    let many: Vec<_> = (0..500).map(|n| format!("{n:08}-secret")).collect();
    let secrets: Vec<_> = many.iter().chain([&text]).map(String::as_bytes).collect();
    let patterns = patterns(&secrets);
    assert!(patterns.spellings.len() < 10_000, "{}", patterns.spellings.len());
    assert_eq!(redacted(&patterns, &[text.as_bytes(), b" 00000234-secret"]), b"*** ***");
}

#[test]
fn the_spellings_of_programs_are_found() {
    let secret = "p@ss/w\"o<r>d é\t+";
    for spelled in [
        "p@ss/w\"o<r>d é\t+",
        "cEBzcy93Im88cj5kIMOpCSs=",
        "cEBzcy93Im88cj5kIMOpCSs",
        "p%40ss%2Fw%22o%3Cr%3Ed%20%C3%A9%09%2B",
        "p%40ss/w%22o%3cr%3ed%20%c3%a9%09%2b",
        "p%40ss%2Fw%22o%3Cr%3Ed+%C3%A9%09%2B",
        "p@ss/w%22o%3Cr%3Ed%20%C3%A9%09+",
        r#"p@ss/w\"o<r>d é\t+"#,
        r#"p@ss\/w\"o<r>d é\t+"#,
        r#"p@ss/w\"o\u003cr\u003ed é\t+"#,
        r#"p@ss/w\"o<r>d \u00e9\t+"#,
        r#"p@ss\/w\"o<r>d \u00E9\t+"#,
    ] {
        assert_eq!(shown(&[secret], &format!("<{spelled}>")), "<***>", "{spelled}");
    }
    assert_eq!(shown(&["it's here"], r#"'it'\''s here' "it's here" 'it''s here'"#), "'***' \"***\" '***'");
}

#[test]
fn base64_of_a_longer_text_is_found_wherever_it_begins() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    for user in ["", "u", "ad", "bob", "carol"] {
        for engine in [&STANDARD, &URL_SAFE] {
            let header = engine.encode(format!("{user}:correct?~horse>~:more"));
            let out = shown(&["correct?~horse>~"], &header);
            let (before, after) = out.split_once("***").unwrap_or_else(|| panic!("{header}"));
            // One digit on each side may say something of the secret and of its neighbour; `:more` takes seven, and padding.
            assert!(before.len() <= (user.len() + 1) * 8 / 6 + 1 && after.len() <= 10, "{out}");
        }
    }
}

#[test]
fn each_line_of_a_secret_is_a_secret() {
    let key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n  0123456789\nend\n-----END KEY-----\n";
    assert_eq!(shown(&[key], "x MIIEpAIBAAKCAQEA y\r\n0123456789\r\nend"), "x *** y\r\n***\r\nend");
    assert_eq!(shown(&[key], key), "***");
    assert_eq!(shown(&[key], &key.replace('\n', "\\n")), "***");
}
