//! Which values of a file are sealed and in which section, told without a key and without a value.

use std::fmt;

use super::document::Document;
use super::open::SealedFile;
use super::path_query::{PathQuery, similar};
use super::plan::{Plan, sorted_sections};
use crate::dialect::native::{DEFAULT_NAME, Metadata, Role, Roles};
use crate::document::{Format, Scan};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId, PathTree};

/// What a policy makes of each value of a file.
pub struct Outline {
    paths: PathTree,
    values: Vec<Entry>,
    sections: Vec<String>,
    sealed_comments: usize,
    dotted_keys: bool,
}

struct Entry {
    path: PathId,
    state: ValueState,
    section: usize,
}

/// Whether a value is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueState {
    /// Anybody can read it.
    Clear,
    /// There is nothing to seal.
    Empty,
    /// Only the readers of its section can read it.
    Sealed,
}

/// One value of an [`Outline`].
#[derive(Clone, Copy)]
pub struct OutlineValue<'o> {
    outline: &'o Outline,
    entry: &'o Entry,
}

impl Outline {
    /// The outline of an encrypted file, with its metadata. Verify, steps 1 to 3: nothing is authenticated.
    ///
    /// # Errors
    /// [`Error::NotEncrypted`], [`Error::Metadata`], and what is wrong with the text or its tokens.
    pub fn of_encrypted(bytes: &[u8], format: &'static dyn Format) -> Result<(Metadata, Self), Error> {
        let SealedFile { metadata, scan, roles, .. } = SealedFile::read(bytes, format)?;
        let sections = metadata.sections.iter().map(|section| section.name.clone()).collect();
        Ok((metadata, Self::new(scan, &roles, sections, format)))
    }

    /// What encrypting `document` by `plan` would seal.
    ///
    /// # Errors
    /// [`Error::Syntax`] when a section would split a list.
    pub fn of_plan(document: &Document, plan: &Plan) -> Result<Self, Error> {
        let roles = Roles::assign(&plan.policy(), document.text(), document.scan())?;
        let others = sorted_sections(&plan.sections).into_iter().map(|section| section.name.clone());
        let sections = std::iter::once(DEFAULT_NAME.to_owned()).chain(others).collect();
        Ok(Self::new(document.scan().clone(), &roles, sections, document.format()))
    }

    fn new(scan: Scan, roles: &Roles, sections: Vec<String>, format: &dyn Format) -> Self {
        let state = |role, kind| match (role, kind) {
            (Role::Sealed, _) => Some(ValueState::Sealed),
            (_, LeafKind::Plain | LeafKind::Quoted | LeafKind::NoValue) => Some(ValueState::Clear),
            (_, LeafKind::EmptyValue) => Some(ValueState::Empty),
            _ => None,
        };
        let entry = |(number, leaf): (usize, &crate::leaf::Leaf)| {
            let (role, section) = roles.of(number);
            Some(Entry { path: leaf.path, state: state(role, leaf.kind)?, section })
        };
        let values = scan.leaves.iter().enumerate().filter_map(entry).collect();
        let sealed_comments = roles.count(Role::SealedComment);
        Self { paths: scan.paths, values, sections, sealed_comments, dotted_keys: format.has_dotted_keys() }
    }

    /// One section with these values, and so many comments that are sealed.
    pub(super) fn of_values(paths: PathTree, values: Vec<(PathId, ValueState)>, sealed_comments: usize) -> Self {
        let values = values.into_iter().map(|(path, state)| Entry { path, state, section: 0 }).collect();
        Self { paths, values, sections: vec![DEFAULT_NAME.to_owned()], sealed_comments, dotted_keys: false }
    }

