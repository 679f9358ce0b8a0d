"""OpenRosaResponse: how a phone is told what became of what it sent."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from starlette.responses import Response

from compliance import limits
from compliance.problems import Kind, Problem

# Whatever is answered below this address is answered in this form.
OPENROSA = "/openrosa/"
XML_TYPE = "text/xml; charset=utf-8"
NAMESPACE = "http://openrosa.org/http/response"

# What XML 1.0 cannot hold (2.2): an answer that quotes it could not be read.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SUCCESS = "submit_success"
PARTIAL = "submit_partial"
ERROR = "error"

HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": str(limits.SUBMISSION_ANNOUNCED_BYTES),
}


def envelope(message: str, nature: str) -> bytes:
    """Return the body of an answer; the message is shown to the auditor."""
    told = escape(UNWRITABLE.sub("\ufffd", message))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<OpenRosaResponse xmlns="{NAMESPACE}">'
        f'<message nature="{nature}">{told}</message>'
        "</OpenRosaResponse>"
    ).encode()


def openrosa_response(
    status: int, message: str, nature: str, language: str
) -> Response:
    """Return an answer in the form phones read."""
    response = Response(envelope(message, nature), status, media_type=XML_TYPE)
    response.headers.update(HEADERS)
    response.headers["Content-Language"] = language
    return response


def openrosa_problem(
    problem: Problem,
    status: int,
    headers: dict[str, str],
    language: str,
    challenges: Sequence[str] = (),
) -> Response:
    """Tell a problem to a phone, which shows the detail and tries again later.

    Each challenge stands on a line of its own; field apps know nothing of Bearer.
    """
    # OpenRosa calls whatever is malformed 400; 422 is our JSON's word for it.
    told = 400 if problem.kind is Kind.INVALID and status == 422 else status
    response = openrosa_response(told, problem.told(language), ERROR, language)
    for name, value in headers.items():
        response.headers[name] = value
    for challenge in challenges:
        response.headers.append("WWW-Authenticate", challenge)
    return response
