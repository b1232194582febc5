//! What makes two names the same: how they look.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::GeneralSecurityProfile;
use unicode_security::confusable_detection::skeleton;
use vong_protocol::channel::Name;
use vong_protocol::{ErrorCode, Refusal};

/// A name's look: its skeleton (Unicode Technical Standard 39, section 4). Names that look alike have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NameKey(Box<str>);

impl NameKey {
    /// Before all others in order.
    pub(super) fn least() -> Self {
        Self("".into())
    }
}

/// Beside letters, digits and marks, what stands between the parts of a name.
const JOINTS: [char; 5] = [' ', '-', '_', '.', '\''];

/// The name as it is shown, and its key. What differs only in capitals or in compatibility forms (Unicode Standard Annex 15) is the
/// same name, shown the same way.
///
/// # Errors
/// [`ErrorCode::BadName`]: it has characters that Unicode advises against in identifiers (UTS 39, section 3.1), invisible ones among
/// them, or what stands between the parts of a name at an end or twice in a row, or the same mark twice in a row.
pub(super) fn read(name: &Name) -> Result<(Name, NameKey), Refusal> {
    let bad = |detail: String| Refusal::new(ErrorCode::BadName, detail);
    let text = fold(name.as_str());
    let is_letter = |c: char| c.identifier_allowed() && (c.is_alphanumeric() || is_combining_mark(c));
    let allowed = |c: char| is_letter(c) || JOINTS.contains(&c);
    if let Some(other) = text.chars().find(|&c| !allowed(c)) {
        return Err(bad(format!(
            "It has “{}”; it may have letters, digits, spaces and -_.'",
            other.escape_debug()
        )));
    }
    if text.starts_with(JOINTS) || text.ends_with(JOINTS) {
        return Err(bad("It begins and ends with a letter or a digit.".to_owned()));
    }
    let twice = |(one, other): (char, char)| {
        JOINTS.contains(&one) && JOINTS.contains(&other) || one == other && is_combining_mark(one)
    };
    if text.nfd().zip(text.nfd().skip(1)).any(twice) {
        return Err(bad("It has something twice in a row that is there once.".to_owned()));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(bad("It has no letter and no digit.".to_owned()));
    }
    // Folding may have made it longer.
    let shown = Name::parse(&text).map_err(|error| bad(error.to_string()))?;
    // A zero's skeleton is a capital letter.
    let key = skeleton(shown.as_str()).collect::<String>().to_lowercase();
    Ok((shown, NameKey(key.into())))
}

/// In small letters and one form.
pub(super) fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, NameKey), ErrorCode> {
        let name = Name::parse(text).unwrap();
        let (shown, key) = super::read(&name).map_err(|refusal| refusal.code)?;
        Ok((shown.as_str().to_owned(), key))
    }

    #[test]
    fn names_of_all_scripts_are_shown_in_one_form() {
        for (typed, shown) in [
            ("Duy", "duy"),
            ("Bà  Ngoại", "bà ngoại"),
            // Marks that follow their letter.
            ("Ba\u{300} Ngoa\u{323}i", "bà ngoại"),
            ("ＮＡＰＯ", "napo"),
            ("Οδυσσεύς", "οδυσσεύς"),
            ("さくら", "さくら"),
            ("o'neil-smith_2.1", "o'neil-smith_2.1"),
        ] {
            assert_eq!(read(typed).unwrap().0, shown);
        }
    }

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [
            ("duy", "DUY"),
            // Cyrillic letters.
            ("napo", "n\u{430}p\u{43e}"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("rn", "m"),
            ("l0ve", "1ove"),
        ] {
            assert_eq!(read(one).unwrap().1, read(other).unwrap().1, "{one} {other}");
        }
        for (one, other) in [("hoa", "hoà"), ("duy", "du y"), ("anna", "hanna")] {
            assert_ne!(read(one).unwrap().1, read(other).unwrap().1, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in [
            "<b>duy</b>",
            "---",
            "duy\u{fe0f}",
            "👻",
            "a\u{200d}b",
            "/../x",
            "\"",
            "a&b",
            "duy.",
            "-duy",
            "a - b",
            "a:b",
            "duy\u{300}\u{300}",
        ] {
            assert_eq!(read(text).unwrap_err(), ErrorCode::BadName, "{text}");
        }
    }
}
