//! Several resolutions at once, each on its own branch: what they do to each other, to the files around
//! them, and to whoever looks on from elsewhere.

use serde_json::Value;

use crate::world::World;

/// What `canon status` says of an open resolution; nothing, if it does not count it as open.
fn open(world: &World, id: &str) -> Option<Value> {
    let status = world.omega(&["canon", "status", "--format", "json"]).json();
    status["report"]["open"].as_array().unwrap().iter().find(|open| open["id"] == id).cloned()
}

/// What `canon list` says of each resolution, newest first.
fn standings(world: &World) -> Vec<(String, String)> {
    let list = world.omega(&["canon", "list", "--format", "json"]).exits(0).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list["report"].as_array().unwrap().iter().map(|summary| (text(&summary["id"]), text(&summary["standing"]))).collect()
}

fn standing(world: &World, id: &str) -> String {
    standings(world).into_iter().find(|(other, _)| other == id).unwrap().1
}

/// Proposes another award, and goes back to the main branch.
fn propose_award(world: &World, member: &str, tenths: &str) -> String {
    world.edit("canon/ECONOMY_MODEL.md", "tenths: 100\n", &format!("tenths: {tenths}\n"));
    let id = world.propose_edits(member, &format!("Award {tenths}"));
    world.git(&["switch", "-q", "main"]).exits(0);
    id
}

/// Proposes an anchor, and goes back to the main branch.
fn propose_anchor(world: &World, member: &str, anchor: &str) -> String {
    let id = world.propose(member, anchor);
    world.git(&["switch", "-q", "main"]).exits(0);
    id
}

#[test]
fn proposals_on_different_documents_do_not_mind_each_other() {
    let world = World::planted(&["ana", "bo"]);
    let anchor = propose_anchor(&world, "ana", "First");
    let award = propose_award(&world, "bo", "90");
    for id in [&anchor, &award] {
        assert_eq!(open(&world, id).unwrap()["standing"], "open");
    }
    world.approve(&anchor, &["ana", "bo"]);
    world.ratify(&anchor);
    assert_eq!((open(&world, &anchor), open(&world, &award).unwrap()["standing"].clone()), (None, "open".into()));
    world.approve(&award, &["ana", "bo"]);
    world.ratify(&award);
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("First") && world.read("canon/ECONOMY_MODEL.md").contains("tenths: 90\n"));
    world.omega(&["canon", "verify"]).exits(0);
    assert_eq!(world.git(&["branch", "--format", "%(refname:short)"]).out, "main\n");
}

