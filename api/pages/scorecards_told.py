"""A card in the words of one language, ready for its page: the same words as the PDF's.

All of it comes from the card's own document. What a text says is chosen by what is so:
by the value of a gate, the state of a flag, the presence of a number.
"""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date

from api.pages.scorecards_parts import (
    ToldAction,
    ToldCard,
    ToldFlag,
    ToldGate,
    ToldMap,
    ToldPoint,
    ToldPriority,
    ToldTier,
    ToldTopic,
)
from compliance.scorecards.codes import (
    ActionText,
    FindingStatus,
    GateCode,
    GateValue,
    GradeState,
    Severity,
    SiteKind,
    Tier,
    Topic,
)
from compliance.scorecards.content import (
    Action,
    ChainTier,
    Flag,
    Gate,
    Scorecard,
    TopicResult,
)
from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.attention import (
    has_zero_tolerance,
    key_figures,
    lacks_a_plan_for_zero_tolerance,
    priorities,
    range_of,
    severity_of,
)
from compliance.scorecards.drawing.findings import cited
from compliance.scorecards.drawing.grade import (
    HEADINGS,
    gate_text,
    gates_in_order_of_effect,
    qr_path,
    told_by_zero_tolerance,
)
from compliance.scorecards.drawing.header import (
    fieldwork_of,
    place_of,
    products_of,
)
from compliance.scorecards.drawing.performance import (
    ENOUGH_DETERMINED,
    Totals,
    totals,
)
from compliance.scorecards.drawing.place import OWN_TIERS, outlines, own_tier
from compliance.scorecards.drawing.sheet import Sheet
from compliance.scorecards.drawing.telling import Telling, Titles
from compliance.scorecards.drawing.words import Words

# Where on the page the reader finds what a gate looked at.
WHERE: Mapping[GateCode, str] = {
    GateCode.ZERO_TOLERANCE: "flags",
    GateCode.CHILD_LABOUR_FLAG: f"topic-{Topic.CHILD_LABOUR}",
    GateCode.FORCED_LABOUR_FLAG: f"topic-{Topic.FORCED_LABOUR}",
    GateCode.DETERMINATE_SHARE: "determinable",
    GateCode.CHILD_LABOUR_SHARE: f"topic-{Topic.CHILD_LABOUR}",
    GateCode.FORCED_LABOUR_SHARE: f"topic-{Topic.FORCED_LABOUR}",
    GateCode.OPEN_QUESTIONS: "determinable",
    GateCode.FIELDWORK_AGE: "fieldwork",
    GateCode.SEASON: "fieldwork",
    GateCode.NOTICE: "fieldwork",
    GateCode.ACCESS: "fieldwork",
    GateCode.RECORDS: "fieldwork",
    GateCode.COACHING: "fieldwork",
}


CHART_WIDTH, CHART_HEIGHT = 300.0, 100.0
MAP_WIDTH, MAP_HEIGHT = 240.0, 170.0


def told_card(card: Scorecard, language: str, titles: Titles) -> ToldCard:
    """Return a card as its page tells it in `language`."""
    words = Words(language)
    telling = Telling(Sheet(), card, words, titles)
    grade = card.grade
    whole = totals(card.topics)
    counts = Counter(flag.severity for flag in telling.open_flags)
    return ToldCard(
        card=card,
        words=words,
        place=place_of(telling),
        kind=_kind(telling),
        registers=tuple(
            (words.code("register", one.scheme), one.value)
            for one in card.producer.register_ids
        ),
        fieldwork=fieldwork_of(telling),
        products=products_of(telling),
        is_graded=grade.state is GradeState.GRADED,
        heading=words.label(HEADINGS[grade.state]),
        score_line=(
            words.label("score_missing")
            if grade.score is None
            else words.label(
                "score_alone", score=grade.score, letter=grade.letter_by_score
            )
        ),
        gates=tuple(
            _gate(telling, gate) for gate in gates_in_order_of_effect(grade.gates)
        ),
        figures=tuple(key_figures(telling)),
        topics=tuple(_topic(telling, topic) for topic in card.topics),
        totals=whole,
        determinable=_determinable(words, whole),
        points=_points(telling),
        severities=tuple(
            (
                one,
                words.code("severity", one),
                words.code("urgency", one),
                counts[one],
            )
            for one in Severity
        ),
        glance=" ".join([_open_sentence(telling, counts), _zero_tolerance(telling)]),
        priorities=_priorities(telling),
        priorities_told=_no_priority(telling),
        flags=tuple(_flag(telling, flag) for flag in card.flags),
        actions=tuple(
            _action(words, one)
            for one in card.actions
            if not (one.is_a_remedy or one.is_the_buyers)
        ),
        remedies=tuple(_action(words, one) for one in card.actions if one.is_a_remedy),
        commitments=tuple(
            _action(words, one) for one in card.actions if one.is_the_buyers
        ),
        chain=tuple(_tier(telling, tier) for tier in card.chain),
        map=_map(telling),
        facts=_facts(telling),
    )


