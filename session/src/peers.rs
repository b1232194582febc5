//! A broadcaster's account of its watchers: a map in the order of their ids, so that a run can be repeated exactly.
//!
//! A sorted list rather than the library's tree, whose code would be a fiftieth of the page's bytes.

use vong_protocol::PeerId;

#[derive(Debug, Default)]
pub(crate) struct Peers<P>(Vec<(PeerId, P)>);

impl<P: Default> Peers<P> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get_mut(&mut self, id: PeerId) -> Option<&mut P> {
        let place = self.find(id).ok()?;
        self.0.get_mut(place).map(|(_, peer)| peer)
    }

    pub(crate) fn get(&self, id: PeerId) -> Option<&P> {
        let place = self.find(id).ok()?;
        self.0.get(place).map(|(_, peer)| peer)
    }

    /// The one of this id, new if there is none.
    pub(crate) fn entry(&mut self, id: PeerId) -> &mut P {
        let place = self.find(id).unwrap_or_else(|place| {
            self.0.insert(place, (id, P::default()));
            place
        });
        &mut self.0[place].1
    }

    pub(crate) fn remove(&mut self, id: PeerId) {
        if let Ok(place) = self.find(id) {
            self.0.remove(place);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(PeerId, P)> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut (PeerId, P)> {
        self.0.iter_mut()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&P) -> bool) {
        self.0.retain(|(_, peer)| keep(peer));
    }

    fn find(&self, id: PeerId) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_found_in_order_of_their_ids() {
        let id = |n: u32| PeerId::parse(&format!("{n:0>16}")).unwrap();
        let mut peers = Peers::<u32>::new();
        for n in [5, 1, 9, 3] {
            *peers.entry(id(n)) += n;
        }
        *peers.entry(id(1)) += 10;
        assert_eq!(peers.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [11, 3, 5, 9]);
        assert_eq!((peers.get_mut(id(9)).copied(), peers.get_mut(id(2))), (Some(9), None));
        peers.remove(id(3));
        peers.remove(id(4));
        peers.retain(|n| *n != 5);
        assert_eq!(peers.len(), 2);
    }
}
