//! `edit`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::decrypt::with_locked_section;
use super::harness::{ME, MY_FILE, PROGRAM, Run, World};

/// A world, and a runtime folder of its own, in memory where there is such storage: no test sees what another leaves.
pub(crate) struct Room {
    pub(crate) world: World,
    runtime: TempDir,
}

impl Room {
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        Self { world: World::ready(), runtime: tempfile::tempdir_in(place).expect("a folder") }
    }

    /// Puts the program into this room.
    pub(crate) fn place<'r>(&self, run: Run<'r>) -> Run<'r> {
        let editors = format!("{}/tests/editors:/usr/bin:/bin", env!("CARGO_MANIFEST_DIR"));
        run.env("XDG_RUNTIME_DIR", self.runtime.path()).env("TMPDIR", self.runtime.path()).env("PATH", editors)
    }

    /// `edit` with these arguments.
    pub(crate) fn edit(&self, arguments: &[&str]) -> Run<'_> {
        self.place(self.world.run(&[&["edit"], arguments].concat()))
    }

    /// `edit FILE` with an editor that runs these lines of the shell, in which `$1` is the plaintext.
    pub(crate) fn edit_by(&self, script: &str, file: &str) -> Run<'_> {
        self.edit(&[file]).env("EDITOR", self.script(script))
    }

    /// The editor that runs these lines of the shell.
    pub(crate) fn script(&self, lines: &str) -> String {
        self.world.home_file("editor.sh", lines);
        format!("sh {}", self.world.home("editor.sh").display())
    }

    /// The plaintext of a file.
    pub(crate) fn plaintext(&self, file: &str) -> String {
        let output = self.world.run(&["decrypt", file]).output();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What is left in the runtime folder.
    pub(crate) fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.runtime.path()).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
    }

    /// A path in the runtime folder.
    pub(crate) fn runtime(&self, name: &str) -> std::path::PathBuf {
        self.runtime.path().join(name)
    }
}

#[test]
fn a_value_is_changed_in_an_editor_with_arguments() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1 # one\nb: canary-7f3a91\n");
    let before = room.world.read("a.yaml");
    let run = room.edit(&["a.yaml"]).env("EDITOR", r#"sed -i 's/a: 1/"a": "two words"/'"#);
    run.gives("", "`a.yaml`: 2 values and 1 comment encrypted, none clear; 1 of them new or changed\n");
    assert_eq!(room.plaintext("a.yaml"), "\"a\": \"two words\" # one\nb: canary-7f3a91\n");
    let token = |text: &str| text.lines().nth(1).expect("a line").to_owned();
    assert_eq!(token(&before), token(&room.world.read("a.yaml")), "the other value");
    assert!(room.left().is_empty());
}

#[test]
fn what_is_not_changed_is_not_written() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: canary-7f3a91\n");
    let text = "`a.yaml`: nothing was changed\n";
    room.edit_by(":", "a.yaml").fails(200, text);
    // Rewritten with the same bytes.
    room.edit_by("cat \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"", "a.yaml").fails(200, text);
    room.edit_by(":", "new.yaml").fails(200, "`new.yaml`: nothing was changed\n");
    room.edit_by(": > \"$1\"", "new.yaml").fails(200, "`new.yaml`: nothing was changed\n");
    assert!(room.left().is_empty());
}

#[test]
fn one_value_of_a_thousand_is_one_line_of_the_diff() {
    let room = Room::new();
    let lines = |line: &dyn Fn(usize) -> String| (0..1000).map(line).collect::<String>();
    let json = format!("{{\n{}  \"end\": \"\"\n}}\n", lines(&|n| format!("  \"k{n}\": \"secret {n}\",\n")));
    for (name, text) in [
        ("a.yaml", lines(&|n| format!("k{n}: secret {n}\n"))),
        ("a.json", json),
        ("a.env", lines(&|n| format!("K{n}=secret {n}\n"))),
        ("a.toml", lines(&|n| format!("[t{n}]\nk = 'secret {n}'\n"))),
        ("a.ini", format!("[a]\n{}", lines(&|n| format!("k{n} = secret {n}\n")))),
        ("a.properties", lines(&|n| format!("k.{n}=secret {n}\n"))),
    ] {
        room.world.encrypted(name, &text);
        room.world.file("before", room.world.read(name));
        let output = room.edit(&["--with", "sed -i 's/secret 500/changed/'", name]).output();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(room.plaintext(name), text.replace("secret 500", "changed"));
        let diff = room.world.command("/usr/bin/git").env("GIT_CONFIG_NOSYSTEM", "1");
        let mut diff = room.place(diff);
        diff.command.args(["diff", "--no-index", "--numstat", "before", name]);
        let stat = String::from_utf8(diff.output().stdout).expect("UTF-8");
        assert!(stat.starts_with("1\t1\t"), "{name}: {stat}");
    }
}

