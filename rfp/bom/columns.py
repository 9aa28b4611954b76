"""Which column of a bill of materials is which: header names that suppliers and their tools write. Pure."""

import re
from collections.abc import Mapping, Sequence

# Our column → headers that mean it, the surest first; compared without case, blanks and punctuation.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "mpn": (
        "mpn",
        "manufacturer part number",
        "manufacturer part",
        "manufacturer part no",
        "mfr part number",
        "mfr part",
        "mfr part no",
        "mfg part number",
        "mfg part",
        "mfg pn",
        "mfr pn",
        "part number",
        "part no",
        "part num",
        "pn",
        "p n",
        "sku",
        "lib ref",
        "libref",
    ),
    "manufacturer": (
        "manufacturer",
        "manufacturer name",
        "mfr",
        "mfg",
        "maker",
        "make by",
        "brand",
        "vendor",
        "supplier",
    ),
    "part": (
        "part name",
        "part description",
        "item description",
        "component description",
        "description",
        "component name",
        "item name",
        "name",
        "part",
        "component",
        "title",
        "material description",
        "item",
        "comment",
        "value",
    ),
    "qty": (
        "qty",
        "quantity",
        "qty per unit",
        "qty per product",
        "qty per assembly",
        "quantity per unit",
        "quantity per assembly",
        "quantity per pcb",
        "qty per pcb",
        "usage",
        "count",
        "pcs",
        "pieces",
        "units",
    ),
    "unit_acquisition_cost": (
        "unit acquisition cost",
        "acquisition cost",
        "unit cost",
        "unit cost usd",
        "unit price",
        "unit price usd",
        "cost per unit",
        "price per unit",
        "purchase price",
        "cost each",
        "price each",
        "each",
        "price usd",
        "cost usd",
        "price",
        "cost",
    ),
    "line_cost": (
        "line cost",
        "line total",
        "extended cost",
        "extended price",
        "ext cost",
        "ext price",
        "total cost",
        "total price",
        "subtotal",
        "sub total",
        "amount",
        "total",
    ),
    "parent_line": (
        "parent line",
        "parent",
        "parent no",
        "parent item",
        "parent line no",
        "parent id",
        "used in",
    ),
    "level": ("level", "bom level", "lvl", "indent", "indent level"),
    "make_or_buy": ("make or buy", "make buy", "make vs buy", "m b", "mb", "procurement type", "sourcing"),
    "inbound_freight": ("inbound freight", "freight", "freight in", "shipping", "transport"),
    "duty": ("duty", "duties", "tariff", "customs", "customs duty", "import duty"),
    "materials": ("materials", "material cost", "materials cost", "raw material"),
    "direct_labor": ("direct labor", "direct labour", "labor", "labour", "labor cost", "labour cost"),
    "allocable_overhead": ("allocable overhead", "overhead", "overheads", "oh", "burden"),
    "profit": ("profit", "margin", "markup", "mark up"),
    "us_manufactured": (
        "us manufactured",
        "us made",
        "made in us",
        "made in usa",
        "made in the us",
        "domestic",
    ),
    "origin": (
        "origin",
        "country of origin",
        "coo",
        "origin country",
        "country",
        "made in",
        "source country",
    ),
    "is_iron_steel": ("is iron steel", "iron steel", "iron or steel", "steel"),
    "fe_estimated": ("fe estimated", "iron steel estimated"),
    "is_cots_fastener": ("is cots fastener", "cots fastener", "fastener"),
    "final_assembly": ("final assembly", "is final assembly"),
    "currency": ("currency", "curr", "ccy"),
    "line_no": (
        "line no",
        "line number",
        "line",
        "line id",
        "item no",
        "item number",
        "find no",
        "find number",
        "pos",
        "position",
        "no",
        "number",
        "nr",
        "seq",
        "sr no",
        "s no",
        "index",
        "id",
        "row",
    ),
}
# Headers that are a number in some files and a name in others: a line number when every cell is one.
NUMBER_OR_NAME = ("component", "item", "part")
_HASH = {"#": "line no", "№": "line no"}


def plain(header: str) -> str:
    """A header without case, punctuation, line breaks and doubled blanks; "#" reads as line no."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", header.strip())
    if text in _HASH:
        return _HASH[text]
    text = re.sub(r"\((?:us\s?d|usd|us\$|\$)\)", " usd", text.lower())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def guess_columns(header: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, int]:
    """Our column → position in the header. `rows` (a sample below it) decides what a name alone does not."""
    names = [plain(cell) for cell in header]
    joined = [name.replace(" ", "") for name in names]
    taken: dict[str, int] = {}
    used: set[int] = set()
    numbered = _numbered(names, rows)
    for column, synonyms in SYNONYMS.items():
        for synonym in synonyms:
            place = _place(synonym, names, joined, used)
            if place is None or (column != "line_no" and place == numbered):
                continue
            taken[column] = place
            used.add(place)
            break
    if "line_no" not in taken and numbered is not None:
        taken["line_no"] = numbered
        used.add(numbered)
    return _with_quantity(taken, names, used)


def _place(synonym: str, names: Sequence[str], joined: Sequence[str], used: set[int]) -> int | None:
    squeezed = synonym.replace(" ", "")
    for place, name in enumerate(names):
        if place not in used and name and (name == synonym or joined[place] == squeezed):
            return place
    return None


def _numbered(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """The position of a column called component, item or part that holds only running numbers."""
    for place, name in enumerate(names):
        if name not in NUMBER_OR_NAME:
            continue
        cells = [row[place].strip() for row in rows if len(row) > place and row[place].strip()]
        if (
            len(cells) > 1
            and all(re.fullmatch(r"\d+(\.\d+)*", cell) for cell in cells)
            and len(set(cells)) == len(cells)
        ):
            return place
    return None


def _with_quantity(taken: dict[str, int], names: Sequence[str], used: set[int]) -> dict[str, int]:
    """ "Quantity per gearbox": anything that begins with the word will do when no known header is there."""
    if "qty" not in taken:
        for place, name in enumerate(names):
            if place not in used and re.match(r"(qty|quantity)\b", name):
                return {**taken, "qty": place}
    return taken


def header_score(columns: Mapping[str, int]) -> int:
    """How much a row looks like a header: the columns it names, what a part is counting double."""
    return len(columns) + ("part" in columns or "mpn" in columns)
