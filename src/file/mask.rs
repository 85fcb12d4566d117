//! Masking: the layout of a file with every sealed value hidden, for eyes that need the structure only.

use super::document::Document;
use super::open::{Decrypted, SealedFile, Unlock};
use super::tokens::carry;
use crate::dialect::native::Role;
use crate::document::{Format, Splicer};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf};

/// What stands in the place of a sealed value or comment, whatever its type and length.
pub const MASK: &str = "***";

/// Decrypts a file, and gives its text with [`MASK`] for every sealed value and comment. Clear values, keys and layout are
/// as they stand; what is quoted in the encrypted file is quoted here.
///
/// # Errors
/// Those of [`decrypt`](super::decrypt): what does not verify is not shown, also when nothing of it is secret.
pub fn mask(bytes: &[u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Decrypted, Error> {
    let sealed = SealedFile::read(bytes, format)?;
    let keys = sealed.unlock(unlock)?;
    let warnings = sealed.open(&keys)?.warnings;
    let mut splicer = Splicer::new(&sealed.body, sealed.scan.leaves.len(), sealed.body.len());
    for (number, leaf) in sealed.scan.leaves.iter().enumerate() {
        match sealed.roles.role(number) {
            Role::Sealed | Role::SealedComment => splicer.replace(leaf.span, |out| write(format, leaf, out)),
            Role::Clear | Role::ClearComment | Role::Free => splicer.keep(leaf.span),
        }
    }
    let document = Document::parse(splicer.finish().text.as_bytes(), format)?;
    Ok(Decrypted { document, warnings, metadata: sealed.metadata })
}

fn write(format: &dyn Format, leaf: &Leaf, out: &mut String) {
    // Bare it would be an alias in YAML.
    let carrier = match leaf.carrier {
        Carrier::Bare if !format.is_one_leaf(MASK, leaf) => Carrier::DoubleQuoted,
        carrier => carrier,
    };
    carry(carrier, out, |out| out.push_str(MASK));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::{IdentityUnlock, Plan, encrypt};
    use crate::keys::{Identities, NoInteraction, generate_x25519};
    use crate::select::PathGlob;

    #[test]
    fn every_sealed_value_looks_alike_and_the_rest_is_as_it_was() {
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let mut plan = Plan::for_recipients([("me".to_owned(), recipient)]);
        plan.selection.clear = vec![PathGlob::parse("kind").expect("a glob")];
        for (format, text, masked) in [
            (
                "yaml",
                "kind: x\na: {b: 1, c: 'two'} # note\n\nlong: |\n  two\n  lines\nnone:\nlist:\n- true\n",
                "kind: x\na: {b: \"***\", c: \"***\"} # ***\n\nlong: \"***\"\nnone:\nlist:\n- \"***\"\n",
            ),
            (
                "json",
                "{\"kind\": \"x\", \"a\": [1, \"two\", null]}",
                "{\"kind\": \"x\", \"a\": [\"***\", \"***\", \"***\"]}",
            ),
            (
                "dotenv",
                "# note\nkind=x\nexport A='two\nlines' # note\nB=\n",
                "# ***\nkind=x\nexport A=\"***\" # ***\nB=\n",
            ),
        ] {
            let format = format_by_name(format).expect("a format");
            let document = Document::parse(text.as_bytes(), format).expect("a document");
            let encrypted = encrypt(&document, &plan, &NoInteraction).expect("encrypted").text;
            let shown = mask(encrypted.as_bytes(), format, &unlock).expect("masked");
            assert_eq!(shown.document.text(), masked);
            let broken = encrypted.replacen("kind", "kinds", 1);
            assert!(mask(broken.as_bytes(), format, &unlock).is_err());
        }
    }
}
