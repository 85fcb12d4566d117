//! Which leaves stand elsewhere among the others than before: a merge of lines sees each of them taken out and put in again.

use std::cmp::Ordering;
use std::ops::Range;

use super::document::Document;
use crate::dialect::native::{Role, Roles};

/// For each leaf of `new` whether it continues one of `old`, as `matches` say, and was moved, rather than others past it.
///
/// What stays is the longest sequence of leaves, in lines, whose order is the old one. Where there are several, a leaf
/// that one of them lacks has moved: which of them another program takes is not known. Lines that came or went beside a
/// leaf do not move it, but for blank ones that went on one side of it and came on the other.
pub(super) fn moved(old: &Document, new: &Document, roles: &Roles, matches: &[Option<usize>]) -> Vec<bool> {
    let gaps = [gaps(old), gaps(new)];
    let places: Vec<Place> = matches
        .iter()
        .enumerate()
        .filter_map(|(number, old_number)| {
            let leaf = &new.scan().leaves[number];
            // A sealed leaf is written on one line.
            let is_sealed = matches!(roles.role(number), Role::Sealed | Role::SealedComment);
            let within = if is_sealed { 0 } else { newlines(new.source(leaf)) };
            Some(Place { number, old: (*old_number)?, lines: (gaps[1][number] + within).max(1) })
        })
        .collect();
    let mut moved = vec![false; matches.len()];
    for (place, stays) in places.iter().zip(staying(&places, old.scan().leaves.len())) {
        moved[place.number] = !stays || is_past_blank_lines(place, &gaps, matches);
    }
    moved
}

/// Where a leaf is and was.
struct Place {
    number: usize,
    old: usize,
    /// How many lines it takes, with those before it that have no leaf.
    lines: usize,
}

/// The line ends before each leaf of `document`, from the one before it on, and those behind the last one.
fn gaps(document: &Document) -> Vec<usize> {
    let leaves = document.scan().leaves.iter().map(|leaf| leaf.span.range());
    let end = document.text().len();
    let mut from = 0;
    let gap = |leaf: Range<usize>| {
        let gap = document.text().get(from..leaf.start).map_or(0, newlines);
        from = leaf.end;
        gap
    };
    leaves.chain(std::iter::once(end..end)).map(gap).collect()
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Which of `places`, in the new order, belong to every heaviest sequence whose old order is the same.
fn staying(places: &[Place], old_leaves: usize) -> Vec<bool> {
    if places.is_sorted_by_key(|place| place.old) {
        return vec![true; places.len()];
    }
    let up_to = heaviest(places.iter().map(|place| (place.old, place.lines)), old_leaves);
    let mut from = heaviest(places.iter().rev().map(|place| (old_leaves - 1 - place.old, place.lines)), old_leaves);
    from.reverse();
    let all = up_to.iter().copied().max().unwrap_or(0);
    // In a heaviest sequence each leaf has its lines for itself. So it is in all of them if no other one has any of these.
    let lines_of = |at: usize| {
        let lines = places[at].lines;
        (up_to[at] + from[at] - lines == all).then(|| up_to[at] - lines..up_to[at])
    };
    let mut users = vec![0_usize; all];
    (0..places.len()).filter_map(lines_of).flatten().for_each(|line| users[line] += 1);
    (0..places.len()).map(|at| lines_of(at).is_some_and(|mut lines| lines.all(|line| users[line] == 1))).collect()
}

/// For each of these numbers with weights: how heavy is the heaviest ascending sequence that ends with it.
fn heaviest(items: impl Iterator<Item = (usize, usize)>, numbers: usize) -> Vec<usize> {
    // A Fenwick tree of maxima.
    let mut tree = vec![0; numbers + 1];
    let best = |(number, weight): (usize, usize)| {
        let mut best = weight;
        let mut at = number;
        while at > 0 {
            best = best.max(weight + tree[at]);
            at &= at - 1;
        }
        let mut at = number + 1;
        while at <= numbers {
            tree[at] = best.max(tree[at]);
            at += at & at.wrapping_neg();
        }
        best
    };
    items.map(best).collect()
}

/// Whether a leaf stands between the same leaves as before, nearer to the one and further from the other.
fn is_past_blank_lines(place: &Place, [old, new]: &[Vec<usize>; 2], matches: &[Option<usize>]) -> bool {
    let before = |number: usize, matches: &[Option<usize>]| number.checked_sub(1).map(|number| matches[number]);
    let is_same_before = before(place.number, matches) == place.old.checked_sub(1).map(Some);
    let behind = (place.old + 2 < old.len()).then_some(Some(place.old + 1));
    let is_same_behind = matches.get(place.number + 1).copied() == behind;
    let change = |step: usize| new[place.number + step].cmp(&old[place.old + step]);
    is_same_before && is_same_behind && change(0) != Ordering::Equal && change(0) == change(1).reverse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::Plan;
    use crate::file::matching::match_leaves;
    use crate::file::seal::roles_for_plaintext;

    /// The keys of the leaves of `new` that moved.
    fn moved_keys(old: &str, new: &str) -> Vec<String> {
        let format = format_by_name("yaml").expect("a format");
        let [old, new] = [old, new].map(|text| Document::parse(text.as_bytes(), format).expect("YAML"));
        let roles = roles_for_plaintext(&Plan::for_recipients([]).policy(), &new).expect("roles");
        let moved = moved(&old, &new, &roles, &match_leaves(&old, &new));
        let leaves = new.scan().leaves.iter().zip(moved).filter(|(_, moved)| *moved);
        leaves.map(|(leaf, _)| new.path(leaf.path)).collect()
    }

    #[test]
    fn what_passes_more_lines_than_it_has_moved() {
        assert_eq!(moved_keys("x: 1\na: 1\nb: 2\nc: 3\n", "a: 1\nb: 2\nx: 1\nc: 3\n"), ["x"]);
        assert_eq!(moved_keys("a: 1\nb: 2\nc: 3\nx: 1\n", "a: 1\nx: 1\nb: 2\nc: 3\n"), ["x"]);
        assert_eq!(moved_keys("m:\n  x: 1\n# a\n# b\n# c\ny: 2\n", "# a\n# b\n# c\nm:\n  x: 1\ny: 2\n"), ["m.x"]);
    }

    #[test]
    fn either_of_two_that_change_places_may_have_moved() {
        assert_eq!(moved_keys("x: 1\na: 1\nz: 3\n", "a: 1\nx: 1\nz: 3\n"), ["a", "x"]);
    }

    #[test]
    fn what_lines_came_and_went_beside_did_not_move() {
        assert!(moved_keys("a: 1\nx: 1\nb: 2\n", "n: 1\n\n# n\na: 1\nx: 1\n").is_empty());
        assert!(moved_keys("a: 1\nx: 1\nb: 2\n", "a: 1\n\nx: 1\n\nb: 2\n").is_empty());
        assert!(moved_keys("# 1\nx: 1\n# 2\ny: 2\n", "x: 1\n# 2\n# 3\ny: 2\n").is_empty());
    }

    #[test]
    fn blank_lines_can_be_passed() {
        assert_eq!(moved_keys("a: 1\nx: 1\n\n\nb: 2\n", "a: 1\n\n\nx: 1\nb: 2\n"), ["x"]);
        assert_eq!(moved_keys("\n\nx: 1\nb: 2\n", "x: 1\n\n\nb: 2\n"), ["x"]);
        assert_eq!(moved_keys("a: 1\nx: 1\n\n\n", "a: 1\n\n\nx: 1\n"), ["x"]);
    }
}
