"""What waits, over all RFPs at once: each question is one query, for one RFP and for fifty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Notice, User
from rfp.models import Assessment, Finding, Opening, Proposal, Solicitation, Window
from rfp.proposals import queries as proposals_queries
from scoring.decisions import queries as decisions_queries
from scoring.duties import queries as duties
from scoring.outcomes.models import Letter, Release
from scoring.panel.access import proposals_visible_to, solicitations_visible_to
from scoring.panel.models import ConflictDeclaration, Evaluator
from scoring.ranking.mark_models import Review
from scoring.ranking.models import RankedProposal, Score

MOST = 10  # rows of one kind on a first page; its list has the rest


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much of one kind waits in a window; `lots` are their codes."""

    number: str
    zone: str
    window: int
    count: int
    lots: Sequence[str] = ()


def led_by(user: User) -> QuerySet[Solicitation]:
    """RFPs in which the user decides: as chair, or as admin; running ones."""
    running = solicitations_visible_to(user).filter(final_status="")
    if user.is_admin:
        return running
    return running.filter(pk__in=Evaluator.objects.filter(user=user, is_chair=True).values("solicitation"))


def to_declare(user: User) -> list[Window]:
    """Windows with an open envelope whose declaration the user has to sign; one query."""
    opened = proposals_queries.opened(Envelope.TECHNICAL).filter(window=OuterRef("pk"))
    signed = ConflictDeclaration.objects.filter(window=OuterRef("pk"), user=user)
    rfps = solicitations_visible_to(user).filter(final_status="")
    found = Window.objects.filter(Exists(opened), ~Exists(signed), solicitation__in=rfps)
    return list(found.select_related("solicitation").order_by("closes_at")[:MOST])


def to_mark(user: User) -> QuerySet[Any]:
    """Proposals that the reviewer may read and has not finished marking, prices still sealed."""
    return (
        _to_be_priced(user)
        .filter(~_is_done(user), current_revision__score__knocked_out=False)
        .annotate(
            given=Coalesce(
                Sum(
                    "current_revision__reviews__given",
                    filter=Q(current_revision__reviews__evaluator__user=user),
                ),
                0,
            )
        )
        .select_related("lot__solicitation", "window", "current_revision")
        .defer("current_revision__supplier_snapshot")
        .order_by("window__closes_at", "-given", "lot__position", "number")
    )


def marked(user: User) -> int:
    """How many of the proposals that wait for prices the reviewer has finished."""
    return _to_be_priced(user).filter(_is_done(user)).count()


def _to_be_priced(user: User) -> QuerySet[Proposal]:
    """Proposals that the user may read and is asked to mark, and whose prices are sealed."""
    priced = proposals_queries.opened(Envelope.PRICE).filter(window=OuterRef("window"), lot=OuterRef("lot"))
    return proposals_visible_to(user).filter(duties.asked_of_user(user), ~Exists(priced))


def _is_done(user: User) -> Exists:
    """Whether the user gave all marks on the proposal's current revision."""
    return Exists(
        Review.objects.filter(evaluator__user=user, revision=OuterRef("current_revision"), is_done=True)
    )


def decisions_waiting(user: User) -> list[Waiting]:
    """Knock-outs and missing inputs by window, of RFPs that the user leads."""
    rows = (
        Score.objects.filter(
            knocked_out=False,
            revision__proposal__in=proposals_visible_to(user).filter(lot__solicitation__in=led_by(user)),
            revision__proposal__current_revision=F("revision"),
        )
        .values(
            "revision__proposal__window__number",
            "revision__proposal__lot__solicitation__number",
            "revision__proposal__lot__solicitation__time_zone",
        )
        .annotate(count=Coalesce(Sum("awaiting_decision"), 0) + Coalesce(Sum("automatic_missing"), 0))
        .filter(count__gt=0)
        .order_by("revision__proposal__window__closes_at")
    )
    return [
        Waiting(
            number=row["revision__proposal__lot__solicitation__number"],
            zone=row["revision__proposal__lot__solicitation__time_zone"],
            window=row["revision__proposal__window__number"],
            count=row["count"],
        )
        for row in rows[:MOST]
    ]


def verdicts_waiting(user: User) -> list[tuple[Waiting, str]]:
    """(how many ranked proposals have no verdict, the lot's code) by lot with open prices, of RFPs the user leads."""
    rows = (
        RankedProposal.objects.filter(
            price_open=True,
            standing=RankedProposal.Standing.RANKED,
            proposal__in=proposals_visible_to(user).filter(lot__solicitation__in=led_by(user)),
        )
        .annotate(verdict=decisions_queries.latest_verdict("proposal"))
        .filter(Q(verdict__isnull=True) | Q(verdict="undecided"))
        .values(
            "ranking__window__number",
            "ranking__window__solicitation__number",
            "ranking__window__solicitation__time_zone",
            "lot_code",
        )
        .annotate(count=Count("pk"), first=Min("position"))
        .order_by("ranking__window__number", "first")
    )
    return [
        (
            Waiting(
                number=row["ranking__window__solicitation__number"],
                zone=row["ranking__window__solicitation__time_zone"],
                window=row["ranking__window__number"],
                count=row["count"],
            ),
            row["lot_code"],
        )
        for row in rows[:MOST]
    ]


