//! Real repositories.
#![expect(clippy::disallowed_methods, reason = "tests write their inputs, in temporary folders")]

use std::cell::Cell;
use std::fs;

use tempfile::TempDir;

use super::*;
use crate::cli::git::changes::Change;

/// A repository in a temporary folder.
struct Scene {
    folder: TempDir,
    /// Each call of git is a minute after the one before it.
    minutes: Cell<u32>,
}

impl Scene {
    fn new(options: &[&str]) -> Self {
        let scene = Self { folder: tempfile::tempdir().expect("a folder"), minutes: Cell::new(0) };
        scene.git(&[&["init", "--quiet", "-b", "main"], options].concat());
        scene
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = command(self.folder.path(), false);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_ALLOW_PROTOCOL");
        self.minutes.set(self.minutes.get() + 1);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_DATE"), format!("{} +0000", 1_767_268_800 + 60 * self.minutes.get()));
            command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@example.com");
        }
        let output = command.args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        ObjectId::parse(self.git(&["rev-parse", "HEAD"]).as_bytes()).expect("a commit")
    }

    fn repository(&self) -> Repository {
        Repository::find(self.folder.path()).expect("git answers").expect("a repository")
    }

    /// The history of a file, newest first: the path then, the subject of the commit, and `<-` the subjects of what it came from.
    fn history(&self, file: &str) -> Vec<String> {
        let repository = self.repository();
        let head = repository.head().expect("a commit");
        let mut all = Vec::new();
        // Asked for alone, and among others that are not there.
        for others in [0, 20] {
            let others = (0..others).map(|number| PathBuf::from(format!("none/{number}")));
            let files: Vec<_> = [PathBuf::from(file)].into_iter().chain(others).collect();
            let history = repository.history(&[head], &files).expect("a history");
            let subject = |&version: &usize| history.commit_of(version).subject.clone();
            let shown = |&version: &usize| {
                let Version { path, blob, parents, discarded, .. } = &history.versions[version];
                let gone = if blob.is_none() { " (gone)" } else { "" };
                let mut text = format!("{} {}{gone}", path.display(), subject(&version));
                let parents: Vec<_> = parents.iter().map(subject).collect();
                let discarded: Vec<_> = discarded.iter().map(subject).collect();
                if !parents.is_empty() {
                    text.push_str(&format!(" <- {}", parents.join(", ")));
                }
                if !discarded.is_empty() {
                    text.push_str(&format!(" not {}", discarded.join(", ")));
                }
                text
            };
            let file = history.of(Path::new(file)).map(|file| file.versions.iter().map(shown).collect::<Vec<_>>());
            all.push(file.unwrap_or_default());
        }
        assert_eq!(all[0], all[1]);
        all.remove(0)
    }
}

fn lines(numbers: std::ops::Range<usize>, changed: &str) -> String {
    numbers.map(|number| format!("line {number}\n")).chain([changed.to_owned()]).collect()
}

#[test]
fn a_history_goes_through_renames_and_deletions() {
    let scene = Scene::new(&[]);
    scene.write("a", &lines(0..30, "1\n"));
    scene.write("b", "b\n");
    scene.commit("one");
    scene.commit("nothing");
    scene.write("a", &lines(0..30, "2\n"));
    scene.commit("two");
    scene.git(&["mv", "a", "c d\n"]);
    scene.write("c d\n", &lines(0..30, "3\n"));
    scene.commit("renamed");
    scene.git(&["rm", "--quiet", "c d\n"]);
    scene.commit("gone");
    scene.write("c d\n", &lines(0..30, "4\n"));
    scene.commit("back");
    let expected =
        ["c d\n back <- gone", "c d\n gone (gone) <- renamed", "c d\n renamed <- two", "a two <- one", "a one"];
    assert_eq!(scene.history("c d\n"), expected);
    assert_eq!(scene.history("b"), ["b one"]);
    assert_eq!(scene.history("a"), ["a renamed (gone) <- two", "a two <- one", "a one"]);
}

