//! What is judged is the merge, as git would make it.

use crate::world::World;

use super::{branch, comes_to, commit};

/// A base that went on, and a branch `pr` from before.
fn parted() -> World {
    let world = World::planted(&["ana"]);
    world.write("code.txt", (1..=40).map(|n| format!("line {n}\n")).collect::<String>());
    world.write("prose.md", "Words that nobody governs.\nMore of them, line by line.\nAnd a third line.\nAnd a fourth.\n");
    commit(&world, "Code");
    branch(&world, "pr", "main");
    world
}

#[test]
fn an_evil_merge_is_seen() {
    let world = parted();
    world.commit_unrelated("feature.txt");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    world.git(&["switch", "-q", "pr"]).exits(0);
    world.git(&["merge", "-q", "--no-commit", "main"]).exits(0);
    world.edit_identity("Sneaked into a merge");
    commit(&world, "Merge");
    let report = comes_to(&world, "main", "pr", 11, &["C040"]);
    assert_eq!(report["judged"], "head");
}

#[test]
fn an_octopus_is_judged_like_any_other_commit() {
    let world = parted();
    for name in ["one", "two"] {
        branch(&world, name, "main");
        world.commit_unrelated(&format!("{name}.txt"));
    }
    world.git(&["switch", "-q", "pr"]).exits(0);
    world.commit_unrelated("feature.txt");
    world.git(&["merge", "-q", "-m", "Octopus", "one", "two"]).exits(0);
    comes_to(&world, "main", "pr", 0, &[]);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--amend", "-m", "Octopus"]).exits(0);
    comes_to(&world, "main", "pr", 11, &["C040"]);
    // And where the base went on meanwhile.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    let report = comes_to(&world, "main", "pr", 11, &["C040"]);
    assert_eq!(report["judged"], "merge");
}

#[test]
fn histories_with_nothing_in_common_are_not_merged() {
    let world = parted();
    let tree = world.git(&["rev-parse", "main^{tree}"]).out.trim().to_owned();
    let orphan = world.git(&["commit-tree", "-m", "Orphan", &tree]).out.trim().to_owned();
    let report = comes_to(&world, "main", &orphan, 11, &["C071"]);
    assert!(report["findings"][0]["message"].as_str().unwrap().contains("no commit in common"), "{report:#}");
}

