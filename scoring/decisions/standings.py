"""The live standing: what stops a proposal's shortlisting as of now, whatever was frozen.

Assessments of opened windows stay as they were decided on. A hold or a confirmed match, of the supplier or of a maker
in the opened bill of materials, a suspension or an expired qualification (`suppliers.qualification.blocks`) is joined
in when a page, a report or an export is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from rfp.models import Proposal
from scoring.decisions.models import StandingOverride
from scoring.ranking.models import RankedProposal
from suppliers.qualification.blocks import Block, live_blocks, may_be_stopped


@dataclass(frozen=True, kw_only=True)
class LiveBlock:
    """A block of one proposal, with the officer's override that covers it, if there is one."""

    block: Block
    override: StandingOverride | None = None

    @property
    def stops(self) -> bool:
        """Whether it keeps the proposal off the shortlist."""
        return self.override is None

    def words(self, *, in_full: bool) -> str:
        """`in_full` for who may read screening: chair, admins, officers and auditors."""
        said = self.block.words if in_full else self.block.buyer_words
        return f"{said} (overridden)" if self.override else said


Blocks = Mapping[UUID, tuple[LiveBlock, ...]]
Row = tuple[UUID, str, int]  # proposal id, its number, supplier id


def blocks_on(proposal: Proposal) -> tuple[LiveBlock, ...]:
    """What stops one proposal as of now."""
    return blocks_of([(proposal.pk, proposal.number, proposal.supplier_id)]).get(proposal.pk, ())


def blocks_of(proposals: Iterable[Row]) -> Blocks:
    """proposal id → what stops it as of now, the gravest first; nothing for those that nothing stops.

    One query for one and for many, a second where something stops one.
    """
    rows = list(proposals)
    if not rows:
        return {}
    ids = {number: pk for pk, number, _supplier in rows}
    live = live_blocks((number, supplier) for _pk, number, supplier in rows)
    stopped = [(ids[number], blocks) for number, blocks in live.items() if blocks]
    overrides: dict[Any, list[StandingOverride]] = {}
    for row in StandingOverride.objects.filter(proposal__in=[pk for pk, _blocks in stopped]).select_related(
        "by"
    ):
        overrides.setdefault(row.proposal_id, []).append(row)
    return {
        pk: tuple(
            LiveBlock(block=block, override=_covering(block, overrides.get(pk, ()))) for block in blocks
        )
        for pk, blocks in stopped
    }


def blocks_among(rows: QuerySet[RankedProposal]) -> Blocks:
    """The same for all rows of a ranking, of which only those that may be stopped are read."""
    suppliers, numbers = may_be_stopped()
    few = rows.filter(Q(supplier__in=suppliers) | Q(proposal_number__in=numbers)).order_by()
    return blocks_of(few.values_list("proposal", "proposal_number", "supplier"))


def _covering(block: Block, overrides: Iterable[StandingOverride]) -> StandingOverride | None:
    """The override that was given for all that the block rests on."""
    return next((each for each in overrides if block.is_covered_by(each.keys)), None)
