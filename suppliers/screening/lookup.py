"""Which records of a set of loaded lists a supplier's names are close to. An index over a snapshot is built once a
process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, reduce
from operator import or_

from django.db.models import Q

from suppliers.company.models import Supplier
from suppliers.facts import (
    OWN_NAMES,
    PROFILE_ROLES,
    HitFacts,
    SupplierFacts,
    names_to_screen,
    wants_a_person,
)
from suppliers.matching import party
from suppliers.matching.match import LOGGED, Match, NameIndex
from suppliers.matching.priority import Bearer, Reason, reasons
from suppliers.screening import queries
from suppliers.screening.models import Alert, ListedParty, Snapshot

NameInRole = tuple[str, str]
Key = tuple[str, str, str]
# What an alert's state means to a rule: until two officers agree, nothing has changed.
DISPOSITIONS = {Alert.State.CLEARING: "open", Alert.State.ENDING: "true_match"}


@dataclass(frozen=True, slots=True)
class Found:
    """A match in a snapshot, with the stored party it points to once that is read."""

    snapshot: Snapshot
    role: str
    name: str
    match: Match
    identifier: str = ""

    @property
    def wants_a_person(self) -> bool:
        """Whether an officer is asked; else the hit is only kept on record."""
        return wants_a_person(band=self.match.band, kind=self.match.party.kind, role=self.role)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.snapshot.source, self.match.party.record_id, self.name)


def alerts_about(supplier_id: int) -> list[Alert]:
    """Every alert of the supplier with the party it points to; one query."""
    return list(Alert.objects.filter(supplier=supplier_id).select_related("party").order_by("id"))


def names_of(
    facts: SupplierFacts, extra: Iterable[NameInRole], alerts: Iterable[Alert]
) -> dict[str, list[str]]:
    """Every name to compare with its roles: the profile's, those with an alert that is not cleared, and `extra`.

    The names in alerts are screened on when they leave the profile: taking an owner out ends no hold, an officer does.
    """
    names: dict[str, list[str]] = {}
    waiting = ((each.role, each.name) for each in undecided(alerts))
    for role, name in (*names_to_screen(facts), *waiting, *extra):
        names.setdefault(name, []).append(role)
    return names


def undecided(alerts: Iterable[Alert]) -> list[Alert]:
    """Those about the profile that are not cleared."""
    return [
        each
        for each in alerts
        if each.role in PROFILE_ROLES
        and (each.is_current or each.state in Alert.CONFIRMED)
        and each.state not in Alert.CLEARED
    ]


def find(
    supplier_id: int,
    facts: SupplierFacts,
    names: Mapping[str, Sequence[str]],
    snapshots: Sequence[Snapshot],
    alerts: Iterable[Alert],
) -> list[Found]:
    """Matches by name, and the record whose identifier the supplier shares whatever it is called. `alerts` are the
    supplier's."""
    found = {
        each.key: each
        for snapshot in snapshots
        for name, roles in names.items()
        for match in _matches(snapshot.source, snapshot.pk, name)
        for each in (Found(snapshot, _role(match, roles), name, match),)
    }
    for each in (
        *_once_shared(alerts, snapshots),
        *_sharing_identifiers(supplier_id, facts, snapshots),
    ):
        found[each.key] = each
    return list(found.values())


def _role(match: Match, roles: Sequence[str]) -> str:
    """Of a name's roles the first in which this match asks an officer: a chief may lend the company the name."""
    asks = (role for role in roles if wants_a_person(band=match.band, kind=match.party.kind, role=role))
    return next(asks, roles[0])


def _sharing_identifiers(
    supplier_id: int, facts: SupplierFacts, snapshots: Sequence[Snapshot]
) -> Iterable[Found]:
    # Those of today, also for a proposal whose facts are of its day: an alert would come and go otherwise.
    now = Supplier.objects.only("uei", "cage", "lei", "duns", "ein").get(pk=supplier_id)
    told = {"UEI": now.uei, "CAGE": now.cage, "LEI": now.lei, "DUNS": now.duns, "EIN": now.ein}
    own = [[scheme, value] for scheme, value in told.items() if value]
    by_id = {snapshot.pk: snapshot for snapshot in snapshots}
    if not own:
        return
    shares = reduce(or_, (Q(identifiers__contains=[pair]) for pair in own))
    rows = list(ListedParty.objects.filter(shares, snapshot__in=by_id).order_by("id"))
    for scheme, value in own:
        for row in rows:
            if [scheme, value] in row.identifiers:
                # An employer number is never shown in full, not to officers either.
                said = scheme if scheme == "EIN" else f"{scheme} {value}"
                yield _shared(by_id[row.snapshot_id], row, "legal_name", facts.legal_name, said)


def _once_shared(alerts: Iterable[Alert], snapshots: Sequence[Snapshot]) -> Iterable[Found]:
    """What an alert that is not cleared says is shared, as long as the record says so: taking a number out of the
    profile ends no hold, an officer does.
    """
    by_source = {snapshot.source: snapshot for snapshot in snapshots}
    shared = [each for each in undecided(alerts) if each.identifier and each.source in by_source]
    rows = ListedParty.objects.filter(
        snapshot__in=snapshots, record_id__in=[alert.record_id for alert in shared]
    )
    listed = {(row.snapshot_id, row.record_id): row for row in rows}
    for alert in shared:
        snapshot = by_source[alert.source]
        row = listed.get((snapshot.pk, alert.record_id))
        scheme, _, value = alert.identifier.partition(" ")
        if row is not None and any(
            each == scheme and value in ("", number) for each, number in row.identifiers
        ):
            yield _shared(snapshot, row, alert.role, alert.name, alert.identifier)


