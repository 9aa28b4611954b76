"""Forms: what is wrong with them, and the filters of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet

register = template.Library()


@dataclass(frozen=True)
class Problem:
    """One entry of the error summary: the words, and the field they belong to."""

    text: str
    target: str


def _problems(form: BaseForm) -> list[Problem]:
    found = [Problem(str(text), "") for text in form.non_field_errors()]
    for bound in form:
        # A group of radios has no control with the group's own id; its frame has one.
        target = f"div_{bound.auto_id}" if bound.use_fieldset else bound.id_for_label or bound.auto_id
        found += [Problem(str(text), "" if bound.is_hidden else target) for text in bound.errors]
    return found


@register.simple_tag
def form_problems(form: BaseForm | BaseFormSet[Any]) -> list[Problem]:
    """Everything wrong with a form or a formset, in the order of the page."""
    if isinstance(form, BaseFormSet):
        found = [Problem(str(text), "") for text in form.non_form_errors()]
        return found + [problem for part in form.forms for problem in _problems(part)]
    return _problems(form)


@register.filter
def plain_form(form: BaseForm) -> BaseForm:
    """The same form without placeholders (a label that vanishes while one types is none), labels in sentence case."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if label := str(field.label or ""):
            field.label = label[:1] + label[1:].lower()
    return form


@register.inclusion_tag("components/lists/filter_choice.html")
def filter_choice(
    name: str,
    label: str,
    options: Mapping[Any, str] | Iterable[tuple[Any, str]],
    chosen: Any,
    blank: str = "",
) -> dict[str, Any]:
    """One choice of a list's filters: (value, words) pairs; `blank` is what the blank value is called, if it is one."""
    pairs = options.items() if isinstance(options, Mapping) else options
    return {
        "name": name,
        "label": label,
        "options": [(str(value), words) for value, words in pairs],
        "chosen": str(chosen or ""),
        "blank": blank,
    }