#[test]
fn the_plaintext_is_private_and_the_editor_sees_no_keys() {
    let room = Room::new();
    fs::remove_file(room.world.home(".config/sops-rs/keys.txt")).expect("removed");
    room.world.encrypted("a b'$(x).yaml", "a: 1\n");
    let script =
        "basename \"$1\"; ls -ld \"${1%/*}\" \"$1\" | cut -c1-10; env | grep -e KEY -e ^SOPS; echo 'b: 2' >> \"$1\"";
    let run = room.edit_by(script, "a b'$(x).yaml").env("SOPS_AGE_KEY", MY_FILE);
    run.gives(
        "a_b___x_.yaml\ndrwx------\n-rw-------\nSOPS_RS_EDIT=a b'$(x).yaml\n",
        "`a b'$(x).yaml`: 2 values encrypted, none clear; 1 of them new or changed\n",
    );
    assert!(room.left().is_empty());
}

#[test]
fn a_file_that_does_not_exist_is_made_from_its_rule() {
    let room = Room::new();
    for (name, line, header) in [
        ("new.yaml", "a: canary-7f3a91", 3),
        ("new.env", "A=canary-7f3a91", 3),
        ("new.toml", "a = \"canary-7f3a91\"", 3),
        ("new.ini", "a = canary-7f3a91", 3),
        ("new.properties", "a.b=canary-7f3a91", 3),
        ("new.key", "canary-7f3a91", 0),
        ("new.json", "{\"a\": \"canary-7f3a91\"}", 0),
    ] {
        let keep = if header == 0 { ":" } else { "cat \"$1\"" };
        let script = format!("cp \"$1\" template; {{ {keep}; echo '{line}'; }} > new; cp new \"$1\"");
        let run = room.edit_by(&script, name);
        let what = if name == "new.key" { "encrypted whole, as binary" } else { "1 value encrypted, none clear" };
        run.gives("", &format!("`{name}`: {what}\n"));
        assert_eq!(room.plaintext(name), format!("{line}\n"), "the template's own lines are gone");
        let template = room.world.read("template");
        assert_eq!(template.lines().filter(|line| line.starts_with("# sops-rs: ")).count(), header, "{template}");
        assert!(header == 0 || template.contains("encrypted to me"), "{template}");
    }
    room.edit(&["gone/new.yaml"]).fails(
        100,
        "sops-rs: error: `gone/new.yaml`: its folder does not exist\nsops-rs: hint: make it with `mkdir -p gone`\n",
    );
    // Errors name the lines of the editor.
    let run = room.edit(&["--with", "sh -c 'echo a: [ >> {}'", "new2.yaml"]);
    run.fails(2, "sops-rs: error: `new2.yaml`: line 4, column 4: a bracket is not closed\n");
    let run = room.edit(&["--with", "sh -c 'echo a: ENC[] >> {}'", "new2.yaml"]);
    let what = "plaintext that begins with `ENC[` cannot be encrypted: it would be taken for a token";
    run.fails(2, &format!("sops-rs: error: `new2.yaml`: line 4, column 4: {what}\n"));
}

#[test]
fn a_binary_file_is_edited_as_the_bytes_that_it_holds() {
    let room = Room::new();
    let done = "`a.pem`: encrypted whole, as binary\n";
    room.edit(&["--with", "sh -c 'printf \"a\\\\000\\\\377\" > {}'", "a.pem"]).gives("", done);
    let content = || room.world.run(&["decrypt", "a.pem"]).output().stdout;
    assert_eq!(content(), b"a\0\xff");
    let script = "cmp -s \"$1\" same && printf '\\000more\\n' >> \"$1\"";
    room.world.file("same", content());
    room.edit_by(script, "a.pem").gives("", done);
    assert_eq!(content(), b"a\0\xff\0more\n");
    room.edit_by("touch \"$1\"", "a.pem").fails(200, "`a.pem`: nothing was changed\n");
    room.edit_by(":", "b.pem").fails(200, "`b.pem`: nothing was changed\n");
    assert!(room.left().is_empty());
}

