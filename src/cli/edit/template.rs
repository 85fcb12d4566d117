//! What the editor shows of a file that does not exist yet.

use sops_rs::document::Format;
use sops_rs::file::any::Plan;

/// Begins the lines that are for the reader only, in formats that have comments.
const MARK: &str = "# sops-rs: ";

/// The text to begin a new file with.
pub(super) fn template(format: &dyn Format, plan: &Plan) -> String {
    let example = match format.name() {
        "yaml" => "password: hunter2",
        "toml" => "password = \"hunter2\"",
        "ini" => "password = hunter2",
        "properties" => "db.password=hunter2",
        "dotenv" => "PASSWORD=hunter2",
        "json" => return "{\n  \"password\": \"hunter2\"\n}\n".to_owned(),
        _ => return String::new(),
    };
    format!(
        "{MARK}a new file, encrypted to {} when you save it and leave the editor.\n\
         {MARK}Without a line of yours, no file is made. An example of one: {example}\n\
         {MARK}These lines go away by themselves.\n",
        plan.reader_names().join(", ")
    )
}

/// `text` without the template's lines at its beginning.
pub(super) fn without_header(mut text: &[u8]) -> &[u8] {
    while text.starts_with(MARK.as_bytes()) {
        text = text.iter().position(|&byte| byte == b'\n').map_or(&[], |end| &text[end + 1..]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without_header;

    #[test]
    fn the_header_is_what_stands_at_the_beginning() {
        for (text, rest) in [
            ("# sops-rs: a\n# sops-rs: b\na: 1\n# sops-rs: c\n", "a: 1\n# sops-rs: c\n"),
            ("# sops-rs: a", ""),
            ("\n# sops-rs: a\n", "\n# sops-rs: a\n"),
            ("a: 1", "a: 1"),
            ("", ""),
        ] {
            assert_eq!(without_header(text.as_bytes()), rest.as_bytes(), "{text}");
        }
    }
}
