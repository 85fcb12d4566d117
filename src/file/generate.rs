//! Random texts.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::random;

/// A text of `length` characters, each of which is any of `alphabet` with the same probability, from the operating
/// system's random numbers. The characters of `alphabet` should all be different, and there must be one at least.
///
/// # Errors
/// [`Error::NoRandomness`].
pub fn generate_text(alphabet: &[char], length: usize) -> Result<Zeroizing<String>, Error> {
    let count = u32::try_from(alphabet.len()).unwrap_or(u32::MAX).max(1);
    // The numbers from here on would make the first characters more likely.
    let limit = u32::MAX - u32::MAX % count;
    let widest = alphabet.iter().map(|c| c.len_utf8()).max().unwrap_or(0);
    let mut text = Zeroizing::new(String::with_capacity(widest * length));
    let mut bytes = Zeroizing::new([0; 4]);
    for _ in 0..length {
        let number = loop {
            random::fill(&mut bytes[..])?;
            let number = u32::from_le_bytes(*bytes);
            if number < limit {
                break number % count;
            }
        };
        text.extend(alphabet.get(number as usize));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_comes_up_equally_often() {
        let alphabet = ['a', 'é', '9'];
        let text = generate_text(&alphabet, 30_000).expect("randomness");
        for c in alphabet {
            let count = text.chars().filter(|&other| other == c).count();
            // Eight standard deviations.
            assert!((9_350..10_650).contains(&count), "{c}: {count}");
        }
        assert_eq!(text.chars().count(), 30_000);
    }
}
