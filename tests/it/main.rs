//! The tests that drive the real binary on real temporary repositories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop where they fail")]
#![allow(clippy::type_complexity, reason = "tables of cases are read where they stand")]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests drive real programs and say what they measured")]

mod answers;
mod forgeries;
mod kit;

mod architecture;
mod attacks;
mod branches;
mod carried;
mod cases;
mod checkpoints;
mod ci;
mod clones;
mod completions;
mod council;
mod crashes;
mod documents;
mod editor;
mod fuzz_smoke;
mod gates;
mod golden;
mod guard;
mod hands;
mod hints;
mod independent;
mod lifecycle;
mod mistakes;
mod mutations;
mod pager;
mod pages;
mod phylactery;
mod phylactery_laws;
mod picture;
mod planting;
mod preconditions;
mod profiles;
mod refusals;
mod repositories;
mod revert;
mod roster;
mod signatures;
mod smoke;
mod surprises;
mod team;
mod trust;
mod watch;
mod ways;
mod why;
mod worktree;

use kit::{forge, sample, world};
