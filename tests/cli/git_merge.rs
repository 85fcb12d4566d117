//! `git merge`, the merge driver, under real git: merges, rebases and whatever else merges, with keys and without.

use crate::harness::{CANARY, ME, MY_FILE, World};
use crate::scene::{DIALECTS, Dialect, Scene};
#[cfg(target_os = "linux")]
use crate::terminal::{converse, session};

/// A file of each format with four neighbouring values; `{}` stand where two of them are changed.
const FORMATS: [(&str, &str); 6] = [
    ("s.yaml", "db:\n  user: app\n  password: {a}\n  host: {b}\nlast: 1\n"),
    (
        "s.json",
        "{\n  \"db\": {\n    \"user\": \"app\",\n    \"password\": \"{a}\",\n    \"host\": \"{b}\"\n  },\n  \"last\": 1\n}\n",
    ),
    ("s.env", "USER=app\nPASSWORD={a}\nHOST={b}\nLAST=1\n"),
    ("s.toml", "[db]\nuser = \"app\"\npassword = \"{a}\"\nhost = \"{b}\"\n"),
    ("s.ini", "[db]\nuser = app\npassword = {a}\nhost = {b}\n"),
    ("s.properties", "user=app\npassword={a}\nhost={b}\n"),
];

fn with(text: &str, a: &str, b: &str) -> String {
    text.replace("{a}", a).replace("{b}", b)
}

/// The formats that SOPS has no binary envelope for.
fn formats(dialect: Dialect) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_whole = move |name: &str| dialect == Dialect::Sops && ["s.toml", "s.properties"].contains(&name);
    FORMATS.into_iter().filter(move |(name, _)| !is_whole(name))
}

#[test]
fn neighbouring_values_merge_in_every_format() {
    for dialect in DIALECTS {
        for (name, text) in formats(dialect) {
            let scene = Scene::new(dialect, name, &with(text, "one", "h1"));
            scene.side("topic", &with(text, "two", "h1"));
            scene.side("main", &with(text, "one", "h2"));
            scene.succeeds(&["merge", "--no-edit", "topic"]);
            assert_eq!(scene.plaintext(), with(text, "two", "h2"), "{dialect:?} {name}");
            assert_eq!(scene.world.git(&["status", "--porcelain"]), "", "{dialect:?} {name}");
        }
    }
}

#[test]
fn what_did_not_change_keeps_its_token() {
    for dialect in DIALECTS {
        let (name, text) = FORMATS[0];
        let scene = Scene::new(dialect, name, &with(text, "one", "h1"));
        let token = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(key)).expect("a line");
            // Links are about neighbours.
            let token = &line[line.find("ENC[").expect("a token")..];
            if dialect == Dialect::Native { token[..60].to_owned() } else { token.to_owned() }
        };
        let before = scene.text();
        scene.side("topic", &with(text, "two", "h1"));
        scene.side("main", &with(text, "one", "h2"));
        let ours = scene.text();
        let theirs = scene.world.git(&["show", "topic:s.yaml"]);
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        let merged = scene.text();
        assert_eq!(token(&merged, "user"), token(&before, "user"), "{dialect:?}");
        assert_eq!(token(&merged, "last"), token(&before, "last"), "{dialect:?}");
        assert_eq!(token(&merged, "host"), token(&ours, "host"), "{dialect:?}");
        assert_eq!(token(&merged, "password"), token(&theirs, "password"), "{dialect:?}");
    }
}

/// Both sides have changed the same value, to different ones.
fn conflict(dialect: Dialect) -> Scene {
    let scene = Scene::new(dialect, "s.yaml", &with(FORMATS[0].1, "one", "h1"));
    scene.side("topic", &with(FORMATS[0].1, &format!("{CANARY}-two"), "h1"));
    scene.side("main", &with(FORMATS[0].1, &format!("{CANARY}-three"), "h2"));
    scene
}

