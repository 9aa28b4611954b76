"""Who is admitted to an RFP, what each company said, and which documents a person may take."""

from __future__ import annotations

import hashlib

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from portal.models import User
from rfp.publishing.audience_models import Admission, Intent, NdaAcceptance
from rfp.publishing.models import Solicitation, SolicitationDocument
from suppliers.models import Supplier


def companies_of(solicitation: Solicitation) -> QuerySet[Supplier]:
    """Companies that are admitted or said whether they will respond, with both: for admins alone.

    Annotated: `admitted_at`, `admitted_by_code`, `will_respond`, `why_not`, `said_at`, `has_signed`.
    """
    admission = Admission.objects.filter(solicitation=solicitation, supplier=OuterRef("pk"))
    said = Intent.objects.filter(solicitation=solicitation, supplier=OuterRef("pk")).order_by("-id")
    signed = NdaAcceptance.objects.filter(
        solicitation=solicitation, supplier=OuterRef("pk"), sha256=nda_sha256(solicitation)
    )
    found = Supplier.objects.filter(Exists(admission) | Exists(said))
    return found.annotate(
        admitted_at=Subquery(admission.values("at")[:1]),
        admitted_by_code=Subquery(admission.values("code__label")[:1]),
        will_respond=Subquery(said.values("will_respond")[:1]),
        why_not=Subquery(said.values("reason")[:1]),
        said_at=Subquery(said.values("at")[:1]),
        has_signed=Exists(signed),
    )


def latest_intent(solicitation: Solicitation, supplier: Supplier) -> Intent | None:
    return Intent.objects.filter(solicitation=solicitation, supplier=supplier).order_by("-id").first()


def must_sign_first(user: User | AnonymousUser, document: SolicitationDocument) -> bool:
    """Whether the agreement stands between a person and a document. Staff who see the RFP sign elsewhere."""
    solicitation = document.solicitation
    if not document.needs_nda or not solicitation.nda.strip():
        return False
    if not isinstance(user, User):
        return True
    if not user.is_supplier:
        return False
    return not NdaAcceptance.objects.filter(
        solicitation=solicitation, user=user, sha256=nda_sha256(solicitation)
    ).exists()


def nda_sha256(solicitation: Solicitation) -> str:
    """SHA-256 (hex) of the agreement's words."""
    return sha256_of(solicitation.nda.strip())


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
