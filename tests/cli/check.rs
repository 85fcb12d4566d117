//! `check`: what is wrong with files as they are.

use serde_json::Value;

use super::harness::{ME, MY_FILE, STRANGER, World};

/// Rules for two folders and dotenv files.
const RULES: &str = "  - files: [\"secrets/**\", \"*.env\", \"*.pem\"]\n    recipients: [me]\n";

/// A repository with these rules.
fn repository(rules: &str) -> World {
    let world = World::new();
    world.identity();
    world.config(rules);
    world.repository();
    world
}

/// Writes a file, and encrypts it as its rule says.
fn sealed(world: &World, name: &str, text: &str) {
    world.file(name, text);
    let output = world.run(&["encrypt", "-i", name]).output();
    assert!(output.status.success(), "{output:?}");
}

/// The exit code, and what was found: rule, severity, file, line, paths.
pub(super) fn found(world: &World, arguments: &[&str]) -> (i32, Vec<String>) {
    let output = world.run(&[&["check", "--json"], arguments].concat()).output();
    let code = output.status.code().expect("a code");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let shown = |finding: &Value| {
        let text = |field: &str| finding[field].as_str().unwrap_or("-").to_owned();
        let line = finding["line"].as_u64().map_or_else(String::new, |line| format!(":{line}"));
        let paths: Vec<_> = finding["paths"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let paths = if paths.is_empty() { String::new() } else { format!(" {}", paths.join(",")) };
        format!("{} {} {}{line}{paths}", text("rule"), text("severity"), text("file"))
    };
    (code, report["findings"].as_array().expect("a list").iter().map(shown).collect())
}

fn expect(world: &World, arguments: &[&str], code: i32, findings: &[&str]) {
    let (found_code, found) = found(world, arguments);
    assert_eq!(found, findings, "{arguments:?}");
    assert_eq!(found_code, code, "{arguments:?}");
}

#[test]
fn plaintext_that_a_rule_matches_is_told_with_the_command_that_encrypts_it() {
    let world = repository(RULES);
    sealed(&world, "secrets/good.yaml", "a: 1\n");
    world.file("secrets/a b's.yaml", "a: 1\n");
    world.file("-x.env", "A=1\n");
    world.file("other.yaml", "a: 1\n");
    let of = |command: &str| {
        format!(
            "-x.env: error: is not encrypted, though a rule speaks of it; `sops-rs encrypt -i ./-x.env{}` [plaintext]\n\
             secrets/a b's.yaml: error: is not encrypted, though a rule speaks of it; \
             `sops-rs encrypt -i 'secrets/a b'\\''s.yaml'{}` [plaintext]\n",
            command.replace("FILE", "./-x.env"),
            command.replace("FILE", "'secrets/a b'\\''s.yaml'"),
        )
    };
    world.run(&["check"]).ends(10, &of(""), "1 encrypted file checked, 2 errors\n");
    world.git(&["add", "--all"]);
    let said = "1 encrypted file checked, 2 errors\n";
    world.run(&["check", "--staged"]).ends(10, &of(" && git add FILE"), said);
    // The command works as it is.
    world.shell("sops-rs encrypt -i ./-x.env && sops-rs encrypt -i 'secrets/a b'\\''s.yaml'").output();
    expect(&world, &[], 0, &[]);
}

#[test]
fn what_is_staged_counts_and_not_the_work_tree() {
    let world = repository(RULES);
    world.file("secrets/a.yaml", "a: 1\n");
    world.git(&["add", "--all"]);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    expect(&world, &["--staged"], 10, &["plaintext error secrets/a.yaml"]);
    expect(&world, &[], 0, &[]);
    world.commit("one");
    world.file("secrets/a.yaml", "a: 1\n");
    expect(&world, &["--staged"], 0, &[]);
    expect(&world, &[], 10, &["plaintext error secrets/a.yaml"]);
    expect(&world, &["--against", "HEAD"], 10, &["plaintext error secrets/a.yaml"]);
}

#[test]
fn a_config_counts_as_it_is_staged_and_for_all_files_below() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.commit("one");
    world.config("  - files: [\"secrets/**\"]\n    recipients: [me, stranger]\n");
    world.git(&["add", "--all"]);
    world.config(RULES);
    expect(&world, &["--staged"], 10, &["drift error secrets/a.yaml"]);
    expect(&world, &["--staged", "secrets"], 10, &["drift error secrets/a.yaml"]);
    expect(&world, &["--staged", ".sops-rs.yaml"], 0, &[]);
    expect(&world, &[], 0, &[]);
}

