//! Files read one by one, each digested and checked for form and signature, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::canon::layout::RecordPlace;
use crate::canon::text::{MAX_BYTES, MAX_TEXT};
use crate::canon::{Place, RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::keys::{KeyCache, Namespace, PublicKey};
use crate::ledger::folder::Folder;
use crate::ledger::kinds::{Proposal, Vote};
use crate::ledger::record::{Refused, Signed, Unverified, check_signature};
use crate::tree::{Entry, Reader, Tree, TreeError};

use super::Evidence;

/// One file, as far as it can be judged alone.
pub(super) enum Loaded {
    Record(Box<dyn FnOnce(&mut Evidence) + Send>),
    Bytes(Digest, Vec<u8>),
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

/// Does all jobs, on as many threads.
pub(super) fn run(tree: &dyn Tree, jobs: &[Job], threads: usize) -> Result<Vec<Outcome>, TreeError> {
    const CHUNK: usize = 64;
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<Outcome>, TreeError> {
        let mut reader = tree.reader();
        let mut keys = KeyCache::new();
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= jobs.len() {
                return Ok(done);
            }
            for (index, job) in jobs.iter().enumerate().skip(start).take(CHUNK) {
                done.push((index, load(job, reader.as_mut(), &mut keys)?));
            }
        }
    };
    let threads = threads.clamp(1, jobs.len().div_ceil(CHUNK).max(1));
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work()?;
        for other in others {
            all.extend(other.join().expect("the workers do not panic")?);
        }
        Ok(all)
    })
}

fn load(job: &Job, reader: &mut dyn Reader, keys: &mut KeyCache) -> Result<Judged, TreeError> {
    let path = &job.path;
    let limit = if matches!(job.place, Place::Bytes(_)) { MAX_BYTES } else { MAX_TEXT };
    let mut read = |entry: &Entry, limit| match reader.read(entry, limit) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(TreeError::TooLarge { path, size, limit }) => {
            let finding = Finding::error(Code::Form, path, format!("{size} bytes, and at most {limit} are allowed"));
            Ok(Err(Judged { digest: Digest::of(b""), signature: None, loaded: Loaded::Refused(finding.into()) }))
        }
        Err(error) => Err(error),
    };
    let bytes = match read(&job.entry, limit)? {
        Ok(bytes) => bytes,
        Err(judged) => return Ok(judged),
    };
    let other = match job.other.as_ref().map(|entry| read(entry, MAX_TEXT)).transpose()? {
        Some(Err(judged)) => return Ok(judged),
        Some(Ok(bytes)) => bytes,
        None => Vec::new(),
    };
    let digest = Digest::of(&bytes);
    let signature = matches!(job.place, Place::Record(..) | Place::Ruling(_)).then(|| Digest::of(&other));
    let unverified = Unverified { path, bytes: &bytes, armor: &other, digests: (digest, signature.unwrap_or(digest)) };
    let loaded = match &job.place {
        Place::Record(id, record) => load_record(&unverified, id, record, keys),
        Place::Ruling(sequence) => {
            let sequence = *sequence;
            unverified
                .verify_ruling(sequence, keys)
                .map(|ruling| Loaded::Record(Box::new(move |evidence| drop(evidence.rulings.insert(sequence, ruling)))))
        }
        Place::Enrolment(id, fp) | Place::Recovery(id, fp) => {
            let (namespace, kind) = match job.place {
                Place::Enrolment(..) => (Namespace::Enrol, Kind::Enrolment),
                _ => (Namespace::Recover, Kind::Recovery),
            };
            // Here the record is the proposal and the file at hand is the armor.
            check_signature(path, namespace, &other, &bytes, keys)
                .map_err(|mut finding| {
                    finding.path = path.to_string();
                    Refused::from(finding.of_record(id))
                })
                .and_then(|(key, _)| {
                    if key.id() == *fp {
                        Ok(Loaded::Proof(id.clone(), kind, key))
                    } else {
                        Err(Finding::error(Code::Misplaced, path, "another key signed than the file name says").of_record(id).into())
                    }
                })
        }
        Place::Bytes(named) if *named == digest => Ok(Loaded::Bytes(digest, bytes)),
        Place::Bytes(_) => Err(Finding::error(Code::BytesWrong, path, "the bytes do not have the digest that is their name").into()),
        Place::StateSignature(signed) => Ok(Loaded::StateSignature(signed.clone(), bytes)),
        _ => Ok(Loaded::Plain),
    };
    Ok(Judged { digest, signature, loaded: loaded.unwrap_or_else(Loaded::Refused) })
}

fn load_record(unverified: &Unverified<'_>, id: &ResolutionId, place: &RecordPlace, keys: &mut KeyCache) -> Result<Loaded, Refused> {
    fn into(id: &ResolutionId, put: impl FnOnce(&mut Folder) + Send + 'static) -> Loaded {
        let id = id.clone();
        Loaded::Record(Box::new(move |evidence| put(evidence.folders.entry(id).or_default())))
    }
    Ok(match place {
        RecordPlace::Proposal => {
            let record: Signed<Proposal> = unverified.verify(id, place, keys)?;
            into(id, move |folder| folder.proposal = Some(record))
        }
        RecordPlace::Turn(number) => {
            let (number, record) = (*number, unverified.verify(id, place, keys)?);
            into(id, move |folder| drop(folder.turns.insert(number, record)))
        }
        RecordPlace::Seal(by) => {
            let (by, record) = (by.clone(), unverified.verify(id, place, keys)?);
            into(id, move |folder| drop(folder.seals.insert(by, record)))
        }
        RecordPlace::Reveal(by) => {
            let (by, record) = (by.clone(), unverified.verify(id, place, keys)?);
            into(id, move |folder| drop(folder.reveals.insert(by, record)))
        }
        RecordPlace::Synthesis => {
            let record = unverified.verify(id, place, keys)?;
            into(id, move |folder| folder.synthesis = Some(record))
        }
        RecordPlace::Vote(by, ballot) => {
            let record: Signed<Vote> = unverified.verify(id, place, keys)?;
            let slot = (*ballot, by.clone());
            into(id, move |folder| drop(folder.votes.insert(slot, record)))
        }
        RecordPlace::Withdrawal => {
            let record = unverified.verify(id, place, keys)?;
            into(id, move |folder| folder.withdrawal = Some(record))
        }
    })
}