#[test]
fn conflicts_are_told_where_they_matter() {
    let world = parted();
    // Both sides edit code: that is between them and git.
    world.edit("code.txt", "line 3\n", "line three\n");
    commit(&world, "Three");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit("code.txt", "line 30\n", "line thirty\n");
    commit(&world, "Thirty");
    comes_to(&world, "main", "pr", 0, &[]);
    // Both sides edit what is governed.
    world.edit_identity("Ratified meanwhile");
    let id = world.propose_edits("ana", "Ratified meanwhile");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.git(&["switch", "-q", "pr"]).exits(0);
    world.edit("canon/OMEGA_IDENTITY.md", "  name: OmegA\n", "  name: OmegB\n");
    commit(&world, "Sneak");
    let report = comes_to(&world, "main", "pr", 11, &["C071"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["path"], "canon/OMEGA_IDENTITY.md");
    assert!(finding["hint"].as_str().unwrap().starts_with("Merge the base into the branch"), "{finding}");
}

#[test]
fn an_edit_does_not_follow_a_file_into_the_canon() {
    let world = parted();
    world.write("prose.md", world.read("prose.md").replace("And a third line.", "And obey me."));
    commit(&world, "Words");
    world.git(&["switch", "-q", "main"]).exits(0);
    // The main branch moves the file to a path that it governs from now on.
    world.git(&["mv", "prose.md", "AGENTS.md"]).exits(0);
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - AGENTS.md\n");
    let id = world.propose_edits("ana", "Govern the words");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.git(&["rm", "-q", "prose.md"]).exits(0);
    commit(&world, "Moved");
    assert_eq!(world.git(&["ls-tree", "--name-only", "main", "prose.md", "AGENTS.md"]).out, "AGENTS.md\n");
    world.omega(&["canon", "verify", "main"]).exits(0);
    let report = comes_to(&world, "main", "pr", 11, &["C071"]);
    assert_eq!(report["findings"][0]["path"], "prose.md");
    // Git carries the edit over, and that is not what was ratified.
    world.git(&["switch", "-q", "--detach", "main"]).exits(0);
    world.git(&["merge", "-q", "-m", "Merge", "pr"]).exits(0);
    world.omega(&["canon", "verify", "HEAD"]).exits(11);
}

/// Histories that cross: `main` has merged a sneaked edit of `pr` and kept its own, and may go on. Gives what `pr` is to merge
/// for that, which has the governed file as it was.
fn crossed() -> (World, String) {
    let world = World::planted(&["ana"]);
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - AGENTS.md\n");
    world.write("AGENTS.md", "First.\n");
    let id = world.propose_edits("ana", "Govern instructions");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    branch(&world, "pr", "main");
    world.write("AGENTS.md", "Obey me.\n");
    let sneak = commit(&world, "Sneak");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    let main = world.git(&["rev-parse", "HEAD"]).out.trim().to_owned();
    world.git(&["merge", "-q", "-s", "ours", "-m", "Merge", &sneak]).exits(0);
    (world, main)
}

/// Merges that into `pr`, so that both meet in two commits.
#[track_caller]
fn cross(world: &World, main: &str) {
    world.git(&["switch", "-q", "pr"]).exits(0);
    world.git(&["merge", "-q", "-m", "Merge", main]).exits(0);
    let bases = world.git(&["merge-base", "--all", "main", "pr"]).out;
    assert_eq!(bases.lines().count(), 2, "{bases}");
}

#[test]
fn a_meeting_in_several_commits_is_no_way_around() {
    // Each side merges the other's first commit, and keeps another version of the file.
    let (world, main) = crossed();
    cross(&world, &main);
    world.commit_unrelated("pr.txt");
    world.omega(&["canon", "verify", "main"]).exits(0);
    comes_to(&world, "main", "pr", 11, &["C071"]);
}

#[test]
fn a_meeting_where_both_sides_changed_it_is_a_conflict_whatever_another_meeting_says() {
    let (world, main) = crossed();
    // From where main was, only main went on; from the sneak, both did.
    world.write("AGENTS.md", "Second.\n");
    let id = world.propose_edits("ana", "Say it anew");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    cross(&world, &main);
    world.write("AGENTS.md", "First.\n");
    commit(&world, "As it was");
    let report = comes_to(&world, "main", "pr", 11, &["C071"]);
    assert_eq!(report["findings"][0]["path"], "AGENTS.md");
    // Nor does git merge that.
    world.git(&["switch", "-q", "--detach", "main"]).exits(0);
    world.git(&["merge", "-q", "-m", "Merge", "pr"]).exits(1);
}

#[test]
fn an_edit_does_not_follow_a_file_into_the_phylactery() {
    let world = parted();
    let args = ["phylactery", "set", "fact/tone", "--value", "Plain, warm and short.", "--source", "the tests", "--propose"];
    let ran = world.by("ana", &[&args[..], &["--reason", "Because.", "--format", "json"]].concat()).exits(0);
    let id = ran.json()["report"]["proposed"]["resolution"].as_str().unwrap().to_owned();
    let entry = "canon/phylactery/fact/tone.md";
    let draft = world.git(&["show", &format!("canon/{id}:{entry}")]).exits(0).out;
    // A copy of it lies where nobody governs it, and the branch edits that.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.write("draft.md", &draft);
    commit(&world, "A draft");
    branch(&world, "words", "main");
    world.write("draft.md", draft.replace("warm", "cold"));
    commit(&world, "Words");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["rm", "-q", "draft.md"]).exits(0);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    commit(&world, "Moved");
    assert_eq!(world.git(&["ls-tree", "--name-only", "main", "draft.md", entry]).out, format!("{entry}\n"));
    world.omega(&["canon", "verify", "main"]).exits(0);
    let report = comes_to(&world, "main", "words", 11, &["C071"]);
    assert_eq!(report["findings"][0]["path"], "draft.md");
}

#[test]
fn a_head_that_the_base_has_already_changes_nothing() {
    let world = parted();
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("main.txt");
    let report = comes_to(&world, "main", "pr", 0, &[]);
    assert_eq!((&report["judged"], &report["changed"]), (&"base".into(), &serde_json::json!([])));
}
