//! Whether this machine can hold the lab. Elsewhere its tests are skipped, with the reason.

use super::namespace::{Namespace, sweep};

/// Why there can be no lab here, if there cannot. As root on Linux there can, so a tool that is missing there is a
/// failure and no reason; only a kernel or a container that refuses namespaces is one.
pub fn unavailable() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("network namespaces are Linux's".to_owned());
    }
    if !rustix::process::geteuid().is_root() {
        return Some("network namespaces take root".to_owned());
    }
    let made = sweep().and_then(|()| Namespace::new("try"));
    made.err()
        .filter(|error| !is_missing(error))
        .map(|error| format!("no network namespaces here: {error:#}"))
}

fn is_missing(error: &anyhow::Error) -> bool {
    let kind =
        error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::NotFound)
}
