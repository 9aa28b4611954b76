"""How technical points enter the total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TechnicalForm:
    """`words` is what a solicitation publishes; `needs_rivals`: the points depend on the other proposals."""

    title: str
    words: str
    needs_rivals: bool = False


TECHNICAL_FORMS: Mapping[str, TechnicalForm] = {
    "sum": TechnicalForm("As they are", "Technical points count as they are."),
    "relative": TechnicalForm(
        "Relative to the best proposal",
        "The best proposal that passes gets all technical points. The others get their share of its points.",
        needs_rivals=True,
    ),
}
