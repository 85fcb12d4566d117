//! `demo`.

use super::harness::World;

#[test]
fn the_demo_shows_the_story_and_leaves_nothing_behind() {
    let world = World::new();
    world.file("tmp/x", "");
    let before = world.snapshot();
    let output = world.shell("sops-rs demo").env("TMPDIR", world.path("tmp")).output();
    let text = world.normalised(&String::from_utf8(output.stdout).unwrap());
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    let titles: Vec<_> = text.lines().filter(|line| line.starts_with("# ") && !line.contains("ENC[")).collect();
    assert_eq!(
        titles,
        [
            "# Make a key and a config",
            "# Two files with secrets",
            "# how the app reaches its database",
            "# payment provider",
            "# Encrypt them: only the values, comments included",
            "# Keys, order and layout stay readable",
            "# Commit",
            "# Change one value",
            "# The diff is one line",
            "# Commit it, and go back for a branch",
            "# On the branch another value changes",
            "# Plain git merges both, without a key and without a driver",
            "# The merged file verifies, and opens to both changes, every other byte as it was",
            "# payment provider",
            "# Run a program with the values in its environment",
        ]
    );
    let end = "postgres://app:hunter2@db.internal/app whsec_new p@ss: word\n\n\
               That was all of it; the repository and the key are gone. Start your own with `sops-rs init`.\n";
    assert!(text.ends_with(end), "{text}");
    assert!(!text.contains('\u{1b}'), "no colors where no terminal is");
    assert_eq!(world.snapshot(), before);
}

#[test]
fn a_failing_step_is_a_failure_and_cleans_up_too() {
    let world = World::new();
    world.file("tmp/x", "");
    world.file("bin/git", "#!/bin/sh\necho git is broken\nexit 1\n");
    world.chmod("bin/git", 0o755);
    let before = world.snapshot();
    let path = format!("{}:/usr/bin:/bin", world.path("bin").display());
    let run = world.run(&["demo"]).env("TMPDIR", world.path("tmp")).env("PATH", path);
    let printed = "\n# Make a key and a config\n$ git init -q -b main && sops-rs init\ngit is broken\n";
    let error = "sops-rs: error: the demo's step failed: `git init -q -b main && sops-rs init`\n";
    run.ends(1, printed, error);
    assert_eq!(world.snapshot(), before);
}
