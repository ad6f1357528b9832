use crate::cli::Answer;
use crate::render::machine as drawn;
use crate::survey::machine;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};

/// Draw the ratified protocol: the stages of a resolution and the ways between them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega council machine
  omega council machine --draw mermaid > machine.mmd
  omega council machine --draw dot | dot -Tsvg > machine.svg")]
pub struct Args {
    /// How to draw it.
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    draw: Draw,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Draw {
    /// A table.
    #[default]
    Text,
    /// A Mermaid state diagram.
    Mermaid,
    /// A Graphviz graph.
    Dot,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let report = machine::machine(&context.repo()?, context.threads)?;
    let drawing = match args.draw {
        Draw::Text => drawn::table(&report),
        Draw::Mermaid => drawn::mermaid(&report),
        Draw::Dot => drawn::dot(&report),
    };
    Ok(Answer::new(Exit::Done, drawing, &report))
}
