//! Votes, statements and rulings that were not made as they lie there.

use omega::canon::policy::{Bypass, Deliberation, Submissions};
use omega::canon::{Kind, Member, ResolutionId, layout};
use omega::council::tally::Tally;
use omega::digest::Digest;
use omega::finding::Code;
use omega::ledger::kinds::{Proposal, Ruling, Verdict};

use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, bypassing, chief, member, name, path};

/// A canon with an open proposal of claude's.
fn open() -> (Forge, ResolutionId) {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "open", vec![Edit::file("AGENTS.md", "Open.\n")]);
    (forge, id)
}

/// The same, approved by all and ratified.
fn closed() -> (Forge, ResolutionId) {
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    (forge, id)
}

#[test]
fn a_vote_replayed_on_an_edited_proposal() {
    let (mut forge, id) = open();
    forge.approve(&id);
    let proposal = forge.judged().0.folders[&id].proposal.as_ref().unwrap().record().clone();
    forge.record(&Proposal { title: "About something else".into(), ..proposal }, "Another case.", "claude");
    forge.violates(Code::Binding, forge.of(&id, "votes/claude.1.md"));
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Binding, forge.of(&id, "votes/claude.1.md"));
}

#[test]
fn a_vote_replayed_on_another_resolution_or_ballot() {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
    for place in [forge.of(&other, "votes/gemini.1.md"), forge.of(&id, "votes/gemini.2.md"), forge.of(&id, "votes/codex.1.md")] {
        let mut forge = forge.clone();
        for end in ["", ".sig"] {
            let bytes = forge.get(&forge.of(&id, &format!("votes/gemini.1.md{end}")));
            forge.put(&format!("{place}{end}"), bytes);
        }
        forge.violates(Code::Misplaced, &place);
    }
}

#[test]
fn a_vote_of_another_canon() {
    let (mut forge, id) = open();
    forge.vote_with(&id, "gemini", Choice::Approve, |vote| vote.canon = Some(Digest::of(b"another")));
    forge.violates(Code::Binding, forge.of(&id, "votes/gemini.1.md"));
    let (mut forge, id) = open();
    forge.vote_with(&id, "gemini", Choice::Approve, |vote| vote.canon = None);
    forge.violates(Code::Binding, forge.of(&id, "votes/gemini.1.md"));
}

#[test]
fn an_old_ballot_put_back_after_its_replacement() {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    forge.vote(&id, "gemini", Choice::Reject);
    forge.pends();
    // The Chief leaves the second out: it shows as long as it lies there.
    let second = forge.of(&id, "votes/gemini.2.md");
    let mut chief = forge.clone();
    for by in ["claude", "codex", "grok"] {
        chief.vote(&id, by, Choice::Approve);
    }
    let mut ruled = chief.clone();
    ruled.delete_record(&second);
    ruled.rule(&id, Verdict::Approve);
    ruled.holds();
    for end in ["", ".sig"] {
        ruled.put(&format!("{second}{end}"), chief.get(&format!("{second}{end}")));
    }
    ruled.violates(Code::Late, &second);
    // A second ballot that does not name the first, a first one with a later number, two at once.
    for (ballot, replaces) in [(2, None), (3, Some(Digest::of(b"x")))] {
        let (mut forge, id) = open();
        forge.vote(&id, "gemini", Choice::Approve);
        forge.vote_with(&id, "gemini", Choice::Reject, |vote| (vote.ballot, vote.replaces) = (ballot, replaces));
        forge.violates(Code::Protocol, forge.of(&id, &format!("votes/gemini.{ballot}.md")));
    }
}

#[test]
fn too_many_ballots() {
    let (mut forge, id) = open();
    for _ in 0..9 {
        forge.vote(&id, "gemini", Choice::Approve);
    }
    forge.pends();
    forge.vote(&id, "gemini", Choice::Approve);
    forge.violates(Code::Protocol, forge.of(&id, "votes/gemini.10.md"));
}

