"""What is sent where something is made or changed, each allowed to whoever may."""

import base64

from api.field_keys import public_point, seal
from tests.field import FARM, JPEG, XML_PART, body_of, record, workbook
from tests.isolation.furnishing import MONTHS
from tests.isolation.world import Place, World
from tests.sharing import IN_A_YEAR


def farm(_world: World, _place: Place) -> object:
    return FARM


def link(_world: World, place: Place) -> object:
    return {
        "from_site": place.names["site"],
        "to_site": place.names["mill"],
        "commodity": "coffee",
        "season": "2027-main",
    }


def organisation(_world: World, _place: Place) -> object:
    return {"kind": "producer_group", "name": "Asociación", "country": "CO"}


def checklist(_world: World, _place: Place) -> object:
    return workbook("2")


def submission(_world: World, place: Place) -> object:
    return {
        "checklist": "small_visit",
        "instance_id": "uuid:matrix",
        "site": place.names["site"],
        "observed_on": "2026-11-04",
        "facts": {},
    }


def upload(_world: World, _place: Place) -> object:
    return body_of([(XML_PART, record(None, instance_id="uuid:upload"))])


def sealed_upload(world: World, _place: Place) -> object:
    settings = world.app.state.service.settings
    point = public_point(settings.resolved_field_key_file)
    sealed = seal(point, XML_PART, record(None, instance_id="uuid:sealed"))
    return body_of([(XML_PART, sealed)])


def here(_world: World, place: Place) -> object:
    return {"site": place.names["site"]}


def audit(_world: World, place: Place) -> object:
    return {
        "site": place.names["site"],
        "fieldwork_from": "2027-01-11",
        "fieldwork_to": "2027-01-12",
    }


def team(_world: World, _place: Place) -> object:
    return {"members": [], "women": 1, "men": 1}


def remarks(_world: World, _place: Place) -> object:
    return {"remarks": [{"kind": "unclear"}]}


def voiding(_world: World, _place: Place) -> object:
    return {"reason": "test_data"}


def reply(_world: World, _place: Place) -> object:
    return {"code": "agrees"}


def qualification(_world: World, place: Place) -> object:
    return {
        "person": place.names["member"],
        "kind": "identification",
        "issuer": "Una escuela",
        "issued_on": "2026-01-01",
        "expires_on": "2027-01-01",
    }


def withdrawal(_world: World, _place: Place) -> object:
    return {"reason": "test_data"}


def receiver(_world: World, _place: Place) -> object:
    return {"kind": "webhook", "address": "https://hooks.example/"}


def replay(_world: World, _place: Place) -> object:
    return {"after": "2026-01-01T00:00:00Z"}


def doubt(_world: World, _place: Place) -> object:
    return {"reason": "under_review"}


def revocation(_world: World, _place: Place) -> object:
    return {"reason": "issued_in_error"}


def stopped(_world: World, _place: Place) -> object:
    return {"state": "stopped"}


def muted(_world: World, _place: Place) -> object:
    return {"muted": ["verified"]}


def device(_world: World, _place: Place) -> object:
    return {"label": "Otro teléfono"}


def visit(_world: World, place: Place) -> object:
    return {
        "site": place.names["site"],
        "checklists": ["small_visit"],
        "device": place.names["device"],
        "due_on": "2027-01-31",
    }


def programme(_world: World, _place: Place) -> object:
    return {"name": "Otro programa"}


def draw(_world: World, place: Place) -> object:
    return {"mill": place.names["mill"], "season": "2026-main", "level": "high"}


def swap(_world: World, place: Place) -> object:
    return {"site": place.names["drawn_site"], "reason": "unreachable"}


def window(_world: World, _place: Place) -> object:
    return {"fieldwork_from": "2027-02-01", "fieldwork_to": "2027-02-20"}


def policy_entry(_world: World, _place: Place) -> object:
    return {
        "entry": {
            "valid_from": "2999-01-01",
            "source": "The board's decision of today",
            "due_days": {"zero_tolerance": 3, "critical": 14, "major": 60, "minor": 90},
            "acknowledge_hours": 12,
            "referral_hours": 48,
        }
    }


def consent(world: World, place: Place) -> object:
    return {
        "grantee": world.tenants["third_buyer"].public_id,
        "site": place.names["site"],
        "subject": "scorecard",
        "valid_until": IN_A_YEAR,
    }


def request(_world: World, place: Place) -> object:
    return {"supplier": place.names["organisation"], "subject": "risk"}


def names(_world: World, place: Place) -> object:
    return {"identifiers": [place.names["site"], place.names["own_number"]]}


