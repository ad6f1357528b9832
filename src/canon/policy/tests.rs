use serde_json::Value;

use super::{check, economy, oxyspine};
use crate::canon::planted;
use crate::canon::{Document, front};

const OXYSPINE: &str = include_str!("../../../canon/OXYSPINE_TRINITY.md");
const ECONOMY: &str = include_str!("../../../canon/ECONOMY_MODEL.md");

#[track_caller]
fn broken(text: &str, from: &str, to: &str, why: &str) {
    assert!(text.contains(from), "{from}");
    let bytes = text.replacen(from, to, 1).into_bytes();
    let said = if text == OXYSPINE { oxyspine(&bytes).map(drop) } else { economy(&bytes).map(drop) };
    let said = said.expect_err(&format!("{to} must be refused")).to_string();
    assert!(said.contains(why), "{to}: {said}");
}

#[test]
fn services_that_make_no_sense_are_refused() {
    let brain = "needs: [Gateway]\n      heal: [pm2, restart, omega-brain]";
    let url = "url: http://localhost:8080/health";
    for (from, to, why) in [
        ("name: Brain", "name: Gateway", "the service Gateway appears twice"),
        ("name: Brain", "name: Br ain", "needs a name of letters"),
        (brain, "needs: [Door]", "Brain needs `Door`, which is not a service"),
        (brain, "needs: [Gateway, Gateway]", "needs Gateway twice"),
        (brain, "needs: [Brain]", "brings Brain back before Brain"),
        (brain, "needs: [HUD]", "brings Brain back before HUD"),
        ("[Gateway, Bridge, Brain, HUD]", "[Gateway, Bridge, Brain]", "leaves out HUD"),
        ("[Gateway, Bridge, Brain, HUD]", "[Gateway, Bridge, Brain, HUD, HUD]", "names HUD twice"),
        ("[Gateway, Bridge, Brain, HUD]", "[Gateway, Bridge, Brain, HUD, Door]", "`Door`, which is not a service"),
        ("[Gateway, Bridge, Brain, HUD]", "[Brain, Gateway, Bridge, HUD]", "brings Brain back before Gateway"),
        (url, "tcp: localhost", "not `host:port`"),
        (url, "tcp: localhost:0", "not `host:port`"),
        (url, "url: http://a\n      tcp: b:1", "exactly one of"),
        (url, "expect: {status: [200]}", "exactly one of"),
        (url, "url: ftp://localhost", "neither http nor https"),
        (url, "url: http://me:secret@localhost/", "holds a name or password"),
        (url, "url: http:///health", "names no host"),
        (url, "command: []", "is empty"),
        (url, "command: [./probe]", "neither an absolute path nor a bare"),
        (url, "command: [/opt/../probe]", "neither an absolute path nor a bare"),
        (url, "tcp: a:1\n      expect: {status: [200]}", "has no url"),
        (url, "url: http://a\n      expect: {status: [99]}", "between 200 and 599"),
        (url, "url: http://a\n      expect: {tls_days: 9}", "the url is not https"),
        (url, "url: http://a\n      expect: {json: [{at: a..b, is: ok}]}", "without a place"),
        (url, "url: http://a\n      expect: {json: [{at: a, is: [ok]}]}", "not a text, an integer"),
        ("[pm2, restart, omega-brain]", "[\"-x\"]", "neither an absolute path nor a bare"),
        ("[pm2, restart, omega-brain]", "[\"a b\"]", "neither an absolute path nor a bare"),
        ("[pm2, restart, omega-brain]", "[pm2]\n      heal_timeout_s: 0", "between 1 and 3600"),
    ] {
        broken(OXYSPINE, from, to, why);
    }
}

