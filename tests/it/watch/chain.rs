//! What `omega events verify` says of a chain, and of an end of it that was noted elsewhere.

use omega::clock::Timestamp;
use omega::store::{Event, NewEvent, Retention, Step, Store};
use serde_json::json;

use crate::world::World;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

#[test]
fn an_end_that_was_noted_holds_is_cut_off_or_is_too_old_to_say() {
    let world = World::empty();
    let file = world.path("watch.db").display().to_string();
    let mut store = Store::open(file.as_ref()).unwrap();
    for second in 0..20 {
        let mut step = Step::new(at(second), None);
        step.events.push(NewEvent::new("CYCLE", &json!({ "second": second })));
        store.record(&step).unwrap();
    }
    let end = |event: &Event| format!("{}:{}", event.id, event.hash);
    let events = store.events_after(0, None, 20).unwrap();
    let verify =
        |head: &str, code: i32| world.omega(&["events", "verify", "--store", &file, "--head", head, "--format", "json"]).exits(code);
    for event in &events {
        assert_eq!(verify(&end(event), 0).json()["report"]["holds"], true);
    }
    let beyond = format!("21:{}", events[19].hash);
    assert_eq!(verify(&beyond, 11).json()["report"]["broken_at"], 21);
    let other = format!("3:{}", events[3].hash);
    assert_eq!(verify(&other, 11).json()["report"]["broken_at"], 3);

    assert_eq!(store.prune(&Retention::before(at(10)), at(100)).unwrap().events, 10);
    assert_eq!(verify(&end(&events[15]), 0).json()["report"]["outlived"], false);
    let old = verify(&end(&events[4]), 13).json();
    assert_eq!(old["report"]["outlived"], true);
    let said = world.omega(&["events", "verify", "--store", &file, "--head", &end(&events[4])]).exits(13);
    assert!(said.out.contains(&format!("omega events verify --head {}", end(&events[19]))), "{}", said.out);
}

#[test]
fn what_is_no_end_of_a_chain_is_said_with_what_prints_one() {
    let world = World::empty();
    let digest = format!("sha256:{}", "0".repeat(64));
    let heads = ["", "42", "42:", "42:sha256:00"].map(str::to_owned);
    let ids = ["", "x", "-1", "99999999999999999999"].map(|id| format!("{id}:{digest}"));
    for head in heads.into_iter().chain(ids) {
        let ran = world.omega(&["events", "verify", "--store", "nowhere", &format!("--head={head}")]).exits(2);
        assert!(ran.err.contains("is not the end of a chain") && ran.err.contains("omega events verify\n"), "{}", ran.err);
    }
}
