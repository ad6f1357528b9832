//! Whatever is done to a tree without a key is found, and named.
//!
//! A ledger with most kinds of resolutions is made once by the binary. Then single mutations of its files
//! are judged in this process, thousands a run, and a sample of them by the binary on a plain folder.
//! `OMEGA_TEST_SEED` sets the seed, else the day does. `OMEGA_TEST_MUTATIONS` says how many kinds of mutation every file meets:
//! 22 are all kinds there are, more of them are the same kinds at other places of the file.

mod files;
mod mutants;
mod story;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use omega::canon::{Place, front};
use omega::finding::{Code, Finding};
use omega::ledger::checkpoint::Checkpoint;
use omega::ledger::kinds::Ruling;
use omega::survey::verify::Conclusion;
use omega::tree::Mode;
use omega::workspace::pin::Pin;

use crate::kit::random::Random;
use crate::sample;

use files::Files;
use mutants::{Kind, Mutant, mutants};
use story::{Story, Subject, story};

/// Whether the mutant is no violation, and why. There are three such cases, and all need a draft.
fn excuse(subject: &Subject, mutant: &Mutant) -> Option<&'static str> {
    let lies = |path: &[u8]| mutant.files.get(path);
    let holds_state = |path: &[u8]| {
        let place = std::str::from_utf8(path).ok().and_then(|path| Place::of(&path.parse().ok()?));
        !path.starts_with(b"canon/") || place.is_some_and(|place| place.is_state())
    };
    // A draft put back (an added file removed again, say) is what the state says.
    if mutant.touched.iter().all(|path| holds_state(path) && lies(path) == subject.state.get(path)) {
        return Some("every touched path is ratified as it lies");
    }
    // A submodule is not entered, which is a note. At a path of the state a file is missing then; in the
    // place of a drafted addition nothing is.
    if mutant.kind == Kind::Submodule && mutant.touched.iter().all(|path| !path.starts_with(b"canon/") && subject.state.get(path).is_none())
    {
        return Some("a submodule lies where no file has to be");
    }
    // `X.sig` is over the ratified bytes of X. Beside a draft of X it speaks of other bytes than those that
    // lie there, so it may as well be absent; the format says so.
    let beside_draft = |path: &Vec<u8>| {
        let signed = path.strip_suffix(b".sig").unwrap_or_default();
        let is_state = !path.starts_with(b"canon/resolutions/") && !path.starts_with(b"canon/ledger/");
        is_state && lies(path).is_none() && subject.files.get(path).is_some() && lies(signed) != subject.state.get(signed)
    };
    if mutant.touched.iter().all(beside_draft) {
        return Some("the signature of a state file is not needed beside a draft of it");
    }
    None
}

/// Whether a text names one of the touched paths, or the other half of its record.
fn names(touched: &[Vec<u8>], path: &str, message: &str) -> bool {
    touched.iter().any(|touched| {
        let touched = String::from_utf8_lossy(touched);
        let bare = touched.strip_suffix(".sig").unwrap_or(&touched);
        path == bare || path == format!("{bare}.sig") || message.contains(&format!("`{touched}`"))
    })
}

/// Judges one mutant; says what is wrong with the judgement.
fn check(story: &Story, subject: &Subject, mutant: &Mutant) -> Result<Option<Conclusion>, String> {
    let judged = catch_unwind(AssertUnwindSafe(|| story.judge(&mutant.files, story.pin())));
    let report = match judged {
        Err(_) => return Err("the verifier panicked".to_owned()),
        // Nothing is claimed then, and the reason names the file.
        Ok(Err(error)) if names(&mutant.touched, "", &error.to_string()) => return Ok(None),
        Ok(Err(error)) => return Err(format!("the error names another place: {error}")),
        Ok(Ok(report)) => report,
    };
    let errors: Vec<&Finding> = report.findings.iter().filter(|finding| finding.is_error()).collect();
    if let Some(why) = excuse(subject, mutant) {
        return match report.conclusion {
            Conclusion::Pending | Conclusion::Holds if errors.is_empty() => Ok(Some(report.conclusion)),
            _ => Err(format!("{why}, and it is found: {errors:#?}")),
        };
    }
    if report.conclusion != Conclusion::Violated {
        return Err(format!("it is not found: {:?}, {}", report.conclusion, report.proved));
    }
    if !errors.iter().any(|finding| names(&mutant.touched, &finding.path, &finding.message)) {
        return Err(format!("the findings name other places: {errors:#?}"));
    }
    Ok(Some(report.conclusion))
}

