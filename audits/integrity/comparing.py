"""What other visits tell about one: found by keys and bands, never by comparing all.

Only visits of the organisation that still hold count, and of two that are alike the
later one is the copy; where devices tell the same instant, the one stored later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from audits.integrity.gathering import Gathered, Hashed, Placed
from audits.integrity.models import PictureBand, PictureSketch, TextBand, VisitProfile
from audits.integrity.peers import Peers, PictureMatch, Tally, TextMatch
from audits.integrity.picture_hashes import hashes_from_bytes, sought_bands
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile, profile_from_json
from audits.integrity.signals.reused_picture import NOTHING_NEAR
from audits.integrity.signals.time_on_site import is_timed_by_log, pace_of
from audits.integrity.text_sketches import bands, similarity
from audits.submissions.models import Attachment, Submission, Withdrawal

PEERS_READ = 200
CANDIDATES = 50
STREAK_READ = 200
Successor = aliased(Submission)
# A correction takes the place of what it corrects; what was taken out is nobody's peer.
HOLDS = (
    ~select(Successor.id)
    .where(Successor.supersedes_id == VisitProfile.submission_id)
    .exists()
    & ~select(Withdrawal.submission_id)
    .where(Withdrawal.submission_id == VisitProfile.submission_id)
    .exists()
)


@dataclass(frozen=True)
class Compared:
    """A visit's peers, and the later visits that are alike and have to be read again."""

    peers: Peers
    later: frozenset[str]


@dataclass(frozen=True)
class _Other:
    submission: str
    is_here: bool
    is_earlier: bool


def compare(
    session: Session, gathered: Gathered, sketch: bytes | None, policy: IntegrityPolicy
) -> Compared:
    """Return what others tell about a visit whose own profile is stored already."""
    placed, profile = gathered.placed, gathered.profile
    alike = _alike(session, placed, sketch)
    near = [
        (other, match)
        for picture in gathered.pictures
        for other, match in _near(session, placed, picture)
    ]
    texts = [(other, match) for other, match in alike if other.is_earlier]
    known = [
        profile_from_json(document) for document in _same_checklist(session, placed)
    ]
    window = profile.observed_at - timedelta(days=policy.window_days)
    tallies = _tallies(session, placed, window)
    own = tallies.pop(placed.auditor, None) if placed.auditor else None
    peers = Peers(
        seconds_per_answer=tuple(
            pace
            for one in known
            if is_timed_by_log(one) == is_timed_by_log(profile)
            and (pace := pace_of(one)) is not None
        ),
        answers=_answers(known),
        answered_visits=sum(bool(one.choices) for one in known),
        text_elsewhere=_best(match for other, match in texts if not other.is_here),
        text_here=_best(match for other, match in texts if other.is_here),
        pictures=tuple(match for other, match in near if other.is_earlier),
        streak=_streak(session, placed, profile),
        own=own,
        others=tuple(tallies[name] for name in sorted(tallies)),
        visits_in_a_row=_in_a_row(session, placed),
    )
    later = _worth_it(alike, near, policy)
    return Compared(peers, later)


def _worth_it(
    alike: Iterable[tuple[_Other, TextMatch]],
    near: Iterable[tuple[_Other, PictureMatch]],
    policy: IntegrityPolicy,
) -> frozenset[str]:
    """Return later visits whose signals this one may change: it arrived after them."""
    texts = (
        other.submission
        for other, match in alike
        if not other.is_earlier and match.similarity > policy.text_similarity_doubtful
    )
    pictures = (
        other.submission
        for other, match in near
        if not other.is_earlier
        and (match.is_same_file or match.bits <= policy.picture_bits_doubtful)
    )
    return frozenset([*texts, *pictures][:CANDIDATES])


def _is_before(placed: Placed) -> ColumnElement[bool]:
    return tuple_(VisitProfile.observed_at, VisitProfile.submission_id) < tuple_(
        placed.observed_at, placed.id
    )


def _others(placed: Placed) -> tuple[ColumnElement[bool], ...]:
    return (
        VisitProfile.owner_id == placed.owner_id,
        VisitProfile.submission_id != placed.id,
        HOLDS,
    )


def _alike(
    session: Session, placed: Placed, sketch: bytes | None
) -> list[tuple[_Other, TextMatch]]:
    """Return the texts that share most bands, with how alike they are."""
    if sketch is None:
        return []
    shared = func.count().label("shared")
    candidates = (
        select(TextBand.submission_id, shared)
        .where(TextBand.owner_id == placed.owner_id, TextBand.value.in_(bands(sketch)))
        .group_by(TextBand.submission_id)
        .order_by(shared.desc(), TextBand.submission_id)
        .limit(CANDIDATES)
        .subquery()
    )
    rows = session.execute(
        _told(placed)
        .add_columns(VisitProfile.text_sketch)
        .join(candidates, candidates.c.submission_id == VisitProfile.submission_id)
        .where(*_others(placed), VisitProfile.text_sketch.is_not(None))
    )
    return [
        (
            _other(placed, row),
            TextMatch(row.public_id, similarity(sketch, row.text_sketch)),
        )
        for row in rows
    ]


