//! What the loop obeys: the ratified services, how they are watched, and what a cycle is worth.

use serde::{Deserialize, Serialize};

use crate::canon::policy::{Economy, Oxyspine, Service, Watch};

/// The ratified rules of the watch. They exist only where the documents are sound and say how to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Rules {
    spine: Oxyspine,
    watch: Watch,
    economy: Option<Economy>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    spine: Oxyspine,
    economy: Option<Economy>,
}

impl TryFrom<Raw> for Rules {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        Self::new(raw.spine, raw.economy)
    }
}

impl From<Rules> for Raw {
    fn from(rules: Rules) -> Self {
        Self { spine: rules.spine, economy: rules.economy }
    }
}

impl Rules {
    /// The rules of two policies.
    ///
    /// # Errors
    /// What is wrong with them, or that they say nothing of how to watch.
    pub fn new(spine: Oxyspine, economy: Option<Economy>) -> Result<Self, String> {
        if let Some(why) = spine.defect().or_else(|| economy.as_ref().and_then(Economy::defect)) {
            return Err(why);
        }
        let watch = spine.watch.clone().ok_or("OXYSPINE_TRINITY does not say how to watch: its policy has no `watch`")?;
        Ok(Self { spine, watch, economy })
    }

    /// The rules of a policy of which nothing is known but its form: for asking what would come of it, not for acting.
    ///
    /// # Errors
    /// Where it says nothing of how to watch.
    pub fn supposed(spine: &Oxyspine) -> Result<Self, String> {
        let watch = spine.watch.clone().ok_or("the policy has no `watch`")?;
        Ok(Self { spine: spine.clone(), watch, economy: None })
    }

    /// The services, as they are written.
    pub fn services(&self) -> &[Service] {
        &self.spine.services
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.spine.service(name)
    }

    /// The services in the order in which they come back.
    pub fn in_recovery_order(&self) -> impl Iterator<Item = &Service> {
        self.spine.recovery_order.iter().filter_map(|name| self.service(name))
    }

    /// How they are watched.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// How far back runs count that were turned away, in seconds: twenty periods, and ten minutes at least.
    pub fn lately_s(&self) -> u64 {
        (20 * u64::from(self.watch.period_s)).max(600)
    }

    /// What events are worth; nothing, where no ECONOMY_MODEL is ratified.
    pub fn economy(&self) -> Option<&Economy> {
        self.economy.as_ref()
    }

    /// How many of an event one day tolerates; nothing, where it has no budget.
    pub fn budget(&self, event: &str) -> Option<u32> {
        self.economy.as_ref()?.budgets.iter().find(|budget| budget.event == event).map(|budget| budget.per_day)
    }

    /// All that a service needs, and all that those need. Needs run in no circle.
    pub fn ancestors(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = self.service(name).into_iter().flat_map(|service| &service.needs).map(String::as_str).collect();
        while let Some(next) = open.pop() {
            if !found.contains(&next) {
                found.push(next);
                open.extend(self.service(next).into_iter().flat_map(|service| &service.needs).map(String::as_str));
            }
        }
        found
    }
}
