"""The sections of a draft as forms.

A draft may be incomplete, so nothing is required; what is wrong stays in the form beside its error, and everything
else is saved. `SECTIONS` names a form for each key of `completeness.sections_of` that is written field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.datastructures import MultiValueDict

from portal.models import User
from rfp import actions
from rfp.forms.answers import AnswersForm
from rfp.forms.bom import BomSection
from rfp.forms.capacity import CapacitySection
from rfp.forms.jobs import JobsSection
from rfp.forms.parts import Section
from rfp.forms.price import PriceSection
from rfp.forms.product import ProductSection
from rfp.forms.statements import StatementsForm
from rfp.models import Proposal, Revision

SECTIONS: Mapping[str, Callable[..., Section]] = {
    "product": ProductSection,
    "answers": AnswersForm,
    "statements": StatementsForm,
    "bom": BomSection,
    "capacity": CapacitySection,
    "jobs": JobsSection,
    "price": PriceSection,
}


def open_section(key: str, draft: Revision, **options: Any) -> Section:
    """The section filled with what the draft holds."""
    return SECTIONS[key](draft, **options)


def save_section(
    key: str,
    proposal: Proposal,
    data: MultiValueDict[str, str],
    *,
    by: User,
    at: datetime,
    **options: Any,
) -> Section:
    """Save every valid field of a section; the section that comes back knows its errors.

    Raises actions.Refused when there is no draft or the user may not change it.
    """
    with transaction.atomic():
        draft = actions.open_draft(proposal, by=by)
        section = SECTIONS[key](draft, data=data, **options)
        section.is_valid()
        if section.save(draft):
            actions.touch(draft, at=at)
        return section
