"""Who may see and do what in an RFP's evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from portal.kit import along
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from rfp.models import Attachment, MarksShown, Opening, Proposal, Solicitation, Window
from rfp.proposals import queries as rfp_queries
from scoring.panel.models import Conflict, ConflictDeclaration, Evaluator

Person = User | AnonymousUser
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Conflicts:
    """Suppliers that are hidden from a person; `everybody` when the chair recused from the whole RFP."""

    suppliers: frozenset[int] = frozenset()
    everybody: bool = False

    def __bool__(self) -> bool:
        return self.everybody or bool(self.suppliers)


@dataclass(frozen=True, kw_only=True)
class LotAccess:
    """What a person may read of one lot in one window, and whether the person decides there."""

    technical_open: bool
    price_open: bool
    sees_panel: bool
    decides: bool
    declared: bool


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a person may read of one window: ids of lots by what is open to them."""

    technical_lots: frozenset[int]
    price_lots: frozenset[int]
    panel_lots: frozenset[int]
    decides: bool
    declared: bool

    def of(self, lot: int) -> LotAccess:
        return LotAccess(
            technical_open=lot in self.technical_lots,
            price_open=lot in self.price_lots,
            sees_panel=lot in self.panel_lots,
            decides=self.decides,
            declared=self.declared,
        )

    @property
    def technical_open(self) -> bool:
        return bool(self.technical_lots)

    @property
    def sees_panel(self) -> bool:
        return bool(self.panel_lots)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A person in one RFP's evaluation: the seat, the windows signed for, the conflicts."""

    user: User
    seat: Evaluator | None = None
    windows: frozenset[int] = frozenset()
    conflicts: Conflicts = field(default_factory=Conflicts)
    # Windows with an offer whose prices are sealed, as they were when the person entered.
    sealed: frozenset[int] = frozenset()

    @property
    def oversees(self) -> bool:
        """Sees every panel's marks without a seat."""
        return self.user.is_admin or self.user.is_auditor or self.user.is_officer

    @property
    def is_chair(self) -> bool:
        return self.seat is not None and self.seat.is_chair

    @property
    def decides(self) -> bool:
        return self.user.is_admin or self.is_chair

    @property
    def _is_shown(self) -> bool:
        """Whether the RFP shows reviewers the others' marks once prices are open."""
        return self.seat is None or self.seat.solicitation.marks_shown != MarksShown.NEVER

    def must_declare(self, window: Window) -> bool:
        """A reviewer reads nothing of a window before signing for it."""
        return self.seat is not None and window.pk not in self.windows

    def access(self, window: Window, openings: Iterable[Opening]) -> Access:
        opened = [each for each in openings if each.confirmed_at is not None]
        technical = _lots(opened, Envelope.TECHNICAL)
        price = _lots(opened, Envelope.PRICE) & technical
        declared = window.pk in self.windows
        if self.oversees:
            panel = technical
        elif self.seat is None or not declared or self.conflicts.everybody:
            panel = frozenset()
        else:
            panel = technical if self.is_chair else price if self._is_shown else frozenset()
        return Access(
            technical_lots=technical,
            price_lots=price,
            panel_lots=panel,
            decides=self.decides,
            declared=declared,
        )


def _lots(openings: Iterable[Opening], envelope: Envelope) -> frozenset[int]:
    return frozenset(each.lot_id for each in openings if each.envelope == envelope.value)


# What comes along with an RFP that somebody enters: the seat is one of these.
SEATS = "evaluators__user"


def viewer_of(user: User, solicitation: Solicitation) -> Viewer:
    """One query for a reviewer or an admin, none for who oversees only."""
    if not _takes_part(user):
        return Viewer(user=user)
    rfp = Solicitation.objects.filter(pk=solicitation.pk).only("pk")
    found = along.first(with_person(rfp, user), SEATS)
    assert found is not None, "it is stored"
    return viewer_in(user, solicitation, told=found, seats=found.evaluators.all())


def _takes_part(user: User) -> bool:
    """Whether the person can have a seat, sign a declaration, or name a conflict."""
    return user.is_reviewer or user.is_admin


