//! `keys`.

use std::path::Path;

use clap::Args;
use serde_json::json;
use sops_rs::config::Config;
use sops_rs::keys::{Effort, IdentityInfo, IdentitySort, Recipient};

use super::discover::{self, CONFIG_NAME};
use super::files::IdentityOptions;
use super::identities::{self, Machine};
use super::report::{Failure, say};
use super::terminal::{Terminal, escape};
use super::{exit_code, io};

/// List your identities: where they are, and their recipients
///
/// The recipient is the public half, which you give to others; nothing secret is shown. A recipient that the nearest
/// `.sops-rs.yaml` has a name for is followed by it. Commands that print keys are not run, and passphrases are not asked
/// for, but with --unlock.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Run commands that print keys, and ask for the passphrases of identity files
    #[arg(long)]
    unlock: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let found = identities::find(&arguments.identities.identity, &Machine::this());
    let found = found.map_err(|error| Failure::new(exit_code::NO_KEY, error.to_string()))?;
    let effort = if arguments.unlock { Effort::Ask } else { Effort::Read };
    let list = found.identities.list(effort, &Terminal);
    let config =
        discover::find(&discover::absolute(Path::new(CONFIG_NAME))?).and_then(|path| discover::read(&path).ok());
    let name = |recipient: &Recipient| config.as_ref().and_then(|config| name_in(config, recipient));
    let (_, empty) = found.places();
    if arguments.json {
        let identity = |info: &IdentityInfo| {
            json!({
                "place": place(&info.source),
                "sort": sort(&info.sort),
                "recipient": info.recipient.as_ref().map(Recipient::as_str),
                "name": info.recipient.as_ref().and_then(name),
            })
        };
        let identities: Vec<_> = list.iter().map(identity).collect();
        let empty: Vec<_> = empty.into_iter().map(place).collect();
        return io::print_json(&json!({ "identities": identities, "empty_places": empty }));
    }
    if list.is_empty() {
        say(&format!("no identity; looked at {}", empty.join(", ")));
        say("make one with `sops-rs init`, or name one with --identity FILE");
    }
    let mut text = String::new();
    let mut last = None;
    for info in &list {
        if last.replace(&info.source) != Some(&info.source) {
            text.push_str(&format!("{}\n", escape(&place(&info.source))));
        }
        text.push_str(&format!("  {}\n", escape(&described(info, name))));
    }
    io::print(text.as_bytes())
}

/// The name that `config` has for `recipient`.
fn name_in<'c>(config: &'c Config, recipient: &Recipient) -> Option<&'c str> {
    config.recipients().iter().find(|(_, known)| *known == recipient).map(|(name, _)| name.as_str())
}

fn described<'n>(info: &IdentityInfo, name: impl Fn(&Recipient) -> Option<&'n str>) -> String {
    let Some(recipient) = &info.recipient else {
        return match &info.sort {
            IdentitySort::Locked => "behind a passphrase; --unlock asks for it".to_owned(),
            IdentitySort::Plugin(plugin) => {
                format!("of the plugin `age-plugin-{plugin}`, which alone knows its recipient")
            }
            IdentitySort::Unread => "a command; --unlock runs it".to_owned(),
            IdentitySort::Failed(error) => error.to_string(),
            _ => "has no recipient".to_owned(),
        };
    };
    let name = name(recipient).map_or_else(String::new, |name| format!(" `{name}`"));
    let locked = if info.sort == IdentitySort::Locked { ", behind a passphrase" } else { "" };
    format!("{recipient}{name}{locked}")
}

/// A place as messages name it, without the backticks.
fn place(source: &str) -> String {
    source.replace('`', "")
}

fn sort(sort: &IdentitySort) -> &'static str {
    match sort {
        IdentitySort::Locked => "locked",
        IdentitySort::Plugin(_) => "plugin",
        IdentitySort::Silent => "silent",
        IdentitySort::Unread => "command",
        _ => "failed",
    }
}
