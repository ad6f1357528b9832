//! The chain of events finds whoever touches it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn filled(place: &Place, count: i64) -> Store {
    let mut store = place.open();
    for n in 0..count {
        let mut step = Step::new(at(n), (n % 3 == 0).then_some(n + 1));
        step.events = vec![event("HEALTH_CHANGE", json!({ "service": "Brain", "n": n, "text": "a\"b\u{e9}" }))];
        if n % 4 == 0 {
            step.events.push(event("SOVEREIGN_CYCLE", json!(null)));
        }
        store.record(&step).unwrap();
    }
    store
}

fn broken(store: &Store, remembered: Option<&Head>) -> Option<Break> {
    store.verify_events(remembered).unwrap().broken
}

#[test]
fn an_untouched_chain_holds() {
    let place = Place::new();
    let empty = place.open().verify_events(None).unwrap();
    assert_eq!((empty.events, empty.broken), (0, None));
    let store = filled(&place, 20);
    let head = store.event_head().unwrap();
    let chain = store.verify_events(Some(&head)).unwrap();
    assert_eq!((chain.events, chain.head, chain.broken), (25, head, None));
    let ids: Vec<i64> = store.events_after(0, None, 99).unwrap().iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=25).collect::<Vec<_>>());
    assert_eq!(store.events_after(20, None, 99).unwrap().len(), 5);
    assert!(store.events_after(0, Some("SOVEREIGN_CYCLE"), 99).unwrap().iter().all(|event| event.payload == "null"));
    assert_eq!(store.last_events(2).unwrap()[1].id, 25);
}

#[test]
fn the_form_of_the_digest_is_fixed() {
    let place = Place::new();
    let mut store = place.open();
    let step = Step { events: vec![event("IDENTITY_DRIFT", json!({ "drift": 15 }))], ..Step::new(at(0), Some(7)) };
    store.record(&step).unwrap();
    let zeros = "0".repeat(64);
    let text = format!("omega-event-v1\n{zeros}\n[1,\"IDENTITY_DRIFT\",7,\"{{\\\"drift\\\":15}}\",1772064000]\n");
    assert_eq!(store.event_head().unwrap().hash, crate::digest::Digest::of(text.as_bytes()));
}

#[test]
fn every_attack_is_found_where_it_is() {
    let cases: [(&str, i64, BreakKind); 10] = [
        ("UPDATE omega_events SET payload = '{}' WHERE id = 7", 7, BreakKind::Changed),
        ("UPDATE omega_events SET created_at = created_at + 1 WHERE id = 7", 7, BreakKind::Changed),
        ("UPDATE omega_events SET cycle_id = 99 WHERE id = 7", 7, BreakKind::Changed),
        ("UPDATE omega_events SET hash = zeroblob(31) WHERE id = 7", 7, BreakKind::Unreadable),
        ("DELETE FROM omega_events WHERE id = 7", 8, BreakKind::Gap),
        ("DELETE FROM omega_events WHERE id = 1", 2, BreakKind::Gap),
        ("DELETE FROM omega_events WHERE id = 25", 25, BreakKind::Cut),
        ("DELETE FROM omega_events", 1, BreakKind::Cut),
        (
            "INSERT INTO omega_events SELECT 26, type, cycle_id, payload, created_at, hash FROM omega_events WHERE id = 25",
            26,
            BreakKind::Changed,
        ),
        (
            "UPDATE omega_events SET id = CASE id WHEN 7 THEN -7 ELSE id END; UPDATE omega_events SET id = 7 WHERE id = 8; UPDATE omega_events SET id = 8 WHERE id = -7",
            7,
            BreakKind::Changed,
        ),
    ];
    for (attack, id, kind) in cases {
        let place = Place::new();
        let store = filled(&place, 20);
        place.bare().execute_batch(attack).unwrap();
        assert_eq!(broken(&store, None), Some(Break { id, kind }), "{attack}");
    }
}

#[test]
fn a_cut_that_is_made_with_care_is_found_by_who_remembers() {
    let place = Place::new();
    let store = filled(&place, 20);
    let (head, early) = (store.event_head().unwrap(), store.events_after(9, None, 1).unwrap().remove(0));
    let early = Head { id: early.id, hash: early.hash };
    place
        .bare()
        .execute_batch(
            "DELETE FROM omega_events WHERE id > 15;
             UPDATE event_chain SET head_id = 15, head_hash = (SELECT hash FROM omega_events WHERE id = 15)",
        )
        .unwrap();
    assert_eq!(broken(&store, None), None);
    assert_eq!(broken(&store, Some(&early)), None);
    assert_eq!(broken(&store, Some(&head)), Some(Break { id: 25, kind: BreakKind::Forgotten }));
    // A whole new chain, as long as the old one.
    let other = Place::new();
    let mut forged = other.open();
    let events = (0..40).map(|_| event("NOTHING", json!({}))).collect();
    forged.record(&Step { events, ..Step::new(at(0), None) }).unwrap();
    assert_eq!(broken(&forged, None), None);
    assert_eq!(broken(&forged, Some(&early)), Some(Break { id: 10, kind: BreakKind::Forgotten }));
}

