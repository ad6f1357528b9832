//! Who sits on the council, and how that changes.

use crate::world::World;

#[test]
fn the_council_is_listed_in_seat_order() {
    let world = World::planted(&["zoe", "ann"]);
    assert_eq!(world.roster(), ["1 ry chief human - 0 1", "2 zoe member human - 1 1", "3 ann member human - 1 1"]);
    let shown = world.by("ann", &["council", "list"]).exits(0).out;
    assert_eq!(
        world.plain(&shown),
        "seat  name  role    weight  kind
   1  ry   Chief        -  person
      SHA256:[…]
   2  zoe  member       1  person
      SHA256:[…]
   3  ann  member       1  person, you
      SHA256:[…]

nothing can replace a lost key of the Chief; name recovery keys: omega key recovery set
"
    );
}

#[test]
fn a_member_is_seated_enrols_and_votes() {
    let world = World::planted(&["ann"]);
    let ran = world.by("ann", &["council", "add", "bo", &world.pub_file("bo"), "--weight", "2"]).exits(0);
    let id = "2026-02-26-seat-bo-on-the-council";
    assert!(ran.out.contains(&format!("omega enrol {id} --key FILE")), "{}", ran.out);
    assert!(ran.out.contains("proposed 2026-02-26-seat-bo-on-the-council (critical risk)"), "{}", ran.out);
    assert!(ran.out.contains("+weight: 2"), "the diff is shown: {}", ran.out);
    // The draft is on its branch, and nothing changes where people work.
    assert_eq!(world.git(&["status", "--porcelain", "-b"]).out, "## main\n");
    world.omega(&["canon", "verify", &format!("canon/{id}")]).exits(12);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    // Not yet a member: neither a vote of its own nor a ruling without its key.
    let refused = world.by("bo", &["canon", "vote", id, "approve", "--reason", "Me."]).exits(10);
    assert!(refused.err.contains("belongs to no member of the council"), "{}", refused.err);
    world.approve(id, &["ann"]);
    let refused = world.chief(&["canon", "ratify", id, "--yes"]).exits(10);
    assert!(refused.err.contains("the holder of each added key signs the proposal first"), "{}", refused.err);
    let enrolled = world.by("bo", &["canon", "enrol", id]).exits(0);
    assert!(enrolled.out.contains(&format!("omega ratify {id}")), "{}", enrolled.out);
    world.ratify(id);
    world.holds();
    assert_eq!(world.roster(), ["1 ry chief human - 0 1", "2 ann member human - 1 1", "3 bo member human - 2 1"]);
    let id = world.propose("bo", "Say it plainly");
    world.approve(&id, &["bo"]);
    let shown = world.omega(&["canon", "show", &id, "--format", "json"]).json();
    assert_eq!(shown["report"]["count"]["tally"]["cast"], 2);
}

#[test]
fn a_key_at_hand_enrols_at_once() {
    let world = World::planted(&[]);
    let id = world.drafts("ry", &["council", "add", "bo", &world.pub_file("bo"), "--enrol-key", &world.key("bo")]);
    world.ratify(&id);
    world.holds();
    // Another key than the one that is added is refused, and nothing is written.
    world.denies(
        "ry",
        &["council", "add", "cy", &world.pub_file("cy"), "--enrol-key", &world.key("other")],
        10,
        "error: this does not add the key SHA256:[…]\nhint: name the private half of the new key, or let its holder enrol later: omega enrol ID --key FILE\n",
    );
}

