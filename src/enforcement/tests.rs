use super::*;
use crate::canon::planted::{self, Planting, Profile};

fn planted_documents() -> Vec<(DocumentName, Vec<u8>)> {
    planted_with(Profile::Omega, &[], "refs/heads/main")
}

fn planted_with(profile: Profile, who: &[&str], branch: &str) -> Vec<(DocumentName, Vec<u8>)> {
    let who: Vec<String> = who.iter().map(|glob| (*glob).to_owned()).collect();
    let (id, chief) = ("2026-02-26-add".parse().expect("valid"), "ry".parse().expect("valid"));
    planted::documents(&Planting { profile, branch, ..Planting::whole(&id, &chief, &who) })
}

#[test]
fn what_is_planted_keeps_its_cases() {
    let all = Profile::ALL.map(|profile| {
        let globs = ["AGENTS.md", "prompts/**"];
        let planted = |who: &[&str], branch| planted_with(profile, who, branch);
        [planted(&[], "refs/heads/main"), planted(&globs, "refs/heads/trunk"), planted(&["**"], "refs/heads/1.0")].concat()
    });
    for (name, bytes) in all.concat() {
        let outcomes = run(&name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}")).expect("obeyed");
        assert!(outcomes.len() >= 5, "{name} has {} cases", outcomes.len());
        for outcome in outcomes {
            assert!(outcome.holds, "{name}:{} {}: got {:?} {:?}", outcome.line, outcome.case, outcome.got, outcome.error);
        }
    }
}

#[test]
fn every_rule_that_is_planted_has_a_case() {
    let mut free = Vec::new();
    let files = planted_with(Profile::Files, &["AGENTS.md", "prompts/**"], "refs/heads/main");
    for (name, bytes) in [planted_documents(), files].concat() {
        let rules = coverage(&name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(rules.len() >= 5, "{name} has {} rules", rules.len());
        free.extend(rules.into_iter().filter(Rule::is_free).map(|rule| format!("{name}: {}", rule.field)));
    }
    assert!(free.is_empty(), "{free:#?}");
}

#[test]
fn a_rule_that_no_case_depends_on_is_found() {
    let (name, bytes) = planted_documents().swap_remove(6);
    let text = String::from_utf8(bytes).expect("text");
    let free = |text: &str| -> Vec<String> {
        let rules = coverage(&name, text.as_bytes()).expect("valid");
        rules.into_iter().filter(Rule::is_free).map(|rule| rule.field).collect()
    };
    assert_eq!(free(&text), [""; 0]);
    let without = |from: &str, to: &str| {
        let (before, rest) = text.split_once(from).expect("there");
        format!("{before}{}", &rest[rest.find(to).expect("there")..])
    };
    assert_eq!(free(&without("  - case: \"credits are not given away\"", "---\n")), ["transferable"]);
    let without_penalties = without("  - case: \"an anomaly costs half a credit\"", "  - case: \"nothing else");
    let (before, rest) = without_penalties.split_once("  - case: \"penalties are capped, too\"").expect("there");
    let rest = &rest[rest.find("  - case: \"a dozen restarts").expect("there")..];
    assert_eq!(free(&format!("{before}{rest}")), ["penalties[].tenths", "daily_penalty_cap_tenths"]);
}

#[test]
fn a_broken_case_says_what_came_of_it_and_where() {
    let (name, bytes) = planted_documents().swap_remove(6);
    let text = String::from_utf8(bytes).expect("text").replacen("      tenths: 100\n", "      tenths: 90\n", 1);
    let outcomes = run(&name, text.as_bytes()).expect("valid").expect("obeyed");
    let broken: Vec<_> = outcomes.iter().filter(|outcome| !outcome.holds).collect();
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert_eq!(broken[0].got.as_ref().map(|got| got["tenths"].clone()), Some(Value::from(90)));
    let line = text.lines().nth(broken[0].line - 1).expect("a line");
    assert!(line.contains(&broken[0].case), "{line}");
    let shifts = shifts(&name, planted_documents().swap_remove(6).1.as_slice(), text.as_bytes()).expect("valid");
    assert_eq!(shifts.len(), 2, "{shifts:?}");
}

#[test]
fn a_question_that_makes_no_sense_does_not_hold() {
    let (name, bytes) = planted_documents().swap_remove(6);
    let text = String::from_utf8(bytes).expect("text");
    for (from, to) in
        [("ask: transfer", "ask: trade"), ("{ ask: transfer }", "{ ask: transfer, to: ana }"), ("{ ask: transfer }", "{ to: ana }")]
    {
        let outcomes = run(&name, text.replacen(from, to, 1).as_bytes()).expect("valid").expect("obeyed");
        let outcome = outcomes.last().expect("cases");
        assert!(!outcome.holds && outcome.got.is_none() && outcome.error.is_some(), "{outcome:?}");
    }
}
