"""Who is admitted to an RFP, what each company said, and which documents a person may take."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from portal.models import User
from rfp.publishing.audience_models import Admission, Intent, NdaAcceptance
from rfp.publishing.key_facts import Access
from rfp.publishing.models import Solicitation, SolicitationDocument
from rfp.publishing.queries import open_solicitations
from suppliers.company.queries import suppliers_changeable_by
from suppliers.models import Membership, Supplier


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


def answers_of(solicitation: Solicitation, user: User) -> list[tuple[Supplier, Intent | None]]:
    """What the companies for which a person may answer have said, by name; two queries. A few companies."""
    companies = list(suppliers_changeable_by(user).order_by("legal_name")[:20])
    said = Intent.objects.filter(solicitation=solicitation, supplier__in=companies).order_by("id")
    latest = {each.supplier_id: each for each in said}
    return [(company, latest.get(company.pk)) for company in companies]


def must_sign_first(user: User | AnonymousUser, document: SolicitationDocument) -> bool:
    """Whether the agreement stands between a person and a document. Staff who see the RFP sign elsewhere."""
    solicitation = document.solicitation
    if not document.needs_nda or not solicitation.nda.strip():
        return False
    if not isinstance(user, User):
        return True
    if not user.is_supplier:
        return False
    return signed_by(user, solicitation) is None


def signed_by(user: User, solicitation: Solicitation) -> NdaAcceptance | None:
    """A person's first signature under the agreement as it reads now."""
    signed = NdaAcceptance.objects.filter(
        solicitation=solicitation, user=user, sha256=nda_sha256(solicitation)
    )
    return signed.select_related("supplier").order_by("at", "pk").first()


def to_answer(user: User, *, now: datetime) -> QuerySet[Solicitation]:
    """Open invited RFPs for which a company of the person is admitted and hasn't said whether it will respond."""
    companies = suppliers_changeable_by(user)
    said = Intent.objects.filter(solicitation=OuterRef("solicitation"), supplier=OuterRef("supplier"))
    silent = Admission.objects.filter(~Exists(said), supplier__in=companies)
    rfps = open_solicitations(now).filter(access=Access.INVITED, pk__in=silent.values("solicitation"))
    return rfps.order_by("published_at", "pk")


def signers_near(user: User, levels: Sequence[Membership.Level]) -> list[Membership]:
    """People of these levels in a person's companies: who can sign there. A few, owners first."""
    own = Membership.objects.filter(user=user).values("supplier")
    found = Membership.objects.filter(supplier__in=own, level__in=levels, user__is_active=True)
    return list(found.select_related("user", "supplier").order_by("-level", "user__name", "pk")[:6])


def nda_sha256(solicitation: Solicitation) -> str:
    """SHA-256 (hex) of the agreement's words."""
    return sha256_of(solicitation.nda.strip())


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
