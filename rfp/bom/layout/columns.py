"""Which row holds the headings, and which column means what. Pure.

A heading says what a column may mean; its cells decide where the heading alone does not ("Item" is a line number over
1, 2, 3 and a name over texts). What no heading says is guessed from the cells, and asked about.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rfp.bom.layout.headings import meanings_of, plain
from rfp.bom.layout.profiles import Profile, profile
from rfp.bom.sheet.table import Row

SAMPLE_ROWS = 400
# Meanings in words, in the order in which the preview offers them.
MEANINGS = {
    "name": "Name",
    "description": "Description",
    "value": "Value or comment",
    "part_number": "Part number",
    "manufacturer": "Manufacturer",
    "mpn": "Manufacturer part number",
    "qty": "Quantity",
    "qty_assembly": "Quantity per assembly",
    "qty_product": "Quantity per product",
    "designator": "Reference designators",
    "unit_cost": "Unit cost",
    "line_cost": "Line cost",
    "per": "Price is per this quantity",
    "currency": "Currency",
    "origin": "Country of origin",
    "us_manufactured": "Made in the U.S.",
    "make_or_buy": "Make or buy",
    "line_no": "Line number",
    "level": "Level in the tree",
    "parent": "Part of line or assembly",
    "inbound_freight": "Freight",
    "duty": "Duty",
    "materials": "Materials cost",
    "direct_labor": "Labor cost",
    "allocable_overhead": "Overhead cost",
    "profit": "Profit",
    "is_iron_steel": "Iron or steel",
    "fe_estimated": "Iron or steel (estimated)",
    "is_cots_fastener": "Standard fastener",
    "final_assembly": "Final assembly",
    "not_fitted": "Do not place",
}
# Keys of `columns` in what the command prints, where they differ from ours.
PUBLIC = {
    "unit_cost": "cost",
    "line_no": "line",
    "us_manufactured": "us_made",
    "designator": "designators",
    "inbound_freight": "freight",
}
MONEY = (
    "unit_cost",
    "line_cost",
    "inbound_freight",
    "duty",
    "materials",
    "direct_labor",
    "allocable_overhead",
    "profit",
)
QTY = ("qty", "qty_assembly", "qty_product")
TEXTS = ("name", "description", "value")
# Columns that mean something only over figures.
_FIGURES = (*MONEY, *QTY, "per")
# Headings that the cells below them decide.
_BY_CELLS = (
    "part",
    "reference",
    "line_no",
    "part_number",
    "level",
    "currency",
    "designator",
    "materials",
    "unit",
)
_LEVEL = re.compile(r"[.\-+ ]*\d{1,3}(\.\d{1,4})*\.?|l(evel)?\s*\d|([.\-+*>])\3*", re.I)
_SURELY_NOT_NAMED = ("unit", "supplier", "unused")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column means what. `places`: meaning → position. `headings`: as written, blank where there is none.

    `header_row` is the line of the file with the headings, 0 without one; `first` the index of the first row below.
    `names`: positions of texts that may name a part, the likeliest first. `guessed`: positions that no heading told;
    `guesses`: those with what they were taken for. `doubles`: positions whose meaning another column took, with that
    column's; `double_meanings` names it.
    """

    places: Mapping[str, int]
    headings: tuple[str, ...]
    header_row: int
    first: int
    names: tuple[int, ...] = ()
    guessed: tuple[int, ...] = ()
    guesses: Mapping[int, str] = field(default_factory=dict)
    doubles: Mapping[int, int] = field(default_factory=dict)
    double_meanings: Mapping[int, str] = field(default_factory=dict)

    def heading(self, meaning: str) -> str:
        """The heading of a column, or its letter when it has none; blank when no column has that meaning."""
        place = self.places.get(meaning)
        return "" if place is None else self.named(place)

    def named(self, place: int) -> str:
        """The heading at a position, or "column C"."""
        heading = " ".join(self.headings[place].split()) if place < len(self.headings) else ""
        return heading or f"column {letter(place)}"

    @property
    def qty(self) -> int | None:
        return next((self.places[kind] for kind in QTY if kind in self.places), None)


