//! TOML, INI, properties and binary files, as their users meet them.

use super::harness::World;

const TOML: &str =
    "# db\n[db]\npassword = 'canary-7f3a91' # c\nports = [1, 0x10]\nsince = 1979-05-27\n\n[[user]]\nname = \"a\"\n";
const INI: &str = "[db]\npassword = canary-7f3a91 ; c\nname : 'it is'\n[Peer]\nkey = a=\n[Peer]\nkey=b";
const PROPERTIES: &str = "! db\ndb.password = canary-7f3a91\\\n   -more\nDB_USER:app\n";
/// No UTF-8, and longer than a line.
const BYTES: &[u8] = b"\x00\xff\xfe\x80canary-7f3a91\r\n\n\x1b[31m";

#[test]
fn every_format_comes_back_byte_for_byte() {
    let world = World::ready();
    for (name, text, said) in [
        ("a.toml", TOML, "5 values and 2 comments encrypted, none clear"),
        ("a.ini", INI, "4 values encrypted, none clear"),
        ("wg0.conf", INI, "4 values encrypted, none clear"),
        ("a.properties", PROPERTIES, "2 values and 1 comment encrypted, none clear"),
    ] {
        world.file(name, text);
        world.run(&["encrypt", "-i", name]).gives("", &format!("`{name}`: {said}\n"));
        assert!(!world.read(name).contains("canary-7f3a91"), "{name}");
        world.run(&["filestatus", name]).gives("{\"encrypted\":true}\n", "");
        world.run(&["decrypt", name]).gives(text, "");
        // A changed value changes its own line only, and the rule is the same.
        let before = world.read(name);
        let changed = text.replace("canary-7f3a91", "other");
        world.run(&["encrypt", "-o", name, "--filename-override", name, "-"]).stdin(changed).output();
        let after = world.read(name);
        let differing = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
        assert_eq!((differing, before.lines().count()), (1, after.lines().count()), "{name}");
        world.run(&["encrypt", "-i", name]).fails(
            203,
            &format!(
                "sops-rs: error: `{name}`: already encrypted\nsops-rs: hint: see it with `sops-rs decrypt {name}`; to \
                 encrypt a changed plaintext over it, use -o/--output\n"
            ),
        );
    }
}

#[test]
fn a_file_of_an_unknown_name_is_binary() {
    let world = World::ready();
    for name in ["cert.p12", "id_rsa", "key.pem"] {
        world.file(name, BYTES);
        world.run(&["filestatus", name]).gives("{\"encrypted\":false}\n", "");
        world.run(&["encrypt", "-i", name]).gives("", &format!("`{name}`: encrypted whole, as binary\n"));
        world.run(&["filestatus", name]).gives("{\"encrypted\":true}\n", "");
        let sealed = world.read(name);
        assert!(sealed.starts_with("{\n  \"data\": \"ENC[1:"), "{sealed}");
        assert_eq!(world.run(&["decrypt", name]).output().stdout, BYTES);
        world.run(&["decrypt", "-i", name]).gives("", "");
        assert_eq!(std::fs::read(world.path(name)).expect("there"), BYTES);
    }
}

#[test]
fn binary_files_are_updated_and_have_no_keys() {
    let world = World::ready();
    world.file("a.pem", BYTES);
    world.run(&["encrypt", "-o", "a.pem.enc", "a.pem"]).gives("", "`a.pem`: encrypted whole, as binary\n");
    let before = world.read("a.pem.enc");
    world
        .run(&["encrypt", "-o", "a.pem.enc", "a.pem"])
        .gives("", "`a.pem`: encrypted whole, as binary; none of them new or changed\n");
    assert_eq!(world.read("a.pem.enc"), before);
    let error = "sops-rs: error: `a.pem.enc`: a binary file is one value, without keys that could be named\n";
    world.run(&["decrypt", "--extract", "data", "a.pem.enc"]).fails(4, error);
    world.run(&["decrypt", "--output-type", "json", "a.pem.enc"]).fails(4, error);
    let error = format!("{error}sops-rs: hint: `sops-rs exec-file` hands its bytes over\n");
    world.run(&["exec-env", "a.pem.enc", "--", "true"]).fails(4, &error);
    world.encrypted("a.yaml", "a: 1\n");
    let error = "sops-rs: error: `a.yaml`: only a binary file can be printed as one\n";
    world.run(&["decrypt", "--output-type", "binary", "a.yaml"]).fails(4, error);
}

