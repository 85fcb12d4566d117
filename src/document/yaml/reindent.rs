//! Moves a value on several lines to another indentation.

use std::borrow::Cow;

/// `source`, taken where its parent was indented by `from`, as it must stand where the parent is indented by `to`.
///
/// Every line but the first gets `to - from` more blanks, or loses up to `from - to`; empty lines stay empty. Lines of
/// blanks move too, since in a block scalar they are content. Explicit indentation indicators stay right: they count
/// from the parent's indentation.
pub(crate) fn reindent(source: &str, from: u16, to: u16) -> Cow<'_, str> {
    if from == to || !source.contains('\n') {
        return Cow::Borrowed(source);
    }
    let (more, fewer) = (usize::from(to.saturating_sub(from)), usize::from(from.saturating_sub(to)));
    let lines = source.split_inclusive('\n');
    let mut text = String::with_capacity(source.len() + more * lines.clone().count());
    for (n, line) in lines.enumerate() {
        let is_empty = line.trim_end_matches(['\r', '\n']).is_empty();
        if n == 0 || is_empty {
            text.push_str(line);
            continue;
        }
        text.extend(std::iter::repeat_n(' ', more));
        let blanks = line.bytes().take(fewer).take_while(|&byte| byte == b' ').count();
        text.push_str(&line[blanks..]);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_move_with_their_parent() {
        assert_eq!(
            reindent("|\n    a\n\n      b\n     \r\n    c", 2, 4),
            "|\n      a\n\n        b\n       \r\n      c"
        );
        assert_eq!(reindent("|2\n    a\n \n   b", 2, 0), "|2\n  a\n\n b");
        assert_eq!(reindent("\"a\r\n\r\n    b\"", 3, 1), "\"a\r\n\r\n  b\"");
        assert!(matches!(reindent("a", 0, 9), Cow::Borrowed("a")));
        assert!(matches!(reindent("a\n b", 3, 3), Cow::Borrowed("a\n b")));
    }
}
