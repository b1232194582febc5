//! Who may watch: locked or not, with a password, so many at most.

use leptos::{html, prelude::*};
use vong_protocol::{Password, limits};
use vong_session::{Admission, Intent};

use super::text::t;
use crate::{driver::Casting, platform::page};

/// The fields. What is said in them holds at once, also for a broadcast that is yet to begin.
#[component]
pub(super) fn WhoMayWatch(casting: Casting) -> impl IntoView {
    let said = casting.admission();
    let (locked, password, most) =
        (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let (wrong, no_number) = (RwSignal::new(false), RwSignal::new(false));
    let say = move |_| {
        let (Some(locked), Some(password), Some(most)) =
            (locked.get_untracked(), password.get_untracked(), most.get_untracked())
        else {
            return;
        };
        let typed = password.value();
        let password = Password::parse(&page::composed(&typed)).ok();
        wrong.set(password.is_none() && !typed.is_empty());
        // What is typed there and is no number, a browser does not even tell; only that it is not valid.
        let (typed, valid) = (most.value(), most.check_validity());
        let most = typed.parse().ok().filter(|_| valid);
        no_number.set(!valid || (most.is_none() && !typed.is_empty()));
        // A room with a password that cannot be, or a number that is none, is not opened to everyone instead.
        if !wrong.get_untracked() && !no_number.get_untracked() {
            casting.admit(&Admission { locked: locked.checked(), password, most });
        }
    };
    view! {
        <details id="who-may-watch" class="admission" open=said != Admission::default()>
            <summary>{t().who_may_watch()}</summary>
            <div class="fields" on:change=say>
                <label class="check">
                    <input id="lock" type="checkbox" node_ref=locked checked=said.locked />
                    <span>{t().lock()}</span>
                </label>
                <label>
                    {t().password()}
                    <input
                        id="room-password"
                        node_ref=password
                        autocomplete="off"
                        maxlength=limits::PASSWORD.to_string()
                        value=said.password.as_ref().map_or("", Password::as_str).to_owned()
                        aria-invalid=move || wrong.get().then_some("true")
                    />
                </label>
                <label>
                    {t().at_most()}
                    <input
                        id="most"
                        type="number"
                        min="1"
                        node_ref=most
                        aria-invalid=move || no_number.get().then_some("true")
                        value=said.most.map_or_else(String::new, |most| most.to_string())
                    />
                </label>
                <button id="unbar" class="button small" on:click=move |_| casting.intends(Intent::Unbar)>
                    {t().unbar()}
                </button>
            </div>
        </details>
    }
}
