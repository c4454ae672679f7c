//! Which class of data a name speaks of: identifiers as words, Chinese and English labels.
//!
//! Identifiers are split at case changes, digits and separators and matched as words, never as substrings. The order of
//! steps, for an identifier of words w1 … wn (all lower case, *joined* without separators):
//!
//! 1. a class that lists the joined name, or a longer run of words around the match, under `not` is out;
//! 2. the joined name is a strong entry;
//! 3. the first word says that it is an action or a flag, or the last that it is about the datum: nothing;
//! 4. a word says that the datum is masked or encrypted: `sanitised`;
//! 5. the longest run of last words, behind neutral last words, that is a strong entry;
//! 6. the longest run of first words that is a strong entry, before nothing but neutral words;
//! 7. the same with weak entries, where the words before are neutral too.
//!
//! Names of business things (`shop.phone`, `companyAddress`) are out; a weak name below a person (`user.name`) is strong.

use super::classes::{ClassId, Classes, Level};
use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// How much a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Only with other evidence.
    Weak,
    /// By itself.
    Strong,
}

/// A class that a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameMatch {
    /// The class.
    pub class: ClassId,
    /// How sure.
    pub strength: Strength,
    /// The name says that the datum is masked, hashed or encrypted.
    pub sanitised: bool,
}

/// Matches of one name; most names have none.
pub type NameMatches = SmallVec<[NameMatch; 4]>;

/// Longer names are no names of data.
const MAX_NAME: usize = 64;
const MAX_WORDS: usize = 12;

type Entries = FxHashMap<Box<str>, SmallVec<[ClassId; 2]>>;

/// All words by which classes are known.
#[derive(Debug)]
pub struct Vocabulary {
    strong: Entries,
    weak: Entries,
    initials: Entries,
    weak_initials: Entries,
    not: Entries,
    neutral_prefix: FxHashSet<Box<str>>,
    neutral_suffix: FxHashSet<Box<str>>,
    not_prefix: FxHashSet<Box<str>>,
    not_suffix: FxHashSet<Box<str>>,
    sanitised: FxHashSet<Box<str>>,
    ambiguous_parents: FxHashSet<Box<str>>,
    ambiguous_names: FxHashSet<Box<str>>,
    persons: FxHashSet<Box<str>>,
    organisations: FxHashSet<Box<str>>,
    organisation_fields: FxHashSet<Box<str>>,
    organisation_labels: Vec<String>,
    platform_prefixes: FxHashSet<Box<str>>,
    english_prefixes: FxHashSet<Box<str>>,
    /// By class: a name alone never decides for credentials, whatever its parent.
    promotable: Vec<bool>,
    longest_entry: usize,
    labels: AhoCorasick,
    /// `None`: about a thing, not about the person.
    label_classes: Vec<Option<ClassId>>,
    loose_labels: Vec<ClassId>,
    whose_labels: Vec<ClassId>,
    remark_labels: Vec<String>,
    search_labels: Vec<String>,
    searched_classes: Vec<ClassId>,
    label_not_suffix: Vec<String>,
    label_prefix: Vec<String>,
}

/// Whether a word is listed, or is the plural of one that is.
fn lists(words: &FxHashSet<Box<str>>, word: &str) -> bool {
    let one = word.strip_suffix('s').filter(|one| one.len() > 2);
    words.contains(word) || one.is_some_and(|one| words.contains(one))
}

/// An identifier as words in one lower-case buffer.
struct Words {
    joined: SmallVec<[u8; MAX_NAME]>,
    /// Start of each word in `joined`; the end of the last is the buffer's.
    starts: SmallVec<[u8; MAX_WORDS]>,
}

