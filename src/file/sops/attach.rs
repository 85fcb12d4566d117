//! Adding metadata to a file, as the last thing at its root.

use super::block;
use super::edits::Edits;
use super::tree::Tree;
use crate::dialect::sops::METADATA_KEY;
use crate::document::Root;
use crate::document::block::newline_of;
use crate::document::sops::{Field, Store, escape_newlines};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId};

/// Notes the changes that add `metadata` to the file of `tree`.
///
/// # Errors
/// [`Error::Syntax`] for a root to which nothing can be added.
pub(super) fn attach(tree: &Tree<'_>, metadata: &Field, edits: &mut Edits) -> Result<(), Error> {
    match tree.store {
        Store::Binary | Store::Json => attach_member(tree, metadata, edits),
        Store::Dotenv => {
            let newline = end_line(tree.text);
            let line = |(name, value): (String, String)| format!("sops_{name}={}\n", escape_newlines(&value));
            let lines: String = metadata.flatten().into_iter().map(line).collect();
            edits.insert(tree.text.len(), format!("{newline}{lines}"));
            Ok(())
        }
        Store::Ini => {
            edits.insert(tree.text.len(), ini_section(tree.text, metadata));
            Ok(())
        }
        Store::Toml => {
            let newline = newline_of(tree.text);
            let blank = if tree.text.is_empty() { "" } else { newline };
            edits.insert(
                tree.text.len(),
                [end_line(tree.text), blank, &metadata.to_toml(METADATA_KEY, newline)].concat(),
            );
            Ok(())
        }
        Store::Yaml => attach_yaml(tree, metadata, edits),
    }
}

fn end_line(text: &str) -> &'static str {
    if text.is_empty() || text.ends_with('\n') { "" } else { newline_of(text) }
}

fn ini_section(text: &str, metadata: &Field) -> String {
    let newline = newline_of(text);
    let lines = metadata.flatten();
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut out = String::from(end_line(text));
    if !text.is_empty() {
        out.push_str(newline);
    }
    out.push_str(&format!("[{METADATA_KEY}]{newline}"));
    for (name, value) in lines {
        let value = escape_newlines(&value);
        let value = Store::spell_ini(&value).unwrap_or(value.clone());
        out.push_str(&format!("{name:width$} = {value}{newline}"));
    }
    out
}

/// The last member of the root object, in the layout that its members have.
fn attach_member(tree: &Tree<'_>, metadata: &Field, edits: &mut Edits) -> Result<(), Error> {
    let (Root::Map(span) | Root::Other(span)) = tree.scan.root;
    let is_object = span.of(tree.text).starts_with('{') && span.of(tree.text).ends_with('}');
    if !is_object || (tree.store != Store::Yaml && !matches!(tree.scan.root, Root::Map(_))) {
        return Err(Error::syntax(tree.text, span.start as usize, "SOPS can encrypt this only when the root is a map"));
    }
    let blanks = [' ', '\t', '\r', '\n'];
    let object = span.of(tree.text);
    let inside = object[1..object.len() - 1].trim_end_matches(blanks);
    let first_blanks = &inside[..inside.len() - inside.trim_start_matches(blanks).len()];
    let at = span.start as usize + 1 + inside.len();
    let is_empty = inside.is_empty();
    let comma = if is_empty || inside.ends_with(',') { "" } else { "," };
    let is_one_line = !is_empty && !first_blanks.contains('\n');
    let member = if is_one_line {
        format!("{comma} \"{METADATA_KEY}\": {}", metadata.to_json("", "", ""))
    } else {
        let newline = newline_of(tree.text);
        let step = if is_empty { "\t" } else { first_blanks.rsplit('\n').next().unwrap_or("\t") };
        let end = if is_empty { newline } else { "" };
        let json = metadata.to_json(step, if step.is_empty() { "\t" } else { step }, newline);
        format!("{comma}{newline}{step}\"{METADATA_KEY}\": {json}{end}")
    };
    if is_empty {
        // Blanks between the brackets would stand before the closing one.
        edits.remove(at..span.end as usize - 1);
    }
    edits.insert(at, member);
    Ok(())
}

