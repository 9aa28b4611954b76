"""First pages of admins, officers and auditors."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse

from portal.accounts import queries as accounts_queries
from portal.kit import formats
from portal.kit.formats import count_of
from portal.models import User
from portal.record.views import in_words
from rfp.asking import queries as asking_queries
from rfp.controlled import queries as controlled_queries
from scoring.home import queries
from scoring.home.panel import advice_to_give, declarations, of_chair, progress, releases
from scoring.home.shapes import Home, Line, Section, Task, by_date, on_day, to_rfp
from suppliers.models import Alert, Qualification
from suppliers.qualification import queries as qualification_queries
from suppliers.screening.queries import alerts_visible_to

# ---- admins, officers, auditors -----------------------------------------------------------------------------------


def admin_home(user: User, now: datetime) -> Home:
    tasks = [*declarations(user), *of_chair(user, now), *questions_to_answer(user), *advice_to_give(user)]
    if refused := queries.letters_refused():
        tasks.append(
            Task(
                title=f"Look at {count_of(refused, 'refused letter')}",
                note="A mail server refused the address. You can send them again.",
                url=reverse("scoring:rfp_list"),
                action="Open RFPs",
            )
        )
    windows = Section(
        title="Windows",
        heads=("Window", "State", "Closes"),
        lines=[
            Line(
                title=f"Window {window.number}",
                url=to_rfp("overview", window.solicitation.number),
                sub=f"RFP {window.solicitation.number} {window.solicitation.title}",
                state="now" if window.closes_at > now else "closed",
                words="Accepting proposals" if window.closes_at > now else "Closed",
                note=formats.deadline(window.closes_at, window.solicitation.time_zone),
            )
            for window in queries.windows_running(user, now)
        ],
        empty="No RFP is published.",
        all_url=reverse("rfp:setup_list"),
        all_words="RFP setup",
    )
    return Home(
        title="What needs you",
        lead="What you decide here is recorded with your name.",
        tasks=by_date(tasks),
        nothing="Nothing waits for you.",
        sections=(windows, alerts(user), *progress(user)),
    )


def questions_to_answer(user: User) -> list[Task]:
    """One task for each RFP with questions that nobody has answered."""
    found = asking_queries.questions_read_by(user).filter(asking_queries.WAITING)
    counted = found.order_by().values("solicitation__number").annotate(count=Count("pk"))
    return [
        Task(
            title=f"Answer {count_of(row['count'], 'question')} about RFP {row['solicitation__number']}",
            note="Only admins see who asked.",
            url=reverse("rfp:question_queue", args=[row["solicitation__number"]]),
            action="Answer",
        )
        for row in counted.order_by("solicitation__number")
    ]


def alerts(user: User) -> Section:
    found = alerts_visible_to(user).filter(is_current=True, state__in=Alert.UNDECIDED)
    return Section(
        title="Screening alerts",
        heads=("Supplier", "State", "Decide by"),
        lines=[
            Line(
                title=alert.supplier.legal_name,
                url=reverse("suppliers:alert_detail", args=[alert.pk]),
                sub=alert.party.name if alert.party else "",
                state="hit",
                words=alert.get_state_display(),
                note=formats.day(alert.due_on) if alert.due_on else "",
            )
            for alert in found[: queries.MOST]
        ],
        empty="No alert waits for a decision.",
        all_url=reverse("suppliers:alert_list"),
        all_words="All alerts",
    )


def alerts_to_decide(user: User, now: datetime) -> list[Task]:
    found = alerts_visible_to(user).filter(is_current=True, state__in=Alert.UNDECIDED).order_by()
    counted = found.aggregate(count=Count("pk"), first=Min("due_on"))
    if not counted["count"]:
        return []
    return [
        Task(
            title=f"Decide {count_of(counted['count'], 'screening alert')}",
            note="A hold stops a supplier until you decide.",
            url=reverse("suppliers:alert_list"),
            action="Decide",
            **(on_day(counted["first"], now, over="late") if counted["first"] else {}),
        )
    ]


def documents_to_release() -> list[Task]:
    """Companies that certified for an export-controlled document."""
    if not (count := controlled_queries.waiting().count()):
        return []
    return [
        Task(
            title=f"Decide {count_of(count, 'certification')} for export-controlled documents",
            note="A company gets the document once you release it.",
            url=reverse("rfp:export_list"),
            action="Decide",
        )
    ]


def officer_home(user: User, now: datetime) -> Home:
    tasks = [*alerts_to_decide(user, now), *documents_to_release(), *releases(user), *advice_to_give(user)]
    waiting = accounts_queries.countersignatures_visible_to(user).filter(
        officer__isnull=True, settled_at__isnull=True
    )
    tasks += [
        Task(
            title=f"Countersign for {row.first} and {row.second}",
            note=f"{row.about}. {row.why}",
            url=reverse("portal:countersign", args=[row.pk]),
            action="Read",
        )
        for row in waiting[: queries.MOST]
    ]
    return Home(
        title="What needs you",
        lead="What you decide here is recorded with your name.",
        tasks=by_date(tasks),
        nothing="No alert, certification, release or countersignature waits for you.",
        sections=(alerts(user), _approvals(user)),
    )


def _approvals(user: User) -> Section:
    pending = (
        qualification_queries.standings_visible_to(user)
        .filter(status=Qualification.Status.PENDING)
        .order_by("changed_at")
    )
    return Section(
        title="Approvals",
        heads=("Supplier", "State", "Since"),
        lines=[
            Line(
                title=row.supplier.legal_name,
                url=reverse("suppliers:standing_detail", args=[row.pk]),
                sub=f"{row.commodity}, {row.region}",
                state="open",
                words=row.get_status_display(),
                note=formats.when(row.changed_at, formats.DEFAULT_ZONE),
            )
            for row in pending[: queries.MOST]
        ],
        empty="No qualification waits for approval.",
        all_url=reverse("suppliers:supplier_list"),
        all_words="All suppliers",
    )


def auditor_home(user: User, now: datetime) -> Home:
    events = queries.what_is_new()
    news = Section(
        title="What is new",
        heads=("Event", "Number", "When"),
        lines=[
            Line(
                title=in_words(event.verb),
                url=f"{reverse('portal:audit_list')}?verb={event.verb}",
                sub="",
                words=formats.number(event.seq),
                note=formats.when(event.at, formats.DEFAULT_ZONE),
            )
            for event in events
        ],
        empty="Nothing was opened, released or changed yet.",
        all_url=reverse("portal:audit_list"),
        all_words="The whole log",
    )
    check = Task(
        title="Verify the audit chain",
        note="Every event is compared with the one before it and with the signed heads outside the database.",
        url=reverse("portal:audit_list"),
        action="Verify",
    )
    return Home(
        title="Audit",
        lead="You read everything that is open and change nothing.",
        tasks=[check],
        nothing="",
        sections=(news, alerts(user)),
    )
