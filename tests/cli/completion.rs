//! `completion`, and what the scripts ask the program for.

use std::path::Path;

use super::harness::{ME, World};

const TEXT: &str =
    "db:\n  user: canary-7f3a91\n  \"pass.word\": x\n  it's: y\nlist: [1, {n: 2}]\nempty:\n---\nlast: 1\n";

#[test]
fn paths_are_told_without_a_key() {
    let world = World::new();
    world.encrypted("a.yaml", TEXT);
    world.file("b.yaml", "b: 1\n");
    let all = "db.user\ndb.\"pass.word\"\ndb.\"it's\"\nlist[0]\nlist[1].n\nempty\n#1.last\n";
    world.run(&["__complete-paths", "", "a.yaml"]).gives(all, "");
    world
        .run(&["__complete-paths", "--", "db.\"", "get", "b.yaml", "--x", "a.yaml"])
        .gives("db.\"pass.word\"\ndb.\"it's\"\n", "");
    // One that is on the line already is not offered again.
    world.run(&["__complete-paths", "db.", "a.yaml", "db.user"]).gives("db.\"pass.word\"\ndb.\"it's\"\n", "");
    for words in [&["b.yaml"][..], &["gone.yaml"], &["."], &["a.yaml "], &[]] {
        world.run(&[&["__complete-paths", "--", ""], words].concat()).gives("", "");
    }
    world.encrypted("c.json", "{\"a\\u001b[2J\": 1, \"b\\u009b\": 1, \"c\\u202e\": 1, \"d e\": 1}");
    world.run(&["__complete-paths", "", "c.json"]).gives("\"a\\u001b[2J\"\nd e\n", "");
}

#[test]
fn the_scripts_know_the_commands_for_people_and_ask_for_paths() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = world.run(&["completion", shell]).output();
        let script = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success() && script.contains("exec-env") && script.contains("output-type"), "{shell}");
        let calls = script.matches("__complete-paths -- ").count();
        assert_eq!(calls, usize::from(!matches!(shell, "powershell" | "elvish")), "{shell}");
        assert_eq!(script.matches("__complete-paths").count(), calls, "{shell} offers it as a command");
    }
    let zsh = String::from_utf8(world.run(&["completion", "zsh"]).output().stdout).expect("UTF-8");
    let extract = zsh.lines().find(|line| line.starts_with("'--extract=[")).expect("the option");
    assert!(extract.ends_with(":PATH:_sops-rs_paths' \\"), "{extract}");
    let error = "sops-rs: error: `<SHELL>`: `tcsh` is not one of `bash`, `elvish`, `fish`, `powershell`, `zsh`\n\
                 sops-rs: hint: see `sops-rs completion --help`\n";
    world.run(&["completion", "tcsh"]).fails(1, error);
}

/// What bash completes for these words, of which the last one is being typed. Nothing where there is no bash.
fn completed(world: &World, words: &str) -> Option<String> {
    let bash =
        ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"].into_iter().find(|path| Path::new(path).exists())?;
    let line = format!(
        "source <(sops-rs completion bash); COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         $(complete -p sops-rs | sed 's/.* -F \\([^ ]*\\) .*/\\1/') sops-rs \"${{COMP_WORDS[COMP_CWORD]}}\"\n\
         [[ ${{#COMPREPLY[@]}} -eq 0 ]] || printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut run = world.shell("");
    run.command = {
        let mut command = std::process::Command::new(bash);
        command.args(["--norc", "-c", &line]).current_dir(world.path("")).env_clear();
        let folder = Path::new(super::harness::PROGRAM).parent().expect("a folder").display();
        command.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        command
    };
    let output = run.output();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn bash_completes_commands_options_and_paths() {
    let world = World::new();
    world.encrypted("a.yaml", TEXT);
    world.encrypted("b c.yaml", "key: 1\n");
    for (words, expected) in [
        ("sops-rs filest", "filestatus\n"),
        ("sops-rs decrypt --extr", "--extract\n"),
        ("sops-rs decrypt a.yaml --extract db.u", "db.user\n"),
        ("sops-rs decrypt --extract db.u a.yaml x", ""),
        ("sops-rs get a.yaml 'li'", "list\\[0\\]\nlist\\[1\\].n\n"),
        ("sops-rs get a.yaml 'db.\\\"p'", "db.\\\"pass.word\\\"\n"),
        ("sops-rs get a.yaml \"'db.\\\"i\"", "db.\"it'\\''s\"\n"),
        ("sops-rs get 'b\\ c.yaml' ''", "key\n"),
        ("sops-rs unset a.yaml e", "empty\n"),
    ] {
        let Some(found) = completed(&world, words) else { return };
        assert_eq!(found, expected, "{words}");
    }
    assert!(world.read("a.yaml").contains(ME));
}
