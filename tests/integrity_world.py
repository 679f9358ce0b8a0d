"""A firm's year of visits, honest with its noise, and fraud planted among them.

What is made is raw: texts, JPEG files, logs of interviews, points and times. Sketches,
hashes and profiles are then made of it by the product's own functions, and the visits
are compared one after the other as they would arrive. Who deceives naively copies what
is at hand; who hides knows every formula, and not the thresholds (docs/integrity.md).
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from audits.integrity.profile import Heads
from audits.integrity.profiling import Taken
from audits.integrity.signals.faster_than_reading import seconds_to_read
from audits.submissions.pictures import Position
from tests.integrity_pictures import Scene, form_of, photo_of, reworked
from tests.integrity_texts import paraphrased, report_of

DAY_ONE = datetime(2026, 1, 12, tzinfo=UTC)
METRES_PER_DEGREE = 111_195.0
QUESTIONS, CHOICES = 64, 40
TOWNS = ((4.60, -75.00), (2.44, -76.60), (1.21, -77.28))


class Kind(StrEnum):
    HONEST = "honest"
    NAIVE = "naive"
    HIDING = "hiding"


@dataclass(frozen=True)
class Question:
    """How many words it has, how long an answer takes, and how often it is "yes"."""

    path: str
    words: int
    seconds: float
    yes: float
    is_choice: bool


@dataclass(frozen=True)
class Site:
    number: int
    town: int
    point: Position
    registered: Position | None
    area: int | None
    traits: tuple[int, ...]
    scene: Scene
    faults: float
    """The chance that a careful visit finds a non-conformity."""


@dataclass(frozen=True)
class Auditor:
    name: str
    town: int
    pace: float
    keenness: float
    style: int
    keeps_log: float
    kind: Kind = Kind.HONEST


@dataclass(frozen=True)
class Raw:
    """A visit as it arrives, and what it really was."""

    number: int
    kind: Kind
    auditor: str
    site: Site
    began_at: datetime
    ended_at: datetime | None
    point: Position | None
    accuracy: float | None
    choices: Mapping[str, str]
    answered: int
    log: bytes | None
    text: str
    pictures: tuple[bytes, ...]
    taken: tuple[Taken, ...]
    heads: Heads
    declared: bool
    listed: int
    non_conformities: int
    tactics: tuple[str, ...] = ()


@dataclass
class World:
    """A firm, its sites and checklist; every draw comes from one seed."""

    seed: int
    visits: int = 900
    frauds: int = 90
    """Visits of each kind of fraud."""
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable
        self.questions = tuple(self._questions())
        self.sites = tuple(self._sites(max(40, (self.visits + 2 * self.frauds) // 3)))
        self.auditors = tuple(self._auditors())
        self._earlier: dict[str, list[Raw]] = defaultdict(list)

    def year(self) -> Iterator[Raw]:
        """Yield the visits as they were made, one after the other."""
        plan = [Kind.HONEST] * self.visits
        plan += [Kind.NAIVE] * self.frauds + [Kind.HIDING] * self.frauds
        self.chance.shuffle(plan)
        step = timedelta(days=340) / len(plan)
        for number, kind in enumerate(plan):
            raw = self._visit(number, kind, DAY_ONE + number * step)
            self._earlier[raw.auditor].append(raw)
            yield raw

    def _questions(self) -> Iterator[Question]:
        for number in range(QUESTIONS):
            words = self.chance.randint(4, 24)
            yield Question(
                path=f"/data/q{number}",
                words=words,
                # Seen at a glance, or asked and talked about.
                seconds=self.chance.choice((4.0, 25.0, 50.0, 80.0)) + words / 2.5,
                yes=self.chance.choice((0.04, 0.1, 0.35, 0.7, 0.9, 0.96)),
                is_choice=number < CHOICES,
            )

    def _sites(self, count: int) -> Iterator[Site]:
        draw, made = self.chance, list[Site]()
        for number in range(count):
            sibling = draw.choice(made) if made and draw.random() < 0.15 else None
            town = sibling.town if sibling else draw.randrange(len(TOWNS))
            north, west = TOWNS[town]
            point = sibling.point if sibling else Position(north, west)
            reach = 900 if sibling else draw.uniform(4_000, 30_000)
            point = _moved(point, reach, draw)
            error = draw.lognormvariate(math.log(70), 0.9)
            registered = _moved(point, error, draw) if draw.random() > 0.1 else None
            traits = tuple(draw.sample(range(30), 11))
            if sibling:
                traits = (*sibling.traits[:7], *traits[:4])
            made.append(
                Site(
                    number=number,
                    town=town,
                    point=point,
                    registered=registered,
                    area=draw.choice((None, 12_000, 30_000, 70_000, 150_000)),
                    traits=tuple(dict.fromkeys(traits)),
                    scene=Scene(
                        draw.randrange(1 << 30),
                        sibling.scene.seed if sibling else None,
                    ),
                    faults=draw.betavariate(2.2, 1.8),
                )
            )
        yield from made

    def _auditors(self) -> Iterator[Auditor]:
        kinds = [Kind.HONEST] * 9 + [Kind.NAIVE] * 2 + [Kind.HIDING] * 2
        for number, kind in enumerate(kinds):
            yield Auditor(
                name=f"person_{number}",
                town=number % len(TOWNS),
                pace=self.chance.lognormvariate(0, 0.22),
                keenness=self.chance.uniform(0.7, 1.0),
                style=self.chance.randrange(6),
                keeps_log=self.chance.choice((0.0, 0.9, 0.95, 1.0)),
                kind=kind,
            )

    def _visit(self, number: int, kind: Kind, at: datetime) -> Raw:
        draw = self.chance
        # Who deceives also makes honest visits: there is something to copy, and cover.
        able = [one for one in self.auditors if kind in (Kind.HONEST, one.kind)]
        auditor = draw.choice(able)
        near = [one for one in self.sites if one.town == auditor.town]
        began_at = at.replace(hour=12) + timedelta(minutes=draw.randrange(0, 300))
        honest = self._honest(number, auditor, draw.choice(near), began_at)
        match kind:
            case Kind.HONEST:
                return honest
            case Kind.NAIVE:
                return self._naive(honest, auditor)
            case Kind.HIDING:
                return self._hiding(honest, auditor)

    def _honest(self, number: int, who: Auditor, site: Site, began_at: datetime) -> Raw:
        draw = self.chance
        times = [
            one.seconds * who.pace * draw.lognormvariate(0, 0.6)
            for one in self.questions
        ]
        # A few things seen on the way in are ticked one after the other.
        for place in draw.sample(range(QUESTIONS), draw.randrange(0, 9)):
            times[place] = draw.uniform(0.8, 3.5)
        walking = draw.uniform(300, 3_000)
        ended_at: datetime | None = began_at + timedelta(seconds=sum(times) + walking)
        fate = draw.random()
        if fate < 0.02:  # the clock was put right in between
            ended_at = began_at - timedelta(hours=draw.randint(1, 30))
        elif fate < 0.07:  # finished at home the day after, or the phone does not tell
            late = began_at + timedelta(hours=draw.randint(14, 60))
            ended_at = draw.choice((None, late))
        point, accuracy = self._fix(site)
        found = draw.random() < site.faults * who.keenness
        text = report_of(draw, site.traits, who.style, site.number)
        return Raw(
            number=number,
            kind=Kind.HONEST,
            auditor=who.name,
            site=site,
            began_at=began_at,
            ended_at=ended_at,
            point=point,
            accuracy=accuracy,
            choices=self._choices(found),
            answered=QUESTIONS - draw.choice((0, 0, 1, 2, 3, 6)),
            log=self._log(who, site.point, began_at, times, walking),
            text=text if draw.random() > 0.04 else "Sin novedad.",
            pictures=tuple(self._photos(site)),
            taken=self._taken(0.4),
            heads=self._heads(),
            declared=(declared := draw.random() < 0.4),
            listed=draw.randint(1, 4) * (declared != (draw.random() < 0.015)),
            non_conformities=draw.randint(1, 4) * found,
        )

    def _choices(self, found: bool) -> dict[str, str]:  # noqa: FBT001 - drawn before
        draw, chosen = self.chance, dict[str, str]()
        for one in self.questions[:CHOICES]:
            yes = one.yes if not found else 0.85 * one.yes + 0.15 * (1 - one.yes)
            chosen[one.path] = "yes" if draw.random() < yes else "no"
            if draw.random() < 0.03:
                chosen[one.path] = "unk"
        return chosen

    def _fix(self, site: Site) -> tuple[Position | None, float | None]:
        draw, kind = self.chance, self.chance.random()
        if kind < 0.06:
            return None, None
        if kind < 0.1:  # the network's guess, not a satellite's
            coarse = draw.uniform(400, 3_500)
            return _moved(site.point, draw.uniform(0, 1.2) * coarse, draw), coarse
        accuracy = draw.lognormvariate(math.log(9), 0.6)
        walked = draw.uniform(0, 250)
        return _moved(site.point, accuracy + walked, draw), round(accuracy, 1)

    def _photos(self, site: Site) -> Iterator[bytes]:
        draw = self.chance
        for _ in range(draw.choice((1, 2, 2, 3))):
            if draw.random() < 0.15:
                yield form_of(draw.randrange(1 << 30))
            else:
                yield photo_of(site.scene, draw.randrange(1 << 30))

    def _taken(self, share: float) -> tuple[Taken, ...]:
        draw = self.chance
        if draw.random() > share:
            return ()
        wrong_clock = draw.random() < 0.03
        minutes = draw.randint(0, 90) + wrong_clock * draw.choice((-300, 60, 400))
        return (Taken(round(draw.lognormvariate(4.0, 1.0)), minutes, is_plain=False),)

    def _heads(self) -> Heads:
        draw, payroll = self.chance, self.chance.randint(2, 40)
        if draw.random() < 0.4:
            return Heads()
        return Heads(
            payroll,
            max(0, payroll - draw.randint(0, 20)),
            max(1, payroll + draw.choice((-6, -3, -1, 0, 0, 1, 2))),
        )

    def _log(
        self,
        who: Auditor,
        here: Position,
        began_at: datetime,
        times: Sequence[float],
        walking: float,
        corrects: int | None = None,
        there: Position | None = None,
    ) -> bytes | None:
        """Write the log ODK would; `there` is where the last answers are changed."""
        draw = self.chance
        if draw.random() > who.keeps_log:
            return None
        keeps_places, keeps_changes = draw.random() < 0.5, draw.random() < 0.6
        head = "event,node,start,end"
        head += ",latitude,longitude,accuracy" * keeps_places
        head += ",old-value,new-value" * keeps_changes
        rows, now = [head], began_at.timestamp()
        walks = [draw.random() for _ in times]
        for one, seconds, walk in zip(self.questions, times, walks, strict=True):
            now += walking * walk / sum(walks)
            fix = _fix_cells(here, draw) if keeps_places else ""
            changes = ",," * keeps_changes
            rows.append(
                f"question,{one.path},{now * 1000:.0f},"
                f"{(now + seconds) * 1000:.0f}{fix}{changes}"
            )
            now += seconds
        corrected = draw.choice((0, 0, 0, 1, 3, 5)) if corrects is None else corrects
        in_town = there or (_moved(here, 9_000, draw) if draw.random() < 0.1 else here)
        now += 5 * 3600 if in_town is not here else 60
        for one in draw.sample(self.questions, corrected):
            fix = _fix_cells(in_town, draw) if keeps_places else ""
            changes = ",a,b" * keeps_changes
            rows.append(
                f"question,{one.path},{now * 1000:.0f},"
                f"{(now + 7) * 1000:.0f}{fix}{changes}"
            )
            now += 15
        return "\n".join(rows).encode()

    def _naive(self, honest: Raw, who: Auditor) -> Raw:
        """Fill it in at the desk with what lies there; each short cut more often than not."""
        draw, raw = self.chance, replace(honest, kind=Kind.NAIVE)
        source = self._source(raw)
        cuts = [one for one in NAIVE if draw.random() < 0.7]
        if len(cuts) < 2:
            cuts = draw.sample(NAIVE, 2)
        if "town" in cuts and raw.point is not None:
            north, west = TOWNS[raw.site.town]
            desk = _moved(Position(north, west), 300, draw)
            raw = replace(raw, point=desk, accuracy=draw.uniform(5, 30))
        if "minutes" in cuts:
            times = [draw.uniform(0.5, 6) for _ in self.questions]
            ended_at = raw.began_at + timedelta(seconds=sum(times) + 40)
            log = self._log(who, raw.point or raw.site.point, raw.began_at, times, 30)
            raw = replace(raw, ended_at=ended_at, log=log)
        if "text" in cuts and source:
            raw = replace(raw, text=source.text.replace("uno", "dos", 1))
        if "pictures" in cuts and source:
            raw = replace(raw, pictures=source.pictures)
        if "compliant" in cuts:
            good = {
                one.path: "yes" if one.yes > 0.5 else "no"
                for one in self.questions[:CHOICES]
            }
            same = dict.fromkeys(good, "yes")
            raw = replace(raw, choices=draw.choice((good, same)), non_conformities=0)
        return replace(raw, tactics=tuple(cuts))

    def _hiding(self, honest: Raw, who: Auditor) -> Raw:
        """Deceive knowing the formulas; each trace is left out, or blurred, by choice."""
        draw, raw = self.chance, replace(honest, kind=Kind.HIDING)
        source = self._source(raw)
        tactics = [one for one in HIDING if draw.random() < 0.75]
        if "text" in tactics and source:
            raw = replace(raw, text=paraphrased(draw, source.text, raw.site.number))
        if "pictures" in tactics and source:
            made = tuple(reworked(one, draw) for one in source.pictures)
            raw = replace(raw, pictures=made, taken=())
        raw = self._mocked(raw)
        raw = self._padded(raw, who, tactics)
        if "answers" in tactics:
            alternating = {
                one.path: "yes" if place % 2 else "no"
                for place, one in enumerate(self.questions[:CHOICES])
            }
            modal = {
                one.path: "yes" if one.yes > 0.5 else "no"
                for one in self.questions[:CHOICES]
            }
            raw = replace(
                raw,
                choices=draw.choice((alternating, modal, modal)),
                non_conformities=draw.choice((0, 0, 1)),
            )
        return replace(raw, tactics=tuple(tactics))

    def _mocked(self, raw: Raw) -> Raw:
        """A point near the site with the scatter of a good receiver; or none at all."""
        draw = self.chance
        if draw.random() < 0.1:
            return replace(raw, point=None, accuracy=None)
        goal = raw.site.registered or raw.site.point
        point = _moved(goal, draw.uniform(10, 300), draw)
        return replace(raw, point=point, accuracy=round(draw.uniform(4, 25), 1))

    def _padded(self, raw: Raw, who: Auditor, tactics: Sequence[str]) -> Raw:
        """Make the whole last as long as a visit; how the time passes is the giveaway."""
        draw, whole = self.chance, self.chance.uniform(3_000, 7_200)
        if "pace" not in tactics:  # done with patience, question by question
            ended_at = raw.began_at + timedelta(seconds=whole)
            return replace(raw, ended_at=ended_at)
        if draw.random() < 0.65:  # tapped through, and the telephone left lying
            times = [
                seconds_to_read(one.words) * draw.lognormvariate(0.15, 0.55)
                for one in self.questions
            ]
        else:  # a steady hand that waits about as long at every question
            steady = whole / (1.3 * QUESTIONS)
            times = [
                steady
                * seconds_to_read(one.words) ** 0.7
                * draw.lognormvariate(0, draw.uniform(0.15, 0.4))
                for one in self.questions
            ]
        rest = max(60.0, whole - sum(times))
        log = self._log(who, raw.site.point, raw.began_at, times, rest, corrects=2)
        ended_at = raw.began_at + timedelta(seconds=sum(times) + rest)
        return replace(raw, ended_at=ended_at, log=log)

    def _source(self, raw: Raw) -> Raw | None:
        """Return a report to copy: of one's own from elsewhere, or else a colleague's."""
        own = [
            one
            for one in self._earlier[raw.auditor]
            if one.site.number != raw.site.number and len(one.text) > 60
        ]
        if own:
            return self.chance.choice(own[-25:])
        others = [one for all_of in self._earlier.values() for one in all_of]
        return self.chance.choice(others) if others else None


NAIVE = ("town", "minutes", "text", "pictures", "compliant")
HIDING = ("text", "pictures", "pace", "answers")


def _moved(point: Position, metres: float, draw: random.Random) -> Position:
    turn = draw.uniform(0, 2 * math.pi)
    north = metres * math.cos(turn) / METRES_PER_DEGREE
    east = metres * math.sin(turn) / METRES_PER_DEGREE
    shrink = math.cos(math.radians(point.latitude))
    return Position(point.latitude + north, point.longitude + east / shrink)


def _fix_cells(here: Position, draw: random.Random) -> str:
    now = _moved(here, draw.uniform(0, 60), draw)
    accuracy = draw.uniform(4, 25)
    return f",{now.latitude:.7f},{now.longitude:.7f},{accuracy:.1f}"
