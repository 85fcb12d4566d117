//! The documents agree with the program.

use super::harness::World;

#[test]
fn the_manual_page_is_fresh() {
    let output = World::new().run(&["man"]).output();
    let fresh = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(fresh == include_str!("../../man/sops-rs.1"), "renew it: cargo run -- man > man/sops-rs.1");
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
fn every_option_is_in_the_manual_page() {
    let page = include_str!("../../man/sops-rs.1").replace('\\', "");
    let world = World::new();
    for command in ["init", "encrypt", "decrypt", "edit", "exec-env", "exec-file", "filestatus", "keygen", "demo"] {
        let help = String::from_utf8(world.run(&[command, "--help"]).output().stdout).expect("UTF-8");
        let (_, section) = page.split_once(&format!(".SH \"sops-rs {command}\"")).expect("a section");
        let section = section.split(".SH ").next().expect("its text");
        let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        let options: Vec<_> = options.map(|word| word.trim_end_matches([',', '.', ';'])).collect();
        assert!(options.contains(&"--help"), "{command}");
        for option in options {
            assert!(section.contains(option), "`{option}` of `{command}` is not in man/sops-rs.1");
        }
    }
}
