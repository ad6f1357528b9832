//! An emergency from its first minute to its settlement, with a clock that the tests turn.

use super::{denied, next, refuses, report, shown, types};
use crate::world::World;

const PATHS: [&str; 4] = [
    "canon/OXYSPINE_TRINITY.md",
    "canon/OXYSPINE_TRINITY.md.sig",
    "canon/phylactery/fact/OXYSPINE_TRINITY.md",
    "canon/phylactery/fact/OXYSPINE_TRINITY.md.sig",
];
const ID: &str = "2026-02-26-stop-it";

fn edit(world: &World) {
    let text = world.read(PATHS[0]);
    world.write(PATHS[0], format!("{text}\nNothing is served for now.\n"));
}

fn bytes(world: &World) -> Vec<String> {
    PATHS.iter().map(|path| world.read(path)).collect()
}

fn proclaim(world: &World, args: &[&str]) -> crate::world::Ran {
    edit(world);
    world.chief(&[&["canon", "emergency", "--title", "Stop it", "--reason", "It does harm.", "--yes"], args].concat())
}

/// A council of three with a Clerk's duties on the Chief, and an emergency that holds.
fn proclaimed() -> (World, Vec<String>) {
    let world = World::planted(&["ana", "bo", "cy"]);
    let before = bytes(&world);
    proclaim(&world, &[]).exits(0);
    (world, before)
}

