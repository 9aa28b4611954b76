"""What follows from the record, derived again: marks from events, scores from marks, rankings from scores.

`manage.py verify_audit` compares it with the tables and names every row that differs. Run it while no job waits: what
a worker has not stored yet looks like a difference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef

from portal.files.storing import is_as_stored
from portal.kit.codec import load
from portal.models import AuditEvent
from rfp.models import Opening, Override, Revision
from rfp.proposals import manifest, revision_facts
from scoring.decisions.models import Decision, StandingOverride
from scoring.drawing.verification import drawn_otherwise
from scoring.facts import anchor_json
from scoring.outcomes.models import AwardEnd, FinalAward, Release
from scoring.ranking import order, queries
from scoring.ranking import scores as ranking_scores
from scoring.ranking.mark_models import AutomaticMark, Mark, MarkRemoval, PanelMark
from scoring.ranking.models import RankedProposal, Ranking, Score
from scoring.settling.models import Draw, DrawStart
from suppliers.facts import SupplierFacts

Key = tuple[Any, ...]
# When and where a score was computed says nothing about what it is.
UNCOMPARED = {"scored_by_pid", "scored_at"}


def differences() -> Iterator[str]:
    """Every row that is not what events, marks and scores make it, in words. No words hold a price."""
    yield from _received()
    yield from _marks()
    for ledger in LEDGERS:
        yield from ledger.differences()
    yield from drawn_otherwise()
    yield from _computed()
    yield from _rankings()


# ---- from what was sent -------------------------------------------------------------------------------------------


def _received() -> Iterator[str]:
    """Received revisions whose stored words and figures give another fingerprint than their receipt's, and files that
    are no longer what was sent."""
    received = Revision.objects.exclude(received_at=None).order_by("pk").values_list("pk", flat=True)
    for pk in received.iterator(chunk_size=2000):
        revision = revision_facts.revision_for_facts(pk)
        supplier = load(SupplierFacts, revision.supplier_snapshot)
        if manifest.fingerprint_of(revision, supplier) != revision.content_sha256:
            yield (
                f"{revision.proposal.number}, revision {revision.number}: what is stored does not match the "
                "fingerprint on its receipt"
            )
        for attachment in revision.attachments.all():
            if not is_as_stored(attachment.document):
                yield (
                    f"{revision.proposal.number}, revision {revision.number}: the file of "
                    f"document {attachment.document_id} is missing or was changed"
                )


# ---- from events --------------------------------------------------------------------------------------------------


def _events(verb: str) -> Iterable[AuditEvent]:
    return AuditEvent.objects.filter(verb=verb).order_by("seq").iterator(chunk_size=2000)


def _subject(event: AuditEvent) -> str:
    """The id in "rfp.revision:12"."""
    return event.subject.partition(":")[2]


def _marks() -> Iterator[str]:
    """Reviewers' marks: of several events about one, the last counts."""
    recorded: dict[Key, Any] = {}
    for event in _events("marks.recorded"):
        for code, anchor in event.facts["marks"].items():
            recorded[_subject(event), event.actor, code] = anchor
    stored = _own(Mark, "evaluator", "criterion", "marked_at", "anchor").values_list(
        "revision", "evaluator__user", "criterion__code", "anchor"
    )
    for revision, user, code, anchor in stored.iterator(chunk_size=2000):
        key = str(revision), f"user:{user}", code
        said = recorded.pop(key, "none")
        if said != anchor_json(anchor):
            yield f"Mark of {_about(key)}: the table has {_mark(anchor)}, the record has {_mark(said)}"
    for key, anchor in recorded.items():
        yield f"Mark of {_about(key)}: the record has {_mark(anchor)}, the table has none"


def _own(model: type[models.Model], *same: str, proposal: str = "revision__proposal") -> models.QuerySet[Any]:
    """The rows that a person stored. A row that was carried over, as when a revision repeats another, equals an earlier
    one of its proposal in all that it says, and no event recorded it; one that differs was never carried over."""
    rows = model._default_manager.all()
    equal = models.Q(pk__lt=OuterRef("pk"), **{proposal: OuterRef(proposal)})
    for name in same:
        either = models.Q(**{name: OuterRef(name)})
        if "__" not in name and model._meta.get_field(name).null:
            nothing = models.Q(**{f"{name}__isnull": True})
            either |= nothing & models.Q(Exists(rows.filter(nothing, pk=OuterRef(OuterRef("pk")))))
        equal &= either
    return rows.exclude(Exists(rows.filter(equal)))


def _about(key: Key) -> str:
    revision, user, code = key
    return f"{user} for {code} of revision {revision}"


def _mark(anchor: Any) -> str:
    return "an abstention" if anchor is None else str(anchor)


