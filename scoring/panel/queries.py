"""The panel and its room: seats, declarations, conflicts, and the windows of an RFP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import (
    Exists,
    OuterRef,
    QuerySet,
    prefetch_related_objects,
)

from portal.kit import along
from portal.models import User
from rfp.models import (
    Proposal,
    Solicitation,
    Window,
)
from rfp.proposals import queries as proposals_queries
from scoring.panel.access import (
    SEATS,
    Person,
    proposals_visible_to,
    solicitations_visible_to,
    with_person,
)
from scoring.panel.models import ChairChange, Conflict, ConflictDeclaration, Evaluator
from suppliers.models import Supplier


def rooms_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Visible RFPs with their windows, openings and lots; four queries."""
    return solicitations_visible_to(user).prefetch_related("windows__openings", "lots")


def room_to_enter(user: User, number: str, *paths: str) -> Solicitation | None:
    """The visible RFP of that number with its windows, openings, lots, criteria and panel, and what the paths lead to;
    one query."""

    def build(person: int, asked: str) -> QuerySet[Solicitation]:
        who = User(pk=person, role=user.role)
        return with_person(solicitations_visible_to(who).filter(number=asked), who)

    ways = ("windows__openings", "lots", "criteria", SEATS, *paths)
    return along.first_again(("room", user.role), build, [user.pk, number], *ways)


def with_openers(windows: Iterable[Window]) -> None:
    """Bring along who started and who confirmed the windows' openings; two queries."""
    openings = [each for window in windows for each in window.openings.all()]
    prefetch_related_objects(openings, "proposed_by", "confirmed_by")


def suppliers_to_declare(window: Window, user: User) -> QuerySet[Supplier]:
    """Suppliers with a proposal in this opened window that the user was not asked about before, by name.

    A reviewer must be able to name them before signing; this is all that is shown of them.
    """
    asked = ConflictDeclaration.listed.through.objects.filter(
        conflictdeclaration__user=user,
        conflictdeclaration__window__solicitation=window.solicitation_id,
        supplier=OuterRef("pk"),
    )
    return (
        Supplier.objects.filter(
            ~Exists(asked), proposals__in=proposals_queries.opened_proposals().filter(window=window)
        )
        .distinct()
        .order_by("legal_name", "pk")
    )


def suppliers_to_add(solicitation: Solicitation, user: User) -> QuerySet[Supplier]:
    """Suppliers that the user was asked about in this RFP and has no conflict with yet, by name."""
    named = Conflict.objects.filter(solicitation=solicitation, user=user, supplier=OuterRef("pk"))
    return suppliers_asked_about(solicitation, user).filter(~Exists(named))


def suppliers_asked_about(solicitation: Solicitation, user: User) -> QuerySet[Supplier]:
    """Suppliers in the windows that the user signed for, by name."""
    listed = ConflictDeclaration.listed.through.objects.filter(
        conflictdeclaration__user=user,
        conflictdeclaration__window__solicitation=solicitation,
        supplier=OuterRef("pk"),
    )
    return Supplier.objects.filter(Exists(listed)).order_by("legal_name", "pk")


def declarations_of(solicitation: Solicitation) -> QuerySet[ConflictDeclaration]:
    """Every signed declaration of the RFP, by window."""
    return (
        ConflictDeclaration.objects.filter(window__solicitation=solicitation)
        .select_related("user", "window")
        .order_by("window__number", "id")
    )


def conflicts_of(solicitation: Solicitation) -> QuerySet[Conflict]:
    """Every conflict of the RFP, in the order in which they were recorded."""
    return solicitation.conflicts.select_related("user", "supplier", "by").order_by("id")


def seated_at(solicitation: int) -> dict[int, datetime]:
    """user id → when the person got the seat or the chair on that RFP's panel; one query."""
    return dict(Evaluator.objects.filter(solicitation=solicitation).values_list("user", "seated_at"))


def chair_change_of(solicitation: Solicitation) -> ChairChange | None:
    """The change of the chair that waits for a second person."""
    waiting = solicitation.chair_changes.filter(confirmed_at__isnull=True, dropped_at__isnull=True)
    return waiting.select_related("user", "proposed_by").first()


def proposal_to_enter(user: User, pk: UUID) -> Proposal | None:
    """A visible proposal with its room and with what every page about one needs beside it; one query."""

    def build(person: int, asked: UUID) -> QuerySet[Proposal]:
        who = User(pk=person, role=user.role)
        return with_person(proposals_visible_to(who).filter(pk=asked), who)

    return along.first_again(
        ("proposal", user.role),
        build,
        [user.pk, pk],
        "lot__solicitation__criteria",
        "lot__solicitation__preferences",
        f"lot__solicitation__{SEATS}",
        "window__openings",
        "current_revision__final_site",
        "current_revision__score",
        "current_revision__statements",
        "cures__asked_by",
        "cures__fields__requirement",
        "clarifications__asked_by",
    )


def proposal_to_read(user: Person) -> QuerySet[Proposal]:
    """Visible proposals with what a report about one needs beside it; one query."""
    return proposals_visible_to(user).select_related(
        "supplier", "lot", "window__solicitation", "current_revision__final_site", "current_revision__score"
    )


def seats_of(solicitation: Solicitation) -> QuerySet[Evaluator]:
    """The seats of the panel to choose from, the chair first."""
    return solicitation.evaluators.select_related("user").order_by("-is_chair", "id")


def panel_of(solicitation: Solicitation) -> list[Evaluator]:
    """Everybody on the panel, the chair first; no query where the RFP was entered."""
    prefetch_related_objects([solicitation], SEATS)
    return sorted(solicitation.evaluators.all(), key=lambda seat: (not seat.is_chair, seat.pk))
