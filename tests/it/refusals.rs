//! What omega refuses: the exit code, the very words, and that nothing was written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::World;

/// Runs omega, which must refuse with this code and these words on standard error and leave no trace.
#[track_caller]
fn refuses(world: &World, args: &[&str], code: i32, words: &str) {
    let before = world.traces();
    let ran = world.omega(args).exits(code);
    assert_eq!(world.plain(&ran.err), words);
    assert_eq!(ran.out, "");
    assert_eq!(world.traces(), before, "a refused command left something");
}

/// The same with the key of a name.
#[track_caller]
fn refuses_by(world: &World, name: &str, args: &[&str], code: i32, words: &str) {
    let key = world.key(name);
    refuses(world, &[args, &["--key", &key]].concat(), code, words);
}

fn with_key_type(world: &World, kind: &str) -> String {
    let path = world.path("keys").join(kind);
    world.run("ssh-keygen", &["-q", "-t", kind, "-N", "", "-f", path.to_str().unwrap()], &world.path("."), None).exits(0);
    path.to_str().unwrap().to_owned()
}

/// A council of two, and a critical proposal by `ana`, on whose branch the work tree is.
fn proposed() -> (World, String) {
    let world = World::planted(&["ana", "bo"]);
    let id = world.propose("ana", "Say it plainly");
    (world, id)
}

const INIT: [&str; 6] = ["init", "--profile", "omega", "--chief", "ry", "--yes"];
const PROPOSE: [&str; 6] = ["canon", "propose", "--title", "A title", "--reason", "Because."];

// Planting.

#[test]
fn a_second_canon_in_one_repository() {
    let world = World::planted(&[]);
    refuses_by(
        &world,
        "ry",
        &INIT,
        10,
        "error: there is a canon/ here already\nhint: omega status shows what it is; another canon needs another repository: omega init --new DIR\n",
    );
}

#[test]
fn a_canon_over_a_folder_that_folds_to_its_name() {
    let world = World::empty();
    world.commit_unrelated("Canon/file.txt");
    refuses_by(
        &world,
        "ry",
        &INIT,
        10,
        "error: canon/ is here, but it is not an omega canon: 1 file\nhint: omega init --adopt takes its documents as the first drafts; or move the folder: git mv canon NAME\n",
    );
}

#[test]
fn a_canon_on_top_of_staged_changes() {
    let world = World::empty();
    world.write("file.txt", "staged\n");
    world.git(&["add", "file.txt"]).exits(0);
    refuses_by(
        &world,
        "ry",
        &INIT,
        10,
        "error: changes are staged in the index, and the first commit of the canon would mix with them\nhint: git commit or git stash them first\n",
    );
}

#[test]
fn a_canon_in_a_bare_repository() {
    let world = World::empty();
    world.git(&["init", "-q", "--bare", "../bare"]).exits(0);
    refuses_by(
        &world,
        "ry",
        &["-C", "../bare", "init", "--profile", "omega", "--chief", "ry", "--yes"],
        10,
        "error: this is a bare repository\nhint: plant the canon in a clone with a work tree, and push it\n",
    );
    assert_eq!(world.git_in(&world.path("bare"), &["for-each-ref"]).out, "");
}

#[test]
fn a_canon_in_a_repository_of_an_unknown_format() {
    let world = World::empty();
    world.git(&["config", "core.repositoryFormatVersion", "1"]).exits(0);
    for (setting, value, said, hint) in [
        (
            "refStorage",
            "tape",
            "the repository stores its references as `tape`; only `files` and `reftable` are supported",
            "git refs migrate --ref-format=files",
        ),
        (
            "objectFormat",
            "sha512",
            "the repository names its objects by `sha512`; only `sha1` and `sha256` are supported",
            "install a newer omega",
        ),
    ] {
        let key = format!("extensions.{setting}");
        let config = world.repo().join(".git/config").to_str().unwrap().to_owned();
        world.git_in(&world.path("home"), &["config", "--file", &config, &key, value]).exits(0);
        refuses_by(&world, "ry", &["init", "--profile", "omega", "--chief", "ry", "--yes"], 2, &format!("error: {said}\nhint: {hint}\n"));
        world.git_in(&world.path("home"), &["config", "--file", &config, "--unset", &key]).exits(0);
    }
}

#[test]
fn a_chief_who_is_also_a_member() {
    let world = World::empty();
    let member = format!("ana={}.pub", world.key("ry"));
    refuses_by(
        &world,
        "ry",
        &[&INIT[..], &["--member", &member]].concat(),
        2,
        "error: the Chief is named as a further member, or shares a key with one\nhint: give every member a name and a key of their own\n",
    );
}

