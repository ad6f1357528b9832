//! Which rules of a policy its cases hold in place: a rule is covered where another value of it gives another answer
//! to some case. So no case can claim a rule that it does not depend on.

use std::collections::BTreeSet;

use schemars::Schema;
use serde::Serialize;
use serde_json::Value;

use crate::canon::document::Case;
use crate::canon::{Document, DocumentName, FrontError};

use super::question::{Engine, Obeyed, obeyed};

/// One rule of a policy: a field, wherever it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Rule {
    /// The field, as in `services[].critical`.
    pub field: String,
    /// How many values it has.
    pub values: usize,
    /// How many of them some case depends on.
    pub covered: usize,
}

impl Rule {
    /// Whether no case depends on it.
    pub fn is_free(&self) -> bool {
        self.covered == 0
    }
}

/// The rules of a document's policy, in order, given its exact bytes. None, if omega obeys no document of this
/// name. A list or field that is empty is no rule.
///
/// # Errors
/// When the bytes are no document, or its policy breaks its type.
pub fn coverage(name: &DocumentName, bytes: &[u8]) -> Result<Vec<Rule>, FrontError> {
    rules(name, bytes, false)
}

/// The fields that no case depends on. The same as [`coverage`] says, and quicker: one value that is covered is enough.
///
/// # Errors
/// As for [`coverage`].
pub fn free(name: &DocumentName, bytes: &[u8]) -> Result<Vec<String>, FrontError> {
    Ok(rules(name, bytes, true)?.into_iter().filter(Rule::is_free).map(|rule| rule.field).collect())
}

fn rules(name: &DocumentName, bytes: &[u8], one_is_enough: bool) -> Result<Vec<Rule>, FrontError> {
    let document = Document::known(bytes)?;
    crate::canon::policy::check(name, bytes)?;
    let Some(obeyed) = obeyed(name) else { return Ok(Vec::new()) };
    let policy = Value::Object(document.policy.clone());
    let Ok(engine) = (obeyed.engine)(&policy) else { return Ok(Vec::new()) };
    let spots = spots(&policy);
    let mut bench = Bench::new(obeyed, policy, &engine, &document.enforcement);
    let mut fields: Vec<(String, Vec<Spot>)> = Vec::new();
    for spot in spots {
        match fields.iter_mut().find(|(field, _)| *field == spot.field) {
            Some((_, spots)) => spots.push(spot),
            None => fields.push((spot.field.clone(), vec![spot])),
        }
    }
    let rule = |(field, spots): (String, Vec<Spot>)| {
        let covered = if one_is_enough {
            // To take a value out is tried first: that is one policy, and others are many.
            usize::from(spots.iter().any(|spot| bench.is_missed(spot)) || spots.iter().any(|spot| bench.is_told_apart(spot)))
        } else {
            spots.iter().filter(|spot| bench.is_missed(spot) || bench.is_told_apart(spot)).count()
        };
        Rule { field, values: spots.len(), covered }
    };
    Ok(fields.into_iter().map(rule).collect())
}

/// One value of a policy.
struct Spot {
    field: String,
    /// The way to it, as a JSON pointer.
    pointer: String,
    value: Value,
}

/// All values of a policy that are no maps or lists themselves.
fn spots(policy: &Value) -> Vec<Spot> {
    fn walk(value: &Value, field: &str, pointer: &str, out: &mut Vec<Spot>) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    let dot = if field.is_empty() { "" } else { "." };
                    walk(value, &format!("{field}{dot}{name}"), &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), out);
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    walk(value, &format!("{field}[]"), &format!("{pointer}/{at}"), out);
                }
            }
            Value::Null => {}
            value => out.push(Spot { field: field.to_owned(), pointer: pointer.to_owned(), value: value.clone() }),
        }
    }
    let mut out = Vec::new();
    walk(policy, "", "", &mut out);
    out
}

/// Where other policies are tried out.
struct Bench {
    obeyed: Obeyed,
    /// The policy as it is, whenever nothing is being tried out.
    policy: Value,
    schema: Schema,
    cases: Vec<Value>,
    answers: Vec<Option<Value>>,
    /// Texts that a rule could hold instead: what the cases speak of.
    words: Vec<String>,
}

impl Bench {
    fn new(obeyed: Obeyed, policy: Value, engine: &Engine, cases: &[Case]) -> Self {
        let cases: Vec<Value> = cases.iter().map(|case| Value::Object(case.given.clone())).collect();
        let answers = cases.iter().map(|given| engine(given).ok()).collect();
        let mut words = BTreeSet::new();
        cases.iter().for_each(|given| texts(given, &mut words));
        let schema = (obeyed.policy)();
        Self { obeyed, policy, schema, cases, answers, words: words.into_iter().collect() }
    }