/// One more root key in every document.
fn attach_yaml(tree: &Tree<'_>, metadata: &Field, edits: &mut Edits) -> Result<(), Error> {
    let text = tree.text;
    let documents = tree.documents();
    let ends = document_ends(text);
    if ends.len() != documents.len() {
        return Err(Error::syntax(text, 0, "SOPS can encrypt this only when `---` stands between all documents"));
    }
    for (&document, end) in documents.iter().zip(ends) {
        let newline = newline_of(text);
        let refuse = |at| Err(Error::syntax(text, at, "SOPS can encrypt this only when the root is a map"));
        let column = match root_of(tree, document) {
            RootOf::Block(column) => column,
            RootOf::Empty => 0,
            RootOf::EmptyMap { start } => {
                let close = text[start..].find('}').map_or(end, |len| start + len + 1);
                edits.remove(start..close);
                0
            }
            RootOf::Flow { start } if documents.len() == 1 => {
                let span = tree.scan.root;
                let (Root::Map(span) | Root::Other(span)) = span;
                if span.start as usize != start {
                    return refuse(start);
                }
                return attach_member(tree, metadata, edits);
            }
            RootOf::Flow { start } | RootOf::Other { start } => return refuse(start),
        };
        let indent = " ".repeat(column);
        let entries = metadata.to_yaml(column + 4, newline);
        let line_end = end_line(&text[..end]);
        let blank = if block::follows_comment(tree, end) { newline } else { "" };
        edits.insert(end, format!("{line_end}{blank}{indent}{METADATA_KEY}:{newline}{entries}"));
    }
    Ok(())
}

/// What stands at the root of a document.
enum RootOf {
    /// A map in block style, with the column of its keys.
    Block(usize),
    /// Nothing.
    Empty,
    /// `{}`
    EmptyMap { start: usize },
    /// A map in braces.
    Flow { start: usize },
    /// Anything else.
    Other { start: usize },
}

fn root_of(tree: &Tree<'_>, document: PathId) -> RootOf {
    let text = tree.text;
    if let Some(number) = tree.value_at(document) {
        let start = tree.leaf(number).span.start as usize;
        return match tree.leaf(number).kind {
            LeafKind::EmptyMap => RootOf::EmptyMap { start },
            LeafKind::EmptyValue => RootOf::Empty,
            _ => RootOf::Other { start },
        };
    }
    let Some(first) = tree.children(document).next() else { return RootOf::Empty };
    let Some(start) = tree.key_start(first) else {
        return RootOf::Other { start: 0 };
    };
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[line_start..start].trim_start_matches('\u{feff}');
    if before.chars().all(|c| c == ' ') {
        let brace = text[..start].trim_end_matches([' ', '\n', '\r']);
        return if brace.ends_with('{') {
            RootOf::Flow { start: brace.len() - 1 }
        } else {
            RootOf::Block(before.len())
        };
    }
    match text[..start].rfind('{') {
        Some(brace) => RootOf::Flow { start: brace },
        // An anchor or tag of the root, or `? ` before its first key.
        None => RootOf::Block(before.len() - before.trim_start_matches(' ').len()),
    }
}

/// Where each document ends: before the line that ends it or begins the next one.
fn document_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut has_content = false;
    let mut is_open = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}');
        let marks = |mark: &str| {
            content.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        if marks("---") {
            if has_content || is_open {
                ends.push(at);
            }
            is_open = true;
            has_content = false;
        } else if marks("...") {
            if has_content || is_open {
                ends.push(at);
            }
            is_open = false;
            has_content = false;
        } else {
            let content = content.trim();
            let is_directive = !is_open && !has_content && content.starts_with('%');
            has_content |= !content.is_empty() && !content.starts_with('#') && !is_directive;
        }
        at += line.len();
    }
    if has_content || is_open {
        ends.push(at);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_end_before_their_marks() {
        for (text, expected) in [
            ("a: 1\n", &[5][..]),
            ("# c\n---\na: 1\n", &[13]),
            ("a: 1\n---\nb: 2\n...\n# end\n", &[5, 14]),
            ("---\n---\n", &[4, 8]),
            ("%YAML 1.2\n---\na: 1", &[18]),
            ("# only\n", &[]),
        ] {
            assert_eq!(document_ends(text), expected, "{text}");
        }
    }
}
