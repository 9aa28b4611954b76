"""What people do with suppliers and screening lists: each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.db import transaction

from portal import audit
from portal.models import User
from suppliers import queries
from suppliers.models import ListedParty, Membership, Snapshot, Supplier
from suppliers.screening import lists, party


class Refused(Exception):
    """The action cannot be done; the message says why, in words for the person who asked."""


def register_supplier(supplier: Supplier, *, by: User, at: datetime) -> Supplier:
    """Store a new organisation with its first owner. Raises Refused for staff."""
    if not by.is_supplier:
        raise Refused("Staff accounts do not belong to a supplier.")
    with transaction.atomic():
        supplier.save()
        Membership.objects.create(supplier=supplier, user=by, level=Membership.Level.OWNER)
        audit.record("supplier.registered", supplier, by=by, at=at)
        return supplier


def change_profile(
    supplier: Supplier, save: Callable[[], object], *, part: str, by: User, at: datetime
) -> None:
    """Run `save`, which writes one part of the profile, for someone who may change it. Raises Refused."""
    with transaction.atomic():
        if not queries.suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
            raise Refused("Your account may read this company's profile but not change it.")
        save()
        audit.record("supplier.changed", supplier, by=by, at=at, part=part)


def load_ofac(
    sdn: bytes, *, alt: bytes = b"", add: bytes = b"", as_of: date, at: datetime, by: User | None
) -> Snapshot:
    """Load OFAC's official files into a new active snapshot. Raises lists.ListError."""
    parties = lists.read_ofac(sdn, alt, add)
    return _activate("ofac", parties, digest=_digest(sdn, alt, add), as_of=as_of, at=at, by=by)


def load_custom(
    data: bytes, *, name: str, source: str, as_of: date, at: datetime, by: User | None
) -> Snapshot:
    """Load a list in the portal's own format. Raises lists.ListError."""
    parties = lists.read_custom(data, name=name)
    return _activate(source, parties, digest=_digest(data), as_of=as_of, at=at, by=by)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


def _activate(
    source: str,
    parties: Iterable[party.ListedParty],
    *,
    digest: str,
    as_of: date,
    at: datetime,
    by: User | None,
) -> Snapshot:
    """A new immutable snapshot takes the place of the active one of its source, in one transaction."""
    rows = list(parties)
    with transaction.atomic():
        Snapshot.objects.filter(source=source, is_active=True).update(is_active=False)
        snapshot = Snapshot.objects.create(
            source=source, loaded_at=at, as_of=as_of, sha256=digest, parties_count=len(rows), is_active=True
        )
        ListedParty.objects.bulk_create(
            [
                ListedParty(
                    snapshot=snapshot,
                    record_id=row.record_id,
                    name=row.name[:400],
                    aliases=[alias[:400] for alias in row.aliases],
                    kind=row.kind[:20],
                    programme=row.programme[:200],
                    countries=list(row.countries),
                    remarks=row.remarks,
                )
                for row in rows
            ],
            batch_size=2000,
        )
        audit.record(
            "list.activated", snapshot, by=by, at=at, source=source, sha256=digest, parties=len(rows)
        )
        return snapshot
