//! Leaves as a tree: what they have in common stands once.

/// A node of the tree: a step of paths, what is told of it, and what is below.
#[derive(Default)]
pub(super) struct Node<T> {
    pub(super) label: String,
    pub(super) rows: Vec<T>,
    pub(super) children: Vec<Node<T>>,
}

/// One line of a tree that is drawn: the branches before it, its name, and what is told of it, if anything is.
pub(super) struct Drawn<'n, T> {
    pub(super) branches: String,
    pub(super) label: &'n str,
    pub(super) row: Option<&'n T>,
}

impl<T> Node<T> {
    /// An empty tree.
    pub(super) fn root() -> Self {
        Self { label: String::new(), rows: Vec::new(), children: Vec::new() }
    }

    /// Adds a row below these steps.
    pub(super) fn add(&mut self, steps: &[String], row: T) {
        let Some((first, rest)) = steps.split_first() else { return self.rows.push(row) };
        // Steps come in document order, so the one that was added last is mostly the one.
        let at = self.children.iter().rposition(|child| child.label == *first).unwrap_or_else(|| {
            self.children.push(Self { label: first.clone(), rows: Vec::new(), children: Vec::new() });
            self.children.len() - 1
        });
        self.children[at].add(rest, row);
    }

    /// Makes one node of those in a row that have nothing but each other.
    pub(super) fn join(&mut self) {
        while self.rows.is_empty() && self.children.len() == 1 && !self.label.is_empty() {
            let Some(child) = self.children.pop() else { return };
            let dot = if child.label.starts_with('[') { "" } else { "." };
            self.label = format!("{}{dot}{}", self.label, child.label);
            (self.rows, self.children) = (child.rows, child.children);
        }
        self.children.iter_mut().for_each(Self::join);
    }

    /// Its lines.
    pub(super) fn draw(&self) -> Vec<Drawn<'_, T>> {
        let mut lines = Vec::new();
        for row in &self.rows {
            lines.push(Drawn { branches: String::new(), label: ".", row: Some(row) });
        }
        self.draw_below("", &mut lines);
        lines
    }

    fn draw_below<'n>(&'n self, indent: &str, lines: &mut Vec<Drawn<'n, T>>) {
        for (number, child) in self.children.iter().enumerate() {
            let is_last = number + 1 == self.children.len();
            let (first, rest) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let branches = |number: usize| match number + 1 == child.rows.len().max(1) {
                true => format!("{indent}{first}"),
                false => format!("{indent}├─ "),
            };
            if child.rows.is_empty() {
                lines.push(Drawn { branches: branches(0), label: &child.label, row: None });
            }
            for (number, row) in child.rows.iter().enumerate() {
                lines.push(Drawn { branches: branches(number), label: &child.label, row: Some(row) });
            }
            child.draw_below(&format!("{indent}{rest}"), lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_stands_once() {
        let mut root = Node::root();
        for (path, row) in [("a.b.c", '+'), ("a.b.d.[0].e", '-'), ("a.b.d.[0].e", '+'), ("f", '~')] {
            let steps: Vec<_> = path.split('.').map(str::to_owned).collect();
            root.add(&steps, row);
        }
        root.join();
        let drawn = root.draw();
        let lines = drawn.iter().map(|line| {
            let row = line.row.map_or_else(String::new, |row| format!("{row} "));
            format!("{}{row}{}\n", line.branches, line.label)
        });
        let expected = "├─ a.b\n│  ├─ + c\n│  ├─ - d[0].e\n│  └─ + d[0].e\n└─ ~ f\n";
        assert_eq!(lines.collect::<String>(), expected);
    }
}
