//! Floats without a fraction: what they were in their tokens the plaintext does not show.

use super::stops::Values;
use crate::dialect::sops::{Kind, Value, parse_float};

/// A float that looks like an integer.
#[derive(Clone, Copy)]
pub(super) struct WholeFloat {
    /// Which of the file's values it is.
    pub(super) number: usize,
    is_negative_zero: bool,
}

impl WholeFloat {
    /// Those among `values`.
    pub(super) fn all(values: &Values) -> Vec<Self> {
        let whole = |(number, value): (usize, &Value)| {
            let is_whole = value.kind() == Kind::Float && !value.bytes().contains(&b'.');
            is_whole.then(|| Self { number, is_negative_zero: value.bytes() == b"-0" })
        };
        let values = values.list.iter().enumerate();
        values.filter_map(|(number, seen)| whole((number, seen.value.as_ref()?))).collect()
    }

    /// `value`, an integer in the plaintext, with the type that it had.
    pub(super) fn of(self, value: &Value) -> Value {
        match value.as_str().and_then(parse_float) {
            Some(0.0) if self.is_negative_zero => Value::float(-0.0),
            Some(number) => Value::float(number),
            None => value.clone(),
        }
    }
}
