//! GitHub Actions: workflow commands on standard output, and the file `$GITHUB_ENV`.

use zeroize::Zeroizing;

use super::{Variables, text};
use crate::cli::report::Failure;
use crate::cli::{environment, exit_code, io};

/// What the runner is told.
pub(crate) struct Commands {
    /// Workflow commands that hide values in logs; they hold from the moment at which the runner reads them.
    masks: Zeroizing<String>,
    /// Blocks for the file of environment variables.
    blocks: Zeroizing<String>,
}

/// Masks for `secrets`, and blocks that set `variables`.
pub(super) fn commands(variables: &Variables, secrets: &[Zeroizing<String>], shown: &str) -> Result<Commands, Failure> {
    if let Some(name) = variables.keys().find(|name| is_forbidden(name)) {
        let what = format!("`{name}` is a variable that GitHub lets nobody set");
        return Err(
            Failure::about(exit_code::UNREPRESENTABLE, shown, what).hint("choose other names with --prefix TEXT")
        );
    }
    // The runner hides single lines only.
    let lines = secrets.iter().flat_map(|secret| secret.split(['\n', '\r'])).filter(|line| !line.trim().is_empty());
    let masks = text(lines.map(|line| ["::add-mask::", &line.replace('%', "%25"), "\n"].concat()));
    let blocks = text(variables.iter().map(|(name, value)| {
        let end = delimiter(value);
        [name, "<<", &end, "\n", value, "\n", &end, "\n"].concat()
    }));
    Ok(Commands { masks, blocks })
}

impl Commands {
    /// Prints the masks; the blocks go to the file that `GITHUB_ENV` names, without one to standard output, too.
    pub(super) fn send(&self) -> Result<(), Failure> {
        io::print(self.masks.as_bytes())?;
        match environment::github_env_file() {
            Some(file) => io::append(&file, self.blocks.as_bytes()),
            None => io::print(self.blocks.as_bytes()),
        }
    }
}

/// Names that the runner keeps for itself (GitHub Docs, "Workflow commands", "Setting an environment variable").
fn is_forbidden(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name == "NODE_OPTIONS" || ["GITHUB_", "RUNNER_"].iter().any(|start| name.starts_with(start))
}

/// A line that is none of the value's: what stands behind such a line in a value would set variables of its own.
fn delimiter(value: &str) -> String {
    let is_free = |end: &String| !value.split(['\n', '\r']).any(|line| line.trim() == end);
    let mut ends = (0_u64..).map(|number| format!("SOPS_RS_END_{number}")).filter(is_free);
    ends.next().expect("a value has fewer lines than there are numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_end_its_block() {
        assert_eq!(delimiter("x"), "SOPS_RS_END_0");
        assert_eq!(delimiter("SOPS_RS_END_0\rSOPS_RS_END_2\n SOPS_RS_END_1 \n"), "SOPS_RS_END_3");
    }
}
