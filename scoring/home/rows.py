"""First pages: what to do next for each role, the nearest date first, and where things stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse

from portal.accounts import queries as accounts_queries
from portal.kit import formats
from portal.kit.formats import count_of
from portal.models import Role, User
from portal.record.views import in_words
from rfp.drafting.views.public import own_rows
from rfp.models import Window
from rfp.proposals import queries as proposals_queries
from rfp.publishing import queries as publishing_queries
from rfp.stages import ProposalStage
from scoring.home import queries
from suppliers.company import queries as company_queries
from suppliers.models import Alert, Certificate, Qualification
from suppliers.qualification import queries as qualification_queries
from suppliers.screening.queries import alerts_visible_to

SOON = timedelta(days=60)
RECENT = timedelta(days=45)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do: until when, with how much time left, and the one link that does it."""

    title: str
    note: str
    url: str
    action: str
    due: datetime | None = None
    due_words: str = ""
    left: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a section: what, its state in a shape and a word, and a note."""

    title: str
    url: str = ""
    sub: str = ""
    state: str = ""
    words: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Where things stand; `all_url` leads to the whole list."""

    title: str
    heads: tuple[str, str, str]
    lines: Sequence[Line]
    empty: str
    all_url: str = ""
    all_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A first page."""

    title: str
    lead: str
    tasks: Sequence[Task]
    nothing: str
    sections: Sequence[Section] = field(default_factory=tuple)


def home_of(user: User, *, now: datetime) -> Home:
    """The first page of this user; a fixed number of queries for each role."""
    made = {
        Role.SUPPLIER: _supplier,
        Role.REVIEWER: _reviewer,
        Role.ADMIN: _admin,
        Role.OFFICER: _officer,
        Role.AUDITOR: _auditor,
    }
    return made[Role(user.role)](user, now)


def _by_date(tasks: Iterable[Task]) -> list[Task]:
    """The nearest date first; what has none comes last, in its own order."""
    return sorted(tasks, key=lambda task: (task.due is None, task.due.timestamp() if task.due else 0))


def _until(at: datetime, zone: str, now: datetime) -> dict[str, Any]:
    """The due date of a task, in words, with the time left."""
    days = (at - now).days
    left = "late" if at <= now else "less than a day left" if days < 1 else f"{count_of(days, 'day')} left"
    return {"due": at, "due_words": formats.deadline(at, zone), "left": left}


def _to_rfp(route: str, number: str, window: int | None = None, **query: str) -> str:
    asked = {"window": str(window)} if window is not None else {}
    pairs = "&".join(f"{name}={value}" for name, value in (asked | query).items())
    address = reverse(f"scoring:{route}", args=[number])
    return f"{address}?{pairs}" if pairs else address


# ---- reviewers and chairs -----------------------------------------------------------------------------------------


def _declarations(user: User) -> list[Task]:
    return [
        Task(
            title="Sign the conflict declaration",
            note=f"RFP {window.solicitation.number}, window {window.number}. Proposals open to you after that.",
            url=_to_rfp("declare", window.solicitation.number, window.number),
            action="Sign",
        )
        for window in queries.to_declare(user)
    ]


def _reviewer(user: User, now: datetime) -> Home:
    waiting = queries.to_mark(user)
    rows = list(waiting[: queries.MOST])
    count = waiting.count() if len(rows) == queries.MOST else len(rows)
    tasks = [*_declarations(user), *_of_chair(user, now)]
    if rows:
        first = rows[0]
        begun = f"{count_of(first.given, 'mark')} given. " if first.given else ""
        tasks.append(
            Task(
                title=f"{'Continue' if first.given else 'Review'} {_called(first)}",
                note=f"{begun}{count_of(count, 'proposal')} in your queue.",
                url=reverse("scoring:proposal_mark", args=[first.pk]),
                action="Continue" if first.given else "Start",
                **_feedback(first.window, now),
            )
        )
    queue = Section(
        title="Your queue",
        heads=("Proposal", "State", "Due"),
        lines=[
            Line(
                title=_called(each),
                url=reverse("scoring:proposal_mark", args=[each.pk]),
                sub=f"{each.number}, RFP {each.lot.solicitation.number}, lot {each.lot.code}",
                state="now" if each.given else "todo",
                words=f"{count_of(each.given, 'mark')} given" if each.given else "To do",
                note=_feedback(each.window, now).get("due_words", ""),
            )
            for each in rows
        ],
        empty="Nothing to mark right now.",
        all_url=reverse("scoring:rfp_list"),
        all_words="All RFPs",
    )
    done = queries.marked(user)
    led = _progress(user)
    return Home(
        title="What waits for you",
        lead=f"{count_of(done, 'review')} done, {count} to do.",
        tasks=_by_date(tasks),
        nothing="Nothing waits for you. New proposals appear here when their window opens.",
        sections=(queue, *led),
    )


def _called(proposal: Any) -> str:
    return proposal.current_revision.title or proposal.number


def _feedback(window: Window | None, now: datetime) -> dict[str, Any]:
    """When the window's suppliers were promised an answer: the date by which all marks are needed."""
    if window is None or window.feedback_by is None:
        return {}
    day = window.feedback_by
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=now.tzinfo)
    days = (day - now.date()).days
    left = "late" if days < 0 else "today" if days == 0 else f"{count_of(days, 'day')} left"
    return {"due": at, "due_words": formats.day(day), "left": left}