#[test]
fn a_vote_by_the_key_of_another_or_of_nobody() {
    for key in ["claude", "ry", "stranger"] {
        let (mut forge, id) = open();
        forge.keys.insert("gemini".into(), Key::of(key));
        forge.vote(&id, "gemini", Choice::Approve);
        forge.violates(Code::Signer, forge.of(&id, "votes/gemini.1.md"));
    }
    let (mut forge, id) = open();
    forge.keys.insert("zed".into(), Key::of("zed"));
    forge.vote(&id, "zed", Choice::Approve);
    forge.violates(Code::Signer, forge.of(&id, "votes/zed.1.md"));
}

#[test]
fn a_member_with_two_keys_is_counted_once() {
    let two = Key::of("claude-two");
    let members = vec![
        chief("ry", 1),
        Member { keys: vec![Key::of("claude").public(), two.public()], ..member("claude", 2) },
        member("gemini", 3),
        member("codex", 4),
    ];
    let mut forge = Forge::plant(&Seed { members, ..Seed::default() });
    let id = forge.propose("claude", "twice", vec![Edit::file("AGENTS.md", "Twice.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.keys.insert("claude".into(), two);
    forge.vote(&id, "claude", Choice::Approve);
    forge.pends();
    // One of three is no quorum of two thirds, whatever the tally says.
    let mut other = forge.clone();
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
    other.rule_with(&id, Verdict::Approve, |ruling| ruling.tally = Tally { eligible: 3, cast: 2, approve: 2, ..Tally::default() });
    other.violates(Code::Tally, "canon/ledger/000001.md");
}

#[test]
fn a_confidence_beyond_all_doubt() {
    let (mut forge, id) = open();
    forge.vote_with(&id, "gemini", Choice::Approve, |vote| vote.confidence = 101);
    forge.violates(Code::Protocol, forge.of(&id, "votes/gemini.1.md"));
}

#[test]
fn a_dissent_removed_added_or_changed_after_the_ruling() {
    let (mut forge, id) = open();
    for (by, choice) in [("claude", Choice::Approve), ("gemini", Choice::Approve), ("codex", Choice::Approve), ("grok", Choice::Reject)] {
        forge.vote(&id, by, choice);
    }
    forge.rule(&id, Verdict::Approve);
    forge.holds();
    let vote = forge.of(&id, "votes/grok.1.md");
    let mut removed = forge.clone();
    removed.delete_record(&vote);
    removed.violates(Code::RecordChanged, &vote);
    let mut half = forge.clone();
    half.delete(&format!("{vote}.sig"));
    half.violates(Code::Unpaired, format!("{vote}.sig"));
    let mut half = forge.clone();
    half.delete(&vote);
    half.violates(Code::Unpaired, &vote);
    let mut changed = forge.clone();
    changed.vote_with(&id, "grok", Choice::Approve, |vote| (vote.ballot, vote.replaces) = (1, None));
    changed.violates(Code::RecordChanged, &vote);
    let mut added = forge.clone();
    added.vote(&id, "grok", Choice::Approve);
    added.violates(Code::Late, added.of(&id, "votes/grok.2.md"));
}

#[test]
fn a_tally_that_the_votes_do_not_say() {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Reject);
    for tally in [
        Tally { eligible: 4, cast: 4, approve: 4, ..Tally::default() },
        Tally::default(),
        Tally { eligible: 4, cast: 1, amend: 1, ..Tally::default() },
    ] {
        let mut forge = forge.clone();
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.tally = tally);
        forge.violates(Code::Tally, "canon/ledger/000001.md");
    }
}

#[test]
fn bytes_that_nobody_voted_on() {
    let (mut forge, _) = closed();
    forge.put("AGENTS.md", "Opened.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
    // A reject changes nothing.
    let (mut forge, id) = open();
    forge.rule(&id, Verdict::Reject);
    forge.holds();
    forge.put("AGENTS.md", "Open.\n");
    forge.violates(Code::Unratified, "AGENTS.md");
}

#[test]
fn an_approval_without_the_council() {
    // Before quorum, against the council, undecided, with the wrong reason, with one that is not permitted, with one too many.
    let votes = |choices: &[Choice]| {
        let (mut forge, id) = open();
        for (by, choice) in VOTERS.into_iter().zip(choices) {
            forge.vote(&id, by, *choice);
        }
        (forge, id)
    };
    use Choice::{Abstain, Amend, Approve, Reject};
    let cases: [(&[Choice], Option<Bypass>); 8] = [
        (&[], None),
        (&[Approve, Approve], None),
        (&[Approve, Approve, Reject, Reject], None),
        (&[Approve, Approve, Amend, Abstain], None),
        (&[Approve, Approve], Some(Bypass::Override)),
        (&[Reject, Reject, Reject], Some(Bypass::QuorumUnavailable)),
        (&[Approve, Approve, Approve], Some(Bypass::Override)),
        (&[Approve, Approve, Approve], Some(Bypass::StrictModeDisabled)),
    ];
    for (choices, bypass) in cases {
        let (mut forge, id) = votes(choices);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.bypass = bypass);
        forge.violates(Code::Ruling, "canon/ledger/000001.md");
    }
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "critical", vec![Edit::words("OMEGA_IDENTITY", "Critical.")]);
    for by in VOTERS {
        forge.vote(&id, by, Reject);
    }
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::Override));
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
    let (mut forge, id) = votes(&[Approve]);
    forge.rule_with(&id, Verdict::Reject, bypassing(Bypass::QuorumUnavailable));
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
}

