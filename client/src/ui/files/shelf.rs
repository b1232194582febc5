//! The place for files in the page, and what the person does there.

use std::cell::RefCell;
use std::rc::Rc;

use super::line::{Line, failed, read};
use crate::driver::{Desk, FileKey as Key, FileRow as Row, FileState as State, Shelf};
use crate::platform::dom::{self, Made};
use crate::platform::{file, page};
use crate::ui::chat::called;
use crate::ui::text::t;

/// What the page leaves for it; `data-host` says that this is the broadcaster's.
const PLACE: &str = "#files";

pub(super) struct Place {
    root: Made,
    list: Made,
    /// The broadcaster chooses for whom.
    to: Option<Made>,
    pick: Made,
    field: Made,
    note: Made,
    /// What changed, for those who do not see it.
    told: Made,
    lines: RefCell<Vec<(Key, Line, &'static str)>>,
}

impl Place {
    /// Fills the place. `None` without one, or without what it takes: then it says so.
    pub(super) fn take() -> Option<Self> {
        let root = Made::found(PLACE)?;
        let note = Made::new("p", "hint", "")?.set("id", "files-note").set("role", "status");
        if !page::is_secure() {
            note.say(t().files_need_https());
            root.hide(false);
            let _ = root.with(Some(note));
            return None;
        }
        let host = root.has("data-host");
        let to = if host {
            Some(Made::new("select", "", "")?.set("id", "file-to").set("aria-label", t().for_whom()))
        } else {
            None
        };
        let pick = Made::new("button", "button", t().choose_files())?.set("id", "pick");
        let field =
            Made::new("input", "", "")?.set("id", "pick-file").set("type", "file").set("multiple", "");
        let field = field.set("hidden", "").set("aria-label", t().choose_files());
        let close =
            Made::new("button", "file-dismiss", "×")?.set("id", "files-close").set("aria-label", t().close());
        let bar = Made::new("div", "row", "")?
            .with(to.clone())
            .with(Some(pick.clone()))
            .with(Some(field.clone()))
            .with(Some(close));
        let told = Made::new("p", "unseen", "")?.set("role", "status");
        let list = Made::new("ul", "", "")?.set("id", "file-list").set("aria-label", t().files());
        let root =
            root.with(Some(bar)).with(Some(note.clone())).with(Some(told.clone())).with(Some(list.clone()));
        Some(Self { root, list, to, pick, field, note, told, lines: RefCell::default() })
    }

    /// Whether it is the broadcaster's.
    pub(super) fn is_host(&self) -> bool {
        self.to.is_some()
    }

    /// Does what the person does.
    pub(super) fn listen(self: &Rc<Self>, desk: &Rc<Desk>) {
        self.recipients(&[]);
        let (place, files) = (Rc::clone(self), Rc::clone(desk));
        let pressed = self.root.on("click", move |event| {
            let key = |selector| dom::target(event, selector, "data-key").and_then(|key| read(&key));
            if let Some(key) = key(".file-act") {
                files.accept(key);
            } else if let Some(key) = key(".file-dismiss") {
                files.dismiss(key);
            } else if dom::target(event, "#pick", "id").is_some() {
                place.field.click();
            } else if dom::target(event, "#files-close", "id").is_some() {
                place.root.hide(true);
            }
        });
        let (place, files) = (Rc::clone(self), Rc::clone(desk));
        let picked = self.field.on("change", move |_| {
            if let Some(picked) = place.field.picked() {
                place.note.say("");
                files.offer(file::OwnFile::all(&picked), place.chosen());
                place.field.set_value("");
            }
        });
        // Both are there for as long as the page.
        std::mem::forget((pressed, picked));
    }
}

/// Whom a choice means; `None` is everyone.
fn chosen_number(value: &str) -> Option<u32> {
    value.parse().ok()
}

impl Shelf for Rc<Place> {
    fn show(&self, row: &Row) {
        let mut lines = self.lines.borrow_mut();
        let state = row.state.name();
        let name = row.name.as_str();
        let before = if let Some((_, line, before)) = lines.iter_mut().find(|(key, ..)| *key == row.key) {
            line.show(row);
            std::mem::replace(before, state)
        } else {
            self.root.hide(false);
            let Some(line) = Line::new(row) else { return };
            let _ = self.list.clone().with(Some(line.element.clone()));
            lines.push((row.key, line, state));
            ""
        };
        // What changes is told to those who do not see it; how far it is is not.
        if before != state {
            match (&row.state, &row.who) {
                (State::Offered, Some((number, who))) => {
                    self.told.say(&t().file_offered(&called(*number, who.as_deref()), name));
                }
                (State::Done, _) => self.told.say(&t().file_arrived(name)),
                (State::Failed(why), _) => self.told.say(&[name, ": ", failed(*why)].concat()),
                _ => {}
            }
        }
    }

    fn take(&self, key: Key) {
        self.lines.borrow_mut().retain(|(of, line, _)| {
            if *of == key {
                line.element.remove();
            }
            *of != key
        });
    }

    fn recipients(&self, all: &[(u32, Option<String>)]) {
        // A watcher has one only, and offers once it is there.
        if let Some(to) = &self.to {
            let chosen = to.value();
            to.say("");
            let option = |value: &str, label: &str| {
                Made::new("option", "", label).map(|option| option.set("value", value))
            };
            let mut filled = to.clone().with(option("", t().for_everyone()));
            for (number, name) in all {
                filled = filled.with(option(&number.to_string(), &called(*number, name.as_deref())));
            }
            // What is for one must never become for all because that one is away for a moment.
            if let Some(away) =
                chosen_number(&chosen).filter(|away| all.iter().all(|(number, _)| number != away))
            {
                filled = filled.with(option(&chosen, &called(away, None)));
            }
            filled.set_value(&chosen);
        } else {
            self.pick.disable(all.is_empty());
            self.field.disable(all.is_empty());
        }
    }

    fn chosen(&self) -> Option<u32> {
        self.to.as_ref().and_then(|to| chosen_number(&to.value()))
    }

    fn open(&self) {
        self.root.hide(false);
        self.pick.focus();
    }

    fn too_many(&self) {
        self.note.say(t().too_many_files());
    }
}
