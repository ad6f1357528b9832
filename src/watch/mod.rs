//! The loop's mind: observe, think, act, verify, remember, as a function from what was and what is seen to what is
//! and what is to be done. Nothing here asks a service, a disk or a clock.

pub mod answer;
pub mod clock;
pub mod heal;
pub mod health;
pub mod incident;
pub mod outbox;
pub mod rehearse;
pub mod rules;
pub mod service;
pub mod state;
pub mod think;
pub mod trouble;
pub mod window;

pub use answer::{Answer, Cause, Class, Ended, Grade};
pub use clock::Moment;
pub use heal::{Heal, HealEnd, Healed};
pub use health::Health;
pub use incident::{Alert, AlertKind};
pub use rules::Rules;
pub use service::{Phase, ServiceStatus};
pub use state::State;
pub use think::{Action, CanonSeen, CopySeen, Event, Round, Seen, think};
