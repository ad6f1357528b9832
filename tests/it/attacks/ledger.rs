//! The chain of rulings, rollbacks, and formats that nobody knows yet.

use omega::canon::front;
use omega::digest::Digest;
use omega::ledger::kinds::{Record, Ruling, Verdict};

use super::Run::{Hand, Tree};
use super::votes::open;
use super::{Attack, EVERYWHERE, against, at, cases, planted};
use crate::forge::{Edit, Forge, Key, Seed, chief};

/// A ledger of four rulings.
fn long() -> Forge {
    static LONG: std::sync::LazyLock<Forge> = std::sync::LazyLock::new(|| {
        let mut forge = Forge::planted();
        forge.ratify("one", vec![Edit::file("AGENTS.md", "One.\n")]);
        forge.ratify("two", vec![Edit::words("ECONOMY_MODEL", "Two.")]);
        forge.ratify("three", vec![Edit::file("prompts/two.md", "Three.\n")]);
        forge
    });
    LONG.clone()
}

/// A ledger by somebody else, with the same name and the same Chief.
fn other() -> Forge {
    let files = vec![Edit::file("AGENTS.md", "Other.\n"), Edit::file("prompts/one.md", "One.\n")];
    let mut forge = Forge::plant(&Seed { files, ..Seed::default() });
    forge.ratify("one", vec![Edit::file("AGENTS.md", "Another one.\n")]);
    forge
}

/// A ruling that says something of itself.
fn saying(tweak: impl FnOnce(&mut Ruling), place: &str) -> Attack {
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.rule_with(&id, Verdict::Approve, tweak);
    at(forge, place)
}

/// A genesis that is none.
fn genesis(seed: Seed, place: &str) -> Attack {
    at(Forge::plant(&seed), place)
}

/// A signed record with other bytes.
fn vote_as(from: &str, to: &str) -> Attack {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", crate::forge::Choice::Approve);
    let vote = forge.of(&id, "votes/gemini.1.md");
    let text = String::from_utf8(forge.get(&vote)).unwrap();
    assert!(text.contains(from));
    let text = text.replacen(from, to, 1);
    forge.put(&format!("{vote}.sig"), Key::of("gemini").sign(omega::keys::Namespace::Vote, text.as_bytes()));
    forge.put(&vote, text);
    at(forge, vote)
}

