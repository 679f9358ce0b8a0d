"""The contract: what `openapi.yaml` says, printed from the application itself."""

from typing import Any

import yaml
from fastapi import FastAPI

from compliance.identity.granting import SCOPES

SECURITY_SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of your organisation.",
    },
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "For field apps: any user name, with an API key as password.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "atalaya_session"},
    "client": {
        "type": "oauth2",
        "description": "An access token (JWT, handled as RFC8725 asks) that a client of "
        "your organisation fetched; it expires within the hour.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "/oauth/token",
                "scopes": {name: str(one) for name, one in sorted(SCOPES.items())},
            }
        },
    },
}
OPEN_PATHS = (
    "/livez",
    "/readyz",
    "/v/",
    "/problems",
    "/openapi.yaml",
    "/.well-known/",
    "/did.json",
    "/v1/status-lists/",
    "/verify-draw.py",
    "/verify-trail.py",
    "/oauth/token",
)
PROBLEM_TYPE = "application/problem+json"
EVENT_STREAM = "text/event-stream"
# One server-sent event; its data are JSON, as a text.
EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
}
PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}
# What every answer carries, by its name and what it says.
RATE_HEADERS = {
    "RateLimit": (
        "What is left of what may be sent at once, and when all is there again.",
        '"credential";r=499;t=1',
    ),
    "RateLimit-Policy": (
        "How much may be sent at once, and in how many seconds it is there again.",
        '"credential";q=500;w=10',
    ),
}
RETRY_AFTER = "Retry-After"
TOO_MANY = "TooManyRequests"
UNEXPECTED = "Unexpected"
LARGEST_INT32 = 2**31 - 1
NEVER_LIMITED = ("/livez", "/readyz")


def contract(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application."""
    document = app.openapi()
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    components["headers"] = _headers()
    components["responses"] = {TOO_MANY: _too_many(), UNEXPECTED: _unexpected()}
    for unused in ("HTTPValidationError", "ValidationError"):
        components.get("schemas", {}).pop(unused, None)
    _tell_sizes(components)
    _tell_sizes(document["paths"])
    document["servers"] = [
        {
            "url": "/",
            "description": "This installation, in production.",
            "x-internal": False,
        }
    ]
    document["info"]["contact"] = {"name": "Whoever operates this installation"}
    document["tags"] = _tags(document["paths"])
    document["security"] = [{name: []} for name in SECURITY_SCHEMES]
    for operations in document["paths"].values():
        for operation in operations.values():
            _tell_problems(operation["responses"])
    for path, operations in document["paths"].items():
        if path.startswith(OPEN_PATHS):
            for operation in operations.values():
                operation["security"] = []
        if not path.startswith(NEVER_LIMITED):
            for operation in operations.values():
                _tell_rates(operation["responses"])
    return document


def _headers() -> dict[str, Any]:
    """Return the headers that answers have in common."""
    told: dict[str, Any] = {
        name: {"description": says, "schema": {"type": "string"}, "example": example}
        for name, (says, example) in RATE_HEADERS.items()
    }
    told[RETRY_AFTER] = {
        "description": "After how many seconds the same request can be sent again.",
        "schema": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 86400,
        },
        "example": 2,
    }
    return told


def _too_many() -> dict[str, Any]:
    return {
        "description": "Too many requests in too short a time; nothing was done.",
        "headers": {name: _header(name) for name in (*RATE_HEADERS, RETRY_AFTER)},
        "content": {PROBLEM_TYPE: {"schema": PROBLEM}},
    }


def _unexpected() -> dict[str, Any]:
    return {
        "description": "A fault of ours; nothing was changed. The request id leads to it.",
        "content": {PROBLEM_TYPE: {"schema": PROBLEM}},
    }


def _tags(paths: dict[str, Any]) -> list[dict[str, str]]:
    """Return every tag that an operation has, in their alphabet."""
    used = {
        tag
        for operations in paths.values()
        for operation in operations.values()
        for tag in operation.get("tags", ())
    }
    return [{"name": tag, "description": tag.replace("-", " ")} for tag in sorted(used)]


def _tell_sizes(part: Any) -> None:
    """Say of each whole number how large it can be, as both databases keep it."""
    if isinstance(part, list):
        for one in part:
            _tell_sizes(one)
    if not isinstance(part, dict):
        return
    if part.get("type") == "integer":
        is_larger = part.get("maximum", 0) > LARGEST_INT32
        part.setdefault("format", "int64" if is_larger else "int32")
    for one in part.values():
        _tell_sizes(one)


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _tell_rates(responses: dict[str, Any]) -> None:
    """Tell of the limit that any request can meet, and of the headers that tell of it."""
    for status, response in responses.items():
        if status[0] in "24" and "$ref" not in response:
            told = response.setdefault("headers", {})
            told.update({name: _header(name) for name in RATE_HEADERS})
    for status, name in (("429", TOO_MANY), ("500", UNEXPECTED)):
        responses.setdefault(status, {"$ref": f"#/components/responses/{name}"})
    if "$ref" not in responses["429"]:
        responses["429"]["headers"][RETRY_AFTER] = _header(RETRY_AFTER)


def _tell_problems(responses: dict[str, Any]) -> None:
    """A problem travels as `application/problem+json` (RFC 9457), and as nothing else.

    FastAPI writes it down under the route's own media type, and tells of a validation
    error of its own where a route does not say what 422 means.
    """
    for status, response in responses.items():
        content = response.get("content", {})
        if status.startswith("2") and EVENT_STREAM in content:
            content[EVENT_STREAM]["schema"] = EVENT
        for media_type in tuple(content):
            schema = content[media_type].get("schema", {})
            if status.startswith("4") and "Problem" in schema.get("$ref", ""):
                content[PROBLEM_TYPE] = content.pop(media_type)
            elif schema.get("$ref", "").endswith("/HTTPValidationError"):
                del content[media_type]
                content[PROBLEM_TYPE] = {"schema": PROBLEM}


def contract_yaml(app: FastAPI) -> str:
    """Return the document as YAML, the same bytes every time."""
    return yaml.safe_dump(contract(app), sort_keys=False, allow_unicode=True, width=100)
