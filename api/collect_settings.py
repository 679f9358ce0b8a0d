"""What an ODK Collect or KoboCollect is set up with: settings, and the code that holds them.

The code is a picture of base64 of zlib of JSON; both apps read it when a project is added.
"""

import base64
import io
import json
import zlib
from collections.abc import Mapping

import segno

ICON = "A"
COLOUR = "#14532d"
NAME_CHARACTERS = 40
PIXELS_A_MODULE = 6
QUIET_MODULES = 4  # ISO/IEC 18004


def collect_settings(
    address: str, name: str, username: str | None = None, password: str | None = None
) -> dict[str, object]:
    """Return the settings of a project that is called `name` and fetches from `address`.

    Blank forms follow the server, and finished ones are sent as soon as there is signal.
    """
    general = {
        "server_url": address,
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
    }
    if username is not None and password is not None:
        general |= {"username": username, "password": password}
    return {
        "general": general,
        "admin": {"change_server": False},
        "project": {"name": name[:NAME_CHARACTERS], "icon": ICON, "color": COLOUR},
    }


def code_text(settings: Mapping[str, object]) -> str:
    """Return what the code says."""
    plain = json.dumps(settings, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(plain, level=9)).decode()


def code_png(text: str) -> str:
    """Return the code as a picture, in base64."""
    output = io.BytesIO()
    _code(text).save(output, kind="png", scale=PIXELS_A_MODULE, border=QUIET_MODULES)
    return base64.b64encode(output.getvalue()).decode()


def code_svg(text: str) -> str:
    """Return the code as a drawing that scales."""
    output = io.BytesIO()
    _code(text).save(
        output,
        kind="svg",
        scale=PIXELS_A_MODULE,
        border=QUIET_MODULES,
        xmldecl=False,
        # A view box instead of a size: on a narrow screen it shrinks and is not cut off.
        omitsize=True,
        light="white",
    )
    return output.getvalue().decode()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="l", micro=False)
