"""A code with the facts its sentence needs: how everything about a risk is told."""

from typing import Generic, NamedTuple, TypeVar

from compliance.risk.codes import ReasonCode

Fact = str | int | bool | None
Code = TypeVar("Code")


class Told(NamedTuple, Generic[Code]):
    """A code and its parameters, as `codes.py` lists them."""

    code: Code
    params: dict[str, Fact]


class Reason(NamedTuple):
    """Why a part has its score; `points` is always among the parameters."""

    code: ReasonCode
    params: dict[str, Fact]

    @property
    def points(self) -> int:
        return int(self.params["points"] or 0)