@dataclass(frozen=True)
class Ledger:
    """Rows that stand for one event each, and are never changed: both sides give the same keys, equally often."""

    what: str
    verb: str
    of_event: Callable[[AuditEvent], Iterable[Key]]
    stored: Callable[[], Iterable[Key]]

    def differences(self) -> Iterator[str]:
        """The rows without an event, and the events without a row, in words."""
        recorded = Counter(key for event in _events(self.verb) for key in self.of_event(event))
        stored = Counter(self.stored())
        for key in stored - recorded:
            yield f"{self.what} {_named(key)}: no event recorded it"
        for key in recorded - stored:
            yield f"{self.what} {_named(key)}: it is in the record but not in the table"


def _named(key: Key) -> str:
    return ", ".join(str(each) for each in key if each not in ("", None, False))


def _zero_is_zero(kind: str, value: Any) -> Decimal:
    return Decimal(value) if kind == PanelMark.Kind.PANEL else Decimal(0)


def _rows(manager: models.QuerySet[Any], *names: str) -> Iterator[Key]:
    """Values as text, the first of them a person as events name them."""
    for user, *values in manager.values_list(*names).iterator(chunk_size=2000):
        yield (f"user:{user}", *map(str, values))


def _own_overrides() -> models.QuerySet[Any]:
    """Decisions on findings that a person made: those carried to the same finding of a later assessment apart."""
    same = ("finding__rule", "finding__part", "by", "at", "outcome", "exception", "reason")
    return _own(Override, *same, proposal="finding__assessment__revision__proposal")


LEDGERS = (
    Ledger(
        what="Decision on a proposal by",
        verb="proposal.decided",
        of_event=lambda event: [(event.actor, _subject(event), event.facts["verdict"])],
        stored=lambda: _rows(Decision.objects.all(), "by", "proposal", "verdict"),
    ),
    Ledger(
        what="Decision on a finding by",
        verb="finding.overridden",
        of_event=lambda event: [
            (event.actor, _subject(event), event.facts["outcome"], str(event.facts["exception"]))
        ],
        stored=lambda: _rows(_own_overrides(), "by", "finding", "outcome", "exception"),
    ),
    Ledger(
        what="Mark in place of a missing input by",
        verb="mark.stood_in",
        of_event=lambda event: [
            (
                event.actor,
                _subject(event),
                event.facts["criterion"],
                event.facts["kind"],
                _zero_is_zero(event.facts["kind"], event.facts["value"]),
            )
        ],
        stored=lambda: (
            (f"user:{by}", str(revision), code, kind, value)
            for by, revision, code, kind, value in _own(
                PanelMark, "criterion", "by", "at", "kind", "value"
            ).values_list("by", "revision", "criterion__code", "kind", "value")
        ),
    ),
    Ledger(
        what="Opening confirmed by",
        verb="envelope.opened",
        of_event=lambda event: [
            (event.actor, _subject(event), event.facts["envelope"], lot) for lot in event.facts["lots"]
        ],
        stored=lambda: _rows(
            Opening.objects.exclude(confirmed_at=None), "confirmed_by", "window", "envelope", "lot__code"
        ),
    ),
    Ledger(
        what="Removal of marks confirmed by",
        verb="marks.removed",
        of_event=lambda event: [(event.actor, _subject(event), str(event.facts["evaluator"]))],
        stored=lambda: _rows(
            MarkRemoval.objects.exclude(confirmed_at=None), "confirmed_by", "proposal", "evaluator"
        ),
    ),
    Ledger(
        what="Release of decisions confirmed by",
        verb="release.confirmed",
        of_event=lambda event: [(event.actor, _subject(event), str(event.facts["letters"]))],
        stored=lambda: _rows(
            Release.objects.exclude(confirmed_at=None).annotate(sent=Count("letters")),
            "confirmed_by",
            "pk",
            "sent",
        ),
    ),
    Ledger(
        what="End of an award confirmed by",
        verb="award.ended",
        of_event=lambda event: [(event.actor, _subject(event), str(event.facts["letter"]))],
        stored=lambda: _rows(
            AwardEnd.objects.exclude(confirmed_at=None), "confirmed_by", "letter__proposal", "letter"
        ),
    ),
    Ledger(
        what="Draw of a tie started by",
        verb="tie.draw_started",
        of_event=lambda event: [(event.actor, _subject(event), str(event.facts["tied"]))],
        stored=lambda: _rows(DrawStart.objects.all(), "by", "pk", "tied"),
    ),
    Ledger(
        what="Draw of a tie by",
        verb="tie.drawn",
        of_event=lambda event: [
            (event.actor, _subject(event), event.facts["seed"], str(event.facts["drawn"]))
        ],
        stored=lambda: _rows(Draw.objects.all(), "by", "pk", "seed", "drawn"),
    ),
    Ledger(
        what="Final award by",
        verb="award.final",
        of_event=lambda event: [(event.actor, _subject(event), str(event.facts["letter"]))],
        stored=lambda: _rows(FinalAward.objects.all(), "by", "letter__proposal", "letter"),
    ),
    Ledger(
        what="Override of a hold by",
        verb="proposal.standing_overridden",
        of_event=lambda event: [(event.actor, _subject(event), event.facts["kind"])],
        stored=lambda: _rows(StandingOverride.objects.all(), "by", "proposal", "kind"),
    ),
    Ledger(
        what="Received revision of",
        verb="proposal.submitted",
        of_event=lambda event: [
            (event.actor, _subject(event), str(event.facts["revision"]), event.facts["content"])
        ],
        stored=lambda: _rows(
            Revision.objects.exclude(received_at=None),
            "submitted_by",
            "proposal",
            "number",
            "content_sha256",
        ),
    ),
)


