//! `man`: the manual page, from the definition of the command line.

use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::report::Failure;
use super::{exit_code, io};

/// Print the manual page
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// What the exit codes mean, for the page.
const EXIT_CODES: &[(u8, &str)] = &[
    (0, "success"),
    (exit_code::GENERIC, "usage, config or metadata are wrong, or a path does not exist in the file"),
    (exit_code::INPUT, "the input cannot be read or is not well-formed"),
    (exit_code::OUTPUT, "the output cannot be written"),
    (exit_code::UNREPRESENTABLE, "the output format, or the environment, cannot hold a value"),
    (exit_code::CONFLICT, "options exclude each other"),
    (exit_code::ENCRYPT, "the file cannot be encrypted: nothing selected, or a recipient fails"),
    (exit_code::TOKEN, "a token is malformed, missing, copied, or does not open"),
    (exit_code::MAC, "a link or a MAC does not match: the file was changed without its data key"),
    (exit_code::NO_CONFIG, "there is no config file and no recipient was named"),
    (exit_code::BAD_PATH, "the path given to --extract cannot be read"),
    (exit_code::EMPTY, "the file to encrypt is empty"),
    (exit_code::NO_FILE, "the file does not exist"),
    (exit_code::CANNOT_RUN, "the program of exec-env or exec-file cannot be run"),
    (exit_code::NOT_FOUND, "the program of exec-env or exec-file was not found"),
    (exit_code::NO_KEY, "no identity opens the file"),
    (exit_code::UNCHANGED, "edit: nothing was changed"),
    (exit_code::EDITOR, "edit: the editor, or the program of --with, is missing or failed"),
    (exit_code::ALREADY_ENCRYPTED, "the file is encrypted already"),
];

pub(crate) fn run(_: &Arguments) -> Result<(), Failure> {
    io::print(&page())
}

/// Variables that the program reads, for the page.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("SOPS_AGE_KEY", "age identities"),
    ("SOPS_AGE_KEY_FILE", "a file with age identities"),
    ("SOPS_AGE_KEY_CMD", "a command that prints age identities; it is run only when nothing else fits"),
    ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "an ssh private key"),
    ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "a command that prints an ssh private key; it is run only when nothing else fits"),
    ("SOPS_EDITOR, VISUAL, EDITOR", "the editor for edit, with arguments; the first one that is set"),
    ("XDG_RUNTIME_DIR, TMPDIR", "where edit may put plaintext; memory comes first"),
    ("NO_COLOR", "when set, messages have no colors"),
];

/// Files that the program reads, for the page.
const FILES: &[(&str, &str)] = &[
    (".sops-rs.yaml", "rules: which files are encrypted, and to whom; the nearest one above a file counts"),
    ("$XDG_CONFIG_HOME/sops-rs/keys.txt", "the identities of this program; init and keygen write it"),
    ("$XDG_CONFIG_HOME/sops/age/keys.txt", "the identities of SOPS"),
    ("~/.ssh/id_ed25519, ~/.ssh/id_rsa", "ssh keys, tried when nothing else fits"),
];

fn page() -> Vec<u8> {
    let mut page = Vec::new();
    let definition = super::definition();
    let man = Man::new(definition.clone()).date("").manual("sops-rs");
    let render = |page: &mut Vec<u8>| -> std::io::Result<()> {
        man.render_title(page)?;
        man.render_name_section(page)?;
        man.render_description_section(page)?;
        for command in definition.get_subcommands().filter(|command| !command.is_hide_set()) {
            render_command(command, page)?;
        }
        let codes: Vec<_> = EXIT_CODES.iter().map(|(code, meaning)| (code.to_string(), *meaning)).collect();
        render_list("ENVIRONMENT", ENVIRONMENT.iter().copied(), page)?;
        render_list("FILES", FILES.iter().copied(), page)?;
        render_list("EXIT CODES", codes.iter().map(|(code, meaning)| (code.as_str(), *meaning)), page)?;
        let mut roff = Roff::new();
        roff.control("SH", ["SEE ALSO"]);
        roff.text([bold("sops-rs-format"), roman("(5), "), bold("age"), roman("(1), "), bold("git"), roman("(1)")]);
        roff.to_writer(page)
    };
    render(&mut page).expect("writing to memory does not fail");
    without_preambles(&String::from_utf8_lossy(&page)).into_bytes()
}

fn render_list<'a>(
    title: &str,
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    page: &mut Vec<u8>,
) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (term, meaning) in entries {
        roff.control("TP", ["6"]);
        roff.text([bold(term)]);
        roff.text([roman(meaning)]);
    }
    roff.to_writer(page)
}

fn render_command(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [format!("sops-rs {}", command.get_name()).as_str()]);
    let mut command = command.clone().bin_name(format!("sops-rs {}", command.get_name()));
    let usage = command.render_usage().to_string();
    for (number, line) in usage.lines().enumerate() {
        if number > 0 {
            roff.control("br", []);
        }
        roff.text([bold(line.trim_start_matches("Usage:").trim())]);
    }
    roff.control("PP", []);
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    for (number, paragraph) in about.split("\n\n").enumerate() {
        if number > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(paragraph)]);
    }
    roff.to_writer(page)?;
    let mut options = Vec::new();
    Man::new(command).render_options_section(&mut options)?;
    // Inside of a command's section its options need no heading.
    page.extend_from_slice(String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", "").as_bytes());
    Ok(())
}

/// Each part that is rendered begins with the same two definitions; once is enough.
fn without_preambles(page: &str) -> String {
    const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    format!("{PREAMBLE}{}", page.replace(PREAMBLE, ""))
}
