//! The program for files. It is a program of its own so that whoever sends none need not download it.
#![forbid(unsafe_code)]

fn main() {
    vong_client::ui::files::begin();
}
