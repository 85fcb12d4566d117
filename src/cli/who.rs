//! `who`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sops_rs::Error;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any::{self, SectionReader, SectionReaders};
use sops_rs::file::{self, PathQuery, ValueState};

use super::files::{InputOptions, each};
use super::readers::{self, Own};
use super::report::Failure;
use super::terminal::escape;
use super::{exit_code, io};

/// Tell who can read files, or one value
///
/// `who FILE…` lists the readers of files, `who FILE PATH` those of one value. `who` lists everybody who reads a file of
/// the repository, with the files; a folder in place of a file stands for all files below it. `who --recipient NAME`
/// prints the files that one reader reads. No key is needed, and so nothing is verified: whoever can change a file can
/// change what is told here. Decrypting verifies it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files or folders; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the files that this reader reads: a name, or a recipient (`age1…`)
    #[arg(short, long, value_name = "READER")]
    recipient: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    input: InputOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let own = Own::find();
    let is_folder = |path: &PathBuf| path.is_dir();
    if let Some(reader) = &arguments.recipient {
        return readers::print_files_of(reader, &arguments.files, arguments.json);
    }
    if arguments.files.is_empty() || arguments.files.iter().any(is_folder) {
        return readers::print_all(&arguments.files, &own, arguments.json);
    }
    match &arguments.files[..] {
        [file, path] if !path.exists() && file.exists() => of_value(arguments, &own, file, &path.to_string_lossy()),
        files => {
            let found = each(files, |path| sections(arguments, path))?;
            if arguments.json {
                let files = found.iter().map(|(path, sections)| file_json(path, sections, &own)).collect();
                return io::print_json(&Value::Array(files));
            }
            let texts: String = found.iter().map(|(path, sections)| file_text(path, sections, &own)).collect();
            io::print(texts.as_bytes())
        }
    }
}

fn sections(arguments: &Arguments, path: &Path) -> Result<Vec<SectionReaders>, Failure> {
    let format = arguments.input.format(path)?;
    let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
    let metadata = any::status(&bytes, format).and_then(|metadata| metadata.ok_or(Error::NotEncrypted));
    metadata.map(|metadata| metadata.sections()).map_err(|error| Failure::of(&path.display().to_string(), error))
}

/// The readers of one value, or of all those in a map or list.
fn of_value(arguments: &Arguments, own: &Own, file: &Path, path: &str) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let sections = sections(arguments, file)?;
    let query =
        PathQuery::parse(path).map_err(|error| Failure::new(exit_code::BAD_PATH, format!("`{path}`: {error}")))?;
    let bytes = io::read(file, MAX_ENCRYPTED_LEN)?;
    let failed = |error| {
        let missing = matches!(error, Error::PathNotFound { .. });
        let failure = Failure::of(&shown, error);
        if missing { failure.hint(format!("there is no file `{path}` either")) } else { failure }
    };
    let outline = arguments.input.format(file).map(|format| any::outline(&bytes, format));
    let (_, outline) = outline?.map_err(failed)?;
    let values = outline.at(&query).map_err(failed)?;
    let section = |name: &str| sections.iter().find(|section| section.name == name);
    if arguments.json {
        let value = |value: &file::OutlineValue<'_>| {
            let sealed = value.state() == ValueState::Sealed;
            let section = section(value.section()).filter(|_| sealed);
            json!({
                "path": value.path(),
                "sealed": sealed,
                "section": section.map(|section| &section.name),
                "readers": section.map(|section| readers_json(section, own)),
            })
        };
        return io::print_json(&Value::Array(values.iter().map(value).collect()));
    }
    let mut text = String::new();
    for name in sections.iter().map(|section| section.name.as_str()) {
        let paths = values.iter().filter(|value| value.state() == ValueState::Sealed && value.section() == name);
        let paths: Vec<_> = paths.map(file::OutlineValue::path).collect();
        if let (false, Some(section)) = (paths.is_empty(), section(name)) {
            text.push_str(&format!("{}\n{}", escape(&paths.join(", ")), readers_text(section, own)));
        }
    }
    let clear = values.iter().filter(|value| value.state() != ValueState::Sealed);
    let clear: Vec<_> = clear.map(file::OutlineValue::path).collect();
    if !clear.is_empty() {
        text.push_str(&format!("{}\n  clear: everybody who has the file\n", escape(&clear.join(", "))));
    }
    io::print(text.as_bytes())
}

fn file_text(path: &Path, sections: &[SectionReaders], own: &Own) -> String {
    let mut text = format!("{}\n", escape(&path.display().to_string()));
    for (number, section) in sections.iter().enumerate() {
        if number > 0 {
            text.push_str(&format!("  section {}: {}\n", escape(&section.name), escape(&section.paths.join(", "))));
        }
        text.push_str(&readers_text(section, own));
    }
    text
}

fn readers_text(section: &SectionReaders, own: &Own) -> String {
    let mut text = String::new();
    let groups = section.readers.iter().filter_map(|reader| reader.group).max();
    if let (Some(threshold), Some(groups)) = (section.threshold, groups) {
        text.push_str(&format!("  key groups: {threshold} of {groups} needed\n"));
    }
    for readers in section.readers.chunk_by(|a, b| a.group == b.group) {
        if let Some(number) = readers[0].group {
            text.push_str(&format!("  key group {number}:\n"));
        }
        text.push_str(&readers::columns(readers.iter().map(|reader| {
            let mark = if own.has(&reader.recipient) { "  (you)" } else { "" };
            (reader.name.as_str(), format!("{}{mark}", reader.recipient))
        })));
    }
    text
}

fn file_json(path: &Path, sections: &[SectionReaders], own: &Own) -> Value {
    let section = |section: &SectionReaders| {
        json!({
            "name": section.name,
            "paths": section.paths,
            "threshold": section.threshold,
            "readers": readers_json(section, own),
        })
    };
    let sections: Vec<_> = sections.iter().map(section).collect();
    json!({ "file": path.display().to_string(), "sections": sections })
}

fn readers_json(section: &SectionReaders, own: &Own) -> Value {
    let reader = |reader: &SectionReader| {
        let SectionReader { name, group, recipient } = reader;
        json!({ "name": name, "group": group, "recipient": recipient, "own": own.has(recipient) })
    };
    Value::Array(section.readers.iter().map(reader).collect())
}
