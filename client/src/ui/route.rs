//! Which page an address means. Pure: reading and changing the address is the platform's matter.

/// A page of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// `/`
    Home,
    /// `/broadcast`: in a room whose name is yet to be made up.
    NewBroadcast,
    /// `/broadcast/…`, with what the address has in the room's place.
    Broadcast(String),
    /// `/watch`: in a room yet to be asked for.
    ChooseRoom,
    /// `/watch/…`, with what the address has in the room's place.
    Watch(String),
    /// `/test`: whether camera, network and server will do.
    Test,
    /// None of them.
    NotFound,
}

impl Route {
    /// The page that a decoded path means; one slash at its end changes nothing.
    pub(super) fn of(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.split_once('/') {
            None => match path {
                "" => Self::Home,
                "broadcast" => Self::NewBroadcast,
                "watch" => Self::ChooseRoom,
                "test" => Self::Test,
                _ => Self::NotFound,
            },
            Some((_, room)) if room.contains('/') => Self::NotFound,
            Some(("broadcast", room)) => Self::Broadcast(room.to_owned()),
            Some(("watch", room)) => Self::Watch(room.to_owned()),
            Some(_) => Self::NotFound,
        }
    }
}

/// Where one broadcasts in a room whose name is made up.
pub(super) const BROADCAST_PATH: &str = "/broadcast";

/// Where one tests.
pub(super) const TEST_PATH: &str = "/test";

/// Where one broadcasts in a room.
pub(super) fn broadcast_path(room: &str) -> String {
    ["/broadcast/", room].concat()
}

/// Where one watches a room.
pub(super) fn watch_path(room: &str) -> String {
    ["/watch/", room].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_address_with_and_without_a_slash_at_the_end() {
        let pages = [
            ("/", Route::Home),
            ("/broadcast", Route::NewBroadcast),
            ("/watch", Route::ChooseRoom),
            ("/test", Route::Test),
            ("/broadcast/demo", Route::Broadcast("demo".into())),
            ("/watch/demo", Route::Watch("demo".into())),
        ];
        for (path, page) in pages {
            assert_eq!(Route::of(path), page, "{path}");
            assert_eq!(Route::of(&format!("{}/", path.trim_end_matches('/'))), page, "{path}/");
        }
    }

    #[test]
    fn what_stands_in_the_rooms_place_is_kept_as_it_is() {
        assert_eq!(Route::of("/watch/Game Night"), Route::Watch("Game Night".into()));
        assert_eq!(Route::of("/broadcast/a%2Fb"), Route::Broadcast("a%2Fb".into()));
    }

    #[test]
    fn other_addresses_are_nowhere() {
        for path in ["/watching", "/Watch/demo", "/watch/demo/more", "/watch//demo", "/test/demo", "/admin"] {
            assert_eq!(Route::of(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn the_paths_of_a_room_lead_to_it() {
        assert_eq!(Route::of(&broadcast_path("demo")), Route::Broadcast("demo".into()));
        assert_eq!(Route::of(&watch_path("demo")), Route::Watch("demo".into()));
    }
}
