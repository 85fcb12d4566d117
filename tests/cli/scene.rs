//! A repository with an encrypted file and two branches of it: where merges are tried.

use crate::harness::{ME, World};

/// The driver as `git install` writes it.
const DRIVER: &str =
    "sops-rs git merge %O %A %B --marker-size %L --path %P --label-base %S --label-ours %X --label-theirs %Y";

/// Which program's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ours.
    Native,
    /// That of SOPS.
    Sops,
}

/// Both of them.
pub(crate) const DIALECTS: [Dialect; 2] = [Dialect::Native, Dialect::Sops];

/// A repository on the branch `main`.
pub(crate) struct Scene {
    /// Where it is.
    pub(crate) world: World,
    /// The encrypted file.
    pub(crate) name: &'static str,
}

impl Scene {
    /// With the first commit: `text`, encrypted as `name`. Git knows the driver.
    pub(crate) fn new(dialect: Dialect, name: &'static str, text: &str) -> Self {
        let scene = Self::without_driver(dialect, name, text);
        scene.world.git(&["config", "merge.sops-rs.driver", DRIVER]);
        scene
    }

    /// The same where git merges line by line.
    pub(crate) fn without_driver(dialect: Dialect, name: &'static str, text: &str) -> Self {
        let world = World::new();
        world.identity();
        world.repository();
        match dialect {
            Dialect::Native => world.config("  - files: [\"**\"]\n    recipients: [me]\n"),
            Dialect::Sops => world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n")),
        }
        world.file(".gitattributes", format!("{name} merge=sops-rs\n"));
        world.file(name, text);
        let output = world.run(&["encrypt", "-i", name]).output();
        assert!(output.status.success(), "{output:?}");
        let scene = Self { world, name };
        scene.world.commit("base");
        scene
    }

    /// A commit on `branch`, which begins at `main` if it is new, with this plaintext. `main` is where it ends.
    pub(crate) fn side(&self, branch: &str, text: &str) {
        let world = &self.world;
        let exists = world.git_run(&["rev-parse", "--verify", "--quiet", branch]).output().status.success();
        world.git(
            if exists { &["checkout", "--quiet"][..] } else { &["checkout", "--quiet", "-b"] }
                .iter()
                .copied()
                .chain([branch])
                .collect::<Vec<_>>()
                .as_slice(),
        );
        self.edit(text);
        world.commit(branch);
        world.git(&["checkout", "--quiet", "main"]);
    }

    /// Gives the file another plaintext.
    pub(crate) fn edit(&self, text: &str) {
        self.world.home_file("new", text);
        let with = format!("cp {} {{}}", self.world.home("new").display());
        let output = self.world.run(&["edit", "--with", &with, self.name]).output();
        assert!(matches!(output.status.code(), Some(0 | 200)), "{output:?}");
    }

    /// Runs git; gives whether it succeeded, and all it said.
    pub(crate) fn git(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.world.git_run(arguments).output();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        (output.status.success(), said)
    }

    /// Runs git, which must succeed; gives all it said.
    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let (ok, said) = self.git(arguments);
        assert!(ok, "git {arguments:?}: {said}");
        said
    }

    /// Runs git, which must fail; gives all it said.
    #[track_caller]
    pub(crate) fn conflicts(&self, arguments: &[&str]) -> String {
        let (ok, said) = self.git(arguments);
        assert!(!ok, "git {arguments:?}: {said}");
        said
    }

    /// The plaintext of the file, which must verify.
    #[track_caller]
    pub(crate) fn plaintext(&self) -> String {
        let output = self.world.run(&["decrypt", self.name]).output();
        assert!(output.status.success(), "{output:?}\n{}", self.text());
        String::from_utf8(output.stdout).expect("text")
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        self.world.read(self.name)
    }

    /// The files that wait to be merged.
    pub(crate) fn unmerged(&self) -> String {
        self.world.git(&["diff", "--name-only", "--diff-filter=U"])
    }

    /// Runs the program, which must succeed; gives what it said.
    #[track_caller]
    pub(crate) fn runs(&self, arguments: &[&str]) -> String {
        let output = self.world.run(arguments).output();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    /// Nobody has a key from now on, or again.
    pub(crate) fn has_key(&self, has_key: bool) {
        let (from, to) = if has_key { ("hidden", "keys.txt") } else { ("keys.txt", "hidden") };
        let path = |name| self.world.home(&format!(".config/sops-rs/{name}"));
        std::fs::rename(path(from), path(to)).expect("renamed");
    }
}