impl Words {
    /// `None` for names that cannot name data: too long, no letters, not ASCII.
    fn split(name: &str) -> Option<Words> {
        let bytes = name.as_bytes();
        if bytes.len() > MAX_NAME || bytes.len() < 2 {
            return None;
        }
        let mut words = Words {
            joined: SmallVec::new(),
            starts: SmallVec::new(),
        };
        let mut last = Kind::Separator;
        for (i, &byte) in bytes.iter().enumerate() {
            let kind = Kind::of(byte)?;
            if kind == Kind::Separator {
                last = kind;
                continue;
            }
            let next_is_lower = bytes.get(i + 1).is_some_and(u8::is_ascii_lowercase);
            // `IDCard` is id, card; a plural `s` behind capitals (`IDs`) stays with them.
            let starts_new = match (last, kind) {
                (Kind::Separator, _) | (Kind::Lower, Kind::Upper) => true,
                (Kind::Upper, Kind::Upper) => {
                    next_is_lower
                        && !(bytes[i + 1] == b's'
                            && bytes.get(i + 2).is_none_or(|b| !b.is_ascii_lowercase()))
                }
                (Kind::Digit, Kind::Digit) => false,
                (Kind::Digit, _) | (_, Kind::Digit) => true,
                _ => false,
            };
            if starts_new {
                if words.starts.len() == MAX_WORDS {
                    return None;
                }
                words.starts.push(words.joined.len() as u8);
            }
            words.joined.push(byte.to_ascii_lowercase());
            last = kind;
        }
        (!words.starts.is_empty()).then_some(words)
    }

    fn len(&self) -> usize {
        self.starts.len()
    }

    /// Words `from..to`, joined.
    fn run(&self, from: usize, to: usize) -> &str {
        let start = self
            .starts
            .get(from)
            .map_or(self.joined.len(), |&s| s as usize);
        let end = self
            .starts
            .get(to)
            .map_or(self.joined.len(), |&s| s as usize);
        // Only ASCII was pushed.
        std::str::from_utf8(&self.joined[start..end.max(start)]).unwrap_or_default()
    }

    fn word(&self, index: usize) -> &str {
        self.run(index, index + 1)
    }

    fn is_number(&self, index: usize) -> bool {
        self.word(index).bytes().all(|b| b.is_ascii_digit())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Separator,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        Some(match byte {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            b'_' | b'-' | b'.' | b'$' | b' ' | b'#' | b'@' => Kind::Separator,
            _ => return None,
        })
    }
}