#[test]
fn agents_are_seated_with_their_operator() {
    let world = World::planted(&[]);
    let agent = |name: &str, rest: &[&str]| {
        let (public, private) = (world.pub_file(name), world.key(name));
        let args = ["council", "add", name, &public, "--agent", "--operator", "ry", "--enrol-key", &private];
        world.enacts("ry", &[&args[..], rest].concat(), &[])
    };
    agent("grok", &["--endpoint", "https://api.example.invalid/v1", "--model", "grok-4"]);
    assert!(world.read("canon/council/grok.md").contains("endpoint:\n  url: https://api.example.invalid/v1\n  model: grok-4\n"));
    let (public, private, chief) = (world.pub_file("claude"), world.key("claude"), world.key("ry"));
    let args =
        ["council", "add", "claude", &public, "--seat", "9", "--enrol-key", &private, "--key", &chief, "--agent", "--operator", "ry"];
    let id = super::proposed(world.omega(&[&args[..], &["--format", "json", "--command", "claude", "-p", "--verbose"]].concat()));
    world.approve(&id, &["grok"]);
    world.ratify(&id);
    world.holds();
    assert!(world.read("canon/council/claude.md").contains("command:\n  - claude\n  - \"-p\"\n  - \"--verbose\"\n"));
    assert_eq!(world.roster(), ["1 ry chief human - 0 1", "2 grok member agent ry 1 1", "9 claude member agent ry 1 1"]);
    let shown = world.omega(&["council", "list"]).exits(0).out;
    assert!(shown.contains("agent of ry"), "{shown}");
    world.denies(
        "ry",
        &["council", "role", "grok", "chief"],
        10,
        "error: this would be no council: the Chief `grok` is an agent: only a person rules\nhint: omega council list shows who sits where\n",
    );
}

#[test]
fn a_weight_counts_after_the_ruling_and_not_before() {
    let world = World::planted(&["ann", "bo"]);
    let heavy = world.drafts("ann", &["council", "weight", "ann", "5"]);
    let cast = |id: &str| world.omega(&["canon", "show", id, "--format", "json"]).json()["report"]["count"]["tally"].clone();
    world.approve(&heavy, &["ann"]);
    assert_eq!(cast(&heavy)["eligible"], 2, "a proposal does not count by what it brings");
    world.approve(&heavy, &["bo"]);
    world.ratify(&heavy);
    world.holds();
    let id = world.propose("bo", "Say it plainly");
    world.approve(&id, &["ann"]);
    let tally = cast(&id);
    assert_eq!((&tally["eligible"], &tally["cast"]), (&6.into(), &5.into()));
    // A weight of zero keeps the seat and takes the vote.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.enacts("ry", &["council", "weight", "bo", "0"], &["ann"]);
    let id = world.propose("ry", "Say it again");
    let refused = world.by("bo", &["canon", "vote", &id, "approve", "--reason", "Good."]).exits(10);
    assert!(refused.err.contains("bo"), "{}", refused.err);
}

