//! The watch: its mind in a simulated world, and the real program among real services.

mod certificate;
mod chain;
mod channels;
mod incidents;
mod setup;
mod simulator;
mod site;
mod thinking;
