"""The sections of a draft as forms.

A draft may be incomplete, so nothing is required; what is wrong stays in the form beside its error, and everything
else is saved. `SECTIONS` names a form for each key of `completeness.sections_of` that is written field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.datastructures import MultiValueDict

from portal.models import User
from rfp.drafting.forms import merging
from rfp.drafting.forms.merging import Conflict
from rfp.drafting.forms.sections.answers import AnswersForm
from rfp.drafting.forms.sections.bom import BomSection
from rfp.drafting.forms.sections.capacity import capacity_section
from rfp.drafting.forms.sections.jobs import JobsSection
from rfp.drafting.forms.sections.parts import Section
from rfp.drafting.forms.sections.price import PriceSection
from rfp.drafting.forms.sections.product import product_section
from rfp.drafting.forms.sections.statements import StatementsForm
from rfp.proposals import actions
from rfp.proposals.models import Proposal, Revision

SECTIONS: Mapping[str, Callable[..., Section]] = {
    "product": product_section,
    "answers": AnswersForm,
    "statements": StatementsForm,
    "bom": BomSection,
    "capacity": capacity_section,
    "jobs": JobsSection,
    "price": PriceSection,
}


def open_section(key: str, draft: Revision, **options: Any) -> Section:
    """The section filled with what the draft holds."""
    return SECTIONS[key](draft, **options)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A section that was saved: the form with its errors, what has to be chosen, what the page carries now."""

    section: Section
    conflicts: tuple[Conflict, ...]
    base: str

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(words, id of the field) of everything that was not saved."""
        return [(each.words, each.target) for each in self.conflicts] + self.section.problems


def save_section(
    key: str,
    proposal: Proposal,
    data: MultiValueDict[str, str],
    *,
    by: User,
    at: datetime,
    **options: Any,
) -> Saved:
    """Save every valid field that the page changed; a field that somebody else changed meanwhile is not written.

    Raises actions.Refused when there is no draft or the user may not change it.
    """
    with transaction.atomic():
        draft = actions.open_draft(proposal, by=by)
        merged = merging.merge(data, open_section(key, draft, **options))
        section = SECTIONS[key](draft, data=merged.data, **options)
        section.is_valid()
        if section.save(draft):
            actions.touch(draft, at=at)
        fresh = type(draft).objects.get(pk=draft.pk)
        base = merging.base_after(merged, open_section(key, fresh, **options))
        return Saved(section=section, conflicts=merged.conflicts, base=base)
