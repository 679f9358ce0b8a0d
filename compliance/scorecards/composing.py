"""What a scorecard says, put together from verdicts, findings, visits and links."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from pydantic import ValidationError

from compliance.findings.lifecycle import State
from compliance.findings.queries import FindingRecord
from compliance.findings.standing import Standing
from compliance.registry.models import IdentifierScheme
from compliance.registry.queries import SiteRecord
from compliance.scorecards import content
from compliance.scorecards.citing import citations_of
from compliance.scorecards.codes import (
    FindingStatus,
    GradeState,
    KeyKind,
    Limit,
    Notice,
    PayerKind,
    Product,
    RegisterScheme,
    Season,
    Severity,
    SiteKind,
    Status,
    Tier,
    Topic,
)
from compliance.scorecards.grading import (
    FieldworkFacts,
    Graded,
    OpenFlag,
    Plan,
    RuleResult,
    grade,
    months_after,
)
from compliance.scorecards.material import (
    Imprint,
    Material,
    ScorecardIncomplete,
    Visit,
    stated,
)
from compliance.scorecards.policy import GradingPolicy
from compliance.scorecards.progress import (
    flag_ref,
    one_word,
    rows_of_commitments,
    rows_of_plan,
    rows_of_remedies,
)
from compliance.scorecards.small_counts import People, told_people
from compliance.scorecards.spelling import REGISTER_PATTERNS
from compliance.verdicts.queries import VerdictRecord
from rules import Book, Commodity, Grounds, Outcome

ENGINE = "1.1"
MOST_SOURCES = 8
RULEBOOK_ID = "atalaya"
PRODUCTS: Mapping[tuple[Commodity, str], Product] = {
    (Commodity.COFFEE, "producer"): Product.PARCHMENT_COFFEE,
    (Commodity.COFFEE, "mill"): Product.GREEN_COFFEE,
    (Commodity.PALM_OIL, "producer"): Product.PALM_FRUIT,
    (Commodity.PALM_OIL, "mill"): Product.CRUDE_PALM_OIL,
}
# No tax number: a smallholder's is the number of an identity document.
REGISTERS: Mapping[IdentifierScheme, RegisterScheme] = {
    IdentifierScheme.GLN: RegisterScheme.GLN,
    IdentifierScheme.OS_HUB: RegisterScheme.OS_HUB,
    IdentifierScheme.UNIVERSAL_MILL_LIST: RegisterScheme.UNIVERSAL_MILL_LIST,
    IdentifierScheme.RSPO: RegisterScheme.RSPO,
    IdentifierScheme.RAINFOREST_ALLIANCE: RegisterScheme.RAINFOREST_ALLIANCE,
    IdentifierScheme.FAIRTRADE: RegisterScheme.FAIRTRADE,
    IdentifierScheme.FOUR_C: RegisterScheme.COMMON_CODE,
}
IN_HARVEST: Mapping[Season, bool | None] = {
    Season.MAIN_HARVEST: True,
    Season.SECOND_HARVEST: True,
    Season.YEAR_ROUND_HARVEST: True,
    Season.OUTSIDE_HARVEST: False,
    Season.NOT_KNOWN: None,
}


def compose(book: Book, policy: GradingPolicy, material: Material) -> content.Scorecard:
    """Return the sealed card, or raise ScorecardIncomplete with all that is missing."""
    visit = stated(material)
    missing = [
        {"what": name, "why": "not_stated"}
        for name in ("notice", "payer")
        if getattr(visit, name) is None
    ]
    if missing or visit.notice is None or visit.payer is None:
        raise ScorecardIncomplete(site=material.site.public_id, missing=missing)
    on = material.imprint.issued_at.date()
    people = told_people(
        workers=material.work.workers,
        interviews=visit.interviews,
        affected={
            rule: told.people
            for rule, told in visit.testimony.items()
            if told.people is not None
        },
        earlier=material.earlier,
    )
    shown = _shown(material.findings)
    graded = grade(
        results_of(material.verdicts, material.findings),
        flags=open_flags(material.findings, on),
        fieldwork=FieldworkFacts(
            ended_on=visit.to_on,
            was_in_harvest=IN_HARVEST[visit.season],
            was_announced=visit.notice is not Notice.UNANNOUNCED,
            had_off_site_interviews=material.statement.had_off_site_interviews,
        ),
        concealment=visit.concealment,
        policy=policy,
        on=on,
    )
    try:
        card = content.Scorecard(
            schema_version=content.SCHEMA_VERSION,
            id=material.imprint.public_id,
            version=_version(material),
            supersedes=material.earlier[-1].version if material.earlier else None,
            status=status_at_issue(graded),
            issued_at=material.imprint.issued_at,
            valid_from=on,
            valid_until=valid_until(graded, policy, book, on),
            issuer=_issuer(material),
            producer=_producer(material.site),
            scope=_scope(material, people),
            fieldwork=content.Fieldwork(
                from_on=visit.from_on,
                to_on=visit.to_on,
                notice=visit.notice,
                payer_kind=visit.payer,
                season=visit.season,
                integrity=visit.integrity,
            ),
            grade=graded.grade,
            topics=_topics(graded, material.earlier),
            flags=tuple(_flag(material, people, one, on) for one in shown),
            actions=_actions(material, shown, on),
            chain=_chain(material),
            history=_history(material.earlier),
            rulebook=_rulebook(book, material.verdicts),
            engine=ENGINE,
            limits=_limits(material, visit),
            integrity=_integrity(material.imprint),
        )
    except ValidationError as error:
        raise ScorecardIncomplete(
            site=material.site.public_id, missing=_told(error)
        ) from error
    return content.sealed(card)


def results_of(
    verdicts: Iterable[VerdictRecord], findings: Iterable[FindingRecord]
) -> tuple[RuleResult, ...]:
    """Return what the rules say; what was withdrawn as mistaken is undetermined."""
    withdrawn_until = {
        finding.rule: finding.last_seen_on
        for finding in findings
        if finding.state is State.WITHDRAWN
    }
    return tuple(
        RuleResult(
            rule=verdict.rule,
            topic=Topic(verdict.topic),
            weighs=Severity(verdict.severity),
            outcome=Outcome.UNDETERMINED
            if verdict.outcome is Outcome.NON_CONFORMITY
            and verdict.observed_on <= withdrawn_until.get(verdict.rule, date.min)
            else verdict.outcome,
            grounds=verdict.grounds,
            is_shadow=verdict.is_shadow,
        )
        for verdict in verdicts
    )


def open_flags(findings: Iterable[FindingRecord], on: date) -> tuple[OpenFlag, ...]:
    """Return the findings that are open on a day, as the gates see them."""
    return tuple(
        OpenFlag(
            topic=Topic(finding.topic),
            severity=Severity(finding.severity),
            plan=plan_of(finding, on),
            is_past_due=finding.is_past_due(on),
        )
        for finding in findings
        if finding.is_open
    )


def plan_of(finding: FindingRecord, on: date) -> Plan:
    """Tell whether a finding has a plan, and whether its time is over."""
    if finding.plan_due_on is None:
        return Plan.NONE
    return Plan.LAPSED if on > finding.plan_due_on else Plan.IN_TIME


def status_at_issue(graded: Graded) -> Status:
    """A card without a letter for zero tolerance is born suspended."""
    is_suspended = graded.grade.state is GradeState.SUSPENDED
    return Status.SUSPENDED if is_suspended else Status.ISSUED


def valid_until(
    graded: Graded, policy: GradingPolicy, book: Book, issued_on: date
) -> date:
    """Return the last day of validity, never after the rule book's own."""
    letter = graded.grade.letter
    months = (
        policy.validity_months_without_letter
        if letter is None
        else policy.validity_months[letter]
    )
    last = months_after(issued_on, months) - timedelta(days=1)
    return last if book.valid_until is None else min(last, book.valid_until)


