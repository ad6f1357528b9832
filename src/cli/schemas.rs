//! The JSON Schemas of all that omega reads and prints, from the types themselves.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use crate::canon::policy::{Consensus, Constitution, Economy, Identity, Memory, Oxyspine, PeacePipe, Security};
use crate::canon::{Document, Member};
use crate::enforcement;
use crate::gates::Gated;
use crate::gates::ci::CiReport;
use crate::gates::hooks::HookStatus;
use crate::guard::Decision;
use crate::guard::settings::AgentStatus;
use crate::ledger::kinds::{Proposal, Reveal, Ruling, Seal, Synthesis, Turn, Vote, Withdrawal};
use crate::monitor::read;
use crate::ops::add::Added;
use crate::ops::convene::{Ballot, Convened, Toke};
use crate::ops::council::CouncilReport;
use crate::ops::enrol::Enrolled;
use crate::ops::init::Planted;
use crate::ops::init::workflow::Workflow;
use crate::ops::propose::Proposed;
use crate::ops::restore::Restored;
use crate::ops::rule::RuledReport;
use crate::ops::statement::Spoken;
use crate::ops::tidy::Tidied;
use crate::ops::vote::Voted;
use crate::ops::withdraw::Withdrawn;
use crate::render::json::Answer;
use crate::survey::checkpoint::CheckpointReport;
use crate::survey::machine::MachineReport;
use crate::survey::phylactery::{Contradiction, EntryReport, Exported, HistoryReport};
use crate::survey::signers::SignersReport;
use crate::survey::tally::TallyReport;
use crate::survey::verify::{Receipt, Report};
use crate::survey::why::Why;
use crate::survey::{Entry, Inbox, Shown, Status, Summary};
use crate::sync::Exchanged;
use crate::workspace::cases::{Answered, TestReport};

use super::commands::completions::Script;
use super::commands::diff::Diff;
use super::commands::key::KeyReport;
use super::commands::man::Page;
use super::commands::phylactery::draft::DraftReport;
use super::commands::print::Printed;
use super::commands::resonance::{Checked, Hashed};
use super::commands::review::Reviewed;
use super::commands::trust::{Forgotten, TrustReport};
use super::commands::watch::{InstallReport, MetricsReport, WatchReport};

