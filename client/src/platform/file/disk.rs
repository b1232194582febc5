//! Where a file goes that comes: to a place that the person chooses where the browser can write there, else through a place of the
//! page's own to the downloads, and where there is neither through memory.

use js_sys::{Array, AsyncIterator, Function, JSON, Promise, Reflect};
use vong_protocol::files::FileName;
use vong_protocol::limits::BLOCK;
use vong_session::bounds::{FILE_IN_MEMORY, FILE_LEFT};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::own::Block;
use crate::platform::bindings::{FolderExt, WritableExt};
use crate::platform::download::download;
use crate::platform::{clock, note, page, window};

/// Where one file will be. Chosen from within a tap, and written to from then on.
#[derive(Debug)]
pub enum Place {
    /// The person would rather not have it.
    Declined,
    /// There is room.
    Sink(Sink),
    /// It is too large for what this browser can keep.
    TooLarge,
}

/// A file that is written to, block by block.
#[derive(Debug)]
pub enum Sink {
    /// Where the person chose.
    Chosen(WritableExt),
    /// In a place of the page's own, until it is whole.
    Own {
        /// The place, the file in it, and its name there.
        folder: FolderExt,
        /// What is written to.
        file: WritableExt,
        /// The name in the place.
        at: String,
        /// What the person will find it under.
        name: FileName,
    },
    /// In memory.
    Memory(Array, FileName),
}

/// The names of files in the page's own place begin with this; the time in milliseconds since 1970 follows.
const OWN: &str = "vong-";

impl Place {
    /// Has the person choose, where the browser can write to what they choose. To be called within a tap.
    pub async fn choose(name: &FileName, size: u64) -> Self {
        match ask(name).await {
            Some(Ok(sink)) => return Self::Sink(sink),
            Some(Err(thrown)) if is_abort(&thrown) => return Self::Declined,
            // A browser that cannot ask now has the other ways all the same.
            Some(Err(thrown)) => note("save dialog", &thrown),
            None => {}
        }
        match own(name).await {
            Ok(sink) => Self::Sink(sink),
            Err(thrown) => {
                note("own place", &thrown);
                if size > FILE_IN_MEMORY {
                    return Self::TooLarge;
                }
                Self::Sink(Sink::Memory(Array::new(), name.clone()))
            }
        }
    }
}

/// `None` where the browser has nothing of the kind.
async fn ask(name: &FileName) -> Option<Result<Sink, JsValue>> {
    let window = window()?;
    let picker: Function = Reflect::get(&window, &"showSaveFilePicker".into()).ok()?.dyn_into().ok()?;
    let options = js_sys::Object::new();
    Reflect::set(&options, &"suggestedName".into(), &name.as_str().into()).ok()?;
    let chosen = async {
        let file = settled(picker.call1(&window, &options)?.unchecked_into()).await?;
        Ok(Sink::Chosen(settled(file.unchecked_into::<FolderExt>().writable()?).await?.unchecked_into()))
    };
    Some(chosen.await)
}

fn is_abort(thrown: &JsValue) -> bool {
    thrown.dyn_ref::<web_sys::DomException>().is_some_and(|e| e.name() == "AbortError")
}

