use crate::canon::document::{Case, set_cases, set_policy};
use crate::canon::policy::Recovery;
use crate::canon::{Document, Member, RepoPath, layout};
use crate::keys::PublicKey;
use crate::ops::council::{files, must_be_new};
use crate::ops::propose::Drafted;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

/// Writes the list of recovery keys with the cases that hold it in place, or takes it out.
///
/// # Errors
/// Denied, if a key is a member's or was in force before. Usage, if the threshold asks for more keys than there are.
pub fn set_recovery(assessment: &Assessment, recovery: Option<&Recovery>) -> Result<Drafted, Error> {
    write(assessment, recovery, false)
}

fn write(assessment: &Assessment, recovery: Option<&Recovery>, is_recovery: bool) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    for (at, key) in recovery.iter().flat_map(|recovery| recovery.keys.iter().enumerate()) {
        if !law.recovery_keys().contains(key) {
            must_be_new(&assessment.judgement.ledger, key)?;
        }
        if recovery.is_some_and(|recovery| recovery.keys[..at].iter().any(|other| other.raw() == key.raw())) {
            return Err(Error::usage(format!("{} is named twice", key.fingerprint()), "each recovery key counts once"));
        }
    }
    if let Some(Recovery { threshold, keys }) = recovery
        && (*threshold == 0 || *threshold as usize > keys.len())
    {
        return Err(Error::usage(
            format!("the threshold {threshold} is not between 1 and the number of recovery keys, {}", keys.len()),
            "--threshold K says how many of them must sign",
        ));
    }
    let (path, bytes) = consensus(assessment)?;
    let by_hand = || {
        Error::usage(
            format!("`{path}` is written in a way that omega cannot edit"),
            "write `recovery` below its `policy` by hand, then omega propose",
        )
    };
    let value = recovery.map(|recovery| serde_json::to_value(recovery).expect("a list of keys is a map of texts and numbers"));
    let written = std::str::from_utf8(bytes).ok().and_then(|text| set_policy(text, "recovery", value.as_ref()));
    let cases = recovery.map(cases).unwrap_or_default();
    // A recovery may change nothing else of the document, not even its cases.
    let text = if is_recovery { written } else { written.and_then(|text| set_cases(&text, &CASES, &cases)) }.ok_or_else(by_hand)?;
    // The text was edited by its lines: what it now says is held to what it shall say.
    let (before, _) = Document::parse(bytes).map_err(|_| by_hand())?;
    let (after, _) = Document::parse(text.as_bytes()).map_err(|_| by_hand())?;
    let mut wanted = before.clone();
    match value {
        Some(value) => drop(wanted.policy.insert("recovery".to_owned(), value)),
        None => drop(wanted.policy.remove("recovery")),
    }
    if !is_recovery {
        wanted.enforcement.retain(|case| !CASES.contains(&case.case.as_str()));
        wanted.enforcement.extend(cases);
    }
    if after != wanted {
        return Err(by_hand());
    }
    // The same list again changes nothing, however it is written.
    let bytes = if after == before { bytes.clone() } else { text.into_bytes() };
    Ok(Drafted::from([(path, Some(bytes))]))
}

/// The cases that hold the list in place.
const CASES: [&str; 3] =
    ["as many recovery keys as it takes replace a lost key of the Chief", "one recovery key fewer does not", "all recovery keys do"];

fn cases(recovery: &Recovery) -> Vec<Case> {
    let case = |name: &str, signed: usize, expect: bool| Case {
        case: name.to_owned(),
        given: serde_json::Map::from_iter([("ask".to_owned(), "recovery".into()), ("signed".to_owned(), signed.into())]),
        expect: expect.into(),
    };
    let threshold = recovery.threshold as usize;
    vec![case(CASES[0], threshold, true), case(CASES[1], threshold.saturating_sub(1), false), case(CASES[2], recovery.keys.len(), true)]
}

/// Replaces all keys of the Chief, and the list of recovery keys where there is a new one: a recovery.
///
/// # Errors
/// Denied, if there are no recovery keys, or the new key is not new.
pub fn recover(assessment: &Assessment, to: &PublicKey, renewed: Option<&Recovery>) -> Result<Drafted, Error> {
    let law = assessment.law()?;
    if law.consensus.recovery.is_none() {
        return Err(Error::denied(
            format!("{} has no recovery keys, and nothing else can replace a lost key of the Chief", law.documents.consensus),
            "only a new canon with a new pin is left: omega init --new DIR",
        ));
    }
    must_be_new(&assessment.judgement.ledger, to)?;
    let chief = Member { keys: vec![to.clone()], ..law.roster.chief().clone() };
    let mut drafted = files(assessment, [chief]);
    if renewed.is_some() {
        drafted.extend(write(assessment, renewed, true)?);
    }
    Ok(drafted)
}

/// The ratified document with the rules of consensus.
fn consensus(assessment: &Assessment) -> Result<(RepoPath, &Vec<u8>), Error> {
    let path = layout::document(&assessment.law()?.documents.consensus);
    let content = assessment.judgement.ledger.content(&path);
    let bytes = content.and_then(|content| assessment.evidence.bytes.get(&content.digest));
    bytes.map(|bytes| (path.clone(), bytes)).ok_or_else(|| Error::usage(format!("`{path}` is missing"), "omega verify"))
}
