"""Who may take a controlled document, where each company stands with it, and what waits for an officer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal.models import User
from rfp.controlled.models import ExportCertification, ExportRuling
from rfp.publishing.models import SolicitationDocument
from suppliers.company.queries import suppliers_of
from suppliers.models import Membership, Supplier

WAITING = "waiting"
# State → (state of the kit, words for officers).
STATE_WORDS = {
    WAITING: ("open", "Waiting"),
    ExportRuling.Kind.RELEASED.value: ("met", "Released"),
    ExportRuling.Kind.REFUSED.value: ("not", "Refused"),
    ExportRuling.Kind.REVOKED.value: ("withdrawn", "Revoked"),
}


@dataclass(frozen=True)
class OwnState:
    """Where a company stands with a document. `state` is blank before it certified; `reason` is an officer's."""

    supplier: Supplier
    state: str = ""
    since: datetime | None = None
    reason: str = ""

    @property
    def may_certify(self) -> bool:
        """A company that was refused or lost its release can certify again."""
        return self.state not in (WAITING, ExportRuling.Kind.RELEASED)


def with_state(rows: QuerySet[ExportCertification]) -> QuerySet[Any]:
    """Annotated with the last ruling: `state`, `ruled_at` and `ruled_why`; "waiting" where there is none."""
    last = ExportRuling.objects.filter(certification=OuterRef("pk")).order_by("-id")
    return rows.annotate(
        state=Coalesce(Subquery(last.values("kind")[:1]), Value(WAITING)),
        ruled_at=Subquery(last.values("at")[:1]),
        ruled_why=Subquery(last.values("reason")[:1]),
    )


def certifications_visible_to(user: User | AnonymousUser) -> QuerySet[Any]:
    """All of them for officers, who rule, and for admins and auditors, who read; none for anyone else."""
    reads = (
        isinstance(user, User) and user.is_active and (user.is_officer or user.is_admin or user.is_auditor)
    )
    rows = ExportCertification.objects.all() if reads else ExportCertification.objects.none()
    return with_state(rows).select_related("document__solicitation", "supplier", "by")


def waiting() -> QuerySet[Any]:
    """Certifications that no officer has ruled on."""
    return with_state(ExportCertification.objects.all()).filter(state=WAITING)


def own_states(user: User, document: SolicitationDocument) -> list[OwnState]:
    """The person's companies, by name, each with where it stands; two queries."""
    companies = list(suppliers_of(user).order_by("legal_name")[:20])
    rows = with_state(ExportCertification.objects.filter(document=document, supplier__in=companies))
    latest = {row.supplier_id: row for row in rows.order_by("id")}
    return [
        OwnState(company, state=row.state, since=row.ruled_at or row.at, reason=row.ruled_why or "")
        if (row := latest.get(company.pk))
        else OwnState(company)
        for company in companies
    ]


def signs_for(user: User) -> QuerySet[Supplier]:
    """Companies for which a person certifies: only owners do."""
    return suppliers_of(user).filter(memberships__user=user, memberships__level=Membership.Level.OWNER)


def release_for(user: User, document: SolicitationDocument) -> ExportCertification | None:
    """What lets a supplier's person take the document: the latest certification of one of the person's companies, if an
    officer released it and hasn't revoked that."""
    later = ExportCertification.objects.filter(document=document, supplier=OuterRef("supplier"))
    rows = ExportCertification.objects.filter(
        document=document,
        supplier__in=suppliers_of(user),
        pk=Subquery(later.order_by("-id").values("pk")[:1]),
    )
    found: ExportCertification | None = (
        with_state(rows).filter(state=ExportRuling.Kind.RELEASED).order_by("pk").first()
    )
    return found


def handles_controlled(user: User) -> bool:
    """Admins, who upload these documents, and officers, who release them, take them without a certification."""
    return user.is_admin or user.is_officer


def rulings_of(certification: ExportCertification) -> QuerySet[ExportRuling]:
    return certification.rulings.select_related("by").order_by("id")


def downloads_of(certification: ExportCertification) -> QuerySet[Any]:
    return certification.downloads.annotate(who=F("by__name")).order_by("-id")
