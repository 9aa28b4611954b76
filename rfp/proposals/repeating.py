"""A received revision repeated after the close, with nothing but what was missing added to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Max

from portal.kit.codec import canonical, load
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.proposals import manifest, revision_facts
from rfp.proposals.models import Proposal, Reconfirmed, Revision
from rfp.publishing.models import Window
from rfp.signals import revision_received, revision_repeated
from suppliers.facts import SupplierFacts

# What is copied beside the content: the signature, the company as it was, and the version that is answered.
KEPT = (
    "signer_name",
    "signer_title",
    "attested_at",
    "saved_at",
    "supplier_snapshot",
    "rfp_version",
)
ROWS: tuple[type[models.Model], ...] = (*manifest.ROWS, Reconfirmed)


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What may differ: fields of the revision, and ids of requirements by answer and by file."""

    fields: Collection[str] = ()
    answers: Collection[int] = ()
    files: Collection[int] = ()

    def covers(self, place: str) -> bool:
        """Whether a place of `content_of` may differ."""
        kind, _, name = place.partition(":")
        if kind == "field":
            return name in self.fields
        asked = {"response": self.answers, "attachment": self.files}.get(kind, ())
        return name in {str(pk) for pk in asked}


def repeat_revision(
    proposal: Proposal,
    write: Callable[[Revision], None],
    *,
    touched: Touched,
    window: Window,
    by: User,
    at: datetime,
) -> Revision:
    """Receive the proposal's current revision again with what `write` adds. The company, the signature and every other
    word are those of the first receipt. `proposal` is locked by the caller, in a transaction.

    Raises Refused where anything but `touched` differs.
    """
    base = proposal.current_revision
    assert base is not None, "it was received"
    last = proposal.revisions.aggregate(last=Max("number"))["last"]
    new = Revision.objects.create(
        proposal=proposal,
        number=last + 1,
        counts_from=base.in_time_at,
        **{name: getattr(base, name) for name in KEPT},
    )
    manifest.copy_content(base, new, rows=ROWS)
    write(new)
    if strange := [each for each in differing(base, new) if not touched.covers(each)]:
        raise Refused(f"This would change more than was asked for ({len(strange)} places). Nothing was sent.")
    _receive(new, by=by, at=at)
    proposal.current_revision, proposal.reviewers = new, 0
    proposal.save(update_fields=["current_revision", "reviewers"])
    revision_repeated.send(sender=Revision, old=base.pk, new=new.pk)
    revision_received.send(sender=Revision, revision_id=new.pk)
    audit.record(
        "proposal.submitted",
        proposal,
        by=by,
        at=at,
        revision=new.number,
        window=window.number,
        content=new.content_sha256,
    )
    return new


def _receive(new: Revision, *, by: User, at: datetime) -> None:
    revision = revision_facts.revision_for_facts(new.pk)
    supplier = load(SupplierFacts, new.supplier_snapshot)
    new.content_sha256 = manifest.fingerprint_of(revision, supplier)
    new.received_at, new.submitted_by = at, by
    new.save(update_fields=["content_sha256", "received_at", "submitted_by"])


def differing(base: Revision, new: Revision) -> list[str]:
    """The places in which two revisions differ, as `content_of` names them."""
    before, after = content_of(base), content_of(new)
    return sorted(place for place in before.keys() | after.keys() if before.get(place) != after.get(place))


def content_of(revision: Revision) -> Mapping[str, str]:
    """place → what stands there, in canonical JSON: every field and row of a revision, as the database holds it.

    Places are `field:<name>`, `response:<requirement>`, `attachment:<requirement>`, and `<table>:` for all others.
    """
    stored = Revision.objects.get(pk=revision.pk)
    names = (*manifest.FIELDS, *KEPT)
    found: dict[str, Any] = {f"field:{name}": _plain(getattr(stored, name)) for name in names}
    found["field:items"] = sorted(stored.items.values_list("pk", flat=True))
    for model in ROWS:
        kind = model._meta.model_name
        columns = [f.attname for f in model._meta.concrete_fields if f.name not in ("id", "revision")]
        for row in model._default_manager.filter(revision=stored).order_by("pk").values(*columns):
            asked = row["requirement_id"] if kind in ("response", "attachment") else ""
            place = f"{kind}:{'' if asked is None else asked}"
            found.setdefault(place, []).append({name: _plain(value) for name, value in row.items()})
    return {place: canonical(value) for place, value in found.items()}


def _plain(value: Any) -> Any:
    """JSON as it is; anything else as text with its kind, so that nothing that differs looks alike."""
    if value is None or isinstance(value, dict | list | str | int | float):
        return value
    return f"{type(value).__name__} {value}"
