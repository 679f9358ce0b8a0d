"""`atalaya draws verify`: run a published draw again by the script anybody can fetch."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from api.command_groups import command_group
from audits.sampling import verify_draw
from compliance.texts import N_


def add_draws_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya draws …` to the command line."""
    summary = N_("Look after draws.")
    group = command_group(commands, parents, told, "draws", summary)
    verify = group.command(
        "verify",
        N_("Run a published draw again, and say whether it is what follows."),
        verify_inputs,
    )
    verify.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the published inputs of a draw (JSON)")),
    )


def verify_inputs(parsed: argparse.Namespace, language: str) -> int:
    """Hand the file to the script, which knows nothing of this product."""
    return verify_draw.main([str(parsed.file), "--language", language])
