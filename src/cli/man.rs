//! `man`: the manual pages, from the definition of the command line.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::io::{self, Privacy};
use super::report::Failure;
use super::{completion, exit_code};

/// Print the manual page of the program
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write the pages of all commands into this folder, and the completions of all shells into `completions` in it
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<PathBuf>,
}

/// What the exit codes mean, for the page.
const EXIT_CODES: &[(u8, &str)] = &[
    (0, "success"),
    (exit_code::GENERIC, "usage, config or metadata are wrong, or a path does not exist in the file"),
    (exit_code::INPUT, "the input cannot be read or is not well-formed"),
    (exit_code::OUTPUT, "the output cannot be written"),
    (exit_code::UNREPRESENTABLE, "the output format, or the environment, cannot hold a value"),
    (exit_code::BAD_CONTEXT, "the encryption context for AWS KMS cannot be read"),
    (exit_code::BAD_VALUE, "a path or a value given to set or unset cannot be read"),
    (exit_code::CONFLICT, "options exclude each other"),
    (exit_code::FINDINGS, "check: something was found"),
    (exit_code::UNKNOWN, "check: nothing was found, but the history is not here, so nothing can be said about it"),
    (exit_code::ENCRYPT, "the file cannot be encrypted: nothing selected, or a recipient fails"),
    (exit_code::TOKEN, "a token is malformed, missing, copied, or does not open"),
    (exit_code::NO_FILE_FOR_KEYS, "keys are to be added to a file that does not exist, or removed from it"),
    (exit_code::MAC, "a link or a MAC does not match: the file was changed without its data key"),
    (exit_code::NO_CONFIG, "there is no config file and no recipient was named"),
    (exit_code::BAD_PATH, "the path given to --extract or get cannot be read"),
    (exit_code::EMPTY, "the file to encrypt is empty"),
    (exit_code::NO_FILE, "the file does not exist"),
    (exit_code::BAD_ORDER, "the decryption order names one kind of keys twice"),
    (exit_code::CANNOT_RUN, "the program of exec-env or exec-file cannot be run"),
    (exit_code::NOT_FOUND, "the program of exec-env or exec-file was not found"),
    (exit_code::NO_KEY, "no identity opens the file"),
    (exit_code::UNCHANGED, "edit, git resolve: nothing was changed"),
    (exit_code::EDITOR, "edit: the editor, or the program of --with, is missing or failed"),
    (exit_code::ALREADY_ENCRYPTED, "the file is encrypted already"),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(folder) = &arguments.output_dir else { return io::print(&overview()) };
    let scripts =
        completion::scripts().map(|(name, script)| (folder.join("completions").join(name), script.into_bytes()));
    let pages = pages().into_iter().map(|(name, page)| (folder.join(name), page));
    let files: Vec<_> = pages.chain(scripts).collect();
    io::make_folder(&folder.join("completions"))?;
    io::replace_all(files.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice())), Privacy::Public)
}

/// Variables that the program reads, for the page.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("SOPS_AGE_KEY", "age identities"),
    ("SOPS_AGE_KEY_FILE", "a file with age identities"),
    ("SOPS_AGE_KEY_CMD", "a command that prints age identities; it is run only when nothing else fits"),
    ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "an ssh private key"),
    ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "a command that prints an ssh private key; it is run only when nothing else fits"),
    ("SOPS_CONFIG", "the config of SOPS for files with neither config above them"),
    ("SOPS_GPG_EXEC", "the program for PGP keys of SOPS's files, instead of gpg"),
    ("SOPS_DECRYPTION_ORDER", "which keys of SOPS's files are tried first: age, pgp; with commas between them"),
    ("SOPS_EDITOR, VISUAL, EDITOR", "the editor for edit, with arguments; the first one that is set"),
    ("SOPS_RS_SHOW", "when set, and not 0, the diffs of git show secrets, for which you have a key"),
    ("XDG_RUNTIME_DIR, TMPDIR", "where edit may put plaintext; memory comes first"),
    ("NO_COLOR", "when set, messages have no colors"),
];

/// Files that the program reads, for the page.
const FILES: &[(&str, &str)] = &[
    (".sops-rs.yaml", "rules: which files are encrypted, and to whom; the nearest one above a file counts"),
    (".sops.yaml", "rules of SOPS, where no .sops-rs.yaml is nearer"),
    ("$XDG_CONFIG_HOME/sops-rs/keys.txt", "the identities of this program; init and keygen write it"),
    ("$XDG_CONFIG_HOME/sops/age/keys.txt", "the identities of SOPS"),
    ("~/.ssh/id_ed25519, ~/.ssh/id_rsa", "ssh keys, tried when nothing else fits"),
];

