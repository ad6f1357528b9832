//! Members of the council and the roster that they form.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::keys::PublicKey;
use crate::words::words;

use super::front::{self, FrontError};
use super::names::MemberName;

words! {
    /// What a member may do.
    pub enum Role {
        /// Rules, and speaks last.
        Chief = "chief",
        /// Synthesises, does not vote.
        Clerk = "clerk",
        /// Speaks and votes.
        Member = "member",
    }
}

impl Role {
    /// The word in a sentence: Chief and Clerk are titles.
    pub fn title(self) -> &'static str {
        match self {
            Self::Chief => "Chief",
            Self::Clerk => "Clerk",
            Self::Member => "member",
        }
    }
}

/// Who stands behind a member's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person.
    Human,
    /// A program, run by its operator. Never Chief.
    Agent,
}

/// Where an agent's model is asked, by the OpenAI chat-completions protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The base address.
    pub url: String,
    /// The model's name.
    pub model: String,
}

/// The front matter of `canon/council/<name>.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Equal to the file name.
    pub name: MemberName,
    /// Place in the speaking order, from 1; no two members share one.
    pub seat: u32,
    /// What the member may do.
    pub role: Role,
    /// A person or a program.
    pub kind: Kind,
    /// Voting weight; 0 for the Chief and the Clerk, who do not vote.
    pub weight: u32,
    /// OpenSSH public keys, without comments.
    pub keys: Vec<PublicKey>,
    /// Who runs an agent. Agents have one, people do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<MemberName>,
    /// How the agent is asked: a program and its arguments, prompt on standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// How the agent is asked: a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
}

impl Member {
    /// Reads a member from the exact bytes of its file.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrontError> {
        front::parse(bytes).map(|(member, _)| member)
    }

    /// Who answers for this member: the operator of an agent, else the person.
    pub fn answers(&self) -> &MemberName {
        self.operator.as_ref().unwrap_or(&self.name)
    }

    /// Whether this member's ballots count.
    pub fn votes(&self) -> bool {
        self.role == Role::Member && self.weight > 0
    }

    /// Whether `key` is one of this member's.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.keys.contains(key)
    }

    /// What is wrong with this member on its own, if anything.
    fn defect(&self) -> Option<&'static str> {
        if self.seat == 0 {
            Some("seats count from 1")
        } else if self.keys.is_empty() || self.keys.len() > 16 {
            Some("a member has 1 to 16 keys")
        } else if self.weight > 1_000_000 {
            Some("a weight is at most 1000000")
        } else if self.role != Role::Member && self.weight != 0 {
            Some("only members vote: the weight of the Chief and of the Clerk is 0")
        } else if (self.kind == Kind::Agent) != self.operator.is_some() {
            Some("an agent names its operator, and a person has none")
        } else if self.kind == Kind::Human && (self.command.is_some() || self.endpoint.is_some()) {
            Some("only an agent has a command or endpoint")
        } else if self.command.as_ref().is_some_and(Vec::is_empty) || (self.command.is_some() && self.endpoint.is_some()) {
            Some("an agent has one command or one endpoint")
        } else {
            None
        }
    }
}

/// All members of one state. Always has exactly one Chief, who is human; seats and keys are unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Member>", into = "Vec<Member>")]
pub struct Roster {
    members: BTreeMap<MemberName, Member>,
    chief: MemberName,
}

/// Why members do not form a roster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// One member alone is not valid.
    #[error("`{0}`: {1}")]
    Member(MemberName, &'static str),
    /// There must be exactly one Chief.
    #[error("there are {0} Chiefs: exactly one member has the role chief")]
    Chiefs(usize),
    /// The Chief is a person.
    #[error("the Chief `{0}` is an agent: only a person rules")]
    AgentChief(MemberName),
    /// There is at most one Clerk.
    #[error("there are {0} Clerks: at most one member has the role clerk")]
    Clerks(usize),
    /// The Chief would rule alone, and the seats would hide it.
    #[error("no member has a weight above 0, so nobody could vote: give one a weight, or unseat them all")]
    NoVoter,
    /// Two members on one seat.
    #[error("`{0}` and `{1}` share seat {2}")]
    Seat(MemberName, MemberName, u32),
    /// One key, whatever its encoding, under two names or twice under one.
    #[error("`{0}` and `{1}` share a key")]
    Key(MemberName, MemberName),
}

impl TryFrom<Vec<Member>> for Roster {
    type Error = RosterError;

    fn try_from(members: Vec<Member>) -> Result<Self, RosterError> {
        Self::new(members)
    }
}

impl From<Roster> for Vec<Member> {
    fn from(roster: Roster) -> Self {
        roster.members.into_values().collect()
    }
}

impl Roster {
    /// Joins members into a roster.
    pub fn new(members: impl IntoIterator<Item = Member>) -> Result<Self, RosterError> {
        let members: BTreeMap<_, _> = members.into_iter().map(|m| (m.name.clone(), m)).collect();
        let (mut seats, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for member in members.values() {
            if let Some(defect) = member.defect() {
                return Err(RosterError::Member(member.name.clone(), defect));
            }
            if let Some(other) = seats.insert(member.seat, &member.name) {
                return Err(RosterError::Seat(other.clone(), member.name.clone(), member.seat));
            }
            for key in &member.keys {
                if let Some(other) = keys.insert(key.raw(), &member.name) {
                    return Err(RosterError::Key(other.clone(), member.name.clone()));
                }
            }
        }
        let with = |role| members.values().filter(move |m| m.role == role);
        let clerks = with(Role::Clerk).count();
        if clerks > 1 {
            return Err(RosterError::Clerks(clerks));
        }
        let chiefs: Vec<&Member> = with(Role::Chief).collect();
        let [chief] = chiefs.as_slice() else { return Err(RosterError::Chiefs(chiefs.len())) };
        if chief.kind == Kind::Agent {
            return Err(RosterError::AgentChief(chief.name.clone()));
        }
        if with(Role::Member).next().is_some() && !with(Role::Member).any(|m| m.weight > 0) {
            return Err(RosterError::NoVoter);
        }
        let chief = chief.name.clone();
        Ok(Self { members, chief })
    }

    /// The Chief.
    pub fn chief(&self) -> &Member {
        &self.members[&self.chief]
    }

    /// Whoever acts as Clerk: the Clerk, or the Chief where there is none.
    pub fn clerk(&self) -> &Member {
        self.members.values().find(|m| m.role == Role::Clerk).unwrap_or_else(|| self.chief())
    }

    /// A member by name.
    pub fn get(&self, name: &MemberName) -> Option<&Member> {
        self.members.get(name)
    }

    /// All members, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Those whose ballots count, in seat order: the speaking order of the pipe.
    pub fn voters(&self) -> Vec<&Member> {
        let mut voters: Vec<&Member> = self.members.values().filter(|m| m.votes()).collect();
        voters.sort_by_key(|m| m.seat);
        voters
    }

    /// The member that holds a key.
    pub fn holder(&self, key: &PublicKey) -> Option<&Member> {
        self.members.values().find(|m| m.holds(key))
    }

    /// How many different people answer for these members.
    pub fn operators<'a>(members: impl IntoIterator<Item = &'a Member>) -> usize {
        members.into_iter().map(Member::answers).collect::<BTreeSet<_>>().len()
    }
}
