//! The program under test, and a world for it in which the identities and gpg are those of the test data.
#![expect(clippy::disallowed_methods, reason = "an opt-in run says what it was asked to do")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::harness::{PROGRAM, Run, World};

/// The recipients of the identities in `testdata/sops/keys`, by letter.
pub(crate) const A: &str = "age18whjdz5selvk70ppt2qfchpzq9r7n8aq4lyxnlt3d9dash2dpv3sdq6rqh";
pub(crate) const B: &str = "age13xr4aty0r38vlkex08h0e6kqyq9c3dr368q5hcn7lmh6f3c553gsp6hfqr";
pub(crate) const C: &str = "age1tlycttpv059q5h3s0xj5et9m3dlql8pu0uf7tgm6d4mdvx2v3s5qtus2s2";

/// A folder of the test data.
pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// The real SOPS, where the run names it.
pub(crate) fn real() -> Option<PathBuf> {
    let program = PathBuf::from(std::env::var_os("SOPS_RS_TEST_SOPS")?);
    assert!(program.exists(), "SOPS_RS_TEST_SOPS names no program");
    Some(program)
}

/// Whether the program under test is the real one.
pub(crate) fn is_oracle() -> bool {
    std::env::var_os("SOPS_RS_TEST_ORACLE").is_some()
}

/// Our program, called `sops`.
pub(crate) fn ours() -> PathBuf {
    static LINK: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("called-sops");
        fs::create_dir_all(&folder).expect("a folder");
        // Another test process may make it at the same time.
        let fresh = folder.join(format!("sops.{}", std::process::id()));
        let _ = fs::remove_file(&fresh);
        symlink(PROGRAM, &fresh).expect("a link");
        fs::rename(&fresh, folder.join("sops")).expect("renamed");
        folder.join("sops")
    };
    LINK.get_or_init(make).clone()
}

/// The program under test.
pub(crate) fn under_test() -> PathBuf {
    if is_oracle() { real().expect("SOPS_RS_TEST_ORACLE needs SOPS_RS_TEST_SOPS") } else { ours() }
}

/// Runs of the program under test.
pub(crate) trait Sops {
    /// The program under test with these arguments, and the first identity.
    fn sops<'w>(&'w self, arguments: &[&str]) -> Run<'w>;

    /// The same with any of the two programs.
    fn sops_at<'w>(&'w self, program: &Path, arguments: &[&str]) -> Run<'w>;

    /// Runs the program under test, which must succeed without a word on standard error; gives its output.
    fn gives_text(&self, arguments: &[&str]) -> String;

    /// Runs the program under test, which must fail with this code, print nothing and change no file; gives its words.
    fn refuses(&self, code: i32, arguments: &[&str]) -> String;
}

impl Sops for World {
    fn sops<'w>(&'w self, arguments: &[&str]) -> Run<'w> {
        self.sops_at(&under_test(), arguments)
    }

    fn sops_at<'w>(&'w self, program: &Path, arguments: &[&str]) -> Run<'w> {
        let mut run = self.command(program.to_str().expect("UTF-8"));
        run.command
            .args(arguments)
            .env("PATH", "/usr/bin:/bin")
            .env("SOPS_AGE_KEY_FILE", testdata("sops/keys/a.txt"))
            .env("SOPS_GPG_EXEC", testdata("../tests/gpg/gpg"));
        run
    }

    #[track_caller]
    fn gives_text(&self, arguments: &[&str]) -> String {
        succeeds(self.sops(arguments))
    }

    #[track_caller]
    fn refuses(&self, code: i32, arguments: &[&str]) -> String {
        refused(self, code, self.sops(arguments))
    }
}

/// A world whose `.sops.yaml` encrypts everything to the first identity.
pub(crate) fn ready() -> World {
    let world = World::new();
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n"));
    world
}

/// Runs it: it must succeed without a word on standard error; gives its output.
#[track_caller]
pub(crate) fn succeeds(run: Run<'_>) -> String {
    let output = run.output();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {stderr}", output.status);
    assert!(stderr.is_empty(), "it said {stderr}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs it: it must fail with this code, print nothing and change no file; gives its words.
#[track_caller]
pub(crate) fn refused(world: &World, code: i32, run: Run<'_>) -> String {
    let before = world.snapshot();
    let output = run.output();
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(output.stdout.is_empty(), "it printed {}", String::from_utf8_lossy(&output.stdout));
    assert!(!stderr.is_empty(), "it failed without a word");
    assert!(world.snapshot() == before, "a failing command changed a file");
    stderr
}
