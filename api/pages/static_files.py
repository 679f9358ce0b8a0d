"""Scripts, styles, fonts and maps, served from the package; nothing comes from elsewhere."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import Request
from starlette.responses import Response

from api.problems import AddressNotFound
from api.routing import feature_router
from compliance.scorecards import fonts

STATIC = Path(__file__).parent / "static"
FONTS = Path(fonts.__file__).parent
# What is asked for with its version never changes; the rest is asked about anew.
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {
    ".css": "text/css",
    ".geojson": "application/geo+json",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
FOLDERS = ("", "map", "map/boundaries")

static_files = feature_router("/static", "pages")


@static_files.get("/fonts/{name}", include_in_schema=False)
async def font(request: Request, name: str) -> Response:
    """Serve a font of the pages; their names never change what they hold."""
    known = {path.name: path for path in FONTS.glob("Inter*.ttf")}
    if name not in known:
        raise AddressNotFound(path=request.url.path)
    return _answer(request, known[name], FOR_GOOD)


@static_files.get("/{name}", include_in_schema=False)
async def top_file(request: Request, name: str) -> Response:
    """Serve a script, a style or the icon."""
    return _serve(request, name)


@static_files.get("/map/{name}", include_in_schema=False)
async def map_file(request: Request, name: str) -> Response:
    """Serve a part of the map."""
    return _serve(request, f"map/{name}")


@static_files.get("/map/boundaries/{name}", include_in_schema=False)
async def boundary_file(request: Request, name: str) -> Response:
    """Serve the outline of a country, by its code of two letters, or of the world."""
    return _serve(request, f"map/boundaries/{name}")


def version_of(name: str) -> str:
    """Return what tells this content of a file from another, for its address."""
    return _digest(STATIC / name)


def _serve(request: Request, name: str) -> Response:
    path = _known().get(name)
    if path is None:
        raise AddressNotFound(path=request.url.path)
    is_by_hash = request.query_params.get("v") == _digest(path)
    return _answer(request, path, FOR_GOOD if is_by_hash else ASK_AGAIN)


def _answer(request: Request, path: Path, kept: str) -> Response:
    tag = f'"{_digest(path)}"'
    headers = {"Cache-Control": kept, "ETag": tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    content = path.read_bytes()
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = _packed(path)
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=TYPES[path.suffix])


@cache
def _known() -> dict[str, Path]:
    return {
        path.relative_to(STATIC).as_posix(): path
        for folder in FOLDERS
        for path in (STATIC / folder).iterdir()
        if path.suffix in TYPES
    }


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@cache
def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
