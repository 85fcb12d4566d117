//! Decrypted values in the form in which shells, containers and CI systems take them: `decrypt --format`.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use sops_rs::file::PathQuery;
use sops_rs::file::any::Decrypted;
use zeroize::Zeroizing;

use super::name_options::NameOptions;
use super::report::{Failure, word};
use super::{exit_code, io};

mod github;
mod secret;

pub(crate) use github::Commands;

/// Who takes the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Taker {
    /// POSIX shells: `export NAME='value'`, for eval
    Shell,
    /// `docker run --env-file`: NAME=value
    DockerEnv,
    /// GitHub Actions: masks the secrets in the log, then sets the variables for the steps that follow, in the file $GITHUB_ENV
    Github,
    /// Kubernetes: the manifest of a Secret, in which names keep their case and the parts of a path are joined by `.`
    K8sSecret,
}

/// Options that say what the values are called.
#[derive(Clone, Debug, Default, Args)]
#[command(mut_group("NameOptions", |group| group.requires("format")))]
pub(crate) struct DeliveryOptions {
    #[command(flatten)]
    names: NameOptions,
    /// The name of the Kubernetes Secret, instead of the file's
    #[arg(long, value_name = "NAME", requires = "format")]
    name: Option<String>,
    /// The namespace of the Kubernetes Secret
    #[arg(long, value_name = "NAME", requires = "format")]
    namespace: Option<String>,
}

/// What is handed over: bytes, or commands for GitHub's runner.
pub(crate) enum Delivery {
    /// All there is.
    Bytes(Zeroizing<Vec<u8>>),
    /// For two places.
    Github(Commands),
}

/// The values of `decrypted` (of the part that `query` names) for `taker`. `file` is the name of the file.
pub(crate) fn deliver(
    taker: Taker,
    options: &DeliveryOptions,
    decrypted: &Decrypted,
    query: Option<&PathQuery>,
    file: &Path,
) -> Result<Delivery, Failure> {
    let shown = file.display().to_string();
    let of_file = |error| Failure::of(&shown, error);
    if taker != Taker::K8sSecret && (options.name.is_some() || options.namespace.is_some()) {
        return Err(Failure::new(exit_code::CONFLICT, "--name and --namespace are for `--format k8s-secret` only"));
    }
    if let (Taker::K8sSecret, Some(bytes)) = (taker, decrypted.binary().map_err(of_file)?) {
        let data = Variables::from([(secret::key_of(file), base64(&bytes))]);
        return secret::manifest(options, &data, file).map(of_text);
    }
    let tree = decrypted.tree().map_err(of_file)?;
    let tree = match query {
        Some(query) => tree.extract(query).map_err(of_file)?,
        None => tree,
    };
    if taker == Taker::K8sSecret {
        let data = tree.secret_data(&options.names.names(".", false)).map_err(of_file)?;
        let data = data.into_iter().map(|(name, value)| (name, base64(value.as_bytes()))).collect();
        return secret::manifest(options, &data, file).map(of_text);
    }
    let names = options.names.names("_", true).for_format(decrypted.format());
    let variables = tree.environment(&names).map_err(of_file)?;
    match taker {
        Taker::Shell => Ok(of_text(shell(&variables))),
        Taker::DockerEnv => docker_env(&variables, &shown).map(of_text),
        _ => {
            let secrets: Vec<_> =
                decrypted.secrets().map_err(of_file)?.into_iter().flat_map(|secret| secret.values).collect();
            github::commands(&variables, &secrets, &shown).map(Delivery::Github)
        }
    }
}

impl Delivery {
    /// All of it, when that is for one place.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Github(_) => None,
        }
    }

    /// Prints it, but for what goes to the file of GitHub's runner.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        match self {
            Self::Bytes(bytes) => io::print(bytes),
            Self::Github(commands) => commands.send(),
        }
    }
}

fn of_text(mut text: Zeroizing<String>) -> Delivery {
    Delivery::Bytes(Zeroizing::new(std::mem::take(&mut *text).into_bytes()))
}

type Variables = BTreeMap<String, Zeroizing<String>>;

fn shell(variables: &Variables) -> Zeroizing<String> {
    // Within single quotes a shell (POSIX 2.2.2) takes everything as it is but the quote.
    text(variables.iter().map(|(name, value)| ["export ", name, "='", &value.replace('\'', r"'\''"), "'\n"].concat()))
}

fn docker_env(variables: &Variables, shown: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some((name, _)) = variables.iter().find(|(_, value)| value.contains(['\n', '\r'])) {
        let what = format!("`{name}` has a line break, which an env file of docker cannot hold");
        let failure = Failure::about(exit_code::UNREPRESENTABLE, shown, what);
        return Err(failure.hint(format!(
            "pass it on from the environment: `sops-rs exec-env {} -- docker run --env {name} …`",
            word(shown)
        )));
    }
    Ok(text(variables.iter().map(|(name, value)| [name, "=", value, "\n"].concat())))
}

/// Lines in one buffer of the right size, so that no copies of them stay behind.
fn text(lines: impl Iterator<Item = String>) -> Zeroizing<String> {
    let lines: Vec<_> = lines.map(Zeroizing::new).collect();
    let mut text = Zeroizing::new(String::with_capacity(lines.iter().map(|line| line.len()).sum()));
    lines.iter().for_each(|line| text.push_str(line));
    text
}

fn base64(value: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(value))
}
