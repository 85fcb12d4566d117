//! The keys of SOPS files: opening and wrapping data keys with this machine's identities and `gpg`, and naming keys by options.

use sops_rs::config::sops::Key;
use sops_rs::dialect::sops::{KeyKind, MasterKey, Time};
use sops_rs::error::sops::{GroupReport, KeyFault, KeyReport};
use sops_rs::file::sops::{DecryptionOrder, KeyUnlock, KeyWrap};
use sops_rs::keys::pgp::Gpg;

use super::identities::FoundIdentities;
use super::report::Failure;
use super::terminal::Terminal;
use super::{environment, exit_code};

/// The variable that says in which order keys are tried.
const ORDER_VARIABLE: &str = "SOPS_DECRYPTION_ORDER";

/// The variable that names the `gpg` program.
const GPG_VARIABLE: &str = "SOPS_GPG_EXEC";

/// What opens and wraps the data keys of SOPS files, beside identities.
#[derive(Debug)]
pub(crate) struct SopsTools {
    gpg: Gpg,
    order: DecryptionOrder,
}

impl SopsTools {
    /// What the environment says; `order` is the option, which comes before the variable.
    ///
    /// # Errors
    /// With the code 112, when the order names a kind of keys twice.
    pub(crate) fn find(order: Option<&str>) -> Result<Self, Failure> {
        let variable = environment::sops_variable(ORDER_VARIABLE);
        let variable = variable.map(|order| order.to_string_lossy().into_owned()).unwrap_or_default();
        let order = DecryptionOrder::parse(order.unwrap_or(&variable));
        let order = order.map_err(|error| Failure::new(exit_code::BAD_ORDER, error.to_string()))?;
        let gpg = Gpg::new(environment::sops_variable(GPG_VARIABLE).unwrap_or_else(|| "gpg".into()));
        Ok(Self { gpg, order })
    }

    /// Opens data keys with the identities that were found.
    pub(crate) fn unlock<'k>(&'k self, found: &'k FoundIdentities) -> KeyUnlock<'k> {
        let order = self.order.clone();
        KeyUnlock { identities: &found.identities, interaction: &Terminal, gpg: Some(&self.gpg), order }
    }

    /// Wraps data keys.
    pub(crate) fn wrap(&self) -> KeyWrap<'_> {
        KeyWrap { interaction: &Terminal, gpg: Some(&self.gpg) }
    }
}

/// Keys that options of SOPS name, or the variables that stand for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyOptions {
    /// Keys of each kind, with commas between them.
    pub(crate) lists: Vec<(KeyKind, String)>,
    /// The profile for the keys of AWS KMS.
    pub(crate) aws_profile: String,
    /// Their encryption context, `KEY:VALUE,KEY:VALUE`.
    pub(crate) encryption_context: String,
}

impl KeyOptions {
    /// The keys, added to a file at `now`: all in one group.
    ///
    /// # Errors
    /// With the code 6 for an encryption context that cannot be read, and 1 for a key that cannot.
    pub(crate) fn keys(&self, now: &Time) -> Result<Vec<MasterKey>, Failure> {
        let given = context(&self.encryption_context)?;
        let mut keys = Vec::new();
        for (kind, text) in &self.lists {
            let list = Key::parse_list(*kind, text, &self.aws_profile);
            let list = list.map_err(|error| Failure::new(exit_code::GENERIC, format!("{}: {error}", kind.list())))?;
            for mut key in list {
                if let Key::AwsKms { context, .. } = &mut key {
                    context.clone_from(&given);
                }
                keys.push(key.master_key().created_at(now));
            }
        }
        Ok(keys)
    }
}

/// The pairs of an encryption context, sorted by their keys.
fn context(text: &str) -> Result<Vec<(String, String)>, Failure> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let pair = |pair: &str| match pair.split(':').collect::<Vec<_>>()[..] {
        [key, value] => Some((key.to_owned(), value.to_owned())),
        _ => None,
    };
    let pairs: Option<std::collections::BTreeMap<_, _>> = text.split(',').map(pair).collect();
    let failure = || {
        Failure::new(exit_code::BAD_CONTEXT, "invalid KMS encryption context format")
            .hint("it is written KEY:VALUE,KEY:VALUE")
    };
    Ok(pairs.ok_or_else(failure)?.into_iter().collect())
}

