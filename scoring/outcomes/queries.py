"""What is due to be told in a lot, what was told, and who may read it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse

from portal.models import User
from rfp.models import Lot, Proposal, Solicitation, Window
from rfp.opendata.outcomes import Outcome as PublicOutcome
from rfp.opendata.outcomes import PublicAward, PublicCount
from rfp.proposals.queries import Told
from scoring.decisions import queries as decisions_queries
from scoring.decisions.models import Decision
from scoring.outcomes.models import (
    AwardEnd,
    DebriefText,
    FinalAward,
    Letter,
    LetterText,
    Outcome,
    Release,
)
from scoring.outcomes.wording import DEFAULTS, Words
from scoring.panel.access import Person
from scoring.ranking.models import RankedProposal

OF_VERDICT = {
    Decision.Verdict.SHORTLISTED: Outcome.SHORTLISTED,
    Decision.Verdict.RESERVE: Outcome.RESERVE,
    Decision.Verdict.ELIMINATED: Outcome.NOT_SELECTED,
    Decision.Verdict.AWARDED: Outcome.AWARDED,
    Decision.Verdict.WITHDREW: Outcome.WITHDREW,
}
# A proposal that stands like this needs no verdict: it is not selected.
OUT = (RankedProposal.Standing.KNOCKED_OUT, RankedProposal.Standing.BELOW_THRESHOLD)
STATES = {
    Outcome.SHORTLISTED: "met",
    Outcome.RESERVE: "open",
    Outcome.NOT_SELECTED: "not",
    Outcome.AWARDED: "met",
    Outcome.WITHDREW: "na",
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """One proposal of a lot: its outcome as decided (None: undecided), and what its supplier was told last."""

    row: RankedProposal
    decision: Decision | None
    outcome: Outcome | None
    told: Letter | None

    @property
    def is_news(self) -> bool:
        """Whether a release would tell the supplier something."""
        return self.outcome is not None and (self.told is None or self.told.outcome != self.outcome)


def due_in(window: Window, lot: Lot) -> list[Due]:
    """Every proposal of the lot in the order of the ranking; three queries."""
    rows = list(
        RankedProposal.objects.filter(ranking__window=window, lot=lot, proposal__withdrawn_at__isnull=True)
        .select_related("proposal__supplier", "proposal__lot", "revision")
        .defer("revision__supplier_snapshot")
        .order_by("position")
    )
    return dues(rows)


def dues(rows: Iterable[RankedProposal]) -> list[Due]:
    """The same for these rows of a ranking; two queries."""
    found = list(rows)
    keys = [row.proposal_id for row in found]
    decisions, told = decisions_queries.latest_decisions(keys), latest_letters(keys)
    return [_due(row, decisions.get(row.proposal_id), told.get(row.proposal_id)) for row in found]


def _due(row: RankedProposal, decision: Decision | None, told: Letter | None) -> Due:
    outcome = OF_VERDICT.get(Decision.Verdict(decision.verdict)) if decision else None
    if outcome is None and row.standing in OUT:
        outcome = Outcome.NOT_SELECTED
    return Due(row=row, decision=decision, outcome=outcome, told=told)


def latest_letters(proposals: Collection[UUID]) -> dict[UUID, Letter]:
    """proposal id → the last letter; one query."""
    found = Letter.objects.filter(proposal__in=list(proposals)).select_related("release").order_by("id")
    return {letter.proposal_id: letter for letter in found}


def told(proposals: Collection[UUID]) -> dict[UUID, Told]:
    """proposal id → what its supplier was told."""
    return {
        pk: Told(
            state=STATES[Outcome(letter.outcome)],
            words=letter.get_outcome_display(),
            at=letter.at,
            url=reverse("scoring:outcome", args=[pk]),
        )
        for pk, letter in latest_letters(proposals).items()
    }


def letters_of_supplier(user: Person) -> QuerySet[Letter]:
    """Letters to the suppliers that the user works for."""
    if not isinstance(user, User) or not user.is_supplier:
        return Letter.objects.none()
    return Letter.objects.filter(proposal__supplier__memberships__user=user)


def whole(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """With all that a page about a letter shows; one query."""
    return letters.select_related(
        "release__lot",
        "release__window__solicitation",
        "proposal__supplier",
        "proposal__lot",
        "proposal__current_revision",
        "final",
    )


def held_back_in(window: Window, lot: Lot) -> Release | None:
    """The lot's last release, if its letters were set to go out and did not."""
    last = Release.objects.filter(window=window, lot=lot).order_by("-id").first()
    return last if last and last.held_back else None


def releases_due(now: datetime) -> QuerySet[Release]:
    """Releases that two people agreed to and whose moment has come; those that are sent or taken back aside."""
    return Release.objects.filter(
        goes_at__lte=now, agreed_at__isnull=False, confirmed_at__isnull=True, dropped_at__isnull=True
    ).order_by("goes_at", "pk")


