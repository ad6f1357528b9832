//! The questions of each document, put to the room that decides.

mod consensus;
mod constitution;
mod economy;
mod identity;
mod memory;
mod oxyspine;
mod peace_pipe;
mod roster;
mod security;
