"""OpenRosaResponse: how a phone is told what became of what it sent."""

from xml.sax.saxutils import escape

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from compliance import limits
from compliance.problems import Kind, Problem

# Whatever is answered below this address is answered in this form.
OPENROSA = "/openrosa/"
XML_TYPE = "text/xml; charset=utf-8"
NAMESPACE = "http://openrosa.org/http/response"
CHALLENGE = 'Basic realm="Atalaya", charset="UTF-8"'

SUCCESS = "submit_success"
PARTIAL = "submit_partial"
ERROR = "error"

HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": str(limits.SUBMISSION_ANNOUNCED_BYTES),
}


def envelope(message: str, nature: str) -> bytes:
    """Return the body of an answer; the message is shown to the auditor."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<OpenRosaResponse xmlns="{NAMESPACE}">'
        f'<message nature="{nature}">{escape(message)}</message>'
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
    problem: Problem, status: int, headers: dict[str, str], language: str
) -> Response:
    """Tell a problem to a phone, which shows the detail and tries again later."""
    # OpenRosa calls whatever is malformed 400; 422 is our JSON's word for it.
    told = 400 if problem.kind is Kind.INVALID and status == 422 else status
    response = openrosa_response(told, problem.told(language), ERROR, language)
    for name, value in headers.items():
        response.headers[name] = value
    if problem.kind is Kind.UNAUTHENTICATED:
        _challenge(response.headers)
    return response


def _challenge(headers: MutableHeaders) -> None:
    """Ask for Basic besides Bearer, on a line of its own: field apps know no Bearer."""
    headers.append("WWW-Authenticate", CHALLENGE)
