//! Votes, statements and rulings.

use omega::canon::policy::{Bypass, Deliberation, Submissions};
use omega::canon::{Kind, Member, ResolutionId};
use omega::council::tally::Tally;
use omega::digest::Digest;
use omega::ledger::kinds::{Proposal, Ruling, Verdict};

use super::Run::Tree;
use super::{Attack, EVERYWHERE, at, cases};
use crate::forge::{Choice, Edit, Forge, Key, Seed, VOTERS, bypassing, chief, member, name, path};

/// An open proposal of claude's.
pub fn open() -> (Forge, ResolutionId) {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "open", vec![Edit::file("AGENTS.md", "Open.\n")]);
    (forge, id)
}

/// The same, approved by all and ratified.
pub fn closed() -> (Forge, ResolutionId) {
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    (forge, id)
}

/// The open proposal with these votes.
fn votes(choices: &[Choice]) -> (Forge, ResolutionId) {
    let (mut forge, id) = open();
    for (by, choice) in VOTERS.into_iter().zip(choices) {
        forge.vote(&id, by, *choice);
    }
    (forge, id)
}

const RULING: &str = "canon/ledger/000001.md";

/// A ruling on these votes, with this verdict and these tweaks.
fn ruled(choices: &[Choice], verdict: Verdict, tweak: impl FnOnce(&mut Ruling)) -> Attack {
    let (mut forge, id) = votes(choices);
    forge.rule_with(&id, verdict, tweak);
    at(forge, RULING)
}

/// A vote of gemini's with its signature in another place.
fn moved(place: impl FnOnce(&mut Forge, &ResolutionId) -> String) -> Attack {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    let place = place(&mut forge, &id);
    for end in ["", ".sig"] {
        let bytes = forge.get(&forge.of(&id, &format!("votes/gemini.1.md{end}")));
        forge.put(&format!("{place}{end}"), bytes);
    }
    at(forge, place)
}

/// A vote that says something of itself.
fn vote_saying(tweak: impl FnOnce(&mut omega::ledger::kinds::Vote)) -> Attack {
    let (mut forge, id) = open();
    forge.vote_with(&id, "gemini", Choice::Approve, tweak);
    let place = forge.of(&id, "votes/gemini.1.md");
    at(forge, place)
}

/// A second ballot that says something of itself.
fn second(ballot: u32, replaces: Option<Digest>) -> Attack {
    let (mut forge, id) = open();
    forge.vote(&id, "gemini", Choice::Approve);
    forge.vote_with(&id, "gemini", Choice::Reject, |vote| (vote.ballot, vote.replaces) = (ballot, replaces));
    let place = forge.of(&id, &format!("votes/gemini.{ballot}.md"));
    at(forge, place)
}

/// A closed resolution with a dissent, which somebody then touches.
fn dissent(touch: impl FnOnce(&mut Forge, &ResolutionId) -> String) -> Attack {
    let (mut forge, id) = votes(&[Choice::Approve, Choice::Approve, Choice::Approve, Choice::Reject]);
    forge.rule(&id, Verdict::Approve);
    let place = touch(&mut forge, &id);
    at(forge, place)
}

/// A ballot by another key under a name.
fn by_key(voter: &str, key: &str) -> Attack {
    let (mut forge, id) = open();
    forge.keys.insert(voter.into(), Key::of(key));
    forge.vote(&id, voter, Choice::Approve);
    let place = forge.of(&id, &format!("votes/{voter}.1.md"));
    at(forge, place)
}

/// A proposal that seats zed with these keys, enrolled and ratified.
fn seated(keys: &[Key]) -> Attack {
    let mut forge = Forge::planted();
    let public = keys.iter().map(Key::public).collect();
    let id = forge.propose("claude", "add", vec![Edit::Member(Member { keys: public, ..member("zed", 9) })]);
    keys.iter().for_each(|key| forge.enrol(&id, key));
    forge.approve(&id);
    forge.rule(&id, Verdict::Approve);
    at(forge, "canon/council")
}

/// A change that the council approves and no state may have.
fn ratified(edit: Edit, place: &str) -> Attack {
    let mut forge = Forge::planted();
    forge.ratify("wrong", vec![edit]);
    at(forge, place)
}

