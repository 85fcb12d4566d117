use proptest::prelude::*;

use super::*;

fn sides(text: &str) -> (String, Option<String>, String) {
    let conflicted = Conflicted::read(text).expect("well-formed").expect("conflicts");
    let text = |text: Zeroizing<String>| text.as_str().to_owned();
    (text(conflicted.ours()), conflicted.base().map(text), text(conflicted.theirs()))
}

#[test]
fn all_styles_are_read() {
    for (text, ours, base, theirs) in [
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\nd\n", "a\nb\nd\n", None, "a\nc\nd\n"),
        ("<<<<<<< x\nb\n||||||| 1234\nz\n=======\nc\n>>>>>>> y\n", "b\n", Some("z\n"), "c\n"),
        // Nothing on a side, and markers without labels.
        ("<<<<<<<\n=======\nc\n>>>>>>>\n", "", None, "c\n"),
        ("<<<<<<<\n|||||||\n=======\n>>>>>>>", "", Some(""), ""),
        // As long as the first one.
        ("<<<<<<<<<< x\nb\n=======\n==========\nc\n>>>>>>>>>> y\n", "b\n=======\n", None, "c\n"),
        ("a\r\n<<<<<<< x\r\nb\r\n=======\r\nc\r\n>>>>>>> y\r\n", "a\r\nb\r\n", None, "a\r\nc\r\n"),
        // A base with a conflict of its own, as git writes it after a criss-cross merge.
        (
            "<<<<<<< x\nb\n||||||| merged\n<<<<<<<<< l\n1\n=========\n2\n>>>>>>>>> r\n=======\nc\n>>>>>>> y\n",
            "b\n",
            Some("<<<<<<<<< l\n1\n=========\n2\n>>>>>>>>> r\n"),
            "c\n",
        ),
        // Behind their side this is content.
        ("<<<<<<< x\nb\n=======\nc\n=======\n>>>>>>> y\n", "b\n", None, "c\n=======\n"),
    ] {
        assert_eq!(sides(text), (ours.into(), base.map(str::to_owned), theirs.into()), "{text}");
        assert!(marker(text.as_bytes()).is_some(), "{text}");
    }
}

#[test]
fn a_base_must_be_said_everywhere() {
    let text = "<<<<<<< x\n||||||| o\n=======\n>>>>>>> y\n<<<<<<< x\n=======\n>>>>>>> y\n";
    assert_eq!(sides(text).1, None);
    assert_eq!(Conflicted::read(text).expect("well-formed").expect("conflicts").count(), 2);
}

#[test]
fn texts_without_conflicts_have_none() {
    for text in ["", "a\n", "a\n=======\n", "<<<<<<\n", "<<<<<<<a\n", " <<<<<<< a\n", "a: <<<<<<< b\n>>>>>> c"] {
        assert!(Conflicted::read(text).expect("no markers").is_none(), "{text}");
        assert_eq!(marker(text.as_bytes()), None, "{text}");
    }
    assert_eq!(marker(b"<<<<<<< \xff\n"), None, "not text");
}

#[test]
fn markers_without_their_others_are_refused() {
    for (text, line) in [
        ("a\n<<<<<<< x\nb\n", 2),
        ("a\n<<<<<<< x\nb\n=======\n", 2),
        ("a\n>>>>>>> x\n", 2),
        ("||||||| x\n", 1),
        ("<<<<<<< x\n=======\n<<<<<<< x\n", 3),
        ("<<<<<<< x\n>>>>>>> y\n", 2),
        ("<<<<<<< x\n=======\n||||||| y\n>>>>>>> y\n", 3),
        ("<<<<<<< x\n||||||| y\n||||||| z\n=======\n>>>>>>> y\n", 3),
        ("<<<<<<< x\n=======\n>>>>>>> y\n>>>>>>> z\n", 4),
    ] {
        let at = Position { line, column: 1 };
        assert_eq!(Conflicted::read(text).map(|_| ()), Err(Error::ConflictMarkers { at }), "{text}");
    }
}

#[test]
fn markers_of_another_length_are_told_apart() {
    for (text, len) in [("a\n", 7), ("<<<<<<<\n", 8), ("====\n", 7), ("x\n>>>>>>>>> y", 10), ("|||||||||||a", 12)] {
        assert_eq!(free_marker_len(&["", text]), len, "{text}");
        assert_eq!(marker_of_len(text, len), None, "{text}");
        let marked = format!("{text}\n{}\n", "=".repeat(len));
        assert_eq!(marker_of_len(&marked, len), Some(Position { line: marked.lines().count(), column: 1 }), "{text}");
    }
}

#[test]
fn a_union_has_each_line_once() {
    let text = "a\n<<<<<<< x\nb\nc\n=======\nc\nd\n>>>>>>> y\ne\n";
    let conflicted = Conflicted::read(text).expect("well-formed").expect("conflicts");
    assert_eq!(conflicted.common().as_str(), "a\ne\n");
    assert_eq!(conflicted.labels(), ["x", "y"]);
    assert_eq!(conflicted.union().as_str(), "a\nb\nc\nd\ne\n");
}

proptest! {
    /// Whatever the parts are, they come back.
    #[test]
    fn what_was_written_is_read(
        hunks in prop::collection::vec(("([a-z =<>|]{0,9}\n){0,3}", "([a-z]{0,9}\n){0,3}", prop::option::of("([a-z]{0,9}\n){0,3}"), "([a-z]{0,9}\n){0,3}"), 1..5),
        len in 10usize..14,
    ) {
        let all_have_base = hunks.iter().all(|(.., base, _)| base.is_some());
        let (mut text, mut ours, mut base, mut theirs) = (String::new(), String::new(), String::new(), String::new());
        for (common, a, o, b) in &hunks {
            let sign = |sign: &str| sign.repeat(len);
            text += &format!("{common}{} ours\n{a}", sign("<"));
            if let Some(o) = o {
                text += &format!("{} base\n{o}", sign("|"));
            }
            text += &format!("{}\n{b}{} theirs\n", sign("="), sign(">"));
            ours += &format!("{common}{a}");
            base += &format!("{common}{}", o.as_deref().unwrap_or_default());
            theirs += &format!("{common}{b}");
        }
        // Shorter markers in what both have would be taken for the first ones.
        prop_assume!(!hunks.iter().any(|(common, ..)| marker(common.as_bytes()).is_some()));
        prop_assert_eq!(sides(&text), (ours, all_have_base.then_some(base), theirs));
    }

    /// No text makes it panic, and what it gives is made of the text's lines.
    #[test]
    fn any_text_is_read_or_refused(text in "(<<<<<<<|=======|>>>>>>>|\\|\\|\\|\\|\\|\\|\\||a)( x)?(\r?\n(<<<<<<<|=======|>>>>>>>|\\|\\|\\|\\|\\|\\|\\||<<<<<<<<|b)( x)?){0,9}") {
        if let Ok(Some(conflicted)) = Conflicted::read(&text) {
            prop_assert!(conflicted.ours().lines().all(|line| text.lines().any(|other| other == line)));
            prop_assert!(conflicted.count() > 0);
        }
    }
}
