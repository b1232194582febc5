//! The page's entry: mounts the app, and nothing else.
#![forbid(unsafe_code)]

fn main() {
    leptos::mount::mount_to_body(vong_client::ui::App);
}
