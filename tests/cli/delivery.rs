//! `decrypt --format` and `decrypt --mask`: values for shells, containers, CI systems, and eyes.

use super::harness::World;

/// Values that some reader takes apart when they are not quoted well.
const HARD: &str = "quote: it's\nboth: \"a'b\\\"c\"\ndollar: $HOME `id` $(id) \\x\nlines: |\n  one\n  two\n\nsemi: a;b&c|d>e\nglob: \"*  ~ !x\"\n\
                    empty: \"\"\nblank: \" x \"\ncr: \"a\\r\\nb\"\nnested: {list: [1, 0x1F]}\n";

#[test]
fn a_shell_gets_back_what_was_encrypted() {
    let world = World::ready();
    world.encrypted("a.yaml", HARD);
    let shown = "eval \"$(sops-rs decrypt --format shell a.yaml)\"; \
                 for value in \"$QUOTE\" \"$BOTH\" \"$DOLLAR\" \"$LINES\" \"$SEMI\" \"$GLOB\" \"$EMPTY\" \"$BLANK\" \"$CR\" \"$NESTED_LIST_1\"; \
                 do printf '<%s>' \"$value\"; done";
    let expected = "<it's><a'b\"c><$HOME `id` $(id) \\x><one\ntwo\n><a;b&c|d>e><*  ~ !x><>< x ><a\r\nb><31>";
    world.shell(shown).gives(expected, "");
    // A child sees them, too.
    world
        .shell("eval \"$(sops-rs decrypt --format shell a.yaml)\"; /bin/sh -c 'printf %s \"$SEMI\"'")
        .gives("a;b&c|d>e", "");
}

#[test]
fn names_are_those_of_exec_env() {
    let world = World::ready();
    world.encrypted("a.yaml", "db: {user: x, on: yes}\n");
    world.encrypted("a.env", "lower=1\nINHERITED\n");
    let shell = |arguments: &[&str], expected: &str| {
        world.run(&[&["decrypt", "--format", "shell"], arguments].concat()).gives(expected, "");
    };
    shell(&["a.yaml"], "export DB_ON='yes'\nexport DB_USER='x'\n");
    shell(&["--prefix", "X_", "--separator", "__", "a.yaml"], "export X_DB__ON='yes'\nexport X_DB__USER='x'\n");
    shell(&["--no-upcase", "a.yaml"], "export db_on='yes'\nexport db_user='x'\n");
    shell(&["--extract", "db", "a.yaml"], "export ON='yes'\nexport USER='x'\n");
    shell(&["a.env"], "export lower='1'\n");
    shell(&["-o", "out.sh", "a.env"], "");
    assert_eq!((world.read("out.sh").as_str(), world.mode("out.sh")), ("export lower='1'\n", 0o600));
    let missing = "sops-rs: error: missing: `--format <TAKER>`\nsops-rs: hint: see `sops-rs decrypt --help`\n";
    world.run(&["decrypt", "--prefix", "X", "a.env"]).fails(1, missing);
    let error = "sops-rs: error: --name and --namespace are for `--format k8s-secret` only\n";
    world.run(&["decrypt", "--format", "shell", "--name", "x", "a.env"]).fails(8, error);
    world.encrypted("b.yaml", "a-b: canary-7f3a91\n");
    let error = "sops-rs: error: `b.yaml`: `A-B`: not an environment name: letters, digits and `_`, not beginning with a digit\n";
    for taker in ["shell", "docker-env", "github"] {
        world.run(&["decrypt", "--format", taker, "b.yaml"]).fails(4, error);
    }
}

#[test]
fn docker_gets_bare_lines_or_nothing() {
    let world = World::ready();
    world.encrypted("a.yaml", "quote: 'it''s \"x\" #y'\nblank: \" x\"\n");
    world.run(&["decrypt", "--format", "docker-env", "a.yaml"]).gives("BLANK= x\nQUOTE=it's \"x\" #y\n", "");
    world.encrypted("b.yaml", "db: {key: \"canary-7f3a91\\nb\"}\n");
    let error = "sops-rs: error: `b.yaml`: `DB_KEY` has a line break, which an env file of docker cannot hold\n\
                 sops-rs: hint: pass it on from the environment: `sops-rs exec-env b.yaml -- docker run --env DB_KEY …`\n";
    world.run(&["decrypt", "--format", "docker-env", "b.yaml"]).fails(4, error);
}

#[test]
fn github_masks_secrets_before_it_sets_variables() {
    let world = World::ready();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [kind]\n");
    world.file("a.yaml", "kind: public\na: 100%\nkey: |\n  one\n\n  SOPS_RS_END_0\nempty: \"\"\n");
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    let masks = "::add-mask::100%25\n::add-mask::one\n::add-mask::SOPS_RS_END_0\n";
    let blocks = "A<<SOPS_RS_END_0\n100%\nSOPS_RS_END_0\nEMPTY<<SOPS_RS_END_0\n\nSOPS_RS_END_0\n\
                  KEY<<SOPS_RS_END_1\none\n\nSOPS_RS_END_0\n\nSOPS_RS_END_1\nKIND<<SOPS_RS_END_0\npublic\nSOPS_RS_END_0\n";
    let run = || world.run(&["decrypt", "--format", "github", "a.yaml"]);
    run().gives(&format!("{masks}{blocks}"), "");
    world.file("env", "BEFORE=1\n");
    run().env("GITHUB_ENV", world.path("env")).gives(masks, "");
    assert_eq!(world.read("env"), format!("BEFORE=1\n{blocks}"));
    let error = "sops-rs: error: `--format github` writes to the file $GITHUB_ENV and standard output\n\
                 sops-rs: hint: leave -o/--output out\n";
    world.run(&["decrypt", "--format", "github", "-o", "x", "a.yaml"]).fails(8, error);
    let error = "sops-rs: error: `gone`: cannot be written: no such file\n";
    run().env("GITHUB_ENV", "gone").ends(3, masks, error);
    world.encrypted("b.yaml", "github: {token: canary-7f3a91}\n");
    let error = "sops-rs: error: `b.yaml`: `GITHUB_TOKEN` is a variable that GitHub lets nobody set\n\
                 sops-rs: hint: choose other names with --prefix TEXT\n";
    world.run(&["decrypt", "--format", "github", "b.yaml"]).fails(4, error);
}