def _version(material: Material) -> int:
    return material.earlier[-1].version + 1 if material.earlier else 1


def _issuer(material: Material) -> content.Issuer:
    """Name who issues the card, who audited, and whose key will sign it."""
    imprint = material.imprint
    return content.Issuer(
        name=imprint.issuer_name,
        audit_firm=material.work.audit_firm,
        did=imprint.did,
        key_kind=imprint.key_kind,
    )


def _integrity(imprint: Imprint) -> content.Integrity:
    return content.Integrity(
        canonicalisation="RFC 8785",
        sha256="0" * 64,
        verify_url=f"{imprint.public_url}/v/{imprint.code}",
    )


def _producer(site: SiteRecord) -> content.Producer:
    registers = [
        content.RegisterId(scheme=REGISTERS[one.scheme], value=one.value)
        for one in site.identifiers
        if one.scheme in REGISTERS and _has_its_form(REGISTERS[one.scheme], one.value)
    ]
    return content.Producer(
        name=site.name,
        kind=SiteKind(site.kind),
        country=site.country,
        admin1=site.admin1 or "",
        register_ids=tuple(registers),
    )


def _has_its_form(scheme: RegisterScheme, value: str) -> bool:
    """A number that is not of its register's form might be somebody's: not printed."""
    return re.fullmatch(REGISTER_PATTERNS[scheme], value, re.ASCII) is not None


