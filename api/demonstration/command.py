"""`atalaya demo`: bring the database up to date, load the story, tell of it, serve."""

import errno
import signal
import socket
import sys
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api.card_making import printer_of
from api.demonstration.acts import card_name
from api.demonstration.counting import tally
from api.demonstration.interruption import INTERRUPTED, Interruption, interruption
from api.demonstration.loading import Loaded, fresh_key, load
from api.demonstration.progress import Progress
from api.demonstration.story import Story, read_story
from api.demonstration.tasks import Task
from api.demonstration.telling import NOT_SERVING, SERVING, Report
from api.migrating import migrate
from api.service import Service, open_service
from api.serving import serve
from api.working import handlers_of
from audits.risk_evidence.working import assess_everything
from audits.submissions.deriving import DERIVE
from compliance.database import open_database
from compliance.jobs import Workplace, work_off, writing_here
from compliance.problems import Kind, Problem
from compliance.scorecards import printing
from compliance.scorecards.models import Scorecard, ScorecardPaper
from compliance.settings import Settings
from compliance.texts import N_, translate

FOLDER = "demonstration"
FAILED = 1

STOPPED = N_(
    "Stopped. What was loaded is kept; the same command goes on where it stopped."
)
STOPPED_SERVING = N_("Stopped. The demonstration stays in {data}.")
CANNOT_GO_ON = N_(
    "The demonstration cannot go on: {reason}. What was loaded is kept; when that is "
    "mended, the same command goes on where it stopped."
)


class PortTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("The port is taken")
    detail = N_(
        "Something else listens on {host}:{port}. Choose another port, for example "
        "--port {other}, or load without serving: --no-serve."
    )


class AddressUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The address cannot be listened on")
    detail = N_(
        "{host}:{port} cannot be listened on ({reason}). Choose another with --host "
        "and --port, or load without serving: --no-serve."
    )


def demonstrate(
    settings: Settings, language: str, *, serves: bool, story: Story | None = None
) -> int:
    """Load the demonstration, or what lacks of it, tell of it, and serve it."""
    told = story or read_story()
    try:
        with interruption(language) as heard:
            chosen = with_free_port(settings) if serves else settings
            _load_and_tell(chosen, told, language, heard)
            heard.check()
    except KeyboardInterrupt:
        # Only leaving is left to do; another Ctrl-C would but break into that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return _end(STOPPED, language)
    except (OperationalError, OSError) as fault:
        reason = str(getattr(fault, "orig", None) or fault).strip().splitlines()[0]
        _say_error(translate(CANNOT_GO_ON, language, reason=reason))
        return FAILED
    if not serves:
        _say(translate(NOT_SERVING, language))
        return 0
    _say(translate(SERVING, language, url=chosen.resolved_public_url))
    serve(chosen)
    return _end(STOPPED_SERVING, language, data=chosen.data)


def with_free_port(settings: Settings) -> Settings:
    """Return the settings if their port is free, with a free one if they leave it open.

    Raise PortTaken before anything is loaded.
    """
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1)
        except OSError as fault:
            if fault.errno == errno.EADDRINUSE:
                raise PortTaken(host=host, port=port, other=port + 1) from fault
            reason = fault.strerror or str(fault)
            raise AddressUnusable(host=host, port=port, reason=reason) from fault
        free = int(listener.getsockname()[1])
    return settings.model_copy(update={"port": free})


def _load_and_tell(
    settings: Settings, story: Story, language: str, heard: Interruption
) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.resolved_database_url)
    try:
        migrate(database)
    finally:
        database.close()
    heard.check()

    progress = Progress(sys.stderr, language)

    def notice(task: Task, number: int, total: int) -> None:
        heard.check()
        progress.note(task, number, total)

    with open_service(settings, is_system=True) as service:
        try:
            loaded = load(service, story, notice)
        finally:
            progress.end()
        _show_photographs(service)
        _assess_risks(service, loaded)
        _print_cards(service)
        report = _report(service, story, loaded, language)
    for line in report.lines(language):
        _say(line)


def _show_photographs(service: Service) -> None:
    """Have what may be looked at made here; the story itself only asked for it."""
    handlers = {DERIVE: handlers_of(service)[DERIVE]}
    database = service.database
    work_off(Workplace(database, handlers, writing_here(database)))


def _assess_risks(service: Service, loaded: Loaded) -> None:
    """Have the risk of every site assessed here; the story itself only asked for it."""
    write = writing_here(service.database)
    write(lambda session: assess_everything(session, loaded.organisation_id))


def _print_cards(service: Service) -> None:
    """Have the cards printed and signed here; the story itself only asked for it."""
    handlers = printing.handlers(printer_of(service))
    database = service.database
    work_off(Workplace(database, handlers, writing_here(database)))


def _report(service: Service, story: Story, loaded: Loaded, language: str) -> Report:
    return Report(
        story=story,
        loaded=loaded,
        tally=service.read_now(lambda session: tally(session, loaded.organisation_id)),
        url=service.settings.resolved_public_url,
        key=fresh_key(service, loaded.organisation_id).text,
        pdf=_pdf(service, story, loaded, language),
    )


def _pdf(service: Service, story: Story, loaded: Loaded, language: str) -> Path:
    """Lay a copy of a card's PDF where a person finds and opens it."""
    public_id = loaded.names[card_name(story.shown.year, story.shown.card)]
    content = service.read_now(
        lambda session: service.files.read(
            session.execute(
                select(ScorecardPaper.sha256)
                .join(Scorecard, Scorecard.id == ScorecardPaper.scorecard_id)
                .where(
                    Scorecard.public_id == public_id,
                    ScorecardPaper.language == language,
                )
            ).scalar_one()
        )
    )
    path = service.settings.data / FOLDER / f"{public_id}-{language}.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def _end(message: str, language: str, **facts: object) -> int:
    _say_error(translate(message, language, **facts))
    return INTERRUPTED


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_error(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
