//! What lies open: what nobody has ruled can neither break what was ruled, nor pass for it.

use omega::canon::{Domain, Member, Role};
use omega::digest::Digest;
use omega::finding::Code;
use omega::ledger::kinds::Verdict;

use crate::forge::{Choice, Edit, Forge, Key, member, name};

#[test]
fn drafts_of_a_key_that_has_left_are_not_pending() {
    // The proposal was there before the member left …
    let mut forge = Forge::planted();
    let id = forge.propose("grok", "mine", vec![Edit::file("prompts/mine.md", "Mine.\n")]);
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    forge.put("prompts/mine.md", "Mine.\n");
    forge.violates(Code::Ungoverned, "prompts/mine.md");
    forge.delete("prompts/mine.md");
    forge.holds();
    forge.rule(&id, Verdict::Reject);
    forge.holds();
    // … or is made afterwards, upon the state in which the key was in force.
    let mut forge = Forge::planted();
    let genesis = forge.head().1;
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    forge.propose_with("grok", "late", vec![Edit::file("AGENTS.md", "Late.\n")], |p| p.base = Some(genesis));
    forge.violates(Code::Unratified, "AGENTS.md");
}

#[test]
fn a_competing_enrolment_is_stale_and_no_violation() {
    let mut forge = Forge::planted();
    let key = Key::of("zed");
    let one = forge.propose("claude", "one", vec![Edit::Member(member("zed", 9))]);
    forge.enrol(&one, &key);
    let two = forge.propose("gemini", "two", vec![Edit::Member(member("zed", 10))]);
    forge.enrol(&two, &key);
    forge.approve(&one);
    forge.rule(&one, Verdict::Approve);
    forge.holds();
    forge.rule(&two, Verdict::Reject);
    forge.holds();
}

#[test]
fn an_emergency_that_was_undone_makes_lower_versions_stale() {
    let mut forge = Forge::planted();
    let waiting = forge.propose("claude", "waiting", vec![Edit::words("OXYSPINE_TRINITY", "Waiting.")]);
    forge.approve(&waiting);
    let emergency = forge.emergency("urgent", vec![Edit::words("OXYSPINE_TRINITY", "Stop.")]);
    let id = forge.settlement("ry", "over", emergency);
    forge.rule(&id, Verdict::Expire);
    forge.holds();
    forge.rule(&waiting, Verdict::Approve);
    forge.violates(Code::Stale, "canon/ledger/000003.md");
}

#[test]
fn proofs_of_strangers_are_found() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "zed", vec![Edit::Member(member("zed", 9))]);
    forge.enrol(&id, &Key::of("zed"));
    forge.pends();
    forge.enrol(&id, &Key::of("stranger"));
    let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("stranger").public().id()));
    forge.violates(Code::Enrolment, &proof);
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "nobody", vec![Edit::file("AGENTS.md", "Nobody.\n")]);
    forge.recover(&id, &Key::of("stranger"));
    forge.violates(Code::Recovery, forge.of(&id, &format!("recover/{}.sig", Key::of("stranger").public().id())));
}

#[test]
fn a_revoked_key_is_not_enrolled_again() {
    let mut forge = Forge::planted();
    forge.ratify("leave", vec![Edit::Remove("canon/council/grok.md")]);
    let id = forge.propose("claude", "again", vec![Edit::Member(Member { keys: vec![Key::of("grok").public()], ..member("zed", 9) })]);
    forge.enrol(&id, &Key::of("grok"));
    let proof = forge.of(&id, &format!("keys/{}.sig", Key::of("grok").public().id()));
    forge.violates(Code::Enrolment, proof);
    for by in ["claude", "gemini", "codex"] {
        forge.vote(&id, by, Choice::Approve);
    }
    forge.rule(&id, Verdict::Approve);
    forge.violates(Code::State, "canon/council/zed.md");
}