#[test]
fn kubernetes_gets_the_manifest_of_a_secret() {
    let world = World::ready();
    world.encrypted("secrets/App_prod.enc.yaml", "USER: me\ntls: {key: \"a\\nb\"}\n\"1e3\": x\n\"true\": \"\"\n");
    let file = "secrets/App_prod.enc.yaml";
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"app-prod\"\ntype: Opaque\ndata:\n  \
                    \"1e3\": \"eA==\"\n  \"USER\": \"bWU=\"\n  \"tls.key\": \"YQpi\"\n  \"true\": \"\"\n";
    world.run(&["decrypt", "--format", "k8s-secret", file]).gives(manifest, "");
    let named = manifest.replace("\"app-prod\"\n", "\"x.y\"\n  namespace: \"team-1\"\n").replace("tls.key", "tls-key");
    world
        .run(&["decrypt", "--format", "k8s-secret", "--name", "x.y", "--namespace", "team-1", "--separator", "-", file])
        .gives(&named, "");
    for (option, name) in [("--name", "Upper"), ("--name", "-a"), ("--namespace", "a.b"), ("--name", "a\nb: c")] {
        let shown = name.replace('\n', "\\u{a}");
        let error = format!(
            "sops-rs: error: `{option} {shown}`: not a name for Kubernetes: lower-case letters, digits and `-`\n"
        );
        world.run(&["decrypt", "--format", "k8s-secret", &format!("{option}={name}"), file]).fails(1, &error);
    }
    let text = world.read(file);
    let error = "sops-rs: error: standard input: gives no name for a Secret\nsops-rs: hint: name it with --name NAME\n";
    let arguments = ["decrypt", "--format", "k8s-secret", "--input-type", "yaml", "-"];
    world.run(&arguments).stdin(text).fails(1, error);
    world.encrypted("b.json", "{\"a b\": \"canary-7f3a91\"}");
    let error =
        "sops-rs: error: `b.json`: `a b`: not a key of a Secret: at most 253 letters, digits, `-`, `_` and `.`\n";
    world.run(&["decrypt", "--format", "k8s-secret", "b.json"]).fails(4, error);
}

#[test]
fn a_binary_file_is_one_entry_of_a_secret_and_one_mask() {
    let world = World::ready();
    world.encrypted("tls cert.p12", b"\x00\xff\x01\n");
    let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"tls-cert.p12\"\ntype: Opaque\ndata:\n  \
                    \"tls-cert.p12\": \"AP8BCg==\"\n";
    world.run(&["decrypt", "--format", "k8s-secret", "tls cert.p12"]).gives(manifest, "");
    let output = world.run(&["decrypt", "--mask", "tls cert.p12"]).output();
    assert_eq!(
        String::from_utf8(output.stdout).expect("UTF-8").split_whitespace().collect::<String>(),
        "{\"data\":\"***\"}"
    );
}

#[test]
fn every_format_is_masked_and_handed_over() {
    let world = World::ready();
    for (name, text, masked) in [
        (
            "a.toml",
            "# n\n[db]\nport = 1 # n\nlist = [\n  true,\n]\n",
            "# ***\n[db]\nport = \"***\" # ***\nlist = [\n  \"***\",\n]\n",
        ),
        ("a.ini", "; n\n[db]\nport = 1\n", "; ***\n[db]\nport = ***\n"),
        ("a.properties", "# n\ndb.port = 1\n", "# ***\ndb.port = ***\n"),
    ] {
        world.encrypted(name, text);
        world.run(&["decrypt", "--mask", name]).gives(masked, "");
    }
    world.run(&["decrypt", "--format", "shell", "a.toml"]).gives("export DB_LIST_0='true'\nexport DB_PORT='1'\n", "");
    world.run(&["__complete-paths", "", "a.ini"]).gives("db.port\n", "");
}

#[test]
fn a_masked_file_shows_its_structure_alone() {
    let world = World::ready();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [kind]\n");
    world.file("a.yaml", "kind: x\ndb: {port: 1, on: true} # canary-7f3a91\nkey: |\n  canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    let masked = "kind: x\ndb: {port: \"***\", on: \"***\"} # ***\nkey: \"***\"\n";
    world.run(&["decrypt", "--mask", "a.yaml"]).gives(masked, "");
    world.run(&["decrypt", "--mask", "-o", "masked.yaml", "a.yaml"]).gives("", "");
    assert_eq!(world.read("masked.yaml"), masked);
    world
        .run(&["decrypt", "--mask", "--output-type", "json", "--extract", "db", "a.yaml"])
        .gives("{\n  \"port\": \"***\",\n  \"on\": \"***\"\n}\n", "");
    // What does not verify is not shown, and what one cannot open is not verified.
    let text = world.read("a.yaml");
    world.file("a.yaml", text.replacen("kind: x", "kind: y", 1));
    assert_eq!(world.run(&["decrypt", "--mask", "a.yaml"]).output().status.code(), Some(51));
    let error =
        "sops-rs: error: `--mask` cannot be used with `--in-place`\nsops-rs: hint: see `sops-rs decrypt --help`\n";
    world.run(&["decrypt", "--mask", "-i", "a.yaml"]).fails(8, error);
}