#[test]
fn a_watch_that_makes_no_sense_is_refused() {
    for (from, to, why) in [
        ("period_s: 30", "period_s: 0", "period_s is 0"),
        ("deadline_s: 5", "deadline_s: 31", "deadline_s is greater than period_s"),
        ("failures: 3", "failures: 0", "failures is 0"),
        ("most_a_day: 6", "most_a_day: 2", "restarts.most is greater than restarts.most_a_day"),
        ("backoff_most_s: 300", "backoff_most_s: 5", "restarts.backoff_s is greater"),
        ("more_than: 1/2", "more_than: 2/4", "not a fraction"),
        ("heal_on: [refused,", "heal_on: [dns,", "`dns` is none of"),
        ("heal_on: [refused,", "heal_on: [exit, refused,", "twice"),
        ("    channels:", "    maintenance: [{from: \"24:00\", minutes: 5}]\n    channels:", "needs a time"),
        ("    channels:", "    maintenance: [{from: \"2:00\", minutes: 5}]\n    channels:", "needs a time"),
        ("    channels:", "    maintenance: [{services: [Door], from: \"02:00\", minutes: 5}]\n    channels:", "is of no service"),
        ("    channels:", "    deployed: [{file: AGENTS.md, is: AGENTS.md}]\n    channels:", "not an absolute path"),
        ("    channels:", "    deployed: [{file: /srv/x, is: ../x}]\n    channels:", "cannot be a governed path"),
        ("name: journal", "name: chief", "the channel chief appears twice"),
        ("        file: alerts.log\n", "", "needs a command, a file or neither"),
        ("file: alerts.log", "file: ../alerts.log", "neither an absolute path nor a plain name"),
        ("kind: telegram", "kind: telegram\n        command: [mail]", "needs a command, a file or neither"),
        ("[/usr/local/bin, ", "[bin, ", "is not absolute"),
        ("environment: [HOME]", "environment: [LD_PRELOAD]", "may not see"),
        ("environment: [HOME]", "environment: [OMEGA_TELEGRAM_TOKEN]", "may not see"),
        ("environment: [HOME]", "environment: [AWS_SECRET]", "may not see"),
    ] {
        broken(OXYSPINE, from, to, why);
    }
}

#[test]
fn an_economy_that_makes_no_sense_is_refused() {
    for (from, to, why) in [
        ("transferable: false", "transferable: true", "cannot be transferable"),
        ("event: ANOMALY\n      tenths", "event: CLEAN_CYCLE\n      tenths", "two amounts"),
        ("event: RESTART", "event: ANOMALY", "two budgets"),
        ("event: RESTART", "event: restart", "is not an event"),
    ] {
        broken(ECONOMY, from, to, why);
    }
}

#[test]
fn what_was_written_before_there_was_a_watch_stays_valid() {
    let (head, rest) = OXYSPINE.split_once("  watch:\n").expect("it has a watch");
    let rest = rest.split_once("  legacy_names:").expect("it has legacy names").1;
    let policy = oxyspine(format!("{head}  legacy_names:{rest}").as_bytes()).expect("valid");
    assert_eq!(policy.watch, None);
}

/// Every map in a value, by the pointer to it.
fn maps(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.to_owned());
            fields.iter().for_each(|(name, field)| maps(field, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(number, item)| maps(item, &format!("{at}/{number}"), found)),
        _ => {}
    }
}

#[test]
fn a_list_never_stands_for_a_map_in_any_policy() {
    let mut tried = 0;
    let (id, chief) = ("2026-02-26-add".parse().expect("valid"), "ry".parse().expect("valid"));
    let who = ["AGENTS.md".to_owned()];
    for (name, bytes) in planted::documents(&planted::Planting::whole(&id, &chief, &who)) {
        let (document, body) = Document::parse(&bytes).expect("planted");
        let policy = Value::Object(document.policy.clone());
        let with = |policy: Value| {
            let Value::Object(policy) = policy else { unreachable!("a policy is a map") };
            check(&name, front::render(&Document { policy, ..document.clone() }, body).as_bytes())
        };
        with(policy.clone()).expect("as it is planted");
        let mut places = Vec::new();
        maps(&policy, "", &mut places);
        for place in places.iter().filter(|place| !place.is_empty()) {
            let mut changed = policy.clone();
            let field = changed.pointer_mut(place).expect("it is there");
            let values: Vec<Value> = field.as_object().expect("a map").values().cloned().collect();
            *field = Value::Array(values.clone());
            with(changed.clone()).expect_err(&format!("{name}{place} as a list"));
            let pairs = policy.pointer(place).and_then(Value::as_object).expect("a map");
            let pairs = pairs.iter().map(|(name, value)| serde_json::json!([name, value])).collect();
            *changed.pointer_mut(place).expect("it is there") = Value::Array(pairs);
            with(changed).expect_err(&format!("{name}{place} as pairs"));
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
}
