//! How large and how quick the store is after 90 days. It takes minutes:
//! `cargo test --locked --lib ninety_days -- --ignored --nocapture`

use std::time::{Duration, Instant};

use super::*;

const DAY: i64 = 86_400;

#[test]
#[ignore = "it takes minutes"]
#[allow(clippy::disallowed_macros, reason = "it says what it measured")]
fn ninety_days_of_twenty_services_are_small_and_quick() {
    let place = Place::new();
    let mut store = place.open();
    let names: Vec<String> = (0..20).map(|n| format!("Service{n}")).collect();
    let mut seed = 7u64;
    let mut random = move |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let started = Instant::now();
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    for day in 0..90 {
        for n in 0..2880 {
            let now = day * DAY + n * 30;
            let before: Vec<Sight> = names
                .iter()
                .map(|name| {
                    let grade = if random(2000) == 0 { Grade::Down } else { Grade::Healthy };
                    sight(name, grade, Some(5 + random(300)))
                })
                .collect();
            let ill: Vec<&Sight> = before.iter().filter(|sight| sight.grade == Grade::Down).collect();
            let mut step = Step::new(at(now + 2), None);
            step.state =
                Some(Document { version: 1, json: format!("{{\"services\":[{}]}}", vec!["{\"state\":\"up\",\"since\":1}"; 20].join(",")) });
            for sight in &ill {
                step.events.push(event("HEALTH_CHANGE", serde_json::json!({ "service": sight.service, "from": "up", "to": "suspect" })));
            }
            if n % 60 == 0 && !ill.is_empty() {
                step.alerts.push(alert(&format!("{now}"), &format!("i{now}"), AlertKind::Firing));
            }
            let clean = ill.is_empty();
            step.credits.push(Credit {
                direction: if clean { Direction::Award } else { Direction::Penalty },
                event: if clean { "CLEAN_CYCLE" } else { "ANOMALY" }.to_owned(),
                account: "system".to_owned(),
                tenths: if clean { 100 } else { 5 },
                daily_cap: Some(288_000),
            });
            let health = CycleEnd::Counted(if clean { Health::Healthy } else { Health::Degraded });
            let id = store.begin_cycle(&Start { at: at(now), boot: Some("0b7d2f63-91b1-4a1c-9d52-3fdb2b0e8a11".to_owned()) }).unwrap();
            let cycle = Cycle { id, step, took_ms: 900, health, clean, anomalies: 0, before, after: Vec::new() };
            let begun = Instant::now();
            store.commit_cycle(&cycle).unwrap();
            slowest = slowest.max(begun.elapsed());
            for due in store.due(at(now + 2), 9).unwrap() {
                let (alert, channel, detail) = (due.alert.id, due.channel, None);
                let now = at(now + 3);
                store
                    .delivered(&[Delivery { alert, channel, at: now, attempt: Attempt::Sent, next_at: now, detail, took_ms: 80 }])
                    .unwrap();
            }
        }
        let week = at((day - 6) * DAY);
        let retention = Retention { cycles: week, transfers: week, ..Retention::before(at((day - 89) * DAY)) };
        while store.prune(&retention, at(900_000_000)).unwrap().more {}
        largest = largest.max(size(&place));
    }
    let wrote = started.elapsed();
    let end = 90 * DAY;
    let undelivered =
        Step { alerts: (0..50).map(|n| alert(&format!("late{n}"), "late", AlertKind::Reminder)).collect(), ..Step::new(at(end), None) };
    store.record(&undelivered).unwrap();
    drop(store);
    // As a command would find it: opened anew.
    let store = Store::read(&place.path()).unwrap();
    let head = store.event_head().unwrap();
    let reads: [(&str, &dyn Fn() -> usize); 9] = [
        ("status: state, last cycle and its sights, restarts, holder", &|| {
            let cycle = store.last_cycles(10).unwrap()[0].id;
            store.state().unwrap();
            store.open_restarts().unwrap();
            store.holder().unwrap();
            store.sights(cycle).unwrap().len()
        }),
        ("history by the hour, one day, all services", &|| store.service_history(Span::Hour, at(end - DAY), at(end)).unwrap().len()),
        ("history by the day, 90 days, all services", &|| store.service_history(Span::Day, at(0), at(end)).unwrap().len()),
        ("cycles by the day, 90 days", &|| store.cycle_history(Span::Day, at(0), at(end)).unwrap().len()),
        ("events after a number, 1000", &|| store.events_after(head.id - 1000, None, 1000).unwrap().len()),
        ("events of a kind, 1000", &|| store.events_after(0, Some("HEALTH_CHANGE"), 1000).unwrap().len()),
        ("balances", &|| store.balances().unwrap().len()),
        ("undelivered", &|| store.undelivered(100).unwrap().len()),
        ("last alerts, 100", &|| store.last_alerts(100).unwrap().len()),
    ];
    println!("writing 90 days: {wrote:.1?}; slowest cycle {slowest:.1?}");
    println!("file: {:.1} MB at the end, {:.1} MB at most with its log", megabytes(size(&place)), megabytes(largest));
    let mut worst = Duration::ZERO;
    for (what, read) in reads {
        let begun = Instant::now();
        let rows = read();
        let took = begun.elapsed();
        println!("{what}: {rows} rows in {took:.1?}");
        assert!(rows > 0, "{what}");
        worst = worst.max(took);
    }
    let begun = Instant::now();
    let chain = store.verify_events(Some(&head)).unwrap();
    println!("chain: {} events in {:.1?}", chain.events, begun.elapsed());
    assert_eq!(chain.broken, None);
    assert!(worst < Duration::from_millis(20), "{worst:?}");
    assert!(largest < 50 << 20, "{largest}");
}

fn size(place: &Place) -> u64 {
    std::fs::read_dir(place.dir.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[allow(clippy::cast_precision_loss, reason = "it is shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
