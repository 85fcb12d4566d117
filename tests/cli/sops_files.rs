//! Our own commands on files of SOPS: each command with each format, as on native files.

use super::harness::{CANARY, ME, MY_FILE, STRANGER, World};

/// A file of each format, a path in it, the value there, and the file with another value.
const FILES: [(&str, &str, &str, &str, &str); 5] = [
    (
        "a.yaml",
        "# note\ndb:\n    user: app\n    password: 'canary-7f3a91' # why\nlist: [1, two]\n",
        "db.password",
        "canary-7f3a91",
        "# note\ndb:\n    user: app\n    password: 'new' # why\nlist: [1, two]\n",
    ),
    (
        "a.json",
        "{\n  \"db\": {\"password\": \"canary-7f3a91\", \"port\": 5432},\n  \"list\": [true, null]\n}\n",
        "db.password",
        "canary-7f3a91",
        "{\n  \"db\": {\"password\": \"new\", \"port\": 5432},\n  \"list\": [true, null]\n}\n",
    ),
    ("a.env", "# note\nPASSWORD=canary-7f3a91\nB=2\n", "PASSWORD", "canary-7f3a91", "# note\nPASSWORD=new\nB=2\n"),
    (
        "a.ini",
        "[db]\npassword = canary-7f3a91\nport = 5432\n",
        "db.password",
        "canary-7f3a91",
        "[db]\npassword = new\nport = 5432\n",
    ),
    // SOPS takes this name for none of its formats and encrypts the file whole; what is in it is dotenv nevertheless.
    (".env.local", "# note\nPASSWORD=\"canary-7f3a91\"\n", "PASSWORD", "canary-7f3a91", "# note\nPASSWORD=\"new\"\n"),
];

/// A world with an identity, a config of SOPS, and all of [`FILES`] encrypted by it.
fn world() -> World {
    let world = World::new();
    world.identity();
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n"));
    for (name, text, ..) in FILES {
        world.file(name, text);
        let output = world.run(&["encrypt", "-i", name]).output();
        assert!(output.status.success(), "{output:?}");
        let encrypted = world.read(name);
        assert!(encrypted.contains("ENC[AES256_GCM,") && !encrypted.contains(CANARY), "{encrypted}");
    }
    world
}

