//! What the commands of SOPS share: the config, the keys of this machine, the clock.

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use sops_rs::Error;
use sops_rs::config::sops::{CreationRule, Stores};
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyKind, MasterKey, Metadata, Time};
use sops_rs::document::sops::Store;
use sops_rs::error::sops::SopsError;
use sops_rs::file::sops::{MacCheck, unlock_data_key};

use super::failure::{self, Text};
use super::grammar::Line;
use crate::cli::identities::{self, FoundIdentities, Machine};
use crate::cli::process::CoreLimit;
use crate::cli::report::{Failure, warn};
use crate::cli::sops_config::{self, FoundConfig};
use crate::cli::sops_keys::{self, KeyOptions, SopsTools};
use crate::cli::{clock, exit_code};

/// A run of a command.
pub(super) struct Session<'l> {
    pub(super) line: &'l Line,
    /// The words that it was read from.
    #[cfg_attr(not(unix), expect(dead_code, reason = "nothing is run in the background there"))]
    pub(super) words: &'l [OsString],
    /// Whether this is the process that stays for `--background`.
    pub(super) is_detached: bool,
    pub(super) core_limit: CoreLimit,
    pub(super) config: Option<FoundConfig>,
    pub(super) tools: SopsTools,
    found: OnceCell<FoundIdentities>,
}

impl<'l> Session<'l> {
    /// Reads the config, without which no command of SOPS goes on, and what the options say of keys.
    pub(super) fn start(
        line: &'l Line,
        words: &'l [OsString],
        is_detached: bool,
        core_limit: CoreLimit,
    ) -> Result<Self, Failure> {
        let config = sops_config::find(line.path("config"))?;
        if let Some(config) = config.as_ref().filter(|_| line.is_on("verbose")) {
            config.warnings().iter().for_each(|warning| warn(warning));
        }
        // An option that is empty is not the variable.
        let order = line.value("decryption-order").and_then(OsStr::to_str);
        let tools = SopsTools::find(order)?;
        Ok(Self { line, words, is_detached, core_limit, config, tools, found: OnceCell::new() })
    }

    /// How files are to be indented that are printed anew.
    pub(super) fn stores(&self) -> Stores {
        let stores = self.config.as_ref().map_or_else(Stores::default, |found| *found.config.stores());
        match self.indent() {
            None => stores,
            Some(indent) => Stores { yaml_indent: indent, json_indent: indent, json_binary_indent: indent },
        }
    }

    /// The indentation that was asked for.
    pub(super) fn indent(&self) -> Option<i64> {
        self.line.number("indent")
    }

    /// Whether the MAC is checked.
    pub(super) fn mac_check(&self) -> MacCheck {
        if self.line.is_on("ignore-mac") { MacCheck::Ignore } else { MacCheck::Require }
    }

    /// The time of the run.
    pub(super) fn now(&self) -> Time {
        clock::now()
    }

    /// The config's rule for `file`; none when there are no rules.
    pub(super) fn rule_for(&self, file: &Path) -> Result<Option<&CreationRule>, Failure> {
        self.config.as_ref().map_or(Ok(None), |config| config.rule_for(file))
    }

    /// How many key groups are to be needed, if that is said.
    ///
    /// # Errors
    /// For a number that no threshold can be.
    pub(super) fn threshold(&self) -> Result<Option<usize>, Failure> {
        let number = self.line.number("shamir-secret-sharing-threshold").map(usize::try_from).transpose();
        number.map_err(|_| Failure::new(exit_code::GENERIC, "threshold must be at least 2"))
    }

    /// The keys that options name: those called `prefix` and the kind's own name.
    ///
    /// # Errors
    /// For what is no key.
    pub(super) fn keys(&self, prefix: &str, now: &Time) -> Result<Vec<MasterKey>, Failure> {
        let text = |name: &str| self.line.text(name).unwrap_or_default().to_owned();
        let list = |(kind, name): (KeyKind, &str)| (kind, self.line.list(&format!("{prefix}{name}")).join(","));
        let options = KeyOptions {
            lists: KEYS.into_iter().map(list).filter(|(_, keys)| !keys.is_empty()).collect(),
            aws_profile: text("aws-profile"),
            encryption_context: text("encryption-context"),
        };
        // What is no recipient may be a secret, so it is not repeated.
        let is_recipient = |text: &&str| !text.starts_with("age1") && !text.starts_with("ssh-");
        match self.line.list(&format!("{prefix}age")).into_iter().find(is_recipient) {
            Some(_) => Err(Failure::new(exit_code::GENERIC, "failed to parse input, unknown recipient type")
                .hint("age recipients begin with `age1` or `ssh-`")),
            None => options.keys(now),
        }
    }

    /// This machine's identities, which are looked for once.
    pub(super) fn found(&self) -> &FoundIdentities {
        self.found.get_or_init(|| identities::find_as_sops(&Machine::this()))
    }

    /// Opens the data key of `shown`.
    pub(super) fn data_key(&self, shown: &str, metadata: &Metadata) -> Result<DataKey, Failure> {
        self.check_local(shown)?;
        let opened = unlock_data_key(metadata, &self.tools.unlock(self.found()));
        opened.map_err(|error| self.not_opened(shown, error))
    }

    /// Refuses to go on without the keys of this machine, when they are not to be used.
    pub(super) fn check_local(&self, shown: &str) -> Result<(), Failure> {
        if self.line.is_on("enable-local-keyservice") {
            return Ok(());
        }
        Err(self.unserved(Failure::about(exit_code::NO_KEY, shown, "the keys of this machine are off")))
    }

    /// The failure for a data key that could not be opened.
    pub(super) fn not_opened(&self, shown: &str, error: Error) -> Failure {
        let Error::Sops(SopsError::NoDataKey { needed, groups }) = &error else {
            return failure::of(shown, Text::Encrypted, error);
        };
        let report = sops_keys::report(self.found(), *needed, groups);
        // A wrapped key that holds none has a code of its own.
        let code = Failure::of(shown, error.clone()).code;
        let (first, rest) = report.split_once('\n').unwrap_or((&report, ""));
        self.unserved(Failure::new(code, first).with_text(rest.to_owned()))
    }

    fn unserved(&self, failure: Failure) -> Failure {
        if self.line.list("keyservice").is_empty() {
            return failure;
        }
        failure.hint("key services (--keyservice, SOPS_KEYSERVICE) are not spoken to yet")
    }
}

/// The options that name keys.
const KEYS: [(KeyKind, &str); 7] = [
    (KeyKind::AwsKms, "kms"),
    (KeyKind::GcpKms, "gcp-kms"),
    (KeyKind::HuaweiKms, "hckms"),
    (KeyKind::AzureKeyVault, "azure-kv"),
    (KeyKind::HashicorpVault, "hc-vault-transit"),
    (KeyKind::Pgp, "pgp"),
    (KeyKind::Age, "age"),
];

/// The format that an option names; an unknown word counts for nothing, as for SOPS. Then the one that the name tells.
pub(super) fn store(line: &Line, option: &str, name: &Path) -> Store {
    let named = line.text(option).and_then(Store::by_name);
    named.unwrap_or_else(|| Store::for_name(&name.file_name().unwrap_or_default().to_string_lossy()))
}
