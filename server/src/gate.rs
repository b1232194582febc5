//! How many connections of a kind are open, in all and from each address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::address::Address;

/// The counters.
#[derive(Debug)]
pub(crate) struct Gate {
    most: u32,
    most_per_address: u32,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_address: HashMap<Address, u32>,
}

/// One open connection; it is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    address: Address,
}

/// Which bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// That of all connections.
    InAll,
    /// That of this address.
    ForAddress,
}

impl Gate {
    /// With nothing open.
    pub(crate) fn new(most: u32, most_per_address: u32) -> Arc<Self> {
        Arc::new(Self { most, most_per_address, open: Mutex::default() })
    }

    /// Counts one more, if there is room for it.
    pub(crate) fn enter(self: &Arc<Self>, address: Address) -> Result<Permit, Full> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        if open.all >= self.most {
            return Err(Full::InAll);
        }
        if of_address >= self.most_per_address {
            return Err(Full::ForAddress);
        }
        open.all += 1;
        open.by_address.insert(address, of_address + 1);
        Ok(Permit { gate: self.clone(), address })
    }
}

impl Permit {
    /// Whom it is counted against.
    pub(crate) fn address(&self) -> Address {
        self.address
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(of_address) = open.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> Address {
        IpAddr::from([127, 0, 0, last]).into()
    }

    #[test]
    fn both_bounds_hold_and_places_become_free() {
        let gate = Gate::new(3, 2);
        let first = gate.enter(address(1)).unwrap();
        let _second = gate.enter(address(1)).unwrap();
        assert_eq!(gate.enter(address(1)).unwrap_err(), Full::ForAddress);
        let third = gate.enter(address(2)).unwrap();
        assert_eq!(gate.enter(address(3)).unwrap_err(), Full::InAll);
        drop(third);
        drop(first);
        gate.enter(address(1)).unwrap();
        assert_eq!(
            gate.open.lock().unwrap().by_address.len(),
            1,
            "an address without connections is forgotten"
        );
    }
}