def _of_chair(user: User, now: datetime) -> list[Task]:
    """What chairs and admins decide, in the RFPs they lead."""
    tasks = [
        Task(
            title=f"Open the technical envelope of window {window.number}",
            note=f"RFP {window.solicitation.number}. Closed {_closed(window)}.",
            url=_to_rfp("opening_list", window.solicitation.number),
            action="Open",
            **_feedback(window, now),
        )
        for window in queries.to_open(user, now)
    ]
    tasks += [
        Task(
            title=f"Confirm the {'price' if each.envelope == 'price' else 'technical'} opening of window "
            f"{each.window.number}",
            note=f"RFP {each.window.solicitation.number}. {each.proposed_by} started it. You are the second person.",
            url=_to_rfp("opening_list", each.window.solicitation.number),
            action="Confirm",
            **_feedback(each.window, now),
        )
        for each in queries.openings_begun(user)
    ]
    tasks += [
        Task(
            title=f"Decide {count_of(each.count, 'knock-out or missing input', 'knock-outs and missing inputs')}",
            note=f"RFP {each.number}, window {each.window}. Prices wait for them.",
            url=_to_rfp("decision_list", each.number, each.window),
            action="Decide",
        )
        for each in queries.decisions_waiting(user)
    ]
    tasks += [
        Task(
            title=f"Decide {count_of(each.count, 'ranked proposal')} in lot {lot}",
            note=f"RFP {each.number}, window {each.window}. Shortlist, reserve, eliminate or award.",
            url=_to_rfp("ranking", each.number, each.window, lot=lot),
            action="Decide",
        )
        for each, lot in queries.verdicts_waiting(user)
    ]
    return tasks + _releases(user)


def _closed(window: Window) -> str:
    return formats.deadline(window.closes_at, window.solicitation.time_zone)


def _releases(user: User) -> list[Task]:
    return [
        Task(
            title=f"Release the decisions of lot {each.lot.code}",
            note=(
                f"RFP {each.window.solicitation.number}, window {each.window.number}. {each.proposed_by} started it. "
                "You can be the second person."
            ),
            url=_to_rfp(
                "letter_list", each.window.solicitation.number, each.window.number, lot=each.lot.code
            ),
            action="Read and release",
        )
        for each in queries.releases_begun(user)
    ]


