use std::path::PathBuf;

use serde::Serialize;

use super::StoreArg;
use crate::cli::Answer;
use crate::daemon;
use crate::terminal::context::Context;
use crate::terminal::environment;
use crate::terminal::failure::{Exit, Failure};
use crate::workspace::Error;

/// Print how things are, for Prometheus.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write it into this file, whole or not at all, as the textfile collector of node_exporter wants it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArg,
}

/// The metrics.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct MetricsReport {
    /// In Prometheus' own text form.
    pub text: String,
    /// The file that was written, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let place = args.store.place(context)?;
    let text = daemon::metrics_of(&place.store, environment::now())?;
    let Some(file) = &args.output else {
        return Ok(Answer::exact(Exit::Done, text.clone(), &MetricsReport { text, file: None }));
    };
    let file = context.dir.join(file);
    let folder = file.parent().unwrap_or(&context.dir);
    let failed = |error: &std::io::Error| Error::io("write", &file, error);
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut fresh, text.as_bytes()).map_err(|error| failed(&error))?;
    {
        // The collector is another user.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fresh.as_file().set_permissions(mode).map_err(|error| failed(&error))?;
    }
    fresh.persist(&file).map_err(|error| failed(&error.error))?;
    let report = MetricsReport { text, file: Some(file.display().to_string()) };
    Ok(Answer::new(Exit::Done, String::new(), &report))
}
