use super::*;
use crate::document::{FORMATS, format_by_name};
use crate::file::{Document, IdentityUnlock, Plan, any, encrypt};
use crate::keys::{Identities, NoInteraction, generate_x25519};

struct Case {
    identities: Identities,
    plan: Plan,
    format: &'static dyn Format,
}

impl Case {
    fn new(format: &str) -> Self {
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
        let plan = Plan::for_recipients([("me".to_owned(), recipient)]);
        Self { identities, plan, format: format_by_name(format).expect("a format") }
    }

    fn encrypt(&self, text: &str) -> String {
        let document = Document::parse(text.as_bytes(), self.format).expect("well-formed");
        encrypt(&document, &self.plan, &NoInteraction).expect("encrypted").text
    }

    fn unlock(&self) -> IdentityUnlock<'_> {
        IdentityUnlock { identities: &self.identities, interaction: &NoInteraction }
    }

    fn salvage(&self, broken: &str, verified: &[&str]) -> Result<String, Error> {
        let verified: Vec<_> = verified.iter().map(|text| text.as_bytes()).collect();
        let opened = salvage(broken.as_bytes(), self.format, &verified, &self.unlock())?;
        Ok(String::from_utf8(opened.into_plaintext()?.to_vec()).expect("text"))
    }

    /// It does not verify.
    fn is_broken(&self, text: &str) -> bool {
        any::decrypt(text.as_bytes(), self.format, &self.unlock()).is_err()
    }
}

#[test]
fn whole_files_are_as_decrypted() {
    for format in FORMATS {
        let case = Case::new(format.name());
        let text = match format.name() {
            "json" => "{\"a\": 1, \"b\": [true, \"x\"]}",
            "toml" => "a = 1\nb = [true, \"x\"]\n",
            "ini" => "[s]\na = 1\n; b\n",
            "yaml" => "a: 1 # x\nb:\n- |\n  y\n  z\n",
            _ => "A=1\nB=x\n",
        };
        let encrypted = case.encrypt(text);
        assert_eq!(case.salvage(&encrypted, &[&encrypted]).as_deref(), Ok(text), "{}", format.name());
    }
}

#[test]
fn values_open_wherever_they_may_stand() {
    let case = Case::new("yaml");
    let text = "- a: 1\n- a: 2\n- a: 3\n";
    let good = case.encrypt(text);
    let lines: Vec<_> = good.lines().collect();
    let with = |first: [&str; 3]| [&first[..], &lines[3..]].concat().join("\n") + "\n";
    for (first, expected) in [
        ([lines[1], lines[0], lines[2]], "- a: 2\n- a: 1\n- a: 3\n"),
        // One stands twice, one is in clear.
        ([lines[0], lines[0], lines[2]], "- a: 1\n- a: 1\n- a: 3\n"),
        ([lines[0], "- b: x", lines[2]], "- a: 1\n- b: x\n- a: 3\n"),
    ] {
        let broken = with(first);
        assert!(case.is_broken(&broken), "{broken}");
        assert_eq!(case.salvage(&broken, &[&good]).as_deref(), Ok(expected));
    }
    // Under another key it does not open, and neither does a damaged token.
    let moved = with([lines[0], &lines[1].replace("a: ", "b: "), lines[2]]);
    assert!(matches!(case.salvage(&moved, &[&good]), Err(Error::Authentication { step: Step::Seal, .. })));
    let cut = with([lines[0], &lines[1][..30], lines[2]]);
    assert!(matches!(case.salvage(&cut, &[&good]), Err(Error::Token { .. })));
}

#[test]
fn no_other_data_key_is_used() {
    let case = Case::new("yaml");
    let (mine, forged) = (case.encrypt("a: 1\n"), case.encrypt("a: 2\n"));
    let refused =
        |text: &str| matches!(case.salvage(text, &[&mine]), Err(Error::Authentication { step: Step::KeyId, .. }));
    assert!(!case.is_broken(&forged) && refused(&forged));
    // A value of one file under the metadata of the other.
    let lines: Vec<_> = mine.lines().collect();
    let mixed = [&[forged.lines().next().expect("a line")], &lines[1..]].concat().join("\n") + "\n";
    assert!(matches!(case.salvage(&mixed, &[&mine]), Err(Error::Authentication { step: Step::Seal, .. })));
}