#[test]
fn a_config_cannot_be_switched_off_by_what_it_would_refuse() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.commit("one");
    world.file("secrets/new.yaml", "a: 1\n");
    let told = "plaintext error secrets/new.yaml";
    for (config, text) in [
        (".sops-rs.yaml", "version: 1\nrules: []\n"),
        ("secrets/.sops-rs.yaml", "version: 1\nrules: []\n"),
        ("secrets/.sops.yaml", "creation_rules: []\n"),
    ] {
        world.file(config, text);
        world.git(&["add", "--all"]);
        for scope in [&["--staged"][..], &["--against", "HEAD"]] {
            let (code, found) = found(&world, scope);
            assert!(code == 10 && found.contains(&told.to_owned()), "{config} {scope:?}: {found:?}");
        }
        world.git(&["reset", "--quiet", "--hard"]);
        world.file("secrets/new.yaml", "a: 1\n");
    }
    // A file of SOPS, in which anything may be clear, is none of ours.
    world.of_sops("secrets/new.yaml", "a: 1\n");
    expect(&world, &[], 10, &["dialect error secrets/new.yaml"]);
}

#[test]
fn a_file_that_becomes_a_link_is_told() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.commit("one");
    std::fs::remove_file(world.path("secrets/a.yaml")).expect("removed");
    std::os::unix::fs::symlink("../elsewhere.txt", world.path("secrets/a.yaml")).expect("a link");
    let told = ["replaced error secrets/a.yaml"];
    expect(&world, &[], 10, &told);
    expect(&world, &["--against", "HEAD"], 10, &told);
    world.git(&["add", "--all"]);
    expect(&world, &["--staged"], 10, &told);
}

/// No rule speaks of the file, and everything is open to whoever has it.
#[test]
fn an_identity_is_not_committed() {
    let world = repository(RULES);
    world.file("mine.txt", MY_FILE);
    expect(&world, &[], 0, &[]);
    world.git(&["add", "mine.txt"]);
    expect(&world, &["--staged"], 10, &["secret-shaped error mine.txt:3"]);
}

#[test]
fn notes_beside_secrets_are_only_warned_of() {
    let world = repository(RULES);
    world.file("secrets/README", "how to\n");
    world.file("secrets/a.yaml.example", "a: 1\n");
    world.file("secrets/empty.yaml", "");
    world.file("secrets/.gitignore", "ignored.yaml\n");
    world.file("secrets/ignored.yaml", "a: 1\n");
    world.file("x.pem", "any\n");
    let key = format!("-----BEGIN {}-----\n{}\n", "PRIVATE KEY", "a8Kd03mZqP2xW7bY".repeat(6));
    world.file("secrets/id", &key);
    world.file("secrets/token.txt", "hunter2\n");
    world.file("secrets/.gitsecret.yaml", "a: 1\n");
    let warned = "plaintext warning secrets/README";
    let errors = ["secrets/id", "secrets/token.txt", "x.pem"].map(|name| format!("plaintext error {name}"));
    let errors = errors.iter().map(String::as_str);
    let example = "plaintext warning secrets/a.yaml.example";
    let all: Vec<_> = ["plaintext error secrets/.gitsecret.yaml", warned, example].into_iter().chain(errors).collect();
    expect(&world, &[], 10, &all);
    expect(&world, &["secrets/README"], 0, &[warned]);
    expect(&world, &["secrets/README", "--strict"], 10, &[warned]);
    expect(&world, &["secrets/README", "--strict", "--allow", "plaintext"], 0, &[]);
    expect(&world, &["secrets/ignored.yaml"], 10, &["plaintext error secrets/ignored.yaml"]);
}

