//! The documents agree with the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::harness::World;

/// Every file below `folder`, with its text.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read_to_string(&path).expect("UTF-8"));
        }
    }
    found
}

#[test]
fn the_manual_pages_and_the_completions_are_fresh() {
    let world = World::new();
    world.run(&["man", "--output-dir", "man"]).gives("", "");
    let relative = |folder: &Path| -> BTreeMap<PathBuf, String> {
        let name = |path: &Path| path.strip_prefix(folder).expect("below").to_owned();
        files(folder).into_iter().map(|(path, text)| (name(&path), text)).collect()
    };
    let (fresh, mut kept) = (relative(&world.path("man")), relative(Path::new("man")));
    assert!(kept.remove(Path::new("sops-rs-format.5")).is_some());
    let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&fresh), "renew them: cargo run -- man --output-dir man");
    for (name, text) in &fresh {
        assert!(kept[name] == *text, "renew `{}`: cargo run -- man --output-dir man", name.display());
    }
    world.run(&["man"]).gives(&world.normalised(&fresh[Path::new("sops-rs.1")]), "");
}

#[test]
fn every_exit_code_is_documented() {
    let page = include_str!("../../man/sops-rs.1");
    let (_, codes) = page.split_once("EXIT CODES").expect("the section");
    let constants: Vec<u8> = include_str!("../../src/cli/exit_code.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub(crate) const ")?.split_once("u8 = "))
        .map(|(_, value)| value.trim_end_matches(';').parse().expect("a number"))
        .collect();
    assert!(constants.len() > 10, "{constants:?}");
    for code in constants {
        assert!(codes.contains(&format!("\\fB{code}\\fR\n")), "{code} is not in man/sops-rs.1");
    }
}

#[test]
fn every_option_is_in_the_manual_page_of_its_command() {
    let world = World::new();
    let mut commands = 0;
    for (name, page) in files(Path::new("man")) {
        let name = name.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let Some(command) = name.strip_prefix("sops-rs-").and_then(|name| name.strip_suffix(".1")) else { continue };
        let page = page.replace('\\', "");
        // The commands of a group.
        let (group, rest) =
            command.split_once('-').filter(|(group, _)| ["git", "hook"].contains(group)).unwrap_or(("", command));
        let words: Vec<_> = [group, rest, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let help = String::from_utf8(world.run(&words).output().stdout).expect("UTF-8");
        let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        let options: Vec<_> = options.map(|word| word.trim_end_matches([',', '.', ';'])).collect();
        assert!(options.contains(&"--help"), "{command}");
        for option in options {
            assert!(page.contains(option), "`{option}` of `{command}` is not in man/{name}");
        }
        commands += 1;
    }
    assert!(commands > 7, "only {commands} pages");
}
