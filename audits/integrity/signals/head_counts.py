"""Head counts: payroll, housing and harvest do not tell of the same number of people.

    slack = max(head_count, head_share · payroll)
    fires where housed − payroll > slack or harvest − payroll > slack,
    or where two facts of the site exclude each other

More people sleep or pick than are paid: somebody is paid on another's ticket, or the
numbers are made up. Fewer is no contradiction. The checklist asks the numbers under the
names `payroll_heads`, `housed_heads` and `harvest_heads`. Measure: people over.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    heads = visit.heads
    others = [one for one in (heads.housed, heads.harvest) if one is not None]
    has_counts = heads.payroll is not None and bool(others)
    if not has_counts and heads.contradictions is None:
        return unknown(Why.NOT_ASKED)
    contradictions = heads.contradictions or 0
    if heads.payroll is None or not others:
        return decided(contradictions > 0, 0.0, contradictions=contradictions)
    slack = max(policy.head_count, policy.head_share * heads.payroll)
    over = max(others) - heads.payroll
    return decided(
        over > slack or contradictions > 0,
        max(0, over),
        payroll=heads.payroll,
        most_elsewhere=max(others),
        slack=round(slack, 1),
        contradictions=contradictions,
    )
