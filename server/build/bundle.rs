//! The built page as it is embedded: every file with its content type, entity tag and brotli form, and the hashes of the
//! pages' inline scripts for the content security policy.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// What is served where no page has been built.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Vọng</title>\
    <p>This server was built without its page: run <code>cargo xtask run</code>.</p></html>";

/// Files below this many bytes gain nothing from compression.
const WORTH_COMPRESSING: usize = 256;

/// Everything to embed, in the order of paths.
pub(crate) struct Bundle {
    pub(crate) files: Vec<Embedded>,
    /// Sources for `script-src`, separated by spaces.
    pub(crate) inline_scripts: String,
}

/// One file. Its contents lie in the output directory under their hash, so that what did not change is not compressed
/// again.
pub(crate) struct Embedded {
    /// From the root of the server.
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) tag: String,
    pub(crate) immutable: bool,
    pub(crate) identity: PathBuf,
    /// Where it is smaller.
    pub(crate) brotli: Option<PathBuf>,
}

impl Bundle {
    /// Takes in a directory of built files, or the sentence that says there is none.
    pub(crate) fn make(dist: &Path, out: &Path) -> Result<Self, Box<dyn Error>> {
        let mut contents = BTreeMap::new();
        if dist.join("index.html").is_file() {
            collect(dist, "", &mut contents)?;
        } else {
            contents.insert("/index.html".to_owned(), NO_PAGE.as_bytes().to_vec());
        }
        let mut scripts = Vec::new();
        for (path, page) in &contents {
            if Path::new(path).extension().is_some_and(|extension| extension == "html") {
                let hash = |script| format!("'sha256-{}'", BASE64.encode(Sha256::digest(script)));
                scripts.extend(inline_scripts(std::str::from_utf8(page)?).map(hash));
            }
        }
        let inline_scripts = scripts.join(" ");
        let files = contents.into_iter().map(|(path, contents)| Embedded::make(path, &contents, out));
        Ok(Self { files: files.collect::<Result<_, _>>()?, inline_scripts })
    }

    /// As Rust source.
    pub(crate) fn source(&self) -> Result<String, Box<dyn Error>> {
        let mut source = "pub(super) static FILES: &[File] = &[\n".to_owned();
        for Embedded { path, content_type, tag, immutable, identity, brotli } in &self.files {
            let brotli = match brotli {
                Some(compressed) => format!("Some(include_bytes!({}))", literal(compressed)?),
                None => "None".to_owned(),
            };
            writeln!(
                source,
                "File {{ path: {path:?}, content_type: {content_type:?}, tag: {tag:?}, immutable: {immutable}, \
                 identity: include_bytes!({}), brotli: {brotli} }},",
                literal(identity)?
            )?;
        }
        writeln!(source, "];\npub(super) static INLINE_SCRIPTS: &str = {:?};", self.inline_scripts)?;
        Ok(source)
    }
}

impl Embedded {
    fn make(path: String, contents: &[u8], out: &Path) -> Result<Self, Box<dyn Error>> {
        let mime = mime_guess::from_path(&path).first_or_octet_stream();
        let is_text = mime.type_() == "text" || mime.essence_str() == "image/svg+xml";
        let content_type = if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
        let tag = hex(&Sha256::digest(contents)[..16]);
        let identity = out.join(&tag);
        fs::write(&identity, contents)?;
        // Other images, fonts and media are compressed already.
        let is_compressible = is_text || mime.type_() == "application";
        let brotli = if is_compressible && contents.len() >= WORTH_COMPRESSING {
            let compressed = out.join(format!("{tag}.br"));
            if !compressed.is_file() {
                fs::write(&compressed, compress(contents)?)?;
            }
            (fs::metadata(&compressed)?.len() < contents.len() as u64).then_some(compressed)
        } else {
            None
        };
        Ok(Self { immutable: has_content_hash(&path), path, content_type, tag, identity, brotli })
    }
}

/// Reads a directory and those below it into URL path → contents.
fn collect(
    directory: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name =
            entry.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        // Trunk assembles its output in `.stage`.
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// A path as a string literal.
fn literal(path: &Path) -> Result<String, String> {
    path.to_str().map(|path| format!("{path:?}")).ok_or_else(|| format!("{} is not UTF-8", path.display()))
}

fn compress(contents: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: contents.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &contents[..], &mut compressed, &params)?;
    Ok(compressed)
}

/// Whether Trunk put the hash of the contents into the name (`app-0123456789abcdef_bg.wasm`): such a file never changes.
/// The hash is a 64-bit number in hexadecimal without leading zeros.
fn has_content_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_hash = |part: &str| {
        (12..=16).contains(&part.len()) && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    name.split(['-', '_', '.']).skip(1).any(is_hash)
}

/// The contents of every `<script>` without `src`, exactly as the browser hashes them.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
