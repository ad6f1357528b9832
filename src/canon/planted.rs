//! The documents that `omega init` plants, embedded in the binary.

use super::document::Document;
use super::front;
use super::glob::Glob;
use super::names::{DocumentName, MemberName, ResolutionId, Version};

const TEXTS: [(&str, &str); 7] = [
    ("OMEGA_IDENTITY", include_str!("../../canon/OMEGA_IDENTITY.md")),
    ("OXYSPINE_TRINITY", include_str!("../../canon/OXYSPINE_TRINITY.md")),
    ("PEACE_PIPE_PROTOCOL", include_str!("../../canon/PEACE_PIPE_PROTOCOL.md")),
    ("MEMORY_CONSTITUTION", include_str!("../../canon/MEMORY_CONSTITUTION.md")),
    ("SECURITY_AND_PRIVACY", include_str!("../../canon/SECURITY_AND_PRIVACY.md")),
    ("CONSENSUS_ENGINE", include_str!("../../canon/CONSENSUS_ENGINE.md")),
    ("ECONOMY_MODEL", include_str!("../../canon/ECONOMY_MODEL.md")),
];

/// A path that is WHAT in the planted case, unless a glob of the new canon takes even that in.
const SAMPLE_PATH: &str = "services/gateway/main.rs";
const SAMPLE: &str = "    given: { ask: path, path: services/gateway/main.rs }\n";

/// The documents as they are planted by a resolution of a Chief, with these governed paths and this
/// main branch.
pub fn documents(resolution: &ResolutionId, chief: &MemberName, who: &[String], branch: &str) -> Vec<(DocumentName, Vec<u8>)> {
    let governs_sample = who.iter().filter_map(|glob| glob.parse::<Glob>().ok()).any(|glob| glob.matches_folded(SAMPLE_PATH));
    let list = |items: &[String]| serde_json::to_string(items).expect("strings are JSON");
    TEXTS
        .iter()
        .map(|(name, text)| {
            let text = text
                .replacen("\n  who: []\n", &format!("\n  who: {}\n", list(who).replace("\",\"", "\", \"")), 1)
                .replacen("\n  protected_refs: [refs/heads/main]\n", &format!("\n  protected_refs: {}\n", list(&[branch.to_owned()])), 1)
                .replacen("{ ask: ref, name: refs/heads/main }", &format!("{{ ask: ref, name: {} }}", front::scalar(branch)), 1);
            let text = if governs_sample {
                text.replacen(&format!("{SAMPLE}    expect: what\n"), &format!("{SAMPLE}    expect: who\n"), 1)
            } else {
                text
            };
            let bytes = Document::restamp(text.as_bytes(), Version::FIRST, resolution, chief).expect("planted documents have all stamps");
            (name.parse().expect("planted documents have document names"), bytes)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::policy;

    #[test]
    fn what_is_planted_is_valid() {
        let (id, chief) = ("2026-02-26-add".parse().expect("valid"), "on".parse().expect("valid"));
        let who = ["AGENTS.md".to_owned(), "prompts/**".to_owned()];
        let planted = documents(&id, &chief, &who, "refs/heads/trunk");
        for (name, bytes) in &planted {
            let (document, _) = Document::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((&document.document, &document.council_resolution_id, &document.ratified_by), (name, &id, &chief));
            policy::check(name, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let identity: policy::Identity = policy::read(&planted[0].1).expect("identity");
        assert_eq!(identity.who.0.iter().map(|glob| glob.as_str().to_owned()).collect::<Vec<_>>(), who);
        let security: policy::Security = policy::read(&planted[4].1).expect("security");
        assert_eq!(security.protected_refs, ["refs/heads/trunk"]);
        let pipe: policy::PeacePipe = policy::read(&planted[2].1).expect("protocol");
        assert_eq!(crate::council::machine::defect(&pipe), None);
        let consensus: policy::Consensus = policy::read(&planted[5].1).expect("consensus");
        assert_eq!(consensus.defect(4, 4), None);
    }
}
