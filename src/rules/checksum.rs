//! Check digits and plausibility tests of literal formats. Pure functions of the matched text.

/// Whether the Luhn sum of the digits in `text` is right; other characters are skipped.
pub fn luhn(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    digits.len() > 1 && luhn_sum(&digits).is_multiple_of(10)
}

fn luhn_sum(digits: &[u32]) -> u32 {
    digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| {
            if i % 2 == 0 {
                d
            } else {
                (d * 2) / 10 + (d * 2) % 10
            }
        })
        .sum()
}

/// The digit that makes `digits` followed by it pass [`luhn`].
pub fn luhn_digit(digits: &str) -> char {
    let mut all: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    all.push(0);
    digit((10 - luhn_sum(&all) % 10) % 10)
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// The check character of a resident identity number's first 17 digits (GB 11643, ISO 7064 MOD 11-2).
pub fn resident_check(first17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const MAP: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let digits: Vec<u32> = first17
        .chars()
        .map(|c| c.to_digit(10))
        .collect::<Option<_>>()?;
    if digits.len() != 17 {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    Some(MAP[(sum % 11) as usize])
}

/// Whether an 18-character resident identity number has a real region, a real date and the right check character.
pub fn resident_id(text: &str, regions: &[String]) -> bool {
    let (Some(body), Some(check)) = (text.get(..17), text.get(17..)) else {
        return false;
    };
    regions
        .iter()
        .any(|region| body.starts_with(region.as_str()))
        && valid_date(&body[6..10], &body[10..12], &body[12..14])
        && resident_check(body)
            .is_some_and(|c| check.eq_ignore_ascii_case(c.encode_utf8(&mut [0; 4])))
}

/// A date on which somebody who lives or lived under the standard can have been born.
fn valid_date(year: &str, month: &str, day: &str) -> bool {
    let (Ok(year), Ok(month), Ok(day)) = (
        year.parse::<u32>(),
        month.parse::<u32>(),
        day.parse::<u32>(),
    ) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1900..=2030).contains(&year) && (1..=days).contains(&day)
}

const USCC: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character of a unified social credit code's first 17 characters (GB 32100).
pub fn uscc_check(first17: &str) -> Option<char> {
    const WEIGHTS: [usize; 17] = [
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
    ];
    let values: Vec<usize> = first17
        .chars()
        .map(|c| USCC.find(c))
        .collect::<Option<_>>()?;
    if values.len() != 17 {
        return None;
    }
    let sum: usize = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    USCC.chars().nth((31 - sum % 31) % 31)
}

/// Whether an 18-character unified social credit code has the right check character.
pub fn uscc(text: &str) -> bool {
    text.get(..17)
        .and_then(uscc_check)
        .is_some_and(|c| text.ends_with(c))
}

/// Whether a mobile number may be somebody's: not a run, not a repetition. Country code and separators are skipped.
pub fn mobile(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let Some(last8) = digits.len().checked_sub(8).map(|start| &digits[start..]) else {
        return false;
    };
    let step = |by: i16| {
        last8
            .windows(2)
            .all(|pair| (i16::from(pair[1]) - i16::from(pair[0])).rem_euclid(10) == by)
    };
    different(last8) >= 4 && !step(1) && !step(9)
}

/// Number of different bytes.
fn different(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes
        .iter()
        .filter(|&&b| !std::mem::replace(&mut seen[b as usize], true))
        .count()
}

/// Whether the text is not just one or two characters repeated.
pub fn varied(text: &str) -> bool {
    let bytes: Vec<u8> = text
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| b.to_ascii_lowercase())
        .collect();
    different(&bytes) >= 4
}

/// Whether the text mixes capitals, small letters and digits as random identifiers do.
pub fn mixed(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.bytes().any(|b| test(&b));
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specimens_of_the_standards_pass_and_neighbours_fail() {
        let regions = ["11".to_string(), "44".to_string()];
        assert!(resident_id("11010519491231002X", &regions));
        assert!(!resident_id("110105194912310021", &regions));
        assert!(!resident_id("11010519490231002X", &regions), "30 February");
        assert!(luhn("4111111111111111") && luhn("79927398713") && !luhn("79927398714"));
        assert!(luhn("4111 1111 1111 1111"));
        assert_eq!(luhn_digit("7992739871"), '3');
        assert!(uscc("91350100M000100Y43") && !uscc("91350100M000100Y44"));
    }

    #[test]
    fn sample_like_mobile_numbers_are_not_plausible() {
        assert!(mobile("13764902158") && mobile("+86 137-6490-2158"));
        assert!(
            !mobile("13800000000")
                && !mobile("13812345678")
                && !mobile("13887654321")
                && !mobile("13911221122")
        );
    }
}
