use serde::{Deserialize, Serialize};

use super::service::Service;
use super::watch::{Watch, first_twice};
use crate::canon::ByRisk;

/// The policy of OXYSPINE_TRINITY.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oxyspine {
    /// The spinal services.
    pub services: Vec<Service>,
    /// In which order they come back after a full stop.
    pub recovery_order: Vec<String>,
    /// How they are watched; without it there is no watch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// Names that must not be used any more.
    pub legacy_names: Vec<String>,
    /// Authority 0 to 3 by stakes and consent.
    pub authority: ByRisk<Authority>,
    /// What each authority level means, from 0 up.
    pub authority_words: Vec<String>,
    /// The resonance headers.
    pub headers: Vec<Header>,
    /// Which service answers, by stakes.
    pub routing: ByRisk<String>,
}

/// Authority by consent, for one class of stakes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Without consent.
    pub none: u8,
    /// With consent to read.
    pub read_only: u8,
    /// With consent to act locally.
    pub local_actions: u8,
    /// With consent to act outside.
    pub external_actions: u8,
}

/// One resonance header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// The values it may have; empty where any text is valid.
    pub values: Vec<String>,
    /// What holds where it is absent; without one it may stay absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Oxyspine {
    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// What is wrong with the services and how they are watched.
    pub fn defect(&self) -> Option<String> {
        let names: Vec<&str> = self.services.iter().map(|service| service.name.as_str()).collect();
        if let Some(why) = self.authority_defect() {
            return Some(why);
        }
        if let Some(why) = self.services.iter().find_map(Service::defect) {
            return Some(why);
        }
        if let Some(name) = first_twice(&names) {
            return Some(format!("the service {name} appears twice"));
        }
        for service in &self.services {
            if let Some(other) = service.needs.iter().find(|other| !names.contains(&other.as_str())) {
                return Some(format!("{} needs `{other}`, which is not a service", service.name));
            }
            if let Some(other) = first_twice(&service.needs) {
                return Some(format!("{} needs {other} twice", service.name));
            }
        }
        if let Some(why) = self.order_defect(&names) {
            return Some(why);
        }
        let watch = self.watch.as_ref()?;
        let mut named = watch.maintenance.iter().flat_map(|window| &window.services);
        if let Some(other) = named.find(|other| !names.contains(&other.as_str())) {
            return Some(format!("the maintenance of `{other}` is of no service"));
        }
        watch.defect()
    }

    /// The order in which services come back holds each once, after all that it needs. Such an order exists only
    /// where no needs run in a circle.
    fn order_defect(&self, names: &[&str]) -> Option<String> {
        let order = &self.recovery_order;
        if let Some(name) = first_twice(order) {
            return Some(format!("recovery_order names {name} twice"));
        }
        if let Some(name) = order.iter().find(|name| !names.contains(&name.as_str())) {
            return Some(format!("recovery_order names `{name}`, which is not a service"));
        }
        if let Some(name) = names.iter().find(|name| !order.iter().any(|other| other == *name)) {
            return Some(format!("recovery_order leaves out {name}"));
        }
        let place = |name: &str| order.iter().position(|other| other == name);
        self.services.iter().find_map(|service| {
            let early = service.needs.iter().find(|needed| place(needed) >= place(&service.name))?;
            Some(format!("recovery_order brings {} back before {early}, which it needs", service.name))
        })
    }

    /// What is wrong with the table of authority.
    pub fn authority_defect(&self) -> Option<String> {
        let Authority { none, read_only, local_actions, external_actions } = &self.authority.critical;
        if [none, read_only, local_actions, external_actions].iter().any(|level| **level != 0) {
            return Some("at critical stakes no consent gives any authority: all four levels are 0".to_owned());
        }
        let most = self.authority_words.len();
        let all = self.authority.iter().flat_map(|(_, row)| [row.none, row.read_only, row.local_actions, row.external_actions]);
        all.into_iter().find(|level| usize::from(*level) >= most).map(|level| format!("there is no word for the authority {level}"))
    }
}
