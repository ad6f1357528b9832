//! The Chief's key is lost, and comes back by the recovery keys, or not at all.

use crate::world::World;

const ID: &str = "2026-02-26-replace-the-lost-key-of-the-chief";

/// A canon with recovery keys `one`, `two` and `three`, of which two must sign.
fn prepared() -> World {
    let world = World::planted(&["ann"]);
    let [one, two, three] = ["one", "two", "three"].map(|name| world.pub_file(name));
    let id = world.drafts("ry", &["key", "recovery", "set", "--threshold", "2", &one, &two, &three, "--enrol-key", &world.key("one")]);
    assert_eq!(id, "2026-02-26-name-3-recovery-keys");
    world.approve(&id, &["ann"]);
    for name in ["two", "three"] {
        let shown = world.omega(&["canon", "show", &id]).exits(0).out;
        let asked = format!("let the holder of the recovery key {} prove possession", world.fingerprint(name));
        assert!(shown.contains(&asked), "{shown}");
        let refused = world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
        assert!(refused.err.contains("missing: SHA256:") && refused.err.contains("of `the recovery keys`"), "{}", refused.err);
        world.by(name, &["canon", "enrol", &id]).exits(0);
    }
    world.ratify(&id);
    world.holds();
    world
}

#[test]
fn recovery_keys_are_named_by_a_proposal_that_changes_nothing_else() {
    let world = prepared();
    let text = world.read("canon/CONSENSUS_ENGINE.md");
    let list = format!(
        "  recovery:\n    threshold: 2\n    keys:\n      - {}\n      - {}\n      - {}\nenforcement",
        world.public("one"),
        world.public("two"),
        world.public("three")
    );
    assert!(text.contains(&list) && text.contains("version: \"1.1.0\"") | text.contains("version: \"1.0.1\""), "{text}");
    let listed = world.omega(&["council", "list"]).exits(0).out;
    assert!(listed.contains("2 of 3 recovery keys replace a lost key of the Chief"), "{listed}");
    // The same list again is nothing new; another one takes new keys only.
    let [one, two, three, ann] = ["one", "two", "three", "ann"].map(|name| world.pub_file(name));
    world.denies(
        "ry",
        &["key", "recovery", "set", "--threshold", "2", &one, &two, &three],
        10,
        "error: there is nothing to propose: every governed file is as ratified\nhint: omega status shows what is ratified\n",
    );
    world.denies(
        "ry",
        &["key", "recovery", "set", "--threshold", "1", &one, &ann],
        10,
        "error: SHA256:[…] is a key of `ann` already\nhint: make a new one: omega key new FILE\n",
    );
    world.denies(
        "ry",
        &["key", "recovery", "set", "--threshold", "1", &one, &one],
        2,
        "error: SHA256:[…] is named twice\nhint: each recovery key counts once\n",
    );
    for threshold in ["0", "2"] {
        world.denies(
            "ry",
            &["key", "recovery", "set", "--threshold", threshold, &one],
            2,
            &format!("error: the threshold {threshold} is not between 1 and the number of recovery keys, 1\nhint: --threshold K says how many of them must sign\n"),
        );
    }
    world.enacts("ry", &["key", "recovery", "clear"], &["ann"]);
    assert!(!world.read("canon/CONSENSUS_ENGINE.md").split("\n---\n").next().unwrap().contains("  recovery:"));
    let refused = world.chief(&["key", "recovery", "set", "--threshold", "1", &one]).exits(10);
    assert!(refused.err.contains("was a recovery key and left by ruling 2: a key that has left never comes back"), "{}", refused.err);
}