# ---- from marks and findings --------------------------------------------------------------------------------------


def _computed() -> Iterator[str]:
    """Automatic marks and scores of the revisions that compete, computed anew."""
    scored = Score.objects.filter(
        revision__proposal__current_revision=F("revision"), revision__proposal__withdrawn_at=None
    )
    for stored in scored.order_by("pk").iterator(chunk_size=500):
        revision = queries.revision_to_score(stored.revision_id)
        name = f"{revision.proposal.number}, revision {revision.number}"
        yield from _automatic(revision, name)
        names = ranking_scores.SCORE_FIELDS
        for field in _differing(
            stored, ranking_scores.score_of(revision), (n for n in names if n not in UNCOMPARED)
        ):
            yield f"Score of {name}: {field} does not match its marks"


def _automatic(revision: Revision, name: str) -> Iterator[str]:
    stored = {mark.criterion_id: mark for mark in AutomaticMark.objects.filter(revision=revision)}
    for computed in ranking_scores.automatic_marks_of(revision):
        code = computed.criterion.code
        found = stored.pop(computed.criterion_id, None)
        if found is None:
            yield f"Computed mark {code} of {name} is missing"
            continue
        for field in _differing(found, computed, ("value", "left_to_evaluators", "assessment_id")):
            yield f"Computed mark {code} of {name}: {field} does not match its input"
    for extra in stored.values():
        yield f"Computed mark {extra.criterion_id} of {name}: no rule computes it"


def _differing(stored: models.Model, computed: models.Model, names: Iterable[str]) -> list[str]:
    """The fields in which a stored row and a computed one differ."""
    return [name for name in names if _plain(stored, name) != _plain(computed, name)]


def _plain(row: models.Model, name: str) -> Any:
    """A field's value as the database gives it back: to its places, and JSON without Python's types."""
    field, value = row._meta.get_field(name.removesuffix("_id")), getattr(row, name)
    if value is None:
        return None
    if isinstance(field, models.DecimalField):
        return Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places), rounding=ROUND_HALF_UP)
    if isinstance(field, models.JSONField):
        return json.loads(json.dumps(value))
    return value


# ---- from scores --------------------------------------------------------------------------------------------------


def _rankings() -> Iterator[str]:
    for ranking in (
        Ranking.objects.exclude(ranked_at=None).select_related("window__solicitation").order_by("pk")
    ):
        name = f"{ranking.window.solicitation.number}, window {ranking.window.number}"
        if ranking.is_stale:
            yield f"Ranking of {name}: waiting for an update"
            continue
        rows = {row.position: row for row in ranking.rows.all()}
        scores = {row.pk: row for row in queries.scores_in(ranking.window).select_related("revision")}
        for position, ordered in enumerate(order.order_of(ranking.window), start=1):
            row = rows.pop(position, None)
            what = row.proposal_number if row else "no row"
            for field in _misplaced(row, ordered, scores[ordered.score]):
                yield f"Ranking of {name}, position {position} ({what}): {field} does not match the scores"
        for position, row in rows.items():
            yield f"Ranking of {name}, position {position} ({row.proposal_number}): no score supports it"


# What a row takes over from its score as it is.
COPIED = (
    "supplier_name", "place", "state", "technical", "price_total", "domestic_low", "domestic_high", "spread", "marks",
    "flags",
)  # fmt: skip


def _misplaced(row: RankedProposal | None, ordered: order.Ordered, score: Score) -> list[str]:
    """The fields of a ranking's row that differ from its place and its score; all of it when there is no row."""
    if row is None:
        return ["the row"]
    place = ordered.place
    expected: dict[str, Any] = {
        "revision_id": score.revision_id,
        "proposal_id": score.revision.proposal_id,
        "standing": ordered.standing,
        "rank": place.rank if place else None,
        "rank_before": ordered.rank_before,
        "price_open": ordered.price_open,
        "shared": place is not None and place.shared,
        "tie_step": place.tie_step if place else "",
        "score": next(each for each in (ordered.total, score.total, score.technical) if each is not None),
        "price_mark": score.price_mark if ordered.price_mark is None else ordered.price_mark,
        "score_before": ordered.score_before,
    }
    wrong = [name for name, value in expected.items() if getattr(row, name) != value]
    return wrong + [name for name in COPIED if getattr(row, name) != getattr(score, name)]
