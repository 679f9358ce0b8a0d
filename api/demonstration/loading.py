"""The tasks done one after the other, each once, however often the loading is begun.

A task is one transaction with its own Idempotency-Key, at its own day, with chance that
depends on nothing but the key: a loading that was cut off goes on where it stopped and
comes to the same end.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.demonstration.acts import Names, Stage, act
from api.demonstration.chance import Chance
from api.demonstration.story import Story
from api.demonstration.supply import invent
from api.demonstration.tasks import Task, tasks_of
from api.demonstration.visits import instant, visits_of
from api.service import Service
from compliance import clock, idempotency
from compliance.idempotency import Answer, IdempotencyRecord
from compliance.identifiers import OrganisationId
from compliance.identity.actions import (
    IssuedKey,
    add_person,
    found_organisation,
    issue_key,
    revoke_key,
)
from compliance.identity.models import (
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from compliance.identity.scope import CookieGiven, NotSignedIn, Scope, scope_of
from compliance.identity.sessions import known_person, start_session
from compliance.problems import Kind, Problem
from compliance.texts import N_

COMPLETE = "complete"
KEY_LABEL = "demonstration"
TICK = timedelta(milliseconds=1)

Notice = Callable[[Task, int, int], None]


class DatabaseInUse(Problem):
    kind = Kind.CONFLICT
    title = N_("The database belongs to somebody")
    detail = N_(
        "The database has an organisation that is not the demonstration's ({name}). "
        "The passwords of the demonstration are public, so it is not loaded beside "
        "real data. Choose an empty folder with --data DIR."
    )


class OtherStoryLoaded(Problem):
    kind = Kind.CONFLICT
    title = N_("Another demonstration is loaded here")
    detail = N_(
        "The database holds a demonstration of another release. Serve it with "
        "'atalaya serve', or load this one into an empty folder with --data DIR."
    )


@dataclass(frozen=True)
class Loaded:
    """Whose the loaded story is, and the public ids of the things in it."""

    organisation_id: OrganisationId
    names: Names


@dataclass
class Loading:
    """One run of the loading: the story, what is known, and who has signed in."""

    service: Service
    story: Story
    organisation_id: OrganisationId
    stage: Stage
    scopes: dict[Role, Scope] = field(default_factory=dict)

    def do(self, task: Task) -> None:
        """Do a task unless it was done before; learn the names it gave either way."""
        key = key_of(self.story, task.key)
        with _as_it_was(self.story, task.key, task.at):
            answer = self.service.write_now(
                lambda session: self._once(session, task, key)
            )
        self.stage.names.update(json.loads(answer.body))

    def _once(self, session: Session, task: Task, key: str) -> Answer:
        request = idempotency.digest_of_request("POST", key, b"")
        known = idempotency.claim(session, self.organisation_id, key, request)
        if known is not None:
            return known
        names = act(self.stage, session, self._scope(session, task), task.doing)
        answer = Answer(200, json.dumps(names).encode())
        idempotency.keep(session, self.organisation_id, key, answer)
        return answer

    def _scope(self, session: Session, task: Task) -> Scope:
        """Return the scope of whoever does the task, signing in once in a run."""
        if task.by not in self.scopes:
            person = next(one for one in self.story.people if one.role is task.by)
            # A session's token must be a secret, also here; and signing in takes no
            # tick of the clock, so that a run that went on and one that did not agree.
            with clock.drawing_from(secrets.token_bytes), clock.set_to(lambda: task.at):
                known = known_person(session, person.email)
                if known is None:
                    raise NotSignedIn
                started = start_session(session, known)
                self.scopes[task.by] = scope_of(session, CookieGiven(started.token))
        return self.scopes[task.by]


def load(service: Service, story: Story, notice: Notice) -> Loaded:
    """Load the story, or what lacks of it; `notice` hears of every task before it."""
    organisation_id = _founded(service, story)
    known = _names_when_complete(service, story, organisation_id)
    if known is not None:
        return Loaded(organisation_id, known)
    chain = invent(story)
    loading = Loading(service, story, organisation_id, Stage(service, story, chain))
    tasks = tasks_of(story, chain, visits_of(story, chain))
    for number, task in enumerate(tasks, start=1):
        notice(task, number, len(tasks))
        loading.do(task)
    names = loading.stage.names
    _note_complete(service, story, organisation_id, tasks[-1].at, names)
    return Loaded(organisation_id, names)


def key_of(story: Story, task: str) -> str:
    """Return the Idempotency-Key of a task."""
    return f"demonstration/{story.name}/{task}"


def fresh_key(service: Service, organisation_id: OrganisationId) -> IssuedKey:
    """Revoke the key of the last run and return a new one."""

    def work(session: Session) -> IssuedKey:
        revoke_key(session, organisation_id=organisation_id, label=KEY_LABEL)
        return issue_key(
            session,
            organisation_id=organisation_id,
            role=Role.ADMINISTRATOR,
            label=KEY_LABEL,
        )

    return service.write_now(work)


def _names_when_complete(
    service: Service, story: Story, organisation_id: OrganisationId
) -> Names | None:
    """Return the names that the story gave, None unless it was loaded to its end."""
    body = service.read_now(
        lambda session: session.scalar(
            select(IdempotencyRecord.body).where(
                IdempotencyRecord.organisation_id == organisation_id,
                IdempotencyRecord.key == key_of(story, COMPLETE),
            )
        )
    )
    return None if body is None else json.loads(body)


def _note_complete(
    service: Service,
    story: Story,
    organisation_id: OrganisationId,
    at: datetime,
    names: Names,
) -> None:
    key = key_of(story, COMPLETE)
    answer = Answer(200, json.dumps(names).encode())

    def work(session: Session) -> None:
        request = idempotency.digest_of_request("POST", key, b"")
        if idempotency.claim(session, organisation_id, key, request) is None:
            idempotency.keep(session, organisation_id, key, answer)

    with _as_it_was(story, COMPLETE, at):
        service.write_now(work)


def _founded(service: Service, story: Story) -> OrganisationId:
    """Return the exporter of the story, founding it with its people if it is not there."""
    known = service.read_now(lambda session: _exporter(session, story))
    if known is not None:
        return known
    try:
        with _as_it_was(story, "founding", instant(story.founded_on)):
            return service.write_now(lambda session: _found(session, story))
    except IntegrityError:  # another run was a moment earlier
        found = service.read_now(lambda session: _exporter(session, story))
        if found is None:
            raise
        return found


def _exporter(session: Session, story: Story) -> OrganisationId | None:
    found = session.scalar(
        select(Membership.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.email == story.people[0].email)
    )
    if found is not None:
        _refuse_other_story(session, story, OrganisationId(found))
        return OrganisationId(found)
    other = session.scalar(
        select(Organisation.name).where(Organisation.registered_by_id.is_(None))
    )
    if other is not None:
        raise DatabaseInUse(name=other)
    return None


def _refuse_other_story(
    session: Session, story: Story, organisation_id: OrganisationId
) -> None:
    key = IdempotencyRecord.key
    other = session.scalar(
        select(key).where(
            IdempotencyRecord.organisation_id == organisation_id,
            key.startswith("demonstration/", autoescape=True),
            ~key.startswith(key_of(story, ""), autoescape=True),
        )
    )
    if other is not None:
        raise OtherStoryLoaded


def _found(session: Session, story: Story) -> OrganisationId:
    made = found_organisation(
        session,
        kind=OrganisationKind.EXPORTER,
        name=story.exporter.name,
        country=story.exporter.country,
    )
    for person in story.people:
        add_person(
            session,
            organisation_id=made.id,
            role=person.role,
            email=person.email,
            name=person.name,
            language=person.language,
            password=person.password,
        )
    return made.id


@contextmanager
def _as_it_was(story: Story, task: str, at: datetime) -> Iterator[None]:
    """Set the clock to a day of the story, and chance to what its key says."""
    ticks = iter(range(1 << 40))
    chance = Chance(story.seed, "task", task)
    with (
        clock.set_to(lambda: at + TICK * next(ticks)),
        clock.drawing_from(chance.bytes),
    ):
        yield
