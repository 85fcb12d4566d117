//! `filestatus`.

use super::harness::World;

#[test]
fn it_tells_what_is_encrypted() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: 1\n");
    world.encrypted("a.json", "[1]");
    world.encrypted("a.env", "A=1\n");
    world.of_sops("sops.yaml", "a: x\n");
    world.of_sops("sops.json", "{\"a\": \"x\"}");
    world.of_sops("sops.env", "A=x\n");
    for name in ["a.yaml", "a.json", "a.env", "sops.yaml", "sops.json", "sops.env"] {
        world.run(&["filestatus", name]).gives("{\"encrypted\":true}\n", "");
    }
    world.file("plain.yaml", "a: 1\n");
    world.file("plain.json", "{}");
    world.file("plain.env", "");
    for name in ["plain.yaml", "plain.json", "plain.env"] {
        world.run(&["filestatus", name]).gives("{\"encrypted\":false}\n", "");
    }
    let text = world.read("a.yaml");
    world.run(&["filestatus", "--input-type", "yaml", "-"]).stdin(text).gives("{\"encrypted\":true}\n", "");
}

#[test]
fn damaged_metadata_are_an_error() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: canary-7f3a91\n");
    let text = world.read("a.yaml");
    world.file("a.yaml", text.replace("version: 1", "version: 2"));
    let error = "metadata: line 2: this version of the format is not known; a newer sops-rs may read it\n";
    world.run(&["filestatus", "a.yaml"]).fails(1, &format!("sops-rs: error: `a.yaml`: {error}"));
    world.file("a.yaml", text.replace("comments: encrypt", "comment: encrypt"));
    let output = world.run(&["filestatus", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let hint = "sops-rs: hint: restore the `sops-rs` block from the last good version in git\n";
    assert!(said.starts_with("sops-rs: error: `a.yaml`: metadata: line 2: ") && said.ends_with(hint), "{said}");
}

#[test]
fn a_missing_file_is_an_error() {
    let error = "sops-rs: error: `gone.yaml`: cannot be read: no such file\n";
    World::new().run(&["filestatus", "gone.yaml"]).fails(100, error);
}