#[test]
fn a_conflict_leaves_markers_around_encrypted_lines() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        let said = scene.conflicts(&["merge", "topic"]);
        assert!(said.contains("`s.yaml`: 1 conflict\n"), "{said}");
        assert!(said.contains("`db.password`"), "{said}");
        assert!(said.contains("resolve them with `sops-rs git resolve s.yaml`"), "{said}");
        assert_eq!(scene.unmerged(), "s.yaml");
        let text = scene.text();
        assert!(text.contains("\n<<<<<<< HEAD\n") && text.contains("\n>>>>>>> topic\n"), "{text}");
        assert!(!text.contains(CANARY) && !said.contains(CANARY), "a secret was told");
        // Cut out of the markers, each side is a file that verifies.
        for (side, expected) in [(0, "three"), (1, "two")] {
            let mut place = None;
            let cut = text.lines().filter(|line| {
                match line.get(..7) {
                    Some("<<<<<<<") => place = Some(0),
                    Some("=======") => place = Some(1),
                    Some("|||||||") => place = Some(2),
                    Some(">>>>>>>") => place = None,
                    _ => return place.is_none_or(|place| place == side),
                }
                false
            });
            let cut = cut.map(|line| format!("{line}\n")).collect::<String>();
            scene.world.file("cut.yaml", cut);
            let output = scene.world.run(&["get", "cut.yaml", "db.password"]).output();
            assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{CANARY}-{expected}"), "{output:?}");
            // What merges is merged on both.
            let output = scene.world.run(&["get", "cut.yaml", "db.host"]).output();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "h2", "{output:?}");
        }
    }
}

#[test]
fn other_commands_name_the_way_out() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        scene.conflicts(&["merge", "topic"]);
        let line = scene.text().lines().position(|line| line.starts_with("<<<<<<<")).expect("a marker") + 1;
        let expected = format!(
            "sops-rs: error: `s.yaml`: line {line}, column 1: a conflict marker of git\n\
             sops-rs: hint: resolve the conflict with `sops-rs git resolve s.yaml`\n"
        );
        for command in [
            &["decrypt", "s.yaml"][..],
            &["get", "s.yaml", "db.host"],
            &["set", "s.yaml", "db.host", "x"],
            &["unset", "s.yaml", "db.host"],
            &["rotate", "-i", "s.yaml"],
            &["exec-env", "s.yaml", "--", "true"],
            &["encrypt", "-i", "s.yaml"],
        ] {
            let output = scene.world.run(command).output();
            assert_eq!(String::from_utf8_lossy(&output.stderr), expected, "{command:?}");
            assert_eq!(output.status.code(), Some(2), "{command:?}");
        }
        for command in [&["check"][..], &["check", "--against", "HEAD"]] {
            let output = scene.world.run(command).output();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("`sops-rs git resolve s.yaml` [conflict]"), "{command:?}: {said}");
            assert_eq!(output.status.code(), Some(10), "{command:?}");
        }
    }
}

#[test]
fn encrypting_a_plaintext_with_markers_is_warned_of() {
    let world = World::ready();
    world.file("a.yaml", format!("<<<<<<< x\na: {CANARY}\n=======\na: 2\n>>>>>>> y\n"));
    let output = world.run(&["encrypt", "-i", "a.yaml"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    let warning = "sops-rs: warning: `a.yaml`: line 1, column 1: a conflict marker of git; resolve the conflict before you encrypt\n";
    assert!(said.starts_with(warning) && !said.contains(CANARY), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn without_a_key_lines_are_merged() {
    let text = "a: {a}\nm: 1\nn: 2\no: 3\nb: {b}\n";
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with(text, "1", "1"));
        scene.side("topic", &with(text, "2", "1"));
        scene.side("main", &with(text, "1", "2"));
        scene.has_key(false);
        let (merged, said) = scene.git(&["merge", "--no-edit", "topic"]);
        scene.has_key(true);
        // The MAC of SOPS is over all of a file.
        assert_eq!(merged, dialect == Dialect::Native, "{said}");
        if dialect == Dialect::Sops {
            assert!(said.contains("merged line by line"), "{said}");
            assert!(said.contains("you have no identity"), "{said}");
            assert!(scene.runs(&["git", "resolve", "s.yaml"]).contains("without a conflict"));
        }
        assert_eq!(scene.plaintext(), with(text, "2", "2"), "{dialect:?}");
    }
}

#[test]
fn one_side_alone_needs_no_key() {
    let text = "a: {a}\nb: {b}\n";
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with(text, "1", "1"));
        scene.side("topic", &with(text, "2", "2"));
        scene.world.file("other", "x");
        scene.world.commit("other");
        scene.has_key(false);
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        scene.has_key(true);
        assert_eq!(scene.plaintext(), with(text, "2", "2"), "{dialect:?}");
    }
}

const TWO: &str = "a: {a}\nb: {b}\nc: 1\n";

