//! One file in the list.

use super::figures::{left, size};
use crate::driver::{FileKey as Key, FileRow as Row, FileState as State, Why};
use crate::platform::dom::Made;
use crate::ui::chat::called;
use crate::ui::text::t;

/// Its element, and what in it changes.
pub(super) struct Line {
    pub(super) element: Made,
    hint: Made,
    bar: Made,
    act: Made,
    dismiss: Made,
}

/// How a key is written in the page.
pub(super) fn written(key: Key) -> String {
    match key {
        Key::Own(id) => ["own", &id.to_string()].join("-"),
        Key::Theirs(from, id) => [from.to_string(), id.to_string()].join("-"),
    }
}

/// And read from there.
pub(super) fn read(key: &str) -> Option<Key> {
    let (from, id) = key.split_once('-')?;
    let id = id.parse().ok()?;
    if from == "own" { Some(Key::Own(id)) } else { Some(Key::Theirs(from.parse().ok()?, id)) }
}

impl Line {
    pub(super) fn new(row: &Row) -> Option<Self> {
        let key = written(row.key);
        let name = row.name.as_str();
        let hint = Made::new("span", "hint", "")?;
        let bar =
            Made::new("progress", "", "")?.set("max", &row.size.max(1).to_string()).set("aria-label", name);
        let act = Made::new("button", "button primary file-act", t().save_file())?
            .set("data-key", &key)
            .set("aria-label", &t().save_this_file(name));
        let dismiss = Made::new("button", "file-dismiss", "×")?.set("data-key", &key);
        let own = matches!(row.key, Key::Own(_));
        let element = Made::new("li", if own { "own" } else { "" }, "")?
            .set("data-key", &key)
            .with(Made::new("span", "file-name", name).map(|name| name.set("dir", "auto")))
            .with(Some(dismiss.clone()))
            .with(Some(hint.clone()))
            .with(Some(bar.clone()))
            .with(Some(act.clone()));
        let line = Self { element, hint, bar, act, dismiss };
        line.show(row);
        Some(line)
    }

    /// Says how far it is now.
    pub(super) fn show(&self, row: &Row) {
        self.element.mark("data-state", row.state.name());
        self.hint.say(&said(row).join(" · "));
        self.act.hide(row.state != State::Offered);
        let done = match row.state {
            State::Going { received, .. } => Some(received),
            State::Shared { going: 1.., sent, .. } => Some(sent),
            _ => None,
        };
        self.bar.hide(done.is_none());
        if let Some(done) = done {
            self.bar.mark("value", &done.to_string());
        }
        let name = row.name.as_str();
        let dismiss = match row.state {
            State::Shared { .. } => t().withdraw_file(name),
            State::Offered => t().decline_file(name),
            State::Going { .. } => t().cancel_file(name),
            State::Done | State::Failed(_) => t().forget_file(name),
        };
        self.dismiss.mark("aria-label", &dismiss);
        self.dismiss.mark("title", &dismiss);
    }
}

/// What is said of it, in parts.
fn said(row: &Row) -> Vec<String> {
    let who = row.who.as_ref().map(|(number, name)| called(*number, name.as_deref()));
    let rate = |bytes: u64| [&size(bytes), "/s"].concat();
    let mut parts = Vec::new();
    match row.state {
        State::Shared { done, going, refused, sent, speed } => {
            parts.push(size(row.size));
            parts.push(who.map_or_else(|| t().for_everyone().to_owned(), |who| t().for_one(&who)));
            if done > 0 {
                parts.push(t().have_it(&done.to_string()));
            }
            if refused > 0 {
                parts.push(t().do_not_want_it(&refused.to_string()));
            }
            if going > 0 {
                parts.push(t().are_getting_it(&going.to_string(), &size(sent)));
                parts.extend(speed.map(rate));
            }
        }
        State::Offered => {
            parts.push(size(row.size));
            parts.extend(Some(row.kind.as_str().to_owned()).filter(|kind| !kind.is_empty()));
            parts.extend(who.map(|who| t().from_one(&who)));
        }
        State::Going { received, speed, left: time, connected } => {
            parts.push(t().so_much_of(&size(received), &size(row.size)));
            if connected {
                parts.extend(speed.map(rate));
                parts.extend(time.map(left));
            } else {
                parts.push(t().file_waits().to_owned());
            }
        }
        State::Done => parts.extend([size(row.size), t().file_is_there().to_owned()]),
        State::Failed(why) => parts.push(failed(why).to_owned()),
    }
    parts
}

/// Why it did not come, and what to do.
pub(super) fn failed(why: Why) -> &'static str {
    match why {
        Why::Gone => t().file_gone(),
        Why::Disk => t().file_not_written(),
        Why::TooLarge => t().file_too_large(),
        Why::Spoiled => t().file_spoiled(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        for key in [Key::Own(3), Key::Theirs(0, 1), Key::Theirs(u32::MAX, u32::MAX)] {
            assert_eq!(read(&written(key)), Some(key));
        }
        for none in ["", "own", "own-", "x-1", "1-x", "1"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