// Keys.

#[test]
fn keys_of_other_kinds() {
    let world = World::empty();
    for (kind, name) in [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let key = with_key_type(&world, kind);
        let words = |file: &str| {
            format!(
                "error: the key in `[tmp]/keys/{file}` cannot be used: `{name}` keys are not supported: use `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`\nhint: use another key; omega key new makes one\n"
            )
        };
        refuses(&world, &[&INIT[..], &["--key", &key]].concat(), 2, &words(kind));
        refuses_by(&world, "ry", &[&INIT[..], &["--member", &format!("ana={key}.pub")]].concat(), 2, &words(&format!("{kind}.pub")));
    }
}

#[test]
fn a_private_key_that_others_can_read() {
    let world = World::empty();
    fs::set_permissions(world.key("ry"), fs::Permissions::from_mode(0o644)).unwrap();
    refuses_by(
        &world,
        "ry",
        &INIT,
        2,
        "error: private key `[tmp]/keys/ry` is accessible to others (mode 0644)\nhint: chmod 600 [tmp]/keys/ry\n",
    );
}

#[test]
fn a_private_key_whose_passphrase_nobody_can_be_asked_for() {
    let world = World::empty();
    let key = world.key("ry");
    world.run("ssh-keygen", &["-q", "-p", "-P", "", "-N", "secret", "-f", &key], &world.path("."), None).exits(0);
    refuses_by(
        &world,
        "ry",
        &INIT,
        2,
        "error: private key `[tmp]/keys/ry` needs its passphrase\nhint: run it on a terminal, or put the key into the agent: ssh-add [tmp]/keys/ry\n",
    );
}

