"""Style, script and fonts, served from the package; nothing is loaded from elsewhere."""

from pathlib import Path

from fastapi import Request
from starlette.responses import FileResponse, Response

from api.problems import AddressNotFound
from api.routing import feature_router
from compliance.scorecards import fonts

STATIC = Path(__file__).parent / "static"
FONTS = Path(fonts.__file__).parent
WEEK = "public, max-age=604800"

static_files = feature_router("/static", "pages")


@static_files.get("/style.css", include_in_schema=False)
async def style() -> Response:
    return FileResponse(STATIC / "style.css", headers={"Cache-Control": WEEK})


@static_files.get("/card.css", include_in_schema=False)
async def card_style() -> Response:
    return FileResponse(STATIC / "card.css", headers={"Cache-Control": WEEK})


@static_files.get("/verify.js", include_in_schema=False)
async def verify_script() -> Response:
    """Serve what compares a file with a card; asked about anew, as it has no version."""
    return FileResponse(
        STATIC / "verify.js",
        headers={"Cache-Control": "no-cache"},
        media_type="text/javascript",
    )


@static_files.get("/progress.js", include_in_schema=False)
async def progress() -> Response:
    """Serve what follows background work; asked about anew, for it bears no version."""
    return FileResponse(
        STATIC / "progress.js",
        headers={"Cache-Control": "no-cache"},
        media_type="text/javascript",
    )


@static_files.get("/icon.svg", include_in_schema=False)
async def icon() -> Response:
    return FileResponse(
        STATIC / "icon.svg",
        headers={"Cache-Control": WEEK},
        media_type="image/svg+xml",
    )


@static_files.get("/fonts/{name}", include_in_schema=False)
async def font(request: Request, name: str) -> Response:
    known = {path.name: path for path in FONTS.glob("Inter*.ttf")}
    if name not in known:
        raise AddressNotFound(path=request.url.path)
    return FileResponse(known[name], headers={"Cache-Control": WEEK})
