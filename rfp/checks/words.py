"""Words that give something away: amounts of money, and brands that shut others out. Hints, never verdicts."""

from __future__ import annotations

import re

_MONEY = re.compile(
    r"\$|\b(USD|dollars?|prices?|pricing|costs?|fees?|rates? per|quotation|quote)\b", re.IGNORECASE
)
# Makers whose names turn up in requirements of what we buy. Names that are everyday words are left out.
_MAKERS = (
    "3M",
    "ABB",
    "Adobe",
    "Allen-Bradley",
    "AMD",
    "Arista",
    "Bosch",
    "Broadcom",
    "Caterpillar",
    "Cisco",
    "Cummins",
    "Daikin",
    "Dell",
    "DeWalt",
    "Eaton",
    "Fanuc",
    "Foxconn",
    "Generac",
    "Hewlett Packard",
    "Honeywell",
    "HPE",
    "Huawei",
    "IBM",
    "Intel",
    "John Deere",
    "Juniper Networks",
    "Kohler",
    "KUKA",
    "Lenovo",
    "Liebert",
    "Microsoft",
    "Mitsubishi",
    "Motorola",
    "NVIDIA",
    "Omron",
    "Oracle",
    "Panasonic",
    "Rockwell",
    "Samsung",
    "SAP",
    "Salesforce",
    "Schneider Electric",
    "Siemens",
    "Sony",
    "Supermicro",
    "Swagelok",
    "Toshiba",
    "Trane",
    "Vertiv",
    "VMware",
    "Yaskawa",
)
_BRAND = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, _MAKERS))})(?![\w-])")
_MARKED = re.compile(r"\b([A-Z][\w-]*)\s?[®™]")
_MADE_BY = re.compile(
    r"\b(?:[Mm]anufactured|[Mm]ade|[Ss]upplied) by ([A-Z][\w&-]*)"
    r"|\b(?:[Bb]rand|[Mm]odel|[Pp]art) (?:name |number |no\. ?)([A-Z][\w-]*)"
)
_OPEN = re.compile(
    r"\b(or|and) (an? )?(approved |functional |technical )?(equals?|equivalents?|similar|comparable)\b"
    r"|\bequivalent (products?|systems?|solutions?|to)\b|\bor better\b",
    re.IGNORECASE,
)


def looks_like_money(text: str) -> bool:
    """Whether a question or its unit seems to ask for an amount of money."""
    return bool(_MONEY.search(text))


def brand_in(text: str) -> str:
    """A brand that the text names without "or equal"; blank if it names none or lets others in."""
    if _OPEN.search(text):
        return ""
    for pattern in (_BRAND, _MARKED, _MADE_BY):
        if found := pattern.search(text):
            return next(group for group in found.groups() if group)
    return ""
