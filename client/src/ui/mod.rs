//! What people see: components that read signals and send intents. No protocol logic, no browser types.
#![allow(unreachable_pub, reason = "the component macro makes the builders of its properties public")]

mod broadcast;
mod copy;
mod dead_end;
mod device_notes;
mod frame;
mod home;
mod icon;
mod live_controls;
pub mod names;
mod player;
mod privacy;
mod room_form;
mod route;
mod share_link;
mod test;
mod text;
mod watch;

use std::any::Any;

use leptos::{mount::mount_to, prelude::*, tachys::dom};
use vong_protocol::RoomId;

use crate::platform::{address, page};
use broadcast::Broadcast;
use home::{ChooseRoom, Home};
use route::{Route, broadcast_path, watch_path};
use watch::Watch;

pub use test::Test;

/// The whole page: the one that the address means, made anew when the address changes.
#[component]
pub fn App() -> impl IntoView {
    let place = Place(RwSignal::new(Route::Home));
    place.arrive();
    StoredValue::new_local(address::on_move(move || place.arrive()));
    Effect::new(move |before: Option<Shown>| {
        drop(before);
        match place.0.get() {
            Route::Home => show(move || view! { <Home place /> }),
            Route::Broadcast(room) => {
                in_room(&room, broadcast_path, |room| show(|| view! { <Broadcast room /> }))
            }
            Route::ChooseRoom => show(move || view! { <ChooseRoom place /> }),
            Route::Watch(room) => in_room(&room, watch_path, |room| show(|| view! { <Watch room /> })),
            // What is built for people has it as a page of its own, under the same address; see `test.html`.
            Route::Test if cfg!(debug_assertions) => show(|| view! { <Test /> }),
            Route::NewBroadcast | Route::Test | Route::NotFound => show(dead_end::not_found),
        }
    });
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
                .map(|room| (path(room.as_str()), text::go_to(room.as_str())));
            show(move || dead_end::bad_room(why, meant))
        }
    }
}

/// Where the page is. Going elsewhere loads nothing.
#[derive(Clone, Copy)]
struct Place(RwSignal<Route>);

impl Place {
    fn go(self, path: &str) {
        address::push(path);
        self.arrive();
    }

    /// Shows what the address means. A broadcast without a room is given one, so that the address can be kept.
    fn arrive(self) {
        if Route::of(&address::path()) == Route::NewBroadcast {
            address::replace(&broadcast_path(&names::memorable(page::random())));
        }
        self.0.set(Route::of(&address::path()));
    }
}
