//! Every page in one program, for `trunk serve`. People get each by itself: see `bin`.
#![forbid(unsafe_code)]

fn main() {
    vong_client::ui::all_pages();
}
