//! The page's language: chosen for the person, and choosable by them.

use leptos::prelude::*;

use super::text::{Language, t};
use crate::platform::{address, page, storage};

/// Makes the page speak: as its address says, as the person chose here earlier, or as their browser wishes.
pub(super) fn speak() {
    let wanted =
        address::parameter(address::LANGUAGE).into_iter().chain(storage::language()).chain(page::languages());
    let language = Language::suiting(wanted);
    language.set_global();
    page::set_language(language.tag());
}

/// Lets the person choose. Everything is said anew, so the page is loaded again.
#[component]
pub(super) fn ChooseLanguage() -> impl IntoView {
    let choose = move |event| {
        storage::keep_language(&event_target_value(&event));
        address::forget(address::LANGUAGE);
        page::reload();
    };
    view! {
        <label class="choice">
            <span>{t().language()}</span>
            <select id="language" on:change=choose inner_html=options()></select>
        </label>
    }
}

fn options() -> String {
    let option = |language: Language| {
        let (tag, chosen) = (language.tag(), if language == t() { " selected" } else { "" });
        ["<option value=", tag, " lang=", tag, chosen, ">", language.name(), "</option>"].concat()
    };
    Language::ALL.map(option).concat()
}
