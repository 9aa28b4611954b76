"""Screening lists: staged, put to use, taken back."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import connection, transaction

from portal.frame.jobs import enqueue_name_on_commit, enqueue_on_commit
from portal.kit.codec import canonical, dump
from portal.kit.formats import when
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from suppliers import lists
from suppliers.company import queries as company_queries
from suppliers.company.models import Supplier
from suppliers.matching import party
from suppliers.screening import queries as screening_queries
from suppliers.screening import tasks
from suppliers.screening.models import ListedParty, ListPreview, ScreeningRun, Snapshot

# Any constant will do; it names the loads among the database's advisory locks.
LOAD_LOCK = 0x0A0D18


class LoadedAlready(Refused):
    """The same files with the same day are `snapshot` already."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(f"These files were already loaded on {when(snapshot.loaded_at)}.")
        self.snapshot = snapshot


def load_list(
    found: lists.ListFile, *, as_of: date, at: datetime, confirmed: bool = False, reason: str = ""
) -> Snapshot:
    """Stage a list and make it the active one, as an operator does on the server. Raises Refused like `stage_list` and
    `activate_list`.
    """
    with transaction.atomic():
        snapshot = stage_list(found, as_of=as_of, by=None, at=at)
        return activate_list(snapshot, by=None, at=at, confirmed=confirmed, reason=reason)


def stage_list(found: lists.ListFile, *, as_of: date, by: User | None, at: datetime) -> Snapshot:
    """Store what was read into a new immutable snapshot that nobody is screened against yet, and for an officer have
    worked out what using it would change.

    Raises Refused when the day it was published is still to come, and LoadedAlready, which names the load, for the
    same files with the same day. Without `by` an operator loads it on the server.
    """
    _for_officers(by)
    if as_of > at.date():
        raise Refused("The publication date can’t be in the future.")
    with transaction.atomic():
        if (same := _loaded_before(found, as_of)) is not None:
            raise LoadedAlready(same)
        snapshot = Snapshot.objects.create(
            source=found.source,
            loaded_at=at,
            loaded_by=by,
            as_of=as_of,
            sha256=found.sha256,
            files=[name[:200] for name in found.files],
            warnings=list(found.warnings),
            parties_count=len(found.parties),
            names_count=sum(1 + len(each.aliases) for each in found.parties),
            addresses_count=sum(len(each.addresses) for each in found.parties),
            identifiers_count=sum(len(each.identifiers) for each in found.parties),
            parts=list(found.parts),
        )
        ListedParty.objects.bulk_create([_row(snapshot, each) for each in found.parties], batch_size=2000)
        audit.record(
            "list.loaded",
            snapshot,
            by=by,
            at=at,
            source=found.source,
            sha256=found.sha256,
            parties=len(found.parties),
        )
        if by is not None:
            preview_list(snapshot, by=by, at=at)
        return snapshot


def _for_officers(by: User | None) -> None:
    if by is not None and not company_queries.is_officer(by):
        raise Refused("Only compliance officers can load and activate lists.")