    /// All values in document order.
    pub fn values(&self) -> impl Iterator<Item = OutlineValue<'_>> {
        self.values.iter().map(|entry| OutlineValue { outline: self, entry })
    }

    /// The value that `query` names, or all those in the map or list that it names.
    ///
    /// # Errors
    /// [`Error::PathNotFound`] when there is none.
    pub fn at<'o>(&'o self, query: &PathQuery) -> Result<Vec<OutlineValue<'o>>, Error> {
        let query = &*query.meant(self.dotted_keys);
        let found: Vec<_> =
            self.values().filter(|value| value.query().is_some_and(|path| query.leads_to(&path))).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let known: Vec<_> = self.values().filter_map(|value| Some(value.query()?.to_string())).collect();
        let path = query.to_string();
        Err(Error::PathNotFound { similar: similar(&path, known.iter().map(String::as_str)), path })
    }

    /// How many values are in `state`.
    #[must_use]
    pub fn count(&self, state: ValueState) -> usize {
        self.values.iter().filter(|entry| entry.state == state).count()
    }

    /// How many comments are sealed.
    #[must_use]
    pub fn sealed_comments(&self) -> usize {
        self.sealed_comments
    }
}

impl<'o> OutlineValue<'o> {
    /// Its path for people.
    #[must_use]
    pub fn path(&self) -> String {
        self.outline.paths.display(self.entry.path).to_string()
    }

    /// Its path as `get` and `--extract` take it; none for the root.
    #[must_use]
    pub fn query(&self) -> Option<PathQuery> {
        let query = PathQuery::of(&self.outline.paths, self.entry.path)?;
        Some(if self.outline.dotted_keys { query.without_quotes() } else { query })
    }

    /// Whether it is sealed.
    #[must_use]
    pub fn state(&self) -> ValueState {
        self.entry.state
    }

    /// The name of its section.
    #[must_use]
    pub fn section(&self) -> &'o str {
        &self.outline.sections[self.entry.section]
    }
}

impl fmt::Debug for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outline({} values)", self.values.len())
    }
}

impl fmt::Debug for OutlineValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutlineValue({}, {:?})", self.path(), self.entry.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::keys::{NoInteraction, Recipient};
    use crate::select::PathGlob;

    const TEXT: &str = "a.b: {c d: x} # c\nkind: k\nnone:\nlist: [1, {n: 2}]\n---\nsecond: 3\n";

    fn shown(outline: &Outline) -> Vec<String> {
        let query = |value: &OutlineValue<'_>| value.query().map_or_else(|| "-".to_owned(), |query| query.to_string());
        outline.values().map(|value| format!("{:?} {} {}", value.state(), value.path(), query(&value))).collect()
    }

    #[test]
    fn the_outline_of_an_encrypted_file_is_that_of_its_plan() {
        let yaml = format_by_name("yaml").expect("a format");
        let document = Document::parse(TEXT.as_bytes(), yaml).expect("a document");
        let recipient = Recipient::parse(crate::config::tests::ALICE).expect("a recipient");
        let mut plan = Plan::for_recipients([("alice".to_owned(), recipient)]);
        plan.selection.clear = vec![PathGlob::parse("kind").expect("a glob")];
        let planned = Outline::of_plan(&document, &plan).expect("an outline");
        let expected = [
            "Sealed \"a.b\".\"c d\" \"a.b\".c d",
            "Clear kind kind",
            "Empty none none",
            "Sealed list[0] list[0]",
            "Sealed list[1].n list[1].n",
            "Sealed #1.second #1.second",
        ];
        assert_eq!(shown(&planned), expected);
        assert_eq!((planned.count(ValueState::Sealed), planned.sealed_comments()), (4, 1));

        let encrypted = crate::file::encrypt(&document, &plan, &NoInteraction).expect("encrypted");
        let (_, outline) = Outline::of_encrypted(encrypted.text.as_bytes(), yaml).expect("an outline");
        assert_eq!(shown(&outline), expected);

        let at = |path: &str| outline.at(&PathQuery::parse(path).expect("a path")).map(|found| found.len());
        assert_eq!((at("list"), at("list[1]"), at("[\"a.b\"][\"c d\"]")), (Ok(2), Ok(1), Ok(1)));
        assert_eq!(at("lis"), Err(Error::PathNotFound { path: "lis".into(), similar: Some("list[0]".into()) }));
        assert_eq!(at("second"), Err(Error::PathNotFound { path: "second".into(), similar: None }));
    }
}
