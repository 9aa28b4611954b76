"""The first page of suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse

from portal.kit import formats
from portal.kit.formats import count_of
from portal.models import User
from rfp.admitting import queries as admitting_queries
from rfp.curing import queries as curing_queries
from rfp.drafting.views.public import own_rows
from rfp.models import Cure
from rfp.proposals import queries as proposals_queries
from rfp.publishing import queries as publishing_queries
from rfp.stages import ProposalStage
from scoring.home import queries
from scoring.home.shapes import Home, Line, Section, Task, by_date, on_day, until
from suppliers.company import queries as company_queries
from suppliers.models import Certificate, Qualification
from suppliers.qualification import queries as qualification_queries

SOON = timedelta(days=60)
RECENT = timedelta(days=45)


# ---- suppliers ----------------------------------------------------------------------------------------------------


def supplier_home(user: User, now: datetime) -> Home:
    own = proposals_queries.own_proposals(user)
    latest = list(own.order_by("-created_at", "number").values_list("pk", flat=True)[: queries.MOST])
    rows = own_rows(own.filter(pk__in=latest).order_by("-created_at", "number"), now)
    tasks = [
        *_news(user, now),
        *_requests(user, now),
        *_invitations(user, now),
        *_drafts(rows, now),
        *_findings(user, now),
        *_lapsing(user, now),
    ]
    companies = list(company_queries.suppliers_of(user).order_by("legal_name")[:2])
    return Home(
        title=companies[0].legal_name if len(companies) == 1 else "Your proposals",
        lead="" if companies else "Register your company to submit proposals.",
        tasks=by_date(tasks),
        nothing="Nothing needs you right now.",
        sections=(_proposals(rows), _open_rfps(user, now)),
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


def _requests(user: User, now: datetime) -> list[Task]:
    """What the buyer asked after the close."""
    tasks = []
    for each in curing_queries.open_requests(user, now, most=queries.MOST):
        is_cure, proposal = isinstance(each, Cure), each.proposal
        rfp = proposal.lot.solicitation
        tasks.append(
            Task(
                title=f"{'Answer what is missing' if is_cure else 'Answer the buyer’s question'}: "
                f"{each.revision.title or proposal.number}",
                note=f"{proposal.number}, RFP {rfp.number}, lot {proposal.lot.code}.",
                url=reverse("rfp:cure" if is_cure else "rfp:clarification", args=[proposal.pk, each.pk]),
                action="Answer",
                **until(each.due_at, rfp.time_zone, now),
            )
        )
    return tasks


def _invitations(user: User, now: datetime) -> list[Task]:
    """Invited RFPs for which a company hasn't said whether it will respond."""
    found = admitting_queries.to_answer(user, now=now).prefetch_related("windows")
    return [
        Task(
            title=f"Say whether you will respond: {rfp.title}",
            note=f"{rfp.buyer} invited you to RFP {rfp.number}. Your answer binds no one.",
            url=reverse("rfp:intent", args=[rfp.number]),
            action="Answer",
            **until(
                min(each.closes_at for each in rfp.windows.all() if each.closes_at > now), rfp.time_zone, now
            ),
        )
        for rfp in found[: queries.MOST]
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
                **until(row["window"].closes_at, proposal.lot.solicitation.time_zone, now),
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
            **until(row[f"{start}__window__closes_at"], row[f"{start}__lot__solicitation__time_zone"], now),
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
            note=f"{row.supplier}. Qualifications that need it end with it.",
            url=reverse("suppliers:part_edit", args=[row.supplier_id, "certificates", row.pk]),
            action="Update",
            **on_day(row.expires, now),
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
            **(on_day(row.valid_until, now) if row.valid_until else {}),
        )
        for row in lapsing.order_by(F("valid_until"))[: queries.MOST]
    ]
    return tasks


def _proposals(rows: Iterable[dict[str, Any]]) -> Section:
    return Section(
        title="My proposals",
        heads=("Proposal", "State", "Closes"),
        lines=[
            Line(
                title=row["title"],
                url=row["told"].url
                if "told" in row
                else reverse("rfp:proposal_detail", args=[row["proposal"].pk]),
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


def _open_rfps(user: User, now: datetime) -> Section:
    visible = publishing_queries.solicitations_visible_to(user).values("pk")
    found = (
        publishing_queries.open_solicitations(now)
        .filter(pk__in=visible)
        .prefetch_related("windows")
        .order_by("number")
    )
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