fn describe(mutant: &Mutant) -> String {
    let touched: Vec<_> = mutant.touched.iter().map(|path| path.escape_ascii().to_string()).collect();
    format!("{:?} of {}", mutant.kind, touched.join(" and "))
}

fn setting(name: &str, default: u64) -> u64 {
    #[allow(clippy::disallowed_methods, reason = "tests are set by the environment")]
    std::env::var(name).ok().map_or(default, |value| value.parse().unwrap())
}

fn every_mutation_is_found(subject: &Subject) {
    let story = story();
    assert_eq!(story.judge(&subject.files, story.pin()).unwrap().conclusion, subject.holds);
    let (seed, each) = (sample::seed(), setting("OMEGA_TEST_MUTATIONS", if sample::is_whole() { 14 } else { 6 }));
    let started = Instant::now();
    let all = mutants(subject, seed, each as usize);
    let (next, excused, silent) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().unwrap().get() {
            scope.spawn(|| {
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match check(story, subject, mutant) {
                        Ok(Some(Conclusion::Violated)) => {}
                        Ok(Some(_)) => drop(excused.fetch_add(1, Ordering::Relaxed)),
                        Ok(None) => drop(silent.fetch_add(1, Ordering::Relaxed)),
                        Err(why) => wrong.lock().unwrap().push(format!("{}: {why}", describe(mutant))),
                    }
                }
            });
        }
    });
    let (excused, silent) = (excused.into_inner(), silent.into_inner());
    println!(
        "{}: {} mutations in {:.1?}, seed {seed}; {excused} of drafts are no violation, of {silent} nothing can be said",
        subject.name,
        all.len(),
        started.elapsed()
    );
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} mutations, seed {seed}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(all.len() > 1000, "only {} mutations were made", all.len());
}

#[test]
fn every_mutation_of_a_closed_ledger_is_found() {
    every_mutation_is_found(&story().main);
}

#[test]
fn every_mutation_beside_an_open_proposal_is_found() {
    every_mutation_is_found(&story().open);
}

#[test]
fn the_binary_says_the_same_of_a_folder() {
    let story = story();
    let seed = sample::seed();
    let mut count = 0;
    for subject in [&story.main, &story.open] {
        let mut all = mutants(subject, seed, 3);
        // No link on disk leads to nothing, or has a NUL in its target.
        all.retain(|mutant| {
            mutant.files.0.values().all(|leaf| leaf.mode != Mode::Link || (1..4000).contains(&leaf.bytes.len()) && !leaf.bytes.contains(&0))
        });
        let mut random = Random(seed);
        for _ in 0..30 {
            let mutant = random.of(&all);
            let expected = match story.judge(&mutant.files, story.pin()) {
                Ok(report) => match report.conclusion {
                    Conclusion::Holds => 0,
                    Conclusion::Violated => 11,
                    Conclusion::Pending => 12,
                    Conclusion::Unknown => 13,
                },
                Err(omega::workspace::Error::Unknown { .. }) => 13,
                Err(_) => 1,
            };
            let dir = tempfile::tempdir().unwrap();
            mutant.files.write(dir.path());
            let ran = story.world.omega_in(
                &story.world.path("home"),
                &["canon", "verify", "--dir", dir.path().to_str().unwrap(), "--root", &story.root.to_string(), "--format", "json"],
            );
            assert_eq!(ran.code, Some(expected), "{}\n{}{}", describe(mutant), ran.out, ran.err);
            let named = names(&mutant.touched, "", &ran.out)
                || mutant.touched.iter().any(|path| ran.out.contains(String::from_utf8_lossy(path).trim_end_matches(".sig")));
            assert!(named || expected == 0 || expected == 12, "{}\n{}{}", describe(mutant), ran.out, ran.err);
            count += 1;
        }
    }
    println!("{count} mutations by the binary, seed {seed}");
}

