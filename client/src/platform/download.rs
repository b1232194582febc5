//! Handing something over to the browser's downloads.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlAnchorElement, Url};

use super::window;

/// How long what is downloaded is kept for the browser to take hold of, in milliseconds.
const HELD: u32 = 60_000;

/// Downloads it under this name.
pub(super) fn download(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let document = window().and_then(|w| w.document()).ok_or("no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Browsers take hold of it in their own time, and do not say when they have.
    spawn_local(async move {
        TimeoutFuture::new(HELD).await;
        let _ = Url::revoke_object_url(&url);
    });
    Ok(())
}