#[test]
fn other_letters_of_a_ratified_name_are_no_draft() {
    let mut forge = Forge::planted();
    forge.ratify("secret", vec![Edit::Entry(Domain::Memory, "Secret", "one")]);
    forge.propose("claude", "letters", vec![Edit::Entry(Domain::Memory, "secret", "two")]);
    forge.violates(Code::Collision, "canon/phylactery/memory/secret.md");
}

/// A folder that only looks like a proposal of claude's, and is superseded by a real one of hers.
fn impostor(base: Option<Digest>, canon: Option<Digest>) -> Forge {
    let mut forge = Forge::planted();
    let root = forge.root();
    forge.keys.insert("claude".into(), Key::of("stranger"));
    let fake = forge
        .propose_with("claude", "fake", vec![Edit::file("AGENTS.md", "Fake.\n")], |p| (p.base, p.canon) = (base, canon.or(Some(root))));
    forge.keys.insert("claude".into(), Key::of("claude"));
    let real = forge.propose_with("claude", "real", vec![Edit::file("AGENTS.md", "Real.\n")], |p| p.supersedes = Some(fake));
    forge.approve(&real);
    forge.rule(&real, Verdict::Approve);
    forge
}

#[test]
fn what_is_superseded_is_held_to_the_law_too() {
    let proposal = "canon/resolutions/2026-02-26-fake/proposal.md";
    impostor(Some(Digest::of(b"nowhere")), None).violates(Code::Chain, proposal);
    impostor(None, Some(Digest::of(b"elsewhere"))).violates(Code::Chain, proposal);
    let genesis = Forge::planted().head().1;
    impostor(Some(genesis), None).violates(Code::Signer, proposal);
}

#[test]
fn superseding_is_for_one_s_own_and_for_what_was_refused() {
    let mut forge = Forge::planted();
    let first = forge.propose("claude", "first", vec![Edit::file("AGENTS.md", "First.\n")]);
    let second = forge.propose_with("gemini", "second", vec![Edit::file("AGENTS.md", "Second.\n")], |p| p.supersedes = Some(first.clone()));
    forge.approve(&second);
    forge.rule(&second, Verdict::Approve);
    forge.violates(Code::RecordList, forge.of(&first, "proposal.md"));
    let mut forge = Forge::planted();
    let first = forge.ratify("first", vec![Edit::file("AGENTS.md", "First.\n")]);
    let second = forge.propose_with("claude", "second", vec![Edit::file("AGENTS.md", "Second.\n")], |p| p.supersedes = Some(first));
    forge.approve(&second);
    forge.rule(&second, Verdict::Approve);
    forge.violates(Code::RecordList, "canon/ledger/000002.md");
    // Round and round, or of nothing at all.
    let mut forge = Forge::planted();
    let itself =
        forge.propose_with("claude", "itself", vec![Edit::file("AGENTS.md", "Itself.\n")], |p| p.supersedes = Some(p.resolution.clone()));
    forge.approve(&itself);
    forge.rule(&itself, Verdict::Approve);
    forge.violates(Code::RecordList, forge.of(&itself, "proposal.md"));
    let mut forge = Forge::planted();
    let nothing = forge.propose_with("claude", "nothing", vec![Edit::file("AGENTS.md", "Nothing.\n")], |p| {
        p.supersedes = Some(crate::forge::resolution("not-there"))
    });
    forge.approve(&nothing);
    forge.rule(&nothing, Verdict::Approve);
    forge.violates(Code::RecordList, "canon/resolutions/2026-02-26-not-there/proposal.md");
}

#[test]
fn records_of_what_is_superseded_are_listed() {
    let mut forge = Forge::planted();
    let first = forge.propose("claude", "first", vec![Edit::file("AGENTS.md", "First.\n")]);
    forge.vote(&first, "gemini", Choice::Reject);
    let second = forge.propose_with("claude", "second", vec![Edit::file("AGENTS.md", "Second.\n")], |p| p.supersedes = Some(first.clone()));
    forge.approve(&second);
    let vote = forge.of(&first, "votes/gemini.1.md");
    let mut other = forge.clone();
    forge.rule_with(&second, Verdict::Approve, |ruling| ruling.records.retain(|path, _| !path.as_str().starts_with(&vote)));
    forge.violates(Code::Late, &vote);
    // Or removed afterwards.
    other.rule(&second, Verdict::Approve);
    other.holds();
    other.delete_record(&vote);
    other.violates(Code::RecordChanged, &vote);
}