#[test]
fn without_a_terminal_edits_that_cannot_be_encrypted_are_discarded() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1\nb: canary-7f3a91\n");
    let edit = |script: &str| {
        let mut run = room.place(room.world.command("/usr/bin/setsid"));
        run.command.args(["--wait", PROGRAM, "edit", "a.yaml"]).env("EDITOR", room.script(script));
        run
    };
    let hint = "sops-rs: hint: there is no terminal to ask at, so the edits were discarded\n";
    let error = "sops-rs: error: `a.yaml`: line 3, column 4: a bracket is not closed\n";
    edit("echo 'c: [' >> \"$1\"").fails(2, &format!("{error}{hint}"));
    let error = "sops-rs: error: `sh`: failed (exit status: 3)\n";
    edit("echo 'c: 1' >> \"$1\"; exit 3").fails(201, &format!("{error}{hint}"));
    edit("exit 3").fails(201, error);
    assert!(room.left().is_empty());
}

#[test]
fn a_program_edits_without_questions() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1\n");
    let gives = "`a.yaml`: 1 value encrypted, none clear\n";
    room.edit(&["--with", "sed -i -e s/1/2/ {} -e s/2/3/", "a.yaml"]).gives("", gives);
    assert_eq!(room.plaintext("a.yaml"), "a: 3\n");
    room.edit(&["--with", "sh -c 'echo a: 4 > {}'", "a.yaml"]).gives("", gives);
    assert_eq!(room.plaintext("a.yaml"), "a: 4\n");
    room.edit(&["--with", "true", "a.yaml"]).fails(200, "`a.yaml`: nothing was changed\n");
    let run = room.edit(&["--with", "sh -c 'echo a: canary-7f3a91 > {}; exit 3'", "a.yaml"]);
    run.fails(201, "sops-rs: error: `sh`: failed (exit status: 3)\n");
    let run = room.edit(&["--with", "sh -c 'echo [canary-7f3a91 > {}'", "a.yaml"]);
    run.fails(2, "sops-rs: error: `a.yaml`: line 1, column 1: a bracket is not closed\n");
    let run = room.edit(&["--with", "gone canary-7f3a91", "a.yaml"]);
    run.fails(
        201,
        "sops-rs: error: `gone`: cannot be run: no such file\n\
         sops-rs: hint: the words are split at blanks, and there is no shell; for one write `sh -c '…'`\n",
    );
    room.edit(&["--with", "a 'b", "a.yaml"]).fails(201, "sops-rs: error: `--with`: a quote is not closed\n");
    room.edit(&["--with", " ", "a.yaml"]).fails(201, "sops-rs: error: `--with`: names no program\n");
    assert!(room.left().is_empty());
}

#[test]
fn the_editor_is_the_first_that_is_named() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1\n");
    let seen = |variables: &[(&str, &str)]| {
        let seen = room.world.home("seen");
        let run = room.edit(&["a.yaml"]).env("SEEN", &seen);
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.ends(200, "", "`a.yaml`: nothing was changed\n");
        let text = fs::read_to_string(&seen).expect("it was called");
        let words: Vec<_> = text.lines().map(|word| word.rsplit_once('/').map_or(word, |(_, name)| name)).collect();
        words.join(" ")
    };
    let vim = "-n -i NONE -c silent! set nobackup nowritebackup noswapfile -c silent! set noundofile a.yaml";
    assert_eq!(seen(&[]), vim);
    assert_eq!(seen(&[("EDITOR", ""), ("VISUAL", "vim +2")]), format!("+2 {vim}"));
    let emacs = seen(&[("SOPS_EDITOR", "emacs -nw"), ("VISUAL", "false"), ("EDITOR", "false")]);
    let lisp =
        "(setq make-backup-files nil auto-save-default nil create-lockfiles nil undo-tree-auto-save-history nil)";
    assert_eq!(emacs, format!("-nw --eval {lisp} a.yaml"));
    assert!(seen(&[("VISUAL", "nano"), ("EDITOR", "false")]).starts_with("--backupdir sops-rs-"));
    assert_eq!(seen(&[("EDITOR", "code")]), "--user-data-dir .editor --new-window --wait a.yaml");
    assert_eq!(seen(&[("EDITOR", "code -w")]), "-w --user-data-dir .editor --new-window a.yaml");
    let run = room.edit(&["a.yaml"]).env("PATH", "/nowhere");
    run.fails(
        201,
        "sops-rs: error: no editor was found\n\
         sops-rs: hint: name one in `EDITOR`, or let a program edit: --with 'PROGRAM {}'\n",
    );
    assert!(room.left().is_empty());
}