def _kind(telling: Telling) -> str:
    product = telling.card.scope.products[0]
    commodity = "palm_oil" if "palm" in product else "coffee"
    return telling.words.code("site_kind", telling.card.producer.kind, commodity)


def _gate(telling: Telling, gate: Gate) -> ToldGate:
    if gate.applied:
        sign = "bites"
    elif gate.value is GateValue.UNDETERMINED:
        sign = "unknown"
    elif gate.value is None or told_by_zero_tolerance(telling, gate):
        sign = "missing"
    else:
        sign = "holds"
    return ToldGate(
        text=gate_text(telling, gate),
        effect=telling.words.code("effect", gate.caps_at or "none"),
        sign=sign,
        where=WHERE[gate.code],
    )


def _topic(telling: Telling, topic: TopicResult) -> ToldTopic:
    words, share = telling.words, topic.determinate_share
    change, changed = _change(words, topic)
    return ToldTopic(
        code=topic.code,
        name=words.code("topic", topic.code),
        score=topic.score,
        letter=None if topic.score is None else look.letter_of_score(topic.score),
        previous=topic.previous,
        change=change,
        changed=changed,
        share=(
            words.label("topic_not_applicable")
            if share is None
            else words.percent(share)
        ),
        is_low=share is not None and share < ENOUGH_DETERMINED,
        is_applicable=share is not None,
        counts=(
            (words.label("met"), topic.met),
            (words.label("not_met"), topic.not_met),
            (words.label("undetermined"), topic.undetermined),
            (words.label("not_applicable"), topic.not_applicable),
        ),
        open_flags=tuple(
            flag.ref for flag in telling.open_flags if flag.topic is topic.code
        ),
    )


def _change(words: Words, topic: TopicResult) -> tuple[str, str]:
    """Return the change of a score as a figure, and in a word for who hears it."""
    if topic.score is None or topic.previous is None:
        return "–", words.label("change_none")
    difference = topic.score - topic.previous
    if difference == 0:
        return "±0", words.label("change_same")
    if difference > 0:
        return f"+{difference}", words.label("change_up")
    return f"−{-difference}", words.label("change_down")


def _determinable(words: Words, whole: Totals) -> str:
    if not whole.applicable:
        return words.label("determinable_nothing")
    return words.count(
        "determinable_told",
        count=whole.applicable,
        determinate=words.number(whole.determinate),
        applicable=words.number(whole.applicable),
    )


def _points(telling: Telling) -> tuple[ToldPoint, ...]:
    """Return past scores and this one, spread over the width of the chart."""
    card = telling.card
    known = [(past.year, past.score) for past in card.history]
    known.append((telling.issued_on.year, card.grade.score))
    known = known[-6:]
    step = (CHART_WIDTH - 40) / max(1, len(known) - 1)
    start = 20.0 if len(known) > 1 else CHART_WIDTH / 2
    return tuple(
        ToldPoint(
            year=year,
            score=score,
            x=round(start + step * place, 1),
            y=None if score is None else round(CHART_HEIGHT * (1 - score / 100), 1),
        )
        for place, (year, score) in enumerate(known)
    )


def _open_sentence(telling: Telling, counts: Counter[Severity]) -> str:
    words = telling.words
    if not telling.card.flags:
        return words.label("glance_none")
    if not counts:
        return words.label("glance_all_closed")
    parts = [
        words.count("glance_severity", severity, count=counts[severity])
        for severity in Severity
        if counts[severity]
    ]
    return words.label("glance_open", parts=words.listed(parts))


def _zero_tolerance(telling: Telling) -> str:
    """Return the sentence that the gate and the flags allow, and never the other one."""
    words = telling.words
    gates = {gate.code: gate for gate in telling.card.grade.gates}
    if has_zero_tolerance(telling):
        return words.label("glance_zero_tolerance")
    if gates[GateCode.ZERO_TOLERANCE].value is GateValue.UNDETERMINED:
        return words.label("glance_undetermined")
    return words.label("glance_no_zero_tolerance")


def _flag(telling: Telling, flag: Flag) -> ToldFlag:
    words = telling.words
    is_counted = flag.people_range is not None
    never = flag.topic is Topic.CHILD_LABOUR
    shown_due = flag.due_on if flag.is_open else None
    return ToldFlag(
        ref=flag.ref,
        rule=flag.indicator,
        title=telling.title(flag),
        severity=flag.severity,
        severity_name=words.code("severity", flag.severity),
        laws=tuple(cited(one, words) for one in flag.citations),
        people=(
            range_of(flag.people_range)
            if flag.people_range is not None
            else words.label("people_never" if never else "people_withheld")
        ),
        is_counted=is_counted,
        sources=words.count("sources", count=flag.sources),
        status=flag.status,
        status_name=words.code("finding_status", flag.status),
        due=None if shown_due is None else _due(words, shown_due),
        is_late=flag.status is FindingStatus.OVERDUE,
        actions=tuple(one.ref for one in telling.card.actions if one.flag == flag.ref),
    )


def _due(words: Words, day: date) -> str:
    return words.label("due", date=words.day(day))


