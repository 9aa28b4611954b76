"""Screening a supplier's names against the active lists. An index over a snapshot is built once a process."""

from __future__ import annotations

from functools import lru_cache

from portal import clock
from suppliers import queries
from suppliers.facts import HitFacts, ListFacts, ScreeningFacts, SupplierFacts, names_to_screen
from suppliers.models import Hit, ListedParty, Snapshot
from suppliers.screening import party
from suppliers.screening.match import Match, NameIndex

NameInRole = tuple[str, str]


def screen(supplier_id: int, facts: SupplierFacts, *, extra: tuple[NameInRole, ...] = ()) -> ScreeningFacts:
    """Screen the supplier's own names and `extra` (role, name) pairs; store new hits as evidence.

    The same names against the same snapshots give the same facts.
    """
    names = {name: role for role, name in reversed((*names_to_screen(facts), *extra))}
    snapshots = list(queries.active_snapshots())
    found = [
        (snapshot, role, match)
        for snapshot in snapshots
        for name, role in names.items()
        for match in _matches(snapshot.pk, name)
    ]
    if found:
        _keep(supplier_id, found)
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
            HitFacts(
                name=match.name,
                role=role,
                source=snapshot.source,
                record=match.party.record_id,
                matched_name=match.matched_name,
                programme=match.party.programme,
                score=match.score,
                band=match.band,
                why=match.why,
            )
            for snapshot, role, match in sorted(found, key=lambda each: (each[0].source, each[2].name))
        ),
    )


@lru_cache(maxsize=8)
def _index(snapshot_id: int) -> NameIndex:
    rows = ListedParty.objects.filter(snapshot=snapshot_id).order_by("id")
    return NameIndex(
        party.ListedParty(
            record_id=row.record_id,
            name=row.name,
            aliases=tuple(row.aliases),
            kind=row.kind,
            programme=row.programme,
            countries=tuple(row.countries),
            remarks=row.remarks,
        )
        for row in rows.iterator()
    )


@lru_cache(maxsize=100_000)
def _matches(snapshot_id: int, name: str) -> tuple[Match, ...]:
    """Snapshots never change, so neither does this answer."""
    return _index(snapshot_id).matches(name)


def _keep(supplier_id: int, found: list[tuple[Snapshot, str, Match]]) -> None:
    now = clock.wall_time()
    records = {(snapshot.pk, match.party.record_id) for snapshot, _, match in found}
    parties = {
        (party.snapshot_id, party.record_id): party
        for party in ListedParty.objects.filter(
            snapshot__in={pk for pk, _ in records}, record_id__in={record for _, record in records}
        )
    }
    Hit.objects.bulk_create(
        [
            Hit(
                supplier_id=supplier_id,
                party=parties[snapshot.pk, match.party.record_id],
                role=role,
                name=match.name,
                matched_name=match.matched_name,
                score=match.score,
                band=match.band,
                why={"pairs": match.why},
                found_at=now,
            )
            for snapshot, role, match in found
        ],
        ignore_conflicts=True,
    )