#[test]
fn agents_of_one_operator_are_not_many_people() {
    let agent = |text: &str, seat| Member { kind: Kind::Agent, operator: Some(name("ry")), ..member(text, seat) };
    let mut forge = Forge::plant(&Seed {
        members: vec![chief("ry", 1), agent("claude", 2), agent("gemini", 3), member("codex", 4)],
        consensus: Box::new(|rules| rules.classes.high.operators = 2),
        ..Seed::default()
    });
    let id = forge.propose("claude", "one-operator", vec![Edit::file("AGENTS.md", "Agents.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.vote(&id, "gemini", Choice::Approve);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
}

#[test]
fn a_claim_to_tolerate_faults_is_kept() {
    let strict = |members: Vec<Member>| {
        Forge::plant(&Seed { members, consensus: Box::new(|rules| rules.classes.high.faults = 1), ..Seed::default() })
    };
    // Three voters tolerate none: not by silence, and not where the reason is not permitted.
    for bypass in [None, Some(Bypass::StrictModeDisabled)] {
        let mut forge = strict(vec![chief("ry", 1), member("claude", 2), member("gemini", 3), member("codex", 4)]);
        let id = forge.propose("claude", "lax", vec![Edit::file("AGENTS.md", "Lax.\n")]);
        for by in &VOTERS[..3] {
            forge.vote(&id, by, Choice::Approve);
        }
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.bypass = bypass);
        forge.violates(Code::Ruling, "canon/ledger/000001.md");
    }
    // Four tolerate one if three cast.
    let mut forge = Forge::plant(&Seed {
        consensus: Box::new(|rules| (rules.classes.high.faults, rules.classes.high.quorum) = (1, "1/4".parse().unwrap())),
        ..Seed::default()
    });
    let id = forge.propose("claude", "two-cast", vec![Edit::file("AGENTS.md", "Lax.\n")]);
    forge.vote(&id, "claude", Choice::Approve);
    forge.vote(&id, "gemini", Choice::Approve);
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::Ruling, "canon/ledger/000001.md");
}

#[test]
fn two_rulings_on_one_resolution_or_parent() {
    let (mut forge, id) = closed();
    forge.rule(&id, Verdict::Reject);
    forge.violates(Code::Chain, "canon/ledger/000002.md");
    let (mut forge, _) = closed();
    let root = forge.root();
    let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.approve(&other);
    forge.rule_with(&other, Verdict::Approve, |ruling| ruling.previous = Some(root));
    forge.violates(Code::Chain, "canon/ledger/000002.md");
}

#[test]
fn a_ruling_by_anybody_but_the_chief() {
    for by in ["claude", "safa"] {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.rule_as(&id, Verdict::Approve, by, |_| {});
        forge.violates(Code::Protocol, "canon/ledger/000001.md");
        // Nor in the Chief's name.
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.rule_as(&id, Verdict::Approve, by, |ruling| ruling.by = name("ry"));
        forge.violates(Code::Signer, "canon/ledger/000001.md");
    }
}

#[test]
fn a_ruling_about_something_else() {
    type Tweak = fn(&mut Ruling);
    let cases: [(Code, Tweak); 5] = [
        (Code::Binding, |r| r.proposal = Digest::of(b"another")),
        (Code::Binding, |r| r.canon = Some(Digest::of(b"another"))),
        (Code::Binding, |r| r.canon = None),
        (Code::Chain, |r| r.previous = None),
        (Code::Chain, |r| r.previous = Some(Digest::of(b"another"))),
    ];
    for (code, tweak) in cases {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.rule_with(&id, Verdict::Approve, tweak);
        forge.violates(code, "canon/ledger/000001.md");
    }
}

#[test]
fn a_ruling_lists_what_it_closes_and_nothing_else() {
    let cases = ["proposal.md", "proposal.md.sig", "votes/grok.1.md.sig", "transcript.md", "docket.md"];
    for left_out in cases {
        let (mut forge, id) = open();
        forge.approve(&id);
        let place = forge.of(&id, left_out);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.retain(|path, _| path.as_str() != place));
        let place = if left_out == "votes/grok.1.md.sig" || left_out == "proposal.md.sig" { place } else { forge.of(&id, left_out) };
        forge.violates(Code::RecordList, place);
    }
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.extend([(path("canon/allowed_signers"), Digest::of(b""))]));
    forge.violates(Code::RecordChanged, "canon/allowed_signers");
    let (mut forge, id) = open();
    forge.approve(&id);
    let signers = Digest::of(&forge.get("canon/allowed_signers"));
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.extend([(path("canon/allowed_signers"), signers)]));
    forge.violates(Code::RecordList, "canon/allowed_signers");
    // The vote of another resolution, to make up the numbers.
    let (mut forge, id) = open();
    let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
    forge.vote(&other, "grok", Choice::Approve);
    let vote = path(&forge.of(&other, "votes/grok.1.md"));
    let digest = Digest::of(&forge.get(vote.as_str()));
    let foreign = vote.clone();
    forge.rule_with(&id, Verdict::Reject, |ruling| ruling.records.extend([(foreign, digest)]));
    forge.violates(Code::RecordList, vote.as_str());
}

