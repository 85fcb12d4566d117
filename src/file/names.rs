//! Names for the values of a tree: as environment variables, and as entries of a Kubernetes Secret.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::scalar::Scalar;
use super::tree::{Tree, Value};
use crate::document::Format;
use crate::error::Error;

/// How the environment names of nested values are made.
#[derive(Clone, Copy, Debug)]
pub struct EnvironmentNames<'n> {
    /// Between the parts of a path.
    pub separator: &'n str,
    /// Before every name.
    pub prefix: &'n str,
    /// Whether names are put into upper case.
    pub upcase: bool,
    /// Whether `.` and `-` in a key separate parts of a path, too.
    pub dotted_keys: bool,
}

impl EnvironmentNames<'_> {
    /// The same for values of a file of `format`: keys of dotenv are environment names already and keep their case, and
    /// those of properties are paths by custom (`db.url`).
    #[must_use]
    pub fn for_format(self, format: &dyn Format) -> Self {
        let name = format.name();
        Self {
            upcase: self.upcase && name != "dotenv",
            dotted_keys: self.dotted_keys || format.has_dotted_keys(),
            ..self
        }
    }

    /// The name for a path of these parts.
    pub(super) fn of_parts<'p>(&self, parts: impl Iterator<Item = &'p str>) -> String {
        self.name(&parts.fold(String::new(), |path, part| self.join(&path, part)))
    }

    fn join(&self, path: &str, part: &str) -> String {
        let part = if self.dotted_keys { part.replace(['.', '-'], self.separator) } else { part.to_owned() };
        if path.is_empty() { part } else { format!("{path}{}{part}", self.separator) }
    }

    /// The name for a path whose parts are joined.
    pub(super) fn name(&self, path: &str) -> String {
        if self.upcase { format!("{}{}", self.prefix, path.to_uppercase()) } else { format!("{}{path}", self.prefix) }
    }
}

impl Tree {
    /// Environment variables for all scalars: `db.users[0]` is `DB_USERS_0`.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for a name or a value that an environment cannot hold, and when two leaves have one
    /// name.
    pub fn environment(&self, names: &EnvironmentNames<'_>) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        self.named(names, |name, value| match value {
            _ if !is_environment_name(name) => {
                Some("not an environment name: letters, digits and `_`, not beginning with a digit")
            }
            value if value.contains('\0') => Some("an environment variable cannot hold a NUL character"),
            _ => None,
        })
    }

    /// The entries of a Kubernetes Secret for all scalars, not in base64 yet.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what is no key of a Secret, and when two leaves have one name.
    pub fn secret_data(&self, names: &EnvironmentNames<'_>) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        let what = "not a key of a Secret: at most 253 letters, digits, `-`, `_` and `.`";
        self.named(names, |name, _| (!is_secret_key(name)).then_some(what))
    }

    /// All scalars by name; `refusal` says what is wrong with a name and its value.
    fn named(
        &self,
        names: &EnvironmentNames<'_>,
        refusal: impl Fn(&str, &str) -> Option<&'static str>,
    ) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        let mut variables = BTreeMap::new();
        for document in &self.documents {
            if matches!(document, Value::Scalar(scalar) if *scalar != Scalar::Null) {
                return Err(Error::Unrepresentable { path: ".".into(), what: "a value without a key has no name" });
            }
            walk(document, "", names, &mut |path, scalar| {
                let (name, text) = (names.name(path), scalar.text());
                if let Some(what) = refusal(&name, text) {
                    return Err(Error::Unrepresentable { path: name, what });
                }
                if variables.insert(name.clone(), Zeroizing::new(text.to_owned())).is_some() {
                    let what = "two values have this name; choose another --separator, or --no-upcase";
                    return Err(Error::Unrepresentable { path: name, what });
                }
                Ok(())
            })?;
        }
        Ok(variables)
    }
}

/// Visits the scalars below `value`, with their paths joined.
pub(super) fn walk<E>(
    value: &Value,
    path: &str,
    names: &EnvironmentNames<'_>,
    visit: &mut impl FnMut(&str, &Scalar) -> Result<(), E>,
) -> Result<(), E> {
    let join = |part: &str| names.join(path, part);
    match value {
        Value::List(items) => {
            items.iter().enumerate().try_for_each(|(index, item)| walk(item, &join(&index.to_string()), names, visit))
        }
        Value::Map(entries) => entries.iter().try_for_each(|(key, value)| walk(value, &join(key), names, visit)),
        Value::Scalar(Scalar::Inherited) => Ok(()),
        Value::Scalar(scalar) => visit(path, scalar),
    }
}

fn is_environment_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A key of a `Secret` or `ConfigMap` (Kubernetes API, `data`): a file of this name can be made of it, too.
fn is_secret_key(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name != "."
        && !name.starts_with("..")
}
