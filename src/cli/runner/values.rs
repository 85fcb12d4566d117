//! The values that a program is given: of one or more files, all or a part of them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use sops_rs::Error;
use sops_rs::document::{BINARY, Format};
use sops_rs::file::{EnvironmentNames, Part, PathQuery, Secret, Tree};
use sops_rs::select::PathGlob;
use zeroize::Zeroizing;

use super::{AsFile, RunOptions};
use crate::cli::files::{InputOptions, Unlocker, is_stream};
use crate::cli::report::{Failure, list};
use crate::cli::{discover, exit_code};

/// How variables are named where nothing else is said, and what the names in `require` mean.
pub(crate) const DEFAULT_NAMES: EnvironmentNames<'_> =
    EnvironmentNames { separator: "_", prefix: "", upcase: true, dotted_keys: false };

/// Variables with their values, by name.
pub(crate) type Variables = BTreeMap<String, Zeroizing<String>>;

/// Where values come from, and which of them are wanted.
pub(crate) struct Sources<'a> {
    files: &'a [OsString],
    input: &'a InputOptions,
    unlocker: Unlocker,
    part: Part,
    as_file: Vec<(PathQuery, &'a str)>,
    require: &'a [String],
    partial: bool,
}

/// What was read of them.
pub(crate) struct Values {
    layers: Vec<Layer>,
    /// Values that are handed over as files, by the variable that names the file.
    pub(crate) files: Variables,
    /// Everything secret in all the files.
    pub(crate) secrets: Vec<Zeroizing<Vec<u8>>>,
}

struct Layer {
    shown: String,
    /// Its values; why it has none, when it is a binary file.
    tree: Result<Tree, Error>,
    format: &'static dyn Format,
    content: Zeroizing<Vec<u8>>,
    /// Whether all of it was opened.
    is_whole: bool,
}

impl Layer {
    fn tree(&mut self) -> Result<&mut Tree, Failure> {
        self.tree.as_mut().map_err(|error| Failure::of(&self.shown, error.clone()))
    }
}

impl<'a> Sources<'a> {
    /// Reads the options.
    pub(crate) fn new(
        files: &'a [OsString],
        input: &'a InputOptions,
        options: &'a RunOptions,
        unlocker: Unlocker,
    ) -> Result<Self, Failure> {
        let globs = |name: &str, texts: &[String]| {
            PathGlob::parse_all(texts.iter().map(String::as_str))
                .map_err(|error| Failure::new(exit_code::GENERIC, format!("`{name}`: {error}")))
        };
        let part = Part { only: globs("--only", &options.only)?, except: globs("--except", &options.except)? };
        let mut as_file: Vec<(PathQuery, &str)> = Vec::new();
        for AsFile { path, variable } in &options.as_file {
            let query = PathQuery::parse(path)
                .map_err(|error| Failure::new(exit_code::BAD_PATH, format!("`--as-file {path}`: {error}")))?;
            if as_file.iter().any(|(_, other)| other == variable) {
                let what = format!("`--as-file`: `{variable}` cannot name two files");
                return Err(Failure::new(exit_code::CONFLICT, what));
            }
            as_file.push((query, variable));
        }
        Ok(Self { files, input, unlocker, part, as_file, require: &options.require, partial: options.partial })
    }

    /// Whether every value is wanted, and where it stands.
    pub(crate) fn is_whole(&self) -> bool {
        self.part.is_all()
    }

    /// Reads the files.
    pub(crate) fn read(&self) -> Result<Values, Failure> {
        let mut values = Values { layers: Vec::new(), files: Variables::new(), secrets: Vec::new() };
        for file in self.files {
            let layer = self.read_layer(Path::new(file), &mut values.secrets)?;
            values.layers.push(layer);
        }
        for (query, variable) in &self.as_file {
            values.files.insert((*variable).to_owned(), file_value(&values.layers, query)?);
        }
        let mut matched = vec![false; self.part.globs().count()];
        for layer in &mut values.layers {
            if self.part.is_all() {
                continue;
            }
            let here = layer.tree()?.narrow(&self.part);
            matched.iter_mut().zip(here).for_each(|(matched, here)| *matched |= here);
        }
        match self.part.globs().zip(matched).find(|(_, matched)| !matched) {
            None => Ok(values),
            Some((glob, _)) => {
                let failure = Failure::new(exit_code::GENERIC, format!("the glob `{glob}` matches no value"));
                Err(failure
                    .hint("globs speak of the paths in the files, as `db.*` or `db.**`, not of environment names"))
            }
        }
    }

    fn read_layer(&self, path: &Path, secrets: &mut Vec<Zeroizing<Vec<u8>>>) -> Result<Layer, Failure> {
        let shown = path.display().to_string();
        let format = self.input.format(path)?;
        let decrypted = self.unlocker.decrypt(path, format)?;
        let is_whole = match decrypted.locked_section() {
            None => true,
            Some(_) if self.partial => false,
            Some(section) => {
                let error = Error::SectionLocked { section: section.to_owned() };
                let failure = self.unlocker.failure(&shown, error);
                return Err(failure.hint("or go on without its values: --partial"));
            }
        };
        let failed = |error| Failure::of(&shown, error);
        let found = decrypted.secrets().map_err(failed)?;
        secrets.extend(found.iter().flat_map(Secret::texts).map(|text| Zeroizing::new(text.as_bytes().to_vec())));
        let tree = match decrypted.tree_of_opened() {
            Err(error) if format.name() != BINARY.name() => return Err(failed(error)),
            tree => tree,
        };
        let name = self.input.name(path);
        let required = if is_stream(name) { Vec::new() } else { discover::required(name)? };
        let missing = missing(&tree, &required, format);
        if !missing.is_empty() {
            let failure = missing_values(&missing);
            return Err(failure.hint(format!("its rule says `require`; put them into `{shown}`")));
        }
        let content = decrypted.into_plaintext().map_err(failed)?;
        if format.name() == BINARY.name() {
            secrets.push(content.clone());
        }
        Ok(Layer { shown, tree, format, content, is_whole })
    }
}

