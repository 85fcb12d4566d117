//! `demo`: the whole story with the real commands, in a temporary repository, with a throw-away key.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use tempfile::TempDir;

use super::report::Failure;
use super::{environment, exit_code, io};

/// Show it all in a throw-away git repository
///
/// Makes a key, encrypts a `.env` and a YAML file, commits them, changes one value, merges two branches with plain git,
/// verifies, and runs a program with the values in its environment. Prints each command and what it shows; nothing
/// is left behind. Needs git and a POSIX shell.
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// One step: what it is for, the command line, and what its output must hold.
struct Scene {
    title: &'static str,
    line: &'static str,
    shows: &'static [&'static str],
}

const PLAIN_ENV: &str =
    "# how the app reaches its database\nDATABASE_URL=postgres://app:hunter2@db.internal/app\nLOG_LEVEL=info\n";
const PLAIN_YAML: &str = "\
# payment provider
stripe:
  api_key: sk_live_51H8demo  # rotate in January
  webhook_secret: 'whsec_demo'

smtp:
  user: mailer
  password: \"p@ss: word\"
  port: 0587
";

/// Changes one value through a pipe: no plaintext file is ever made.
const CHANGE_SECRET: &str = "sops-rs decrypt secrets/app.yaml | sed 's/whsec_demo/whsec_new/' | \
     sops-rs encrypt --filename-override secrets/app.yaml -o secrets/app.yaml -";
const CHANGE_USER: &str = "sops-rs decrypt secrets/app.yaml | sed 's/mailer/postmaster/' | \
     sops-rs encrypt --filename-override secrets/app.yaml -o secrets/app.yaml -";

const SCENES: &[Scene] = &[
    Scene {
        title: "Make a key and a config",
        line: "git init -q -b main && sops-rs init",
        shows: &["identity: made", "config: made"],
    },
    Scene {
        title: "Two files with secrets",
        line: "cat .env secrets/app.yaml",
        shows: &["hunter2", "sk_live_51H8demo"],
    },
    Scene {
        title: "Encrypt them: only the values, comments included",
        line: "sops-rs encrypt -i .env secrets/app.yaml",
        shows: &["2 values and 1 comment encrypted", "5 values and 2 comments encrypted"],
    },
    Scene {
        title: "Keys, order and layout stay readable",
        line: "cut -c1-72 secrets/app.yaml | head -n 9",
        shows: &["stripe:", "  port: ENC[1:"],
    },
    Scene {
        title: "Commit",
        line: "git add -A && git commit -qm 'add secrets' && git ls-files",
        shows: &[".sops-rs.yaml", "secrets/app.yaml"],
    },
    Scene { title: "Change one value", line: CHANGE_SECRET, shows: &["1 of them new or changed"] },
    Scene {
        title: "The diff is one line",
        line: "git diff --stat",
        shows: &["1 file changed, 1 insertion(+), 1 deletion(-)"],
    },
    Scene {
        title: "Commit it, and go back for a branch",
        line: "git commit -qam 'new webhook secret' && git checkout -q -b mail HEAD~1",
        shows: &[],
    },
    Scene { title: "On the branch another value changes", line: CHANGE_USER, shows: &["1 of them new or changed"] },
    Scene {
        title: "Plain git merges both, without a key and without a driver",
        line: "git commit -qam 'new user' && git checkout -q main && git merge --no-edit mail",
        shows: &["Auto-merging secrets/app.yaml", "1 insertion(+), 1 deletion(-)"],
    },
    Scene {
        title: "The merged file verifies, and opens to both changes, every other byte as it was",
        line: "sops-rs decrypt secrets/app.yaml",
        shows: &[
            "sk_live_51H8demo  # rotate in January",
            "'whsec_new'",
            "user: postmaster",
            "port: 0587",
            "\"p@ss: word\"",
        ],
    },
    Scene {
        title: "Run a program with the values in its environment",
        line: "sops-rs exec-env .env secrets/app.yaml -- sh -c 'echo \"$DATABASE_URL $STRIPE_WEBHOOK_SECRET $SMTP_PASSWORD\"'",
        shows: &["postgres://app:hunter2@db.internal/app whsec_new p@ss: word"],
    },
];

pub(crate) fn run(_: &Arguments) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(exit_code::OUTPUT, format!("temporary folder: {}", io::reason(&error)));
    let folder = tempfile::Builder::new().prefix("sops-rs-demo-").tempdir().map_err(failed)?;
    let outcome = play(&folder);
    folder.close().map_err(failed)?;
    outcome?;
    io::print(b"\nThat was all of it; the repository and the key are gone. Start your own with `sops-rs init`.\n")
}

fn play(folder: &TempDir) -> Result<(), Failure> {
    let repository = folder.path().join("app");
    io::make_private_folder(&repository.join("secrets"))?;
    io::write(&repository.join(".env"), PLAIN_ENV.as_bytes(), io::Privacy::Private)?;
    io::write(&repository.join("secrets/app.yaml"), PLAIN_YAML.as_bytes(), io::Privacy::Private)?;
    SCENES.iter().try_for_each(|scene| show(scene, folder.path(), &repository))
}

/// Prints one step, runs it, prints what it says, and holds that against what it must show.
fn show(scene: &Scene, home: &Path, repository: &Path) -> Result<(), Failure> {
    let (bold, end) = if io::is_colored_stdout() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    io::print(format!("\n{bold}# {}{end}\n$ {}\n", scene.title, scene.line).as_bytes())?;
    let output = shell(scene.line, home, repository)?;
    io::print(output.text.as_bytes())?;
    if !output.success {
        return Err(Failure::new(exit_code::GENERIC, format!("the demo's step failed: `{}`", scene.line)));
    }
    match scene.shows.iter().find(|expected| !output.text.contains(**expected)) {
        None => Ok(()),
        Some(missing) => {
            Err(Failure::new(exit_code::GENERIC, format!("the demo's step did not show `{missing}`: `{}`", scene.line)))
        }
    }
}

struct Output {
    text: String,
    success: bool,
}

/// Runs a line by the shell in an environment that holds nothing of the user's: no keys, no git configuration.
fn shell(line: &str, home: &Path, repository: &Path) -> Result<Output, Failure> {
    let cannot = |error: std::io::Error| {
        let failure = Failure::new(exit_code::CANNOT_RUN, format!("the shell cannot be run: {}", io::reason(&error)));
        failure.hint("the demo needs a POSIX shell and git")
    };
    let program = std::env::current_exe().map_err(cannot)?;
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {line}; }} 2>&1")])
        .current_dir(repository)
        .env_clear()
        .env("PATH", environment::path_with(program.parent()))
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "Demo"), ("GIT_COMMITTER_NAME", "Demo")])
        .envs([("GIT_AUTHOR_EMAIL", "demo@example.org"), ("GIT_COMMITTER_EMAIL", "demo@example.org")])
        .stdin(Stdio::null())
        .output()
        .map_err(cannot)?;
    Ok(Output { text: String::from_utf8_lossy(&output.stdout).into_owned(), success: output.status.success() })
}