#[test]
fn files_that_cannot_be_read_are_told_with_their_line() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\nb: 2\nc: 3\n");
    let text = world.read("secrets/a.yaml");
    let lines: Vec<_> = text.lines().collect();
    world.file("secrets/b.yaml", text.replacen(lines[1], "b: plain", 1));
    world.file("secrets/c.yaml", text.replacen("ENC[1:", "ENC[1:x", 1));
    world.file("secrets/d.yaml", text.replacen(lines[1], &format!("{}\n{}", lines[1], lines[1]), 1));
    let conflict = format!("<<<<<<< HEAD\n{}\n=======\nb: x\n>>>>>>> other\n", lines[1]);
    world.file("secrets/e.yaml", text.replacen(&format!("{}\n", lines[1]), &conflict, 1));
    world.file("secrets/f.yaml", text.replacen("version: 1", "version: 2", 1));
    let (code, found) = found(&world, &["--allow", "copied-key"]);
    let expected = [
        "malformed error secrets/b.yaml:2",
        "malformed error secrets/c.yaml:1",
        "malformed error secrets/d.yaml:3",
        "conflict error secrets/e.yaml:2",
        "malformed error secrets/f.yaml",
    ];
    assert_eq!((code, found), (10, expected.map(str::to_owned).to_vec()));
}

#[test]
fn readers_and_policies_are_held_against_the_rules() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\nkind: k\n");
    world.commit("one");
    for (rules, code, finding) in [
        ("  - files: [\"**\"]\n    recipients: [me, stranger]\n", 10, "drift error secrets/a.yaml"),
        ("  - files: [\"**\"]\n    recipients: [stranger]\n", 10, "drift error secrets/a.yaml"),
        ("  - files: [\"**\"]\n    recipients: [me]\n    clear: [kind]\n", 10, "drift error secrets/a.yaml"),
        ("  - files: [\"**\"]\n    recipients: [me]\n    dialect: sops\n", 0, "dialect warning secrets/a.yaml"),
        ("  - files: [\"*.env\"]\n    recipients: [me]\n", 0, "no-rule warning secrets/a.yaml"),
        ("  - files: [\"**\"]\n    recipients: [nobody]\n", 10, "config error .sops-rs.yaml:7"),
    ] {
        world.config(rules);
        expect(&world, &[], code, &[finding]);
    }
    // A name is only a label.
    world.file(
        ".sops-rs.yaml",
        format!("version: 1\nrecipients: {{other: {ME}}}\nrules:\n- files: [\"**\"]\n  recipients: [other]\n"),
    );
    expect(&world, &[], 0, &["drift note secrets/a.yaml"]);
    let text = "secrets/a.yaml: note: is not as its rule says: another name: `me` → `other` ({ME}); \
                `sops-rs updatekeys secrets/a.yaml` [drift]\n";
    world.run(&["check"]).gives(text, "1 encrypted file checked, no errors\n");
}

#[test]
fn the_nearest_config_counts_also_that_of_sops() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.of_sops("deploy/b.yaml", "a: 1\n");
    world.file("deploy/.sops.yaml", format!("creation_rules:\n  - path_regex: \\.yaml$\n    age: {STRANGER}\n"));
    world.file("deploy/c.yaml", "a: 1\n");
    world.commit("one");
    expect(&world, &[], 10, &["drift error deploy/b.yaml", "plaintext error deploy/c.yaml"]);
    world.file("deploy/.sops.yaml", format!("creation_rules:\n  - path_regex: b\\.yaml$\n    age: {ME}\n"));
    expect(&world, &[], 0, &[]);
    // Values that SOPS would read although they are not encrypted.
    let text = world.read("deploy/b.yaml");
    let token = text.split("ENC[").nth(1).and_then(|rest| rest.split(']').next()).expect("a token");
    world.file("deploy/b.yaml", text.replacen(&format!("ENC[{token}]"), "x", 1));
    expect(&world, &["--no-key"], 10, &["plaintext error deploy/b.yaml:1 a"]);
    expect(&world, &[], 10, &["unverified error deploy/b.yaml", "plaintext error deploy/b.yaml:1 a"]);
}