/// What SOPS prints when no data key can be had, without a line break at the end.
pub(crate) fn report(found: &FoundIdentities, needed: usize, groups: &[GroupReport]) -> String {
    let mut out = String::from("Failed to get the data key required to decrypt the SOPS file.\n\n");
    for (number, group) in groups.iter().enumerate() {
        match group {
            GroupReport::Opened => out.push_str(&format!("Group {number}: SUCCESS\n\n")),
            GroupReport::Failed(keys) => {
                out.push_str(&format!("Group {number}: FAILED\n"));
                let keys: Vec<_> = keys.iter().map(|key| failed_key(found, key)).collect();
                out.push_str(&keys.join("  \n"));
                out.push('\n');
            }
        }
    }
    let opened = groups.iter().filter(|group| **group == GroupReport::Opened).count();
    let end = if groups.len() == 1 {
        "Recovery failed because no master key was able to decrypt the file. In order for SOPS to recover the file, at \
         least one key has to be successful, but none were."
            .to_owned()
    } else {
        format!(
            "Recovery failed because the file was encrypted with a Shamir threshold of {needed}, but only {opened} \
             part(s) were successfully recovered, one for each successful key group. In order for SOPS to recover the \
             file, at least {needed} groups have to be successful. In order for a group to be successful, decryption has \
             to succeed with any of the keys in that key group."
        )
    };
    out.push_str(&wrapped(&end, 75).join("\n"));
    out
}

fn failed_key(found: &FoundIdentities, key: &KeyReport) -> String {
    let mut lines = wrapped(&reason(found, key), 60).into_iter();
    let first = lines.next().unwrap_or_default();
    let rest: String = lines.map(|line| format!("      | {line}\n")).collect();
    format!("  {}: FAILED\n    - | {first}\n{rest}", super::terminal::escape(&key.name))
}

/// Why a key did not open, and for age also where identities were looked for.
fn reason(found: &FoundIdentities, key: &KeyReport) -> String {
    let what = match &key.fault {
        KeyFault::NoIdentity if found.identities.is_empty() => "failed to load age identities".to_owned(),
        KeyFault::NoIdentity => "no identity matched any of the recipients".to_owned(),
        fault => fault.to_string(),
    };
    if key.list != KeyKind::Age.list() {
        return what;
    }
    let mut what = format!("{what}.");
    if !found.passed_over.is_empty() {
        what.push_str(&format!(
            " Errors while loading age identities: {}.",
            found.passed_over.join("; ").replace('`', "'")
        ));
    }
    let (_, empty) = found.places();
    if let Some((last, others)) = empty.split_last() {
        let others: String = others.iter().map(|place| format!("{place}, ")).collect();
        let and = if others.is_empty() { "" } else { "and " };
        what.push_str(&format!(" Did not find keys in locations {others}{and}{last}."));
    }
    what.replace('`', "'")
}

