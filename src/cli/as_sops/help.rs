//! Help, the version and completion, from the table.

use std::fmt::Write as _;

use super::table::{Command, Flag, Kind, PROGRAM};

/// What SOPS would be in our place: its clients look for this number.
const VERSION: &str = "3.13.2";

/// The version, in the form that clients of SOPS know, and behind it who this is.
pub(super) fn version() -> String {
    format!("sops {VERSION} (sops-rs {})\n", env!("CARGO_PKG_VERSION"))
}

/// Help for `command`, whose full name is `name`.
pub(super) fn help(command: &Command, name: &str) -> String {
    let is_program = std::ptr::eq(command, &PROGRAM);
    let mut text = format!("NAME:\n   {name} - {}\n\nUSAGE:\n", command.about);
    if is_program {
        text.push_str("   sops [options] command [options] file\n   sops [options] file\n");
        let _ = write!(text, "\nVERSION:\n   {}", version().trim_start_matches("sops "));
    } else {
        let words = [name, "[options]", command.arguments];
        let _ = writeln!(text, "   {}", words.join(" ").trim_end());
    }
    if !command.commands.is_empty() {
        let rows = command.commands.iter().map(|command| (command.name.to_owned(), command.about.to_owned()));
        let help = ("help, h".to_owned(), "print help, for a command or for all".to_owned());
        section(&mut text, "COMMANDS", rows.chain([help]));
    }
    if !command.flags.is_empty() {
        let title = if is_program { "GLOBAL OPTIONS" } else { "OPTIONS" };
        section(&mut text, title, command.flags.iter().map(|flag| (spelled(flag), described(flag))));
    }
    text
}

fn section(text: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or_default();
    let _ = writeln!(text, "\n{title}:");
    for (left, right) in rows {
        let _ = writeln!(text, "   {left:width$}  {right}");
    }
}

fn spelled(flag: &Flag) -> String {
    let value = if flag.kind == Kind::Switch { "" } else { " value" };
    let alias = flag.alias.map(|alias| format!(", {}{value}", dashed(alias)));
    format!("--{}{value}{}", flag.name, alias.unwrap_or_default())
}

fn dashed(name: &str) -> String {
    if name.len() == 1 { format!("-{name}") } else { format!("--{name}") }
}

fn described(flag: &Flag) -> String {
    flag.variable.map_or_else(|| flag.about.to_owned(), |variable| format!("{} [${variable}]", flag.about))
}

/// What may follow, one on each line: options that begin with `start`, or the commands in `command`.
pub(super) fn candidates(command: &Command, start: Option<&str>) -> String {
    let names: Vec<String> = match start {
        Some(start) => {
            let names = command.flags.iter().flat_map(|flag| [Some(flag.name), flag.alias]).flatten().map(dashed);
            names.filter(|name| name.starts_with(start)).collect()
        }
        None => {
            let help = (!command.commands.is_empty()).then_some("help");
            command.commands.iter().map(|command| command.name).chain(help).map(str::to_owned).collect()
        }
    };
    names.iter().map(|name| format!("{name}\n")).collect()
}

/// The script that lets `shell` complete command lines: it asks the program each time. Where that has nothing to offer, the
/// shell offers files.
pub(super) fn script(shell: &str) -> &'static str {
    match shell {
        "bash" => BASH,
        _ => ZSH,
    }
}

const BASH: &str = r#"_sops_complete() {
  local current="${COMP_WORDS[COMP_CWORD]}" words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ "$current" == -* ]] && words+=("$current")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$current"))
}
complete -o bashdefault -o default -F _sops_complete sops
"#;

const ZSH: &str = r#"#compdef sops
_sops() {
  local -a before found
  before=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && before+=("${words[CURRENT]}")
  found=("${(@f)$("${before[@]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then
    compadd -- "${found[@]}"
  else
    _files
  fi
}
compdef _sops sops
"#;