def _scope(material: Material, people: People) -> content.Scope:
    site, supply = material.site, material.supply
    is_mill = SiteKind(site.kind) is SiteKind.MILL
    return content.Scope(
        municipality=site.municipality,
        point=_point(site) if is_mill else None,
        sites=1 + supply.suppliers,
        sites_visited=1 + supply.assessed,
        products=(PRODUCTS[(site.commodity, site.kind)],),
        # An exact total is never told: those of two versions would be subtracted.
        workers_total=None,
        workers_range=people.workers_range,
        workers_withheld=people.workers_withheld,
        interviews_range=people.interviews_range,
        volume_traced_share=_whole_percent(supply.traced_basis_points),
        child_cases=one_word(material.work.child_cases),
    )


def _point(site: SiteRecord) -> content.Point | None:
    if site.latitude is None or site.longitude is None:
        return None
    return content.Point(
        latitude_tenths=round(site.latitude * 10),
        longitude_tenths=round(site.longitude * 10),
    )


def _topics(
    graded: Graded, earlier: Sequence[content.Scorecard]
) -> tuple[content.TopicResult, ...]:
    before = (
        {topic.code: topic.score for topic in earlier[-1].topics} if earlier else {}
    )
    return tuple(
        content.TopicResult(
            code=topic.topic,
            score=topic.score,
            previous=before.get(topic.topic),
            determinate_share=topic.determinate_share,
            met=topic.met,
            not_met=topic.not_met,
            undetermined=topic.undetermined,
            not_applicable=topic.not_applicable,
        )
        for topic in graded.topics
    )