def _shared(snapshot: Snapshot, row: ListedParty, role: str, name: str, identifier: str) -> Found:
    """A match by an identifier alone."""
    match = Match(
        party=listed_party(row), name=name, matched_name=row.name, score=Decimal(1), band="exact", pairs=()
    )
    return Found(snapshot, role, name, match, identifier=identifier)


def hit_of(found: Found, alert: Alert) -> HitFacts:
    listed = found.match.party
    return HitFacts(
        name=found.name,
        role=found.role,
        source=found.snapshot.source,
        record=listed.record_id,
        matched_name=found.match.matched_name,
        programme=listed.programme,
        score=found.match.score,
        band=found.match.band,
        why=found.match.why,
        disposition=DISPOSITIONS.get(Alert.State(alert.state), alert.state),
        list_code=listed.list_code,
        kind=listed.kind,
        identifier=found.identifier,
        ended=listed.ends,
    )


def hit_of_unlisted(alert: Alert) -> HitFacts:
    """A confirmed match whose record the lists in use no longer hold: as it was when they last did."""
    return HitFacts(
        name=alert.name,
        role=alert.role,
        source=alert.source,
        record=alert.record_id,
        matched_name=alert.matched_name,
        programme=alert.party.programme,
        score=alert.score,
        band=alert.band,
        why=alert.why,
        disposition=DISPOSITIONS.get(Alert.State(alert.state), alert.state),
        list_code=alert.party.list_code,
        kind=alert.party.kind,
        identifier=alert.identifier,
        ended=alert.party.ends,
        is_listed=False,
    )


def parties_of(found: Sequence[Found]) -> dict[tuple[str, str, str], ListedParty]:
    """The stored rows behind the matches; one query."""
    wanted = ListedParty.objects.filter(
        snapshot__in={each.snapshot.pk for each in found},
        record_id__in={each.match.party.record_id for each in found},
    )
    rows = {(row.snapshot_id, row.record_id): row for row in wanted}
    return {each.key: rows[each.snapshot.pk, each.match.party.record_id] for each in found}


def listed_party(row: ListedParty) -> party.ListedParty:
    """A stored record as the matcher reads it."""
    return party.ListedParty(
        record_id=row.record_id,
        list_code=row.list_code,
        name=row.name,
        aliases=tuple(row.aliases),
        kind=row.kind,
        programme=row.programme,
        countries=tuple(row.countries),
        ends=row.ends,
        weak_aliases=tuple(row.weak_aliases),
    )


# Source → (snapshot, its index), the latest first: of each source the list in use, and one that is tried out.
_indexes: dict[str, list[tuple[int, NameIndex]]] = {}
MOST_INDEXES = 2


def _index(source: str, snapshot_id: int) -> NameIndex:
    kept = _indexes.get(source, [])
    known = next((each for each in kept if each[0] == snapshot_id), None)
    if known is None:
        rows = ListedParty.objects.filter(snapshot=snapshot_id).order_by("id")
        plain = rows.defer("remarks", "addresses", "citation").iterator()
        known = (snapshot_id, NameIndex(map(listed_party, plain)))
    _indexes[source] = [known, *(each for each in kept if each is not known)][:MOST_INDEXES]
    return known[1]


def forget() -> None:
    """Drop every index and answer: for whoever takes loaded lists back, so that their numbers come again."""
    _indexes.clear()
    _matches.cache_clear()


def active_indexes() -> list[tuple[str, NameIndex]]:
    """(source, index) of every active list."""
    return [(each.source, _index(each.source, each.pk)) for each in queries.active_snapshots()]


@lru_cache(maxsize=100_000)
def _matches(source: str, snapshot_id: int, name: str) -> tuple[Match, ...]:
    """Snapshots never change, so neither does this answer. Those too weak to ask about are kept on record."""
    return _index(source, snapshot_id).matches(name, floor=LOGGED)


def reasons_of(facts: SupplierFacts, found: Found, row: ListedParty) -> tuple[Reason, ...]:
    listed = replace(listed_party(row), addresses=tuple(row.addresses))
    return reasons(bearer_of(facts, found.role, found.name, shared=bool(found.identifier)), listed)


def bearer_of(facts: SupplierFacts, role: str, name: str, *, shared: bool) -> Bearer:
    """What the profile tells of who bears a name in a role."""
    cities = tuple(site.city for site in facts.sites)
    if role in OWN_NAMES:
        return Bearer(kind="entity", country=facts.country, cities=cities, shares_identifier=shared)
    if role == "officer":
        return Bearer(kind="individual")
    if role == "owner":
        row = next((each for each in facts.owners if each.name == name), None)
        if row is not None:
            return Bearer(kind="individual" if row.kind == "person" else "entity", country=row.country)
    if role == "site":
        site = next((each for each in facts.sites if each.name == name), None)
        if site is not None:
            return Bearer(kind="entity", country=site.country, cities=(site.city,))
    return Bearer(kind="entity" if role in ("manufacturer", "bank") else "")
