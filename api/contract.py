"""The contract: what `openapi.yaml` says, printed from the application itself."""

from typing import Any

import yaml
from fastapi import FastAPI

SECURITY_SCHEMES = {
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
}
OPEN_PATHS = (
    "/livez",
    "/readyz",
    "/v/",
    "/problems",
    "/openapi.yaml",
    "/.well-known/",
    "/verify-draw.py",
    "/verify-trail.py",
    "/oauth/token",
)
PROBLEM_TYPE = "application/problem+json"
PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}


def contract(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application."""
    document = app.openapi()
    document.setdefault("components", {})["securitySchemes"] = SECURITY_SCHEMES
    document["security"] = [{"key": []}, {"basic": []}, {"session": []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            _tell_problems(operation["responses"])
    for path, operations in document["paths"].items():
        if path.startswith(OPEN_PATHS):
            for operation in operations.values():
                operation["security"] = []
    return document


def _tell_problems(responses: dict[str, Any]) -> None:
    """A problem travels as `application/problem+json` (RFC 9457), and as nothing else.

    FastAPI writes it down under the route's own media type, and tells of a validation
    error of its own where a route does not say what 422 means.
    """
    for status, response in responses.items():
        content = response.get("content", {})
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
