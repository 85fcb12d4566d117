//! The configs of both programs: each read once, and which of their rules speaks of a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sops_rs::config::sops::CONFIG_NAME as SOPS_CONFIG_NAME;
use sops_rs::config::{Config, Dialect, FileGlob, Rule as ConfigRule};
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any::Plan;
use sops_rs::file::sops;
use zeroize::Zeroizing;

use super::finding::{Finding, Place, Rule};
use super::scope::Selected;
use crate::cli::discover::{self, CONFIG_NAME, RuleOptions};
use crate::cli::git::{ObjectId, Objects};
use crate::cli::io;
use crate::cli::report::Failure;
use crate::cli::sops_config::FoundConfig;

/// All configs above some files.
#[derive(Default)]
pub(super) struct RuleBook {
    configs: Vec<Loaded>,
    /// The config that counts in each folder.
    by_folder: HashMap<PathBuf, Option<usize>>,
    /// Configs that cannot be used.
    pub(super) findings: Vec<Finding>,
}

struct Loaded {
    path: PathBuf,
    rules: Rules,
}

enum Rules {
    /// It cannot be used.
    Broken,
    Own(Config, Vec<Option<Plan>>),
    Sops(FoundConfig),
}

/// The text of a config, if there is one.
type Text = Result<Option<Zeroizing<Vec<u8>>>, Failure>;

/// What the configs say of a file.
pub(super) struct Governed<'b> {
    loaded: Option<&'b Loaded>,
    file: PathBuf,
    /// The rule of ours for it.
    pub(super) rule: Option<&'b ConfigRule>,
    /// Whether a rule means such files in particular, not everything in some folder.
    pub(super) is_meant: bool,
    /// Whether a rule speaks of it at all.
    pub(super) is_spoken_of: bool,
    /// Whether one did in the state before.
    pub(super) was_spoken_of: bool,
}

/// Whether a file holds rules.
pub(super) fn is_config(path: &Path) -> bool {
    path.file_name().is_some_and(|name| [CONFIG_NAME, SOPS_CONFIG_NAME].iter().any(|config| name == *config))
}

impl RuleBook {
    /// Reads the configs for all candidates: those that are staged, where they are, else those on the disk.
    pub(super) fn read(selected: &Selected) -> Result<Self, Failure> {
        Self::read_from(selected, &selected.names, true)
    }

    /// The same as it was in the state before.
    pub(super) fn read_before(selected: &Selected) -> Result<Option<Self>, Failure> {
        selected.configs_before.as_ref().map(|configs| Self::read_from(selected, configs, false)).transpose()
    }

    /// Reads the configs that are among `names`; others below the top only if they may be taken from the `disk`.
    fn read_from(selected: &Selected, names: &HashMap<PathBuf, Option<ObjectId>>, disk: bool) -> Result<Self, Failure> {
        let mut objects = None;
        let top = selected.repository.as_ref().and_then(|repository| repository.top());
        let mut text_of = |path: &Path| -> Text {
            let name = top.and_then(|top| path.strip_prefix(top).ok());
            match (name.and_then(|name| names.get(name).copied().flatten()), &selected.repository) {
                (Some(id), Some(repository)) => {
                    let objects = match &mut objects {
                        Some(objects) => objects,
                        none => none.insert(Objects::start(repository)?),
                    };
                    Ok(objects.read(id, MAX_ENCRYPTED_LEN)?.into_bytes())
                }
                _ if (disk || name.is_none()) && path.is_file() => io::read(path, MAX_ENCRYPTED_LEN).map(Some),
                _ => Ok(None),
            }
        };
        let mut book = Self::default();
        for candidate in &selected.candidates {
            let path = absolute(selected, &candidate.place);
            book.find(path.parent().unwrap_or(Path::new("/")), selected, &mut text_of)?;
        }
        Ok(book)
    }

