"""Bills of materials: read a file as suppliers send it, and roll its costs up by origin. Pure."""

from rfp.bom.columns import MEANINGS, headings_key, letter
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
    rolled_up,
    standing,
)
from rfp.bom.left_out import LeftOut
from rfp.bom.questions import Choices, Option, Question
from rfp.bom.reading import BomReading, ReadLine, headings_in, read_bom
from rfp.bom.report import as_json
from rfp.bom.table import DELIMITER_WORDS, NotATable, RowError, Table
from rfp.bom.workbook import tables_of

__all__ = [
    "DELIMITER_WORDS",
    "EXACT",
    "MEANINGS",
    "UNKNOWN",
    "US",
    "ZERO",
    "BomReading",
    "Choices",
    "Component",
    "LeftOut",
    "NotATable",
    "Option",
    "Question",
    "ReadLine",
    "RollUp",
    "RowError",
    "Table",
    "as_json",
    "exceeds",
    "headings_in",
    "headings_key",
    "letter",
    "line_value",
    "origin_in_doubt",
    "percent_of",
    "read_bom",
    "roll_up",
    "rolled_up",
    "standing",
    "tables_of",
]