#[test]
fn renderings_that_tell_another_story() {
    for name in ["transcript.md", "docket.md"] {
        let (mut forge, id) = closed();
        let place = forge.of(&id, name);
        forge.put(&place, "# All is well\n");
        forge.violates(Code::RecordChanged, &place);
        // Bound by the ruling, and still not what the records say.
        let (mut forge, id) = open();
        forge.approve(&id);
        let place = forge.of(&id, name);
        let listed = path(&place);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.extend([(listed, Digest::of(b"# All is well\n"))]));
        forge.put(&place, "# All is well\n");
        forge.violates(Code::Derived, &place);
        // Before there is a ruling there is none.
        let (mut forge, id) = open();
        let place = forge.of(&id, name);
        forge.put(&place, "# All is well\n");
        forge.violates(Code::Derived, &place);
    }
}

#[test]
fn turns_out_of_order_or_twice() {
    let (mut forge, id) = open();
    forge.turn(&id, "gemini");
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    let (mut forge, id) = open();
    forge.turn(&id, "claude");
    forge.turn(&id, "claude");
    forge.violates(Code::Protocol, forge.of(&id, "turns/002.md"));
    let (mut forge, id) = open();
    forge.turn(&id, "claude");
    forge.turn_with(&id, "gemini", |turn| turn.turn = 3);
    forge.violates(Code::Protocol, forge.of(&id, "turns/003.md"));
    let (mut forge, id) = open();
    forge.turn_with(&id, "claude", |turn| turn.previous = Digest::of(b"another"));
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    // A skip by a member, a skip with an opinion, a turn without one, a skip out of turn.
    let (mut forge, id) = open();
    forge.turn_with(&id, "claude", |turn| (turn.position, turn.confidence, turn.skips) = (None, None, Some(name("claude"))));
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    let (mut forge, id) = open();
    forge.turn_with(&id, "safa", |turn| turn.skips = Some(name("claude")));
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    let (mut forge, id) = open();
    forge.turn_with(&id, "claude", |turn| turn.position = None);
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    let (mut forge, id) = open();
    forge.skip(&id, "grok");
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
}

