//! Objects read one by one, each digested and checked for form and signature, on all threads.

use std::collections::{HashMap, hash_map};
use std::mem::discriminant;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::canon::layout::RecordPlace;
use crate::canon::text::{MAX_BYTES, MAX_TEXT};
use crate::canon::{Place, RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::keys::{KeyCache, MAX_ARMOR, Namespace, PublicKey};
use crate::ledger::folder::Folder;
use crate::ledger::kinds::{Proposal, Record, Reveal, Ruling, Seal, Synthesis, Turn, Vote, Withdrawal};
use crate::ledger::record::{Refused, Signed, Unverified, check_signature};
use crate::tree::{Entry, Reader, Tree, TreeError};

use super::Evidence;
use super::budget::Budget;

/// One file, as far as it can be judged alone.
pub(super) enum Loaded {
    Record(Box<dyn FnOnce(&mut Evidence) + Send>),
    /// Proposed bytes that have the digest which is their name; kept, if they are not too many.
    Bytes(Digest, Option<Vec<u8>>),
    StateSignature(RepoPath, Vec<u8>),
    Proof(ResolutionId, Kind, PublicKey),
    Plain,
    Refused(Refused),
}

/// What a signature without a record of its own proves.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Enrolment,
    Recovery,
}

/// A file to be read.
pub(super) struct Job {
    pub(super) path: RepoPath,
    pub(super) place: Place,
    pub(super) entry: Entry,
    /// The signature beside a record, or the proposal beside a proof.
    pub(super) other: Option<Entry>,
}

/// What became of one job.
pub(super) struct Judged {
    pub(super) digest: Digest,
    /// The digest of the signature file that was read with a record.
    pub(super) signature: Option<Digest>,
    pub(super) loaded: Loaded,
}

/// The number of a job, and what became of it.
pub(super) type Outcome = (usize, Judged);

/// How jobs are done.
pub(super) struct Plan<'a> {
    /// What a job may cost.
    pub(super) budget: &'a (dyn Fn(&Job) -> &'a Budget + Sync),
    /// How much of proposed bytes is kept; nothing, if all are.
    pub(super) keeps: Option<&'a Budget>,
    pub(super) threads: usize,
}

/// Does all jobs, on as many threads. Each object is read and judged once, however many names it has.
pub(super) fn run(tree: &dyn Tree, jobs: &[Job], plan: &Plan<'_>) -> Result<Vec<Outcome>, TreeError> {
    const CHUNK: usize = 16;
    let groups = groups(jobs);
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<Outcome>, TreeError> {
        let mut reader = tree.reader();
        let mut keys = KeyCache::new();
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= groups.len() {
                return Ok(done);
            }
            for group in groups.iter().skip(start).take(CHUNK) {
                let same: Vec<&Job> = group.iter().map(|index| &jobs[*index]).collect();
                done.extend(group.iter().copied().zip(load(&same, plan, reader.as_mut(), &mut keys)?));
            }
        }
    };
    let threads = plan.threads.clamp(1, groups.len().div_ceil(CHUNK).max(1));
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work()?;
        for other in others {
            all.extend(other.join().expect("the workers do not panic")?);
        }
        Ok(all)
    })
}

/// The jobs by number, those together that are the same question about the same objects.
fn groups(jobs: &[Job]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::with_capacity(jobs.len());
    let mut known: HashMap<_, usize> = HashMap::new();
    for (index, job) in jobs.iter().enumerate() {
        // Where the tree knows no objects, nothing is known to be the same.
        let Some(id) = job.entry.id else {
            groups.push(vec![index]);
            continue;
        };
        let kind = match &job.place {
            Place::Record(_, record) => Some(discriminant(record)),
            _ => None,
        };
        let other = job.other.as_ref().and_then(|other| other.id);
        match known.entry((discriminant(&job.place), kind, id, other)) {
            hash_map::Entry::Occupied(group) => groups[*group.get()].push(index),
            hash_map::Entry::Vacant(place) => {
                place.insert(groups.len());
                groups.push(vec![index]);
            }
        }
    }
    groups
}