def _near(
    session: Session, placed: Placed, picture: Hashed
) -> list[tuple[_Other, PictureMatch]]:
    """Return the pictures of other visits that are the same file, or look alike."""
    found = select(PictureSketch.attachment_id).where(
        PictureSketch.owner_id == placed.owner_id,
        PictureSketch.sha256 == picture.sha256,
    )
    wanted = set(session.scalars(found.limit(CANDIDATES)))
    if picture.hashes is not None:
        shared = func.count().label("shared")
        wanted |= set(
            session.scalars(
                select(PictureBand.attachment_id)
                .where(
                    PictureBand.owner_id == placed.owner_id,
                    PictureBand.value.in_(sought_bands(picture.hashes)),
                )
                .group_by(PictureBand.attachment_id)
                .order_by(shared.desc(), PictureBand.attachment_id)
                .limit(20 * CANDIDATES)
            )
        )
    rows = session.execute(
        _told(placed)
        .add_columns(
            Attachment.public_id.label("attachment"),
            PictureSketch.sha256,
            PictureSketch.hashes,
        )
        .join(PictureSketch, PictureSketch.submission_id == VisitProfile.submission_id)
        .join(Attachment, Attachment.id == PictureSketch.attachment_id)
        .where(*_others(placed), PictureSketch.attachment_id.in_(wanted))
        .order_by(PictureSketch.attachment_id)
    )
    return [(_other(placed, row), _match(placed, picture, row)) for row in rows]


def _match(placed: Placed, picture: Hashed, row: Any) -> PictureMatch:
    is_same = row.sha256 == picture.sha256
    bits = 0 if is_same else NOTHING_NEAR
    if not is_same and picture.hashes is not None and row.hashes is not None:
        bits = picture.hashes.bits_to(hashes_from_bytes(row.hashes))
    return PictureMatch(
        row.public_id, row.attachment, bits, is_same, row.site_id == placed.site_id
    )


def _told(placed: Placed) -> Any:
    return select(
        Submission.public_id,
        VisitProfile.site_id,
        _is_before(placed).label("is_before"),
    ).join(Submission, Submission.id == VisitProfile.submission_id)


def _other(placed: Placed, row: Any) -> _Other:
    return _Other(row.public_id, row.site_id == placed.site_id, bool(row.is_before))


def _best(matches: Iterable[TextMatch]) -> TextMatch | None:
    return min(matches, key=lambda one: (-one.similarity, one.submission), default=None)


def _same_checklist(session: Session, placed: Placed) -> list[bytes]:
    """Return the profiles of the last visits with the checklist, not all there are."""
    return list(
        session.scalars(
            select(VisitProfile.document)
            .where(*_others(placed), VisitProfile.checklist_id == placed.checklist_id)
            .order_by(
                VisitProfile.observed_at.desc(), VisitProfile.submission_id.desc()
            )
            .limit(PEERS_READ)
        )
    )


def _answers(known: Iterable[Profile]) -> Mapping[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {}
    for one in known:
        for path, choice in one.choices.items():
            counted.setdefault(path, Counter())[choice] += 1
    return counted


def _tallies(session: Session, placed: Placed, since: datetime) -> dict[str, Tally]:
    """Return the record of each auditor on like sites, this visit in it."""
    found = cast(case((VisitProfile.non_conformities > 0, 1), else_=0), Integer)
    rows = session.execute(
        select(VisitProfile.auditor, func.sum(found), func.count())
        .where(
            VisitProfile.owner_id == placed.owner_id,
            VisitProfile.alike == placed.alike,
            VisitProfile.auditor.is_not(None),
            VisitProfile.non_conformities.is_not(None),
            VisitProfile.observed_at >= since,
            HOLDS,
        )
        .group_by(VisitProfile.auditor)
    )
    return {str(name): Tally(int(some), int(visits)) for name, some, visits in rows}


def _streak(session: Session, placed: Placed, profile: Profile) -> int | None:
    """Return how many visits of the auditor up to this one found nothing."""
    if placed.auditor is None or profile.non_conformities is None:
        return None
    if profile.non_conformities:
        return 0
    earlier = session.scalars(
        select(VisitProfile.non_conformities)
        .where(
            *_others(placed),
            VisitProfile.auditor == placed.auditor,
            VisitProfile.alike == placed.alike,
            VisitProfile.non_conformities.is_not(None),
            _is_before(placed),
        )
        .order_by(VisitProfile.observed_at.desc(), VisitProfile.submission_id.desc())
        .limit(STREAK_READ)
    ).all()
    return 1 + next((n for n, one in enumerate(earlier) if one), len(earlier))


def _in_a_row(session: Session, placed: Placed) -> int | None:
    """Return the days of visits to the site by the auditor with nobody else's between."""
    if placed.auditor is None:
        return None
    earlier = session.execute(
        select(VisitProfile.auditor, VisitProfile.observed_at)
        .where(
            *_others(placed),
            VisitProfile.site_id == placed.site_id,
            _is_before(placed),
        )
        .order_by(VisitProfile.observed_at.desc(), VisitProfile.submission_id.desc())
        .limit(STREAK_READ)
    ).all()
    days = {placed.observed_at.date()}
    for auditor, observed_at in earlier:
        if auditor != placed.auditor:
            break
        days.add(observed_at.date())
    return len(days)
