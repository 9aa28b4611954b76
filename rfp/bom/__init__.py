"""Bills of materials: read a file as suppliers send it, and roll its costs up by origin. Pure."""

from rfp.bom.costs import (
    EXACT,
    UNKNOWN,
    US,
    ZERO,
    Component,
    RollUp,
    exceeds,
    line_value,
    origin_in_doubt,
    percent_of,
    roll_up,
    standing,
)
from rfp.bom.reading import BomReading, RowError, read_bom

__all__ = [
    "EXACT",
    "UNKNOWN",
    "US",
    "ZERO",
    "BomReading",
    "Component",
    "RollUp",
    "RowError",
    "exceeds",
    "line_value",
    "origin_in_doubt",
    "percent_of",
    "read_bom",
    "roll_up",
    "standing",
]