/// A file of which `topic` changes the first value, and `main` the second one, its neighbour.
fn neighbours(dialect: Dialect) -> Scene {
    let scene = Scene::new(dialect, "s.yaml", &with(TWO, "1", "1"));
    scene.side("topic", &with(TWO, "2", "1"));
    scene.side("main", &with(TWO, "1", "2"));
    scene
}

#[test]
fn rebases_merge() {
    for dialect in DIALECTS {
        let scene = neighbours(dialect);
        scene.side("topic", &with(TWO, "3", "1"));
        scene.succeeds(&["rebase", "main", "topic"]);
        assert_eq!(scene.plaintext(), with(TWO, "3", "2"), "{dialect:?}");
        assert_eq!(scene.world.git(&["rev-list", "--count", "main..topic"]), "2");
    }
}

#[test]
fn cherry_picks_and_reverts_merge() {
    for dialect in DIALECTS {
        let scene = neighbours(dialect);
        scene.succeeds(&["cherry-pick", "topic"]);
        assert_eq!(scene.plaintext(), with(TWO, "2", "2"), "{dialect:?}");
        // Back to the first value, and the second one stays.
        scene.succeeds(&["revert", "--no-edit", "HEAD"]);
        assert_eq!(scene.plaintext(), with(TWO, "1", "2"), "{dialect:?}");
        scene.succeeds(&["revert", "--no-edit", "HEAD~2"]);
        assert_eq!(scene.plaintext(), with(TWO, "1", "1"), "{dialect:?}");
    }
}

#[test]
fn a_stash_is_merged() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with(TWO, "1", "1"));
        scene.edit(&with(TWO, "2", "1"));
        scene.succeeds(&["stash"]);
        scene.side("main", &with(TWO, "1", "2"));
        scene.succeeds(&["stash", "pop"]);
        assert_eq!(scene.plaintext(), with(TWO, "2", "2"), "{dialect:?}");
    }
}

#[test]
fn several_branches_merge_at_once() {
    let text = "a: {a}\nm: 1\nb: {b}\nn: 1\nc: {c}\n";
    // Git has a merge of its own for this, which takes no drivers.
    let scene = Scene::new(Dialect::Native, "s.yaml", &with(text, "1", "1").replace("{c}", "1"));
    scene.side("x", &with(text, "2", "1").replace("{c}", "1"));
    scene.side("y", &with(text, "1", "2").replace("{c}", "1"));
    scene.side("z", &with(text, "1", "1").replace("{c}", "2"));
    scene.succeeds(&["merge", "--no-edit", "x", "y", "z"]);
    assert_eq!(scene.plaintext(), with(text, "2", "2").replace("{c}", "2"));
}

#[test]
fn a_merge_that_is_not_committed_is_staged() {
    let scene = neighbours(Dialect::Sops);
    scene.succeeds(&["merge", "--no-commit", "topic"]);
    assert_eq!(scene.plaintext(), with(TWO, "2", "2"));
    assert_eq!(scene.world.git(&["status", "--porcelain"]), "M  s.yaml");
}

#[test]
fn renamed_files_merge() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", &with(TWO, "1", "1"));
        scene.side("topic", &with(TWO, "2", "1"));
        scene.edit(&with(TWO, "1", "2"));
        scene.world.git(&["mv", "s.yaml", "t.yaml"]);
        scene.world.file(".gitattributes", "*.yaml merge=sops-rs\n");
        scene.world.commit("renamed");
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        let scene = Scene { name: "t.yaml", ..scene };
        assert_eq!(scene.plaintext(), with(TWO, "2", "2"), "{dialect:?}");
    }
}

#[test]
fn both_may_add_a_file() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", "a: 1\n");
        scene.world.file(".gitattributes", "*.yaml merge=sops-rs\n");
        scene.world.commit("attributes");
        let add = |branch: &str, text: &str| {
            scene.world.git(&["checkout", "--quiet", "-B", branch, "main"]);
            scene.world.file("n.yaml", text);
            scene.runs(&["encrypt", "-i", "n.yaml"]);
            scene.world.commit(branch);
        };
        add("topic", "x: 1\ny: 2\n");
        add("other", "x: 1\ny: 3\n");
        scene.conflicts(&["merge", "topic"]);
        let scene = Scene { name: "n.yaml", ..scene };
        scene.runs(&["git", "resolve", "--theirs", "--add", "n.yaml"]);
        assert_eq!(scene.plaintext(), "x: 1\ny: 2\n", "{dialect:?}");
        assert_eq!(scene.unmerged(), "");
    }
}

