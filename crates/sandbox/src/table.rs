//! Records in the order of their making, found by any of their keys, no two with the same key, and never too many.

use std::collections::{BTreeMap, HashMap};

/// What can be kept in a [`Table`].
pub(crate) trait Record: Clone {
    /// Everything that only this record may have, and that it can be found by.
    fn keys(&self) -> Vec<Key>;
}

/// The kind of a key, such as `email`, and the key itself.
pub(crate) type Key = (&'static str, String);

/// The kind of a key that another record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken(pub(crate) &'static str);

/// Records up to a number; when there are more, the oldest goes.
#[derive(Debug)]
pub(crate) struct Table<R> {
    capacity: usize,
    records: BTreeMap<u64, R>,
    places: HashMap<Key, u64>,
    /// The place of the next record. It is also the number of records that there ever were.
    next: u64,
    evicted: u64,
}

impl<R: Record> Table<R> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, records: BTreeMap::new(), places: HashMap::new(), next: 0, evicted: 0 }
    }

    /// Keeps a new record, unless one of its keys is taken.
    pub(crate) fn insert(&mut self, record: R) -> Result<(), Taken> {
        self.check(&record, None)?;
        if self.records.len() >= self.capacity
            && let Some((_, oldest)) = self.records.pop_first()
        {
            self.forget(&oldest);
            self.evicted += 1;
        }
        let place = self.next;
        self.next += 1;
        self.file(&record, place);
        self.records.insert(place, record);
        Ok(())
    }

    pub(crate) fn find(&self, kind: &'static str, key: &str) -> Option<&R> {
        self.records.get(self.places.get(&(kind, key.to_owned()))?)
    }

    /// Puts a changed record in the place of the one that is found by this key; nothing if there is none.
    pub(crate) fn replace(&mut self, kind: &'static str, key: &str, record: R) -> Option<Result<(), Taken>> {
        let place = *self.places.get(&(kind, key.to_owned()))?;
        if let Err(taken) = self.check(&record, Some(place)) {
            return Some(Err(taken));
        }
        self.file_anew(place, record);
        Some(Ok(()))
    }

    pub(crate) fn remove(&mut self, kind: &'static str, key: &str) -> Option<R> {
        let place = *self.places.get(&(kind, key.to_owned()))?;
        let record = self.records.remove(&place)?;
        self.forget(&record);
        Some(record)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }

    /// The records, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &R> {
        self.records.values()
    }

    /// How many records had to go because there were too many.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    fn check(&self, record: &R, own: Option<u64>) -> Result<(), Taken> {
        let taken = |key: &Key| self.places.get(key).is_some_and(|place| Some(*place) != own);
        match record.keys().into_iter().find(taken) {
            Some((kind, _)) => Err(Taken(kind)),
            None => Ok(()),
        }
    }

    fn file_anew(&mut self, place: u64, record: R) {
        if let Some(before) = self.records.remove(&place) {
            self.forget(&before);
        }
        self.file(&record, place);
        self.records.insert(place, record);
    }

    fn file(&mut self, record: &R, place: u64) {
        self.places.extend(record.keys().into_iter().map(|key| (key, place)));
    }

    fn forget(&mut self, record: &R) {
        for key in record.keys() {
            self.places.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct User {
        id: u32,
        email: Option<&'static str>,
    }

    impl Record for User {
        fn keys(&self) -> Vec<Key> {
            let email = self.email.map(|email| ("email", email.to_owned()));
            [("id", self.id.to_string())].into_iter().chain(email).collect()
        }
    }

    fn user(id: u32, email: &'static str) -> User {
        User { id, email: Some(email) }
    }

    #[test]
    fn no_two_records_have_one_key() {
        let mut table = Table::new(10);
        table.insert(user(1, "ada@example.com")).unwrap();
        assert_eq!(table.insert(user(2, "ada@example.com")), Err(Taken("email")));
        assert_eq!(table.insert(user(1, "eve@example.com")), Err(Taken("id")));
        assert_eq!(table.iter().count(), 1);
        // What is not there is nobody's.
        table.insert(User { id: 2, email: None }).unwrap();
        table.insert(User { id: 3, email: None }).unwrap();
    }

    #[test]
    fn a_changed_record_is_found_by_its_new_keys_and_keeps_its_place() {
        let mut table = Table::new(10);
        table.insert(user(1, "ada@example.com")).unwrap();
        table.insert(user(2, "eve@example.com")).unwrap();
        assert_eq!(table.replace("id", "1", user(1, "eve@example.com")), Some(Err(Taken("email"))));
        assert_eq!(table.replace("id", "3", user(3, "bob@example.com")), None);
        assert_eq!(table.replace("email", "ada@example.com", user(1, "augusta@example.com")), Some(Ok(())));
        assert_eq!(table.find("email", "ada@example.com"), None);
        assert_eq!(table.find("email", "augusta@example.com").unwrap().id, 1);
        assert_eq!(table.iter().map(|user| user.id).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn keys_of_records_that_went_are_free_again() {
        let mut table = Table::new(2);
        table.insert(user(1, "ada@example.com")).unwrap();
        assert_eq!(table.remove("id", "1"), Some(user(1, "ada@example.com")));
        assert_eq!(table.remove("id", "1"), None);
        for id in 1..=3 {
            table.insert(User { id, email: None }).unwrap();
        }
        assert_eq!(table.iter().map(|user| user.id).collect::<Vec<_>>(), [2, 3]);
        assert_eq!((table.find("id", "1"), table.evicted()), (None, 1));
        table.clear();
        assert_eq!((table.iter().count(), table.evicted()), (0, 0));
        assert!(table.places.is_empty());
    }
}
