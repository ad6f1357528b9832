//! The chain of rulings, the keys that make it, and the state that it leads to.

use omega::canon::policy::{Deliberation, Event, Guard, PeacePipe, Recovery};
use omega::canon::{Domain, Kind, Member, Role, front};
use omega::digest::Digest;
use omega::finding::Code;
use omega::keys::Namespace;
use omega::ledger::checkpoint::Checkpoint;
use omega::ledger::kinds::{Proposal, Verdict};
use omega::survey::verify::Conclusion;
use omega::workspace::pin::Pin;

use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, chief, member, name, time, violated};

/// A ledger of four rulings.
fn long() -> Forge {
    let mut forge = Forge::planted();
    forge.ratify("one", vec![Edit::file("AGENTS.md", "One.\n")]);
    forge.ratify("two", vec![Edit::words("ECONOMY_MODEL", "Two.")]);
    forge.ratify("three", vec![Edit::file("prompts/two.md", "Three.\n")]);
    forge
}

#[test]
fn another_genesis() {
    let honest = long();
    let forged = Forge::plant(&Seed { members: vec![chief("ry", 1)], ..Seed::default() });
    violated(forged.verify_with(honest.pin(), time("2026-02-27T00:00:00Z")), Code::Root, "canon/ledger/000000.md");
    // Only the first ruling of another canon, under the later ones of this.
    let mut forge = long();
    for end in ["", ".sig"] {
        forge.put(&format!("canon/ledger/000000.md{end}"), forged.get(&format!("canon/ledger/000000.md{end}")));
    }
    let report = violated(
        forge.verify_with(honest.pin(), time("2026-02-27T00:00:00Z")),
        Code::RecordChanged,
        &format!("canon/resolutions/2026-02-26-genesis/keys/{}.sig", Key::of("ry").public().id()),
    );
    assert_eq!(report.conclusion, Conclusion::Violated);
    // A second one behind the first.
    let mut forge = Forge::planted();
    let id = forge.propose_with("ry", "second-genesis", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| (p.base, p.canon) = (None, None));
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.canon = None);
    forge.violates(Code::Binding, "canon/ledger/000001.md");
}

#[test]
fn a_genesis_that_is_none() {
    let plant = |seed: Seed| Forge::plant(&seed);
    let none = plant(Seed { proposal: Box::new(|p| p.changes.clear()), ..Seed::default() });
    none.violates(Code::State, "canon/OMEGA_IDENTITY.md");
    let lacking =
        plant(Seed { proposal: Box::new(|p| p.changes.retain(|c| c.path.as_str() != "canon/SECURITY_AND_PRIVACY.md")), ..Seed::default() });
    lacking.violates(Code::State, "canon/SECURITY_AND_PRIVACY.md");
    let based = plant(Seed { proposal: Box::new(|p| p.base = Some(Digest::of(b"x"))), ..Seed::default() });
    based.violates(Code::Proposal, "canon/ledger/000000.md");
    let rejecting = plant(Seed { ruling: Box::new(|r| r.verdict = Verdict::Reject), ..Seed::default() });
    rejecting.violates(Code::Ruling, "canon/ledger/000000.md");
    let chained = plant(Seed { ruling: Box::new(|r| r.previous = Some(Digest::of(b"x"))), ..Seed::default() });
    chained.violates(Code::Chain, "canon/ledger/000000.md");
    let counted = plant(Seed { ruling: Box::new(|r| r.tally.approve = 4), ..Seed::default() });
    counted.violates(Code::Tally, "canon/ledger/000000.md");
    // By a key that the council does not have, and without the Chief's consent.
    let stranger = plant(Seed { key: Some(Key::of("stranger")), ..Seed::default() });
    stranger.violates(Code::Signer, "canon/ledger/000000.md");
    let mut silent = Forge::planted();
    silent.delete("canon/ledger/000000.md");
    let report = silent.verify_with(Forge::planted().pin(), time("2026-02-27T00:00:00Z"));
    violated(report, Code::Unpaired, "canon/ledger/000000.md");
    let mut nothing = Forge::planted();
    nothing.tree.0.retain(|path, _| !path.starts_with(b"canon/"));
    let report = nothing.verify_with(Forge::planted().pin(), time("2026-02-27T00:00:00Z"));
    violated(report, Code::Chain, "canon/ledger/000000.md");
}

