//! The count, explained.

use serde_json::Value;

use super::{denied, next, refuses, report, shown};
use crate::world::World;

/// A critical proposal of a council of three, with weights 1, 1 and 3.
fn weighed() -> (World, String) {
    let world = World::planted(&["ana", "bo", "cy"]);
    world.edit("canon/council/cy.md", "weight: 1\n", "weight: 3\n");
    let id = world.propose_edits("ana", "Weigh cy");
    world.approve(&id, &["ana", "bo", "cy"]);
    world.ratify(&id);
    let id = world.propose("ana", "Say it plainly");
    (world, id)
}

fn tally(world: &World, id: &str, args: &[&str]) -> Value {
    world.omega(&[&["canon", "tally", id, "--format", "json"], args].concat()).exits(0).json()["report"].clone()
}

#[test]
fn every_line_of_a_count_is_explained() {
    let world = World::planted(&["ana", "bo", "cy"]);
    let id = world.propose("ana", "Say it plainly");
    world.by("ana", &["canon", "vote", &id, "reject", "--reason", "No."]).exits(0);
    world.approve(&id, &["ana"]);
    let ran = world.omega(&["canon", "tally", &id]).exits(0);
    assert_eq!(
        ran.out,
        format!(
            "Say it plainly\n{id}\ncritical risk, stage VOTING\n\n\
             \x20 - ry  weight 0            the Chief does not vote\n\
             \x20 + ana weight 1   approve  ballot 2\n\
             \x20 - ana weight 1   reject   ballot 1, superseded by ballot 2\n\
             \x20 - bo  weight 1            not yet\n\
             \x20 - cy  weight 1            not yet\n\n\
             \x20 quorum by weight   1 of 3, 2 needed (2/3): not reached\n\
             \x20 quorum by people   1 of 3, 1 needed: reached\n\
             \x20 operators          1 of 3, 1 needed: reached\n\
             \x20 approve            1 of 1 cast, 1 needed (at least 2/3): reached\n\
             \x20 reject             0 of 1 cast (rejected above 1 - 2/3)\n\n\
             the council has not met: there is no quorum\n\
             to approve now, the Chief would need the bypass QUORUM_UNAVAILABLE, which critical risk permits\n\
             to be approved by the council: 1 more of weight 1, such as `bo`\n\
             \nnext:\n  bo  omega vote {id} approve --reason …  vote\n  cy  omega vote {id} approve --reason …  vote\n"
        )
    );
}

#[test]
fn what_if_changes_the_count_and_nothing_else() {
    let (world, id) = weighed();
    world.approve(&id, &["ana"]);
    let before = world.traces();
    // One of the heavy ones is enough, and two light ones are not.
    assert_eq!(tally(&world, &id, &[])["missing"], serde_json::json!({"members": ["cy"]}));
    let light = tally(&world, &id, &["--what-if", "bo=approve"]);
    assert_eq!(
        (&light["count"]["quorum"], &light["quorum"][0]["needed"], &light["hypothetical"]),
        (&false.into(), &4.into(), &true.into())
    );
    let heavy = tally(&world, &id, &["--what-if", "cy=approve"]);
    assert!(heavy.get("missing").is_none() && heavy["count"].get("bypass").is_none(), "{heavy:#}");
    let against = tally(&world, &id, &["--what-if", "cy=REJECT", "--what-if", "ana=abstain"]);
    assert_eq!((&against["count"]["outcome"], &against["count"]["tally"]["abstain"]), (&"rejected".into(), &1.into()));
    assert_eq!(against["ballots"][1]["assumed"], true);
    assert_eq!(against["ballots"][2]["why_not"], "replaced by what is assumed");
    assert_eq!(against["missing"]["why_not"], "even with all who have not voted: a member would have to change a ballot");
    // The Chief can be assumed to vote, and it does not count.
    let chief = tally(&world, &id, &["--what-if", "ry=approve"]);
    assert_eq!((&chief["ballots"][0]["counts"], &chief["count"]["tally"]["cast"]), (&false.into(), &1.into()));
    assert_eq!(world.traces(), before);
    refuses(
        &world,
        "ana",
        &["canon", "tally", &id, "--what-if", "eve=approve"],
        2,
        &format!("`eve` is not on the council that judges {id}"),
        &format!("omega tally {id}"),
    );
    for bad in ["bo", "bo=yes", "Bo=approve"] {
        world.omega(&["canon", "tally", &id, "--what-if", bad]).exits(2);
    }
}

