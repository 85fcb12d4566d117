//! The rules of the wanted dialect: those that stand in configs, and those that are translated now.

use std::path::{Path, PathBuf};

use sops_rs::config::sops::{CONFIG_NAME as SOPS_CONFIG_NAME, SopsConfig};
use sops_rs::config::translate::{self, Translated};
use sops_rs::config::{Config, Dialect, MAX_CONFIG_LEN};
use sops_rs::error::Error;
use sops_rs::file::{Plan, sops};
use sops_rs::keys::Recipient;
use zeroize::Zeroizing;

use crate::cli::discover::{self, CONFIG_NAME, RuleOptions, Rules};
use crate::cli::many::Target;
use crate::cli::report::{Failure, say, warn};
use crate::cli::{exit_code, io, repository, sops_config};

/// The configs that are translated.
#[derive(Default)]
pub(super) struct Configs {
    translations: Vec<Translation>,
}

/// A config in the other language.
struct Translation {
    /// The one that it was made from.
    from: PathBuf,
    /// Where it is to be.
    path: PathBuf,
    /// What was there before, if anything.
    before: Option<Zeroizing<Vec<u8>>>,
    /// The folder whose files it speaks of, from the root.
    folder: PathBuf,
    translated: Translated,
    native: Config,
    sops: SopsConfig,
}

/// Whether a file is a config by its name.
pub(super) fn is_config(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == CONFIG_NAME || name == SOPS_CONFIG_NAME)
}

impl Configs {
    /// Translates those of the `targets` that are configs in the other language.
    pub(super) fn translate(targets: &[Target], to: Dialect, force: bool) -> Result<Self, Failure> {
        let (from, into) = match to {
            Dialect::Native => (SOPS_CONFIG_NAME, CONFIG_NAME),
            Dialect::Sops => (CONFIG_NAME, SOPS_CONFIG_NAME),
        };
        let mut configs = Self::default();
        for target in targets.iter().filter(|target| target.path.file_name().is_some_and(|name| name == from)) {
            let path = target.path.with_file_name(into);
            let shown = path.display().to_string();
            if path.exists() && !force {
                if target.named {
                    let failure = Failure::about(exit_code::OUTPUT, &shown, "is there already");
                    return Err(failure.hint("overwrite it with --force"));
                }
                say(&format!(
                    "`{shown}` is there already: its rules count, `{}` is not translated",
                    target.path.display()
                ));
                continue;
            }
            let before = if path.exists() { Some(io::read(&path, MAX_CONFIG_LEN)?) } else { None };
            let translation = Translation::new(&target.path, path, before, to)?;
            translation.check()?;
            configs.translations.push(translation);
        }
        Ok(configs)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.translations.is_empty()
    }

