"""What the audits know of a site's last visit, as a scorecard wants it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import FactSet, Placement, Submission, Withdrawal
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.merging import same_site
from compliance.scorecards.codes import Notice, PayerKind, Season
from compliance.scorecards.grading import Concealment, Sign
from compliance.scorecards.material import Visit
from compliance.verdicts.models import Assessment
from compliance.verdicts.queries import VerdictRecord, verdicts_of_submission
from rules import Commodity

Successor = aliased(Submission)

# What was assessed at a site and still stands, the newest audit first.
STANDING = (
    select(
        Submission.id.label("submission_id"),
        Audit.id,
        Audit.public_id,
        Audit.status,
        Submission.observed_on,
        Audit.notice,
        Audit.payer,
        Audit.season,
    )
    .join(Placement, Placement.submission_id == Submission.id)
    .join(Audit, Audit.id == Placement.audit_id)
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .where(
        Audit.owner_id == bindparam("owner_id"),
        same_site(Audit.site_id),
        Audit.status != State.VOIDED,
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
        select(Assessment.id).where(Assessment.submission_id == Submission.id).exists(),
    )
    .order_by(Submission.observed_on.desc(), Audit.id.desc(), Submission.id)
)
FACTS = (
    select(FactSet.document)
    .where(
        FactSet.owner_id == bindparam("owner_id"),
        FactSet.submission_id.in_(bindparam("submission_ids", expanding=True)),
    )
    .order_by(FactSet.id)
)
# The words of checklists for payers and seasons; others were told by hand.
PAYERS: Mapping[str, PayerKind] = {
    **{str(kind): kind for kind in PayerKind},
    "public": PayerKind.PROGRAMME,
}
SEASONS: Mapping[str, Season] = {
    **{str(season): season for season in Season},
    "between": Season.OUTSIDE_HARVEST,
    "main": Season.MAIN_HARVEST,
    "mid": Season.SECOND_HARVEST,
}


def last_visit(session: Session, scope: Scope, site_id: SiteId) -> Visit | None:
    """Return the last audit of a site that has assessed answers, or None.

    Its days are those that the answers are of: what was planned may be weeks more.
    """
    scope.require(Permission.READ_FINDINGS)
    standing = session.execute(
        STANDING, {"owner_id": scope.organisation_id, "site_id": site_id}
    ).all()
    if not standing:
        return None
    audit = standing[0]
    submissions = [row for row in standing if row.id == audit.id]
    submission_ids = tuple(sorted(row.submission_id for row in submissions))
    days = [row.observed_on for row in submissions]
    documents = [
        json.loads(document)
        for document in session.execute(
            FACTS,
            {
                "owner_id": scope.organisation_id,
                "submission_ids": list(submission_ids),
            },
        ).scalars()
    ]
    return Visit(
        submission_ids=submission_ids,
        from_on=min(days),
        to_on=max(days),
        notice=notice_of(audit.notice, documents),
        payer=PAYERS.get(audit.payer or ""),
        season=season_of(audit.season, documents),
        concealment=Concealment(
            records=sign_of(_facts(documents, "double_books")),
            coaching=sign_of(_of_workers(documents, "answers_coached")),
        ),
        audit=audit.public_id,
        audit_step=audit.status,
        is_final=audit.status == State.FINAL,
        season_name=audit.season,
        interviews=workers_heard(documents),
    )


def latest_verdicts(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[VerdictRecord, ...]:
    """Return what the rules said of a site's last visit, submission by submission."""
    visit = last_visit(session, scope, site_id)
    return tuple(
        verdict
        for submission_id in (visit.submission_ids if visit else ())
        for verdict in verdicts_of_submission(session, scope, submission_id)
    )


def notice_of(stated: str, documents: Iterable[Mapping[str, Any]]) -> Notice | None:
    """Return the notice that was stated, or what the answers say of it."""
    if stated in set(Notice):
        return Notice(stated)
    answers = set(_facts(documents, "audit_announced"))
    if True in answers:
        return Notice.ANNOUNCED
    return Notice.UNANNOUNCED if False in answers else None


def season_of(stated: str | None, documents: Iterable[Mapping[str, Any]]) -> Season:
    """Return the season that was stated, unless an answer denies that it was harvest."""
    kept = list(documents)
    answers = set(_facts(kept, "audit_in_harvest"))
    if False in answers:
        return Season.OUTSIDE_HARVEST
    season = SEASONS.get((stated or "").rpartition("-")[2], Season.NOT_KNOWN)
    if season is not Season.NOT_KNOWN or True not in answers:
        return season
    grows_all_year = any(one["commodity"] == Commodity.PALM_OIL for one in kept)
    return Season.YEAR_ROUND_HARVEST if grows_all_year else Season.MAIN_HARVEST


def workers_heard(documents: Iterable[Mapping[str, Any]]) -> int | None:
    """Return how many workers were heard alone, None where nobody noted that."""
    alone = _of_workers(documents, "interviewed_alone")
    return None if set(alone) <= {None} else alone.count(True)


def sign_of(answers: Iterable[object]) -> Sign:
    """Found once is found; clear is only what was asked of all and denied by all."""
    given = list(answers)
    if True in given:
        return Sign.FOUND
    is_denied = bool(given) and all(answer is False for answer in given)
    return Sign.CLEAR if is_denied else Sign.UNDETERMINED


def _facts(documents: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """Return the known yes-no answers to a fact; what is unknown is None."""
    return [_known(one.get("facts", {}).get(name)) for one in documents]


def _of_workers(documents: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    return [
        _known(worker.get(name))
        for one in documents
        for worker in one.get("workers") or ()
    ]


def _known(answer: object) -> bool | None:
    return answer if isinstance(answer, bool) else None
