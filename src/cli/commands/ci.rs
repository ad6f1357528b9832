use std::io::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::Answer;
use crate::digest::Digest;
use crate::gates::ci::{Asked, CiReport, Judge, Wanted};
use crate::render::{ci, code_quality, github, junit, sarif, summary};
use crate::survey::verify::Conclusion;
use crate::terminal::context::Context;
use crate::terminal::failure::{Exit, Failure};
use crate::terminal::{ask, environment, job};
use crate::workspace::Error;

/// What forges take as the page of a step.
const MOST_OF_A_STEP: usize = 1 << 20;

/// Judge a change before it is merged, as the required check of a pull request.
///
/// What is judged is the merge of the head into the base. The base says what is governed and which rulings have to be there;
/// the root comes from outside, never from the tree. In jobs of GitHub, GitLab, Forgejo and Gitea both sides are found by
/// themselves. A change that touches nothing governed always passes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  omega ci                                 in a job of a forge
  omega ci --base origin/main --head HEAD  judge this branch
  omega ci --allow-pending                 drafts of open proposals pass
  omega ci --sarif omega.sarif --junit omega.xml

Exit codes: 0 passed, 11 violation, 12 drafts that are not ratified, 13 cannot verify.")]
pub struct Args {
    /// What the change would be merged into.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// What would be merged; HEAD where only the base is named.
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// The root to trust, instead of the pinned one; else OMEGA_ROOT says it.
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
    /// Take drafts of open proposals for a success.
    #[arg(long)]
    allow_pending: bool,
    /// Whose annotations to print; in jobs that understand those of GitHub, they are printed by themselves.
    #[arg(long, value_enum, value_name = "FORGE")]
    annotations: Option<Annotations>,
    /// Write a summary in Markdown; in jobs of GitHub it goes to the page of the job by itself.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Leave the pull request without a comment. Else one is written and kept up to date, where the job has a token.
    #[cfg(feature = "services")]
    #[arg(long)]
    no_comment: bool,
    /// Write the findings as SARIF 2.1.0.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Write the findings as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the findings as GitLab's report of code quality.
    #[arg(long, value_name = "FILE")]
    code_quality: Option<PathBuf>,
}

/// Whose annotations are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Annotations {
    /// Those that GitHub, Gitea and Forgejo show.
    Github,
    /// None.
    None,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let in_job = environment::variable("GITHUB_ACTIONS").is_some_and(|says| says == "true");
    let annotates = args.annotations.map_or(in_job, |annotations| annotations == Annotations::Github);
    let ran = attempt(context, args, annotates, in_job);
    // Whatever went wrong and whenever, its words may come from the change, and the runner of the job reads them.
    ran.map_err(|failure| if annotates || in_job { failure.defused() } else { failure })
}

fn attempt(context: &Context, args: &Args, annotates: bool, in_job: bool) -> Result<Answer, Failure> {
    match judge(context, args) {
        Ok(report) => {
            publish(context, args, &report)?;
            if annotates {
                ask::tell(&github::annotations(&report.findings));
            }
            let text = ci::ci(&report);
            let text = if annotates || in_job { github::defuse(&text) } else { text };
            let exit = if report.passes() { Exit::Done } else { Exit::from(report.conclusion) };
            Ok(Answer::new(exit, text, &report))
        }
        Err(failure) => {
            let failed = failure.json();
            if annotates {
                ask::tell(&github::failure(&failed.message, failed.hint.as_deref()));
            }
            // No SARIF: without results it would mean that all is well.
            context.write(args.junit.as_deref(), || junit::junit("omega ci", Conclusion::Unknown, false, &failed.message, &[]))?;
            page(context, args, true, |_| summary::failure(&failed.message, failed.hint.as_deref()))?;
            Err(failure)
        }
    }
}

fn judge(context: &Context, args: &Args) -> Result<CiReport, Failure> {
    let repo = context.repo()?;
    let pin = context.pin(Some(&repo), context.root(args.root)?)?;
    let asked = asked(context, args)?;
    let judge = Judge { repo: &repo, pin, allow_pending: args.allow_pending, now: context.now, threads: context.threads };
    Ok(judge.judge(&asked)?)
}

/// What the flags say, else what the job says.
fn asked(context: &Context, args: &Args) -> Result<Asked, Failure> {
    let named = |rev: &String| Wanted { fetch: remote_name(rev), names: vec![rev.clone()] };
    if let Some(base) = &args.base {
        let head = args.head.clone().unwrap_or_else(|| "HEAD".to_owned());
        return Ok(Asked { base: Some(named(base)), head: named(&head), ..Asked::default() });
    }
    let mut asked = job::asked(&context.dir)?.ok_or_else(|| {
        Failure::usage("this is not a known CI job, so it is not known what would be merged", "omega ci --base origin/main --head HEAD")
    })?;
    if let Some(head) = &args.head {
        asked.head = named(head);
        asked.prepared = None;
    }
    Ok(asked)
}

/// What is fetched, if a revision is not here; nothing, if it is no name of something on a remote.
fn remote_name(rev: &str) -> String {
    if rev.parse::<crate::git::Oid>().is_ok() {
        return rev.to_owned();
    }
    ["refs/remotes/origin/", "origin/"].iter().find_map(|prefix| rev.strip_prefix(prefix)).unwrap_or_default().to_owned()
}

/// Writes what was asked for into files.
fn publish(context: &Context, args: &Args, report: &CiReport) -> Result<(), Failure> {
    let findings = &report.findings;
    context.write(args.sarif.as_deref(), || sarif::sarif(findings))?;
    context.write(args.junit.as_deref(), || junit::junit("omega ci", report.conclusion, report.passes(), &report.proved, findings))?;
    context.write(args.code_quality.as_deref(), || code_quality::code_quality(findings))?;
    page(context, args, !report.is_silent(), |room| summary::summary(report, room))
}

/// Writes the summary where it was asked for, else to the page of the job, if there is one, and as a comment on the pull request.
/// A change without news gets no comment, unless there is one from before.
fn page(context: &Context, args: &Args, is_news: bool, text: impl Fn(usize) -> String) -> Result<(), Failure> {
    comment(context, args, is_news, &text);
    context.write(args.summary.as_deref(), || text(summary::LARGEST))?;
    if let Some(page) = environment::variable("GITHUB_STEP_SUMMARY").filter(|_| args.summary.is_none()) {
        // Other commands of the same step may have written there, and what all of them wrote must not exceed a mebibyte.
        let path = context.dir.join(page);
        let written = std::fs::metadata(&path).map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX));
        let text = text(summary::LARGEST.min(MOST_OF_A_STEP.saturating_sub(written)));
        let file = std::fs::File::options().create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| Error::io("write", &path, &error))?;
    }
    Ok(())
}

/// Comments on the pull request, if the job can. That it cannot never changes what the check says.
#[cfg(feature = "services")]
fn comment(context: &Context, args: &Args, is_news: bool, text: &dyn Fn(usize) -> String) {
    use crate::terminal::comment::{LARGEST, Place};
    let place = Place::of(&context.dir).filter(|_| !args.no_comment);
    if let Some(note) = place.and_then(|place| place.say(&text(LARGEST), is_news)) {
        ask::tell(&github::defuse(&crate::render::human::note(&note)));
    }
}

#[cfg(not(feature = "services"))]
fn comment(_: &Context, _: &Args, _: bool, _: &dyn Fn(usize) -> String) {}
