"""Alerts and lists: who may see them, and what sets two loads of a list apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from portal.models import User
from suppliers import lists
from suppliers.company.queries import may_read_screening
from suppliers.facts import PROFILE_ROLES
from suppliers.screening.models import Alert, ListedParty, ListPreview, Snapshot


@dataclass(frozen=True)
class Difference:
    """What sets two snapshots of a list apart, as queries that are counted or paged."""

    added: QuerySet[ListedParty]
    removed: QuerySet[ListedParty]
    changed: QuerySet[ListedParty]


# A confirmed match counts whether or not the lists in use still hold it.
COUNTS = Q(is_current=True) | Q(state__in=Alert.CONFIRMED)
WAITS = Q(is_current=True, state__in=Alert.UNDECIDED) | Q(state=Alert.State.ENDING)


def alerts_visible_to(user: User | AnonymousUser) -> QuerySet[Alert]:
    """Every alert, for those who may read screening; most pressing first."""
    if not may_read_screening(user):
        return Alert.objects.none()
    return Alert.objects.select_related("supplier", "party").order_by("-is_current", "-priority", "id")


def waiting_by_state() -> dict[str, int]:
    """How many alerts wait for a decision, by their state."""
    counts = Alert.objects.filter(WAITS).values_list("state").annotate(count=Count("id"))
    return dict(counts.order_by("state"))


def snapshots_visible_to(user: User | AnonymousUser) -> QuerySet[Snapshot]:
    """Every loaded list, newest first."""
    if not may_read_screening(user):
        return Snapshot.objects.none()
    return Snapshot.objects.order_by("-loaded_at", "-pk")


def active_twin(snapshot: Snapshot) -> Snapshot | None:
    """The active snapshot of the same source, when it is another one."""
    return Snapshot.objects.filter(source=snapshot.source, is_active=True).exclude(pk=snapshot.pk).first()


def difference(before: Snapshot | None, after: Snapshot) -> Difference:
    """Records of `after` that `before` does not hold, the other way round, and those whose text changed."""
    new, old = after.parties.order_by("name", "id"), ListedParty.objects.none()
    if before is None:
        return Difference(added=new, removed=old, changed=old)
    old = before.parties.order_by("name", "id")
    same = ListedParty.objects.filter(record_id=OuterRef("record_id"))
    return Difference(
        added=new.filter(~Exists(same.filter(snapshot=before))),
        removed=old.filter(~Exists(same.filter(snapshot=after))),
        changed=new.filter(Exists(same.filter(snapshot=before).exclude(fingerprint=OuterRef("fingerprint")))),
    )


# What a load is made of, in the words of a page: the column that counts it.
COUNTED = {
    "parties_count": "records",
    "names_count": "names",
    "addresses_count": "addresses",
    "identifiers_count": "identifiers",
}


def losses(snapshot: Snapshot, active: Snapshot | None) -> list[tuple[str, int, int]]:
    """(what, how many in the list in use, how many in this one), also where there are more now."""
    if active is None:
        return []
    return [(words, getattr(active, name), getattr(snapshot, name)) for name, words in COUNTED.items()]


def missing_files(snapshot: Snapshot, active: Snapshot | None) -> str:
    """Why the load cannot take the active one's place, or blank: it lacks a file that the active one was made from."""
    gone = sorted(set(active.parts) - set(snapshot.parts)) if active is not None else []
    if not gone:
        return ""
    what = " and ".join(lists.PART_WORDS.get(part, part) for part in gone)
    return f"The active list also has the file with {what}. Load this list again with all of its files."


def doubts(snapshot: Snapshot, active: Snapshot | None) -> list[str]:
    """Why a person should look before the list is used: it lost much that the active one has, or never had enough."""
    found = [
        f"{before - after:,} fewer {words} than the active list: {after:,} instead of {before:,}."
        for words, before, after in losses(snapshot, active)
        if lists.drops_too_much(before, after)
    ]
    if active is not None and not lists.drops_too_much(active.parties_count, snapshot.parties_count):
        # As many records, but others: the file may be of another list.
        gone = difference(active, snapshot).removed.count()
        if lists.drops_too_much(active.parties_count, active.parties_count - gone):
            found.append(f"{gone:,} of the {active.parties_count:,} active records are not in it.")
    known = lists.SOURCES.get(snapshot.source)
    if known is None:
        return found
    if snapshot.parties_count < known.least_rows:
        found.append(
            f"The list has {snapshot.parties_count:,} records. A complete list has at least {known.least_rows:,}."
        )
    if active is None and (without := sorted(set(known.parts) - set(snapshot.parts))):
        what = " and ".join(lists.PART_WORDS[part] for part in without)
        found.append(f"The file with {what} was not loaded.")
    return found


def latest_preview(snapshot: Snapshot) -> ListPreview | None:
    """The newest reckoning of what activating this list would change."""
    return ListPreview.objects.filter(snapshot=snapshot).order_by("-pk").first()


def is_previewed(snapshot: Snapshot, active: Snapshot | None) -> bool:
    """Whether it is known what activating this list instead of the active one would change."""
    found = latest_preview(snapshot)
    return (
        found is not None
        and found.finished_at is not None
        and found.against_id == (active.pk if active else None)
    )


def replaced_by(snapshot: Snapshot) -> Snapshot | None:
    """The load that was in use before this one came into use."""
    if snapshot.activated_at is None:
        return None
    before = Snapshot.objects.filter(source=snapshot.source, activated_at__lte=snapshot.activated_at)
    return before.exclude(pk=snapshot.pk).order_by("-activated_at", "-pk").first()


# What a list says of a party, in the words of a page.
PARTY_WORDS = {
    "name": "name",
    "aliases": "other names",
    "weak_aliases": "weak aliases",
    "list_code": "list",
    "kind": "kind",
    "programme": "program",
    "countries": "countries",
    "addresses": "addresses",
    "identifiers": "identifiers",
    "parents": "parents",
    "starts": "first day",
    "ends": "last day",
    "citation": "citation",
    "remarks": "remarks",
}


def what_changed(before: Snapshot, rows: Iterable[ListedParty]) -> dict[str, str]:
    """Record number → which of its parts read otherwise in `before`; one query."""
    rows = list(rows)
    old = {row.record_id: row for row in before.parties.filter(record_id__in=[row.record_id for row in rows])}
    return {
        row.record_id: ", ".join(
            words
            for name, words in PARTY_WORDS.items()
            if row.record_id in old and getattr(row, name) != getattr(old[row.record_id], name)
        )
        for row in rows
    }


def stopping_alerts() -> QuerySet[Alert]:
    """Alerts that stop a purchase, about suppliers and about makers in opened proposals: undecided ones that are
    listed, and confirmed ones whatever the lists hold.
    """
    return Alert.objects.filter(Q(state__in=Alert.CONFIRMED) | Q(state__in=Alert.UNDECIDED, is_current=True))


def blocking_alerts() -> QuerySet[Alert]:
    """Those about suppliers' own profiles: they hold the supplier's standing."""
    return stopping_alerts().filter(role__in=PROFILE_ROLES)


def active_snapshots() -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(is_active=True).order_by("source")
