//! Redacting a child's output: bytes per second, by what is in it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sops_rs::redact::{Patterns, Redactor};

/// What is read from a pipe at once.
const PIECE: usize = 64 << 10;

fn secret(n: usize) -> String {
    format!("{:016x}", (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)).repeat(1 + n % 3)
}

/// Lines as a server logs them; every `every`-th one has a secret in it.
fn log(len: usize, every: usize) -> Vec<u8> {
    let mut text = String::with_capacity(len + 200);
    let mut n = 0;
    while text.len() < len {
        text.push_str("2026-11-21T14:22:58.123Z INFO request finished method=GET path=/api/v1/users status=200 ");
        if n % every == every - 1 {
            text.push_str(&secret(n % 30));
        }
        text.push_str(" duration_ms=12 id=7f3a91d2c4\n");
        n += 1;
    }
    text.into_bytes()
}

fn redact(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("redact");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for (name, secrets, text) in [
        ("30 secrets, none seen", 30, log(16 << 20, usize::MAX)),
        ("30 secrets, in every 10th line", 30, log(16 << 20, 10)),
        ("1000 secrets, none seen", 1000, log(16 << 20, usize::MAX)),
    ] {
        let secrets: Vec<_> = (0..secrets).map(secret).collect();
        let patterns = Arc::new(Patterns::new(secrets.iter().map(|secret| secret.as_bytes())).expect("few"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |bencher, text| {
            let mut out = Vec::with_capacity(2 * PIECE);
            bencher.iter(|| {
                let mut redactor = Redactor::new(Arc::clone(&patterns));
                for piece in text.chunks(PIECE) {
                    out.clear();
                    redactor.push(piece, &mut out);
                    black_box(&out);
                }
                redactor.finish(&mut out);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, redact);
criterion_main!(benches);
