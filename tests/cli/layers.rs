//! A module imports only from those before it: the `use` lines of `src/` are held against the order of the design.

use std::fs;
use std::path::{Path, PathBuf};

/// The library's modules in their order.
const ORDER: [&str; 15] = [
    "leaf",
    "error",
    "json_escape",
    "random",
    "redact",
    "leaks",
    "secret_shape",
    "data_key",
    "select",
    "document",
    "keys",
    "dialect",
    "config",
    "file",
    "lib",
];

/// The file of every module below `folder`, with the name of its top module.
fn modules(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(folder).expect("below").with_extension("");
                let top = relative.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
                found.push((top, path));
            }
        }
    }
    found
}

/// The top modules that the code before the tests imports by `crate::`.
fn imports(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("readable");
    let code = text.split("#[cfg(test)]").next().expect("a part");
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            // `use crate::{a::b, c}`: each part at the first level counts.
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                    c => name.push(c),
                }
            }
            found.push(name);
        } else {
            found.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let first = |name: String| name.trim().split("::").next().expect("a part").to_owned();
    found.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_library_imports_only_from_above() {
    let place = |name: &str| ORDER.iter().position(|module| *module == name);
    let mut seen = 0;
    for (module, path) in modules(Path::new("src")) {
        if module == "cli" || module == "main" {
            continue;
        }
        let own = place(&module).unwrap_or_else(|| panic!("`{module}` has no place in the order"));
        for import in imports(&path) {
            // `crate::Error` is the one re-export at the root.
            let import = if import == "Error" { "error" } else { &import };
            let theirs = place(import).unwrap_or_else(|| panic!("{}: `crate::{import}` is unknown", path.display()));
            assert!(theirs <= own, "{}: `{module}` must not import `{import}`", path.display());
            seen += usize::from(theirs < own);
        }
    }
    assert!(seen > 50, "only {seen} imports were found");
}

#[test]
fn the_program_sees_only_the_public_library() {
    let own: Vec<_> = modules(Path::new("src/cli")).into_iter().map(|(name, _)| name).collect();
    let commands = [
        "check",
        "completion",
        "convert",
        "decrypt",
        "demo",
        "diff",
        "doctor",
        "edit",
        "encrypt",
        "exec_env",
        "exec_file",
        "explain",
        "filestatus",
        "get",
        "init",
        "keys",
        "log",
        "man",
        "rotate",
        "set",
        "unset",
        "update_keys",
        "who",
    ];
    for (module, path) in modules(Path::new("src/cli")) {
        let text = fs::read_to_string(&path).expect("readable");
        for import in imports(&path) {
            assert_eq!(import, "cli", "{}: the library is `sops_rs`, not `crate`", path.display());
        }
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("use super::")) {
            let name: String = line.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_command = commands.contains(&name.as_str()) && own.contains(&name);
            assert!(!is_command, "{}: `{module}` must not import the command `{name}`", path.display());
        }
    }
}

#[test]
fn a_wrong_import_would_be_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.rs");
    let text = "use crate::file::{self, Plan};\nuse crate::{\n    keys::Recipient,\n    leaf::{Leaf, Span},\n};\n\
                // crate::comment\nfn f() { crate::config::f() }\n#[cfg(test)]\nuse crate::test;\n";
    #[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
    fs::write(&path, text).expect("written");
    assert_eq!(imports(&path), ["file", "keys", "leaf", "config"]);
}
