//! Forgeries around the roster and its keys, put by hand into a real repository.

use std::fs;

use crate::world::World;

impl World {
    /// Puts a record and its signature by a name's key into the work tree, as no command would.
    #[track_caller]
    fn forges(&self, path: &str, text: &str, name: &str, namespace: &str) {
        self.write(path, text);
        let (file, key) = (self.repo().join(path), self.key(name));
        let _ = fs::remove_file(format!("{}.sig", file.display()));
        self.run("ssh-keygen", &["-q", "-Y", "sign", "-n", namespace, "-f", &key, file.to_str().unwrap()], &self.repo(), None).exits(0);
    }

    /// Verifies the work tree, which must be violated with this code at this path.
    #[track_caller]
    fn finds(&self, code: &str, path: &str) {
        let report = self.omega(&["canon", "verify", "--worktree", "--format", "json"]).exits(11).json()["report"].clone();
        let found = report["findings"].as_array().unwrap().iter().any(|f| f["code"] == code && f["path"] == path);
        assert!(found, "{report:#}");
    }
}

#[test]
fn a_proposal_does_not_use_the_key_that_it_adds() {
    let world = World::planted(&["ann", "bo"]);
    let id = world.drafts("ann", &["key", "rotate", "--to", &world.pub_file("ann-2"), "--enrol-key", &world.key("ann-2")]);
    let vote = world.omega(&["canon", "vote", &id, "approve", "--reason", "Mine.", "--as", "ann", "--print"]).exits(0).out;
    let path = format!("canon/resolutions/{id}/votes/ann.1.md");
    world.forges(&path, &vote, "ann-2", "omega-vote-v1");
    world.finds("C011", &path);
    // By the key in force the very same bytes hold.
    world.forges(&path, &vote, "ann", "omega-vote-v1");
    world.omega(&["canon", "verify", "--worktree"]).exits(12);
}

