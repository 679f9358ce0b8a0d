"""Where the next section goes: further down, or on a new page with its own head."""

from dataclasses import dataclass

from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.header import RUNNING_BAND, draw_running_header
from compliance.scorecards.drawing.telling import Telling

FIRST_LINE = RUNNING_BAND + 23
BETWEEN = 20.0


@dataclass
class Flow:
    telling: Telling
    y: float = FIRST_LINE

    def turn(self) -> None:
        self.telling.sheet.next_page()
        draw_running_header(self.telling)
        self.y = FIRST_LINE

    def has_room(self, height: float) -> bool:
        return self.y + height <= look.BOTTOM

    def make_room(self, height: float) -> bool:
        """Turn the page where the height does not fit; tell whether it was turned."""
        if self.has_room(height):
            return False
        self.turn()
        return True