#[test]
fn clear_values_and_comments_that_look_like_secrets_are_told() {
    let key = format!("{}IOSFODNN7EXAMPL2", "AKIA");
    let rules = "  - files: [\"**\"]\n    recipients: [me]\n    encrypt: [\"data.**\"]\n    clear: [named.**]\n    comments: clear\n";
    let world = repository(rules);
    let text = format!(
        "data: {{a: 1}}\npassword: hunter2x\nid: {key}\nnamed: {{password: hunter2x, id: {key}}} # {key}\nuser: app\n"
    );
    sealed(&world, "a.yaml", &text);
    let expected = [
        "secret-shaped error a.yaml:2 password",
        "secret-shaped error a.yaml:3 id",
        "secret-shaped warning a.yaml:4 named.id",
        "secret-shaped error a.yaml:4",
    ];
    expect(&world, &["a.yaml"], 10, &expected);
    let output = world.run(&["check", "a.yaml"]).output();
    let said = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains("hunter2x"), "a value was told");
    assert!(!String::from_utf8_lossy(&said).contains(&key), "a value was told");
}

#[test]
fn required_variables_have_to_be_there() {
    let world = repository("  - files: [\"*.yaml\", \"*.env\"]\n    recipients: [me]\n    require: [DB_PASSWORD, B]\n");
    sealed(&world, "a.yaml", "db: {password: x}\nb: y\n");
    sealed(&world, "b.yaml", "db: {password: x}\nb:\n");
    sealed(&world, "c.env", "DB_PASSWORD=x\n");
    expect(&world, &[], 10, &["required error b.yaml B", "required error c.env B"]);
}

#[test]
fn plaintext_beside_an_encrypted_file_is_told() {
    let world = repository("  - files: [\"*.enc.*\", \"*.enc\"]\n    recipients: [me]\n");
    sealed(&world, "a.enc.yaml", "db: {user: u, password: p}\n");
    sealed(&world, "cert.pem.enc", "any bytes\n");
    world.file("a.yaml", "db: {user: u}\nlog: info\n");
    world.file("cert.pem", "any bytes\n");
    // Others than those that were encrypted are defaults.
    world.file("a.dec.yaml", "log: info\n");
    expect(&world, &[], 0, &["twin warning a.yaml", "twin warning cert.pem"]);
    world.git(&["add", "--all"]);
    expect(&world, &["--staged"], 10, &["twin error a.yaml", "twin error cert.pem"]);
    world.git(&["commit", "--quiet", "-m", "one"]);
    expect(&world, &[], 10, &["twin error a.yaml", "twin error cert.pem"]);
    world.git(&["rm", "--quiet", "--cached", "a.yaml", "cert.pem"]);
    world.file(".gitignore", "/a.yaml\n/cert.pem\n");
    world.commit("two");
    expect(&world, &[], 0, &[]);
    // The plaintext alone is what is new.
    world.git(&["add", "--force", "a.yaml"]);
    expect(&world, &["--staged"], 10, &["twin error a.yaml"]);
}

#[test]
fn copies_are_told_until_they_are_rotated() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.commit("one");
    world.file("secrets/b.yaml", world.read("secrets/a.yaml"));
    expect(&world, &[], 10, &["copied-key error secrets/b.yaml"]);
    world.git(&["add", "--all"]);
    expect(&world, &["--staged"], 10, &["copied-key error secrets/b.yaml"]);
    world.run(&["rotate", "secrets/b.yaml"]).output();
    world.git(&["add", "--all"]);
    expect(&world, &[], 0, &[]);
    expect(&world, &["--staged"], 0, &[]);
    // A renamed file is no copy.
    world.commit("two");
    world.git(&["mv", "secrets/b.yaml", "secrets/c.yaml"]);
    expect(&world, &["--staged"], 0, &[]);
    expect(&world, &[], 0, &[]);
    let sops = repository("  - files: [\"**\"]\n    recipients: [me]\n    dialect: sops\n");
    sops.of_sops("a.yaml", "a: 1\n");
    sops.file("b.yaml", sops.read("a.yaml"));
    expect(&sops, &["a.yaml", "b.yaml"], 10, &["copied-key error b.yaml"]);
}

#[test]
fn a_reader_sees_what_does_not_verify() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: {x: 1}\nb: {x: 2}\n");
    let text = world.read("secrets/a.yaml");
    let mut lines: Vec<_> = text.lines().collect();
    // The two values change places.
    lines.swap(0, 1);
    world.file("secrets/a.yaml", lines.join("\n") + "\n");
    expect(&world, &["--no-key"], 0, &[]);
    let (code, found) = found(&world, &[]);
    assert_eq!((code, found.len()), (10, 1));
    assert!(found[0].starts_with("unverified error secrets/a.yaml"), "{found:?}");
    // Who cannot open it sees nothing, and is not asked.
    world.home_file(".config/sops-rs/keys.txt", super::harness::STRANGER_FILE);
    expect(&world, &[], 0, &[]);
}