#[test]
fn what_is_not_governed_is_free_to_change() {
    let story = story();
    for subject in [&story.main, &story.open] {
        let mut files = subject.files.clone();
        files.put(b"README.md", Mode::Exec, *b"Other words.\n");
        files.0.remove(b"src/main.c".as_slice()).unwrap();
        files.put(b"src/deep/main.rs", Mode::File, *b"fn main() {}\n");
        files.put(b"docs/AGENTS.md", Mode::File, *b"Only the one at the top is governed.\n");
        files.put(b"current", Mode::Link, *b"src");
        files.put(b"vendor/lib", Mode::Submodule, *b"");
        files.put(b"odd/\xff\xfe", Mode::File, *b"");
        let report = story.judge(&files, story.pin()).unwrap();
        assert_eq!(report.conclusion, subject.holds, "{:#?}", report.findings);
    }
}

#[test]
fn what_hides_or_shadows_governed_bytes_is_found() {
    let story = story();
    let base = &story.main.files;
    let without = |prefix: &[u8]| {
        Files(base.0.iter().filter(|(path, _)| !path.starts_with(prefix)).map(|(path, leaf)| (path.clone(), leaf.clone())).collect())
    };
    let with = |mut files: Files, path: &[u8], mode: Mode, text: &[u8]| {
        files.put(path, mode, text);
        files
    };
    for (files, path, code) in [
        (with(base.clone(), b"prompts/.gitattributes", Mode::File, b"* text eol=crlf\n"), "prompts/system.md", Code::Attributes),
        (with(base.clone(), b".gitattributes", Mode::File, b"AGENTS.md export-ignore\n"), "AGENTS.md", Code::Attributes),
        (with(base.clone(), b".gitattributes", Mode::File, b"*.md filter=lfs\n"), "canon/OMEGA_IDENTITY.md", Code::Attributes),
        (with(base.clone(), b"agents.md", Mode::File, b"Lie.\n"), "agents.md", Code::Collision),
        (with(base.clone(), b"Prompts/system.md", Mode::File, b"Lie.\n"), "Prompts/system.md", Code::Collision),
        (with(base.clone(), b"Prompts/new.md", Mode::File, b"Lie.\n"), "Prompts/new.md", Code::Ungoverned),
        (with(base.clone(), b"CANON/x", Mode::File, b""), "CANON/x", Code::Collision),
        (with(base.clone(), b"Canon", Mode::Link, b"/tmp"), "Canon", Code::Collision),
        (with(base.clone(), b"canon/\xff/x", Mode::File, b""), "canon/\u{fffd}/x", Code::Stray),
        (with(base.clone(), b"prompts/\xff", Mode::File, b"Lie.\n"), "prompts/\u{fffd}", Code::Collision),
        (with(base.clone(), b"prompts/\xff/x.md", Mode::File, b"Lie.\n"), "prompts/\u{fffd}/x.md", Code::Collision),
        (with(base.clone(), "prompts/a\u{200b}.md".as_bytes(), Mode::File, b"Lie.\n"), "prompts/a\u{200b}.md", Code::Collision),
        // The glob `prompts/**` names the folder itself too, and no council ratified a link there.
        (with(without(b"prompts/"), b"prompts", Mode::Link, b"src"), "prompts", Code::Link),
        (with(without(b"prompts/"), b"prompts", Mode::Submodule, b""), "prompts", Code::Link),
        (with(without(b"canon/"), b"canon", Mode::Link, b"src"), "canon", Code::Link),
        (with(without(b"canon/"), b"canon", Mode::Submodule, b""), "canon", Code::Link),
        (without(b"canon/"), "canon/ledger/000000.md", Code::Chain),
        (without(b"canon/bytes/"), "canon/OMEGA_IDENTITY.md", Code::BytesMissing),
    ] {
        let report = story.judge(&files, story.pin()).unwrap();
        assert_eq!(report.conclusion, Conclusion::Violated, "{path}");
        // Which of many missing bytes is named first is not said.
        let found = report.findings.iter().any(|finding| finding.code == code && (finding.path == path || code == Code::BytesMissing));
        assert!(found, "{path} {code}: {:#?}", report.findings);
    }
}

