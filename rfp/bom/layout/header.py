"""Which row of a table holds the headings. Pure."""

import re
from collections.abc import Sequence

from rfp.bom.layout.headings import meanings_of
from rfp.bom.layout.profiles import figure_places
from rfp.bom.lines.cells import is_number_like
from rfp.bom.sheet.table import Row

HEADER_WITHIN = 60
SAMPLE_ROWS = 400


def find_header(rows: Sequence[Row]) -> tuple[int, int]:
    """(index of the row with the headings or -1, how many columns it names)."""
    best, most = -1, 0.0
    known = 0
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        score, count = _header_score(row.cells)
        if count >= 2 and score > most:
            best, most, known = index, score, count
    return best, known


def _header_score(cells: Sequence[str]) -> tuple[float, int]:
    """(how much a row looks like headings, how many different meanings it names)."""
    seen: set[str] = set()
    score = 0.0
    for cell in cells:
        if not cell.strip() or len(cell) > 80:
            continue
        if re.fullmatch(r"[^\w]*\d[\d.,]*\s*[%€$£]?", cell.strip()):
            score -= 1
            continue
        found = meanings_of(cell)
        if found and found[0][0] not in seen:
            seen.add(found[0][0])
            score += 2 if found[0][1] == 0 else 1.2
    useful = {meaning for meaning in seen if meaning != "unused"}
    return score, len(seen) if useful else 0


def unknown_header(rows: Sequence[Row]) -> int:
    """Index of a row that looks like headings in words nobody knows: only texts, over a column of figures; or -1."""
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        told = [cell.strip() for cell in row.cells if cell.strip()]
        if len(told) < 2:
            continue
        below = [each.cells for each in rows[index + 1 : index + 1 + SAMPLE_ROWS]]
        has_words_only = len(set(told)) == len(told) and not any(is_number_like(cell) for cell in told)
        return index if has_words_only and figure_places(below, len(row.cells)) else -1
    return -1
