"""States, territories and ZIP codes of the United States."""

from dataclasses import dataclass

import zipcodes

_STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY
    NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC
"""
STATES = tuple(_STATES.split())
TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
_NAMES = """
    Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, Florida, Georgia, Hawaii,
    Idaho, Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana, Maine, Maryland, Massachusetts, Michigan,
    Minnesota, Mississippi, Missouri, Montana, Nebraska, Nevada, New Hampshire, New Jersey, New Mexico, New York,
    North Carolina, North Dakota, Ohio, Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina,
    South Dakota, Tennessee, Texas, Utah, Vermont, Virginia, Washington, West Virginia, Wisconsin, Wyoming,
    District of Columbia, American Samoa, Guam, Northern Mariana Islands, Puerto Rico, U.S. Virgin Islands
"""
STATE_NAMES = dict(
    zip((*STATES, *TERRITORIES), (" ".join(name.split()) for name in _NAMES.split(",")), strict=True)
)


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
