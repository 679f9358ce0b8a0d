"""How a scorecard looks on paper: A4 pages, tagged, archival, the same bytes each time."""

from compliance.scorecards.drawing.document import CardAltered, draw
from compliance.scorecards.drawing.telling import Titles
from compliance.scorecards.drawing.words import UnknownLanguage

__all__ = ["CardAltered", "Titles", "UnknownLanguage", "draw"]
