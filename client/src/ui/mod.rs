//! What people see: components that read signals and send intents. No protocol logic, no browser types.
#![allow(unreachable_pub, reason = "the component macro makes the builders of its properties public")]

mod admission;
mod audience;
mod broadcast;
mod chat;
mod copy;
mod dead_end;
mod device_notes;
pub mod files;
mod frame;
mod home;
mod icon;
mod language;
mod later;
mod live_controls;
mod menu;
pub mod names;
mod on_air;
mod player;
mod privacy;
mod quality;
mod reactions;
mod room_form;
mod route;
mod seat;
mod share_link;
mod sources;
mod stats;
mod test;
mod text;
mod watch;

use leptos::{mount::mount_to_body, prelude::*};
use vong_protocol::RoomId;

use crate::platform::{address, page};
use broadcast::Broadcast;
use home::{ChooseRoom, Home};
use language::speak;
use route::{Route, broadcast_path, watch_path};
use test::Test;
use text::t;
use watch::Watch;

/// The start page, and whatever is not a page.
pub fn home_page() {
    match arrive() {
        Route::Home => mount_to_body(Home),
        Route::ChooseRoom => mount_to_body(ChooseRoom),
        _ => mount_to_body(dead_end::not_found),
    }
}

/// The watcher's page.
pub fn watch_page() {
    match arrive() {
        Route::Watch(room) => in_room(&room, watch_path, watch),
        _ => mount_to_body(dead_end::not_found),
    }
}

/// The broadcaster's page.
pub fn broadcast_page() {
    match arrive() {
        Route::Broadcast(room) => in_room(&room, broadcast_path, broadcast),
        _ => mount_to_body(dead_end::not_found),
    }
}

/// The test page.
pub fn test_page() {
    arrive();
    mount_to_body(Test);
}

/// Each at its address, in one document.
pub fn all_pages() {
    match arrive() {
        Route::Home => mount_to_body(Home),
        Route::ChooseRoom => mount_to_body(ChooseRoom),
        Route::Watch(room) => in_room(&room, watch_path, watch),
        Route::Broadcast(room) => in_room(&room, broadcast_path, broadcast),
        Route::Test => mount_to_body(Test),
        Route::NewBroadcast | Route::NotFound => mount_to_body(dead_end::not_found),
    }
}

fn watch(room: RoomId) {
    mount_to_body(|| view! { <Watch room /> });
}

fn broadcast(room: RoomId) {
    mount_to_body(|| view! { <Broadcast room /> });
}

/// Speaks the person's language, and finds out which page the address means. A broadcast without a room is given one, so that the
/// address can be kept.
fn arrive() -> Route {
    speak();
    let route = Route::of(&address::path());
    if route != Route::NewBroadcast {
        return route;
    }
    let room = names::memorable(page::random());
    address::replace(&broadcast_path(&room));
    Route::Broadcast(room)
}

/// Shows the page of the room that was `typed`, or why there is none: for want of WebRTC, or of a proper name; `path`
/// leads to the room probably meant.
fn in_room(typed: &str, path: fn(&str) -> String, show: fn(RoomId)) {
    match RoomId::parse(typed) {
        Ok(_) if !page::has_webrtc() => mount_to_body(dead_end::no_webrtc),
        Ok(room) => show(room),
        Err(why) => {
            let meant = names::suggest(&page::decomposed(typed))
                .map(|room| (address::kept(&path(room.as_str())), t().go_to(room.as_str())));
            mount_to_body(move || dead_end::bad_room(why, meant));
        }
    }
}