def _shown(findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """Return the findings that a card tells: all but those withdrawn as mistaken."""
    order = list(Severity)
    told = [one for one in findings if one.state is not State.WITHDRAWN]
    return sorted(
        told, key=lambda one: (order.index(Severity(one.severity)), one.number)
    )


def _flag(
    material: Material, people: People, finding: FindingRecord, on: date
) -> content.Flag:
    book = material.homes[finding.rule]
    return content.Flag(
        ref=flag_ref(finding.number),
        indicator=finding.rule,
        severity=Severity(finding.severity),
        citations=citations_of(
            book,
            book.rule_by_id[finding.rule],
            country=material.site.country,
            day=finding.observed_on,
        ),
        people_range=people.of_flags.get(finding.rule),
        sources=sources_of(material, finding),
        status=finding_status(finding, on),
        due_on=finding.must_be_done_on if finding.is_open else None,
    )


def sources_of(material: Material, finding: FindingRecord) -> int:
    """Return how many kinds of evidence agree on a finding, at least one.

    To what the last visit has count that another visit saw it, and that a person
    confirmed it. Of a finding that the last visit did not see, the last card knows.
    """
    told = material.visit.testimony.get(finding.rule)
    before = {
        flag.indicator: flag.sources for card in material.earlier for flag in card.flags
    }
    if told is None and finding.rule in before:
        return before[finding.rule]
    more = (
        finding.last_seen_on > finding.observed_on,
        finding.standing is Standing.CONFIRMED,
    )
    return min(MOST_SOURCES, max(1, told.kinds if told else 1) + sum(more))


def finding_status(finding: FindingRecord, on: date) -> FindingStatus:
    """Return the word of the card for where a finding stands."""
    if finding.state is State.CLOSED:
        return FindingStatus.VERIFIED_CLOSED
    if finding.is_past_due(on):
        return FindingStatus.OVERDUE
    if finding.plan_due_on is not None:
        return FindingStatus.PLANNED
    return FindingStatus(finding.state)


def _actions(
    material: Material, shown: Sequence[FindingRecord], on: date
) -> tuple[content.Action, ...]:
    """Return the site's plan, what people are owed, and what buyers promised."""
    work, now = material.work, material.imprint.issued_at
    return (
        *rows_of_plan(work.actions, shown, on),
        *rows_of_remedies(work.remedies, shown, workers=work.workers, now=now),
        *rows_of_commitments(work.commitments, shown, now),
    )


def _chain(material: Material) -> tuple[content.ChainTier, ...]:
    """Return farms and mills as counts; a farm's share is of the volume of its mill."""
    supply = material.supply
    if SiteKind(material.site.kind) is SiteKind.MILL:
        farms, mills, of_mills = supply.suppliers, 1, 100
        share = supply.traced_basis_points
    else:
        farms, mills, of_mills = 1, supply.mills, None
        share = supply.share_of_mill_basis_points
    if not farms or not mills:
        return ()
    return (
        content.ChainTier(
            tier=Tier.FARMS,
            count=farms,
            volume_share=_whole_percent(share),
            risk=material.work.risk_of_farms,
        ),
        content.ChainTier(
            tier=Tier.MILLS,
            count=mills,
            volume_share=of_mills,
            risk=material.work.risk_of_mills,
        ),
    )


def _whole_percent(basis_points: int | None) -> int | None:
    return None if basis_points is None else min(basis_points // 100, 100)


def _history(
    earlier: Sequence[content.Scorecard],
) -> tuple[content.PastScore, ...]:
    """Return the last grade of each earlier year."""
    by_year = {card.issued_at.year: card.grade for card in earlier}
    return tuple(
        content.PastScore(year=year, score=told.score, letter=told.letter)
        for year, told in sorted(by_year.items())
    )


def _rulebook(book: Book, verdicts: Sequence[VerdictRecord]) -> content.Rulebook:
    """Name the edition that judged, which may be older than the one at hand."""
    judged = max(verdicts, key=lambda verdict: verdict.decided_at, default=None)
    return content.Rulebook(
        id=RULEBOOK_ID,
        edition=judged.edition if judged else book.edition,
        sha256=judged.book_sha256 if judged else book.sha256,
    )


def _limits(material: Material, visit: Visit) -> tuple[Limit, ...]:
    grounds = {
        verdict.grounds for verdict in material.verdicts if not verdict.is_shadow
    }
    supply, interviews = material.supply, material.statement.had_off_site_interviews
    holds = {
        Limit.NO_GUARANTEE: True,
        Limit.UNDETERMINED_NOT_MET: True,
        Limit.NOBODY_IDENTIFIABLE: True,
        Limit.NOT_ALL_SITES: supply.assessed < supply.suppliers,
        Limit.ANNOUNCED: visit.notice is not Notice.UNANNOUNCED,
        Limit.OUTSIDE_HARVEST: visit.season is Season.OUTSIDE_HARVEST,
        Limit.NO_OFF_SITE_INTERVIEWS: interviews is False,
        Limit.PAID_BY_SITE: visit.payer is PayerKind.SITE,
        Limit.LAW_UNVERIFIED: Grounds.UNVERIFIED_LAW in grounds,
        Limit.LAW_DISPUTED: Grounds.DISPUTED_LAW in grounds,
        Limit.FIRST_AUDIT: not material.earlier,
        Limit.TEST_AUTHORITY: material.imprint.key_kind is KeyKind.TEST,
        Limit.DEMONSTRATION: material.imprint.is_demonstration,
    }
    return tuple(limit for limit in Limit if holds[limit])


def _told(error: ValidationError) -> list[dict[str, str]]:
    """Return what cannot be printed, without the value, which may be the reason."""
    return [
        {
            "what": ".".join((error.title.lower(), *map(str, mistake["loc"]))),
            "why": "not_printable",
        }
        for mistake in error.errors(include_url=False, include_input=False)
    ]
