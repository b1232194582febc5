//! Listeners, storage, and a socket that finds no server.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use vong_client::platform::{Listener, Socket, SocketEvent, address, clock, page, storage};
use vong_protocol::{BroadcasterKey, RoomId};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{eventually, js};

#[wasm_bindgen_test]
fn a_dropped_listener_hears_nothing() {
    let heard = Rc::new(Cell::new(0));
    let count = Rc::clone(&heard);
    let target = web_sys::EventTarget::new().unwrap();
    let event = || web_sys::Event::new("sound").unwrap();
    let listener = Listener::new(&target, "sound", move |_| count.set(count.get() + 1));
    target.dispatch_event(&event()).unwrap();
    drop(listener);
    target.dispatch_event(&event()).unwrap();
    assert_eq!(heard.get(), 1);
    assert_eq!(Rc::strong_count(&heard), 1, "the callback itself is gone");
}

#[wasm_bindgen_test]
async fn a_socket_without_a_server_reports_that_it_closed_and_nothing_else() {
    let reported = Rc::new(RefCell::new(Vec::new()));
    let reports = Rc::clone(&reported);
    let socket = Socket::open(move |event| reports.borrow_mut().push(event));
    eventually("the socket closes", || (!reported.borrow().is_empty()).then_some(())).await;
    socket.send("nobody hears this");
    drop(socket);
    assert_eq!(*reported.borrow(), [SocketEvent::Closed]);
    eventually("the callback is gone", || (Rc::strong_count(&reported) == 1).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_dropped_socket_reports_nothing() {
    let reported = Rc::new(RefCell::new(Vec::new()));
    let reports = Rc::clone(&reported);
    drop(Socket::open(move |event| reports.borrow_mut().push(event)));
    eventually("the callback is gone", || (Rc::strong_count(&reported) == 1).then_some(())).await;
    assert!(reported.borrow().is_empty());
}

#[wasm_bindgen_test]
fn the_keys_used_last_are_kept_and_the_oldest_falls_out() {
    let room = |n: usize| RoomId::parse(&format!("room-{n}")).unwrap();
    let key = |n: usize| BroadcasterKey::parse(&format!("{n:0>22}")).unwrap();
    for n in 0..storage::KEPT_KEYS {
        storage::keep_key(&room(n), &key(n));
    }
    storage::keep_key(&room(0), &key(1000));
    storage::keep_key(&room(1001), &key(1001));
    assert_eq!(storage::key(&room(0)), Some(key(1000)), "used again, with a new key");
    assert_eq!(storage::key(&room(1)), None, "the oldest");
    assert_eq!(storage::key(&room(2)), Some(key(2)));
    assert_eq!(storage::key(&room(1001)), Some(key(1001)));
    js("localStorage.clear()");
}

#[wasm_bindgen_test]
fn keys_that_are_not_keys_are_ignored() {
    js("localStorage.setItem('vong.keys', 'no-key\\n../ 1\\n\\nroom tooshort')");
    assert_eq!(storage::key(&RoomId::parse("room").unwrap()), None);
    js("localStorage.clear()");
}

#[wasm_bindgen_test]
fn denied_storage_forgets_and_does_not_fail() {
    js("window.storages = ['localStorage', 'sessionStorage'].map(s => [s, Object.getOwnPropertyDescriptor(window, s)]);
        Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new Error('denied') } });
        Object.defineProperty(window, 'sessionStorage', { configurable: true, get: () => null })");
    let room = RoomId::parse("denied").unwrap();
    storage::keep_key(&room, &BroadcasterKey::parse(&"k".repeat(22)).unwrap());
    storage::keep_live(&room, 7);
    let remembered = (storage::key(&room), storage::take_live(&room));
    js("window.storages.forEach(([name, was]) => Object.defineProperty(window, name, was))");
    assert_eq!(remembered, (None, None));
}

#[wasm_bindgen_test]
fn a_tab_that_was_live_is_told_so_once_for_its_room_and_for_a_while() {
    let (here, there) = (RoomId::parse("here").unwrap(), RoomId::parse("there").unwrap());
    storage::keep_live(&here, 7);
    assert_eq!(storage::take_live(&here), Some(7));
    assert_eq!(storage::take_live(&here), None, "once");
    storage::keep_live(&here, 7);
    assert_eq!(storage::take_live(&there), None, "another room");
    for (age, live) in [(storage::RESUME_WITHIN / 2, true), (storage::RESUME_WITHIN * 2, false)] {
        js(&format!("sessionStorage.setItem('vong.live', `here ${{Date.now() - {age}}} 7`)"));
        assert_eq!(storage::take_live(&here).is_some(), live, "{age}");
    }
    for nonsense in ["here", "here x", "here -1", "here 1", "here 1 x", "", " "] {
        js(&format!("sessionStorage.setItem('vong.live', '{nonsense}')"));
        assert_eq!(storage::take_live(&here), None, "{nonsense:?}");
    }
}

#[wasm_bindgen_test]
fn the_choice_to_hide_the_address_is_kept_and_can_be_undone() {
    assert!(!storage::hides_address());
    storage::hide_address(true);
    assert!(storage::hides_address());
    storage::hide_address(false);
    assert!(!storage::hides_address());
}

#[wasm_bindgen_test]
fn an_address_that_asks_to_hide_goes_on_asking_from_page_to_page_until_that_is_undone() {
    let here = page::origin() + &address::path();
    for search in ["?relay", "?a=b&relay=1"] {
        js(&format!("history.replaceState(null, '', location.pathname + '{search}')"));
        assert!(storage::hides_address(), "{search}");
        address::replace(&address::path());
        assert!(storage::hides_address(), "{search}");
        storage::hide_address(false);
        assert!(!storage::hides_address(), "{search}");
    }
    js("history.replaceState(null, '', location.pathname + '?relays=1&norelay')");
    assert!(!storage::hides_address());
    js(&format!("history.replaceState(null, '', '{here}')"));
}

#[wasm_bindgen_test]
fn the_clock_runs_and_seeds_differ() {
    assert_ne!(clock::seed(), clock::seed());
    assert!(clock::now().0 > 0);
    assert!(page::origin().starts_with("http://"));
    assert!(page::has_webrtc());
    let port = page::origin().rsplit(':').next().map(str::to_owned);
    assert_eq!(page::local_port(), port);
}