fn run(world: &World, arguments: &[&str]) -> String {
    let output = world.run(arguments).output();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn they_are_read_as_native_files_are() {
    let world = world();
    for (name, text, path, value, _) in FILES {
        world.run(&["decrypt", name]).gives(text, "");
        world.run(&["get", name, path]).gives(value, "");
        world.run(&["decrypt", "--extract", path, name]).gives(value, "");
        world.run(&["filestatus", name]).gives("{\"encrypted\":true}\n", "");
        world.run(&["who", name]).gives(&format!("{name}\n  age  {{ME}}  (you)\n"), "");
        let variable = path.to_uppercase().replace('.', "_");
        let print = format!("printf %s \"${variable}\"");
        world.run(&["exec-env", name, &print]).gives(value, "");
        world.run(&["exec-file", name, "cat {}"]).gives(text, "");
        let json = run(&world, &["decrypt", "--output-type", "json", name]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let found = path.split('.').fold(&json, |json, key| &json[key]);
        assert_eq!(found, value, "{name}");
        world.run(&["exec-env", "--redact", name, &print]).gives("***", "");
        let masked = run(&world, &["decrypt", "--mask", name]);
        assert!(masked.contains("***") && !masked.contains("canary"), "{masked}");
        world.run(&["__complete-paths", "", name]).gives(&completed(name, path), "");
        world.run(&["decrypt", "-i", name]).gives("", "");
        assert_eq!(world.read(name), text);
    }
}

/// What is completed in a file: all of it, or the one value that a whole file is.
fn completed(name: &str, path: &str) -> String {
    match name {
        "a.yaml" => format!("db.user\n{path}\nlist[0]\nlist[1]\n"),
        "a.json" => format!("{path}\ndb.port\nlist[0]\nlist[1]\n"),
        "a.env" => format!("{path}\nB\n"),
        "a.ini" => format!("{path}\ndb.port\n"),
        _ => "data\n".to_owned(),
    }
}

#[test]
fn a_mask_keeps_the_layout() {
    let world = world();
    let masked = "# ***\ndb:\n    user: '***'\n    password: '***' # ***\nlist: ['***', '***']\n";
    world.run(&["decrypt", "--mask", "a.yaml"]).gives(masked, "");
    world.run(&["decrypt", "--mask", "a.env"]).gives("# ***\nPASSWORD=***\nB=***\n", "");
    world.run(&["decrypt", "--mask", ".env.local"]).gives("***", "");
}

/// The tokens of a file, that of the MAC among them.
fn tokens(text: &str) -> Vec<&str> {
    text.split("ENC[").skip(1).map(|rest| rest.split(']').next().unwrap_or_default()).collect()
}

#[test]
fn one_value_is_set_and_the_other_tokens_stay() {
    let world = world();
    for (name, text, path, _, changed) in FILES {
        let before = world.read(name);
        world.run(&["set", name, path, "new"]).gives("", &format!("`{name}`: `{path}` is set\n"));
        world.run(&["decrypt", name]).gives(changed, "");
        if name != ".env.local" {
            let after = world.read(name);
            let (before, after) = (tokens(&before), tokens(&after));
            let kept = after.iter().filter(|token| before.contains(token)).count();
            // One value and the MAC changed.
            assert_eq!((kept, after.len()), (before.len() - 2, before.len()), "{name}");
        }
        let written = world.read(name);
        let nothing = format!("`{name}`: `{path}` has this value already, nothing was written\n");
        world.run(&["set", name, path, "new"]).gives("", &nothing);
        assert_eq!(world.read(name), written);
        world.run(&["unset", name, path]).gives("", &format!("`{name}`: `{path}` is gone\n"));
        let left = run(&world, &["decrypt", name]);
        assert!(!left.contains("new") && left.len() < text.len(), "{left}");
        let missing = world.run(&["unset", name, path]).output();
        assert_eq!(missing.status.code(), Some(1), "{missing:?}");
        assert!(String::from_utf8_lossy(&missing.stderr).contains("no value at `"), "{missing:?}");
    }
    let error =
        "sops-rs: error: `a.yaml`: `list` is a map or a list, and one value would replace all of it: unset it first\n";
    world.run(&["set", "a.yaml", "list", "x"]).fails(1, error);
    let retyped = "sops-rs: warning: `a.yaml`: a number or truth value gave way to a text; with --json it stays what it was\n\
                   `a.yaml`: `list[0]` is set\n";
    world.run(&["set", "a.yaml", "list[0]", "7"]).gives("", retyped);
    world.run(&["set", "--json", "a.yaml", "list[2]", "{\"a\": [1]}"]).gives("", "`a.yaml`: `list[2]` is set\n");
    world
        .run(&["get", "--json", "a.yaml", "list"])
        .gives("[\n  \"7\",\n  \"two\",\n  {\n    \"a\": [\n      1\n    ]\n  }\n]\n", "");
}

#[test]
fn they_are_edited() {
    let world = world();
    for (name, _, _, _, changed) in FILES {
        let before = world.read(name);
        let output = world.run(&["edit", "--with", "true", name]).output();
        assert_eq!((output.status.code(), world.read(name)), (Some(200), before), "{name}");
        let output = world.run(&["edit", "--with", "sed -i s/canary-7f3a91/new/ {}", name]).output();
        assert!(output.status.success(), "{output:?}");
        world.run(&["decrypt", name]).gives(changed, "");
    }
    let output = world.run(&["edit", "--with", "sh -c 'echo \"c: canary-7f3a91\" > \"$0\"' {}", "new.yaml"]).output();
    assert!(output.status.success(), "{output:?}");
    assert!(world.read("new.yaml").contains("\nsops:\n"));
    world.run(&["decrypt", "new.yaml"]).gives("c: canary-7f3a91\n", "");
}

#[test]
fn a_plaintext_over_one_keeps_its_tokens() {
    let world = world();
    for (name, _, _, _, changed) in FILES {
        let before = world.read(name);
        let output = world.run(&["encrypt", "--filename-override", name, "-o", name, "-"]).stdin(changed).output();
        assert!(output.status.success(), "{output:?}");
        world.run(&["decrypt", name]).gives(changed, "");
        let (tokens, after) = (tokens(&before), world.read(name));
        let kept = tokens.iter().filter(|token| after.contains(**token)).count();
        assert_eq!(kept, if name == ".env.local" { 0 } else { tokens.len() - 2 }, "{name}");
    }
}

#[test]
fn a_changed_file_is_refused_and_stays() {
    let world = world();
    let text = world.read("a.yaml");
    let list = text.find("list: [").expect("the list");
    let (first, rest) = text[list + 7..].split_once(", ").expect("two items");
    let (second, rest) =
        rest.split_once(']').map_or((rest, ""), |_| rest.split_at(rest.find("']").expect("an end") + 1));
    world.file("a.yaml", format!("{}{second}, {first}{rest}", &text[..list + 7]));
    let before = world.snapshot();
    let error = "sops-rs: error: `a.yaml`: the MAC does not match: a value was added, removed, moved or changed by somebody \
                 without the data key\n\
                 sops-rs: hint: restore the last good version from git, then make the change on the decrypted file\n";
    for arguments in [&["decrypt", "a.yaml"][..], &["get", "a.yaml", "db.user"], &["rotate", "a.yaml"]] {
        world.run(arguments).fails(51, error);
    }
    world.run(&["set", "a.yaml", "db.user", "x"]).fails(51, error);
    world.file(
        "a.json",
        world.read("a.json").replace("\"port\": \"ENC[AES256_GCM,data:", "\"port\": \"ENC[AES256_GCM,data:AAAA"),
    );
    let output = world.run(&["decrypt", "a.json"]).output();
    assert_eq!(output.status.code(), Some(25), "{output:?}");
    world.file("a.json", before[&world.path("a.json")].1.clone());
    assert!(world.snapshot() == before);
}

#[test]
fn without_an_identity_it_is_told_whose_they_are() {
    let world = world();
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).expect("removed");
    let output = world.run(&["decrypt", "a.yaml"]).output();
    let said = world.normalised(&String::from_utf8(output.stderr).expect("UTF-8"));
    let error = "sops-rs: error: `a.yaml`: no identity opens the data key\n\
                 sops-rs: hint: encrypted to `{ME}` (no identity matched)\n";
    assert_eq!(output.status.code(), Some(128), "{said}");
    assert!(said.starts_with(error), "{said}");
    let output = world.run(&["decrypt", "a.env"]).env("SOPS_AGE_KEY", MY_FILE).output();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn several_key_groups_are_told_and_opened() {
    let world = World::new();
    world.identity();
    let group = |key: &str| format!("      - age: [{key}]\n");
    let groups = [group(ME), group(STRANGER), group(ME)].concat();
    world.file(".sops.yaml", format!("creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n{groups}"));
    world.file("a.yaml", "a: canary-7f3a91\n");
    run(&world, &["encrypt", "-i", "a.yaml"]);
    world.run(&["decrypt", "a.yaml"]).gives("a: canary-7f3a91\n", "");
    let who = "a.yaml\n  key groups: 2 of 3 needed\n  key group 1:\n  age  {ME}  (you)\n  key group 2:\n  age  {STRANGER}\n  \
               key group 3:\n  age  {ME}  (you)\n";
    world.run(&["who", "a.yaml"]).gives(who, "");
    let explained = "a.yaml\n  config: .sops.yaml\n  rule 1 (line 2): applies, every file matches\n  key groups: 2 of 3 needed\n  \
                     readers in key group 1:\n    age  {ME}\n  readers in key group 2:\n    age  {STRANGER}\n  \
                     readers in key group 3:\n    age  {ME}\n  dialect: sops; unencrypted_suffix: `_unencrypted`\n  \
                     encrypted in the dialect of SOPS, as the rule says: 1 value encrypted, none clear\n";
    world.run(&["explain", "a.yaml"]).gives(explained, "");
    world.run(&["rotate", "a.yaml"]).gives("", "`a.yaml`: every value is encrypted anew under a new data key\n");
    world
        .run(&["edit", "--with", "sed -i s/canary/x/ {}", "a.yaml"])
        .gives("", "`a.yaml`: 1 value encrypted, none clear\n");
    world.home_file(".config/sops-rs/keys.txt", super::harness::STRANGER_FILE);
    let output = world.run(&["decrypt", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(128), "{said}");
    assert!(said.contains("no identity opens the data key (1 of 2 key groups)"), "{said}");
}