#[test]
fn a_lost_key_is_replaced() {
    let world = prepared();
    let new = world.key("ry-2");
    // The new key speaks for the Chief; what it asks for stands nowhere before the ruling.
    let ran = world.omega(&["key", "recovery", "start", "--to", &new]).exits(0);
    assert!(ran.out.contains(&format!("omega key recovery sign {ID} --key FILE")), "{}", ran.out);
    assert_eq!(world.git(&["branch", "--show-current"]).out, "main\n");
    assert_eq!(world.omega(&["canon", "verify", &format!("canon/{ID}")]).exits(0).code, Some(0));
    let status = world.omega(&["canon", "status"]).exits(0).out;
    assert!(status.contains(&format!("open {ID}")), "{status}");
    let line = format!("a recovery: 0 of 2 recovery keys have signed; the Chief would have the key {}", world.fingerprint("ry-2"));
    assert!(status.contains(&line), "{status}");
    let finish = ["key", "recovery", "finish", ID, "--yes", "--reason", "The old one burned."];
    world.denies("ry-2", &finish, 10, &format!("error: 0 of 2 recovery keys have signed\nhint: omega key recovery sign {ID} --key FILE\n"));

    let signed = world.by("three", &["key", "recovery", "sign", ID]).exits(0).out;
    assert!(signed.contains("let 1 more of the recovery keys sign (1 of 2 did)"), "{signed}");
    // The same key counts once.
    world.by("three", &["key", "recovery", "sign", ID]).exits(0);
    let shown = world.omega(&["canon", "show", ID, "--format", "json"]).json();
    assert_eq!((&shown["report"]["recovery"]["signed"], &shown["report"]["standing"]), (&1.into(), &"open".into()));
    let signed = world.by("one", &["key", "recovery", "sign", ID]).exits(0).out;
    assert!(signed.contains(&format!("omega key recovery finish {ID} --key FILE")), "{signed}");

    let ruled = world.by("ry-2", &finish).exits(0).out;
    assert!(ruled.contains(&format!("recovered {ID} by ruling 2")), "{ruled}");
    world.holds();
    assert!(world.read("canon/ledger/000002.md").contains("verdict: recover\n"));
    let signers = world.read("canon/ledger/000002.signers");
    assert!(signers.contains(&world.public("ry-2")) && !signers.contains(&world.public("ry")), "{signers}");
    // Stock tools verify the recovery against its own signers, and the state file that it brought.
    for (file, namespace) in [("canon/ledger/000002.md", "omega-ruling-v1"), ("canon/council/ry.md", "omega-state-v1")] {
        let signature = format!("{file}.sig");
        let args = ["-Y", "verify", "-f", "canon/ledger/000002.signers", "-I", "ry", "-n", namespace, "-s", &signature];
        world.run("ssh-keygen", &args, &world.repo(), Some(world.read(file).as_bytes())).exits(0);
    }
    let id = world.propose("ry-2", "Say it plainly");
    world.approve(&id, &["ann"]);
    let refused = world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("was `ry`'s, and left by ruling 2"), "{}", refused.err);
    world.by("ry-2", &["canon", "ratify", &id, "--yes"]).exits(0);
    world.holds();
}

#[test]
fn a_member_starts_a_recovery_where_the_new_key_is_elsewhere() {
    let world = prepared();
    let to = world.pub_file("ry-2");
    world.by("ann", &["key", "recovery", "start", "--to", &to]).exits(0);
    world.omega(&["canon", "verify", &format!("canon/{ID}")]).exits(0);
    for name in ["one", "two"] {
        world.by(name, &["key", "recovery", "sign", ID]).exits(0);
    }
    let finish = ["key", "recovery", "finish", ID, "--yes"];
    let words = format!(
        "error: the holder of each added key signs the proposal first; missing: SHA256:[…] of `ry`\nhint: omega enrol {ID} --key FILE\n"
    );
    world.denies("ry-2", &finish, 10, &words);
    world.by("ry-2", &["canon", "enrol", ID]).exits(0);
    world.denies(
        "ry",
        &finish,
        10,
        &format!("error: {ID} does not give the Chief the key SHA256:[…]\nhint: name the new key with --key FILE\n"),
    );
    world.by("ry-2", &finish).exits(0);
    world.holds();
}

#[test]
fn a_recovery_may_renew_the_recovery_keys() {
    let world = prepared();
    let (new, four) = (world.key("ry-2"), world.pub_file("four"));
    world
        .omega(&["key", "recovery", "start", "--to", &new, "--renew", &four, "--threshold", "1", "--enrol-key", &world.key("four")])
        .exits(0);
    world.omega(&["canon", "verify", &format!("canon/{ID}")]).exits(0);
    for name in ["one", "two"] {
        world.by(name, &["key", "recovery", "sign", ID]).exits(0);
    }
    world.by("ry-2", &["key", "recovery", "finish", ID, "--yes"]).exits(0);
    world.holds();
    let listed = world.omega(&["council", "list"]).exits(0).out;
    assert!(listed.contains("1 of 1 recovery keys") && listed.contains(&world.fingerprint("four")), "{listed}");
}

