"""What a name in a condition stands for, seen from the audit or from inside a roster."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.expressions import Derived, Fact, Member
from rules.mistakes import Refused, suggestion
from rules.parameters import ParameterDefinition
from rules.vocabulary import FactDefinition, Roster, Vocabulary
from rules.written import Name


@dataclass(frozen=True, slots=True)
class Names:
    """What a condition may speak of: facts, derived conditions and legal parameters."""

    vocabulary: Vocabulary
    derived: Mapping[str, Roster | None]
    parameters: Mapping[str, ParameterDefinition]


Resolved = tuple[Fact | Member, FactDefinition] | Derived


def resolve(name: Name, roster: Roster | None, names: Names) -> Resolved:
    """Return what a name stands for; raise Refused if there is no such thing here."""
    if name.argument is not None:
        raise Refused(
            name.place,
            "only 'law.' takes an argument.",
            f"Write '{name.text}' without brackets.",
        )
    first, _, rest = name.text.partition(".")
    if first == "audit" and rest:
        return _resolve_in(name, rest, None, roster, names)
    if rest:
        raise _dotted(name, first, rest, roster, names)
    return _resolve_in(name, name.text, roster, roster, names)


def _resolve_in(
    name: Name, bare: str, home: Roster | None, roster: Roster | None, names: Names
) -> Resolved:
    fact = names.vocabulary.by_roster[home].get(bare)
    if fact is not None:
        return (Member(home, bare) if home else Fact(bare)), fact
    derived_id = f"{home}.{bare}" if home else bare
    if derived_id in names.derived:
        return Derived(bare, home)
    raise _unknown(name, bare, home, roster, names)


def _dotted(
    name: Name, first: str, rest: str, roster: Roster | None, names: Names
) -> Refused:
    if first == roster:
        remedy = f"Write '{rest}'."
    elif first in list(Roster) and rest in _bare_names(Roster(first), names):
        remedy = f"Put it under 'some {first}:' and write '{rest}'."
    else:
        remedy = "A name is a fact, 'audit.fact' or 'law.parameter'."
    return Refused(name.place, f"'{name.text}' cannot be written here.", remedy)


def _unknown(
    name: Name, bare: str, home: Roster | None, roster: Roster | None, names: Names
) -> Refused:
    owners = [other for other in Roster if bare in _bare_names(other, names)]
    if home is None and roster is None and owners:
        keys = [f"'{word} {one}:'" for one in owners for word in ("some", "every")]
        return Refused(
            name.place,
            f"'{bare}' belongs to each of {' and of '.join(owners)}.",
            f"Put it under {' / '.join(keys)}.",
        )
    where = f"field '{bare}' on {home}" if home else f"fact '{bare}' of the audit"
    if home is not None and bare in _bare_names(None, names):
        remedy = f"It is a fact of the audit: write 'audit.{bare}'."
    else:
        remedy = suggestion(bare, _bare_names(home, names))
    return Refused(name.place, f"no {where}.", remedy)


def _bare_names(home: Roster | None, names: Names) -> list[str]:
    derived = [
        derived_id.rpartition(".")[2]
        for derived_id, roster in names.derived.items()
        if roster == home
    ]
    return [*names.vocabulary.by_roster[home], *derived]