#[test]
fn merges_join_versions_or_take_one() {
    let scene = Scene::new(&[]);
    scene.write("a", &lines(0..30, "1\n"));
    scene.write("b", "1\n");
    scene.commit("base");
    scene.git(&["checkout", "--quiet", "-b", "side"]);
    scene.write("a", &format!("0\n{}", lines(0..30, "1\n")));
    scene.write("b", "2\n");
    scene.commit("side");
    scene.git(&["checkout", "--quiet", "main"]);
    scene.git(&["mv", "a", "c"]);
    scene.write("c", &lines(0..30, "2\n"));
    scene.commit("main");
    scene.git(&["merge", "--quiet", "-m", "merge", "side"]);
    scene.write("b", "3\n");
    scene.commit("after");
    assert_eq!(scene.history("c"), ["c merge <- main, side", "c main <- base", "a side <- base", "a base"]);
    assert_eq!(scene.history("b"), ["b after <- side not base", "b side <- base", "b base"]);

    scene.git(&["checkout", "--quiet", "-b", "lost", "HEAD~1"]);
    scene.write("b", "4\n");
    scene.commit("lost");
    scene.git(&["checkout", "--quiet", "main"]);
    scene.git(&["merge", "--quiet", "-s", "ours", "-m", "ours", "lost"]);
    let before = scene.history("b");
    assert_eq!(before, ["b after <- side not base", "b side <- base", "b base"]);
    scene.write("b", "4\n");
    scene.commit("again");
    let all = scene.history("b");
    assert_eq!(all[0], "b again <- after not lost");
    assert_eq!(all.len(), 5, "{all:?}");
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let scene = Scene::new(&[]);
    for number in ["1", "2", "3"] {
        scene.write("a", number);
        scene.commit(number);
    }
    let clone = Scene { folder: tempfile::tempdir().expect("a folder"), minutes: Cell::new(0) };
    let from = format!("file://{}", scene.folder.path().display());
    clone.git(&["clone", "--quiet", "--depth", "2", &from, "."]);
    let repository = clone.repository();
    let head = repository.head().expect("a commit");
    let history = repository.history(&[head], &["a".into()]).expect("a history");
    let ends: Vec<_> = history.versions.iter().map(|version| version.is_boundary).collect();
    assert!(!history.is_complete && repository.is_shallow());
    let origin = scene.repository();
    let recent = |most| origin.recent_history(&[head], &["a".into()], Some(most)).expect("a history");
    let told = |history: History| (history.versions.len(), history.is_complete);
    assert_eq!((told(recent(2)), told(recent(4))), ((2, false), (3, true)));
    assert_eq!(ends, [true, false]);
}

#[test]
fn objects_come_in_their_order_and_long_ones_do_not() {
    let scene = Scene::new(&[]);
    for number in 0..400 {
        scene.write(&format!("{number}"), &"x\n".repeat(number));
    }
    let commit = scene.commit("all");
    let repository = scene.repository();
    let entries = repository.tree(&commit).expect("a tree");
    let mut objects = Objects::start(&repository).expect("git");
    let missing = ObjectId::parse(&[b'1'; 40]).expect("a name");
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.id).chain([missing, commit]).collect();
    let found = objects.read_all(&ids, 700).expect("objects");
    for (entry, object) in entries.iter().zip(&found) {
        let number: usize = entry.path.to_str().and_then(|name| name.parse().ok()).expect("a number");
        match object {
            Object::Blob(bytes) => assert_eq!((bytes.len(), number <= 350), (2 * number, true)),
            Object::TooLong(len) => assert_eq!((*len, number > 350), (2 * number as u64, true)),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(&found[400..], [Object::Missing, Object::Other(commit)] if commit.starts_with(b"tree ")));
}