#[test]
fn reports_for_machines_are_as_they_ask() {
    let world = repository(RULES);
    world.file("secrets/a,b.yaml", "a: 1\n");
    world.file("secrets/sub/c.yaml", "a: 1\n");
    let said = "0 encrypted files checked, 2 errors\n";
    let what = "is not encrypted, though a rule speaks of it; `sops-rs encrypt -i";
    let lines = format!(
        "::error file=secrets/a%2Cb.yaml,title=sops-rs%3A plaintext::{what} ../a,b.yaml`\n\
         ::error file=secrets/sub/c.yaml,title=sops-rs%3A plaintext::{what} c.yaml`\n"
    );
    // Names for machines begin at the top of the repository.
    world.run(&["check", "--format", "github", "..", "."]).within("secrets/sub").ends(10, &lines, said);
    let output = world.run(&["check", "--format", "sarif"]).output();
    let log: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((log["version"].as_str(), output.status.code()), (Some("2.1.0"), Some(10)));
    assert!(log["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "sops-rs");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let is_whole =
        |rule: &Value| ["/id", "/shortDescription/text", "/help/text"].iter().all(|at| rule.pointer(at).is_some());
    assert!(rules.len() > 15 && rules.iter().all(is_whole));
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 2);
    for (result, uri) in results.iter().zip(["secrets/a%2Cb.yaml", "secrets/sub/c.yaml"]) {
        assert_eq!((&result["ruleId"], &result["level"]), (&"plaintext".into(), &"error".into()));
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.starts_with(what)));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&uri.into(), &1.into()));
        assert!(result["partialFingerprints"].as_object().is_some_and(|prints| prints.values().all(Value::is_string)));
    }
}

#[test]
fn names_of_files_do_no_harm() {
    let world = repository(RULES);
    world.file("secrets/a\n::error::b\u{1b}[2J.yaml", "a: 1\n");
    for format in ["text", "github"] {
        let output = world.run(&["check", "--format", format]).output();
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!((printed.lines().count(), output.status.code()), (1, Some(10)), "{printed}");
        assert!(!printed.contains('\u{1b}'), "{printed}");
    }
}

#[test]
fn nothing_is_said_of_links_and_of_what_is_not_there() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.file("elsewhere.txt", "a: 1\n");
    std::os::unix::fs::symlink("../elsewhere.txt", world.path("secrets/link.yaml")).expect("a link");
    world.git(&["add", "--all"]);
    expect(&world, &["--staged"], 0, &[]);
    expect(&world, &[], 0, &[]);
    world.run(&["check", "none.yaml"]).fails(100, "sops-rs: error: `none.yaml`: does not exist\n");
    world.run(&["check", "--against", "none"]).fails(1, "sops-rs: error: git knows no commit `HEAD`\n");
    world.commit("one");
    world.run(&["check", "--against", "none"]).fails(1, "sops-rs: error: git knows no commit `none`\n");
    // One that is gone from the work tree is no plaintext either.
    std::fs::remove_file(world.path("secrets/a.yaml")).expect("removed");
    expect(&world, &["--against", "HEAD"], 0, &[]);
}

#[test]
fn paths_of_nothing_are_refused() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    sealed(&world, "secrets/b.yaml", "a: 1\n");
    world.commit("one");
    world.git(&["rm", "--quiet", "secrets/a.yaml"]);
    world.file("secrets/c.yaml", "a: 1\n");
    world.git(&["add", "--all"]);
    world.git(&["rm", "--quiet", "--cached", "secrets/b.yaml"]);
    std::fs::remove_file(world.path("secrets/c.yaml")).expect("removed");
    for scope in [&["check", "--staged"][..], &["check", "--against", "HEAD"]] {
        for (path, what) in [
            ("secrets/aa.yaml", "exists neither here nor in the history"),
            ("typo/", "exists neither here nor in the history"),
            ("/etc/passwd", "is outside of this repository"),
        ] {
            let said = format!("sops-rs: error: `{path}`: {what}\n");
            let output = world.run(&[scope, &[path]].concat()).output();
            assert_eq!(output.status.code(), Some(100), "{scope:?} {path}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), said, "{scope:?} {path}");
        }
        // In the history, on the disk, a folder.
        for path in ["secrets/a.yaml", "secrets/b.yaml", ".", "secrets"] {
            let code = world.run(&[scope, &[path]].concat()).output().status.code();
            assert_ne!(code, Some(100), "{scope:?} {path}");
        }
    }
    expect(&world, &["--staged", "secrets/c.yaml"], 10, &["plaintext error secrets/c.yaml"]);
}

