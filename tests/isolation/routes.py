"""Every route of the application, and what it asks for: one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from compliance.identity.policy import Action, Relation, Resource
from tests.browsing import OURS
from tests.field import BOUNDARY, OPENROSA
from tests.isolation import bodies
from tests.isolation.corrections import CORRECTIONS
from tests.isolation.desks import DESKS
from tests.isolation.matrix import DONE, REFUSED, TO_SIGN_IN, Asks, Body

PUBLIC = Asks(Resource.NOTICE, Action.READ)
BOOK = Asks(Resource.EDITION, Action.READ)
OF_SITE = {
    "site_id": "site",
    "submission_id": "submission",
    "rule_id": "rule",
    "card_id": "scorecard",
}
OWN_FORM = {"checklist": "own_checklist"}


def page(resource: Resource, action: Action, *, is_list: bool = False) -> Asks:
    """Return a page that people read; who is not signed in is led to the form."""
    return Asks(resource, action, is_list=is_list, names=OF_SITE, anonymous=TO_SIGN_IN)


def account(body: Body | None = None) -> Asks:
    """Return what somebody does about their own account, which a key has none of."""
    return Asks(
        Resource.ACCOUNT,
        Action.CHANGE,
        body,
        done=frozenset({200, 204, 303, 401, 403, 404, 422, 429}),
        anonymous=TO_SIGN_IN,
    )


UPLOAD = {**OPENROSA, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
FORM = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
UPLOADED = {**OURS, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
BY_BODY = frozenset({403, 404, 422})
# Who may try is told that the thing is at another step, or that the file is none.
OR_NOT_NOW = DONE | {409, 412}
# What changes at a site is told to those it is shown to, in alerts of their own.
SHOWN = frozenset({Relation.SHARED_RISK, Relation.SHARED_SCORECARD})
OR_UNREADABLE = DONE | {415, 422}
SITE, REGISTER = Resource.SITE, Resource.REGISTER
DETAIL, VISIT = Resource.LAND_AND_PEOPLE, Resource.VISIT
ACTION, REMEDY = Resource.CORRECTIVE_ACTION, Resource.REMEDY
READ, CHANGE = Action.READ, Action.CHANGE


def of_register(**rest: Any) -> Asks:
    return Asks(REGISTER, READ, **rest)


def changing(body: Body | None = None, **rest: Any) -> Asks:
    return Asks(REGISTER, CHANGE, body, **rest)


def form_of(body: Body = bodies.nothing, *, is_nobodys: bool = False) -> Asks:
    """Return what is sent from a page about an import; an empty form may be refused."""
    return Asks(
        REGISTER,
        CHANGE,
        body,
        headers=FORM,
        is_nobodys=is_nobodys,
        done=OR_NOT_NOW | {303, 400, 415, 422},
        anonymous=TO_SIGN_IN,
    )


def of_visit(body: Body = bodies.nothing) -> Asks:
    """Return what a reviewer sends from a page; it may not be the time for it."""
    return Asks(
        VISIT,
        Action.SUPERVISE,
        body,
        headers=FORM,
        names=OF_SITE,
        done=OR_NOT_NOW | {303, 422},
        anonymous=TO_SIGN_IN,
    )


def planning(
    resource: Resource, action: Action, body: Body = bodies.nothing, **rest: Any
) -> Asks:
    """Return what a planner sends from a page; it may not be the time for it."""
    return Asks(
        resource,
        action,
        body,
        headers=FORM,
        names=OF_SITE,
        done=OR_NOT_NOW | {303},
        anonymous=TO_SIGN_IN,
        **rest,
    )


def alert_form(*, is_nobodys: bool = False) -> Asks:
    """Return what a person says of alerts from a page; a key is no person."""
    return Asks(
        Resource.ALERT,
        CHANGE,
        bodies.nothing,
        headers=FORM,
        is_nobodys=is_nobodys,
        done=DONE | {303, 403},
        anonymous=TO_SIGN_IN,
    )


def of_author(
    resource: Resource,
    action: Action,
    body: Body | None = bodies.nothing,
    headers: Mapping[str, str] = FORM,
) -> Asks:
    """Return what an author sends from a page; what is sent may be of no use."""
    return Asks(
        resource,
        action,
        body,
        headers=headers,
        is_nobodys=True,
        done=OR_NOT_NOW | {303, 422},
        anonymous=TO_SIGN_IN,
    )


def with_token(*done: int, body: Body | None = None) -> Asks:
    """Return what anybody may try: only the token in the request opens anything."""
    return Asks(
        Resource.NOTICE, READ, body, headers=FORM, done=frozenset({*done, *DONE})
    )


ROUTES: Mapping[str, Asks | Sequence[Asks]] = {
    # What anybody may ask.
    "GET /livez": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /openapi.yaml": PUBLIC,
    "GET /problems": PUBLIC,
    "GET /problems/{slug}": PUBLIC,
    "GET /v/{code}": PUBLIC,
    "GET /.well-known/did.json": PUBLIC,
    "GET /.well-known/issuer-certificates.pem": PUBLIC,
    "GET /did.json": PUBLIC,
    "GET /v1/status-lists/{purpose}/{number}": Asks(
        Resource.NOTICE,
        READ,
        names={"purpose": "list_purpose", "number": "list_number"},
    ),
    "GET /static/{name}": Asks(Resource.NOTICE, READ, names={"name": "static_name"}),
    "GET /static/map/{name}": Asks(Resource.NOTICE, READ, names={"name": "map_part"}),
    "GET /static/map/boundaries/{name}": Asks(
        Resource.NOTICE, READ, names={"name": "boundary"}
    ),
    "GET /static/fonts/{name}": PUBLIC,
    "GET /static/form/{name}": Asks(
        Resource.NOTICE, READ, names={"name": "form_shell"}
    ),
    "GET /field/worker.js": PUBLIC,
    # Authors' pages, and those for anybody.
    "GET /checklists": replace(page(Resource.CHECKLIST, READ), is_nobodys=True),
    "POST /checklists": of_author(Resource.CHECKLIST, CHANGE, bodies.carried_workbook),
    "POST /checklists/check": of_author(
        Resource.CHECKLIST, CHANGE, bodies.uploaded_workbook, headers=UPLOADED
    ),
    "GET /checklists/{checklist}": replace(
        page(Resource.CHECKLIST, READ), names=OWN_FORM
    ),
    "GET /checklists/{checklist}/versions/{version}": replace(
        page(Resource.CHECKLIST, READ), names=OWN_FORM
    ),
    "POST /checklists/{checklist}/close": replace(
        of_author(Resource.CHECKLIST, CHANGE), names=OWN_FORM, is_nobodys=False
    ),
    "POST /checklists/{checklist}/reopen": replace(
        of_author(Resource.CHECKLIST, CHANGE), names=OWN_FORM, is_nobodys=False
    ),
    "GET /editions": page(Resource.EDITION, READ),
    "GET /editions/on-trial": replace(page(Resource.FINDING, READ), is_nobodys=True),
    "GET /editions/{edition}": page(Resource.EDITION, READ),
    "GET /editions/{edition}/diff/{other}": page(Resource.EDITION, READ),
    "POST /editions/try": of_author(
        Resource.EDITION, Action.PUBLISH, bodies.uploaded_book, headers=UPLOADED
    ),
    "POST /editions/{edition}/try": of_author(Resource.EDITION, Action.PUBLISH),
    "POST /editions/{edition}/publish": of_author(Resource.EDITION, Action.PUBLISH),
    # The job of these tests is no trial, so nobody is shown one.
    "GET /editions/trials/{job}": replace(
        of_author(Resource.EDITION, Action.PUBLISH, None),
        headers={},
        done=frozenset({404}),
    ),
    "POST /editions/trials/{job}/publish": replace(
        of_author(Resource.EDITION, Action.PUBLISH), done=frozenset({404})
    ),
    "GET /list-matches": page(Resource.LIST_MATCH, READ, is_list=True),
    "GET /list-matches/exclusions": page(Resource.EXCLUSION, READ, is_list=True),
    "GET /list-matches/{match}": page(Resource.LIST_MATCH, READ),
    "POST /list-matches/{match}/decisions": replace(
        of_author(Resource.LIST_MATCH, Action.DECIDE, bodies.form_of_match),
        is_nobodys=False,
    ),
    "POST /list-matches/{match}/exclusions/{exclusion}": replace(
        of_author(Resource.EXCLUSION, Action.DECIDE, bodies.form_of_exclusion),
        is_nobodys=False,
    ),
    "GET /list-matches/lists": replace(
        page(Resource.PUBLIC_LIST, READ), is_nobodys=True
    ),
    "POST /list-matches/lists": of_author(
        Resource.PUBLIC_LIST, Action.IMPORT, bodies.form_of_list
    ),
    "GET /list-matches/lists/{public_list}": page(Resource.PUBLIC_LIST, READ),
    "POST /list-matches/lists/{public_list}/editions": replace(
        of_author(
            Resource.PUBLIC_LIST,
            Action.IMPORT,
            bodies.uploaded_list,
            headers=UPLOADED,
        ),
        is_nobodys=False,
    ),
    "GET /list-matches/lists/{public_list}/editions/{list_edition}": page(
        Resource.PUBLIC_LIST, READ
    ),
    "GET /grading": PUBLIC,
    "GET /limits": PUBLIC,
    "GET /verify": PUBLIC,
    "GET /rules": PUBLIC,
    "GET /rules/{rule_id}": Asks(Resource.NOTICE, READ, names=OF_SITE),
    "GET /.well-known/atalaya-trail-keys": PUBLIC,
    "GET /.well-known/atalaya-trail-heads": PUBLIC,
    "GET /.well-known/jwks.json": PUBLIC,
    "GET /.well-known/oauth-authorization-server": PUBLIC,
    "GET /verify-draw.py": PUBLIC,
    "GET /verify-trail.py": PUBLIC,
    "POST /oauth/token": with_token(400, 401, body=bodies.nothing),
    "GET /sign-in": PUBLIC,
    "POST /sign-in": with_token(401, 429, body=bodies.form),
    "POST /sign-out": with_token(303),
    "GET /sign-in/external": with_token(303, 404),
    "GET /sign-in/external/callback": with_token(303, 400, 404),
    "GET /join/{token}": with_token(404, 410, 422),
    "POST /join/{token}": with_token(404, 410, 422, body=bodies.nothing),
    "GET /password/{token}": with_token(404, 410, 422),
    "POST /password/{token}": with_token(404, 410, 422, body=bodies.nothing),
    # Pages.
    # What is owed is told to who operates a site, and what was promised to who did.
    "GET /": Asks(
        Resource.PAGE,
        READ,
        is_nobodys=True,
        follows=SHOWN | {Relation.OPERATES},
        anonymous=TO_SIGN_IN,
    ),
    "GET /first-steps": Asks(
        Resource.PAGE, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "GET /alerts": Asks(
        Resource.ALERT, READ, is_nobodys=True, follows=SHOWN, anonymous=TO_SIGN_IN
    ),
    "POST /alerts/read": alert_form(is_nobodys=True),
    "POST /alerts/{alert}/open": alert_form(),
    "GET /alerts/preferences": Asks(
        Resource.ALERT, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "POST /alerts/preferences": alert_form(is_nobodys=True),
    "GET /jobs": Asks(Resource.JOB, READ, is_nobodys=True, anonymous=TO_SIGN_IN),
    "GET /jobs/{job}": Asks(Resource.JOB, READ, anonymous=TO_SIGN_IN),
    "POST /jobs/{job}/retry": Asks(
        Resource.JOB,
        CHANGE,
        bodies.nothing,
        headers=FORM,
        done=OR_NOT_NOW | {303},
        anonymous=TO_SIGN_IN,
    ),
    # Whoever else may see its risk is led to the portfolio, which decides about them.
    "GET /sites/{site_id}": replace(page(Resource.PAGE, READ), refused=REFUSED | {303}),
    "GET /submissions/{submission_id}": page(Resource.VERDICT, Action.EXPLAIN),
    "GET /scorecards/{card_id}": page(Resource.SCORECARD, READ),
    "GET /scorecards/{card_id}/plain": page(Resource.SCORECARD, READ),
    "POST /scorecards/{card_id}/answers": Asks(
        Resource.CARD_ANSWER,
        Action.ANSWER,
        bodies.card_answer_form,
        headers=FORM,
        names=OF_SITE,
        done=frozenset({303, 409}),
        anonymous=TO_SIGN_IN,
    ),
    "GET /sites/{site_id}/scorecard": page(Resource.SCORECARD, Action.ISSUE),
    "POST /sites/{site_id}/scorecard": planning(
        Resource.SCORECARD, Action.ISSUE, bodies.card_form
    ),
    "POST /scorecards/{card_id}/suspend": planning(
        Resource.SCORECARD, Action.ISSUE, bodies.suspension_form
    ),
    "POST /scorecards/{card_id}/restore": planning(
        Resource.SCORECARD, Action.ISSUE, bodies.restoring_form
    ),
    "POST /scorecards/{card_id}/revoke": planning(
        Resource.SCORECARD, Action.ISSUE, bodies.revocation_form
    ),
    # The portfolio, as exporters and buyers see it, and the list of cards.
    "GET /portfolio": Asks(Resource.RISK, READ, is_list=True, anonymous=TO_SIGN_IN),
    "GET /portfolio/points.geojson": Asks(
        Resource.RISK, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "GET /portfolio/ask": Asks(
        Resource.RISK, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "POST /portfolio/ask": Asks(
        Resource.RISK,
        READ,
        bodies.names_form,
        headers=FORM,
        is_nobodys=True,
        anonymous=TO_SIGN_IN,
    ),
    "GET /portfolio/{site_id}": page(Resource.RISK, READ),
    "GET /scorecards": page(Resource.SCORECARD, READ, is_list=True),
    # The supply base, samples and assignments, as whoever plans the visits sees them.
    "GET /supply-base": page(Resource.PAGE, READ, is_list=True),
    "GET /supply-base/points.geojson": Asks(
        Resource.PAGE, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "GET /supply-base/{site_id}/plan-visit": page(VISIT, Action.SUBMIT),
    "POST /supply-base/{site_id}/plan-visit": planning(
        VISIT, Action.SUBMIT, bodies.plan_form
    ),
    "GET /draws": Asks(
        Resource.DRAW, Action.MANAGE, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "GET /draws/new": Asks(
        Resource.DRAW, Action.MANAGE, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "POST /draws": planning(
        Resource.DRAW, Action.MANAGE, bodies.draw_form, refused=BY_BODY
    ),
    "GET /draws/{draw}": page(Resource.DRAW, Action.MANAGE),
    "POST /draws/{draw}/swaps": planning(
        Resource.DRAW, Action.MANAGE, bodies.swap_form
    ),
    "POST /draws/{draw}/plan": planning(
        Resource.DRAW, Action.SUBMIT, bodies.window_form
    ),
    "GET /assignments": page(Resource.ASSIGNMENT, Action.MANAGE, is_list=True),
    "GET /assignments/new": Asks(
        Resource.ASSIGNMENT, Action.MANAGE, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    "POST /assignments": planning(
        Resource.ASSIGNMENT, Action.MANAGE, bodies.visits_form, refused=BY_BODY
    ),
    "GET /assignments/{assignment}": page(Resource.ASSIGNMENT, Action.MANAGE),
    "POST /assignments/{assignment}/withdraw": planning(
        Resource.ASSIGNMENT, Action.MANAGE
    ),
    "GET /devices": Asks(Resource.DEVICE, READ, is_nobodys=True, anonymous=TO_SIGN_IN),
    "POST /devices": planning(
        Resource.DEVICE, Action.MANAGE, bodies.device_form, is_nobodys=True
    ),
    "POST /devices/{device}/revoke": planning(Resource.DEVICE, Action.TAKE_BACK),
    "GET /my-visits": Asks(
        Resource.ASSIGNMENT, READ, is_nobodys=True, anonymous=TO_SIGN_IN
    ),
    # Audits and submissions, as their reviewers see them.
    "GET /audits": page(VISIT, READ, is_list=True),
    "GET /audits/{audit}": page(VISIT, READ),
    "POST /audits/{audit}/review": of_visit(),
    "POST /audits/{audit}/return": of_visit(bodies.remarks_form),
    "POST /audits/{audit}/offer-reply": of_visit(),
    "POST /audits/{audit}/finalise": of_visit(),
    "POST /audits/{audit}/void": of_visit(bodies.voiding_form),
    "GET /submissions": page(VISIT, READ, is_list=True),
    "POST /submissions/{submission_id}/site": of_visit(bodies.site_form),
    "POST /submissions/{submission_id}/process": of_visit(),
    "POST /submissions/{submission_id}/withdraw": of_visit(bodies.withdrawal_form),
    "GET /account": account(),
    "GET /imports": Asks(REGISTER, READ, is_nobodys=True, anonymous=TO_SIGN_IN),
    "POST /imports": form_of(is_nobodys=True),
    "GET /imports/{site_import}": page(REGISTER, READ),
    "GET /imports/{site_import}/columns": page(REGISTER, READ),
    "GET /imports/{site_import}/rows/{row}": page(REGISTER, READ),
    "POST /imports/{site_import}/columns": form_of(),
    "POST /imports/{site_import}/rows/{row}": form_of(bodies.row_form),
    "POST /imports/{site_import}/decisions": form_of(bodies.rows_form),
    "POST /imports/{site_import}/confirm": form_of(),
    "POST /imports/{site_import}/resume": form_of(),
    "POST /imports/{site_import}/cancel": form_of(),
    "POST /account/password": account(bodies.nothing),
    "POST /account/organisation": account(bodies.nothing),
    # Sites.
    "GET /v1/sites": Asks(SITE, READ, is_list=True),
    "GET /v1/sites/{site}": Asks(SITE, READ),
    "GET /v1/producers": Asks(SITE, READ, is_list=True),
    "POST /v1/producers": Asks(SITE, CHANGE, bodies.farm, is_nobodys=True),
    "GET /v1/producers/{site}": Asks(SITE, READ),
    "PATCH /v1/producers/{site}": Asks(SITE, CHANGE, bodies.upkeep),
    "GET /v1/mills": Asks(SITE, READ, is_nobodys=True),
    "POST /v1/mills": Asks(SITE, CHANGE, bodies.farm, is_nobodys=True),
    "GET /v1/mills/{site}": of_register(names={"site": "mill"}),
    "PATCH /v1/mills/{site}": changing(bodies.upkeep, names={"site": "mill"}),
    "GET /v1/mills/{mill}/supply-base": of_register(queries=("?season=2026-main",)),
    "POST /v1/sites/{site}/close": Asks(SITE, CHANGE, bodies.closing),
    "POST /v1/sites/{site}/reopen": Asks(SITE, CHANGE, done=OR_NOT_NOW),
    "POST /v1/sites/{site}/identifiers": Asks(SITE, CHANGE, bodies.number),
    "DELETE /v1/sites/{site}/identifiers": Asks(
        SITE, CHANGE, queries=("?scheme=own_number&value={own_number}",)
    ),
    "GET /v1/site-merges": of_register(is_nobodys=True),
    "POST /v1/site-merges": changing(bodies.merge, refused=BY_BODY),
    "GET /v1/site-merges/{merge}": of_register(),
    "POST /v1/site-merges/{merge}/undo": changing(),
    "GET /v1/plots": Asks(DETAIL, READ, is_list=True),
    "GET /v1/plots/{plot}": Asks(DETAIL, READ),
    "POST /v1/plots/{plot}/end": Asks(DETAIL, CHANGE),
    "GET /v1/sites/{site}/plots": Asks(DETAIL, READ),
    "POST /v1/sites/{site}/plots": Asks(DETAIL, CHANGE, bodies.plot),
    "GET /v1/workforce-profiles": Asks(DETAIL, READ, is_list=True),
    "GET /v1/sites/{site}/workforce": Asks(DETAIL, READ),
    "POST /v1/sites/{site}/workforce": Asks(DETAIL, CHANGE, bodies.workforce),
    "GET /v1/sites/{site}/season": Asks(DETAIL, READ, queries=("?on=2026-02-02",)),
    # The rest of the register.
    "POST /v1/organisations": changing(bodies.organisation, is_nobodys=True),
    "GET /v1/supply-links": of_register(is_list=True),
    "POST /v1/supply-links": changing(bodies.link, refused=BY_BODY),
    "GET /v1/supply-links/{link}": of_register(),
    "PATCH /v1/supply-links/{link}": changing(bodies.share),
    "DELETE /v1/supply-links/{link}": changing(),
    "GET /v1/groups": of_register(is_nobodys=True),
    "GET /v1/groups/{group}": of_register(),
    "GET /v1/groups/{group}/members": of_register(),
    "POST /v1/groups/{group}/members": changing(bodies.next_season),
    "GET /v1/memberships": of_register(is_list=True),
    "GET /v1/memberships/{membership}": of_register(),
    "DELETE /v1/memberships/{membership}": changing(),
    "GET /v1/sites/{site}/groups": of_register(),
    "GET /v1/certificates": of_register(is_list=True),
    "POST /v1/certificates": changing(bodies.certificate, refused=BY_BODY),
    "GET /v1/certificates/{certificate}": of_register(),
    "PATCH /v1/certificates/{certificate}": changing(bodies.certified_longer),
    "GET /v1/brokers": of_register(is_nobodys=True),
    "POST /v1/brokers": changing(bodies.broker, is_nobodys=True),
    "GET /v1/brokers/{broker}": of_register(),
    "PATCH /v1/brokers/{broker}": changing(bodies.renamed),
    "GET /v1/brokers/{broker}/sites": of_register(),
    "POST /v1/brokers/{broker}/sites": changing(bodies.next_season),
    "GET /v1/engagements": of_register(is_list=True),
    "GET /v1/engagements/{engagement}": of_register(),
    "DELETE /v1/engagements/{engagement}": changing(),
    "GET /v1/sites/{site}/brokers": of_register(),
    "GET /v1/harvest-calendars": of_register(is_nobodys=True),
    "POST /v1/harvest-calendars": changing(bodies.calendar, is_nobodys=True),
    "GET /v1/harvest-calendars/{calendar}": of_register(),
    "PUT /v1/harvest-calendars/{calendar}": changing(bodies.months),
    "DELETE /v1/harvest-calendars/{calendar}": changing(),
    # Imports.
    "GET /v1/imports": of_register(is_nobodys=True),
    "POST /v1/imports": changing(
        bodies.list_of_sites, queries=("?name=b.csv",), is_nobodys=True
    ),
    "GET /v1/imports/{site_import}": of_register(),
    "GET /v1/imports/{site_import}/rows": of_register(),
    "GET /v1/imports/{site_import}/rows/{row}": of_register(),
    "GET /v1/imports/{site_import}/report.csv": of_register(),
    "GET /v1/imports/{site_import}/manifest": of_register(done=OR_NOT_NOW),
    "PUT /v1/imports/{site_import}/columns": changing(bodies.columns, done=OR_NOT_NOW),
    "PUT /v1/imports/{site_import}/rows/{row}/decision": changing(
        bodies.choice, done=OR_NOT_NOW
    ),
    "POST /v1/imports/{site_import}/decisions": changing(
        bodies.choice, done=OR_NOT_NOW
    ),
    "POST /v1/imports/{site_import}/confirm": changing(
        bodies.skipping, done=OR_NOT_NOW
    ),
    "POST /v1/imports/{site_import}/resume": changing(done=OR_NOT_NOW),
    "POST /v1/imports/{site_import}/cancel": changing(done=OR_NOT_NOW),
    # Checklists.
    "GET /v1/checklists": Asks(Resource.CHECKLIST, READ, is_nobodys=True),
    "POST /v1/checklists": Asks(
        Resource.CHECKLIST, CHANGE, bodies.checklist, is_nobodys=True
    ),
    "POST /v1/checklists/check": Asks(
        Resource.CHECKLIST, CHANGE, bodies.checklist, is_nobodys=True
    ),
    "POST /v1/checklists/{checklist}/close": Asks(
        Resource.CHECKLIST, CHANGE, names=OWN_FORM
    ),
    "POST /v1/checklists/{checklist}/reopen": Asks(
        Resource.CHECKLIST, CHANGE, names=OWN_FORM
    ),
    "GET /v1/checklists/{checklist}/versions/{version}": Asks(
        Resource.CHECKLIST, READ, names=OWN_FORM
    ),
    "GET /v1/checklists/{checklist}/versions/{version}/coverage": Asks(
        Resource.CHECKLIST, READ, names=OWN_FORM
    ),
    "GET /v1/checklists/{checklist}/versions/{version}.xml": Asks(
        Resource.CHECKLIST, READ, names=OWN_FORM
    ),
    "GET /v1/checklists/{checklist}/versions/{version}.xlsx": Asks(
        Resource.CHECKLIST, READ, names=OWN_FORM
    ),
    # Visits.
    "POST /v1/submissions": Asks(
        VISIT, Action.SUBMIT, bodies.submission, refused=BY_BODY
    ),
    "GET /v1/submissions": Asks(VISIT, READ, is_list=True),
    "GET /v1/submissions/{submission}": Asks(VISIT, READ),
    "GET /v1/submissions/{submission}/facts": Asks(VISIT, READ),
    "GET /v1/submissions/{submission}/original": Asks(VISIT, READ),
    "GET /v1/submissions/{submission}/attachments": Asks(VISIT, READ),
    "GET /v1/submissions/{submission}/attachments/{attachment}": Asks(
        VISIT, Action.SUPERVISE, names={"submission": "pictured"}
    ),
    "GET /v1/attachments/{attachment}": Asks(VISIT, READ),
    # Nothing can be made of the picture of these tests.
    "GET /v1/attachments/{attachment}/derivative": Asks(
        VISIT, READ, done=OR_NOT_NOW | {404}
    ),
    "GET /v1/visit-imports": Asks(VISIT, Action.IMPORT, is_nobodys=True),
    "POST /v1/visit-imports": Asks(
        VISIT,
        Action.IMPORT,
        bodies.no_visits,
        queries=("?checklist=own_visit&format=kobo_json",),
        is_nobodys=True,
        done=OR_NOT_NOW | {404},  # not everybody has such a checklist
    ),
    "GET /v1/visit-imports/{visit_import}": Asks(VISIT, Action.IMPORT),
    "GET /v1/visit-imports/{visit_import}/rows": Asks(VISIT, Action.IMPORT),
    "POST /v1/submissions/{submission}/site": Asks(
        VISIT, Action.SUPERVISE, bodies.here, names={"submission": "unplaced"}
    ),
    "POST /v1/submissions/{submission}/process": Asks(VISIT, Action.SUPERVISE),
    "POST /v1/submissions/{submission}/withdraw": Asks(
        VISIT, Action.SUPERVISE, bodies.withdrawal
    ),
    "GET /v1/refused-submissions": Asks(VISIT, Action.SUPERVISE, is_nobodys=True),
    "GET /v1/refused-submissions/{refused}/original": Asks(VISIT, Action.SUPERVISE),
    "GET /v1/audits": Asks(VISIT, READ, is_list=True),
    "POST /v1/audits": Asks(VISIT, Action.SUBMIT, bodies.audit, refused=BY_BODY),
    "GET /v1/audits/{audit}": Asks(VISIT, READ),
    "PUT /v1/audits/{audit}/team": Asks(
        VISIT, Action.SUPERVISE, bodies.team, names={"audit": "planned"}
    ),
    "POST /v1/audits/{audit}/review": Asks(VISIT, Action.SUPERVISE),
    "GET /v1/audits/{audit}/review": Asks(VISIT, Action.SUPERVISE),
    "POST /v1/audits/{audit}/return": Asks(
        VISIT, Action.SUPERVISE, bodies.remarks, done=OR_NOT_NOW
    ),
    "GET /v1/audits/{audit}/remarks": Asks(VISIT, READ, names={"audit": "returned"}),
    "POST /v1/audits/{audit}/offer-reply": Asks(
        VISIT, Action.SUPERVISE, done=OR_NOT_NOW
    ),
    "POST /v1/audits/{audit}/finalise": Asks(VISIT, Action.SUPERVISE, done=OR_NOT_NOW),
    "POST /v1/audits/{audit}/void": Asks(VISIT, Action.SUPERVISE, bodies.voiding),
    "GET /v1/replies": Asks(Resource.REPLY, READ, is_list=True),
    "GET /v1/replies/{reply}": Asks(Resource.REPLY, READ),
    "POST /v1/replies/{reply}/answer": Asks(
        Resource.REPLY, Action.ANSWER, bodies.reply
    ),
    "GET /v1/qualifications": Asks(Resource.QUALIFICATION, READ, is_nobodys=True),
    "POST /v1/qualifications": Asks(
        Resource.QUALIFICATION, Action.MANAGE, bodies.qualification, refused=BY_BODY
    ),
    "GET /v1/qualifications/{qualification}": Asks(Resource.QUALIFICATION, READ),
    "POST /v1/qualifications/{qualification}/revoke": Asks(
        Resource.QUALIFICATION, Action.MANAGE
    ),
    "GET /openrosa/formList": Asks(
        Resource.CHECKLIST, READ, headers=OPENROSA, is_nobodys=True
    ),
    "GET /openrosa/forms/{form}.xml": Asks(Resource.CHECKLIST, READ, headers=OPENROSA),
    "GET /openrosa/forms/{form}/manifest": Asks(
        Resource.CHECKLIST, READ, headers=OPENROSA
    ),
    "GET /openrosa/forms/{form}/media/{name}": Asks(
        Resource.CHECKLIST, READ, headers=OPENROSA, names={"name": "list"}
    ),
    "GET /openrosa/submission": Asks(
        VISIT, Action.SUBMIT, headers=OPENROSA, is_nobodys=True
    ),
    "POST /openrosa/submission": Asks(
        VISIT, Action.SUBMIT, bodies.upload, headers=UPLOAD, is_nobodys=True
    ),
    # The web form.
    "GET /field": Asks(VISIT, Action.SUBMIT, is_nobodys=True, anonymous=TO_SIGN_IN),
    "GET /field/start": Asks(VISIT, Action.SUBMIT, is_nobodys=True),
    "GET /field/checklists/{version}": Asks(
        VISIT, Action.SUBMIT, names={"version": "form"}
    ),
    "POST /field/submission": Asks(
        VISIT, Action.SUBMIT, bodies.sealed_upload, headers=UPLOAD, is_nobodys=True
    ),
    # Fieldwork.
    "GET /v1/devices": Asks(Resource.DEVICE, READ, is_nobodys=True),
    "POST /v1/devices": Asks(
        Resource.DEVICE, Action.MANAGE, bodies.device, is_nobodys=True
    ),
    "GET /v1/devices/{device}": Asks(Resource.DEVICE, READ),
    "POST /v1/devices/{device}/revoke": Asks(Resource.DEVICE, Action.TAKE_BACK),
    "GET /v1/draws": Asks(Resource.DRAW, Action.MANAGE, is_nobodys=True),
    "POST /v1/draws": Asks(
        Resource.DRAW, Action.MANAGE, bodies.draw, refused=BY_BODY, done=OR_NOT_NOW
    ),
    "GET /v1/draws/{draw}": Asks(Resource.DRAW, Action.MANAGE),
    "GET /v1/draws/{draw}/inputs": Asks(Resource.DRAW, Action.MANAGE),
    "POST /v1/draws/{draw}/swaps": Asks(
        Resource.DRAW, Action.MANAGE, bodies.swap, done=OR_NOT_NOW
    ),
    "POST /v1/draws/{draw}/plan": Asks(
        Resource.DRAW, Action.SUBMIT, bodies.window, done=OR_NOT_NOW
    ),
    "GET /v1/policies": Asks(Resource.POLICY, READ, is_nobodys=True),
    "GET /v1/policies/{policy}": Asks(Resource.POLICY, READ, is_nobodys=True),
    "POST /v1/policies/{policy}": Asks(
        Resource.POLICY, CHANGE, bodies.policy_entry, is_nobodys=True
    ),
    "GET /v1/programmes": Asks(Resource.POLICY, READ, is_nobodys=True),
    "POST /v1/programmes": Asks(
        Resource.POLICY, CHANGE, bodies.programme, is_nobodys=True
    ),
    "GET /v1/programmes/{programme}": Asks(Resource.POLICY, READ),
    "GET /v1/assignments": Asks(Resource.ASSIGNMENT, Action.MANAGE, is_list=True),
    "POST /v1/assignments": Asks(
        Resource.ASSIGNMENT, Action.MANAGE, bodies.visit, refused=BY_BODY
    ),
    "GET /v1/assignments/{assignment}": Asks(Resource.ASSIGNMENT, Action.MANAGE),
    "POST /v1/assignments/{assignment}/withdraw": Asks(
        Resource.ASSIGNMENT, Action.MANAGE
    ),
    "GET /v1/me/assignments": Asks(Resource.ASSIGNMENT, READ, is_nobodys=True),
    "GET /v1/signals": Asks(VISIT, Action.SUPERVISE, is_nobodys=True),
    "GET /v1/submissions/{submission}/signals": Asks(VISIT, Action.SUPERVISE),
    "GET /v1/submissions/{submission}/verdicts": Asks(Resource.VERDICT, Action.EXPLAIN),
    "GET /v1/submissions/{submission}/verdicts/{rule}": Asks(
        Resource.VERDICT, Action.EXPLAIN
    ),
    # The rule book.
    "GET /v1/rules": BOOK,
    "GET /v1/rules/{rule}": BOOK,
    "GET /v1/editions": BOOK,
    "GET /v1/editions/{edition}": BOOK,
    "GET /v1/editions/{edition}/book.zip": BOOK,
    "GET /v1/editions/{edition}/diff/{other}": BOOK,
    "POST /v1/editions": Asks(
        Resource.EDITION,
        Action.PUBLISH,
        bodies.no_book,
        is_nobodys=True,
        done=OR_UNREADABLE,
    ),
    "POST /v1/editions/{edition}/publish": Asks(
        Resource.EDITION, Action.PUBLISH, is_nobodys=True
    ),
    # Consents.
    "GET /v1/consents": Asks(Resource.CONSENT, READ, is_nobodys=True),
    "GET /v1/consents/received": Asks(Resource.CONSENT, READ, is_nobodys=True),
    "POST /v1/consents": Asks(
        Resource.CONSENT, Action.GIVE, bodies.consent, refused=BY_BODY
    ),
    "GET /v1/consents/{consent}": Asks(Resource.CONSENT, READ),
    "DELETE /v1/consents/{consent}": Asks(Resource.CONSENT, Action.TAKE_BACK),
    "GET /v1/consents/requests": Asks(Resource.REQUEST, READ, is_nobodys=True),
    "POST /v1/consents/requests": Asks(
        Resource.REQUEST,
        Action.SEND,
        bodies.request,
        done=OR_UNREADABLE,  # a mill is told that it cannot receive
        refused=BY_BODY,
    ),
    "GET /v1/consents/requests/{asked}": Asks(Resource.REQUEST, READ),
    "POST /v1/consents/requests/{asked}/acceptance": Asks(
        Resource.REQUEST, Action.ANSWER, bodies.acceptance
    ),
    "POST /v1/consents/requests/{asked}/refusal": Asks(Resource.REQUEST, Action.ANSWER),
    # Findings and scorecards.
    "GET /v1/findings": Asks(
        Resource.FINDING, READ, is_list=True, queries=("", "?relation=operates")
    ),
    "GET /v1/findings/{ref}": Asks(Resource.FINDING, READ),
    "POST /v1/findings/{ref}/steps": (
        Asks(Resource.FINDING, Action.ANSWER, bodies.dispute),
        Asks(
            Resource.FINDING,
            Action.DECIDE,
            bodies.closing_finding,
            names={"ref": "accepted"},
            done=OR_NOT_NOW,
        ),
    ),
    "GET /v1/findings/{ref}/statements": Asks(
        Resource.STATEMENT, READ, names={"ref": "accepted"}
    ),
    "POST /v1/findings/{ref}/corrective-actions": Asks(
        ACTION, Action.ANSWER, bodies.action, names={"ref": "accepted"}
    ),
    # Remedies, commitments, and the plan they stand in.
    "GET /v1/remedies": Asks(
        REMEDY, READ, is_list=True, queries=("", "?relation=operates")
    ),
    "POST /v1/remedies": Asks(REMEDY, Action.DECIDE, bodies.remedy),
    "GET /v1/remedies/summary": Asks(
        REMEDY, READ, is_list=True, queries=("", "?relation=operates")
    ),
    "GET /v1/remedies/reckoning": Asks(
        REMEDY, READ, queries=("?monthly_wage=1&deducted=1",), is_nobodys=True
    ),
    "GET /v1/remedies/{remedy}": Asks(REMEDY, READ),
    "POST /v1/remedies/{remedy}/adjustments": Asks(
        REMEDY, Action.DECIDE, bodies.adjustment
    ),
    "POST /v1/remedies/{remedy}/payments": Asks(REMEDY, Action.ANSWER, bodies.payment),
    "POST /v1/remedies/{remedy}/proofs": Asks(
        REMEDY,
        Action.ANSWER,
        bodies.proof_of_payment,
        names={"remedy": "proven_remedy"},
    ),
    "POST /v1/remedies/{remedy}/verifications": Asks(
        REMEDY, Action.DECIDE, bodies.verification, names={"remedy": "proven_remedy"}
    ),
    "GET /v1/commitments": Asks(Resource.COMMITMENT, READ, is_list=True),
    "POST /v1/commitments": Asks(
        Resource.COMMITMENT, Action.GIVE, bodies.commitment, refused=BY_BODY
    ),
    "GET /v1/commitments/{commitment}": Asks(Resource.COMMITMENT, READ),
    "POST /v1/commitments/{commitment}/steps": Asks(
        Resource.COMMITMENT, Action.ANSWER, bodies.acceptance_of_commitment
    ),
    "GET /v1/sites/{site}/plan": Asks(Resource.PLAN, READ),
    "GET /v1/corrective-actions": Asks(
        ACTION, READ, is_list=True, queries=("", "?relation=operates")
    ),
    "GET /v1/corrective-actions/{action}": Asks(ACTION, READ),
    "GET /v1/corrective-actions/{action}/statements": Asks(Resource.STATEMENT, READ),
    "POST /v1/corrective-actions/{action}/steps": (
        Asks(ACTION, Action.ANSWER, bodies.start, names={"action": "agreed_action"}),
        Asks(ACTION, Action.DECIDE, bodies.agree),
    ),
    "POST /v1/corrective-actions/{action}/extensions": Asks(
        ACTION, Action.ANSWER, bodies.more_time
    ),
    "POST /v1/corrective-actions/{action}/extensions/{extension}/decision": Asks(
        ACTION, Action.DECIDE, bodies.granting, names={"action": "agreed_action"}
    ),
    "POST /v1/corrective-actions/{action}/evidence": Asks(
        ACTION, Action.ANSWER, bodies.proof, queries=("?kind=photo_of_place",)
    ),
    "GET /v1/corrective-actions/{action}/evidence/{proof}": Asks(
        Resource.STATEMENT, READ, names={"action": "agreed_action"}
    ),
    "GET /v1/risk": Asks(Resource.RISK, READ, is_list=True),
    "POST /v1/risk/query": Asks(Resource.RISK, READ, bodies.names, is_nobodys=True),
    "GET /v1/sites/{site}/risk": Asks(Resource.RISK, READ),
    "GET /v1/sites/{site}/risk/history": Asks(Resource.RISK, READ),
    # Public lists, their matches, and what follows from them.
    "GET /v1/public-lists": Asks(Resource.PUBLIC_LIST, READ, is_nobodys=True),
    "POST /v1/public-lists": Asks(
        Resource.PUBLIC_LIST, Action.IMPORT, bodies.public_list, is_nobodys=True
    ),
    "GET /v1/public-lists/{public_list}": Asks(Resource.PUBLIC_LIST, READ),
    "GET /v1/public-lists/{public_list}/editions": Asks(Resource.PUBLIC_LIST, READ),
    "POST /v1/public-lists/{public_list}/editions": Asks(
        Resource.PUBLIC_LIST,
        Action.IMPORT,
        bodies.list_of_companies,
        queries=("?edition=2026-11-02&source=none&licence=none",),
    ),
    "GET /v1/public-lists/{public_list}/editions/{list_edition}": Asks(
        Resource.PUBLIC_LIST, READ
    ),
    "GET /v1/public-lists/{public_list}/editions/{list_edition}/entries": Asks(
        Resource.PUBLIC_LIST, READ
    ),
    "GET /v1/public-lists/{public_list}/editions/{list_edition}/diff": Asks(
        Resource.PUBLIC_LIST, READ
    ),
    "GET /v1/listed-goods": Asks(
        Resource.PUBLIC_LIST,
        READ,
        queries=("?country=CO&commodity=coffee",),
        is_nobodys=True,
    ),
    "GET /v1/list-matches": Asks(Resource.LIST_MATCH, READ, is_list=True),
    "GET /v1/list-matches/{match}": Asks(Resource.LIST_MATCH, READ),
    "POST /v1/list-matches/{match}/decisions": Asks(
        Resource.LIST_MATCH, Action.DECIDE, bodies.said_of_match
    ),
    "GET /v1/exclusions": Asks(Resource.EXCLUSION, READ, is_list=True),
    "GET /v1/exclusions/{exclusion}": Asks(Resource.EXCLUSION, READ),
    "POST /v1/exclusions/{exclusion}/decision": Asks(
        Resource.EXCLUSION, Action.DECIDE, bodies.verdict_on_exclusion
    ),
    "GET /v1/scorecards": Asks(
        Resource.SCORECARD,
        READ,
        is_list=True,
        queries=("", "?relation=operates", "?relation=shared"),
    ),
    "GET /v1/scorecards/{scorecard}": Asks(Resource.SCORECARD, READ),
    "GET /v1/scorecards/{scorecard}.pdf": Asks(Resource.SCORECARD, READ),
    "GET /v1/scorecards/{scorecard}.vc": Asks(Resource.SCORECARD, READ),
    "GET /v1/scorecards/{scorecard}/answers": Asks(Resource.CARD_ANSWER, READ),
    "POST /v1/scorecards/{scorecard}/answers": Asks(
        Resource.CARD_ANSWER, Action.ANSWER, bodies.card_answer, done=OR_NOT_NOW
    ),
    "GET /v1/scorecards/{scorecard}/answers/{answer}": Asks(Resource.CARD_ANSWER, READ),
    "POST /v1/scorecards/{scorecard}/answers/{answer}/withdraw": Asks(
        Resource.CARD_ANSWER, Action.ANSWER, done=OR_NOT_NOW
    ),
    "GET /v1/scorecards/{scorecard}/reasons": Asks(Resource.SCORECARD, READ),
    "POST /v1/scorecards/{scorecard}/suspend": Asks(
        Resource.SCORECARD, Action.ISSUE, bodies.doubt, done=OR_NOT_NOW
    ),
    "POST /v1/scorecards/{scorecard}/restore": Asks(
        Resource.SCORECARD, Action.ISSUE, bodies.doubt, done=OR_NOT_NOW
    ),
    "POST /v1/scorecards/{scorecard}/revoke": Asks(
        Resource.SCORECARD, Action.ISSUE, bodies.revocation, done=OR_NOT_NOW
    ),
    "POST /v1/sites/{site}/scorecards": Asks(
        Resource.SCORECARD, Action.ISSUE, bodies.card
    ),
    # Background work and the trail.
    # Alerts: told to roles, read by people and by no program, sent to receivers.
    "GET /v1/alerts": Asks(Resource.ALERT, READ, is_nobodys=True, follows=SHOWN),
    "GET /v1/alerts/{alert}": Asks(Resource.ALERT, READ),
    "POST /v1/alerts/{alert}/read": Asks(Resource.ALERT, CHANGE, done=DONE | {403}),
    "GET /v1/alert-preferences": Asks(Resource.ALERT, READ, is_nobodys=True),
    "PUT /v1/alert-preferences": Asks(
        Resource.ALERT, CHANGE, bodies.muted, is_nobodys=True, done=DONE | {403}
    ),
    "GET /v1/alert-receivers": Asks(Resource.RECEIVER, Action.MANAGE, is_nobodys=True),
    "POST /v1/alert-receivers": Asks(
        Resource.RECEIVER, Action.MANAGE, bodies.receiver, is_nobodys=True
    ),
    "GET /v1/alert-receivers/{receiver}": Asks(Resource.RECEIVER, Action.MANAGE),
    "PATCH /v1/alert-receivers/{receiver}": Asks(
        Resource.RECEIVER, Action.MANAGE, bodies.stopped
    ),
    "DELETE /v1/alert-receivers/{receiver}": Asks(Resource.RECEIVER, Action.MANAGE),
    "POST /v1/alert-receivers/{receiver}/test": Asks(
        Resource.RECEIVER, Action.MANAGE, done=OR_NOT_NOW
    ),
    "POST /v1/alert-receivers/{receiver}/replay": Asks(
        Resource.RECEIVER, Action.MANAGE, bodies.replay, done=OR_NOT_NOW
    ),
    "POST /v1/alert-receivers/{receiver}/secret": Asks(
        Resource.RECEIVER, Action.MANAGE, done=OR_NOT_NOW
    ),
    "GET /v1/alert-receivers/{receiver}/deliveries": Asks(
        Resource.RECEIVER, Action.MANAGE
    ),
    "GET /v1/jobs": Asks(Resource.JOB, READ, is_nobodys=True),
    "GET /v1/jobs/{job}": Asks(Resource.JOB, READ),
    "GET /v1/jobs/{job}/events": Asks(Resource.JOB, READ),
    "POST /v1/jobs/{job}/retry": Asks(Resource.JOB, CHANGE, done=OR_NOT_NOW),
    "GET /v1/trail": Asks(Resource.TRAIL, READ, is_nobodys=True, follows=SHOWN),
    "GET /v1/trail/heads": Asks(Resource.TRAIL, READ, is_nobodys=True),
    "GET /v1/trail/consistency": Asks(
        Resource.TRAIL,
        READ,
        queries=("?from=1&to=1",),
        is_nobodys=True,
        done=OR_NOT_NOW | {404},
    ),
    "GET /v1/trail/export": Asks(Resource.TRAIL, READ, is_nobodys=True),
    "GET /v1/trail/{entry}/proof": Asks(
        Resource.TRAIL, READ, is_nobodys=True, done=OR_NOT_NOW
    ),
    **DESKS,
    **CORRECTIONS,
    # People, keys and oneself.
    "GET /v1/me": Asks(Resource.ACCOUNT, CHANGE),
    "POST /v1/me/password": account(bodies.passwords),
    "PUT /v1/me/organisation": account(bodies.chosen),
    "GET /v1/people": Asks(Resource.PERSON, Action.MANAGE, is_nobodys=True),
    "GET /v1/people/{person}": Asks(Resource.PERSON, Action.MANAGE),
    "PATCH /v1/people/{person}": Asks(
        Resource.PERSON, Action.MANAGE, bodies.suspension, done=OR_NOT_NOW
    ),
    "DELETE /v1/people/{person}": Asks(Resource.PERSON, Action.MANAGE, done=OR_NOT_NOW),
    "POST /v1/people/{person}/password-links": Asks(
        Resource.PERSON, Action.MANAGE, done=OR_NOT_NOW
    ),
    "GET /v1/people/invitations": Asks(Resource.PERSON, Action.MANAGE, is_nobodys=True),
    "POST /v1/people/invitations": Asks(
        Resource.PERSON, Action.MANAGE, bodies.invitation, is_nobodys=True
    ),
    "GET /v1/people/invitations/{invitation}": Asks(Resource.PERSON, Action.MANAGE),
    "DELETE /v1/people/invitations/{invitation}": Asks(Resource.PERSON, Action.MANAGE),
    "GET /v1/keys": Asks(Resource.KEY, Action.MANAGE, is_nobodys=True),
    "POST /v1/keys": Asks(Resource.KEY, Action.MANAGE, bodies.key, is_nobodys=True),
    "GET /v1/keys/{key}": Asks(Resource.KEY, Action.MANAGE),
    "DELETE /v1/keys/{key}": Asks(Resource.KEY, Action.MANAGE),
    "GET /v1/clients": Asks(Resource.KEY, Action.MANAGE, is_nobodys=True),
    "POST /v1/clients": Asks(
        Resource.KEY, Action.MANAGE, bodies.client, is_nobodys=True
    ),
    "GET /v1/clients/{client}": Asks(Resource.KEY, Action.MANAGE),
    "DELETE /v1/clients/{client}": Asks(Resource.KEY, Action.MANAGE),
}