/// Reads and judges one object at all places where it is.
fn load(jobs: &[&Job], plan: &Plan<'_>, reader: &mut dyn Reader, keys: &mut KeyCache) -> Result<Vec<Judged>, TreeError> {
    let first = jobs[0];
    let path = &first.path;
    let limit = if matches!(first.place, Place::Bytes(_)) { MAX_BYTES } else { MAX_TEXT };
    let budget = (plan.budget)(first);
    let mut read = |entry: &Entry, limit| match reader.read(entry, limit) {
        Ok(bytes) => {
            budget.spend(bytes.len() as u64)?;
            Ok(Ok(bytes))
        }
        Err(TreeError::TooLarge { size, limit, .. }) => {
            let refused = |job: &&Job| {
                let finding = Finding::error(Code::Form, &job.path, format!("{size} bytes, and at most {limit} are allowed"));
                Judged { digest: Digest::of(b""), signature: None, loaded: Loaded::Refused(finding.into()) }
            };
            Ok(Err(jobs.iter().map(refused).collect()))
        }
        Err(error) => Err(error),
    };
    let bytes = match read(&first.entry, limit)? {
        Ok(bytes) => bytes,
        Err(judged) => return Ok(judged),
    };
    let other = match first.other.as_ref().map(|entry| read(entry, MAX_TEXT)).transpose()? {
        Some(Err(judged)) => return Ok(judged),
        Some(Ok(bytes)) => bytes,
        None => Vec::new(),
    };
    let digest = Digest::of(&bytes);
    let signature = matches!(first.place, Place::Record(..) | Place::Ruling(_)).then(|| Digest::of(&other));
    let unverified = Unverified { path, bytes: &bytes, armor: &other, digests: (digest, signature.unwrap_or(digest)) };
    let loaded: Vec<Loaded> = match &first.place {
        Place::Record(_, record) => load_records(jobs, record, &unverified, keys),
        Place::Ruling(_) => everywhere(jobs, unverified.verify_form::<Ruling>(keys), |job, ruling| {
            let Place::Ruling(sequence) = job.place else { return Err(nowhere(job)) };
            if let Some(refused) = ruling.misnumbered(&job.path, sequence) {
                return Err(refused);
            }
            let ruling = ruling.clone().moved_to(&job.path);
            Ok(Loaded::Record(Box::new(move |evidence| drop(evidence.rulings.insert(sequence, ruling)))))
        }),
        Place::Enrolment(..) | Place::Recovery(..) => {
            let (namespace, kind) = match first.place {
                Place::Enrolment(..) => (Namespace::Enrol, Kind::Enrolment),
                _ => (Namespace::Recover, Kind::Recovery),
            };
            // Here the record is the proposal and the file at hand is the armor.
            let checked = check_signature(path, namespace, &other, &bytes, keys).map_err(|mut finding| {
                finding.path = path.to_string();
                Refused::from(finding)
            });
            let loaded = everywhere(jobs, checked, |job, (key, _)| {
                let (Place::Enrolment(id, fp) | Place::Recovery(id, fp)) = &job.place else { return Err(nowhere(job)) };
                if key.id() == *fp {
                    return Ok(Loaded::Proof(id.clone(), kind, key.clone()));
                }
                Err(Finding::error(Code::Misplaced, &job.path, "the file name is that of another key than the one that signed").into())
            });
            loaded.into_iter().zip(jobs).map(|(loaded, job)| of_its_resolution(loaded, job)).collect()
        }
        Place::Bytes(_) => {
            let mut bytes = Some(bytes).filter(|bytes| plan.keeps.is_none_or(|kept| kept.takes(bytes.len() as u64)));
            let wrong = "the bytes do not have the digest that is their name";
            let is_named = |job: &Job| matches!(job.place, Place::Bytes(named) if named == digest);
            let refused = |job: &Job| Loaded::Refused(Finding::error(Code::BytesWrong, &job.path, wrong).into());
            // The name is the digest, so at most one of them is right.
            jobs.iter().map(|job| if is_named(job) { Loaded::Bytes(digest, bytes.take()) } else { refused(job) }).collect()
        }
        Place::StateSignature(_) => {
            let mut armor = bytes;
            // What is longer is no signature, however it goes on.
            armor.truncate(MAX_ARMOR + 1);
            let loaded = |job: &&Job| match &job.place {
                Place::StateSignature(signed) => Loaded::StateSignature(signed.clone(), armor.clone()),
                _ => Loaded::Plain,
            };
            jobs.iter().map(loaded).collect()
        }
        _ => jobs.iter().map(|_| Loaded::Plain).collect(),
    };
    Ok(loaded.into_iter().map(|loaded| Judged { digest, signature, loaded }).collect())
}