# What a row tells of a person, as arrays. Written out: the ORM takes longer to build these than PostgreSQL to answer.
# The last is asked lot by lot: a window of thousands whose prices are open is not searched for one that is sealed.
RFP_OF = {
    Solicitation: "rfp_solicitation.id",
    Proposal: "(SELECT solicitation_id FROM rfp_lot WHERE id = rfp_proposal.lot_id)",
}
SIGNED = """ARRAY(
    SELECT d.window_id FROM scoring_conflictdeclaration d JOIN rfp_window w ON w.id = d.window_id
    WHERE d.user_id = %s AND w.solicitation_id = {rfp})"""
NAMED = (
    "ARRAY(SELECT k.supplier_id FROM scoring_conflict k WHERE k.user_id = %s AND k.solicitation_id = {rfp})"
)
SEALED = """ARRAY(
    SELECT w.id FROM rfp_window w WHERE w.solicitation_id = {rfp} AND EXISTS (
        SELECT FROM rfp_lot l WHERE l.solicitation_id = w.solicitation_id AND NOT EXISTS (
            SELECT FROM rfp_opening o WHERE o.window_id = w.id AND o.lot_id = l.id AND o.envelope = 'price'
                AND o.confirmed_at IS NOT NULL)
        AND EXISTS (
            SELECT FROM rfp_proposal p WHERE p.window_id = w.id AND p.lot_id = l.id
                AND p.current_revision_id IS NOT NULL AND p.withdrawn_at IS NULL)))"""


def with_person(found: QuerySet[M], user: User) -> QuerySet[M, M]:
    """RFPs or proposals with what they tell of the person, for `viewer_in`."""
    if not _takes_part(user):
        return found
    rfp = RFP_OF[found.model]
    told = found.annotate(
        signed=RawSQL(SIGNED.format(rfp=rfp), [user.pk]),
        named=RawSQL(NAMED.format(rfp=rfp), [user.pk]),
        sealed=RawSQL(SEALED.format(rfp=rfp), []),
    )
    return cast(QuerySet[M, M], told)


def viewer_in(user: User, solicitation: Solicitation, *, told: Any, seats: Iterable[Evaluator]) -> Viewer:
    """No query: `told` is a row of `with_person`, and `seats` are the RFP's, which came along with it."""
    if not _takes_part(user):
        return Viewer(user=user)
    seat = next((each for each in seats if user.is_reviewer and each.user_id == user.pk), None)
    if seat is not None:
        seat.solicitation = solicitation
    elif user.is_reviewer:
        return Viewer(user=user)
    suppliers = frozenset(each for each in told.named if each is not None)
    return Viewer(
        user=user,
        seat=seat,
        windows=frozenset(told.signed),
        conflicts=Conflicts(suppliers=suppliers, everybody=None in told.named),
        sealed=frozenset(told.sealed),
    )


def sees_names(viewer: Viewer, window: Window) -> bool:
    """Whether the person may know now who the suppliers of a window are. Whatever shows a name asks here.

    Where an RFP hides names, nobody on its panel knows them, the chair neither, until prices are open in every lot of
    the window that has offers: who knows a supplier in one lot knows its sites and figures in the others. No query.
    """
    seat = viewer.seat
    if seat is None or not seat.solicitation.names_hidden or seat.solicitation.final_status:
        return True
    return window.pk not in viewer.sealed


def is_chair(user: Person, solicitation: Solicitation) -> bool:
    return isinstance(user, User) and viewer_of(user, solicitation).is_chair


# ---- deciding -------------------------------------------------------------------------------------------------------


def must_decide_about(proposal: Proposal, by: User) -> None:
    """Chair and admins decide: after signing the window's declaration, and never about a supplier they have a
    conflict with. Raises Refused."""
    window = proposal.window
    assert window is not None, "it is submitted"
    if not (by.is_admin or is_chair(by, window.solicitation)):
        raise Refused("Only the chair or an admin can decide.")
    if not ConflictDeclaration.objects.filter(window=window, user=by).exists():
        raise Refused(f"Sign your conflict declaration for window {window.number} first.")
    conflicts = conflicts_with(proposal.supplier_id, solicitation=window.solicitation_id)
    if conflicts.filter(user=by).exists():
        raise Refused("You have a conflict with this supplier. Someone else must decide.")


