//! Finding the rule for a file: `.sops-rs.yaml` upwards from its folder, or recipients named on the command line.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use sops_rs::config::sops::CONFIG_NAME as SOPS_CONFIG_NAME;
use sops_rs::config::{Config, Dialect, MAX_CONFIG_LEN};
use sops_rs::error::Error;
use sops_rs::file::any::Plan;
use sops_rs::file::{Plan as NativePlan, sops};
use sops_rs::keys::Recipient;
use zeroize::Zeroizing;

use super::files::is_stream;
use super::report::{Failure, named, warn, warn_once, word};
use super::sops_config::{self, FoundConfig};
use super::{exit_code, io};

/// The name of the config file.
pub(crate) const CONFIG_NAME: &str = ".sops-rs.yaml";

/// Options that name a rule, or stand for one.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RuleOptions {
    /// Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config's; may be repeated. As in
    /// SOPS it is also -a/--age
    #[arg(short, long, short_alias = 'a', alias = "age", value_name = "RECIPIENT", value_delimiter = ',')]
    pub(crate) recipient: Vec<String>,
    /// The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file
    #[arg(long, value_name = "FILE", conflicts_with = "recipient")]
    pub(crate) config: Option<PathBuf>,
    /// Whether the command takes no recipients.
    #[arg(skip)]
    pub(crate) config_only: bool,
}

impl RuleOptions {
    /// `hint`, and what else would do.
    fn hint(&self, hint: &str) -> String {
        if self.config_only { hint.to_owned() } else { format!("{hint}, or name a recipient with -r/--recipient") }
    }
}

/// How `file` is to be encrypted.
pub(crate) fn plan(options: &RuleOptions, file: &Path) -> Result<Plan, Failure> {
    if !options.recipient.is_empty() {
        return plan_for(&options.recipient).map(Plan::Native);
    }
    match locate(options, file)? {
        Rules::Own(located) => located.plan(options, file),
        Rules::Sops(found) => sops_plan(&found, file, options),
    }
}

/// The same for a file that is to be encrypted now: what SOPS passes over in its config without a word is told.
pub(crate) fn plan_for_new(options: &RuleOptions, file: &Path) -> Result<Plan, Failure> {
    if file.file_name().is_some_and(|name| [CONFIG_NAME, SOPS_CONFIG_NAME].iter().any(|config| name == *config)) {
        let what = "holds the rules by which files are encrypted, and would not be read any more";
        return Err(Failure::about(exit_code::ENCRYPT, &file.display().to_string(), what));
    }
    let plan = plan(options, file);
    if options.recipient.is_empty()
        && let Ok(Rules::Sops(found)) = locate(options, file)
    {
        let said = plan.as_ref().err().map(Failure::message);
        found.warnings().iter().filter(|warning| said != Some(*warning)).for_each(|warning| warn_once(warning));
    }
    plan
}

/// What the rules say of `file`, which is encrypted in `dialect`: while a repository goes from one program to the other, it has
/// both configs.
pub(crate) fn plan_like(options: &RuleOptions, file: &Path, dialect: Dialect) -> Result<Plan, Failure> {
    let plan = plan(options, file);
    let is_other = !plan.as_ref().is_ok_and(|plan| plan.dialect() == dialect);
    if dialect == Dialect::Native || !is_other || options.config.is_some() || !options.recipient.is_empty() {
        return plan;
    }
    match sops_config(file)? {
        Some(found) if found.config.creation_rules().is_some() => sops_plan(&found, file, options).or(plan),
        _ => plan,
    }
}

/// The config of SOPS for `file`: the nearest one above it, or the one that SOPS would take in the current folder.
fn sops_config(file: &Path) -> Result<Option<FoundConfig>, Failure> {
    if is_stream(file) {
        return sops_config::find(None);
    }
    match sops_config::nearest(file)? {
        Some(found) => Ok(Some(found)),
        None => sops_config::find(None),
    }
}

/// What a rule of SOPS says.
fn sops_plan(found: &FoundConfig, file: &Path, options: &RuleOptions) -> Result<Plan, Failure> {
    let shown = found.shown();
    let Some(rule) = found.rule_for(file)? else {
        let what = format!("no rule in `{shown}` matches it, which has no `creation_rules`");
        return Err(Failure::about(exit_code::GENERIC, &file.display().to_string(), what)
            .hint(options.hint("add a rule for it")));
    };
    sops::Plan::of_creation_rule(rule).map(Plan::Sops).map_err(|error| Failure::of(&shown, error))
}

/// The rules that speak of a file.
pub(crate) enum Rules {
    /// Ours.
    Own(Located),
    /// SOPS's.
    Sops(FoundConfig),
}