/// Every page and its file name: that of the program, then one for each command.
fn pages() -> Vec<(String, Vec<u8>)> {
    let definition = super::definition();
    let mut pages = vec![("sops-rs.1".to_owned(), overview())];
    add_pages(&definition, &mut pages);
    pages
}

fn add_pages(parent: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    for command in visible(parent) {
        let words = format!("{} {}", parent.get_bin_name().unwrap_or("sops-rs"), command.get_name());
        let command = command.clone().bin_name(words);
        pages.push((format!("{}.1", page_name(&command)), page(&command)));
        add_pages(&command, pages);
    }
}

fn visible(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// `sops-rs encrypt` has the page `sops-rs-encrypt`.
fn page_name(command: &clap::Command) -> String {
    command.get_bin_name().unwrap_or("sops-rs").replace(' ', "-")
}

/// The page of the program: its commands, and what all of them share.
fn overview() -> Vec<u8> {
    let mut page = Vec::new();
    let definition = super::definition();
    let man = Man::new(definition.clone()).date("").manual("sops-rs");
    let commands: Vec<_> = visible(&definition).map(|command| (command.get_name(), summary(command))).collect();
    let codes: Vec<_> = EXIT_CODES.iter().map(|(code, meaning)| (code.to_string(), *meaning)).collect();
    let render = |page: &mut Vec<u8>| -> std::io::Result<()> {
        man.render_title(page)?;
        man.render_name_section(page)?;
        man.render_description_section(page)?;
        render_list("COMMANDS", commands.iter().map(|(name, about)| (*name, about.as_str())), page)?;
        paragraph("Each has a page of its own, as sops-rs-encrypt(1).", page)?;
        render_list("ENVIRONMENT", ENVIRONMENT.iter().copied(), page)?;
        render_list("FILES", FILES.iter().copied(), page)?;
        render_list("EXIT CODES", codes.iter().map(|(code, meaning)| (code.as_str(), *meaning)), page)?;
        see_also(&[("sops-rs-format", 5), ("age", 1), ("git", 1)], page)
    };
    render(&mut page).expect("writing to memory does not fail");
    without_preambles(&String::from_utf8_lossy(&page)).into_bytes()
}

fn summary(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn paragraph(text: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("PP", []);
    roff.text([roman(text)]);
    roff.to_writer(page)
}

fn see_also(pages: &[(&str, u8)], page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut text = Vec::new();
    for (number, (name, section)) in pages.iter().enumerate() {
        let end = if number + 1 < pages.len() { ", " } else { "" };
        text.extend([bold(*name), roman(format!("({section}){end}"))]);
    }
    roff.text(text);
    roff.to_writer(page)
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

/// The page of one command.
fn page(command: &clap::Command) -> Vec<u8> {
    let mut page = Vec::new();
    let name = page_name(command);
    let man = Man::new(command.clone().display_name(name.clone())).title(name);
    let man = man.date("").source(concat!("sops-rs ", env!("CARGO_PKG_VERSION"))).manual("sops-rs");
    let render = |page: &mut Vec<u8>| -> std::io::Result<()> {
        man.render_title(page)?;
        man.render_name_section(page)?;
        render_usage(command, page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        if visible(command).next().is_some() {
            man.render_subcommands_section(page)?;
        }
        see_also(&[("sops-rs", 1)], page)
    };
    render(&mut page).expect("writing to memory does not fail");
    without_preambles(&String::from_utf8_lossy(&page)).into_bytes()
}

/// The usage as `--help` has it; clap_mangen's own does not know of usages that are spelled out.
fn render_usage(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let usage = command.clone().render_usage().to_string();
    for (number, line) in usage.lines().enumerate() {
        if number > 0 {
            roff.control("br", []);
        }
        roff.text([bold(line.trim_start_matches("Usage:").trim())]);
    }
    roff.to_writer(page)
}

/// Each part that is rendered begins with the same two definitions; once is enough.
fn without_preambles(page: &str) -> String {
    const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    format!("{PREAMBLE}{}", page.replace(PREAMBLE, ""))
}
