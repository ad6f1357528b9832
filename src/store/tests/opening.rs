//! Opening and bringing up to date.

use std::fs;

use rusqlite::Connection;

use super::*;
use crate::store::migrate::migrate_by;

#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let inner = place.dir.path().join("new/folder/watch.db");
    let mut store = Store::open(&inner).unwrap();
    cycle(&mut store, 0, Health::Healthy, vec![]);
    assert!(matches!(Lease::try_acquire(&inner).unwrap(), Taken::Ours(_)));
    let mut seen = 0;
    for entry in fs::read_dir(inner.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert_eq!(seen, 4, "the store, its log, its index and its lock");
    assert_eq!(fs::metadata(inner.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn is_set_up_to_last() {
    let store = Place::new();
    let store = store.open();
    let pragma = |name: &str| store.db.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("synchronous"), 2.into());
    assert_eq!(pragma("foreign_keys"), 1.into());
    assert_eq!(pragma("auto_vacuum"), 2.into());
    assert_eq!(pragma("user_version"), 2.into());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let place = Place::new();
    drop(place.open());
    Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(place.path()).unwrap();
    for error in [Store::open(&place.path()).map(drop).unwrap_err(), Store::read(&place.path()).map(drop).unwrap_err()] {
        assert!(matches!(error, StoreError::Newer { found: 99, known: 2, .. }), "{error}");
        assert!(!error.may_pass());
    }
    assert!(before == fs::read(place.path()).unwrap());
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let place = Place::new();
    fs::write(place.path(), "some notes that somebody keeps\n".repeat(100)).unwrap();
    let error = Store::open(&place.path()).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert!(fs::read_to_string(place.path()).unwrap().starts_with("some notes"));
    fs::remove_file(place.path()).unwrap();

    Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let before = fs::read(place.path()).unwrap();
    let error = Store::open(&place.path()).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert!(before == fs::read(place.path()).unwrap());
}

#[test]
fn reading_makes_nothing() {
    let place = Place::new();
    assert!(matches!(Store::read(&place.path()).map(drop).unwrap_err(), StoreError::Missing { .. }));
    assert!(!place.path().exists());
    fs::write(place.path(), "").unwrap();
    assert!(matches!(Store::read(&place.path()).map(drop).unwrap_err(), StoreError::Older { found: 0, .. }));
    let mut store = place.open();
    cycle(&mut store, 0, Health::Healthy, vec![]);
    let mut reader = Store::read(&place.path()).unwrap();
    assert_eq!(reader.last_cycles(9).unwrap().len(), 1);
    assert!(matches!(reader.begin_cycle(&Start { at: at(9), boot: None }).unwrap_err(), StoreError::ReadOnly));
}

#[test]
fn a_step_that_fails_half_way_leaves_nothing() {
    let place = Place::new();
    let mut db = Connection::open(place.path()).unwrap();
    let steps = ["CREATE TABLE one (x); INSERT INTO one VALUES (1);", "CREATE TABLE two (x); INSERT INTO nowhere VALUES (1);"];
    assert!(migrate_by(&mut db, &place.path(), &steps).is_err());
    let tables: Vec<String> =
        db.prepare("SELECT name FROM sqlite_schema").unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(tables, ["one"]);
    assert_eq!(db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 1);
    let steps = [steps[0], "CREATE TABLE two (x);"];
    migrate_by(&mut db, &place.path(), &steps).unwrap();
    migrate_by(&mut db, &place.path(), &steps).unwrap();
    assert_eq!(db.query_row("SELECT count(*) FROM one, sqlite_schema WHERE name = 'two'", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[test]
fn many_may_open_it_at_once() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for from in 0..8 {
            let path = place.path();
            scope.spawn(move || cycle(&mut Store::open(&path).unwrap(), from, Health::Healthy, vec![]));
        }
    });
    assert_eq!(place.open().last_cycles(99).unwrap().len(), 8);
}

#[test]
fn a_full_disk_and_a_lock_are_errors_that_pass() {
    let place = Place::new();
    let mut store = place.open();
    let pages: i64 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    let mut step = Step::new(at(0), None);
    step.events = (0..40).map(|_| event("NOISE", "x".repeat(4000).into())).collect();
    let error = store.record(&step).unwrap_err();
    assert!(matches!(error, StoreError::Full) && error.may_pass(), "{error}");
    assert_eq!(store.last_events(9).unwrap(), []);
    store.db.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
    store.record(&step).unwrap();

    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.db.busy_timeout(std::time::Duration::from_millis(20)).unwrap();
    let error = store.record(&step).unwrap_err();
    assert!(matches!(error, StoreError::Busy) && error.may_pass(), "{error}");
    assert_eq!(store.last_events(99).unwrap().len(), 40);
    other.execute_batch("ROLLBACK").unwrap();
    store.record(&step).unwrap();
}

#[test]
fn damage_is_found_and_survived() {
    let place = Place::new();
    let mut store = place.open();
    for from in 0..200 {
        cycle(&mut store, from, Health::Healthy, (0..20).map(|n| sight(&format!("s{n}"), Grade::Healthy, Some(1))).collect());
    }
    store.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(store);
    let mut bytes = fs::read(place.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40_000].fill(0xA5);
    fs::write(place.path(), bytes).unwrap();
    let found = Store::open(&place.path()).and_then(|store| store.check());
    assert!(!matches!(&found, Ok(wrong) if wrong.is_empty()), "{found:?}");
}