#[test]
fn a_ruling_deleted_reordered_or_truncated() {
    let honest = long();
    for gone in 1..3 {
        let mut forge = honest.clone();
        forge.delete_record(&format!("canon/ledger/00000{gone}.md"));
        forge.violates(Code::Chain, format!("canon/ledger/00000{gone}.md"));
    }
    let mut swapped = honest.clone();
    for end in ["", ".sig"] {
        let (one, two) = (format!("canon/ledger/000001.md{end}"), format!("canon/ledger/000002.md{end}"));
        let (first, second) = (swapped.get(&one), swapped.get(&two));
        swapped.put(&one, second);
        swapped.put(&two, first);
    }
    swapped.violates(Code::Misplaced, "canon/ledger/000001.md");
    // Truncated, it is an older state, whole in itself: the checkpoint shows it.
    let older = {
        let mut forge = Forge::planted();
        forge.ratify("one", vec![Edit::file("AGENTS.md", "One.\n")]);
        forge
    };
    older.holds();
    let (sequence, head) = honest.head();
    let seen = Pin::Checkpoint(Checkpoint { root: honest.root(), sequence, head });
    violated(older.verify_with(seen, time("2026-02-27T00:00:00Z")), Code::Checkpoint, "canon/ledger/000003.md");
    assert_eq!(honest.verify_with(seen, time("2026-02-27T00:00:00Z")).conclusion, Conclusion::Holds);
}

#[test]
fn a_jump_in_the_sequence() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "jump", vec![Edit::file("AGENTS.md", "Jump.\n")]);
    forge.approve(&id);
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.sequence = 7);
    forge.violates(Code::Chain, "canon/ledger/000001.md");
    // A number in the record that is not the file's.
    let mut forge = long();
    let (ruling, body) =
        front::parse::<omega::ledger::kinds::Ruling>(&forge.get("canon/ledger/000003.md")).map(|(r, b)| (r, b.to_owned())).unwrap();
    forge.signed("canon/ledger/000003.md", &omega::ledger::kinds::Ruling { sequence: 4, ..ruling }, &body, &Key::of("ry"));
    forge.violates(Code::Misplaced, "canon/ledger/000003.md");
}

#[test]
fn a_fork_signed_late_with_an_old_key() {
    let mut forge = Forge::planted();
    let new = Key::of("ry-two");
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.enrol(&id, &new);
    forge.approve(&id);
    let mut fork = forge.clone();
    forge.rule_then(&id, Verdict::Approve, "ry", new);
    // The thief of the old key goes on from before the rotation: whole in itself, found by a checkpoint.
    let mine = fork.propose("ry", "mine", vec![Edit::Remove("prompts/one.md")]);
    fork.rule_with(&mine, Verdict::Emergency, |_| {});
    assert_eq!(fork.verify().conclusion, Conclusion::Holds);
    let (sequence, head) = forge.head();
    let seen = Pin::Checkpoint(Checkpoint { root: forge.root(), sequence, head });
    violated(fork.verify_with(seen, time("2026-02-26T13:00:00Z")), Code::Checkpoint, "canon/ledger/000001.md");
    // Upon the rotation it is worth nothing, backdated or not.
    let mut late = forge.clone();
    late.keys.insert("ry".into(), Key::of("ry"));
    let genesis = late.root();
    let id = late.propose_with("claude", "backdated", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| p.at = time("2026-01-01T00:00:00Z"));
    late.approve(&id);
    late.rule_with(&id, Verdict::Approve, |ruling| ruling.at = time("2026-01-01T00:00:00Z"));
    late.violates(Code::Signer, "canon/ledger/000002.md");
    let mut late = forge.clone();
    late.keys.insert("ry".into(), Key::of("ry"));
    let id = late.propose_with("ry", "old-base", vec![Edit::file("AGENTS.md", "Mine.\n")], |p| p.base = Some(genesis));
    late.violates(Code::Unratified, "AGENTS.md");
    late.rule(&id, Verdict::Emergency);
    late.violates(Code::Stale, "canon/ledger/000002.md");
}

