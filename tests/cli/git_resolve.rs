//! `git resolve`: conflicts in the editor and without, and files that were merged by hand.

use crate::harness::{CANARY, ME, STRANGER, World};
use crate::scene::{DIALECTS, Dialect, Scene};

const TEXT: &str = "db:\n  user: app\n  password: {a}\n  host: h\nlast: {b}\n";

fn with(a: &str, b: &str) -> String {
    TEXT.replace("{a}", a).replace("{b}", b)
}

/// A merge that waits for somebody to say which password is right.
fn conflict(dialect: Dialect) -> Scene {
    let scene = Scene::new(dialect, "s.yaml", &with("one", "1"));
    scene.side("topic", &with("two", "1"));
    scene.side("main", &with("three", "2"));
    scene.conflicts(&["merge", "topic"]);
    scene
}

/// Takes the lines of theirs.
const TAKE_THEIRS: &str = "sed -i -e '/^<<<<<<</,/^=======/d' -e '/^>>>>>>>/d' {}";

#[test]
fn the_editor_gets_both_sides_decrypted() {
    for dialect in DIALECTS {
        for command in [&["git", "resolve"][..], &["edit"]] {
            let scene = conflict(dialect);
            let seen = scene.world.home("seen").display().to_string();
            let with_program = format!("cp {{}} {seen}");
            let arguments = [command, &["--with", &with_program, "s.yaml"]].concat();
            let output = scene.world.run(&arguments).output();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(
                said,
                "`s.yaml`: 1 conflict\n  `db.password` was changed on both sides\n\
                 `s.yaml`: nothing was changed, the conflict stays\n"
            );
            assert_eq!(output.status.code(), Some(200), "{said}");
            let expected = "db:\n  user: app\n<<<<<<< HEAD\n  password: three\n=======\n  password: two\n\
                            >>>>>>> topic\n  host: h\nlast: 2\n";
            assert_eq!(std::fs::read_to_string(&seen).expect("seen"), expected, "{dialect:?}");
        }
    }
}

#[test]
fn what_is_saved_is_encrypted() {
    for dialect in DIALECTS {
        for command in [&["git", "resolve"][..], &["edit"]] {
            let scene = conflict(dialect);
            let said = scene.runs(&[command, &["--with", TAKE_THEIRS, "s.yaml"]].concat());
            assert!(said.contains("resolved"), "{said}");
            assert_eq!(scene.plaintext(), with("two", "2"), "{dialect:?}");
            // The value that was taken is not sealed anew.
            let theirs = scene.world.git(&["show", "topic:s.yaml"]);
            let line = |text: &str| text.lines().find(|line| line.contains("password")).expect("there").to_owned();
            assert_eq!(line(&scene.text()), line(&theirs), "{dialect:?}");
            assert_eq!(scene.unmerged(), "s.yaml", "nothing is staged unasked");
            scene.world.git(&["commit", "--quiet", "--all", "--no-edit"]);
            assert_eq!(scene.runs(&["git", "resolve", "s.yaml"]), "`s.yaml`: has no conflict\n");
        }
    }
}

#[test]
fn a_value_of_neither_side_may_be_written() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        let program = "sed -i -e '/^[<>=]/d' -e /two/d -e s/three/four/ {}";
        scene.runs(&["git", "resolve", "--with", program, "--add", "s.yaml"]);
        assert_eq!(scene.plaintext(), with("four", "2"), "{dialect:?}");
        assert_eq!(scene.unmerged(), "");
    }
}

#[test]
fn markers_that_are_left_are_refused() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        let program = "sed -i -e /two/d {}";
        scene.world.run(&["git", "resolve", "--with", program, "s.yaml"]).fails(
            2,
            "`s.yaml`: 1 conflict\n  `db.password` was changed on both sides\n\
             sops-rs: error: `s.yaml`: line 3, column 1: a conflict marker is left\n\
             sops-rs: hint: keep the lines that are right, and remove the others with all markers\n",
        );
        // What is no valid file is refused, and the conflict stays.
        let output = scene.world.run(&["git", "resolve", "--with", "sed -i '/^[<>=]/d' {}", "s.yaml"]).output();
        assert!(String::from_utf8_lossy(&output.stderr).contains("stands twice in one map"), "{output:?}");
        assert!(scene.text().contains("<<<<<<<"));
    }
}

#[test]
fn a_side_is_taken_without_an_editor() {
    for dialect in DIALECTS {
        for (option, password) in [("--ours", "three"), ("--theirs", "two")] {
            let scene = conflict(dialect);
            assert_eq!(
                scene.runs(&["git", "resolve", option, "s.yaml"]),
                "`s.yaml`: resolved\n  stage it with `git add s.yaml`\n"
            );
            // The rest is merged all the same.
            assert_eq!(scene.plaintext(), with(password, "2"), "{dialect:?}");
        }
    }
}

