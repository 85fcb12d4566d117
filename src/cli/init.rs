//! `init`.

use std::path::Path;

use clap::Args;
use sops_rs::config::{Config, is_name};
use sops_rs::keys::{Effort, IdentitySort, Recipient};

use super::discover::{self, CONFIG_NAME};
use super::identities::{self, Machine};
use super::io::{self, Privacy};
use super::report::{Failure, say, warn};
use super::terminal::Terminal;
use super::{exit_code, integration, keygen};

/// Make an identity, a `.sops-rs.yaml`, set git up, and say what comes next
///
/// What is there already is left alone, so it can be run again. A config in a folder above counts too, and so does one of SOPS.
/// In a git repository it does what `git install` does.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The name under which you read files, in messages and diffs
    #[arg(long, value_name = "NAME", default_value = "me")]
    name: String,
    /// Leave git alone
    #[arg(long)]
    no_git: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !is_name(&arguments.name) {
        let what = "is not a name: a letter or a digit, then at most 63 letters, digits and `._@+-`";
        return Err(Failure::about(exit_code::GENERIC, &format!("--name {}", arguments.name), what));
    }
    let recipient = match own_recipient()? {
        Some((place, recipient)) => {
            say(&format!("identity: {place} (there already)"));
            recipient
        }
        None => {
            let identity = keygen::own_file()?;
            let recipient = keygen::make(&identity)?;
            say(&format!("identity: made `{}`; keep it secret, and keep a copy", identity.display()));
            recipient
        }
    };
    say(&format!("recipient: {recipient}"));
    let next = config(arguments, recipient)?;
    if !arguments.no_git {
        integration::set_up()?;
    }
    next.iter().for_each(|line| say(line));
    Ok(())
}

/// Makes the config, or looks at the one that is there; gives what is to be said about the next step.
fn config(arguments: &Arguments, recipient: Recipient) -> Result<Vec<String>, Failure> {
    let here = discover::absolute(Path::new(CONFIG_NAME))?;
    if let Some(path) = discover::nearest(&here).filter(|path| !path.ends_with(CONFIG_NAME)) {
        // Ours beside it would take its files over.
        let shown = discover::shown(&path);
        say(&format!(
            "config: `{shown}` of SOPS (there already); its rules make files of SOPS, which sops-rs reads and writes"
        ));
        let next = "next: to become a reader, add the recipient to its rules, and ask a reader to run `sops-rs updatekeys -r`; \
                    `sops-rs explain FILE` tells what the rules say of a file";
        return Ok(vec![
            next.to_owned(),
            "to go over to the native dialect: `sops-rs convert --to native -r`".to_owned(),
        ]);
    }
    let Some(path) = discover::find(&here) else {
        let text = Config::template(&[(arguments.name.clone(), recipient)]);
        io::create(&here, text.as_bytes(), Privacy::Public)?;
        say(&format!("config: made `{CONFIG_NAME}`; commit it"));
        return Ok(vec![NEXT.to_owned()]);
    };
    let shown = discover::shown(&path);
    say(&format!("config: `{shown}` (there already)"));
    if discover::read(&path)?.recipients().values().any(|known| *known == recipient) {
        return Ok(vec![NEXT.to_owned()]);
    }
    let name = &arguments.name;
    Ok(vec![format!(
        "next: you cannot read its files yet; add `{name}: {recipient}` to its `recipients` and rules, \
         and ask a reader to run `sops-rs updatekeys -r`"
    )])
}

const NEXT: &str =
    "next: `sops-rs edit .env` makes an encrypted file; one that is there already: `sops-rs encrypt -i .env`";

/// The first identity of this machine whose recipient is known without asking, and where it is.
fn own_recipient() -> Result<Option<(String, Recipient)>, Failure> {
    let found = identities::find(&[], &Machine::this()).map_err(|error| Failure::of("identities", error))?;
    let known = found.identities.list(Effort::Run, &Terminal).into_iter();
    let known = known.inspect(|identity| {
        if let IdentitySort::Failed(error) = &identity.sort {
            warn(&error.to_string());
        }
    });
    Ok(known.filter_map(|identity| Some((identity.source, identity.recipient?))).next())
}
