"""Children not listed: the site is said to have children, and none is in the list.

    fires where declared and listed = 0

Declared are children that accompany their parents, live in the housing or work there
(facts of the site as a whole). Children may be listed where none is declared: those
of the family are. Only how many are listed is looked at, nothing of any
child. Measure: how many are listed.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.profile import Profile


def read(visit: Profile) -> Reading:
    declared, listed = visit.children_declared, visit.children_listed
    if declared is None or listed is None:
        return unknown(Why.NOT_ASKED)
    return decided(declared and listed == 0, listed, declared=declared, listed=listed)
