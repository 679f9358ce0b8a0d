"""What is sent where something is made or changed, each allowed to whoever may."""

from api.field_keys import public_point, seal
from tests.field import FARM, XML_PART, body_of, record, workbook
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


def withdrawal(_world: World, _place: Place) -> object:
    return {"reason": "test_data"}


def device(_world: World, _place: Place) -> object:
    return {"label": "Otro teléfono"}


def visit(_world: World, place: Place) -> object:
    return {
        "site": place.names["site"],
        "checklists": ["small_visit"],
        "device": place.names["device"],
        "due_on": "2027-01-31",
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


def acceptance(_world: World, place: Place) -> object:
    return {"sites": [place.names["site"]], "valid_until": IN_A_YEAR}


def dispute(_world: World, _place: Place) -> object:
    return {"step": "dispute", "reason": "facts_wrong"}


def plan(_world: World, _place: Place) -> object:
    return {"step": "agree_plan", "due_on": "2026-12-22"}


def card(_world: World, _place: Place) -> object:
    return {"notice": "unannounced", "payer": "programme"}


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