def _progress(user: User) -> tuple[Section, ...]:
    """How far the marking is in the RFPs that the user leads; nothing for others."""
    found = queries.progress(user)
    if not found:
        return ()
    lines = [
        Line(
            title=f"Window {row['window__number']}",
            url=_to_rfp("overview", row["lot__solicitation__number"]),
            sub=f"RFP {row['lot__solicitation__number']} {row['lot__solicitation__title']}",
            state="met" if row["whole"] == row["total"] else "run",
            words=f"{row['whole']} of {count_of(row['total'], 'proposal')} with all marks",
            note=f"{row['out']} knocked out" if row["out"] else "",
        )
        for row in found
    ]
    return (Section(title="Progress", heads=("Window", "Marks", "Out"), lines=lines, empty=""),)


# ---- admins, officers, auditors -----------------------------------------------------------------------------------


def _admin(user: User, now: datetime) -> Home:
    tasks = [*_declarations(user), *_of_chair(user, now)]
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
                url=_to_rfp("overview", window.solicitation.number),
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
        title="What waits for you",
        lead="What you decide here is recorded with your name.",
        tasks=_by_date(tasks),
        nothing="Nothing waits for you.",
        sections=(windows, _alerts(user), *_progress(user)),
    )


def _alerts(user: User) -> Section:
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


def _officer(user: User, now: datetime) -> Home:
    tasks = _releases(user)
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
    pending = (
        qualification_queries.standings_visible_to(user)
        .filter(status=Qualification.Status.PENDING)
        .order_by("changed_at")
    )
    approvals = Section(
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
    return Home(
        title="What waits for you",
        lead="Alerts first: a hold stops a supplier until you decide.",
        tasks=tasks,
        nothing="No release or countersignature waits for you.",
        sections=(_alerts(user), approvals),
    )


def _auditor(user: User, now: datetime) -> Home:
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
        sections=(news, _alerts(user)),
    )


# ---- suppliers ----------------------------------------------------------------------------------------------------


def _supplier(user: User, now: datetime) -> Home:
    own = proposals_queries.own_proposals(user)
    latest = list(own.order_by("-created_at", "number").values_list("pk", flat=True)[: queries.MOST])
    rows = own_rows(own.filter(pk__in=latest).order_by("-created_at", "number"), now)
    tasks = [*_news(user, now), *_drafts(rows, now), *_findings(user, now), *_lapsing(user, now)]
    companies = list(company_queries.suppliers_of(user).order_by("legal_name")[:2])
    return Home(
        title=companies[0].legal_name if len(companies) == 1 else "Your proposals",
        lead="" if companies else "Register your company to submit proposals.",
        tasks=_by_date(tasks),
        nothing="Nothing needs you right now.",
        sections=(_proposals(rows), _open_rfps(now)),
    )


def _news(user: User, now: datetime) -> list[Task]:
    return [
        Task(
            title=f"Read the decision: {letter.get_outcome_display().lower()}",
            note=(
                f"{(letter.proposal.current_revision and letter.proposal.current_revision.title) or ''}. "
                f"RFP {letter.release.window.solicitation.number}, lot {letter.release.lot.code}."
            ).removeprefix(". "),
            url=reverse("scoring:outcome", args=[letter.proposal_id]),
            action="Read",
            due_words=formats.when(letter.at, letter.release.window.solicitation.time_zone),
        )
        for letter in queries.own_news(user, now - RECENT)
    ]


def _drafts(rows: Iterable[dict[str, Any]], now: datetime) -> list[Task]:
    tasks = []
    for row in rows:
        if row["stage"] not in (ProposalStage.DRAFT, ProposalStage.REVISING) or row["window"] is None:
            continue
        proposal, is_new = row["proposal"], row["stage"] is ProposalStage.DRAFT
        tasks.append(
            Task(
                title=f"{'Finish and submit' if is_new else 'Submit your revision'}: {row['title']}",
                note=f"RFP {proposal.lot.solicitation.number}, lot {proposal.lot.code}. Not submitted yet.",
                url=reverse("rfp:draft", args=[proposal.pk]),
                action="Continue",
                **_until(row["window"].closes_at, proposal.lot.solicitation.time_zone, now),
            )
        )
    return tasks


