"""In which language a caller is answered where nothing but the request says it."""

from fastapi import Request

from compliance.texts import choose_language


def accepted_language(request: Request) -> str:
    """Return the language of ours that the request prefers (Accept-Language)."""
    return choose_language(request.headers.get("accept-language"))
