"""Picture elsewhere: a photograph says it was taken far from the visit, or at another time.

    fires where max distance(camera's point, visit's point) > picture_metres
    or max(minutes before the beginning, minutes after the end) > picture_minutes

Cameras' clocks are often wrong by hours and seldom by days, hence the wide limit of
time. Pictures without the camera's data say nothing. Measure: metres, else minutes, as
a share of the limit; above 1 it fires.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    pictures = visit.pictures
    if pictures.count == 0:
        return unknown(Why.NO_PICTURE)
    if pictures.farthest is None and pictures.worst_minutes is None:
        return unknown(Why.PICTURES_TELL_NOTHING, pictures=pictures.count)
    metres, minutes = pictures.farthest or 0, pictures.worst_minutes or 0
    share = max(metres / policy.picture_metres, minutes / policy.picture_minutes)
    return decided(
        share > 1,
        share,
        pictures=pictures.count,
        metres=metres,
        minutes=minutes,
        limit_metres=policy.picture_metres,
        limit_minutes=policy.picture_minutes,
    )