#[test]
fn both_may_encrypt_a_plaintext() {
    for dialect in DIALECTS {
        let scene = Scene::new(dialect, "s.yaml", "a: 1\n");
        scene.world.file(".gitattributes", "*.yaml merge=sops-rs\n");
        scene.world.file("n.yaml", with(TWO, "1", "1"));
        scene.world.commit("plaintext");
        let encrypt = |branch: &str, text: &str| {
            scene.world.git(&["checkout", "--quiet", "-B", branch, "main"]);
            scene.world.file("n.yaml", text);
            scene.runs(&["encrypt", "-i", "n.yaml"]);
            scene.world.commit(branch);
        };
        encrypt("topic", &with(TWO, "2", "1"));
        encrypt("other", &with(TWO, "1", "2"));
        let (merged, said) = scene.git(&["merge", "--no-edit", "topic"]);
        let scene = Scene { name: "n.yaml", ..scene };
        assert!(!scene.text().contains("a: 1"), "{}", scene.text());
        if !merged {
            assert!(said.contains("sops-rs git resolve n.yaml"), "{said}");
            scene.runs(&["git", "resolve", "--theirs", "n.yaml"]);
        }
        // The plaintext was a version like any other, but nothing says so.
        assert!(scene.plaintext().contains("a: 2"), "{dialect:?}");
    }
}

/// The history tells that nothing on the side with the older data key is an earlier state, and that nobody was removed.
#[test]
fn a_rotation_on_one_side_merges_with_new_work_on_the_other() {
    for rotated in ["topic", "main"] {
        let scene = neighbours(Dialect::Native);
        scene.world.git(&["checkout", "--quiet", rotated]);
        scene.runs(&["rotate", "s.yaml"]);
        scene.world.commit("rotated");
        scene.world.git(&["checkout", "--quiet", "main"]);
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        assert_eq!(scene.plaintext(), with(TWO, "2", "2"), "{rotated}");
        scene.world.git(&["reset", "--quiet", "--hard", "ORIG_HEAD"]);
        let rotated_key = |text: String| text.lines().find(|line| line.contains("key_id")).map(str::to_owned);
        let key = rotated_key(scene.world.git(&["show", &format!("{rotated}:s.yaml")]));
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        assert_eq!(rotated_key(scene.text()), key);
    }
}

/// `rotate` ends earlier states: a merge must not seal them anew.
#[test]
fn an_earlier_state_from_before_a_rotation_is_asked_about() {
    let scene = neighbours(Dialect::Native);
    let old = scene.world.git(&["show", "main~1:s.yaml"]);
    scene.world.git(&["checkout", "--quiet", "-b", "old"]);
    scene.world.file("s.yaml", old);
    scene.world.commit("tidy");
    scene.world.git(&["checkout", "--quiet", "main"]);
    scene.edit("a: 1\nb: 2\nc: 3\n");
    scene.runs(&["rotate", "s.yaml"]);
    scene.world.commit("rotated");
    let said = scene.conflicts(&["merge", "old"]);
    assert!(said.contains("has different data keys on both sides"), "{said}");
}

/// Whoever was removed still has the older data key, and may have made the branch with it.
#[test]
fn a_branch_from_before_somebody_was_removed_is_asked_about() {
    let scene = Scene::new(Dialect::Native, "s.yaml", &with(TWO, "1", "1"));
    scene.world.git(&["checkout", "--quiet", "-b", "before"]);
    scene.world.git(&["checkout", "--quiet", "main"]);
    for recipients in ["me, stranger", "me"] {
        scene.world.config(&format!("  - files: [\"**\"]\n    recipients: [{recipients}]\n"));
        scene.runs(&["updatekeys", "-y", "s.yaml"]);
        scene.world.commit(recipients);
    }
    // The base does not name the stranger, who had its data key all the same.
    scene.side("before", &with(TWO, "2", "1"));
    scene.edit(&with(TWO, "1", "2"));
    scene.world.commit("later");
    let said = scene.conflicts(&["merge", "before"]);
    assert!(said.contains("has different data keys on both sides"), "{said}");
}

