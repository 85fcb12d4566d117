use proptest::prelude::*;

use super::*;
use crate::dialect::sops::Rule;
use crate::document::format_by_name;
use crate::file::{self, IdentityUnlock};
use crate::keys::{Identities, NoInteraction};

const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const KEY: &str = include_str!("../../../testdata/keys/x25519.txt");
const SSH: &str = include_str!("../../../testdata/keys/ssh_ed25519.pub");

fn now() -> Time {
    Time::parse("2026-11-21T10:00:00Z").expect("a time")
}

fn wrap() -> sops::KeyWrap<'static> {
    sops::KeyWrap { interaction: &NoInteraction, gpg: None }
}

/// `text` as a file of SOPS, opened.
fn sops_file(text: &[u8], store: Store, rule: Option<(&str, &str)>) -> sops::Decrypted {
    let keys = [ALICE, SSH.trim()].map(MasterKey::age).to_vec();
    let mut metadata = sops_dialect::Metadata::new(vec![KeyGroup { keys, ..KeyGroup::default() }], now());
    metadata.rule = rule.and_then(|(name, text)| Rule::new(name, text)).or(metadata.rule);
    let data_key = DataKey::generate().expect("randomness");
    sops::wrap_data_key(&mut metadata, &data_key, &wrap()).expect("wrapped");
    let text = sops::encrypt(text, store, &data_key, metadata).expect("encrypted");
    sops::decrypt(text.as_bytes(), store, &data_key, MacCheck::Require).expect("decrypted")
}

fn opened(text: &str, format: &'static dyn Format) -> Decrypted {
    let mut identities = Identities::new();
    identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    file::decrypt(text.as_bytes(), format, &unlock).expect("decrypted")
}

fn native(text: &str, format: &'static dyn Format, plan: &Plan) -> Decrypted {
    let document = Document::parse(text.as_bytes(), format).expect("a document");
    opened(&encrypt(&document, plan, &NoInteraction).expect("encrypted").text, format)
}

fn plan(encrypt: &[&str], clear: &[&str]) -> Plan {
    let globs = |texts: &[&str]| crate::select::PathGlob::parse_all(texts.iter().copied()).expect("globs");
    let mut plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
    plan.selection = Selection { encrypt: globs(encrypt), clear: globs(clear) };
    plan
}

fn format(store: Store) -> &'static dyn Format {
    format_by_name(store.name()).expect("a format")
}

fn back(decrypted: &Decrypted, store: Store) -> Result<Converted, Error> {
    to_sops(decrypted, store, metadata_of_native(decrypted, now())?, &wrap())
}

#[test]
fn every_format_goes_there_and_back() {
    let cases: [(Store, &[u8]); 5] = [
        (Store::Yaml, b"# top\na: one\nb: {c: [2, true], d: ~}\ne_unencrypted: clear\n---\nf: 'g'\n"),
        (Store::Json, b"{\"a\": \"x\", \"b\": [1, null, \"\"]}\n"),
        (Store::Dotenv, b"# c\nA=1\nB=two words\n"),
        (Store::Ini, b"; c\n[s]\na = 1\n"),
        (Store::Binary, b"\0\xff\nENC["),
    ];
    for (store, plaintext) in cases {
        let decrypted = sops_file(plaintext, store, None);
        let original = decrypted.plaintext.to_vec();
        let plan = plan_of_sops(&decrypted, store, &|_| None).expect("a plan");
        let converted = to_native(&decrypted, store, format(store), &plan, &NoInteraction).expect("converted");
        assert_eq!(converted.changes, Changes::default(), "{store:?}");
        let decrypted = opened(&converted.text, format(store));
        assert_eq!(plaintext_of(&decrypted), original, "{store:?}");
        let converted = back(&decrypted, store).expect("converted");
        assert_eq!(converted.changes, Changes::default(), "{store:?}");
        let metadata = sops::status(converted.text.as_bytes(), store).expect("read").expect("encrypted");
        let keys: Vec<_> = metadata.groups[0].keys.iter().map(MasterKey::name).collect();
        assert_eq!(keys, [SSH.trim_end().rsplit_once(' ').expect("a comment").0, ALICE], "by name");
    }
}

fn plaintext_of(decrypted: &Decrypted) -> Vec<u8> {
    decrypted.document.plaintext().expect("bytes").to_vec()
}

