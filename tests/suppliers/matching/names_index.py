"""A listed name among others."""

from suppliers.matching.match import POSSIBLE

LISTED = "Verkhomir Turbine Industries Joint Stock Company"


FILLERS = [
    f"{first} {second} {third}"
    for first in ("Northgate", "Blue Harbor", "Larkmead", "Ironvale", "Quillstone", "Ostrander", "Peregrin")
    for second in ("Steel", "Shipping", "Metals", "Aviation", "Petroleum")
    for third in ("Trading Company", "International LLC", "Holdings Ltd")
]


def found(index, raw, floor=POSSIBLE):
    return [each.party.record_id for each in index.matches(raw, floor=floor)]