/// The format of SOPS proves nothing.
#[test]
fn a_new_data_key_on_one_side_of_a_file_of_sops_is_asked_about() {
    let scene = neighbours(Dialect::Sops);
    scene.world.git(&["checkout", "--quiet", "topic"]);
    scene.runs(&["rotate", "s.yaml"]);
    scene.world.commit("rotated");
    scene.world.git(&["checkout", "--quiet", "main"]);
    let said = scene.conflicts(&["merge", "topic"]);
    assert!(said.contains("has different data keys on both sides"), "{said}");
    let before = scene.text();
    let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
    assert_eq!(output.status.code(), Some(51), "{output:?}");
    assert_eq!(scene.text(), before);
    scene.runs(&["git", "resolve", "--theirs", "s.yaml"]);
    assert_eq!(scene.plaintext(), with(TWO, "2", "1"));
    scene.world.git(&["checkout", "--merge", "s.yaml"]);
    scene.runs(&["git", "resolve", "--yes", "s.yaml"]);
    assert_eq!(scene.plaintext(), with(TWO, "2", "2"));
}

/// Anybody can encrypt to a recipient, and so write another file in the place of one.
#[test]
fn a_file_in_the_place_of_another_one_is_not_merged() {
    let clear = |world: &World| {
        world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [\"c\"]\n    clear_values: free\n");
    };
    for ours in [with(TWO, "2", "1"), with(TWO, "1", "1").replace("c: 1", "c: 2")] {
        let scene = Scene::new(Dialect::Native, "s.yaml", "a: 1\n");
        clear(&scene.world);
        scene.world.file("s.yaml", with(TWO, "1", "1"));
        scene.runs(&["encrypt", "-i", "s.yaml"]);
        scene.world.commit("free");
        scene.world.git(&["checkout", "--quiet", "-b", "topic"]);
        scene.world.file("s.yaml", with(TWO, "1", "bad"));
        scene.runs(&["encrypt", "-i", "s.yaml"]);
        scene.world.commit("replaced");
        scene.world.git(&["checkout", "--quiet", "main"]);
        scene.side("main", &ours);
        let said = scene.conflicts(&["merge", "topic"]);
        assert!(said.contains("has different data keys on both sides"), "{said}");
        let output = scene.world.run(&["git", "resolve", "s.yaml"]).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("nothing proves that both come from who reads it now"), "{said}");
        assert_eq!(output.status.code(), Some(51), "{said}");
        scene.runs(&["git", "resolve", "--ours", "s.yaml"]);
        assert_eq!(scene.plaintext(), ours);
        // Unless somebody knows better.
        scene.world.git(&["checkout", "--merge", "s.yaml"]);
        scene.runs(&["git", "resolve", "--yes", "s.yaml"]);
        assert!(scene.plaintext().contains("b: bad"));
    }
}

/// Three versions that only a key can merge, and the key is behind a passphrase.
#[cfg(target_os = "linux")]
fn locked() -> World {
    let world = World::new();
    let ssh = include_str!("../../testdata/keys/ssh_ed25519_passphrase.pub").trim();
    world.home_file("own.txt", MY_FILE);
    world.file("base.env", "A=1\nB=1\n");
    let own = world.home("own.txt").display().to_string();
    let runs = |arguments: &[&str]| {
        let output = world.run(arguments).env("SOPS_AGE_KEY_FILE", &own).output();
        assert!(output.status.success(), "{output:?}");
    };
    runs(&["encrypt", "-i", "-r", ME, "-r", ssh, "base.env"]);
    for (name, key) in [("ours.env", "A"), ("theirs.env", "B")] {
        world.file(name, world.read("base.env"));
        runs(&["set", name, key, "2"]);
    }
    world.home_file(".ssh/id_ed25519", include_str!("../../testdata/keys/ssh_ed25519_passphrase"));
    world
}

#[cfg(target_os = "linux")]
const MERGE: [&str; 6] = ["git", "merge", "base.env", "ours.env", "theirs.env", "--path=s.env"];