/// Words in lines of `width` characters at most, but for longer words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use sops_rs::keys::Identities;

    use super::*;

    const AGE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    const OTHER: &str = "age13hspa0g3q30ztfvtl2afsgdul5hgv32wlxr5kjvcrps8qqdu4scqglpx25";

    fn options(lists: &[(KeyKind, &str)], encryption_context: &str) -> KeyOptions {
        KeyOptions {
            lists: lists.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect(),
            aws_profile: "ops".to_owned(),
            encryption_context: encryption_context.to_owned(),
        }
    }

    fn now() -> Time {
        Time::parse("2026-11-21T10:00:00Z").expect("a time")
    }

    #[test]
    fn options_name_keys() {
        let lists = [
            (KeyKind::Age, format!("{AGE}, {OTHER},")),
            (KeyKind::Pgp, "85D7 7543 B3D6 24B6 3CEA 9E6D BC17 301B 491B 3F21".to_owned()),
            (KeyKind::AwsKms, "arn:aws:kms:a:b:key/c+arn:aws:iam::d:role/e".to_owned()),
            (KeyKind::HashicorpVault, String::new()),
        ];
        let lists: Vec<_> = lists.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let keys = options(&lists, "b:2,a:1").keys(&now()).expect("keys");
        let names: Vec<_> = keys.iter().map(MasterKey::name).collect();
        let kms = "arn:aws:kms:a:b:key/c+arn:aws:iam::d:role/e|a:1,b:2|ops";
        assert_eq!(names, [AGE, OTHER, "85D77543B3D624B63CEA9E6DBC17301B491B3F21", kms]);
        assert_eq!([0, 1, 2].map(|number| keys[number].field("created_at")), ["", "", "2026-11-21T10:00:00Z"]);
    }

    #[test]
    fn options_that_cannot_be_read_have_sops_s_codes() {
        let code =
            |lists: &[(KeyKind, &str)], context| options(lists, context).keys(&now()).map_err(|found| found.code);
        for context in ["a", "a:b:c", "a:b,", ","] {
            assert_eq!(code(&[], context), Err(exit_code::BAD_CONTEXT), "{context}");
        }
        assert_eq!(code(&[], ""), Ok(Vec::new()));
        for (kind, text) in [(KeyKind::Age, "age1x"), (KeyKind::Pgp, "me@example.com"), (KeyKind::HuaweiKms, "x")] {
            assert_eq!(code(&[(kind, text)], ""), Err(exit_code::GENERIC), "{text}");
        }
        let secret = "AGE-SECRET-KEY-1QQQQ";
        let failure = options(&[(KeyKind::Age, secret)], "").keys(&now()).expect_err("a secret key");
        assert!(!failure.message().contains(secret), "{}", failure.message());
    }

    #[test]
    fn the_report_is_laid_out_as_sops_does() {
        let found = FoundIdentities {
            identities: Identities::new(),
            tried: vec!["`SOPS_AGE_KEY` (not set)".to_owned(), "`~/keys.txt`".to_owned(), "`b` (not there)".to_owned()],
            warnings: Vec::new(),
            passed_over: vec!["`~/keys.txt`: not UTF-8".to_owned()],
        };
        let key = |list, name: &str, fault| KeyReport { list, name: name.to_owned(), fault };
        let one = [GroupReport::Failed(vec![
            key("age", AGE, KeyFault::NoIdentity),
            key("kms", "arn:\u{1b}", KeyFault::NotSupported),
        ])];
        assert_eq!(
            report(&found, 1, &one),
            format!(
                "Failed to get the data key required to decrypt the SOPS file.\n\
                 \n\
                 Group 0: FAILED\n  \
                   {AGE}: FAILED\n    \
                     - | failed to load age identities. Errors while loading age\n      \
                       | identities: '~/keys.txt': not UTF-8. Did not find keys in\n      \
                       | locations 'SOPS_AGE_KEY', and 'b'.\n  \n  \
                   arn:\\u{{1b}}: FAILED\n    \
                     - | keys of this sort are not supported yet\n\
                 \n\
                 Recovery failed because no master key was able to decrypt the file. In\n\
                 order for SOPS to recover the file, at least one key has to be successful,\n\
                 but none were."
            )
        );
        let failed = || GroupReport::Failed(vec![key("age", OTHER, KeyFault::Failed("x".to_owned()))]);
        let several = report(&found, 2, &[failed(), GroupReport::Opened]);
        let lines: Vec<_> = several.lines().collect();
        assert!(lines.contains(&"Group 1: SUCCESS"), "{several}");
        assert_eq!(
            lines[lines.len() - 5..],
            [
                "Recovery failed because the file was encrypted with a Shamir threshold of",
                "2, but only 1 part(s) were successfully recovered, one for each successful",
                "key group. In order for SOPS to recover the file, at least 2 groups have to",
                "be successful. In order for a group to be successful, decryption has to",
                "succeed with any of the keys in that key group.",
            ]
        );
    }
}