#[test]
fn retention_keeps_what_is_left_verifiable() {
    let place = Place::new();
    let mut store = filled(&place, 20);
    let head = store.event_head().unwrap();
    let old = store.events_after(2, None, 1).unwrap().remove(0);
    let pruned = store.prune(&Retention::before(at(10)), at(900_000_000)).unwrap();
    assert_eq!((pruned.events, pruned.more), (13, false));
    let chain = store.verify_events(Some(&head)).unwrap();
    assert_eq!((chain.anchor.id, chain.events, chain.broken), (13, 12, None));
    assert_eq!(broken(&store, Some(&Head { id: old.id, hash: old.hash })), None, "nothing can be said of it any more");
    // Nor is it said that it holds: whoever forges a whole chain would only have to begin it late enough.
    assert!(store.verify_events(Some(&Head { id: old.id, hash: old.hash })).unwrap().outlived);
    assert!(!chain.outlived && !store.verify_events(None).unwrap().outlived);
    let anchor = Head { hash: head.hash, ..chain.anchor };
    assert_eq!(broken(&store, Some(&anchor)).map(|broken| broken.kind), Some(BreakKind::Forgotten));
    // The first that is left is bound to the last that is gone.
    place.bare().execute_batch("UPDATE event_chain SET anchor_hash = zeroblob(32)").unwrap();
    assert_eq!(broken(&store, None), Some(Break { id: 14, kind: BreakKind::Changed }));
    // Everything goes, and the chain goes on.
    let place = Place::new();
    let mut store = filled(&place, 20);
    store.prune(&Retention::before(at(1000)), at(900_000_000)).unwrap();
    assert_eq!(broken(&store, None), None);
    store.record(&Step { events: vec![event("X", json!(1))], ..Step::new(at(2000), None) }).unwrap();
    let chain = store.verify_events(None).unwrap();
    assert_eq!((chain.anchor.id, chain.events, chain.head.id, chain.broken), (25, 1, 26, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_change_of_one_row_is_found(row in 1i64..=25, column in 0usize..6, how in 0usize..4, noise in any::<u32>()) {
        let place = Place::new();
        let store = filled(&place, 20);
        let bare = place.bare();
        let name = ["id", "type", "cycle_id", "payload", "created_at", "hash"][column];
        let value = match (name, how) {
            ("hash", _) => format!("randomblob(32 + {} % 2)", how),
            (_, 0) => format!("coalesce({name}, 0) + {}", noise % 1000 + 1),
            (_, 1) => format!("{name} || '{}'", noise % 10),
            (_, 2) => format!("'X{noise}'"),
            _ => format!("(SELECT {name} FROM omega_events o WHERE o.id = {})", 1 + noise % 25),
        };
        let sql = format!("UPDATE OR IGNORE omega_events SET {name} = {value} WHERE id = {row} AND {name} IS NOT {value}");
        // A text in a column of numbers is refused by the table itself, and some values are what was there.
        match bare.execute(&sql, []) {
            Ok(1) => prop_assert!(broken(&store, None).is_some(), "{}", sql),
            _ => prop_assert_eq!(broken(&store, None), None),
        }
    }

    #[test]
    fn any_deletion_insertion_and_exchange_is_found(one in 1i64..=25, two in 1i64..=25, what in 0usize..3) {
        let place = Place::new();
        let store = filled(&place, 20);
        let columns = "type, cycle_id, payload, created_at, hash";
        let sql = match what {
            0 => format!("DELETE FROM omega_events WHERE id = {one}"),
            1 => format!("UPDATE omega_events SET id = id + 1000 WHERE id >= {one}; UPDATE omega_events SET id = id - 999 WHERE id > 1000;
                INSERT INTO omega_events (id, {columns}) SELECT {one}, {columns} FROM omega_events WHERE id = {two} + ({two} >= {one})"),
            _ if one == two => return Ok(()),
            _ => format!("UPDATE omega_events SET id = -1 WHERE id = {one}; UPDATE omega_events SET id = {one} WHERE id = {two};
                UPDATE omega_events SET id = {two} WHERE id = -1"),
        };
        place.bare().execute_batch(&sql).unwrap();
        prop_assert!(broken(&store, None).is_some(), "{}", sql);
    }
}
