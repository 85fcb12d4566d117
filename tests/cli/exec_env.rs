//! `exec-env`.

use super::harness::{ME, MY_FILE, World};

/// Prints the environment, sorted, without the variables that a shell adds by itself.
const ENV: &str = "/usr/bin/env | sort | grep -v -e '^_=' -e '^PWD=' -e '^SHLVL=' -e '^OLDPWD='";

/// What the child of a run has beside the decrypted values.
fn own(world: &World) -> (String, String) {
    let home = world.normalised(&world.home("").display().to_string());
    (format!("HOME={home}\n"), format!("XDG_CONFIG_HOME={home}.config\n"))
}

#[test]
fn a_program_gets_its_arguments_without_a_shell() {
    let world = World::ready();
    world.encrypted("a.env", "A=canary-7f3a91\n");
    let run = world.run(&["exec-env", "a.env", "--", "/bin/echo", "$A", "a  b", "*", "--help"]);
    run.gives("$A a  b * --help\n", "");
    world.run(&["exec-env", "a.env", "--", "/bin/sh", "-c", "echo $A $1", "-", "x"]).gives("canary-7f3a91 x\n", "");
}

#[test]
fn one_string_runs_by_the_shell() {
    let world = World::ready();
    world.encrypted("a.env", "A=value\n");
    world.run(&["exec-env", "a.env", "echo $A; exit 7"]).ends(7, "value\n", "");
}

#[test]
fn nested_values_are_named_by_their_paths() {
    let world = World::ready();
    world.encrypted(
        "a.yaml",
        "db:\n  user-name: x\n  port: 0587\n  on: yes\nlist: [a, {b: c}]\nnote: |\n  two\n  lines\n",
    );
    world.encrypted("a.json", "{\"db\": {\"n\": 1.10, \"t\": true, \"z\": null, \"s\": \"a\\nb\"}}");
    let shown = |arguments: &[&str], expected: &str| {
        let all = [&["exec-env", "--pristine"], arguments, &["--", "/bin/sh", "-c", ENV]].concat();
        world.run(&all).gives(expected, "");
    };
    shown(&["a.json"], "DB_N=1.10\nDB_S=a\nDB_T=true\nDB_Z=\nb\n");
    shown(&["--prefix", "X_", "--separator", "__", "a.json"], "X_DB__N=1.10\nX_DB__S=a\nX_DB__T=true\nX_DB__Z=\nb\n");
    shown(&["--no-upcase", "a.json"], "b\ndb_n=1.10\ndb_s=a\ndb_t=true\ndb_z=\n");
    let error = "sops-rs: error: `a.yaml`: `DB_USER-NAME`: not an environment name: letters, digits and `_`, not beginning with a digit\n";
    world.run(&["exec-env", "a.yaml", "--", "/bin/true"]).fails(4, error);
    world.encrypted("b.yaml", "db:\n  port: 0587\n  on: yes\nlist: [a, {b: c}]\nnote: |-\n  two\n  lines\n");
    shown(&["b.yaml"], "DB_ON=yes\nDB_PORT=0587\nLIST_0=a\nLIST_1_B=c\nNOTE=two\nlines\n");
}

#[test]
fn names_of_a_dotenv_file_stay_as_they_are() {
    let world = World::ready();
    world.encrypted("a.env", "lower=1\nexport Upper='x y'\n");
    let run = world.run(&["exec-env", "--pristine", "a.env", "--", "/bin/sh", "-c", ENV]);
    run.gives("Upper=x y\nlower=1\n", "");
}

#[test]
fn keys_of_a_properties_file_are_paths() {
    let world = World::ready();
    world.encrypted("a.properties", "db.url=x\nspring.main.log-startup=y\nPLAIN_one=z\n");
    let shown = |arguments: &[&str], expected: &str| {
        let all = [&["exec-env", "--pristine"], arguments, &["a.properties", "--", "/bin/sh", "-c", ENV]].concat();
        world.run(&all).gives(expected, "");
    };
    shown(&[], "DB_URL=x\nPLAIN_ONE=z\nSPRING_MAIN_LOG_STARTUP=y\n");
    shown(&["--no-upcase", "--separator", "__"], "PLAIN_one=z\ndb__url=x\nspring__main__log__startup=y\n");
    shown(&["--only", "\"db.url\"", "--require", "DB_URL"], "DB_URL=x\n");
    let exports = "export DB_URL='x'\nexport PLAIN_ONE='z'\nexport SPRING_MAIN_LOG_STARTUP='y'\n";
    world.run(&["decrypt", "--format", "shell", "a.properties"]).gives(exports, "");
    let output = world.run(&["decrypt", "--format", "k8s-secret", "a.properties"]).output();
    let manifest = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(manifest.contains("  \"spring.main.log-startup\": \"eQ==\"\n"), "{manifest}");
    world.encrypted("b.properties", "db.url=canary-7f3a91\ndb-url=x\n");
    let what = "two values have this name; choose another --separator, or --no-upcase";
    world
        .run(&["exec-env", "b.properties", "--", "/bin/true"])
        .fails(4, &format!("sops-rs: error: `b.properties`: `DB_URL`: {what}\n"));
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    require: [DB_URL, GONE_1]\n");
    let error = "sops-rs: error: required, but missing or empty: `GONE_1`\n\
                 sops-rs: hint: its rule says `require`; put them into `a.properties`\n";
    world.run(&["exec-env", "a.properties", "--", "/bin/true"]).fails(1, error);
}