#[test]
fn an_ex_chief_does_not_rule_on_old_proposals() {
    let mut forge = Forge::planted();
    let waiting = forge.propose("gemini", "waiting", vec![Edit::file("AGENTS.md", "Waiting.\n")]);
    let edits = vec![
        Edit::Member(Member { role: Role::Chief, weight: 0, ..member("claude", 3) }),
        Edit::Member(Member { role: Role::Member, weight: 1, ..member("ry", 1) }),
    ];
    forge.ratify("chair", edits);
    forge.holds();
    let mut other = forge.clone();
    forge.rule_as(&waiting, Verdict::Reject, "ry", |_| {});
    forge.violates(Code::Signer, "canon/ledger/000002.md");
    other.rule(&waiting, Verdict::Reject);
    other.holds();
}

#[test]
fn files_of_another_ledger() {
    let mut other =
        Forge::plant(&Seed { files: vec![Edit::file("AGENTS.md", "Other.\n"), Edit::file("prompts/one.md", "One.\n")], ..Seed::default() });
    other.ratify("one", vec![Edit::file("AGENTS.md", "Another one.\n")]);
    let mut forge = Forge::planted();
    for (path, file) in &other.tree.0 {
        if path.starts_with(b"canon/ledger/000001")
            || path.starts_with(b"canon/resolutions/2026-02-26-one")
            || path.starts_with(b"canon/bytes/")
        {
            forge.tree.0.insert(path.clone(), file.clone());
        }
    }
    forge.violates(Code::Chain, "canon/ledger/000001.md");
}

#[test]
fn a_key_belongs_to_one_member_for_good() {
    let add = |keys: Vec<Key>, who: Member| {
        let mut forge = Forge::planted();
        let public = keys.iter().map(Key::public).collect();
        let id = forge.propose("claude", "add", vec![Edit::Member(Member { keys: public, ..who })]);
        for key in &keys {
            forge.enrol(&id, key);
        }
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        forge
    };
    add(vec![Key::of("zed")], member("zed", 9)).holds();
    // Of another member, twice, or the same 32 bytes in a token's clothes.
    add(vec![Key::of("grok")], member("zed", 9)).violates(Code::State, "canon/council");
    add(vec![Key::of("zed"), Key::of("zed")], member("zed", 9)).violates(Code::State, "canon/council");
    add(vec![Key::of("zed"), Key::token("zed", 1)], member("zed", 9)).violates(Code::State, "canon/council");
    add(vec![Key::token("grok", 1)], member("zed", 9)).violates(Code::State, "canon/council");
    // Handed on from one who leaves by the same proposal, or who left long ago, or come back to himself.
    let mut forge = Forge::planted();
    forge.ratify(
        "hand-on",
        vec![Edit::Remove("canon/council/grok.md"), Edit::Member(Member { keys: vec![Key::of("grok").public()], ..member("zed", 9) })],
    );
    forge.violates(Code::State, "canon/council/zed.md");
    for back in ["zed", "grok"] {
        let mut forge = Forge::planted();
        forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
        let id = forge.propose("claude", "back", vec![Edit::Member(Member { name: name(back), ..member("grok", 6) })]);
        forge.enrol(&id, &Key::of("grok"));
        for by in &VOTERS[..3] {
            forge.vote(&id, by, Choice::Approve);
        }
        forge.rule(&id, Verdict::Approve);
        forge.violates(Code::State, format!("canon/council/{back}.md"));
    }
}

