"""How a stratum of a draw is told: where, how large, and whether people are hired."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from audits.sampling.drawing import Stratum
from audits.sampling.framing import UNKNOWN
from compliance.texts import N_, translate

NOT_KNOWN = N_("not known")
HIRES: Mapping[str, str] = {
    "yes": N_("hires people"),
    "no": N_("hires nobody"),
    UNKNOWN: N_("not known whether it hires"),
}
SIZES: tuple[tuple[str, str], ...] = (
    (r"under_(?P<upper>\d+)_ha", N_("under {upper} ha")),
    (r"(?P<lower>\d+)_to_(?P<upper>\d+)_ha", N_("{lower} to {upper} ha")),
    (r"(?P<lower>\d+)_ha_and_over", N_("{lower} ha and over")),
)


@dataclass(frozen=True)
class StratumTold:
    village: str
    size: str
    hires: str


def stratum_told(stratum: Stratum, language: str) -> StratumTold:
    """Return a stratum in the reader's words; what is not known is said."""
    village, size, hires = stratum
    return StratumTold(
        translate(NOT_KNOWN, language) if village == UNKNOWN else village,
        _size(size, language),
        translate(HIRES.get(hires, hires), language),
    )


def _size(size: str, language: str) -> str:
    for pattern, text in SIZES:
        found = re.fullmatch(pattern, size)
        if found is not None:
            return translate(text, language, **found.groupdict())
    return translate(NOT_KNOWN, language)