#[test]
fn roles_change_and_the_chair_is_handed_on() {
    let world = World::planted(&["ann", "bo", "cy"]);
    world.enacts("ry", &["council", "role", "cy", "clerk"], &["ann", "bo"]);
    assert_eq!(world.roster()[3], "4 cy clerk human - 0 1");
    world.denies(
        "ry",
        &["council", "role", "bo", "clerk"],
        10,
        "error: `cy` is the Clerk already\nhint: give that member another role first: omega council role cy member\n",
    );
    world.enacts("ry", &["council", "role", "cy", "member", "--weight", "3"], &["ann", "bo"]);
    assert_eq!(world.roster()[3], "4 cy member human - 3 1");
    let id = world.drafts("ry", &["council", "role", "ann", "chief", "--weight", "2"]);
    world.approve(&id, &["ann", "bo", "cy"]);
    // Until it is ruled, the old Chief rules.
    let refused = world.by("ann", &["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("only the Chief rules, and `ry` is the Chief"), "{}", refused.err);
    world.ratify(&id);
    world.holds();
    assert_eq!(
        world.roster(),
        ["1 ry member human - 2 1", "2 ann chief human - 0 1", "3 bo member human - 1 1", "4 cy member human - 3 1"]
    );
    let id = world.propose("ry", "Say it plainly");
    world.approve(&id, &["ry", "cy"]);
    let refused = world.chief(&["canon", "ratify", &id, "--yes"]).exits(10);
    assert!(refused.err.contains("only the Chief rules, and `ann` is the Chief"), "{}", refused.err);
    world.by("ann", &["canon", "ratify", &id, "--yes"]).exits(0);
    world.holds();
}

#[test]
fn who_retires_keeps_the_votes_and_casts_no_more() {
    let world = World::planted(&["ann", "bo", "cy"]);
    let ruled = world.propose("ann", "Say it plainly");
    world.approve(&ruled, &["ann", "bo", "cy"]);
    world.ratify(&ruled);
    let open = world.propose("ann", "Say it again");
    world.approve(&open, &["bo"]);
    world.git(&["switch", "-q", "main"]).exits(0);
    let id = world.drafts("ry", &["council", "retire", "bo"]);
    // The draft is the absence of the file.
    assert!(!world.repo().join("canon/council/bo.md").exists());
    world.approve(&id, &["ann", "bo"]);
    world.ratify(&id);
    world.holds();
    assert_eq!(world.roster().len(), 3);
    // On the branch from before, the key is still in the roster; the main branch knows that it left.
    let words = "error: the key SHA256:[…] was `bo`'s, and left by ruling 2\nhint: omega council list shows who is on the council\n";
    world.git(&["switch", "-q", &format!("canon/{open}")]).exits(0);
    world.denies("bo", &["canon", "vote", &open, "reject", "--reason", "No."], 10, words);
    world.git(&["switch", "-q", "main"]).exits(0);
    let named = "error: the key SHA256:[…] in `[tmp]/keys/bo` was `bo`'s, and left by ruling 2\nhint: omega council list shows who is on the council\n";
    world.denies("bo", &["canon", "vote", &open, "reject", "--reason", "No."], 10, named);
    // The old votes hold, in what is ruled and in what is open.
    let shown = world.omega(&["canon", "show", &ruled, "--format", "json"]).json();
    assert_eq!(shown["report"]["count"]["tally"]["cast"], 3);
    assert_eq!(world.omega(&["canon", "show", &open, "--format", "json"]).json()["report"]["standing"], "stale");
}

#[test]
fn what_cannot_be_a_council_is_refused() {
    let world = World::planted(&["ann", "bo"]);
    let list = "hint: omega council list\n";
    world.denies("ry", &["council", "weight", "zed", "2"], 10, &format!("error: `zed` is not on the council\n{list}"));
    world.denies("ry", &["council", "role", "zed", "clerk"], 10, &format!("error: `zed` is not on the council\n{list}"));
    world.denies("ry", &["council", "retire", "zed"], 10, &format!("error: `zed` is not on the council\n{list}"));
    let chair = "error: `ry` is the Chief, and the chair is never empty\nhint: hand it on first: omega council role NAME chief\n";
    world.denies("ry", &["council", "retire", "ry"], 10, chair);
    world.denies("ry", &["council", "role", "ry", "clerk"], 10, &chair.replace("on first", "on"));
    world.denies(
        "ry",
        &["council", "weight", "ry", "2"],
        10,
        "error: `ry` is the Chief, and only members vote\nhint: give another role first: omega council role ry member\n",
    );
    world.denies(
        "ry",
        &["council", "weight", "ann", "1000001"],
        10,
        "error: this would be no council: `ann`: a weight is at most 1000000\nhint: omega council list shows who sits where\n",
    );
    world.denies(
        "ry",
        &["council", "weight", "ann", "1"],
        10,
        "error: there is nothing to propose: every governed file is as ratified\nhint: omega status shows what is ratified\n",
    );
    let cy = world.pub_file("cy");
    world.denies(
        "ry",
        &["council", "add", "ann", &cy],
        10,
        "error: `ann` is on the council already\nhint: a new key: omega key rotate ann --to FILE.pub\n",
    );
    world.denies(
        "ry",
        &["council", "add", "cy", &cy, "--seat", "2"],
        10,
        "error: this would be no council: `ann` and `cy` share seat 2\nhint: omega council list shows who sits where\n",
    );
    world.denies(
        "ry",
        &["council", "add", "cy", &world.pub_file("ann")],
        10,
        "error: SHA256:[…] is a key of `ann` already\nhint: make a new one: omega key new FILE\n",
    );
    world.denies(
        "ry",
        &["council", "add", "cy", &cy, "--role", "clerk", "--weight", "2"],
        2,
        "error: the Clerk does not vote, and has no weight\nhint: leave --weight out\n",
    );
}

#[test]
fn keys_that_are_weak_or_of_another_kind_are_refused() {
    let world = World::planted(&["ann"]);
    let rsa = world.path("keys").join("rsa");
    world.run("ssh-keygen", &["-q", "-t", "ecdsa", "-N", "", "-f", rsa.to_str().unwrap()], &world.path("."), None).exits(0);
    let refused = world.chief(&["council", "add", "cy", &format!("{}.pub", rsa.display())]).exits(2);
    assert!(refused.err.contains("cannot be used") && refused.err.contains("ecdsa-sha2-nistp256"), "{}", refused.err);
    // The point of order one: every signature "holds" for it with stock tools.
    let weak = world.path("keys").join("weak.pub");
    std::fs::write(&weak, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n").unwrap();
    let refused = world.chief(&["council", "add", "cy", weak.to_str().unwrap()]).exits(2);
    assert!(refused.err.contains("cannot be used"), "{}", refused.err);
    assert_eq!(world.git(&["branch", "--list", "canon/*"]).out, "");
}

#[test]
fn the_last_voters_stay_while_the_quorum_asks_for_them() {
    let world = World::planted(&["ann", "bo"]);
    let text = world.read("canon/CONSENSUS_ENGINE.md");
    world.write("canon/CONSENSUS_ENGINE.md", text.replace("people: 1", "people: 2"));
    let id = world.propose_edits("ry", "Two must vote");
    world.approve(&id, &["ann", "bo"]);
    world.ratify(&id);
    let words = "error: the quorum for low risk cannot be reached: it asks for 2 members and 1 operators, and 1 members vote, for 1\nhint: seat another voter first: omega council add; or ask for less in canon/CONSENSUS_ENGINE.md, and propose that\n";
    world.denies("ry", &["council", "retire", "bo"], 10, words);
    world.denies("ry", &["council", "weight", "bo", "0"], 10, words);
    world.denies("ry", &["council", "role", "bo", "clerk"], 10, words);
}

#[test]
fn other_edits_are_neither_swept_along_nor_lost() {
    let world = World::planted(&["ann"]);
    world.edit_identity("half a thought");
    world.write("canon/phylactery/style/tone.md", "---\nvalue: calm\nsource: ry\nconfidence: 100\n---\n");
    // So is an edit of the very file that is drafted.
    world.edit("canon/council/ann.md", "weight: 1", "weight: 7");
    world.write("notes.txt", "mine\n");
    let before = world.git(&["status", "--porcelain", "-b", "-uall"]).out + &world.git(&["diff"]).out;
    let weigh = ["council", "weight", "ann", "3", "--format", "json"];
    let id = world.by("ry", &weigh).exits(0).json()["report"]["resolution"].as_str().unwrap().to_owned();
    assert_eq!(world.git(&["status", "--porcelain", "-b", "-uall"]).out + &world.git(&["diff"]).out, before);
    let brought = world.git(&["diff", "--name-only", &format!("main..canon/{id}")]).out;
    assert!(brought.contains("canon/council/ann.md\n"), "{brought}");
    assert!(!brought.contains("IDENTITY") && !brought.contains("tone"), "{brought}");
    // The same one again is the same proposal, and another change starts on the main branch, too.
    assert_eq!(world.by("ry", &weigh).exits(0).json()["report"]["resolution"], id.as_str());
    let seat = world.by("ry", &["council", "add", "cy", &world.pub_file("cy"), "--format", "json"]).exits(0).json();
    let seat = format!("canon/{}", seat["report"]["resolution"].as_str().unwrap());
    assert!(!world.git(&["diff", "--name-only", &format!("main..{seat}")]).out.contains("ann"));
}

#[test]
fn what_a_person_wrote_below_a_member_stays() {
    let world = World::planted(&["ann"]);
    let text = world.read("canon/council/ann.md") + "Keeps the minutes.\n\n\nSince 2026.\n";
    world.write("canon/council/ann.md", &text);
    let id = world.propose_edits("ry", "Say what ann does");
    world.approve(&id, &["ann"]);
    world.ratify(&id);
    world.enacts("ry", &["council", "weight", "ann", "3"], &["ann"]);
    assert_eq!(world.read("canon/council/ann.md"), text.replace("weight: 1", "weight: 3"));
}