def releases_in(windows: Iterable[Window]) -> dict[tuple[int, int], list[Release]]:
    """(window id, lot id) → its releases that were not dropped, in order; one query."""
    found: dict[tuple[int, int], list[Release]] = {}
    rows = Release.objects.filter(window__in=list(windows), dropped_at__isnull=True)
    for release in rows.select_related("proposed_by", "agreed_by", "confirmed_by").order_by("id"):
        found.setdefault((release.window_id, release.lot_id), []).append(release)
    return found


def words_of(solicitation: int) -> dict[Outcome, Words]:
    """The RFP's letters as they are now, by outcome; one query."""
    found = {outcome: DEFAULTS[outcome.value] for outcome in Outcome}
    for text in LetterText.objects.filter(solicitation=solicitation).order_by("id"):
        found[Outcome(text.outcome)] = Words(subject=text.subject, body=text.body)
    return found


def received_in(window: Window, lot: Lot) -> int:
    """How many proposals the lot received in the window, without those that were withdrawn."""
    return Proposal.objects.filter(
        window=window, lot=lot, current_revision__isnull=False, withdrawn_at__isnull=True
    ).count()


def debrief_texts(proposals: Collection[UUID]) -> dict[tuple[UUID, int], DebriefText]:
    """(proposal id, criterion id) → the chair's explanation that counts; one query."""
    found = DebriefText.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id")
    return {(text.proposal_id, text.criterion_id): text for text in found}


@dataclass(frozen=True, kw_only=True)
class Award:
    """One award that suppliers know of. `ended`: when they were told that the supplier gave it up."""

    letter: Letter
    ended: datetime | None

    @property
    def final(self) -> FinalAward | None:
        return getattr(self.letter, "final", None)


def awards_of(solicitation: int) -> list[Award]:
    """Released awards of the RFP by window and lot, also those that ended; two queries."""
    found = Letter.objects.filter(release__window__solicitation=solicitation, outcome=Outcome.AWARDED)
    letters = list(
        found.select_related("release__lot", "release__window", "proposal__supplier", "final").order_by(
            "release__window__number", "release__lot__position", "id"
        )
    )
    later = Letter.objects.filter(
        proposal__in=[each.proposal_id for each in letters], outcome=Outcome.WITHDREW
    )
    ended = {each.proposal_id: (each.pk, each.at) for each in later.order_by("id")}
    return [
        Award(letter=each, ended=at if pk > each.pk else None)
        for each in letters
        for pk, at in [ended.get(each.proposal_id, (0, None))]
    ]


def award_notices(solicitation: int) -> str:
    """Where the RFP's award notices are; blank while no award is released."""
    found = Letter.objects.filter(release__window__solicitation=solicitation, outcome=Outcome.AWARDED)
    number = found.values_list("release__window__solicitation__number", flat=True).first()
    return reverse("scoring:award_notices", args=[number]) if number else ""


def public_outcome(solicitation: int) -> PublicOutcome:
    """The RFP's released awards, and how many proposals the lots of those got. Nothing before; four queries."""
    awards = awards_of(solicitation)
    if not awards:
        return PublicOutcome()
    shows_value = Solicitation.objects.values_list("award_value_shown", flat=True).get(pk=solicitation)
    lots = {(each.letter.release.window_id, each.letter.release.lot_id) for each in awards}
    received = (
        Proposal.objects.filter(
            window__in={window for window, _lot in lots},
            current_revision__isnull=False,
            withdrawn_at__isnull=True,
        )
        .values_list("window", "window__number", "lot", "lot__code")
        .annotate(count=Count("pk"))
        .order_by("window__number", "lot__position")
    )
    return PublicOutcome(
        awards=tuple(_public(each, shows_value=shows_value) for each in awards),
        counts=tuple(
            PublicCount(lot=code, window=number, received=count)
            for window, number, lot, code, count in received
            if (window, lot) in lots
        ),
    )


def _public(award: Award, *, shows_value: bool) -> PublicAward:
    letter = award.letter
    supplier = letter.proposal.supplier
    return PublicAward(
        lot=letter.release.lot.code,
        window=letter.release.window.number,
        supplier_key=hashlib.sha256(f"supplier {supplier.pk}".encode()).hexdigest()[:12],
        supplier=supplier.legal_name,
        value=letter.value if shows_value else None,
        at=letter.at,
        final_at=award.final.at if award.final else None,
        ended_at=award.ended,
    )


def ends_of(letters: Iterable[Letter]) -> dict[int, AwardEnd]:
    """letter id → the end of its award that was not dropped; one query."""
    found = AwardEnd.objects.filter(letter__in=list(letters), dropped_at__isnull=True)
    return {each.letter_id: each for each in found.select_related("proposed_by", "confirmed_by")}


def standing_awards(window: Any) -> QuerySet[Letter]:
    """Letters of awards in the window that nothing later replaced, final ones too."""
    return (
        Letter.objects.filter(release__window=window, outcome=Outcome.AWARDED)
        .annotate(verdict=decisions_queries.latest_verdict("proposal"))
        .filter(verdict=Decision.Verdict.AWARDED)
        .select_related("release__lot", "proposal__supplier", "final")
    )