#[test]
fn both_sides_lines_are_taken_where_they_fit() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", "a:\n- x\nb: 1\n");
        scene.side("topic", "a:\n- x\n- w\nb: 1\n");
        scene.side("main", "a:\n- x\n- z\nb: 1\n");
        scene.conflicts(&["merge", "topic"]);
        scene.runs(&["git", "resolve", "--union", "s.yaml"]);
        assert_eq!(scene.plaintext(), "a:\n- x\n- z\n- w\nb: 1\n", "{dialect:?}");
    }
    let scene = conflict(Dialect::Native);
    let output = scene.world.run(&["git", "resolve", "--union", "s.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("make no valid file here") && !output.status.success(), "{said}");
}

#[test]
fn all_files_of_a_repository_are_resolved() {
    let scene = Scene::new(Dialect::Sops, "s.yaml", &with("one", "1"));
    scene.world.file(".gitattributes", "*.yaml merge=sops-rs\n");
    scene.world.git(&["mv", "s.yaml", "sub.yaml"]);
    std::fs::create_dir(scene.world.path("sub")).expect("made");
    scene.world.file("sub/s.yaml", with("one", "1"));
    scene.runs(&["encrypt", "-i", "sub/s.yaml"]);
    scene.world.file("plain.txt", "1\n");
    scene.world.commit("more");
    let change = |branch: &[&str], value: &str| {
        scene.world.git(&[&["checkout", "--quiet"], branch].concat());
        for name in ["sub.yaml", "sub/s.yaml"] {
            scene.runs(&["set", name, "db.password", value]);
        }
        scene.world.file("plain.txt", value);
        scene.world.commit(value);
    };
    change(&["-b", "topic"], "two");
    change(&["main"], "three");
    scene.conflicts(&["merge", "topic"]);
    let output = scene.world.run(&["git", "resolve", "--all", "--theirs", "--add"]).within("sub").output();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(scene.unmerged(), "plain.txt");
    for name in ["sub.yaml", "sub/s.yaml"] {
        let output = scene.world.run(&["get", name, "db.password"]).output();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "two", "{output:?}");
    }
}

#[test]
fn a_conflict_of_lines_alone_goes_away_with_a_key() {
    for dialect in DIALECTS {
        let scene = Scene::without_driver(dialect, "s.yaml", &with("one", "1"));
        scene.side("topic", &with("two", "1"));
        scene.side("main", &with("one", "1").replace("host: h", "host: other"));
        scene.conflicts(&["merge", "topic"]);
        let said = scene.runs(&["git", "resolve", "--add", "s.yaml"]);
        assert_eq!(said, "`s.yaml`: merged by its values, without a conflict\n`s.yaml`: resolved\n");
        assert_eq!(scene.plaintext(), with("two", "1").replace("host: h", "host: other"), "{dialect:?}");
        assert_eq!(scene.unmerged(), "");
    }
}

#[test]
fn without_a_key_nothing_is_done() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        scene.has_key(false);
        let before = scene.text();
        let output = scene.world.run(&["git", "resolve", "--ours", "s.yaml"]).output();
        assert_eq!(output.status.code(), Some(128), "{output:?}");
        assert_eq!(scene.text(), before);
    }
}

#[test]
fn what_one_side_has_deleted_is_decided_with_git() {
    let scene = Scene::new(Dialect::Native, "s.yaml", &with("one", "1"));
    scene.world.git(&["checkout", "--quiet", "-b", "topic"]);
    scene.world.git(&["rm", "--quiet", "s.yaml"]);
    scene.world.commit("removed");
    scene.world.git(&["checkout", "--quiet", "main"]);
    scene.side("main", &with("two", "1"));
    scene.conflicts(&["merge", "topic"]);
    // git refreshes its index as it likes.
    let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "sops-rs: error: `s.yaml`: one side has deleted it, and the other changed it\n\
         sops-rs: hint: keep it with `git add s.yaml`, or remove it with `git rm s.yaml`\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn markers_may_have_been_committed() {
    for dialect in DIALECTS {
        for has_driver in [true, false] {
            let scene = match has_driver {
                true => Scene::new(dialect, "s.yaml", &with("one", "1")),
                false => Scene::without_driver(dialect, "s.yaml", &with("one", "1")),
            };
            scene.side("topic", &with("two", "1"));
            scene.side("main", &with("three", "2"));
            scene.conflicts(&["merge", "topic"]);
            scene.world.git(&["commit", "--quiet", "--all", "--no-edit"]);
            scene.world.file("other", "x");
            scene.world.commit("further work");
            scene.runs(&["git", "resolve", "--theirs", "s.yaml"]);
            assert_eq!(scene.plaintext(), with("two", "2"), "{dialect:?} {has_driver}");
        }
    }
}

