//! The documents that `omega init` plants, embedded in the binary.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::document::Document;
use super::front;
use super::glob::Glob;
use super::names::{DocumentName, MemberName, ResolutionId, Version};
use super::policy::{self, Identity};
use crate::words::words;

type Text = (&'static str, &'static str);

const CONSTITUTION: Text = ("CONSTITUTION", include_str!("../../canon/profiles/files/CONSTITUTION.md"));
const IDENTITY: Text = ("OMEGA_IDENTITY", include_str!("../../canon/OMEGA_IDENTITY.md"));
const OXYSPINE: Text = ("OXYSPINE_TRINITY", include_str!("../../canon/OXYSPINE_TRINITY.md"));
const PEACE_PIPE: Text = ("PEACE_PIPE_PROTOCOL", include_str!("../../canon/PEACE_PIPE_PROTOCOL.md"));
const MEMORY: Text = ("MEMORY_CONSTITUTION", include_str!("../../canon/MEMORY_CONSTITUTION.md"));
const SECURITY: Text = ("SECURITY_AND_PRIVACY", include_str!("../../canon/SECURITY_AND_PRIVACY.md"));
const CONSENSUS: Text = ("CONSENSUS_ENGINE", include_str!("../../canon/CONSENSUS_ENGINE.md"));
const ECONOMY: Text = ("ECONOMY_MODEL", include_str!("../../canon/ECONOMY_MODEL.md"));

/// The name of the system, and of what carries it, in the texts.
const NAMES: [&str; 2] = ["OmegA", "OMEGAI"];

/// A path that is WHAT in the planted case, unless a glob of the new canon takes even that in.
const SAMPLE_PATH: &str = "services/gateway/main.rs";
const SAMPLE: &str = "    given: { ask: path, path: services/gateway/main.rs }\n";

/// A longer list has a line for each of its items, so that a change of one is a change of one line.
const LINE: usize = 100;

/// As many globs have a planted case that shows what they govern: more would be noise.
const SHOWN: usize = 3;

words! {
    /// What a new canon consists of, smallest first.
    pub enum Profile {
        /// Governed files, and one short document with the rules by which they change.
        Files = "files",
        /// The identity of a system with its rules of security, consensus and memory.
        Constitution = "constitution",
        /// All documents: also the protocol of the council, the services that are watched, and the economy.
        Omega = "omega",
    }
}

impl Profile {
    fn texts(self) -> &'static [Text] {
        match self {
            Self::Files => &[CONSTITUTION],
            Self::Constitution => &[IDENTITY, MEMORY, SECURITY, CONSENSUS],
            Self::Omega => &[IDENTITY, OXYSPINE, PEACE_PIPE, MEMORY, SECURITY, CONSENSUS, ECONOMY],
        }
    }
}

/// The name of a system: words of letters, digits and `-_.`, at most 64 characters, and no name that the planted identity says
/// is another system's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemName(String);

impl Default for SystemName {
    fn default() -> Self {
        Self(NAMES[0].to_owned())
    }
}

impl fmt::Display for SystemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SystemName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        let begins = text.chars().next().is_some_and(char::is_alphabetic);
        if !begins || text.chars().count() > 64 || !text.split(' ').all(is_word) || text.chars().any(super::text::is_hidden) {
            return Err("a name has at most 64 letters, digits, single spaces, `-`, `_` and `.`, and begins with a letter".to_owned());
        }
        let planted: Identity = policy::read(IDENTITY.1.as_bytes()).map_err(|error| error.to_string())?;
        let claims = planted.never_claims;
        match claims.to_be.iter().chain(&claims.to_be_made_by).find(|other| other.to_lowercase() == text.to_lowercase()) {
            Some(other) => Err(format!("the planted identity says that the system never claims to be {other}")),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// What `omega init` was asked for.
pub struct Planting<'a> {
    /// Which documents.
    pub profile: Profile,
    /// The name of the system, in profiles that have an identity.
    pub system: &'a SystemName,
    /// The resolution that brings them.
    pub resolution: &'a ResolutionId,
    /// Who rules it.
    pub chief: &'a MemberName,
    /// The governed paths outside `canon/`, as globs.
    pub who: &'a [String],
    /// The full name of the main branch.
    pub branch: &'a str,
}

impl<'a> Planting<'a> {
    /// All documents of the default system, with `main` as their main branch.
    pub fn whole(resolution: &'a ResolutionId, chief: &'a MemberName, who: &'a [String]) -> Self {
        static OMEGA: LazyLock<SystemName> = LazyLock::new(SystemName::default);
        Self { profile: Profile::Omega, system: &OMEGA, resolution, chief, who, branch: "refs/heads/main" }
    }
}

