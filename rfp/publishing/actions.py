"""An RFP: set up, changed, published. Each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from django.db import models, transaction

from portal.files.storing import CheckedFile, store
from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.publishing import publication
from rfp.publishing.models import Solicitation, SolicitationDocument
from rfp.publishing.preparing import copying, second_look
from rfp.publishing.question_models import Requirement
from rfp.signals import solicitation_published

# ---- admins -------------------------------------------------------------------------------------------------------


def publication_gaps(solicitation: Solicitation) -> list[str]:
    """What keeps an RFP from being published, in words."""
    return [gap.text for gap in publication.gaps(solicitation)]


def publish_solicitation(
    solicitation: Solicitation, *, by: User, looked: Collection[str] = (), at: datetime | None = None
) -> None:
    """Make an RFP public. Raises Refused with every gap named.

    `looked`: keys of the points that the person has looked at again and publishes anyway. A point that is not among
    them refuses, and those that are stand in the event.
    """
    with transaction.atomic():
        now = at or clock.transaction_start()
        locked = Solicitation.objects.select_for_update().get(pk=solicitation.pk)
        if locked.is_published:
            raise Refused("This RFP is already published.")
        if gaps := publication_gaps(locked):
            raise Refused(" ".join(gaps))
        points = second_look.points(locked, now=now)
        if unseen := [point.text for point in points if point.key not in looked]:
            raise Refused(" ".join(["Check these points before you publish.", *unseen]))
        locked.published_at = now
        locked.save(update_fields=["published_at"])
        solicitation.published_at = now
        anyway = {"anyway": [point.key for point in points]} if points else {}
        audit.record("solicitation.published", locked, by=by, at=now, **anyway)
        solicitation_published.send(Solicitation, solicitation_id=locked.pk, at=now)


def add_document(
    solicitation: Solicitation,
    checked: CheckedFile,
    *,
    title: str,
    by: User,
    at: datetime,
    needs_nda: bool = False,
    export_control: str = "",
) -> SolicitationDocument:
    """Add a file to an RFP. `needs_nda`: suppliers get it once they signed the RFP's agreement. `export_control`: the
    regime and the reason; a company gets the file once an officer released it."""
    with transaction.atomic():
        row = SolicitationDocument.objects.create(
            solicitation=solicitation,
            document=store(checked, by=by, at=at),
            title=title or checked.name,
            needs_nda=needs_nda,
            export_control=export_control.strip(),
        )
        controlled = {"controlled": True} if row.export_control else {}
        audit.record("solicitation.document", solicitation, by=by, at=at, sha256=checked.sha256, **controlled)
        return row


class Filled(Protocol):
    """A form: it says whether what was typed will do, and stores it."""

    def is_valid(self) -> bool: ...
    def save(self) -> Any: ...


def create_solicitation(
    solicitation: Solicitation,
    *,
    template: Solicitation | None,
    parts: Collection[str] = tuple(copying.PARTS),
    by: User,
    at: datetime,
) -> Solicitation:
    """Store a new RFP, blank or with these parts of the template. Dates and the panel are not copied."""
    with transaction.atomic():
        solicitation.created_by = by
        if template is not None:
            copying.copy_head(template, solicitation, parts)
        solicitation.save()
        if template is not None:
            copying.copy_parts(template, solicitation, parts)
        facts: dict[str, Any] = {"template": template.number} if template else {}
        if template is not None and set(parts) != set(copying.PARTS):
            facts["parts"] = [part for part in copying.PARTS if part in parts]
        audit.record("solicitation.created", solicitation, by=by, at=at, **facts)
        return solicitation


def save_part(solicitation: Solicitation, form: Filled, *, what: str, by: User, at: datetime) -> bool:
    """Check and store a part of the RFP; False when the form has errors. Raises Refused once it is published."""
    with transaction.atomic():
        locked = _for_change(solicitation)
        if not form.is_valid():
            return False
        form.save()
        audit.record("solicitation.changed", locked, by=by, at=at, what=what)
        return True


def remove_part(solicitation: Solicitation, part: models.Model, *, what: str, by: User, at: datetime) -> None:
    """Take a part out of the RFP, with what belongs to it. Raises Refused once it is published, Needed where another
    part depends on it."""
    with transaction.atomic():
        locked = _for_change(solicitation)
        if isinstance(part, Requirement):
            _must_decide_nothing(locked, part)
        part.delete()
        audit.record("solicitation.changed", locked, by=by, at=at, what=what, removed=True)


class Needed(Refused):
    """Something else depends on the part."""


def _must_decide_nothing(solicitation: Solicitation, requirement: Requirement) -> None:
    """Raises Needed."""
    asked = solicitation.requirements.filter(until__isnull=True, only_if=requirement.code)
    if codes := sorted(asked.values_list("code", flat=True)):
        raise Needed(
            f"{requirement.code} decides whether we ask {', '.join(codes)}. Change when we ask that first."
        )


def _for_change(solicitation: Solicitation) -> Solicitation:
    locked = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
    if locked.is_published:
        raise Refused("This RFP is published. Change it with an addendum.")
    return locked
