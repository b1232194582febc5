//! Questions that only Chromium's own protocol (CDP) answers, asked through chromedriver. Which ones is the tests' business.

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::http::Method;
use url::{ParseError, Url};

/// A command, which goes to the window that is current.
#[derive(Debug)]
pub(crate) struct Cdp(Value);

impl Cdp {
    pub(crate) fn new(method: &str, params: &Value) -> Self {
        Self(json!({ "cmd": method, "params": params }))
    }
}

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}