#[test]
fn a_key_for_which_anybody_can_sign() {
    let world = World::empty();
    // The ed25519 key of the identity element, a point of order 1.
    fs::write(world.path("keys/weak.pub"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n").unwrap();
    let member = format!("ana={}", world.path("keys/weak.pub").display());
    refuses_by(
        &world,
        "ry",
        &[&INIT[..], &["--member", &member]].concat(),
        2,
        "error: the key in `[tmp]/keys/weak.pub` cannot be used: the key is weak: its point has small order\nhint: use another key; omega key new makes one\n",
    );
}

#[test]
fn a_new_key_inside_a_work_tree() {
    let world = World::empty();
    fs::create_dir(world.repo().join("sub")).unwrap();
    for path in ["key", "sub/key"] {
        refuses(
            &world,
            &["key", "new", path, "--no-passphrase"],
            10,
            &format!(
                "error: `[tmp]/repo/{path}` is inside a work tree, where a private key must never be\nhint: choose a folder outside, as in omega key new ~/keys/me\n"
            ),
        );
    }
}

#[test]
fn a_new_key_over_one_that_is_there() {
    let world = World::empty();
    let key = world.key("ry");
    let before = fs::read(&key).unwrap();
    refuses(
        &world,
        &["key", "new", &key, "--no-passphrase"],
        1,
        "error: could not create key file `[tmp]/keys/ry`: File exists\nhint: choose another file; one that is there is never overwritten\n",
    );
    assert_eq!(fs::read(&key).unwrap(), before);
}

#[test]
fn no_key_at_all() {
    let world = World::planted(&[]);
    world.edit_identity("One");
    refuses(
        &world,
        &PROPOSE,
        10,
        "error: none of the keys at hand belongs to a member of the council\nhint: name the key with --key FILE, or add it to the agent: ssh-add FILE\n",
    );
}

// Proposing.

#[test]
fn a_proposal_of_nothing() {
    let world = World::planted(&[]);
    refuses_by(
        &world,
        "ry",
        &PROPOSE,
        10,
        "error: there is nothing to propose: every governed file is as ratified\nhint: edit a document under canon/ or another governed file first\n",
    );
}

#[test]
fn a_proposal_that_understates_its_risk() {
    let world = World::planted(&[]);
    world.edit_identity("One");
    refuses_by(
        &world,
        "ry",
        &[&PROPOSE[..], &["--risk", "high"]].concat(),
        10,
        "error: high risk is too low: what this touches demands critical\nhint: leave --risk out, or say --risk critical\n",
    );
}

#[test]
fn a_proposal_by_a_stranger() {
    let world = World::planted(&[]);
    world.edit_identity("One");
    refuses_by(
        &world,
        "eve",
        &PROPOSE,
        10,
        "error: the key SHA256:[…] in `[tmp]/keys/eve` belongs to no member of the council\nhint: omega status lists the council\n",
    );
}

#[test]
fn a_council_that_could_never_meet_or_always_has() {
    let world = World::planted(&["ana"]);
    for (from, to, why) in [
        (
            "    critical:\n      quorum: 2/3\n      people: 1\n",
            "    critical:\n      quorum: 0/1\n      people: 1\n",
            "the quorum for critical risk is zero",
        ),
        (
            "    critical:\n      quorum: 2/3\n      people: 1\n",
            "    critical:\n      quorum: 2/3\n      people: 2\n",
            "the quorum for critical risk cannot be reached: it asks for 2 members and 1 operators, and 1 members vote, for 1",
        ),
    ] {
        world.edit("canon/CONSENSUS_ENGINE.md", from, to);
        refuses_by(
            &world,
            "ana",
            &PROPOSE,
            2,
            &format!("error: no ruling could ratify this: canon/CONSENSUS_ENGINE.md: {why}\nhint: fix it, and propose again\n"),
        );
        world.git(&["checkout", "-q", "canon"]).exits(0);
    }
}

#[test]
fn a_council_with_two_chiefs() {
    let world = World::planted(&["ana"]);
    world.edit("canon/council/ana.md", "role: member", "role: chief");
    world.edit("canon/council/ana.md", "weight: 1", "weight: 0");
    refuses_by(
        &world,
        "ana",
        &PROPOSE,
        2,
        "error: no ruling could ratify this: canon/council: there are 2 Chiefs: exactly one member has the role chief\nhint: fix it, and propose again\n",
    );
}

#[test]
fn typos_in_a_document_are_named_with_their_line() {
    let world = World::planted(&[]);
    let words = |what: &str| {
        format!(
            "error: `canon/CONSENSUS_ENGINE.md` {what}\nhint: docs/format.md says what a document looks like; compare with another one in canon/\n"
        )
    };
    for (from, to, what) in [
        (
            "    low:\n      quorum:",
            "    low:\n      quorm:",
            "has a policy that is not valid: line 9, column 7: unknown field `quorm` (known here: quorum, people, operators, threshold, faults, bypass)",
        ),
        (
            "    low:\n      quorum: 1/2",
            "    low:\n      quorum: 3/2",
            "has a policy that is not valid: line 9, column 15: `3/2` is not a fraction from 0/1 to 1/1 in lowest terms",
        ),
        (
            "\nversion: \"1.0.0\"\n",
            "\nversion: \"2.0\"\n",
            "is not valid: line 3, column 10: `2.0` is not a version: three numbers joined by dots, as in `1.2.0`",
        ),
        (
            "\nversion: \"1.0.0\"\n",
            "\nversion: 2.0.0\n",
            "is not valid: line 3, column 10: `2.0.0` can be read in two ways: put it in double quotes",
        ),
        (
            "\nversion: \"1.0.0\"\n",
            "\nversoin: \"1.0.0\"\n",
            "has no front matter with `version`, `council_resolution_id` and `ratified_by` on lines of their own",
        ),
        (
            "\nenforcement:\n",
            "\nenforced: true\nenforcement:\n",
            "is not valid: line 36, column 1: unknown field `enforced` (known here: document, version, council_resolution_id, ratified_by, policy, enforcement)",
        ),
    ] {
        world.edit("canon/CONSENSUS_ENGINE.md", from, to);
        refuses_by(&world, "ry", &PROPOSE, 2, &words(what));
        world.git(&["checkout", "-q", "canon"]).exits(0);
    }
}

#[test]
fn a_title_that_does_not_show() {
    let world = World::planted(&[]);
    world.edit_identity("One");
    for (title, why) in [
        ("\u{1b}[31mRed", "has characters that do not show"),
        ("Zero\u{200b}width", "has characters that do not show"),
        ("Two\nlines", "has characters that do not show"),
        (" ", "is empty"),
        (&"long ".repeat(50), "is longer than 200 characters"),
    ] {
        refuses_by(
            &world,
            "ry",
            &["canon", "propose", "--title", title, "--reason", "Because."],
            2,
            &format!("error: the title {why}\nhint: --title \"One line that says what it does\"\n"),
        );
    }
}

#[test]
fn a_file_under_canon_that_is_no_canon_file() {
    let world = World::planted(&[]);
    world.write("canon/notes.txt", "mine\n");
    refuses_by(
        &world,
        "ry",
        &PROPOSE,
        10,
        "error: `canon/notes.txt` is under canon/, and no kind of canon file has this path\nhint: rename or remove it\n",
    );
}

// Voting.

#[test]
fn a_vote_by_a_stranger() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "eve",
        &["canon", "vote", &id, "approve", "--reason", "Me too."],
        10,
        "error: the key SHA256:[…] in `[tmp]/keys/eve` belongs to no member of the council\nhint: omega status lists the council\n",
    );
}

