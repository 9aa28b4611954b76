"""The settings of one rule, as its dataclass declares them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from portal.kit.codec import dump
from portal.kit.compliance import Rule
from portal.kit.formats import number
from portal.kit.forms import PortalForm, in_our_words
from portal.kit.parameters import ParamsError, Setting, params_from_json, problems, settings_of
from rfp.publishing.forms.parts import lines_of
from rfp.publishing.models import Solicitation
from rfp.rules import RULEBOOK
from rfp.rules.chosen import Use
from suppliers.lists.sources import short_name

USES = [
    (Use.AS_BUILT.value, "As built"),
    (Use.ADVICE.value, "Advice only: it never excludes a proposal"),
    (Use.OFF.value, "Off: it isn’t checked"),
]


class RuleForm(PortalForm):
    """What an RFP may set in a rule. Only what differs from the built-in value is stored."""

    submit = "Save the settings"
    says_nothing_optional = True

    def __init__(self, solicitation: Solicitation, rule: Rule[Any], *args: Any, **kwargs: Any) -> None:
        self.solicitation, self.rule = solicitation, rule
        # Through JSON, as it is stored: a tuple that nobody changed must equal its list.
        self.defaults: dict[str, Any] = json.loads(json.dumps(dump(rule.params())))
        stored = solicitation.rule_params.get(rule.code, {})
        self.values = {**self.defaults, **stored}
        self.use = solicitation.rule_uses.get(rule.code, {"use": "", "reason": ""})
        super().__init__(*args, **kwargs)
        if rule.may_be_off:
            self.fields["use"] = forms.ChoiceField(
                label="Use in this RFP",
                choices=USES,
                required=False,
                initial=self.use["use"],
                widget=forms.RadioSelect,
            )
            self.fields["use_reason"] = forms.CharField(
                label="Reason",
                required=False,
                initial=self.use["reason"],
                max_length=500,
                help_text="Suppliers read it with the RFP. Required if you don’t use the rule as built.",
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        built_in = rule.params()
        for name, about in settings_of(built_in).items():
            self.fields[name] = _field(about, getattr(built_in, name), self.values[name], self.defaults[name])

        in_our_words(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        # Another rule may have been set since the page was read; the caller holds the RFP's lock now.
        self.solicitation.refresh_from_db(fields=["rule_params", "rule_uses"])
        self._clean_use(cleaned)
        settings: dict[str, Any] = {}
        for name, default in self.defaults.items():
            try:
                value = _stored(cleaned[name], default)
            except ValueError as error:
                self.add_error(name, str(error))
                continue
            if _is_steps(default) and not self._reaches_back(value):
                self.add_error(name, "The first line must apply to the first delivery year")
            if value != default:
                settings[name] = value
        self.params = {**self.solicitation.rule_params, self.rule.code: settings}
        if not settings:
            del self.params[self.rule.code]
        try:
            proposed = params_from_json(RULEBOOK, self.params)
        except ParamsError as error:
            raise forms.ValidationError(str(error)) from None
        for (_code, name), words in problems({self.rule.code: proposed[self.rule.code]}).items():
            self.add_error(name, words)
        return cleaned

    def _clean_use(self, cleaned: dict[str, Any]) -> None:
        self.uses = {
            code: each for code, each in self.solicitation.rule_uses.items() if code != self.rule.code
        }
        use = cleaned.get("use") or ""
        if not use:
            return
        reason = cleaned["use_reason"].strip()
        if not reason:
            self.add_error("use_reason", "Say why this RFP doesn’t use the rule as built")
        self.uses[self.rule.code] = {"use": use, "reason": reason}

    def _reaches_back(self, steps: list[dict[str, Any]]) -> bool:
        first = min(self.solicitation.delivery_years, default=0)
        return any(step["year"] <= first for step in steps)

    def save(self) -> None:
        self.solicitation.rule_params = self.params
        self.solicitation.rule_uses = self.uses
        self.solicitation.save(update_fields=["rule_params", "rule_uses"])


def shown(value: Any) -> str:
    """A setting as one reads it: steps as "from 2024: 65", lists with commas."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_step_in_words(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int) else str(value)


def _is_steps(default: Any) -> bool:
    """Whether the setting is a list of thresholds by year."""
    return isinstance(default, list) and bool(default) and isinstance(default[0], dict)


def _step(value: Any) -> str:
    return (
        f"{value['year']}: {value['percent']}" if isinstance(value, dict) and "year" in value else str(value)
    )


def _step_in_words(value: Any) -> str:
    """A step as one reads it: "from 2029: 75", and for the one that holds since ever "at first: 60"."""
    if not isinstance(value, dict) or "year" not in value:
        return short_name(str(value))
    return f"from {value['year']}: {value['percent']}" if value["year"] else f"at first: {value['percent']}"


def _field(about: Setting, declared: Any, value: Any, default: Any) -> forms.Field:
    # A list is shown as it is typed.
    typed = ", ".join(_step(each) for each in default) if isinstance(default, list) else shown(default)
    label, help_text = about.title, f"Built in: {typed}"
    if about.origin:
        help_text += f". {about.origin}"
    if isinstance(declared, bool):
        return forms.BooleanField(label=label, required=False, initial=value, help_text=help_text)
    if isinstance(declared, int):
        return forms.IntegerField(label=label, min_value=0, initial=value, help_text=help_text)
    if isinstance(declared, Decimal):
        return forms.DecimalField(label=label, min_value=0, initial=value, help_text=help_text)
    if isinstance(declared, str | date):
        return forms.CharField(label=label, initial=value, help_text=help_text)
    how = "One per line: first year, colon, percent." if _is_steps(default) else "One per line."
    text = "\n".join(_step(each) for each in value)
    return forms.CharField(
        label=label, initial=text, help_text=f"{how} {help_text}", widget=forms.Textarea(attrs={"rows": 5})
    )


def _stored(value: Any, default: Any) -> Any:
    """What was typed as the settings are stored: decimals as text, steps as tables. Raises ValueError."""
    if isinstance(value, Decimal):
        plain = value.normalize()
        return str(default) if value == Decimal(str(default)) else f"{plain:f}"
    if isinstance(default, list | tuple):
        lines = lines_of(value)
        return [_step_of(line) for line in lines] if _is_steps(default) else lines
    return value


def _step_of(line: str) -> dict[str, Any]:
    year, _, percent = (part.strip() for part in line.partition(":"))
    try:
        number = Decimal(percent.rstrip("% "))
        if not year.isdigit() or not 0 <= number <= 100:
            raise ValueError
    except ArithmeticError:
        raise ValueError(f"“{line}”: enter a year, a colon and a percent, for example 2029: 75") from None
    except ValueError:
        raise ValueError(f"“{line}”: enter a year, a colon and a percent, for example 2029: 75") from None
    return {"year": int(year), "percent": f"{number:f}"}
