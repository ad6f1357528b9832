//! What this machine lacks to carry out the ratified rules: reported at the start, before it is needed.

use std::path::Path;

use serde::Serialize;

use crate::canon::policy::Probe;
use crate::net::Receipt;
use crate::watch::Rules;
use crate::watch::outbox::Message;
use crate::words::words;
use crate::workspace::Error;

use super::world::World;
use super::{canon, tell};

words! {
    /// What is checked.
    pub enum Subject {
        /// A way to tell people.
        Channel = "channel",
        /// The program that heals a service.
        Heal = "heal",
        /// The program that asks how a service is.
        Probe = "probe",
        /// The address that is asked after each whole cycle.
        DeadMan = "dead_man",
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Check {
    /// What it is.
    pub subject: Subject,
    /// The channel or the service.
    pub name: String,
    /// What is wrong; nothing, if it is ready.
    pub lacks: Option<String>,
}

impl Check {
    /// What is wrong with it, as a sentence without its end; nothing, if it is ready.
    pub fn warning(&self) -> Option<String> {
        let (name, lacks) = (&self.name, self.lacks.as_ref()?);
        Some(match self.subject {
            Subject::Channel => format!("{name} cannot be told: {lacks}"),
            Subject::Heal => format!("{name} cannot be healed: {lacks}"),
            Subject::Probe => format!("{name} cannot be asked: {lacks}"),
            Subject::DeadMan => format!("{name} was not reached: {lacks}"),
        })
    }
}

/// Looks whether all that the rules name is on this machine. Runs nothing, and sends nothing.
pub(super) fn setup(world: &World<'_>, rules: &Rules) -> Vec<Check> {
    let channels = rules.watch().channels.iter();
    let mut checks: Vec<Check> = channels
        .map(|channel| Check { subject: Subject::Channel, name: channel.name.clone(), lacks: tell::lacks(world, rules, channel) })
        .collect();
    for service in rules.services() {
        let program =
            |subject, argv: &[String]| Check { subject, name: service.name.clone(), lacks: tell::ready(world, rules, argv).err() };
        checks.extend(service.heal.as_deref().map(|argv| program(Subject::Heal, argv)));
        if let Some(Probe::Command(argv)) = service.probe() {
            checks.push(program(Subject::Probe, argv));
        }
    }
    checks
}

/// What is lacking, in sentences.
pub(super) fn warnings(world: &World<'_>, rules: &Rules) -> Vec<String> {
    setup(world, rules).iter().filter_map(Check::warning).collect()
}

/// Checks all that the rules name, and sends each channel a message that says that it is a test. Heals nothing.
///
/// # Errors
/// Where the canon gives no rules to check.
pub fn check(store: &Path, world: &World<'_>) -> Result<Vec<Check>, Error> {
    let rules = match canon::look(world, (world.now)()) {
        canon::Found { rules: Some(Ok(rules)), .. } => rules,
        canon::Found { rules: Some(Err(why)), .. } => return Err(canon::without_rules(&why)),
        canon::Found { seen, .. } => return Err(Error::blind(format!("the canon {}", seen.describe()), "omega canon verify")),
    };
    let mut checks = setup(world, &rules);
    for (channel, check) in rules.watch().channels.iter().zip(&mut checks) {
        if check.lacks.is_none() {
            let text = format!("OMEGA watch\n[{}] this is a test of the channel {}\n", channel.least.as_str().to_uppercase(), channel.name);
            let message = Message { text, level: channel.least, covers: Vec::new() };
            check.lacks = refusal(world, tell::errand(world, &rules, store, channel, &message)());
        }
    }
    if let Some(errand) = world.channels.alive() {
        let name = "the dead man's switch".to_owned();
        checks.push(Check { subject: Subject::DeadMan, name, lacks: refusal(world, errand()) });
    }
    Ok(checks)
}

fn refusal(world: &World<'_>, receipt: Receipt) -> Option<String> {
    match receipt {
        Receipt::Sent => None,
        Receipt::Again { why, .. } | Receipt::Refused { why } => Some(world.secrets.redact(&why)),
    }
}
