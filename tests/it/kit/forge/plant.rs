//! What a canon begins with.

use std::collections::BTreeMap;
use std::sync::Arc;

use omega::canon::planted::{self, Planting, Profile};
use omega::canon::policy::{Consensus, PeacePipe};
use omega::canon::{Member, RepoPath, Risk, Role, front, layout};
use omega::council::tally;
use omega::digest::Digest;
use omega::ledger::evidence::{Scope, gather};
use omega::ledger::examine::examine;
use omega::ledger::fold::genesis_law;
use omega::ledger::kinds::{Change, FileMode, Proposal, Ruling, Verdict};
use omega::workspace::stamp::Stamps;

use super::edits::{with_policy, with_who};
use super::{Edit, Forge, Key, MemoryTree, chief, member, path, resolution, time};

/// What a canon begins with.
pub struct Seed {
    pub profile: Profile,
    pub members: Vec<Member>,
    pub who: &'static [&'static str],
    pub files: Vec<Edit>,
    pub consensus: Box<dyn Fn(&mut Consensus)>,
    pub protocol: Box<dyn Fn(&mut PeacePipe)>,
    pub security: Box<dyn Fn(&str) -> String>,
    pub proposal: Box<dyn Fn(&mut Proposal)>,
    pub ruling: Box<dyn Fn(&mut Ruling)>,
    /// The Chief's key, if it is not that of the name.
    pub key: Option<Key>,
    /// Further keys that sign the first proposal.
    pub enrolled: Vec<Key>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            profile: Profile::Omega,
            members: vec![
                chief("ry", 1),
                Member { role: Role::Clerk, weight: 0, ..member("safa", 2) },
                member("claude", 3),
                member("gemini", 4),
                member("codex", 5),
                member("grok", 6),
            ],
            who: &["AGENTS.md", "prompts/**"],
            files: vec![Edit::file("AGENTS.md", "Be kind.\n"), Edit::file("prompts/one.md", "One.\n")],
            consensus: Box::new(|_| {}),
            protocol: Box::new(|_| {}),
            security: Box::new(str::to_owned),
            proposal: Box::new(|_| {}),
            ruling: Box::new(|_| {}),
            key: None,
            enrolled: Vec::new(),
        }
    }
}

impl Forge {
    /// A canon that begins with this.
    pub fn plant(seed: &Seed) -> Self {
        let mut forge =
            Self { tree: MemoryTree::default(), keys: BTreeMap::new(), now: time("2026-02-26T12:00:00Z").unix(), seen: Arc::default() };
        for member in &seed.members {
            forge.keys.insert(member.name.to_string(), Key::of(member.name.as_str()));
        }
        let chief = seed.members.iter().find(|m| m.role == Role::Chief).unwrap_or(&seed.members[0]).clone();
        if let Some(key) = &seed.key {
            forge.keys.insert(chief.name.to_string(), key.clone());
        }
        let id = resolution("genesis");
        let empty = omega::ledger::state::Ledger::default();
        let at = forge.tick();
        let stamps = Stamps { ledger: &empty, resolution: &id, chief: &chief.name, now: at };
        let mut files: BTreeMap<RepoPath, (FileMode, Vec<u8>)> = BTreeMap::new();
        for (document, bytes) in planted::documents(&Planting { profile: seed.profile, ..Planting::whole(&id, &chief.name, &[]) }) {
            let text = String::from_utf8(bytes).unwrap();
            let text = match document.as_str() {
                "OMEGA_IDENTITY" | "CONSTITUTION" => with_who(&text, seed.who),
                "CONSENSUS_ENGINE" => with_policy(&text, &seed.consensus),
                "PEACE_PIPE_PROTOCOL" => with_policy(&text, &seed.protocol),
                "SECURITY_AND_PRIVACY" => (seed.security)(&text),
                _ => text,
            };
            if layout::has_fact(&document) {
                let (fact, entry) = stamps.fact(&document, text.as_bytes()).unwrap();
                files.insert(fact, (FileMode::File, entry));
            }
            files.insert(layout::document(&document), (FileMode::File, text.into_bytes()));
        }
        for member in &seed.members {
            files.insert(layout::member(&member.name), (FileMode::File, front::render(member, "").into_bytes()));
        }
        for edit in &seed.files {
            if let Edit::Put(place, mode, bytes) = edit {
                files.insert(path(place), (*mode, bytes.clone()));
            }
        }
        let mut proposal = Proposal {
            omega: 1,
            kind: "proposal".into(),
            canon: None,
            resolution: id.clone(),
            by: chief.name.clone(),
            at,
            title: "Plant the canon".into(),
            risk: Risk::Critical,
            base: None,
            changes: files
                .iter()
                .map(|(path, (mode, bytes))| Change {
                    path: path.clone(),
                    mode: Some(*mode),
                    before: None,
                    after: Some(Digest::of(bytes)),
                    released: None,
                })
                .collect(),
            supersedes: None,
            settles: None,
            purge: None,
            recovery: None,
        };
        (seed.proposal)(&mut proposal);
        for (path, (mode, bytes)) in &files {
            forge.put_mode(path.as_str(), *mode, bytes);
            forge.put(layout::bytes(&Digest::of(bytes)).as_str(), bytes);
        }
        forge.record(&proposal, "The first state.", chief.name.as_str());
        let key = forge.keys[chief.name.as_str()].clone();
        for key in seed.enrolled.iter().chain([&key]) {
            forge.enrol(&id, key);
        }
        let evidence = gather(&forge.tree, &Scope::all(1)).unwrap();
        let folder = evidence.folders[&id].clone();
        let records = folder.records();
        let law = genesis_law(&proposal, &evidence.bytes);
        let examined = law.as_ref().ok().and_then(|law| examine(&id, &folder, law, None).ok());
        let count = examined.map_or_else(tally::Tally::default, |examined| examined.count.tally);
        let mut ruling = Ruling {
            omega: 1,
            kind: "ruling".into(),
            canon: None,
            resolution: id.clone(),
            by: chief.name.clone(),
            at: forge.tick(),
            proposal: folder.proposal.as_ref().unwrap().digest(),
            sequence: 0,
            previous: None,
            verdict: Verdict::Approve,
            records,
            tally: count,
            bypass: None,
            expires: None,
        };
        (seed.ruling)(&mut ruling);
        forge.signed(layout::ruling(0).as_str(), &ruling, "The canon begins.", &key);
        forge.settle();
        forge
    }
}
