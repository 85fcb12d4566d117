//! Identities: is there one, and can nobody else read it?

use std::path::{Path, PathBuf};

use sops_rs::keys::{Effort, IdentitySort, Recipient};

use super::{Finding, some};
use crate::cli::files::IdentityOptions;
use crate::cli::identities::{self, Machine};
use crate::cli::report::count;
use crate::cli::terminal::Terminal;

/// What the other checks need to know.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// As far as they are known without asking.
    pub(super) recipients: Vec<Recipient>,
    /// Files that hold identities.
    pub(super) files: Vec<PathBuf>,
    pub(super) needs_passphrase: bool,
}

pub(super) fn check(options: &IdentityOptions) -> (Own, Vec<Finding>) {
    let machine = Machine::this();
    let mut own = Own { files: machine.files(&options.identity), ..Own::default() };
    let mut findings = vec![found(options, &machine, &mut own)];
    if let Some(name) = machine.exported_key() {
        let what = format!("`{name}` holds a key, every program that you start can read it");
        let hint = "put the key into a file that only you can read, and name that in `SOPS_AGE_KEY_FILE`";
        findings.push(Finding::warning("environment", what).hint(hint));
    }
    findings.extend(own.files.iter().filter_map(|file| permissions(file)));
    (own, findings)
}

fn found(options: &IdentityOptions, machine: &Machine, own: &mut Own) -> Finding {
    const CHECK: &str = "identity";
    let found = match identities::find(&options.identity, machine) {
        Ok(found) => found,
        Err(error) => {
            return Finding::failed(CHECK, error.to_string())
                .hint("while it is asked for and cannot be used, nothing can be decrypted");
        }
    };
    let list = found.identities.list(Effort::Read, &Terminal);
    own.recipients = list.iter().filter_map(|info| info.recipient.clone()).collect();
    own.needs_passphrase = list.iter().any(|info| info.sort == IdentitySort::Locked);
    let failed = list.iter().filter_map(|info| match &info.sort {
        IdentitySort::Failed(error) => Some(error.to_string()),
        _ => None,
    });
    let troubles: Vec<_> = found.warnings.iter().cloned().chain(failed).collect();
    let usable = list.iter().filter(|info| !matches!(info.sort, IdentitySort::Failed(_)));
    let mut places: Vec<_> = usable.clone().map(|info| info.source.replace('`', "")).collect();
    places.dedup();
    let finding = match (usable.count(), troubles.is_empty()) {
        (0, _) => Finding::failed(CHECK, "there is none").hint("make one with `sops-rs init`"),
        (number, true) => return Finding::ok(CHECK, format!("{number} in {}", some(&places))),
        (number, false) => Finding::warning(
            CHECK,
            format!("{number} in {}, but {}", some(&places), count(troubles.len(), "other place") + " cannot be used"),
        ),
    };
    troubles.into_iter().fold(finding, Finding::hint)
}

/// Tells when others can read the file, or put another one in its place.
#[cfg(unix)]
fn permissions(file: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    const CHECK: &str = "permissions";
    let mode = |path: &Path| path.metadata().ok().map(|metadata| metadata.permissions().mode());
    let shown = file.display();
    if mode(file)? & 0o077 != 0 {
        let what = format!("`{shown}` holds an identity, and others can read it");
        return Some(
            Finding::failed(CHECK, what).hint(format!("chmod 600 {}", crate::cli::report::word(&shown.to_string()))),
        );
    }
    let folder = file.parent()?;
    let mode = mode(folder)?;
    // With the sticky bit others cannot replace what is not theirs.
    (mode & 0o022 != 0 && mode & 0o1000 == 0).then(|| {
        let folder = folder.display().to_string();
        let what = format!("others can write to `{folder}`, in which an identity is, and put another one in its place");
        Finding::warning(CHECK, what).hint(format!("chmod go-w {}", crate::cli::report::word(&folder)))
    })
}

/// Modes are not looked at here.
#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<Finding> {
    None
}