/// Takes what was found for the first job to all of them.
fn everywhere<T>(jobs: &[&Job], found: Result<T, Refused>, at: impl Fn(&Job, &T) -> Result<Loaded, Refused>) -> Vec<Loaded> {
    let told = |job: &&Job| match &found {
        Ok(found) => at(job, found).unwrap_or_else(Loaded::Refused),
        Err(refused) => Loaded::Refused(refused.told_of(&jobs[0].path, &job.path)),
    };
    jobs.iter().map(told).collect()
}

/// Jobs of several kinds are never put together.
fn nowhere(job: &Job) -> Refused {
    Finding::error(Code::Misplaced, &job.path, "no kind of file has this path").into()
}

/// A proof says nothing of a resolution by itself: it is of the one in whose folder it lies.
fn of_its_resolution(loaded: Loaded, job: &Job) -> Loaded {
    match (loaded, job.place.resolution()) {
        (Loaded::Refused(Refused::Finding(finding)), Some(id)) => Loaded::Refused(finding.of_record(id).into()),
        (loaded, _) => loaded,
    }
}

fn load_records(jobs: &[&Job], kind: &RecordPlace, unverified: &Unverified<'_>, keys: &mut KeyCache) -> Vec<Loaded> {
    /// Takes one record to all places where it lies; it says itself which is the right one.
    fn all<R: Record + Clone>(
        jobs: &[&Job],
        unverified: &Unverified<'_>,
        keys: &mut KeyCache,
        put: impl Fn(Signed<R>, &mut Folder) + Copy + Send + 'static,
    ) -> Vec<Loaded> {
        everywhere(jobs, unverified.verify_form::<R>(keys), |job, signed| {
            let Place::Record(id, place) = &job.place else { return Err(nowhere(job)) };
            if let Some(refused) = signed.misplaced(&job.path, id, place) {
                return Err(refused);
            }
            let (id, signed) = (id.clone(), signed.clone().moved_to(&job.path));
            Ok(Loaded::Record(Box::new(move |evidence| put(signed, evidence.folders.entry(id).or_default()))))
        })
    }
    match kind {
        RecordPlace::Proposal => all(jobs, unverified, keys, |record: Signed<Proposal>, folder| folder.proposal = Some(record)),
        RecordPlace::Turn(_) => all(jobs, unverified, keys, |record: Signed<Turn>, folder| {
            folder.turns.insert(record.record().turn, record);
        }),
        RecordPlace::Seal(_) => all(jobs, unverified, keys, |record: Signed<Seal>, folder| {
            folder.seals.insert(record.record().by.clone(), record);
        }),
        RecordPlace::Reveal(_) => all(jobs, unverified, keys, |record: Signed<Reveal>, folder| {
            folder.reveals.insert(record.record().by.clone(), record);
        }),
        RecordPlace::Synthesis => all(jobs, unverified, keys, |record: Signed<Synthesis>, folder| folder.synthesis = Some(record)),
        RecordPlace::Vote(..) => all(jobs, unverified, keys, |record: Signed<Vote>, folder| {
            folder.votes.insert((record.record().ballot, record.record().by.clone()), record);
        }),
        RecordPlace::Withdrawal => all(jobs, unverified, keys, |record: Signed<Withdrawal>, folder| folder.withdrawal = Some(record)),
    }
}
