use std::collections::BTreeMap;

use super::*;

const PAGE: &str = include_str!("../../../../docs/sops-compatibility.md");

/// The rows of the table below a heading: each a list of cells.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, behind) = PAGE.split_once(&format!("### {heading}\n")).expect("the heading");
    let lines = behind.lines().take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with('|'));
    lines.skip(2).map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Every command with its full name; that of the program is not part of it.
fn commands(command: &'static Command, name: &str, found: &mut Vec<(String, &'static Command)>) {
    found.push((name.to_owned(), command));
    for command in command.commands {
        let whole = if name == "sops" { command.name.to_owned() } else { format!("{name} {}", command.name) };
        commands(command, &whole, found);
    }
}

fn all() -> Vec<(String, &'static Command)> {
    let mut found = Vec::new();
    commands(&PROGRAM, "sops", &mut found);
    found
}

fn unquoted(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

#[test]
fn every_command_is_on_the_page_and_nothing_else() {
    let page: Vec<_> = rows("Commands").iter().map(|row| unquoted(row[0])).collect();
    let table: Vec<_> = all().into_iter().map(|(name, _)| name).collect();
    assert_eq!(page, table);
}

#[test]
fn every_option_is_on_the_page_and_nothing_else() {
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, command) in all() {
        for flag in command.flags {
            let alias = flag.alias.map(|alias| format!(", {}{alias}", if alias.len() == 1 { "-" } else { "--" }));
            table.entry(format!("--{}{}", flag.name, alias.unwrap_or_default())).or_default().push(name.clone());
        }
    }
    let page: BTreeMap<_, _> =
        rows("Options").iter().map(|row| (unquoted(row[0]), row[1].split(", ").map(str::to_owned).collect())).collect();
    assert_eq!(page, table);
    assert!(rows("Options").iter().all(|row| row.len() == 3 && !row[2].is_empty()));
}

#[test]
fn every_variable_is_on_the_page() {
    let page: String = rows("Environment variables").iter().map(|row| row[0]).collect();
    for (_, command) in all() {
        for variable in command.flags.iter().filter_map(|flag| flag.variable) {
            assert!(page.contains(&format!("`{variable}`")), "{variable}");
        }
    }
}

#[test]
fn names_of_options_are_not_ambiguous() {
    for (name, command) in all() {
        let mut names: Vec<_> = command.flags.iter().flat_map(|flag| [Some(flag.name), flag.alias]).flatten().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{name}");
    }
}
