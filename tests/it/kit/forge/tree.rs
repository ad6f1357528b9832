//! A tree in memory.

use std::collections::{BTreeMap, HashMap};

use omega::tree::{Entry, Listing, Mode, Reader, Tree, TreeError};

/// A tree of files that exist nowhere but here.
#[derive(Clone, Default)]
pub struct MemoryTree(pub BTreeMap<Vec<u8>, (Mode, Vec<u8>)>);

impl Tree for MemoryTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut entered: HashMap<&[u8], bool> = HashMap::new();
        let mut listing = Listing::default();
        for (path, (mode, _)) in &self.0 {
            let mut folders = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at]);
            if folders.all(|folder| *entered.entry(folder).or_insert_with(|| enter(folder))) {
                listing.entries.push(Entry { path: path.clone(), mode: *mode, id: None });
            }
        }
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(self)
    }
}

impl Reader for &MemoryTree {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let bytes = &self.0[&entry.path].1;
        let (path, size) = (String::from_utf8_lossy(&entry.path).into_owned(), bytes.len() as u64);
        if size > limit { Err(TreeError::TooLarge { path, size, limit }) } else { Ok(bytes.clone()) }
    }
}
