//! The entry of the watcher's page.
#![forbid(unsafe_code)]

fn main() {
    vong_client::ui::watch_page();
}