    /// What the configs say of `place`, a candidate.
    pub(super) fn governed(&self, selected: &Selected, place: &Place) -> Governed<'_> {
        let file = absolute(selected, place);
        let index = file.parent().and_then(|folder| self.by_folder.get(folder).copied().flatten());
        let loaded = index.map(|index| &self.configs[index]);
        let mut governed =
            Governed { loaded, file, rule: None, is_meant: false, is_spoken_of: false, was_spoken_of: false };
        match loaded.map(|loaded| (&loaded.rules, &loaded.path)) {
            Some((Rules::Own(config, _), path)) => {
                let relative = discover::relative(path, &governed.file).unwrap_or_default();
                let found = config.rules().iter().find_map(|rule| Some((rule, rule.glob_for(&relative)?)));
                governed.rule = found.map(|(rule, _)| rule);
                governed.is_spoken_of = found.is_some();
                governed.is_meant = found.is_some_and(|(_, glob)| is_particular(glob.as_str(), &governed.file));
            }
            Some((Rules::Sops(found), _)) => {
                let rule = found.rule_for(&governed.file).ok().flatten();
                // One without a pattern is for whatever somebody encrypts.
                governed.is_spoken_of = rule.is_some_and(|rule| rule.path_regex.pattern.is_some());
                governed.is_meant = governed.is_spoken_of;
            }
            Some((Rules::Broken, _)) | None => {}
        }
        governed
    }

    /// Finds the config that counts in `folder`.
    fn find(
        &mut self,
        folder: &Path,
        selected: &Selected,
        text_of: &mut dyn FnMut(&Path) -> Text,
    ) -> Result<Option<usize>, Failure> {
        if let Some(&known) = self.by_folder.get(folder) {
            return Ok(known);
        }
        let mut found = None;
        for name in [CONFIG_NAME, SOPS_CONFIG_NAME] {
            let path = folder.join(name);
            if let Some(text) = text_of(&path)? {
                let rules = self.load(&path, &text, selected);
                self.configs.push(Loaded { path, rules });
                found = Some(self.configs.len() - 1);
                break;
            }
        }
        if let (None, Some(parent)) = (found, folder.parent()) {
            found = self.find(parent, selected, text_of)?;
        }
        self.by_folder.insert(folder.to_owned(), found);
        Ok(found)
    }

    fn load(&mut self, path: &Path, text: &[u8], selected: &Selected) -> Rules {
        let shown = discover::shown(path);
        let name = selected.repository.as_ref().and_then(|repository| repository.name_of(path));
        let place = Place { name: name.unwrap_or_else(|| path.to_owned()), path: shown.clone().into() };
        let text = String::from_utf8_lossy(text);
        if path.file_name().is_some_and(|name| name == SOPS_CONFIG_NAME) {
            return match FoundConfig::of_text(path, &text) {
                Ok(found) => Rules::Sops(found),
                Err(failure) => self.broken(Finding::of(Rule::Config, &place, &failure)),
            };
        }
        match Config::parse(&text).map_err(|error| Failure::of(&shown, error)) {
            Ok(config) => {
                let unsupported = config.rules().iter().filter_map(|rule| rule.check_supported().err());
                let failures = unsupported.map(|error| Finding::of(Rule::Config, &place, &Failure::of(&shown, error)));
                self.findings.extend(failures);
                let plan = |rule: &ConfigRule| rule.check_supported().and_then(|()| Plan::of_rule(rule)).ok();
                let plans = config.rules().iter().map(plan).collect();
                Rules::Own(config, plans)
            }
            Err(failure) => self.broken(Finding::of(Rule::Config, &place, &failure)),
        }
    }

    fn broken(&mut self, finding: Finding) -> Rules {
        self.findings.push(finding);
        Rules::Broken
    }
}

impl Governed<'_> {
    /// What the rules say of a file that is encrypted in `dialect`; none when no rule speaks of it, or its config is
    /// broken.
    pub(super) fn plan(&self, dialect: Dialect) -> Option<Plan> {
        match self.loaded.map(|loaded| &loaded.rules) {
            Some(Rules::Own(_, plans)) => {
                let plan = self.rule.and_then(|rule| plans.get(rule.ordinal - 1)?.clone());
                match plan {
                    Some(plan) if plan.dialect() == dialect || dialect == Dialect::Native => Some(plan),
                    // While a repository goes from one program to the other, it has both configs.
                    plan => discover::plan_like(&RuleOptions::default(), &self.file, dialect).ok().or(plan),
                }
            }
            Some(Rules::Sops(found)) => {
                let rule = found.rule_for(&self.file).ok()??;
                sops::Plan::of_creation_rule(rule).map(Plan::Sops).ok()
            }
            Some(Rules::Broken) => None,
            None => discover::plan_like(&RuleOptions::default(), &self.file, dialect).ok(),
        }
    }

    /// Whether there is a config that cannot be used, which is told once.
    pub(super) fn is_broken(&self) -> bool {
        self.loaded.is_some_and(|loaded| matches!(loaded.rules, Rules::Broken))
            || self.rule.is_some_and(|rule| rule.check_supported().is_err())
    }
}

/// Whether a glob that matches a file does so by its name, rather than by the folder it is in.
fn is_particular(glob: &str, file: &Path) -> bool {
    let last = glob.rsplit('/').next().unwrap_or_default();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !last.chars().all(|c| c == '*') && FileGlob::parse(last).is_ok_and(|glob| glob.matches(&name))
}

/// The path of a file from the root.
fn absolute(selected: &Selected, place: &Place) -> PathBuf {
    match selected.repository.as_ref().and_then(|repository| repository.top()) {
        Some(top) => top.join(&place.name),
        None => discover::absolute(&place.path).unwrap_or_else(|_| place.path.clone()),
    }
}
