//! Fingerprints: the same finding keeps its fingerprint while other lines of the file change. Pure.

/// The fingerprint of a finding: rule, file and the text of its line without white space, hashed; 16 hex digits.
///
/// Twins on equal lines share one; baselines count them.
pub fn fingerprint(rule: &str, file: &str, line: &str) -> String {
    let mut hash = Fnv::new();
    hash.part(rule.as_bytes());
    hash.part(file.as_bytes());
    for word in line.split_whitespace() {
        hash.part(word.as_bytes());
    }
    format!("{:016x}", hash.finish())
}

/// FNV-1a with a final mix: fixed for all versions, unlike the hashers of the standard library.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn part(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&[0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn indentation_does_not_count_but_everything_else_does() {
        let base = fingerprint("leak/log", "a.js", "  console.log( phone )");
        assert_eq!(
            base,
            fingerprint("leak/log", "a.js", "\tconsole.log(  phone )")
        );
        assert_ne!(
            base,
            fingerprint("leak/log", "b.js", "console.log( phone )")
        );
        assert_ne!(
            base,
            fingerprint("leak/url", "a.js", "console.log( phone )")
        );
        assert_ne!(
            base,
            fingerprint("leak/log", "a.js", "console.log( phones )")
        );
        assert_eq!(base.len(), 16);
    }
}
