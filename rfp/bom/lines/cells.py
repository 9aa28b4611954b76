"""What one cell says: a number, a currency, yes or no, a country, a reference designator. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from rfp.bom.lines.money import SHARED_SIGNS, find_currency

BLANK = frozenset(("", "-", "–", "—", "--", "n/a", "na", "?", ".", "nil", "none", "unknown"))
YES = frozenset(("true", "yes", "y", "1", "x", "t", "✓", "✔", "☑", "ja", "si", "sí", "oui", "да", "是"))
NO = frozenset(("false", "no", "n", "0", "f", "✗", "☐", "nein", "non", "нет", "否"))
MAKE = frozenset(
    [
        "make",
        "m",
        "made",
        "in house",
        "inhouse",
        "internal",
        "manufactured",
        "made in house",
        "e",
        "eigenfertigung",
    ]
)
BUY = frozenset(
    ["buy", "b", "bought", "purchase", "purchased", "p", "external", "f", "fremdbezug", "outsourced", "cots"]
)
_SHEET_ERROR = re.compile(
    r"#(N/?A|REF|VALUE|DIV/0|NAME|NUM|NULL|SPILL|CALC|GETTING_DATA|BEZUG|WERT|NV|ERROR)[!?]?", re.I
)
_NO_PRICE = re.compile(
    r"(?i)(free( of charge| issue)?|f\.?o\.?c\.?|incl(\.|uded|uding)?( above| in .*)?|no charge|n/?c|nc|gratis|tb[dac]|"
    r"quote|on request|call|p\.?o\.?a\.?|ask|pending|see (quote|note|above|below).*|inkl\.?|kostenlos|auf anfrage|"
    r"(customer )?supplied)"
)
_ABOUT = re.compile(
    r"(?i)^\s*(~|≈|≃|ca\.?\s|circa\s|approx\.?(imately)?\s|about\s|est\.?\s|c\.\s)\s*|\s*\((est|approx)\.?\)\s*$"
)
_PER = re.compile(
    r"(?i)\s*(?:/|\bper\b|\bpro\b|\bje\b)\s*(\d[\d,]*|k|m)?\s*(ea(ch)?|pcs?|pieces?|piece|units?|st(k|ück|c?k)?|шт|off|m|ft|kg|lb|in|100|1000)?\.?\s*$"
)
_UNIT = re.compile(
    r"(?i)(?<=[\d.,)])\s*(ea(ch)?|pcs?|pieces?|units?|off|stk|st|stück|x|nos?|шт|个|個|只|本|枚|개|m|mm|cm|ft|in|kg|g|lbs?|oz|l|ml|sets?|pairs?|rolls?)\.?\s*$"
)
_TIMES = re.compile(r"(?i)^x\s*(?=\d)")
_PLAIN = re.compile(r"\d{1,12}(\.(\d{1,2}|\d{4,6}))?", re.ASCII)
_BODY = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d{1,2})?", re.ASCII)
# Blanks and quotation marks that part thousands.
_THIN = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007"), " ") | {0x2212: "-", 0x2013: "-", 0xFE63: "-"}
MOST_DIGITS = 12
_DESIGNATOR = re.compile(r"[A-Z]{1,5}\d{1,5}[A-Z]?(_\d+|\.\d+)?", re.I)
_RANGE = re.compile(r"([A-Z]{1,5})(\d{1,5})\s*(?:-|–|\.\.|to)\s*([A-Z]{0,5})(\d{1,5})", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number as it stands in a cell. `value` is None when there is none: blank, or `problem` says why.

    `currency`: its code, blank when no sign stands there; `shared` names the other currencies its sign may mean.
    `either`: what else a lone separator may mean ("12.000" is 12 or 12000), else None. `per`: the price is for so many.
    """

    value: Decimal | None = None
    currency: str = ""
    shared: tuple[str, ...] = ()
    either: Decimal | None = None
    is_rough: bool = False
    per: Decimal = Decimal(1)
    problem: str = ""


NOTHING = Number()


def read_number(cell: str, mark: str = ".") -> Number:
    """Read a cell as a number. `mark` is the decimal mark to take where the cell alone does not tell."""
    if _PLAIN.fullmatch(cell):
        return Number(value=Decimal(cell))
    text = unicodedata.normalize("NFKC", cell.translate(_THIN)).strip()
    if text.lower() in BLANK:
        return NOTHING
    shown = f"“{cell.strip()[:40]}”"
    if _SHEET_ERROR.fullmatch(text):
        return Number(problem=f"{shown} is an error in your spreadsheet. Fix the formula.")
    if _NO_PRICE.fullmatch(text):
        return Number(problem=f"{shown} is not a price. Enter an amount, or 0 if there is no cost.")
    without_about = _ABOUT.sub("", text)
    currency, sign, rest = find_currency(without_about)
    rest, per = _without_per(rest)
    rest = _TIMES.sub("", _UNIT.sub("", rest)).strip()
    if rest.endswith((",-", ".-", ",–")):
        rest = rest[:-2]
    try:
        value, either = to_decimal(rest, mark)
    except ValueError:
        return Number(problem=f"{shown} is not a number.")
    if value.adjusted() >= MOST_DIGITS:
        return Number(problem=f"{shown} is too large.")
    if value < 0:
        return Number(problem=f"{shown} is negative.")
    return Number(
        value=value,
        currency=currency,
        shared=SHARED_SIGNS.get(sign.lower(), ()),
        either=either,
        is_rough=without_about != text,
        per=per,
    )