    /// Whether some case is answered otherwise without the value.
    fn is_missed(&mut self, spot: &Spot) -> bool {
        let Some((around, name)) = spot.pointer.rsplit_once('/') else { return false };
        // What is around a single value is small beside the policy, most of the time.
        let Some(before) = self.policy.pointer(around).cloned() else { return false };
        if let Some(around) = self.policy.pointer_mut(around) {
            remove(around, name);
        }
        let differs = self.differs();
        self.put(around, before);
        differs
    }

    /// Whether some case is answered otherwise with another value.
    fn is_told_apart(&mut self, spot: &Spot) -> bool {
        let differs = self.others(spot).into_iter().any(|other| {
            self.put(&spot.pointer, other);
            self.differs()
        });
        self.put(&spot.pointer, spot.value.clone());
        differs
    }

    fn put(&mut self, pointer: &str, value: Value) {
        if let Some(place) = self.policy.pointer_mut(pointer) {
            *place = value;
        }
    }

    /// Whether the policy as it stands now answers some case otherwise. What is no policy answers nothing.
    fn differs(&self) -> bool {
        let Ok(engine) = (self.obeyed.engine)(&self.policy) else { return false };
        self.cases.iter().zip(&self.answers).any(|(given, answer)| engine(given).ok() != *answer)
    }

    /// Values that could stand there instead.
    fn others(&self, spot: &Spot) -> Vec<Value> {
        match &spot.value {
            Value::Bool(is) => vec![Value::Bool(!is)],
            Value::Number(number) => {
                let number = number.as_u64().unwrap_or_default();
                let around = [number + 1, number.saturating_sub(1), 0, 1, 2, 3, number / 2, number * 2, number * 10, 1_000_000];
                around.into_iter().filter(|other| *other != number).map(Value::from).collect()
            }
            Value::String(text) => {
                let known = self.known(&spot.pointer);
                let fractions = ["0/1", "1/10", "1/4", "1/3", "1/2", "2/3", "3/4", "9/10", "1/1"].map(str::to_owned);
                let other = if !known.is_empty() {
                    known
                } else if text.split_once('/').is_some_and(|(a, b)| a.parse::<u32>().is_ok() && b.parse::<u32>().is_ok()) {
                    fractions.into()
                } else {
                    let made = [format!("{text}x"), "x".to_owned(), "0".to_owned(), "**".to_owned()];
                    made.into_iter().chain(self.words.iter().cloned()).collect()
                };
                other.into_iter().filter(|other| other != text).map(Value::String).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The words that the schema allows at a place, if it names them.
    fn known(&self, pointer: &str) -> Vec<String> {
        let root = self.schema.as_value();
        let mut at = resolve(root, root);
        for part in pointer.split('/').skip(1) {
            let next = match part.parse::<usize>() {
                Ok(_) => at.get("items"),
                Err(_) => at.get("properties").and_then(|fields| fields.get(part)).or_else(|| at.get("additionalProperties")),
            };
            let Some(next) = next else { return Vec::new() };
            at = resolve(root, next);
        }
        let mut words = BTreeSet::new();
        for list in ["enum", "oneOf", "anyOf"] {
            for item in at.get(list).and_then(Value::as_array).into_iter().flatten() {
                let item = resolve(root, item);
                words.extend(item.as_str().or_else(|| item.get("const").and_then(Value::as_str)).map(str::to_owned));
                words.extend(item.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            }
        }
        words.into_iter().collect()
    }
}

/// A schema without the reference that stands for it.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    if let Some(found) = reference.and_then(|pointer| root.pointer(pointer)) {
        return resolve(root, found);
    }
    // What may be left out is that, or nothing.
    let either = schema.get("anyOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_nothing = |item: &&Value| item.get("type").and_then(Value::as_str) == Some("null");
    match either {
        [_, _] if either.iter().any(|item| is_nothing(&item)) => {
            either.iter().find(|item| !is_nothing(item)).map_or(schema, |found| resolve(root, found))
        }
        _ => schema,
    }
}

fn texts(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(out.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(map) => map.values().for_each(|item| texts(item, out)),
        _ => {}
    }
}

/// Takes a value out of the list or map that holds it, given the last part of its pointer.
fn remove(around: &mut Value, name: &str) {
    match around {
        Value::Array(items) => {
            if let Some(at) = name.parse::<usize>().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        Value::Object(map) => drop(map.remove(&name.replace("~1", "/").replace("~0", "~"))),
        _ => {}
    }
}