#[cfg(target_os = "linux")]
#[test]
fn a_passphrase_is_asked_for_where_git_has_the_terminal() {
    let world = locked();
    let prompt = "passphrase of `~/.ssh/id_ed25519`: ";
    let run = session(&world, &["--ctty"], &MERGE);
    let (said, printed, code) = converse(&world, run, &[(prompt, "correct horse")], true);
    assert_eq!((said.as_str(), printed.as_str(), code), (&*format!("{prompt}\n"), "", Some(0)));
    assert!(!world.read("ours.env").contains("<<<<<<<"));
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_is_asked_for_a_passphrase_who_did_not_start_git() {
    for (options, prompt) in [(&["--ctty"][..], "0"), (&[], "1")] {
        let world = locked();
        let run = session(&world, options, &MERGE).env("GIT_TERMINAL_PROMPT", prompt);
        let said = if options.is_empty() {
            let output = run.output();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            String::from_utf8(output.stderr).expect("UTF-8")
        } else {
            let (said, _, code) = converse(&world, run, &[], true);
            assert_eq!(code, Some(1), "{said}");
            said
        };
        assert!(said.contains("`s.env`: merged line by line") && !said.contains("passphrase of"), "{said}");
        assert!(world.read("ours.env").contains("<<<<<<< ours\n"));
    }
}

/// Both branches have merged each other, and resolved a conflict: git makes a base of both merges.
#[test]
fn criss_cross_merges_have_a_base_with_conflicts() {
    for dialect in DIALECTS {
        for (mine, others) in [("x", "x"), ("x", "w")] {
            let scene = Scene::new(dialect, "s.yaml", &with(TWO, "0", "0"));
            scene.side("topic", &with(TWO, "w", "0"));
            scene.side("main", &with(TWO, "x", "0"));
            scene.world.git(&["branch", "old", "main"]);
            let resolve = |other: &str, value: &str, b: &str| {
                scene.conflicts(&["merge", other]);
                scene.runs(&["git", "resolve", "--ours", "--add", "s.yaml"]);
                scene.world.git(&["commit", "--quiet", "--no-edit"]);
                scene.edit(&with(TWO, value, b));
                scene.world.git(&["commit", "--quiet", "--allow-empty", "--all", "-m", "resolved"]);
            };
            resolve("topic", mine, "1");
            scene.world.git(&["checkout", "--quiet", "topic"]);
            resolve("old", others, "0");
            scene.world.git(&["checkout", "--quiet", "main"]);
            let (merged, said) = scene.git(&["merge", "--no-edit", "topic"]);
            assert_eq!(merged, mine == others, "{dialect:?}: {said}");
            assert!(!said.contains("error"), "{said}");
            if !merged {
                scene.runs(&["git", "resolve", "--theirs", "--add", "s.yaml"]);
            }
            assert_eq!(scene.plaintext(), with(TWO, others, "1"), "{dialect:?}");
        }
    }
}

#[test]
fn every_conflict_style_is_resolved() {
    for style in ["merge", "diff3", "zdiff3"] {
        for dialect in DIALECTS {
            for has_driver in [true, false] {
                let scene = conflict(dialect);
                scene.world.git(&["config", "merge.conflictStyle", style]);
                if !has_driver {
                    scene.world.git(&["config", "--unset", "merge.sops-rs.driver"]);
                }
                scene.conflicts(&["merge", "topic"]);
                scene.runs(&["git", "resolve", "--theirs", "--add", "s.yaml"]);
                let expected = with(FORMATS[0].1, &format!("{CANARY}-two"), "h2");
                assert_eq!(scene.plaintext(), expected, "{style} {dialect:?} {has_driver}");
            }
        }
    }
}

#[test]
fn work_trees_and_folders_merge() {
    let scene = neighbours(Dialect::Sops);
    scene.world.git(&["worktree", "add", "--quiet", "../tree", "topic"]);
    let tree = scene.world.path("../tree").display().to_string();
    scene.succeeds(&["-C", &tree, "merge", "--no-edit", "main"]);
    let output = scene.world.run(&["decrypt", "../tree/s.yaml"]).output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), with(TWO, "2", "2"), "{output:?}");
    // A conflict is resolved from another folder.
    scene.side("main", &with(TWO, "5", "2"));
    scene.conflicts(&["-C", &tree, "merge", "main"]);
    scene.runs(&["git", "resolve", "--ours", "--add", "../tree/s.yaml"]);
    let output = scene.world.run(&["decrypt", "../tree/s.yaml"]).output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), with(TWO, "2", "2"), "{output:?}");
    assert_eq!(scene.world.git(&["-C", &tree, "diff", "--name-only", "--diff-filter=U"]), "");
}

