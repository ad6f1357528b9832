//! The constitution as files: names, paths, the one file format, documents with their policies, members.

pub mod alias;
pub(crate) mod de;
pub mod document;
pub mod front;
pub mod glob;
pub mod instructions;
pub mod layout;
pub mod lint;
pub mod look;
pub mod member;
pub mod names;
pub mod node;
pub mod path;
mod plain;
pub mod planted;
pub mod policy;
pub mod ratio;
pub mod risk;
pub mod text;
mod yaml;

pub use document::Document;
pub use front::FrontError;
pub use glob::{Glob, Who};
pub use layout::{Domain, Place};
pub use look::Look;
pub use member::{Kind, Member, Role, Roster};
pub use names::{DocumentName, EntryKey, MemberName, ResolutionId, Version};
pub use path::RepoPath;
pub use ratio::Ratio;
pub use risk::{ByRisk, Risk};
