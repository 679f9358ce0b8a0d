"""Where a policy of the product comes from is told in the reader's language."""

from api.pages.policy_sources import SOURCES
from api.pages.rendering import environment
from api.policies_known import POLICIES


def test_every_source_that_ships_is_a_text_of_the_catalogue() -> None:
    shipped = {entry.source for policy in POLICIES.values() for entry in policy.entries}

    assert shipped == set(SOURCES)


def test_a_source_is_told_in_spanish_and_anybody_elses_as_it_was_written() -> None:
    told = environment("es").from_string("{{ source | translated }}")

    ours = told.render(source=next(one for one in SOURCES if "10 %" in one))
    theirs = told.render(source="Board of 3 May, 100 % agreed")

    assert ours.startswith("Políticas del producto Atalaya: préstamos")
    assert theirs == "Board of 3 May, 100 % agreed"