#[test]
fn a_vote_of_the_chief() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "ry",
        &["canon", "vote", &id, "approve", "--reason", "Me too."],
        10,
        &format!("error: `ry` is the Chief, who rules and does not vote\nhint: omega ratify {id}; or: omega rule {id} reject\n"),
    );
}

#[test]
fn a_vote_on_what_nobody_proposed() {
    let (world, _) = proposed();
    refuses_by(
        &world,
        "ana",
        &["canon", "vote", "nothing", "approve", "--reason", "Yes."],
        2,
        "error: no resolution is called `nothing`\nhint: omega list; or fetch it: git fetch\n",
    );
    refuses_by(
        &world,
        "ana",
        &["canon", "vote", "2026-02-26-nothing", "approve", "--reason", "Yes."],
        2,
        "error: there is no resolution 2026-02-26-nothing on any branch here\nhint: omega list; or fetch it: git fetch\n",
    );
}

#[test]
fn a_vote_without_a_reason() {
    let (world, id) = proposed();
    refuses_by(&world, "ana", &["canon", "vote", &id, "approve"], 2, "error: there is no reason\nhint: --reason \"…\"\n");
}

#[test]
fn a_reason_with_what_does_not_show() {
    let (world, id) = proposed();
    for (hidden, name) in [("\u{202e}", "U+202E"), ("\u{200b}", "U+200B"), ("\u{1b}", "U+001B"), ("\u{e0041}", "U+E0041")] {
        let reason = format!("Good{hidden}.");
        refuses_by(
            &world,
            "ana",
            &["canon", "vote", &id, "approve", "--reason", &reason],
            2,
            &format!(
                "error: the text cannot be recorded: the hidden character {name}\nhint: remove what does not show, and say it again\n"
            ),
        );
    }
}

#[test]
fn the_same_vote_again_is_no_second_ballot() {
    let (world, id) = proposed();
    let vote = |reason: &str| {
        world.by("ana", &["canon", "vote", &id, "approve", "--reason", reason, "--format", "json"]).exits(0).json()["report"].clone()
    };
    assert_eq!((&vote("Good.")["ballot"], &vote("Good.")["repeated"]), (&1.into(), &true.into()));
    let before = world.traces();
    assert_eq!(vote("Good.")["repeated"], true);
    assert_eq!(world.traces(), before);
    let second = vote("Very good.");
    assert_eq!((&second["ballot"], &second["repeated"], &second["count"]["tally"]["cast"]), (&2.into(), &false.into(), &1.into()));
    let record = world.read(&format!("canon/resolutions/{id}/votes/ana.2.md"));
    assert!(record.contains("\nballot: 2\nreplaces: sha256:"), "{record}");
}

#[test]
fn anything_after_a_withdrawal() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "bo",
        &["canon", "withdraw", &id, "--reason", "Not mine."],
        10,
        &format!("error: `bo` is not the proposer (`ana`)\nhint: omega show {id}\n"),
    );
    world.by("ana", &["canon", "withdraw", &id, "--reason", "No."]).exits(0);
    let words = format!("error: {id} was withdrawn\nhint: omega show {id}\n");
    refuses_by(&world, "bo", &["canon", "vote", &id, "approve", "--reason", "Yes."], 10, &words);
    refuses_by(&world, "ana", &["canon", "withdraw", &id, "--reason", "No."], 10, &words);
    refuses_by(&world, "ry", &["canon", "ratify", &id, "--yes"], 10, &words);
}

