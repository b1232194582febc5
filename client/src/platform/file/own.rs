//! A file that the person picked, read block by block.

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use vong_protocol::files::{FileName, MediaType, Sha256};
use vong_protocol::limits::BLOCK;
use vong_session::files::block_size;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::platform::part::Picked;
use crate::platform::{note, window};

/// A file of the person's. It is read when it is sent, not before.
#[derive(Clone, Debug)]
pub struct OwnFile(File);

/// Bytes that are not copied into this program's memory. Dropping it frees them at once: left to the browser, what a file went
/// through is garbage that grows to tens of megabytes before it is collected.
#[derive(Debug)]
pub struct Block(pub(super) Uint8Array);

impl Block {
    /// How many.
    pub fn len(&self) -> u32 {
        self.0.length()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // What is moved to where nobody holds it, and cut to nothing, leaves nothing behind (ECMAScript 2024). A browser that cannot
        // do it collects it later.
        let _ = self.0.buffer().transfer_with_length(0);
    }
}

/// A block that comes in pieces. Each is copied to its place at once, so that what it came in can be freed.
#[derive(Debug, Default)]
pub struct Assembly {
    place: Option<Uint8Array>,
    filled: u32,
}

impl Assembly {
    /// Adds the next piece. What would go beyond a block is no part of one.
    pub fn add(&mut self, piece: &Block) {
        let size = u32::try_from(BLOCK).unwrap_or(u32::MAX);
        if self.filled + piece.len() <= size {
            let place = self.place.get_or_insert_with(|| Uint8Array::new_with_length(size));
            place.set(&piece.0, self.filled);
            self.filled += piece.len();
        }
    }

    /// All of them as one, and begins anew.
    pub fn take(&mut self) -> Block {
        let filled = std::mem::take(&mut self.filled);
        Block(self.place.take().map(|place| place.subarray(0, filled)).unwrap_or_default())
    }
}

impl OwnFile {
    /// The files that were picked.
    pub fn all(picked: &Picked) -> Vec<Self> {
        picked.files().map(Self).collect()
    }

    /// What it is called.
    pub fn name(&self) -> FileName {
        FileName::new(&self.0.name())
    }

    /// Bytes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
    pub fn size(&self) -> u64 {
        self.0.size() as u64
    }

    /// What the browser takes it for.
    pub fn kind(&self) -> MediaType {
        MediaType::new(&self.0.type_())
    }

    /// Reads one block; `None` if the file is not what it was when it was picked, or gone.
    #[expect(clippy::cast_precision_loss, reason = "below what a number in JavaScript loses")]
    pub async fn read(&self, block: u32) -> Option<Block> {
        let start = u64::from(block) * BLOCK;
        let end = start + block_size(self.size(), block);
        let slice = self.0.slice_with_f64_and_f64(start as f64, end as f64).ok()?;
        match JsFuture::from(slice.array_buffer()).await {
            Ok(buffer) => Some(Block(Uint8Array::new(&buffer))),
            Err(thrown) => {
                note("file", &thrown);
                None
            }
        }
    }
}

/// Its SHA-256. `None` where the browser has no sums, which is where the page came over plain HTTP.
pub async fn digest(block: &Block) -> Option<Sha256> {
    let crypto = window()?.crypto().ok()?;
    // Absent outside a secure context.
    let subtle = Reflect::get(&crypto, &"subtle".into()).ok()?.dyn_into::<web_sys::SubtleCrypto>().ok()?;
    let sum =
        JsFuture::from(subtle.digest_with_str_and_buffer_source("SHA-256", &block.0).ok()?).await.ok()?;
    let sum = Uint8Array::new(sum.dyn_ref::<ArrayBuffer>()?);
    Some(Sha256(sum.to_vec().try_into().ok()?))
}