    /// What a native rule says of `file`, if there is one.
    pub(super) fn native_rule(&self, file: &Path) -> Result<Option<Plan>, Failure> {
        let whole = discover::absolute(file)?;
        if let Some(translation) = self.of(&whole, CONFIG_NAME) {
            let relative = discover::relative(&translation.path_from_root(), &whole).unwrap_or_default();
            return Ok(translation.native.rule_for(&relative).ok().map(Plan::of_rule));
        }
        match discover::locate(&RuleOptions::default(), file) {
            Ok(Rules::Own(located)) => match located.config.rule_for(&located.relative) {
                Ok(rule) if rule.dialect == Dialect::Native => Ok(Some(Plan::of_rule(rule))),
                Ok(_) | Err(Error::NoRule { .. }) => Ok(None),
                Err(error) => Err(Failure::of(&discover::shown(&located.path), error)),
            },
            Ok(Rules::Sops(_)) => Ok(None),
            Err(failure) if failure.code == exit_code::NO_CONFIG => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// What a rule says of `file` as one of SOPS, if there is one.
    pub(super) fn sops_rule(&self, file: &Path) -> Result<Option<sops::Plan>, Failure> {
        let whole = discover::absolute(file)?;
        let of_rule = |rule| sops::Plan::of_creation_rule(rule);
        if let Some(translation) = self.of(&whole, SOPS_CONFIG_NAME) {
            let relative = discover::relative(&translation.path_from_root(), &whole).unwrap_or_default();
            let rule = translation.sops.rule_for(&relative).ok().flatten().map(of_rule).transpose();
            return rule.map_err(|error| Failure::of(&discover::shown(&translation.path), error));
        }
        if let Ok(Rules::Own(located)) = discover::locate(&RuleOptions::default(), file)
            && let Ok(rule) = located.config.rule_for(&located.relative)
            && rule.dialect == Dialect::Sops
        {
            let plan = sops::Plan::of_rule(rule);
            return plan.map(Some).map_err(|error| Failure::of(&discover::shown(&located.path), error));
        }
        let Some(found) = sops_config::nearest(file)? else { return Ok(None) };
        let relative = discover::relative(found.path(), &whole).unwrap_or_default();
        if matches!(found.config.rule_for(&relative), Err(Error::NoRule { .. })) {
            return Ok(None);
        }
        let rule = found.rule_for(file)?.map(of_rule).transpose();
        rule.map_err(|error| Failure::of(&found.shown(), error))
    }

    /// What native configs call readers: those that are translated, and the one that `file` has.
    pub(super) fn names(&self, file: &Path) -> Result<Vec<(String, Recipient)>, Failure> {
        let translated = self.translations.iter().flat_map(|translation| translation.native.recipients());
        let mut names: Vec<_> = translated.map(|(name, recipient)| (name.clone(), recipient.clone())).collect();
        if let Some(path) = discover::find(&discover::absolute(file)?) {
            names.extend(discover::read(&path)?.recipients().clone());
        }
        Ok(names)
    }

    /// Tells what was translated; without writing it, also the texts.
    pub(super) fn say_all(&self, print: bool) -> Result<(), Failure> {
        for Translation { path, translated, .. } in &self.translations {
            translated.notes.iter().for_each(|note| warn(&format!("`{}`: {note}", path.display())));
            if print {
                say(&format!("`{}` would be written:", path.display()));
                io::print(translated.text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Adds them to what is to be written.
    pub(super) fn add_to(&self, batch: &io::Batch) -> Result<(), Failure> {
        for Translation { path, before, translated, .. } in &self.translations {
            let text = translated.text.as_bytes();
            match before {
                Some(before) => batch.add_over(path, before, text, io::Privacy::Public)?,
                None => batch.add(path, text, io::Privacy::Public)?,
            }
        }
        Ok(())
    }

    /// Tells that they were written.
    pub(super) fn say_written(&self) {
        for Translation { path, from, .. } in &self.translations {
            let from = from.display();
            say(&format!("wrote `{}`; `{from}` stays until you take it out", path.display()));
        }
    }

    /// The translation that is the nearest config called `name` for `file`.
    fn of(&self, file: &Path, name: &str) -> Option<&Translation> {
        let is_for = |translation: &&Translation| {
            translation.path.file_name().is_some_and(|own| own == name) && file.starts_with(&translation.folder)
        };
        let depth = |folder: &Path| folder.components().count();
        let nearest = self.translations.iter().filter(is_for).max_by_key(|translation| depth(&translation.folder))?;
        let others = file.ancestors().skip(1).filter(|folder| folder.join(name).is_file());
        let is_nearest = others.map(depth).max().is_none_or(|other| other <= depth(&nearest.folder));
        is_nearest.then_some(nearest)
    }
}

impl Translation {
    fn new(from: &Path, path: PathBuf, before: Option<Zeroizing<Vec<u8>>>, to: Dialect) -> Result<Self, Failure> {
        let shown = from.display().to_string();
        let source = io::read(from, MAX_CONFIG_LEN)?;
        let source =
            std::str::from_utf8(&source).map_err(|_| Failure::about(exit_code::GENERIC, &shown, "is not UTF-8"))?;
        let translated = match to {
            Dialect::Native => translate::to_native(source),
            Dialect::Sops => translate::to_sops(source),
        };
        let translated = translated.map_err(|errors| {
            let mut failures = errors.into_iter().map(|error| Failure::of(&shown, error));
            let first = failures.next().unwrap_or_else(|| Failure::of(&shown, Error::NotEncrypted));
            let hint = format!("write `{}` by hand, its rules count then", path.display());
            failures.fold(first.hint(hint), Failure::and)
        })?;
        let (native, sops) = match to {
            Dialect::Native => (Config::parse(&translated.text), SopsConfig::parse(source)),
            Dialect::Sops => (Config::parse(source), SopsConfig::parse(&translated.text)),
        };
        let failed = |error| Failure::of(&shown, error);
        let (native, sops) = (native.map_err(failed)?, sops.map_err(failed)?);
        let folder = discover::absolute(&path)?.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { from: from.to_owned(), path, before, folder, translated, native, sops })
    }

    fn path_from_root(&self) -> PathBuf {
        self.folder.join(CONFIG_NAME)
    }

    /// Refuses a translation that gives one of the files in its folder other readers.
    fn check(&self) -> Result<(), Failure> {
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        for file in repository::list(&[folder.to_owned()]).files.into_iter().filter(|file| !is_config(&file.path)) {
            let whole = discover::absolute(&file.path)?;
            let Some(relative) = discover::relative(&self.path_from_root(), &whole) else { continue };
            if let Err((ours, theirs)) = translate::same_readers(&self.native, &self.sops, &relative) {
                let shown = file.path.display();
                let what = format!("its translation has other readers for `{shown}`: native {ours}, SOPS {theirs}");
                let failure = Failure::about(exit_code::GENERIC, &self.path.display().to_string(), what);
                return Err(failure.hint("write it by hand, its rules count then"));
            }
        }
        Ok(())
    }
}