/// The documents as they are planted.
pub fn documents(planting: &Planting<'_>) -> Vec<(DocumentName, Vec<u8>)> {
    let Planting { profile, system, resolution, chief, who, branch } = planting;
    let globs: Vec<Glob> = who.iter().filter_map(|glob| glob.parse().ok()).collect();
    let quoted = |items: &[String]| items.iter().map(|item| serde_json::Value::from(item.as_str()).to_string()).collect::<Vec<_>>();
    let list = |items: &[String]| match format!("[{}]", quoted(items).join(", ")) {
        line if line.len() <= LINE => format!(" {line}"),
        _ => quoted(items).iter().map(|item| format!("\n    - {item}")).collect(),
    };
    let plant = |(name, text): &Text| {
        let mut text = text
            .replacen("\n  who: []\n", &format!("\n  who:{}\n", list(who)), 1)
            .replacen("\n  protected_refs: [refs/heads/main]\n", &format!("\n  protected_refs:{}\n", list(&[(*branch).to_owned()])), 1)
            .replacen("{ ask: ref, name: refs/heads/main }", &format!("{{ ask: ref, name: {} }}", front::scalar(branch)), 1);
        if globs.iter().any(|glob| glob.matches_folded(SAMPLE_PATH)) {
            text = text.replacen(&format!("{SAMPLE}    expect: what\n"), &format!("{SAMPLE}    expect: who\n"), 1);
        }
        if *name == CONSTITUTION.0 {
            text = text.replacen("\nenforcement:\n", &format!("\nenforcement:\n{}", samples(&globs)), 1);
        }
        if **system != SystemName::default() {
            text = text.replace(NAMES[1], &format!("the host of {system}")).replace(NAMES[0], &system.0);
        }
        let bytes = Document::restamp(text.as_bytes(), Version::FIRST, resolution, chief).expect("planted documents have all stamps");
        (name.parse().expect("planted documents have document names"), bytes)
    };
    profile.texts().iter().map(plant).collect()
}

/// A case for each of the first globs: a path that it governs and no glob before it.
fn samples(globs: &[Glob]) -> String {
    let mut cases = String::new();
    for (at, glob) in globs.iter().enumerate().take(SHOWN) {
        let segments: Vec<&str> = glob.as_str().split('/').collect();
        let last = segments.len() - 1;
        let named = |(at, segment): (usize, &str)| match segment {
            "**" => (at == last).then(|| "x".to_owned()),
            segment => Some(segment.replace(['*', '?'], "x")),
        };
        let path = segments.into_iter().enumerate().filter_map(named).collect::<Vec<_>>().join("/");
        let folded = super::path::fold(&path);
        if glob.matches_folded(&folded) && !globs[..at].iter().any(|earlier| earlier.matches_folded(&folded)) {
            let (path, quoted) = (front::scalar(&path), front::scalar(&format!("{path} is governed")));
            cases += &format!("  - case: {quoted}\n    given: {{ ask: path, path: {path} }}\n    expect: who\n");
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(profile: Profile, system: &SystemName) -> Vec<(DocumentName, Vec<u8>)> {
        let (resolution, chief) = ("2026-02-26-add".parse().expect("valid"), "on".parse().expect("valid"));
        let who = ["AGENTS.md".to_owned(), "prompts/**".to_owned()];
        let planting = Planting { profile, system, resolution: &resolution, chief: &chief, who: &who, branch: "refs/heads/trunk" };
        let planted = documents(&planting);
        for (name, bytes) in &planted {
            let (document, _) = Document::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((&document.document, &document.council_resolution_id, &document.ratified_by), (name, &resolution, &chief));
            policy::check(name, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        planted
    }

    fn of<T: serde::de::DeserializeOwned>(planted: &[(DocumentName, Vec<u8>)], name: &str) -> T {
        let (_, bytes) = planted.iter().find(|(document, _)| document.as_str() == name).expect("planted");
        policy::read(bytes).expect(name)
    }

    #[test]
    fn what_is_planted_is_valid() {
        for profile in Profile::ALL {
            let planted = planted(profile, &SystemName::default());
            let law = policy::LawDocuments::of(|name| planted.iter().any(|(planted, _)| planted == name)).expect("a law");
            let who: policy::IdentityCore = of(&planted, law.who.as_str());
            assert_eq!(who.who.0.iter().map(|glob| glob.as_str().to_owned()).collect::<Vec<_>>(), ["AGENTS.md", "prompts/**"]);
            let security: policy::SecurityCore = of(&planted, law.security.as_str());
            assert_eq!(security.protected_refs, ["refs/heads/trunk"]);
            let (name, bytes) = planted.iter().find(|(name, _)| *name == law.consensus).expect("planted");
            assert_eq!(policy::consensus(name, bytes).expect("consensus").defect(4, 4), None);
            let pipe = law.protocol.map_or_else(policy::PeacePipe::standard, |name| of(&planted, name.as_str()));
            assert_eq!(crate::council::machine::defect(&pipe), None);
        }
    }

    #[test]
    fn a_system_has_the_name_that_it_was_given() {
        let name: SystemName = "Vera Lux".parse().expect("a name");
        for profile in [Profile::Constitution, Profile::Omega] {
            let planted = planted(profile, &name);
            let identity: Identity = of(&planted, "OMEGA_IDENTITY");
            assert_eq!((identity.name.as_str(), identity.vessel.as_str()), ("Vera Lux", "the host of Vera Lux"));
            assert!(planted.iter().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("OmegA")));
        }
        for wrong in ["", " a", "a  b", "1", "Claude", "a human", "a: b", "a\nb", "\u{202e}a", "a\"b"] {
            assert!(wrong.parse::<SystemName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_first_globs_have_a_case() {
        let globs = ["prompts/**", "a/*/b?.txt", "**", "**/AGENTS.md"].map(|glob| glob.parse::<Glob>().expect("a glob"));
        let cases = samples(&globs);
        let paths: Vec<&str> = cases.lines().filter_map(|line| line.trim().strip_prefix("given: { ask: path, path: ")).collect();
        assert_eq!(paths, ["prompts/x }", "a/x/bx.txt }", "x }"]);
    }
}