def openings_begun(user: User) -> list[Opening]:
    """Openings that wait for a second person, of RFPs the user leads, one for each window and envelope."""
    found = (
        Opening.objects.filter(confirmed_at__isnull=True, window__solicitation__in=led_by(user))
        .exclude(proposed_by=user)
        .filter(proposed_by__role="reviewer" if user.is_admin else "admin")
        .select_related("window__solicitation", "proposed_by")
        .order_by("window_id", "envelope", "id")
        .distinct("window_id", "envelope")
    )
    return list(found[:MOST])


def releases_begun(user: User) -> list[Release]:
    """Releases that wait for this user: begun by the chair for admins and officers, begun by those for the chair."""
    rfps = led_by(user) if not user.is_officer else solicitations_visible_to(user).filter(final_status="")
    by_chair = Exists(
        Evaluator.objects.filter(
            user=OuterRef("proposed_by"), solicitation=OuterRef("window__solicitation"), is_chair=True
        )
    )
    found = Release.objects.filter(
        by_chair if user.is_admin or user.is_officer else ~by_chair,
        agreed_at__isnull=True,
        confirmed_at__isnull=True,
        dropped_at__isnull=True,
        window__solicitation__in=rfps,
    ).exclude(proposed_by=user)
    return list(
        found.select_related("window__solicitation", "lot", "proposed_by").order_by("proposed_at")[:MOST]
    )


def letters_refused() -> int:
    """Copies of letters to suppliers that a mail server refused."""
    return Notice.objects.filter(key__startswith="outcome:", refused_at__isnull=False).count()


def windows_running(user: User, now: datetime) -> list[Window]:
    """Windows of published RFPs that are open or closed and not decided yet, the next date first."""
    found = Window.objects.filter(solicitation__in=led_by(user), opens_at__lte=now).select_related(
        "solicitation"
    )
    return list(found.annotate(is_open=Q(closes_at__gt=now)).order_by("-is_open", "closes_at")[:MOST])


def to_open(user: User, now: datetime) -> list[Window]:
    """Closed windows of RFPs the user leads whose technical envelope nobody has begun to open."""
    begun = Opening.objects.filter(window=OuterRef("pk"), envelope=Envelope.TECHNICAL.value)
    found = Window.objects.filter(~Exists(begun), closes_at__lte=now, solicitation__in=led_by(user))
    return list(found.select_related("solicitation").order_by("closes_at")[:MOST])


def progress(user: User) -> list[dict[str, Any]]:
    """By window of RFPs the user leads: proposals, finished reviews, and how many were knocked out."""
    rows = (
        proposals_visible_to(user)
        .filter(lot__solicitation__in=led_by(user))
        .values("window__number", "lot__solicitation__number", "lot__solicitation__title")
        .annotate(
            total=Count("pk", distinct=True),
            done=Count(
                "current_revision__reviews", filter=Q(current_revision__reviews__is_done=True), distinct=True
            ),
            out=Count("pk", filter=Q(current_revision__score__knocked_out=True), distinct=True),
        )
        .order_by("lot__solicitation__number", "window__number")
    )
    return [dict(row) for row in rows[:MOST]]


def own_findings(user: User, now: datetime) -> list[dict[str, Any]]:
    """A supplier's submitted proposals in open windows with rules not met: (proposal, count)."""
    latest = (
        Assessment.objects.filter(revision=OuterRef("assessment__revision")).order_by("-id").values("id")[:1]
    )
    rows = (
        Finding.objects.filter(
            audience="supplier",
            outcome="not_met",
            assessment=latest,
            assessment__revision__proposal__in=proposals_queries.own_proposals(user),
            assessment__revision__proposal__current_revision=F("assessment__revision"),
            assessment__revision__proposal__withdrawn_at__isnull=True,
            assessment__revision__proposal__window__closes_at__gt=now,
        )
        .values(
            "assessment__revision__proposal",
            "assessment__revision__proposal__number",
            "assessment__revision__title",
            "assessment__revision__proposal__window__closes_at",
            "assessment__revision__proposal__lot__solicitation__time_zone",
        )
        .annotate(count=Count("pk"))
        .order_by("assessment__revision__proposal__window__closes_at")
    )
    return [dict(row) for row in rows[:MOST]]


def own_news(user: User, since: datetime) -> list[Letter]:
    """Letters about the supplier's proposals since then, the newest first."""
    found = Letter.objects.filter(
        proposal__in=proposals_queries.own_proposals(user), at__gte=since
    ).select_related("release__window__solicitation", "release__lot", "proposal__current_revision")
    return list(found.order_by("-id")[:MOST])


def what_is_new() -> list[AuditEvent]:
    """The latest acts that matter to an auditor: openings, releases, overrides, changes of who may do what."""
    verbs = (
        "envelope.opened", "release.confirmed", "award.final", "proposal.standing_overridden", "marks.removed",
        "panel.chair_changed", "pair.countersigned", "account.role_changed", "settings.in_force", "list.activated",
        "solicitation.published",
    )  # fmt: skip
    return list(AuditEvent.objects.filter(verb__in=verbs).order_by("-seq")[:MOST])
