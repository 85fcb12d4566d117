//! `install-as-sops`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::report::{Failure, named, say, warn, word};
use super::{environment, exit_code, io};

/// The name under which the program is SOPS.
const NAME: &str = if cfg!(windows) { "sops.exe" } else { "sops" };

/// Make this program answer to the name `sops`
///
/// Puts a link named `sops` to this program into a folder, or a copy where links cannot be made. Called by that name, it reads the
/// command lines of SOPS and does what SOPS would do. The folder must stand on the PATH, before that of another SOPS.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder; it is made if it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Replace another program that is there under this name
    #[arg(long, conflicts_with = "remove")]
    force: bool,
    /// Take the link away again
    #[arg(long)]
    remove: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let program = environment::this_program().map_err(|error| {
        Failure::new(exit_code::GENERIC, format!("it cannot be told where this program is: {}", io::reason(&error)))
    })?;
    let link = arguments.folder.join(NAME);
    let shown = link.display().to_string();
    let is_there = link.symlink_metadata().is_ok();
    let is_ours = io::same_file(&link, &program) || io::same_content(&link, &program);
    if arguments.remove {
        if !is_there {
            say(&format!("{}: there is nothing to remove", named(&shown)));
            return Ok(());
        }
        if !is_ours {
            return Err(Failure::about(exit_code::GENERIC, &shown, "is another program, it stays where it is"));
        }
        if !link.is_symlink() && io::same_file(&link, &program) {
            return Err(Failure::about(exit_code::GENERIC, &shown, "is this program itself, not a link to it"));
        }
        io::remove_file(&link)?;
        say(&format!("{}: removed", named(&shown)));
        return Ok(());
    }
    if is_ours {
        say(&format!("{}: is this program already", named(&shown)));
    } else {
        // A link that leads nowhere is nobody's program.
        if link.exists() && !arguments.force {
            let failure = Failure::about(exit_code::GENERIC, &shown, "is another program");
            return Err(failure.hint("to replace it, say --force"));
        }
        io::make_folder(&arguments.folder)?;
        io::link_program(&link, &program)?;
        say(&format!("{}: is this program now, {}", named(&shown), named(&program.display().to_string())));
    }
    advise(&arguments.folder, &link);
    Ok(())
}

/// Says what is to be done so that the link is found.
fn advise(folder: &Path, link: &Path) {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let found = environment::find_program(NAME.as_ref());
    if io::same_file(&found, link) {
        return;
    }
    let line = format!("export PATH={}:\"$PATH\"", word(&absolute.display().to_string()));
    if found.is_file() {
        warn(&format!("another `sops` comes first on the PATH: {}", named(&found.display().to_string())));
    }
    say(&format!("to have it found, put its folder on the PATH, in front: {line}"));
}
