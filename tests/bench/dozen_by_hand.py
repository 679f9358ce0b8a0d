"""A dozen rules of the book as somebody would write them in Python, for comparison.

They are written from the law's words and not from the trees; the measurements check
first that they agree with both readers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

Truth = bool | None
Facts = Mapping[str, object]
Audit = tuple[Facts, Sequence[Facts] | None, Sequence[Facts] | None, Mapping[str, int]]
"""Facts, children, workers, and the legal values of that place and day."""

HAZARDS = frozenset(
    {
        "carrying_loads",
        "pesticides",
        "washing_pesticide_gear",
        "spreading_fertiliser",
        "machete",
        "harvesting_pole",
        "pruning_fronds",
        "land_clearing",
        "heights",
        "machinery",
        "vehicles",
        "mill_processing",
        "confined_space",
        "deep_water",
        "night",
        "heat",
        "alone_far_from_help",
    }
)
VIOLENCE = frozenset({"physical", "sexual", "threat_of_violence"})
LOCKED = ("permission_needed", "guarded_or_locked")
HELD_BACK = ("part_until_end", "all_until_end")


def either(truths: Iterable[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            result = None
    return result


def both(truths: Iterable[Truth]) -> Truth:
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def no(truth: Truth) -> Truth:
    return None if truth is None else not truth


def yes(facts: Facts, name: str) -> Truth:
    value = facts.get(name)
    return value if isinstance(value, bool) else None


def number(facts: Facts, name: str) -> int | None:
    value = facts.get(name)
    return value if isinstance(value, int) else None


def below(one: int | None, other: int | None) -> Truth:
    return None if one is None or other is None else one < other


def chose(facts: Facts, name: str, options: frozenset[str]) -> Truth:
    value = facts.get(name)
    return not options.isdisjoint(value) if isinstance(value, frozenset) else None


def is_one(facts: Facts, name: str, options: Sequence[str]) -> Truth:
    value = facts.get(name)
    return None if value is None else value in options


def somebody(
    members: Sequence[Facts] | None, question: Callable[[Facts], Truth]
) -> Truth:
    return None if members is None else either(map(question, members))


def hazardous_task(audit: Audit) -> Truth:
    adult_age = audit[3].get("adult_age")

    def at_risk(child: Facts) -> Truth:
        works = yes(child, "works")
        if works is False:
            return False
        young = below(number(child, "age"), adult_age)
        return both((works, young, chose(child, "tasks", HAZARDS)))

    return somebody(audit[1], at_risk)


def debt_bondage(audit: Audit) -> Truth:
    def bonded(worker: Facts) -> Truth:
        owes = yes(worker, "owes_debt")
        if owes is False:
            return False
        return both(
            (
                owes,
                either(
                    yes(worker, name)
                    for name in (
                        "debt_must_be_worked_off",
                        "debt_rises",
                        "debt_inflated",
                        "debt_binds_family",
                    )
                ),
            )
        )

    return somebody(audit[2], bonded)


def documents_held(audit: Audit) -> Truth:
    if yes(audit[0], "documents_held"):
        return True
    return either(
        (
            yes(audit[0], "documents_held"),
            somebody(audit[2], lambda worker: yes(worker, "documents_held")),
        )
    )


def _denied(facts: Facts) -> Truth:
    return both(
        (yes(facts, "documents_held"), no(yes(facts, "documents_back_on_demand")))
    )


def documents_denied(audit: Audit) -> Truth:
    return either((_denied(audit[0]), somebody(audit[2], _denied)))


def restriction_of_movement(audit: Audit) -> Truth:
    return either(
        (
            is_one(audit[0], "exit_from_workplace", LOCKED),
            is_one(audit[0], "exit_from_housing", LOCKED),
            somebody(
                audit[2],
                lambda worker: either(
                    (no(yes(worker, "leaves_freely")), yes(worker, "locked_in"))
                ),
            ),
        )
    )


def isolation(audit: Audit) -> Truth:
    facts = audit[0]
    cut_off = either(
        no(yes(facts, name))
        for name in (
            "transport_available",
            "phone_contact_possible",
            "visits_allowed_at_housing",
        )
    )
    housed = both((yes(facts, "housing_provided"), cut_off))
    phones = somebody(audit[2], lambda worker: yes(worker, "phone_taken"))
    return either((housed, phones))


def violence(audit: Audit) -> Truth:
    def suffers(worker: Facts) -> Truth:
        kinds = VIOLENCE | {"before_others"}
        by_superior = yes(worker, "abuser_is_superior")
        return both((chose(worker, "violence", kinds), by_superior))

    reported = chose(audit[0], "violence_reported", VIOLENCE)
    return either((reported, somebody(audit[2], suffers)))


def wages_withheld(audit: Audit) -> Truth:
    return somebody(
        audit[2],
        lambda worker: either(
            (
                is_one(worker, "wages_held_back", HELD_BACK),
                yes(worker, "deposit_kept"),
                yes(worker, "stays_for_unpaid_wages"),
            )
        ),
    )


def extreme_week(audit: Audit) -> Truth:
    most = audit[3].get("extreme_minutes_per_week")
    return somebody(
        audit[2], lambda worker: below(most, number(worker, "total_time_per_week"))
    )


def loan_terms(audit: Audit) -> Truth:
    share = audit[3].get("loan_share_of_wage")
    months = audit[3].get("loan_months")

    def unfair(worker: Facts) -> Truth:
        owes = yes(worker, "owes_debt")
        if owes is False:
            return False
        paid, wage = (
            number(worker, name)
            for name in ("debt_repayment_per_month", "pay_per_month")
        )
        too_much = None
        if paid is not None and wage is not None and share is not None:
            too_much = paid * 100 > wage * share
        too_long = below(months, number(worker, "debt_repayment_time"))
        return both((owes, either((too_much, too_long))))

    return somebody(audit[2], unfair)


def minimum_wage(audit: Audit) -> Truth:
    least = number(audit[0], "legal_minimum_per_day")
    return somebody(
        audit[2], lambda worker: below(number(worker, "pay_per_day"), least)
    )


def employer_store(audit: Audit) -> Truth:
    return either(
        (
            yes(audit[0], "store_prices_above_market"),
            yes(audit[0], "store_debt_taken_from_wage"),
            somebody(audit[2], lambda worker: yes(worker, "bound_to_store")),
        )
    )


def has_store(audit: Audit) -> Truth:
    return yes(audit[0], "employer_store")


DOZEN: dict[str, Callable[[Audit], Truth]] = {
    "child_labour.hazardous_task": hazardous_task,
    "forced_labour.debt_bondage": debt_bondage,
    "forced_labour.documents_held": documents_held,
    "forced_labour.documents_denied": documents_denied,
    "forced_labour.restriction_of_movement": restriction_of_movement,
    "forced_labour.isolation": isolation,
    "forced_labour.violence": violence,
    "forced_labour.wages_withheld": wages_withheld,
    "wages_and_hours.extreme_week": extreme_week,
    "wages_and_hours.loan_terms": loan_terms,
    "wages_and_hours.minimum_wage": minimum_wage,
    "wages_and_hours.employer_store": employer_store,
}
APPLIES: dict[str, Callable[[Audit], Truth]] = {
    "wages_and_hours.employer_store": has_store
}
LAW = ("adult_age", "extreme_minutes_per_week", "loan_share_of_wage", "loan_months")


def outcomes(audit: Audit) -> list[str]:
    """Return what each of the dozen says of an audit."""
    return [_outcome(audit, rule) for rule in DOZEN]


_SAID = {True: "non_conformity", False: "conformity", None: "undetermined"}


def _outcome(audit: Audit, rule: str) -> str:
    if rule in APPLIES:
        applies = APPLIES[rule](audit)
        if not applies:
            return "undetermined" if applies is None else "not_applicable"
    return _SAID[DOZEN[rule](audit)]
