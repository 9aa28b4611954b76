"""RFPs: who may see and change them, which are open, and what they ask of a lot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from portal.kit import along
from portal.kit.compliance import Envelope
from portal.models import User
from rfp import conditions, stages
from rfp.publishing.audience_models import Admission
from rfp.publishing.key_facts import Access
from rfp.publishing.models import Lot, Opening, Solicitation, Window
from rfp.publishing.question_models import Requirement
from suppliers.models import Supplier

Person = User | AnonymousUser


# ---- who may see what -------------------------------------------------------------------------------------------


def solicitations_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Published RFPs that everyone sees, and those that a person is invited to; an admin also sees drafts.

    An invited RFP doesn't exist for anyone else: suppliers see it once their company is admitted, reviewers if they
    are on its panel, officers and auditors always.
    """
    if not isinstance(user, User):
        return public_solicitations()
    if user.is_admin:
        return Solicitation.objects.all()
    published = Solicitation.objects.filter(published_at__isnull=False)
    if user.is_officer or user.is_auditor:
        return published
    admitted = Admission.objects.filter(solicitation=OuterRef("pk"), supplier__memberships__user=user)
    seated = Solicitation.objects.filter(evaluators__user=user).values("pk")
    return published.filter(Q(access=Access.PUBLIC) | Exists(admitted) | Q(pk__in=seated))


def published_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Those of them that are published: admins too find no draft on an RFP's own pages."""
    return solicitations_visible_to(user).filter(published_at__isnull=False)


def public_solicitations() -> QuerySet[Solicitation]:
    """Published RFPs that everyone sees: what feeds and open data tell."""
    return Solicitation.objects.filter(published_at__isnull=False, access=Access.PUBLIC)


def is_admitted(solicitation: Solicitation, supplier: Supplier) -> bool:
    """Whether a company may respond."""
    if solicitation.access == Access.PUBLIC:
        return True
    return Admission.objects.filter(solicitation=solicitation, supplier=supplier).exists()


def solicitations_editable_by(user: Person) -> QuerySet[Solicitation]:
    """RFPs an admin may still change."""
    if isinstance(user, User) and user.is_admin:
        return Solicitation.objects.filter(published_at__isnull=True)
    return Solicitation.objects.none()


def lots_with_readable_references(solicitation: Solicitation) -> set[int]:
    """Lots whose reference prices an admin may read. A sealed one is read again once prices of its lot are open."""
    if not solicitation.reference_sealed or not solicitation.is_published:
        return set(solicitation.lots.values_list("pk", flat=True))
    opened = Opening.objects.filter(
        window__solicitation=solicitation, envelope=Envelope.PRICE, confirmed_at__isnull=False
    )
    return set(opened.values_list("lot", flat=True))


# ---- where things stand -----------------------------------------------------------------------------------------


def stage_of(solicitation: Solicitation, *, now: datetime) -> stages.Stage:
    """The stage of a solicitation; prefetch `windows` for lists."""
    return stages.stage_of(
        published_at=solicitation.published_at,
        final_status=solicitation.final_status,
        windows=[stages.Span(window.opens_at, window.closes_at) for window in solicitation.windows.all()],
        now=now,
    )


def open_solicitations(now: datetime) -> QuerySet[Solicitation]:
    """Twin of `stages.stage_of(...) == Stage.OPEN`, for lists."""
    return Solicitation.objects.filter(
        Exists(Window.objects.filter(solicitation=OuterRef("pk"), opens_at__lte=now, closes_at__gt=now)),
        published_at__lte=now,
        final_status="",
    )


def open_window(solicitation: Solicitation, *, now: datetime) -> Window | None:
    """The window that would take a proposal received at `now`."""
    return solicitation.windows.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at").first()


def requirements_for(lot: Lot) -> QuerySet[Requirement]:
    """Common requirements and the lot's own, in order, with the items each applies to."""
    return _asked_of(lot).select_related("feeds").prefetch_related("applies_to")


def asked_now(solicitation: Solicitation) -> QuerySet[Requirement]:
    """An RFP's requirements as they are worded today."""
    return solicitation.requirements.filter(until__isnull=True)


def _asked_of(lot: Lot) -> QuerySet[Requirement]:
    return _wordings(lot).filter(until__isnull=True)


def _wordings(lot: Lot) -> QuerySet[Requirement]:
    rows = Requirement.objects.filter(Q(lot=lot) | Q(lot__isnull=True), solicitation=lot.solicitation_id)
    return rows.order_by(F("lot").asc(nulls_first=True), "position", "code", "since")


def wordings_of(lot: Lot) -> list[Requirement]:
    """What was ever asked of the lot, in every wording; fetched once for this object, in one query."""
    known: list[Requirement] | None = lot.__dict__.get("_requirements")
    if known is None:
        known = lot.__dict__["_requirements"] = along.every(_wordings(lot), "feeds", "applies_to")
    return known


def requirements_of(lot: Lot, version: int | None = None) -> list[Requirement]:
    """The same as `requirements_for`, fetched once for this object: rules and scoring ask for them in turn.

    `version`: of the RFP, whose wordings count; None for the current one.
    """
    return [r for r in wordings_of(lot) if (r.until is None if version is None else r.is_asked_in(version))]


def applicable(requirements: Iterable[Requirement], item_ids: set[int]) -> list[Requirement]:
    """Those that concern at least one offered item; a requirement without items concerns all."""
    return [r for r in requirements if not (ids := {i.pk for i in r.applies_to.all()}) or ids & item_ids]


def condition_of(requirement: Requirement) -> conditions.Question:
    """A requirement as conditions see it."""
    own = requirement.answered_by == Requirement.AnsweredBy.RESPONSE
    kinds = {
        Requirement.DataType.BOOLEAN: conditions.YES_OR_NO,
        Requirement.DataType.CHOICE: tuple(requirement.choices),
    }
    return conditions.Question(
        code=requirement.code,
        lot=str(requirement.lot_id or ""),
        answers=kinds.get(Requirement.DataType(requirement.data_type), ()) if own else (),
        is_sealed=requirement.envelope == Envelope.PRICE.value,
        only_if=requirement.only_if,
        only_if_answer=requirement.only_if_answer,
    )
