"""Where an alert stands in the queue, and why. Pure.

What agrees besides the name lifts an alert, what differs lowers it; nothing ever clears one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from suppliers.matching.names import readable_words
from suppliers.matching.party import ListedParty

SHORTEST_CITY = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearer:
    """Who bears a screened name, as far as the profile tells; blank and empty where it does not.

    `kind`: entity or individual. `cities`: where its sites are. `shares_identifier`: a number that the record
    gives is this party's too.
    """

    kind: str = ""
    country: str = ""
    cities: tuple[str, ...] = ()
    shares_identifier: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """What moves an alert, in words, and by how many points."""

    words: str
    points: int


SHARED = Reason("shared identifier", 100)
SAME_COUNTRY, OTHER_COUNTRY = Reason("same country", 20), Reason("different country", -10)
SAME_CITY = Reason("same city", 15)
SAME_KIND, OTHER_KIND = Reason("same kind", 5), Reason("different kind", -10)


def reasons(bearer: Bearer, listed: ListedParty) -> tuple[Reason, ...]:
    """What agrees and what differs besides the name; what either side does not tell is left out."""
    found = [SHARED] if bearer.shares_identifier else []
    if bearer.kind and listed.kind:
        found.append(SAME_KIND if bearer.kind == listed.kind else OTHER_KIND)
    is_elsewhere = False
    if bearer.country and listed.countries:
        is_elsewhere = bearer.country not in listed.countries
        found.append(OTHER_COUNTRY if is_elsewhere else SAME_COUNTRY)
    if not is_elsewhere and in_the_same_city(bearer.cities, listed.addresses):
        found.append(SAME_CITY)
    return tuple(found)


def priority(score: Decimal, found: Iterable[Reason]) -> int:
    """The score in percent and the points of the reasons; higher comes first."""
    return int(score * 100) + sum(reason.points for reason in found)


def in_the_same_city(cities: Iterable[str], addresses: Iterable[str]) -> bool:
    """Whether an address names one of the cities; very short names are found in too many."""
    wanted = [" ".join(readable_words(city)) for city in cities if len(city) >= SHORTEST_CITY]
    texts = [f" {' '.join(readable_words(address))} " for address in addresses]
    return any(f" {city} " in text for city in wanted if city for text in texts)