def _action(words: Words, action: Action) -> ToldAction:
    return ToldAction(
        ref=action.ref,
        flag=action.flag,
        text=words.code("action", ActionText(action.text_code)),
        share=action.share_done,
        share_told=(
            words.label("plan_share_withheld")
            if action.share_done is None
            else words.percent(action.share_done)
        ),
        status=action.status,
        status_name=words.code("finding_status", action.status),
        agreed=words.day(action.agreed_on),
        due=words.day(action.due_on),
    )


def _priorities(telling: Telling) -> tuple[ToldPriority, ...]:
    """Return what falls due soon; nothing comes before zero tolerance without a plan."""
    card, words = telling.card, telling.words
    if lacks_a_plan_for_zero_tolerance(telling):
        return ()
    return tuple(
        ToldPriority(
            severity=severity_of(card, one),
            action=_action(words, one),
            due=words.label(
                "priorities_overdue"
                if one.due_on < telling.issued_on
                else "priorities_due",
                date=words.day(one.due_on),
            ),
            is_late=one.due_on < telling.issued_on,
        )
        for one in priorities(card, telling.issued_on)
    )


def _no_priority(telling: Telling) -> str | None:
    words, card = telling.words, telling.card
    if lacks_a_plan_for_zero_tolerance(telling):
        return words.label("priorities_zero_tolerance")
    if priorities(card, telling.issued_on):
        return None
    of_site = [one for one in card.actions if not one.is_the_buyers]
    if any(one.is_unfinished for one in of_site):
        return words.label("priorities_later")
    return words.label(
        "priorities_no_plan" if telling.open_flags else "priorities_nothing"
    )


def _map(telling: Telling) -> ToldMap | None:
    """Return the outline with its mark, no finer than the card has it; none is kept."""
    card, words = telling.card, telling.words
    outline = outlines().get(card.producer.country)
    if outline is None:
        return None
    places = [place for ring in outline for place in ring]
    west, south = (min(place[axis] for place in places) for axis in (0, 1))
    east, north = (max(place[axis] for place in places) for axis in (0, 1))
    narrowing = math.cos(math.radians((south + north) / 2))
    across, down = (east - west) * narrowing, north - south
    scale = min(MAP_WIDTH / across, MAP_HEIGHT / down)

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        return (
            round((longitude - west) * narrowing * scale, 1),
            round((north - latitude) * scale, 1),
        )

    rings = (
        "M" + "L".join(f"{x} {y}" for x, y in (at(*place) for place in ring)) + "z"
        for ring in outline
    )
    point = card.scope.point
    marked = None
    if point is not None:
        marked = at(point.longitude_tenths / 10, point.latitude_tenths / 10)
    return ToldMap(
        path="".join(rings),
        width=round(across * scale, 1),
        height=round(down * scale, 1),
        point=marked,
        says=words.label(
            "place_alt_unmarked" if marked is None else "place_alt",
            country=words.country(card.producer.country),
            place=card.scope.municipality or card.producer.admin1,
        ),
    )


def _tier(telling: Telling, tier: ChainTier) -> ToldTier:
    words = telling.words
    form = "one" if tier.count == 1 else "other"
    return ToldTier(
        name=words.code("tier", tier.tier, form),
        count=words.number(tier.count),
        volume=_volume(telling, tier),
        risk=tier.risk,
        risk_name=words.code("risk", tier.risk),
        is_own=tier.tier is own_tier(telling),
    )


def _volume(telling: Telling, tier: ChainTier) -> str:
    """Return the share of the volume, and on a farm's card of whose volume it is."""
    words, share = telling.words, tier.volume_share
    if share is None:
        return words.label("chain_volume_unknown")
    told = (
        words.percent(share)
        if share
        else words.label("chain_under_one", share=words.percent(1))
    )
    own_tiers: tuple[Tier, ...] = OWN_TIERS[SiteKind.PRODUCER]
    of_mill = telling.card.producer.kind is SiteKind.PRODUCER and tier.tier in own_tiers
    key = "chain_volume_of_mill" if of_mill else "chain_volume"
    return words.label(key, share=told)


def _facts(telling: Telling) -> tuple[tuple[str, str], ...]:
    """Return what proves the card, each with its caption."""
    card, words = telling.card, telling.words
    book, issuer = card.rulebook, card.issuer
    signed = (
        ((words.label("key"), words.code("key_kind", issuer.key_kind)),)
        if issuer.did is None
        else (
            (words.label("signer"), issuer.did),
            (words.label("key"), words.code("key_kind", issuer.key_kind)),
        )
    )
    return (
        (words.label("content_hash"), card.integrity.sha256),
        (words.label("rulebook"), f"{book.id} {book.edition}"),
        ("", book.sha256),
        (words.label("engine"), card.engine),
        *signed,
    )


def qr(url: str) -> tuple[str, int]:
    """Return the code of an address as one path of SVG, and the cells of a side."""
    runs, cells = qr_path(url)
    numbers = runs.replace(" re", "").split()
    rows = zip(*[iter(numbers)] * 4, strict=True)
    path = "".join(f"M{x} {y}h{wide}v{tall}h-{wide}z" for x, y, wide, tall in rows)
    return path, cells
