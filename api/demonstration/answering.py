"""From what the story says of a visit to the record a device would have sent."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from api.demonstration.chance import Chance
from api.demonstration.places import KILOMETRES_PER_DEGREE
from api.demonstration.story import Answering, Money, Story
from api.demonstration.visits import Visit
from audits.checklists.filling import Answers, fill
from audits.checklists.form import CANNOT_TELL, FormSchema, Question

# Nobody finds out everything, and some numbers stay blank.
MOST_UNKNOWN, MOST_BLANK = 3, 1
SEASON = "main_harvest"
PAYER = "buyer"
PHOTOGRAPH = "photo_records"


@dataclass(frozen=True)
class Record:
    """A filled checklist and the moments its device noted."""

    instance_id: str
    content: bytes
    ended_at: datetime


class Departed:
    """Answers on the way from "all is well" to what this visit found."""

    def __init__(self, answering: Answering) -> None:
        self.answers: dict[str, object] = dict(answering.good)
        self.worker: dict[str, object] = dict(answering.worker)
        self.children: list[Mapping[str, object]] = []
        self._child: dict[str, object] = dict(answering.child)
        self.unknown = MOST_UNKNOWN
        self.blank = MOST_BLANK
        self.told: set[str] = set()

    def depart(self, departure: Mapping[str, object]) -> None:
        """Take over what a departure says; it counts as told, and is never blotted out."""
        rest = dict(departure)
        self.unknown = cast(int, rest.pop("unknown", self.unknown))
        self.blank = cast(int, rest.pop("blank", self.blank))
        self.worker.update(cast(dict[str, object], rest.pop("worker", {})))
        for child in cast(list[Mapping[str, object]], rest.pop("children", [])):
            self.children.append({**self._child, **child})
        self.answers.update(rest)
        self.told.update(rest)


def record_of(
    story: Story,
    visit: Visit,
    answering: Answering,
    schema: FormSchema,
    site_reference: str,
    photograph: str | None = None,
) -> Record:
    """Return the record of a visit; the same visit gives the same bytes.

    `photograph` is the name of the file that comes with it.
    """
    chance = Chance(story.seed, "answers", visit.key)
    departed = Departed(answering)
    for row in answering.varies:
        departed.depart(chance.pick(row))
    for name in visit.written.departs:
        departed.depart(answering.departures[name])

    money = story.money[visit.site.country][visit.year]
    minutes = chance.between(*answering.minutes)
    answers = {
        **departed.answers,
        **_circumstances(visit, answering, minutes, chance, site_reference),
        **_law(money, chance),
        "child": departed.children,
        "worker": list(_workers(answering, departed, money, chance)),
        PHOTOGRAPH: photograph,
    }
    _leave_open(schema, departed, answers, chance)

    instance_id = f"uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{story.seed}/{visit.key}')}"
    ended_at = visit.started_at + timedelta(minutes=minutes)
    content = fill(
        schema,
        cast(Answers, answers),
        instance_id=instance_id,
        started_at=visit.started_at,
        ended_at=ended_at,
        device_id="demo-device-1",
    )
    return Record(instance_id, content, ended_at)


def _circumstances(
    visit: Visit,
    answering: Answering,
    minutes: int,
    chance: Chance,
    site_reference: str,
) -> dict[str, object]:
    quarters = round(minutes * answering.auditors / 15)
    return {
        "site_ref": site_reference,
        "observed_on": visit.day,
        "visit_notice": str(visit.written.notice),
        "visit_season": SEASON,
        "visit_payer": PAYER,
        "person_hours": Decimal(quarters) / 4,
        "location": _location(visit, chance),
    }


def _location(visit: Visit, chance: Chance) -> str:
    """Return where the device was: some metres from the point of the register."""
    metres = [chance.between(-60, 60) / 1000 / KILOMETRES_PER_DEGREE for _ in range(2)]
    latitude, longitude = visit.site.latitude, visit.site.longitude
    accuracy = chance.between(4, 18)
    return f"{latitude + metres[0]:.6f} {longitude + metres[1]:.6f} 0 {accuracy}"


def _law(money: Money, chance: Chance) -> dict[str, object]:
    return {
        "legal_minimum_per_day": money.minimum_day,
        "lowest_pay_per_day": chance.between(*money.pay_day),
    }


def _workers(
    answering: Answering, departed: Departed, money: Money, chance: Chance
) -> Iterator[dict[str, object]]:
    for _ in range(chance.between(*answering.workers)):
        yield {**departed.worker, "worker_pay_per_day": chance.between(*money.pay_day)}


def _leave_open(
    schema: FormSchema,
    departed: Departed,
    answers: dict[str, object],
    chance: Chance,
) -> None:
    """Mark some questions as not to be found out, and leave some numbers blank."""
    asked = [
        question
        for question in schema.asked_in(None)
        if question.fact and question.name not in departed.told
    ]
    open_choices = [one.name for one in asked if _can_be_unknown(one)]
    for name in chance.some(
        open_choices, _count(chance, departed.unknown, MOST_UNKNOWN)
    ):
        answers[name] = CANNOT_TELL
    numbers = [one.name for one in asked if not one.required]
    count = _count(chance, departed.blank, MOST_BLANK)
    for name in chance.some(numbers, min(count, len(numbers))):
        answers[name] = None


def _can_be_unknown(question: Question) -> bool:
    return any(choice.name == CANNOT_TELL for choice in question.choices)


def _count(chance: Chance, most: int, usual: int) -> int:
    """Return up to `most`, or exactly that where the story asks for more than usual."""
    return most if most > usual else chance.between(0, most)
