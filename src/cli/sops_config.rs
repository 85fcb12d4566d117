//! Finding SOPS's config, `.sops.yaml`: as SOPS does, from the working folder upwards, or the nearest one above a file.

use std::path::{Path, PathBuf};

use sops_rs::config::MAX_CONFIG_LEN;
use sops_rs::config::sops::{self, CreationRule, SopsConfig};
use sops_rs::error::Error;

use super::report::{Failure, warn, word};
use super::{discover, environment, exit_code, io};

/// The variable that names the config.
const CONFIG_VARIABLE: &str = "SOPS_CONFIG";

/// What SOPS says when no rule is for a file: some programs look for it.
pub(crate) const NO_RULE: &str = "error loading config: no matching creation rules found";

/// A config of SOPS, and where it is.
pub(crate) struct FoundConfig {
    /// What it says.
    pub(crate) config: SopsConfig,
    /// From the root.
    path: PathBuf,
    /// Whether somebody named it, rather than that it was found.
    is_named: bool,
}

/// Finds the config as SOPS does: the one that `named` (the option) or the variable says, or the nearest in the working
/// folder or above. None is no error.
///
/// # Errors
/// With the code 1, as for every command of SOPS, when it is named and not there, or cannot be read.
pub(crate) fn find(named: Option<&Path>) -> Result<Option<FoundConfig>, Failure> {
    let variable = environment::sops_variable(CONFIG_VARIABLE).map(PathBuf::from);
    if let Some(path) = named.or(variable.as_deref()) {
        return read(&absolute(path)?, true).map(Some);
    }
    let found = sops::lookup(&absolute(Path::new("."))?, Path::exists);
    if let Some(ignored) = found.ignored {
        let shown = discover::shown(&ignored);
        warn(&format!("`{shown}` is ignored: the config file of SOPS is called `{}`", sops::CONFIG_NAME));
    }
    found.config.map(|path| read(&path, false)).transpose()
}

/// Finds the nearest config in the folder of `file` or above, for our own commands.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn nearest(file: &Path) -> Result<Option<FoundConfig>, Failure> {
    let file = absolute(file)?;
    let found = sops::lookup(file.parent().unwrap_or(Path::new("/")), Path::is_file);
    found.config.map(|path| read(&path, false)).transpose()
}

impl FoundConfig {
    /// A config at `path`, whose text was read by somebody else; it decides nothing about new readers.
    ///
    /// # Errors
    /// When it is wrong.
    pub(crate) fn of_text(path: &Path, text: &str) -> Result<Self, Failure> {
        let config = SopsConfig::parse(text).map_err(|error| of_config(&discover::shown(path), error))?;
        Ok(Self { config, path: path.to_owned(), is_named: true })
    }

    /// How messages name it.
    pub(crate) fn shown(&self) -> String {
        discover::shown(&self.path)
    }

    /// Where it is, from the root.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What SOPS passes over in silence, as sentences.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let shown = self.shown();
        self.config.warnings().iter().map(|warning| format!("`{shown}`: {warning}")).collect()
    }

    /// The rule for `file`, which need not exist; none when the config has no rules at all.
    ///
    /// # Errors
    /// When no rule matches or the one that does cannot be used, and when the config was found and belongs to somebody who
    /// should not decide about readers.
    pub(crate) fn rule_for(&self, file: &Path) -> Result<Option<&CreationRule>, Failure> {
        let shown = self.shown();
        let path = absolute(file)?;
        let folder = self.path.parent().unwrap_or(Path::new("/")).to_string_lossy();
        let rule = self.config.rule_for(sops::match_path(&folder, &path.to_string_lossy()));
        let rule = rule.map_err(|error| match error {
            Error::NoRule { tried, .. } => {
                let what = format!("{NO_RULE}: no rule in `{shown}` is for `{}`", file.display());
                let failure = Failure::new(exit_code::GENERIC, what);
                tried.into_iter().fold(failure, |failure, rule| failure.hint(format!("tried: {rule}")))
            }
            error => of_config(&shown, error),
        })?;
        if rule.is_some() && !self.is_named && !discover::is_trusted(&self.path, &path) {
            let what = "belongs to another user, who could make themselves a reader";
            let failure = Failure::about(exit_code::GENERIC, &shown, what);
            return Err(failure.hint(format!("if that is meant to be, say so with --config {}", word(&shown))));
        }
        Ok(rule)
    }
}

