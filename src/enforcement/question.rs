//! What can be asked of a policy, by document.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::canon::policy::{Consensus, Constitution, Economy, Identity, Memory, Oxyspine, PeacePipe, Security};
use crate::canon::{DocumentName, de};

/// A policy that answers questions.
pub(super) trait Answers: DeserializeOwned + JsonSchema + 'static {
    /// The questions that it answers: in a case the field `ask` says which one it is. Their types say so to the schema alone,
    /// because serde would read what is tagged so by laxer rules.
    type Question: DeserializeOwned + JsonSchema;

    /// What it yields. The question is whole; that it may be absurd is part of the answer.
    fn answer(&self, question: Self::Question) -> Value;
}

/// Puts questions to one policy.
pub type Engine = Box<dyn Fn(&Value) -> Result<Value, String>>;

/// A document whose policy omega obeys.
pub struct Obeyed {
    /// Its name.
    pub name: &'static str,
    /// Puts questions to a policy of its type, or says why it is none.
    pub engine: fn(&Value) -> Result<Engine, String>,
    /// The schema of the policy.
    pub policy: fn() -> Schema,
    /// The schema of the questions.
    pub question: fn() -> Schema,
}

fn entry<P: Answers>(name: &'static str) -> Obeyed {
    Obeyed { name, engine: engine::<P>, policy: schema::<P>, question: schema::<P::Question> }
}

fn engine<P: Answers>(policy: &Value) -> Result<Engine, String> {
    let policy = de::from_value::<P>(policy)?;
    Ok(Box::new(move |given| Ok(policy.answer(de::from_tagged("ask", given)?))))
}

fn schema<T: JsonSchema>() -> Schema {
    SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>()
}

/// All documents that omega obeys.
pub(super) fn all() -> [Obeyed; 8] {
    [
        entry::<Identity>("OMEGA_IDENTITY"),
        entry::<Oxyspine>("OXYSPINE_TRINITY"),
        entry::<PeacePipe>("PEACE_PIPE_PROTOCOL"),
        entry::<Memory>("MEMORY_CONSTITUTION"),
        entry::<Security>("SECURITY_AND_PRIVACY"),
        entry::<Consensus>("CONSENSUS_ENGINE"),
        entry::<Economy>("ECONOMY_MODEL"),
        entry::<Constitution>("CONSTITUTION"),
    ]
}

/// A document that omega obeys, if it is one.
pub fn obeyed(name: &DocumentName) -> Option<Obeyed> {
    all().into_iter().find(|obeyed| obeyed.name == name.as_str())
}

/// The schemas of all questions, by document.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    all().into_iter().map(|obeyed| (obeyed.name, (obeyed.question)())).collect()
}

/// An answer as a value.
pub(super) fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).expect("answers are texts, numbers, lists and maps with string keys")
}
