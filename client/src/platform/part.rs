//! The program for files, and how the page speaks to it.
//!
//! It is a program of its own, so that whoever sends no files need not download it. The page loads it when there is something to do with files, and
//! tells it of every connection. What it is told before it is there waits for it. Both run in the same window and speak by events at it.

use std::cell::RefCell;

use js_sys::Array;
use vong_protocol::channel::Name;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, DragEvent, File, FileList, RtcDataChannel, RtcPeerConnection};

use super::{Listener, note, window};

/// Where Trunk puts what loads it.
const SCRIPT: &str = "/vong-files_loader.js";
/// What the page says, what the program says once it listens, and what it says when there is something new to see.
const WORD: &str = "vong-files-word";
const READY: &str = "vong-files-ready";
const NEWS: &str = "vong-files-news";

/// A connection as far as files go over it.
#[derive(Clone, Debug)]
pub struct Line {
    pub(super) connection: RtcPeerConnection,
    /// For words about files. It is there from the start.
    pub(super) channel: RtcDataChannel,
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.connection == other.connection
    }
}

/// Files that the person picked or dropped.
#[derive(Clone, Debug)]
pub struct Picked(FileList);

impl Picked {
    pub(super) fn of(list: FileList) -> Self {
        Self(list)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = File> {
        (0..self.0.length()).filter_map(|place| self.0.get(place))
    }
}

/// What the page tells the program.
#[derive(Clone, Debug)]
pub enum Word {
    /// A connection to whoever has this number is open; one before it to the same is not any more.
    Attached(u32, Line),
    /// There is none to whoever has this number.
    Detached(u32),
    /// What whoever has this number is called, and whether it is not to be heard.
    Named(u32, Option<Name>, bool),
    /// Whoever has this number will not be back.
    Gone(u32),
    /// Another session begins: whoever is met from now on has a number of that one.
    Begun,
    /// The person dropped files.
    Dropped(Picked),
    /// The person wants to do something with files.
    Opened,
}

impl Word {
    fn to_js(&self) -> JsValue {
        let (kind, number, rest) = match self {
            Self::Attached(number, line) => {
                ("attached", *number, Array::of2(&line.connection, &line.channel).into())
            }
            Self::Detached(number) => ("detached", *number, JsValue::NULL),
            Self::Named(number, name, muted) => {
                let name = name.as_ref().map_or(JsValue::NULL, |name| name.as_str().into());
                ("named", *number, Array::of2(&name, &(*muted).into()).into())
            }
            Self::Gone(number) => ("gone", *number, JsValue::NULL),
            Self::Begun => ("begun", 0, JsValue::NULL),
            Self::Dropped(Picked(list)) => ("dropped", 0, list.into()),
            Self::Opened => ("opened", 0, JsValue::NULL),
        };
        Array::of3(&kind.into(), &number.into(), &rest).into()
    }