fn read(path: &Path, is_named: bool) -> Result<FoundConfig, Failure> {
    let shown = discover::shown(path);
    let text = io::read(path, MAX_CONFIG_LEN).map_err(|failure| failure.with_code(exit_code::GENERIC))?;
    let text = std::str::from_utf8(&text).map_err(|_| Failure::about(exit_code::GENERIC, &shown, "is not UTF-8"))?;
    let config = SopsConfig::parse(text).map_err(|error| of_config(&shown, error))?;
    Ok(FoundConfig { config, path: path.to_owned(), is_named })
}

fn of_config(shown: &str, error: Error) -> Failure {
    Failure::of(shown, error).with_code(exit_code::GENERIC)
}

/// `path` from the root, by the names that the user sees: rules are about those.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let here = environment::working_folder()
        .map_err(|error| Failure::about(exit_code::GENERIC, &path.display().to_string(), io::reason(&error)))?;
    Ok(discover::clean(&here.join(path)))
}

// The tests spell paths as on Unix.
#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    const AGE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";

    #[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
    fn put(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn rule(pattern: &str) -> String {
        format!("creation_rules:\n  - path_regex: '{pattern}'\n    age: {AGE}\n")
    }

    #[test]
    fn rules_see_the_path_from_the_config_s_folder_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join(".sops.yaml");
        put(&config, &rule("^prod/x\\.yaml$"));
        fs::create_dir(folder.path().join("prod")).expect("made");
        let found = nearest(&folder.path().join("prod/new.yaml")).expect("readable").expect("there");
        assert_eq!(found.path(), config);
        let ordinal = |file: &str| {
            let rule = found.rule_for(&folder.path().join(file)).map_err(|failure| failure.message().to_owned());
            rule.map(|rule| rule.map(|rule| rule.ordinal))
        };
        assert_eq!(ordinal("prod/x.yaml"), Ok(Some(1)));
        assert_eq!(ordinal("prod/../prod/./x.yaml"), Ok(Some(1)));
        let message = ordinal("dev/prod/x.yaml").expect_err("no rule");
        assert!(message.starts_with(NO_RULE), "{message}");
    }

    #[test]
    fn a_config_without_rules_says_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder.path().join(".sops.yaml"), "stores: {yaml: {indent: 2}}\n");
        put(&folder.path().join("sub/.sops.yml"), &rule(""));
        let file = folder.path().join("sub/x.yaml");
        let found = nearest(&file).expect("readable").expect("there");
        assert_eq!(found.rule_for(&file).expect("no rules are no error").map(|rule| rule.ordinal), None);
        assert_eq!(found.config.stores().yaml_indent, 2);
        let none = find(Some(Path::new("/dev/null"))).expect("readable").expect("named");
        assert!(none.rule_for(&file).expect("no rules").is_none());
    }

    #[test]
    fn a_wrong_config_is_the_code_1() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join(".sops.yaml");
        let code = |named: Option<&Path>| match named {
            Some(path) => find(Some(path)).map(|_| ()).map_err(|failure| failure.code),
            None => nearest(&config).map(|_| ()).map_err(|failure| failure.code),
        };
        assert_eq!(code(Some(&folder.path().join("missing"))), Err(exit_code::GENERIC));
        assert_eq!(code(Some(folder.path())), Err(exit_code::GENERIC));
        for text in ["creation_rules: [", "creation_rules: 1\n", &"#".repeat(MAX_CONFIG_LEN + 1)] {
            put(&config, text);
            assert_eq!(code(None), Err(exit_code::GENERIC));
        }
        put(&config, &format!("creation_rule:\n  - age: {AGE}\n"));
        let warnings = nearest(&config).expect("readable").expect("there").warnings();
        assert!(warnings[0].contains("`creation_rule`"), "{warnings:?}");
    }
}
