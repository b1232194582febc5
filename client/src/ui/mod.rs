//! What people see: components that read signals and send intents. No protocol logic, no browser types.
#![allow(unreachable_pub, reason = "the component macro makes the builders of its properties public")]

mod audience;
mod broadcast;
mod chat;
mod copy;
mod dead_end;
mod device_notes;
mod frame;
mod home;
mod icon;
mod language;
mod live_controls;
mod menu;
pub mod names;
mod player;
mod privacy;
mod reactions;
mod room_form;
mod route;
mod share_link;
mod test;
mod text;
mod watch;

use std::any::Any;

use leptos::{
    mount::{mount_to, mount_to_body},
    prelude::*,
    tachys::dom,
};
use vong_protocol::RoomId;

use crate::platform::{address, page};
use broadcast::Broadcast;
use home::{ChooseRoom, Home};
use language::speak;
use route::{BROADCAST_PATH, Document, Route, broadcast_path, watch_path};
use test::Test;
use text::t;
use watch::Watch;

/// The start page and the watcher's: one document, in which going from one to the other loads nothing.
pub fn watch_page() {
    mount(
        |path| Route::of(path).document() == Document::Watch,
        |route, place| match route {
            Route::Home => show(move || view! { <Home place /> }),
            Route::ChooseRoom => show(move || view! { <ChooseRoom place /> }),
            Route::Watch(room) => in_room(&room, watch_path, |room| show(|| view! { <Watch room /> })),
            _ => show(dead_end::not_found),
        },
    );
}

/// All of them in one document.
pub fn all_pages() {
    mount(
        |_| true,
        |route, place| match route {
            Route::Home => show(move || view! { <Home place /> }),
            Route::ChooseRoom => show(move || view! { <ChooseRoom place /> }),
            Route::Watch(room) => in_room(&room, watch_path, |room| show(|| view! { <Watch room /> })),
            Route::Broadcast(room) => {
                in_room(&room, broadcast_path, |room| show(|| view! { <Broadcast room /> }))
            }
            Route::Test => show(|| view! { <Test /> }),
            Route::NewBroadcast | Route::NotFound => show(dead_end::not_found),
        },
    );
}

/// Shows what the address means, now and whenever it changes to another page that is `here`.
fn mount(here: fn(&str) -> bool, page: fn(Route, Place) -> Shown) {
    speak();
    mount_to_body(move || {
        let place = Place { route: RwSignal::new(Route::Home), here };
        place.arrive();
        StoredValue::new_local(address::on_move(here, move || place.arrive()));
        Effect::new(move |before: Option<Shown>| {
            drop(before);
            page(place.route.get(), place)
        });
    });
}

/// The broadcaster's page.
pub fn broadcast_page() {
    speak();
    mount_to_body(|| {
        name_broadcast();
        StoredValue::new_local(match Route::of(&address::path()) {
            Route::Broadcast(room) => {
                in_room(&room, broadcast_path, |room| show(|| view! { <Broadcast room /> }))
            }
            _ => show(dead_end::not_found),
        });
    });
}

/// The test page.
pub fn test_page() {
    speak();
    mount_to_body(Test);
}

/// What people see now. Dropping it takes it off the screen.
type Shown = Box<dyn Any>;

/// Shows a page. As a part of one view the pages would carry code for turning one into another, which never happens.
fn show<V>(page: impl FnOnce() -> V + 'static) -> Shown
where
    V: IntoView + 'static,
    V::State: 'static,
{
    Box::new(mount_to(dom::body(), page))
}

/// Shows the page of the room that was `typed`, or why there is none: for want of WebRTC, or of a proper name; `path`
/// leads to the room probably meant.
fn in_room(typed: &str, path: fn(&str) -> String, show_room: fn(RoomId) -> Shown) -> Shown {
    match RoomId::parse(typed) {
        Ok(_) if !page::has_webrtc() => show(dead_end::no_webrtc),
        Ok(room) => show_room(room),
        Err(why) => {
            let meant = names::suggest(&page::decomposed(typed))
                .map(|room| (path(room.as_str()), t().go_to(room.as_str())));
            show(move || dead_end::bad_room(why, meant))
        }
    }
}

/// A broadcast without a room is given one, so that the address can be kept.
fn name_broadcast() {
    if Route::of(&address::path()) == Route::NewBroadcast {
        address::replace(&broadcast_path(&names::memorable(page::random())));
    }
}

/// Where a document with several pages is.
#[derive(Clone, Copy)]
struct Place {
    route: RwSignal<Route>,
    /// Whether a path leads to one of its pages.
    here: fn(&str) -> bool,
}

impl Place {
    fn go(self, path: &str) {
        if (self.here)(path) {
            address::push(path);
            self.arrive();
        } else {
            address::load(path);
        }
    }

    /// Shows what the address means.
    fn arrive(self) {
        if (self.here)(BROADCAST_PATH) {
            name_broadcast();
        }
        self.route.set(Route::of(&address::path()));
    }
}
