"""What an addendum asks a supplier to look at again: the touched answers of one revision, and no others.

Nothing about it is stored but what was reconfirmed: which questions changed since the version that a revision answers
follows from the wordings, which stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rfp.proposals.models import Revision
from rfp.proposals.queries import asked_among
from rfp.publishing.queries import requirements_of, wordings_of
from rfp.publishing.question_models import Requirement


@dataclass(frozen=True, kw_only=True)
class Again:
    """A question that changed: its wording now, the one that was answered (None for a new question)."""

    requirement: Requirement
    before: Requirement | None
    is_confirmed: bool = False


def version_to_answer(revision: Revision) -> int:
    """The version of the RFP that the revision's proposal has to answer: that of its window, once it has one."""
    proposal = revision.proposal
    return proposal.window.version if proposal.window else proposal.lot.solicitation.version


def asked_again(revision: Revision) -> list[Again]:
    """The questions it has to answer that its supplier must look at again, in order.

    No query beyond the wordings of the lot where nothing changed.
    """
    wanted = version_to_answer(revision)
    if revision.rfp_version >= wanted:
        return []
    wordings = wordings_of(revision.proposal.lot)
    newer = [each for each in wordings if revision.rfp_version < each.since <= wanted]
    if not any(each.standing == Requirement.Standing.RECONFIRM for each in newer):
        return []
    confirmed = _confirmed(revision, wordings)
    given = None if revision.received_at else _given(revision)
    found = []
    for requirement in asked_among(revision, requirements_of(revision.proposal.lot, wanted)):
        asks = [
            each.since
            for each in newer
            if each.question == requirement.question and each.standing == Requirement.Standing.RECONFIRM
        ]
        if asks and (given is None or given(requirement)):
            found.append(
                Again(
                    requirement=requirement,
                    before=_answered(requirement, wordings, revision.rfp_version),
                    is_confirmed=confirmed.get(requirement.question, 0) >= max(asks),
                )
            )
    return found


def _given(draft: Revision) -> Callable[[Requirement], bool]:
    """Whether a draft has an answer to a question: one that is still blank needs no second look."""
    answers = {response.requirement_id for response in draft.responses.all()}
    files = {attachment.requirement_id for attachment in draft.attachments.all()}
    sections = {
        Requirement.AnsweredBy.SITE: draft.final_site_id,
        Requirement.AnsweredBy.LEAD_TIME: draft.lead_time_days,
        Requirement.AnsweredBy.START: draft.start_of_production,
    }

    def is_given(requirement: Requirement) -> bool:
        if requirement.answered_by == Requirement.AnsweredBy.RESPONSE:
            return requirement.pk in answers or requirement.pk in files
        return sections.get(Requirement.AnsweredBy(requirement.answered_by), True) is not None

    return is_given


def _confirmed(revision: Revision, wordings: list[Requirement]) -> dict[int, int]:
    """Question → the version of its newest wording that was reconfirmed."""
    by_id = {each.pk: each for each in wordings}
    found: dict[int, int] = {}
    for row in revision.reconfirmed.all():
        wording = by_id.get(row.requirement_id)
        if wording is not None:
            found[wording.question] = max(found.get(wording.question, 0), wording.since)
    return found


def _answered(requirement: Requirement, wordings: list[Requirement], version: int) -> Requirement | None:
    return next(
        (each for each in wordings if each.question == requirement.question and each.is_asked_in(version)),
        None,
    )


def waiting(revision: Revision) -> list[Again]:
    """Those not reconfirmed yet."""
    return [each for each in asked_again(revision) if not each.is_confirmed]
