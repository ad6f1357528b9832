use super::*;
use crate::canon::planted;

fn planted_documents() -> Vec<(DocumentName, Vec<u8>)> {
    let (id, chief) = ("2026-02-26-add".parse().expect("valid"), "ry".parse().expect("valid"));
    planted::documents(&id, &chief, &[], "refs/heads/main")
}

#[test]
fn what_is_planted_keeps_its_cases() {
    for (name, bytes) in planted_documents() {
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
    for (name, bytes) in planted_documents() {
        let rules = coverage(&name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(rules.len() >= 5, "{name} has {} rules", rules.len());
        free.extend(rules.into_iter().filter(Rule::is_free).map(|rule| format!("{name}: {}", rule.field)));
    }
    assert!(free.is_empty(), "{free:#?}");
}
