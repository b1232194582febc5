//! Which servers are asked, and what of the test they make pointless.

use vong_session::diagnosis::{RelayTransport, has_relay, is_local, relay, stun};

use crate::ice;

#[test]
fn two_stun_destinations_are_derived_from_what_is_told() {
    let cases: [(&[&str], &[&str]); 10] = [
        (
            &["stun:h:3479", "turn:h:3478?transport=udp", "turn:h:3478?transport=tcp", "turns:h:4000"],
            &["stun:h:3479", "stun:h:3478"],
        ),
        (&["turn:h", "stun:h"], &["stun:h:3478"]),
        (&["stun:localhost:5", "turn:localhost"], &["stun:127.0.0.1:5", "stun:127.0.0.1:3478"]),
        (&["stun:localhost.example.org"], &["stun:localhost.example.org:3478"]),
        (&["turn:[2001:db8::1]?transport=udp"], &["stun:[2001:db8::1]:3478"]),
        (&["stun:[2001:db8::1]:5"], &["stun:[2001:db8::1]:5"]),
        (&["stun:a", "stun:b", "stun:c"], &["stun:a:3478", "stun:b:3478"]),
        (&["turn:h?transport=tcp", "turns:h"], &[]),
        (&["", ":", "stun", "http://h"], &[]),
        (&[], &[]),
    ];
    for (told, asked) in cases {
        assert_eq!(stun(&ice(told)), asked, "{told:?}");
    }
}

#[test]
fn each_way_to_a_relay_is_tried_by_itself() {
    let all = ice(&["turn:h:1?transport=udp", "turn:h:2?transport=tcp", "turns:h:3?transport=tcp"]);
    for (transport, url) in [
        (RelayTransport::Udp, "turn:h:1?transport=udp"),
        (RelayTransport::Tcp, "turn:h:2?transport=tcp"),
        (RelayTransport::Tls, "turns:h:3?transport=tcp"),
    ] {
        let one = relay(&all, transport).unwrap();
        assert_eq!(one.urls, [url]);
        assert_eq!(one.credential, all.ice_servers[0].credential);
    }
    assert_eq!(relay(&ice(&["turn:h"]), RelayTransport::Udp).unwrap().urls, ["turn:h"]);
    assert_eq!(relay(&ice(&["turn:h"]), RelayTransport::Tcp), None);
    assert_eq!(relay(&ice(&["turns:h"]), RelayTransport::Tls).unwrap().urls, ["turns:h"]);
    assert!(!has_relay(&ice(&["stun:h"])) && has_relay(&ice(&["stun:h", "turns:h"])));
}

#[test]
fn destinations_on_this_computer_say_nothing_of_a_network() {
    for (told, local) in [
        (&["stun:localhost:5", "turn:127.0.0.1"][..], true),
        (&["stun:[::1]:3478"], true),
        (&["stun:localhost", "stun:h"], false),
        (&["stun:127.example.org.example"], false),
        (&["stun:192.168.1.7"], false),
        (&[], false),
    ] {
        assert_eq!(is_local(&stun(&ice(told))), local, "{told:?}");
    }
}