#[test]
fn binary_files_are_found_in_folders() {
    let world = World::ready();
    for name in ["keys/cert.pem", "keys/id_rsa", "plain"] {
        world.file(name, BYTES);
    }
    world.file("plain.pem", "{\"data\": \"sops-rs\"}\n");
    assert!(world.run(&["encrypt", "-i", "keys/cert.pem", "keys/id_rsa"]).output().status.success());
    world.run(&["who"]).gives("me  {ME}  (you)\n  keys/cert.pem\n  keys/id_rsa\n", "");
    world.run(&["rotate", "-r"]).gives("", "2 files: every value is encrypted anew under new data keys\n");
    world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    let drift = "2 files: `keys/cert.pem`, `keys/id_rsa`\n  new reader: `stranger` ({STRANGER})\n";
    let error =
        "sops-rs: error: 2 of 2 files are not as the rules say\nsops-rs: hint: without --check they are changed\n";
    world.run(&["updatekeys", "-r", "--check"]).ends(1, drift, error);
    let output = world.run(&["doctor"]).output();
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(said.contains("encrypted, but not as their rules say: `keys/cert.pem`, `keys/id_rsa`\n"), "{said}");
}

#[test]
fn text_that_is_encrypted_whole_is_told() {
    let world = World::ready();
    world.file("notes.txt", "db:\n  password: canary-7f3a91\n");
    let said = "`notes.txt`: encrypted whole, as binary\n  it reads as yaml; --input-type yaml encrypts its values one by one\n";
    world.run(&["encrypt", "-i", "notes.txt"]).gives("", said);
    world.file("a.txt", "db:\n  password: canary-7f3a91\n");
    world.run(&["encrypt", "-i", "--input-type", "binary", "a.txt"]).gives("", "`a.txt`: encrypted whole, as binary\n");
    world.file("b.yaml", BYTES);
    world
        .run(&["encrypt", "-i", "--input-type", "binary", "b.yaml"])
        .gives("", "`b.yaml`: encrypted whole, as binary\n");
    let error = "sops-rs: error: `b.yaml`: is taken for yaml by its name, but is encrypted as binary\n\
                 sops-rs: hint: say --input-type binary\n";
    world.run(&["decrypt", "b.yaml"]).fails(2, error);
    world.run(&["rotate", "b.yaml"]).gives("", "`b.yaml`: every value is encrypted anew under a new data key\n");
}

#[test]
fn what_is_encrypted_already_is_known_under_any_name() {
    let world = World::ready();
    world.encrypted("a.toml", TOML);
    world.file("a.bak", world.read("a.toml"));
    world.run(&["filestatus", "a.bak"]).gives("{\"encrypted\":true}\n", "");
    let error = "sops-rs: error: `a.bak`: already encrypted\n\
                 sops-rs: hint: see it with `sops-rs decrypt a.bak`; to encrypt a changed plaintext over it, use -o/--output\n\
                 sops-rs: hint: it is encrypted as toml\n";
    world.run(&["encrypt", "-i", "a.bak"]).fails(203, error);
    let error = "sops-rs: error: `a.bak`: is taken for binary by its name, but is encrypted as toml\n\
                 sops-rs: hint: say --input-type toml\n";
    world.run(&["decrypt", "a.bak"]).fails(2, error);
    world.run(&["decrypt", "--input-type", "toml", "a.bak"]).gives(TOML, "");
    world.of_sops("sops.yaml", "a: x\n");
    world.file("sops.bak", world.read("sops.yaml"));
    let error = "sops-rs: error: `sops.bak`: already encrypted\n\
                 sops-rs: hint: see it with `sops-rs decrypt sops.bak`; to encrypt a changed plaintext over it, use -o/--output\n\
                 sops-rs: hint: it is encrypted as yaml\n";
    world.run(&["encrypt", "-i", "sops.bak"]).fails(203, error);
}