/// Whoever can write to the repository can put any file between markers.
#[test]
fn markers_that_somebody_else_has_written_are_not_believed() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with("one", "1"));
        let genuine = scene.text();
        scene.world.file("s.yaml", with("evil", "1"));
        scene.runs(&["encrypt", "-i", "s.yaml"]);
        let forged = scene.text();
        for (ours, theirs) in [(&genuine, &forged), (&forged, &genuine)] {
            let markers = format!("<<<<<<< HEAD\n{ours}||||||| base\n{genuine}=======\n{theirs}>>>>>>> topic\n");
            scene.world.file("s.yaml", &markers);
            scene.world.commit("markers");
            for option in ["--ours", "--theirs", "--union", "--yes"] {
                let output = scene.world.run(&["git", "resolve", option, "s.yaml"]).output();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(said.contains("the versions it was merged from are not in its history"), "{said}");
                assert_eq!(output.status.code(), Some(51));
            }
            assert_eq!(scene.text(), markers);
        }
    }
}

/// A branch with a whole file in the place of ours, and a merge commit that somebody has broken.
#[test]
fn a_repair_asks_whose_file_a_branch_has() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with("one", "1"));
        let world = &scene.world;
        world.git(&["checkout", "--quiet", "-b", "topic"]);
        world.file("s.yaml", with("evil", "1"));
        scene.runs(&["encrypt", "-i", "s.yaml"]);
        world.commit("replaced");
        world.git(&["checkout", "--quiet", "main"]);
        world.file("other", "x");
        world.commit("other");
        world.git(&["merge", "--quiet", "--no-commit", "topic"]);
        let markers = scene.text() + "<<<<<<< x\n=======\n>>>>>>> y\n";
        world.file("s.yaml", &markers);
        world.git(&["commit", "--quiet", "--all", "-m", "merged"]);
        let output = world.run(&["git", "resolve", "s.yaml"]).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("nothing proves that both come from who reads it now"), "{dialect:?}: {said}");
        assert_eq!(output.status.code(), Some(51), "{said}");
        assert_eq!(scene.text(), markers);
    }
}