#[test]
fn the_chief_acts_at_once_and_everybody_is_told_until_when() {
    let world = World::planted(&["ana", "bo", "cy"]);
    let ran = proclaim(&world, &[]).exits(0);
    assert!(ran.out.contains("+Nothing is served for now."), "{}", ran.out);
    let said = ran.out.split_once("[EMERGENCY_RULING]").expect(&ran.out).1;
    let said = said.split("checkpoint").next().unwrap();
    assert_eq!(
        said,
        " 2026-02-26-stop-it by ruling 1\n  canon/OXYSPINE_TRINITY.md\n  canon/phylactery/fact/OXYSPINE_TRINITY.md\n  \
         holds until 2026-03-01T12:00:00Z, unless it is settled before\n  \
         a council must open by 2026-02-27T12:00:00Z: omega propose --settles 2026-02-26-stop-it\non main\n"
    );
    // It is on the main branch, in one commit, and the branch that it was made on is gone.
    assert_eq!(world.git(&["log", "-1", "--format=%s"]).out, format!("canon({ID}): [EMERGENCY_RULING] ruling 1 emergency by ry\n"));
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]).out, "2\n");
    assert_eq!(world.git(&["for-each-ref", "--format=%(refname)"]).out, "refs/heads/main\n");
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    let verified = world.omega(&["canon", "verify", "--worktree", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!((&verified["provisional_until"], &verified["unsettled"][0]), (&"2026-03-01T12:00:00Z".into(), &ID.into()));
    // Whoever looks sees the mark.
    for args in [&["canon", "list"][..], &["canon", "log"], &["canon", "show", ID], &["canon", "status"]] {
        let ran = world.omega(args).exits(0);
        assert_eq!(ran.out.matches("[EMERGENCY_RULING]").count(), 1, "{args:?}: {}", ran.out);
    }
    let emergency = &shown(&world, ID)["emergency"];
    assert_eq!((&emergency["state"], &emergency["settle_by"]), (&"provisional".into(), &"2026-02-27T12:00:00Z".into()));
    assert!(emergency.get("settlement").is_none(), "{emergency:#}");
    // The state files are signed.
    let record = world.read("canon/ledger/000001.md");
    assert!(record.contains("\nverdict: emergency\n") && record.contains("\nexpires: \"2026-03-01T12:00:00Z\"\n"), "{record}");
}

#[test]
fn a_pull_request_takes_it_up_where_that_is_wanted() {
    let world = World::planted(&["ana"]);
    let ran = proclaim(&world, &["--no-merge"]).exits(0);
    assert!(ran.out.contains("on canon/2026-02-26-stop-it; bring it onto the main branch"), "{}", ran.out);
    assert_eq!(world.git(&["rev-list", "--count", "main"]).out, "1\n");
    assert_eq!(world.git(&["branch", "--show-current"]).out, "main\n");
    world.omega(&["canon", "verify", &format!("canon/{ID}")]).exits(0);
    // The same words again, without the flag, bring it there; and then there is nothing left to do.
    let again = ["canon", "emergency", "--title", "Stop it", "--reason", "It does harm.", "--yes"];
    let ran = world.chief(&again).exits(0);
    assert!(ran.out.contains("\n[EMERGENCY_RULING] 2026-02-26-stop-it by ruling 1\n"), "{}", ran.out);
    assert_eq!(world.git(&["rev-list", "--count", "main"]).out, "2\n");
    assert_eq!(world.git(&["for-each-ref", "--format=%(refname)"]).out, "refs/heads/main\n");
    denied(
        &world,
        "ry",
        &again,
        "there is nothing to propose: every governed file is as ratified",
        "edit a document under canon/ or another governed file first",
    );
}

#[test]
fn the_council_confirms_it() {
    let (mut world, before) = proclaimed();
    let stopped = bytes(&world);
    world.now = "2026-02-27T11:00:00Z".to_owned();
    let ran = world.by("ana", &["canon", "propose", "--settles", "stop-it", "--reason", "It was right.", "--yes"]).exits(0);
    let id = "2026-02-27-settle-the-emergency-of-ruling-1";
    assert!(ran.out.contains(&format!("proposed {id} (high risk)")), "{}", ran.out);
    world.omega(&["canon", "verify", &format!("canon/{id}")]).exits(0);
    // The council has opened, so nobody is warned when the time for that is over.
    world.now = "2026-02-28T12:00:00Z".to_owned();
    let emergency = shown(&world, ID)["emergency"].clone();
    assert_eq!((&emergency["state"], &emergency["settlement"]), (&"provisional".into(), &id.into()));
    assert_eq!(emergency["next"], format!("omega show {id}"));
    denied(
        &world,
        "bo",
        &["canon", "propose", "--settles", ID, "--reason", "Me too."],
        &format!("{id} is to settle the emergency already"),
        &format!("omega vote {id} approve; or stand in its place: omega propose --supersedes {id}"),
    );
    world.approve(id, &["ana", "bo"]);
    assert_eq!(next(&shown(&world, id)), [format!("ry: omega ratify {id}")]);
    let ruled = report(&world, "ry", &["canon", "ratify", id, "--reason", "Confirmed.", "--yes"]);
    assert_eq!((&ruled["emergency"]["state"], &ruled["emergency"]["resolution"]), (&"confirmed".into(), &ID.into()));
    assert_eq!(ruled["changed"], serde_json::json!([]));
    assert_eq!(bytes(&world), stopped);
    assert_ne!(stopped, before);
    world.now = "2026-05-01T12:00:00Z".to_owned();
    let verified = world.omega(&["canon", "verify", "--worktree", "--format", "json"]).exits(0).json()["report"].clone();
    assert!(verified.get("provisional_until").is_none() && verified.get("unsettled").is_none(), "{verified:#}");
    assert!(world.omega(&["canon", "list"]).exits(0).out.contains(&format!("confirmed by {id}")));
    denied(
        &world,
        "ry",
        &["canon", "expire", ID, "--yes"],
        &format!("`{ID}` is not an unsettled emergency"),
        "omega status lists the unsettled ones",
    );
}

#[test]
fn the_council_undoes_it_to_the_byte() {
    let (world, before) = proclaimed();
    assert_ne!(bytes(&world), before);
    let id = report(&world, "ana", &["canon", "propose", "--settles", ID, "--reason", "It was wrong."])["resolution"].clone();
    let id = id.as_str().unwrap();
    for member in ["ana", "bo"] {
        world.by(member, &["canon", "vote", id, "reject", "--reason", "No."]).exits(0);
    }
    assert!(next(&shown(&world, id)).contains(&format!("ry: omega rule {id} reject")), "{:?}", next(&shown(&world, id)));
    let ruled = report(&world, "ry", &["canon", "rule", id, "reject", "--reason", "Undone.", "--yes"]);
    assert_eq!((&ruled["emergency"]["state"], ruled["changed"].as_array().unwrap().len()), (&"undone".into(), 2));
    assert_eq!(bytes(&world), before);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    assert!(world.omega(&["canon", "show", ID]).exits(0).out.contains("undone by 2026-02-26-settle-the-emergency-of-ruling-1"));
    // What was undone is not done again by the Chief alone, until the council has touched it.
    edit(&world);
    denied(
        &world,
        "ry",
        &["canon", "emergency", "--title", "Again", "--reason", "Now.", "--yes"],
        &format!("an emergency on `{}` was undone, and the council has approved no change there since", PATHS[0]),
        &format!("set it aside: git stash push -- {}; and propose it to the council later: omega propose", PATHS[0]),
    );
    let id = world.propose_edits("ana", "Stop it properly");
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    edit(&world);
    world.chief(&["canon", "emergency", "--title", "Again", "--reason", "Now.", "--yes"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn what_nobody_settles_runs_out_and_the_hint_undoes_it() {
    let (mut world, before) = proclaimed();
    world.omega(&["canon", "verify"]).exits(0);
    // No council has opened within its hours: a warning, and no violation.
    world.now = "2026-02-27T12:00:00Z".to_owned();
    world.omega(&["canon", "verify"]).exits(0);
    for args in [&["canon", "status"][..], &["canon", "list"], &["canon", "show", ID]] {
        let ran = world.omega(args).exits(0);
        assert!(ran.out.contains("no council has opened by 2026-02-27T12:00:00Z; holds until 2026-03-01T12:00:00Z"), "{}", ran.out);
    }
    world.now = "2026-03-01T11:59:59Z".to_owned();
    world.omega(&["canon", "verify"]).exits(0);
    world.now = "2026-03-01T12:00:00Z".to_owned();
    let ran = world.omega(&["canon", "verify", "--format", "json"]).exits(11);
    let finding = ran.json()["report"]["findings"][0].clone();
    assert_eq!(finding["code"], "C029");
    assert_eq!(shown(&world, ID)["emergency"]["state"], "expired");
    world.omega(&["canon", "status"]).exits(11);
    let hint = finding["hint"].as_str().unwrap().to_owned();
    refuses(
        &world,
        "ry",
        &hint.split(' ').skip(1).collect::<Vec<_>>(),
        2,
        "a ruling is confirmed on the terminal",
        "say --yes where there is none",
    );
    let ran = types(&world, "ry", &format!("{hint} --yes")).exits(0);
    assert!(ran.out.contains("undone by 2026-03-01-expire-the-emergency-of-ruling-1: the bytes of before are back"), "{}", ran.out);
    assert_eq!(bytes(&world), before);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    world.omega(&["canon", "status"]).exits(0);
    assert!(world.omega(&["canon", "log"]).exits(0).out.contains("   2 expired"));
}

#[test]
fn the_chief_undoes_it_before_its_time_whatever_the_council_is_at() {
    let (world, before) = proclaimed();
    let id = report(&world, "ana", &["canon", "propose", "--settles", ID, "--reason", "It was right."])["resolution"].clone();
    let id = id.as_str().unwrap();
    world.approve(id, &["ana"]);
    denied(
        &world,
        "ana",
        &["canon", "expire", ID, "--yes"],
        "only the Chief expires an emergency, and `ry` is the Chief",
        &format!("put it to the council: omega propose --settles {ID}"),
    );
    report(&world, "ry", &["canon", "expire", "stop", "--reason", "I was wrong.", "--yes"]);
    assert_eq!(bytes(&world), before);
    world.omega(&["canon", "verify"]).exits(0);
    // What the council was about has nothing left to settle.
    world.approve(id, &["bo"]);
    denied(
        &world,
        "ry",
        &["canon", "ratify", id, "--yes"],
        "the emergency that this settles is settled already",
        &format!("omega rule {id} reject"),
    );
    world.chief(&["canon", "rule", id, "reject", "--reason", "Overtaken.", "--yes"]).exits(0);
    assert_eq!(bytes(&world), before);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn an_amended_settlement_leaves_it_as_it_is() {
    let (world, _) = proclaimed();
    let id = report(&world, "ana", &["canon", "propose", "--settles", ID, "--reason", "It was right."])["resolution"].clone();
    let id = id.as_str().unwrap();
    world.chief(&["canon", "rule", id, "amend", "--reason", "Say why.", "--yes"]).exits(0);
    assert_eq!(shown(&world, ID)["emergency"]["state"], "provisional");
    assert_eq!(next(&shown(&world, id)), [format!("ana: omega propose --settles {ID}")]);
    world.by("ana", &["canon", "propose", "--settles", ID, "--reason", "It leaked names.", "--yes"]).exits(0);
}

#[test]
fn a_stale_settlement_is_carried_over() {
    let (world, _) = proclaimed();
    let settle = report(&world, "ana", &["canon", "propose", "--settles", ID, "--reason", "It was right."])["resolution"].clone();
    let settle = settle.as_str().unwrap();
    // The council changes in between.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit("canon/council/bo.md", "weight: 1\n", "weight: 2\n");
    let id = world.propose_edits("cy", "Weigh bo");
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    assert_eq!(shown(&world, settle)["standing"], "stale");
    let command = next(&shown(&world, settle))[0].clone();
    let ran = types(&world, "ana", &format!("{} --reason Still. --format json", command.strip_prefix("ana: ").unwrap())).exits(0);
    let newer = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
    assert_eq!(newer, "2026-02-26-settle-the-emergency-of-ruling-1-2");
    world.approve(&newer, &["ana", "bo"]);
    let ruled = report(&world, "ry", &["canon", "ratify", &newer, "--yes"]);
    assert_eq!(ruled["emergency"]["state"], "confirmed");
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn the_bounds_of_the_power() {
    let (world, _) = proclaimed();
    let proclaim = ["canon", "emergency", "--title", "More", "--reason", "Now.", "--yes"];
    edit(&world);
    denied(&world, "ana", &proclaim, "only the Chief rules an emergency, and `ry` is the Chief", "put it to the council: omega propose");
    denied(
        &world,
        "ry",
        &proclaim,
        &format!("`{}` is under the emergency of ruling 1 until that is settled", PATHS[0]),
        &format!("omega propose --settles {ID}; or undo it: omega expire {ID}"),
    );
    // The council may prepare a change there, and rules on it when the emergency is settled.
    let id = world.propose_edits("ana", "Stop it better");
    world.approve(&id, &["ana", "bo"]);
    denied(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        &format!("`{}` is under the emergency of ruling 1 until that is settled", PATHS[0]),
        &format!("omega propose --settles {ID}"),
    );
    // On that branch, the Chief's emergency would take the draft of the proposal along.
    world.edit("canon/ECONOMY_MODEL.md", "# ECONOMY_MODEL\n", "# ECONOMY_MODEL\n\nNothing is for sale.\n");
    denied(
        &world,
        "ry",
        &proclaim,
        &format!("this branch holds the open proposal {id}"),
        &format!("propose from the main branch: git switch main; or carry that one over: omega propose --supersedes {id}"),
    );
    world.git(&["checkout", "-q", "canon/ECONOMY_MODEL.md"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    for (path, from, to) in [
        ("canon/council/bo.md", "weight: 1\n", "weight: 2\n"),
        ("canon/PEACE_PIPE_PROTOCOL.md", "laps: 1\n", "laps: 2\n"),
        ("canon/CONSENSUS_ENGINE.md", "# CONSENSUS_ENGINE\n", "# CONSENSUS_ENGINE\n\nMore.\n"),
        ("canon/SECURITY_AND_PRIVACY.md", "# SECURITY_AND_PRIVACY\n", "# SECURITY_AND_PRIVACY\n\nMore.\n"),
    ] {
        world.edit(path, from, to);
        denied(
            &world,
            "ry",
            &proclaim,
            &format!("an emergency may not touch `{path}`: council, protocol, consensus and security are the council's alone"),
            &format!("set it aside: git stash push -- {path}; and propose it to the council later: omega propose"),
        );
        world.git(&["checkout", "-q", path]).exits(0);
    }
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - prompts/**\n");
    denied(
        &world,
        "ry",
        &proclaim,
        "an emergency may not change what `who` names",
        "leave `who` as it is, and propose that change to the council: omega propose",
    );
    world.git(&["checkout", "-q", "."]).exits(0);
    refuses(
        &world,
        "ana",
        &["canon", "propose", "--settles", "nothing", "--reason", "Because."],
        2,
        "no emergency that waits to be settled is called `nothing`",
        "omega status lists them",
    );
    denied(
        &world,
        "ana",
        &["canon", "propose", "--settles", ID, "--reason", "Because.", "--risk", "medium"],
        "medium risk is too low: what this touches demands high",
        "leave --risk out, or say --risk high",
    );
    // None of the other bounds: the identity itself may be changed for a while.
    world.edit_identity("Say nothing.");
    world.chief(&proclaim).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    // Each can be undone on its own.
    world.chief(&["canon", "expire", "2026-02-26-more", "--yes"]).exits(0);
    world.chief(&["canon", "expire", ID, "--yes"]).exits(0);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
}
