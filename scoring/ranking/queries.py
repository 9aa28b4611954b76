"""Scores and rankings as they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import (
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    prefetch_related_objects,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from portal.kit.compliance import Effect, Outcome
from rfp.compliance import queries as compliance_queries
from rfp.models import (
    Assessment,
    Finding,
    Proposal,
    Revision,
    Window,
)
from rfp.rules.domestic_content import component_test
from scoring.calculation.figures import in_lowest_terms
from scoring.panel.access import (
    Access,
    Viewer,
)
from scoring.ranking.models import (
    RankChance,
    RankedProposal,
    Ranking,
    Score,
    Stability,
)

Lots = tuple[int, int, int, int, bool]  # lot id, rows, of them ranked, first position, ranked with prices


def ranked_visible_to(viewer: Viewer, ranking: Ranking, access: Access) -> QuerySet[RankedProposal]:
    """Rows of a ranking in lots whose panel the person sees, without suppliers the person has a conflict with."""
    rows = ranking.rows.filter(lot__in=access.panel_lots)
    if viewer.conflicts.everybody:
        return rows.none()
    return rows.exclude(supplier__in=viewer.conflicts.suppliers) if viewer.conflicts.suppliers else rows


def lots_visible_to(viewer: Viewer, ranking: Ranking, access: Access) -> list[Lots]:
    """The lots of a ranking with the rows that `ranked_visible_to` gives; counted only for who has a conflict."""
    if viewer.conflicts:
        return lots_ranked(ranked_visible_to(viewer, ranking, access))
    return [(lot, *told) for lot, *told in ranking.lots if lot in access.panel_lots]


def hides_any(viewer: Viewer, window: Window) -> bool:
    """Whether a conflict hides a proposal in the window from the person; a query only for who has a conflict."""
    if viewer.conflicts.everybody:
        return True
    suppliers = viewer.conflicts.suppliers
    if not suppliers:
        return False
    return window.proposals.filter(supplier__in=suppliers, current_revision__isnull=False).exists()


def revision_to_score(pk: int) -> Revision:
    """A revision with its RFP's criteria; most of the frozen supplier stays in the database."""
    return (
        Revision.objects.select_related("proposal__lot__solicitation", "proposal__window")
        .prefetch_related("proposal__lot__solicitation__criteria")
        .defer("supplier_snapshot")
        .get(pk=pk)
    )


@dataclass(frozen=True)
class Received:
    """The supplier's name, sites and certificates as received. Who only marks needs no certificates."""

    name: str
    sites: list[dict[str, str]]
    certificates: Sequence[Mapping[str, Any]] = ()


def received_from(revision: Revision, *, lock: bool = False) -> Received:
    """What the frozen supplier says; `lock` holds the revision for the caller's transaction."""
    revisions = Revision.objects.select_for_update(no_key=True) if lock else Revision.objects.all()
    name, sites, certificates = revisions.values_list(
        KeyTextTransform("legal_name", "supplier_snapshot"),
        KeyTransform("sites", "supplier_snapshot"),
        KeyTransform("certificates", "supplier_snapshot"),
    ).get(pk=revision.pk)
    return Received(name, sites, certificates or [])


Assessed = tuple[Assessment | None, list[Finding]]


def latest_findings(revision: Revision) -> Assessed:
    """The latest assessment and all of its findings; one query where there are any."""
    return _findings(revision, Q())


def findings_that_decide(revision: Revision) -> Assessed:
    """The latest assessment and its findings that a score depends on: knock-outs not met or referred, what people
    decided, the domestic share."""
    decides = Q(effect=Effect.KNOCKOUT.value, outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value])
    assessment, found = _findings(revision, decides | Q(rule=component_test.code))
    return assessment, that_decide(found)