def names_form(_world: World, place: Place) -> object:
    return f"names={place.names['site']}".encode()


def acceptance(_world: World, place: Place) -> object:
    return {"sites": [place.names["site"]], "valid_until": IN_A_YEAR}


def dispute(_world: World, _place: Place) -> object:
    return {"step": "dispute", "reason": "facts_wrong"}


def closing_finding(_world: World, _place: Place) -> object:
    return {"step": "close", "evidence_kind": "site"}


def action(_world: World, _place: Place) -> object:
    return {
        "root_cause": "records_lacking",
        "action": "keep_records",
        "owner_role": "mill_manager",
        "due_on": "2026-11-22",
    }


def start(_world: World, _place: Place) -> object:
    return {"step": "start", "remark": "Empezado."}


def agree(_world: World, _place: Place) -> object:
    return {"step": "agree"}


def more_time(_world: World, _place: Place) -> object:
    return {"reason": "permit_pending", "until": "2026-12-22"}


def granting(_world: World, _place: Place) -> object:
    return {"decision": "grant"}


def proof(_world: World, _place: Place) -> object:
    return JPEG


def card(_world: World, _place: Place) -> object:
    return {"notice": "unannounced", "payer": "programme"}


def card_answer(_world: World, _place: Place) -> object:
    return {"code": "visit_unlike_usual"}


def card_answer_form(_world: World, _place: Place) -> object:
    return b"code=price_does_not_cover"


def suspension_form(_world: World, _place: Place) -> object:
    return b"suspend_for=under_review"


def restoring_form(_world: World, _place: Place) -> object:
    return b"restore_for=under_review"


def revocation_form(_world: World, _place: Place) -> object:
    return b"revoke_for=issued_in_error"


def remarks_form(_world: World, _place: Place) -> object:
    return b"rows=1&place-0=visit&kind-0=unclear"


def voiding_form(_world: World, _place: Place) -> object:
    return b"reason=test_data"


def site_form(_world: World, place: Place) -> object:
    return f"site={place.names['site']}".encode()


def withdrawal_form(_world: World, _place: Place) -> object:
    return b"reason=test_data"


def form(_world: World, _place: Place) -> object:
    return b"email=nobody%40example.org&password=nothing"


def upkeep(_world: World, _place: Place) -> object:
    return {"area_square_metres": 20_000}


def closing(_world: World, _place: Place) -> object:
    return {"reason": "no_longer_works"}


def number(_world: World, _place: Place) -> object:
    return {"scheme": "gln", "value": "0614141000012"}


def plot(_world: World, _place: Place) -> object:
    return {"geometry": {"type": "Point", "coordinates": [-75.7, 3.3]}}


def workforce(_world: World, _place: Place) -> object:
    return {"season": "2027-main", "permanent": {"total": 4}}


def next_season(_world: World, place: Place) -> object:
    return {"site": place.names["site"], "season": "2027-main"}


def share(_world: World, _place: Place) -> object:
    return {"volume_share": 0.25}


def certificate(_world: World, place: Place) -> object:
    return {
        "site": place.names["site"],
        "scheme": "fairtrade",
        "number": "FLO 1234",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
    }


def certified_longer(_world: World, _place: Place) -> object:
    return {"valid_until": "2027-06-30"}


def broker(_world: World, _place: Place) -> object:
    return {"kind": "crew_leader", "name": "Otra cuadrilla", "country": "CO"}


def renamed(_world: World, _place: Place) -> object:
    return {"name": "Otro nombre"}


def months(_world: World, _place: Place) -> object:
    return {"months": MONTHS, "stated_by": "Comité"}


def calendar(_world: World, _place: Place) -> object:
    return {
        "country": "PE",
        "commodity": "coffee",
        "months": MONTHS,
        "stated_by": "Comité",
    }


def merge(_world: World, place: Place) -> object:
    return {
        "keep": place.names["site"],
        "gone": place.names["twin"],
        "reason": "same_place",
    }


def list_of_sites(_world: World, _place: Place) -> object:
    return b"name\nFinca Dos\n"


def columns(_world: World, _place: Place) -> object:
    return {"columns": {"name": "name"}}


def choice(_world: World, _place: Place) -> object:
    return {"choice": "new"}


def no_book(_world: World, _place: Place) -> object:
    return b"no archive"


def invitation(_world: World, _place: Place) -> object:
    return {"email": "somebody@example.org", "role": "analyst", "language": "es"}


def suspension(_world: World, _place: Place) -> object:
    return {"role": "auditor"}


