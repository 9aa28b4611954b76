"""Settles sheet, headings, and columns, and asks about each that is in doubt. Pure."""

import re
from collections.abc import Mapping, Sequence

from rfp.bom.layout.columns import MEANINGS, Columns, letter, map_columns
from rfp.bom.layout.header import find_header, unknown_header
from rfp.bom.layout.headings import plain
from rfp.bom.layout.profiles import figure_places
from rfp.bom.lines.left_out import LeftOut
from rfp.bom.lines.money import currency_in_heading
from rfp.bom.questions import Asked, Choices, Option
from rfp.bom.sheet.table import Row, Table

FIRST, OTHER, USE, IGNORE = "first", "other", "use", "ignore"
# Meanings where a second column of the same kind would change what counts.
_MATTERS = (
    "unit_cost", "line_cost", "qty", "qty_assembly", "qty_product", "origin", "part_number", "mpn", "manufacturer",
    "name", "us_manufactured",
)  # fmt: skip


def choose_sheet(tables: Sequence[Table], choices: Choices, asked: Asked) -> Table | None:
    """The sheet to read: the chosen one, else the one whose headings say most; None when all are empty."""
    filled = [table for table in tables if sum(not row.is_blank for row in table.rows) > 0]
    if len(filled) < 2:
        return filled[0] if filled else None
    scores = {table.name: find_header(table.rows)[1] for table in filled}
    likely = max(filled, key=lambda table: scores[table.name])
    names = {table.name: f"sheet-{at}" for at, table in enumerate(filled)}
    default = names.get(choices.sheet, names[likely.name])
    answer = asked.ask(
        "sheet",
        f"The file has {len(filled)} sheets. Which one is the bill of materials?",
        [
            Option(key=names[table.name], label=table.name or f"Sheet {at}", says=_sheet_says(table))
            for at, table in enumerate(filled, start=1)
        ],
        default=default,
        why="We read only one sheet.",
    )
    return next(table for table in filled if names[table.name] == answer)


def _sheet_says(table: Table) -> str:
    return f"{sum(not row.is_blank for row in table.rows):,} rows"


def settle_columns(rows: Sequence[Row], choices: Choices, asked: Asked) -> Columns | None:
    """What each column means; None when the rows are no table."""
    if max((sum(bool(cell.strip()) for cell in row.cells) for row in rows[:500]), default=0) < 2:
        return None
    header = _header(rows, choices, asked)
    if header is None:
        return None
    chosen: dict[int, str] = dict(choices.columns)
    columns = map_columns(rows, header, chosen)
    for place, meaning in _answered(columns, asked).items():
        chosen.setdefault(place, meaning)
    if chosen != choices.columns:
        before, columns = columns, map_columns(rows, header, chosen)
        columns = _with_questions_of(before, columns, choices.columns)
    _ask_about_guesses(columns, asked)
    _ask_about_doubles(columns, asked)
    _note_what_is_missing(columns, asked)
    return columns


def _with_questions_of(before: Columns, after: Columns, by_hand: Mapping[int, str]) -> Columns:
    """The new mapping, still asking what the first one asked, so that an answer can be taken back."""
    return Columns(
        places=after.places,
        headings=after.headings,
        header_row=after.header_row,
        first=after.first,
        names=after.names,
        guessed=tuple(place for place in before.guessed if place not in by_hand),
        guesses=before.guesses,
        doubles={place: rival for place, rival in before.doubles.items() if place not in by_hand},
        double_meanings=before.double_meanings,
    )


def _header(rows: Sequence[Row], choices: Choices, asked: Asked) -> int | None:
    """Index of the row with the headings, -1 for none; None when the rows are no table."""
    first = next((index for index, row in enumerate(rows) if not row.is_blank), 0)
    if choices.header_row is not None:
        wanted = next((index for index, row in enumerate(rows) if row.number == choices.header_row), None)
        return -1 if wanted is None else wanted
    index, _ = find_header(rows)
    if index >= 0:
        if any(not row.is_blank for row in rows[:index]):
            asked.note(
                f"The headings are in row {rows[index].number}. The rows above are not part of the table."
            )
        return index
    index = unknown_header(rows)
    width = max(len(row.cells) for row in rows[:500])
    if index < 0 and not figure_places([row.cells for row in rows[:500]], width):
        return None
    at = index if index >= 0 else first
    shown = ", ".join(cell.strip() for cell in rows[at].cells if cell.strip())[:100]
    answer = asked.ask(
        "header",
        f"Row {rows[at].number}: are these the headings?",
        [
            Option(key="headings", label="Headings", says="Parts start in the next row."),
            Option(key="none", label="A part", says="The file has no headings."),
        ],
        default="headings" if index >= 0 else "none",
        rows=[rows[at].number],
        why=f"We don’t recognize these words: {shown}. Check what each column means below.",
    )
    return at if answer == "headings" else -1


