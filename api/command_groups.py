"""Groups of the command line, such as `atalaya trail …`, and how each gets its commands."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance.texts import N_


@dataclass(frozen=True)
class CommandGroup:
    """A group, and what all of its commands take."""

    commands: "argparse._SubParsersAction[argparse.ArgumentParser]"
    parents: Sequence[argparse.ArgumentParser]
    told: Callable[[str], str]

    def command(
        self, name: str, summary: str, run: Callable[[argparse.Namespace, str], int]
    ) -> argparse.ArgumentParser:
        """Add a command that `run` does, and return it for its own options."""
        told = self.told(summary)
        added = self.commands.add_parser(
            name, help=told, description=told, parents=list(self.parents)
        )
        added.set_defaults(run=run)
        return added


def command_group(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
    name: str,
    summary: str,
) -> CommandGroup:
    """Add a group to the command line; its commands take what `parents` take."""
    added = commands.add_parser(name, help=told(summary), description=told(summary))
    inner = added.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    return CommandGroup(inner, parents, told)
