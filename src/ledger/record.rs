//! From bytes to a signed record: the fold takes nothing else.

use crate::canon::front::{self, FrontError};
use crate::canon::layout::RecordPlace;
use crate::canon::{RepoPath, ResolutionId};
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::keys::{KeyCache, Namespace, PublicKey, Signature};

use super::kinds::{Record, Ruling};

/// A record in strict form at its right place, whose signature holds for the key that made it.
/// Whether that key is the member's is for the fold to say. Cannot be built in any other way than by
/// [`Unverified::verify`].
#[derive(Clone, Debug)]
pub struct Signed<R> {
    record: R,
    body: String,
    path: RepoPath,
    digest: Digest,
    signature: Digest,
    signer: PublicKey,
    present: bool,
}

impl<R> Signed<R> {
    /// The front matter.
    pub fn record(&self) -> &R {
        &self.record
    }

    /// The Markdown below, without the blank lines around it.
    pub fn body(&self) -> &str {
        self.body.trim_matches('\n')
    }

    /// Where it lies.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// The digest of its exact bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of the signature file beside it.
    pub fn signature(&self) -> Digest {
        self.signature
    }

    /// The key that signed it.
    pub fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// Whether a hardware key signed it and was touched.
    pub fn user_present(&self) -> bool {
        self.present
    }
}

/// The bytes of a record and of the signature beside it, of which nothing is known yet.
pub struct Unverified<'a> {
    /// Where the record lies.
    pub path: &'a RepoPath,
    /// The exact bytes.
    pub bytes: &'a [u8],
    /// The exact bytes of the file with `.sig` behind its name.
    pub armor: &'a [u8],
    /// The digests of both.
    pub digests: (Digest, Digest),
}

/// Why a record is none.
#[derive(Debug)]
pub enum Refused {
    /// It follows newer rules: nothing can be said.
    Newer(i64),
    /// It breaks these.
    Finding(Box<Finding>),
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Self::Finding(Box::new(finding))
    }
}

/// Turns a refused form into a finding at the file's line, or into "newer".
pub fn malformed(path: &RepoPath, error: FrontError) -> Refused {
    match error {
        FrontError::Newer(rules) => Refused::Newer(rules),
        FrontError::Form(form) => Finding::error(Code::Form, path, &form.what).at_line(form.line).into(),
    }
}

impl Unverified<'_> {
    /// Holds a record to its form, its place in the resolution folder and its signature.
    pub fn verify<R: Record>(&self, id: &ResolutionId, place: &RecordPlace, keys: &mut KeyCache) -> Result<Signed<R>, Refused> {
        let signed: Signed<R> = self.verify_form(keys)?;
        let record = &signed.record;
        if record.resolution() != id || record.place().as_ref() != Some(place) {
            let says = record.place().map_or_else(String::new, |place| place.to_string());
            let message = format!("the record says that it is {says} of {}", record.resolution());
            return Err(Finding::error(Code::Misplaced, self.path, message).of_record(id).into());
        }
        Ok(signed)
    }

    /// The same for a ruling, whose place is its number.
    pub fn verify_ruling(&self, sequence: u32, keys: &mut KeyCache) -> Result<Signed<Ruling>, Refused> {
        let signed: Signed<Ruling> = self.verify_form(keys)?;
        if signed.record.sequence != sequence {
            let message = format!("the ruling says that it is number {}", signed.record.sequence);
            return Err(Finding::error(Code::Misplaced, self.path, message).into());
        }
        Ok(signed)
    }

    fn verify_form<R: Record>(&self, keys: &mut KeyCache) -> Result<Signed<R>, Refused> {
        let (record, body): (R, &str) = front::parse(self.bytes).map_err(|error| malformed(self.path, error))?;
        if record.kind() != R::KIND || i64::from(record.omega()) != front::RULES {
            let message = format!("`omega: {}` and `kind: {}` are expected here", front::RULES, R::KIND);
            return Err(Finding::error(Code::Form, self.path, message).into());
        }
        let (signer, present) = check_signature(self.path, R::NAMESPACE, self.bytes, self.armor, keys)
            .map_err(|finding| finding.of_record(record.resolution()).of_member(record.by()))?;
        Ok(Signed {
            body: body.to_owned(),
            path: self.path.clone(),
            digest: self.digests.0,
            signature: self.digests.1,
            signer,
            present,
            record,
        })
    }
}

/// Holds a signature to its armor, its namespace and the bytes at `path`; says which key made it, and
/// whether its holder touched a hardware key for it.
pub fn check_signature(
    path: &RepoPath,
    namespace: Namespace,
    bytes: &[u8],
    armor: &[u8],
    keys: &mut KeyCache,
) -> Result<(PublicKey, bool), Finding> {
    let refuse = |what: &dyn std::fmt::Display| {
        Finding::error(Code::Signature, path.signature(), format!("the signature of `{path}` is not valid: {what}"))
    };
    let signature = Signature::parse(armor).map_err(|error| refuse(&error))?;
    let key = keys.get(signature.signer_blob()).map_err(|error| refuse(&error))?;
    signature.verify(&key, namespace, bytes).map_err(|error| refuse(&error))?;
    Ok((key, signature.is_hardware() && signature.user_present()))
}
