"""Pages from templates, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from api.pages.words import word
from compliance.identity.scope import Scope
from compliance.texts import LANGUAGES, choose_language, translate
from rules.places import country_name

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parent / "static" / "style.css"
CARD_STYLE = STYLE.parent / "card.css"
FOR_PROGRAMS = ("/v1/", "/openrosa", "/problems", "/static/")
LANGUAGE_COOKIE = "atalaya_language"
LANGUAGE_NAMES = {"en": "English", "es": "Español"}


def language_of(request: Request, scope: Scope | None = None) -> str:
    """Return the language asked for in the address, the profile or the browser."""
    asked = request.query_params.get("language") or request.cookies.get(LANGUAGE_COOKIE)
    if asked in LANGUAGES:
        return str(asked)
    if scope is not None and scope.language in LANGUAGES:
        return str(scope.language)
    return choose_language(request.headers.get("accept-language"))


def page(
    request: Request,
    template: str,
    *,
    scope: Scope | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """Return a page; a language asked for in the address is remembered."""
    language = language_of(request, scope)
    text = (
        environment(language)
        .get_template(template)
        .render(
            scope=scope,
            language=language,
            address_in={one: _address_in(request, one) for one in LANGUAGE_NAMES},
            **values,
        )
    )
    headers = {
        "Content-Language": language,
        "Cache-Control": "private, no-store",
        "Vary": "Accept, Accept-Language, Cookie",
    }
    response = Response(text, status, headers=headers, media_type="text/html")
    if request.query_params.get("language") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, samesite="lax", httponly=True)
    return response


def prefers_page(request: Request) -> bool:
    """Tell a person with a browser from a program: only a browser asks for HTML."""
    if request.url.path.startswith(FOR_PROGRAMS):
        return False
    wanted = [
        part.partition(";")[0].strip().lower()
        for part in request.headers.get("accept", "").split(",")
    ]
    if "text/html" not in wanted:
        return False
    before = wanted[: wanted.index("text/html")]
    return not any(one.endswith("json") for one in before)


def _address_in(request: Request, language: str) -> str:
    """Return this page's address in another language, its other choices kept."""
    chosen = {**request.query_params, "language": language}
    return f"{request.url.path}?{urlencode(chosen)}"


@cache
def environment(language: str) -> Environment:
    """Return the templates with their texts in `language`."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # from the extension
        partial(_gettext, language), partial(_ngettext, language), newstyle=True
    )
    made.filters.update(
        day=partial(_day, language=language),
        instant=partial(_instant, language=language),
        percent=partial(_percent, language=language),
        number=partial(format_decimal, locale=language),
        country=partial(country_name, language=language),
        word=partial(_word, language=language),
        told=lambda text: text.in_language(language),
    )
    made.globals.update(
        languages=LANGUAGE_NAMES,
        style_version=sha256(STYLE.read_bytes()).hexdigest()[:8],
        card_style_version=sha256(CARD_STYLE.read_bytes()).hexdigest()[:8],
    )
    return made


def _gettext(language: str, message: str) -> str:
    return translate(message, language)


def _ngettext(language: str, one: str, many: str, count: int) -> str:
    return translate(one if count == 1 else many, language)


def _day(value: date | datetime | None, language: str) -> str:
    return "–" if value is None else format_date(value, "d MMM y", locale=language)


def _instant(value: datetime | None, language: str) -> str:
    if value is None:
        return "–"
    return format_datetime(value, "d MMM y, HH:mm 'UTC'", locale=language)


def _percent(value: float | None, language: str) -> str:
    if value is None:
        return "–"
    return format_percent(value, "#,##0.#%", locale=language)


def _word(value: StrEnum, language: str) -> str:
    return translate(word(value), language)


def facts_of_form(body: bytes) -> Mapping[str, str]:
    """Return the fields of a submitted form, the first value of each; none of a flood."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
