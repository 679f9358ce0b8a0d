"""The demonstration from the command to the table, and cut off wherever it can be."""

import contextlib
import itertools
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from api.cli import main
from api.demonstration.command import demonstrate
from api.demonstration.counting import Tally, tally
from api.demonstration.loading import (
    DatabaseInUse,
    Loaded,
    OtherStoryLoaded,
    load,
)
from api.demonstration.story import Story
from api.demonstration.tasks import Task
from api.service import Service, open_service
from audits.submissions.models import IntakeFault, Placement, Submission
from compliance.database import Base
from compliance.findings.lifecycle import State
from compliance.findings.models import Finding
from compliance.identity.actions import found_organisation
from compliance.identity.models import ApiKey, OrganisationKind
from compliance.identity.scope import KeyGiven, NotSignedIn, scope_of
from compliance.registry.models import Site, SupplyLink
from compliance.scorecards.models import Scorecard
from compliance.settings import Settings
from compliance.trail import TrailEntry
from compliance.verdicts.models import Verdict
from tests.unit.demonstration.small import small_story

# What tells one run from another: who signed in, the chain of that, and salted hashes;
# the edition a service keeps when it first starts, on the day it does; and what is
# sealed, for no two seals are alike.
OF_A_RUN = {
    "trail",
    "trail_head",
    "sign_in",
    "api_key",
    "rule_edition",
    "edition_publication",
    "sealed_key",
    "sealed_record",
    "sealed_answer",
}
# What is hashed with salt, or sealed with a nonce, and the names of sealed files.
SALTED = {"password_hash", "sealed", "file_sha256"}
FEWEST_TASKS = 20
PATIENCE_SECONDS = 60
NOT_YET_SERVING = re.compile(r"^(?!Serving at)")
SERVE = """
import sys
from api.demonstration.command import demonstrate
from compliance.settings import Settings
from tests.unit.demonstration.small import small_story

settings = Settings(data=sys.argv[1], port=0)
sys.exit(demonstrate(settings, "en", serves=True, story=small_story()))
"""


class CutOff(BaseException):
    """The process dies here; nobody catches it."""


@pytest.fixture(scope="module")
def story() -> Story:
    return small_story()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A folder and an empty database of either kind."""
    return Settings(data=tmp_path / "data", database_url=database_url)


@pytest.fixture(scope="module")
def loaded_settings(
    story: Story, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """A folder where the story was loaded without a stop; tests only read it."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "atalaya.sqlite").write_bytes(sqlite_template.read_bytes())
    settings = Settings(data=folder)
    loaded_into(settings, story)
    return settings


def nobody_hears(_task: Task, _number: int, _total: int) -> None:
    """Say nothing of the progress."""


def loaded_into(settings: Settings, story: Story) -> Loaded:
    with open_service(settings, is_system=True) as service:
        return load(service, story, nobody_hears)


def contents(settings: Settings) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, but what tells one run from another."""
    with open_service(settings, is_system=True) as service:
        return service.read_now(_contents)


def _contents(session: Session) -> dict[str, list[dict[str, object]]]:
    return {
        table.name: [
            {name: value for name, value in row._mapping.items() if name not in SALTED}
            for row in session.execute(select(table).order_by(*table.primary_key))
        ]
        for table in Base.metadata.sorted_tables
        if table.name not in OF_A_RUN
    }


@contextlib.contextmanager
def cut_off_at(turn: int) -> Iterator[None]:
    """Die at a turn's commit: just before it, or after it and before anybody knows."""
    moment = "before_commit" if turn % 2 else "after_commit"
    turns = iter(range(1, 1 << 30))

    def die(_session: Session) -> None:
        if next(turns) == turn:
            raise CutOff

    event.listen(Session, moment, die)
    try:
        yield
    finally:
        event.remove(Session, moment, die)


def test_a_loading_cut_off_at_every_step_comes_to_the_same_end(
    settings: Settings, loaded_settings: Settings, story: Story
) -> None:
    cuts = 0
    loaded = None
    while loaded is None:
        try:
            with cut_off_at(cuts + 1):
                loaded = loaded_into(settings, story)
        except CutOff:
            cuts += 1

    assert cuts > FEWEST_TASKS
    assert loaded == loaded_into(loaded_settings, story)
    assert contents(settings) == contents(loaded_settings)


