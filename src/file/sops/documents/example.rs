//! What SOPS offers in the editor for a file that does not exist yet.

use super::Documents;
use crate::document::sops::Store;
use crate::error::Error;

const FLAT: &str = "# This is an example file.\nhello=Welcome to SOPS! Edit this file as you please!\n\
                    example_key=example_value\nexample_multiline=foo\\nbar\\nbaz\n";
const SECTIONS: &str = "; This is an example file.\n[Welcome!]\nhello = Welcome to SOPS! Edit this file as you please!\n\
                        example_key = example_value\n";
const TEXT: &str = "Welcome to SOPS! Edit this file as you please!";
const TREE: &str = "hello: Welcome to SOPS! Edit this file as you please!\nexample_key: example_value\n# Example comment\n\
                    example_array: [example_value1, example_value2]\nexample_number: 1234.56789\n\
                    example_booleans: [true, false]\n";

impl Documents {
    /// The example for a new file of `store`.
    ///
    /// # Errors
    /// None that [`Documents::read`] would not have for these texts.
    pub fn example(store: Store) -> Result<Self, Error> {
        match store {
            Store::Binary => Self::read(TEXT.as_bytes(), store),
            Store::Dotenv => Self::read(FLAT.as_bytes(), store),
            Store::Ini => Self::read(SECTIONS.as_bytes(), store),
            Store::Json | Store::Toml | Store::Yaml => Self::read(TREE.as_bytes(), Store::Yaml),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sops::Stores;
    use crate::file::sops::Losses;

    #[test]
    fn examples_are_those_of_sops() {
        for (store, expected) in [
            (Store::Binary, TEXT.to_owned()),
            (Store::Dotenv, FLAT.to_owned()),
            (Store::Ini, SECTIONS.replace("hello =", "hello       =")),
            (
                Store::Json,
                "{\n\t\"hello\": \"Welcome to SOPS! Edit this file as you please!\",\n\t\"example_key\": \"example_value\",\n\t\
                 \"example_array\": [\n\t\t\"example_value1\",\n\t\t\"example_value2\"\n\t],\n\t\"example_number\": 1234.56789,\n\t\
                 \"example_booleans\": [\n\t\ttrue,\n\t\tfalse\n\t]\n}\n"
                    .to_owned(),
            ),
            (
                Store::Yaml,
                TREE.replace("[example_value1, example_value2]", "\n    - example_value1\n    - example_value2")
                    .replace("[true, false]", "\n    - true\n    - false")
                    .replace(": \n", ":\n"),
            ),
        ] {
            let example = Documents::example(store).expect("an example");
            let printed = example.print(store, &Stores::default(), Losses::Refused).expect("a text");
            assert_eq!(std::str::from_utf8(&printed).expect("text"), expected, "{store:?}");
        }
    }
}