#[test]
fn speaking_out_of_turn() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "bo",
        &["canon", "speak", &id, "approve", "--reason", "Me first."],
        10,
        &format!(
            "error: it is the turn of `ana`\nhint: wait for `ana`: omega speak {id} approve --reason …; or `ry`: omega skip {id} ana --reason …\n"
        ),
    );
    refuses_by(
        &world,
        "bo",
        &["canon", "skip", &id, "ana", "--reason", "Too slow."],
        10,
        &format!("error: `bo` is not the Clerk (`ry`)\nhint: omega show {id}\n"),
    );
    world.by("ana", &["canon", "speak", &id, "approve", "--reason", "I am for it."]).exits(0);
    refuses_by(
        &world,
        "ana",
        &["canon", "vote", &id, "approve", "--reason", "Yes."],
        10,
        &format!(
            "error: voting has not started: it is the turn of `bo`\nhint: wait for `bo`: omega speak {id} approve --reason …; or `ry`: omega skip {id} bo --reason …\n"
        ),
    );
}

// Ruling.

#[test]
fn a_ruling_by_somebody_else() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "ana",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!("error: only the Chief rules, and `ry` is the Chief\nhint: say what you think of it: omega vote {id} approve\n"),
    );
}

#[test]
fn a_ruling_that_nobody_confirmed() {
    let (world, id) = proposed();
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id],
        2,
        "error: a ruling is confirmed on the terminal\nhint: say --yes where there is none\n",
    );
}

#[test]
fn a_ruling_without_quorum_names_the_bypass() {
    let (world, id) = proposed();
    world.approve(&id, &["ana"]);
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!(
            "error: there is no quorum: 1 of 2 votes\nhint: wait for votes; or, for the record, rule without them: omega ratify {id} --bypass QUORUM_UNAVAILABLE\n"
        ),
    );
    world.chief(&["canon", "ratify", &id, "--yes", "--bypass", "QUORUM_UNAVAILABLE", "--reason", "bo is away."]).exits(0);
    assert!(world.read("canon/ledger/000001.md").contains("\nbypass: QUORUM_UNAVAILABLE\n"));
}

#[test]
fn an_override_under_critical_risk() {
    let (world, id) = proposed();
    for member in ["ana", "bo"] {
        world.by(member, &["canon", "vote", &id, "reject", "--reason", "No."]).exits(0);
    }
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!("error: the council does not approve\nhint: wait for votes, or: omega rule {id} reject\n"),
    );
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes", "--bypass", "OVERRIDE"],
        10,
        &format!("error: CONSENSUS_ENGINE does not permit OVERRIDE for critical risk\nhint: omega show {id}\n"),
    );
    refuses_by(
        &world,
        "ry",
        &["canon", "rule", &id, "reject", "--yes", "--bypass", "OVERRIDE"],
        2,
        "error: only an approval can bypass the council\nhint: leave --bypass out\n",
    );
}

#[test]
fn a_bypass_that_nothing_needs() {
    let (world, id) = proposed();
    world.approve(&id, &["ana", "bo"]);
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes", "--bypass", "OVERRIDE"],
        2,
        "error: the council approves, and nothing is bypassed\nhint: leave --bypass out\n",
    );
}

#[test]
fn a_second_ruling_on_what_is_ruled() {
    let (world, id) = proposed();
    world.approve(&id, &["ana", "bo"]);
    world.ratify(&id);
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!("error: ruling 1 closed {id} already: approve\nhint: omega show {id}\n"),
    );
    refuses_by(
        &world,
        "ana",
        &["canon", "vote", &id, "reject", "--reason", "Too late."],
        10,
        &format!("error: {id} is ruled: nothing can be added\nhint: omega show {id}\n"),
    );
}

