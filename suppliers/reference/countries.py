"""Countries by ISO 3166 code or by any name people write, and groups of them."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

USMCA = ("CA", "MX")
# A design default, editable per RFP.
_ALLIED = "AU AT BE CZ DK FI FR DE GB IE IT JP KR NL NO NZ PL ES SE CH TW"
ALLIED = tuple(_ALLIED.split())
# 10 U.S.C. 4872 names China, Russia, Iran and North Korea; Hong Kong and Macao count with China.
COVERED = ("CN", "HK", "MO", "RU", "IR", "KP")

_BRACKETS = re.compile(r"\(([^()]*)\)")


def _plain(text: str) -> str:
    """Capitals without accents, punctuation, and doubled blanks; "&" and "ST" written out."""
    folded = (
        unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
        .upper()
        .replace("Ø", "O")
        .replace("Ł", "L")
    )
    bare = "".join(c for c in folded if not unicodedata.combining(c)).replace("&", " AND ")
    words = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", bare)).split()
    return " ".join("SAINT" if word == "ST" and len(words) > 1 else word for word in words)


_STATE_FORM = re.compile(
    r"(?:[A-Z]+ ){0,3}(?:REPUBLIC|KINGDOM|STATE|PRINCIPALITY|COMMONWEALTH|UNION|SULTANATE|DUCHY) OF (?:THE )?(.+)"
)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´ʻ"), None)


def _read() -> tuple[dict[str, str], dict[str, str]]:
    """(code → name, plain name or code → code), from the list beside this module."""
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    two = ""
    for line in (Path(__file__).parent / "countries.txt").read_text("utf-8").splitlines():
        if line.startswith("  "):
            codes |= {_plain(name): two for name in line.split(",") if name.strip()}
        elif not line.startswith("#"):
            two, three, names[two] = line.split(" ", 2)
            codes |= {two: two, three: two, _plain(names[two]): two}
    return names, codes


COUNTRY_NAMES, _CODES = _read()


def country_name(code: str) -> str:
    """ "China" for "CN"; a code that nobody knows stays as it is."""
    return COUNTRY_NAMES.get(code, code)


@lru_cache(maxsize=8192)
def country_code(text: str) -> str | None:
    """The alpha-2 code of a country given by code or name; "" for blank, None when not understood.

    Reads what people paste: "Made in USA", "Korea (the Republic of)", "CN - China", "Türkiye", "P.R. China".
    """
    whole = _plain(text)
    if not whole:
        return ""
    bare = re.sub(r"^(MADE|PRODUCT|PRODUCED|MANUFACTURED|ORIGIN|ASSEMBLED) (IN|OF) ", "", whole)
    for form in (whole, bare, _without_fillers(bare)):
        if code := _CODES.get(form):
            return code
    return _of_state(bare) or _of_parts(text)


def _of_state(plain: str) -> str | None:
    """ "KINGDOM OF SWEDEN", "FEDERAL REPUBLIC OF NIGERIA": the form of state before the name.

    Where the form tells two countries apart (both Koreas, Chinas, and Congos), only the names we list count.
    """
    found = _STATE_FORM.fullmatch(_without_fillers(plain))
    code = _CODES.get(found[1]) if found else None
    return None if code in ("KR", "KP", "CN", "TW", "CG", "CD", "GE") else code


def _without_fillers(plain: str) -> str:
    """ "RUSSIAN FEDERATION THE" and "THE NETHERLANDS" without their article."""
    return re.sub(r"^THE | THE$", "", plain)


def _of_parts(text: str) -> str | None:
    """A country said twice ("CN - China", "China (PRC)") or turned around ("Korea (the Republic of)")."""
    inside = _BRACKETS.search(text)
    if inside:
        outer, inner = _BRACKETS.sub(" ", text), inside[1]
        turned = _CODES.get(_without_fillers(_plain(f"{outer} {re.sub(r'(?i)^the ', '', inner)}")))
        codes = {_CODES.get(_without_fillers(_plain(part))) for part in (outer, inner)} - {None}
        first = _CODES.get(_without_fillers(_plain(outer)))
        # What stands in brackets may narrow the name ("Korea (North)") but not change it to another country.
        if turned:
            return turned
        return first if first and codes == {first} else None
    parts = [part for part in re.split(r"\s*[/,;:|]\s*|\s+[-–—]\s+|\n", text) if part.strip()]
    if len(parts) == 2:
        turned = _CODES.get(_without_fillers(_plain(f"{parts[1]} {parts[0]}")))
        found = [_CODES.get(_without_fillers(_plain(part))) for part in parts]
        if found[0] and found[0] == found[1]:
            return found[0]
        return turned if turned and "," in text else None
    return None


# States of the U.S. by name; "Georgia" is a country too, and the country is what it is taken for.
_STATES = frozenset((
    "ALABAMA", "ALASKA", "ARIZONA", "ARKANSAS", "CALIFORNIA", "COLORADO", "CONNECTICUT", "DELAWARE",
    "FLORIDA", "HAWAII", "IDAHO", "ILLINOIS", "INDIANA", "IOWA", "KANSAS", "KENTUCKY", "LOUISIANA",
    "MAINE", "MARYLAND", "MASSACHUSETTS", "MICHIGAN", "MINNESOTA", "MISSISSIPPI", "MISSOURI", "MONTANA",
    "NEBRASKA", "NEVADA", "NEW HAMPSHIRE", "NEW JERSEY", "NEW MEXICO", "NEW YORK", "NORTH CAROLINA",
    "NORTH DAKOTA", "OHIO", "OKLAHOMA", "OREGON", "PENNSYLVANIA", "RHODE ISLAND", "SOUTH CAROLINA",
    "SOUTH DAKOTA", "TENNESSEE", "TEXAS", "UTAH", "VERMONT", "VIRGINIA", "WASHINGTON", "WEST VIRGINIA",
    "WISCONSIN", "WYOMING", "WASHINGTON DC", "DISTRICT OF COLUMBIA",
))  # fmt: skip
_BETWEEN = re.compile(r"\s*[/,;:|+]\s*|\s+[-–—]\s+|\s+(?:and|or|&)\s+|\n|[()]", re.IGNORECASE)


def countries_named(text: str) -> set[str]:
    """Codes of the countries that a text with several places names: "US/MX", "Dayton, Ohio, USA"."""
    parts = [part for part in _BETWEEN.split(text) if part and part.strip()]
    plain = {_plain(part) for part in parts}
    codes = {code for part in parts if (code := country_code(part))} | ({"US"} if plain & _STATES else set())
    if "US" in codes and "GEORGIA" in plain:
        codes.discard("GE")
    return codes


def country_of_place(text: str) -> str | None:
    """Like `country_code`, for a place in a country too: "Shenzhen, China", "Ohio", "USA - Texas"."""
    code = country_code(text)
    if code is not None:
        return code
    named = countries_named(text)
    return named.pop() if len(named) == 1 else None
