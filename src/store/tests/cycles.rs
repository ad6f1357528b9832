//! Cycles, restarts and the state of the loop.

use super::*;

fn count(store: &Store, table: &str) -> i64 {
    store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// A cycle in which everything happens.
fn eventful(store: &mut Store) -> Cycle {
    let id = store.begin_cycle(&Start { at: at(0), boot: Some("b".to_owned()) }).unwrap();
    let mut step = Step::new(at(7), None);
    step.state = Some(Document { version: 1, json: r#"{"a":1}"#.to_owned() });
    step.events = vec![event("HEALTH_CHANGE", serde_json::json!({ "service": "Brain" }))];
    step.alerts = vec![alert("brain/1", "brain", AlertKind::Firing)];
    step.credits = vec![Credit {
        direction: Direction::Penalty,
        event: "ANOMALY".to_owned(),
        account: "system".to_owned(),
        tenths: 5,
        daily_cap: None,
    }];
    Cycle {
        id,
        step,
        took_ms: 6500,
        health: CycleEnd::Counted(Health::Critical),
        clean: false,
        anomalies: 1,
        before: vec![sight("Gateway", Grade::Healthy, Some(12)), sight("Brain", Grade::Down, None)],
        after: vec![sight("Brain", Grade::Down, Some(3))],
    }
}

#[test]
fn a_cycle_is_remembered_as_it_was() {
    let place = Place::new();
    let mut store = place.open();
    let cycle = eventful(&mut store);
    let recorded = store.commit_cycle(&cycle).unwrap();
    assert_eq!(recorded, Recorded { events: vec![1], alerts: vec![1], restarts: vec![], credits: vec![5], withdrawn: 0 });
    drop(store);
    let store = Store::read(&place.path()).unwrap();
    let row = CycleRow {
        id: cycle.id,
        started_at: at(0),
        boot: Some("b".to_owned()),
        ended_at: Some(at(7)),
        took_ms: Some(6500),
        health: Some(CycleEnd::Counted(Health::Critical)),
        clean: false,
        anomalies: 1,
    };
    assert_eq!(store.last_cycles(9).unwrap(), [row]);
    let sights: Vec<_> = store.sights(cycle.id).unwrap().into_iter().map(|row| (row.healed, row.sight)).collect();
    let expected: Vec<_> = cycle.before.iter().map(|s| (false, s.clone())).chain(cycle.after.iter().map(|s| (true, s.clone()))).collect();
    assert_eq!(sights, expected);
    assert_eq!(store.state().unwrap(), Some(Saved { document: cycle.step.state.unwrap(), at: at(7) }));
    assert_eq!(store.last_events(9).unwrap()[0].cycle, Some(cycle.id));
}

#[test]
fn a_cycle_with_one_fault_leaves_nothing() {
    let place = Place::new();
    let mut store = place.open();
    let good = eventful(&mut store);
    let faults: [&dyn Fn(&mut Cycle); 9] = [
        &|cycle| cycle.after.push(cycle.after[0].clone()),
        &|cycle| (cycle.clean, cycle.health) = (true, CycleEnd::Discarded),
        &|cycle| cycle.id += 1,
        &|cycle| cycle.step.events[0] = event("not a kind", serde_json::json!({})),
        &|cycle| cycle.step.events.push(event("BIG", "x".repeat(70_000).into())),
        &|cycle| cycle.step.state = Some(Document { version: 1, json: "{".to_owned() }),
        &|cycle| cycle.step.credits[0].account = MINT.to_owned(),
        &|cycle| cycle.step.alerts[0].text = String::new(),
        &|cycle| cycle.before[0].service = String::new(),
    ];
    for (n, fault) in faults.iter().enumerate() {
        let mut bad = good.clone();
        fault(&mut bad);
        let error = store.commit_cycle(&bad).unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{n}: {error}");
        for table in ["service_states", "cycle_hours", "omega_events", "alerts", "outbox", "transfers", "loop_state", "services"] {
            assert_eq!(count(&store, table), 0, "{n}: {table}");
        }
        assert_eq!(store.last_cycles(1).unwrap()[0].ended_at, None);
        assert_eq!(store.event_head().unwrap().id, 0);
    }
    store.commit_cycle(&good).unwrap();
    assert!(matches!(store.commit_cycle(&good).unwrap_err(), StoreError::Refused { .. }), "it is closed once");
}

#[test]
fn numbers_are_never_used_again() {
    let place = Place::new();
    let mut store = place.open();
    let interrupted = store.begin_cycle(&Start { at: at(0), boot: None }).unwrap();
    let last = cycle(&mut store, 30, Health::Healthy, vec![]);
    assert!(interrupted < last);
    while store.prune(&Retention::before(at(1000)), at(900_000_000)).unwrap().more {}
    assert_eq!(store.last_cycles(9).unwrap(), []);
    drop(store);
    assert_eq!(cycle(&mut place.open(), 60, Health::Healthy, vec![]), last + 1);
}

#[test]
fn what_has_happened_is_not_changed() {
    let place = Place::new();
    let mut store = place.open();
    let whole = eventful(&mut store);
    store.commit_cycle(&whole).unwrap();
    let mut step = Step::new(at(8), Some(whole.id));
    step.restarts =
        vec![NewRestart { service: "Brain".to_owned(), attempt: 1, cause: "refused".to_owned(), argv: vec!["/bin/true".to_owned()] }];
    let restart = store.record(&step).unwrap().restarts[0];
    let mut step = Step::new(at(9), Some(whole.id));
    step.ended = vec![(restart, RestartEnd { end: Some(HealEnd::Exited(0)), took_ms: Some(3), tail: String::new() })];
    store.record(&step).unwrap();
    let sent =
        Delivery { alert: 1, channel: "file".to_owned(), at: at(9), attempt: Attempt::Sent, next_at: at(9), detail: None, took_ms: 1 };
    store.delivered(std::slice::from_ref(&sent)).unwrap();
    for (table, column) in [
        ("sovereign_cycles", "health = 'healthy'"),
        ("service_states", "grade = 'healthy'"),
        ("omega_events", "payload = '{}'"),
        ("restarts", "attempt = 9"),
        ("restart_ends", "code = 9"),
        ("alerts", "text = 'x'"),
        ("deliveries", "result = 'again'"),
        ("transfers", "tenths = 1"),
        ("transfer_days", "tenths = 1"),
        ("kept_from", "id = -1"),
    ] {
        assert!(count(&store, table) > 0, "{table}");
        assert!(store.db.execute(&format!("UPDATE {table} SET {column}"), []).is_err(), "{table} was changed");
        assert!(store.db.execute(&format!("DELETE FROM {table}"), []).is_err(), "{table} was emptied");
        let columns: String =
            store.db.query_row("SELECT group_concat(name) FROM pragma_table_info(?1)", [table], |row| row.get(0)).unwrap();
        let replaced = store.db.execute(&format!("REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"), []);
        assert!(replaced.is_err(), "{table} was replaced");
    }
}

#[test]
fn a_restart_counts_from_its_intent_on() {
    let place = Place::new();
    let mut store = place.open();
    let restart = |service: &str, attempt| NewRestart {
        service: service.to_owned(),
        attempt,
        cause: "timeout".to_owned(),
        argv: vec!["/usr/bin/pm2".to_owned(), "restart".to_owned(), "a \"b\"".to_owned()],
    };
    let mut step = Step::new(at(0), None);
    step.restarts = vec![restart("Brain", 1), restart("HUD", 1)];
    let ids = store.record(&step).unwrap().restarts;
    // As after a kill: another process opens the store and finds them.
    drop(store);
    let mut store = place.open();
    let open = store.open_restarts().unwrap();
    assert_eq!(open.iter().map(|restart| restart.id).collect::<Vec<_>>(), ids);
    assert_eq!((&*open[0].service, open[0].argv[2].as_str(), &open[0].end), ("Brain", "a \"b\"", &None));
    assert_eq!(store.restarts_since("Brain", at(0)).unwrap(), 1);
    assert_eq!(store.restarts_since("Brain", at(1)).unwrap(), 0);
    assert_eq!(store.restarts_since("Nobody", at(0)).unwrap(), 0);
    let lost = RestartEnd { end: None, took_ms: None, tail: String::new() };
    let mut step = Step::new(at(60), None);
    step.ended = vec![(ids[0], lost.clone())];
    store.record(&step).unwrap();
    assert!(matches!(store.record(&step).unwrap_err(), StoreError::Refused { .. }), "it ends once");
    step.ended = vec![(99, lost.clone())];
    assert!(matches!(store.record(&step).unwrap_err(), StoreError::Refused { .. }), "it was never intended");
    assert_eq!(store.open_restarts().unwrap().len(), 1);
    assert_eq!(store.last_restarts(9).unwrap()[1].end, Some((at(60), lost)));
}

#[test]
fn history_adds_up_by_hour_and_day() {
    let place = Place::new();
    let mut store = place.open();
    for (from, grade, latency, health) in [
        (0, Grade::Healthy, Some(10), CycleEnd::Counted(Health::Healthy)),
        (3599, Grade::Down, None, CycleEnd::Counted(Health::Critical)),
        (3600, Grade::Degraded, Some(30), CycleEnd::Counted(Health::Degraded)),
        (86_399, Grade::Unknown, None, CycleEnd::Counted(Health::Blind)),
        (86_400, Grade::Healthy, Some(5), CycleEnd::Counted(Health::Healthy)),
        (90_000, Grade::Healthy, Some(5), CycleEnd::Discarded),
    ] {
        cycle(&mut store, from, health, vec![sight("Brain", grade, latency)]);
    }
    let hours = store.service_history(Span::Hour, at(0), at(86_400)).unwrap();
    let brief = |span: &ServiceSpan| (span.from, span.healthy, span.degraded, span.down, span.unknown, span.latency_mean_ms);
    assert_eq!(
        hours.iter().map(brief).collect::<Vec<_>>(),
        [(at(0), 1, 0, 1, 0, Some(10)), (at(3600), 0, 1, 0, 0, Some(30)), (at(82_800), 0, 0, 0, 1, None)]
    );
    let days = store.service_history(Span::Day, at(5), at(200_000)).unwrap();
    assert_eq!(days.iter().map(brief).collect::<Vec<_>>(), [(at(0), 1, 1, 1, 1, Some(20)), (at(86_400), 1, 0, 0, 0, Some(5))]);
    assert_eq!(days[0].latency_max_ms, Some(30));
    let cycles = store.cycle_history(Span::Day, at(0), at(86_400)).unwrap();
    let first = CycleSpan { from: at(0), cycles: 4, clean: 1, healthy: 1, degraded: 1, critical: 1, unknown: 1, anomalies: 0 };
    assert_eq!(cycles, [first]);
}
