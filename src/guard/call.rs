//! One tool call, whichever agent makes it.

use std::path::PathBuf;

use serde_json::Value;

/// What an agent is about to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The folder that it works in.
    pub dir: PathBuf,
    /// The tool with its arguments.
    pub tool: Tool,
}

/// A tool with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// A tool by its name, as the agent calls it.
    Named {
        /// The name.
        name: String,
        /// The arguments.
        input: Value,
    },
    /// A command for a shell.
    Shell(String),
    /// A file is read.
    Read,
}
