"""The questions of “See if you qualify”. What was typed is read once and kept nowhere."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.forms import NumberText, PortalForm
from rfp.facing.qualifying import Asked

BLANK = ("", "Not answered")
YES_NO = (BLANK, ("true", "Yes"), ("false", "No"))
MEETS = (BLANK, ("yes", "Yes"), ("no", "No"), ("unsure", "Not sure"))


class QualifyForm(PortalForm):
    submit = "See the result"
    says_nothing_optional = True

    def __init__(self, data: Any = None, *, asked: list[Asked]) -> None:
        super().__init__(data)
        for each in asked:
            self.fields[each.name] = _field(each)

    def answers(self) -> dict[str, str]:
        """Field → answer as text, after validation."""
        cleaned = self.cleaned_data
        return {name: "" if cleaned.get(name) is None else str(cleaned.get(name)) for name in self.fields}


def _field(asked: Asked) -> forms.Field:
    facts = asked.facts
    said: dict[str, Any] = {"label": facts.text, "required": False, "help_text": _help(asked)}
    if not asked.is_tested:
        return forms.ChoiceField(choices=MEETS, **said)
    if facts.data_type == "boolean":
        return forms.ChoiceField(choices=YES_NO, **said)
    if facts.data_type == "choice":
        return forms.ChoiceField(choices=[BLANK, *((each, each) for each in facts.choices)], **said)
    if facts.data_type == "date":
        return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **said)
    return forms.DecimalField(max_digits=30, widget=NumberText(attrs={"inputmode": "decimal"}), **said)


def _help(asked: Asked) -> str:
    unit = f"In {asked.facts.unit}." if asked.facts.unit and asked.is_tested and not asked.wanted else ""
    items = f"For {', '.join(asked.items)}." if asked.items else ""
    wanted = f"{asked.wanted}." if asked.wanted else ""
    could = "" if asked.is_tested else "The proposal asks for this. Could you answer it?"
    when = f"{asked.only_if_words}." if asked.only_if_words else ""
    return " ".join(filter(None, (when, wanted, unit, items, could)))