#[test]
fn later_files_win_over_earlier_ones_and_both_over_the_environment() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\nB=1\nC=1\n");
    world.encrypted("b.yaml", "b: 2\nc: 2\n");
    world.encrypted("c.json", "{\"C\": 3}");
    let (home, config) = own(&world);
    let run = world.run(&["exec-env", "a.env", "b.yaml", "c.json", "--", "/bin/sh", "-c", ENV]);
    run.env("A", "0").env("Z", "0").gives(&format!("A=1\nB=2\nC=3\n{home}{config}Z=0\n"), "");
}

#[test]
fn two_leaves_of_one_name_are_an_error() {
    let world = World::ready();
    world.encrypted("a.yaml", "a_b: canary-7f3a91\na: {b: canary-7f3a91}\n");
    let output = world.run(&["exec-env", "a.yaml", "--", "/bin/true"]).output();
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("sops-rs: error: `a.yaml`: `A_B`: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn key_material_is_taken_out_of_the_environment() {
    let world = World::new();
    world.file("a.env", "A=1\n");
    assert!(world.run(&["encrypt", "-i", "-r", ME, "a.env"]).output().status.success());
    world.file("key.txt", MY_FILE);
    let (home, config) = own(&world);
    let mut run = world.run(&["exec-env", "a.env", "--", "/bin/sh", "-c", ENV]).env("KEEP", "1");
    for (name, value) in [
        ("SOPS_AGE_KEY", MY_FILE.lines().last().expect("a key")),
        ("SOPS_AGE_KEY_FILE", "key.txt"),
        ("SOPS_AGE_KEY_CMD", "false"),
        ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "false"),
    ] {
        run = run.env(name, value);
    }
    run.gives(&format!("A=1\n{home}KEEP=1\n{config}"), "");
}

#[test]
fn the_program_replaces_this_process() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\n");
    let output = world.shell("echo $$; exec sops-rs exec-env a.env -- /bin/sh -c 'echo $$'").output();
    let printed = String::from_utf8(output.stdout).unwrap();
    let ids: Vec<_> = printed.lines().collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    let status = world.run(&["exec-env", "a.env", "--", "/bin/sh", "-c", "kill -TERM $$"]).output().status;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15));
    world.run(&["exec-env", "a.env", "--", "/bin/cat"]).stdin("from stdin").gives("from stdin", "");
}

#[test]
fn a_program_that_cannot_be_run_is_told_as_a_shell_does() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\n");
    let error = |name: &str, why: &str| format!("sops-rs: error: `{name}`: cannot be run: {why}\n");
    world.run(&["exec-env", "a.env", "--", "no-such-program"]).fails(127, &error("no-such-program", "no such file"));
    world.run(&["exec-env", "a.env", "--", "./a.env"]).fails(126, &error("./a.env", "permission denied"));
}

#[test]
fn a_program_is_found_on_the_path_of_the_caller() {
    let world = World::ready();
    world.encrypted("a.env", "PATH=/nowhere\n");
    world.file("bin/tool", "#!/bin/sh\necho \"tool $PATH\"\n");
    world.chmod("bin/tool", 0o755);
    let run = world.run(&["exec-env", "a.env", "--", "tool"]);
    run.env("PATH", world.path("bin")).gives("tool /nowhere\n", "");
}

#[test]
fn nothing_runs_when_one_file_does_not_open() {
    let world = World::ready();
    world.encrypted("a.env", "A=canary-7f3a91\n");
    world.file("b.env", "B=canary-7f3a91\n");
    world.run(&["exec-env", "a.env", "b.env", "--", "/bin/touch", "ran"]).fails(
        1,
        "sops-rs: error: `b.env`: not encrypted: no `sops-rs` or `sops` metadata\n\
         sops-rs: hint: encrypt it with `sops-rs encrypt -i b.env`\n",
    );
}

#[test]
fn the_core_limit_is_the_childs_own() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\n");
    let line = |limit: u32| format!("ulimit -S -c {limit}; exec sops-rs exec-env a.env -- /bin/sh -c 'ulimit -S -c'");
    for limit in [0, 7] {
        world.shell(&line(limit)).gives(&format!("{limit}\n"), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn core_dumps_of_this_process_are_off_while_it_holds_secrets() {
    use std::io::Read as _;
    let world = World::ready();
    // It waits for its input, so that its limits can be read.
    let mut run = world.shell("ulimit -S -c 7; exec sops-rs encrypt --input-type yaml -");
    let mut child = run
        .command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let limits = format!("/proc/{}/limits", child.id());
    let comm = format!("/proc/{}/comm", child.id());
    let core = || {
        let text = std::fs::read_to_string(&limits).expect("readable");
        let line = text.lines().find(|line| line.starts_with("Max core file size")).expect("a line").to_owned();
        line.split_whitespace().nth(4).expect("the soft limit").to_owned()
    };
    let started = std::time::Instant::now();
    let name = || std::fs::read_to_string(&comm).expect("a name").trim().to_owned();
    while (core().as_str(), name().as_str()) != ("0", "sops-rs") && started.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!((core().as_str(), name().as_str()), ("0", "sops-rs"));
    drop(child.stdin.take());
    let mut printed = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut printed).expect("read");
    assert!(printed.is_empty() && !child.wait().expect("ended").success());
}
