//! The properties that every format has, whatever the text: each format's tests run them over its own texts.

use std::ops::Range;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::block::tests::example;
use super::{Format, Scan, Splicer};
use crate::leaf::{Carrier, Leaf, Span};

/// Stands for a token of the native dialect.
const TOKEN: &str = "ENC[1:abc+/]";

/// Checks every property on `text`, and again with a line ending of each sort, with and without one at the end, and
/// with a byte order mark. Returns whether the format accepts `text` itself.
///
/// # Panics
/// When a property does not hold.
pub(crate) fn check(format: &dyn Format, text: &str) -> bool {
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lf = unmarked.replace("\r\n", "\n");
    check_one(format, lf.trim_end_matches('\n'));
    check_one(format, &format!("{lf}\n"));
    check_one(format, &lf.replace('\n', "\r\n"));
    check_one(format, &format!("\u{feff}{unmarked}"));
    check_one(format, text)
}

/// How many of 200 generated texts the format accepts: properties of refused texts say nothing.
pub(crate) fn accepted(format: &dyn Format, texts: impl Strategy<Value = String>) -> usize {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    (0..200).filter(|_| check(format, &texts.new_tree(&mut runner).expect("a text").current())).count()
}

/// Changes `text` at random: what was valid often stays so, in ways that nobody thought of.
pub(crate) fn mutated(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let new = "[ \t\n\r\"'`#=:,\\[\\]{}\\\\&*!|>%-]{0,2}|[a-z0-9é]{0,2}|export |\\r\\n";
    let edit = (any::<prop::sample::Index>(), 0..3_usize, new);
    (text, proptest::collection::vec(edit, 0..4))
        .prop_map(|(text, edits)| edits.into_iter().fold(text, |text, (at, cut, new)| edited(text, at, cut, &new)))
}