impl Vocabulary {
    pub(super) fn new(classes: &Classes) -> Vocabulary {
        let matching = &classes.matching;
        let set = |list: &[String]| {
            list.iter()
                .map(|w| w.clone().into_boxed_str())
                .collect::<FxHashSet<_>>()
        };
        let entries = |part: fn(&super::classes::Words) -> &Vec<String>| {
            let mut out = Entries::default();
            for (index, words) in classes.words.iter().enumerate() {
                for word in part(words) {
                    let ids = out.entry(word.clone().into_boxed_str()).or_default();
                    if !ids.contains(&ClassId(index as u8)) {
                        ids.push(ClassId(index as u8));
                    }
                }
            }
            out
        };
        let (mut labels, mut label_classes) = (Vec::new(), Vec::new());
        for (index, class) in classes.iter().enumerate() {
            for label in &class.labels {
                labels.push(label.to_string());
                label_classes.push(Some(ClassId(index as u8)));
            }
        }
        for label in &matching.other_labels {
            labels.push(label.clone());
            label_classes.push(None);
        }
        let strong = entries(|w| &w.strong);
        let weak = entries(|w| &w.weak);
        let longest_entry = classes
            .words
            .iter()
            .flat_map(|w| w.strong.iter().chain(&w.weak))
            .map(String::len)
            .max();
        let ids = |list: &[String]| list.iter().filter_map(|id| classes.id(id)).collect();
        Vocabulary {
            strong,
            weak,
            initials: entries(|w| &w.initials),
            weak_initials: entries(|w| &w.weak_initials),
            not: entries(|w| &w.not),
            neutral_prefix: set(&matching.neutral_prefix),
            neutral_suffix: set(&matching.neutral_suffix),
            not_prefix: set(&matching.not_data_prefix),
            not_suffix: set(&matching.not_data_suffix),
            sanitised: set(&matching.sanitised_words),
            ambiguous_parents: set(&matching.parent_ambiguous),
            ambiguous_names: set(&matching.ambiguous_names),
            persons: set(&matching.person_parents),
            organisations: set(&matching.organisations),
            organisation_fields: set(&matching.organisation_fields),
            organisation_labels: matching.organisation_labels.clone(),
            platform_prefixes: set(&matching.platform_prefixes),
            english_prefixes: set(&matching.english_label_prefix),
            promotable: classes
                .iter()
                .map(|class| class.level < Level::Credential && class.level != Level::Token)
                .collect(),
            longest_entry: longest_entry.unwrap_or_default(),
            labels: AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&labels)
                .expect("internal: a few hundred labels fit an automaton"),
            label_classes,
            loose_labels: ids(&matching.loose_labels),
            whose_labels: ids(&matching.whose_labels),
            remark_labels: matching.remark_labels.clone(),
            search_labels: matching.search_labels.clone(),
            searched_classes: ids(&matching.searched_classes),
            label_not_suffix: matching.label_not_suffix.clone(),
            label_prefix: matching.label_prefix.clone(),
        }
    }

    /// The classes that an identifier speaks of, given the identifier of the object it belongs to. Sorted by class.
    /// Only for places where data stands: not for called functions, methods, classes, events, imports.
    pub fn classify(&self, name: &str, parent: Option<&str>) -> NameMatches {
        if !name.is_ascii() {
            return self.classify_label(name);
        }
        let Some(words) = Words::split(name) else {
            return NameMatches::new();
        };
        let mut found = self.by_words(&words, parent);
        if found.is_empty() {
            found = self.by_singular(&words, parent);
        }
        found.sort_unstable();
        found
    }

    /// Whether an identifier says that what it holds is masked, hashed or encrypted.
    pub fn is_sanitised(&self, name: &str) -> bool {
        Words::split(name)
            .is_some_and(|words| (0..words.len()).any(|i| self.sanitised.contains(words.word(i))))
    }

    /// Whether an identifier names a person or a record about one: `user`, `patientInfo`.
    pub fn is_person(&self, name: &str) -> bool {
        Words::split(name).is_some_and(|words| self.names_person(&words))
    }

    /// Whether an identifier names an organisation or a list of such: `shop`, `hospitalList`, `stores`.
    pub fn is_organisation(&self, name: &str) -> bool {
        let Some(words) = Words::split(name).filter(|words| !self.names_person(words)) else {
            return false;
        };
        (0..words.len()).any(|i| lists(&self.organisations, words.word(i)))
    }

    /// Whether only records about an organisation have a field of this name: `siteName`, `business_hours`.
    pub fn is_field_of_organisation(&self, name: &str) -> bool {
        Words::split(name).is_some_and(|words| self.has_field_of_organisation(&words))
    }

    fn has_field_of_organisation(&self, words: &Words) -> bool {
        self.organisation_fields.contains(words.run(0, words.len()))
    }

    /// Whether a label says that what it stands beside is an organisation's: 客服电话.
    pub fn is_organisation_label(&self, text: &str) -> bool {
        self.organisation_labels
            .iter()
            .any(|label| text.contains(&**label))
    }

    fn names_person(&self, words: &Words) -> bool {
        let n = words.len();
        (0..n).any(|i| {
            self.persons.contains(words.word(i))
                || (i + 1 < n && self.persons.contains(words.run(i, i + 2)))
        })
    }

    fn by_words(&self, words: &Words, parent: Option<&str>) -> NameMatches {
        let n = words.len();
        let mut context = Context {
            parent_business: false,
            parent_person: false,
        };
        if let Some(parent) = parent.and_then(Words::split) {
            context.parent_person = self.names_person(&parent);
            context.parent_business = !context.parent_person
                && ((0..parent.len()).any(|i| lists(&self.ambiguous_parents, parent.word(i)))
                    || self.has_field_of_organisation(&parent));
        }
        let sanitised = n > 1 && (0..n).any(|i| self.sanitised.contains(words.word(i)));
        let mut out = NameMatches::new();
        // Step 2. A leading platform word is dropped only if the name with it is unknown.
        for from in 0..=usize::from(n > 1 && self.platform_prefixes.contains(words.word(0))) {
            if self.take(words, from, n, Strength::Strong, false, &context, &mut out) {
                return out;
            }
        }
        if self.whole_initials(words, &mut out) {
            return out;
        }
        // Step 3.
        if n > 1
            && (self.not_prefix.contains(words.word(0))
                || self.not_suffix.contains(words.word(n - 1)))
        {
            return out;
        }
        // Steps 5 and 6 in one: neutral last words are cut one by one.
        let mut end = n;
        loop {
            for from in 0..end {
                if self.take(
                    words,
                    from,
                    end,
                    Strength::Strong,
                    sanitised,
                    &context,
                    &mut out,
                ) {
                    return out;
                }
            }
            if end > 1 && self.is_neutral_end(words, end - 1) {
                end -= 1;
            } else {
                break;
            }
        }
        // Step 7.
        let mut end = n;
        loop {
            let mut from = 0;
            while from < end {
                if self.take(
                    words,
                    from,
                    end,
                    Strength::Weak,
                    sanitised,
                    &context,
                    &mut out,
                ) {
                    return out;
                }
                if !self.is_neutral_start(words, from) {
                    break;
                }
                from += 1;
            }
            if end > 1 && self.is_neutral_end(words, end - 1) {
                end -= 1;
            } else {
                break;
            }
        }
        out
    }

    fn is_neutral_end(&self, words: &Words, index: usize) -> bool {
        let word = words.word(index);
        words.is_number(index)
            || self.neutral_suffix.contains(word)
            || self.sanitised.contains(word)
    }

    fn is_neutral_start(&self, words: &Words, index: usize) -> bool {
        let word = words.word(index);
        self.neutral_prefix.contains(word)
            || self.sanitised.contains(word)
            || words.is_number(index)
    }

    /// Adds the classes of words `from..to`, if they are an entry. Whether they were.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of the match, called in three places"
    )]
    fn take(
        &self,
        words: &Words,
        from: usize,
        to: usize,
        strength: Strength,
        sanitised: bool,
        context: &Context,
        out: &mut NameMatches,
    ) -> bool {
        let run = words.run(from, to);
        if run.len() > self.longest_entry {
            return false;
        }
        let entries = match strength {
            Strength::Strong => &self.strong,
            Strength::Weak => &self.weak,
        };
        let Some(classes) = entries.get(run) else {
            return false;
        };
        let business = context.parent_business
            || (0..from).any(|i| {
                self.ambiguous_parents.contains(words.word(i))
                    && !self.persons.contains(words.word(i))
            });
        if business && (strength == Strength::Weak || self.ambiguous_names.contains(run)) {
            return false;
        }
        let before = out.len();
        for &class in classes {
            if self.is_excluded(words, from, to, class) {
                continue;
            }
            let promoted = context.parent_person && self.promotable[class.0 as usize];
            let strength = if promoted { Strength::Strong } else { strength };
            out.push(NameMatch {
                class,
                strength,
                sanitised,
            });
        }
        out.len() > before
    }

    /// Step 1: the joined name, or a run of words that holds the match and reaches one of the name's ends, is listed as
    /// something else.
    fn is_excluded(&self, words: &Words, from: usize, to: usize, class: ClassId) -> bool {
        let n = words.len();
        let listed = |run: &str| {
            self.not
                .get(run)
                .is_some_and(|classes| classes.contains(&class))
        };
        (0..=from)
            .any(|start| listed(words.run(start, n)) || (to < n && listed(words.run(start, to))))
            || (to..n).any(|end| listed(words.run(0, end)))
    }

    /// Pinyin initials: only the whole identifier, without digits; two letters only as one word.
    fn whole_initials(&self, words: &Words, out: &mut NameMatches) -> bool {
        let n = words.len();
        let joined = words.run(0, n);
        if joined.len() > 8 || joined.bytes().any(|b| b.is_ascii_digit()) {
            return false;
        }
        let mut add = |entries: &Entries, strength| {
            for &class in entries.get(joined).into_iter().flatten() {
                out.push(NameMatch {
                    class,
                    strength,
                    sanitised: false,
                });
            }
        };
        add(&self.initials, Strength::Strong);
        if n == 1 {
            add(&self.weak_initials, Strength::Weak);
        }
        !out.is_empty()
    }

    /// `phones`, `addresses`: the same name with its last word in the singular.
    fn by_singular(&self, words: &Words, parent: Option<&str>) -> NameMatches {
        let last = words.word(words.len() - 1);
        let cut = if last.len() > 5 && last.ends_with("sses") {
            2
        } else if last.len() >= 5 && last.ends_with('s') && !last.ends_with("ss") {
            1
        } else {
            return NameMatches::new();
        };
        let mut joined = words.joined.clone();
        joined.truncate(joined.len() - cut);
        self.by_words(
            &Words {
                joined,
                starts: words.starts.clone(),
            },
            parent,
        )
    }

    /// The classes that a label, a placeholder or a column title speaks of, the one it is about first.
    pub fn classify_label(&self, text: &str) -> NameMatches {
        let text = text.trim();
        if text.is_empty() || text.len() > 200 {
            return NameMatches::new();
        }
        if text.is_ascii() {
            return self.classify_english(text);
        }
        let ordered = self.ordered(text).is_some();
        if self.asks_for_remark(text) {
            return NameMatches::new();
        }
        let mut out = NameMatches::new();
        let (mut last_end, mut last_is_thing) = (usize::MAX, false);
        for found in self.labels.find_iter(text) {
            let class = self.label_classes[found.pattern().as_usize()];
            let rest = &text[found.end()..];
            let spoken_of = ordered
                || !self
                    .label_not_suffix
                    .iter()
                    .any(|suffix| rest.starts_with(suffix.as_str()));
            // Chinese puts the main word last: 手机号验证码 is a code, 联系人电话 a telephone number, 优惠券密码 a coupon's.
            let follows = found.start() == last_end;
            let of_thing = follows && last_is_thing;
            let of_whom = |m: &NameMatch| self.whose_labels.contains(&m.class);
            if follows && !last_is_thing && !out.last().is_some_and(of_whom) {
                out.pop();
            }
            last_end = found.end();
            let Some(class) = class.filter(|_| !of_thing) else {
                last_is_thing = true;
                continue;
            };
            last_is_thing = false;
            let hit = NameMatch {
                class,
                strength: Strength::Strong,
                sanitised: false,
            };
            if spoken_of && !out.iter().any(|m| m.class == class) {
                out.push(hit);
            } else {
                last_end = usize::MAX;
            }
        }
        if self.search_labels.iter().any(|word| text.contains(&**word)) {
            out.retain(|m| !self.searched_classes.contains(&m.class));
        }
        out
    }

    /// What an order to type is about.
    fn ordered<'t>(&self, label: &'t str) -> Option<&'t str> {
        let prefixes = self.label_prefix.iter();
        let orders = prefixes.filter_map(|prefix| label.strip_prefix(prefix.as_str()));
        orders.min_by_key(|rest| rest.len())
    }

    /// Whether a label asks for a text of one's own.
    fn asks_for_remark(&self, label: &str) -> bool {
        let about = self.ordered(label).unwrap_or(label);
        let mut words = self.remark_labels.iter();
        words.any(|word| about.starts_with(word.as_str()))
    }

    /// Whether a label says what is typed beside it, so that the name of what keeps it cannot make it something else.
    pub fn is_told_by(&self, label: &str) -> bool {
        let things = self.labels.find_iter(label);
        let mut kinds = things.map(|found| self.label_classes[found.pattern().as_usize()]);
        let found = self.classify_label(label);
        match found.is_empty() {
            true => kinds.any(|class| class.is_none()) || self.asks_for_remark(label.trim()),
            false => !found.iter().all(|m| self.loose_labels.contains(&m.class)),
        }
    }

    /// `Please enter your phone number`.
    fn classify_english(&self, text: &str) -> NameMatches {
        let mut rest = text.trim_end_matches(['.', ':', '*', ' ', '!', '?']);
        while let Some((first, tail)) = rest.split_once(' ') {
            if !self
                .english_prefixes
                .contains(first.to_ascii_lowercase().as_str())
            {
                break;
            }
            rest = tail.trim_start();
        }
        if rest.len() > 40 || rest.split(' ').count() > 4 {
            return NameMatches::new();
        }
        let mut found = self.classify(rest, None);
        // Two letters are a unit (`mm`) rather than the initials of what is meant.
        if rest.len() <= 2 {
            found.retain(|m| m.strength == Strength::Strong);
        }
        found
    }
}