# ---- lists ------------------------------------------------------------------------------------------------------


def solicitations_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Published RFPs whose buyers' pages the user may enter: a reviewer's by seat, others' of the staff all."""
    if not isinstance(user, User):
        return Solicitation.objects.none()
    published = Solicitation.objects.filter(published_at__isnull=False)
    if user.is_reviewer:
        return published.filter(evaluators__user=user)
    return published.none() if user.is_supplier else published


def conflicts_with(supplier: int | OuterRef, *, solicitation: int | OuterRef) -> QuerySet[Conflict]:
    """Everybody's conflicts that cover the supplier: it is named, or the person is off the whole RFP."""
    return Conflict.objects.filter(Q(supplier=supplier) | Q(supplier__isnull=True), solicitation=solicitation)


def proposals_visible_to(user: Person) -> QuerySet[Proposal]:
    """Opened proposals without suppliers the user has a conflict with; a reviewer's only after the declaration."""
    if not isinstance(user, User):
        return Proposal.objects.none()
    opened = rfp_queries.opened_proposals()
    if user.is_auditor or user.is_officer:
        return opened
    if user.is_reviewer:
        seated = Evaluator.objects.filter(user=user, solicitation=OuterRef("lot__solicitation"))
        signed = ConflictDeclaration.objects.filter(user=user, window=OuterRef("window"))
        opened = opened.filter(Exists(seated), Exists(signed))
    elif not user.is_admin:
        return opened.none()
    conflicts = conflicts_with(OuterRef("supplier"), solicitation=OuterRef("lot__solicitation"))
    return opened.exclude(Exists(conflicts.filter(user=user)))


def proposals_in(viewer: Viewer, window: Window, access: Access) -> QuerySet[Proposal]:
    """Twin of `proposals_visible_to` for one window, from what is known of the viewer: an index alone answers it."""
    return proposals_in_all(viewer, [(window, access)])


def proposals_in_all(viewer: Viewer, windows: Iterable[tuple[Window, Access]]) -> QuerySet[Proposal]:
    """The same for several."""
    read = [
        Q(window=window, lot__in=access.technical_lots)
        for window, access in windows
        if reads_in(viewer, window)
    ]
    if not read:
        return Proposal.objects.none()
    found = Proposal.objects.filter(
        reduce(or_, read), current_revision__isnull=False, withdrawn_at__isnull=True
    )
    hidden = hidden_from(viewer)
    return found.exclude(supplier__in=hidden) if hidden else found


def reads_in(viewer: Viewer, window: Window) -> bool:
    """Whether the person reads any of the window's opened proposals."""
    if viewer.user.is_auditor or viewer.user.is_officer:
        return True
    if viewer.conflicts.everybody:
        return False
    return viewer.user.is_admin or (viewer.seat is not None and window.pk in viewer.windows)


def hidden_from(viewer: Viewer) -> frozenset[int]:
    """Suppliers that a person who reads a window's proposals doesn't see."""
    oversees = viewer.user.is_auditor or viewer.user.is_officer
    return frozenset() if oversees else viewer.conflicts.suppliers


def attachments_visible_to(user: Person) -> QuerySet[Attachment]:
    """Files of the current revisions of visible proposals; those of a sealed price answer wait for its opening."""
    priced = rfp_queries.opened(Envelope.PRICE).filter(
        window=OuterRef("revision__proposal__window"), lot=OuterRef("revision__proposal__lot")
    )
    return Attachment.objects.filter(
        ~Q(requirement__envelope=Envelope.PRICE.value) | Q(requirement__isnull=True) | Exists(priced),
        revision__proposal__in=proposals_visible_to(user),
        revision__proposal__current_revision=F("revision"),
    ).select_related("document")


def window_to_sign_for(user: Person, proposal: Any) -> Window | None:
    """The window that a seated reviewer must sign for before reading this opened proposal; None if that is not why."""
    if not isinstance(user, User) or not user.is_reviewer:
        return None
    found = (
        rfp_queries.opened_proposals()
        .filter(pk=proposal, lot__solicitation__in=solicitations_visible_to(user))
        .exclude(window__declarations__user=user)
        .select_related("window__solicitation")
        .first()
    )
    return found.window if found else None
