"""Findings, one or all of an assessment's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from portal.kit.compliance import Outcome
from portal.templatetags.states import KNOWN, STATES

register = template.Library()


# Not met first, then what a person decides; met is folded away.
_ORDER = (
    Outcome.NOT_MET.value,
    Outcome.REFER.value,
    KNOWN,
    Outcome.MET.value,
    Outcome.NOT_APPLICABLE.value,
)
_OPEN = (Outcome.NOT_MET.value, Outcome.REFER.value)


@register.inclusion_tag("components/things/finding.html")
def finding(item: Any, heading: str = "h3", more: str = "") -> dict[str, Any]:
    """One finding's card: shape, title, outcome, effect, sentence, what to do, code and basis."""
    return {"finding": item, "heading": heading, "more": more}


@register.inclusion_tag("components/things/findings.html")
def findings(items: Iterable[Any], heading: str = "h2", empty: str = "No findings yet.") -> dict[str, Any]:
    """All findings of an assessment: counts, then groups in order, all but the open ones folded.

    An item with `is_known` was accepted by a person.
    """
    groups: dict[str, list[Any]] = {group: [] for group in _ORDER}
    for item in items:
        groups[KNOWN if getattr(item, "is_known", False) else Outcome(item.outcome).value].append(item)
    return {
        "groups": [
            {
                "outcome": group,
                "word": STATES[group].word,
                "items": found,
                "folded": group not in _OPEN,
            }
            for group, found in groups.items()
            if found or group != KNOWN
        ],
        "any": any(groups.values()),
        "heading": heading,
        "below": {"h2": "h3", "h3": "h4"}.get(heading, "h4"),
        "empty": empty,
    }
