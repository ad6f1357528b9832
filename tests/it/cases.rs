//! The documents obey themselves: cases run against the real engines, and hold every rule in place.

use std::collections::BTreeSet;

use omega::canon::{Document, planted};
use omega::enforcement::{self, obeyed};
use serde_json::Value;

use crate::world::World;

const CONSENSUS: &str = "canon/CONSENSUS_ENGINE.md";

#[test]
fn what_is_planted_holds_and_is_covered() {
    let world = World::planted(&["ana"]);
    let ran = world.omega(&["canon", "test"]).exits(0);
    assert!(ran.out.ends_with("in 7 documents: all hold\n"), "{}", ran.out);
    let report = world.omega(&["canon", "test", "--rev", "HEAD", "--format", "json"]).exits(0).json()["report"].clone();
    let documents = report["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 7);
    for document in documents {
        assert!(document["ratified"].as_bool().unwrap() && document["shifts"].as_array().unwrap().is_empty(), "{document:#}");
        for rule in document["rules"].as_array().unwrap() {
            assert!(rule["covered"].as_u64().unwrap() > 0, "{}: {rule}", document["document"]);
        }
    }
    let ran = world.omega(&["canon", "test", "ECONOMY_MODEL"]).exits(0);
    assert!(ran.out.contains("  ok   a clean cycle is worth 10 credits canon/ECONOMY_MODEL.md:"), "{}", ran.out);
    assert!(ran.out.contains("       given { ask: credit, event: CLEAN_CYCLE }\n"), "{}", ran.out);
}

/// A field that nothing obeys would change no case, whatever stands in it: each is found by its own field.
#[test]
fn each_field_of_each_policy_is_obeyed() {
    let mut seen = BTreeSet::new();
    let (id, chief) = ("2026-02-26-x".parse().unwrap(), "ry".parse().unwrap());
    let who = ["AGENTS.md".to_owned()];
    for (name, bytes) in planted::documents(&planted::Planting::whole(&id, &chief, &who)) {
        for rule in enforcement::coverage(&name, &bytes).unwrap() {
            assert!(rule.covered > 0, "{name}: nothing obeys `{}`, or no case depends on it", rule.field);
            seen.insert(format!("{name}.{}", rule.field));
        }
        // What the document leaves out is a field all the same: the schema names it.
        let (document, _) = Document::parse(&bytes).unwrap();
        let schema = (obeyed(&name).unwrap().policy)();
        for field in schema.as_value()["properties"].as_object().unwrap().keys() {
            let is_there = document.policy.contains_key(field);
            assert!(is_there || field == "recovery", "{name} plants no `{field}`, so nothing shows that it is obeyed");
        }
    }
    assert!(seen.len() > 100, "{} fields", seen.len());
}

#[test]
fn the_matrix_of_authority_stands_whole() {
    let world = World::planted(&[]);
    let words = ["refusal", "reflection", "suggestion", "advice"];
    let matrix = [("low", [0, 1, 2, 3]), ("medium", [0, 1, 1, 2]), ("high", [0, 0, 1, 1]), ("critical", [0, 0, 0, 0])];
    let (document, _) = {
        let text = world.read("canon/OXYSPINE_TRINITY.md");
        Document::parse(text.as_bytes()).map(|(document, _)| (document, ())).unwrap()
    };
    for (stakes, levels) in matrix {
        for (consent, level) in ["none", "read_only", "local_actions", "external_actions"].into_iter().zip(levels) {
            let given = serde_json::json!({ "ask": "authority", "stakes": stakes, "consent": consent });
            let case = document.enforcement.iter().find(|case| Value::Object(case.given.clone()) == given);
            let case = case.unwrap_or_else(|| panic!("no case for {given}"));
            assert_eq!(case.expect, serde_json::json!({ "level": level, "word": words[level] }), "{given}");
            let (stakes, consent) = (format!("stakes={stakes}"), format!("consent={consent}"));
            let asked = world.omega(&["canon", "ask", "OXYSPINE_TRINITY", "authority", &stakes, &consent, "--format", "json"]).exits(0);
            assert_eq!(asked.json()["report"]["answer"]["level"], level, "{stakes} {consent}");
        }
    }
}

#[test]
fn critical_stakes_can_be_given_no_authority() {
    let world = World::planted(&["ana"]);
    let text = world.read("canon/OXYSPINE_TRINITY.md");
    let at = text.find("    critical:\n      none: 0\n").unwrap();
    world.write(
        "canon/OXYSPINE_TRINITY.md",
        format!("{}{}", &text[..at], text[at..].replacen("external_actions: 0", "external_actions: 1", 1)),
    );
    let ran = world.by("ana", &["canon", "propose", "--title", "Trust me", "--reason", "Urgent."]).exits(2);
    assert!(ran.err.contains("at critical stakes no consent gives any authority"), "{}", ran.err);
}

#[test]
fn a_proposal_with_a_broken_case_is_denied_and_one_that_changes_its_case_is_shown() {
    let world = World::planted(&["ana"]);
    let before = world.traces();
    world.edit_alone(CONSENSUS, "    high:\n      quorum: 2/3\n", "    high:\n      quorum: 1/2\n");
    let ran = world.omega(&["canon", "test", "CONSENSUS_ENGINE"]).exits(11);
    assert!(
        ran.out.contains("fail three are none under high risk") && ran.out.contains("shift three are none under high risk"),
        "{}",
        ran.out
    );
    let ran = world.by("ana", &["canon", "propose", "--title", "Fewer", "--reason", "Quicker."]).exits(10);
    assert!(
        ran.err
            .contains("the case \"three are none under high risk\" expects {\"quorum\":false,\"needs\":\"QUORUM_UNAVAILABLE\"} and gets")
            && ran.err.ends_with("hint: fix the policy or the case, and see all: omega test CONSENSUS_ENGINE\n"),
        "{}",
        ran.err
    );
    world.edit_alone(
        CONSENSUS,
        "  - case: \"three are none under high risk\"\n    given: { ask: tally, risk: high, voters: [ana, ben, cem, dan, eve], ballots: { ana: approve, ben: approve, cem: approve } }\n    expect: { quorum: false, needs: QUORUM_UNAVAILABLE }\n",
        "  - case: \"three are enough under high risk\"\n    given: { ask: tally, risk: high, voters: [ana, ben, cem, dan, eve], ballots: { ana: approve, ben: approve, cem: approve } }\n    expect: { quorum: true, needs: nothing }\n",
    );
    let ran = world.by("ana", &["canon", "propose", "--title", "Fewer", "--reason", "Quicker.", "--format", "json"]).exits(0);
    let report = ran.json()["report"].clone();
    let shift = &report["shifts"][0]["shifts"][0];
    assert_eq!((shift["before"]["quorum"].as_bool(), shift["after"]["quorum"].as_bool()), (Some(false), Some(true)), "{shift:#}");
    let id = report["resolution"].as_str().unwrap();
    for command in ["show", "diff"] {
        let shown = world.omega(&["canon", command, id]).exits(0).out;
        assert!(shown.contains("shift three are enough under high risk\n"), "{shown}");
        assert!(shown.contains("         was { outcome: approved, quorum: false, needs: QUORUM_UNAVAILABLE }\n"), "{shown}");
    }
    assert_ne!(world.traces(), before);
}

#[test]
fn a_rule_without_a_case_is_denied() {
    let world = World::planted(&["ana"]);
    let text = world.read("canon/ECONOMY_MODEL.md");
    let at = text.find("  - case: \"credits are not given away\"").unwrap();
    let end = at + text[at..].find("    expect: false\n").unwrap() + "    expect: false\n".len();
    world.write("canon/ECONOMY_MODEL.md", format!("{}{}", &text[..at], &text[end..]));
    let ran = world.by("ana", &["canon", "propose", "--title", "Say less", "--reason", "Shorter."]).exits(10);
    assert!(ran.err.contains("`canon/ECONOMY_MODEL.md` has rules without any case: transferable"), "{}", ran.err);
    assert!(world.omega(&["canon", "test"]).exits(11).out.contains("rule transferable: no case depends on it"), "says which");
}

/// The threshold of drift is what the ratified document says: not what a draft says, and not what any code says.
#[test]
fn a_threshold_changes_what_the_tool_does_when_it_is_ratified_and_not_before() {
    let world = World::planted(&["ana"]);
    let ask = |world: &World| {
        let asked = ["canon", "ask", "OMEGA_IDENTITY", "drift", "anchors=60", "outputs=20", "distances=[9/50, 9/50]", "significant=true"];
        world.omega(&asked).exits(0).out.lines().next().unwrap().to_owned()
    };
    assert_eq!(ask(&world), "drift");
    world.edit_alone("canon/OMEGA_IDENTITY.md", "    threshold: 3/20\n", "    threshold: 1/5\n");
    world.edit_alone(
        "canon/OMEGA_IDENTITY.md",
        "distances: [\"3/20\", \"3/20\"], significant: true }\n    expect: drift\n",
        "distances: [\"1/5\", \"1/5\"], significant: true }\n    expect: drift\n",
    );
    assert_eq!(ask(&world), "drift");
    let id = world.propose_edits("ana", "Be more patient");
    assert_eq!(ask(&world), "drift", "a draft decides nothing");
    world.approve(&id, &["ana"]);
    assert_eq!(ask(&world), "drift", "nor does a vote");
    world.ratify(&id);
    assert_eq!(ask(&world), "watch");
}

#[test]
fn headers_fail_closed_and_the_token_is_held_to_a_slow_hash() {
    let world = World::planted(&[]);
    let check = |headers: &[&str]| {
        let mut args = vec!["resonance", "check"];
        headers.iter().for_each(|header| args.extend(["-H", header]));
        world.omega(&args)
    };
    let ran = check(&["x-resonance-stakes: HIGH", "X-Resonance-Consent: local_actions"]).exits(0);
    assert!(ran.out.starts_with("authority 1 (reflection)\n  stakes   high\n"), "{}", ran.out);
    for (header, said) in [
        ("X-Resonance-Stakes: hihg", "has a value that is none of: low, medium, high, critical"),
        ("X-Resonance-Consent: all", "has a value that is none of: none, read_only"),
        ("X-Resonance-Stakes:", "is empty"),
        ("X-Resonance-Zeal: 1", "is no header of this protocol"),
        ("X-Resonance-Caller: \u{202e}ry", "holds characters that do not show"),
    ] {
        let ran = check(&[header]).exits(10);
        assert!(ran.out.starts_with("refused with status 400: ") && ran.out.contains(said), "{header}: {}", ran.out);
    }
    check(&["X-Resonance-Stakes: low", "X-RESONANCE-STAKES: low"]).exits(10);
    check(&[&format!("X-Resonance-Session: {}", "x".repeat(257))]).exits(10);

    let sovereign = ["resonance", "check", "-H", "X-Resonance-Mode: sovereign", "--chief-token"];
    let run = |hash: Option<&str>, args: &[&str], input: &str| {
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &world.repo());
        if let Some(hash) = hash {
            command.env("OMEGA_CHIEF_TOKEN_HASH", hash);
        }
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Where nothing is configured nothing is read.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        crate::world::Ran::of(child.wait_with_output().unwrap())
    };
    let ran = run(None, &sovereign, "a token that is long enough\n").exits(2);
    assert!(ran.err.contains("no hash of the Chief's token is configured"), "unset is an error of its own: {}", ran.err);
    let made = run(None, &["resonance", "token", "--format", "json"], "a token that is long enough\n").exits(0).json();
    let hash = made["report"]["hash"].as_str().unwrap();
    let ran = run(Some(hash), &sovereign, "a token that is long enough\n").exits(0);
    assert!(ran.out.contains("sovereign"), "{}", ran.out);
    let ran = run(Some(hash), &sovereign, "a token that is long enoug\n").exits(10);
    assert_eq!(ran.out, "refused with status 403: sovereign mode needs the Chief's token\n");
    run(Some("5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8"), &sovereign, "x\n").exits(2);
}