/// A config file, and the name by which its rules know a file.
pub(crate) struct Located {
    pub(crate) config: Config,
    /// Where the config is, from the root.
    pub(crate) path: PathBuf,
    /// The file's path from the config's folder on, with `/` between components.
    pub(crate) relative: String,
}

impl Located {
    /// How `file` is to be encrypted.
    fn plan(&self, options: &RuleOptions, file: &Path) -> Result<Plan, Failure> {
        let shown = shown(&self.path);
        let of_config = |error: Error| match error {
            Error::NoRule { tried, .. } => {
                let what = format_args!("no rule in `{shown}` matches it");
                let failure = Failure::about(exit_code::GENERIC, &file.display().to_string(), what);
                let failure = tried.into_iter().fold(failure, |failure, rule| failure.hint(format!("tried: {rule}")));
                failure.hint(options.hint("add a rule for it"))
            }
            error => Failure::of(&shown, error),
        };
        self.config.rule_for(&self.relative).and_then(Plan::of_rule).map_err(of_config)
    }
}

/// Finds and reads the config for `file`: the one that `options` name, or the nearest above it. In one folder ours comes before
/// SOPS's, and where neither is above the file, SOPS's is looked for as SOPS does.
pub(crate) fn locate(options: &RuleOptions, file: &Path) -> Result<Rules, Failure> {
    let shown_file = file.display().to_string();
    let whole = absolute(file)?;
    let path = match &options.config {
        Some(path) if is_of_sops(path) => {
            let missing = || Failure::about(exit_code::NO_CONFIG, &path.display().to_string(), "is no config");
            return sops_config::find(Some(path))?.map(Rules::Sops).ok_or_else(missing);
        }
        Some(path) => absolute(path)?,
        None => match nearest(&whole) {
            Some(path) if path.file_name().is_some_and(|name| name == CONFIG_NAME) => path,
            _ => match sops_config(file)? {
                Some(found) => return Ok(Rules::Sops(found)),
                None => {
                    let what = format!("no `{CONFIG_NAME}` or `{SOPS_CONFIG_NAME}` in its folder or above");
                    let failure = Failure::about(exit_code::NO_CONFIG, &shown_file, what);
                    return Err(failure.hint(options.hint("make one with `sops-rs init`")));
                }
            },
        },
    };
    let shown = shown(&path);
    if options.config.is_none() && !is_trusted(&path, &whole) {
        let what = "belongs to another user, who could make themselves a reader";
        let failure = Failure::about(exit_code::GENERIC, &shown, what);
        return Err(failure.hint(format!("if that is meant to be, say so with --config {}", word(&shown))));
    }
    let config = read(&path)?;
    let relative = relative(&path, &whole).ok_or_else(|| {
        let failure =
            Failure::about(exit_code::GENERIC, &shown_file, format_args!("is not below the folder of `{shown}`"));
        failure.hint("rules speak of the files below their config file")
    })?;
    Ok(Rules::Own(Located { config, path, relative }))
}

/// The nearest config of either program in the folder of `file` or above.
pub(crate) fn nearest(file: &Path) -> Option<PathBuf> {
    let both = |folder: &Path| [CONFIG_NAME, SOPS_CONFIG_NAME].map(|name| folder.join(name));
    file.ancestors().skip(1).flat_map(both).find(|path| path.is_file())
}

/// Whether the file that was named as a config is one of SOPS.
fn is_of_sops(path: &Path) -> bool {
    const FIELDS: [&str; 3] = ["creation_rules:", "destination_rules:", "stores:"];
    // A pipe could be read only once.
    let text = if path.is_file() { io::read(path, MAX_CONFIG_LEN).unwrap_or_default() } else { Zeroizing::default() };
    String::from_utf8_lossy(&text).lines().any(|line| FIELDS.iter().any(|field| line.starts_with(field)))
}

/// The variables that the rule for `file` requires; none when no rule speaks of it.
pub(crate) fn required(file: &Path) -> Result<Vec<String>, Failure> {
    let file = absolute(file)?;
    let Some(path) = find(&file) else { return Ok(Vec::new()) };
    let shown = shown(&path);
    if !is_trusted(&path, &file) {
        warn(&format!("`{shown}` belongs to another user: what it requires is not looked at"));
        return Ok(Vec::new());
    }
    let config = read(&path)?;
    match config.rule_for(&relative(&path, &file).unwrap_or_default()) {
        Ok(rule) => Ok(rule.require.clone()),
        Err(Error::NoRule { .. }) => Ok(Vec::new()),
        Err(error) => Err(Failure::of(&shown, error)),
    }
}

