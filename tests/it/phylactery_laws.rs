//! Any sequence of acts on entries leads to what a model says that knows nothing of ledgers and bytes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::world::World;

const KEYS: [&str; 2] = ["style/tone", "memory/guest"];

#[derive(Clone, Copy, Debug)]
enum Act {
    Set,
    Supersede,
    /// A draft, new or next, that the Chief rejects.
    Reject,
    PurgeOld,
    PurgeWhole,
}

/// An entry: what each ratified version said, until it was purged; and which one is in force.
#[derive(Clone, Debug, Default)]
struct Model {
    versions: Vec<Option<String>>,
    live: Option<usize>,
    /// Whether the bytes of a rejected draft lie there.
    rejected: bool,
}

impl Model {
    /// Whether the act is allowed; then it has happened.
    fn act(&mut self, act: Act, value: &str) -> bool {
        match act {
            Act::Set if self.live.is_some() => return false,
            Act::Supersede if self.live.is_none() => return false,
            Act::Set | Act::Supersede => {
                self.versions.push(Some(value.to_owned()));
                self.live = Some(self.versions.len() - 1);
            }
            Act::Reject => self.rejected = true,
            Act::PurgeOld => {
                let live = self.live;
                let old = |(index, version): &(usize, &mut Option<String>)| Some(*index) != live && version.is_some();
                let gone: Vec<_> = self.versions.iter_mut().enumerate().filter(old).map(|(_, version)| version.take()).collect();
                return !gone.is_empty();
            }
            Act::PurgeWhole => {
                let any = self.rejected || self.versions.iter().any(Option::is_some);
                *self = Self { versions: vec![None; self.versions.len()], live: None, rejected: false };
                return any;
            }
        }
        true
    }
}

/// Does it with the binary; says whether it was allowed.
fn acts(world: &World, act: Act, entry: &str, value: &str, is_live: bool) -> bool {
    let verb = match act {
        Act::Set => "set",
        Act::Supersede => "supersede",
        Act::Reject if is_live => "supersede",
        Act::Reject => "set",
        Act::PurgeOld | Act::PurgeWhole => "purge",
    };
    let rest: &[&str] = match act {
        Act::PurgeOld => &["--all-old"],
        Act::PurgeWhole => &["--whole"],
        _ => &["--value", value, "--source", "a model", "--propose"],
    };
    let args = [&["phylactery", verb, entry, "--reason", "x", "--yes", "--format", "json"], rest].concat();
    let before = world.traces();
    let ran = world.chief(&args);
    if ran.code != Some(0) {
        assert!(matches!(ran.code, Some(2 | 10)), "{ran:?}");
        assert_eq!(world.traces(), before);
        return false;
    }
    let report = &ran.json()["report"];
    let id = report.get("proposed").unwrap_or(report)["resolution"].as_str().unwrap().to_owned();
    let verdict = if matches!(act, Act::Reject) { "reject" } else { "approve" };
    world.chief(&["canon", "rule", &id, verdict, "--reason", "So be it.", "--yes"]).exits(0);
    true
}

#[track_caller]
fn holds(world: &World, models: &BTreeMap<&str, Model>) {
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    let read = |args: &[&str]| world.omega(&[&["phylactery"], args, &["--format", "json"]].concat());
    let listed = read(&["list"]).exits(0).json()["report"].clone();
    for (entry, model) in models {
        let key = entry.split_once('/').unwrap().1;
        let found = listed.as_array().unwrap().iter().find(|found| found["key"] == key).map(|found| found["value"].clone());
        let live = model.live.map(|live| Value::from(model.versions[live].clone().expect("what is in force is not purged")));
        assert_eq!(found, live, "{entry}");
        if model.versions.is_empty() {
            read(&["history", entry]).exits(2);
            continue;
        }
        let history = read(&["history", entry]).exits(0).json()["report"]["versions"].clone();
        let said: Vec<Option<String>> =
            history.as_array().unwrap().iter().map(|version| version["content"]["value"].as_str().map(str::to_owned)).collect();
        assert_eq!(said, model.versions, "{entry}");
        for (index, version) in history.as_array().unwrap().iter().enumerate() {
            assert_eq!(version["live"], Some(index) == model.live);
            assert_eq!(version.get("purged_by").is_some(), model.versions[index].is_none());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_are_what_a_model_says(
        acts_on in prop::collection::vec(
            (prop_oneof![3 => Just(Act::Set), 3 => Just(Act::Supersede), 1 => Just(Act::Reject), 1 => Just(Act::PurgeOld), 1 => Just(Act::PurgeWhole)], 0..KEYS.len()),
            8,
        )
    ) {
        let world = World::planted(&[]);
        let mut models: BTreeMap<&str, Model> = KEYS.iter().map(|key| (*key, Model::default())).collect();
        for (number, (act, key)) in acts_on.into_iter().enumerate() {
            let (entry, value) = (KEYS[key], format!("take {number}"));
            let model = models.get_mut(entry).unwrap();
            let is_live = model.live.is_some();
            let allowed = model.act(act, &value);
            prop_assert_eq!(acts(&world, act, entry, &value, is_live), allowed, "{:?} on {} at step {}", act, entry, number);
        }
        holds(&world, &models);
    }
}
