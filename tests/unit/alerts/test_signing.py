"""What the documentation tells a receiver to check is what a message is signed with."""

import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import compliance
from compliance.alerts.webhooks import Call, new_secret, signed_headers

DOCUMENT = Path(compliance.__file__).parents[1] / "docs" / "alerts.md"
OLD, NEW = new_secret(), new_secret()


def test_the_lines_of_the_documentation_tell_what_is_genuine(tmp_path: Path) -> None:
    (written,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    (tmp_path / "checking.py").write_text(written)
    is_genuine = runpy.run_path(str(tmp_path / "checking.py"))["is_genuine"]
    now = datetime.now(UTC)
    body = b'{"type":"alert.card_suspended"}'
    call = Call("delivery_a", "https://hooks.example/", body, now, (NEW, OLD))
    late = Call("delivery_a", call.address, body, now - timedelta(hours=1), (NEW,))

    headers = signed_headers(call)

    assert is_genuine(NEW, headers, body)
    assert is_genuine(OLD, headers, body), "for a day both sign"
    assert not is_genuine(new_secret(), headers, body)
    assert not is_genuine(NEW, headers, body + b" ")
    assert not is_genuine(NEW, {**headers, "webhook-id": "delivery_b"}, body)
    assert not is_genuine(NEW, signed_headers(late), body)