async fn own(name: &FileName) -> Result<Sink, JsValue> {
    let folder = own_folder().await?;
    let at = [OWN, &clock::date().to_string(), "-", &page::random().to_string()].concat();
    let create = JSON::parse(r#"{"create":true}"#)?;
    let file: FolderExt = settled(folder.file(&at, &create)?).await?.unchecked_into();
    if !Reflect::has(&file, &"createWritable".into())? {
        settled(folder.remove(&at)?).await?;
        return Err("cannot write".into());
    }
    let file = settled(file.writable()?).await?.unchecked_into();
    Ok(Sink::Own { folder, file, at, name: name.clone() })
}

async fn own_folder() -> Result<FolderExt, JsValue> {
    let navigator = window().ok_or(JsValue::NULL)?.navigator();
    // Absent outside a secure context.
    let storage = Reflect::get(&navigator, &"storage".into())?;
    let open: Function = Reflect::get(&storage, &"getDirectory".into())?.dyn_into()?;
    Ok(settled(open.call0(&storage)?.unchecked_into()).await?.unchecked_into())
}

async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

impl Sink {
    /// Writes a block where it belongs; `false` if that cannot be done.
    pub async fn write(&self, place: u32, block: &Block) -> bool {
        let written = match self {
            Self::Chosen(file) | Self::Own { file, .. } => {
                match at(place, block).and_then(|it| file.write(&it)) {
                    Ok(writing) => settled(writing).await.map(drop),
                    Err(thrown) => Err(thrown),
                }
            }
            // As a blob the browser may keep it elsewhere than in memory.
            Self::Memory(all, _) => Blob::new_with_u8_array_sequence(&Array::of1(&block.0))
                .map(|blob| all.set(place, blob.into())),
        };
        written.inspect_err(|thrown| note("write", thrown)).is_ok()
    }

    /// All is written: the person gets it. `false` if that cannot be done.
    pub async fn finish(&self) -> bool {
        self.hand_over().await.inspect_err(|thrown| note("finish", thrown)).is_ok()
    }

    async fn hand_over(&self) -> Result<(), JsValue> {
        match self {
            Self::Chosen(file) => settled(file.close()?).await.map(drop),
            Self::Own { folder, file, at, name } => {
                settled(file.close()?).await?;
                let written: FolderExt =
                    settled(folder.file(at, &JsValue::UNDEFINED)?).await?.unchecked_into();
                let blob: Blob = settled(written.blob()?).await?.unchecked_into();
                // It stays until the browser has copied it, which nobody tells: `sweep` removes it later.
                download(&blob, name.as_str())
            }
            Self::Memory(all, name) => download(&Blob::new_with_blob_sequence(all)?, name.as_str()),
        }
    }

    /// Nobody wants it any more.
    pub async fn discard(&self) {
        if let Err(thrown) = self.drop_it().await {
            note("discard", &thrown);
        }
    }

    async fn drop_it(&self) -> Result<(), JsValue> {
        match self {
            Self::Chosen(file) => settled(file.abort()?).await.map(drop),
            Self::Own { folder, file, at, .. } => {
                // A file that failed is gone from within, and has to go all the same.
                if let Ok(aborting) = file.abort() {
                    let _ = settled(aborting).await;
                }
                settled(folder.remove(at)?).await.map(drop)
            }
            Self::Memory(..) => Ok(()),
        }
    }
}

/// The parameters of a write (WHATWG File System, `WriteParams`): at its place, so that one that was interrupted can be made again.
#[expect(clippy::cast_precision_loss, reason = "below what a number in JavaScript loses")]
fn at(place: u32, block: &Block) -> Result<JsValue, JsValue> {
    let parameters = js_sys::Object::new();
    let position = (u64::from(place) * BLOCK) as f64;
    for (name, value) in
        [("type", "write".into()), ("position", position.into()), ("data", block.0.clone().into())]
    {
        Reflect::set(&parameters, &name.into(), &value)?;
    }
    Ok(parameters.into())
}

/// Removes what was left in the page's own place long ago.
pub async fn sweep() {
    let Ok(folder) = own_folder().await else { return };
    let entries: AsyncIterator = folder.keys();
    let oldest = clock::date().saturating_sub(FILE_LEFT.0);
    while let Ok(entry) = entries.next() {
        let Ok(entry) = JsFuture::from(entry).await else { return };
        let name = Reflect::get(&entry, &"value".into()).ok().and_then(|name| name.as_string());
        let Some(name) = name else { return };
        let written = name.strip_prefix(OWN).and_then(|rest| rest.split('-').next()?.parse::<u64>().ok());
        if written.is_some_and(|written| written < oldest)
            && let Ok(removing) = folder.remove(&name)
        {
            let _ = JsFuture::from(removing).await;
        }
    }
}
