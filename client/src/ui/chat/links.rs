//! Which parts of a text are addresses. Pure.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    /// An address that begins with `http://` or `https://`, and so can be nothing but a page.
    Address(&'a str),
}

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// The pieces of a text, in order. Together they are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    // What is not given out yet, and how much of it are words.
    let (mut rest, mut words) = (text, 0);
    let mut within = false;
    while let Some((before, here)) = rest.split_at_checked(words) {
        let Some(next) = here.chars().next() else { break };
        match address(here).filter(|_| !within) {
            Some((address, behind)) => {
                if !before.is_empty() {
                    pieces.push(Piece::Words(before));
                }
                pieces.push(Piece::Address(address));
                (rest, words) = (behind, 0);
            }
            None => words += next.len_utf8(),
        }
        within = next.is_ascii_alphanumeric();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// The address that the text begins with, without the punctuation of the sentence that it stands in; and what follows.
fn address(text: &str) -> Option<(&str, &str)> {
    let scheme = SCHEMES.into_iter().find(|scheme| text.starts_with(scheme))?;
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    let mut length: usize = text.chars().take_while(|c| !ends(*c)).map(char::len_utf8).sum();
    loop {
        let (address, behind) = text.split_at_checked(length)?;
        let last = address.chars().next_back()?;
        let count = |c: char| address.chars().filter(|other| *other == c).count();
        let belongs = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '…' | '’' | '”' => false,
            ')' => count('(') >= count(')'),
            ']' => count('[') >= count(']'),
            _ => true,
        };
        if belongs {
            return (length > scheme.len()).then_some((address, behind));
        }
        length -= last.len_utf8();
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::Piece::{Address, Words};
    use super::*;

    #[test]
    fn addresses_are_found_without_the_sentence_around_them() {
        let cases: [(&str, &[Piece]); 12] = [
            ("no address", &[Words("no address")]),
            ("", &[]),
            ("https://a.vn", &[Address("https://a.vn")]),
            ("see https://a.vn/x?y=1#z.", &[Words("see "), Address("https://a.vn/x?y=1#z"), Words(".")]),
            ("(http://a.vn)", &[Words("("), Address("http://a.vn"), Words(")")]),
            ("http://a.vn/b_(c)", &[Address("http://a.vn/b_(c)")]),
            (
                "http://a.vn, http://b.vn!",
                &[Address("http://a.vn"), Words(", "), Address("http://b.vn"), Words("!")],
            ),
            ("xhttp://a.vn", &[Words("xhttp://a.vn")]),
            ("http:// and https", &[Words("http:// and https")]),
            ("javascript:alert(1)", &[Words("javascript:alert(1)")]),
            ("http://a.vn\"onclick=x", &[Address("http://a.vn"), Words("\"onclick=x")]),
            ("Huế http://huế.vn nhé", &[Words("Huế "), Address("http://huế.vn"), Words(" nhé")]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_pieces_are_the_text_and_addresses_are_pages(text in "(\\PC|https?://|[ .,()<\"]|http){0,60}") {
            let found = pieces(&text);
            let whole: String = found.iter().map(|piece| match piece { Words(part) | Address(part) => *part }).collect();
            prop_assert_eq!(&whole, &text);
            for piece in found {
                if let Address(address) = piece {
                    prop_assert!(SCHEMES.iter().any(|scheme| address.starts_with(scheme)));
                    prop_assert!(!address.contains(['<', '>', '"', ' ']));
                }
            }
        }
    }
}
