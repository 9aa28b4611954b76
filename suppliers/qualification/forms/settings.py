"""The rules' parameters as one form, made from the parameters' own dataclasses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from portal.kit.codec import dump
from portal.kit.forms import PortalForm
from portal.kit.parameters import ParamsError, Setting, settings_of
from suppliers.qualification.forms.standing import enough, reason_field
from suppliers.qualification.judging import StandingPolicy
from suppliers.qualification.qualifying import POLICY, InForce, insane, read_settings
from suppliers.rules import QUALIFICATION


class SettingsForm(PortalForm):
    """Every parameter that is a number, a yes/no or a list of words or whole numbers; tables are left alone."""

    submit = "Preview changes"

    reason = reason_field("Why", "We keep it with this version.")

    def __init__(self, *args: Any, in_force: InForce, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.in_force = in_force
        self.groups: list[tuple[str, str, list[str]]] = []
        self._add(POLICY, "Term, renewal and approval", in_force.policy)
        for rule in QUALIFICATION.rules:
            self._add(rule.code, rule.title, in_force.params[rule.code])
        self.fields["reason"] = self.fields.pop("reason")

    def _add(self, code: str, title: str, params: Any) -> None:
        names = []
        for name, about in settings_of(params).items():
            field = _field(about, getattr(params, name))
            if field is not None:
                self.fields[f"{code}:{name}"] = field
                names.append(f"{code}:{name}")
        if names:
            self.groups.append((title, type(params).__doc__ or "", names))

    def layout(self) -> Sequence[Any]:
        """A fold for each rule: one looks for the one to change. What is wrong stands open."""
        parts: list[Any] = []
        for title, words, names in self.groups:
            is_open = any(name in self.errors for name in names)
            parts += [
                HTML(
                    format_html(
                        '<details class="fold fold-more panel mb-2"{}><summary class="panel-head">'
                        '<span class="h4-size fw-semibold">{}</span></summary><div class="panel-body">',
                        mark_safe(" open") if is_open else "",
                        title,
                    )
                ),
                _explained(words),
                *names,
                HTML("</div></details>"),
            ]
        return [*parts, HTML('<div class="mt-4"></div>'), "reason"]

    def clean_reason(self) -> str:
        return enough(self.cleaned_data["reason"])

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        try:
            proposed = read_settings(self.params(), version=0)
        except ParamsError as error:
            raise ValidationError(str(error)) from None
        for (code, name), words in insane(proposed).items():
            self.add_error(f"{code}:{name}" if f"{code}:{name}" in self.fields else None, words)

    def params(self) -> dict[str, Any]:
        """What differs from the built-in values, for storing."""
        built_in: dict[str, Any] = {rule.code: rule.params() for rule in QUALIFICATION.rules}
        built_in[POLICY] = StandingPolicy()
        found: dict[str, Any] = {}
        for code, defaults in built_in.items():
            now = self.in_force.policy if code == POLICY else self.in_force.params[code]
            plain, kept = dump(defaults), dump(now)
            for name in kept:
                typed = self.cleaned_data.get(f"{code}:{name}")
                value = kept[name] if f"{code}:{name}" not in self.fields else _stored(typed)
                if value != plain[name]:
                    found.setdefault(code, {})[name] = value
        return found


def _explained(words: str) -> HTML:
    """What the parameters mean: their class's own words."""
    return HTML(format_html('<p class="small muted">{}</p>', " ".join(words.split())))


def _stored(value: Any) -> Any:
    return dump(value)


def _field(about: Setting, value: Any) -> forms.Field | None:
    label = about.title
    if isinstance(value, bool):
        return forms.BooleanField(label=label, required=False, initial=value, help_text=about.origin)
    if isinstance(value, Decimal):
        return forms.DecimalField(label=label, initial=f"{value:f}", help_text=about.origin)
    if isinstance(value, int):
        return forms.IntegerField(label=label, initial=value, min_value=0, help_text=about.origin)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
        return WholeNumbersField(
            label=label, initial=", ".join(map(str, value)), help_text="Separated by commas."
        )
    if isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
        return WordsField(
            label=label,
            initial="\n".join(value),
            widget=forms.Textarea(attrs={"rows": min(len(value), 6)}),
            help_text="One per line.",
        )
    return None


class WholeNumbersField(forms.CharField):
    """90, 60, 30 as a tuple of whole numbers."""

    def clean(self, value: Any) -> tuple[int, ...]:
        text = super().clean(value)
        try:
            return tuple(int(part) for part in text.split(","))
        except ValueError:
            raise ValidationError("Enter whole numbers, separated by commas") from None


class WordsField(forms.CharField):
    """Words, one a line, as a tuple."""

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        return tuple(dict.fromkeys(line for line in lines if line))
