//! Where SOPS looks for its config, and the path that its rules are about.

use std::path::{Path, PathBuf};

/// The name of SOPS's config file.
pub const CONFIG_NAME: &str = ".sops.yaml";

/// A name that many expect to work, and that SOPS warns of.
pub const ALTERNATE_NAME: &str = ".sops.yml";

/// So many folders are looked into, the first one included.
pub const MAX_DEPTH: usize = 100;

/// What [`lookup`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// The config file.
    pub config: Option<PathBuf>,
    /// The first file of the other name on the way there. It is ignored, which its owner should know.
    pub ignored: Option<PathBuf>,
}

/// Looks for the config file in `folder` and above. SOPS starts in the working folder, not in that of the file.
///
/// `folder` is absolute, and `exists` says whether there is something at a path.
pub fn lookup(folder: &Path, exists: impl Fn(&Path) -> bool) -> Lookup {
    let mut found = Lookup::default();
    for folder in folder.ancestors().take(MAX_DEPTH) {
        let config = folder.join(CONFIG_NAME);
        if exists(&config) {
            found.config = Some(config);
            break;
        }
        let alternate = folder.join(ALTERNATE_NAME);
        if found.ignored.is_none() && exists(&alternate) {
            found.ignored = Some(alternate);
        }
    }
    found
}

/// The path that creation rules are about: `file` from `folder` on, which is the config file's, or all of it when it lies
/// elsewhere. Both are absolute and clean.
#[must_use]
pub fn match_path<'f>(folder: &str, file: &'f str) -> &'f str {
    file.strip_prefix(folder).and_then(|rest| rest.strip_prefix(std::path::MAIN_SEPARATOR)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str]) -> (Option<String>, Option<String>) {
        let Lookup { config, ignored } =
            lookup(Path::new("/a/b/c"), |path| files.contains(&path.to_str().expect("UTF-8")));
        let text = |path: PathBuf| path.to_str().expect("UTF-8").to_owned();
        (config.map(text), ignored.map(text))
    }

    #[cfg(unix)]
    #[test]
    fn the_nearest_config_counts_and_the_other_name_does_not() {
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(found(&[]), (None, None));
        assert_eq!(found(&["/.sops.yaml"]), (some("/.sops.yaml"), None));
        assert_eq!(found(&["/a/.sops.yaml", "/.sops.yaml"]), (some("/a/.sops.yaml"), None));
        assert_eq!(found(&["/a/b/.sops.yml", "/.sops.yml"]), (None, some("/a/b/.sops.yml")));
        assert_eq!(found(&["/a/.sops.yaml", "/a/b/c/.sops.yml"]), (some("/a/.sops.yaml"), some("/a/b/c/.sops.yml")));
        assert_eq!(found(&["/a/.sops.yaml", "/a/.sops.yml"]), (some("/a/.sops.yaml"), None));
        let deep: PathBuf = std::iter::once("/").chain(std::iter::repeat_n("x", 100)).collect();
        assert_eq!(lookup(&deep, |path| path == Path::new("/.sops.yaml")).config, None, "100 folders below");
        assert!(lookup(&deep, |path| path == Path::new("/x/.sops.yaml")).config.is_some());
    }

    #[cfg(unix)]
    #[test]
    fn rules_are_about_the_path_from_the_config_on() {
        assert_eq!(match_path("/repo", "/repo/a/b.yaml"), "a/b.yaml");
        assert_eq!(match_path("/repo", "/repository/b.yaml"), "/repository/b.yaml");
        assert_eq!(match_path("/repo", "/elsewhere/b.yaml"), "/elsewhere/b.yaml");
    }
}