#[test]
fn a_claim_to_tolerate_faults_is_counted_by_its_own_rule() {
    let world = World::planted(&["ana", "bo", "cy", "di"]);
    let text = world.read("canon/CONSENSUS_ENGINE.md");
    let (head, tail) = text.split_once("    critical:").unwrap();
    world.write("canon/CONSENSUS_ENGINE.md", format!("{head}    critical:{}", tail.replacen("faults: 0", "faults: 1", 1)));
    let id = world.propose_edits("ana", "Tolerate one");
    world.approve(&id, &["ana", "bo", "cy"]);
    world.ratify(&id);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana", "bo"]);
    let report = tally(&world, &id, &[]);
    assert_eq!(report["faults"], serde_json::json!({"claimed": 1, "needed": 4, "voters": 4, "met": true}));
    assert_eq!(report["quorum"][3], serde_json::json!({"of": "faults", "reached": 2, "needed": 3, "whole": 4}));
    assert!(world.omega(&["canon", "tally", &id]).exits(0).out.contains("1 more of weight 1, such as `cy`"));
    world.approve(&id, &["cy"]);
    assert_eq!(tally(&world, &id, &[])["count"]["outcome"], "approved");
    world.ratify(&id);
    // A closed resolution is explained as well.
    assert_eq!(tally(&world, &id, &[])["stage"], "VOTING");
}

#[test]
fn a_stalemate_goes_to_the_chief_who_may_override_it() {
    let world = World::planted(&["ana", "bo", "cy", "di", "eva"]);
    let text = world.read("canon/OXYSPINE_TRINITY.md");
    world.write("canon/OXYSPINE_TRINITY.md", format!("{text}\nMore.\n"));
    let id = world.propose_edits("ana", "More of it");
    world.approve(&id, &["ana", "bo", "cy"]);
    world.by("di", &["canon", "vote", &id, "reject", "--reason", "No."]).exits(0);
    world.by("eva", &["canon", "vote", &id, "abstain", "--reason", "Who knows."]).exits(0);
    let counted = tally(&world, &id, &[]);
    assert_eq!((&counted["count"]["outcome"], &counted["count"]["bypass"]), (&"undecided".into(), &"OVERRIDE".into()));
    assert_eq!(counted["missing"]["why_not"], "every member has voted: a member would have to change a ballot");
    let steps = next(&shown(&world, &id));
    assert_eq!(steps, [format!("ry: omega ratify {id} --bypass OVERRIDE"), format!("ry: omega rule {id} amend --reason …")]);
    denied(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        "the council does not approve",
        &format!("wait for votes; or, for the record, rule without them: omega ratify {id} --bypass OVERRIDE"),
    );
    let ruled = report(&world, "ry", &["canon", "ratify", &id, "--bypass", "OVERRIDE", "--reason", "Three of five.", "--yes"]);
    assert_eq!((&ruled["bypass"], &ruled["count"]["outcome"]), (&"OVERRIDE".into(), &"undecided".into()));
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn the_chief_vetoes_what_the_council_approves() {
    let world = World::planted(&["ana", "bo"]);
    let before = world.read("canon/OMEGA_IDENTITY.md");
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana", "bo"]);
    let ruled = report(&world, "ry", &["canon", "rule", &id, "reject", "--reason", "No.", "--yes"]);
    assert_eq!((&ruled["verdict"], &ruled["count"]["outcome"]), (&"reject".into(), &"approved".into()));
    assert_eq!(world.read("canon/OMEGA_IDENTITY.md"), before);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn an_amended_proposal_says_what_is_asked_for_and_is_taken_up() {
    let world = World::planted(&["ana", "bo"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana", "bo"]);
    world.chief(&["canon", "rule", &id, "amend", "--reason", "Keep the second anchor.\nThen come back.", "--yes"]).exits(0);
    let ran = world.omega(&["canon", "show", &id]).exits(0);
    assert!(ran.out.contains("sent back by ruling 1\n"), "{}", ran.out);
    assert!(ran.out.contains("\nwhat the ruling asks for\n  Keep the second anchor.\n  Then come back.\n"), "{}", ran.out);
    assert_eq!(next(&shown(&world, &id)), [format!("ana: omega propose --supersedes {id} --title … --reason …")]);
    // Edited or not, by anybody: what is not edited is carried over as it was proposed.
    let newer = report(&world, "bo", &["canon", "propose", "--supersedes", &id, "--reason", "With the second anchor."]);
    assert_eq!((&newer["title"], &newer["resolution"]), (&"Say it plainly".into(), &format!("{id}-2").into()));
    let newer = newer["resolution"].as_str().unwrap();
    world.approve(newer, &["ana", "bo"]);
    world.ratify(newer);
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("    - \"Say it plainly\"\n"));
    assert!(next(&shown(&world, &id)).is_empty());
    world.omega(&["canon", "verify"]).exits(0);
}
