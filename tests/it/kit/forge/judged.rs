//! What the library says of a tree.

use omega::canon::policy::Bypass;
use omega::canon::{ResolutionId, layout};
use omega::clock::Timestamp;
use omega::finding::Code;
use omega::ledger::kinds::Ruling;
use omega::survey::verify::{Conclusion, Report, verify};
use omega::workspace::pin::Pin;

use super::Forge;

impl Forge {
    pub fn pin(&self) -> Pin {
        Pin::Root(self.root())
    }

    pub fn verify(&self) -> Report {
        self.verify_with(self.pin(), Timestamp::from_unix(self.now + 60).unwrap())
    }

    pub fn verify_with(&self, pin: Pin, now: Timestamp) -> Report {
        verify(&self.tree, "memory", Some(pin), now, 1).unwrap()
    }

    #[track_caller]
    pub fn concludes(&self, conclusion: Conclusion) -> Report {
        let report = self.verify();
        assert_eq!(report.conclusion, conclusion, "{:#?}", report.findings);
        report
    }

    /// Every governed byte is ratified.
    #[track_caller]
    pub fn holds(&self) -> Report {
        self.concludes(Conclusion::Holds)
    }

    /// Live differs by drafts only.
    #[track_caller]
    pub fn pends(&self) -> Report {
        self.concludes(Conclusion::Pending)
    }

    /// The tree is violated, with this finding at this path among what is found.
    #[track_caller]
    pub fn violates(&self, code: Code, path: impl AsRef<str>) -> Report {
        violated(self.verify(), code, path.as_ref())
    }

    /// The file of a resolution.
    pub fn of(&self, id: &ResolutionId, name: &str) -> String {
        layout::in_folder(id, name).to_string()
    }
}

#[track_caller]
pub fn violated(report: Report, code: Code, path: &str) -> Report {
    assert_eq!(report.conclusion, Conclusion::Violated, "expected {code} at {path}");
    let found = report.findings.iter().any(|finding| finding.code == code && finding.path == path && finding.is_error());
    assert!(found, "expected {code} at {path}, and found {:#?}", report.findings);
    report
}

pub fn bypassing(bypass: Bypass) -> impl FnOnce(&mut Ruling) {
    move |ruling| ruling.bypass = Some(bypass)
}
