//! The languages there are, and which of them the page speaks.

use typed_i18n::TypedI18N;

/// A language that is complete. Each message of `locales/text.lrc` is a function of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypedI18N)]
#[typed_i18n(filename = "locales/text.lrc", global = "atomic")]
#[typed_i18n(builder = "mixed_str")]
pub(in crate::ui) enum Language {
    En,
    Vi,
}

/// The page's language. It is set before anything is shown, and another one takes a page that is loaded anew.
pub(in crate::ui) fn t() -> Language {
    Language::global()
}

impl Language {
    pub(in crate::ui) const ALL: [Self; 2] = [Self::En, Self::Vi];

    /// Its tag (BCP 47).
    pub(in crate::ui) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Vi => "vi",
        }
    }

    /// Its own name for itself, by which its speakers find it.
    pub(in crate::ui) fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Vi => "Tiếng Việt",
        }
    }

    /// The one that suits best: the first of `wanted`, which are BCP 47 tags, that there is.
    pub(in crate::ui) fn suiting(wanted: impl IntoIterator<Item = String>) -> Self {
        let of = |tag: String| {
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            Self::ALL.into_iter().find(|language| language.tag() == primary)
        };
        wanted.into_iter().find_map(of).unwrap_or(Self::En)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of a text, in the order of their names.
    fn parameters(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split("%{").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_message_is_there_in_every_language_with_the_same_parameters() {
        let messages = include_str!("../../../locales/text.lrc").split("\n#").skip(1);
        let mut count = 0;
        for message in messages {
            let mut lines = message.lines().filter(|line| !line.is_empty() && !line.starts_with(';'));
            let name = lines.next().unwrap();
            let texts: Vec<_> = lines.map(|line| line.split_once(' ').unwrap()).collect();
            let tags: Vec<_> = texts.iter().map(|(tag, _)| *tag).collect();
            assert_eq!(tags, Language::ALL.map(Language::tag), "{name}");
            assert!(texts.iter().all(|(_, text)| !text.trim().is_empty()), "{name}");
            assert_eq!(parameters(texts[0].1), parameters(texts[1].1), "{name}");
            count += 1;
        }
        assert!(count > 150, "{count} messages were looked at");
    }

    #[test]
    fn the_first_wanted_language_that_there_is_suits_best() {
        let suiting = |wanted: &[&str]| Language::suiting(wanted.iter().map(|&tag| tag.to_owned()));
        assert_eq!(suiting(&["vi"]), Language::Vi);
        assert_eq!(suiting(&["VI-vn", "en"]), Language::Vi);
        assert_eq!(suiting(&["fr-FR", "en-GB", "vi"]), Language::En);
        assert_eq!(suiting(&["vis"]), Language::En);
        assert_eq!(suiting(&[]), Language::En);
        assert_eq!(suiting(&["", "-", "vi-Hani-VN"]), Language::Vi);
    }
}
