"""What pages say about who is signed in: two-step sign-in, and unread notices."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context

from portal.accounts import two_step
from portal.letters import queries

register = template.Library()


@register.inclusion_tag("components/frame/two_step.html", takes_context=True)
def two_step_banner(context: Context) -> dict[str, Any]:
    """What reminds staff of two-step sign-in where it is offered and not required; no query."""
    session = getattr(context.get("request"), "session", {})
    return {"shown": session.get(two_step.BANNER, False), "is_development": settings.DEVELOPMENT}


@register.simple_tag(takes_context=True)
def two_step_required(context: Context) -> bool:
    """Whether the person who reads the page may not turn two-step sign-in off."""
    return two_step.is_required_of(getattr(context.get("request"), "user", None))


@register.simple_tag
def unread(user: Any) -> int:
    """How many notices the person has not read; no query on a page, the count came along with the person."""
    return queries.unread_of(user)