#[test]
fn an_added_key_agrees() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "add", vec![Edit::Member(member("zed", 9))]);
    forge.approve(&id);
    let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("zed").public().id()));
    let mut without = forge.clone();
    without.rule(&id, Verdict::Approve);
    without.violates(Code::Enrolment, &proof);
    // The signature of somebody else under its name, or over another proposal.
    let mut other = forge.clone();
    let armor = Key::of("claude").sign(Namespace::Enrol, &other.get(&other.of(&id, "proposal.md")));
    other.put(&proof, armor);
    other.violates(Code::Misplaced, &proof);
    let mut other = forge.clone();
    other.put(&proof, Key::of("zed").sign(Namespace::Enrol, b"another proposal\n"));
    other.violates(Code::Signature, &proof);
    let mut other = forge.clone();
    let armor = Key::of("zed").sign(Namespace::Proposal, &other.get(&other.of(&id, "proposal.md")));
    other.put(&proof, armor);
    other.violates(Code::Signature, &proof);
    // A rotation that only the new key, or only the old key, signed.
    let new = Key::of("ry-two");
    let mut forge = Forge::planted();
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.approve(&id);
    let mut old_only = forge.clone();
    old_only.rule(&id, Verdict::Approve);
    old_only.violates(Code::Enrolment, old_only.of(&id, &format!("keys/{}.sig", new.public().id())));
    forge.enrol(&id, &new);
    forge.keys.insert("ry".into(), new);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Signer, "canon/ledger/000001.md");
}

#[test]
fn a_proposal_neither_brings_its_own_voters_nor_lowers_its_own_quorum() {
    // The new voter votes on the proposal that adds her.
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "own-voter", vec![Edit::Member(member("zed", 9))]);
    forge.enrol(&id, &Key::of("zed"));
    forge.keys.insert("zed".into(), Key::of("zed"));
    forge.vote(&id, "zed", Choice::Approve);
    forge.violates(Code::Signer, forge.of(&id, "votes/zed.1.md"));
    // A member signs with a key that the proposal adds to him.
    let mut forge = Forge::planted();
    let two = Key::of("claude-two");
    forge.keys.insert("claude".into(), two.clone());
    let id = forge.propose("claude", "own-key", vec![Edit::Member(Member { keys: vec![two.public()], ..member("claude", 3) })]);
    forge.violates(Code::Signer, forge.of(&id, "proposal.md"));
    // A quorum that would be met, if the proposal held already.
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "own-quorum", vec![Edit::consensus(|rules| rules.classes.critical.quorum = "1/4".parse().unwrap())]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
    // Signers that nobody ratified.
    for place in ["canon/allowed_signers", "canon/ledger/000000.signers"] {
        let mut forge = Forge::planted();
        let mut text = forge.get(place);
        text.extend(format!("zed namespaces=\"omega-vote-v1\" {}\n", Key::of("zed").public()).as_bytes());
        forge.put(place, text);
        forge.violates(Code::Derived, place);
        forge.delete(place);
        forge.violates(Code::Derived, place);
    }
    let mut forge = long();
    forge.put("canon/ledger/000002.signers", forge.get("canon/ledger/000000.signers"));
    forge.violates(Code::Derived, "canon/ledger/000002.signers");
}

/// One more condition on each way of an event.
fn guard(pipe: &mut PeacePipe, event: Event, guard: Guard) {
    pipe.machine.transitions.iter_mut().filter(|way| way.event == event).for_each(|way| way.requires.push(guard));
}