def _loaded_before(found: lists.ListFile, as_of: date) -> Snapshot | None:
    """The load of the same bytes and day. Two loads of one source wait for each other, for a list is a minute's
    work; with a later day the same bytes are news: the publisher has changed nothing since.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOAD_LOCK, found.source])
    same = Snapshot.objects.filter(source=found.source, sha256=found.sha256, as_of=as_of)
    return same.order_by("pk").first()


def _row(snapshot: Snapshot, each: party.ListedParty) -> ListedParty:
    return ListedParty(
        snapshot=snapshot,
        record_id=each.record_id[:64],
        list_code=each.list_code[:20],
        name=each.name[:400],
        aliases=[alias[:400] for alias in each.aliases],
        weak_aliases=[alias[:400] for alias in each.weak_aliases],
        kind=each.kind[:20],
        programme=each.programme[:200],
        countries=[country[:80] for country in each.countries],
        addresses=list(each.addresses),
        identifiers=[list(pair) for pair in each.identifiers],
        parents=[name[:400] for name in each.parents],
        starts=each.starts,
        ends=each.ends,
        citation=each.citation,
        remarks=each.remarks,
        fingerprint=hashlib.sha256(canonical(dump(each)).encode()).hexdigest(),
    )


def activate_list(
    snapshot: Snapshot,
    *,
    by: User | None,
    at: datetime,
    confirmed: bool = False,
    reason: str = "",
    instead_of: int | None = None,
) -> Snapshot:
    """Screen against this snapshot from now on, and everybody again in the background. An older snapshot is a
    rollback: the same act. No confirmed match ends by it, whatever the list holds.

    `instead_of` is the active one the officer compared it with, 0 when there was none, None when nothing was
    compared. Raises Refused when another one has come into use since; when the active load had files that this one
    lacks; when there are `doubts` that were not confirmed with a reason; and, for an officer, until it is worked out
    what would change among our suppliers.
    """
    _for_officers(by)
    with transaction.atomic():
        # All loads of the source, so that two officers wait for each other also where none is active yet.
        loads = list(Snapshot.objects.select_for_update().filter(source=snapshot.source).order_by("pk"))
        active = next((each for each in loads if each.is_active), None)
        _must_be_the_one_compared(snapshot, active, instead_of)
        found = screening_queries.doubts(snapshot, active)
        if found and not (confirmed and reason.strip()):
            raise Refused(f"{' '.join(found)} Confirm that this is right, with a reason.")
        if by is not None and not screening_queries.is_previewed(snapshot, active):
            raise Refused("Wait for the preview of what would change for your suppliers.")
        _put_in_use(snapshot, active, at=at)
        why = reason.strip() if found else ""
        run = ScreeningRun.objects.create(
            snapshot=snapshot, by=by, reason=why, started_at=at, total=Supplier.objects.count()
        )
        audit.record(
            "list.activated",
            snapshot,
            by=by,
            at=at,
            source=snapshot.source,
            sha256=snapshot.sha256,
            parties=snapshot.parties_count,
            replaced=active.pk if active else None,
            doubts=len(found),
        )
        enqueue_on_commit(tasks.rescreen, run.pk)
        return snapshot


def _must_be_the_one_compared(snapshot: Snapshot, active: Snapshot | None, instead_of: int | None) -> None:
    """Raises Refused for the active list itself, for one compared with another, and for one that lacks files."""
    if active == snapshot:
        raise Refused("This list is already active.")
    if instead_of is not None and instead_of != (active.pk if active else 0):
        raise Refused(
            "A different version of this list was activated while you were reviewing. Review the changes again."
        )
    if missing := screening_queries.missing_files(snapshot, active):
        raise Refused(missing)


def _put_in_use(snapshot: Snapshot, active: Snapshot | None, *, at: datetime) -> None:
    if active is not None:
        active.is_active = False
        active.save(update_fields=["is_active"])
    snapshot.is_active, snapshot.activated_at = True, at
    snapshot.save(update_fields=["is_active", "activated_at"])


def preview_list(snapshot: Snapshot, *, by: User | None, at: datetime) -> ListPreview:
    """Have worked out, in the background, what activating this list would change among our suppliers. Raises Refused
    for anyone who is not an officer, and for the list in use.
    """
    _for_officers(by)
    with transaction.atomic():
        if Snapshot.objects.filter(pk=snapshot.pk, is_active=True).exists():
            raise Refused("This list is already active.")
        preview = ListPreview.objects.create(
            snapshot=snapshot,
            against=screening_queries.active_twin(snapshot),
            started_at=at,
            total=Supplier.objects.count(),
        )
        enqueue_name_on_commit("suppliers.qualification.tasks.preview_list", preview.pk)
        return preview
