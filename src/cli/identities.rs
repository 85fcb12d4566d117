//! Where identities come from: flags, environment variables, the home folder. The one reader of key material.
#![expect(clippy::disallowed_methods, reason = "this file alone reads key material from the environment")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use sops_rs::Error;
use sops_rs::keys::{IDENTITY_FILE_LIMIT, Identities};
use zeroize::Zeroizing;

use crate::cli::io::reason;
use crate::cli::terminal::escape;

mod command;

use command::Outputs;

const KEY: &str = "SOPS_AGE_KEY";
const KEY_FILE: &str = "SOPS_AGE_KEY_FILE";
const KEY_CMD: &str = "SOPS_AGE_KEY_CMD";
const SSH_FILE: &str = "SOPS_AGE_SSH_PRIVATE_KEY_FILE";
const SSH_CMD: &str = "SOPS_AGE_SSH_PRIVATE_KEY_CMD";

/// Every environment variable that holds key material or says where it is: the program of `exec-env` sees none of them.
/// (Plugins and the commands that print keys do: they handle keys anyway.)
pub(crate) const KEY_VARIABLES: &[&str] = &[KEY, KEY_FILE, KEY_CMD, SSH_FILE, SSH_CMD];

/// What of the machine decides where identities are looked for.
#[derive(Default)]
pub(crate) struct Machine {
    /// Those of [`KEY_VARIABLES`] that are set.
    variables: HashMap<&'static str, OsString>,
    home: Option<PathBuf>,
    /// The user's config folder, where our own identity file is.
    config: Option<PathBuf>,
    /// The config folder as SOPS has it, which differs on macOS.
    sops_config: Option<PathBuf>,
}

impl Machine {
    /// The machine that the program runs on.
    pub(crate) fn this() -> Self {
        let variables = KEY_VARIABLES.iter().filter_map(|&name| Some((name, std::env::var_os(name)?))).collect();
        let config = dirs::config_dir();
        let xdg = std::env::var_os("XDG_CONFIG_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
        let sops_config = if cfg!(target_os = "macos") { xdg.or_else(|| config.clone()) } else { config.clone() };
        Self { variables, home: dirs::home_dir(), config, sops_config }
    }

    /// Our own identity file, which `keygen` and `init` write.
    pub(crate) fn identity_path(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|config| config.join("sops-rs").join("keys.txt"))
    }

    /// The files that exist where identities are looked for, those of `named` (`--identity`) first.
    pub(crate) fn files(&self, named: &[PathBuf]) -> Vec<PathBuf> {
        let variables = [SSH_FILE, KEY_FILE].iter().filter_map(|name| self.variables.get(name).map(PathBuf::from));
        let ssh = self.home.iter().flat_map(|home| ["id_ed25519", "id_rsa"].map(|name| home.join(".ssh").join(name)));
        let default = [self.sops_identity_path(), self.identity_path()].into_iter().flatten();
        let all = named.iter().cloned().chain(variables).chain(ssh).chain(default);
        all.filter(|path| path.is_file()).collect()
    }

    /// The variable that holds a key itself, if it is set.
    pub(crate) fn exported_key(&self) -> Option<&'static str> {
        self.variables.get(KEY).filter(|value| !value.is_empty()).map(|_| KEY)
    }

    /// The identity file of SOPS.
    fn sops_identity_path(&self) -> Option<PathBuf> {
        self.sops_config.as_ref().map(|config| config.join("sops").join("age").join("keys.txt"))
    }

    /// A path for a message: in backticks, escaped, `~` for the home folder. Where somebody gave a key instead of the path
    /// of its file, the message must not show it.
    fn display(&self, path: &Path) -> String {
        if is_key(&path.to_string_lossy()) {
            return "(a key, where the path of a file is expected)".to_owned();
        }
        let short = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok());
        let text = short.map_or_else(|| path.display().to_string(), |rest| format!("~/{}", rest.display()));
        format!("`{}`", escape(&text))
    }
}

/// Whether `text` is key material rather than a path.
fn is_key(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    ["AGE-SECRET-KEY-", "AGE-PLUGIN-", "PRIVATE KEY-----"].iter().any(|mark| text.contains(mark))
}

/// The identities at hand, and how they were found.
#[derive(Debug)]
pub(crate) struct FoundIdentities {
    /// All of them, in order.
    pub(crate) identities: Identities,
    /// Every place that was looked at, for the message that no key fits.
    pub(crate) tried: Vec<String>,
    /// Default places that cannot be used.
    pub(crate) warnings: Vec<String>,
    /// Sources that were passed over; [`find`] has none of them. To be told when no key fits.
    pub(crate) passed_over: Vec<String>,
}

