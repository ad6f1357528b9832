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
    /// The same record at another path.
    pub(super) fn moved_to(self, path: &RepoPath) -> Self {
        Self { path: path.clone(), ..self }
    }

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

impl<R: Record> Signed<R> {
    /// What is wrong with the place, if it is not the one that the record itself names.
    pub(super) fn misplaced(&self, path: &RepoPath, id: &ResolutionId, place: &RecordPlace) -> Option<Refused> {
        let record = &self.record;
        let own = record.place();
        if record.resolution() == id && own.as_ref() == Some(place) {
            return None;
        }
        let says = own.map_or_else(String::new, |place| place.to_string());
        let message = format!("the record says that it is {says} of {}", record.resolution());
        Some(Finding::error(Code::Misplaced, path, message).of_record(id).into())
    }
}

impl Signed<Ruling> {
    /// The same for a ruling, whose place is its number.
    pub(super) fn misnumbered(&self, path: &RepoPath, sequence: u32) -> Option<Refused> {
        let own = self.record.sequence;
        let message = format!("the ruling says that it is number {own}");
        (own != sequence).then(|| Finding::error(Code::Misplaced, path, message).into())
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

impl Refused {
    /// The same, of another file that holds the same bytes.
    pub(super) fn told_of(&self, from: &RepoPath, to: &RepoPath) -> Self {
        match self {
            Self::Newer(rules) => Self::Newer(*rules),
            Self::Finding(finding) => {
                let told = |text: &str| text.replace(from.as_str(), to.as_str());
                let (path, message, hint) = (told(&finding.path), told(&finding.message), told(&finding.hint));
                Finding { path, message, hint, ..(**finding).clone() }.into()
            }
        }
    }
}

/// A larger record is parsed only if its signature holds: anybody can write a text that costs much to parse.
const MAX_UNSIGNED: usize = 4 << 10;

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
        signed.misplaced(self.path, id, place).map_or(Ok(signed), Err)
    }

    /// Holds a record to its form and its signature, wherever it lies.
    pub(super) fn verify_form<R: Record>(&self, keys: &mut KeyCache) -> Result<Signed<R>, Refused> {
        let signature = check_signature(self.path, R::NAMESPACE, self.bytes, self.armor, keys);
        if let Err(finding) = &signature
            && self.bytes.len() > MAX_UNSIGNED
        {
            return Err(front::says_newer(self.bytes).map_or_else(|| finding.clone().into(), Refused::Newer));
        }
        let (record, body): (R, &str) = front::parse(self.bytes).map_err(|error| malformed(self.path, error))?;
        if record.kind() != R::KIND || i64::from(record.omega()) != front::RULES {
            let message = format!("`omega: {}` and `kind: {}` are expected here", front::RULES, R::KIND);
            return Err(Finding::error(Code::Form, self.path, message).into());
        }
        let (signer, present) = signature.map_err(|finding| finding.of_record(record.resolution()).of_member(record.by()))?;
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