impl Values {
    /// The environment variables, later files over earlier ones; without what is handed over as files.
    pub(crate) fn variables(
        &mut self,
        sources: &Sources<'_>,
        names: EnvironmentNames<'_>,
    ) -> Result<Variables, Failure> {
        let mut variables = Variables::new();
        for layer in &mut self.layers {
            let names = names.for_format(layer.format);
            let hint = "`sops-rs exec-file` hands its bytes over";
            let tree = layer.tree().map_err(|failure| failure.hint(hint))?;
            sources.as_file.iter().for_each(|(query, _)| tree.remove(query));
            let found = tree.environment(&names);
            variables.extend(found.map_err(|error| Failure::of(&layer.shown, error))?);
        }
        if let Some(name) = self.files.keys().find(|name| variables.contains_key(*name)) {
            let failure =
                Failure::new(exit_code::CONFLICT, format!("`--as-file`: there is another value named `{name}`"));
            return Err(failure.hint("give the file another name"));
        }
        let is_missing = |name: &&String| {
            let value = variables.get(*name).or_else(|| self.files.get(*name));
            value.is_none_or(|value| value.is_empty())
        };
        let missing: Vec<_> = sources.require.iter().filter(is_missing).map(String::as_str).collect();
        if missing.is_empty() { Ok(variables) } else { Err(missing_values(&missing)) }
    }

    /// One document of all files, later ones over earlier ones, in `output` or else the format of the first file. That of one
    /// whole file in its own format is its very text.
    pub(crate) fn document(
        self,
        sources: &Sources<'_>,
        output: Option<&'static dyn Format>,
    ) -> Result<Document, Failure> {
        let Self { layers, files, secrets } = self;
        let is_one = layers.len() == 1;
        let mut layers = layers.into_iter();
        let Layer { shown, mut tree, format, content, is_whole } =
            layers.next().expect("clap asks for one file at least");
        for upper in layers {
            let lower = tree.as_mut().map_err(|error| Failure::of(&shown, error.clone()))?;
            let merged = upper.tree.and_then(|tree| lower.overlay(tree));
            merged.map_err(|error| Failure::of(&upper.shown, error))?;
        }
        let missing = missing(&tree, sources.require, format);
        if !missing.is_empty() {
            return Err(missing_values(&missing));
        }
        let output = output.unwrap_or(format);
        // A binary file is one value, the root.
        let paths = tree.as_ref().map_or_else(|_| vec![".".to_owned()], Tree::paths);
        let content = if is_one && is_whole && sources.is_whole() && output.name() == format.name() {
            content
        } else {
            let mut text = tree.and_then(|tree| tree.print(output)).map_err(|error| Failure::of(&shown, error))?;
            Zeroizing::new(std::mem::take(&mut *text).into_bytes())
        };
        Ok(Document { content, format: output, paths, files, secrets })
    }
}

/// What `exec-file` hands over.
pub(crate) struct Document {
    /// The bytes.
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// Its format.
    pub(crate) format: &'static dyn Format,
    /// The paths of its values.
    pub(crate) paths: Vec<String>,
    /// As [`Values::files`].
    pub(crate) files: Variables,
    /// As [`Values::secrets`].
    pub(crate) secrets: Vec<Zeroizing<Vec<u8>>>,
}

/// The value at `query` of the last file that has it.
fn file_value(layers: &[Layer], query: &PathQuery) -> Result<Zeroizing<String>, Failure> {
    for layer in layers.iter().rev() {
        match layer.tree.as_ref().map(|tree| tree.text(query)) {
            Ok(Ok(text)) => return Ok(text),
            Ok(Err(Error::PathNotFound { .. })) => {}
            Ok(Err(error)) => return Err(Failure::of(&layer.shown, error)),
            Err(error) => return Err(Failure::of(&layer.shown, error.clone())),
        }
    }
    let failure = Failure::new(exit_code::GENERIC, format!("`--as-file`: no file has a value at `{query}`"));
    Err(failure.hint("paths are written as `tls.key` or `users[0].name`"))
}

/// Those of `required` that `tree`, read from a file of `format`, lacks: all of them when it is a binary file.
fn missing<'r>(tree: &Result<Tree, Error>, required: &'r [String], format: &dyn Format) -> Vec<&'r str> {
    match tree {
        Ok(tree) => tree.missing(required, &DEFAULT_NAMES.for_format(format)),
        Err(_) => required.iter().map(String::as_str).collect(),
    }
}

fn missing_values(names: &[&str]) -> Failure {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    Failure::new(exit_code::GENERIC, format!("required, but missing or empty: {}", list(&names)))
}
