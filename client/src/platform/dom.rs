//! Elements made one by one, for lists that grow. What a view would need for them is several times what it takes here to
//! download.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, MouseEvent};

use super::window;

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