#[test]
fn a_recovery_is_nobody_else_s_to_make() {
    let world = prepared();
    let stranger = world.key("stranger");
    world.omega(&["key", "recovery", "start", "--to", &stranger, "--title", "Trust me"]).exits(0);
    let id = "2026-02-26-trust-me";
    let finish = ["key", "recovery", "finish", id, "--yes"];
    for name in ["stranger", "ann", "ry"] {
        let refused = world.by(name, &["key", "recovery", "sign", id]).exits(10);
        assert!(refused.err.contains("is not a recovery key"), "{}", refused.err);
    }
    world.by("one", &["key", "recovery", "sign", id]).exits(0);
    world.denies(
        "stranger",
        &finish,
        10,
        &format!("error: 1 of 2 recovery keys have signed\nhint: omega key recovery sign {id} --key FILE\n"),
    );
    // Nobody speaks or votes, which would spoil an honest one; and it is not ratified.
    let words = format!(
        "error: {id} is a recovery: the recovery keys decide on it, and members neither speak nor vote\nhint: with a recovery key: omega key recovery sign {id} --key FILE\n"
    );
    world.denies("ann", &["canon", "vote", id, "approve", "--reason", "Yes."], 10, &words);
    world.denies("ann", &["canon", "speak", id, "approve", "--reason", "Yes."], 10, &words);
    world.denies(
        "ry",
        &["canon", "ratify", id, "--yes"],
        10,
        &format!("error: {id} is a recovery: it is ruled with the new key, after enough recovery keys signed it\nhint: omega key recovery finish {id} --key FILE; or, if the old key is there again: omega rule {id} reject\n"),
    );
    // Its bytes put in place are no draft.
    world.git(&["switch", "-q", &format!("canon/{id}")]).exits(0);
    world.edit("canon/council/ry.md", &world.public("ry"), &world.public("stranger"));
    let found = world.omega(&["canon", "verify", "--worktree"]).exits(11).out;
    assert!(found.contains("C040 canon/council/ry.md"), "{found}");
    world.git(&["checkout", "-q", "."]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    // The Chief, whose key is not lost at all, closes it.
    world.chief(&["canon", "rule", id, "reject", "--yes"]).exits(0);
    world.holds();
}

#[test]
fn what_was_no_recovery_and_what_cannot_be_one() {
    let world = World::planted(&["ann"]);
    let new = world.key("ry-2");
    let before = world.traces();
    let refused = world.omega(&["key", "recovery", "start", "--to", &new]).exits(10);
    assert_eq!(
        refused.err,
        "error: CONSENSUS_ENGINE has no recovery keys, and nothing else can replace a lost key of the Chief\nhint: only a new canon with a new pin is left: omega init --new DIR\n"
    );
    assert_eq!(world.traces(), before);
    let id = world.propose("ann", "Say it plainly");
    world.denies("ry-2", &["key", "recovery", "sign", &id], 10, &format!("error: {id} is not a recovery\nhint: omega show {id}\n"));
    world.denies(
        "ry",
        &["key", "recovery", "finish", &id, "--yes"],
        10,
        &format!("error: {id} is not a recovery\nhint: as Chief: omega ratify {id}\n"),
    );
    let refused = world.omega(&["key", "recovery", "finish", &id, "--yes"]).exits(2);
    assert!(refused.err.contains("the new key is not on the council yet, so it must be named"), "{}", refused.err);
    let world = prepared();
    let refused = world.omega(&["key", "recovery", "start", "--to", &world.key("ann")]).exits(10);
    assert!(refused.err.contains("is a key of `ann` already"), "{}", refused.err);
    let refused = world.omega(&["key", "recovery", "start", "--to", &world.key("ry")]).exits(10);
    assert!(refused.err.contains("is a key of `ry` already"), "{}", refused.err);
}

#[test]
fn a_recovery_that_the_ledger_has_left_behind_is_stale() {
    let world = prepared();
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2")]).exits(0);
    for name in ["one", "two"] {
        world.by(name, &["key", "recovery", "sign", ID]).exits(0);
    }
    // The Chief finds the old key, and rotates.
    world.enacts("ry", &["key", "rotate", "--to", &world.pub_file("ry-3"), "--enrol-key", &world.key("ry-3")], &["ann"]);
    let refused = world.by("ry-2", &["key", "recovery", "finish", ID, "--yes"]).exits(10);
    assert!(refused.err.contains(&format!("{ID} is stale")), "{}", refused.err);
    assert!(refused.err.contains("hint: start again: omega key recovery start --to FILE"), "{}", refused.err);
    let shown = world.omega(&["canon", "show", ID, "--format", "json"]).json();
    assert_eq!(shown["report"]["standing"], "stale");
}

#[test]
fn a_chief_with_many_open_proposals_recovers_all_the_same() {
    let world = prepared();
    for number in 0..8 {
        world.propose("ry", &format!("Open {number}"));
        world.git(&["switch", "-q", "main"]).exits(0);
    }
    world.edit_identity("One more");
    let refused = world.chief(&["canon", "propose", "--title", "One more", "--reason", "Because."]).exits(10);
    assert!(refused.err.contains("has 8 open proposals"), "{}", refused.err);
    // Other edits lie in the work tree, and stay.
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2")]).exits(0);
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("One more"));
    // The same again is the same proposal.
    let again = world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2"), "--format", "json"]).exits(0).json();
    assert_eq!(again["report"]["resolution"], ID);
}