#[test]
fn what_a_file_holds_for_me_must_be_mine() {
    let world = repository("  - files: [\"secrets/**\"]\n    recipients: [me, stranger]\n");
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    let text = world.read("secrets/a.yaml");
    world.commit("one");
    let keys: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("wrapped_key: ")).collect();
    let [mine, others] = keys[..] else { panic!("two readers: {text}") };
    let damaged = format!("{}AAAA{}", &mine[..120], &mine[124..]);
    for key in [others, damaged.as_str()] {
        world.file("secrets/a.yaml", text.replace(mine, "<mine>").replace(others, key).replace("<mine>", key));
        expect(&world, &["--against", "HEAD", "--no-key"], 0, &[]);
        expect(&world, &["--against", "HEAD"], 10, &["unverified error secrets/a.yaml"]);
    }
    // Others' files are theirs.
    world.file("secrets/a.yaml", &text);
    world.home_file(".config/sops-rs/keys.txt", include_str!("../../testdata/keys/x25519_second.txt"));
    expect(&world, &["--against", "HEAD"], 0, &[]);
    expect(&world, &[], 0, &[]);
}

#[test]
fn a_file_of_sops_of_which_nothing_stayed_is_told() {
    let world = repository("  - files: [\"secrets/**\"]\n    recipients: [me]\n    dialect: sops\n");
    sealed(&world, "secrets/a.yaml", "a: 1\nb: 2\n");
    world.commit("one");
    for (path, value) in [("a", "3"), ("b", "4")] {
        assert!(world.run(&["set", "secrets/a.yaml", path, value]).output().status.success());
    }
    world.git(&["add", "--all"]);
    // All values are new; the data key is not.
    expect(&world, &["--staged"], 0, &[]);
    sealed(&world, "secrets/a.yaml", "a: evil\nb: 2\n");
    world.git(&["add", "--all"]);
    let told = ["replaced warning secrets/a.yaml"];
    expect(&world, &["--staged"], 0, &told);
    expect(&world, &["--staged", "--no-key"], 0, &told);
    expect(&world, &["--against", "HEAD", "--strict"], 10, &told);
    world.commit("two");
    expect(&world, &[], 0, &[]);
}

#[test]
fn a_folder_that_looks_like_a_bare_repository_is_not_believed() {
    let world = repository(RULES);
    sealed(&world, "secrets/a.yaml", "a: 1\n");
    world.commit("one");
    world.git(&["init", "--quiet", "--bare", "sub"]);
    let marker = world.home("ran").display().to_string();
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\
         [filter \"x\"]\n\tclean = \"touch {marker}; cat\"\n"
    );
    world.file("sub/config", config);
    world.file("sub/.gitattributes", "* filter=x\n");
    world.file("sub/s.yaml", "a: 1\n");
    let git = ["--git-dir=sub", "--work-tree=sub", "-c", "filter.x.clean=cat"];
    world.git(&[&git[..], &["add", "--force", "s.yaml"]].concat());
    world.file("sub/s.yaml", "b: 1\n");
    let output = world.run(&["check", "--against", "HEAD"]).within("sub").output();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("cannot use bare repository"), "{said}");
    assert!(!world.home("ran").exists(), "a program of the folder was run");
    // Named by a hook, in a work tree besides, in a submodule, and in the folder of the repository itself it is one.
    world
        .run(&["check", "--staged"])
        .env("GIT_DIR", world.path(".git"))
        .gives("", "0 encrypted files checked, no errors\n");
    world.git(&["worktree", "add", "--quiet", "../home/tree"]);
    let submodule = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.git", "module"];
    world.git(&submodule);
    for folder in ["../home/tree", "module"] {
        let output = world.run(&["check", "--staged"]).within(folder).output();
        assert!(output.status.success(), "{folder}: {output:?}");
    }
}