#[test]
fn nothing_open_breaks_what_was_ruled() {
    let mut forge = Forge::planted();
    let closed = forge.ratify("closed", vec![Edit::file("AGENTS.md", "Closed.\n")]);
    forge.holds();
    let rulings = Forge::folded;
    // Late but valid: the fold stands, and the record is named.
    let mut late = forge.clone();
    late.vote(&closed, "grok", Choice::Reject);
    late.violates(Code::Late, late.of(&closed, "votes/grok.2.md"));
    assert_eq!(rulings(&late), 2);
    late.withdraw(&closed, "claude");
    late.violates(Code::Late, late.of(&closed, "withdrawal.md"));
    assert_eq!(rulings(&late), 2);
    late.enrol(&closed, &Key::of("stranger"));
    late.recover(&closed, &Key::of("stranger"));
    late.turn(&closed, "claude");
    late.synthesize(&closed, "safa");
    late.seal(&closed, "codex");
    assert_eq!(rulings(&late), 2);
    // Late and not valid.
    let mut late = forge.clone();
    late.put(&late.of(&closed, "turns/007.md"), "---\nkind: [\n---\n");
    late.put(&late.of(&closed, "turns/007.md.sig"), "no signature\n");
    late.violates(Code::Form, late.of(&closed, "turns/007.md"));
    assert_eq!(rulings(&late), 2);
    // A whole open resolution of nonsense.
    let mut open = forge.clone();
    open.keys.insert("claude".into(), Key::of("stranger"));
    let id = open.propose("claude", "nonsense", vec![Edit::file("AGENTS.md", "Nonsense.\n")]);
    open.violates(Code::Signer, open.of(&id, "proposal.md"));
    open.violates(Code::Unratified, "AGENTS.md");
    assert_eq!(rulings(&open), 2);
}

#[test]
fn an_open_proposal_is_held_to_its_form() {
    type Tweak = fn(&mut omega::ledger::kinds::Proposal);
    let cases: [(&str, Code, Tweak); 8] = [
        ("title", Code::Proposal, |p| p.title = "two\nlines".into()),
        ("risk", Code::RiskFloor, |p| p.risk = omega::canon::Risk::Low),
        ("sorted", Code::Proposal, |p| p.changes.reverse()),
        ("twice", Code::Proposal, |p| p.changes.push(p.changes[1].clone())),
        ("before", Code::Proposal, |p| p.changes[0].before = Some(Digest::of(b"x"))),
        ("mode", Code::Proposal, |p| p.changes[0].mode = None),
        ("purge", Code::Proposal, |p| p.purge = Some(Vec::new())),
        ("recovery", Code::Proposal, |p| p.recovery = Some(false)),
    ];
    for (slug, code, tweak) in cases {
        let mut forge = Forge::planted();
        let id = forge.propose_with("claude", slug, vec![Edit::file("AGENTS.md", "A.\n"), Edit::file("prompts/two.md", "B.\n")], tweak);
        forge.violates(code, forge.of(&id, "proposal.md"));
    }
}

#[test]
fn the_clerk_and_the_chief_do_not_vote() {
    for by in ["safa", "ry"] {
        let mut forge = Forge::planted();
        let id = forge.propose("claude", "vote", vec![Edit::file("AGENTS.md", "Vote.\n")]);
        forge.vote(&id, by, Choice::Approve);
        forge.violates(Code::Protocol, forge.of(&id, &format!("votes/{by}.1.md")));
    }
    assert_eq!(Role::Clerk.as_str(), "clerk");
    assert_eq!(name("ry").as_str(), "ry");
}
