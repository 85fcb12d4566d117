//! Scanning, encrypting and decrypting, by format and by number of leaves: time per leaf should not depend on it.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata, Rule, Time};
use sops_rs::document::sops::Store;
use sops_rs::document::{Format, format_by_name};
use sops_rs::file::sops::{self, MacCheck};
use sops_rs::file::{Document, IdentityUnlock, Plan, decrypt, encrypt};
use sops_rs::keys::{Identities, NoInteraction, generate_x25519};
use sops_rs::select::{ClearValues, CommentPolicy, Selection};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Makes a text of so many leaves.
type Generate = fn(usize) -> String;

const FORMATS: [(&str, Generate); 3] = [("yaml", yaml), ("json", json), ("dotenv", dotenv)];

/// Values of some usual lengths, the same in each run.
fn value(n: usize) -> String {
    let digits = format!("{:016x}", (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    digits.repeat(1 + n % 5)
}

/// Services of ten values each, in the styles that such files have.
fn yaml(leaves: usize) -> String {
    let mut text = String::from("# generated\n");
    for n in 0..leaves {
        let value = value(n);
        let line = match n % 10 {
            0 => format!("service_{n}:\n  user: {value}  # who connects\n"),
            1 => format!("  password: \"{value}\"\n"),
            2 => format!("  port: {n}\n"),
            3 => format!("  note: '{value}'\n"),
            4 => format!("  key: |\n    {value}\n    {value}\n"),
            _ => format!("  token_{n}: {value}\n"),
        };
        text.push_str(&line);
    }
    text
}

fn json(leaves: usize) -> String {
    let mut text = String::from("{");
    for group in 0..leaves / 10 {
        let comma = if group == 0 { "" } else { "," };
        write!(text, "{comma}\n  \"group_{group}\": {{\"port\": {group}").expect("a string takes everything");
        for n in 1..10 {
            write!(text, ", \"key_{n}\": \"{}\"", value(group * 10 + n)).expect("a string takes everything");
        }
        text.push('}');
    }
    text.push_str("\n}\n");
    text
}

fn dotenv(leaves: usize) -> String {
    (0..leaves).map(|n| format!("KEY_{n}={}\n", value(n))).collect()
}

/// One text of each format and size.
fn texts() -> impl Iterator<Item = (&'static dyn Format, usize, String)> {
    FORMATS.into_iter().flat_map(|(name, generate)| {
        let format = format_by_name(name).expect("a format of this name");
        SIZES.map(|leaves| (format, leaves, generate(leaves)))
    })
}

/// Runs `bench` over all texts; what it gives is what is measured.
fn measure<'a, R>(
    criterion: &mut Criterion,
    name: &str,
    bench: impl Fn(&'static dyn Format, String) -> Box<dyn Fn() -> R + 'a>,
) {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(Duration::from_millis(500));
    group.measurement_time(Duration::from_secs(3));
    for (format, leaves, text) in texts() {
        group.throughput(Throughput::Elements(leaves as u64));
        let run = bench(format, text);
        group.bench_function(BenchmarkId::new(format.name(), leaves), |bencher| bencher.iter(|| black_box(run())));
    }
    group.finish();
}

/// Somebody to encrypt to.
fn reader() -> (Identities, Plan) {
    let (secret, recipient) = generate_x25519();
    let mut identities = Identities::new();
    identities.add_identity_file(secret.as_bytes(), "benchmark").expect("an identity of our own");
    let plan = Plan {
        comments: CommentPolicy::default(),
        clear_values: ClearValues::default(),
        selection: Selection::default(),
        recipients: vec![("reader".to_owned(), recipient)],
        key_groups: None,
        sections: Vec::new(),
    };
    (identities, plan)
}

fn document(format: &'static dyn Format, text: &str) -> Document {
    Document::parse(text.as_bytes(), format).expect("generated texts are valid")
}

fn scans(criterion: &mut Criterion) {
    measure(criterion, "scan", |format, text| Box::new(move || format.scan(&text).expect("generated texts are valid")));
}

fn encrypts(criterion: &mut Criterion) {
    let (_, plan) = &reader();
    measure(criterion, "encrypt", |format, text| {
        Box::new(move || encrypt(&document(format, &text), plan, &NoInteraction).expect("it is encrypted"))
    });
}

fn decrypts(criterion: &mut Criterion) {
    let (identities, plan) = &reader();
    measure(criterion, "decrypt", |format, text| {
        let encrypted = encrypt(&document(format, &text), plan, &NoInteraction).expect("it is encrypted");
        let unlock = IdentityUnlock { identities, interaction: &NoInteraction };
        Box::new(move || decrypt(encrypted.text.as_bytes(), format, &unlock).expect("it decrypts"))
    });
}

/// Metadata that name nobody: the data key is at hand.
fn sops_file(text: &str, store: Store, data_key: &DataKey) -> String {
    let group = KeyGroup { keys: vec![MasterKey::age("benchmark")], ..KeyGroup::default() };
    let now = Time::parse("2026-11-21T10:00:00Z").expect("RFC 3339");
    let metadata = Metadata { rule: Some(Rule::default()), ..Metadata::new(vec![group], now) };
    sops::encrypt(text.as_bytes(), store, data_key, metadata).expect("it is encrypted")
}

fn sops_encrypts(criterion: &mut Criterion) {
    let data_key = DataKey::generate().expect("randomness");
    measure(criterion, "encrypt for SOPS", |format, text| {
        let store = Store::by_name(format.name()).expect("a format of SOPS");
        let data_key = data_key.clone();
        Box::new(move || sops_file(&text, store, &data_key))
    });
}

fn sops_decrypts(criterion: &mut Criterion) {
    let data_key = DataKey::generate().expect("randomness");
    measure(criterion, "decrypt of SOPS", |format, text| {
        let store = Store::by_name(format.name()).expect("a format of SOPS");
        let (data_key, encrypted) = (data_key.clone(), sops_file(&text, store, &data_key));
        Box::new(move || {
            sops::decrypt(encrypted.as_bytes(), store, &data_key, MacCheck::Require).expect("it decrypts").plaintext
        })
    });
}

criterion_group!(pipeline, scans, encrypts, decrypts, sops_encrypts, sops_decrypts);
criterion_main!(pipeline);
