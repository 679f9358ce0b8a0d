"""`atalaya draws verify`: run a published draw again by the script anybody can fetch."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from audits.sampling import verify_draw
from compliance.texts import N_


def add_draws_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya draws …` to the command line."""
    summary = N_("Look after draws.")
    group = commands.add_parser("draws", help=told(summary), description=told(summary))
    inner = group.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    checking = N_("Run a published draw again, and say whether it is what follows.")
    verify = inner.add_parser(
        "verify", help=told(checking), description=told(checking), parents=list(parents)
    )
    verify.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the published inputs of a draw (JSON)")),
    )
    verify.set_defaults(run=verify_inputs)


def verify_inputs(parsed: argparse.Namespace, language: str) -> int:
    """Hand the file to the script, which knows nothing of this product."""
    return verify_draw.main([str(parsed.file), "--language", language])
