//! Metadata as a tree, without a format.

/// A field of SOPS's metadata, or a part of one. Fields that are not known are kept in this form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Field>),
    /// A map, in order.
    Map(Vec<(String, Field)>),
    /// Nothing.
    Null,
    /// A number in its spelling.
    Number(String),
    /// A text.
    Text(String),
}

impl Field {
    /// A scalar as text, as SOPS 3.13 converts it where it wants one.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Bool(value) => if *value { "1" } else { "0" }.to_owned(),
            Self::Null => String::new(),
            Self::Number(text) | Self::Text(text) => text.clone(),
            Self::List(_) | Self::Map(_) => return None,
        })
    }

    /// A boolean, also one that is spelled as a text or number.
    #[must_use]
    pub fn to_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Null => Some(false),
            Self::Number(text) | Self::Text(text) => match text.as_str() {
                "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
                "" | "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
                _ => None,
            },
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The items of a list; nothing is an empty one.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Null => Some(&[]),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(String, Self)]> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    /// The entry `name` of a map.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_map()?.iter().find(|(key, _)| key == name).map(|(_, field)| field)
    }

    /// The same with the entries of all maps in byte order, as SOPS writes them since 3.13.
    #[must_use]
    pub fn sorted(self) -> Self {
        match self {
            Self::List(items) => Self::List(items.into_iter().map(Self::sorted).collect()),
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.into_iter().map(|(name, field)| (name, field.sorted())).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Self::Map(entries)
            }
            scalar => scalar,
        }
    }
}
