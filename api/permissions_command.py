"""`atalaya permissions`: print who may do what, and to whose things."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from compliance.identity.policy_printing import printed_policy
from compliance.texts import N_


def add_permissions_options(
    parser: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    parser.add_argument(
        "--output", type=Path, help=told(N_("write it to this file instead"))
    )


def permissions(parsed: argparse.Namespace, _language: str) -> int:
    """Print the page that `docs/permissions.md` is held equal to."""
    text = printed_policy()
    if parsed.output is not None:
        parsed.output.write_text(text, encoding="utf-8")
        return 0
    sys.stdout.write(text)
    return 0
