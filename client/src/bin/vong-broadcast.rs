//! The broadcaster's page. It is a page of its own so that watchers need not download it.
#![forbid(unsafe_code)]

fn main() {
    vong_client::ui::broadcast_page();
}
