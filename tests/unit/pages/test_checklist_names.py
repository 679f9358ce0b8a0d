"""A checklist of the product is called by one name in either language."""

import pytest

from api.pages.checklist_names import OURS, checklist_name
from audits.checklists.actions import LIBRARY
from tests.unit.checklists.samples import library_conversion


@pytest.mark.parametrize("name", LIBRARY)
def test_every_checklist_of_the_library_is_called_in_one_language(name: str) -> None:
    title = library_conversion(name.removesuffix(".xlsx")).title

    assert title in OURS
    assert f"{checklist_name(title, 'es')} · {checklist_name(title, 'en')}" == title


def test_a_title_of_somebody_else_is_told_as_it_was_written() -> None:
    assert checklist_name("Finca · Farm", "en") == "Finca · Farm"