def test_a_loading_that_is_told_to_stop_goes_on_where_it_stopped(
    settings: Settings, loaded_settings: Settings, story: Story
) -> None:
    def stop_at_the_tenth(_task: Task, number: int, _total: int) -> None:
        if number == 10:
            raise KeyboardInterrupt

    with (
        open_service(settings, is_system=True) as service,
        pytest.raises(KeyboardInterrupt),
    ):
        load(service, story, stop_at_the_tenth)
    before = contents(settings)
    loaded_into(settings, story)

    assert before != contents(loaded_settings)
    assert contents(settings) == contents(loaded_settings)


def test_a_second_loading_does_nothing(loaded_settings: Settings, story: Story) -> None:
    before = contents(loaded_settings)
    heard: list[str] = []

    with open_service(loaded_settings, is_system=True) as service:
        load(service, story, lambda task, *_: heard.append(task.key))

    assert heard == []
    assert contents(loaded_settings) == before


def counted_by_hand(session: Session) -> dict[str, int]:
    """Count whole tables: the database holds nothing but the demonstration."""
    tables = {
        "links": SupplyLink,
        "verdicts": Verdict,
        "findings": Finding,
        "scorecards": Scorecard,
        "sites": Site,
    }
    counted = {
        name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables.items()
    }
    placed = session.scalars(select(Placement.audit_id)).all()
    return {**counted, "visits": len(set(placed))}


def test_the_table_says_what_the_database_holds(
    loaded_settings: Settings, story: Story
) -> None:
    loaded = loaded_into(loaded_settings, story)

    with open_service(loaded_settings, is_system=True) as service:
        told = service.read_now(lambda session: tally(session, loaded.organisation_id))
        counted = service.read_now(counted_by_hand)

    assert counted == {
        "links": told.links,
        "visits": told.visits,
        "verdicts": sum(told.verdicts.values()),
        "findings": sum(told.findings.values()),
        "scorecards": sum(told.scorecards.values()),
        "sites": told.producers + told.mills,
    }
    assert (told.producers, told.mills, told.visits, told.links) == (8, 2, 10, 16)
    assert told.answered > told.unanswered > 0


def test_every_visit_went_through_the_intake_without_a_fault(
    loaded_settings: Settings,
) -> None:
    with open_service(loaded_settings, is_system=True) as service:
        faults = service.read_now(
            lambda session: session.scalars(select(IntakeFault.fault)).all()
        )
        days = service.read_now(
            lambda session: session.execute(
                select(Submission.observed_on, Submission.received_at)
            ).all()
        )

    assert faults == []
    assert len(days) == 10
    assert all(row.observed_on == row.received_at.date() for row in days)


def test_findings_are_answered_and_the_mended_ones_closed(
    loaded_settings: Settings,
) -> None:
    with open_service(loaded_settings, is_system=True) as service:
        states = service.read_now(
            lambda session: set(session.scalars(select(Finding.state)))
        )

    assert {State.RAISED, State.ACCEPTED, State.CLOSED} <= states


def test_the_trail_tells_of_the_story_in_the_order_of_its_days(
    loaded_settings: Settings, story: Story
) -> None:
    with open_service(loaded_settings, is_system=True) as service:
        entries = service.read_now(
            lambda session: session.execute(
                select(TrailEntry.organisation_id, TrailEntry.recorded_at).order_by(
                    TrailEntry.organisation_id, TrailEntry.sequence
                )
            ).all()
        )

    assert entries == sorted(entries)
    assert min(at for _, at in entries).date() == story.founded_on


def test_the_demonstration_is_not_loaded_beside_real_data(
    settings: Settings, story: Story
) -> None:
    with open_service(settings, is_system=True) as service:
        service.write_now(
            lambda session: found_organisation(
                session, kind=OrganisationKind.BUYER, name="Real GmbH", country="DE"
            )
        )

        with pytest.raises(DatabaseInUse) as refused:
            load(service, story, nobody_hears)

    assert refused.value.facts == {"name": "Real GmbH"}


def test_another_story_is_not_mixed_in(loaded_settings: Settings, story: Story) -> None:
    with pytest.raises(OtherStoryLoaded):
        loaded_into(loaded_settings, story.model_copy(update={"name": "small-2"}))


