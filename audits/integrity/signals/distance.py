"""Distance: the device was farther from the registered site than can be a mistake.

    d = haversine(device's point, registered point)
    least = max(0, d − factor · accuracy − √(area / π))
    fires where least > distance_metres

`accuracy` is the device's own estimate, a radius of 68 % (Android `Location`), so that
twice of it holds about 95 %. A point coarser than `useless_accuracy_metres`, none, or a
site without a registered point says nothing. Measure: `least`, in metres.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    place = visit.place
    if place.why is not None or place.distance is None:
        return unknown(place.why or Why.NO_POINT)
    accuracy = place.accuracy or 0.0
    if accuracy > policy.useless_accuracy_metres:
        return unknown(Why.POINT_TOO_COARSE, accuracy_metres=round(accuracy))
    allowed = policy.accuracy_factor * accuracy + place.site_radius
    least = max(0.0, place.distance - allowed)
    return decided(
        least > policy.distance_metres,
        least,
        distance_metres=round(place.distance),
        allowed_metres=round(allowed),
        limit_metres=policy.distance_metres,
    )
