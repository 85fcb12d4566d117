//! Floats as SOPS's formats print them.

/// As Go's `%g` with the fewest digits: an exponent where the number has one below -4 or from 6 on. `exponent` is
/// `e` or `E`.
pub(super) fn general(number: f64, exponent: char) -> String {
    let scientific = format!("{number:e}");
    let Some((digits, power)) = scientific.split_once('e') else { return scientific };
    match power.parse::<i32>() {
        Ok(power) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}{exponent}{sign}{:02}", power.abs())
        }
        _ => number.to_string(),
    }
}

/// As Go's `encoding/json`: plain decimals from 1e-6 up to 1e21.
pub(super) fn json(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let is_plain = number == 0.0 || (1e-6..1e21).contains(&number.abs());
    Some(if is_plain {
        number.to_string()
    } else {
        let scientific = format!("{number:e}");
        if scientific.contains("e-") { scientific } else { scientific.replace('e', "e+") }
    })
}

/// As SOPS writes it in dotenv and INI: a number without a fraction or an exponent gets one.
pub(super) fn flat(number: f64) -> String {
    let text = general(number, 'E');
    if text.contains(['.', 'E']) { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_spelling() {
        for (number, in_yaml, in_json, in_dotenv) in [
            (1.0, "1", "1", "1.0"),
            (1_000_000.0, "1e+06", "1000000", "1E+06"),
            (999_999.0, "999999", "999999", "999999.0"),
            (123_456.5, "123456.5", "123456.5", "123456.5"),
            (1_234_567.5, "1.2345675e+06", "1234567.5", "1.2345675E+06"),
            (1e-5, "1e-05", "0.00001", "1E-05"),
            (1e-7, "1e-07", "1e-7", "1E-07"),
            (1e20, "1e+20", "100000000000000000000", "1E+20"),
            (1e21, "1e+21", "1e+21", "1E+21"),
            (-0.0, "-0", "-0", "-0.0"),
            (0.0001, "0.0001", "0.0001", "0.0001"),
        ] {
            assert_eq!(general(number, 'e'), in_yaml);
            assert_eq!(json(number).as_deref(), Some(in_json));
            assert_eq!(flat(number), in_dotenv);
        }
        assert_eq!(json(f64::NAN), None);
    }
}
