//! `edit`, and the bare file name that means it.

use serde_json::json;

use crate::formats::{is_token, opened, yaml};
use crate::harness::World;
use crate::program::{Sops, ready, refused, succeeds};

/// A world with an encrypted file and editors.
fn encrypted() -> World {
    let world = ready();
    world.file("a.yaml", "a: 1 # why\nb: text\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    world.file("append", "#!/bin/sh\necho 'added: line' >> \"$1\"\n");
    world.file("my editor", "#!/bin/sh\nprintf '%s\\n' \"$1: $2\" >> \"$3\"\n");
    for name in ["append", "my editor"] {
        world.chmod(name, 0o755);
    }
    world
}

#[test]
fn what_the_editor_changes_is_encrypted() {
    let world = encrypted();
    let before = yaml(&world.read("a.yaml"));
    assert_eq!(succeeds(world.sops(&["edit", "a.yaml"]).env("EDITOR", world.path("append"))), "");
    assert_eq!(opened(&world, "a.yaml"), json!({ "a": 1, "b": "text", "added": "line" }));
    let after = yaml(&world.read("a.yaml"));
    assert!(is_token(&after["added"], "str") && before["a"] == after["a"] && before["b"] == after["b"], "{after}");
    // The comment is there still.
    assert!(world.gives_text(&["decrypt", "a.yaml"]).contains("# why"));
}

#[test]
fn the_editor_is_a_command_line() {
    let world = encrypted();
    let editor = format!("'{}' \"two words\" x\\ y", world.path("my editor").display());
    let run = world.sops(&["a.yaml"]).env("SOPS_EDITOR", editor).env("EDITOR", "/bin/false");
    assert_eq!(succeeds(run), "");
    assert_eq!(opened(&world, "a.yaml"), json!({ "a": 1, "b": "text", "two words": "x y" }));
}

#[test]
fn the_editor_meets_a_private_file_of_the_same_name() {
    let world = encrypted();
    world.file("look", "#!/bin/sh\nls -l \"$1\" > look.txt\ncat \"$1\" > plain.txt\necho \"$1\" > name.txt\n");
    world.chmod("look", 0o755);
    let stderr = {
        let output = world.sops(&["edit", "a.yaml"]).env("EDITOR", world.path("look")).output();
        assert_eq!(output.status.code(), Some(200));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert!(stderr.contains("File has not changed, exiting."), "{stderr}");
    assert!(world.read("look.txt").starts_with("-rw-------"), "{}", world.read("look.txt"));
    assert!(world.read("name.txt").ends_with("/a.yaml\n") && world.read("plain.txt").contains("b: text"));
    assert!(!std::path::Path::new(world.read("name.txt").trim()).exists());
}

#[test]
fn nothing_changed_is_200_and_a_failing_editor_201() {
    let world = encrypted();
    refused(&world, 200, world.sops(&["edit", "a.yaml"]).env("EDITOR", "true"));
    refused(&world, 200, world.sops(&["a.yaml"]).env("EDITOR", "true"));
    refused(&world, 201, world.sops(&["edit", "a.yaml"]).env("EDITOR", "false"));
    refused(&world, 201, world.sops(&["edit", "a.yaml"]).env("EDITOR", "/no/such/editor"));
}

#[test]
fn a_new_file_begins_with_an_example() {
    for (name, has) in
        [("new.yaml", "hello: "), ("new.json", "\"hello\": "), ("new.env", "hello="), ("new.ini", "[Welcome!]")]
    {
        let world = encrypted();
        world.file("look", "#!/bin/sh\ncat \"$1\" > plain.txt\nsed -e s/Welcome/Hello/ \"$1\" > t && cat t > \"$1\"\n");
        world.chmod("look", 0o755);
        assert_eq!(succeeds(world.sops(&["edit", name]).env("EDITOR", world.path("look"))), "", "{name}");
        assert!(world.read("plain.txt").contains(has), "{}", world.read("plain.txt"));
        let opened = world.gives_text(&["decrypt", name]);
        assert!(opened.contains("Hello") && world.read(name).contains("ENC["), "{opened}");
    }
    let world = encrypted();
    refused(&world, 200, world.sops(&["edit", "new.yaml"]).env("EDITOR", "true"));
}
