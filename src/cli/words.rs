//! Splits a command into words as SOPS does, with the quoting of a shell but without one.

/// The words of `command`; `None` when a quote or a backslash at its end is left open.
///
/// Blanks separate words, `'…'` keeps everything, `"…"` keeps everything but `\`, which takes the character behind it as
/// it is, outside of quotes too. A word that begins with `#` begins a comment, up to the end of its line. Nothing is expanded.
pub(crate) fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => drop(rest.by_ref().find(|&c| c == '\n')),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => word.push(rest.next()?),
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_like_a_shell_splits_them() {
        for (command, words) in [
            ("", &[][..]),
            ("pass show age", &["pass", "show", "age"]),
            ("  a\t'b c'\n\"d \\\" '$x\" ", &["a", "b c", "d \" '$x"]),
            (r"a\ b c'd'e", &["a b", "cde"]),
            ("a '' \"\"", &["a", "", ""]),
            ("a # b\nc#d", &["a", "c#d"]),
        ] {
            assert_eq!(split(command).expect("closed"), words, "{command}");
        }
        for command in ["a 'b", "a \"b", "a \"b\\", "a \\"] {
            assert_eq!(split(command), None, "{command}");
        }
    }
}
