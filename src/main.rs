//! The program `sops-rs`: parse, run, report.

use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

mod cli;

/// Every block of the heap is wiped when it is freed, also those in which parsers and libraries held plaintext.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    let core_limit = cli::process::forbid_core_dumps();
    cli::report::silence_panics();
    cli::run(core_limit)
}
