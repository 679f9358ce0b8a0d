"""What the pages of webhooks tell: how a signature is checked, and when the next try is."""

from datetime import datetime, timedelta

from compliance import limits
from compliance.alerts.models import DeliveryState
from compliance.alerts.receivers import DeliveryRecord, ReceiverRecord

# As docs/alerts.md has it; a test holds the two together.
SIGNATURE_CHECK = '''\
import base64, hashlib, hmac, time


def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """`headers` have small letters; `body` are the bytes as they came."""
    id_, sent = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{id_}.{sent}.".encode() + body, hashlib.sha256)
    expected = "v1," + base64.b64encode(mac).decode()
    return any(
        hmac.compare_digest(expected, one)
        for one in headers["webhook-signature"].split()
    )
'''


def next_attempt(receiver: ReceiverRecord, one: DeliveryRecord) -> datetime | None:
    """Return the earliest time of the next try; None where none is to come, or now."""
    if one.state is not DeliveryState.WAITING or one.tried_at is None:
        return None
    waits = limits.ALERT_WAITS_SECONDS
    which = min(max(one.attempts, 1), len(waits)) - 1
    earliest = one.tried_at + timedelta(seconds=waits[which])
    return max(earliest, receiver.rests_until or earliest)
