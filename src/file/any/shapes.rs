//! What an encrypted file leaves clear although it looks like a secret, and which variables it has.

use super::Metadata;
use super::snapshot::{Entry, Snapshot, SnapshotContent, SnapshotKind, SnapshotLeaf};
use crate::file::names::EnvironmentNames;
use crate::leaf::{LeafKind, PathId, Segment};
use crate::secret_shape::{is_secret_name, known_secret, may_be_secret};
use crate::select::Globs;

/// Something clear that looks like a secret.
#[derive(Clone, Copy, Debug)]
pub struct SecretShaped<'s> {
    /// The value or comment.
    pub leaf: SnapshotLeaf<'s>,
    /// The kind of secret, as in "a private key"; none when only its key is called so.
    pub kind: Option<&'static str>,
    /// Whether the policy names the value clear, rather than not naming it among those to be sealed.
    pub is_named: bool,
}

impl Snapshot {
    /// All that is clear and looks like a secret.
    #[must_use]
    pub fn secret_shaped(&self) -> Vec<SecretShaped<'_>> {
        let named = Named::of(self);
        let found = self.entries.iter().zip(self.leaves()).filter_map(|(entry, leaf)| {
            let SnapshotContent::Clear(text) = &entry.content else { return None };
            let is_value = entry.leaf_kind.is_value();
            if !is_value && entry.kind != SnapshotKind::Comment {
                return None;
            }
            let is_named = is_value && named.contains(entry.path);
            let kind = known_secret(text);
            let is_called_so = || is_value && !is_named && self.key(entry.path).is_some_and(is_secret_name);
            (kind.is_some() || is_called_so() && may_be_secret(text)).then_some(SecretShaped { leaf, kind, is_named })
        });
        found.collect()
    }

    /// The names that its values have as environment variables, and whether a value is known to be empty.
    #[must_use]
    pub fn variables(&self, names: &EnvironmentNames<'_>) -> Vec<(String, bool)> {
        let names = names.for_format(self.format());
        let is_value = |entry: &&Entry| entry.kind == SnapshotKind::Value && entry.leaf_kind != LeafKind::Alias;
        let variable = |entry: &Entry| {
            let mut parts = Vec::new();
            let mut path = entry.path;
            while let Some(segment) = self.paths.last(path) {
                match segment {
                    Segment::Document(_) => {}
                    Segment::Index(index) => parts.push(index.to_string()),
                    Segment::Key { text, .. } => parts.push(text.to_owned()),
                }
                path = self.paths.parent(path);
            }
            let is_empty = match &entry.content {
                SnapshotContent::Clear(text) => text.is_empty(),
                SnapshotContent::Empty => true,
                SnapshotContent::Sealed(_) => false,
            };
            (names.of_parts(parts.iter().rev().map(String::as_str)), is_empty)
        };
        self.entries.iter().filter(is_value).map(variable).collect()
    }

    /// The key that is the nearest above a value.
    fn key(&self, path: PathId) -> Option<&str> {
        let mut path = path;
        loop {
            match self.paths.last(path)? {
                Segment::Key { text, .. } => return Some(text),
                Segment::Document(_) => return None,
                Segment::Index(_) => path = self.paths.parent(path),
            }
        }
    }
}

/// What a policy names clear.
enum Named {
    All,
    Matches(crate::select::Matches),
    None,
}

impl Named {
    fn of(snapshot: &Snapshot) -> Self {
        match &snapshot.metadata() {
            None => Self::None,
            Some(Metadata::Native(metadata)) => {
                Self::Matches(Globs(&metadata.policy.selection.clear).all_matches(&snapshot.paths))
            }
            // The selectors that begin so say what stays clear; without one the keys themselves do.
            Some(Metadata::Sops(metadata, _)) => match &metadata.rule {
                Some(rule) if !rule.parts().0.starts_with("unencrypted") => Self::None,
                _ => Self::All,
            },
        }
    }

    fn contains(&self, path: PathId) -> bool {
        match self {
            Self::All => true,
            Self::Matches(matches) => matches.contains(path),
            Self::None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::{self, Plan};
    use crate::keys::{NoInteraction, Recipient};
    use crate::select::PathGlob;

    const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";

    fn snapshot(text: &str, encrypt: &[&str], clear: &[&str]) -> Snapshot {
        let yaml = format_by_name("yaml").expect("a format");
        let mut plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
        plan.selection.encrypt = PathGlob::parse_all(encrypt.iter().copied()).expect("globs");
        plan.selection.clear = PathGlob::parse_all(clear.iter().copied()).expect("globs");
        plan.comments = crate::select::CommentPolicy::Clear;
        let document = file::Document::parse(text.as_bytes(), yaml).expect("YAML");
        let encrypted = file::encrypt(&document, &plan, &NoInteraction).expect("encrypted").text;
        Snapshot::read(encrypted.as_bytes(), yaml).expect("well-formed").expect("encrypted")
    }

    #[test]
    fn what_is_clear_and_looks_like_a_secret_is_found() {
        let key = format!("{}IOSFODNN7EXAMPL2", "AKIA");
        let text = format!(
            "# old: {key}\nsealed: {key}\nother:\n  password: hunter2x\n  tokens: [hunter2x]\n  api_key: [hunter2x]\nnamed: {{password: hunter2x, id: {key}}}\n"
        );
        let snapshot = snapshot(&text, &["sealed", "named.**"], &["named.*"]);
        let found: Vec<_> = snapshot
            .secret_shaped()
            .iter()
            .map(|shaped| (shaped.leaf.path(), shaped.leaf.line(), shaped.kind.is_some(), shaped.is_named))
            .collect();
        let expected = [
            (".", 1, true, false),
            ("other.password", 4, false, false),
            ("other.api_key[0]", 6, false, false),
            ("named.id", 7, true, true),
        ];
        assert_eq!(found, expected.map(|(path, line, kind, named)| (path.to_owned(), line, kind, named)));
    }

    #[test]
    fn variables_are_named_as_for_a_program() {
        let names = EnvironmentNames { separator: "_", prefix: "", upcase: true, dotted_keys: false };
        let snapshot = snapshot("a: {b: [1, {c: 2}]}\nempty:\nclear: ''\n", &["**"], &["clear"]);
        let expected = [("A_B_0", false), ("A_B_1_C", false), ("EMPTY", true), ("CLEAR", true)];
        assert_eq!(snapshot.variables(&names), expected.map(|(name, is_empty)| (name.to_owned(), is_empty)));
    }
}
