"""Authorisation broken on purpose, one place at a time: the matrix must find each out.

On SQLite, where the Scope is the only wall. That the matrix is content without a break
is what `test_matrix.py` tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from audits.submissions import queries as submissions
from audits.submissions.models import Submission
from compliance.findings import actions as finding_actions
from compliance.findings import queries as findings
from compliance.identifiers import OrganisationId
from compliance.identity import permissions, scope
from compliance.identity.models import ApiKey, Organisation, Role
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Credential, KeyGiven, Scope
from compliance.listings import Listing
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent, Subject
from compliance.scorecards import queries as scorecards
from compliance.scorecards.models import Scorecard
from compliance.scorecards.queries import ScorecardRecord
from tests.isolation.matrix import mismatches
from tests.isolation.routes import ROUTES
from tests.isolation.world import World

Patch = pytest.MonkeyPatch
CARD = "GET /v1/scorecards/{scorecard}"
FINDING = "GET /v1/findings/{ref}"
STEPS = "POST /v1/findings/{ref}/steps"
SUBMISSION = "GET /v1/submissions/{submission}"
ANYBODYS = replace(findings.LISTED, statement=findings.FINDINGS)


def _cards_shown_by(*conditions: object) -> Listing[ScorecardRecord]:
    """Return the cards of sites of which some consent meets the conditions."""
    shown = (
        select(Consent.id)
        .where(
            Consent.site_id == Site.id,
            Consent.grantee_id == bindparam("organisation_id"),
            *conditions,  # type: ignore[arg-type]  # clauses
        )
        .correlate(Site)
        .exists()
    )
    own = Scorecard.owner_id == bindparam("organisation_id")
    operated = Site.operator_id == bindparam("organisation_id")
    statement = scorecards.SCORECARDS.where(own | operated | shown)
    return replace(scorecards.ANY_SEEN, statement=statement)


def a_finding_is_read_without_its_owner(patch: Patch) -> None:
    patch.setattr(findings, "LISTED", ANYBODYS)


def a_list_forgets_its_owner(patch: Patch) -> None:
    patch.setattr(findings, "_seen_as", lambda _wanted: ANYBODYS)


def a_submission_is_read_without_its_owner(patch: Patch) -> None:
    def unscoped(session: Session, asking: Scope, public_id: str) -> object:
        owner_id = session.scalar(
            select(Submission.owner_id).where(Submission.public_id == public_id)
        )
        return known(
            session,
            replace(
                asking,
                organisation_id=OrganisationId(owner_id or asking.organisation_id),
            ),
            public_id,
        )

    known = submissions.submission
    patch.setattr(submissions, "submission", unscoped)


def a_permission_is_not_asked_for(patch: Patch) -> None:
    patch.setattr(Scope, "require", lambda _scope, _permission: None)


def a_consent_never_expires(patch: Patch) -> None:
    shown = _cards_shown_by(
        Consent.subject == Subject.SCORECARD,
        Consent.valid_from <= bindparam("now"),
        Consent.revoked_at.is_(None),
    )
    patch.setattr(scorecards, "ANY_SEEN", shown)


def a_consent_is_not_taken_back(patch: Patch) -> None:
    shown = _cards_shown_by(
        Consent.subject == Subject.SCORECARD,
        Consent.valid_from <= bindparam("now"),
        Consent.valid_until > bindparam("now"),
    )
    patch.setattr(scorecards, "ANY_SEEN", shown)


def a_consent_holds_before_it_begins(patch: Patch) -> None:
    shown = _cards_shown_by(
        Consent.subject == Subject.SCORECARD,
        Consent.valid_until > bindparam("now"),
        Consent.revoked_at.is_(None),
    )
    patch.setattr(scorecards, "ANY_SEEN", shown)


def sight_of_the_risk_shows_the_card(patch: Patch) -> None:
    shown = _cards_shown_by(
        Consent.valid_from <= bindparam("now"),
        Consent.valid_until > bindparam("now"),
        Consent.revoked_at.is_(None),
    )
    patch.setattr(scorecards, "ANY_SEEN", shown)


def an_operator_decides_like_an_owner(patch: Patch) -> None:
    patch.setattr(finding_actions, "reached_by", lambda _step: frozenset(Relation))


def a_role_is_given_too_much(patch: Patch) -> None:
    more = permissions.PERMISSIONS[Role.ANALYST] | {Permission.DECIDE_FINDINGS}
    patch.setitem(permissions.PERMISSIONS, Role.ANALYST, more)


def a_role_is_given_too_little(patch: Patch) -> None:
    less = permissions.PERMISSIONS[Role.AUDITOR] - {Permission.READ_VISITS}
    patch.setitem(permissions.PERMISSIONS, Role.AUDITOR, less)


def a_key_is_known_by_its_name_alone(patch: Patch) -> None:
    by_name = (
        select(*scope.KEY_IN_FORCE.selected_columns)
        .join(Organisation, Organisation.id == ApiKey.organisation_id)
        .where(ApiKey.public_id == bindparam("public_id"))
    )
    patch.setattr(scope, "KEY_IN_FORCE", by_name)


@dataclass(frozen=True)
class Break:
    """One place that is spoilt, and the route at which the matrix sees it."""

    spoil: Callable[[Patch], None]
    route: str


BREAKS = (
    Break(a_finding_is_read_without_its_owner, FINDING),
    Break(a_list_forgets_its_owner, "GET /v1/findings"),
    Break(a_submission_is_read_without_its_owner, SUBMISSION),
    Break(a_permission_is_not_asked_for, "POST /v1/producers"),
    Break(a_consent_never_expires, CARD),
    Break(a_consent_is_not_taken_back, CARD),
    Break(a_consent_holds_before_it_begins, CARD),
    Break(sight_of_the_risk_shows_the_card, CARD),
    Break(an_operator_decides_like_an_owner, STEPS),
    Break(a_role_is_given_too_much, STEPS),
    Break(a_role_is_given_too_little, SUBMISSION),
    Break(a_key_is_known_by_its_name_alone, FINDING),
)


@pytest.mark.parametrize("spoilt", BREAKS, ids=lambda one: one.spoil.__name__)
def test_the_matrix_finds_a_break(
    sqlite_world: World, monkeypatch: Patch, spoilt: Break
) -> None:
    with monkeypatch.context() as patch:
        spoilt.spoil(patch)
        found = mismatches(sqlite_world, ROUTES, [spoilt.route])

    assert found != []
    assert mismatches(sqlite_world, ROUTES, [spoilt.route]) == []


def test_the_matrix_finds_a_cookie_that_opens_anothers_organisation(
    sqlite_world: World, monkeypatch: Patch
) -> None:
    exporters = KeyGiven(sqlite_world.tenants["exporter"].keys[Role.ADMINISTRATOR])
    by_cookie = scope._scope_of_cookie

    def confused(session: Session, text: str) -> Scope:
        by_cookie(session, text)
        return scope._scope_of_key(session, exporters.text)

    with monkeypatch.context() as patch:
        patch.setattr(scope, "_scope_of_cookie", confused)
        found = mismatches(sqlite_world, ROUTES, [FINDING])

    assert [one for one in found if "other, by cookie" in one] != []


def test_the_matrix_finds_a_door_that_asks_nobody_who_they_are(
    sqlite_world: World, monkeypatch: Patch
) -> None:
    exporters = KeyGiven(sqlite_world.tenants["exporter"].keys[Role.ADMINISTRATOR])
    known = scope._scope_of

    def hospitable(session: Session, credential: Credential | None) -> Scope:
        return known(session, credential or exporters)

    with monkeypatch.context() as patch:
        patch.setattr(scope, "_scope_of", hospitable)
        found = mismatches(sqlite_world, ROUTES, [FINDING])

    assert [one for one in found if " as nobody" in one] != []


@pytest.mark.parametrize(
    "spoil",
    [a_finding_is_read_without_its_owner, a_list_forgets_its_owner],
    ids=lambda one: one.__name__,
)
def test_where_a_query_forgets_its_owner_postgresql_does_not(
    postgresql_world: World, monkeypatch: Patch, spoil: Callable[[Patch], None]
) -> None:
    """Of a stranger's rows nothing is told; only the relation filter is spoilt."""
    with monkeypatch.context() as patch:
        spoil(patch)
        found = mismatches(postgresql_world, ROUTES, [FINDING, "GET /v1/findings"])

    assert [one for one in found if " as other" in one or " as shown" in one] == []