#[test]
fn files_that_cannot_be_edited_are_refused_before_the_editor_is_opened() {
    let room = Room::new();
    let editor = "echo the editor was opened";
    room.world.file("plain.yaml", "a: canary-7f3a91\n");
    room.edit_by(editor, "plain.yaml").fails(
        1,
        "sops-rs: error: `plain.yaml`: not encrypted: no `sops-rs` or `sops` metadata\n\
         sops-rs: hint: encrypt it with `sops-rs encrypt -i plain.yaml`\n",
    );
    room.edit_by(editor, "-").fails(8, "sops-rs: error: standard input cannot be edited, `edit` needs a file\n");
    room.world.encrypted("a.yaml", "a: canary-7f3a91\n");
    let run = room.edit(&["-r", ME, "a.yaml"]).env("EDITOR", room.script(editor));
    run.fails(
        8,
        "sops-rs: error: `a.yaml`: -r/--recipient is for files that do not exist yet\n\
         sops-rs: hint: to change its readers, change its rule, then `sops-rs updatekeys a.yaml`\n",
    );
    room.world.file("sections.yaml", with_locked_section());
    let output = room.edit_by(editor, "sections.yaml").output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(128), &b""[..]), "{said}");
    assert!(said.contains("`sections.yaml`: no identity opens the section `database`\n"), "{said}");
    room.world.chmod("a.yaml", 0o444);
    let output = room.edit_by(editor, "a.yaml").output();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b""[..]));
}

#[test]
fn a_file_is_held_against_its_rule() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: canary-7f3a91\nb: 1\n");
    room.world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    let warning = "sops-rs: warning: `a.yaml`: its readers are not those of its rule; to bring it in line: \
                   `sops-rs updatekeys a.yaml`\n";
    let done = "`a.yaml`: 2 values encrypted, none clear; 1 of them new or changed\n";
    room.edit_by("sed -i s/b:.1/b:\\ 2/ \"$1\"", "a.yaml").gives("", &format!("{warning}{done}"));
    room.world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [b]\n");
    room.edit_by("echo the editor was opened", "a.yaml").fails(
        1,
        "sops-rs: error: `a.yaml`: its rule has changed since it was encrypted: other values are to be encrypted now\n\
         sops-rs: hint: bring it in line first: `sops-rs updatekeys a.yaml`\n",
    );
    // Without a rule the file speaks for itself.
    fs::remove_file(room.world.path(".sops-rs.yaml")).expect("removed");
    room.edit_by("sed -i s/2/3/ \"$1\"", "a.yaml").gives("", done);
}

#[test]
fn a_file_that_somebody_else_changed_meanwhile_is_left_alone() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1\n");
    let script = "echo a: canary-7f3a91 > {}; echo b: 2 > a.yaml";
    let output = room.edit(&["--with", &format!("sh -c '{script}'"), "a.yaml"]).output();
    assert_eq!(
        String::from_utf8(output.stderr).expect("UTF-8"),
        "sops-rs: error: `a.yaml`: was changed by somebody else while you edited it\n\
         sops-rs: hint: edit the file as it is now; nothing was written\n"
    );
    assert_eq!((output.status.code(), room.world.read("a.yaml").as_str()), (Some(3), "b: 2\n"));
    let script = "echo a: canary-7f3a91 > {}; echo b: 2 > new.yaml";
    let output = room.edit(&["--with", &format!("sh -c '{script}'"), "new.yaml"]).output();
    assert_eq!((output.status.code(), room.world.read("new.yaml").as_str()), (Some(3), "b: 2\n"));
    assert!(room.left().is_empty());
}