/// Every schema with its name: `answer/…` for what a command prints, `file/…` for the front matter of
/// a file, `policy/…` for the policy of a document, `question/…` for what its cases ask, `agent/…` for what an agent
/// answers.
pub fn all() -> Vec<(String, Schema)> {
    // What is read may leave out other fields than what is written: each kind of schema keeps its own contract.
    fn schema<T: JsonSchema>() -> Schema {
        SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>()
    }
    fn answer<T: JsonSchema>() -> Schema {
        SchemaGenerator::new(SchemaSettings::draft2020_12().for_serialize()).into_root_schema_for::<Answer<T>>()
    }
    let questions = enforcement::schemas().into_iter().map(|(document, schema)| (format!("question/{document}"), schema));
    let others = [
        ("answer/init", answer::<Planted>()),
        ("answer/init-ci", answer::<Workflow>()),
        ("answer/demo", answer::<Report>()),
        ("answer/council-list", answer::<CouncilReport>()),
        ("answer/council-change", answer::<Proposed>()),
        ("answer/key-change", answer::<Proposed>()),
        ("answer/key-recovery-sign", answer::<Enrolled>()),
        ("answer/key", answer::<Vec<KeyReport>>()),
        ("answer/trust", answer::<TrustReport>()),
        ("answer/trust-accept-rollback", answer::<Forgotten>()),
        ("answer/trust-signers", answer::<SignersReport>()),
        ("answer/canon-status", answer::<Status>()),
        ("answer/canon-propose", answer::<Proposed>()),
        ("answer/canon-vote", answer::<Voted>()),
        ("answer/canon-review", answer::<Reviewed>()),
        ("answer/canon-speak", answer::<Spoken>()),
        ("answer/canon-enrol", answer::<Enrolled>()),
        ("answer/canon-add", answer::<Added>()),
        ("answer/canon-print", answer::<Printed>()),
        ("answer/canon-rule", answer::<RuledReport>()),
        ("answer/canon-withdraw", answer::<Withdrawn>()),
        ("answer/canon-verify", answer::<Report>()),
        ("answer/canon-verify-receipt", answer::<Receipt>()),
        ("answer/canon-checkpoint", answer::<CheckpointReport>()),
        ("answer/canon-list", answer::<Vec<Summary>>()),
        ("answer/canon-show", answer::<Shown>()),
        ("answer/canon-tally", answer::<TallyReport>()),
        ("answer/canon-log", answer::<Vec<Entry>>()),
        ("answer/canon-diff", answer::<Diff>()),
        ("answer/canon-restore", answer::<Restored>()),
        ("answer/canon-test", answer::<TestReport>()),
        ("answer/canon-ask", answer::<Answered>()),
        ("answer/resonance-check", answer::<Checked>()),
        ("answer/resonance-token", answer::<Hashed>()),
        ("answer/canon-tidy", answer::<Tidied>()),
        ("answer/council-machine", answer::<MachineReport>()),
        ("answer/ci", answer::<CiReport>()),
        ("answer/hook", answer::<Gated>()),
        ("answer/hooks", answer::<Vec<HookStatus>>()),
        ("answer/hooks-agent", answer::<Vec<AgentStatus>>()),
        ("answer/guard", answer::<Decision>()),
        ("answer/council-convene", answer::<Convened>()),
        ("answer/phylactery-get", answer::<EntryReport>()),
        ("answer/phylactery-list", answer::<Vec<EntryReport>>()),
        ("answer/phylactery-contradictions", answer::<Vec<Contradiction>>()),
        ("answer/phylactery-history", answer::<HistoryReport>()),
        ("answer/phylactery-draft", answer::<DraftReport>()),
        ("answer/phylactery-export", answer::<Exported>()),
        ("answer/why", answer::<Why>()),
        ("answer/watch", answer::<WatchReport>()),
        ("answer/watch-check", answer::<Vec<crate::monitor::check::Check>>()),
        ("answer/watch-status", answer::<read::Status>()),
        ("answer/watch-metrics", answer::<MetricsReport>()),
        ("answer/watch-history", answer::<read::History>()),
        ("answer/watch-ack", answer::<read::Acknowledged>()),
        ("answer/watch-install", answer::<InstallReport>()),
        ("answer/events", answer::<Vec<read::EventReport>>()),
        ("answer/events-verify", answer::<read::ChainReport>()),
        ("answer/credits", answer::<read::Credits>()),
        ("answer/man", answer::<Page>()),
        ("answer/completions", answer::<Script>()),
        ("answer/inbox", answer::<Inbox>()),
        ("answer/sync", answer::<Exchanged>()),
        ("answer/omega", answer::<()>()),
        ("agent/turn", schema::<Toke>()),
        ("agent/vote", schema::<Ballot>()),
        ("file/document", schema::<Document>()),
        ("file/member", schema::<Member>()),
        ("file/entry", schema::<crate::phylactery::Entry>()),
        ("file/proposal", schema::<Proposal>()),
        ("file/turn", schema::<Turn>()),
        ("file/seal", schema::<Seal>()),
        ("file/reveal", schema::<Reveal>()),
        ("file/synthesis", schema::<Synthesis>()),
        ("file/vote", schema::<Vote>()),
        ("file/withdrawal", schema::<Withdrawal>()),
        ("file/ruling", schema::<Ruling>()),
        ("policy/OMEGA_IDENTITY", schema::<Identity>()),
        ("policy/OXYSPINE_TRINITY", schema::<Oxyspine>()),
        ("policy/PEACE_PIPE_PROTOCOL", schema::<PeacePipe>()),
        ("policy/MEMORY_CONSTITUTION", schema::<Memory>()),
        ("policy/SECURITY_AND_PRIVACY", schema::<Security>()),
        ("policy/CONSENSUS_ENGINE", schema::<Consensus>()),
        ("policy/CONSTITUTION", schema::<Constitution>()),
        ("policy/ECONOMY_MODEL", schema::<Economy>()),
    ];
    others.map(|(name, schema)| (name.to_owned(), schema)).into_iter().chain(questions).collect()
}