#[test]
fn a_proposal_is_stale_once_another_one_changed_its_document() {
    let world = World::planted(&["ana", "bo"]);
    let (first, second) = (propose_anchor(&world, "ana", "First"), propose_anchor(&world, "bo", "Second"));
    world.approve(&first, &["ana", "bo"]);
    world.approve(&second, &["ana", "bo"]);
    world.ratify(&first);

    let stale = open(&world, &second).unwrap();
    assert_eq!((&stale["standing"], &stale["why"]), (&"stale".into(), &"`canon/OMEGA_IDENTITY.md` has changed since".into()));
    assert_eq!(stale["next"][0]["command"], format!("omega propose --supersedes {second}"));
    assert_eq!(standing(&world, &second), "stale");
    let shown = world.omega(&["canon", "show", &second]).exits(0).out;
    assert!(
        shown.contains("stale: `canon/OMEGA_IDENTITY.md` has changed since\n")
            && shown.contains(&format!("omega propose --supersedes {second}")),
        "{shown}"
    );
    let status = world.by("bo", &["canon", "status"]).exits(0).out;
    assert!(status.contains(&format!("  you: omega propose --supersedes {second}\n")), "{status}");

    let before = world.traces();
    let ran = world.chief(&["canon", "ratify", &second, "--yes"]).exits(10);
    assert_eq!(
        ran.err,
        format!(
            "error: {second} is stale: `canon/OMEGA_IDENTITY.md` has changed since\nhint: carry it over: omega propose --supersedes {second}\n"
        )
    );
    assert_eq!(world.traces(), before);
    // It can still be rejected.
    world.chief(&["canon", "rule", &second, "reject", "--yes", "--reason", "Overtaken."]).exits(0);
    assert_eq!(standing(&world, &second), "reject");
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("First"));
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_stale_proposal_is_carried_over_and_closed_by_the_ruling_on_the_new_one() {
    let world = World::planted(&["ana", "bo"]);
    let (first, second) = (propose_award(&world, "ana", "90"), propose_award(&world, "bo", "80"));
    world.approve(&first, &["ana"]);
    world.ratify(&first);
    let args = ["canon", "propose", "--supersedes", &second, "--title", "Award 80 after all", "--reason", "Still."];
    let ran = world.by("ana", &args).exits(10);
    assert_eq!(
        ran.err,
        format!("error: only `bo`, who proposed {second}, can supersede it before it is ruled\nhint: omega show {second}\n")
    );
    // Both changed one line: which of them is meant is nothing that a program can know.
    let before = world.traces();
    let ran = world.by("bo", &args).exits(10);
    assert_eq!(
        ran.err,
        format!(
            "error: `canon/ECONOMY_MODEL.md` was changed by ruling 1 since the draft was made, in the same places\nhint: edit it on the main branch, and propose that: omega propose --supersedes {second}\n"
        )
    );
    assert_eq!(world.traces(), before);
    world.edit("canon/ECONOMY_MODEL.md", "tenths: 90\n", "tenths: 80\n");
    world.by("bo", &args).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    let third = "2026-02-26-award-80-after-all";
    assert_eq!(standing(&world, &second), "superseded");
    assert_eq!((open(&world, &second), open(&world, third).unwrap()["standing"].clone()), (None, "open".into()));
    let ran = world.by("bo", &args).exits(10);
    assert_eq!(ran.err, format!("error: {third} stands in the place of {second} already\nhint: omega propose --supersedes {third}\n"));
    world.approve(third, &["bo"]);
    world.ratify(third);
    assert!(world.read("canon/ECONOMY_MODEL.md").contains("tenths: 80\n"));
    let ruling = world.read("canon/ledger/000002.md");
    assert!(ruling.contains(&format!("canon/resolutions/{second}/proposal.md: sha256:")), "{ruling}");
    assert_eq!((standing(&world, &second), standing(&world, third)), ("superseded".into(), "approve".into()));
    let ran = world.by("ana", &["canon", "vote", &second, "approve", "--reason", "Too late."]).exits(10);
    assert_eq!(ran.err, format!("error: {second} is ruled: nothing can be added\nhint: omega show {second}\n"));
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_draft_that_is_carried_over_undoes_nothing_that_was_ratified_meanwhile() {
    let world = World::planted(&["ana", "bo"]);
    let first = propose_award(&world, "ana", "90");
    let edited = world.read("canon/ECONOMY_MODEL.md").replacen("# ECONOMY_MODEL\n", "# ECONOMY_MODEL\n\nIn short: credits.\n", 1);
    world.write("canon/ECONOMY_MODEL.md", edited);
    let second = world.propose_edits("bo", "Say it in short");
    world.git(&["switch", "-q", "-c", "feature", "main"]).exits(0);
    world.write("canon/ECONOMY_MODEL.md", world.read("canon/ECONOMY_MODEL.md") + "\nThat is all.\n");
    world.git(&["commit", "-q", "-a", "-m", "Edit"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.approve(&first, &["ana"]);
    world.ratify(&first);

    let args = ["canon", "propose", "--supersedes", &second, "--title", "In short", "--reason", "Still."];
    let ran = world.by("bo", &args).exits(0);
    assert!(
        ran.out.contains("  canon/ECONOMY_MODEL.md was ratified again meanwhile: the draft is the new version with your edit\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("-      tenths"), "{}", ran.out);
    world.approve("2026-02-26-in-short", &["bo"]);
    world.ratify("2026-02-26-in-short");

    let args = ["canon", "propose", "--from", "feature", "--title", "The end", "--reason", "Enough.", "--format", "json"];
    let report = world.by("ana", &args).exits(0).json();
    assert_eq!(report["report"]["carried"], serde_json::json!(["canon/ECONOMY_MODEL.md"]));
    world.approve("2026-02-26-the-end", &["ana"]);
    world.ratify("2026-02-26-the-end");
    let text = world.read("canon/ECONOMY_MODEL.md");
    assert!(text.contains("tenths: 90\n") && text.contains("In short: credits.") && text.ends_with("That is all.\n"), "{text}");
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn a_rejected_draft_can_be_carried_over_by_anyone() {
    let world = World::planted(&["ana", "bo"]);
    let first = propose_anchor(&world, "ana", "Again and again");
    world.chief(&["canon", "rule", &first, "reject", "--yes", "--reason", "Not now."]).exits(0);
    assert!(!world.read("canon/OMEGA_IDENTITY.md").contains("Again and again"));
    world.by("bo", &["canon", "propose", "--supersedes", &first, "--title", "Now", "--reason", "Now."]).exits(0);
    // The work tree was no source of it, and stays where it is.
    assert_eq!(world.git(&["branch", "--show-current"]).out, "main\n");
    world.approve("2026-02-26-now", &["ana", "bo"]);
    world.ratify("2026-02-26-now");
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("Again and again"));
    assert_eq!(standing(&world, &first), "reject");
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn what_is_ratified_cannot_be_superseded() {
    let world = World::planted(&[]);
    let id = world.propose("ry", "Done");
    world.ratify(&id);
    world.edit_identity("More");
    let ran = world.chief(&["canon", "propose", "--supersedes", &id, "--title", "More", "--reason", "More."]).exits(10);
    assert_eq!(ran.err, format!("error: {id} is ratified\nhint: propose the next change on its own: omega propose\n"));
}

#[test]
fn the_governed_edits_of_a_commit_become_a_proposal() {
    let world = World::planted(&["ana"]);
    world.git(&["switch", "-q", "-c", "feature"]).exits(0);
    world.edit_identity("From a feature");
    world.git(&["commit", "-q", "-a", "-m", "Edit"]).exits(0);
    world.commit_unrelated("code.txt");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.by("ana", &["canon", "propose", "--from", "feature", "--title", "Adopt it", "--reason", "Because."]).exits(0);
    assert_eq!((world.git(&["branch", "--show-current"]).out.as_str(), world.git(&["status", "--porcelain"]).out.as_str()), ("main\n", ""));
    world.approve("adopt-it", &["ana"]);
    world.ratify("adopt-it");
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("From a feature"));
    assert!(!world.repo().join("code.txt").exists());
    world.omega(&["canon", "verify"]).exits(0);
    // One whose governed files are as ratified brings nothing.
    let ran = world.by("ana", &["canon", "propose", "--from", "main", "--title", "Nothing", "--reason", "x"]).exits(10);
    assert_eq!(
        ran.err,
        "error: there is nothing to propose: every governed file is as ratified\nhint: choose a commit that changes governed files\n"
    );
    world.by("ana", &["canon", "propose", "--from", "nowhere", "--title", "Nothing", "--reason", "x"]).exits(2);
}

#[test]
fn voting_and_ruling_leave_another_branch_and_its_dirty_files_alone() {
    let world = World::planted(&["ana"]);
    world.commit_unrelated("code.txt");
    let id = propose_anchor(&world, "ana", "Elsewhere");
    world.git(&["switch", "-q", "-c", "feature"]).exits(0);
    world.commit_unrelated("feature.txt");
    world.write("code.txt", "edited\n");
    world.write("new.txt", "new\n");
    world.write("staged.txt", "staged\n");
    world.git(&["add", "staged.txt"]).exits(0);
    let state = |world: &World| {
        (
            world.git(&["status", "--porcelain", "-b"]).out,
            world.git(&["rev-parse", "HEAD"]).out,
            world.git(&["ls-files", "-s"]).out,
            world.read("code.txt"),
        )
    };
    let before = state(&world);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    assert_eq!(state(&world), before);
    assert!(!world.read("canon/OMEGA_IDENTITY.md").contains("Elsewhere"));
    world.omega(&["canon", "verify", "main"]).exits(0);
    // From here, the main branch is still what counts.
    assert_eq!(standing(&world, &id), "approve");
    assert_eq!(open(&world, &id), None);
}

#[test]
fn a_proposal_leaves_branch_index_and_work_tree_as_they_are() {
    let world = World::planted(&["ana"]);
    world.commit_unrelated("code.txt");
    world.git(&["switch", "-q", "-c", "feature"]).exits(0);
    world.commit_unrelated("feature.txt");
    world.write("code.txt", "edited\n");
    world.write("new.txt", "new\n");
    world.write("staged.txt", "staged\n");
    world.git(&["add", "staged.txt"]).exits(0);
    world.edit_identity("With dirty files around");
    let here = |world: &World| {
        [&["status", "--porcelain", "-b"][..], &["ls-files", "-s"], &["diff"]].map(|args| world.git(args).exits(0).out).concat()
    };
    let before = here(&world);
    let id = "2026-02-26-with-dirty-files-around";
    world.by("ana", &["canon", "propose", "--title", "With dirty files around", "--reason", "x"]).exits(0);
    assert_eq!(here(&world), before);
    // It is one commit on the main branch, and brings nothing of the feature.
    let main = world.git(&["rev-parse", "main"]).out;
    assert_eq!(world.git(&["rev-parse", &format!("canon/{id}^@")]).out, main);
    let brought = world.git(&["diff", "--name-only", &format!("main..canon/{id}")]).out;
    assert!(brought.contains("canon/OMEGA_IDENTITY.md\n") && brought.lines().all(|path| path.starts_with("canon/")), "{brought}");

    // The ruling comes onto the main branch, and the feature stays where it was.
    world.approve(id, &["ana"]);
    world.ratify(id);
    assert_eq!(here(&world), before);
    assert_eq!(world.git(&["rev-parse", "main^@"]).out, main);

    // On the main branch an edit that the ruling holds is taken up; whatever else is dirty stays so.
    world.git(&["checkout", "-q", "--", "canon"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit_identity("From the main branch");
    let id = "2026-02-26-from-the-main-branch";
    world.by("ana", &["canon", "propose", "--title", "From the main branch", "--reason", "x"]).exits(0);
    world.approve(id, &["ana"]);
    world.ratify(id);
    assert_eq!(world.git(&["branch", "--show-current"]).out, "main\n");
    assert_eq!(world.git(&["status", "--porcelain"]).out, " M code.txt\nA  staged.txt\n?? new.txt\n");
    assert_eq!(world.read("code.txt"), "edited\n");
}

#[test]
fn agents_md_is_governed_after_a_second_try_and_released_again() {
    let world = World::empty();
    let text = "Be kind.\n";
    world.write("AGENTS.md", text);
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Instructions"]).exits(0);
    let member = format!("ana={}.pub", world.key("ana"));
    world.chief(&["init", "--profile", "omega", "--chief", "ry", "--member", &member]).exits(0);

    // Governing it is proposed together with an edit, and rejected: the file stays what it was, and free.
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who: [AGENTS.md]\n");
    world.write("AGENTS.md", "Be unkind.\n");
    let first = world.propose_edits("ana", "Govern AGENTS.md");
    assert!(world.omega(&["canon", "show", &first]).exits(0).out.contains("  added    AGENTS.md\n"));
    world.chief(&["canon", "rule", &first, "reject", "--yes", "--reason", "Not so."]).exits(0);
    assert_eq!((world.read("AGENTS.md").as_str(), world.git(&["status", "--porcelain"]).out.as_str()), (text, ""));
    world.omega(&["canon", "verify"]).exits(0);
    let text = "Be kind, always.\n";
    world.write("AGENTS.md", text);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    world.git(&["commit", "-q", "-a", "-m", "It is free to change"]).exits(0);

    // Again, with the file as it lies there now.
    world.by("ana", &["canon", "propose", "--supersedes", &first, "--title", "Govern it as it is", "--reason", "Because."]).exits(0);
    world.approve("govern-it-as-it-is", &["ana"]);
    world.ratify("govern-it-as-it-is");
    assert_eq!(world.read("AGENTS.md"), text);
    // Nor does git convert it from now on.
    assert_eq!(world.git(&["check-attr", "text", "--", "AGENTS.md"]).out, "AGENTS.md: text: unset\n");
    assert_eq!(world.read(".gitattributes").matches("\"/AGENTS.md\"").count(), 1);
    world.omega(&["canon", "verify"]).exits(0);
    world.write("AGENTS.md", "Be unkind.\n");
    let ran = world.omega(&["canon", "verify", "--worktree"]).exits(11);
    assert!(ran.out.starts_with("C040 AGENTS.md: the bytes are not the ratified ones\n"), "{}", ran.out);
    world.write("agents.md", "Be somebody else.\n");
    let ran = world.omega(&["canon", "verify", "--worktree"]).exits(11);
    assert!(ran.out.contains("C003 agents.md: "), "{}", ran.out);
    std::fs::remove_file(world.repo().join("agents.md")).unwrap();
    world.git(&["checkout", "-q", "AGENTS.md"]).exits(0);

    // Released, it stays where it is, and is free once more.
    world.edit("canon/OMEGA_IDENTITY.md", "  who: [AGENTS.md]\n", "  who: []\n");
    let third = world.propose_edits("ana", "Release AGENTS.md");
    assert!(world.omega(&["canon", "show", &third]).exits(0).out.contains("  released AGENTS.md\n"));
    world.approve(&third, &["ana"]);
    world.ratify(&third);
    assert_eq!(world.read("AGENTS.md"), text);
    world.write("AGENTS.md", "Be unkind.\n");
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
}

#[test]
fn instruction_files_can_be_governed_from_the_first_ruling_on() {
    let world = World::empty();
    for path in ["AGENTS.md", "prompts/system.md", "prompts/deep/er.md", "docs/readme.md"] {
        world.write(path, format!("{path}\n"));
    }
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Instructions"]).exits(0);
    let planted = world
        .chief(&["init", "--profile", "omega", "--chief", "ry", "--govern", "prompts/**", "--govern", "AGENTS.md", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(planted["report"]["governed"], serde_json::json!(["AGENTS.md", "prompts/deep/er.md", "prompts/system.md"]));
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    let attributes = world.git(&["check-attr", "text", "export-ignore", "--", "prompts/deep/er.md"]).out;
    assert_eq!(attributes, "prompts/deep/er.md: text: unset\nprompts/deep/er.md: export-ignore: unset\n");
    world.omega(&["canon", "verify"]).exits(0);
    world.write("docs/readme.md", "free\n");
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    world.write("prompts/new.md", "new\n");
    let ran = world.omega(&["canon", "verify", "--worktree"]).exits(11);
    assert!(ran.out.starts_with("C042 prompts/new.md: no council ratified this file\n"), "{}", ran.out);
    // A new governed file is proposed like any other edit.
    let id = world.propose_edits("ry", "A new prompt");
    world.omega(&["canon", "verify"]).exits(12);
    world.ratify(&id);
    std::fs::remove_file(world.repo().join("prompts/new.md")).unwrap();
    let ran = world.omega(&["canon", "verify", "--worktree"]).exits(11);
    assert!(ran.out.starts_with("C041 prompts/new.md: the ratified file is missing\n"), "{}", ran.out);
    let id = world.propose_edits("ry", "Without the new prompt");
    world.ratify(&id);
    world.omega(&["canon", "verify"]).exits(0);
    assert!(!world.repo().join("prompts/new.md").exists());
}

#[test]
fn a_linked_work_tree_moves_no_branch_that_another_one_shows() {
    let world = World::planted(&["ana"]);
    world.git(&["worktree", "add", "-q", "../linked", "-b", "side"]).exits(0);
    let linked = world.path("linked");
    let key = |name: &str| world.key(name);
    world.omega_in(&linked, &["canon", "verify", "--worktree"]).exits(0);
    let identity = linked.join("canon/OMEGA_IDENTITY.md");
    let text = std::fs::read_to_string(&identity).unwrap();
    std::fs::write(&identity, text.replacen("  anchors:\n", "  anchors:\n    - \"Linked\"\n", 1)).unwrap();
    world.omega_in(&linked, &["canon", "propose", "--title", "Linked", "--reason", "x", "--key", &key("ana")]).exits(0);
    let id = "2026-02-26-linked";
    assert_eq!(world.git_in(&linked, &["status", "--porcelain", "-b"]).out, "## side\n M canon/OMEGA_IDENTITY.md\n");
    world.git_in(&linked, &["switch", "-q", "-f", &format!("canon/{id}")]).exits(0);
    world.omega_in(&linked, &["canon", "vote", id, "approve", "--reason", "x", "--key", &key("ana")]).exits(0);

    // The main branch is checked out in the first work tree, and the canon branch in the linked one.
    let before = world.traces();
    let ran = world.omega_in(&linked, &["canon", "ratify", id, "--yes", "--key", &key("ry")]).exits(10);
    assert_eq!(
        world.plain(&ran.err),
        "error: the branch `main` is checked out in another work tree: `[tmp]/repo`\nhint: run the command there: cd [tmp]/repo\n"
    );
    assert_eq!(world.traces(), before);

    world.omega_in(&linked, &["canon", "ratify", id, "--yes", "--no-merge", "--key", &key("ry")]).exits(0);
    assert_eq!(world.git_in(&linked, &["status", "--porcelain"]).out, "");
    world.omega_in(&linked, &["canon", "verify"]).exits(0);
    // The branch of the proposal is checked out there, and stays.
    world.chief(&["canon", "ratify", id, "--yes"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    assert_eq!(world.git_in(&linked, &["status", "--porcelain", "-b"]).out, format!("## canon/{id}\n"));
}

#[test]
fn everything_works_from_a_subfolder() {
    let world = World::planted(&["ana"]);
    let below = world.repo().join("src/deep");
    std::fs::create_dir_all(&below).unwrap();
    world.edit_identity("From below");
    let key = world.key("ana");
    world.omega_in(&below, &["canon", "propose", "--title", "From below", "--reason", "x", "--key", &key]).exits(0);
    world.omega_in(&below, &["canon", "vote", "from-below", "approve", "--reason", "x", "--key", &key]).exits(0);
    world.omega_in(&below, &["canon", "ratify", "from-below", "--yes", "--key", "../../../keys/ry"]).exits(0);
    for args in [&["canon", "verify"][..], &["canon", "verify", "--worktree"], &["canon", "verify", "--dir", "../.."], &["canon", "status"]]
    {
        let trust = if args.contains(&"--dir") { vec!["--root".to_owned(), world.root()] } else { Vec::new() };
        let trust: Vec<&str> = trust.iter().map(String::as_str).collect();
        world.omega_in(&below, &[args, &trust[..]].concat()).exits(0);
    }
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
}

#[test]
fn a_part_of_an_id_is_enough_if_only_one_has_it() {
    let world = World::planted(&["ana"]);
    let id = propose_anchor(&world, "ana", "Plain words");
    propose_award(&world, "ana", "90");
    let shown = world.omega(&["canon", "show", "plain", "--format", "json"]).exits(0).json();
    assert_eq!(shown["report"]["id"], id);
    let ran = world.omega(&["canon", "show", "2026-02-26"]).exits(2);
    assert_eq!(
        ran.err,
        format!("error: `2026-02-26` may be any of: 2026-02-26-award-90, 2026-02-26-genesis, {id}\nhint: write more of the id\n")
    );
}

#[test]
fn the_same_title_twice_on_one_day_gives_two_ids() {
    let world = World::planted(&["ana"]);
    let first = propose_anchor(&world, "ana", "Same");
    world.edit_identity("Same, but different");
    assert_eq!((first.as_str(), world.propose_edits("ana", "Same").as_str()), ("2026-02-26-same", "2026-02-26-same-2"));
}

#[test]
fn an_open_proposal_on_the_branch_at_hand_is_in_the_way_of_another() {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "First");
    world.git(&["branch", "-q", "-m", "renamed"]).exits(0);
    world.edit("canon/ECONOMY_MODEL.md", "tenths: 100\n", "tenths: 90\n");
    let before = world.traces();
    let ran = world.by("ana", &["canon", "propose", "--title", "Second", "--reason", "x"]).exits(10);
    assert_eq!(
        ran.err,
        format!(
            "error: this branch holds the open proposal {id}\nhint: propose from the main branch: git switch main; or carry that one over: omega propose --supersedes {id}\n"
        )
    );
    assert_eq!(world.traces(), before);
}

#[test]
fn a_second_proposal_from_the_branch_of_a_first_does_not_take_its_draft_along() {
    let world = World::planted(&["ana"]);
    let first = world.propose("ana", "First");
    world.edit("canon/ECONOMY_MODEL.md", "tenths: 100\n", "tenths: 90\n");
    let before = world.traces();
    let args = ["canon", "propose", "--title", "Second", "--reason", "x"];
    let ran = world.by("ana", &args).exits(10);
    assert_eq!(
        ran.err,
        format!(
            "error: this branch holds the open proposal {first}\nhint: propose from the main branch: git switch main; or carry that one over: omega propose --supersedes {first}\n"
        )
    );
    assert_eq!(world.traces(), before);
    world.git(&["switch", "-q", "main"]).exits(0);
    let second = world.by("ana", &[&args[..], &["--format", "json"]].concat()).exits(0).json()["report"].clone();
    let paths: Vec<&str> = second["changes"].as_array().unwrap().iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["canon/ECONOMY_MODEL.md", "canon/phylactery/fact/ECONOMY_MODEL.md"]);
}

#[test]
fn a_branch_older_than_the_pinned_checkpoint_can_be_worked_on() {
    let world = World::planted(&["ana"]);
    let (anchor, award) = (propose_anchor(&world, "ana", "First"), propose_award(&world, "ana", "90"));
    world.approve(&anchor, &["ana"]);
    let ruled = world.chief(&["canon", "ratify", &anchor, "--yes", "--format", "json"]).exits(0).json();
    world.omega(&["trust", "pin", &world.root(), "--sequence", "1", "--head", ruled["report"]["head"].as_str().unwrap()]).exits(0);
    world.approve(&award, &["ana"]);
    world.ratify(&award);
    world.omega(&["canon", "verify"]).exits(0);
    // What is verified on its own must contain what was seen.
    let genesis = world.git(&["rev-list", "--max-parents=0", "HEAD"]).exits(0).out;
    world.omega(&["canon", "verify", genesis.trim()]).exits(11);
}

#[test]
fn list_show_log_and_diff_tell_the_same_story_to_people_and_programs() {
    let world = World::planted(&["ana", "bo"]);
    let ratified = propose_anchor(&world, "ana", "Ratified");
    world.by("ana", &["canon", "vote", &ratified, "approve", "--reason", "Clear\nand short.", "--confidence", "80"]).exits(0);
    world.approve(&ratified, &["bo"]);
    world.ratify(&ratified);
    let withdrawn = propose_award(&world, "bo", "90");
    world.by("bo", &["canon", "withdraw", &withdrawn, "--reason", "No."]).exits(0);
    let sent_back = propose_award(&world, "bo", "80");
    world.chief(&["canon", "rule", &sent_back, "amend", "--yes", "--reason", "Less."]).exits(0);
    let open = propose_award(&world, "bo", "70");

    let list = world.omega(&["canon", "list"]).exits(0).out;
    assert_eq!(
        list,
        "withdrawn  2026-02-26-award-90 Award 90\n\
         open       2026-02-26-award-70 Award 70\n\
         sent back  2026-02-26-award-80 Award 80\n\
         ratified   2026-02-26-ratified Ratified\n\
         ratified   2026-02-26-genesis  Plant the canon\n"
    );
    let expected = [
        (withdrawn.as_str(), "withdrawn"),
        (open.as_str(), "open"),
        (sent_back.as_str(), "amend"),
        (ratified.as_str(), "approve"),
        ("2026-02-26-genesis", "approve"),
    ];
    assert_eq!(standings(&world), expected.map(|(id, standing)| (id.to_owned(), standing.to_owned())));

    let shown = world.omega(&["canon", "show", &ratified]).exits(0).out;
    assert_eq!(
        shown,
        "Ratified\n2026-02-26-ratified\n\nratified by ruling 1\ncritical risk, proposed by ana on 2026-02-26\n  \
         changed  canon/OMEGA_IDENTITY.md\n  changed  canon/phylactery/fact/OMEGA_IDENTITY.md\n  Because.\n\n\
         ana approve weight 1, confidence 80\n  Clear\n  and short.\nbo approve weight 1, confidence 100\n  Good.\n\n\
         cast 2 of 2: 2 approve, 0 reject, 0 amend, 0 abstain; the council approves\n\nthe ruling\n  So be it.\n"
    );
    let report = world.omega(&["canon", "show", &ratified, "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!(
        (&report["ruling"], &report["ruling_reason"], &report["votes"][0]["reason"], &report["count"]["tally"]["approve"]),
        (&1.into(), &"So be it.".into(), &"Clear\nand short.".into(), &2.into())
    );

    let log = world.omega(&["canon", "log"]).exits(0).out;
    let heads: Vec<&str> = log.lines().filter(|line| !line.starts_with("       ")).map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        heads,
        [
            "   2 sent back Award 80 2026-02-26-award-80 by ry on 2026-02-26",
            "   1 ratified  Ratified 2026-02-26-ratified by ry on 2026-02-26",
            "   0 ratified  Plant the canon 2026-02-26-genesis by ry on 2026-02-26"
        ]
    );
    let entries = world.omega(&["canon", "log", "--format", "json"]).exits(0).json()["report"].clone();
    assert_eq!((&entries[0]["changed"], &entries[1]["changed"][0]), (&Value::Array(Vec::new()), &"canon/OMEGA_IDENTITY.md".into()));
    assert_eq!(entries[2]["digest"], world.root());

    let diff = world.omega(&["canon", "diff", &open, "--color", "never"]).exits(0).out;
    assert!(
        diff.starts_with("canon/ECONOMY_MODEL.md changed\n@@ -1,14 +1,14 @@\n")
            && diff.contains("\n-      tenths: 100\n+      tenths: 70\n"),
        "{diff}"
    );
    let sides = world.omega(&["canon", "diff", &open, "--format", "json"]).exits(0).json()["report"].clone();
    let sides = &sides["files"];
    assert!(sides[0]["before"].as_str().unwrap().contains("tenths: 100\n") && sides[0]["after"].as_str().unwrap().contains("tenths: 70\n"));
}

#[test]
fn a_member_cannot_flood_the_council() {
    let world = World::planted(&["ana", "bo"]);
    world.edit("canon/PEACE_PIPE_PROTOCOL.md", "open_per_member: 8", "open_per_member: 1");
    let id = world.propose_edits("ana", "One at a time");
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    let first = propose_award(&world, "ana", "90");
    world.by("ana", &["canon", "propose", "--supersedes", &first, "--title", "In its place", "--reason", "x"]).exits(0);
    world.by("ana", &["canon", "withdraw", &first, "--reason", "x"]).exits(0);
    world.edit_identity("One too many");
    let second = ["canon", "propose", "--title", "Second", "--reason", "x"];
    let ran = world.by("ana", &second).exits(10);
    assert_eq!(ran.err, "error: `ana` has 1 open proposals, and the protocol allows 1\nhint: withdraw one: omega withdraw ID\n");
    // What the hint says helps.
    world.by("ana", &["canon", "withdraw", "in-its-place", "--reason", "x"]).exits(0);
    world.by("ana", &second).exits(0);
}