#[test]
fn a_state_that_cannot_be() {
    type Make = fn() -> Vec<Edit>;
    let cases: [(&str, &str, Make); 20] = [
        ("two-chiefs", "canon/council", || vec![Edit::Member(Member { role: Role::Chief, weight: 0, ..member("claude", 3) })]),
        ("no-chief", "canon/council", || vec![Edit::Remove("canon/council/ry.md")]),
        ("agent-chief", "canon/council", || {
            vec![Edit::Member(Member { kind: Kind::Agent, operator: Some(name("claude")), ..chief("ry", 1) })]
        }),
        ("two-clerks", "canon/council", || vec![Edit::Member(Member { role: Role::Clerk, weight: 0, ..member("claude", 3) })]),
        ("one-seat", "canon/council", || vec![Edit::Member(member("claude", 4))]),
        ("no-key", "canon/council", || vec![Edit::Member(Member { keys: Vec::new(), ..member("claude", 3) })]),
        ("heavy", "canon/council", || vec![Edit::Member(Member { weight: u32::MAX, ..member("claude", 3) })]),
        ("no-voter", "canon/council", || {
            let seats = [("claude", 3), ("gemini", 4), ("codex", 5), ("grok", 6)];
            seats.iter().map(|(name, seat)| Edit::Member(Member { weight: 0, ..member(name, *seat) })).collect()
        }),
        ("no-operator", "canon/council", || vec![Edit::Member(Member { kind: Kind::Agent, ..member("claude", 3) })]),
        ("people", "canon/CONSENSUS_ENGINE.md", || vec![Edit::consensus(|rules| rules.classes.low.people = 5)]),
        ("operators", "canon/CONSENSUS_ENGINE.md", || vec![Edit::consensus(|rules| rules.classes.low.operators = 5)]),
        ("faults", "canon/CONSENSUS_ENGINE.md", || vec![Edit::consensus(|rules| rules.classes.low.faults = 2)]),
        ("no-quorum", "canon/CONSENSUS_ENGINE.md", || vec![Edit::consensus(|rules| rules.classes.low.quorum = "0/1".parse().unwrap())]),
        ("minority", "canon/CONSENSUS_ENGINE.md", || vec![Edit::consensus(|rules| rules.classes.low.threshold = "1/3".parse().unwrap())]),
        ("no-document", "canon/SECURITY_AND_PRIVACY.md", || {
            vec![Edit::Remove("canon/SECURITY_AND_PRIVACY.md"), Edit::Remove("canon/phylactery/fact/SECURITY_AND_PRIVACY.md")]
        }),
        ("no-close", "canon/PEACE_PIPE_PROTOCOL.md", || vec![Edit::protocol(|pipe| drop(pipe.machine.transitions.pop()))]),
        ("no-ruling", "canon/PEACE_PIPE_PROTOCOL.md", || vec![Edit::protocol(|pipe| guard(pipe, Event::Rule, Guard::HoldsPipe))]),
        ("no-proposal", "canon/PEACE_PIPE_PROTOCOL.md", || vec![Edit::protocol(|pipe| guard(pipe, Event::Propose, Guard::ArtifactsBound))]),
        ("no-vote", "canon/PEACE_PIPE_PROTOCOL.md", || vec![Edit::protocol(|pipe| guard(pipe, Event::Vote, Guard::SealedSubmissions))]),
        ("no-synthesis", "canon/PEACE_PIPE_PROTOCOL.md", || {
            vec![Edit::protocol(|pipe| {
                pipe.deliberation.low = Deliberation::Required;
                guard(pipe, Event::Synthesize, Guard::LapOpen);
            })]
        }),
    ];
    for (slug, place, edits) in cases {
        let mut forge = Forge::planted();
        forge.ratify(slug, edits());
        forge.violates(Code::State, place);
    }
    // A member who leaves makes the quorum of the others unreachable.
    let mut forge = Forge::plant(&Seed { consensus: Box::new(|rules| rules.classes.low.people = 4), ..Seed::default() });
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    forge.violates(Code::State, "canon/CONSENSUS_ENGINE.md");
    // Recovery by more keys than there are.
    let mut forge = Forge::planted();
    let keys = vec![Key::of("safe").public()];
    forge.ratify("recovery", vec![Edit::consensus(move |rules| rules.recovery = Some(Recovery { threshold: 2, keys: keys.clone() }))]);
    forge.violates(Code::State, "canon/CONSENSUS_ENGINE.md");
}

#[test]
fn thresholds_that_are_no_fractions() {
    for wrong in ["3/2", "-1/2", "2/4", "1/0", "0.5", "99999999999/3"] {
        let mut forge = Forge::planted();
        let text: &'static str = Box::leak(format!("threshold: \"{wrong}\"").into_boxed_str());
        forge.ratify("wrong", vec![Edit::replace("CONSENSUS_ENGINE", "threshold: 2/3", text)]);
        forge.violates(Code::State, "canon/CONSENSUS_ENGINE.md");
    }
}

