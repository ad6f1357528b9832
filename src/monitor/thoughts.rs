//! What the watch would do now: it looks, thinks, acts on nothing and writes nothing.

use serde::Serialize;

use crate::store::{Store, StoreError};
use crate::watch::answer::Took;
use crate::watch::heal::HealEnd;
use crate::watch::{Action, Healed, Health, Seen, health, think};
use crate::workspace::Error;

use super::hands;
use super::kept::Kept;
use super::watcher::Place;
use super::world::World;
use super::{ask, canon, check};

/// What the watch would do now.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Thoughts {
    /// How all of it is.
    pub health: Health,
    /// Whether the canon holds, in words.
    pub canon: String,
    /// What was seen of each service.
    pub services: Vec<Thought>,
    /// Copies of governed files that are not what is ratified, and why.
    pub drifted: Vec<super::read::Drifted>,
    /// What it would run now.
    pub heal: Vec<HealThought>,
    /// What it would tell.
    pub tell: Vec<String>,
    /// What this machine lacks for what is ratified: secrets of channels, programs.
    pub lacking: Vec<String>,
}

/// What was seen of a service, and where it would stand.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Thought {
    /// Its name.
    pub name: String,
    /// What was seen: `healthy`, `degraded`, `down` or `unknown`.
    pub seen: String,
    /// More about that.
    pub detail: String,
    /// Where it would stand.
    pub phase: crate::watch::Phase,
    /// How long the answer took.
    pub took: Took,
}

/// A command that would be run.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct HealThought {
    /// The service.
    pub service: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
}

/// Looks and thinks.
///
/// # Errors
/// Where there is nothing to watch by, or the store cannot be read.
pub fn thoughts(place: &Place, world: &World<'_>) -> Result<Thoughts, Error> {
    let kept = match Store::read(&place.store) {
        Ok(store) => Kept::read(&store)?,
        Err(StoreError::Missing { .. }) => Kept::default(),
        Err(error) => return Err(error.into()),
    };
    let found = canon::look(world, (world.now)());
    let words = found.seen.describe();
    let rules = match found.rules {
        Some(Ok(rules)) => rules,
        Some(Err(why)) => {
            return Err(canon::without_rules(&why));
        }
        None => kept.rules.clone().ok_or_else(|| Error::blind(format!("the canon {words}"), "omega verify"))?,
    };
    let heard = ask::all(world, &rules, rules.services().iter());
    let round = crate::watch::Round {
        services: heard.iter().map(|(name, heard)| (name.clone(), heard.class.clone())).collect(),
        took: heard.iter().map(|(name, heard)| (name.clone(), heard.took)).collect(),
        copies: hands::copies(&rules, &found.seen, &found.ratified),
        canon: found.seen,
        faults: Vec::new(),
        acknowledged: Vec::new(),
        turned_away: 0,
    };
    let (mut state, actions) = think(&kept.state, &Seen::Round(round), &rules, &hands::moment(world));
    let mut heal = Vec::new();
    for action in actions {
        let Action::Heal(wanted) = action else { continue };
        heal.push(HealThought { service: wanted.service.clone(), argv: wanted.argv });
        let unsaid = Healed { intent: wanted.intent, service: wanted.service, end: HealEnd::NotRun, said: String::new(), more: false };
        state = think(&state, &Seen::Healed(unsaid), &rules, &hands::moment(world)).0;
    }
    let verdict = health::health(&state, &rules);
    let (state, actions) = think(&state, &Seen::End, &rules, &hands::moment(world));
    let tell = actions.iter().filter_map(|action| if let Action::Alert(alert) = action { Some(alert.text.clone()) } else { None });
    let services = heard.iter().map(|(name, heard)| Thought {
        name: name.clone(),
        seen: heard.class.word().to_owned(),
        detail: heard.class.detail().to_owned(),
        phase: state.services.get(name).map_or(crate::watch::Phase::Unknown, |standing| standing.phase),
        took: heard.took,
    });
    Ok(Thoughts {
        health: verdict,
        canon: words,
        services: services.collect(),
        drifted: state.drifted.iter().map(|(file, why)| super::read::Drifted { file: file.clone(), why: why.clone() }).collect(),
        heal,
        tell: tell.collect(),
        lacking: check::warnings(world, &rules),
    })
}