const CONSENSUS: &str = "canon/CONSENSUS_ENGINE.md";

/// A turn that says something of itself.
fn turns(file: &str, act: impl FnOnce(&mut Forge, &ResolutionId)) -> Attack {
    let (mut forge, id) = open();
    act(&mut forge, &id);
    let place = forge.of(&id, file);
    at(forge, place)
}

/// Everybody has spoken.
fn spoken(forge: &mut Forge, id: &ResolutionId) {
    VOTERS.into_iter().for_each(|by| forge.turn(id, by));
}

/// Everybody has sealed a statement, and then this happens.
fn sealed(file: &str, act: impl FnOnce(&mut Forge, &ResolutionId)) -> Attack {
    let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.submissions = Submissions::Sealed), ..Seed::default() });
    let id = forge.propose("gemini", "sealed", vec![Edit::file("prompts/two.md", "Two.\n")]);
    VOTERS.into_iter().for_each(|by| forge.seal(&id, by));
    act(&mut forge, &id);
    let place = forge.of(&id, file);
    at(forge, place)
}

/// A proposal that is approved after something else was.
fn stale(edits: Vec<Edit>) -> Attack {
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.ratify("sooner", edits);
    forge.rule(&id, Verdict::Approve);
    at(forge, "canon/ledger/000002.md")
}

/// A ruling by somebody's key.
fn ruled_by(by: &str, tweak: impl FnOnce(&mut Ruling)) -> Attack {
    let (mut forge, id) = open();
    forge.approve(&id);
    forge.rule_as(&id, Verdict::Approve, by, tweak);
    at(forge, RULING)
}

/// A ruling that leaves a file out.
fn omitting(file: &str) -> Attack {
    let (mut forge, id) = open();
    forge.approve(&id);
    let place = forge.of(&id, file);
    forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.retain(|path, _| path.as_str() != place));
    at(forge, place)
}

use Choice::{Abstain, Amend, Approve, Reject};

