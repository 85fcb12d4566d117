//! How SOPS is to write files.

use super::reader::Reader;
use crate::config::fields::Fields;
use crate::config::node::Value;
use crate::error::Error;

/// The settings under `stores`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stores {
    /// Blanks per level in YAML. 0 stands for 4; a negative number is an error for SOPS when it writes YAML.
    pub yaml_indent: i64,
    /// Blanks per level in JSON; -1 stands for a tab, and anything below is an error for SOPS when it writes JSON.
    pub json_indent: i64,
    /// The same in the JSON around binary files.
    pub json_binary_indent: i64,
}

impl Default for Stores {
    fn default() -> Self {
        Self { yaml_indent: 0, json_indent: -1, json_binary_indent: -1 }
    }
}

impl Stores {
    pub(super) fn read(mut fields: Fields, reader: &mut Reader) -> Result<Self, Error> {
        let mut stores = Self::default();
        for (name, indent) in [
            ("yaml", &mut stores.yaml_indent),
            ("json", &mut stores.json_indent),
            ("json_binary", &mut stores.json_binary_indent),
        ] {
            if let Some(mut store) = reader.fields(fields.take(name), "a store")? {
                if let Some(entry) = store.take("indent").filter(|entry| !matches!(entry.value.value, Value::Null)) {
                    *indent = reader.number(Some(entry))?;
                }
                reader.done(store, &["indent"]);
            }
        }
        for name in ["dotenv", "ini"] {
            if let Some(store) = reader.fields(fields.take(name), "a store without settings")? {
                reader.done(store, &[]);
            }
        }
        reader.done(fields, &["dotenv", "ini", "json", "json_binary", "yaml"]);
        Ok(stores)
    }
}
