//! The outbox.

use super::*;

fn told(alert: i64, channel: &str, when: i64, attempt: Attempt, next: i64) -> Delivery {
    let detail = Some("y".repeat(3000));
    Delivery { alert, channel: channel.to_owned(), at: at(when), attempt, next_at: at(next), detail, took_ms: 5 }
}

fn step(when: i64, alerts: Vec<NewAlert>) -> Step {
    Step { alerts, ..Step::new(at(when), None) }
}

fn waiting(store: &Store, when: i64) -> Vec<(i64, String, u32)> {
    store.due(at(when), 99).unwrap().into_iter().map(|due| (due.alert.id, due.channel, due.attempts)).collect()
}

#[test]
fn an_alert_waits_until_each_channel_is_done_with_it() {
    let place = Place::new();
    let mut store = place.open();
    store.record(&step(0, vec![alert("a", "brain", AlertKind::Firing)])).unwrap();
    assert_eq!(waiting(&store, 0), [(1, "file".to_owned(), 0), (1, "telegram".to_owned(), 0)]);
    store.delivered(&[told(1, "file", 1, Attempt::Sent, 1)]).unwrap();
    store.delivered(&[told(1, "telegram", 1, Attempt::Again, 31)]).unwrap();
    assert_eq!(waiting(&store, 30), []);
    drop(store);
    let mut store = place.open();
    assert_eq!(waiting(&store, 31), [(1, "telegram".to_owned(), 1)]);
    assert_eq!(store.backlog().unwrap(), 1);
    assert_eq!(store.undelivered(9).unwrap()[0].next_at, at(31));
    assert!(store.was_told("brain", AlertKind::Firing).unwrap());
    assert!(!store.was_told("brain", AlertKind::Resolved).unwrap());
    store.delivered(&[told(1, "telegram", 31, Attempt::Refused, 0)]).unwrap();
    assert_eq!(store.backlog().unwrap(), 0);
    for channel in ["telegram", "file", "pigeon"] {
        assert!(
            matches!(store.delivered(&[told(1, channel, 40, Attempt::Sent, 40)]).unwrap_err(), StoreError::Refused { .. }),
            "{channel}"
        );
    }
    let log: i64 = store.db.query_row("SELECT count(*) FROM deliveries", [], |row| row.get(0)).unwrap();
    assert_eq!(log, 3);
}

#[test]
fn the_same_alert_is_entered_once() {
    let place = Place::new();
    let mut store = place.open();
    let first = store.record(&step(0, vec![alert("a", "brain", AlertKind::Firing), alert("a", "brain", AlertKind::Firing)])).unwrap();
    assert_eq!(first.alerts, [1, 1]);
    store.delivered(&[told(1, "file", 1, Attempt::Sent, 1)]).unwrap();
    assert_eq!(store.record(&step(9, vec![alert("a", "brain", AlertKind::Firing)])).unwrap().alerts, [1]);
    assert_eq!(store.backlog().unwrap(), 1);
}

#[test]
fn what_is_withdrawn_goes_out_no_more_and_what_went_out_stays() {
    let place = Place::new();
    let mut store = place.open();
    store.record(&step(0, vec![alert("a", "brain", AlertKind::Firing)])).unwrap();
    store.delivered(&[told(1, "file", 1, Attempt::Sent, 1)]).unwrap();
    let mut merged = step(9, vec![alert("b", "brain", AlertKind::Notice)]);
    merged.withdrawn = vec![1];
    assert_eq!(store.record(&merged).unwrap().withdrawn, 1);
    assert_eq!(waiting(&store, 99).iter().map(|due| due.0).collect::<Vec<_>>(), [2, 2]);
    assert!(store.was_told("brain", AlertKind::Firing).unwrap());
    assert!(store.delivered(&[told(1, "telegram", 20, Attempt::Sent, 20)]).is_err());
}

#[test]
fn the_outbox_of_a_channel_that_fails_does_not_hold_up_others() {
    let place = Place::new();
    let mut store = place.open();
    for n in 0..50 {
        store.record(&step(n, vec![alert(&format!("a{n}"), "brain", AlertKind::Reminder)])).unwrap();
    }
    for n in 1..=50 {
        store.delivered(&[told(n, "telegram", 60, Attempt::Again, 10)]).unwrap();
    }
    assert!(waiting(&store, 59).iter().all(|due| due.1 == "file"), "it is never due before it was tried");
    assert_eq!(waiting(&store, 60).len(), 99);
}

#[test]
fn an_incident_is_taken_on_and_again_when_it_got_worse() {
    let place = Place::new();
    let mut store = place.open();
    store.record(&step(0, vec![alert("a", "brain", AlertKind::Firing)])).unwrap();
    assert!(store.acknowledge("brain", "ry", at(5)).unwrap());
    assert_eq!(store.last_alerts(1).unwrap()[0].acknowledged, Some((at(5), "ry".to_owned())));
    // It got worse, and somebody says so again: never earlier than before, nor at the same time.
    assert!(!store.acknowledge("brain", "safa", at(6)).unwrap());
    assert!(!store.acknowledge("brain", "safa", at(1)).unwrap());
    assert_eq!(store.last_alerts(1).unwrap()[0].acknowledged, Some((at(7), "safa".to_owned())));
    assert_eq!(store.alerts_of("brain").unwrap().len(), 1);
    assert_eq!(store.acknowledged().unwrap(), [("brain".to_owned(), at(7))]);
}