#[test]
fn key_groups_go_both_ways() {
    let [one, two] = [(); 2].map(|()| crate::keys::generate_x25519().1);
    let mut decrypted = sops_file(b"a: 1\n", Store::Yaml, None);
    let group = |keys: &[&Recipient]| KeyGroup {
        keys: keys.iter().map(|key| MasterKey::age(key.as_str())).collect(),
        ..KeyGroup::default()
    };
    let alice = Recipient::parse(ALICE).expect("a recipient");
    decrypted.metadata.groups = vec![group(&[&alice, &one]), group(&[&two])];
    decrypted.metadata.shamir_threshold = Some(2);
    let plan = plan_of_sops(&decrypted, Store::Yaml, &|_| None).expect("a plan");
    let groups = plan.key_groups.as_ref().expect("groups");
    assert_eq!((groups.threshold(), groups.groups()), (2, &[vec![alice, one], vec![two.clone()]][..]));
    let converted = to_native(&decrypted, Store::Yaml, format(Store::Yaml), &plan, &NoInteraction).expect("converted");
    let metadata = file::status(converted.text.as_bytes(), format(Store::Yaml)).expect("read").expect("encrypted");
    let document = Document::parse(b"a: 1\n", format(Store::Yaml)).expect("a document");
    let decrypted = Decrypted { document, warnings: Vec::new(), metadata };
    let metadata = metadata_of_native(&decrypted, now()).expect("metadata");
    assert_eq!((metadata.groups.len(), metadata.shamir_threshold), (2, Some(2)));
    assert_eq!(metadata.groups[1].keys[0].name(), two.as_str());
}

#[test]
fn readers_get_names() {
    let decrypted = sops_file(b"a: 1\n", Store::Yaml, None);
    let names = |name_of: &dyn Fn(&Recipient) -> Option<String>| {
        let plan = plan_of_sops(&decrypted, Store::Yaml, name_of).expect("a plan");
        plan.recipients.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&|_| None), ["TEST-ONLY", "recipient-1"]);
    assert_eq!(names(&|key| (key.as_str() == ALICE).then(|| "alice".to_owned())), ["TEST-ONLY", "alice"]);
}

#[test]
fn what_the_files_seal_is_compared() {
    let decrypted = sops_file(b"# c\na: 1\nb: 2\nd: {a: 3, x: ''}\n", Store::Yaml, Some(("encrypted_regex", "^a$")));
    let to = |plan: &Plan| {
        to_native(&decrypted, Store::Yaml, format(Store::Yaml), plan, &NoInteraction).expect("converted").changes
    };
    let same = plan_of_sops(&decrypted, Store::Yaml, &|_| None).expect("a plan");
    assert_eq!(same.comments, CommentPolicy::Clear);
    assert_eq!(same.selection, Rule::new("encrypted_regex", "^a$").and_then(|rule| rule.selection()).expect("globs"));
    assert_eq!(to(&same), Changes::default());
    let changes = to(&plan(&["b"], &[]));
    assert_eq!(
        (changes.exposed, changes.sealed),
        (vec!["a".into(), "d.a".into()], vec!["comment on line 1".into(), "b".into()])
    );

    let text = "# c\ndata: {a: 1}\nkind: {data: 2}\n";
    let decrypted = native(text, format(Store::Yaml), &plan(&["data.**"], &[]));
    let changes = back(&decrypted, Store::Yaml).expect("converted").changes;
    assert_eq!((changes.exposed, changes.sealed), (vec!["comment on line 1".into()], vec!["kind.data".into()]));
    // A copy of a sealed value under a clear key.
    let decrypted = native("a: &x secret\nb_unencrypted: *x\n", format(Store::Yaml), &plan(&["**"], &[]));
    assert_eq!(back(&decrypted, Store::Yaml).expect("converted").changes.exposed, ["a"]);
}

#[test]
fn what_is_no_value_for_the_other_dialect_is_exposed() {
    let mark = |start: usize, end: usize, is_sealed| Mark {
        span: Span::new(start..end),
        path: "a".to_owned(),
        is_comment: false,
        is_empty: false,
        is_sealed,
    };
    let text = b"a = one # two\nb three";
    for (after, expected) in [
        (vec![mark(4, 7, true)], vec!["a"]),
        (vec![mark(4, 7, true), mark(14, 21, true)], vec!["a"]),
        (vec![mark(4, 7, true), mark(10, 21, true)], vec![]),
        (vec![mark(4, 21, true)], vec![]),
        (vec![], vec!["a"]),
    ] {
        assert_eq!(Changes::of_marks(text, &[mark(4, 21, true)], &after).exposed, expected, "{after:?}");
    }

    let plan = plan(&["**"], &[]);
    // What was encrypted whole has readable keys, but nothing else.
    let decrypted = sops_file(b"A=1\nB\n", Store::Binary, None);
    let converted = to_native(&decrypted, Store::Binary, format(Store::Dotenv), &plan, &NoInteraction);
    let changes = converted.expect("converted").changes;
    assert_eq!(changes, Changes { structure: true, exposed: vec!["B".to_owned()], ..Changes::default() });
}