/// What the object says whose member the name is.
struct Context {
    parent_business: bool,
    parent_person: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Tables;

    /// `phone?` is weak, `phone#` sanitised.
    fn show(tables: &Tables, found: &NameMatches) -> String {
        let mut words: Vec<String> = found
            .iter()
            .map(|m| {
                let weak = if m.strength == Strength::Weak {
                    "?"
                } else {
                    ""
                };
                let sanitised = if m.sanitised { "#" } else { "" };
                format!("{}{weak}{sanitised}", tables.classes().class(m.class).id)
            })
            .collect();
        words.sort();
        words.join(" ")
    }

    fn check(tables: &Tables, name: &str, expected: &str) {
        let (parent, own) = name
            .rsplit_once('.')
            .map_or((None, name), |(p, n)| (Some(p), n));
        let found = tables.vocabulary().classify(own, parent);
        assert_eq!(show(tables, &found), expected, "{name}");
    }

    #[test]
    fn names_and_labels_of_other_things() {
        let tables = Tables::builtin();
        for name in [
            "mailNo",
            "mail_number",
            "siteName.contactPhone",
            "slogan.tel",
        ] {
            check(&tables, name, "");
        }
        check(&tables, "userInfo.account", "account");
        let vocabulary = tables.vocabulary();
        for label in [
            "mm",
            "毛孩子",
            "请输入卡密",
            "输入医生姓名或科室",
            "搜索姓名",
            "请填写备注（如地址、口味）",
        ] {
            assert!(vocabulary.classify_label(label).is_empty(), "{label}");
        }
        assert!(!vocabulary.classify_label("搜索手机号").is_empty());
        assert!(vocabulary.is_field_of_organisation("share_title"));
        assert!(!vocabulary.is_field_of_organisation("title"));
    }