#[test]
fn odd_names_are_merged() {
    for name in ["-s x'y.yaml", "$(touch z) ü.yaml"] {
        let scene = Scene::new(Dialect::Sops, "s.yaml", &with(TWO, "1", "1"));
        scene.world.git(&["mv", "s.yaml", &format!("./{name}")]);
        scene.world.file(".gitattributes", "*.yaml merge=sops-rs\n");
        scene.world.commit("renamed");
        let path = format!("./{name}");
        let set = |branch: &[&str], key: &str| {
            scene.world.git(&[&["checkout", "--quiet"], branch].concat());
            scene.runs(&["set", &path, key, "2"]);
            scene.world.commit(key);
        };
        set(&["-b", "topic"], "a");
        set(&["main"], "b");
        scene.succeeds(&["merge", "--no-edit", "topic"]);
        let output = scene.world.run(&["get", &path, "a"]).output();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "2", "{output:?}");
        assert!(!scene.world.path("z").exists());
    }
}

#[test]
fn a_side_that_does_not_verify_is_merged_as_text() {
    for dialect in DIALECTS {
        let scene = conflict(dialect);
        scene.world.git(&["checkout", "--quiet", "topic"]);
        let text = scene.text().replace("host: ENC[", "hosts: ENC[");
        scene.world.file("s.yaml", text);
        scene.world.commit("broken");
        scene.world.git(&["checkout", "--quiet", "main"]);
        let said = scene.conflicts(&["merge", "topic"]);
        assert!(said.contains("sops-rs: error: `s.yaml`: ") && said.contains("merged line by line"), "{said}");
        assert!(scene.text().contains("<<<<<<< HEAD"), "{}", scene.text());
        let output = scene.world.run(&["git", "resolve", "--ours", "s.yaml"]).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("this is their version"), "{said}");
        assert!(!output.status.success());
    }
}

#[test]
fn a_plaintext_on_one_side_stays_out_of_the_file() {
    let scene = Scene::new(Dialect::Native, "s.yaml", &with(TWO, "1", "1"));
    scene.world.git(&["checkout", "--quiet", "-b", "topic"]);
    scene.world.file("s.yaml", with(TWO, CANARY, "1"));
    scene.world.commit("plaintext");
    scene.world.git(&["checkout", "--quiet", "main"]);
    scene.side("main", &with(TWO, "1", "2"));
    let before = scene.text();
    let said = scene.conflicts(&["merge", "topic"]);
    assert!(said.contains("is encrypted on one side only"), "{said}");
    assert_eq!(scene.text(), before);
    assert_eq!(scene.unmerged(), "s.yaml");
}

#[test]
fn plaintexts_merge_as_ever() {
    let scene = Scene::new(Dialect::Native, "s.yaml", "a: 1\n");
    scene.world.file(".gitattributes", "*.txt merge=sops-rs\n");
    scene.world.file("n.txt", "1\n2\n3\n4\n5\n");
    scene.world.commit("base");
    scene.world.git(&["checkout", "--quiet", "-b", "topic"]);
    scene.world.file("n.txt", "x\n2\n3\n4\n5\n");
    scene.world.commit("x");
    scene.world.git(&["checkout", "--quiet", "main"]);
    scene.world.file("n.txt", "1\n2\n3\n4\ny\n");
    scene.world.commit("y");
    scene.succeeds(&["merge", "--no-edit", "topic"]);
    assert_eq!(scene.world.read("n.txt"), "x\n2\n3\n4\ny\n");
}

#[test]
fn a_driver_that_is_killed_or_missing_loses_nothing() {
    for (driver, is_missing) in [("sh -c 'kill -9 $$' %O %A %B", false), ("no-such-program %O %A %B", true)] {
        let scene = neighbours(Dialect::Sops);
        scene.world.git(&["config", "merge.sops-rs.driver", driver]);
        let before = scene.text();
        scene.conflicts(&["merge", "topic"]);
        if is_missing {
            // Git takes it for a conflict, and ours stays in the file.
            assert_eq!(scene.unmerged(), "s.yaml");
            assert_eq!(scene.text(), before);
            scene.runs(&["git", "resolve", "--add", "s.yaml"]);
        } else {
            assert_eq!(scene.text(), before);
            scene.world.git(&["config", "--unset", "merge.sops-rs.driver"]);
            scene.git(&["merge", "--abort"]);
            scene.conflicts(&["merge", "topic"]);
            scene.runs(&["git", "resolve", "--add", "s.yaml"]);
        }
        assert_eq!(scene.plaintext(), with(TWO, "2", "2"));
    }
}