def _findings(user: User, now: datetime) -> list[Task]:
    start = "assessment__revision__proposal"
    return [
        Task(
            title=f"{count_of(row['count'], 'rule')} not met: {row['assessment__revision__title']}",
            note=f"{row[f'{start}__number']}. You can revise until the window closes.",
            url=reverse("rfp:proposal_detail", args=[row[start]]),
            action="Read",
            **_until(row[f"{start}__window__closes_at"], row[f"{start}__lot__solicitation__time_zone"], now),
        )
        for row in queries.own_findings(user, now)
    ]


def _lapsing(user: User, now: datetime) -> list[Task]:
    """Certificates and qualifications that end soon or have ended."""
    soon = now.date() + SOON
    suppliers = company_queries.suppliers_of(user)
    ending = qualification_queries.certificates_that_end(
        Certificate.objects.filter(supplier__in=suppliers, expires__lte=soon).select_related("supplier")
    )
    tasks = [
        Task(
            title=f"Renew {row.scheme} certificate {row.number}",
            note=f"{row.supplier}. Qualifications that rest on it lapse with it.",
            url=reverse("suppliers:part_edit", args=[row.supplier_id, "certificates", row.pk]),
            action="Update",
            **_on_day(row.expires, now),
        )
        for row in list(ending)[: queries.MOST]
    ]
    lapsing = qualification_queries.standings_of(user).filter(
        status=Qualification.Status.QUALIFIED, valid_until__lte=soon
    )
    tasks += [
        Task(
            title=f"Renew your qualification: {row.commodity}, {row.region}",
            note=f"{row.supplier}.",
            url=reverse("suppliers:standing", args=[row.supplier_id, row.pk]),
            action="Open",
            **_on_day(row.valid_until, now),
        )
        for row in lapsing.order_by(F("valid_until"))[: queries.MOST]
    ]
    return tasks


def _on_day(day: Any, now: datetime) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=now.tzinfo)
    days = (day - now.date()).days
    left = "ended" if days < 0 else "today" if days == 0 else f"{count_of(days, 'day')} left"
    return {"due": at, "due_words": formats.day(day), "left": left}


def _proposals(rows: Iterable[dict[str, Any]]) -> Section:
    return Section(
        title="My proposals",
        heads=("Proposal", "State", "Closes"),
        lines=[
            Line(
                title=row["title"],
                url=reverse("rfp:proposal_detail", args=[row["proposal"].pk]),
                sub=f"RFP {row['proposal'].lot.solicitation.number}, lot {row['proposal'].lot.code}",
                state=row["state"],
                words=row["words"],
                note=formats.deadline(row["window"].closes_at, row["proposal"].lot.solicitation.time_zone)
                if row["window"]
                else "",
            )
            for row in rows
        ],
        empty="No proposals yet. Choose a lot of an open RFP to start one.",
        all_url=reverse("rfp:proposal_list"),
        all_words="All proposals",
    )


def _open_rfps(now: datetime) -> Section:
    found = publishing_queries.open_solicitations(now).prefetch_related("windows").order_by("number")
    lines = []
    for rfp in found[: queries.MOST]:
        closes = min(
            (w.closes_at for w in rfp.windows.all() if w.opens_at <= now < w.closes_at), default=None
        )
        lines.append(
            Line(
                title=rfp.title,
                url=reverse("rfp:solicitation_detail", args=[rfp.number]),
                sub=f"RFP {rfp.number}, {rfp.buyer}",
                state="now",
                words="Accepting proposals",
                note=formats.deadline(closes, rfp.time_zone) if closes else "",
            )
        )
    return Section(
        title="Open RFPs",
        heads=("RFP", "State", "Closes"),
        lines=lines,
        empty="No RFP accepts proposals right now.",
        all_url=reverse("rfp:solicitation_list"),
        all_words="All RFPs",
    )