cases! {
    1 vote_on_an_edited_proposal "a vote is kept beside a proposal that was edited after it" EVERYWHERE, ["C012"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.approve(&id);
        let proposal = forge.judged().0.folders[&id].proposal.as_ref().unwrap().record().clone();
        forge.record(&Proposal { title: "About something else".into(), ..proposal }, "Another case.", "claude");
        let place = forge.of(&id, "votes/claude.1.md");
        at(forge, place)
    });
    1 vote_on_an_edited_proposal_ruled "the same, and the Chief rules on it" EVERYWHERE, ["C012"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.approve(&id);
        let proposal = forge.judged().0.folders[&id].proposal.as_ref().unwrap().record().clone();
        forge.record(&Proposal { title: "About something else".into(), ..proposal }, "Another case.", "claude");
        forge.rule(&id, Verdict::Approve);
        let place = forge.of(&id, "votes/claude.1.md");
        at(forge, place)
    });
    1 vote_on_another_resolution "a vote is copied to another resolution" EVERYWHERE, ["C006"] 11 Tree(|| moved(|forge, _| {
        let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
        forge.of(&other, "votes/gemini.1.md")
    }));
    1 vote_as_another_ballot "a vote is copied to the member's next ballot" EVERYWHERE, ["C006"] 11 Tree(|| moved(|forge, id| forge.of(id, "votes/gemini.2.md")));
    1 vote_as_another_member "a vote is copied to another member's ballot" EVERYWHERE, ["C006"] 11 Tree(|| moved(|forge, id| forge.of(id, "votes/codex.1.md")));
    1 vote_of_another_canon "a vote names the root of another canon" EVERYWHERE, ["C012"] 11 Tree(|| vote_saying(|vote| vote.canon = Some(Digest::of(b"another"))));
    1 vote_of_no_canon "a vote names no canon at all" EVERYWHERE, ["C012"] 11 Tree(|| vote_saying(|vote| vote.canon = None));
    1 old_ballot_put_back "the ballot that replaced another is left out of the ruling, and shows up again" EVERYWHERE, ["C014"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.vote(&id, "gemini", Approve);
        let mut later = forge.clone();
        later.vote(&id, "gemini", Reject);
        for by in ["claude", "codex", "grok"] {
            forge.vote(&id, by, Approve);
        }
        forge.rule(&id, Verdict::Approve);
        let place = forge.of(&id, "votes/gemini.2.md");
        for end in ["", ".sig"] {
            forge.put(&format!("{place}{end}"), later.get(&format!("{place}{end}")));
        }
        at(forge, place)
    });
    1 ballot_that_replaces_nothing "a second ballot does not name the first" EVERYWHERE, ["C023"] 11 Tree(|| second(2, None));
    1 ballot_with_a_gap "a second ballot calls itself the third" EVERYWHERE, ["C023"] 11 Tree(|| second(3, Some(Digest::of(b"x"))));
    1 ballots_without_end "a member votes more often than the protocol permits" EVERYWHERE, ["C023"] 11 Tree(|| {
        let (mut forge, id) = open();
        (0..10).for_each(|_| forge.vote(&id, "gemini", Approve));
        let place = forge.of(&id, "votes/gemini.10.md");
        at(forge, place)
    });
    1 vote_that_names_another_synthesis "a vote names a synthesis that is not there" EVERYWHERE, ["C023"] 11 Tree(|| vote_saying(|vote| vote.synthesis = Some(Digest::of(b"none"))));
    1 confidence_beyond_all_doubt "a vote is surer than one can be" EVERYWHERE, ["C023"] 11 Tree(|| vote_saying(|vote| vote.confidence = 101));

    2 one_signature_under_two_ballots "one signature lies beside the ballots of two members" EVERYWHERE, ["C010"] 11 Tree(|| {
        let (mut forge, id) = votes(&[Approve, Approve]);
        let place = forge.of(&id, "votes/gemini.1.md.sig");
        forge.put(&place, forge.get(&forge.of(&id, "votes/claude.1.md.sig")));
        at(forge, place)
    });
    2 one_key_under_two_members "one key is given to two members" EVERYWHERE, ["C020"] 11 Tree(|| seated(&[Key::of("grok")]));
    2 one_key_twice_under_one_member "one key is listed twice under one member" EVERYWHERE, ["C020"] 11 Tree(|| seated(&[Key::of("zed"), Key::of("zed")]));
    2 one_key_as_a_hardware_key_too "the same 32 bytes are enrolled as a hardware key of another member" EVERYWHERE, ["C020"] 11 Tree(|| seated(&[Key::token("grok", 1)]));
    2 one_key_in_two_wrappings "one member has the same 32 bytes plain and as a hardware key" EVERYWHERE, ["C020"] 11 Tree(|| seated(&[Key::of("zed"), Key::token("zed", 1)]));
    2 one_key_with_another_comment "another member's key is listed with a comment behind it" EVERYWHERE, ["C020"] 11 Tree(|| {
        let key = Key::of("grok").public().to_string();
        let text = omega::canon::front::render(&member("zed", 9), "").replace(&Key::of("zed").public().to_string(), &format!("{key} other@place"));
        let mut forge = Forge::planted();
        forge.ratify("comment", vec![Edit::Put("canon/council/zed.md", omega::ledger::kinds::FileMode::File, text.into_bytes())]);
        at(forge, "canon/council")
    });
    2 member_with_two_keys_counted_twice "a member votes with both of two keys, and the ruling counts two" EVERYWHERE, ["C024"] 11 Tree(|| {
        let two = Key::of("claude-two");
        let keys = vec![Key::of("claude").public(), two.public()];
        let members = vec![chief("ry", 1), Member { keys, ..member("claude", 2) }, member("gemini", 3), member("codex", 4)];
        let mut forge = Forge::plant(&Seed { members, ..Seed::default() });
        let id = forge.propose("claude", "twice", vec![Edit::file("AGENTS.md", "Twice.\n")]);
        forge.vote(&id, "claude", Approve);
        forge.keys.insert("claude".into(), two);
        forge.vote(&id, "claude", Approve);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.tally = Tally { eligible: 3, cast: 2, approve: 2, ..Tally::default() });
        at(forge, RULING)
    });
    2 agents_of_one_operator_as_many_people "two agents of one operator are counted as two operators" EVERYWHERE, ["C025"] 11 Tree(|| {
        let agent = |text: &str, seat| Member { kind: Kind::Agent, operator: Some(name("ry")), ..member(text, seat) };
        let members = vec![chief("ry", 1), agent("claude", 2), agent("gemini", 3), member("codex", 4)];
        let mut forge = Forge::plant(&Seed { members, consensus: Box::new(|rules| rules.classes.high.operators = 2), ..Seed::default() });
        let id = forge.propose("claude", "one-operator", vec![Edit::file("AGENTS.md", "Agents.\n")]);
        forge.vote(&id, "claude", Approve);
        forge.vote(&id, "gemini", Approve);
        forge.rule(&id, Verdict::Approve);
        at(forge, RULING)
    });
    2 vote_by_the_key_of_another_member "a ballot is signed by the key of another member" EVERYWHERE, ["C011"] 11 Tree(|| by_key("gemini", "claude"));
    2 vote_by_the_key_of_nobody "a ballot is signed by a key that nobody has" EVERYWHERE, ["C011"] 11 Tree(|| by_key("gemini", "stranger"));
    2 vote_of_a_stranger "somebody who is no member votes" EVERYWHERE, ["C011"] 11 Tree(|| by_key("zed", "zed"));
    2 vote_of_the_chief "the Chief, who has no vote, votes" EVERYWHERE, ["C023"] 11 Tree(|| by_key("ry", "ry"));
    2 vote_of_the_clerk "the Clerk, who has no vote, votes" EVERYWHERE, ["C023"] 11 Tree(|| by_key("safa", "safa"));

    3 half_of_those_who_voted "two of four who voted are taken for two thirds" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[Approve, Approve, Reject, Reject], Verdict::Approve, |_| {}));
    3 neither_yes_nor_no "two who approve, one who amends and one who abstains are taken for a yes" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[Approve, Approve, Amend, Abstain], Verdict::Approve, |_| {}));
    3 threshold_over_the_roster "a ruling counts the whole roster as cast" EVERYWHERE, ["C024"] 11 Tree(|| ruled(&[Approve, Approve], Verdict::Approve, |ruling| ruling.tally.cast = 4));
    3 threshold_of_zero "a threshold below one half is ratified" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::consensus(|rules| rules.classes.low.threshold = "0/1".parse().unwrap()), CONSENSUS));
    3 quorum_of_zero "a quorum of nothing is ratified" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::consensus(|rules| rules.classes.low.quorum = "0/1".parse().unwrap()), CONSENSUS));
    3 negative_threshold "a negative threshold is ratified" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::replace("CONSENSUS_ENGINE", "threshold: 2/3", "threshold: \"-1/2\""), CONSENSUS));
    3 threshold_above_one "a threshold of more than all is ratified" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::replace("CONSENSUS_ENGINE", "threshold: 2/3", "threshold: \"3/2\""), CONSENSUS));
    3 threshold_that_overflows "a threshold whose parts do not fit is ratified" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::replace("CONSENSUS_ENGINE", "threshold: 2/3", "threshold: \"18446744073709551615/18446744073709551616\""), CONSENSUS));
    3 more_people_than_the_roster "a rule demands more people than there are" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::consensus(|rules| rules.classes.low.people = 5), CONSENSUS));
    3 weight_that_overflows "a weight is so large that a sum could overflow" EVERYWHERE, ["C020"] 11 Tree(|| ratified(Edit::Member(Member { weight: u32::MAX, ..member("claude", 3) }), "canon/council"));
    3 tolerance_that_is_not_there "three voters claim to tolerate one who lies" EVERYWHERE, ["C025"] 11 Tree(|| {
        let members = vec![chief("ry", 1), member("claude", 2), member("gemini", 3), member("codex", 4)];
        let mut forge = Forge::plant(&Seed { members, consensus: Box::new(|rules| rules.classes.high.faults = 1), ..Seed::default() });
        let id = forge.propose("claude", "lax", vec![Edit::file("AGENTS.md", "Lax.\n")]);
        VOTERS[..3].iter().for_each(|by| forge.vote(&id, by, Approve));
        forge.rule(&id, Verdict::Approve);
        at(forge, RULING)
    });

    4 dissent_deleted "a dissent is deleted after the ruling" EVERYWHERE, ["C013"] 11 Tree(|| dissent(|forge, id| {
        let vote = forge.of(id, "votes/grok.1.md");
        forge.delete_record(&vote);
        vote
    }));
    4 dissent_without_its_signature "the signature of a dissent is deleted after the ruling" EVERYWHERE, ["C007"] 11 Tree(|| dissent(|forge, id| {
        let vote = forge.of(id, "votes/grok.1.md.sig");
        forge.delete(&vote);
        vote
    }));
    4 dissent_changed "a dissenter signs another vote after the ruling" EVERYWHERE, ["C013"] 11 Tree(|| dissent(|forge, id| {
        forge.vote_with(id, "grok", Approve, |vote| (vote.ballot, vote.replaces) = (1, None));
        forge.of(id, "votes/grok.1.md")
    }));
    4 record_added_after_the_ruling "a ballot is added after the ruling" EVERYWHERE, ["C014"] 11 Tree(|| dissent(|forge, id| {
        forge.vote(id, "grok", Approve);
        forge.of(id, "votes/grok.2.md")
    }));
    4 transcript_rewritten "the transcript is rewritten after the ruling" EVERYWHERE, ["C013"] 11 Tree(|| dissent(|forge, id| {
        let place = forge.of(id, "transcript.md");
        forge.put(&place, "# All is well\n");
        place
    }));
    4 transcript_that_the_ruling_binds "the ruling binds a transcript that the records do not give" EVERYWHERE, ["C034"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.approve(&id);
        let place = forge.of(&id, "transcript.md");
        let listed = path(&place);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.extend([(listed, Digest::of(b"# All is well\n"))]));
        forge.put(&place, "# All is well\n");
        at(forge, place)
    });
    4 transcript_before_the_ruling "a transcript lies there before there is a ruling" EVERYWHERE, ["C034"] 11 Tree(|| turns("transcript.md", |forge, id| forge.put(&forge.of(id, "transcript.md"), "# None yet\n")));
    4 tally_of_votes_that_are_not_there "a ruling counts votes that nobody cast" EVERYWHERE, ["C024"] 11 Tree(|| ruled(&[Approve], Verdict::Approve, |ruling| ruling.tally = Tally { eligible: 4, cast: 4, approve: 4, ..Tally::default() }));
    4 tally_turned_round "a ruling counts a no as a yes" EVERYWHERE, ["C024"] 11 Tree(|| ruled(&[Reject, Reject, Reject], Verdict::Approve, |ruling| (ruling.tally.approve, ruling.tally.reject) = (3, 0)));
    4 bytes_that_nobody_voted_on "the file says something else than what was ratified" EVERYWHERE, ["C040"] 11 Tree(|| {
        let (mut forge, _) = closed();
        forge.put("AGENTS.md", "Opened.\n");
        at(forge, "AGENTS.md")
    });
    4 reject_that_changes_something "a rejected text lies there as if it held" EVERYWHERE, ["C040"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.rule(&id, Verdict::Reject);
        forge.put("AGENTS.md", "Open.\n");
        at(forge, "AGENTS.md")
    });
    4 ruling_that_omits_a_signature "a ruling leaves the signature of a dissent off its list" EVERYWHERE, ["C015"] 11 Tree(|| omitting("votes/grok.1.md.sig"));
    4 ruling_that_omits_the_proposal "a ruling leaves the proposal off its list" EVERYWHERE, ["C015"] 11 Tree(|| omitting("proposal.md"));
    4 ruling_that_omits_the_docket "a ruling leaves the docket off its list" EVERYWHERE, ["C015"] 11 Tree(|| omitting("docket.md"));
    4 ruling_that_lists_a_foreign_vote "a ruling lists the vote of another resolution" EVERYWHERE, ["C015"] 11 Tree(|| {
        let (mut forge, id) = open();
        let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
        forge.vote(&other, "grok", Approve);
        let vote = forge.of(&other, "votes/grok.1.md");
        let listed = (path(&vote), Digest::of(&forge.get(&vote)));
        forge.rule_with(&id, Verdict::Reject, |ruling| ruling.records.extend([listed]));
        at(forge, vote)
    });
    4 ruling_that_lists_what_is_not_there "a ruling lists a file with other bytes than it has" EVERYWHERE, ["C013"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.approve(&id);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.records.extend([(path("canon/allowed_signers"), Digest::of(b""))]));
        at(forge, "canon/allowed_signers")
    });

    5 two_rulings_on_one_parent "two rulings name the same one before them" EVERYWHERE, ["C016"] 11 Tree(|| {
        let (mut forge, _) = closed();
        let root = forge.root();
        let other = forge.propose("claude", "other", vec![Edit::file("prompts/two.md", "Two.\n")]);
        forge.approve(&other);
        forge.rule_with(&other, Verdict::Approve, |ruling| ruling.previous = Some(root));
        at(forge, "canon/ledger/000002.md")
    });
    5 ruling_twice "one resolution is ruled twice" EVERYWHERE, ["C016"] 11 Tree(|| {
        let (mut forge, id) = closed();
        forge.rule(&id, Verdict::Reject);
        at(forge, "canon/ledger/000002.md")
    });
    5 ruling_before_quorum "the Chief approves before there is a quorum" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[Approve, Approve], Verdict::Approve, |_| {}));
    5 ruling_without_any_vote "the Chief approves what nobody voted on" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[], Verdict::Approve, |_| {}));
    5 bypass_of_the_wrong_name "a missing quorum is called an override" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[Approve, Approve], Verdict::Approve, bypassing(Bypass::Override)));
    5 bypass_that_is_not_permitted "the Chief overrides a council that rejects a critical change" EVERYWHERE, ["C025"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "critical", vec![Edit::words("OMEGA_IDENTITY", "Critical.")]);
        VOTERS.into_iter().for_each(|by| forge.vote(&id, by, Reject));
        forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::Override));
        at(forge, RULING)
    });
    5 bypass_that_nothing_needs "an approval that the council gives is called a bypass" EVERYWHERE, ["C025"] 11 Tree(|| ruled(&[Approve, Approve, Approve], Verdict::Approve, bypassing(Bypass::Override)));
    5 ruling_before_the_synthesis "the Chief rules while statements wait for their synthesis" EVERYWHERE, ["C023"] 11 Tree(|| {
        let (mut forge, id) = open();
        spoken(&mut forge, &id);
        forge.rule(&id, Verdict::Approve);
        at(forge, RULING)
    });
    5 vote_before_the_synthesis "a member votes while statements wait for their synthesis" EVERYWHERE, ["C023"] 11 Tree(|| turns("votes/claude.1.md", |forge, id| {
        spoken(forge, id);
        forge.vote(id, "claude", Approve);
    }));
    5 ruling_without_the_deliberation_that_is_demanded "the Chief rules without the deliberation that the protocol demands" EVERYWHERE, ["C023"] 11 Tree(|| {
        let mut forge = Forge::plant(&Seed { protocol: Box::new(|pipe| pipe.deliberation.high = Deliberation::Required), ..Seed::default() });
        let id = forge.propose("gemini", "demanded", vec![Edit::file("AGENTS.md", "Demanded.\n")]);
        forge.rule_with(&id, Verdict::Approve, bypassing(Bypass::QuorumUnavailable));
        at(forge, RULING)
    });
    5 ruling_of_a_member "a member who is not the Chief rules" EVERYWHERE, ["C023"] 11 Tree(|| ruled_by("claude", |_| {}));
    5 ruling_of_the_clerk "the Clerk rules" EVERYWHERE, ["C023"] 11 Tree(|| ruled_by("safa", |_| {}));
    5 ruling_in_the_name_of_the_chief "a member rules in the Chief's name" EVERYWHERE, ["C011"] 11 Tree(|| ruled_by("claude", |ruling| ruling.by = name("ry")));
    5 ruling_of_an_ex_chief "somebody who was the Chief rules on an old proposal" EVERYWHERE, ["C011"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let waiting = forge.propose("gemini", "waiting", vec![Edit::file("AGENTS.md", "Waiting.\n")]);
        forge.ratify("chair", vec![
            Edit::Member(Member { role: omega::canon::Role::Chief, weight: 0, ..member("claude", 3) }),
            Edit::Member(Member { role: omega::canon::Role::Member, weight: 1, ..member("ry", 1) }),
        ]);
        forge.rule_as(&waiting, Verdict::Reject, "ry", |_| {});
        at(forge, "canon/ledger/000002.md")
    });
    5 ruling_on_something_else "a ruling names another proposal than the one it closes" EVERYWHERE, ["C012"] 11 Tree(|| ruled(&[Approve; 4], Verdict::Approve, |ruling| ruling.proposal = Digest::of(b"another")));
    5 ruling_on_what_was_withdrawn "the Chief rejects what its author took back" EVERYWHERE, ["C025"] 11 Tree(|| {
        let (mut forge, id) = open();
        forge.withdraw(&id, "claude");
        forge.rule(&id, Verdict::Reject);
        at(forge, RULING)
    });
    5 withdrawal_by_somebody_else "somebody takes back what another proposed" EVERYWHERE, ["C023"] 11 Tree(|| turns("withdrawal.md", |forge, id| forge.withdraw(id, "gemini")));
    5 turn_out_of_order "a member speaks before the pipe comes round" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/001.md", |forge, id| forge.turn(id, "gemini")));
    5 turn_twice_in_a_lap "a member speaks twice in a lap" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/002.md", |forge, id| (0..2).for_each(|_| forge.turn(id, "claude"))));
    5 turn_with_a_gap "a statement leaves out a number" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/003.md", |forge, id| {
        forge.turn(id, "claude");
        forge.turn_with(id, "gemini", |turn| turn.turn = 3);
    }));
    5 turn_on_another_one "a statement follows another one than the last" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/001.md", |forge, id| forge.turn_with(id, "claude", |turn| turn.previous = Digest::of(b"another"))));
    5 skip_by_a_member "a member marks another as silent" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/001.md", |forge, id| forge.turn_with(id, "claude", |turn| (turn.position, turn.confidence, turn.skips) = (None, None, Some(name("claude"))))));
    5 skip_out_of_turn "the Clerk marks somebody as silent who is not due" EVERYWHERE, ["C023"] 11 Tree(|| turns("turns/001.md", |forge, id| forge.skip(id, "grok")));
    5 synthesis_by_a_member "a member draws the statements together instead of the Clerk" EVERYWHERE, ["C023"] 11 Tree(|| turns("synthesis.md", |forge, id| {
        spoken(forge, id);
        forge.synthesize(id, "claude");
    }));
    5 synthesis_that_leaves_one_out "a synthesis leaves a statement out" EVERYWHERE, ["C023"] 11 Tree(|| turns("synthesis.md", |forge, id| {
        spoken(forge, id);
        forge.synthesize_with(id, "safa", |synthesis| synthesis.turns.truncate(3));
    }));
    5 synthesis_before_all_spoke "a synthesis comes before all have spoken" EVERYWHERE, ["C023"] 11 Tree(|| turns("synthesis.md", |forge, id| {
        forge.turn(id, "claude");
        forge.synthesize(id, "safa");
    }));
    5 reveal_of_another_opinion "a member reveals another opinion than was sealed" EVERYWHERE, ["C023"] 11 Tree(|| sealed("reveals/claude.md", |forge, id| forge.reveal_with(id, "claude", |reveal| reveal.position = Reject)));
    5 reveal_of_another_s_seal "a member reveals upon another's seal" EVERYWHERE, ["C023"] 11 Tree(|| sealed("reveals/claude.md", |forge, id| {
        let seal = forge.judged().0.folders[id].seals[&name("grok")].digest();
        forge.reveal_with(id, "claude", |reveal| reveal.seal = seal);
    }));
    5 reveal_before_all_sealed "a member reveals before all have sealed" EVERYWHERE, ["C023"] 11 Tree(|| sealed("reveals/claude.md", |forge, id| {
        forge.delete_record(&forge.of(id, "seals/grok.md"));
        forge.reveal(id, "claude");
    }));
    5 reveal_without_the_seals_of_others "a reveal hides that another had sealed" EVERYWHERE, ["C023"] 11 Tree(|| sealed("reveals/claude.md", |forge, id| forge.reveal_with(id, "claude", |reveal| reveal.seals.retain(|by, _| by.as_str() != "grok"))));
    5 stale_by_its_path "a proposal is approved although its file has changed meanwhile" EVERYWHERE, ["C026"] 11 Tree(|| stale(vec![Edit::file("AGENTS.md", "Newer.\n")]));
    5 stale_by_the_council "a proposal is approved although the council has changed meanwhile" EVERYWHERE, ["C026"] 11 Tree(|| stale(vec![Edit::Member(Member { weight: 2, ..member("grok", 6) })]));
    5 stale_by_who "a proposal is approved although what is governed has changed meanwhile" EVERYWHERE, ["C026"] 11 Tree(|| stale(vec![Edit::who(&["AGENTS.md", "prompts/**", "skills/**"])]));

    6 own_voter "a voter whom the proposal seats votes for it" EVERYWHERE, ["C011"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "own-voter", vec![Edit::Member(member("zed", 9))]);
        forge.enrol(&id, &Key::of("zed"));
        forge.keys.insert("zed".into(), Key::of("zed"));
        forge.vote(&id, "zed", Approve);
        let place = forge.of(&id, "votes/zed.1.md");
        at(forge, place)
    });
    6 own_quorum "a proposal is approved by the quorum that it lowers to" EVERYWHERE, ["C025"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "own-quorum", vec![Edit::consensus(|rules| rules.classes.critical.quorum = "1/4".parse().unwrap())]);
        forge.vote(&id, "claude", Approve);
        forge.rule(&id, Verdict::Approve);
        at(forge, RULING)
    });
    6 own_weight "a voter's ballot counts with the weight that the proposal gives" EVERYWHERE, ["C024"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "own-weight", vec![Edit::Member(Member { weight: 9, ..member("claude", 3) })]);
        forge.vote(&id, "claude", Approve);
        forge.rule_with(&id, Verdict::Approve, |ruling| ruling.tally = Tally { eligible: 12, cast: 9, approve: 9, ..Tally::default() });
        at(forge, RULING)
    });
    6 own_key "a member signs a proposal with the key that it adds" EVERYWHERE, ["C011"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let two = Key::of("claude-two");
        forge.keys.insert("claude".into(), two.clone());
        let id = forge.propose("claude", "own-key", vec![Edit::Member(Member { keys: vec![two.public()], ..member("claude", 3) })]);
        let place = forge.of(&id, "proposal.md");
        at(forge, place)
    });
    6 allowed_signers_edited "a stranger is written into allowed_signers" EVERYWHERE, ["C034"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let line = format!("zed namespaces=\"omega-vote-v1\" {}\n", Key::of("zed").public());
        forge.put("canon/allowed_signers", [forge.get("canon/allowed_signers"), line.into_bytes()].concat());
        at(forge, "canon/allowed_signers")
    });
    6 allowed_signers_proposed "a proposal changes allowed_signers itself" EVERYWHERE, ["C021"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "signers", vec![Edit::file("canon/allowed_signers", "zed ssh-ed25519 AAAA\n")]);
        let place = forge.of(&id, "proposal.md");
        at(forge, place)
    });
    6 signers_of_a_ruling_edited "the signers of an old ruling are rewritten" EVERYWHERE, ["C034"] 11 Tree(|| {
        let mut forge = Forge::planted();
        forge.put("canon/ledger/000000.signers", "zed namespaces=\"omega-ruling-v1\" ssh-ed25519 AAAA\n");
        at(forge, "canon/ledger/000000.signers")
    });
    6 risk_declared_too_low "a proposal declares less risk than what it touches demands" EVERYWHERE, ["C022"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose_with("claude", "harmless", vec![Edit::words("OMEGA_IDENTITY", "Harmless.")], |p| p.risk = omega::canon::Risk::Low);
        let place = forge.of(&id, "proposal.md");
        at(forge, place)
    });
    6 ledger_changed_by_a_proposal "a proposal changes a file of the ledger" EVERYWHERE, ["C021"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "ledger", vec![Edit::file("canon/ledger/000007.md", "text\n")]);
        let place = forge.of(&id, "proposal.md");
        at(forge, place)
    });
}
