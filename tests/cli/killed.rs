//! Runs that are killed at any moment: every file is the old or the new one, whole, and the next run cleans up.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use sops_rs::document::format_for_name;
use sops_rs::file::{IdentityUnlock, decrypt};
use sops_rs::keys::{Identities, NoInteraction};

use super::harness::{MY_FILE, Run, World};

/// Of each command, on a machine that is not busy otherwise.
const KILLS: u32 = 200;
const BUDGET: Duration = Duration::from_secs(4);
const NAMES: [&str; 4] = ["a.yaml", "deep/b.json", "deep/c.env", "deep/d.yaml"];

fn plaintext(name: &str) -> String {
    match name.rsplit('.').next() {
        Some("env") => format!("NAME={name}\nB='canary-7f3a91'\n"),
        Some("json") => format!("{{\"name\": \"{name}\", \"list\": [1, 2, 3]}}\n"),
        _ => format!("name: {name} # canary-7f3a91\nlist: [1, 2, 3]\n"),
    }
}

fn identities() -> Identities {
    let mut identities = Identities::new();
    identities.add_identity_file(MY_FILE.as_bytes(), "the test's key").expect("an identity");
    identities
}

/// The plaintext of a file, without another run of the program.
fn opened(world: &World, name: &str, identities: &Identities) -> String {
    let unlock = IdentityUnlock { identities, interaction: &NoInteraction };
    let decrypted = decrypt(world.read(name).as_bytes(), format_for_name(name).expect("a format"), &unlock);
    let decrypted = decrypted.unwrap_or_else(|error| panic!("`{name}`: {error}"));
    decrypted.document.text().to_owned()
}

fn temp_files(world: &World) -> usize {
    world.snapshot().keys().filter(|path| path.extension().is_some_and(|extension| extension == "tmp")).count()
}

/// Kills runs that `start` makes, at moments that are spread over the time that one takes, and looks at the disk with
/// `check` after each. One of them at least leaves a temp file behind.
fn kill_at_any_moment<'w>(world: &'w World, start: impl Fn(u32) -> Run<'w>, mut check: impl FnMut(u32)) {
    let started = Instant::now();
    assert!(start(KILLS).output().status.success());
    let whole = started.elapsed();
    check(KILLS);
    let mut leftovers = 0;
    let began = Instant::now();
    // In another order than that of time, so that a slow machine may stop early and has been everywhere.
    for number in (0..KILLS).map(|number| number * 73 % KILLS) {
        if began.elapsed() > BUDGET && leftovers > 0 {
            break;
        }
        let mut run = start(number);
        let mut child = run.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        // From the first moment to a little after the last one.
        thread::sleep(whole * number * 5 / 4 / KILLS);
        child.kill().expect("it is ours");
        child.wait().expect("it ended");
        check(number);
        leftovers += usize::from(temp_files(world) > 0);
    }
    assert!(leftovers > 0, "no run was killed at work");
    // Nobody else is at work here any more, so whatever is left is from a killed run.
    assert!(start(KILLS + 1).output().status.success());
    assert_eq!(temp_files(world), 0);
    check(KILLS + 1);
}

#[test]
fn a_rotation_that_is_killed_leaves_every_file_old_or_new() {
    let world = World::ready();
    let identities = identities();
    for name in NAMES {
        world.file(name, plaintext(name));
    }
    assert!(world.run(&[&["encrypt", "-i"], &NAMES[..]].concat()).output().status.success());
    // Every file opens to what it was, whichever data key it has now.
    kill_at_any_moment(
        &world,
        |_| world.run(&["rotate", "-r"]),
        |_| NAMES.iter().for_each(|name| assert_eq!(opened(&world, name, &identities), plaintext(name))),
    );
}

#[test]
fn a_set_that_is_killed_leaves_the_old_value_or_the_new_one() {
    let world = World::ready();
    let identities = identities();
    let rest: String = (0..20).map(|number| format!("k{number}: canary-7f3a91\n")).collect();
    let text = |value: &str| format!("a: {value}\n{rest}");
    world.encrypted("a.yaml", text("start"));
    let mut before = (world.read("a.yaml"), "start".to_owned());
    kill_at_any_moment(
        &world,
        |number| world.run(&["set", "a.yaml", "a", &format!("run{number}")]),
        |number| {
            let now = world.read("a.yaml");
            if now != before.0 {
                before = (now, format!("run{number}"));
                assert_eq!(opened(&world, "a.yaml", &identities), text(&before.1));
            }
        },
    );
    assert_eq!(before.1, format!("run{}", KILLS + 1));
}

#[test]
fn the_next_run_says_what_it_cleaned_up() {
    let world = World::ready();
    world.file(".sops-rs-Ab12Cd.tmp", "canary-7f3a91");
    world.file("elsewhere/.sops-rs-Ab12Cd.tmp", "");
    world.file("a.env", "A=1\n");
    world
        .run(&["encrypt", "-i", "a.env"])
        .gives("", "removed 1 temp file of a run that was killed\n`a.env`: 1 value encrypted, none clear\n");
    assert_eq!(temp_files(&world), 1, "folders that are not written to are left alone");
}
