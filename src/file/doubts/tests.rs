use proptest::prelude::*;

use super::*;
use crate::document::{Format, format_by_name};
use crate::file::{Document, IdentityUnlock, Plan, any, encrypt};
use crate::keys::{Identities, NoInteraction, generate_x25519};

/// Encrypts texts, and opens them again.
fn opened(texts: &[&str], format: &str) -> Vec<Decrypted> {
    let (secret, recipient) = generate_x25519();
    let mut identities = Identities::new();
    identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    let plan = Plan::for_recipients([("me".to_owned(), recipient)]);
    let format: &'static dyn Format = format_by_name(format).expect("a format");
    let open = |text: &&str| {
        let document = Document::parse(text.as_bytes(), format).expect("well-formed");
        let encrypted = encrypt(&document, &plan, &NoInteraction).expect("encrypted").text;
        any::decrypt(encrypted.as_bytes(), format, &unlock).expect("decrypted")
    };
    texts.iter().map(open).collect()
}

/// What is odd about the last of four texts: base, ours, theirs, and what was made of them.
fn found(texts: [&str; 4], format: &str, has_base: bool) -> Vec<(String, DoubtKind)> {
    let opened = opened(&texts, format);
    let verified = Verified { base: has_base.then_some(&opened[0]), ours: &opened[1], theirs: &opened[2] };
    let doubts = doubts(&opened[3], verified).expect("values");
    doubts.into_iter().map(|Doubt { path, kind }| (path, kind)).collect()
}

#[test]
fn each_value_is_held_against_a_merge() {
    use DoubtKind::{Missing, PutBack, Unknown, UnknownList};
    let (base, ours, theirs) = ("a: 1\nb: 1\nc: 1\n", "a: 2\nb: 1\nc: 3\n", "a: 1\nb: 2\nc: 4\n");
    for (made, expected) in [
        ("a: 2\nb: 2\nc: 3\n", &[][..]),
        ("c: 4\n# a comment\nb: 2\na: 2\n", &[]),
        ("a: 1\nb: 2\nc: 3\n", &[("a", PutBack)]),
        ("a: 2\nb: 1\nc: 1\n", &[("b", PutBack), ("c", PutBack)]),
        ("a: 2\nb: 2\nc: 5\n", &[("c", Unknown)]),
        ("a: 2\nb: 2\n", &[("c", Missing)]),
        ("a: 2\nb: 2\nc: 3\nd: 1\n", &[("d", Unknown)]),
        ("a: '2'\nb: 2\nc: 3\n", &[("a", Unknown)]),
        ("a: 2\nb: 2\nc: [3]\n", &[("c", UnknownList)]),
        ("a: 2\nb: {x: 2}\nc: 3\n", &[("b", Missing), ("b.x", Unknown)]),
        ("a: 2\nb: 2\nc: 3\n---\nd: 1\n", &[("#1.d", Unknown)]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect();
        assert_eq!(found([base, ours, theirs, made], "yaml", true), expected, "{made}");
    }
    // Without a base either side may be right.
    assert_eq!(found([base, ours, theirs, "a: 1\nb: 1\nc: 4\n"], "yaml", false), []);
    // A value that one side took out.
    let removed = found(["a: 1\nb: 1\n", "b: 1\n", "a: 1\nb: 1\n", "a: 1\nb: 1\n"], "yaml", true);
    assert_eq!(removed, [("a".to_owned(), PutBack)]);
}

#[test]
fn lists_are_whole() {
    let list = |items: &str| format!("a: [{items}]\n");
    let [base, ours, theirs] = ["{n: 1, p: x}, {n: 2, p: y}", "{n: 1, p: x}", "{n: 1, p: z}, {n: 2, p: y}"].map(list);
    for (items, is_known) in
        [("{n: 1, p: x}", true), ("{n: 1, p: y}, {n: 2, p: x}", false), ("{n: 2, p: y}, {n: 1, p: z}", false)]
    {
        let found = found([&base, &ours, &theirs, &list(items)], "yaml", true);
        assert_eq!(found.is_empty(), is_known, "{items}: {found:?}");
    }
}

#[test]
fn a_binary_file_is_one_value() {
    assert_eq!(found(["1", "2", "3", "3"], "binary", true), []);
    assert_eq!(found(["1", "2", "3", "4"], "binary", true), [(".".to_owned(), DoubtKind::Unknown)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What a merge gives is never odd; anything else always is, under its own path.
    #[test]
    fn only_what_a_merge_does_not_give_is_odd(
        keys in prop::collection::vec((prop::option::of(0u8..3), prop::option::of(0u8..3), prop::option::of(0u8..3), prop::option::of(0u8..4)), 1..8)
    ) {
        // One key more, which is everywhere, so that no file is empty.
        let text = |value: &dyn Fn(&(Option<u8>, Option<u8>, Option<u8>, Option<u8>)) -> Option<u8>| {
            let lines = keys.iter().zip(0..).filter_map(|(key, number)| Some(format!("k{number}: {}\n", value(key)?)));
            lines.chain(["z: 0\n".to_owned()]).collect::<String>()
        };
        let texts = [text(&|key| key.0), text(&|key| key.1), text(&|key| key.2), text(&|key| key.3)];
        let odd = keys.iter().zip(0..).filter_map(|(&(base, ours, theirs, made), number)| {
            let is_merged = match () {
                () if ours == base => made == theirs,
                () if theirs == base => made == ours,
                () => made == ours || made == theirs,
            };
            (!is_merged).then(|| format!("k{number}"))
        });
        let found = found(texts.each_ref().map(String::as_str), "yaml", true);
        prop_assert_eq!(found.into_iter().map(|(path, _)| path).collect::<Vec<_>>(), odd.collect::<Vec<_>>());
    }
}
