//! Values for tests and examples, built from recipes so that no whole secret is ever stored.
//!
//! A recipe is text with holes: `{32:hex}` is 32 characters of a class, `{bank-card}` a number with its check digit.
//! The same recipe and seed give the same value.

use super::checksum::{luhn_digit, resident_check, uscc_check};

/// A small deterministic generator (SplitMix64): the quality of the numbers does not matter, their stability does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn pick(&mut self, alphabet: &str, n: usize) -> String {
        let chars: Vec<char> = alphabet.chars().collect();
        (0..n)
            .map(|_| chars[(self.next() % chars.len() as u64) as usize])
            .collect()
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGIT: &str = "0123456789";

/// The value of a recipe. Unknown holes stay as they are.
pub fn expand(recipe: &str, seed: u64) -> String {
    let mut random = Random(recipe.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    }));
    let mut out = String::new();
    let mut rest = recipe;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((hole, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match fill(hole, &mut random) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&format!("{{{hole}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn fill(hole: &str, random: &mut Random) -> Option<String> {
    if let Some((n, class)) = hole.split_once(':') {
        let n: usize = n.parse().ok().filter(|n| *n <= 10_000)?;
        return characters(class, n, random);
    }
    Some(match hole {
        "uuid" => [8, 4, 4, 4, 12]
            .map(|n| characters("hex", n, random).unwrap_or_default())
            .join("-"),
        "mobile" => loop {
            let number = format!("137{}", random.pick(DIGIT, 8));
            if super::checksum::mobile(&number) {
                break number;
            }
        },
        "resident-id" => {
            let body = format!(
                "33010619{}0{}1{}{}",
                random.pick("6789", 1) + &random.pick(DIGIT, 1),
                random.pick("123456789", 1),
                random.pick(DIGIT, 1),
                random.pick(DIGIT, 3)
            );
            let check = resident_check(&body)?;
            format!("{body}{check}")
        }
        "resident-id-15" => format!(
            "330106{}0{}1{}{}",
            random.pick("6789", 1) + &random.pick(DIGIT, 1),
            random.pick("123456789", 1),
            random.pick(DIGIT, 1),
            random.pick(DIGIT, 3)
        ),
        "bank-card" => {
            let body = format!("622848{}", random.pick(DIGIT, 12));
            let check = luhn_digit(&body);
            format!("{body}{check}")
        }
        "imei" => {
            let body = format!("86{}", random.pick(DIGIT, 12));
            let check = luhn_digit(&body);
            format!("{body}{check}")
        }
        "uscc" => {
            let body = format!(
                "91330106MA2{}",
                random.pick("0123456789ABCDEFGHJKLMNPQRTUWXY", 6)
            );
            let check = uscc_check(&body)?;
            format!("{body}{check}")
        }
        _ => return None,
    })
}

fn characters(class: &str, n: usize, random: &mut Random) -> Option<String> {
    let alphabet = match class {
        "hex" => "0123456789abcdef".to_string(),
        "HEX" => "0123456789ABCDEF".to_string(),
        "digit" => DIGIT.to_string(),
        "lower" => LOWER.to_string(),
        "upper" => UPPER.to_string(),
        "letters" => format!("{LOWER}{UPPER}"),
        "alnum" => format!("{LOWER}{UPPER}{DIGIT}"),
        "b64" => format!("{LOWER}{UPPER}{DIGIT}+/"),
        "b64url" => format!("{LOWER}{UPPER}{DIGIT}_-"),
        "b32" => format!("{UPPER}234567"),
        "plate" => "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789".to_string(),
        _ => return None,
    };
    // A run of one class must look random to every reader: letters and digits both occur where the class has both.
    for _ in 0..64 {
        let value = random.pick(&alphabet, n);
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let mixed = digits > 0 && digits < value.len();
        let wants_mix =
            n >= 5 && alphabet.contains('5') && alphabet.chars().any(char::is_alphabetic);
        // A hyphen at the end would not belong to the value for most readers.
        let closed = !value.ends_with(['-', '_', '+', '/']);
        if (!wants_mix || mixed) && closed {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_expand_to_the_same_value_every_time() {
        let value = expand("wx{16:hex}", 0);
        assert_eq!(value, expand("wx{16:hex}", 0));
        assert_ne!(value, expand("wx{16:hex}", 1));
        assert!(
            value.len() == 18 && value[2..].bytes().all(|b| b.is_ascii_hexdigit()),
            "{value}"
        );
        assert_eq!(expand("a{b}c{", 0), "a{b}c{");
        assert!(super::super::checksum::luhn(&expand("{bank-card}", 0)));
    }
}
