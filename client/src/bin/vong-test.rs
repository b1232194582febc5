//! The test page's entry. It is a page of its own so that watchers need not download it.
#![forbid(unsafe_code)]

fn main() {
    leptos::mount::mount_to_body(vong_client::ui::Test);
}