#[test]
fn a_second_ruling_on_what_was_squashed() {
    let (world, id) = proposed();
    world.approve(&id, &["ana", "bo"]);
    world.chief(&["canon", "ratify", &id, "--yes", "--no-merge"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.commit_unrelated("other.txt");
    world.git(&["merge", "-q", "--squash", &format!("canon/{id}")]).exits(0);
    world.git(&["commit", "-q", "-m", "Squash"]).exits(0);
    // What is left of it is its branch. Without that there is nothing to do.
    world.chief(&["canon", "ratify", &id, "--yes"]).exits(0);
    assert_eq!(world.git(&["branch", "--list", "canon/*"]).out, "");
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!("error: ruling 1 closed {id} already: approve\nhint: omega show {id}\n"),
    );
}

#[test]
fn a_new_key_that_nobody_showed_to_hold() {
    let world = World::planted(&["ana"]);
    world.seat("bo", 3);
    let id = world.propose_edits("ana", "Seat bo");
    world.approve(&id, &["ana"]);
    let hint = format!("hint: omega enrol {id} --key FILE\n");
    refuses_by(
        &world,
        "ry",
        &["canon", "ratify", &id, "--yes"],
        10,
        &format!("error: the holder of each added key signs the proposal first; missing: SHA256:[…] of `bo`\n{hint}"),
    );
    refuses_by(
        &world,
        "eve",
        &["canon", "enrol", &id],
        10,
        &format!("error: {id} does not add the key SHA256:[…]\nhint: choose the new key with --key\n"),
    );
    world.by("bo", &["canon", "enrol", &id]).exits(0);
    world.ratify(&id);
}

// Trust.

#[test]
fn a_clone_without_a_pin() {
    let world = World::planted(&[]);
    let root = world.root();
    fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    let ran = world.omega(&["canon", "verify"]).exits(13);
    assert!(ran.out.starts_with("unknown HEAD\nproved: nothing yet: the tree follows from its own root up to ruling 0 ("), "{}", ran.out);
    assert!(
        ran.out.ends_with(&format!("\nif the people of this canon confirm that root, pin it:\n  omega trust pin {root}\n")),
        "{}",
        ran.out
    );
    world.edit_identity("One");
    refuses_by(
        &world,
        "ry",
        &PROPOSE,
        13,
        "error: this clone pins no root, so it cannot know that this is the right canon\nhint: omega verify shows the root; if its people confirm it: omega trust pin ROOT\n",
    );
    world.omega(&["trust", "show"]).exits(13);
    world.omega(&["trust", "pin", &root]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn another_canon_than_the_pinned_one() {
    let world = World::planted(&[]);
    let root = format!("sha256:{}", "0".repeat(64));
    let ran = world.omega(&["canon", "verify", "--root", &root]).exits(11);
    assert!(world.plain(&ran.out).starts_with("C017 canon/ledger/000000.md: this canon's root is sha256:[…], and sha256:[…] is pinned\n     hint: Ask the people of this canon which root is right; the one that is pinned: omega trust show\n"), "{}", ran.out);
    // The variable that CI sets means the same.
    let root = format!("OMEGA_ROOT={root}");
    let ran = world.run("env", &[&root, env!("CARGO_BIN_EXE_omega"), "canon", "verify", "--format", "json"], &world.repo(), None).exits(11);
    assert_eq!(ran.json()["report"]["findings"][0]["code"], "C017");
    refuses(
        &world,
        &["trust", "pin", &root["OMEGA_ROOT=".len()..]],
        10,
        "error: the canon at HEAD has another root: sha256:[…]\nhint: ask the people of this canon which root is theirs\n",
    );
}

#[test]
fn a_ledger_that_was_rolled_back() {
    let world = World::planted(&[]);
    let id = world.propose("ry", "Say it plainly");
    let ruled = world.chief(&["canon", "ratify", &id, "--yes", "--format", "json"]).exits(0).json();
    let head = ruled["report"]["head"].as_str().unwrap();
    world.omega(&["trust", "pin", &world.root(), "--sequence", "1", "--head", head]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    let ran = world.omega(&["canon", "verify", "HEAD~1"]).exits(11);
    let lost = "C018 canon/ledger/000001.md: the ledger ends at ruling 0 (sha256:[…]), and ruling 1 (sha256:[…]) was seen before\n";
    let hint = "     hint: git fetch; then compare checkpoints with another member: omega checkpoint\n";
    assert!(world.plain(&ran.out).starts_with(&format!("{lost}{hint}")), "{}", ran.out);
    // Nothing is built on it either.
    world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    world.edit_identity("Two");
    let before = world.traces();
    let ran = world.by("ry", &PROPOSE).exits(11);
    assert!(world.plain(&ran.err).starts_with(&format!("error: refused: the canon here does not verify\n{lost}")), "{}", ran.err);
    assert_eq!(world.traces(), before);
}

#[test]
fn a_checkpoint_that_the_ledger_contradicts() {
    let world = World::planted(&[]);
    let head = format!("sha256:{}", "0".repeat(64));
    refuses(
        &world,
        &["trust", "pin", &world.root(), "--sequence", "0", "--head", &head],
        10,
        "error: ruling 0 of the canon at HEAD is another one: sha256:[…]\nhint: one of the two ledgers is forked; compare both with the people of this canon before you pin anything\n",
    );
    // What is not there yet may come.
    world.omega(&["trust", "pin", &world.root(), "--sequence", "7", "--head", &head]).exits(0);
}

#[test]
fn a_configuration_that_says_something_else() {
    let world = World::planted(&[]);
    let config = world.path("home/.config/omega");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("omega.toml"), "keys = []\nchief = \"me\"\n").unwrap();
    refuses(
        &world,
        &["canon", "status"],
        2,
        "error: line 2 of `[tmp]/home/.config/omega/omega.toml`: unknown field `chief`, expected `keys` or `sync`\nhint: it may hold two lines: keys = [\"FILE\", …] and sync = false\n",
    );
}

// The command line.

#[test]
fn a_folder_that_is_not_there() {
    let world = World::empty();
    refuses(
        &world,
        &["-C", "home/../nowhere", "canon", "status"],
        2,
        "error: there is no folder `[tmp]/repo/home/../nowhere`\nhint: choose another one with -C DIR\n",
    );
}

#[test]
fn a_folder_that_is_no_repository() {
    let world = World::empty();
    let home = world.path("home");
    for args in [&["canon", "verify"][..], &["canon", "status"], &["init", "--yes"]] {
        refuses(
            &world,
            &[&["-C", home.to_str().unwrap()], args].concat(),
            2,
            "error: `[tmp]/home` is not inside a git repository\nhint: git init, or omega init --new DIR\n",
        );
    }
}

#[test]
fn a_repository_without_a_canon() {
    let world = World::empty();
    let words = "error: there is no canon here\nhint: omega init\n";
    refuses(&world, &["canon", "status"], 2, words);
    world.commit_unrelated("file.txt");
    refuses(&world, &["canon", "status"], 2, words);
    refuses_by(&world, "ry", &PROPOSE, 2, words);
}

#[test]
fn a_command_that_does_not_exist() {
    let world = World::empty();
    for (typed, instead) in [
        ("convene", "omega council convene"),
        ("convene say-it", "omega council convene say-it"),
        ("ratfy say-it", "omega ratify say-it"),
        ("statsu", "omega status"),
        ("canon stauts", "omega status"),
        ("--as ann canon voet say-it approve", "omega --as ann vote say-it approve"),
        ("canon inbox --all", "omega inbox --all"),
        ("canon convene x", "omega council convene x"),
        ("council lst", "omega council list"),
        ("council ratify x", "omega ratify x"),
        ("hooks vreify", "omega verify"),
        ("canon xyzzy", "omega canon --help"),
        ("xyzzy", "omega --help"),
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        let command = typed.split(' ').skip_while(|word| word.starts_with("--") || *word == "ann").collect::<Vec<_>>();
        let groups = ["canon", "council", "hooks"];
        let command = command[..if groups.contains(&command[0]) { 2 } else { 1 }].join(" ");
        refuses(&world, &args, 2, &format!("error: there is no command `omega {command}`\nhint: {instead}\n"));
    }
    let ran = world.omega(&["canon", "votes", "--format", "json"]).exits(2);
    let error = &ran.json()["error"];
    assert_eq!(
        (&error["kind"], &error["message"], &error["hint"]),
        (&"usage".into(), &"there is no command `omega canon votes`".into(), &"omega vote --format json".into())
    );
    assert_eq!(ran.err, "");
}

#[test]
fn errors_in_json_say_kind_fact_and_hint() {
    let (world, id) = proposed();
    let before = world.traces();
    for (ran, command, code, kind, message) in [
        (
            world.by("eve", &["canon", "vote", &id, "approve", "--reason", "x", "--format", "json"]),
            "canon vote",
            10,
            "denied",
            "belongs to no member",
        ),
        (world.omega(&["canon", "show", "nothing", "--format", "json"]), "canon show", 2, "usage", "no resolution is called `nothing`"),
        (
            world.omega(&["-C", "../home", "canon", "verify", "--format", "json"]),
            "canon verify",
            2,
            "usage",
            "is not inside a git repository",
        ),
    ] {
        let answer = ran.exits(code).json();
        assert_eq!(
            (&answer["omega"], &answer["command"], &answer["exit"], &answer["error"]["kind"]),
            (&1.into(), &command.into(), &code.into(), &kind.into())
        );
        assert!(answer["error"]["message"].as_str().unwrap().contains(message), "{answer:#}");
        assert!(answer["error"]["hint"].is_string() && answer.get("report").is_none(), "{answer:#}");
    }
    // A violation brings its findings along.
    world.write("canon/ledger/000000.md.sig", "no signature\n");
    world.git(&["commit", "-q", "-a", "-m", "Break it"]).exits(0);
    let answer = world.by("ana", &["canon", "vote", &id, "approve", "--reason", "x", "--format", "json"]).exits(11).json();
    assert_eq!((&answer["error"]["kind"], &answer["error"]["findings"][0]["code"]), (&"violated".into(), &"C010".into()), "{answer:#}");
    world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    assert_eq!(world.traces(), before);
}

#[test]
fn a_reader_that_went_away_is_no_crash() {
    let world = World::planted(&[]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = world.command(env!("CARGO_BIN_EXE_omega"), &["canon", "log"], &world.repo()).stdout(writer).output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let (world, id) = proposed();
    world.write("canon/ECONOMY_MODEL.md", "broken\n");
    let omega = env!("CARGO_BIN_EXE_omega");
    for args in [
        &["canon", "status"][..],
        &["canon", "verify", "--worktree"],
        &["canon", "show", &id],
        &["canon", "diff", &id],
        &["canon", "vote", "nothing", "approve"],
        &["nonsense"],
    ] {
        let says = |ran: crate::world::Ran| format!("{}{}", ran.out, ran.err);
        let never = says(world.omega(&[args, &["--color", "never"]].concat()));
        assert!(!never.is_empty() && !never.contains('\u{1b}'), "{never:?}");
        let no_color = says(world.run("env", &[&["NO_COLOR=1", omega], args].concat(), &world.repo(), None));
        assert_eq!(no_color, never);
    }
    for args in [&["canon", "status"][..], &["canon", "diff", &id]] {
        assert!(world.omega(&[args, &["--color", "always"]].concat()).out.contains("\u{1b}["), "{args:?}");
    }
}

#[test]
fn text_from_records_is_escaped_where_it_is_shown() {
    let world = World::planted(&[]);
    // Whatever name somebody gives a file, the terminal stays as it is.
    world.write("canon/\u{1b}[31mred.md", "x\n");
    let ran = world.omega(&["canon", "verify", "--worktree", "--color", "never"]).exits(11);
    assert!(ran.out.starts_with("C001 $'canon/\\x1b[31mred.md': "), "{}", ran.out);
}

// Names of revisions.

/// All commands that take a revision, with this one.
fn asked_of(rev: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["canon", "verify", rev],
        vec!["canon", "checkpoint", rev],
        vec!["canon", "log", rev],
        vec!["canon", "test", "--rev", rev],
        vec!["phylactery", "list", "--rev", rev],
        vec!["ci", "--base", rev, "--head", "HEAD"],
        vec!["ci", "--base", "HEAD", "--head", rev],
        vec!["canon", "propose", "--from", rev, "--title", "A title", "--reason", "Because."],
    ]
}

#[test]
fn a_revision_that_is_not_there() {
    let world = World::planted(&["ana"]);
    for args in asked_of("nope") {
        refuses_by_all(&world, &args, "error: no such revision: `nope`\nhint: git branch --all\n");
    }
    world.git(&["branch", "--all"]).exits(0);
}

#[test]
fn a_revision_that_means_two_things() {
    let world = World::planted(&["ana"]);
    world.commit_unrelated("code.txt");
    let id = world.git(&["rev-parse", "HEAD~1"]).exits(0).out.trim().to_owned();
    world.git(&["branch", "both", "HEAD~1"]).exits(0);
    world.git(&["tag", "both", "HEAD"]).exits(0);
    let short = &id[..8];
    world.git(&["branch", short, "HEAD"]).exits(0);
    for args in asked_of("both") {
        let hint = "hint: git show --no-patch refs/tags/both refs/heads/both; then name one of these in full\n";
        refuses_by_all(&world, &args, &format!("error: `both` means two things: refs/tags/both and refs/heads/both\n{hint}"));
    }
    for args in asked_of(short) {
        let hint = format!("hint: git show --no-patch refs/heads/{short} {id}; then name one of these in full\n");
        refuses_by_all(&world, &args, &format!("error: `{short}` means two things: refs/heads/{short} and {id}\n{hint}"));
    }
    world.git(&["show", "--no-patch", "refs/tags/both", "refs/heads/both"]).exits(0);
    world.omega(&["canon", "verify", "refs/heads/both"]).exits(0);
    world.omega(&["canon", "verify", &format!("refs/heads/{short}")]).exits(0);
    world.omega(&["canon", "verify", &id]).exits(0);
}

/// A usage error in these words, whatever else the command would need.
#[track_caller]
fn refuses_by_all(world: &World, args: &[&str], words: &str) {
    let ran = if args[1] == "propose" { world.by("ana", args) } else { world.omega(args) }.exits(2);
    assert_eq!(ran.err, words, "{args:?}");
}
