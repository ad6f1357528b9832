//! What is wrong, in the one shape that verify, hooks, CI and watch share.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shell;
use crate::words::words;

words! {
    /// How much a finding matters.
    pub enum Severity {
        /// Worth knowing.
        Note = "note",
        /// Worth mending.
        Warning = "warning",
        /// The canon is violated.
        Error = "error",
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $title:literal, $remedy:literal;)+) => {
        /// The stable code of a finding. Codes are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it is written, as in `C011`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// A few words for it.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+)),+ }
            }

            /// What to do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy),+ }
            }
        }
    };
}

codes! {
    /// A file under `canon/` is of no known kind. Every file there is exactly one of the kinds of the format.
    Stray = "C001", "stray file", "omega restore PATH deletes it; or move it out of canon/.";
    /// A file under `canon/` is not a plain file with mode 100644.
    CanonMode = "C002", "not a plain file", "omega restore PATH";
    /// A path folds onto `canon` or onto a governed path without being it: on some systems both are one file.
    Collision = "C003", "colliding path", "omega restore PATH deletes it; or rename it.";
    /// A tree object breaks git's own rules, so that different tools may read it differently.
    TreeDefect = "C004", "malformed tree", "git fsck names the object; git log --oneline -- PATH names the commits to rebuild.";
    /// A file breaks the text rules or the strict form of its kind.
    Form = "C005", "malformed file", "Fix the line that the message names; or take it back: omega restore PATH";
    /// A file says of itself something that its path does not say.
    Misplaced = "C006", "file in the wrong place", "omega restore PATH";
    /// A record or signature lacks its other half.
    Unpaired = "C007", "record without signature", "omega restore PATH";
    /// Git attributes of the tree convert or hide the bytes of a governed path.
    Attributes = "C008", "converting attributes", "Remove what converts it from .gitattributes: git check-attr --all -- PATH shows what that is.";
    /// A governed path lies beyond a link or submodule, or a governed link leads out of the governed set.
    Link = "C009", "link or submodule in the way", "Put plain files in its place; or take it out: git rm --cached -- PATH";
    /// A signature is not valid over the bytes beside it.
    Signature = "C010", "invalid signature", "omega restore PATH";
    /// A signature was made by a key that is not in force for the member that the record names.
    Signer = "C011", "not the member's key", "omega restore PATH takes it back; only the member that the record names can sign it.";
    /// A record names another canon, resolution or proposal than the one it lies in.
    Binding = "C012", "bound to something else", "omega restore PATH takes it back; records cannot be moved or reused.";
    /// A ruling lists a record whose bytes are others, or are not there.
    RecordChanged = "C013", "record changed after the ruling", "Undo the commit that changed it: git log -1 -- PATH names it.";
    /// A valid record of a closed resolution that the closing ruling did not see.
    Late = "C014", "late record", "omega tidy";
    /// A ruling lists what does not belong to what it closes, or leaves out what must be there.
    RecordList = "C015", "wrong list of records", "Undo the commit that brought it: git log -1 -- PATH names it. Then the Chief rules again.";
    /// The chain of rulings is broken: a gap, a fork, a second genesis, a wrong parent.
    Chain = "C016", "broken chain of rulings", "omega restore canon PATH";
    /// The ledger does not begin with the ruling that is pinned.
    Root = "C017", "another canon", "Ask the people of this canon which root is right; the one that is pinned: omega trust show";
    /// The ledger does not contain the ruling that is pinned as a checkpoint, or that was seen here before: it is older, or
    /// a fork.
    Checkpoint = "C018", "rolled back or forked", "git fetch; then compare checkpoints with another member: omega checkpoint";
    /// Judging the tree would cost more than any honest tree does: one of the limits of format.md section 12 was met, and the
    /// verifier stopped there.
    Limit = "C019", "too much to judge", "Undo the commit that brought it: git log -1 -- PATH names it.";
    /// The council, its rules or a document that every state needs is not valid.
    State = "C020", "invalid state", "Correct what the message names, and propose that: omega propose";
    /// A proposal is not valid: its changes, stamps, versions, entries or references.
    Proposal = "C021", "invalid proposal", "Its proposer takes it back and proposes it again: omega withdraw ID";
    /// A proposal declares less risk than what it touches demands.
    RiskFloor = "C022", "risk declared too low", "Its proposer proposes it again with the risk that the message names: omega propose --supersedes ID";
    /// A record was made against the protocol: out of turn, twice, too early or too late.
    Protocol = "C023", "against the protocol", "omega restore PATH takes the record back; omega show ID says who comes next.";
    /// The tally in a ruling is not what the votes say.
    Tally = "C024", "wrong tally", "Undo the commit that brought it: git log -1 -- PATH names it. Then the Chief rules again.";
    /// A ruling that its votes, its verdict or the Chief's powers do not allow.
    Ruling = "C025", "ruling not allowed", "Undo the commit that brought it: git log -1 -- PATH names it. Then the Chief rules again.";
    /// A proposal was approved although what it was judged by had changed.
    Stale = "C026", "approved though stale", "Undo the commit that brought it: git log -1 -- PATH names it. Then its proposer proposes it again.";
    /// An added key did not sign the proposal that adds it, or an enrolment is of no added key.
    Enrolment = "C027", "key without proof of possession", "The holder of the key signs the proposal: omega enrol ID --key FILE";
    /// An emergency goes beyond its bounds.
    Emergency = "C028", "emergency out of bounds", "Undo the commit that brought it: git log -1 -- PATH names it. Then use a proposal.";
    /// An emergency ran out, or is dated ahead, and nobody settled it.
    Expired = "C029", "emergency no longer holds", "omega expire ID";
    /// A recovery that the recovery rule does not allow.
    Recovery = "C030", "recovery not allowed", "Undo the commit that brought it: git log -1 -- PATH names it. CONSENSUS_ENGINE.md names the recovery keys and their threshold.";
    /// A purge of bytes that may not be purged.
    Purge = "C031", "purge not allowed", "Undo the commit that brought it: git log -1 -- PATH names it. Only bytes that no state needs can be purged.";
    /// Bytes that an open or closed proposal names are not there.
    BytesMissing = "C032", "proposed bytes missing", "omega restore PATH";
    /// A file in canon/bytes is not what its name says, no proposal names it, or it was purged.
    BytesWrong = "C033", "wrong bytes", "omega restore PATH";
    /// A rendered file differs from its rendering.
    Derived = "C034", "rendering differs", "omega restore PATH";
    /// The Chief's signature beside a state file is missing, invalid, or not over the ratified bytes.
    StateSignature = "C035", "state file not signed", "omega restore PATH";
    /// A governed path differs from what is ratified and is no draft of an open proposal.
    Unratified = "C040", "not ratified", "omega restore PATH restores it; omega propose makes it a proposal.";
    /// A ratified path is gone and no open proposal removes it.
    Missing = "C041", "ratified file missing", "omega restore PATH restores it; omega propose proposes to remove it.";
    /// A path that the `who` globs match is there and no council ratified it.
    Ungoverned = "C042", "instruction file never ratified", "omega propose makes it a proposal; omega restore PATH deletes it.";
    /// A policy breaks its document's type.
    Policy = "C050", "invalid policy", "Propose a change that is valid; see docs/policies.md.";
    /// A governed text holds characters that do not show, or that change the order in which others show.
    HiddenText = "C051", "hidden characters in a governed text", "Propose the text without them.";
    /// A governed text holds markup whose content is read by models and not shown to people.
    InvisibleMarkup = "C052", "invisible markup in a governed text", "Read what it holds; propose the text without it.";
    /// A word mixes Latin letters with letters of another script that look the same.
    MixedScript = "C053", "word of several scripts", "Write the word again in one script, and propose that.";
    /// An enforcement case of a document in force does not hold: its policy no longer yields what it says.
    Case = "C054", "case does not hold", "Propose a policy or a case that is right: omega test";
    /// A submodule is not looked into.
    Submodule = "C060", "submodule not entered", "Verify it on its own, if it is governed on its own: omega -C PATH canon verify";
    /// Records that this verifier was shown are in no ruling.
    Omitted = "C061", "record left out by a ruling", "Show the receipt to the council.";
    /// Governed files are not in the work tree, because sparse checkout or a bit of the index leaves them out.
    LeftOut = "C062", "not in the work tree", "git sparse-checkout add brings it.";
    /// A change edits what decides whether and how changes are checked: workflows, actions, hooks, attributes, code owners.
    CheckEdited = "C070", "the check itself is edited", "Read this edit before all others: once merged, it decides how later changes are checked.";
    /// Two sides changed a governed path, and git would have to mix or choose.
    Conflict = "C071", "conflict in governed files", "Merge the base into the branch, so that what is judged is what will be merged.";
    /// A change loses or replaces rulings that the base has.
    LedgerCut = "C072", "rulings lost or replaced", "Merge the base into the branch, and keep its ledger.";
    /// What a change is to be merged into does not hold by itself.
    BaseBroken = "C073", "the base does not hold", "omega verify shows what is wrong there, on a checkout of the base.";
    /// A change carries a resolution together with paths that the resolution does not name: the council was not asked about them.
    Carried = "C074", "carried along with a resolution", "Put the path into a change of its own, and keep the resolution apart.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or_else(|| serde::de::Error::custom("no such code"))
    }
}

impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A stable finding code, see docs/findings.md", "pattern": "^C[0-9]{3}$" })
    }
}

/// One fact about one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The resolution or ruling it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The member it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The fact, as a lowercase fragment.
    pub message: String,
    /// What to do, or the command to type next.
    pub hint: String,
}

impl Finding {
    /// An error at a path, with the code's own remedy as the hint.
    pub fn error(code: Code, path: impl fmt::Display, message: impl fmt::Display) -> Self {
        let path = path.to_string();
        Self {
            code,
            severity: Severity::Error,
            hint: shell::fill(code.remedy(), &path),
            path,
            line: None,
            record: None,
            member: None,
            message: message.to_string(),
        }
    }

    /// A note at a path.
    pub fn note(code: Code, path: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, path, message) }
    }

    /// The same finding, about a resolution or ruling.
    pub fn of_record(mut self, record: impl fmt::Display) -> Self {
        let record = record.to_string();
        if self.hint == shell::fill(self.code.remedy(), &self.path) {
            self.hint = shell::fill(&self.code.remedy().replace(" ID", &format!(" {}", shell::quote(&record))), &self.path);
        }
        self.record = Some(record);
        self
    }

    /// The same finding, about a member.
    pub fn of_member(mut self, member: impl fmt::Display) -> Self {
        self.member = Some(member.to_string());
        self
    }

    /// The same finding, at a line.
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same finding with another hint.
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = hint.to_string();
        self
    }

    /// Whether the canon is violated.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