def letter(place: int) -> str:
    """A for 0, B for 1, AA for 26."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def map_columns(rows: Sequence[Row], header: int, chosen: Mapping[int, str]) -> Columns:
    """Give each column its meaning. `header` is the index of the row with the headings, -1 when there is none.

    `chosen`: position → meaning that a person gave; a blank one means "not used".
    """
    body = _typical([row.cells for row in rows[header + 1 : header + 1 + SAMPLE_ROWS]])
    headings = tuple(rows[header].cells) if header >= 0 else ()
    headings += ("",) * (_width(body, has_header=header >= 0) - len(headings))
    return _Mapper(headings, body, chosen).columns(rows[header].number if header >= 0 else 0, header + 1)


def _typical(body: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows that hold at least half as much as most: parts, not the headings and remarks between them."""
    counts = sorted(count for cells in body if (count := sum(bool(cell.strip()) for cell in cells)))
    least = counts[len(counts) // 2] / 2 if counts else 0
    return [cells for cells in body if sum(bool(cell.strip()) for cell in cells) >= max(1, least)]


def _width(body: Sequence[Sequence[str]], *, has_header: bool) -> int:
    """Columns that count: beyond the headings only those that many rows fill, so that a stray cell is none."""
    filled = [
        sum(place < len(c) and bool(c[place].strip()) for c in body)
        for place in range(max(map(len, body), default=0))
    ]
    least = len(body) / 3 if has_header else 0.5
    return max((place + 1 for place, count in enumerate(filled) if count > least), default=0)


class _Mapper:
    """Assigns meanings, the surest first."""

    def __init__(
        self, headings: tuple[str, ...], body: Sequence[Sequence[str]], chosen: Mapping[int, str]
    ) -> None:
        self.headings = headings
        self.profiles = [profile(body, place) for place in range(len(headings))]
        self.places: dict[str, int] = {}
        self.used: dict[int, str] = {}
        self.doubles: dict[int, int] = {}
        self.double_meanings: dict[int, str] = {}
        self.guessed: list[int] = []
        self.chosen = {place: meaning for place, meaning in chosen.items() if place < len(headings)}

    def columns(self, header_row: int, first: int) -> Columns:
        for place, meaning in self.chosen.items():
            if meaning and meaning not in self.places:
                self._take(meaning, place)
            else:
                self.used[place] = ""
        self._by_heading()
        self._by_cells()
        names = self._names()
        return Columns(
            places=dict(sorted(self.places.items(), key=lambda item: item[1])),
            headings=self.headings,
            header_row=header_row,
            first=first,
            names=names,
            guessed=tuple(place for place in self.guessed if place not in self.chosen),
            guesses={place: self.used[place] for place in self.guessed},
            doubles=self.doubles,
            double_meanings=self.double_meanings,
        )

    def _take(self, meaning: str, place: int) -> None:
        self.places[meaning] = place
        self.used[place] = meaning

    def _by_heading(self) -> None:
        wanted = []
        for place, heading in enumerate(self.headings):
            if place in self.used:
                continue
            for order, (meaning, sure) in enumerate(meanings_of(heading)):
                settled = self._settle(meaning, place)
                if settled:
                    wanted.append((sure, order, self._unfit(settled, place), place, settled))
                    break
        for _, _, _, place, meaning in sorted(wanted):
            if meaning in _SURELY_NOT_NAMED:
                self.used[place] = ""
                continue
            rival = self._rival(meaning)
            if rival is not None and meaning in TEXTS and not self._is_same_heading(place, rival):
                later = TEXTS[TEXTS.index(meaning) :]
                meaning = next((text for text in later if text not in self.places), meaning)
                rival = self._rival(meaning)
            if rival is None:
                self._take(meaning, place)
            else:
                self.used[place] = ""
                if self.profiles[place].filled:
                    self.doubles[place] = rival
                    self.double_meanings[place] = meaning

    def _is_same_heading(self, place: int, other: int) -> bool:
        return plain(self.headings[place]) == plain(self.headings[other])

    def _rival(self, meaning: str) -> int | None:
        if meaning in QTY:
            return next((self.places[kind] for kind in QTY if kind in self.places), None)
        return self.places.get(meaning)

    def _unfit(self, meaning: str, place: int) -> tuple[int, int]:
        """Sorts columns of one heading: dollars before other money, figures before none, filled before empty."""
        found = self.profiles[place]
        is_foreign = meaning in MONEY and bool(re.search(r"(?i)€|£|eur|gbp|¥|cny|rmb", self.headings[place]))
        return (int(is_foreign), int(meaning in _FIGURES and not found.is_figures) + int(found.filled == 0))

    def _settle(self, meaning: str, place: int) -> str:
        """What a heading means over these cells; blank when it cannot mean that."""
        found = self.profiles[place]
        if meaning not in _BY_CELLS or not found.filled:
            return "name" if meaning == "part" else "designator" if meaning == "reference" else meaning
        is_places = found.designators >= 0.6
        if meaning in ("part", "reference", "line_no", "designator"):
            return self._settle_item(meaning, found)
        if meaning == "part_number":
            return "part_number" if not (is_places and found.prose) else "designator"
        if meaning == "level":
            fitting = sum(bool(_LEVEL.fullmatch(cell)) for cell in found.samples)
            return "level" if 2 * fitting >= len(found.samples) else ""
        if meaning == "currency":
            return "currency" if found.currencies >= 0.5 else "per" if found.numbers == 1 else ""
        if meaning == "unit":
            return "currency" if found.currencies == 1 else "unit"
        return "" if meaning == "materials" and not found.is_figures else meaning

    def _settle_item(self, meaning: str, found: Profile) -> str:
        """ "Item", "Part", "Ref", "No": a line number, a designator, a part number, or a name."""
        if found.running >= 0.9 and meaning != "designator" and (found.filled > 1 or meaning == "line_no"):
            return "line_no"
        if found.designators >= 0.6 and found.codes <= found.designators and (meaning != "line_no"):
            return "designator"
        if meaning == "designator":
            return "designator"
        if meaning == "line_no":
            if found.codes >= 0.6 and found.numbers < 0.5:
                return "line_code"
            return "line_no" if found.prose < 0.3 else "name"
        if found.prose < 0.3 and found.codes < 0.6 and found.distinct < 0.8:
            # The same few words again and again name a drawing symbol, not a part.
            return "symbol"
        if found.prose >= 0.3 or found.codes < 0.6:
            return "name" if meaning == "part" or found.prose >= 0.3 else "part_number"
        # A code may be the only name there is; whether it is decides what else the file has.
        return "code"

    def _by_cells(self) -> None:
        """What no heading told, read from the cells: an origin, a currency, and the first text as the name."""
        for place, found in enumerate(self.profiles):
            if place in self.used or not found.filled:
                continue
            if (
                "origin" not in self.places
                and found.countries >= 0.8
                and found.distinct < 1.01
                and not found.currencies
            ):
                self._guess("origin", place)
            elif "currency" not in self.places and found.currencies == 1:
                self._guess("currency", place)
        self._code_or_name()
        self._figures_by_cells()
        self._name_by_cells()

    def _guess(self, meaning: str, place: int) -> None:
        self._take(meaning, place)
        self.guessed.append(place)

    def _code_or_name(self) -> None:
        """Codes under "Part" are the part number where another column names the part; so are those under "Item No."."""
        line = self.places.pop("line_code", None)
        if line is not None:
            self._take("line_no" if "part_number" in self.places else "part_number", line)
        place = self.places.pop("code", None)
        if place is None:
            return
        has_name = any(meaning in self.places for meaning in ("name", "description"))
        meaning = "part_number" if has_name else "name"
        if meaning in self.places:
            self.used[place] = ""
        else:
            self._take(meaning, place)

    def _figures_by_cells(self) -> None:
        """In a file whose headings say little: small whole numbers are quantities, other figures are costs."""
        knows_money = any(meaning in self.places for meaning in ("unit_cost", "line_cost", "materials"))
        knows_qty = any(kind in self.places for kind in (*QTY, "designator"))
        if knows_money and knows_qty:
            return
        # A guess needs a column that holds nothing but figures.
        free = [p for p, f in enumerate(self.profiles) if p not in self.used and f.filled and f.numbers == 1]
        unknown = [p for p in free if not meanings_of(self.headings[p])]
        whole = [
            p for p in unknown if all(re.fullmatch(r"\d{1,4}", cell) for cell in self.profiles[p].samples)
        ]
        if not knows_qty and whole:
            running = [p for p in whole if self.profiles[p].running == 1 and p == 0]
            for place in running:
                if "line_no" not in self.places:
                    self._guess("line_no", place)
            rest = [p for p in whole if p not in running]
            if rest:
                self._guess("qty", rest[0])
        money = [p for p in unknown if p not in self.used]
        if not knows_money and money:
            signed = [
                p for p in money if any(re.search(r"[$€£¥.,]", cell) for cell in self.profiles[p].samples)
            ]
            self._guess("unit_cost", (signed or money)[0])

    def _name_by_cells(self) -> None:
        symbol = self.places.pop("symbol", None)
        bare = self._texts_without_heading()
        if bare is not None and "name" not in self.places:
            self._guess("name", bare)
        if any(meaning in self.places for meaning in TEXTS):
            return
        if symbol is not None:
            self._take("name", symbol)
            return
        free = [
            (-(found.filled * found.distinct), place)
            for place, found in enumerate(self.profiles)
            if place not in self.used
            and found.filled
            and found.numbers < 0.5
            and not meanings_of(self.headings[place])
        ]
        if (free and "part_number" not in self.places) or (free and self.profiles[min(free)[1]].prose >= 0.3):
            self._guess("name", min(free)[1])

    def _texts_without_heading(self) -> int | None:
        """The first column that has no heading but holds texts in all rows, each another."""
        fullest = max((found.filled for found in self.profiles), default=0)
        for place, found in enumerate(self.profiles):
            is_bare = place not in self.used and not self.headings[place].strip()
            if is_bare and found.filled >= 0.8 * fullest and found.prose >= 0.3 and found.distinct >= 0.8:
                return place
        return None

    def _names(self) -> tuple[int, ...]:
        """Positions that may name a part, the likeliest first: a full one before one with gaps."""
        order = [self.places[m] for m in (*TEXTS, "part_number", "mpn") if m in self.places]
        texts = [self.places[m] for m in TEXTS if m in self.places]
        if not texts:
            return tuple(order)
        first = texts[0]
        fullest = max((self.profiles[place].filled for place in order), default=0)
        if self.profiles[first].filled < 0.9 * fullest and first not in self.chosen:
            better = [
                place
                for place in texts[1:]
                if self.profiles[place].filled >= 0.95 * fullest and self.profiles[place].prose >= 0.5
            ]
            if better:
                order = [better[0], *(place for place in order if place != better[0])]
        return tuple(order)


def headings_key(headings: Sequence[str]) -> str:
    """The headings of a file in a form that is the same for the supplier's next file."""
    return "|".join(plain(heading) for heading in headings)
