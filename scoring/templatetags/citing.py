"""Comments with their citations as links."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from scoring.reading import citing

register = template.Library()


@register.filter
def cited(comment: str, proposal: Any) -> SafeString:
    """`{{ mark.comment|cited:proposal.pk }}`: its lines, and each citation as a link to the answer or the document."""
    return citing.linked(comment, reverse("scoring:proposal_detail", args=[proposal]))


@register.filter
def citation(statement: str, code: str) -> str:
    """`{{ text|citation:criterion.code }}` → [Text T: “…”], as it stands in a comment."""
    return citing.quoted(code, statement, statement=True)