#[test]
fn documents_and_their_facts_move_together() {
    let fact = "canon/phylactery/fact/ECONOMY_MODEL.md";
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "lonely", vec![Edit::Lonely("ECONOMY_MODEL")]);
    forge.violates(Code::Proposal, fact);
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Proposal, fact);
    for edit in [Edit::EntryAt(Domain::Fact, "ECONOMY_MODEL", 2), Edit::Remove("canon/phylactery/fact/ECONOMY_MODEL.md")] {
        let mut forge = Forge::planted();
        forge.ratify("fact-alone", vec![edit]);
        forge.violates(Code::Proposal, fact);
    }
    let mut forge = Forge::planted();
    forge.ratify("document-alone", vec![Edit::Remove("canon/ECONOMY_MODEL.md")]);
    forge.violates(Code::Proposal, fact);
    // The fact of other bytes.
    let mut forge = Forge::planted();
    forge.ratify("untrue", vec![Edit::words("ECONOMY_MODEL", "True."), Edit::EntryAt(Domain::Fact, "ECONOMY_MODEL", 2)]);
    forge.violates(Code::Proposal, fact);
}

#[test]
fn versions_rise() {
    let words = |version: &'static str| Edit::DocumentAt("ECONOMY_MODEL", version, Box::new(|text| format!("{text}\nMore.\n")));
    for version in ["1.0.0", "0.9.0"] {
        let mut forge = Forge::planted();
        forge.ratify("falls", vec![words(version)]);
        forge.violates(Code::Proposal, "canon/ECONOMY_MODEL.md");
    }
    let mut forge = Forge::planted();
    forge.ratify("entry", vec![Edit::EntryAt(Domain::Memory, "one", 7)]);
    forge.holds();
    let mut falls = forge.clone();
    falls.ratify("falls", vec![Edit::EntryAt(Domain::Memory, "one", 7)]);
    falls.violates(Code::Proposal, "canon/phylactery/memory/one.md");
    // Also above what was undone, and above what was removed.
    let emergency = forge.emergency("urgent", vec![Edit::EntryAt(Domain::Memory, "one", 9), words("1.7.0")]);
    let id = forge.settlement("ry", "over", emergency);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    let mut falls = forge.clone();
    falls.ratify("falls", vec![Edit::EntryAt(Domain::Memory, "one", 9)]);
    falls.violates(Code::Proposal, "canon/phylactery/memory/one.md");
    let mut falls = forge.clone();
    falls.ratify("falls", vec![words("1.7.0")]);
    falls.violates(Code::Proposal, "canon/ECONOMY_MODEL.md");
    forge.ratify("rises", vec![Edit::EntryAt(Domain::Memory, "one", 10), words("1.7.1")]);
    forge.holds();
    forge.ratify("gone", vec![Edit::Remove("canon/phylactery/memory/one.md")]);
    forge.ratify("falls", vec![Edit::EntryAt(Domain::Memory, "one", 1)]);
    forge.violates(Code::Proposal, "canon/phylactery/memory/one.md");
}

#[test]
fn stamps_say_who_and_where() {
    let stamped = |from: &'static str, to: &'static str| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "stamps", vec![Edit::words("ECONOMY_MODEL", "More.")]);
        let text = String::from_utf8(forge.get("canon/ECONOMY_MODEL.md")).unwrap();
        assert!(text.contains(from));
        let old = Digest::of(text.as_bytes());
        let text = text.replacen(from, to, 1);
        let new = Digest::of(text.as_bytes());
        let fact = "canon/phylactery/fact/ECONOMY_MODEL.md";
        let entry = String::from_utf8(forge.get(fact)).unwrap().replace(&old.to_string(), &new.to_string());
        let mut proposal: Proposal = forge.judged().0.folders[&id].proposal.as_ref().unwrap().record().clone();
        for change in &mut proposal.changes {
            let bytes = if change.path.as_str() == fact { entry.as_bytes() } else { text.as_bytes() };
            forge.delete(&format!("canon/bytes/{}", change.after.unwrap().hex()));
            change.after = Some(Digest::of(bytes));
            forge.put(&format!("canon/bytes/{}", Digest::of(bytes).hex()), bytes);
            forge.put(change.path.as_str(), bytes);
        }
        forge.record(&proposal, "The case.", "claude");
        (forge, id)
    };
    for (from, to) in [
        ("2026-02-26-stamps", "2026-02-26-genesis"),
        ("ratified_by: ry", "ratified_by: claude"),
        ("document: ECONOMY_MODEL", "document: OMEGA_IDENTITY"),
    ] {
        let (mut forge, id) = stamped(from, to);
        forge.violates(Code::Proposal, "canon/ECONOMY_MODEL.md");
        forge.approve(&id);
        forge.rule(&id, Verdict::Approve);
        forge.violates(Code::Proposal, "canon/ECONOMY_MODEL.md");
    }
    // A member and an entry that go by other names than their files.
    let mut forge = Forge::planted();
    forge.ratify("member", vec![Edit::file("canon/council/zed.md", &front::render(&member("zod", 9), ""))]);
    forge.violates(Code::Proposal, "canon/council/zed.md");
}