    #[test]
    fn typical_names_are_known() {
        let tables = Tables::builtin();
        for (name, expected) in [
            ("phone", "phone"),
            ("userPhone", "phone"),
            ("user_phone_no", "phone"),
            ("phoneNumber", "phone"),
            ("PHONE", "phone"),
            ("mobilePhone", "phone"),
            ("wxUserMobile", "phone"),
            ("tel", "phone"),
            ("shoujihao", "phone"),
            ("phones", "phone"),
            ("phone2", "phone"),
            ("receiverPhone", "phone"),
            ("idCard", "id-card"),
            ("IDCardNo", "id-card"),
            ("id_card_number", "id-card"),
            ("sfzh", "id-card"),
            ("certNo", "id-card"),
            ("userIdCard", "id-card"),
            ("realName", "name"),
            ("true_name", "name"),
            ("contactName", "name"),
            ("xingming", "name"),
            ("password", "password"),
            ("loginPwd", "password"),
            ("newPassword", "password"),
            ("verifyCode", "sms-code"),
            ("smsCode", "sms-code"),
            ("openId", "openid"),
            ("wx_openid", "openid"),
            ("unionid", "unionid"),
            ("accessToken", "token"),
            ("token", "token"),
            ("userInfo", "user-info"),
            ("wxUserInfo", "user-info"),
            ("avatarUrl", "avatar"),
            ("nickName", "nickname"),
            ("bankCardNo", "bank-card"),
            ("email", "email"),
            ("emailAddress", "email"),
            ("detailAddress", "address"),
            ("deliveryAddress", "address"),
            ("latitude", "location"),
            ("userLocation", "location"),
            ("birthday", "birthday"),
            ("gender", "gender"),
            ("plateNumber", "plate"),
            ("passportNo", "passport"),
            ("maskedPhone", "phone#"),
            ("encryptedIdCard", "id-card#"),
            ("name", "name? nickname?"),
            ("user.name", "name nickname"),
            ("patient.age", "age"),
            ("address", "address?"),
        ] {
            check(&tables, name, expected);
        }
    }