const NOT_SET: &str = " (not set)";
const NOT_THERE: &str = " (not there)";

impl FoundIdentities {
    /// The places that were tried: those with something in them, and those without.
    pub(crate) fn places(&self) -> (Vec<&str>, Vec<&str>) {
        let absent = |place: &str| place.strip_suffix(NOT_SET).or_else(|| place.strip_suffix(NOT_THERE)).map(str::len);
        let (empty, full): (Vec<_>, Vec<_>) =
            self.tried.iter().map(String::as_str).partition(|place| absent(place).is_some());
        (full, empty.into_iter().map(|place| &place[..absent(place).unwrap_or(place.len())]).collect())
    }
}

/// Collects the identities: those of `files` (`--identity`), then all places of SOPS in its order, then our own file.
///
/// The commands are run, and the ssh keys of the home folder parsed, only if nothing else fits.
///
/// # Errors
/// [`Error::InvalidKey`] naming the place, when one that was asked for by flag or variable is
/// missing or wrong. Default places only give warnings.
pub(crate) fn find(files: &[PathBuf], machine: &Machine) -> Result<FoundIdentities, Error> {
    let mut finder = Finder::new(machine, false);
    for file in files {
        finder.identity_file(file, &machine.display(file))?;
    }
    finder.places().into_iter().next().map_or(Ok(finder.found), Err)
}

/// The same as SOPS does it: what is missing or wrong is passed over, and only told when no key fits.
pub(crate) fn find_as_sops(machine: &Machine) -> FoundIdentities {
    let mut finder = Finder::new(machine, true);
    let errors = finder.places();
    let mut found = finder.found;
    found.passed_over.extend(errors.iter().map(Error::to_string));
    found.passed_over.append(&mut found.warnings);
    found
}

struct Finder<'a> {
    machine: &'a Machine,
    /// Whether nothing is told but what keeps a file from being opened.
    is_silent: bool,
    found: FoundIdentities,
}

impl<'a> Finder<'a> {
    fn new(machine: &'a Machine, is_silent: bool) -> Self {
        let found = FoundIdentities {
            identities: Identities::new(),
            tried: Vec::new(),
            warnings: Vec::new(),
            passed_over: Vec::new(),
        };
        Self { machine, is_silent, found }
    }

    /// Looks at all places of SOPS and our own. One that is wrong does not keep it from the others.
    fn places(&mut self) -> Vec<Error> {
        let found = [
            self.ssh_file(),
            self.ssh_command(),
            self.default_ssh_keys(),
            self.key(),
            self.key_file(),
            self.key_command(),
            self.default_files(),
        ];
        found.into_iter().filter_map(Result::err).collect()
    }

    fn ssh_file(&mut self) -> Result<(), Error> {
        let Some((path, source)) = self.path_variable(SSH_FILE) else { return Ok(()) };
        let text = read(&path).map_err(|error| invalid(&source, &cannot_read(&error)))?;
        self.found.identities.add_ssh_private_key(&utf8(&text, &source)?, &source)
    }

    fn ssh_command(&mut self) -> Result<(), Error> {
        self.command(SSH_CMD, |identities, output, source| {
            identities.add_ssh_private_key(&utf8(output, source)?, source)
        })
    }

    fn default_ssh_keys(&mut self) -> Result<(), Error> {
        ["id_ed25519", "id_rsa"].into_iter().for_each(|name| self.default_ssh_key(name));
        Ok(())
    }

    fn key(&mut self) -> Result<(), Error> {
        let Some(text) = self.text_variable(KEY)? else { return Ok(()) };
        self.found.identities.add_identity_file(text.as_bytes(), &format!("`{KEY}`"))
    }

    fn key_file(&mut self) -> Result<(), Error> {
        let Some((path, source)) = self.path_variable(KEY_FILE) else { return Ok(()) };
        self.add(&path, &source)
    }

    fn key_command(&mut self) -> Result<(), Error> {
        self.command(KEY_CMD, Identities::add_identity_file)
    }

    fn default_files(&mut self) -> Result<(), Error> {
        let paths = [self.machine.sops_identity_path(), self.machine.identity_path()];
        paths.into_iter().flatten().for_each(|path| self.default_file(&path));
        Ok(())
    }

