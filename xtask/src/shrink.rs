//! Makes what people download of a page smaller than Trunk leaves it, without changing what it does. Knows the shape of what wasm-bindgen
//! and Trunk write, and nothing of the page.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use minify_js::{Session, TopLevelMode, minify};

use crate::cmd::Outcome;

/// Digits of the hash that ends the name of whatever a module imports from its script.
const HASH: usize = 16;

/// The export that the minifier does not read, and the same in words that it does.
const EXPORT: (&str, &str) =
    ("export { initSync, __wbg_init as default };", "export { initSync }; export default __wbg_init;");

/// Shrinks every script of wasm-bindgen's together with its module, and names both by what they contain now: whoever keeps a file
/// for ever must not get another one under its name.
pub(crate) fn shrink(mut files: BTreeMap<PathBuf, Vec<u8>>) -> Outcome<BTreeMap<PathBuf, Vec<u8>>> {
    let modules: Vec<PathBuf> = files.keys().filter(|name| stem(name).is_some()).cloned().collect();
    for module_name in modules {
        let Some(stem) = stem(&module_name) else { continue };
        let script_name = PathBuf::from(format!("{stem}.js"));
        let (Some(script), Some(module)) = (files.remove(&script_name), files.remove(&module_name)) else {
            return Err(format!("{} has no script", module_name.display()));
        };
        let script = String::from_utf8(script).map_err(|error| format!("{stem}.js: {error}"))?;
        let (script, module) = shorten_names(script, module);
        let script = minified(&script).map_err(|error| format!("{stem}.js: {error}"))?;
        let renamed = match stem.rsplit_once('-') {
            // Trunk's hash of what it was.
            Some((name, hash)) if is_hash(hash) => format!("{name}-{}", hash_of(&[&script, &module])),
            _ => stem.clone(),
        };
        if renamed != stem {
            for (_, page) in files.iter_mut().filter(|(name, _)| has_extension(name, "html")) {
                *page = String::from_utf8_lossy(page).replace(&stem, &renamed).into_bytes();
            }
        }
        files.insert(PathBuf::from(format!("{renamed}.js")), script);
        files.insert(PathBuf::from(format!("{renamed}_bg.wasm")), module);
    }
    Ok(files)
}

/// What a module and its script are both called by.
fn stem(module: &Path) -> Option<String> {
    Some(module.to_str()?.strip_suffix("_bg.wasm")?.to_owned())
}

fn has_extension(name: &Path, wanted: &str) -> bool {
    name.extension().is_some_and(|extension| extension == wanted)
}

fn is_hash(text: &str) -> bool {
    (12..=HASH).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn hash_of(contents: &[&Vec<u8>]) -> String {
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Gives the imports numbers in place of hashes, which no compression makes smaller. Names keep their length, so that the
/// module stays as it is otherwise.
fn shorten_names(mut script: String, mut module: Vec<u8>) -> (String, Vec<u8>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names: Vec<String> = script
        .split(|c: char| !is_part(c))
        .filter(|word| word.starts_with("__wb"))
        .filter(|word| word.rsplit_once('_').is_some_and(|(_, end)| end.len() == HASH && is_hash(end)))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    for (number, name) in names.iter().enumerate() {
        let number = format!("{number:04}");
        let short = format!("__wb{}{number}", "x".repeat(name.len() - "__wb".len() - number.len()));
        script = script.replace(name, &short);
        replace(&mut module, name.as_bytes(), short.as_bytes());
    }
    (script, module)
}

/// Both of one length.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|window| window == from) {
        at += found;
        bytes[at..at + from.len()].copy_from_slice(to);
        at += from.len();
    }
}

fn minified(script: &str) -> Outcome<Vec<u8>> {
    let script = script.replace(EXPORT.0, EXPORT.1);
    let mut written = Vec::new();
    minify(&Session::new(), TopLevelMode::Module, script.as_bytes(), &mut written)
        .map_err(|error| error.to_string())?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPORT: &str = "__wbg_close_0123456789abcdef";

    fn built() -> BTreeMap<PathBuf, Vec<u8>> {
        let script = format!(
            "/** Comments. */\nconst imports = {{ {IMPORT}: function(socket) {{ socket.close(); }} }};\n\
             function initSync() {{}}\nfunction __wbg_init() {{ return imports; }}\n\
             export {{ initSync, __wbg_init as default }};\n"
        );
        let module = [b"\0asm", IMPORT.as_bytes(), b"!"].concat();
        let page = "<script>import init from '/page-fedcba9876543210.js';</script>";
        [
            ("page-fedcba9876543210.js", script.into_bytes()),
            ("page-fedcba9876543210_bg.wasm", module),
            ("index.html", page.as_bytes().to_vec()),
        ]
        .map(|(name, contents)| (PathBuf::from(name), contents))
        .into()
    }

    fn one(files: &BTreeMap<PathBuf, Vec<u8>>, extension: &str) -> (String, String) {
        let (name, contents) = files.iter().find(|(name, _)| has_extension(name, extension)).unwrap();
        (name.display().to_string(), String::from_utf8_lossy(contents).into_owned())
    }

    #[test]
    fn a_script_and_its_module_agree_on_shorter_names_of_the_same_length() {
        let files = shrink(built()).unwrap();
        let (_, script) = one(&files, "js");
        let (_, module) = one(&files, "wasm");
        let name = module.trim_start_matches("\0asm").trim_end_matches('!');
        assert_eq!(name.len(), IMPORT.len());
        assert!(name != IMPORT && script.contains(name), "{script} {module}");
        assert!(!script.contains("Comments"), "{script}");
    }

    #[test]
    fn a_page_names_its_script_by_what_that_is_now() {
        let files = shrink(built()).unwrap();
        let ((name, _), (_, page)) = (one(&files, "js"), one(&files, "html"));
        assert!(name != "page-fedcba9876543210.js" && page.contains(&name), "{name}: {page}");
        // The same contents have the same name.
        assert_eq!(shrink(built()).unwrap(), files);
    }
}
