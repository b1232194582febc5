//! The document: a preface, and one section for each part, which the part's next run replaces.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{PARTS, Part};

const PREFACE: &str = "\
# Benchmarks

Written by `cargo xtask bench`, which measures the release build; `cargo xtask bench PART` measures one part (`size`, `idle`, `files`, `star`,
`first-frame`, `turn`) and leaves what stands here about the others. It fails when a bound does not hold. 1 KB is 1000 bytes.
";

/// Puts what a part found into `docs/benchmarks.md`.
pub(crate) fn write(part: &Part, text: &str) -> Result<()> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md"));
    let old = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, document(&old, part.name, text)).with_context(|| path.display().to_string())
}

fn document(old: &str, name: &str, text: &str) -> String {
    let sections = PARTS.iter().map(|part| {
        let kept = section(old, part.name).unwrap_or("Not measured yet.");
        let text = if part.name == name { text.trim() } else { kept };
        format!("\n## {}\n\n{}\n{text}\n{}\n", part.heading, begin(part.name), end(part.name))
    });
    PREFACE.to_owned() + &sections.collect::<String>()
}

fn section<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&begin(name))?;
    let (text, _) = rest.split_once(&end(name))?;
    Some(text.trim())
}

fn begin(name: &str) -> String {
    format!("<!-- {name} -->")
}

fn end(name: &str) -> String {
    format!("<!-- end of {name} -->")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_one_part_leaves_the_others() {
        let first = document("", "size", "old size");
        let second = document(&first, "idle", "idle");
        let third = document(&second, "size", "new size");
        assert_eq!(section(&third, "size"), Some("new size"));
        assert_eq!(section(&third, "idle"), Some("idle"));
        assert_eq!(section(&third, "first-frame"), Some("Not measured yet."));
        assert!(!third.contains("old size"));
    }
}