/// All have spoken.
fn spoken() -> (Forge, ResolutionId) {
    let (mut forge, id) = open();
    for by in VOTERS {
        forge.turn(&id, by);
    }
    (forge, id)
}

#[test]
fn a_synthesis_names_all_and_is_the_clerk_s() {
    let (mut forge, id) = spoken();
    forge.synthesize(&id, "claude");
    forge.violates(Code::Protocol, forge.of(&id, "synthesis.md"));
    let (mut forge, id) = spoken();
    forge.synthesize(&id, "ry");
    forge.violates(Code::Protocol, forge.of(&id, "synthesis.md"));
    let (mut forge, id) = spoken();
    forge.synthesize_with(&id, "safa", |synthesis| synthesis.turns.truncate(3));
    forge.violates(Code::Protocol, forge.of(&id, "synthesis.md"));
    let (mut forge, id) = open();
    forge.turn(&id, "claude");
    forge.synthesize(&id, "safa");
    forge.violates(Code::Protocol, forge.of(&id, "synthesis.md"));
    // Too many were skipped.
    let (mut forge, id) = open();
    for by in VOTERS {
        forge.skip(&id, by);
    }
    forge.synthesize(&id, "safa");
    forge.violates(Code::Protocol, forge.of(&id, "synthesis.md"));
}

#[test]
fn votes_and_rulings_do_not_overtake_the_synthesis() {
    let (mut forge, id) = spoken();
    forge.vote(&id, "claude", Choice::Approve);
    forge.violates(Code::Protocol, forge.of(&id, "votes/claude.1.md"));
    for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Amend] {
        let (mut forge, id) = spoken();
        forge.rule(&id, verdict);
        forge.violates(Code::Protocol, "canon/ledger/000001.md");
    }
    let (mut forge, id) = spoken();
    forge.synthesize(&id, "safa");
    forge.vote_with(&id, "claude", Choice::Approve, |vote| vote.synthesis = None);
    forge.violates(Code::Protocol, forge.of(&id, "votes/claude.1.md"));
    // Where it is demanded, there is no way around it.
    let demanded = || {
        let mut forge =
            Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.deliberation.high = Deliberation::Required), ..Seed::default() });
        let id = forge.propose("gemini", "demanded", vec![Edit::file("AGENTS.md", "Demanded.\n")]);
        (forge, id)
    };
    let (mut forge, id) = demanded();
    forge.vote(&id, "claude", Choice::Approve);
    forge.violates(Code::Protocol, forge.of(&id, "votes/claude.1.md"));
    let (mut forge, id) = demanded();
    forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::QuorumUnavailable));
    forge.violates(Code::Protocol, "canon/ledger/000001.md");
}

fn sealed() -> (Forge, ResolutionId) {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "sealed", vec![Edit::file("prompts/two.md", "Two.\n")]);
    for by in VOTERS {
        forge.seal(&id, by);
    }
    (forge, id)
}

#[test]
fn a_reveal_shows_what_was_sealed() {
    type Tweak = fn(&mut omega::ledger::kinds::Reveal);
    let cases: [Tweak; 7] = [
        |r| r.position = Choice::Reject,
        |r| r.confidence = 71,
        |r| r.nonce = "another".into(),
        |r| r.seal = Digest::of(b"another"),
        |r| r.seals.retain(|by, _| by.as_str() != "grok"),
        |r| r.seals.extend([(name("zed"), Digest::of(b"zed"))]),
        |r| r.seals.extend([(name("grok"), Digest::of(b"another"))]),
    ];
    for tweak in cases {
        let (mut forge, id) = sealed();
        forge.reveal_with(&id, "claude", tweak);
        forge.violates(Code::Protocol, forge.of(&id, "reveals/claude.md"));
    }
    // The seal of another is no seal of one's own.
    let (mut forge, id) = sealed();
    let seal = forge.judged().0.folders[&id].seals[&name("grok")].digest();
    forge.reveal_with(&id, "claude", |reveal| reveal.seal = seal);
    forge.violates(Code::Protocol, forge.of(&id, "reveals/claude.md"));
}

