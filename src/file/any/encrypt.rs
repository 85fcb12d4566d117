//! Encrypting a plaintext by a plan.

use super::Plan;
use super::change::summary;
use crate::data_key::DataKey;
use crate::dialect::sops::Time;
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::file::document::Document;
use crate::file::outline::Outline;
use crate::file::seal::{self, Encrypted};
use crate::file::sops::{self, KeyWrap, Plan as SopsPlan};

/// A plaintext that is to be encrypted.
#[derive(Clone, Copy)]
pub struct Input<'p> {
    /// All of it.
    pub plaintext: &'p [u8],
    /// Its format.
    pub format: &'static dyn Format,
    /// The format that SOPS has for it, should its plan be of that dialect.
    pub store: Store,
}

impl Input<'_> {
    /// The plaintext as a document of the native dialect.
    pub(super) fn document(self) -> Result<Document, Error> {
        Document::parse(self.plaintext, self.format)
    }
}

/// Encrypts a file under new data keys. `now` is the time that files of the sops dialect note.
///
/// # Errors
/// Those of [`file::encrypt`](crate::file::encrypt) and [`file::sops::encrypt`](sops::encrypt);
/// [`SopsError::NothingSelected`].
pub fn encrypt(input: Input<'_>, plan: &Plan, wrap: &KeyWrap<'_>, now: Time) -> Result<Encrypted, Error> {
    match plan {
        Plan::Native(plan) => seal::encrypt(&input.document()?, plan, wrap.interaction),
        Plan::Sops(plan) => encrypt_sops(input, plan, wrap, now),
    }
}

pub(super) fn encrypt_sops(
    input: Input<'_>,
    plan: &SopsPlan,
    wrap: &KeyWrap<'_>,
    now: Time,
) -> Result<Encrypted, Error> {
    let Input { plaintext, format, store } = input;
    let store = plan.store(format, store);
    let mut metadata = plan.metadata(store, now);
    let data_key = DataKey::generate()?;
    sops::wrap_data_key(&mut metadata, &data_key, wrap)?;
    let text = sops::encrypt(plaintext, store, &data_key, metadata)?;
    let summary = summary(&text, store, &[])?;
    if summary.sealed == 0 && !summary.clear.is_empty() {
        let (name, text) = plan.selector.parts();
        return Err(SopsError::NothingSelected { selector: format!("{name}: {text}") }.into());
    }
    Ok(Encrypted { text, summary })
}

/// What encrypting a file by `plan` would encrypt.
///
/// # Errors
/// What is wrong with the plaintext, and those of [`Outline::of_plan`].
pub fn outline_of_plan(input: Input<'_>, plan: &Plan) -> Result<Outline, Error> {
    match plan {
        Plan::Native(plan) => Outline::of_plan(&input.document()?, plan),
        Plan::Sops(plan) => match plan.store(input.format, input.store) {
            Store::Binary => Ok(sops::outline_of_binary()),
            store => sops::outline_of_rule(input.plaintext, store, &plan.selector),
        },
    }
}
