//! A few things by their number. A list: the library's map would be a hundredth of the page's bytes, and a page has few
//! sockets and connections.

pub(super) struct Table<K, V>(Vec<(K, V)>);

impl<K: PartialEq, V> Table<K, V> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Puts it in place of what had this number.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        self.0.push((key, value));
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.iter().find(|(of, _)| of == key).map(|(_, value)| value)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.0.iter().position(|(of, _)| of == key)?;
        Some(self.0.swap_remove(place).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_what_was_put_there_last() {
        let mut table = Table::new();
        for (key, value) in [(1, "a"), (2, "b"), (1, "c")] {
            table.insert(key, value);
        }
        assert_eq!((table.get(&1), table.get(&2), table.get(&3)), (Some(&"c"), Some(&"b"), None));
        assert_eq!((table.remove(&2), table.remove(&2)), (Some("b"), None));
        assert_eq!(table.values().collect::<Vec<_>>(), [&"c"]);
    }
}