    /// A command that prints keys, to be run only if nothing else fits.
    fn command(
        &mut self,
        name: &'static str,
        add: impl Fn(&mut Identities, &[u8], &str) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let Some(command) = self.text_variable(name)? else { return Ok(()) };
        let source = format!("`{name}`");
        let outputs = Outputs::default();
        self.found.identities.add_command(&source.clone(), move |recipient| {
            let mut identities = Identities::new();
            if let Some(output) = outputs.next(&command, recipient, &source)? {
                add(&mut identities, &output, &source)?;
            }
            Ok(identities)
        });
        Ok(())
    }

    fn identity_file(&mut self, path: &Path, source: &str) -> Result<(), Error> {
        self.found.tried.push(source.to_owned());
        self.add(path, source)
    }

    fn add(&mut self, path: &Path, source: &str) -> Result<(), Error> {
        let text = read(path).map_err(|error| invalid(source, &cannot_read(&error)))?;
        self.found.identities.add_identity_file(&text, source)
    }

    fn default_file(&mut self, path: &Path) {
        let source = self.machine.display(path);
        match read(path) {
            Ok(text) => {
                if let Err(error) = self.found.identities.add_identity_file(&text, &source) {
                    self.found.warnings.push(error.to_string());
                }
            }
            Err(error) => return self.skip(source, &error),
        }
        self.found.tried.push(source);
    }

    fn default_ssh_key(&mut self, name: &str) {
        let Some(home) = &self.machine.home else { return };
        let path = home.join(".ssh").join(name);
        let source = self.machine.display(&path);
        match read(&path) {
            Ok(text) => {
                let place = source.clone();
                let load = move || {
                    let mut identities = Identities::new();
                    identities.add_ssh_private_key(&utf8(&text, &place)?, &place)?;
                    Ok(identities)
                };
                // To parse an RSA key takes longer than all the rest of a start; a key that is of no use is no error.
                if self.is_silent {
                    let is_read = AtomicBool::new(false);
                    let once = move || if is_read.swap(true, Relaxed) { Ok(Identities::new()) } else { load() };
                    self.found.identities.add_command(&source, move |_| once());
                } else {
                    self.found.identities.add_deferred(&source, load);
                }
            }
            Err(error) => return self.skip(source, &error),
        }
        self.found.tried.push(source);
    }

    fn skip(&mut self, source: String, error: &io::Error) {
        if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            self.found.tried.push(format!("{source}{NOT_THERE}"));
        } else {
            self.found.warnings.push(format!("{source}: {}", cannot_read(error)));
            self.found.tried.push(format!("{source} (unreadable)"));
        }
    }

    /// The value of a variable; an empty one, which CI systems make of a missing secret, only gives a warning.
    fn variable(&mut self, name: &'static str) -> Option<OsString> {
        let value = self.machine.variables.get(name);
        let state = match value {
            None => NOT_SET,
            Some(value) if value.is_empty() => {
                self.found.warnings.push(format!("`{name}` is set, but empty"));
                " (empty)"
            }
            Some(_) => "",
        };
        self.found.tried.push(format!("`{name}`{state}"));
        value.filter(|value| !value.is_empty()).cloned()
    }

    fn path_variable(&mut self, name: &'static str) -> Option<(PathBuf, String)> {
        let path = PathBuf::from(self.variable(name)?);
        let source = format!("{} (`{name}`)", self.machine.display(&path));
        Some((path, source))
    }

    fn text_variable(&mut self, name: &'static str) -> Result<Option<Zeroizing<String>>, Error> {
        let value = self.variable(name).map(OsString::into_string).transpose();
        value.map(|text| text.map(Zeroizing::new)).map_err(|_| invalid(&format!("`{name}`"), "not UTF-8"))
    }
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    read_to_limit(File::open(path)?)
}

/// One byte more than the limit, so that the library sees that it is exceeded.
fn read_to_limit(reader: impl io::Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    reader.take(IDENTITY_FILE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn utf8(text: &[u8], source: &str) -> Result<Zeroizing<String>, Error> {
    let text = std::str::from_utf8(text).map_err(|_| invalid(source, "not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn cannot_read(error: &io::Error) -> String {
    format!("cannot be read: {}", reason(error))
}

fn invalid(source: &str, what: &str) -> Error {
    Error::InvalidKey { what: format!("{source}: {what}") }
}

// The tests spell paths and run commands as on Unix.
#[cfg(all(test, unix))]
mod tests;