#[test]
fn formats_are_printed_in_each_other() {
    let world = World::ready();
    world.encrypted("a.toml", TOML);
    let ini = "[db]\npassword = canary-7f3a91\nname = it is\n\n[Peer]\nkey = a=\n\n[Peer]\nkey = b\n";
    world
        .run(&["decrypt", "--output-type", "yaml", "--extract", "user", "a.toml"])
        .gives("- \n  name: a\n".replace("- ", "-").as_str(), "");
    world.run(&["decrypt", "--extract", "db.ports[1]", "a.toml"]).gives("16", "");
    world
        .run(&["decrypt", "--extract", "db", "a.toml"])
        .gives("password = \"canary-7f3a91\"\nports = [1, 16]\nsince = 1979-05-27\n", "");
    let error = "sops-rs: error: `a.toml`: `db.ports`: INI nests no deeper than sections and keys\n";
    world.run(&["decrypt", "--output-type", "ini", "a.toml"]).fails(4, error);
    world.encrypted("a.ini", INI);
    world.run(&["decrypt", "--output-type", "toml", "a.ini"]).gives(
        "[db]\npassword = \"canary-7f3a91\"\nname = \"it is\"\n\n[[Peer]]\nkey = \"a=\"\n\n[[Peer]]\nkey = \"b\"\n",
        "",
    );
    world.encrypted(
        "b.json",
        r#"{"db": {"password": "canary-7f3a91", "name": "it is"}, "Peer": [{"key": "a="}, {"key": "b"}]}"#,
    );
    world.run(&["decrypt", "--output-type", "ini", "b.json"]).gives(ini, "");
    world
        .run(&["exec-env", "a.ini", "--pristine", "--", "/usr/bin/env"])
        .gives("DB_NAME=it is\nDB_PASSWORD=canary-7f3a91\nPEER_0_KEY=a=\nPEER_1_KEY=b\n", "");
}

#[test]
fn keys_with_dots_are_typed_as_they_stand_in_properties() {
    let world = World::ready();
    world.encrypted("a.properties", PROPERTIES);
    for path in ["db.password", "\"db.password\"", "[\"db\"][\"password\"]"] {
        world.run(&["get", "a.properties", path]).gives("canary-7f3a91-more", "");
    }
    let error =
        "sops-rs: error: `a.properties`: no value at `db.pasword`\nsops-rs: hint: did you mean `db.password`?\n";
    world.run(&["get", "a.properties", "db.pasword"]).fails(1, error);
    world.run(&["who", "a.properties", "db.password"]).gives("\"db.password\"\n  recipient-1  {ME}  (you)\n", "");
    world.run(&["__complete-paths", "db", "a.properties"]).gives("db.password\n", "");
    let variables = "DB_PASSWORD=canary-7f3a91-more\nDB_USER=app\n";
    world.run(&["exec-env", "a.properties", "--pristine", "--", "/usr/bin/env"]).gives(variables, "");
    world.run(&["decrypt", "--format", "docker-env", "a.properties"]).gives(variables, "");
    world
        .run(&[
            "exec-env",
            "a.properties",
            "--as-file",
            "db.password=FILE",
            "--pristine",
            "--",
            "/bin/sh",
            "-c",
            "cat $FILE",
        ])
        .gives("canary-7f3a91-more", "");
    world.run(&["set", "a.properties", "db.port", "1"]).gives("", "`a.properties`: `db.port` is set\n");
    world.run(&["unset", "a.properties", "db.password"]).gives("", "`a.properties`: `db.password` is gone\n");
    world.run(&["decrypt", "a.properties"]).gives("! db\nDB_USER:app\ndb.port:1\n", "");
}
