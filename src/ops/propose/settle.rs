//! Proposals that change nothing, and confirm or undo an emergency.

use std::collections::BTreeMap;

use crate::canon::ResolutionId;
use crate::canon::text::visible;
use crate::digest::Digest;
use crate::ledger::proposal::settlement_risk;
use crate::ledger::state::{Ledger, Unsettled};
use crate::ledger::verdict::Standing;

use super::id::{Sought, check_limit, choose_id};
use super::sources::{Earlier, starting};
use super::{Plan, Purpose, Request, Source, Start, check_title, risk_above};
use crate::workspace::desk::Desk;
use crate::workspace::draft::refuse_foreign;
use crate::workspace::{Error, find};

/// The emergency that a request settles; nothing, if it changes files. Whoever supersedes a settlement
/// settles the same emergency.
pub(super) fn target(desk: &Desk<'_>, request: &Request<'_>) -> Result<Option<String>, Error> {
    match (&request.purpose, &request.supersedes) {
        (Purpose::Settlement(target) | Purpose::Expiry(target), _) => Ok(Some(target.clone())),
        (Purpose::Change, Some(earlier)) if matches!(request.source, Source::WorkTree) => {
            let earlier = find::proposals(desk.repo)?.into_iter().find(|proposal| proposal.resolution == *earlier);
            Ok(earlier.and_then(|proposal| proposal.settles).map(|ruling| ruling.to_string()))
        }
        _ => Ok(None),
    }
}

/// The unsettled emergency that a text names: by its resolution or a part of that, or by the digest of
/// its ruling.
///
/// # Errors
/// Denied, if it is settled; usage, if no or more than one emergency is named so.
pub(in super::super) fn named<'l>(ledger: &'l Ledger, text: &str) -> Result<&'l Unsettled, Error> {
    let exact = |u: &&Unsettled| u.resolution.as_str() == text || u.ruling.to_string() == text;
    if let Some(exact) = ledger.unsettled.iter().find(exact) {
        return Ok(exact);
    }
    let matching: Vec<&Unsettled> = ledger.unsettled.iter().filter(|u| means(text, &u.resolution, &u.ruling)).collect();
    let shown = visible(text);
    match matching.as_slice() {
        [one] => Ok(one),
        [] if ledger.rulings.iter().any(|ruled| ruled.resolution.as_str() == text || ruled.digest.to_string() == text) => {
            Err(Error::denied(format!("`{shown}` is not an unsettled emergency"), "omega status lists the unsettled ones"))
        }
        [] => Err(Error::usage(format!("no emergency that waits to be settled is called `{shown}`"), "omega status lists them")),
        several => {
            let names: Vec<&str> = several.iter().map(|u| u.resolution.as_str()).collect();
            Err(Error::usage(format!("`{shown}` may be any of: {}", names.join(", ")), "write more of the id"))
        }
    }
}

/// Whether a text may name this emergency.
pub(in super::super) fn means(text: &str, resolution: &ResolutionId, ruling: &Digest) -> bool {
    resolution.as_str().contains(text) || ruling.to_string() == text
}

/// Says what would be proposed. Writes nothing.
pub(super) fn plan(desk: &Desk<'_>, request: &Request<'_>, target: &str) -> Result<Plan, Error> {
    if matches!(request.source, Source::Commit(_)) {
        return Err(Error::usage("a settlement changes no files", "leave --from out"));
    }
    let head = desk.repo.head()?.commit.ok_or_else(|| Error::usage("there is no commit yet", "omega init"))?;
    let main = desk.main(desk.look_at(head)?.law()?)?;
    let earlier = request.supersedes.as_ref().map(|id| Earlier::find(desk, id, main.tip)).transpose()?;
    if let Some(earlier) = &earlier {
        earlier.may_be_superseded(desk)?;
    }
    let basis = starting(desk, &main, earlier.as_ref())?;
    let assessment = desk.assess(basis.tree)?;
    refuse_foreign(desk.repo, &assessment, request.supersedes.as_ref())?;
    let law = assessment.law()?;
    let (by, chief) = (desk.member(law)?.name.clone(), law.roster.chief().name.clone());
    let limit = law.protocol.limits.open_per_member;
    let unsettled = named(&assessment.judgement.ledger, target)?;
    let alone = matches!(request.purpose, Purpose::Expiry(_));
    let verb = if alone { "Expire" } else { "Settle" };
    let title = match request.title.trim() {
        "" => format!("{verb} the emergency of ruling {}", unsettled.sequence),
        title => {
            check_title(title)?;
            title.to_owned()
        }
    };
    let floor = settlement_risk(&law.protocol.risk, unsettled);
    let risk = risk_above(floor, request.risk)?;
    let (ruling, emergency) = (unsettled.ruling, unsettled.resolution.clone());
    if alone && by != chief {
        return Err(Error::denied(
            format!("only the Chief expires an emergency, and `{chief}` is the Chief"),
            format!("put it to the council: omega propose --settles {emergency}"),
        ));
    }
    let start =
        Start { basis, assessment, from_worktree: false, repeats: true, at_hand: None, edited_from: BTreeMap::new(), inherited: None };
    let sought =
        Sought { title: &title, by: &by, wanted: &BTreeMap::new(), settles: Some(ruling), purge: &[], at_once: alone, recovery: false };
    let (id, existing) = choose_id(desk, &start, &sought)?;
    if !alone && !existing {
        let is_open = |id: &_| {
            !start.assessment.judgement.ledger.closed.contains_key(id)
                && request.supersedes.as_ref() != Some(id)
                && !matches!(start.assessment.standing(id), Some(Standing::Withdrawn | Standing::Superseded(_)))
        };
        let earlier = find::proposals(desk.repo)?.into_iter().find(|p| p.settles == Some(ruling) && is_open(&p.resolution));
        if let Some(earlier) = earlier {
            let earlier = earlier.resolution;
            return Err(Error::denied(
                format!("{earlier} is to settle the emergency already"),
                format!("omega vote {earlier} approve; or stand in its place: omega propose --supersedes {earlier}"),
            ));
        }
        check_limit(desk, request, &start, limit, &by)?;
    }
    Ok(Plan {
        id,
        title,
        risk,
        floor,
        changes: Vec::new(),
        carried: Vec::new(),
        left_out: Vec::new(),
        entering: Vec::new(),
        settles: Some(ruling),
        purge: Vec::new(),
        findings: Vec::new(),
        returning: Vec::new(),
        shifts: Vec::new(),
        start,
        existing,
    })
}