/// `text` with about `cut` bytes at some place replaced.
pub(crate) fn edited(mut text: String, at: prop::sample::Index, cut: usize, new: &str) -> String {
    let boundary = |from: usize| (from..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let at = boundary(at.index(text.len() + 1));
    let end = boundary(at + cut);
    text.replace_range(at..end, new);
    text
}

fn check_one(format: &dyn Format, text: &str) -> bool {
    let Ok(scan) = format.scan(text) else { return false };
    spans_are_in_order(text, &scan);
    i1_splicing_nothing_returns_the_same_bytes(text, &scan);
    i3_each_span_alone_is_one_leaf(format, text, &scan);
    for every in [1, 2, 3] {
        for first in 0..every {
            i4_tokens_lie_where_they_were_put(format, text, &scan, |n| n % every == first);
        }
    }
    blocks_come_off_as_they_went_on(format, text, &scan);
    true
}

fn spans_are_in_order(text: &str, scan: &Scan) {
    let mut end = 0;
    for leaf in &scan.leaves {
        let Range { start, end: next } = leaf.span.range();
        assert!(end <= start && start <= next && text.get(start..next).is_some(), "{leaf:?} in {text:?}");
        end = next;
    }
}

fn i1_splicing_nothing_returns_the_same_bytes(text: &str, scan: &Scan) {
    let (same, spans) = splice(text, scan, |_, _| None);
    assert_eq!(same, text);
    assert!(spans.iter().eq(scan.leaves.iter().map(|leaf| &leaf.span)));
}

fn i3_each_span_alone_is_one_leaf(format: &dyn Format, text: &str, scan: &Scan) {
    for leaf in scan.leaves.iter().filter(|leaf| is_sealable(leaf)) {
        let source = leaf.span.of(text);
        assert!(format.is_one_leaf(source, leaf), "{source:?} of {text:?}");
        assert!(!format.is_one_leaf("", leaf), "{text:?}");
        assert!(leaf.kind.is_comment() || !leaf.span.is_empty(), "{leaf:?} in {text:?}");
        // Not every value has a decoded form; whether or not, this must not panic.
        let _ = format.decode(text, leaf);
    }
}

/// Puts a token in the place of the leaves that `selected` names, scans, and puts the sources back.
fn i4_tokens_lie_where_they_were_put(format: &dyn Format, text: &str, scan: &Scan, selected: impl Fn(usize) -> bool) {
    let is_selected = |n: usize| selected(n) && is_sealable(&scan.leaves[n]);
    let (sealed, spans) = splice(text, scan, |n, leaf| is_selected(n).then(|| carried(leaf.carrier)));
    let again = format.scan(&sealed).unwrap_or_else(|error| panic!("{error} in {sealed:?} of {text:?}"));
    assert_eq!(again.leaves.len(), scan.leaves.len(), "{sealed:?} of {text:?}");
    assert_eq!(again.paths, scan.paths, "{sealed:?} of {text:?}");
    assert_eq!(again.documents, scan.documents, "{sealed:?} of {text:?}");
    for (n, (new, old)) in again.leaves.iter().zip(&scan.leaves).enumerate() {
        assert_eq!((new.span, new.path), (spans[n], old.path), "{sealed:?} of {text:?}");
        if is_selected(n) {
            assert_eq!(new.kind.is_value(), old.kind.is_value(), "{sealed:?} of {text:?}");
            assert_eq!(new.carrier, old.carrier, "{sealed:?} of {text:?}");
            assert!(format.is_one_leaf(old.span.of(text), new), "{:?} in {sealed:?}", old.span.of(text));
        } else {
            assert_eq!(Leaf { span: old.span, ..*new }, *old, "{sealed:?} of {text:?}");
        }
    }
    let source = |n: usize| scan.leaves[n].span.of(text).to_owned();
    let (opened, spans) = splice(&sealed, &again, |n, _| is_selected(n).then(|| source(n)));
    assert_eq!(opened, text);
    assert!(spans.iter().eq(scan.leaves.iter().map(|leaf| &leaf.span)));
}

fn blocks_come_off_as_they_went_on(format: &dyn Format, text: &str, scan: &Scan) {
    assert!(format.detach(text, "sops-rs").is_ok_and(|none| none.is_none()), "{text:?}");
    let layout = format.layout(text, scan);
    let attached = format.attach(text, layout, scan.root, "sops-rs", &example());
    assert!(format.scan(&attached).is_err(), "the key is reserved: {attached:?}");
    let converted = if text.contains('\r') { attached.clone() } else { attached.replace('\n', "\r\n") };
    let detached = format.detach(&converted, "sops-rs").expect("line endings are free").expect("a block");
    assert_eq!(detached.block, example());
    let detached = format.detach(&attached, "sops-rs").expect("a spelling of ours").expect("a block");
    assert_eq!((&detached.block, detached.separate), (&example(), layout.separate), "{attached:?}");
    let line = attached.split('\n').nth(detached.line - 1).unwrap_or_default();
    assert!(line.trim_start_matches(['\u{feff}', ' ', '"', '{', '[']).contains("sops"), "{line:?} of {attached:?}");
    let body = format.body(detached.rest, layout).expect("the layout is the one attached with");
    assert_eq!(body, text, "from {attached:?}");
}

fn is_sealable(leaf: &Leaf) -> bool {
    leaf.kind.is_value() || leaf.kind.is_comment()
}

fn carried(carrier: Carrier) -> String {
    match carrier {
        Carrier::Bare => TOKEN.to_owned(),
        Carrier::Comment(sign) => format!("{} {TOKEN}", char::from(sign)),
        Carrier::DoubleQuoted => format!("\"{TOKEN}\""),
    }
}

fn splice(text: &str, scan: &Scan, new: impl Fn(usize, &Leaf) -> Option<String>) -> (String, Vec<Span>) {
    let mut splicer = Splicer::new(text, scan.leaves.len(), 0);
    for (n, leaf) in scan.leaves.iter().enumerate() {
        match new(n, leaf) {
            Some(new) => splicer.replace(leaf.span, |out| out.push_str(&new)),
            None => splicer.keep(leaf.span),
        }
    }
    let spliced = splicer.finish();
    (spliced.text.to_string(), spliced.spans)
}
