//! What the person wants of the picture that they send: each at most, and left to the page where they said nothing.

use js_sys::JSON;
use vong_session::budget::Content;
use wasm_bindgen::JsValue;

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Pixels of the shorter side of the camera's picture.
    pub short: Option<u32>,
    /// Pictures a second of the camera's.
    pub fps: Option<u32>,
    /// What the pictures are of. A camera's moves and a screen's has to be read, unless this says otherwise.
    pub content: Option<Content>,
    /// The name of a codec such as `VP9`.
    pub codec: Option<String>,
    /// Kilobits a second for each watcher.
    pub kilobits: Option<u32>,
}

/// What a camera is asked for where nothing was said: pixels of the shorter side, and pictures a second.
const CAMERA: (u32, u32) = (720, 30);

impl Quality {
    /// `MediaTrackConstraints` of the camera: wishes, so that a camera that cannot fulfil them is still used.
    pub(super) fn constraints(&self) -> JsValue {
        let short = self.short.unwrap_or(CAMERA.0);
        let ideal = |name: &str, value: u32| ["\"", name, "\":{\"ideal\":", &value.to_string(), "}"].concat();
        let (width, height) = (ideal("width", short * 16 / 9), ideal("height", short));
        let fps = ideal("frameRate", self.fps.unwrap_or(CAMERA.1));
        JSON::parse(&["{", &[width, height, fps].join(","), "}"].concat()).unwrap_or(JsValue::TRUE)
    }

    /// For storage.
    pub(super) fn text(&self) -> String {
        let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        let content = match self.content {
            None => "",
            Some(Content::Motion) => "motion",
            Some(Content::Detail) => "detail",
        };
        let codec = self.codec.clone().unwrap_or_default();
        [number(self.short), number(self.fps), content.to_owned(), codec, number(self.kilobits)].join(" ")
    }

    /// From storage. What cannot be read was not said.
    pub(super) fn parse(text: &str) -> Self {
        let mut words = text.split(' ').map(|word| Some(word).filter(|word| !word.is_empty()));
        let mut next = || words.next().flatten();
        // Whatever stands in storage, nothing is multiplied beyond reason.
        let number = |word: Option<&str>| word?.parse().ok().filter(|n| (1..=100_000).contains(n));
        let (short, fps) = (number(next()), number(next()));
        let content = match next() {
            Some("motion") => Some(Content::Motion),
            Some("detail") => Some(Content::Detail),
            _ => None,
        };
        let codec = next().map(str::to_owned);
        Self { short, fps, content, codec, kilobits: number(next()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let wanted = Quality {
            short: Some(1_080),
            content: Some(Content::Detail),
            codec: Some("VP9".to_owned()),
            ..Quality::default()
        };
        for quality in
            [wanted, Quality::default(), Quality { fps: Some(15), kilobits: Some(600), ..Quality::default() }]
        {
            assert_eq!(Quality::parse(&quality.text()), quality);
        }
    }

    #[test]
    fn what_cannot_be_read_was_not_said() {
        for text in ["", "x y z", "0 4294967295 still", "-1"] {
            assert_eq!(Quality::parse(text), Quality::default(), "{text}");
        }
    }
}
