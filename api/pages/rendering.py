"""Pages from templates, in the reader's language."""

import base64
import gzip
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from api.languages import accepted_language
from api.middleware import CONTENT_POLICY
from api.pages.checklist_names import checklist_name
from api.pages.navigation import groups_for
from api.pages.static_files import version_of
from api.pages.words import word
from compliance.identifiers import random_word
from compliance.identity.scope import Scope
from compliance.money import exponent_of
from compliance.texts import LANGUAGES, N_, NP_, translate
from rules.places import country_name

TEMPLATES = Path(__file__).parent / "templates"
# The style travels in the page: on a slow line one way there and back is a second or two.
STYLE = (Path(__file__).parent / "static" / "style.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
STYLE_SOURCE = f"style-src 'self' 'sha256-{_STYLE_HASH}'"
PAGE_POLICY = (
    CONTENT_POLICY.replace("style-src 'self'", STYLE_SOURCE)
    + "; worker-src 'self'; manifest-src 'self'"
)
FOR_PROGRAMS = ("/v1/", "/openrosa", "/problems", "/static/")
LANGUAGE_COOKIE = "atalaya_language"
ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
LANGUAGE_NAMES = {"en": "English", "es": "Español"}
PERCENT = {"en": "#,##0.#%", "es": "#,##0.#\N{NO-BREAK SPACE}%"}


def language_of(request: Request, scope: Scope | None = None) -> str:
    """Return the language asked for in the address, the profile or the browser."""
    asked = request.query_params.get("language") or request.cookies.get(LANGUAGE_COOKIE)
    if asked in LANGUAGES:
        return str(asked)
    if scope is not None and scope.language in LANGUAGES:
        return str(scope.language)
    return accepted_language(request)


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
            navigation=groups_for(scope, request.url.path),
            once=random_word(20),
            csv_address=_address_as_csv(request),
            **values,
        )
    )
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": PAGE_POLICY,
        "Cache-Control": "private, no-store",
        "Vary": "Accept, Accept-Encoding, Accept-Language, Cookie",
    }
    content = text.encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    response = Response(content, status, headers=headers, media_type="text/html")
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
    """Return this page's address in another language, its other choices kept.

    Of the answer to a form it is the page where the form stood: what a form is sent to
    cannot be opened.
    """
    if request.method not in {"GET", "HEAD"}:
        path, chosen = _form_page(request)
    else:
        path, chosen = request.url.path, dict(request.query_params)
    return f"{path}?{urlencode({**chosen, 'language': language})}"


def _form_page(request: Request) -> tuple[str, dict[str, str]]:
    """Return the path and the choices of the page of ours that a form was sent from."""
    came_from = urlsplit(request.headers.get("referer", ""))
    is_ours = came_from.netloc == request.url.netloc
    if is_ours and came_from.path.startswith("/") and came_from.path[1:2] != "/":
        return came_from.path, dict(parse_qsl(came_from.query))
    return request.url.path, {}


def _address_as_csv(request: Request) -> str:
    """Return this page's list as a spreadsheet: from its beginning, as it is filtered."""
    chosen = {**request.query_params, "format": "csv"}
    chosen.pop("after", None)
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
        partial(_gettext, language),
        partial(_ngettext, language),
        newstyle=True,
        pgettext=partial(_pgettext, language),
    )
    made.filters.update(
        day=partial(_day, language=language),
        instant=partial(_instant, language=language),
        percent=partial(_percent, language=language),
        ago=partial(_ago, language=language),
        number=partial(format_decimal, locale=language),
        country=partial(country_name, language=language),
        word=partial(_word, language=language),
        options=partial(_options, language=language),
        money=partial(_money, language=language),
        told=lambda text: text.in_language(language),
        checklist_name=partial(checklist_name, language=language),
        translated=partial(translate, language=language),
    )
    made.globals.update(
        languages=LANGUAGE_NAMES,
        style=Markup(STYLE),  # noqa: S704 - our own file
        version_of=version_of,
    )
    return made


def _gettext(language: str, message: str) -> str:
    return translate(message, language)


def _pgettext(language: str, context: str, message: str) -> str:
    return translate(NP_(context, message), language)


def _ngettext(language: str, one: str, many: str, count: int) -> str:
    return translate(one if count == 1 else many, language)


def with_days_told(text: str, language: str) -> str:
    """Return a text of the interface with its days (2026-11-23) as pages write them."""
    return ISO_DAY.sub(lambda one: _day_written(one[0], language), text)


def _day_written(text: str, language: str) -> str:
    try:
        return _day(date.fromisoformat(text), language)
    except ValueError:
        return text  # it only looks like a day


def _day(value: date | datetime | None, language: str) -> str:
    return "–" if value is None else format_date(value, "d MMM y", locale=language)


def _instant(value: datetime | None, language: str) -> str:
    if value is None:
        return "–"
    return format_datetime(value, "d MMM y, HH:mm 'UTC'", locale=language)


def _ago(days: int, language: str) -> str:
    """Return how long ago it is that so many days have passed, in words."""
    if days <= 0:
        return translate(N_("today"), language)
    # The coarser unit is told from two of it on: a year and a half is not two years.
    return format_timedelta(
        timedelta(days=-days),
        granularity="day",
        threshold=2,
        add_direction=True,
        locale=language,
    )


def _percent(value: float | None, language: str) -> str:
    if value is None:
        return "–"
    return format_percent(value, PERCENT[language], locale=language)


def _word(value: StrEnum, language: str) -> str:
    return translate(word(value), language)


def _options(values: Iterable[StrEnum], language: str) -> tuple[tuple[str, str], ...]:
    """Return codes as the options of a form: what is sent, and what it is called."""
    return tuple((value.value, _word(value, language)) for value in values)


def _money(amount: int, currency: str, language: str) -> str:
    """Return an amount of minor units as people write money."""
    exponent = exponent_of(currency) or 0
    value = Decimal(amount).scaleb(-exponent)
    decimals = f".{'0' * exponent}" if value % 1 else ""
    return f"{format_decimal(value, f'#,##0{decimals}', locale=language)} {currency}"


def facts_of_form(body: bytes) -> Mapping[str, str]:
    """Return the fields of a submitted form, the first value of each; none of a flood."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