#[test]
fn what_sops_spells_otherwise_is_listed() {
    let text = "a: 1.0\nb: 2001-12-14\nc: x\n# d\ne: >-\n  x\n  y";
    let changes =
        back(&native(text, format(Store::Yaml), &plan(&["**"], &[])), Store::Yaml).expect("converted").changes;
    assert_eq!((changes.respelled, changes.layout), (vec!["a".into(), "b".into(), "e".into()], true));
    let text = "A='x'\nB=y\nC=z # ours\n";
    let changes = back(&native(text, format(Store::Dotenv), &plan(&["**"], &[])), Store::Dotenv).expect("converted");
    assert_eq!(changes.changes, Changes { read_otherwise: vec!["A".into(), "C".into()], ..Changes::default() });
}

#[test]
fn what_the_other_dialect_cannot_hold_is_refused() {
    let refusal = |decrypted: &Decrypted, store| back(decrypted, store).expect_err("refused").to_string();
    let toml = native("a = 1\n", format_by_name("toml").expect("a format"), &plan(&["**"], &[]));
    assert_eq!(refusal(&toml, Store::Binary), "SOPS has no TOML");
    let clear = native("a: 1\nkind: 2\n", format(Store::Yaml), &plan(&["**"], &["kind"]));
    assert_eq!(
        refusal(&clear, Store::Yaml),
        "SOPS has no selector for its globs (encrypt: `**`, clear: `kind`): it looks at keys alone, at any depth"
    );
    let mut with_section = plan(&["**"], &[]);
    let paths = vec![crate::select::PathGlob::parse("a").expect("a glob")];
    let recipients = with_section.recipients.clone();
    with_section.sections.push(file::NewSection { name: "db".into(), paths, recipients, key_groups: None });
    let sections = native("a: 1\nb: 2\n", format(Store::Yaml), &with_section);
    assert_eq!(refusal(&sections, Store::Yaml), "SOPS has no sections, and this file has `db`");

    let mut decrypted = sops_file(b"a: 1\nb: 2\n", Store::Yaml, Some(("encrypted_regex", "^[a]+$")));
    let plan_refused =
        |decrypted: &sops::Decrypted| plan_of_sops(decrypted, Store::Yaml, &|_| None).expect_err("refused").to_string();
    assert_eq!(plan_refused(&decrypted), "its selector `encrypted_regex: ^[a]+$` has no path globs that say the same");
    let fingerprint = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4".to_owned();
    let pgp =
        MasterKey::new(KeyKind::Pgp, vec![("fp".into(), crate::document::sops::Field::Text(fingerprint.clone()))]);
    decrypted.metadata.groups[0].keys.push(pgp);
    assert_eq!(plan_refused(&decrypted), format!("native files are for age and ssh keys, not for `{fingerprint}`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever goes to SOPS without a change comes back byte for byte.
    #[test]
    fn what_is_said_to_come_back_does(
        values in proptest::collection::vec("[a-c ]{0,3}|[0-9.]{1,4}|true|'x'|\"y\"|~|2001-01-01", 1..6),
        comments in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let mut text = String::new();
        for (number, value) in values.iter().enumerate() {
            text.push_str(if comments[number] { "# c\n" } else { "" });
            text.push_str(&format!("k{number}: {}\n", value.trim()));
        }
        let format = format(Store::Yaml);
        if let Ok(document) = Document::parse(text.as_bytes(), format)
            && let Ok(encrypted) = encrypt(&document, &plan(&["**"], &[]), &NoInteraction)
            && let Ok(converted) = back(&opened(&encrypted.text, format), Store::Yaml)
        {
            let Changes { exposed, respelled, layout, .. } = converted.changes;
            prop_assert!(exposed.is_empty());
            let mut identities = Identities::new();
            identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
            let unlock = sops::KeyUnlock {
                identities: &identities,
                interaction: &NoInteraction,
                gpg: None,
                order: sops::DecryptionOrder::default(),
            };
            let metadata = sops::status(converted.text.as_bytes(), Store::Yaml).expect("read").expect("encrypted");
            let data_key = sops::unlock_data_key(&metadata, &unlock).expect("opened");
            let decrypted = sops::decrypt(converted.text.as_bytes(), Store::Yaml, &data_key, MacCheck::Require);
            let decrypted = decrypted.expect("decrypted");
            prop_assert_eq!(&**decrypted.plaintext == text.as_bytes(), respelled.is_empty() && !layout);
            let plan = plan_of_sops(&decrypted, Store::Yaml, &|_| None).expect("a plan");
            let native = to_native(&decrypted, Store::Yaml, format, &plan, &NoInteraction).expect("converted");
            prop_assert_eq!(plaintext_of(&opened(&native.text, format)), decrypted.plaintext.to_vec());
        }
    }
}
