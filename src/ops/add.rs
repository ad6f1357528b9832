//! Taking a record that was signed elsewhere: held to all that the command would hold it to, and put at its place.

use serde::Serialize;

use crate::canon::{MemberName, RepoPath, ResolutionId, front, layout, text};
use crate::council::machine::Step;
use crate::digest::Digest;
use crate::keys::{KeyCache, Namespace, PublicKey, Signature};
use crate::ledger::evidence::read_one;
use crate::ledger::kinds::{Proposal, Record, Synthesis, Turn, Vote, Withdrawal};
use crate::ledger::record::{Refused, Signed, Unverified, check_signature, malformed};

use super::enrol::{self, Case, Countersign};
use super::rule::restore;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;
use crate::workspace::desk::{Desk, Hand, Publication, holder, message};
use crate::workspace::edits::{Edits, put};
use crate::workspace::next::{self, NextStep, next_steps};
use crate::workspace::open::{Opened, must_be_open_for, must_be_voted_on, open_for};

/// What was added.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Added {
    /// The resolution.
    pub resolution: ResolutionId,
    /// What it is: a vote, a turn, an enrolment, …
    pub kind: String,
    /// Whose record it is; nothing for enrolments and recovery keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<MemberName>,
    /// The key that signed it, as ssh shows it.
    pub key: String,
    /// Where it lies.
    pub path: RepoPath,
    /// Whether the same record lay there already, so that nothing was written.
    pub repeated: bool,
    /// The full name of the branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
    /// The key that signed the commit; nothing, if the commit is unsigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed_with: Option<String>,
    /// Who acts next.
    pub next: Vec<NextStep>,
}

/// Takes a record and the armored signature over its exact bytes.
///
/// # Errors
/// Usage, if these are no record and signature. Violated, if they do not fit each other or the resolution. Denied, if
/// the canon does not let that member act so now.
pub fn add(desk: &Desk<'_>, bytes: &[u8], armor: &[u8]) -> Result<Added, Error> {
    let signature = Signature::parse(armor)
        .map_err(|error| Error::usage(format!("the signature cannot be used: {error}"), "ssh-keygen -Y sign -n NAMESPACE -f KEY FILE"))?;
    let namespace = signature.namespace().parse::<Namespace>().ok();
    match namespace {
        Some(Namespace::Vote) => record::<Vote>(desk, bytes, armor),
        Some(Namespace::Turn) => record::<Turn>(desk, bytes, armor),
        Some(Namespace::Synthesis) => record::<Synthesis>(desk, bytes, armor),
        Some(Namespace::Withdrawal) => record::<Withdrawal>(desk, bytes, armor),
        Some(Namespace::Enrol) => proof(desk, bytes, armor, Countersign::Enrolment),
        Some(Namespace::Recover) => proof(desk, bytes, armor, Countersign::Recovery),
        Some(other) => Err(Error::usage(
            format!("a signature for `{other}` is not taken from elsewhere"),
            "votes, statements, syntheses, withdrawals, enrolments and the consent of recovery keys are",
        )),
        None => Err(Error::usage(
            format!("the signature is for `{}`, which is nothing of omega's", text::visible(signature.namespace())),
            "sign again with the -n that --print names",
        )),
    }
}

/// A record that one act makes, and that act on the machine.
trait Single: Record {
    fn step(&self) -> Step<'_>;
    fn what(&self) -> String;
}

impl Single for Vote {
    fn step(&self) -> Step<'_> {
        Step::Vote(self.ballot)
    }
    fn what(&self) -> String {
        format!("vote {}", self.choice.as_str())
    }
}

impl Single for Turn {
    fn step(&self) -> Step<'_> {
        self.skips.as_ref().map_or(Step::Turn, Step::Skip)
    }
    fn what(&self) -> String {
        self.skips.as_ref().map_or_else(|| format!("turn {}", self.turn), |member| format!("skip {member}"))
    }
}

impl Single for Synthesis {
    fn step(&self) -> Step<'_> {
        Step::Synthesize
    }
    fn what(&self) -> String {
        "synthesis".to_owned()
    }
}

impl Single for Withdrawal {
    fn step(&self) -> Step<'_> {
        Step::Withdraw
    }
    fn what(&self) -> String {
        "withdrawal".to_owned()
    }
}

fn refused(path: &RepoPath, refused: Refused) -> Error {
    match refused {
        Refused::Newer(rules) => Error::newer(path, rules),
        Refused::Finding(finding) => Error::Violated(vec![*finding]),
    }
}

