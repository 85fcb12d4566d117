//! What values are called for those who take them by name: options that `exec-env` and `decrypt` share.

use clap::Args;
use sops_rs::file::EnvironmentNames;

/// Options that say what the values are called.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct NameOptions {
    /// What every name begins with
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// What joins the parts of a path; `_` if not given
    #[arg(long, value_name = "TEXT")]
    separator: Option<String>,
    /// Keep names in the case they are written in, as those of dotenv files always are
    #[arg(long)]
    no_upcase: bool,
}

impl NameOptions {
    /// How names are made; `separator` and `upcase` hold where no option says otherwise.
    pub(crate) fn names<'n>(&'n self, separator: &'n str, upcase: bool) -> EnvironmentNames<'n> {
        EnvironmentNames {
            separator: self.separator.as_deref().unwrap_or(separator),
            prefix: self.prefix.as_deref().unwrap_or_default(),
            upcase: upcase && !self.no_upcase,
            dotted_keys: false,
        }
    }
}