    fn from_js(value: &JsValue) -> Option<Self> {
        let parts = value.dyn_ref::<Array>()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was one")]
        let number = parts.get(1).as_f64()? as u32;
        let rest = parts.get(2);
        Some(match parts.get(0).as_string()?.as_str() {
            "attached" => {
                let line = rest.dyn_ref::<Array>()?;
                let (connection, channel) = (line.get(0).dyn_into().ok()?, line.get(1).dyn_into().ok()?);
                Self::Attached(number, Line { connection, channel })
            }
            "detached" => Self::Detached(number),
            "named" => {
                let named = rest.dyn_ref::<Array>()?;
                let name = named.get(0).as_string().and_then(|name| Name::parse(&name).ok());
                Self::Named(number, name, named.get(1).is_truthy())
            }
            "gone" => Self::Gone(number),
            "begun" => Self::Begun,
            "dropped" => Self::Dropped(Picked(rest.dyn_into().ok()?)),
            "opened" => Self::Opened,
            _ => return None,
        })
    }
}

/// The page's side.
#[derive(Default)]
enum Part {
    /// Nobody needed it. What it has to know of connections and names is kept.
    #[default]
    Away,
    /// On its way.
    Loading(#[expect(dead_code, reason = "it listens")] Vec<Listener>),
    /// It listens.
    Here,
}

thread_local! {
    static PART: RefCell<(Part, Vec<Word>)> = RefCell::default();
}

/// Tells the program, or will as soon as it is there.
pub fn tell(word: Word) {
    PART.with_borrow_mut(|(part, waiting)| {
        if let Part::Here = part {
            return say(&word);
        }
        // What was said of the same one before is out of date.
        waiting.retain(|before| match (before, &word) {
            (Word::Attached(of, _), Word::Attached(number, _) | Word::Detached(number))
            | (Word::Named(of, ..), Word::Named(number, ..) | Word::Gone(number)) => of != number,
            (Word::Opened, Word::Opened) | (Word::Attached(..) | Word::Named(..), Word::Begun) => false,
            _ => true,
        });
        if !matches!(word, Word::Detached(_) | Word::Gone(_) | Word::Begun) {
            waiting.push(word);
        }
    });
}

/// Loads the program if it is not there. `failed` is called if that cannot be done now; it may be tried again.
pub fn load(failed: impl Fn() + 'static) {
    PART.with_borrow_mut(|(part, _)| {
        if let (Part::Away, Some(loading)) = (&*part, begin(failed)) {
            *part = Part::Loading(loading);
        }
    });
}

fn begin(failed: impl Fn() + 'static) -> Option<Vec<Listener>> {
    let window = window()?;
    let document = window.document()?;
    let script = document.create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    script.set_attribute("src", SCRIPT).ok()?;
    let ready = Listener::new(&window, READY, |_| {
        let waiting = PART.with_borrow_mut(|(part, waiting)| {
            // What listened for this is not dropped by its own call.
            let loading = std::mem::replace(part, Part::Here);
            wasm_bindgen_futures::spawn_local(async move { drop(loading) });
            std::mem::take(waiting)
        });
        waiting.iter().for_each(say);
    });
    let away = script.clone();
    let error = Listener::new(&script, "error", move |_| {
        away.remove();
        let loading = PART.with_borrow_mut(|(part, _)| std::mem::take(part));
        wasm_bindgen_futures::spawn_local(async move { drop(loading) });
        failed();
    });
    document.body()?.append_child(&script).ok()?;
    Some(vec![ready, error])
}

/// Takes what the person drops anywhere on the page, which the browser would leave the page for.
pub fn take_drops(dropped: impl Fn(Picked) + 'static) -> Option<[Listener; 2]> {
    let window = window()?;
    let carried = |event: &web_sys::Event| event.dyn_ref::<DragEvent>()?.data_transfer();
    let over = Listener::cancelling(&window, "dragover", move |event| {
        if carried(event).is_some_and(|carried| carried.types().includes(&"Files".into(), 0)) {
            event.prevent_default();
        }
    });
    let drop = Listener::cancelling(&window, "drop", move |event| {
        if let Some(files) =
            carried(event).and_then(|carried| carried.files()).filter(|files| files.length() > 0)
        {
            event.prevent_default();
            dropped(Picked(files));
        }
    });
    Some([over, drop])
}

/// Calls `news` when something came that the person may not have seen.
pub fn on_news(news: impl Fn() + 'static) -> Option<Listener> {
    Some(Listener::new(&*window()?, NEWS, move |_| news()))
}

/// The program's side: calls `heard` with what the page says, from now on.
pub fn listen(heard: impl Fn(Word) + 'static) -> Option<Listener> {
    let listener = Listener::new(&*window()?, WORD, move |event| {
        let detail = event.dyn_ref::<CustomEvent>().map(CustomEvent::detail);
        if let Some(word) = detail.and_then(|detail| Word::from_js(&detail)) {
            heard(word);
        }
    });
    dispatch(READY, &JsValue::NULL);
    Some(listener)
}

/// The program's side: something came that the person may not have seen.
pub fn announce() {
    dispatch(NEWS, &JsValue::NULL);
}

fn say(word: &Word) {
    dispatch(WORD, &word.to_js());
}

fn dispatch(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    let sent = CustomEvent::new_with_event_init_dict(name, &init)
        .and_then(|event| window().ok_or(JsValue::NULL)?.dispatch_event(&event));
    if let Err(thrown) = sent {
        note("files", &thrown);
    }
}