/// Holds a tree that was valid once to a root alone, and to a checkpoint.
fn only_a_checkpoint_finds(story: &Story, files: &Files, checkpoint: &Checkpoint, what: &str) {
    let report = story.judge(files, story.pin()).unwrap();
    assert!(matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending), "{what}: {:#?}", report.findings);
    let pin = Pin::Checkpoint(Checkpoint { root: checkpoint.root, sequence: checkpoint.sequence, head: checkpoint.head });
    let report = story.judge(files, pin).unwrap();
    assert_eq!(report.conclusion, Conclusion::Violated, "{what}");
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.code).collect();
    assert_eq!(errors, [Code::Checkpoint], "{what}");
}

#[test]
fn rollback_and_forks_are_found_against_a_checkpoint() {
    let story = story();
    let checkpoint = |files: &Files| story.judge(files, story.pin()).unwrap().checkpoint.unwrap();
    let last = checkpoint(&story.main.files);
    assert_eq!(last.sequence, 7);

    // The last ruling with all that it closed, removed by hand; the bytes that only it named too.
    let path = format!("canon/ledger/{:06}.md", last.sequence);
    let mut files = story.main.files.clone();
    let (ruling, _): (Ruling, _) = front::parse(&files.0[path.as_bytes()].bytes.clone()).unwrap();
    let listed = ruling.records.keys().map(|path| path.as_str().to_owned());
    for path in listed.chain([path.clone(), format!("{path}.sig")]) {
        files.0.remove(path.as_bytes()).unwrap();
    }
    let unnamed: Vec<String> = story
        .judge(&files, story.pin())
        .unwrap()
        .findings
        .into_iter()
        .filter(|finding| finding.is_error())
        .map(|finding| finding.path)
        .collect();
    assert!(!unnamed.is_empty() && unnamed.iter().all(|path| path.starts_with("canon/bytes/")), "{unnamed:?}");
    for path in unnamed {
        files.0.remove(path.as_bytes()).unwrap();
    }
    only_a_checkpoint_finds(story, &files, &last, "the last ruling removed");

    // Every tree that main ever had, replayed whole.
    let mut replayed = 0;
    for (number, older) in story.history.iter().enumerate() {
        if checkpoint(older).sequence < last.sequence {
            only_a_checkpoint_finds(story, older, &last, &format!("tree {number} of the history"));
            replayed += 1;
        }
    }
    // One commit a ruling.
    assert!(replayed >= 7, "{replayed}");

    // Another ruling in the place of the last one.
    only_a_checkpoint_finds(story, &story.fork, &last, "the fork");
    only_a_checkpoint_finds(story, &story.main.files, &checkpoint(&story.fork), "main, seen from the fork");

    // A ruling from the middle is missed in any case: the chain has a gap.
    for sequence in 0..last.sequence {
        let mut files = story.main.files.clone();
        let path = format!("canon/ledger/{sequence:06}.md");
        for path in [path.clone(), format!("{path}.sig")] {
            files.0.remove(path.as_bytes()).unwrap();
        }
        let report = story.judge(&files, story.pin()).unwrap();
        assert!(report.findings.iter().any(|finding| finding.code == Code::Chain && finding.path == path), "{:#?}", report.findings);
    }
}
