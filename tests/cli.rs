//! The program as its users meet it: whole outputs, exit codes and files, from an empty environment.
#![cfg(unix)]

#[path = "cli/harness.rs"]
mod harness;

#[path = "cli/as_sops.rs"]
mod as_sops;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/check_history.rs"]
mod check_history;
#[path = "cli/check_leaks.rs"]
mod check_leaks;
#[path = "cli/completion.rs"]
mod completion;
#[path = "cli/convert.rs"]
mod convert;
#[path = "cli/decrypt.rs"]
mod decrypt;
#[path = "cli/delivery.rs"]
mod delivery;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/docs.rs"]
mod docs;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/edit.rs"]
mod edit;
#[path = "cli/edit_ends.rs"]
mod edit_ends;
#[path = "cli/encrypt.rs"]
mod encrypt;
#[path = "cli/encrypt_over.rs"]
mod encrypt_over;
#[path = "cli/exec_env.rs"]
mod exec_env;
#[path = "cli/exec_file.rs"]
mod exec_file;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/failures.rs"]
mod failures;
#[path = "cli/filestatus.rs"]
mod filestatus;
#[path = "cli/formats.rs"]
mod formats;
#[path = "cli/get.rs"]
mod get;
#[path = "cli/git_hook.rs"]
mod git_hook;
#[path = "cli/git_install.rs"]
mod git_install;
#[path = "cli/git_merge.rs"]
mod git_merge;
#[path = "cli/git_resolve.rs"]
mod git_resolve;
#[path = "cli/git_textconv.rs"]
mod git_textconv;
#[path = "cli/identities.rs"]
mod identities;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/key_groups.rs"]
mod key_groups;
#[path = "cli/keygen.rs"]
mod keygen;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/killed.rs"]
mod killed;
#[path = "cli/layers.rs"]
mod layers;
#[path = "cli/leaks.rs"]
mod leaks;
#[path = "cli/log.rs"]
mod log;
#[path = "cli/redact_terminal.rs"]
mod redact_terminal;
#[path = "cli/rotate.rs"]
mod rotate;
#[path = "cli/rules.rs"]
mod rules;
#[path = "cli/runner.rs"]
mod runner;
#[path = "cli/scene.rs"]
mod scene;
#[path = "cli/set.rs"]
mod set;
#[path = "cli/sops_files.rs"]
mod sops_files;
#[path = "cli/sops_keys.rs"]
mod sops_keys;
#[path = "cli/sops_rules.rs"]
mod sops_rules;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/update_keys.rs"]
mod update_keys;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/who.rs"]
mod who;

#[test]
fn no_file_is_forgotten() {
    let text = include_str!("cli.rs");
    for entry in std::fs::read_dir("tests/cli").expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(text.contains(&format!("\"cli/{name}\"")), "`{name}` is not a module of tests/cli.rs");
    }
}
