//! Somebody who encrypts files to themselves.

use sops_rs::Error;
use sops_rs::document::{Format, format_by_name};
use sops_rs::file::{Document, IdentityUnlock, Plan, decrypt, encrypt, update};
use sops_rs::keys::{Identities, NoInteraction, generate_x25519};
use sops_rs::select::{ClearValues, CommentPolicy, PathGlob, Selection};

use crate::tree::Syntax;

pub(crate) struct Person {
    pub(crate) format: &'static dyn Format,
    pub(crate) plan: Plan,
    identities: Identities,
}

impl Person {
    /// Somebody new, who leaves what begins with `clear_` clear.
    pub(crate) fn new(syntax: Syntax, clear_values: ClearValues, comments: CommentPolicy) -> Self {
        let (name, globs) = match syntax {
            Syntax::Dotenv => ("dotenv", &["CLEAR_*"][..]),
            Syntax::Ini => ("ini", &["main.clear_*"][..]),
            Syntax::Toml => ("toml", &["**.clear_*", "**.clear_*.**"][..]),
            Syntax::Json => ("json", &["**.clear_*", "**.clear_*.**"][..]),
            Syntax::Yaml => ("yaml", &["**.clear_*", "**.clear_*.**"][..]),
        };
        let clear = PathGlob::parse_all(globs.iter().copied()).expect("globs");
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
        let plan = Plan {
            comments,
            clear_values,
            selection: Selection { clear, ..Selection::default() },
            recipients: vec![("me".into(), recipient)],
            key_groups: None,
            sections: Vec::new(),
        };
        Self { format: format_by_name(name).expect("a format"), plan, identities }
    }

    fn unlock(&self) -> IdentityUnlock<'_> {
        IdentityUnlock { identities: &self.identities, interaction: &NoInteraction }
    }

    pub(crate) fn encrypt(&self, text: &str) -> Result<String, Error> {
        let document = Document::parse(text.as_bytes(), self.format)?;
        Ok(encrypt(&document, &self.plan, &NoInteraction)?.text)
    }

    /// `sealed`, changed to hold `text`.
    pub(crate) fn update(&self, sealed: &str, text: &str) -> Result<String, Error> {
        let document = Document::parse(text.as_bytes(), self.format)?;
        Ok(update(sealed.as_bytes(), &document, &self.unlock())?.text)
    }

    pub(crate) fn decrypt(&self, sealed: &str) -> Result<String, Error> {
        let decrypted = decrypt(sealed.as_bytes(), self.format, &self.unlock())?;
        Ok(decrypted.document.text().to_owned())
    }
}
