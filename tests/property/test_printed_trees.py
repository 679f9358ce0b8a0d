"""What is printed of a tree reads as the same tree."""

from hypothesis import given

from rules.checking import check_condition
from rules.conditions import read_condition
from rules.expressions import Condition
from rules.mistakes import MistakeList
from rules.names import Names
from rules.printing import print_condition
from rules.yaml_events import read_yaml
from tests.strategies import DERIVED, PARAMETERS, VOCABULARY, conditions

NAMES = Names(
    VOCABULARY,
    {one.id: one.roster for one in DERIVED},
    {one.name: one for one in PARAMETERS},
)


def read(text: str) -> Condition | list[str]:
    mistakes = MistakeList()
    node = read_yaml("printed.yaml", text.encode(), mistakes)
    checked = check_condition(read_condition(node, mistakes), NAMES, mistakes)
    return checked.condition if checked else [one.told() for one in mistakes.all()]


@given(conditions())
def test_a_printed_tree_is_read_as_itself(condition: Condition) -> None:
    assert read(print_condition(condition)) == condition
