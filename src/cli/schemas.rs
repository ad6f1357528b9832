//! The JSON Schemas of all that omega reads and prints, from the types themselves.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use crate::canon::policy::{Consensus, Economy, Identity, Memory, Oxyspine, PeacePipe, Security};
use crate::canon::{Document, Member};
use crate::enforcement;
use crate::ledger::kinds::{Proposal, Reveal, Ruling, Seal, Synthesis, Turn, Vote, Withdrawal};
use crate::ops::add::Added;
use crate::ops::cases::{Answered, TestReport};
use crate::ops::checkpoint::CheckpointReport;
use crate::ops::ci::CiReport;
use crate::ops::convene::{Ballot, Convened, Toke};
use crate::ops::council::CouncilReport;
use crate::ops::enrol::Enrolled;
use crate::ops::gate::Gated;
use crate::ops::gate::hooks::Standing;
use crate::ops::init::Planted;
use crate::ops::init::workflow::Workflow;
use crate::ops::machine::MachineReport;
use crate::ops::phylactery::{Contradiction, EntryReport, Exported, HistoryReport};
use crate::ops::propose::Proposed;
use crate::ops::restore::Restored;
use crate::ops::rule::RuledReport;
use crate::ops::signers::SignersReport;
use crate::ops::statement::Spoken;
use crate::ops::survey::{Entry, Shown, Status, Summary};
use crate::ops::tally::TallyReport;
use crate::ops::tidy::Tidied;
use crate::ops::verify::{Receipt, Report};
use crate::ops::vote::Voted;
use crate::ops::watch::read;
use crate::ops::why::Why;
use crate::ops::withdraw::Withdrawn;
use crate::render::json::Answer;

use super::commands::diff::Diff;
use super::commands::key::KeyReport;
use super::commands::phylactery::draft::DraftReport;
use super::commands::print::Printed;
use super::commands::resonance::{Checked, Hashed};
use super::commands::trust::{Forgotten, TrustReport};
use super::commands::watch::{InstallReport, MetricsReport, WatchReport};

/// Every schema with its name: `answer/…` for what a command prints, `file/…` for the front matter of
/// a file, `policy/…` for the policy of a document, `question/…` for what its cases ask, `agent/…` for what an agent
/// answers.
pub fn all() -> Vec<(String, Schema)> {
    fn schema<T: JsonSchema>() -> Schema {
        SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>()
    }
    let questions = enforcement::schemas().into_iter().map(|(document, schema)| (format!("question/{document}"), schema));
    let others = [
        ("answer/init", schema::<Answer<Planted>>()),
        ("answer/init-ci", schema::<Answer<Workflow>>()),
        ("answer/demo", schema::<Answer<Report>>()),
        ("answer/council-list", schema::<Answer<CouncilReport>>()),
        ("answer/council-change", schema::<Answer<Proposed>>()),
        ("answer/key-change", schema::<Answer<Proposed>>()),
        ("answer/key-recovery-sign", schema::<Answer<Enrolled>>()),
        ("answer/key", schema::<Answer<Vec<KeyReport>>>()),
        ("answer/trust", schema::<Answer<TrustReport>>()),
        ("answer/trust-accept-rollback", schema::<Answer<Forgotten>>()),
        ("answer/trust-signers", schema::<Answer<SignersReport>>()),
        ("answer/canon-status", schema::<Answer<Status>>()),
        ("answer/canon-propose", schema::<Answer<Proposed>>()),
        ("answer/canon-vote", schema::<Answer<Voted>>()),
        ("answer/canon-speak", schema::<Answer<Spoken>>()),
        ("answer/canon-enrol", schema::<Answer<Enrolled>>()),
        ("answer/canon-add", schema::<Answer<Added>>()),
        ("answer/canon-print", schema::<Answer<Printed>>()),
        ("answer/canon-rule", schema::<Answer<RuledReport>>()),
        ("answer/canon-withdraw", schema::<Answer<Withdrawn>>()),
        ("answer/canon-verify", schema::<Answer<Report>>()),
        ("answer/canon-verify-receipt", schema::<Answer<Receipt>>()),
        ("answer/canon-checkpoint", schema::<Answer<CheckpointReport>>()),
        ("answer/canon-list", schema::<Answer<Vec<Summary>>>()),
        ("answer/canon-show", schema::<Answer<Shown>>()),
        ("answer/canon-tally", schema::<Answer<TallyReport>>()),
        ("answer/canon-log", schema::<Answer<Vec<Entry>>>()),
        ("answer/canon-diff", schema::<Answer<Diff>>()),
        ("answer/canon-restore", schema::<Answer<Restored>>()),
        ("answer/canon-test", schema::<Answer<TestReport>>()),
        ("answer/canon-ask", schema::<Answer<Answered>>()),
        ("answer/resonance-check", schema::<Answer<Checked>>()),
        ("answer/resonance-token", schema::<Answer<Hashed>>()),
        ("answer/canon-tidy", schema::<Answer<Tidied>>()),
        ("answer/council-machine", schema::<Answer<MachineReport>>()),
        ("answer/ci", schema::<Answer<CiReport>>()),
        ("answer/hook", schema::<Answer<Gated>>()),
        ("answer/hooks", schema::<Answer<Vec<Standing>>>()),
        ("answer/council-convene", schema::<Answer<Convened>>()),
        ("answer/phylactery-get", schema::<Answer<EntryReport>>()),
        ("answer/phylactery-list", schema::<Answer<Vec<EntryReport>>>()),
        ("answer/phylactery-contradictions", schema::<Answer<Vec<Contradiction>>>()),
        ("answer/phylactery-history", schema::<Answer<HistoryReport>>()),
        ("answer/phylactery-draft", schema::<Answer<DraftReport>>()),
        ("answer/phylactery-export", schema::<Answer<Exported>>()),
        ("answer/why", schema::<Answer<Why>>()),
        ("answer/watch", schema::<Answer<WatchReport>>()),
        ("answer/watch-status", schema::<Answer<read::Status>>()),
        ("answer/watch-metrics", schema::<Answer<MetricsReport>>()),
        ("answer/watch-history", schema::<Answer<read::History>>()),
        ("answer/watch-ack", schema::<Answer<read::Acknowledged>>()),
        ("answer/watch-install", schema::<Answer<InstallReport>>()),
        ("answer/events", schema::<Answer<Vec<read::EventReport>>>()),
        ("answer/events-verify", schema::<Answer<read::ChainReport>>()),
        ("answer/credits", schema::<Answer<read::Credits>>()),
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
        ("policy/ECONOMY_MODEL", schema::<Economy>()),
    ];
    others.map(|(name, schema)| (name.to_owned(), schema)).into_iter().chain(questions).collect()
}
