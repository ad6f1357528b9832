//! What a kill or a lost disk write leaves behind is a store, with whole steps in it and nothing else.

use std::fs;

use super::*;

fn whole_step(n: i64) -> Step {
    let mut step = Step::new(at(n), None);
    step.state = Some(Document { version: 1, json: format!("{{\"n\":{n}}}") });
    step.events = vec![event("HEALTH_CHANGE", n.into()), event("HEALTH_CHANGE", n.into())];
    step.alerts = vec![alert(&format!("a{n}"), "brain", AlertKind::Notice)];
    step.restarts =
        vec![NewRestart { service: "Brain".to_owned(), attempt: 1, cause: "refused".to_owned(), argv: vec!["/bin/true".to_owned()] }];
    step.credits = vec![Credit {
        direction: Direction::Award,
        event: "CLEAN_CYCLE".to_owned(),
        account: "system".to_owned(),
        tenths: 100,
        daily_cap: None,
    }];
    step
}

/// How many whole steps a store holds.
#[track_caller]
fn steps(store: &Store) -> usize {
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    assert_eq!(store.check_credits().unwrap(), Vec::<String>::new());
    let chain = store.verify_events(None).unwrap();
    assert_eq!(chain.broken, None);
    let count = store.last_alerts(1000).unwrap().len();
    assert_eq!(chain.events, 2 * count as u64);
    assert_eq!(store.backlog().unwrap(), 2 * count as u64);
    assert_eq!(store.open_restarts().unwrap().len(), count);
    let tenths = store.balances().unwrap().iter().find(|balance| balance.account == "system").map_or(0, |balance| balance.tenths);
    assert_eq!(tenths, 100 * i64::try_from(count).unwrap());
    let state = store.state().unwrap().map(|saved| saved.document.json);
    assert_eq!(state, count.checked_sub(1).map(|last| format!("{{\"n\":{last}}}")));
    count
}

#[test]
fn a_log_that_is_cut_anywhere_holds_whole_steps() {
    let place = Place::new();
    let mut store = place.open();
    store.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    const STEPS: usize = 6;
    for n in 0..STEPS {
        store.record(&whole_step(i64::try_from(n).unwrap())).unwrap();
    }
    let beside = |name: &str| place.dir.path().join(name);
    let (main, log) = (fs::read(beside("watch.db")).unwrap(), fs::read(beside("watch.db-wal")).unwrap());
    let mut last = 0;
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=log.len()).step_by(1500).chain([log.len()]) {
        let copy = Place::new();
        fs::write(copy.path(), &main).unwrap();
        fs::write(copy.dir.path().join("watch.db-wal"), &log[..cut]).unwrap();
        let mut store = copy.open();
        let count = steps(&store);
        assert!(count >= last, "{cut}");
        (last, _) = (count, seen.insert(count));
        // And it goes on from there.
        store.record(&whole_step(i64::try_from(count).unwrap())).unwrap();
        steps(&store);
    }
    assert_eq!(last, STEPS, "what was committed is there");
    assert_eq!(seen.len(), STEPS + 1, "{seen:?}");
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_remembered() {
    let place = Place::new();
    let mut store = place.open();
    for n in 0..8 {
        store.record(&whole_step(n)).unwrap();
        // What the disk holds now is what a kill would leave.
        let copy = Place::new();
        for name in ["watch.db", "watch.db-wal"] {
            fs::copy(place.dir.path().join(name), copy.dir.path().join(name)).unwrap();
        }
        assert_eq!(steps(&copy.open()), usize::try_from(n).unwrap() + 1);
    }
}
