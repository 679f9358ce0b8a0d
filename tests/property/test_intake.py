"""However the uploads of a record are split, repeated and shuffled, it is one record."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.field import Phone, publish, record, register_farm, workbook

FILES = (("a.jpg", b"\xff\xd8\xff a"), ("b.jpg", b"\xff\xd8\xff b"), ("c", b"%PDF-c"))
numbers = count()

# Which files each upload brings; whatever happened before, the last tries bring all.
uploads = some.lists(some.sets(some.sampled_from(FILES)), max_size=4)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    publish(client, tenant, workbook())
    return register_farm(client, tenant)


def outcome(phone: Phone, instance_id: str) -> dict[str, Any]:
    (kept,) = [one for one in phone.submissions() if one["instance_id"] == instance_id]
    files = phone.attachments(kept["id"])
    return {
        "facts": kept["facts_sha256"],
        "audit": kept["audit"],
        "state": (kept["state"], kept["processing"], kept["attachments"]),
        "files": [(file["name"], file["sha256"]) for file in files["items"]],
        "missing": files["missing"],
    }


@settings(max_examples=20)
@given(tries=uploads, order=some.permutations(FILES))
def test_any_splitting_and_order_gives_the_same_record(
    client: TestClient,
    tenant: Tenant,
    farm: str,
    tries: list[set[tuple[str, bytes]]],
    order: list[tuple[str, bytes]],
) -> None:
    phone = Phone(client, tenant)
    split, whole = f"uuid:{next(numbers)}", f"uuid:{next(numbers)}"
    named = {"photo": "a.jpg", "second_photo": "b.jpg", "paper": "c", "papers": "yes"}

    xml = record(farm, instance_id=split, **named)
    for files in tries:
        phone.send(xml, sorted(files), is_incomplete=True)
    for file in order:
        phone.send(xml, [file])
    phone.send(record(farm, instance_id=whole, **named), FILES)

    assert outcome(phone, split) == outcome(phone, whole)
