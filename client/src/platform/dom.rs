//! Elements made one by one, for lists that grow. What a view would need for them is several times what it takes here to
//! download.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};

use super::part::Picked;
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

    /// The one in the page that fits `selector`.
    pub fn found(selector: &str) -> Option<Self> {
        window()?.document()?.query_selector(selector).ok()?.map(Self)
    }

    /// Whether it has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.0.has_attribute(attribute)
    }

    /// Sets an attribute of one that is in the page.
    pub fn mark(&self, attribute: &str, value: &str) {
        let _ = self.0.set_attribute(attribute, value);
    }

    /// Puts this text in place of all that is in it.
    pub fn say(&self, text: &str) {
        if self.0.text_content().as_deref() != Some(text) {
            self.0.set_text_content(Some(text));
        }
    }

    /// Takes it out of sight, or shows it.
    pub fn hide(&self, hidden: bool) {
        let _ = self.0.toggle_attribute_with_force("hidden", hidden);
    }

    /// Whether it can be used.
    pub fn disable(&self, disabled: bool) {
        let _ = self.0.toggle_attribute_with_force("disabled", disabled);
    }

    /// The keyboard goes on there.
    pub fn focus(&self) {
        if let Some(element) = self.0.dyn_ref::<HtmlElement>() {
            let _ = element.focus();
        }
    }

    /// As if it were pressed.
    pub fn click(&self) {
        if let Some(element) = self.0.dyn_ref::<HtmlElement>() {
            element.click();
        }
    }

    /// What a field or a choice says.
    pub fn value(&self) -> String {
        Reflect::get(&self.0, &"value".into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
    }

    /// Sets what a field or a choice says.
    pub fn set_value(&self, value: &str) {
        let _ = Reflect::set(&self.0, &"value".into(), &value.into());
    }

    /// The files that were picked in a field.
    pub fn picked(&self) -> Option<Picked> {
        self.0.dyn_ref::<HtmlInputElement>()?.files().map(Picked::of)
    }

    /// Calls `happened` for each event of this name on it.
    pub fn on(&self, event: &'static str, happened: impl Fn(&Event) + 'static) -> Listener {
        Listener::new(&self.0, event, move |event| happened(event))
    }
}

/// The attribute of the nearest element around what an event happened to that fits `selector`.
pub fn target(event: &Event, selector: &str, attribute: &str) -> Option<String> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()??.get_attribute(attribute)
}

/// The attribute of the nearest element around a click that fits `selector`.
pub fn pressed(click: &MouseEvent, selector: &str, attribute: &str) -> Option<String> {
    target(click, selector, attribute)
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