/// `file` as the rules of `config` see it, when it lies below.
pub(crate) fn relative(config: &Path, file: &Path) -> Option<String> {
    let relative = file.strip_prefix(config.parent().unwrap_or(Path::new("/"))).ok()?;
    Some(relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// What the configs say of `file`, which is encrypted in `dialect` already: perhaps without a config, or without a rule.
pub(crate) fn rule_plan(file: &Path, dialect: Dialect) -> Result<Option<Plan>, Failure> {
    match locate(&RuleOptions::default(), file) {
        Ok(_) => Ok(plan_like(&RuleOptions::default(), file, dialect).ok()),
        Err(failure) if failure.code == exit_code::NO_CONFIG => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Warns of a file of SOPS where a rule wants one of ours: it may have been put in the place of one, and fewer things are
/// authenticated in it. Files of ours are as good as any rule could want.
pub(crate) fn warn_of_dialect(shown: &str, file: &Path, dialect: Dialect) {
    if dialect == Dialect::Native || is_stream(file) {
        return;
    }
    if let Ok(Some(plan)) = rule_plan(file, dialect)
        && plan.dialect() != dialect
    {
        let command = format!("`sops-rs convert --to {} {}`", plan.dialect().as_str(), word(shown));
        warn_once(&format!(
            "{}: is a file of SOPS, whose keys and metadata nobody has signed, but its rule says `dialect: {}`; if it is meant \
             to be here, {command} changes it",
            named(shown),
            plan.dialect().as_str(),
        ));
    }
}

/// Reads a config file.
pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
    let shown = shown(path);
    let text = io::read(path, MAX_CONFIG_LEN)?;
    let text = std::str::from_utf8(&text).map_err(|_| Failure::about(exit_code::GENERIC, &shown, "is not UTF-8"))?;
    Config::parse(text).map_err(|error| Failure::of(&shown, error))
}

/// How messages name the config file at `path`: from the current folder on, when it lies below it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Everything encrypted to the recipients of the command line, named by their order.
fn plan_for(recipients: &[String]) -> Result<NativePlan, Failure> {
    let mut named: Vec<(String, Recipient)> = Vec::new();
    for text in recipients {
        let recipient = Recipient::parse(text).map_err(|error| wrong_recipient(text, error))?;
        if !named.iter().any(|(_, other)| *other == recipient) {
            named.push((format!("recipient-{}", named.len() + 1), recipient));
        }
    }
    Ok(NativePlan::for_recipients(named))
}

/// Says which of the recipients it is, where it can only be one: what was given by mistake may be a secret.
fn wrong_recipient(text: &str, error: Error) -> Failure {
    let public = ["age1", "ssh-"].iter().any(|start| text.starts_with(start));
    let beginning: String = text.chars().take(16).collect();
    let failure = match (public, beginning.len() < text.len()) {
        (false, _) => Failure::of("-r/--recipient", error),
        (true, false) => Failure::of(&format!("-r/--recipient {beginning}"), error),
        (true, true) => Failure::of(&format!("-r/--recipient {beginning}…"), error),
    };
    if Path::new(text).is_file() {
        return failure.hint("that is a file: give the recipient in it, as in -r \"$(cat FILE)\"");
    }
    failure
}

/// The nearest config file in the folder of `file` or above.
pub(crate) fn find(file: &Path) -> Option<PathBuf> {
    file.ancestors().skip(1).map(|folder| folder.join(CONFIG_NAME)).find(|path| path.is_file())
}

/// Whether a config that was found by looking upwards may speak for `file`: it belongs to this user, to the superuser, or
/// to the owner of the folder that the file is in. Anybody can put a file into a shared folder further up.
#[cfg(unix)]
pub(crate) fn is_trusted(config: &Path, file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: &Path| path.metadata().ok().map(|metadata| metadata.uid());
    let Some(config_owner) = owner(config) else { return false };
    let user = rustix::process::geteuid().as_raw();
    config_owner == user || config_owner == 0 || file.parent().and_then(owner) == Some(config_owner)
}

/// Owners are not looked at here.
#[cfg(not(unix))]
pub(crate) fn is_trusted(_: &Path, _: &Path) -> bool {
    true
}

/// `path` from the root, with `.` and `..` resolved by name: the file need not exist, and a rule speaks of the name
/// that the user sees, not of what a link leads to.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path)
        .map_err(|error| Failure::about(exit_code::GENERIC, &path.display().to_string(), io::reason(&error)))?;
    Ok(clean(&path))
}

/// `path`, which begins at the root, without `.` and `..`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}
