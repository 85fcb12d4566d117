//! `keygen`.

use super::harness::World;

const FILE: &str = "# public key: age1…\nAGE-SECRET-KEY-…\n";

#[test]
fn an_identity_is_made_where_the_program_looks_for_it() {
    let world = World::new();
    let said = "identity written to `[root]/home/.config/sops-rs/keys.txt`; keep it secret, and keep a copy\n";
    world.run(&["keygen"]).gives("age1…\n", said);
    let snapshot = world.snapshot();
    let (mode, content) = &snapshot[&world.home(".config/sops-rs/keys.txt")];
    assert_eq!((mode & 0o777, world.normalised(&String::from_utf8_lossy(content)).as_str()), (0o600, FILE));
    assert_eq!(snapshot[&world.home(".config/sops-rs")].0 & 0o777, 0o700);
    let recipient = String::from_utf8_lossy(content).lines().next().unwrap().replace("# public key: ", "");
    world.file("a.env", "A=1\n");
    let run = world.run(&["encrypt", "-i", "-r", &recipient, "a.env"]);
    run.gives("", "`a.env`: 1 value encrypted, none clear\n");
    world.run(&["decrypt", "a.env"]).gives("A=1\n", "");
}

#[test]
fn an_identity_is_never_overwritten() {
    let world = World::ready();
    let error = |name: &str| {
        format!(
            "sops-rs: error: `{name}`: exists, and an identity is never overwritten\n\
             sops-rs: hint: write elsewhere with -o/--output, or use the identity that is there\n"
        )
    };
    world.run(&["keygen"]).fails(3, &error("[root]/home/.config/sops-rs/keys.txt"));
    world.file("key", "");
    world.run(&["keygen", "-o", "key"]).fails(3, &error("key"));
    std::os::unix::fs::symlink("nowhere", world.path("link")).unwrap();
    world.run(&["keygen", "-o", "link"]).fails(3, &error("link"));
}

#[test]
fn it_may_go_elsewhere() {
    let world = World::new();
    let said = "identity written to `new/key.txt`; keep it secret, and keep a copy\n";
    world.run(&["keygen", "-o", "new/key.txt"]).gives("age1…\n", said);
    assert_eq!((world.normalised(&world.read("new/key.txt")).as_str(), world.mode("new/key.txt")), (FILE, 0o600));
    world.run(&["keygen", "-o", "-"]).gives(FILE, "recipient: age1…\n");
}
