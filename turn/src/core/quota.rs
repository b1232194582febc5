//! How many allocations each has: a session, under whatever of its credentials, and an address.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::address::Address;

/// The counts. An entry is there only while it counts something.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    owners: HashMap<Box<str>, usize>,
    hosts: HashMap<Address, usize>,
}

impl Quotas {
    /// Whether one more is within both bounds.
    pub(crate) fn allow(&self, owner: &str, owner_bound: usize, host: IpAddr, host_bound: usize) -> bool {
        self.owners.get(owner).copied().unwrap_or(0) < owner_bound
            && self.hosts.get(&Address::from(host)).copied().unwrap_or(0) < host_bound
    }

    pub(crate) fn take(&mut self, owner: &str, host: IpAddr) {
        *self.owners.entry(owner.into()).or_default() += 1;
        *self.hosts.entry(host.into()).or_default() += 1;
    }

    pub(crate) fn give_back(&mut self, owner: &str, host: IpAddr) {
        if let Some(count) = self.owners.get_mut(owner) {
            *count -= 1;
            if *count == 0 {
                self.owners.remove(owner);
            }
        }
        let host = Address::from(host);
        if let Some(count) = self.hosts.get_mut(&host) {
            *count -= 1;
            if *count == 0 {
                self.hosts.remove(&host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_agree_with_a_list_and_nothing_is_left_behind(
            steps in proptest::collection::vec((any::<bool>(), 0..4u8, 0..3u8), 0..200)
        ) {
            let mut quotas = Quotas::default();
            let mut list: Vec<(String, IpAddr)> = Vec::new();
            for (takes, owner, host) in steps {
                let (owner, host) = (owner.to_string(), IpAddr::from([192, 0, 2, host]));
                if takes {
                    let fits = list.iter().filter(|(o, _)| *o == owner).count() < 3
                        && list.iter().filter(|(_, h)| *h == host).count() < 5;
                    prop_assert_eq!(quotas.allow(&owner, 3, host, 5), fits);
                    if fits {
                        quotas.take(&owner, host);
                        list.push((owner, host));
                    }
                } else if let Some((owner, host)) = list.pop() {
                    quotas.give_back(&owner, host);
                }
            }
            for (owner, host) in list {
                quotas.give_back(&owner, host);
            }
            prop_assert!(quotas.owners.is_empty() && quotas.hosts.is_empty());
        }
    }
}
