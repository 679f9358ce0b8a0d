"""Where the lists that others wrote stand; tests only register them, and find nothing."""

from pathlib import Path

REGISTRY = Path(__file__).parent / "data" / "registry"
COFFEE = REGISTRY / "cqi_arabica_farms_2018.csv"
FACTORIES = tuple(sorted((REGISTRY / "osh").iterdir()))
THREE_FORMATS = tuple(
    REGISTRY / "osh" / f"12_plain.{one}" for one in ("csv", "xls", "xlsx")
)
