//! Checkpoints: where a ledger ends, in one line that people send each other and compare.

use serde::Serialize;

use crate::canon::MemberName;
use crate::digest::Digest;
use crate::keyring::Signer;
use crate::keys::{Namespace, Signature, folded, unfolded};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::state::Ledger;

use crate::workspace::Error;

/// A checkpoint as it is written: `omega-checkpoint-v1 ROOT SEQUENCE HEAD`, and behind it, where somebody signed, the member
/// and the base64 of the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Who signed it, and the armor.
    pub signature: Option<(MemberName, String)>,
}

impl Line {
    /// Reads a line, also one that a mail program broke into several.
    ///
    /// # Errors
    /// Usage, if it is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad =
            || Error::usage("this is not a checkpoint", "it is a line that begins with omega-checkpoint-v1, as omega checkpoint prints it");
        let words: Vec<&str> = text.split_whitespace().take(64).collect();
        let [mark, root, sequence, head, rest @ ..] = words.as_slice() else { return Err(bad()) };
        let number: u32 = sequence.parse().map_err(|_| bad())?;
        if *mark != Namespace::Checkpoint.as_str() || number.to_string() != *sequence {
            return Err(bad());
        }
        let digest = |text: &str| text.parse::<Digest>().map_err(|_| bad());
        let checkpoint = Checkpoint { root: digest(root)?, sequence: number, head: digest(head)? };
        let signature = match rest {
            [] => None,
            [member, base64 @ ..] => Some((member.parse().map_err(|_| bad())?, folded(&base64.concat()))),
        };
        Ok(Self { checkpoint, signature })
    }

    /// The exact bytes that are signed: the line without its signature, and a line feed.
    pub fn message(checkpoint: &Checkpoint) -> String {
        format!("{} {} {} {}\n", Namespace::Checkpoint, checkpoint.root, checkpoint.sequence, checkpoint.head)
    }

    /// Signs a checkpoint in a member's name.
    ///
    /// # Errors
    /// When the key does not sign.
    pub fn sign(checkpoint: Checkpoint, member: MemberName, signer: &Signer) -> Result<Self, Error> {
        let armor = signer.sign(Namespace::Checkpoint, Self::message(&checkpoint).as_bytes())?;
        Ok(Self { checkpoint, signature: Some((member, armor)) })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::message(&self.checkpoint).trim_end())?;
        match &self.signature {
            Some((member, armor)) => write!(f, " {member} {}", unfolded(armor)),
            None => Ok(()),
        }
    }
}

/// How another checkpoint stands to a ledger here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Both end with the same ruling.
    Same,
    /// Here is more: the other ledger is an earlier part of this one.
    Ahead,
    /// There is more than here, so that nothing can be said of it.
    Behind,
    /// One of the two is another ledger.
    Forked,
}

/// What came of comparing a checkpoint with the ledger here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Compared {
    /// How the two stand.
    pub relation: Relation,
    /// What the other one says.
    pub theirs: Checkpoint,
    /// What this ledger has in that place: its ruling with that number, or its last one; its root, if that is another.
    pub ours: Checkpoint,
    /// The member whose valid signature it bears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<MemberName>,
}

/// What `omega checkpoint` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CheckpointReport {
    /// Where the ledger here ends.
    pub checkpoint: Checkpoint,
    /// The same as a line, signed if that was asked for.
    pub line: String,
    /// What another line was found to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

/// Compares a line with a ledger that holds.
///
/// # Errors
/// Unknown, if the line bears a signature that is not valid, or not one of that member.
pub fn compare(ledger: &Ledger, ours: &Checkpoint, line: &Line) -> Result<Compared, Error> {
    let theirs = line.checkpoint;
    let signed_by = match &line.signature {
        Some((member, armor)) => Some(signed(ledger, &theirs, member, armor)?),
        None => None,
    };
    let there = ledger.rulings.get(theirs.sequence as usize).map(|ruled| ruled.digest);
    let relation = match there {
        _ if theirs.root != ours.root => Relation::Forked,
        None => Relation::Behind,
        Some(digest) if digest != theirs.head => Relation::Forked,
        Some(_) if theirs.sequence == ours.sequence => Relation::Same,
        Some(_) => Relation::Ahead,
    };
    let place = there.filter(|_| theirs.root == ours.root);
    let ours = place.map_or_else(|| *ours, |head| Checkpoint { head, sequence: theirs.sequence, root: ours.root });
    Ok(Compared { relation, theirs, ours, signed_by })
}

/// Whether the member signed it, with a key that is in force at its ruling, or is now.
fn signed(ledger: &Ledger, theirs: &Checkpoint, member: &MemberName, armor: &str) -> Result<MemberName, Error> {
    let not =
        |why: String| Error::unknown(format!("the checkpoint is not signed by `{member}`: {why}"), "ask for it again, on another way");
    let signature = Signature::parse(armor.as_bytes()).map_err(|error| not(error.to_string()))?;
    let laws = ledger.laws.get(theirs.sequence as usize).into_iter().chain(ledger.law());
    let keys = laws.filter_map(|law| law.roster.get(member)).flat_map(|member| member.keys.iter());
    let key = keys.into_iter().find(|key| key.blob() == signature.signer_blob());
    let key = key.ok_or_else(|| not("the key is not one of the council's for that member".to_owned()))?;
    signature.verify(key, Namespace::Checkpoint, Line::message(theirs).as_bytes()).map_err(|error| not(error.to_string()))?;
    Ok(member.clone())
}