@pytest.fixture
def told(
    loaded_settings: Settings, story: Story, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """A function that runs the command in a language and returns what it printed."""

    def run(language: str) -> str:
        status = demonstrate(loaded_settings, language, serves=False, story=story)
        assert status == 0
        return capsys.readouterr().out

    return run


def keys_in(text: str) -> set[str]:
    return set(re.findall(r"atl_\w+", text))


def is_good(service: Service, key: str) -> bool:
    try:
        service.read_now(lambda session: scope_of(session, KeyGiven(key)))
    except NotSignedIn:
        return False
    return True


def test_each_run_prints_a_key_that_works_and_ends_the_one_before(
    loaded_settings: Settings, told: Callable[[str], str]
) -> None:
    first, second = keys_in(told("en")), keys_in(told("en"))

    with open_service(loaded_settings, is_system=True) as service:
        works = [is_good(service, key) for key in (*first, *second)]
        labels = service.read_now(
            lambda session: session.scalars(select(ApiKey.label)).all()
        )

    assert works == [False, True]
    assert labels == ["demonstration", "demonstration"]


def test_the_report_names_everybody_with_a_password_that_signs_in(
    told: Callable[[str], str], story: Story
) -> None:
    text = told("en")

    assert all(
        one.email in text and one.password in text and len(one.password) >= 15
        for one in story.people
    )


def test_the_report_points_at_a_pdf_that_is_there(told: Callable[[str], str]) -> None:
    text = told("es")

    path = next(word for word in text.split() if word.endswith(".pdf"))

    assert Path(path).read_bytes().startswith(b"%PDF-")


def test_the_report_says_that_all_is_invented_and_gives_three_requests(
    told: Callable[[str], str],
) -> None:
    text = told("en")

    assert "invented" in text
    assert text.count("curl ") == 3


def numbers_of(counted: Tally) -> set[int]:
    """Return every number that the table should name."""
    return {
        counted.producers,
        counted.mills,
        counted.visited,
        counted.links,
        counted.visits,
        counted.answered,
        counted.unanswered,
        *counted.verdicts.values(),
        *counted.findings.values(),
        *counted.scorecards.values(),
    }


def test_the_printed_numbers_are_those_of_the_database(
    loaded_settings: Settings, told: Callable[[str], str], story: Story
) -> None:
    text = told("en")

    with open_service(loaded_settings, is_system=True) as service:
        loaded = load(service, story, nobody_hears)
        counted = service.read_now(
            lambda session: tally(session, loaded.organisation_id)
        )

    table = text.partition("\n\n")[2].partition("\n\n")[0]
    assert numbers_of(counted) <= {int(number) for number in re.findall(r"\d+", table)}


def test_a_taken_port_is_told_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        status = main(["demo", "--data", str(tmp_path / "data"), "--port", str(port)])

    assert status == 1
    assert f"--port {port + 1}" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def answered(request: str) -> tuple[int, str]:
    """Ask as a printed `curl` line would, and return the status and the body."""
    words = shlex.split(request)
    headers = dict(
        after.split(": ", 1)
        for word, after in itertools.pairwise(words)
        if word == "-H"
    )
    answer = httpx2.get(words[-1], headers=headers, timeout=PATIENCE_SECONDS)
    return answer.status_code, answer.text


@contextlib.contextmanager
def started(command: list[str], **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a command and see to it that it has ended afterwards, come what may."""
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", **settings},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_the_report_says_to_ask_is_answered_until_ctrl_c(
    loaded_settings: Settings,
) -> None:
    command = [sys.executable, "-c", SERVE, str(loaded_settings.data)]
    with started(command) as process:
        assert process.stdout is not None
        said = list(itertools.takewhile(NOT_YET_SERVING.search, process.stdout))
        requests = [line for line in said if line.strip().startswith("curl ")]
        wait_for(f"{url_of(requests[0])}/livez")

        findings, verdict, cards = (answered(request) for request in requests)
        process.send_signal(signal.SIGINT)
        _, farewell = process.communicate(timeout=PATIENCE_SECONDS)

    assert findings[0] == verdict[0] == cards[0] == 200
    assert "zero_tolerance" in findings[1]
    assert "non_conformity" in verdict[1]
    assert "valid_until" in cards[1]
    assert process.returncode == 130
    assert farewell.startswith("Stopped. The demonstration stays in")
    assert "Traceback" not in farewell


def url_of(request: str) -> str:
    address = urlsplit(shlex.split(request)[-1])
    return f"{address.scheme}://{address.netloc}"


def wait_for(address: str) -> None:
    """Return when somebody listens at the address."""
    for _ in range(PATIENCE_SECONDS * 10):
        with contextlib.suppress(httpx2.ConnectError):
            httpx2.get(address)
            return
        time.sleep(0.1)
    raise TimeoutError(address)


def test_ctrl_c_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api", "demo", "--data", str(tmp_path / "data")]
    with started(command, ATALAYA_PORT="0") as process:
        assert process.stderr is not None
        assert "Loading the demonstration" in process.stderr.readline()

        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130
    assert "Stopped. What was loaded is kept" in said
    assert "Traceback" not in said
