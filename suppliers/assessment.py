"""Screening a supplier's names against the active lists. An index over a snapshot is built once a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from suppliers import queries
from suppliers.facts import (
    OWN_NAMES,
    PROFILE_ROLES,
    HitFacts,
    ListFacts,
    ScreeningFacts,
    SupplierFacts,
    names_to_screen,
    wants_a_person,
)
from suppliers.models import Alert, Disposition, Hit, ListedParty, Snapshot, Supplier
from suppliers.screening import party
from suppliers.screening.match import LOGGED, Match, NameIndex
from suppliers.screening.priority import Bearer, Reason, priority, reasons

NameInRole = tuple[str, str]
# What an alert's state means to a rule: until two officers agree, a hit being cleared is open.
DISPOSITIONS = {Alert.State.CLEARING: "open"}


@dataclass(frozen=True, slots=True)
class _Found:
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


def screen(supplier_id: int, facts: SupplierFacts, *, extra: tuple[NameInRole, ...] = ()) -> ScreeningFacts:
    """Screen the supplier's own names and `extra` (role, name) pairs; store new hits and raise their alerts.

    The same names against the same snapshots, with the same decisions, give the same facts.
    """
    names: dict[str, list[str]] = {}
    for role, name in (*names_to_screen(facts), *undecided_names(supplier_id), *extra):
        names.setdefault(name, []).append(role)
    while True:
        snapshots = list(queries.active_snapshots())
        found = _found(supplier_id, facts, names, snapshots)
        try:
            alerts = _raise(supplier_id, facts, found, screened=names, snapshots=snapshots)
        except _OtherLists:
            continue
        break
    return ScreeningFacts(
        screened=tuple(sorted(names)),
        lists=tuple(
            ListFacts(
                source=snapshot.source,
                snapshot=str(snapshot.pk),
                as_of=snapshot.as_of,
                parties=snapshot.parties_count,
            )
            for snapshot in snapshots
        ),
        hits=tuple(
            _hit(each, alerts[each.key])
            for each in sorted(found, key=lambda each: (each.snapshot.source, each.name, each.key))
            if each.wants_a_person
        ),
    )


class _OtherLists(Exception):
    """Another list came into use while names were compared with the ones before."""


def undecided_names(supplier_id: int) -> tuple[NameInRole, ...]:
    """Names of the profile with an alert that is not cleared. They are screened on when they leave the profile:
    taking an owner out ends no hold, an officer does.
    """
    return tuple(_undecided(supplier_id).values_list("role", "name"))


def _undecided(supplier_id: int) -> QuerySet[Alert]:
    rows = Alert.objects.filter(supplier=supplier_id, is_current=True, role__in=PROFILE_ROLES)
    return rows.exclude(state=Alert.State.FALSE_POSITIVE).order_by("id")


def _hit(found: _Found, alert: Alert) -> HitFacts:
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


def _found(
    supplier_id: int, facts: SupplierFacts, names: Mapping[str, Sequence[str]], snapshots: Sequence[Snapshot]
) -> list[_Found]:
    """Matches by name, and the record whose identifier the supplier shares whatever it is called."""
    found = {
        each.key: each
        for snapshot in snapshots
        for name, roles in names.items()
        for match in _matches(snapshot.source, snapshot.pk, name)
        for each in (_Found(snapshot, _role(match, roles), name, match),)
    }
    for each in (
        *_once_shared(supplier_id, snapshots),
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
) -> Iterable[_Found]:
    # Those of today, also for a proposal whose facts are of its day: an alert would come and go otherwise.
    now = Supplier.objects.get(pk=supplier_id)
    own = {"UEI": now.uei, "CAGE": now.cage, "LEI": now.lei, "DUNS": now.duns, "EIN": now.ein}
    by_id = {snapshot.pk: snapshot for snapshot in snapshots}
    for scheme, value in own.items():
        if not value:
            continue
        rows = ListedParty.objects.filter(snapshot__in=by_id, identifiers__contains=[[scheme, value]])
        for row in rows:
            # An employer number is never shown in full, not to officers either.
            said = scheme if scheme == "EIN" else f"{scheme} {value}"
            yield _shared(by_id[row.snapshot_id], row, "legal_name", facts.legal_name, said)


def _once_shared(supplier_id: int, snapshots: Sequence[Snapshot]) -> Iterable[_Found]:
    """What an alert that is not cleared says is shared, as long as the record says so: taking a number out of the
    profile ends no hold, an officer does.
    """
    by_source = {snapshot.source: snapshot for snapshot in snapshots}
    alerts = _undecided(supplier_id).filter(source__in=by_source).exclude(identifier="")
    rows = ListedParty.objects.filter(
        snapshot__in=snapshots, record_id__in=[alert.record_id for alert in alerts]
    )
    listed = {(row.snapshot_id, row.record_id): row for row in rows}
    for alert in alerts:
        snapshot = by_source[alert.source]
        row = listed.get((snapshot.pk, alert.record_id))
        scheme, _, value = alert.identifier.partition(" ")
        if row is not None and any(
            each == scheme and value in ("", number) for each, number in row.identifiers
        ):
            yield _shared(snapshot, row, alert.role, alert.name, alert.identifier)


def _shared(snapshot: Snapshot, row: ListedParty, role: str, name: str, identifier: str) -> _Found:
    """A match by an identifier alone."""
    match = Match(
        party=listed_party(row), name=name, matched_name=row.name, score=Decimal(1), band="exact", pairs=()
    )
    return _Found(snapshot, role, name, match, identifier=identifier)


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


# Source → (snapshot, its index): one a source, so that a new list takes the place of the old one.
_indexes: dict[str, tuple[int, NameIndex]] = {}


def _index(source: str, snapshot_id: int) -> NameIndex:
    known = _indexes.get(source)
    if known is not None and known[0] == snapshot_id:
        return known[1]
    rows = ListedParty.objects.filter(snapshot=snapshot_id).order_by("id")
    index = NameIndex(map(listed_party, rows.defer("remarks", "addresses", "citation").iterator()))
    _indexes[source] = (snapshot_id, index)
    return index


def active_indexes() -> list[tuple[str, NameIndex]]:
    """(source, index) of every active list."""
    return [(each.source, _index(each.source, each.pk)) for each in queries.active_snapshots()]


@lru_cache(maxsize=100_000)
def _matches(source: str, snapshot_id: int, name: str) -> tuple[Match, ...]:
    """Snapshots never change, so neither does this answer. Those too weak to ask about are kept on record."""
    return _index(source, snapshot_id).matches(name, floor=LOGGED)


def _raise(
    supplier_id: int,
    facts: SupplierFacts,
    found: Sequence[_Found],
    *,
    screened: Iterable[str],
    snapshots: Sequence[Snapshot],
) -> dict[tuple[str, str, str], Alert]:
    """Store the evidence of every hit; raise new alerts, open those whose record changed, lay by those that no
    longer match. Raises _OtherLists, and stores nothing, when these lists are no longer the ones in use.
    """
    now = clock.wall_time()
    rows = _parties(found)
    with transaction.atomic():
        Hit.objects.bulk_create(
            [_evidence(supplier_id, each, rows[each.key], now) for each in found], ignore_conflicts=True
        )
        Alert.objects.bulk_create(
            [_alert(supplier_id, facts, each, rows[each.key], now) for each in found if each.wants_a_person],
            ignore_conflicts=True,
        )
        standing = Alert.objects.select_for_update().filter(
            supplier=supplier_id, name__in=list(screened), source__in=[each.source for each in snapshots]
        )
        alerts = {(each.source, each.record_id, each.name): each for each in standing.order_by("id")}
        # Asked behind the lock: an alert of a newer list is either not among these, or its list is in use by now.
        if list(queries.active_snapshots().values_list("pk", flat=True)) != [each.pk for each in snapshots]:
            raise _OtherLists
        by_key = {each.key: each for each in found if each.wants_a_person}
        changed = [
            alert
            for key, alert in alerts.items()
            if _follow(alert, facts, by_key.get(key), rows.get(key), now)  # type: ignore[arg-type]
        ]
        Alert.objects.bulk_update(changed, _FOLLOWED)
    return alerts


_FOLLOWED = (
    "role",
    "party",
    "matched_name",
    "score",
    "band",
    "why",
    "identifier",
    "fingerprint",
    "priority",
    "reasons",
    "state",
    "is_current",
    "changed_at",
)


def _follow(
    alert: Alert, facts: SupplierFacts, found: _Found | None, row: ListedParty | None, now: datetime
) -> bool:
    """Bring an alert to what the active lists say; whether anything of it changed."""
    if found is None or row is None:
        if not alert.is_current:
            return False
        alert.is_current, alert.changed_at = False, now
        return True
    # A maker in a bill of materials who is then told of in the profile is held like everybody in it.
    enters_profile = alert.role not in PROFILE_ROLES and found.role in PROFILE_ROLES
    is_same = alert.party_id == row.pk and alert.identifier == found.identifier
    if alert.is_current and is_same and not enters_profile:
        return False
    if not alert.is_current or alert.fingerprint != row.fingerprint or alert.identifier != found.identifier:
        if alert.fingerprint != row.fingerprint or alert.identifier != found.identifier:
            # The officer decided about another text: a changed record is looked at again.
            alert.state = _said_of(alert, row) if alert.identifier == found.identifier else Alert.State.OPEN
        alert.changed_at = now
    alert.role, alert.matched_name = found.role, found.match.matched_name[:400]
    alert.score, alert.band = found.match.score, found.match.band
    alert.why, alert.identifier = found.match.why, found.identifier
    alert.party, alert.fingerprint, alert.is_current = row, row.fingerprint, True
    moved_by = _reasons(facts, found, row)
    alert.priority, alert.reasons = priority(found.match.score, moved_by), [each.words for each in moved_by]
    return True


def _said_of(alert: Alert, row: ListedParty) -> Alert.State:
    """Where officers left an alert with this very text, when it was the last that any of them said; else open.

    So a rollback brings their decisions back, and a later word about another text is not passed over.
    """
    said = list(alert.dispositions.order_by("id"))
    if not said or said[-1].fingerprint != row.fingerprint:
        return Alert.State.OPEN
    if said[-1].decision == Disposition.Decision.TRUE_MATCH:
        return Alert.State.TRUE_MATCH
    if said[-1].decision == Disposition.Decision.ESCALATE:
        return Alert.State.ESCALATED
    seconded = (
        len(said) > 1
        and (said[-2].decision, said[-2].fingerprint) == (said[-1].decision, row.fingerprint)
        and said[-2].by_id != said[-1].by_id
    )
    return Alert.State.FALSE_POSITIVE if seconded or not alert.needs_two else Alert.State.CLEARING


def _parties(found: Sequence[_Found]) -> dict[tuple[str, str, str], ListedParty]:
    """The stored rows behind the matches; one query."""
    wanted = ListedParty.objects.filter(
        snapshot__in={each.snapshot.pk for each in found},
        record_id__in={each.match.party.record_id for each in found},
    )
    rows = {(row.snapshot_id, row.record_id): row for row in wanted}
    return {each.key: rows[each.snapshot.pk, each.match.party.record_id] for each in found}


def _evidence(supplier_id: int, found: _Found, row: ListedParty, now: datetime) -> Hit:
    return Hit(
        supplier_id=supplier_id,
        party=row,
        role=found.role,
        name=found.name[:400],
        matched_name=found.match.matched_name[:400],
        score=found.match.score,
        band=found.match.band,
        why={
            "pairs": found.match.why,
            "tokens": [
                [each.ours, each.listed, round(each.likeness, 2), round(each.weight, 2)]
                for each in found.match.pairs
            ],
        },
        found_at=now,
    )


def _alert(supplier_id: int, facts: SupplierFacts, found: _Found, row: ListedParty, now: datetime) -> Alert:
    moved_by = _reasons(facts, found, row)
    return Alert(
        supplier_id=supplier_id,
        source=found.snapshot.source,
        record_id=row.record_id,
        name=found.name[:400],
        role=found.role,
        party=row,
        matched_name=found.match.matched_name[:400],
        score=found.match.score,
        band=found.match.band,
        why=found.match.why,
        identifier=found.identifier,
        fingerprint=row.fingerprint,
        priority=priority(found.match.score, moved_by),
        reasons=[each.words for each in moved_by],
        raised_at=now,
        changed_at=now,
    )


def _reasons(facts: SupplierFacts, found: _Found, row: ListedParty) -> tuple[Reason, ...]:
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
