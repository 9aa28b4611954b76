"""What one cell of a list says: a kind, a country, a day, a record number. Pure."""

import hashlib
import re
from datetime import date, datetime
from functools import lru_cache

from suppliers.lists.reading import Sheet, plain
from suppliers.reference.countries import COUNTRY_NAMES, country_code

LONGEST_RECORD_ID = 64
FIRST_YEAR, LAST_YEAR = 1900, 2200
_NO_DATE = frozenset(("", "indefinite", "indef", "n/a", "na", "none", "null", "-", "-0-", "tbd", "permanent"))
_DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y")
_NO_COUNTRY = frozenset(("undetermined", "unknown", "n/a", "none", "none identified"))
# Names of countries as the lists write them, where the portal's own table does not know them.
_COUNTRIES_AS_LISTED = {
    "burma": "MM",
    "palestinian": "PS",
    "west bank": "PS",
    "region: gaza": "PS",
    "state of palestine": "PS",
    "cote d ivoire": "CI",
    "cote d'ivoire": "CI",
    "côte d'ivoire": "CI",
    "swaziland": "SZ",
    "macedonia": "MK",
    "cape verde": "CV",
    "east timor": "TL",
    "congo, democratic republic of the": "CD",
    "democratic republic of the congo": "CD",
    "congo, republic of the": "CG",
    "republic of the congo": "CG",
    "virgin islands, british": "VG",
    "virgin islands, u.s.": "VI",
    "democratic people's republic of korea": "KP",
    "syrian arab republic": "SY",
    "iran (islamic republic of)": "IR",
    "lao people's democratic republic": "LA",
    "libyan arab jamahiriya": "LY",
    "united republic of tanzania": "TZ",
    "republic of moldova": "MD",
    "bolivarian republic of venezuela": "VE",
    "united kingdom of great britain and northern ireland": "GB",
    "hong kong sar": "HK",
}


# What lists call a person, a ship or a plane; everything else is a company of some sort, and is compared.
_KINDS = {
    **dict.fromkeys(("individual", "individuals", "person", "natural person", "people"), "individual"),
    **dict.fromkeys(("vessel", "vessels", "ship"), "vessel"),
    **dict.fromkeys(("aircraft", "plane"), "aircraft"),
}


def kind_of(text: str) -> str:
    """A list's word for what a party is, as ours: entity, individual, vessel or aircraft."""
    return _KINDS.get(" ".join(text.casefold().split()), "entity")


def in_words(**parts: str) -> str:
    """ "Born: 1958. Nationality: SY." out of what is not blank; the names' underscores are blanks."""
    return " ".join(
        f"{name.replace('_', ' ').capitalize()}: {text.rstrip('.')}." for name, text in parts.items() if text
    )


def country(text: str) -> str:
    """The alpha-2 code where the country is known, "" for none, else the text as it is."""
    name = plain(text)
    if len(name) == 2 and name in COUNTRY_NAMES:
        return name
    low = name.lower()
    if low in _NO_COUNTRY:
        return ""
    if known := _COUNTRIES_AS_LISTED.get(low) or country_code(name):
        return known
    # "Korea, North" is "North Korea"; "The Gambia" and "Bahamas, The" stand without their article.
    turned = " ".join(reversed([part.strip() for part in name.split(",", 1)]))
    turned = turned.replace("&", "and").replace("St. ", "Saint ")
    return country_code(turned) or country_code(re.sub(r"^the ", "", turned, flags=re.IGNORECASE)) or name


def day(sheet: Sheet, row: int, text: str, *, what: str = "date") -> date | None:
    """The date of a cell; None for none. What is no date, or of an absurd year, is left out with a warning."""
    written = plain(text)
    if written.lower() in _NO_DATE:
        return None
    if len(written) <= 40 and (found := _date_in(written)):
        return found
    sheet.warn(f"the {what} {written[:40]} is not valid and was skipped.", row)
    return None


@lru_cache(maxsize=65536)
def _date_in(written: str) -> date | None:
    # XML and exports add a time of day or a time zone to what is a date.
    bare = re.sub(r"(?<=\d)(?:[T ]\d\d:\d\d.*|Z|[+-]\d\d:\d\d)$", "", written)
    for layout in _DATE_FORMATS:
        try:
            found = datetime.strptime(bare, layout).date()
        except ValueError:
            continue
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


def digest(*parts: str) -> str:
    """A record's number where the list has none: 20 hex digits of its parts, blind to case and blanks."""
    bare = "\x1f".join(plain(part).casefold() for part in parts)
    return hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def official_id(text: str) -> str:
    """The list's own number, or its digest where it is longer than a number should be."""
    number = plain(text)
    return number if len(number) <= LONGEST_RECORD_ID - 4 else digest(number)