def _answered(columns: Columns, asked: Asked) -> dict[int, str]:
    """Columns whose meaning an answer changes."""
    found: dict[int, str] = {}
    for place in columns.guessed:
        if asked.answer_to(f"columns-{letter(place)}") == IGNORE:
            found[place] = ""
    for place, rival in columns.doubles.items():
        if asked.answer_to(f"duplicate_heading-{letter(place)}") == OTHER:
            found[place], found[rival] = columns.double_meanings[place], ""
    return found


def _ask_about_guesses(columns: Columns, asked: Asked) -> None:
    for place in columns.guessed:
        meaning = columns.guesses.get(place, "")
        if not meaning:
            continue
        has_heading = place < len(columns.headings) and columns.headings[place].strip()
        shown = (
            f"column {letter(place)}, “{columns.named(place)}”," if has_heading else f"column {letter(place)}"
        )
        asked.ask(
            "columns",
            f"Is {shown} the {_spoken(meaning)}?",
            [
                Option(key=USE, label=MEANINGS[meaning], says="Use it as this."),
                Option(key=IGNORE, label="Something else", says="Don’t use it, or choose its meaning below."),
            ],
            default=USE,
            why="The heading is unclear, so we went by the cells.",
            about=letter(place),
        )


def _ask_about_doubles(columns: Columns, asked: Asked) -> None:
    for place, rival in columns.doubles.items():
        meaning = columns.double_meanings[place]
        one, two = columns.named(rival), columns.named(place)
        is_same = plain(one) == plain(two)
        words = (
            f"Columns {letter(rival)} and {letter(place)} are both called “{one}”. Which one counts?"
            if is_same
            else f"“{one}” or “{two}”: which is the {_spoken(meaning)}?"
        )
        if meaning not in _MATTERS:
            asked.note(
                f"Column {letter(place)}, “{two}”, is not used: column {letter(rival)} has the {_spoken(meaning)}."
            )
            continue
        asked.ask(
            "duplicate_heading",
            words,
            [
                Option(key=FIRST, label=f"Column {letter(rival)}: {one}", says="Use this column."),
                Option(key=OTHER, label=f"Column {letter(place)}: {two}", says="Use this column instead."),
            ],
            default=FIRST,
            why=f"Only one column can be the {_spoken(meaning)}.",
            about=letter(place),
        )


def _spoken(meaning: str) -> str:
    words = MEANINGS[meaning]
    return words if "U.S." in words else words[0].lower() + words[1:]


def _note_what_is_missing(columns: Columns, asked: Asked) -> None:
    if not any(m in columns.places for m in ("unit_cost", "line_cost", "materials")):
        asked.note("No column has a cost, so we can’t add anything up.")
    if "origin" not in columns.places:
        asked.note("No column has a country of origin, so all origins are unknown.")
    supplier = next(
        (h for h in columns.headings if re.fullmatch(r"(supplier|vendor)s?( name)?( 1)?", plain(h))), ""
    )
    if supplier and "manufacturer" not in columns.places:
        asked.note(
            f"“{supplier.strip()}” looks like the seller, not the manufacturer. "
            "If it is the manufacturer, change it below."
        )


def stated_currency(rows: Sequence[Row], columns: Columns, left_out: Sequence[LeftOut]) -> str:
    """A currency that a line above or below the table states for all of it: "All prices in EUR"."""
    around = {each.row for each in left_out}
    for index, row in enumerate(rows):
        if index >= columns.first and row.number not in around:
            continue
        if columns.header_row and row.number == columns.header_row:
            continue
        text = " ".join(cell.strip() for cell in row.cells if cell.strip())
        if re.search(
            r"(?i)\b(currency|prices?|costs?|amounts?|w[äa]hrung|preise|prix|precios|moneda|devise)\b", text
        ):
            bare = re.sub(r"\d[\d.,]*", " ", text)
            if (code := currency_in_heading(bare)) and not re.search(r"(?i)\btotal\b", text):
                return code
    return ""
