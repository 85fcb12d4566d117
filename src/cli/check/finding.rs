//! What checks find: one sentence about one place, and what to do about it.

use std::path::PathBuf;

use crate::cli::report::Failure;

/// What is looked for. The names are an interface: they stand in reports, and `--allow` takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Rule {
    Config,
    Conflict,
    CopiedKey,
    Dialect,
    Drift,
    HistoryUnknown,
    Leak,
    Malformed,
    NewKey,
    OldKey,
    Overdue,
    Plaintext,
    Proposal,
    Relinked,
    Replaced,
    Required,
    RolledBack,
    SecretShaped,
    Twin,
    Ungoverned,
    Unreadable,
    Unverified,
}

impl Rule {
    /// All of them, by name.
    pub(crate) const ALL: [Self; 22] = [
        Self::Config,
        Self::Conflict,
        Self::CopiedKey,
        Self::Dialect,
        Self::Drift,
        Self::HistoryUnknown,
        Self::Leak,
        Self::Malformed,
        Self::NewKey,
        Self::Ungoverned,
        Self::OldKey,
        Self::Overdue,
        Self::Plaintext,
        Self::Proposal,
        Self::Relinked,
        Self::Replaced,
        Self::Required,
        Self::RolledBack,
        Self::SecretShaped,
        Self::Twin,
        Self::Unreadable,
        Self::Unverified,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        self.about().0
    }

    /// What it finds, in one sentence.
    pub(crate) fn summary(self) -> &'static str {
        self.about().2
    }

    /// How bad it is, where nothing tells more.
    pub(crate) fn severity(self) -> Severity {
        self.about().1
    }

    fn about(self) -> (&'static str, Severity, &'static str) {
        use Severity::{Error, Warning};
        match self {
            Self::Config => ("config", Error, "A config file cannot be used."),
            Self::Conflict => ("conflict", Error, "A merge left conflict markers in an encrypted file."),
            Self::CopiedKey => {
                ("copied-key", Error, "Two files have one data key: values can be moved between them unnoticed.")
            }
            Self::Dialect => ("dialect", Warning, "A file is in another dialect than before, or than its rule says."),
            Self::Drift => ("drift", Error, "The readers or the policy of a file are not those of its rule."),
            Self::HistoryUnknown => {
                ("history-unknown", Warning, "The history is not here, so nothing can be said about earlier states.")
            }
            Self::Leak => ("leak", Error, "The value of an encrypted file stands somewhere in clear."),
            Self::Malformed => ("malformed", Error, "An encrypted file cannot be read."),
            Self::NewKey => ("new-key", Warning, "A file has a new data key, and says that it follows the old one."),
            Self::Ungoverned => ("no-rule", Warning, "A file is encrypted, but no rule speaks of it."),
            Self::OldKey => ("old-key", Error, "A file is back under a data key that was replaced."),
            Self::Overdue => ("overdue", Warning, "A value is older than its rule allows."),
            Self::Plaintext => ("plaintext", Error, "A file is not encrypted, though a rule speaks of it."),
            Self::Proposal => ("proposal", Warning, "A proposed value waits to be accepted."),
            Self::Relinked => {
                ("relinked", Warning, "Values that were added are taken out again, as in an earlier state of the file.")
            }
            Self::Replaced => {
                ("replaced", Error, "A file has another data key, which nobody derived from the old one.")
            }
            Self::Required => ("required", Error, "A value that the rule requires is missing or empty."),
            Self::RolledBack => ("rolled-back", Error, "A value is one that was changed or removed before."),
            Self::SecretShaped => ("secret-shaped", Error, "Clear text looks like a secret."),
            Self::Twin => ("twin", Error, "The plaintext of an encrypted file lies beside it."),
            Self::Unreadable => ("unreadable", Error, "A file cannot be read."),
            Self::Unverified => ("unverified", Error, "A file does not verify: somebody without its key changed it."),
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// For information.
    Note,
    /// It may be meant so.
    Warning,
    /// The command fails.
    Error,
}

impl Severity {
    /// Its name, which is that of SARIF, too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where a file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// From the top of the repository, or from the current folder outside of one.
    pub(crate) name: PathBuf,
    /// From the current folder, for people.
    pub(crate) path: PathBuf,
}

impl Place {
    /// How people name it.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was looked for.
    pub(crate) rule: Rule,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// The file, if it is about one.
    pub(crate) place: Option<Place>,
    /// The line, from 1.
    pub(crate) line: Option<usize>,
    /// The values that it is about; never what they hold.
    pub(crate) paths: Vec<String>,
    /// The commit that explains it, as people abbreviate it.
    pub(crate) commit: Option<String>,
    /// What was found, without the file's name.
    pub(crate) what: String,
    /// What to do, as a sentence with commands in backticks.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    /// A finding about a file.
    pub(crate) fn new(rule: Rule, place: &Place, what: impl Into<String>) -> Self {
        Self { place: Some(place.clone()), ..Self::general(rule, what) }
    }

    /// A finding about no file.
    pub(crate) fn general(rule: Rule, what: impl Into<String>) -> Self {
        let (severity, what) = (rule.severity(), what.into());
        Self { rule, severity, place: None, line: None, paths: Vec::new(), commit: None, what, remedy: None }
    }

    /// What a failure says about a file, whose name is not said twice.
    pub(crate) fn of(rule: Rule, place: &Place, failure: &Failure) -> Self {
        let message = failure.message();
        let what = message.strip_prefix(&format!("`{}`: ", place.shown())).unwrap_or(message);
        let remedy = (!failure.hints().is_empty()).then(|| failure.hints().join("; "));
        Self { line: failure.line, remedy, ..Self::new(rule, place, what) }
    }

    /// The line; none when it is not known.
    #[must_use]
    pub(crate) fn at(self, line: impl Into<Option<usize>>) -> Self {
        Self { line: line.into(), ..self }
    }

    /// The values that it is about.
    #[must_use]
    pub(crate) fn about(self, paths: Vec<String>) -> Self {
        Self { paths, ..self }
    }

    /// The commit that explains it.
    #[must_use]
    pub(crate) fn since(self, commit: Option<String>) -> Self {
        Self { commit, ..self }
    }

    /// How bad it is here.
    #[must_use]
    pub(crate) fn with(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// What to do.
    #[must_use]
    pub(crate) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}
