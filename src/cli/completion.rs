//! `completion`: scripts that complete command lines, from the definition of the command line.

use clap::{Args, ValueEnum};
use clap_complete::Shell;

use super::complete_paths;
use super::io;
use super::report::Failure;

/// Print a completion script
///
/// Where to put it: bash, /etc/bash_completion.d/ or `source <(sops-rs completion bash)` in ~/.bashrc; zsh, as `_sops-rs`
/// in a folder of $fpath; fish, ~/.config/fish/completions/sops-rs.fish; PowerShell and elvish, in the profile. In the first
/// three the paths in an encrypted file are completed, too.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    io::print(script(arguments.shell).as_bytes())
}

/// All scripts, by the names under which shells look for them.
pub(crate) fn scripts() -> impl Iterator<Item = (String, String)> {
    use clap_complete::Generator;
    Shell::value_variants().iter().map(|&shell| (shell.file_name("sops-rs"), script(shell)))
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(), "sops-rs", &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        Shell::Bash => with_bash_paths(&script),
        Shell::Fish => format!("{script}{}", FISH_PATHS.replace("COMMAND", complete_paths::NAME)),
        Shell::Zsh => with_zsh_paths(&script),
        _ => script.into_owned(),
    }
}

/// The definition of the command line without the commands that are not for people, which scripts would offer otherwise.
fn visible() -> clap::Command {
    let all = super::definition();
    let commands = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let visible = clap::Command::new("sops-rs").version(env!("CARGO_PKG_VERSION"));
    visible.args(all.get_arguments().cloned()).subcommands(commands.collect::<Vec<_>>())
}

/// Paths first; where there are none, what the generated function says.
fn with_bash_paths(script: &str) -> String {
    // The generator (4.6.11) has two ways to spell a program's name with a hyphen, and then finds no command.
    let script = script.replace("sops__subcmd__rs", "sops__rs");
    let registered = script.replace("complete -F _sops__rs ", "complete -F _sops__rs_or_paths ");
    format!("{}{registered}", BASH_PATHS.replace("COMMAND", complete_paths::NAME))
}

const BASH_PATHS: &str = r#"# The paths in the encrypted file of the command line, told by its keys.
_sops__rs_paths() {
    local current="${COMP_WORDS[COMP_CWORD]}" path quoted= quote="'\\''"
    case "${COMP_WORDS[1]}" in
        get|log|set|unset|who) [[ ${COMP_CWORD} -gt 2 && "${current}" != -* ]] || return 1 ;;
        decrypt|dec) [[ "${COMP_WORDS[COMP_CWORD-1]}" == --extract ]] || return 1 ;;
        *) return 1 ;;
    esac
    case "${current}" in
        \'*) quoted=1 current="${current:1}" ;;
        *) current="${current//\\/}" ;;
    esac
    local words=("${COMP_WORDS[@]:2:COMP_CWORD-2}" "${COMP_WORDS[@]:COMP_CWORD+1}")
    COMPREPLY=()
    while IFS= read -r path; do
        if [[ -n "${quoted}" ]]; then
            # Keys are written by others: none may end the quote.
            path=${path//\'/${quote}}
        else
            printf -v path '%q' "${path}"
        fi
        COMPREPLY+=("${path}")
    done < <("${COMP_WORDS[0]}" COMMAND -- "${current}" "${words[@]//\\/}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -gt 0 ]]
}

_sops__rs_or_paths() {
    _sops__rs_paths || _sops__rs "$@"
}

"#;

const FISH_PATHS: &str = r#"
# The paths in the encrypted file of the command line, told by its keys.
function __fish_sops_rs_paths
    set -l words (commandline -opc)
    command sops-rs COMMAND -- (commandline -ct | string replace -ra '^[\'"]|\\\\' '') $words[3..-1] 2>/dev/null
end
complete -c sops-rs -n "__fish_seen_subcommand_from get log set unset who" -a "(__fish_sops_rs_paths)"
complete -c sops-rs -n "__fish_seen_subcommand_from decrypt dec" -l extract -r -f -a "(__fish_sops_rs_paths)"
"#;

/// A positional argument called path or paths, and an option whose value is called PATH, is completed with paths.
fn with_zsh_paths(script: &str) -> String {
    let (head, rest) = script.split_once("_sops-rs() {").unwrap_or((script, ""));
    let lines = rest.split('\n').map(|line| {
        let name = line.trim_start_matches(['\'', '*', ':']).split(' ').next().unwrap_or_default();
        let is_path = line.contains(":PATH:_default'") || matches!(name, "path" | "paths");
        if is_path { line.replace(":_default'", ":_sops-rs_paths'") } else { line.to_owned() }
    });
    let rest = lines.collect::<Vec<_>>().join("\n");
    format!("{head}{}_sops-rs() {{{rest}", ZSH_PATHS.replace("COMMAND", complete_paths::NAME))
}

const ZSH_PATHS: &str = r#"# The paths in the encrypted file of the command line, told by its keys.
_sops-rs_paths() {
    local -a paths
    paths=("${(@f)$(command sops-rs COMMAND -- "${(Q)PREFIX}" "${(@Q)words[1,CURRENT-1]}" "${(@Q)words[CURRENT+1,-1]}" 2>/dev/null)}")
    paths=(${paths:#})
    if (( ${#paths} )); then compadd -a paths; else _default; fi
}

"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_zsh_arguments_that_are_paths_are_completed_with_paths() {
        let script = "#compdef\n_sops-rs() {\n':path -- Which:_default' \\\n'*::paths -- Which:_default' \\\n':pathology:_default'\n}\n";
        let completed = with_zsh_paths(script);
        let (_, lines) = completed.split_once("_sops-rs() {\n").expect("the function");
        let expected =
            "':path -- Which:_sops-rs_paths' \\\n'*::paths -- Which:_sops-rs_paths' \\\n':pathology:_default'\n}\n";
        assert_eq!(lines, expected);
    }
}
