"""States, territories and ZIP codes of the United States."""

from dataclasses import dataclass

import zipcodes

_STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY
    NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC
"""
STATES = tuple(_STATES.split())
TERRITORIES = ("AS", "GU", "MP", "PR", "VI")


@dataclass(frozen=True)
class ZipArea:
    """`kind`: STANDARD, UNIQUE, PO BOX or MILITARY."""

    state: str
    kind: str


def zip_area(zip_code: str) -> ZipArea | None:
    """The area of a five-digit ZIP code, or None when the table does not know it.

    The first call loads the table of the `zipcodes` package (about 40 MB, half a second).
    """
    found = zipcodes.matching(zip_code)
    return ZipArea(state=found[0]["state"], kind=found[0]["zip_code_type"]) if found else None