def key(_world: World, _place: Place) -> object:
    return {"label": "otra", "role": "analyst"}


def client(_world: World, _place: Place) -> object:
    return {"name": "otra", "role": "analyst"}


def passwords(_world: World, _place: Place) -> object:
    return {"current": "x" * 15, "new": "y" * 15}


def chosen(_world: World, place: Place) -> object:
    return {"id": place.names["organisation"]}


def no_visits(_world: World, _place: Place) -> object:
    return b"[]"


def nothing(_world: World, _place: Place) -> object:
    return b""


def skipping(_world: World, _place: Place) -> object:
    return {"undecided": "skip"}


def row_form(_world: World, _place: Place) -> object:
    return b"decision=new"


def rows_form(_world: World, _place: Place) -> object:
    return b"choice=new&least_score=50"


def remedy(_world: World, place: Place) -> object:
    return {
        "finding": place.names["accepted"],
        "kind": "documents_returned",
        "people": 7,
        "period_from": "2026-09-01",
        "period_to": "2026-10-31",
    }


def adjustment(_world: World, _place: Place) -> object:
    return {"reason": "people_recounted", "people": 1}


def payment(_world: World, _place: Place) -> object:
    return {
        "people": 9,
        "paid_on": "2026-11-21",
        "money": {"amount": 100, "currency": "COP"},
    }


def proof_of_payment(_world: World, _place: Place) -> object:
    return {"proof": "worker_interviews"}


def verification(_world: World, _place: Place) -> object:
    return {"checked_by": "site"}


def commitment(_world: World, place: Place) -> object:
    return {
        "site": place.names["site"],
        "kind": "lead_time",
        "days": 14,
        "due_on": "2026-12-31",
    }


def acceptance_of_commitment(_world: World, _place: Place) -> object:
    return {"step": "accept"}


def public_list(_world: World, _place: Place) -> object:
    return {
        "code": "another",
        "category": "own_list",
        "name": "Otra lista",
        "publisher": "Nosotros",
    }


def list_of_companies(_world: World, _place: Place) -> object:
    return b"Entity,Country\nOtra Empresa Ficticia Ltda,CO\n"


def said_of_match(_world: World, _place: Place) -> object:
    return {"decision": "not_same", "reason": "decided_wrongly"}


def verdict_on_exclusion(_world: World, _place: Place) -> object:
    return {"verdict": "decline", "reason": "match_doubted"}


def draw_form(_world: World, place: Place) -> object:
    return f"mill={place.names['mill']}&season=2026-main&level=high".encode()


def swap_form(_world: World, place: Place) -> object:
    return f"site={place.names['drawn_site']}&reason=unreachable".encode()


def window_form(_world: World, _place: Place) -> object:
    return b"fieldwork_from=2027-02-01&fieldwork_to=2027-02-20&notice=unannounced"


def plan_form(_world: World, _place: Place) -> object:
    return b"fieldwork_from=2027-03-11&fieldwork_to=2027-03-12&notice=unannounced"


def card_form(_world: World, _place: Place) -> object:
    return b"notice=unannounced&payer=buyer"


def visits_form(_world: World, place: Place) -> object:
    device = place.names["device"]
    return (
        f"site={place.names['site']}&checklist=small_visit&whom={device}"
        "&due_on=2027-01-30"
    ).encode()


def device_form(_world: World, _place: Place) -> object:
    return b"label=Otro&way=address"


def carried_workbook(_world: World, _place: Place) -> object:
    text = base64.b64encode(workbook("2"), altchars=b"-_").decode()
    return f"workbook={text.replace('=', '%3D')}".encode()


def uploaded_workbook(_world: World, _place: Place) -> object:
    return body_of([("workbook", workbook("2"))])


def uploaded_book(_world: World, _place: Place) -> object:
    return body_of([("book", b"no book")])


def uploaded_list(_world: World, _place: Place) -> object:
    said = {"edition_on": "2026-11-02", "source": "none", "licence": "none"}
    fields = [(name, value.encode()) for name, value in said.items()]
    content = b"Entity,Country\nOtra Empresa Ficticia Ltda,CO\n"
    return body_of([*fields, ("step", b"import"), ("file", content)])


def form_of_match(_world: World, _place: Place) -> object:
    return b"decision=not_same:decided_wrongly"


def form_of_exclusion(_world: World, _place: Place) -> object:
    return b"decision=decline:match_doubted"


def form_of_list(_world: World, _place: Place) -> object:
    return b"code=another&category=own_list&name=Otra&publisher=Nosotros"
