//! What `docs/network.md` promises is what the tests here expect.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use vong_tests::lab::Nat;

/// The table of all pairings, as the document has it.
fn table() -> String {
    let name = |nat: Nat| nat.to_string();
    let mut table = format!("| | {} |\n|---|", Nat::ALL.map(name).join(" | "));
    table.push_str(&"---|".repeat(Nat::ALL.len()));
    table.push('\n');
    for one in Nat::ALL {
        let cells = Nat::ALL.map(|other| if one.reaches(other) { "direct" } else { "**relayed**" });
        // Writing to a string does not fail.
        let _ = writeln!(table, "| {one} | {} |", cells.join(" | "));
    }
    table
}

#[test]
fn the_document_tells_which_pairings_are_relayed() -> Result<()> {
    let document = include_str!("../../../docs/network.md");
    ensure!(document.contains(&table()), "docs/network.md needs this table:\n\n{}", table());
    Ok(())
}

#[test]
fn who_reaches_whom_does_not_depend_on_who_broadcasts() -> Result<()> {
    for one in Nat::ALL {
        for other in Nat::ALL {
            ensure!(one.reaches(other) == other.reaches(one), "{one}, {other}");
        }
    }
    Ok(())
}