def _without_per(text: str) -> tuple[str, Decimal]:
    """ "12.50/100" is a price for a hundred, "1.20/ea" one for one."""
    found = _PER.search(text)
    if not found or not re.search(r"\d", text[: found.start()]):
        return text, Decimal(1)
    count = (found[1] or "").lower().replace(",", "")
    many = {"": 1, "k": 1000, "m": 1}.get(count) or int(count)
    return text[: found.start()], Decimal(many or 1)


def to_decimal(text: str, mark: str = ".") -> tuple[Decimal, Decimal | None]:
    """(value, the other value it may have) of a number as people write it. Raises ValueError when it is none."""
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1].strip()}"
    bare = re.sub(r"(?<=\d)[ '’](?=\d{3}(?!\d))", "", bare)
    bare = re.sub(r"^([+-])\s+", r"\1", bare)
    if not _BODY.fullmatch(bare):
        raise ValueError(text)
    number, _, exponent = bare.lower().partition("e")
    value, either = _separated(number, mark, text)
    if exponent:
        return value.scaleb(int(exponent)), None
    return value, either


def _separated(number: str, mark: str, shown: str) -> tuple[Decimal, Decimal | None]:
    comma, dot = number.rfind(","), number.rfind(".")
    if comma >= 0 and dot >= 0:
        decimal = "," if comma > dot else "."
        return _grouped(number, decimal, shown), None
    separator = "," if comma >= 0 else "."
    count = number.count(separator)
    if count == 0:
        return Decimal(number), None
    if count > 1:
        return _grouped(number, "." if separator == "," else ",", shown), None
    whole, _, fraction = number.partition(separator)
    digits = whole.lstrip("+-")
    as_fraction = Decimal(f"{whole or '0'}.{fraction or '0'}") if digits or fraction else None
    if as_fraction is None:
        raise ValueError(shown)
    if len(fraction) != 3 or not 1 <= len(digits) <= 3 or digits.startswith("0"):
        return as_fraction, None
    as_thousands = Decimal(whole + fraction)
    return (as_fraction, as_thousands) if separator == mark else (as_thousands, as_fraction)


def _grouped(number: str, decimal: str, shown: str) -> Decimal:
    """A number whose thousands are marked. The groups must have three digits, or two as in India: 1,23,456."""
    whole, _, fraction = number.partition(decimal)
    groups = whole.lstrip("+-").split("." if decimal == "," else ",")
    usual = all(len(group) == 3 for group in groups[1:])
    indian = len(groups) > 2 and len(groups[-1]) == 3 and all(len(group) == 2 for group in groups[1:-1])
    if "," in fraction or "." in fraction or not (1 <= len(groups[0]) <= 3 and (usual or indian)):
        raise ValueError(shown)
    sign = "-" if whole.startswith("-") else ""
    return Decimal(f"{sign}{''.join(groups)}.{fraction or '0'}")


def is_number_like(cell: str) -> bool:
    """Whether a cell could be read as a number, whatever its marks."""
    if _PLAIN.fullmatch(cell):
        return True
    return any(c.isdigit() for c in cell) and read_number(cell).value is not None


def decimal_evidence(cells: list[str]) -> tuple[int, int]:
    """(cells that can only have a decimal point, cells that can only have a decimal comma)."""
    point = comma = 0
    for cell in cells:
        if "," not in cell and "." not in cell:
            continue
        number = read_number(cell)
        if number.value is None or number.either is not None:
            continue
        digits = re.sub(r"[^\d.,]", "", cell).strip(".,")
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        separator = digits[last]
        groups_only = digits.count(separator) > 1
        if (separator == ".") != groups_only:
            point += 1
        else:
            comma += 1
    return point, comma


def yes_or_no(cell: str) -> bool | None:
    """True or False for a word that means it. Raises ValueError for another; None for a blank cell."""
    word = cell.strip().lower()
    if word in BLANK:
        return None
    if word in YES or word in NO:
        return word in YES
    raise ValueError(cell)


def make_or_buy(cell: str) -> str:
    """make, buy, or blank. Raises ValueError for another word."""
    word = " ".join(cell.lower().replace("-", " ").split())
    if not word:
        return ""
    if word in MAKE or word in BUY:
        return "make" if word in MAKE else "buy"
    raise ValueError(cell)


def designators(cell: str) -> int | None:
    """How many places "C1, C2, R3-R6" names; None when the cell holds something else."""
    count = 0
    for part in re.split(r"[,;\s]+", re.sub(r"\s*(-|–|\.\.)\s*", r"\1", cell.strip())):
        if not part:
            continue
        span = _RANGE.fullmatch(part)
        if span and span[3].upper() in ("", span[1].upper()) and int(span[4]) >= int(span[2]):
            count += int(span[4]) - int(span[2]) + 1
        elif _DESIGNATOR.fullmatch(part):
            count += 1
        else:
            return None
    return count or None
