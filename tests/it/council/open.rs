//! Deliberation in the open: the pipe goes round, the Clerk draws together, ballots, ruling.

use super::{denied, next, report, shown};
use crate::world::World;

/// A council of three with a Clerk, and one class of risk that demands deliberation.
pub(super) fn with_clerk(edit: impl Fn(&World)) -> World {
    let world = World::planted(&["ana", "bo", "cy"]);
    let key = world.public("safa");
    let text = format!("---\nname: safa\nseat: 9\nrole: clerk\nkind: human\nweight: 0\nkeys:\n  - {key}\n---\n");
    world.write("canon/council/safa.md", text);
    edit(&world);
    let id = world.propose_edits("ana", "Seat a Clerk");
    world.omega(&["canon", "enrol", &id, "--key", &world.key("safa")]).exits(0);
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    world
}

#[test]
fn the_pipe_goes_round_and_one_is_skipped() {
    let world = with_clerk(|world| world.edit("canon/PEACE_PIPE_PROTOCOL.md", "    critical: optional\n", "    critical: required\n"));
    world.edit("canon/PEACE_PIPE_PROTOCOL.md", "minimum_spoken: 3\n", "minimum_spoken: 2\n");
    // The class demands deliberation by now.
    let id = world.propose_edits("ana", "Two are enough");
    let speak = ["canon", "speak", &id, "approve", "--reason", "For it."];
    let ratify = ["canon", "ratify", &id, "--yes"];
    let ana = format!("wait for `ana`: omega speak {id} approve --reason …; or `safa`: omega skip {id} ana --reason …");
    denied(&world, "ry", &ratify, "this risk class demands turns and a synthesis first: it is the turn of `ana`", &ana);
    denied(&world, "bo", &speak, "it is the turn of `ana`", &ana);
    let spoken = report(&world, "ana", &speak);
    assert_eq!((&spoken["stage"], &spoken["next"], &spoken["kind"]), (&"PIPE_GRANTED".into(), &"bo".into(), &"turn".into()));
    assert_eq!(
        next(&shown(&world, &id)),
        [format!("bo: omega speak {id} approve --reason …"), format!("safa: omega skip {id} bo --reason …")]
    );
    denied(&world, "cy", &["canon", "skip", &id, "bo", "--reason", "Slow."], "`cy` is not the Clerk (`safa`)", &format!("omega show {id}"));
    report(&world, "bo", &["canon", "speak", &id, "reject", "--reason", "Against it.", "--confidence", "30"]);
    report(&world, "cy", &speak);
    denied(
        &world,
        "ana",
        &["canon", "vote", &id, "approve", "--reason", "Yes."],
        "voting has not started: the Clerk (`safa`) draws the statements together first",
        &format!("wait for `safa`: omega synthesize {id} --reason …"),
    );
    let drawn = report(&world, "safa", &["canon", "synthesize", &id, "--reason", "Two for it, one against."]);
    assert_eq!(drawn["stage"], "SYNTHESIS");
    world.approve(&id, &["ana", "cy"]);
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);

    // Now two statements are enough, and who stays silent is skipped, not counted.
    let id = world.propose("bo", "Say it plainly");
    report(&world, "ana", &["canon", "speak", &id, "approve", "--reason", "For it."]);
    let skipped = report(&world, "safa", &["canon", "skip", &id, "bo", "--reason", "No answer since Monday."]);
    assert_eq!((&skipped["kind"], &skipped["next"]), (&"skip".into(), &"cy".into()));
    report(&world, "cy", &["canon", "speak", &id, "abstain", "--reason", "No opinion."]);
    report(&world, "safa", &["canon", "synthesize", &id, "--reason", "One for it."]);
    world.approve(&id, &["ana", "bo", "cy"]);
    world.ratify(&id);
    let transcript = world.read(&format!("canon/resolutions/{id}/transcript.md"));
    assert!(transcript.contains("`safa` marks `bo` as silent"), "{transcript}");
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn too_few_statements_begin_again() {
    let world = with_clerk(|_| {});
    let id = world.propose("ana", "Say it plainly");
    report(&world, "ana", &["canon", "speak", &id, "approve", "--reason", "For it."]);
    for silent in ["bo", "cy"] {
        report(&world, "safa", &["canon", "skip", &id, silent, "--reason", "Silent."]);
    }
    assert_eq!(next(&shown(&world, &id)), [format!("ana: omega propose --supersedes {id}")]);
    denied(
        &world,
        "safa",
        &["canon", "synthesize", &id, "--reason", "Nothing to draw together."],
        "1 of 3 have spoken, and nobody is left to speak",
        &format!("begin again, as `ana`: omega propose --supersedes {id}"),
    );
    let newer = report(&world, "ana", &["canon", "propose", "--supersedes", &id, "--reason", "Again."])["resolution"].clone();
    world.approve(newer.as_str().unwrap(), &["ana", "bo"]);
    world.ratify(newer.as_str().unwrap());
    world.omega(&["canon", "verify", "main"]).exits(0);
}
