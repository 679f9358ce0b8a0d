"""Who of the register may be on a list: by numbers exactly, then by names alike.

A name alone, or with others, never makes two the same: it makes a pair that a person
decides on. Names are compared within a country and only where a word of both begins
alike, so that ten thousand entries meet ten thousand sites in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from compliance.public_lists.legal_forms import core
from compliance.public_lists.models import SubjectKind
from compliance.texts import N_

PREFIX = 3
SURE = 100


class Sign(StrEnum):
    """Why an entry may be somebody of the register, or what speaks against it."""

    SAME_NUMBER = "same_number"
    NUMBER_OF_PERSON = "number_of_person"
    SAME_NAME = "same_name"
    NAMES_ALIKE = "names_alike"
    SAME_REGION = "same_region"
    OTHER_NUMBER = "other_number"


SIGNS: Mapping[Sign, str] = {
    Sign.SAME_NUMBER: N_("the same {scheme} number"),
    Sign.NUMBER_OF_PERSON: N_(
        "the number of a person on the list, by its keyed digest"
    ),
    Sign.SAME_NAME: N_("the same name, legal forms aside"),
    Sign.NAMES_ALIKE: N_("names alike, {score} of 100"),
    Sign.SAME_REGION: N_("the same department, state or province"),
    Sign.OTHER_NUMBER: N_("but another {scheme} number"),
}
Evidence = tuple[tuple[Sign, Mapping[str, str | int]], ...]
Number = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """What has numbers of registers, in plain or, of a person, as keyed digests."""

    numbers: frozenset[Number] = frozenset()
    digests: frozenset[bytes] = frozenset()

    @property
    def known_by(self) -> frozenset[Number | bytes]:
        return self.numbers | self.digests


@dataclass(frozen=True)
class Named(Numbered):
    """An entry of a list as it is compared; `id` tells entries apart."""

    id: str
    name: str | None
    country: str | None
    region: str


@dataclass(frozen=True)
class Registered(Numbered):
    """A site, organisation or broker of the register as it is compared."""

    kind: SubjectKind
    public_id: str
    name: str
    country: str
    region: str


@dataclass(frozen=True)
class Proposal:
    """An entry that may be somebody registered; `score` is of 100."""

    entry: str
    subject: Registered
    score: int
    evidence: Evidence


class Lists:
    """Entries by their numbers, and by country and the beginnings of their words."""

    def __init__(self, entries: Iterable[Named]) -> None:
        self._entries = sorted(entries, key=lambda one: one.id)
        self._cores = [core(one.name or "") for one in self._entries]
        self._by_number: dict[Number | bytes, list[int]] = defaultdict(list)
        self._by_word: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, one in enumerate(self._entries):
            for number in one.known_by:
                self._by_number[number].append(place)
            if one.country is not None and self._cores[place]:
                for start in _starts(self._cores[place]):
                    self._by_word[one.country, start].append(place)

    def about(self, subject: Registered, names_alike: int) -> list[Proposal]:
        """Return the entries that may be the subject, the likeliest first."""
        scores: dict[int, int] = {}
        for number in subject.known_by:
            scores.update(dict.fromkeys(self._by_number.get(number, ()), SURE))
        wanted = core(subject.name)
        for place, score in self._alike(wanted, subject.country, names_alike):
            scores.setdefault(place, score)
        found = [
            self._proposal(place, subject, wanted, score)
            for place, score in scores.items()
        ]
        return sorted(found, key=lambda one: (-one.score, one.entry))

    def _alike(
        self, wanted: str, country: str, names_alike: int
    ) -> Iterable[tuple[int, int]]:
        if not wanted:
            return ()
        places = sorted(
            {
                place
                for start in _starts(wanted)
                for place in self._by_word.get((country, start), ())
            }
        )
        found = process.extract(
            wanted,
            [self._cores[place] for place in places],
            scorer=fuzz.ratio,
            processor=None,
            score_cutoff=names_alike,
            limit=None,
        )
        return [(places[at], int(score)) for _, score, at in found]

    def _proposal(
        self, place: int, subject: Registered, wanted: str, score: int
    ) -> Proposal:
        entry = self._entries[place]
        evidence: list[tuple[Sign, Mapping[str, str | int]]] = [
            (Sign.SAME_NUMBER, {"scheme": number[0]})
            for number in sorted(entry.numbers & subject.numbers)
        ]
        if entry.digests & subject.digests:
            evidence.append((Sign.NUMBER_OF_PERSON, {}))
        if wanted and self._cores[place] == wanted and entry.country == subject.country:
            evidence.append((Sign.SAME_NAME, {}))
        elif not evidence:
            evidence.append((Sign.NAMES_ALIKE, {"score": score}))
        if entry.region and entry.region == subject.region:
            evidence.append((Sign.SAME_REGION, {}))
        theirs = {number[:2] for number in subject.numbers - entry.numbers}
        evidence += [
            (Sign.OTHER_NUMBER, {"scheme": number[0]})
            for number in sorted(entry.numbers - subject.numbers)
            if number[:2] in theirs
        ]
        return Proposal(entry.id, subject, score, tuple(evidence))


def proposals(
    entries: Iterable[Named], subjects: Sequence[Registered], *, names_alike: int
) -> list[Proposal]:
    """Return every pair for a person to decide, in one order whatever that of the rows."""
    lists = Lists(entries)
    return [
        proposal
        for subject in sorted(subjects, key=lambda one: one.public_id)
        for proposal in lists.about(subject, names_alike)
    ]


def _starts(name: str) -> set[str]:
    return {word[:PREFIX] for word in name.split()}
