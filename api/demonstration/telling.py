"""What is said when the demonstration is loaded: how much, where, who, and with what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.demonstration.acts import submission_name
from api.demonstration.counting import Tally
from api.demonstration.loading import Loaded
from api.demonstration.story import Story
from compliance.identity.models import Role
from compliance.scorecards.codes import Letter
from compliance.texts import N_, translate
from rules import Outcome, Severity

INVENTED = N_(
    "The demonstration is loaded. All of it is invented: no farm, mill, company or "
    "person in it exists. Only the places are real (GeoNames, CC BY 4.0)."
)
SITES = N_("sites")
SITES_TOLD = N_("{producers} producers and {mills} mills; {visited} of them visited")
LINKS = N_("supply")
LINKS_TOLD = N_("{links} supply links in {seasons} seasons")
VISITS = N_("visits")
FACTS = N_("facts")
FACTS_TOLD = N_("{answered} answered, {unanswered} asked and not answered")
VERDICTS = N_("verdicts")
FINDINGS = N_("findings")
FINDING_TOLD = N_("{count} {severity} ({open} open)")
SCORECARDS = N_("scorecards")
IN_FORCE = N_("in force")
NO_LETTER = N_("no letter")
WHERE = N_("Where to look")
PAGES = N_("pages, after signing in")
CONTRACT = N_("the contract of the API")
FORMS = N_("for ODK Collect; the key below is the password, any name the user")
PDF_FILE = N_("a scorecard as PDF")
SIGN_IN = N_("How to sign in (passwords of the demonstration, known to everybody)")
KEY_TOLD = N_(
    "A key of this run (the one before no longer works), and three things to ask with it"
)
SERVING = N_("Serving at {url} until Ctrl-C.")
NOT_SERVING = N_("To serve it: ./run demo, or atalaya serve with the same --data.")

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.CONFORMITY: N_("{count} conformity"),
    Outcome.NON_CONFORMITY: N_("{count} non-conformity"),
    Outcome.UNDETERMINED: N_("{count} undetermined"),
    Outcome.NOT_APPLICABLE: N_("{count} not applicable"),
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.ZERO_TOLERANCE: N_("zero tolerance"),
    Severity.CRITICAL: N_("critical"),
    Severity.MAJOR: N_("major"),
    Severity.MINOR: N_("minor"),
}
ROLES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: N_("administrator"),
    Role.AUDITOR: N_("auditor"),
    Role.REVIEWER: N_("reviewer"),
    Role.MANAGER: N_("manager"),
    Role.ANALYST: N_("analyst"),
}
INDENT = "  "


@dataclass(frozen=True)
class Report:
    """All that is told at the end."""

    story: Story
    loaded: Loaded
    tally: Tally
    url: str
    key: str
    pdf: Path

    def lines(self, language: str) -> Iterator[str]:
        """Yield the report line by line."""
        yield translate(INVENTED, language)
        yield ""
        yield from _columns(_counts(self.tally, len(self.story.seasons), language))
        yield ""
        yield translate(WHERE, language)
        yield from _columns(self._addresses(language))
        yield ""
        yield translate(SIGN_IN, language)
        buyer = self.story.buyer.person
        yield from _columns(
            [
                (translate(ROLES[one.role], language), one.email, one.password)
                for one in self.story.people
            ]
            + [(self.story.buyer.name, buyer.email, buyer.password)]
        )
        yield ""
        yield translate(KEY_TOLD, language)
        yield f"{INDENT}{self.key}"
        yield from (INDENT + line for line in self._requests(language))

    def _addresses(self, language: str) -> list[tuple[str, ...]]:
        return [
            (f"{self.url}/", translate(PAGES, language)),
            (f"{self.url}/openapi.yaml", translate(CONTRACT, language)),
            (f"{self.url}/openrosa", translate(FORMS, language)),
            (str(self.pdf), translate(PDF_FILE, language)),
        ]

    def _requests(self, language: str) -> Iterator[str]:
        shown = self.story.shown
        submission = self.loaded.names[submission_name(shown.visit)]
        for path in (
            "/v1/findings?severity=zero_tolerance",
            f"/v1/submissions/{submission}/verdicts/{shown.rule}",
            "/v1/scorecards?in_force=true",
        ):
            yield (
                f"curl -H 'Authorization: Bearer {self.key}' "
                f"-H 'Accept-Language: {language}' '{self.url}{path}'"
            )


def _counts(tally: Tally, seasons: int, language: str) -> list[tuple[str, ...]]:
    def told(message: str, **facts: object) -> str:
        return translate(message, language, **facts)

    return [
        (
            told(SITES),
            told(
                SITES_TOLD,
                producers=tally.producers,
                mills=tally.mills,
                visited=tally.visited,
            ),
        ),
        (told(LINKS), told(LINKS_TOLD, links=tally.links, seasons=seasons)),
        (told(VISITS), str(tally.visits)),
        (
            told(FACTS),
            told(FACTS_TOLD, answered=tally.answered, unanswered=tally.unanswered),
        ),
        (
            told(VERDICTS),
            ", ".join(
                told(message, count=tally.verdicts.get(outcome, 0))
                for outcome, message in OUTCOMES.items()
            ),
        ),
        (
            told(FINDINGS),
            ", ".join(
                told(
                    FINDING_TOLD,
                    count=tally.findings.get(severity, 0),
                    severity=told(word),
                    open=tally.open_findings.get(severity, 0),
                )
                for severity, word in SEVERITIES.items()
            ),
        ),
        (told(SCORECARDS), _letters(tally.scorecards, language)),
        (f"{INDENT}{told(IN_FORCE)}", _letters(tally.in_force, language)),
    ]


def _letters(counts: Mapping[str | None, int], language: str) -> str:
    letters = [f"{letter} {counts.get(letter, 0)}" for letter in Letter]
    return ", ".join(
        [*letters, f"{translate(NO_LETTER, language)} {counts.get(None, 0)}"]
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows with every column but the last as wide as its widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield (INDENT + "  ".join(cells)).rstrip()
