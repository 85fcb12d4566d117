//! What has to change in a YAML text before SOPS's values can be encrypted in place: aliases of encrypted values become
//! copies, since each copy is bound to its own keys, a comment in the header of a block scalar gets a line, and a block scalar
//! that ends with the text gets the header for that, since metadata follow it.

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::edits::Edits;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::Rule;
use crate::document::sops::{is_open_block, json_string};
use crate::document::{MAX_PLAINTEXT_LEN, block::newline_of};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId, Span};

/// The text so changed; none when nothing has to change.
pub(super) fn prepare(tree: &Tree<'_>, rule: &Rule) -> Result<Option<Zeroizing<String>>, Error> {
    let mut edits = Edits::default();
    let mut changed = false;
    for (number, leaf) in tree.scan.leaves.iter().enumerate() {
        if leaf.kind == LeafKind::Quoted
            && let Some((from, to)) = header_comment(tree.source(number))
        {
            let start = leaf.span.start as usize;
            let line_start = tree.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
            let indent = &tree.text[line_start..start];
            let blanks = &indent[..indent.len() - indent.trim_start_matches(' ').len()];
            let comment = tree.source(number)[from..to].trim_start_matches([' ', '\t']);
            edits.insert(line_start, [blanks, comment, newline_of(tree.text)].concat());
            edits.remove(start + from..start + to);
            changed = true;
        }
        if is_open_block(tree.text, leaf) {
            let start = leaf.span.start as usize + 1;
            let signs = tree.text[start..].find(|c: char| !"+-123456789".contains(c)).unwrap_or(0);
            let signs = start..start + signs;
            if !tree.text[signs.clone()].contains('-') {
                let digits = tree.text[signs.clone()].replace('+', "");
                edits.replace(Span::new(signs), Zeroizing::new(format!("{digits}-")));
                changed = true;
            }
        }
    }
    let mut sealed = sealed_leaves(tree, rule)?;
    let mut len = 0;
    for leaf in tree.scan.leaves.iter().filter(|leaf| leaf.kind == LeafKind::Alias) {
        let Some(target) = tree.alias_at(leaf.path) else { continue };
        if rule.is_about_comments() || sealed.aliases.contains(&leaf.path) || sealed.is_in(tree, target) {
            let mut copy = Copy { tree, out: Zeroizing::new(String::new()), entered: Vec::new() };
            copy.node(target)?;
            len += copy.out.len();
            if len > MAX_PLAINTEXT_LEN {
                let what = "the length of the text with its aliases expanded";
                return Err(Error::Limit { what, limit: MAX_PLAINTEXT_LEN as u64, at: None });
            }
            edits.replace(leaf.span, copy.out);
            changed = true;
        }
    }
    Ok(changed.then(|| edits.apply(tree.text)))
}

/// The leaves that a rule encrypts where they stand, and the aliases behind which it encrypts one.
struct Sealed {
    leaves: HashSet<usize>,
    aliases: HashSet<PathId>,
    /// The nodes that were looked at, and whether one of those is in them.
    known: HashMap<PathId, bool>,
}

impl Sealed {
    fn is_in(&mut self, tree: &Tree<'_>, path: PathId) -> bool {
        if let Some(&known) = self.known.get(&path) {
            return known;
        }
        let alias = tree.alias_at(path);
        let is_here = self.aliases.contains(&path)
            || alias.is_some_and(|target| self.is_in(tree, target))
            || tree.value_at(path).is_some_and(|number| self.leaves.contains(&number))
            || tree.children(path).any(|child| self.is_in(tree, child));
        self.known.insert(path, is_here);
        is_here
    }
}

fn sealed_leaves(tree: &Tree<'_>, rule: &Rule) -> Result<Sealed, Error> {
    let mut sealed = Sealed { leaves: HashSet::new(), aliases: HashSet::new(), known: HashMap::new() };
    if !tree.has_aliases() {
        return Ok(sealed);
    }
    tree.walk(rule, &mut |visit| {
        if let (What::Value(number), true) = (visit.what, visit.is_encrypted) {
            match visit.alias {
                Some(alias) => drop(sealed.aliases.insert(alias)),
                None => drop(sealed.leaves.insert(number)),
            }
        }
        Ok(())
    })?;
    Ok(sealed)
}

/// Where the comment in a block scalar's header stands, the blanks before it included.
fn header_comment(source: &str) -> Option<(usize, usize)> {
    if !source.starts_with(['|', '>']) {
        return None;
    }
    let header = source.split(['\n', '\r']).next()?;
    let at = header.find(" #").or_else(|| header.find("\t#"))?;
    Some((header[..at].trim_end_matches([' ', '\t']).len(), header.len()))
}

/// A node spelled in flow style.
struct Copy<'a, 't> {
    tree: &'a Tree<'t>,
    out: Zeroizing<String>,
    /// The nodes around the one that is spelled.
    entered: Vec<PathId>,
}

impl Copy<'_, '_> {
    fn node(&mut self, path: PathId) -> Result<(), Error> {
        let tree = self.tree;
        if self.entered.contains(&path) || self.out.len() > MAX_PLAINTEXT_LEN {
            let path = tree.scan.paths.display(path).to_string();
            return Err(Error::Unrepresentable {
                path,
                what: "an alias stands for the node around it, or for too much",
            });
        }
        if let Some(target) = tree.alias_at(path) {
            self.entered.push(path);
            self.node(target)?;
            self.entered.pop();
            return Ok(());
        }
        if let Some(tag) = tree.tag_at(path) {
            self.out.push_str(tree.source(tag).trim_end());
            self.out.push(' ');
        }
        let children: Vec<_> = tree.children(path).collect();
        match children.first() {
            None => self.leaf(path),
            Some(&first) => {
                let is_map = tree.key(first).is_some();
                self.out.push(if is_map { '{' } else { '[' });
                self.entered.push(path);
                for (number, &child) in children.iter().enumerate() {
                    if number > 0 {
                        self.out.push_str(", ");
                    }
                    if let Some(key) = tree.key(child) {
                        // A merge key in quotes would be none.
                        let key = if key == "<<" { key.to_owned() } else { json_string(key) };
                        self.out.push_str(&key);
                        self.out.push_str(": ");
                    }
                    self.node(child)?;
                }
                self.entered.pop();
                self.out.push(if is_map { '}' } else { ']' });
                Ok(())
            }
        }
    }

    fn leaf(&mut self, path: PathId) -> Result<(), Error> {
        let tree = self.tree;
        let Some(number) = tree.value_at(path) else {
            self.out.push_str("null");
            return Ok(());
        };
        let leaf = tree.leaf(number);
        match leaf.kind {
            LeafKind::EmptyList => self.out.push_str("[]"),
            LeafKind::EmptyMap => self.out.push_str("{}"),
            LeafKind::EmptyValue => self.out.push_str("null"),
            // A text needs quotes between brackets; what is no text has no character that does.
            _ => {
                let text = Zeroizing::new(tree.store.decode(tree.text, leaf)?.into_owned());
                let is_text = leaf.kind == LeafKind::Quoted
                    || tree
                        .scalar(number)?
                        .is_some_and(|value| value.bytes() == text.as_bytes() && value.kind().tag() == "str");
                let is_tagged = tree.tag_at(path).is_some();
                self.out.push_str(&if is_text || is_tagged { json_string(&text) } else { text.to_string() });
            }
        }
        Ok(())
    }
}
