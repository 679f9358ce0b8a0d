"""What the database would find for a visit's signals, by the same bands, in memory."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from audits.integrity.codes import Reading, Signal
from audits.integrity.interview_log import log_of, read_log
from audits.integrity.peers import Peers, PictureMatch, Tally, TextMatch
from audits.integrity.picture_hashes import (
    PictureHashes,
    hashes_of,
    kept_bands,
    sought_bands,
)
from audits.integrity.policy import POLICY, IntegrityPolicy
from audits.integrity.profile import Profile
from audits.integrity.profiling import Taken, pictures_of, place_of, span_of
from audits.integrity.reckoning import Flag, flag_of, signals_of
from audits.integrity.signals.faster_than_reading import seconds_to_read
from audits.integrity.signals.time_on_site import is_timed_by_log, pace_of
from audits.integrity.text_sketches import Sketcher, similarity, words_of
from audits.integrity.text_sketches import bands as text_bands
from tests.integrity_world import QUESTIONS, Kind, Raw, World


@dataclass(frozen=True)
class Judged:
    raw: Raw
    readings: Mapping[Signal, Reading]
    flag: Flag


@dataclass
class _Kept:
    raw: Raw
    profile: Profile
    text: bytes | None
    hashes: tuple[PictureHashes, ...]


@dataclass
class Archive:
    """What the database would find of earlier visits, looked up by the same bands."""

    policy: IntegrityPolicy = field(default_factory=lambda: POLICY.entries[-1])
    kept: list[_Kept] = field(default_factory=list)
    texts: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    pictures: dict[int, set[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    pace: dict[bool, deque[float]] = field(
        default_factory=lambda: {one: deque(maxlen=200) for one in (False, True)}
    )
    answers: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    tallies: dict[str, Tally] = field(default_factory=dict)
    streaks: Counter[str] = field(default_factory=Counter)
    sketcher: Sketcher = field(default_factory=lambda: Sketcher(b"k" * 32))

    def judge(self, world: World, raw: Raw) -> Judged:
        """Take a visit in and return what its signals say of it."""
        one = self._profiled(world, raw)
        peers = self._peers(one)
        readings = signals_of(one.profile, peers, self.policy)
        self._keep(one)
        return Judged(raw, readings, flag_of(readings, self.policy))

    def _profiled(self, world: World, raw: Raw) -> _Kept:
        hashed = [hashes_of(content) for content in raw.pictures]
        blind = [Taken(None, None, one is None) for one in hashed]
        taken = [*raw.taken[: len(blind)], *blind[len(raw.taken) :]]
        place = place_of(raw.point, raw.accuracy, raw.site.registered, raw.site.area)
        log = read_log(raw.log) if raw.log else None
        allowed = place.site_radius + self.policy.distance_metres
        words = {question.path: question.words for question in world.questions}
        span = span_of(raw.began_at, raw.ended_at)
        profile = Profile(
            observed_at=raw.began_at,
            place=place,
            span=span,
            log=log_of(log, words, raw.site.registered, allowed, self.policy)
            if log
            else None,
            asked=QUESTIONS,
            answered=raw.answered,
            reading_seconds=sum(seconds_to_read(one) for one in words.values()),
            choices=raw.choices,
            heads=raw.heads,
            children_declared=raw.declared,
            children_listed=raw.listed,
            text_words=len(words_of(raw.text)),
            pictures=pictures_of(taken, span),
            non_conformities=raw.non_conformities,
            auditor=raw.auditor,
        )
        text = self.sketcher.signature(raw.text)
        return _Kept(raw, profile, text, tuple(one for one in hashed if one))

    def _peers(self, one: _Kept) -> Peers:
        raw = one.raw
        own = self.tallies.get(raw.auditor, Tally(0, 0))
        found = raw.non_conformities > 0
        elsewhere, here = self._alike(one)
        return Peers(
            seconds_per_answer=tuple(self.pace[is_timed_by_log(one.profile)]),
            answers=self.answers,
            answered_visits=len(self.kept),
            text_elsewhere=elsewhere,
            text_here=here,
            pictures=tuple(self._near(one)),
            streak=0 if found else self.streaks[raw.auditor] + 1,
            own=Tally(own.found + found, own.visits + 1),
            others=tuple(
                tally for name, tally in self.tallies.items() if name != raw.auditor
            ),
            visits_in_a_row=1,
        )

    def _alike(self, one: _Kept) -> tuple[TextMatch | None, TextMatch | None]:
        if one.text is None or one.profile.text_words < self.policy.text_words:
            return None, None
        found = Counter(
            place for band in text_bands(one.text) for place in self.texts[band]
        )
        best: dict[bool, TextMatch] = {}
        for place, _ in found.most_common(50):
            other = self.kept[place]
            is_here = other.raw.site.number == one.raw.site.number
            alike = similarity(one.text, other.text or b"")
            if is_here not in best or alike > best[is_here].similarity:
                best[is_here] = TextMatch(str(place), alike)
        return best.get(False), best.get(True)

    def _near(self, one: _Kept) -> Iterator[PictureMatch]:
        for hashes in one.hashes:
            found = {
                place for band in sought_bands(hashes) for place in self.pictures[band]
            }
            for place, number in sorted(found):
                other = self.kept[place]
                bits = hashes.bits_to(other.hashes[number])
                is_here = other.raw.site.number == one.raw.site.number
                same = set(one.raw.pictures) & set(other.raw.pictures)
                yield PictureMatch(str(place), "", bits, bool(same), is_here)

    def _keep(self, one: _Kept) -> None:
        place, raw = len(self.kept), one.raw
        self.kept.append(one)
        if one.text is not None and one.profile.text_words >= self.policy.text_words:
            for band in text_bands(one.text):
                self.texts[band].append(place)
        for number, hashes in enumerate(one.hashes):
            for band in kept_bands(hashes):
                self.pictures[band].add((place, number))
        if (pace := pace_of(one.profile)) is not None:
            self.pace[is_timed_by_log(one.profile)].append(pace)
        for path, choice in raw.choices.items():
            self.answers[path][choice] += 1
        found, own = (
            raw.non_conformities > 0,
            self.tallies.get(raw.auditor, Tally(0, 0)),
        )
        self.tallies[raw.auditor] = Tally(own.found + found, own.visits + 1)
        self.streaks[raw.auditor] = 0 if found else self.streaks[raw.auditor] + 1


def judged_year(world: World, policy: IntegrityPolicy | None = None) -> list[Judged]:
    """Return every visit of a year with its signals, in the order of arrival."""
    archive = Archive(policy) if policy else Archive()
    return [archive.judge(world, raw) for raw in world.year()]


def flagged_share(judged: Sequence[Judged], kind: Kind) -> float:
    """Return which part of the visits of a kind is flagged."""
    flags = [one.flag.is_flagged for one in judged if one.raw.kind is kind]
    return sum(flags) / len(flags)
