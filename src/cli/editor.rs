//! The program that edits a plaintext: which one, how it is kept from leaving copies behind, and how it is run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::io::{self, Privacy};
use super::private_dir::PrivateDir;
use super::report::Failure;
use super::{environment, exit_code, signals, words};

/// The variables that name the user's editor.
const VARIABLES: &[&str] = &["SOPS_EDITOR", "VISUAL", "EDITOR"];

/// Those of SOPS.
const SOPS_VARIABLES: &[&str] = &["SOPS_EDITOR", "EDITOR"];

/// Editors that are looked for when none is named.
const FALLBACKS: &[&str] = if cfg!(windows) { &["notepad"] } else { &["vim", "nano", "vi"] };

/// In a program given by `--with`: the path of the plaintext.
const PLACEHOLDER: &str = "{}";

/// Neither swap nor undo nor backup files. A build of Vim that lacks one of them does not know its option.
const VIM: &[&str] =
    &["-n", "-i", "NONE", "-c", "silent! set nobackup nowritebackup noswapfile", "-c", "silent! set noundofile"];

/// Evaluated before the file is visited, and after the user's own settings.
const EMACS: &[&str] = &[
    "--eval",
    "(setq make-backup-files nil auto-save-default nil create-lockfiles nil undo-tree-auto-save-history nil)",
];

/// The settings of a VS Code that has its data, where it keeps a history of all saved files, in the private directory.
const VS_CODE: &str = r#"{
  "files.hotExit": "off",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "window.restoreWindows": "none",
  "workbench.localHistory.enabled": false,
  "workbench.startupEditor": "none"
}
"#;

/// Editors that return at once, unless they are told to wait until the file is closed.
const IMPATIENT: &[(&[&str], &str)] = &[
    (&["atom", "gedit", "mate", "subl", "xed", "zed", "zeditor"], "--wait"),
    (&["kate"], "--block"),
    (&["gvim", "mvim"], "--nofork"),
];

/// A program that edits.
#[derive(Debug)]
pub(crate) struct Editor {
    /// The program and the arguments that were given with it. They may hold secrets: only the first word is ever told.
    words: Vec<String>,
    /// It came by `--with`, so it has a placeholder, and no habits.
    scripted: bool,
}

impl Editor {
    /// The program of `--with`; else the one in `SOPS_EDITOR`, `VISUAL` or `EDITOR`; else one that is installed.
    ///
    /// # Errors
    /// When there is none, or its words cannot be told apart.
    pub(crate) fn choose(with: Option<&str>) -> Result<Self, Failure> {
        match with {
            Some(command) => Self::of("--with", command.into(), true),
            None => Self::named(VARIABLES),
        }
    }