/// In files of SOPS nothing authenticates what is left clear.
#[test]
fn what_the_rule_would_seal_is_not_written_in_clear() {
    let scene = Scene::new(Dialect::Sops, "s.yaml", &with("one", "1"));
    scene.side("topic", &with("two", "1"));
    scene.world.git(&["checkout", "--quiet", "topic"]);
    let text = scene.text();
    assert!(text.contains("unencrypted_suffix: _unencrypted"), "{text}");
    scene.world.file("s.yaml", text.replace("unencrypted_suffix: _unencrypted", "unencrypted_regex: ^token"));
    scene.world.commit("a selector");
    scene.world.git(&["checkout", "--quiet", "main"]);
    scene.side("main", &with("three", "1"));
    scene.conflicts(&["merge", "topic"]);
    let before = scene.text();
    let program = format!("sed -i -e '/^[<>=]/d' -e /two/d -e '1i token: {CANARY}' {{}}");
    let output = scene.world.run(&["git", "resolve", "--with", &program, "s.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !said.contains(CANARY), "{said}");
    assert_eq!(scene.text(), before);
}

/// A merge commit whose file was made by hand of the lines of both sides, as on a forge.
fn by_hand(dialect: Dialect, sides: [&str; 3], merge: impl Fn(&str) -> String) -> Scene {
    let [base, ours, theirs] = sides;
    let scene = Scene::without_driver(dialect, "s.yaml", base);
    scene.side("topic", theirs);
    scene.side("main", ours);
    scene.conflicts(&["merge", "topic"]);
    let text = merge(&scene.text());
    scene.world.file("s.yaml", text);
    scene.world.git(&["commit", "--quiet", "--all", "--no-edit"]);
    let output = scene.world.run(&["decrypt", "s.yaml"]).output();
    assert_eq!(output.status.code(), Some(51), "it does not verify: {output:?}");
    scene
}

/// The text without its markers, and what `keep` does not want of their sides.
fn unmarked(text: &str, keep: impl Fn(&str, bool) -> bool) -> String {
    let mut is_theirs = None;
    let lines = text.lines().filter(|line| {
        match line.get(..7) {
            Some("<<<<<<<") => is_theirs = Some(false),
            Some("=======") => is_theirs = Some(true),
            Some(">>>>>>>") => is_theirs = None,
            _ => return is_theirs.is_none_or(|is_theirs| keep(line, is_theirs)),
        }
        false
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_was_merged_by_hand_verifies_again() {
    // One side has a value more, the other another password: in a native file one line is about both.
    let base = with("one", "1");
    let (ours, theirs) = (base.replace("  host", "  port: 5\n  host"), with("two", "1"));
    let scene = by_hand(Dialect::Native, [&base, &ours, &theirs], |text| {
        unmarked(text, |line, is_theirs| is_theirs || line.contains("port"))
    });
    let said = scene.runs(&["git", "resolve", "s.yaml"]);
    assert!(
        said.contains("repaired as it was merged by hand: all its values are those of the merged versions"),
        "{said}"
    );
    let merged = scene.plaintext();
    assert!(merged.contains("port: 5") && merged.contains("password: two"), "{merged}");
    // In one of SOPS the MAC is about everything.
    let (ours, theirs) = (with("one", "2"), with("two", "1"));
    let scene = by_hand(Dialect::Sops, [&base, &ours, &theirs], |text| unmarked(text, |_, is_theirs| is_theirs));
    scene.runs(&["git", "resolve", "s.yaml"]);
    assert_eq!(scene.plaintext(), with("two", "2"));
}

#[test]
fn the_choice_of_who_merged_by_hand_stays() {
    let base = with("one", "1").replace("host: h", "host: h\n  tls: strict");
    let ours = with("three", "1");
    let theirs = with("two", "1").replace("host: h", "host: h2\n  tls: strict");
    let scene = by_hand(Dialect::Sops, [&base, &ours, &theirs], |text| {
        unmarked(text, |line, is_theirs| is_theirs || line.contains("password"))
            .lines()
            .scan(0, |passwords, line| {
                *passwords += usize::from(line.contains("password"));
                Some((!line.contains("password") || *passwords == 1).then(|| format!("{line}\n")))
            })
            .flatten()
            .collect()
    });
    let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(51), "{said}");
    // They kept a value that one side took out.
    assert!(said.contains("  `db.tls`: is put back, or kept, against a change of one side\n"), "{said}");
    assert_eq!(said.matches("`db.").count(), 1, "{said}");
    scene.runs(&["git", "resolve", "--yes", "s.yaml"]);
    assert_eq!(scene.plaintext(), with("three", "1").replace("host: h", "host: h2\n  tls: strict"));
}

/// A file on `main` with a clear value and a list, and what a stranger without a key made of it.
fn smuggled(change: impl Fn(&World, &str) -> String) -> Scene {
    let text =
        format!("users:\n- name: a\n  password: {CANARY}-1\n- name: b\n  password: {CANARY}-2\nurl: https://good\n");
    let scene = Scene::new(Dialect::Native, "s.yaml", &text);
    let clear = "  - files: [\"**\"]\n    recipients: [me]\n    clear: [\"url\"]\n";
    scene.world.config(clear);
    scene.runs(&["updatekeys", "-y", "s.yaml"]);
    scene.world.commit("clear url");
    scene.side("main", &text.replace("name: b", "name: c"));
    let changed = change(&scene.world, &scene.text());
    scene.world.file("s.yaml", changed);
    scene.world.commit("looks harmless");
    scene
}

/// What somebody makes of an encrypted file.
type Change<'c> = &'c dyn Fn(&World, &str) -> String;

#[test]
fn nothing_is_smuggled_in_by_a_repair() {
    let swapped = |_: &World, text: &str| {
        let lines: Vec<_> = text.lines().collect();
        let numbers: Vec<_> = (0..lines.len()).filter(|&number| lines[number].contains("password: ")).collect();
        let mut lines = lines;
        lines.swap(numbers[0], numbers[1]);
        lines.join("\n") + "\n"
    };
    let old = |world: &World, text: &str| {
        let old = world.git(&["show", "HEAD~1:s.yaml"]);
        let line = |text: &str| text.lines().filter(|line| line.contains("name: ")).nth(1).expect("there").to_owned();
        text.replace(&line(text), &line(&old)).replace("https://good", "https://bad")
    };
    let clear = |_: &World, text: &str| text.replace("https://good", "https://bad");
    let added = |_: &World, text: &str| text.replace("url:", "token: plain\nurl:");
    let removed = |_: &World, text: &str| {
        text.lines().filter(|line| !line.starts_with("url:")).map(|line| format!("{line}\n")).collect()
    };
    let cases: [(Change<'_>, &str); 5] = [
        (&swapped, "  `users`: no version has this list just so\n"),
        (&old, "  `url`: no version has this value there\n  `users`: no version has this list just so\n"),
        (&clear, "  `url`: no version has this value there\n"),
        (&added, "  `token`: no version has this value there\n"),
        (&removed, "  `url`: is missing, though no side has taken it out\n"),
    ];
    for (change, expected) in cases {
        let scene = smuggled(change);
        let before = scene.text();
        let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&format!(" in it:\n{expected}")), "{expected}: {said}");
        assert!(said.contains("was not repaired: what nothing vouches for was not confirmed"), "{said}");
        assert!(!said.contains(CANARY) && !said.contains("https://bad"), "{said}");
        assert_eq!(output.status.code(), Some(51), "{said}");
        assert_eq!(scene.text(), before);
        // Whoever has looked may take it.
        scene.runs(&["git", "resolve", "--yes", "s.yaml"]);
        scene.plaintext();
        // Or not.
        scene.world.file("s.yaml", before);
        scene.runs(&["git", "resolve", "--ours", "s.yaml"]);
        assert!(scene.plaintext().contains("url: https://good"));
    }
}

#[test]
fn values_under_another_data_key_are_not_taken() {
    // Anybody can encrypt to a recipient.
    let scene = smuggled(|world, _| {
        world.file("forged.yaml", "users:\n- name: evil\nurl: https://bad\n");
        let output = world.run(&["encrypt", "-i", "forged.yaml"]).output();
        assert!(output.status.success(), "{output:?}");
        let forged = world.read("forged.yaml");
        std::fs::remove_file(world.path("forged.yaml")).expect("removed");
        forged.replace("url: https://bad", "url: https://worse")
    });
    let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("does not verify (key id)"), "{said}");
    assert!(said.contains("to go back to the last version that verifies, add --ours"), "{said}");
    assert!(!output.status.success(), "{said}");
    scene.runs(&["git", "resolve", "--ours", "s.yaml"]);
    assert!(scene.plaintext().contains("https://good"), "{said}");
}

#[test]
fn without_a_version_that_verifies_there_is_no_repair() {
    for dialect in DIALECTS {
        let world = World::new();
        world.identity();
        match dialect {
            Dialect::Native => world.encrypted("s.yaml", "a: 1\nb: 2\n"),
            Dialect::Sops => world.of_sops("s.yaml", "a: 1\nb: 2\n"),
        }
        let lines: Vec<_> = world.read("s.yaml").lines().map(str::to_owned).collect();
        world.file("s.yaml", lines[1..].join("\n") + "\n");
        world.run(&["git", "resolve", "s.yaml"]).fails(
            51,
            "sops-rs: error: `s.yaml`: does not verify, and there is no history of it to repair it from\n\
             sops-rs: hint: restore the last good version from git; see its history with `git log s.yaml`\n",
        );
        world.repository();
        world.commit("broken from the start");
        let output = world.run(&["git", "resolve", "s.yaml"]).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("does not verify, and neither does any version before it"), "{said}");
        assert_eq!(output.status.code(), Some(51));
    }
}

#[test]
fn a_shallow_clone_does_not_know() {
    let base = with("one", "1");
    let (ours, theirs) = (with("one", "2"), with("two", "1"));
    let scene = by_hand(Dialect::Sops, [&base, &ours, &theirs], |text| unmarked(text, |_, is_theirs| is_theirs));
    let url = format!("file://{}", scene.world.path("").display());
    scene.world.git(&["clone", "--quiet", "--depth", "1", &url, "clone"]);
    let output = scene.world.run(&["git", "resolve", "clone/s.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`git fetch --unshallow` gets the rest"), "{said}");
    assert_eq!(output.status.code(), Some(51));
}

#[test]
fn a_reader_and_a_value_come_together() {
    let scene = Scene::new(Dialect::Native, "s.yaml", &with("one", "1"));
    let world = &scene.world;
    world.git(&["checkout", "--quiet", "-b", "topic"]);
    world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    scene.runs(&["updatekeys", "-y", "s.yaml"]);
    world.commit("a reader");
    world.git(&["checkout", "--quiet", "main"]);
    scene.side("main", &with("two", "1"));
    scene.succeeds(&["merge", "--no-edit", "topic"]);
    let who = world.run(&["who", "s.yaml"]).output();
    let who = String::from_utf8_lossy(&who.stdout).into_owned();
    assert!(who.contains(ME) && who.contains(STRANGER), "{who}");
    assert_eq!(scene.plaintext(), with("two", "1"));
}
