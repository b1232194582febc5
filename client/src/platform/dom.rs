//! Elements made one by one, for lists that grow. What a view would need for them is several times what it takes here to
//! download.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent, MouseEvent};

use super::{Listener, window};

/// An element. Text that is put into it stays text, whatever it says.
#[derive(Clone, Debug)]
pub struct Made(Element);

impl Made {
    /// A new one, with this class and this text. `None` outside a page.
    pub fn new(tag: &str, class: &str, text: &str) -> Option<Self> {
        let element = window()?.document()?.create_element(tag).ok()?;
        element.set_class_name(class);
        element.set_text_content(Some(text));
        Some(Self(element))
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// Puts another one in, behind what is there.
    #[must_use]
    pub fn with(self, inner: Option<Self>) -> Self {
        if let Some(inner) = inner {
            let _ = self.0.append_child(&inner.0);
        }
        self
    }

    /// Puts it in, behind what is there.
    pub fn append_to(&self, outer: &Element) {
        let _ = outer.append_child(&self.0);
    }

    /// Takes it out.
    pub fn remove(&self) {
        self.0.remove();
    }
}

/// The attribute of the nearest element around a click that fits `selector`.
pub fn pressed(click: &MouseEvent, selector: &str, attribute: &str) -> Option<String> {
    click.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()??.get_attribute(attribute)
}

/// The field that fits `selector` within an element.
pub fn field(within: &Element, selector: &str) -> Option<HtmlInputElement> {
    within.query_selector(selector).ok()??.dyn_into().ok()
}

/// Sets what the field that fits `selector` says.
pub fn set_value(selector: &str, value: &str) {
    let body = window().and_then(|w| w.document()).and_then(|d| d.body());
    if let Some(field) = body.and_then(|body| field(&body, selector)) {
        field.set_value(value);
    }
}

/// Calls `press` with each key that is pressed alone (UI Events KeyboardEvent key Values), and neither into a field nor into what
/// scrolls by keys. If it is of use there, which it then returns, the browser does nothing else with it. A key that is held down
/// counts once, but for the arrows.
pub fn on_key(press: impl Fn(&str) -> bool + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::cancelling(&window, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let modified = key.ctrl_key() || key.meta_key() || key.alt_key();
        let target = key.target().and_then(|target| target.dyn_into::<Element>().ok());
        let typed =
            target.and_then(|t| t.closest("input, select, textarea, [tabindex]").ok()).flatten().is_some();
        let name = key.key();
        // One letter is that key in whichever case.
        let name = if name.len() == 1 { name.to_ascii_lowercase() } else { name };
        let held = key.repeat() && !name.starts_with("Arrow");
        if !modified && !held && !typed && !key.default_prevented() && press(&name) {
            event.prevent_default();
        }
    }))
}