    /// The program that SOPS would take.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn choose_as_sops() -> Result<Self, Failure> {
        Self::named(SOPS_VARIABLES)
    }

    fn named(variables: &[&'static str]) -> Result<Self, Failure> {
        environment::editor(variables).map_or_else(Self::fallback, |(name, command)| Self::of(name, command, false))
    }

    fn of(source: &str, command: OsString, scripted: bool) -> Result<Self, Failure> {
        let failed = |what: &str| Failure::about(exit_code::EDITOR, source, what);
        let command = command.into_string().map_err(|_| failed("is not UTF-8"))?;
        let words = words::split(&command).ok_or_else(|| failed("a quote is not closed"))?;
        if words.is_empty() {
            return Err(failed("names no program"));
        }
        Ok(Self { words, scripted })
    }

    fn fallback() -> Result<Self, Failure> {
        let installed = |name: &&&str| environment::find_program(name.as_ref()) != Path::new(name);
        let Some(name) = FALLBACKS.iter().find(installed) else {
            let failure = Failure::new(exit_code::EDITOR, "no editor was found");
            return Err(failure.hint("name one in `EDITOR`, or let a program edit: --with 'PROGRAM {}'"));
        };
        Ok(Self { words: vec![(*name).to_owned()], scripted: false })
    }

    /// The name of its program, when that cannot be found.
    pub(crate) fn missing(&self) -> Option<&str> {
        let name = self.words.first()?.as_str();
        (!environment::find_program(name.as_ref()).is_file()).then_some(name)
    }

    /// Gets it ready for `file` in `folder`, which is the plaintext of `original`.
    pub(crate) fn open(self, folder: &PrivateDir, file: &Path, original: &Path) -> Result<Session, Failure> {
        let mut session = Session {
            program: environment::find_program(self.words[0].as_ref()),
            before: Vec::new(),
            jumps: false,
            after: vec![file.into()],
            original: original.to_owned(),
            name: self.words[0].clone(),
        };
        if self.scripted {
            session.after = self.placed(file);
        } else {
            self.prepare(&mut session, folder)?;
        }
        Ok(session)
    }

    /// The arguments of `--with`: the file where the placeholders are, or else as the last one.
    fn placed(&self, file: &Path) -> Vec<OsString> {
        let words = &self.words[1..];
        let file = file.to_string_lossy();
        let last = (!words.iter().any(|word| word.contains(PLACEHOLDER))).then(|| OsString::from(&*file));
        words.iter().map(|word| word.replace(PLACEHOLDER, &file).into()).chain(last).collect()
    }

    /// Adds the user's arguments, and ours for editors that are known.
    fn prepare(&self, session: &mut Session, folder: &PrivateDir) -> Result<(), Failure> {
        let arguments = &mut session.before;
        arguments.extend(self.words[1..].iter().map(OsString::from));
        let [name, real] = names(&session.program);
        let own = |names: &[&str]| names.contains(&name.as_str());
        let is = |starts: &[&str]| starts.iter().any(|start| real.starts_with(start));
        session.jumps = own(&["vi"]) || is(&["vim", "nvim", "gvim", "mvim", "emacs", "nano"]);
        if own(&["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"]) {
            let data = folder.path().join(".editor");
            io::make_private_folder(&data.join("User"))?;
            io::create(&data.join("User/settings.json"), VS_CODE.as_bytes(), Privacy::Private)?;
            arguments.extend(["--user-data-dir".into(), data.into(), "--new-window".into()]);
            self.add_once("--wait", arguments);
        } else if is(&["vim", "nvim", "gvim", "mvim"]) {
            arguments.extend(VIM.iter().map(OsString::from));
        } else if is(&["emacs"]) && !is(&["emacsclient"]) {
            arguments.extend(EMACS.iter().map(OsString::from));
        } else if real == "nano" {
            arguments.extend(["--backupdir".into(), folder.path().into()]);
        }
        for (_, option) in IMPATIENT.iter().filter(|(names, _)| own(names)) {
            self.add_once(option, arguments);
        }
        Ok(())
    }

    fn add_once(&self, option: &str, arguments: &mut Vec<OsString>) {
        let short = &option[1..3];
        if !self.words[1..].iter().any(|word| word == option || word == short) {
            arguments.push(option.into());
        }
    }
}

/// The name that was called, which decides how an editor behaves, and the one of the program behind it, as `vim.tiny`
/// behind `vi`, which decides what options it knows.
fn names(program: &Path) -> [String; 2] {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".exe").to_owned();
    [name(program), program.canonicalize().map_or_else(|_| name(program), |real| name(&real))]
}

/// An editor that is ready to be run, also more than once.
pub(crate) struct Session {
    name: String,
    program: PathBuf,
    /// The arguments before the line.
    before: Vec<OsString>,
    /// Whether it takes `+LINE`.
    jumps: bool,
    /// The arguments behind the line.
    after: Vec<OsString>,
    original: PathBuf,
}

impl Session {
    /// Lets the user edit, at this process's terminal, beginning at `line`. Core dumps stay off for the editor: it has the
    /// plaintext in its memory.
    ///
    /// # Errors
    /// When it cannot be run, or says that it failed.
    pub(crate) fn run(&self, line: Option<usize>) -> Result<(), Failure> {
        let line = line.filter(|_| self.jumps).map(|line| format!("+{line}"));
        let mut command = Command::new(&self.program);
        command.args(&self.before).args(line).args(&self.after);
        command.env_clear().envs(environment::inherited()).env("SOPS_RS_EDIT", &self.original);
        let status = signals::run(&mut command).map_err(|error| {
            let what = format!("cannot be run: {}", io::reason(&error));
            let failure = Failure::about(exit_code::EDITOR, &self.name, what);
            failure.hint("the words are split at blanks, and there is no shell; for one write `sh -c '…'`")
        })?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::about(exit_code::EDITOR, &self.name, format_args!("failed ({status})")))
    }
}
