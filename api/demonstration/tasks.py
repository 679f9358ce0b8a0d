"""The story as a list of tasks in the order of its days, each with its own key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from api.demonstration.details import Details, details_of
from api.demonstration.owing import (
    KeepPromise,
    WriteLedger,
    ledger_lines,
    promise_steps,
)
from api.demonstration.reviewing import Qualify, Reviewing, review_steps
from api.demonstration.story import CourseStep, Season, Story
from api.demonstration.supply import LinkInvented, SiteInvented, SupplyChain
from api.demonstration.under_way import Unfinished, unfinished_steps
from api.demonstration.visits import Visit, instant
from audits.visits.models import AuditKind
from compliance.identity.models import Role
from compliance.texts import N_

Thing = TypeVar("Thing")

SITES_AT_ONCE, LINKS_AT_ONCE = 25, 60
PLANNED_DAYS_AHEAD = 21
REGISTERED_DAYS_AHEAD = 60
OPENING = timedelta(minutes=10)  # after the founding
SENT_HOURS_LATER = 5  # back in town, where there is a signal
REPORTED_DAYS_LATER = 1
VERIFIED_DAYS_LATER = 2

FOUNDED = N_("the exporter, its people and its checklists")
SUPPLIED = N_("season {year}: who supplies whom")
VISITED = N_("season {year}: visits and what came of them")
CARDED = N_("season {year}: scorecards")
UNDER_WAY = N_("season {year}: a sample in the field")


@dataclass(frozen=True)
class PublishChecklists:
    """Publish the checklists that ship with the product."""


@dataclass(frozen=True)
class RegisterGroups:
    """Register the producer groups."""


@dataclass(frozen=True)
class RegisterSites:
    sites: tuple[SiteInvented, ...]


@dataclass(frozen=True)
class RegisterLinks:
    links: tuple[LinkInvented, ...]


@dataclass(frozen=True)
class RegisterDetails:
    """Note the land, people, papers and groups of a season."""

    details: tuple[Details, ...]


@dataclass(frozen=True)
class PlanVisit:
    visit: Visit


@dataclass(frozen=True)
class SubmitVisit:
    visit: Visit


@dataclass(frozen=True)
class FollowUp:
    """Take a step about the findings that a visit saw."""

    visit: Visit
    step: CourseStep


@dataclass(frozen=True)
class ReportDone:
    """Report as done what was planned for findings that this visit found gone."""

    visit: Visit


@dataclass(frozen=True)
class Verify:
    """Close the findings of earlier visits that this visit found gone."""

    visit: Visit


@dataclass(frozen=True)
class IssueScorecard:
    site_key: str


Doing = (
    PublishChecklists
    | RegisterGroups
    | RegisterSites
    | RegisterLinks
    | RegisterDetails
    | PlanVisit
    | SubmitVisit
    | FollowUp
    | ReportDone
    | Verify
    | IssueScorecard
    | WriteLedger
    | KeepPromise
    | Reviewing
    | Unfinished
)


@dataclass(frozen=True)
class Task:
    """One transaction of the story: when, by whom, and what."""

    key: str
    at: datetime
    by: Role
    doing: Doing
    chapter: str
    year: int


def tasks_of(
    story: Story, chain: SupplyChain, visits: Sequence[Visit]
) -> tuple[Task, ...]:
    """Return every task, the earliest first, no two at one instant."""
    tasks = [
        *_opening(story),
        *_supply(story, chain),
        *_fieldwork(story, visits),
        *_issuing(story.seasons, visits),
        *_owing(story, visits),
        *_beginning(story),
    ]
    return tuple(_apart(sorted(tasks, key=lambda task: task.at)))


def _apart(tasks: Sequence[Task]) -> Iterator[Task]:
    """Yield the tasks with a second at least between each and the next."""
    free_at = tasks[0].at
    for task in tasks:
        at = max(task.at, free_at)
        free_at = at + timedelta(seconds=1)
        yield replace(task, at=at)


def _opening(story: Story) -> Iterator[Task]:
    at, year = instant(story.founded_on) + OPENING, story.founded_on.year
    admin = Role.ADMINISTRATOR
    yield Task("checklists", at, admin, PublishChecklists(), FOUNDED, year)
    yield Task("groups", at, admin, RegisterGroups(), FOUNDED, year)
    yield Task("qualified", at, admin, Qualify(), FOUNDED, year)


def _supply(story: Story, chain: SupplyChain) -> Iterator[Task]:
    for season in story.seasons:
        at = instant(season.begins - timedelta(days=REGISTERED_DAYS_AHEAD))
        year, admin = season.year, Role.ADMINISTRATOR
        sites = [site for site in chain.sites if site.first_year == year]
        for number, some in enumerate(_batches(sites, SITES_AT_ONCE)):
            key = f"sites/{year}/{number}"
            yield Task(key, at, admin, RegisterSites(some), SUPPLIED, year)
        links = [link for link in chain.links if link.year == year]
        for number, linked in enumerate(_batches(links, LINKS_AT_ONCE)):
            key = f"links/{year}/{number}"
            yield Task(key, at, admin, RegisterLinks(linked), SUPPLIED, year)
        doing = RegisterDetails(details_of(story, chain, year))
        yield Task(f"details/{year}", at, admin, doing, SUPPLIED, year)


def _batches(things: Sequence[Thing], size: int) -> Iterator[tuple[Thing, ...]]:
    for start in range(0, len(things), size):
        yield tuple(things[start : start + size])


def _fieldwork(story: Story, visits: Sequence[Visit]) -> Iterator[Task]:
    for visit in visits:
        year, day = visit.year, visit.day
        if visit.kind is AuditKind.MILL_AUDIT:
            at = instant(day - timedelta(days=PLANNED_DAYS_AHEAD))
            key = f"plan/{visit.key}"
            yield Task(key, at, Role.AUDITOR, PlanVisit(visit), VISITED, year)
        at = visit.started_at + timedelta(hours=SENT_HOURS_LATER)
        key = f"visit/{visit.key}"
        yield Task(key, at, Role.AUDITOR, SubmitVisit(visit), VISITED, year)
        for key, on, reviewing in review_steps(visit):
            yield Task(key, instant(on), Role.REVIEWER, reviewing, VISITED, year)
        if visit.written.verifies:
            at = instant(day + timedelta(days=REPORTED_DAYS_LATER))
            key = f"report/{visit.key}"
            yield Task(key, at, Role.MANAGER, ReportDone(visit), VISITED, year)
            at = instant(day + timedelta(days=VERIFIED_DAYS_LATER))
            key = f"verify/{visit.key}"
            yield Task(key, at, Role.REVIEWER, Verify(visit), VISITED, year)
        for step in story.courses[visit.written.course] if visit.written.course else ():
            at = instant(day + timedelta(days=step.after))
            key = f"follow/{visit.key}/{step.called}"
            yield Task(key, at, step.by, FollowUp(visit, step), VISITED, year)


def _owing(story: Story, visits: Sequence[Visit]) -> Iterator[Task]:
    for key, day, by, line in ledger_lines(story.owed, visits):
        yield Task(key, instant(day), by, line, VISITED, line.visit.year)
    for key, day, by, doing in promise_steps(story.buyer, story.promise):
        yield Task(key, instant(day), by, doing, CARDED, day.year)


def _beginning(story: Story) -> Iterator[Task]:
    if story.under_way is None:
        return
    for key, at, by, doing in unfinished_steps(story.under_way):
        yield Task(key, at, by, doing, UNDER_WAY, at.year)


def _issuing(seasons: Sequence[Season], visits: Sequence[Visit]) -> Iterator[Task]:
    issued_on = {season.year: season.issued_on for season in seasons}
    for year, of_year in groupby(visits, key=lambda visit: visit.year):
        at = instant(issued_on[year])
        for minute, visit in enumerate(of_year):
            key = f"scorecard/{year}/{visit.site.key}"
            doing = IssueScorecard(visit.site.key)
            later = at + timedelta(minutes=minute)
            yield Task(key, later, Role.REVIEWER, doing, CARDED, year)
