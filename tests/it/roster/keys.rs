//! Keys that come and go: rotation, further keys, revocation.

use crate::world::{Ran, World};

/// Checks a signature with stock ssh-keygen.
#[track_caller]
fn stock_verifies(world: &World, signers: &str, principal: &str, namespace: &str, file: &str) {
    let (file, signature) = (world.repo().join(file), world.repo().join(format!("{file}.sig")));
    let args = ["-Y", "verify", "-f", signers, "-I", principal, "-n", namespace, "-s", signature.to_str().unwrap()];
    world.run("ssh-keygen", &args, &world.repo(), Some(&std::fs::read(file).unwrap())).exits(0);
}

#[test]
fn the_chief_rotates_the_key() {
    let world = World::planted(&["ann"]);
    let (to, private) = (world.pub_file("ry-2"), world.key("ry-2"));
    let id = world.drafts("ry", &["key", "rotate", "--to", &to, "--enrol-key", &private]);
    assert_eq!(id, "2026-02-26-rotate-the-key-of-ry");
    world.approve(&id, &["ann"]);
    // The new key rules nothing before the old one has ruled on it.
    let refused = world.by("ry-2", &["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("belongs to no member of the council"), "{}", refused.err);
    world.ratify(&id);
    world.holds();

    // Stock tools: the rotation by the signers of the state before, its state files by those that it was sealed with.
    stock_verifies(&world, "canon/ledger/000000.signers", "ry", "omega-ruling-v1", "canon/ledger/000001.md");
    stock_verifies(&world, "canon/ledger/000000.signers", "ry", "omega-proposal-v1", &format!("canon/resolutions/{id}/proposal.md"));
    stock_verifies(&world, "canon/ledger/000000.signers", "ry", "omega-state-v1", "canon/council/ry.md");
    let signers = world.read("canon/ledger/000001.signers");
    assert!(signers.contains(&world.public("ry-2")) && !signers.contains(&world.public("ry")), "{signers}");
    let enrolment = std::fs::read_dir(world.repo().join(format!("canon/resolutions/{id}/keys"))).unwrap().next().unwrap().unwrap().path();
    let proposal = std::fs::read(world.repo().join(format!("canon/resolutions/{id}/proposal.md"))).unwrap();
    let args = ["-Y", "verify", "-f", "canon/ledger/000001.signers", "-I", "ry", "-n", "omega-enrol-v1", "-s", enrolment.to_str().unwrap()];
    world.run("ssh-keygen", &args, &world.repo(), Some(&proposal)).exits(0);

    // The old key is denied, and says why.
    world.edit_identity("With the old key");
    world.denies(
        "ry",
        &["canon", "propose", "--title", "With the old key", "--reason", "Because."],
        10,
        "error: the key SHA256:[…] in `[tmp]/keys/ry` was `ry`'s, and left by ruling 1\nhint: `ry` signs with another key now: --key FILE; omega council list shows which\n",
    );
    let id = world.propose_edits("ry-2", "With the new key");
    world.approve(&id, &["ann"]);
    let refused = world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("was `ry`'s, and left by ruling 1"), "{}", refused.err);
    world.by("ry-2", &["canon", "ratify", &id, "--yes"]).exits(0);
    world.holds();
    stock_verifies(&world, "canon/ledger/000001.signers", "ry", "omega-ruling-v1", "canon/ledger/000002.md");
    stock_verifies(&world, "canon/ledger/000001.signers", "ry", "omega-state-v1", "canon/OMEGA_IDENTITY.md");
    // A key that has left never comes back, under no name.
    for args in [&["key", "rotate", "--to", &world.pub_file("ry")][..], &["council", "add", "cy", &world.pub_file("ry")]] {
        world.denies(
            "ry-2",
            args,
            10,
            "error: SHA256:[…] was a key of `ry` and left by ruling 1: a key that has left never comes back\nhint: make a new one: omega key new FILE\n",
        );
    }
}

#[test]
fn a_rotation_takes_both_keys() {
    let world = World::planted(&["ann"]);
    let to = world.pub_file("ann-2");
    // By the old one alone it can be voted on, and not be ratified.
    let id = world.drafts("ann", &["key", "rotate", "--to", &to]);
    world.approve(&id, &["ann"]);
    let words = format!(
        "error: the holder of each added key signs the proposal first; missing: SHA256:[…] of `ann`\nhint: omega enrol {id} --key FILE\n"
    );
    world.denies("ry", &["canon", "ratify", &id, "--yes"], 10, &words);
    // By the new one alone it cannot even be proposed.
    let refused = world.by("ann-2", &["key", "rotate", "ann", "--to", &to]).exits(10);
    assert!(refused.err.contains("belongs to no member of the council"), "{}", refused.err);
    let refused = world.by("ann", &["canon", "enrol", &id]).exits(10);
    assert!(refused.err.contains("does not add the key"), "{}", refused.err);
    world.by("ann-2", &["canon", "enrol", &id]).exits(0);
    world.ratify(&id);
    world.holds();
    // What the old key signed before stays; now the new one votes.
    let shown = world.omega(&["canon", "show", &id, "--format", "json"]).json();
    assert_eq!(shown["report"]["count"]["tally"]["cast"], 1);
    let id = world.propose("ry", "Say it plainly");
    let refused = world.by("ann", &["canon", "vote", &id, "approve", "--reason", "Old."]).exits(10);
    assert!(refused.err.contains("was `ann`'s, and left by ruling 1"), "{}", refused.err);
    world.by("ann-2", &["canon", "vote", &id, "approve", "--reason", "New."]).exits(0);
}

#[test]
fn another_member_s_key_is_rotated_by_the_council() {
    let world = World::planted(&["ann", "bo"]);
    let id =
        world.drafts("ry", &["key", "rotate", "bo", "--to", &world.pub_file("bo-2"), "--title", "Bo lost a laptop", "--reason", "Lost."]);
    assert_eq!(id, "2026-02-26-bo-lost-a-laptop");
    world.approve(&id, &["ann", "bo"]);
    world.by("bo-2", &["canon", "enrol", &id]).exits(0);
    world.ratify(&id);
    world.holds();
    assert!(world.read("canon/council/bo.md").contains(&world.public("bo-2")));
}

#[test]
fn several_keys_of_one_member_are_one_voter_and_go_one_by_one() {
    let world = World::planted(&["ann", "bo"]);
    let further =
        |name: &str| ["key", "rotate", "--keep", "--to", &world.pub_file(name), "--enrol-key", &world.key(name)].map(str::to_owned);
    let args = further("ann-2");
    let id = world.enacts("ann", &args.iter().map(String::as_str).collect::<Vec<_>>(), &["ann", "bo"]);
    assert_eq!(id, "2026-02-26-give-ann-a-further-key");
    assert_eq!(world.roster()[1], "2 ann member human - 1 2");
    // Two keys, one voter: the second ballot replaces the first.
    let id = world.propose("bo", "Say it plainly");
    world.by("ann", &["canon", "vote", &id, "approve", "--reason", "One."]).exits(0);
    let again = world.by("ann-2", &["canon", "vote", &id, "reject", "--reason", "Two.", "--format", "json"]).exits(0).json();
    assert_eq!((&again["report"]["ballot"], &again["report"]["count"]["tally"]["cast"]), (&2.into(), &1.into()));
    world.git(&["switch", "-q", "main"]).exits(0);

    world.denies(
        "ry",
        &["key", "rotate", "ann", "--to", &world.pub_file("ann-3")],
        2,
        "error: `ann` has several keys: SHA256:[…], SHA256:[…]\nhint: say which one leaves with --old FINGERPRINT, or keep them with --keep\n",
    );
    world.denies(
        "ry",
        &["key", "revoke", "ann", &world.fingerprint("bo")],
        10,
        "error: SHA256:[…] is not a key of `ann`\nhint: omega council list\n",
    );
    let id = world.enacts("ry", &["key", "revoke", "ann", &world.fingerprint("ann")], &["ann-2", "bo"]);
    assert_eq!(id, "2026-02-26-revoke-a-key-of-ann");
    assert_eq!(world.roster()[1], "2 ann member human - 1 1");
    world.denies(
        "ry",
        &["key", "revoke", "ann", &world.pub_file("ann-2")],
        10,
        "error: SHA256:[…] is the only key of `ann`\nhint: replace it: omega key rotate ann --to FILE.pub; or let the member go: omega council retire ann\n",
    );
    world.denies(
        "ry",
        &["key", "revoke", "ry", &world.pub_file("ry")],
        10,
        "error: SHA256:[…] is the only key of `ry`\nhint: replace it: omega key rotate ry --to FILE.pub\n",
    );
    let refused = world.chief(&["key", "rotate", "ann", "--keep", "--to", &world.pub_file("ann")]).exits(10);
    assert!(refused.err.contains("left by ruling 2: a key that has left never comes back"), "{}", refused.err);
}

#[test]
fn a_revoked_key_backdated_on_an_older_branch_is_denied_and_found() {
    let world = World::planted(&["ann", "bo"]);
    let open = world.propose("ann", "Say it plainly");
    world.git(&["switch", "-q", "main"]).exits(0);
    world.enacts("ry", &["key", "rotate", "bo", "--to", &world.pub_file("bo-2"), "--enrol-key", &world.key("bo-2")], &["ann", "bo"]);
    // By the command: the branch has the old roster, the main branch has the ruling.
    world.git(&["switch", "-q", &format!("canon/{open}")]).exits(0);
    let refused = world.by("bo", &["canon", "vote", &open, "approve", "--reason", "Backdated."]).exits(10);
    assert!(refused.err.contains("was `bo`'s, and left by ruling 1"), "{}", refused.err);
    // By hand, in another clone that knows nothing of the ruling: the vote holds by its base, and lets nothing pass.
    let elsewhere = world.path("elsewhere");
    world.git_in(
        &world.path("."),
        &["clone", "-q", "-b", &format!("canon/{open}"), world.repo().to_str().unwrap(), elsewhere.to_str().unwrap()],
    );
    world.git_in(&elsewhere, &["config", "user.name", "Bo"]).exits(0);
    let root = world.root();
    let of_bo = |args: &[&str]| {
        // A user of whose clones none has seen it either.
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &elsewhere);
        Ran::of(command.env("HOME", world.path("home-of-bo")).output().unwrap())
    };
    of_bo(&["trust", "pin", &root]).exits(0);
    let bo = world.key("bo");
    of_bo(&["canon", "vote", &open, "approve", "--reason", "Backdated.", "--key", &bo]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["fetch", "-q", elsewhere.to_str().unwrap(), &format!("canon/{open}:canon/{open}")]).exits(0);
    let refused = world.chief(&["canon", "ratify", &open, "--yes"]).exits(10);
    assert!(refused.err.contains("is stale"), "{}", refused.err);
    world.chief(&["canon", "rule", &open, "reject", "--yes"]).exits(0);
    world.holds();
}