#[test]
fn what_is_never_recorded_is_not_proposed() {
    let world = World::planted(&["ana"]);
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    world.edit_identity(&format!("Say {token} when you are asked"));
    let ran = world.by("ana", &["canon", "propose", "--title", "Speak", "--reason", "So."]).exits(10);
    assert!(ran.err.contains("`canon/OMEGA_IDENTITY.md` holds an access token in line ") && !ran.err.contains("ghp_"), "{}", ran.err);
    let asked = world.omega(&["canon", "ask", "SECURITY_AND_PRIVACY", "record", &format!("text={token}")]).exits(0);
    assert!(asked.out.starts_with("[access_tokens]\n"), "{}", asked.out);
}

#[test]
fn a_question_that_makes_no_sense_says_why() {
    let world = World::planted(&[]);
    for (args, said) in [
        (&["ECONOMY_MODEL", "credits"][..], "`credits` is none of: credit, budget, transfer"),
        (&["ECONOMY_MODEL", "credit"], "the field `event` is missing"),
        (&["ECONOMY_MODEL", "credit", "event"], "`event` is not of the form NAME=VALUE"),
        (&["GLOSSARY", "credit"], "omega obeys no document GLOSSARY here"),
    ] {
        let ran = world.omega(&[&["canon", "ask"], args].concat()).exits(2);
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
}