#[test]
fn seals_come_before_reveals_and_voters_seal() {
    let (mut forge, id) = sealed();
    forge.delete_record(&forge.of(&id, "seals/grok.md"));
    forge.reveal(&id, "claude");
    forge.violates(Code::Protocol, forge.of(&id, "reveals/claude.md"));
    let (mut forge, id) = sealed();
    forge.seal(&id, "safa");
    forge.violates(Code::Protocol, forge.of(&id, "seals/safa.md"));
    let (mut forge, id) = sealed();
    forge.turn(&id, "claude");
    forge.violates(Code::Protocol, forge.of(&id, "turns/001.md"));
    let (mut forge, id) = sealed();
    forge.reveal(&id, "safa");
    forge.violates(Code::Protocol, forge.of(&id, "reveals/safa.md"));
    // Where statements are open nothing is sealed.
    let (mut forge, id) = open();
    forge.seal(&id, "claude");
    forge.violates(Code::Protocol, forge.of(&id, "seals/claude.md"));
    // Who was skipped does not come back, and who spoke is not skipped.
    let (mut forge, id) = sealed();
    forge.skip(&id, "grok");
    forge.reveal(&id, "grok");
    forge.violates(Code::Protocol, forge.of(&id, "reveals/grok.md"));
}

#[test]
fn a_withdrawn_proposal_is_not_ruled() {
    for verdict in [Verdict::Approve, Verdict::Reject] {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.withdraw(&id, "claude");
        forge.rule(&id, verdict);
        // Nothing happens after a withdrawal, and the ruling saw it.
        let report = forge.verify();
        assert!(
            report.findings.iter().any(|f| matches!(f.code, Code::Ruling | Code::Protocol) && f.path == "canon/ledger/000001.md"),
            "{:#?}",
            report.findings
        );
    }
    let (mut forge, id) = open();
    forge.withdraw(&id, "gemini");
    forge.violates(Code::Protocol, forge.of(&id, "withdrawal.md"));
}

#[test]
fn a_signature_of_another_kind() {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    let vote = forge.of(&id, "votes/gemini.1.md");
    for namespace in omega::keys::Namespace::ALL.into_iter().filter(|namespace| *namespace != omega::keys::Namespace::Vote) {
        let mut forge = forge.clone();
        let armor = Key::of("gemini").sign(namespace, &forge.get(&vote));
        forge.put(&format!("{vote}.sig"), armor);
        forge.violates(Code::Signature, format!("{vote}.sig"));
    }
}

#[test]
fn a_stale_proposal_is_not_approved() {
    let cases: [(&str, fn() -> Vec<Edit>); 5] = [
        ("path", || vec![Edit::file("AGENTS.md", "Newer.\n")]),
        ("mode", || vec![Edit::Put("AGENTS.md", omega::ledger::kinds::FileMode::Exec, b"Be kind.\n".to_vec())]),
        ("who", || vec![Edit::who(&["AGENTS.md", "prompts/**", "skills/**"])]),
        ("council", || vec![Edit::Member(Member { weight: 2, ..member("grok", 6) })]),
        ("security", || vec![Edit::words("SECURITY_AND_PRIVACY", "Newer.")]),
    ];
    for (slug, edits) in cases {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.ratify(slug, edits());
        forge.holds();
        forge.rule(&id, Verdict::Approve);
        forge.violates(Code::Stale, "canon/ledger/000002.md");
    }
}

#[test]
fn an_approved_emergency_or_recovery_is_not_what_the_council_approved() {
    let (mut forge, id) = open();
    forge.approve(&id);
    for verdict in [Verdict::Emergency, Verdict::Recover, Verdict::Expire] {
        let mut forge = forge.clone();
        forge.rule(&id, verdict);
        forge.violates(Code::Ruling, "canon/ledger/000001.md");
    }
    assert_eq!(layout::ruling(1).as_str(), "canon/ledger/000001.md");
}
