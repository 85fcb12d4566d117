//! The values of all encrypted files that a key opens, as something to look for.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use sops_rs::Error;
use sops_rs::file::any::{self, Decrypted};
use sops_rs::leaks::{Number, Search, Values};
use sops_rs::secret_shape::is_secret_name;
use zeroize::Zeroizing;

use crate::cli::files::Unlocker;
use crate::cli::jobs;
use crate::cli::many::{MOST_NAMES, names};
use crate::cli::report::{Failure, count, warn};
use crate::cli::repository::{self, EncryptedFile, Look};

/// The values, and where they are kept.
pub(super) struct Own {
    /// Finds them.
    pub(super) search: Search,
    values: Vec<Value>,
    /// How many are no secrets by their look.
    pub(super) skipped: usize,
    /// How many files they are from.
    pub(super) files: usize,
}

struct Value {
    /// The files and paths that hold it.
    kept: Vec<(PathBuf, String)>,
    /// Whether neither its look nor its name says that it is a secret.
    is_word: bool,
}

/// A sealed value: the path in its file, and its texts, the first of which is the value.
type Sealed = (String, Vec<Zeroizing<Vec<u8>>>);

impl Own {
    /// Opens the encrypted ones of `files`.
    ///
    /// # Errors
    /// When some are encrypted, and none of them opens.
    pub(super) fn open(unlocker: &Unlocker, files: &[PathBuf], jobs: NonZero<usize>) -> Result<Self, Failure> {
        let opened = jobs::map(jobs, files, |path| read(unlocker, path));
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        let (mut locked, mut broken) = (Vec::new(), Vec::new());
        for (path, opened) in files.iter().zip(opened) {
            match opened {
                Opened::Other => {}
                Opened::Values(values) => found.push((path, values)),
                Opened::Locked(failure) => {
                    locked.push(path.as_path());
                    failures.push(failure);
                }
                Opened::Failed(failure) => {
                    broken.push(path.as_path());
                    failures.push(failure);
                }
            }
        }
        if let (true, Some(failure)) = (found.is_empty(), failures.into_iter().next()) {
            return Err(failure.hint("without a value nothing can be looked for"));
        }
        for (paths, why) in [(locked, "no identity opens"), (broken, "`check` tells what is wrong with")] {
            let values = if paths.len() == 1 { "its values" } else { "their values" };
            if !paths.is_empty() {
                warn(&format!("{why} {}: {values} are not looked for", names(paths.into_iter(), MOST_NAMES)));
            }
        }
        Ok(Self::of(found))
    }

    fn of(found: Vec<(&PathBuf, Vec<Sealed>)>) -> Self {
        // The keys of the files are public, and what is called like one of them is no secret.
        let paths = found.iter().flat_map(|(_, sealed)| sealed).map(|(path, _)| path.as_str());
        let keys: HashSet<&[u8]> = paths.flat_map(|path| path.split(['.', '[', ']', '"'])).map(str::as_bytes).collect();
        let is_key = |text: &[u8]| keys.contains(text);
        let mut all = Values::default();
        let mut values: Vec<Value> = Vec::new();
        let mut skipped = 0;
        for (file, sealed) in &found {
            for (path, texts) in sealed {
                let texts: Vec<_> = texts.iter().map(|text| text.as_slice()).collect();
                let number = texts.split_first().and_then(|(value, others)| all.add(value, others, &is_key));
                let Some(number) = number else {
                    skipped += 1;
                    continue;
                };
                if number == values.len() {
                    values.push(Value { kept: Vec::new(), is_word: all.is_word(number) });
                }
                values[number].is_word &= !is_secret_name(last_key(path));
                values[number].kept.push(((*file).clone(), path.clone()));
            }
        }
        Self { search: Search::new(all), values, skipped, files: found.len() }
    }

    /// How many values are looked for.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether a value is mere words, and not called a password or the like.
    pub(super) fn is_word(&self, number: Number) -> bool {
        self.values[number].is_word
    }

    /// The values that `number` stands for, as `FILE: PATH`.
    pub(super) fn paths(&self, number: Number) -> Vec<String> {
        let shown = |(file, path): &(PathBuf, String)| {
            if path.is_empty() { file.display().to_string() } else { format!("{}: {path}", file.display()) }
        };
        self.values[number].kept.iter().map(shown).collect()
    }

    /// How a sentence names a value.
    pub(super) fn name(&self, number: Number) -> String {
        let kept = &self.values[number].kept;
        let (file, path) = &kept[0];
        let name = match path.as_str() {
            "" => format!("the content of `{}`", file.display()),
            path => format!("the value of `{path}` in `{}`", file.display()),
        };
        match kept.len() - 1 {
            0 => name,
            more => format!("{name} (and of {})", count(more, "other path")),
        }
    }
}

/// The last key on a path.
fn last_key(path: &str) -> &str {
    let is_key = |part: &&str| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit());
    path.rsplit(['.', '[', ']', '"']).find(is_key).unwrap_or_default()
}

enum Opened {
    Values(Vec<Sealed>),
    Locked(Failure),
    Failed(Failure),
    Other,
}

fn read(unlocker: &Unlocker, path: &Path) -> Opened {
    let EncryptedFile { format, bytes, .. } = match repository::look(path) {
        Ok(Look::Encrypted(file)) => file,
        Ok(Look::Other) => return Opened::Other,
        Err(failure) => return Opened::Failed(failure),
    };
    let shown = path.display().to_string();
    match any::decrypt(&bytes, format, unlocker).and_then(|decrypted| sealed(&decrypted)) {
        Ok(values) => Opened::Values(values),
        Err(error) if error.is_locked() => Opened::Locked(unlocker.failure(&shown, error)),
        Err(error) => Opened::Failed(unlocker.failure(&shown, error)),
    }
}

fn sealed(decrypted: &Decrypted) -> Result<Vec<Sealed>, Error> {
    if let Some(content) = decrypted.binary()? {
        return Ok(vec![(String::new(), vec![content])]);
    }
    let texts = |secret: &sops_rs::file::Secret| -> Sealed {
        (secret.path.clone(), secret.texts().map(|text| Zeroizing::new(text.as_bytes().to_vec())).collect())
    };
    Ok(decrypted.secrets()?.iter().map(texts).collect())
}
