//! Names for readers of files of SOPS, which have none: those of the config.

use std::path::Path;

use sops_rs::config::Config;
use sops_rs::dialect::sops::KeyKind;

use super::compare::{Fate, FileDiff};
use crate::cli::discover;

/// Names the readers whom `file` gained and lost.
pub(super) fn add(file: &mut FileDiff) {
    let path = file.path().to_owned();
    let (Fate::Changed(diff) | Fate::Encrypted(diff) | Fate::Decrypted(diff)) = &mut file.fate else { return };
    let readers = diff.drift.gained.iter_mut().chain(&mut diff.drift.lost);
    let nameless: Vec<_> = readers.filter(|access| access.name == KeyKind::Age.list()).collect();
    let Some(config) = config(&path).filter(|_| !nameless.is_empty()) else { return };
    for access in nameless {
        let name = config.recipients().iter().find(|(_, recipient)| recipient.as_str() == access.recipient);
        if let Some((name, _)) = name {
            access.name.clone_from(name);
        }
    }
}

/// The config of the file; one that cannot be read is somebody else's business.
fn config(path: &str) -> Option<Config> {
    discover::read(&discover::nearest(Path::new(path))?).ok()
}