    #[test]
    fn look_alikes_are_not_taken() {
        let tables = Tables::builtin();
        let mut taken = Vec::new();
        for name in [
            "cityCode",
            "nameSpace",
            "phoneModel",
            "length",
            "hasPhone",
            "isRealName",
            "phoneError",
            "PHONE_REG",
            "image",
            "page",
            "message",
            "packageName",
            "fileName",
            "className",
            "shop.phone",
            "store.address",
            "company.tel",
            "shopPhone",
            "storeAddress",
            "merchant.mobile",
            "showPassword",
            "passwordVisible",
            "phoneReg",
            "isPhoneValid",
            "getPhoneNumberLoading",
            "template",
            "iphone",
            "isIphoneX",
            "compass",
            "passenger",
            "qrCode",
            "errCode",
            "statusCode",
            "tokenType",
            "sessionStorage",
            "guid",
            "fluid",
            "headers",
            "iconUrl",
            "addressId",
            "addressIndex",
            "ipAddressType",
            "imgList",
            "storageKey",
            "usage",
            "language",
            "international",
            "nationwide",
            "headline",
            "platform",
            "translate",
            "later",
            "flat",
            "longtap",
            "cartNum",
            "careful",
            "telegram",
            "businessLicense",
            "phonePlaceholder",
            "validatePhone",
            "onPhoneInput",
            "openLocation",
            "emailTemplate",
            "agreement",
            "methodName",
            "clientWidth",
            "hidePhone",
            "birthdayCoupon",
            "passStatus",
            "x0b",
            "xbox",
            "windowInfo",
            "nextToken",
        ] {
            let (parent, own) = name
                .rsplit_once('.')
                .map_or((None, name), |(p, n)| (Some(p), n));
            let found = tables.vocabulary().classify(own, parent);
            let sure: NameMatches = found
                .into_iter()
                .filter(|m| m.strength == Strength::Strong)
                .collect();
            let shown = show(&tables, &sure);
            if !shown.is_empty() {
                taken.push(format!("{name}: {shown}"));
            }
        }
        assert_eq!(taken, Vec::<String>::new());
        // The traps say not even a little.
        for name in [
            "cityCode",
            "nameSpace",
            "phoneModel",
            "length",
            "hasPhone",
            "isRealName",
            "phoneError",
            "PHONE_REG",
        ] {
            check(&tables, name, "");
        }
    }

    #[test]
    fn labels_speak_of_their_last_word() {
        let tables = Tables::builtin();
        for (label, expected) in [
            ("请输入手机号", "phone"),
            ("身份证号码", "id-card"),
            ("手机号验证码", "sms-code"),
            ("请输入姓名和手机号", "name phone"),
            ("收货地址", "address"),
            ("收货地址管理", ""),
            ("手机号格式不正确", ""),
            ("请输入您的银行卡号", "bank-card"),
            ("联系人电话", "phone"),
            ("家长手机号", "minor phone"),
            ("登录密码", "password"),
            ("请输入优惠券口令", ""),
            ("门店电话", ""),
            ("请输入会员卡号", ""),
            ("请输入学生证号", "education"),
            ("首页", ""),
            ("Phone number", "phone"),
            ("Please enter your e-mail", "email"),
            ("Welcome to our little shop", ""),
        ] {
            let found = tables.vocabulary().classify_label(label);
            assert_eq!(show(&tables, &found), expected, "{label}");
        }
    }
}
