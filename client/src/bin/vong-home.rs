//! The entry of the start page, which watchers come past only if they have no link.
#![forbid(unsafe_code)]

fn main() {
    vong_client::ui::home_page();
}
