//! `get`: values as they are.

use super::harness::World;

const YAML: &str = "db:\n  password: 'canary-7f3a91'\n  port: 5432\n  note: |\n    two\n    lines\n---\nkind: x\n";

#[test]
fn one_value_is_printed_bare() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.run(&["get", "a.yaml", "db.password"]).gives("canary-7f3a91", "");
    world.run(&["get", "a.yaml", "[\"db\"][\"port\"]"]).gives("5432", "");
    world.run(&["get", "a.yaml", "#1.kind"]).gives("x", "");
    world.run(&["get", "a.yaml", "db.note"]).gives("two\nlines\n", "");
    world.run(&["get", "--json", "a.yaml", "db.password"]).gives("\"canary-7f3a91\"\n", "");
    world.run(&["get", "-0", "a.yaml", "db.password"]).gives("canary-7f3a91\0", "");
    world.encrypted("a.toml", "user = [{name = 'a'}]\n");
    let error = "sops-rs: error: `a.toml`: TOML holds keys with values\nsops-rs: hint: with --json it can be printed\n";
    world.run(&["get", "a.toml", "user"]).fails(4, error);
    world.run(&["get", "--json", "a.toml", "user[0]"]).gives("{\n  \"name\": \"a\"\n}\n", "");
    let text = world.read("a.yaml");
    world.run(&["get", "--input-type", "yaml", "-", "db.port"]).stdin(text).gives("5432", "");
}

#[test]
fn several_values_have_an_end() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.run(&["get", "a.yaml", "db.password", "db.port"]).gives("canary-7f3a91\n5432\n", "");
    world.run(&["get", "-0", "a.yaml", "db.note", "db.port"]).gives("two\nlines\n\x005432\0", "");
    world
        .run(&["get", "--json", "a.yaml", "db.port", "db.note"])
        .gives("{\n  \"db.port\": 5432,\n  \"db.note\": \"two\\nlines\\n\"\n}\n", "");
    world.run(&["get", "a.yaml", "db.port", "db.note"]).fails(
        4,
        "sops-rs: error: `db.note` has a line break in it, so it could not be told where it ends\n\
         sops-rs: hint: add -0/--null or --json\n",
    );
    world
        .run(&["get", "a.yaml", "db.port", "db..note"])
        .fails(91, "sops-rs: error: the path `db..note`: a key is missing\n");
}