#[test]
fn changes_are_told_between_all_sides() {
    let scene = Scene::new(&[]);
    let repository = scene.repository();
    assert_eq!(repository.head(), None);
    scene.write("a", &lines(0..9, ""));
    scene.write("b", "b\n");
    scene.git(&["add", "."]);
    let empty = Side::Tree(repository.empty_tree());
    assert_eq!(repository.changes(empty, Side::Index).expect("changes").len(), 2);
    let first = scene.commit("one");
    scene.git(&["mv", "a", "sub"]);
    let second = scene.commit("two");
    let show = |changes: Result<Vec<Change>, Failure>| {
        let name = |entry: &Option<Entry>| entry.as_ref().map_or("-".into(), |entry| entry.path.display().to_string());
        let shown = |change: &Change| format!("{} {}", name(&change.old), name(&change.new));
        changes.expect("changes").iter().map(shown).collect::<Vec<_>>()
    };
    let (one, two) = (Side::Tree(first), Side::Tree(second));
    assert_eq!(show(repository.changes(one, two)), ["a sub"]);
    assert_eq!(show(repository.changes(two, one)), ["sub a"]);
    scene.write("b", "c\n");
    assert_eq!(show(repository.changes(Side::Index, Side::WorkTree)), ["b b"]);
    assert_eq!(show(repository.changes(one, Side::WorkTree)), ["b b", "a sub"]);
    assert_eq!(show(repository.changes(two, Side::Index)), [""; 0]);
    scene.git(&["add", "."]);
    assert_eq!(show(repository.changes(two, Side::Index)), ["b b"]);
    assert_eq!(show(repository.changes(Side::Index, one)), ["sub a", "b b"]);
    let index = repository.index().expect("an index");
    let index: Vec<_> = index.iter().map(|entry| (entry.path.to_str(), entry.mode, entry.stage)).collect();
    assert_eq!(index, [(Some("b"), 0o100_644, 0), (Some("sub"), 0o100_644, 0)]);
}

#[test]
fn revisions_are_names_and_never_options() {
    let scene = Scene::new(&[]);
    let first = scene.commit("one");
    scene.git(&["checkout", "--quiet", "-b", "side"]);
    let side = scene.commit("side");
    scene.git(&["checkout", "--quiet", "main"]);
    let main = scene.commit("main");
    let repository = scene.repository();
    let range = |text: &str| repository.range(text).map_err(|failure| failure.message().to_owned());
    assert_eq!(range("main"), Ok(Range::One(main)));
    assert_eq!(range("main..side"), Ok(Range::Two(main, side)));
    assert_eq!(range("side...HEAD"), Ok(Range::Two(first, main)));
    assert_eq!(range("side.."), Ok(Range::Two(side, main)));
    assert_eq!(range("--all"), Err("git knows no commit `--all`".into()));
    assert_eq!(range("HEAD\nmain"), Err("git knows no commit `HEAD\nmain`".into()));
    let empty = repository.empty_tree();
    assert_eq!(range(&empty.to_string()), Ok(Range::One(empty)));
    let other = Scene::new(&["--object-format=sha256"]);
    let empty = other.repository().empty_tree();
    assert_eq!(other.repository().range(&empty.to_string()).ok(), Some(Range::One(empty)));
}

#[test]
fn files_have_names_from_the_top() {
    let scene = Scene::new(&[]);
    scene.write("sub/a", "");
    let repository = scene.repository();
    let top = scene.folder.path();
    std::os::unix::fs::symlink(top.join("sub"), top.join("link")).expect("a link");
    assert_eq!(repository.name_of(&top.join("sub/../sub/a")), Some("sub/a".into()));
    assert_eq!(repository.name_of(&top.join("link/a")), Some("sub/a".into()));
    assert_eq!(repository.name_of(&top.join("gone/too/a")), Some("gone/too/a".into()));
    assert_eq!(repository.name_of(top), Some(PathBuf::new()));
    assert_eq!(repository.name_of(Path::new("/")), None);
    assert_eq!(repository.path_of(Path::new("sub/a")), top.canonicalize().expect("there").join("sub/a"));
    let bare = Scene::new(&["--bare"]);
    assert!(Repository::find(bare.folder.path()).is_err());
}
