//! Giving up what is old, and nothing else.

use super::*;

fn count(store: &Store, table: &str) -> i64 {
    store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn what_still_matters_is_kept_however_old() {
    let place = Place::new();
    let mut store = place.open();
    for n in 0..10 {
        cycle(&mut store, n * 30, Health::Healthy, vec![sight("Brain", Grade::Healthy, Some(1))]);
    }
    let mut step = Step::new(at(0), None);
    step.alerts = (0..3).map(|n| alert(&format!("a{n}"), &format!("i{n}"), AlertKind::Firing)).collect();
    step.restarts = (1..=3)
        .map(|n| NewRestart { service: "Brain".to_owned(), attempt: n, cause: "refused".to_owned(), argv: vec!["/bin/true".to_owned()] })
        .collect();
    store.record(&step).unwrap();
    for (alert, channel) in [(1, "file"), (1, "telegram"), (3, "file"), (3, "telegram")] {
        let (channel, detail) = (channel.to_owned(), None);
        store.delivered(&[Delivery { alert, channel, at: at(1), attempt: Attempt::Sent, next_at: at(1), detail, took_ms: 0 }]).unwrap();
    }
    for id in ["i0", "i1"] {
        store.acknowledge(id, "ry", at(1)).unwrap();
    }
    let end = RestartEnd { end: Some(HealEnd::TimedOut), took_ms: Some(9), tail: "t".to_owned() };
    store.record(&Step { ended: vec![(1, end.clone()), (3, end)], ..Step::new(at(2), None) }).unwrap();

    let only_cycles = Retention { cycles: at(90), ..Retention::before(at(0)) };
    let pruned = store.prune(&only_cycles, at(900_000_000)).unwrap();
    assert_eq!(pruned, Pruned { cycles: 3, ..Pruned::default() });
    assert_eq!((count(&store, "sovereign_cycles"), count(&store, "service_states")), (7, 7));
    let pruned = store.prune(&Retention { hours: at(0), ..Retention::before(at(9999)) }, at(900_000_000)).unwrap();
    assert_eq!((pruned.cycles, pruned.alerts, pruned.restarts, pruned.hours), (7, 3, 1, 0));
    assert_eq!(store.backlog().unwrap(), 0, "what waited for so long is given up");
    assert_eq!(store.acknowledged().unwrap(), []);
    assert_eq!(store.open_restarts().unwrap()[0].id, 2);
    assert_eq!(store.service_history(Span::Day, at(0), at(9999)).unwrap()[0].healthy, 10, "sums stay");
    let pruned = store.prune(&Retention { hours: at(3700), ..Retention::before(at(0)) }, at(900_000_000)).unwrap();
    assert_eq!(pruned, Pruned { hours: 2, ..Pruned::default() });
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_clock_that_was_set_back_takes_nothing_young() {
    let place = Place::new();
    let mut store = place.open();
    for from in [5000, 5030, 100, 130, 6000] {
        cycle(&mut store, from, Health::Healthy, vec![]);
    }
    // The young ones lie first: the old ones behind them wait for them.
    assert_eq!(store.prune(&Retention::before(at(1000)), at(900_000_000)).unwrap().cycles, 0);
    assert_eq!(store.prune(&Retention::before(at(5500)), at(900_000_000)).unwrap().cycles, 4);
}

#[test]
fn a_clock_that_ran_ahead_for_a_while_keeps_nothing_for_ever() {
    let place = Place::new();
    let mut store = place.open();
    for from in [0, 30, 500_000_000, 60, 90] {
        cycle(&mut store, from, Health::Healthy, vec![]);
    }
    assert_eq!(store.prune(&Retention::before(at(80)), at(120)).unwrap().cycles, 4);
}