#[test]
fn presence_is_required_where_it_is() {
    let (plain, token) = (Key::of("ry"), Key::token("ry-token", 1));
    let plant = |key: &Key| {
        Forge::plant(&Seed {
            members: vec![Member { keys: vec![token.public(), plain.public()], ..chief("ry", 1) }],
            security: Box::new(|text| text.replacen("ruling_presence: optional", "ruling_presence: required", 1)),
            key: Some(key.clone()),
            enrolled: vec![plain.clone(), token.clone()],
            ..Seed::default()
        })
    };
    plant(&plain).violates(Code::Signer, "canon/ledger/000000.md");
    let forge = plant(&token);
    forge.holds();
    // The plain key still proposes, and does not rule.
    let mut by_plain = forge.clone();
    by_plain.keys.insert("ry".into(), plain.clone());
    let id = by_plain.propose("ry", "plain", vec![Edit::file("AGENTS.md", "Plain.\n")]);
    by_plain.pends();
    by_plain.rule(&id, Verdict::Approve);
    by_plain.violates(Code::Signer, "canon/ledger/000001.md");
    // A token that nobody touched signs nothing at all.
    let mut untouched = forge.clone();
    untouched.keys.insert("ry".into(), Key::token("ry-token", 0));
    let id = untouched.propose("ry", "untouched", vec![Edit::file("AGENTS.md", "Untouched.\n")]);
    untouched.violates(Code::Signature, untouched.of(&id, "proposal.md.sig"));
}

#[test]
fn state_signatures_are_the_chief_s_over_ratified_bytes() {
    let signature = "canon/OMEGA_IDENTITY.md.sig";
    let mut forge = Forge::planted();
    forge.delete(signature);
    forge.violates(Code::StateSignature, signature);
    let text = forge.get("canon/OMEGA_IDENTITY.md");
    for (key, namespace, bytes) in
        [("claude", Namespace::State, &text[..]), ("ry", Namespace::Ruling, &text[..]), ("ry", Namespace::State, b"other\n")]
    {
        forge.put(signature, Key::of(key).sign(namespace, bytes));
        forge.violates(Code::StateSignature, signature);
    }
    let mut forge = Forge::planted();
    forge.put("canon/ROGUE.md.sig", Key::of("ry").sign(Namespace::State, b"rogue\n"));
    forge.violates(Code::StateSignature, "canon/ROGUE.md.sig");
}

#[test]
fn a_restored_file_may_carry_the_signature_that_it_had() {
    let mut forge = Forge::planted();
    let place = "canon/OXYSPINE_TRINITY.md";
    let before = forge.get(&format!("{place}.sig"));
    let emergency = forge.emergency("urgent", vec![Edit::words("OXYSPINE_TRINITY", "Stop.")]);
    let new = Key::of("ry-two");
    let id = forge.propose("ry", "rotate", vec![Edit::Member(Member { keys: vec![new.public()], ..chief("ry", 1) })]);
    forge.enrol(&id, &new);
    forge.approve(&id);
    forge.rule_then(&id, Verdict::Approve, "ry", new);
    let id = forge.settlement("ry", "over", emergency);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    forge.put(&format!("{place}.sig"), before);
    forge.holds();
}
