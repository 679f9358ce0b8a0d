"""Clocks: what is owed by when, and what happens as the hour comes and goes."""

from compliance.clocks.actions import start, stop
from compliance.clocks.models import ClockEvent, ClockKind, LateBecause
from compliance.clocks.passing import end_of

__all__ = ["ClockEvent", "ClockKind", "LateBecause", "end_of", "start", "stop"]