cases! {
    10 another_genesis "the whole canon is replaced by another one" EVERYWHERE, ["C017"] 11 Tree(|| {
        let honest = Forge::planted();
        let forged = Forge::plant(&Seed { members: vec![chief("ry", 1)], ..Seed::default() });
        Attack { pin: honest.pin(), ..at(forged, "canon/ledger/000000.md") }
    });
    10 genesis_of_another_canon "the first ruling is that of another canon, under the later ones of this" EVERYWHERE, ["C013"] 11 Tree(|| {
        let (mut forge, forged) = (long(), Forge::plant(&Seed { members: vec![chief("ry", 1)], ..Seed::default() }));
        let pin = forge.pin();
        for end in ["", ".sig"] {
            forge.put(&format!("canon/ledger/000000.md{end}"), forged.get(&format!("canon/ledger/000000.md{end}")));
        }
        Attack { pin, ..at(forge, format!("canon/resolutions/2026-02-26-genesis/keys/{}.sig", Key::of("ry").public().id())) }
    });
    10 second_genesis "a second genesis follows the first" EVERYWHERE, ["C012"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose_with("ry", "second-genesis", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| (p.base, p.canon) = (None, None));
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.canon = None);
        at(forge, "canon/ledger/000001.md")
    });
    10 genesis_that_rejects "the first ruling rejects" EVERYWHERE, ["C025"] 11 Tree(|| genesis(Seed { ruling: Box::new(|r| r.verdict = Verdict::Reject), ..Seed::default() }, "canon/ledger/000000.md"));
    10 genesis_upon_something "the first ruling names one before it" EVERYWHERE, ["C016"] 11 Tree(|| genesis(Seed { ruling: Box::new(|r| r.previous = Some(Digest::of(b"x"))), ..Seed::default() }, "canon/ledger/000000.md"));
    10 genesis_by_a_stranger "the first ruling is signed by a key that the council does not have" EVERYWHERE, ["C011"] 11 Tree(|| genesis(Seed { key: Some(Key::of("stranger")), ..Seed::default() }, "canon/ledger/000000.md"));
    10 genesis_without_a_document "the first state lacks a document" EVERYWHERE, ["C020"] 11 Tree(|| genesis(Seed { proposal: Box::new(|p| p.changes.retain(|c| c.path.as_str() != "canon/SECURITY_AND_PRIVACY.md")), ..Seed::default() }, "canon/SECURITY_AND_PRIVACY.md"));
    10 ruling_deleted "a ruling from the middle is deleted" EVERYWHERE, ["C016"] 11 Tree(|| {
        let mut forge = long();
        forge.delete_record("canon/ledger/000002.md");
        at(forge, "canon/ledger/000002.md")
    });
    10 rulings_reordered "two rulings change places" EVERYWHERE, ["C006"] 11 Tree(|| {
        let mut forge = long();
        for end in ["", ".sig"] {
            let (one, two) = (format!("canon/ledger/000001.md{end}"), format!("canon/ledger/000002.md{end}"));
            let (first, second) = (forge.get(&one), forge.get(&two));
            forge.put(&one, second);
            forge.put(&two, first);
        }
        at(forge, "canon/ledger/000001.md")
    });
    10 ruling_inserted "a ruling is inserted before the last one, by the Chief's own key" EVERYWHERE, ["C016"] 11 Tree(|| {
        let mut forge = long();
        let last = ["", ".sig"].map(|end| forge.get(&format!("canon/ledger/000003.md{end}")));
        let (ruling, body) = front::parse::<Ruling>(&last[0]).map(|(ruling, body)| (ruling, body.to_owned())).unwrap();
        // The old number 3 becomes 4 as it is, and something else takes its place.
        forge.signed("canon/ledger/000004.md", &Ruling { sequence: 4, ..ruling.clone() }, &body, &Key::of("ry"));
        forge.signed("canon/ledger/000003.md", &ruling, "Another reason.", &Key::of("ry"));
        at(forge, "canon/ledger/000004.md")
    });
    10 ledger_truncated "the last rulings are cut off, seen by one who knows them" EVERYWHERE, ["C018"] 11 Tree(|| {
        let mut older = Forge::planted();
        older.ratify("one", vec![Edit::file("AGENTS.md", "One.\n")]);
        against(older, &long(), "canon/ledger/000003.md")
    });
    10 jump_in_the_sequence "a ruling calls itself the seventh" EVERYWHERE, ["C016"] 11 Tree(|| saying(|ruling| ruling.sequence = 7, "canon/ledger/000001.md"));
    10 number_of_another_file "a ruling says another number than its file" EVERYWHERE, ["C006"] 11 Tree(|| {
        let mut forge = long();
        let bytes = forge.get("canon/ledger/000003.md");
        let (ruling, body) = front::parse::<Ruling>(&bytes).unwrap();
        forge.signed("canon/ledger/000003.md", &Ruling { sequence: 4, ..ruling }, body, &Key::of("ry"));
        at(forge, "canon/ledger/000003.md")
    });
    10 ruling_upon_itself "a ruling names one before it that comes after it: a circle" EVERYWHERE, ["C016"] 11 Tree(|| {
        let mut forge = long();
        let head = forge.head().1;
        let bytes = forge.get("canon/ledger/000001.md");
        let (ruling, body) = front::parse::<Ruling>(&bytes).unwrap();
        forge.signed("canon/ledger/000001.md", &Ruling { previous: Some(head), ..ruling }, body, &Key::of("ry"));
        at(forge, "canon/ledger/000001.md")
    });
    10 ruling_upon_nothing "a later ruling names none before it" EVERYWHERE, ["C016"] 11 Tree(|| saying(|ruling| ruling.previous = None, "canon/ledger/000001.md"));
    10 ruling_of_another_canon "a ruling names the root of another canon" EVERYWHERE, ["C012"] 11 Tree(|| saying(|ruling| ruling.canon = Some(Digest::of(b"another")), "canon/ledger/000001.md"));
    10 files_of_another_ledger "a ruling of another canon is taken over with all that it closed" EVERYWHERE, ["C016"] 11 Tree(|| {
        let mut forge = Forge::planted();
        for (path, file) in other().tree.0 {
            if [&b"canon/ledger/000001"[..], b"canon/resolutions/2026-02-26-one", b"canon/bytes/"].iter().any(|start| path.starts_with(start)) {
                forge.tree.0.insert(path, file);
            }
        }
        at(forge, "canon/ledger/000001.md")
    });
    10 state_of_another_ledger "the ledger of one canon lies beside the documents of another" EVERYWHERE, ["C040"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let text = other().get("AGENTS.md");
        forge.put("AGENTS.md", text);
        at(forge, "AGENTS.md")
    });
    10 no_ledger_at_all "the whole ledger is deleted" EVERYWHERE, ["C016"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let pin = forge.pin();
        forge.tree.0.retain(|path, _| !path.starts_with(b"canon/ledger/"));
        Attack { tree: forge.tree, place: "canon/ledger/000000.md".into(), pin, now: crate::forge::time("2026-02-27T00:00:00Z") }
    });
    10 fork_of_the_last_ruling "another ruling stands in the place of the last one, seen by one who knows it" EVERYWHERE, ["C018"] 11 Tree(|| {
        let mut fork = Forge::planted();
        fork.ratify("one", vec![Edit::file("AGENTS.md", "One.\n")]);
        fork.ratify("two", vec![Edit::words("ECONOMY_MODEL", "Two.")]);
        fork.ratify("else", vec![Edit::file("prompts/two.md", "Else.\n")]);
        against(fork, &long(), "canon/ledger/000003.md")
    });

    11 rollback_of_a_clone "a clone that has pinned a checkpoint is moved back to an older state" &["commit", "index", "work tree"], ["C018"] 11 Hand(|case| {
        let world = planted();
        let before = world.git(&["rev-parse", "HEAD"]).out;
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        let seen = world.omega(&["canon", "verify", "--format", "json"]).exits(0).json()["report"]["checkpoint"].clone();
        let text = |field: &str| seen[field].to_string().trim_matches('"').to_owned();
        world.omega(&["trust", "pin", &text("root"), "--sequence", &text("sequence"), "--head", &text("head")]).exits(0);
        world.git(&["reset", "-q", "--hard", before.trim()]).exits(0);
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
            case.says(world.omega(args));
        }
    });
    11 rollback_of_a_server "main of a server is moved back by force to an older state, which holds in itself" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let before = world.git(&["rev-parse", "HEAD"]).out;
        let server = super::gates::served(&world);
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(0);
        let ran = super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", "-f", server.to_str().unwrap(), &format!("{}:main", before.trim())]);
        assert!(ran.err.contains("would lose what was ruled"), "{}", ran.err);
        case.says(ran);
    });
    11 unknown_kind "a record is of a kind that does not exist" EVERYWHERE, ["C005"] 11 Tree(|| vote_as("kind: vote", "kind: veto"));
    11 kind_of_another_record "a vote calls itself a ruling" EVERYWHERE, ["C005"] 11 Tree(|| vote_as("kind: vote", "kind: ruling"));
    11 unknown_field "a record has a field more" EVERYWHERE, ["C005"] 11 Tree(|| vote_as("ballot: 1", "ballot: 1\nweight: 9"));
    11 unknown_word "a record uses a word that does not exist" EVERYWHERE, ["C005"] 11 Tree(|| vote_as("choice: approve", "choice: acclaim"));
    11 version_zero "a record follows version 0 of the rules" EVERYWHERE, ["C005"] 11 Tree(|| vote_as("omega: 1", "omega: 0"));
    11 newer_version "a record follows rules that this omega does not know: nothing is claimed" EVERYWHERE, [] 13 Tree(|| vote_as("omega: 1", "omega: 2"));
    11 newer_ruling "a ruling follows rules that this omega does not know" EVERYWHERE, [] 13 Tree(|| {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.omega = 2);
        let text = forge.get("canon/ledger/000001.md");
        forge.put("canon/ledger/000001.md.sig", Key::of("ry").sign(Ruling::NAMESPACE, &text));
        at(forge, "canon/ledger/000001.md")
    });
}
