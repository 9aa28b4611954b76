"""Companies and their profiles: registered, changed, signed for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.jobs import enqueue_on_commit
from portal.models import User
from suppliers import queries, search, tasks
from suppliers.actions.refused import Refused
from suppliers.models import Attestation, Membership, Supplier
from suppliers.reference.attestation_texts import text_of

# The parts of a profile whose names and numbers are compared with the lists.
SCREENED_PARTS = frozenset(("identity", "owners", "officers", "sites"))
# So that a burst of autosaved changes is looked at once, or nearly.
SETTLE_SECONDS = 3.0


def register_supplier(supplier: Supplier, *, by: User, at: datetime) -> Supplier:
    """Store a new organisation with its first owner. Raises Refused for staff.

    Whether another company looks like it is found out later, by a task: neither the answer nor its time tells.
    """
    if not by.is_supplier:
        raise Refused("Staff accounts can’t belong to a supplier.")
    with transaction.atomic():
        supplier.changed_at = at
        supplier.save()
        search.refresh(supplier)
        Membership.objects.create(supplier=supplier, user=by, level=Membership.Level.OWNER)
        audit.record("supplier.registered", supplier, by=by, at=at)
        enqueue_on_commit(tasks.look_for_namesakes, supplier.pk)
        enqueue_on_commit(tasks.assess_supplier, supplier.pk)
        return supplier


def change_profile(
    supplier: Supplier, save: Callable[[], object], *, part: str, by: User, at: datetime
) -> None:
    """Run `save`, which writes one part of the profile, for someone who may change it. Raises Refused."""
    with transaction.atomic():
        _require_change(supplier, by)
        before = _known_by(supplier)
        save()
        search.refresh(supplier)
        _changed(supplier, part=part, by=by, at=at)
        # Not at every word somebody types: all names are read for it.
        if part == "identity" and _known_by(supplier) != before:
            enqueue_on_commit(tasks.look_for_namesakes, supplier.pk)


def sign_attestations(
    supplier: Supplier,
    answers: Mapping[str, tuple[bool, str]],
    *,
    signer: str,
    title: str,
    by: User,
    at: datetime,
) -> None:
    """Store an owner's signature under statements: code → (answer, explanation). Raises Refused for others."""
    with transaction.atomic():
        if not queries.may_attest(by, supplier):
            raise Refused("Only an owner of the account can sign for the company.")
        for code, (answer, explanation) in answers.items():
            text = text_of(code)
            if text is None:
                raise Refused("This statement does not exist.")
            Attestation.objects.create(
                supplier=supplier,
                code=code,
                version=text.version,
                text=text.text,
                answer=answer,
                explanation=explanation.strip(),
                signer=signer.strip(),
                title=title.strip(),
                by=by,
                signed_at=at,
            )
        _changed(supplier, part="attestations", by=by, at=at)


def _known_by(supplier: Supplier) -> tuple[str, str]:
    """By what another company may be taken for this one."""
    return Supplier.objects.values_list("legal_name", "uei").get(pk=supplier.pk)


def _require_change(supplier: Supplier, by: User) -> None:
    if not queries.suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Your account can view this company’s profile but not change it.")


def _changed(supplier: Supplier, *, part: str, by: User, at: datetime) -> None:
    stamps = {"changed_at": at, **({"names_changed_at": at} if part in SCREENED_PARTS else {})}
    Supplier.objects.filter(pk=supplier.pk).update(**stamps)
    audit.record("supplier.changed", supplier, by=by, at=at, part=part)
    enqueue_on_commit(tasks.assess_supplier, supplier.pk, countdown=SETTLE_SECONDS)