def that_decide(findings: Iterable[Finding]) -> list[Finding]:
    """Those that a score depends on; what people decided about them comes along in one query."""
    outcomes = (Outcome.NOT_MET.value, Outcome.REFER.value)
    decide = [
        each
        for each in findings
        if each.rule == component_test.code
        or (each.effect == Effect.KNOCKOUT.value and each.outcome in outcomes)
    ]
    prefetch_related_objects(decide, "overrides")
    return decide


def _findings(revision: Revision, which: Q) -> Assessed:
    latest = Assessment.objects.filter(revision=revision).order_by("-id").values("id")[:1]
    found = list(Finding.objects.filter(which, assessment=latest).select_related("assessment"))
    if not found:
        return compliance_queries.latest_assessment(revision), []
    return found[0].assessment, found


def unscored_revisions() -> QuerySet[Revision]:
    """Current, assessed, and without a score: what a sweep must enqueue."""
    return Revision.objects.filter(
        Exists(Assessment.objects.filter(revision=OuterRef("pk"))),
        ~Exists(Score.objects.filter(revision=OuterRef("pk"))),
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def stale_rankings() -> QuerySet[Ranking]:
    return Ranking.objects.filter(requests__gt=F("served"))


def unmeasured_rankings() -> QuerySet[Ranking]:
    """Stored, not behind, and with a ranked lot whose stability is of another ranking."""
    measured = Stability.objects.filter(
        ranking=OuterRef("ranking"), lot=OuterRef("lot"), served=OuterRef("ranking__served")
    )
    missing = RankedProposal.objects.filter(~Exists(measured), ranking=OuterRef("pk"), rank=1)
    return Ranking.objects.filter(Exists(missing), requests=F("served"))


def stability_of(ranking: Ranking, lot: int) -> Stability | None:
    """How sure the stored ranking of one lot is; no query where it came along with the room."""
    return next((each for each in ranking.stabilities.all() if each.lot_id == lot), None)


def with_chances(
    rows: QuerySet[RankedProposal], stabilities: Iterable[Stability]
) -> QuerySet[RankedProposal]:
    """The rows, each with `chances`: what its lot's stability says of it, see `RankChance.figures`, or None."""
    found = RankChance.objects.filter(stability__in=list(stabilities), proposal=OuterRef("proposal"))
    return rows.annotate(chances=Subquery(found.values("figures")))


def flips_of(ranking: Ranking, lot: int, numbers: Iterable[str]) -> dict[str, Any]:
    """number → what would put the proposal above the one before it, if the stored ranking was measured; one query,
    which reads only these."""
    found = RankChance.objects.filter(
        stability__ranking=ranking, stability__lot=lot, stability__served=ranking.served, flip__isnull=False
    )
    return dict(found.filter(proposal__number__in=list(numbers)).values_list("proposal__number", "flip"))


def scores_in(window: Window) -> QuerySet[Score]:
    """Scores of a window's current revisions."""
    return Score.objects.filter(
        revision__proposal__window=window,
        revision__proposal__current_revision=F("revision"),
        revision__proposal__withdrawn_at__isnull=True,
    )


class Written(Mapping[str, str]):
    """An object in JSON that is read when somebody looks into it: most methods and tie-breakers never do, and to read
    five thousand takes a third of the time of ranking them."""

    __slots__ = ("_found", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, str] | None = None

    def _read(self) -> dict[str, str]:
        if self._found is None:
            self._found = json.loads(self._text)
        return self._found

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


@dataclass(kw_only=True, slots=True)
class ScoreRow:
    """What a ranking reads of one score; `score` and `lot` are ids, and what it compares is exact.

    `before`: technical points with marks that were taken out after prices opened; None where none were.
    """

    score: int
    lot: int
    number: str
    total: Fraction | None
    technical: Fraction
    before: Fraction | None
    threshold_percent: Fraction
    below_minimum: bool
    priced: bool
    price: Decimal | None
    reference: Decimal | None
    marks_missing: int
    knocked_out: bool
    received_at: datetime
    supplier_name: str
    values: Mapping[str, str]
    preferences: Sequence[Mapping[str, Any]]


def score_rows(window: Window, lot: int | None = None) -> Iterator[ScoreRow]:
    """The scores of a window's current revisions, or of one lot's; one query."""
    scores = scores_in(window)
    if lot is not None:
        scores = scores.filter(revision__proposal__lot=lot)
    rows = scores.values_list(
        "id",
        "revision__proposal__lot_id",
        "revision__proposal__number",
        "total_exact",
        "technical_exact",
        "technical_before_exact",
        "threshold_exact",
        "below_minimum",
        "is_priced",
        "price_total",
        "price_reference",
        "marks_missing",
        "knocked_out",
        Coalesce("revision__counts_from", "revision__received_at"),
        "supplier_name",
        Cast("exact_values", TextField()),
        Cast("preferences", TextField()),
    )
    names = [each.name for each in fields(ScoreRow)]
    exact = ("total", "technical", "before", "threshold_percent")
    for row in rows:
        values = dict(zip(names, row, strict=True))
        values |= {name: fraction(values[name]) for name in exact}
        values["values"] = Written(values["values"])
        values["preferences"] = [] if values["preferences"] == "[]" else json.loads(values["preferences"])
        yield ScoreRow(**values)


def fraction(text: str) -> Fraction | None:
    """A figure that was stored as "2/3"; None for blank."""
    if not text:
        return None
    numerator, _, denominator = text.partition("/")
    return in_lowest_terms(int(numerator), int(denominator))


def ranking_of(window: Window) -> Ranking | None:
    """The window's stored ranking."""
    return Ranking.objects.filter(window=window).select_related("window__solicitation").first()


def lots_ranked(rows: QuerySet[RankedProposal]) -> list[Lots]:
    """(lot id, rows, of them ranked, first position, ranked with prices) of each lot among these rows, in order; one
    query."""
    counted = (
        rows.values_list("lot")
        .annotate(
            count=Count("pk"), ranked=Count("rank"), first=Min("position"), priced=BoolAnd("price_open")
        )
        .order_by("first")
    )
    return list(counted)


def ranked_counts(rows: QuerySet[RankedProposal]) -> tuple[int, int]:
    """(how many rows, how many of them have a rank); one query."""
    found = rows.order_by().aggregate(count=Count("pk"), ranked=Count("rank"))
    return found["count"], found["ranked"]


def ranked_in_lot(row: RankedProposal) -> int:
    """How many proposals have a rank in the row's lot; no query, as the ranking came along."""
    return sum(ranked for lot, _count, ranked, *_ in row.ranking.lots if lot == row.lot_id)


def ranked_rows(window: int, lot: int) -> QuerySet[RankedProposal]:
    """The rows of one lot that have a rank, in their order."""
    found = RankedProposal.objects.filter(ranking__window=window, lot=lot, rank__isnull=False)
    return found.order_by("position")


def row_of(proposal: Proposal) -> RankedProposal | None:
    """The proposal's row in its window's ranking."""
    return _rows_of(proposal).first()


def _rows_of(proposal: Proposal) -> QuerySet[RankedProposal]:
    return RankedProposal.objects.filter(
        ranking__window=proposal.window_id, proposal=proposal
    ).select_related("ranking", "proposal", "lot")


def row_with_chance(proposal: Proposal) -> RankedProposal | None:
    """The same row, with `sure`: {"served", "places", "chances", "flip"} of the lot's stability; still one query."""
    stored = Stability.objects.filter(ranking=OuterRef("ranking"), lot=OuterRef("lot"))
    mine = RankChance.objects.filter(stability=OuterRef("pk"), proposal=proposal.pk)
    sure = stored.values(
        sure=JSONObject(
            served="served",
            places="places",
            chances=Subquery(mine.values("figures")),
            flip=Subquery(mine.values("flip")),
        )
    )
    return _rows_of(proposal).annotate(sure=Subquery(sure)).first()