fn record<R: Single>(desk: &Desk<'_>, bytes: &[u8], armor: &[u8]) -> Result<Added, Error> {
    let given: RepoPath = "record".parse().expect("a word is a path");
    let (head, _): (R, &str) = front::parse(bytes).map_err(|error| refused(&given, malformed(&given, error)))?;
    let (id, by) = (head.resolution().clone(), head.by().clone());
    let place = head.place().expect("only rulings have no place in a folder");
    let path = layout::in_folder(&id, &place);
    let unverified = Unverified { path: &path, bytes, armor, digests: (Digest::of(bytes), Digest::of(armor)) };
    let signed: Signed<R> = unverified.verify(&id, &place, &mut KeyCache::new()).map_err(|why| refused(&path, why))?;
    let found = desk.locate(&id)?;
    let basis = desk.basis(&found.tips)?;
    let assessment = desk.assess(basis.tree)?;
    let key = signed.signer();
    let added = |commit: String, repeated: bool, next: Vec<NextStep>| Added {
        resolution: id.clone(),
        kind: R::KIND.to_owned(),
        by: Some(by.clone()),
        key: key.fingerprint(),
        path: path.clone(),
        repeated,
        branch: found.branch.clone(),
        commit,
        committed_with: committer(desk).filter(|_| !repeated),
        next,
    };
    if assessment.evidence.digests.get(&path) == Some(&signed.digest()) {
        return Ok(added(basis.parents[0].to_string(), true, steps(&assessment, &id)?));
    }
    must_be_open_for(desk, &assessment, &id, Some(key))?;
    let examined = assessment.examine(&id)?;
    let withdraws = matches!(signed.record().step(), Step::Withdraw);
    if !withdraws {
        must_be_voted_on(&examined)?;
    }
    let member = holder(examined.law, key)?;
    if member.name != by {
        return Err(Error::denied(
            format!("the record says that it is by `{by}`, and the key {} is `{}`'s", key.fingerprint(), member.name),
            format!("let `{by}` sign it"),
        ));
    }
    let mut session = examined.session.clone();
    session.take(&by, signed.record().step()).map_err(|refusal| next::refused(&examined, &refusal))?;
    let mut edits = Edits::new();
    put(&mut edits, &path, bytes.to_vec());
    put(&mut edits, &path.signature(), armor.to_vec());
    if withdraws {
        restore(&assessment, examined.proposal.record(), &mut edits);
    }
    let (commit, after) = desk.publish_assessed(&Publication {
        branch: &found.branch,
        tip: found.tip,
        basis: &basis,
        edits: &edits,
        message: message(&id, &signed.record().what(), &by, R::KIND),
    })?;
    Ok(added(commit.to_string(), false, steps(&after, &id)?))
}

/// A signature over a proposal, which has no record of its own.
fn proof(desk: &Desk<'_>, bytes: &[u8], armor: &[u8], what: Countersign) -> Result<Added, Error> {
    let given: RepoPath = "proposal.md".parse().expect("a file name is a path");
    let (head, _): (Proposal, &str) = front::parse(bytes).map_err(|error| refused(&given, malformed(&given, error)))?;
    let id = head.resolution;
    let (key, _): (PublicKey, bool) = check_signature(&given, what.namespace(), bytes, armor, &mut KeyCache::new())
        .map_err(|finding| Error::Violated(vec![finding.of_record(&id)]))?;
    let Opened { found, basis, assessment } = open_for(desk, &id, Some(&key))?;
    let examined = assessment.examine(&id)?;
    let there = read_one(&desk.repo.revision(basis.tree)?, examined.proposal.path(), text::MAX_TEXT)?;
    if there.as_deref() != Some(bytes) {
        return Err(Error::denied(format!("these are not the bytes of the proposal {id}"), "sign what --print writes, byte for byte"));
    }
    // Armor that parses is ASCII.
    let armor = String::from_utf8_lossy(armor).into_owned();
    let case = Case { id: &id, found: &found, basis: &basis, assessment: &assessment, examined: &examined };
    let enrolled = enrol::write(desk, &case, what, (&key, armor))?;
    Ok(Added {
        path: what.path(&id, &key),
        resolution: id.clone(),
        kind: if what == Countersign::Enrolment { "enrolment" } else { "consent" }.to_owned(),
        by: None,
        key: enrolled.key,
        repeated: false,
        branch: enrolled.branch,
        commit: enrolled.commit,
        committed_with: committer(desk),
        next: enrolled.next,
    })
}

fn steps(assessment: &Assessment, id: &ResolutionId) -> Result<Vec<NextStep>, Error> {
    Ok(next_steps(assessment, &assessment.examine(id)?))
}

/// The key that signs the commit.
fn committer(desk: &Desk<'_>) -> Option<String> {
    match desk.hand {
        Hand::Key(signer) => Some(signer.public_key().fingerprint()),
        Hand::Elsewhere { .. } => None,
    }
}