#[test]
fn a_proposal_does_not_count_the_voter_that_it_seats_nor_its_own_weights() {
    let world = World::planted(&["ann", "bo"]);
    let id = world.drafts("ann", &["council", "add", "cy", &world.pub_file("cy"), "--weight", "9", "--enrol-key", &world.key("cy")]);
    let vote = world.omega(&["canon", "vote", &id, "approve", "--reason", "Me.", "--as", "ann", "--print"]).exits(0).out;
    let path = format!("canon/resolutions/{id}/votes/cy.1.md");
    world.forges(&path, &vote.replace("by: ann", "by: cy"), "cy", "omega-vote-v1");
    world.finds("C011", &path);
    world.git(&["clean", "-fdq"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    // Nine of ten is a quorum only after it is ruled.
    let id = world.drafts("ann", &["council", "weight", "ann", "9"]);
    world.approve(&id, &["ann"]);
    let refused = world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("there is no quorum: 1 of 2 votes"), "{}", refused.err);
}

#[test]
fn renderings_of_the_signers_are_not_edited() {
    let world = World::planted(&["ann"]);
    let id = world.drafts("ry", &["council", "add", "bo", &world.pub_file("bo"), "--enrol-key", &world.key("bo")]);
    // Nobody is a signer before the ruling.
    let line = world
        .read("canon/allowed_signers")
        .lines()
        .next()
        .unwrap()
        .replace(&world.public("ann"), &world.public("bo"))
        .replacen("ann", "bo", 1);
    world.write("canon/allowed_signers", world.read("canon/allowed_signers") + &line + "\n");
    world.finds("C034", "canon/allowed_signers");
    world.git(&["checkout", "-q", "."]).exits(0);
    world.approve(&id, &["ann"]);
    world.ratify(&id);
    // An old rendering put back hides the newcomer from stock tools, and is found.
    let old = world.read("canon/ledger/000000.signers");
    world.write("canon/ledger/000001.signers", &old);
    world.finds("C034", "canon/ledger/000001.signers");
}

#[test]
fn the_chief_s_seal_by_a_key_that_has_left_is_found() {
    let world = World::planted(&["ann"]);
    world.enacts("ry", &["key", "rotate", "--to", &world.pub_file("ry-2"), "--enrol-key", &world.key("ry-2")], &["ann"]);
    let id = world.propose("ann", "Say it plainly");
    world.approve(&id, &["ann"]);
    world.by("ry-2", &["canon", "ratify", &id, "--yes"]).exits(0);
    world.holds();
    let document = "canon/OMEGA_IDENTITY.md";
    world.forges(document, &world.read(document), "ry", "omega-state-v1");
    world.finds("C035", &format!("{document}.sig"));
    world.forges(document, &world.read(document), "ry-2", "omega-state-v1");
    world.holds();
    // A ruling by the old key, in the place of the last one.
    let ruling = "canon/ledger/000002.md";
    world.forges(ruling, &world.read(ruling), "ry", "omega-ruling-v1");
    world.finds("C011", ruling);
}

#[test]
fn a_vote_by_hand_spoils_a_recovery_and_says_so() {
    let world = World::planted(&["ann"]);
    let id =
        world.drafts("ry", &["key", "recovery", "set", "--threshold", "1", &world.pub_file("safe"), "--enrol-key", &world.key("safe")]);
    let vote = world.omega(&["canon", "vote", &id, "approve", "--reason", "Yes.", "--as", "ann", "--print"]).exits(0).out;
    world.approve(&id, &["ann"]);
    world.ratify(&id);
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2")]).exits(0);
    let recovery = "2026-02-26-replace-the-lost-key-of-the-chief";
    world.by("safe", &["key", "recovery", "sign", recovery]).exits(0);
    world.git(&["switch", "-q", &format!("canon/{recovery}")]).exits(0);
    let digest = |id: &str| {
        let file = world.repo().join(format!("canon/resolutions/{id}/proposal.md"));
        let out = world.run("sha256sum", &[file.to_str().unwrap()], &world.repo(), None).exits(0).out;
        format!("sha256:{}", out.split(' ').next().unwrap())
    };
    let moved = vote.replace(&digest(&id), &digest(recovery)).replace(&id, recovery);
    assert_ne!(moved, vote);
    world.forges(&format!("canon/resolutions/{recovery}/votes/ann.1.md"), &moved, "ann", "omega-vote-v1");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "A vote"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    world.denies(
        "ry-2",
        &["key", "recovery", "finish", recovery, "--yes"],
        10,
        &format!("error: {recovery} has statements or votes, and a recovery is made without\nhint: start again: omega key recovery start --to FILE\n"),
    );
    // And anew it goes, with the same new key.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2"), "--title", "Once more"]).exits(0);
    world.by("safe", &["key", "recovery", "sign", "once-more"]).exits(0);
    world.by("ry-2", &["key", "recovery", "finish", "once-more", "--yes"]).exits(0);
    world.holds();
}

#[test]
fn one_recovery_key_does_not_count_twice() {
    let world = World::planted(&["ann"]);
    let [one, two] = ["one", "two"].map(|name| (world.pub_file(name), world.key(name)));
    let set = ["key", "recovery", "set", "--threshold", "2", &one.0, &two.0, "--enrol-key", &one.1, "--enrol-key", &two.1];
    world.enacts("ry", &set, &["ann"]);
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2")]).exits(0);
    let id = "2026-02-26-replace-the-lost-key-of-the-chief";
    world.by("one", &["key", "recovery", "sign", id]).exits(0);
    world.git(&["switch", "-q", &format!("canon/{id}")]).exits(0);
    let folder = world.repo().join(format!("canon/resolutions/{id}/recover"));
    let signed = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    // The name that the other key's signature has, as the enrolment of the list shows it.
    let enrolled = world.repo().join("canon/resolutions/2026-02-26-name-2-recovery-keys/keys");
    let names: Vec<_> = fs::read_dir(enrolled).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let twin = names.into_iter().find(|name| folder.join(name) != signed).unwrap();
    fs::copy(&signed, folder.join(&twin)).unwrap();
    world.finds("C006", &format!("canon/resolutions/{id}/recover/{}", twin.to_str().unwrap()));
}

#[test]
fn a_key_in_git_s_settings_that_has_left_says_why() {
    let world = World::planted(&["ann", "bo"]);
    world.enacts("ry", &["council", "retire", "bo"], &["ann", "bo"]);
    world.git(&["config", "user.signingkey", &world.key("bo")]).exits(0);
    let id = world.propose("ann", "Say it plainly");
    let refused = world.omega(&["canon", "vote", &id, "approve", "--reason", "Good."]).exits(10);
    assert_eq!(
        world.plain(&refused.err),
        "error: the key SHA256:[…] was `bo`'s, and left by ruling 1\nhint: omega council list shows who is on the council\n"
    );
    // Somebody else's name is not explained by it.
    let refused = world.omega(&["canon", "vote", &id, "approve", "--reason", "Good.", "--as", "ann"]).exits(10);
    assert!(refused.err.contains("none of the keys at hand belongs to `ann`"), "{}", refused.err);
}
