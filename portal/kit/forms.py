"""What every form shares: one look, the error summary first, one primary button named by its verb."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.utils import pretty_name

# Embeddings, overrides and isolates; Arabic and Hebrew need none of them in a form.
TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def portal_helper(
    submit: str = "",
    *,
    layout: Sequence[Any] = (),
    cancel: str = "",
    tag: bool = True,
    method: str = "post",
    action: str = "",
) -> FormHelper:
    """A crispy helper in our look.

    submit  the primary button, named by its verb and object ("Save the site"); none when empty
    layout  crispy layout objects or field names; the form's own order when empty
    cancel  the address that leaves the form without saving; no link when empty
    tag     False for a part of a larger form, which then brings its own tag and token
    """
    helper = FormHelper()
    helper.form_tag = tag
    helper.form_method = method
    helper.form_action = action
    helper.disable_csrf = not tag
    # The error summary says it in our words and in one place; the browser's bubbles would come first.
    helper.attrs = {"novalidate": ""}
    helper.cancel_url = cancel
    if layout:
        helper.layout = Layout(*layout)
    if submit:
        # Not named "submit": that would hide the form's own submit() from scripts.
        helper.add_input(Submit("save", submit))
    return helper


def table_helper(submit: str = "", *, cancel: str = "", tag: bool = True) -> FormHelper:
    """A crispy helper that draws a formset as a table, a form a row; on a phone each row becomes a card."""
    helper = portal_helper(submit, cancel=cancel, tag=tag)
    helper.template = "bootstrap5/table_inline_formset.html"
    return helper


class NumberText(forms.TextInput):
    """A number typed as text: what is wrong stays to be corrected, and 12,000 is twelve thousand.

    Only commas at every third place are taken out; "1,5" stays and is refused, it could mean two things.
    """

    _GROUPED = re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d*)?\s*")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace(",", "") if isinstance(value, str) and self._GROUPED.fullmatch(value) else value


def missing(field: forms.Field, label: str) -> str:
    """What a required field without an answer says; the error summary needs the field's name in it."""
    if isinstance(field, forms.BooleanField):
        return f"Confirm: {label}"
    return f"Answer “{label}”" if label.endswith("?") else f"{label} is missing"


def no_turned_text(value: str) -> None:
    """Refuses the invisible characters that turn text around: a name must read as it is stored."""
    if any(unicodedata.bidirectional(character) in TURNING for character in value):
        raise ValidationError(
            "The text has an invisible character that changes its direction. Type it again."
        )


def in_our_words(form: forms.BaseForm) -> None:
    """No turned text, numbers as text, and the framework's "This field is required." replaced; own messages stay."""
    for name, field in form.fields.items():
        # Not `form[name]`: that would keep a bound field, which no longer hears of a label or a help text set later.
        label = str(pretty_name(name) if field.label is None else field.label)
        if isinstance(field, forms.CharField):
            field.validators = [*field.validators, no_turned_text]
        if isinstance(field, forms.IntegerField):  # the number fields all descend from it
            whole = not isinstance(field, forms.DecimalField | forms.FloatField)
            _replace(field, "invalid", f"{label}: use digits only, for example {'8100' if whole else '12.5'}")
            if isinstance(field.widget, forms.NumberInput):
                drop = ("step", "min", "max")
                keep = {key: value for key, value in field.widget.attrs.items() if key not in drop}
                mode = "numeric" if whole else "decimal"
                field.widget = NumberText(attrs={"inputmode": mode, "autocomplete": "off", **keep})
        _replace(field, "required", missing(field, label))


class _AsItIs(str):
    """A message that is complete: the framework puts values into messages, and a label may hold a percent sign."""

    def __mod__(self, values: Any) -> str:
        return self


def _replace(field: forms.Field, code: str, message: str) -> None:
    """Sets a message unless the form brought its own."""
    defaults: dict[str, Any] = {}
    for cls in reversed(type(field).__mro__):
        defaults.update(getattr(cls, "default_error_messages", {}))
    if field.error_messages.get(code) == defaults.get(code):
        field.error_messages[code] = _AsItIs(message)


class _InOurLook:
    """Gives a form its `helper` and our words. `submit = ""` for a form whose template brings the button."""

    submit = "Save"
    cancel = ""
    action = ""  # where it is sent; the page's own address when empty
    form_tag = True
    attrs: Mapping[str, str] = {}  # more attributes of the form's tag

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(cast(forms.BaseForm, self))

    @property
    def helper(self) -> FormHelper:
        submit = self.submit if self.form_tag else ""
        helper = portal_helper(
            submit, layout=self.layout(), cancel=self.cancel, tag=self.form_tag, action=self.action
        )
        helper.attrs |= self.attrs
        return helper

    def layout(self) -> Sequence[Any]:
        """Crispy layout objects; empty for the fields in their own order."""
        return ()


class PortalForm(_InOurLook, forms.Form):
    """A form in our look."""


class PortalModelForm(_InOurLook, forms.ModelForm):
    """A model's form in our look."""

    def to_store(self) -> list[str]:
        """The model's fields that were changed and fit, for `save(update_fields=…)`."""
        return [
            name
            for name in self._meta.fields or ()
            if name in self.changed_data and name in self.cleaned_data
        ]


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Set what a choice field lets people choose from."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField), name
    field.choices = list(choices)


def offer_rows(
    form: forms.BaseForm,
    name: str,
    rows: QuerySet[Any],
    *,
    blank: str | None = None,
    label: Callable[[Any], str] | None = None,
) -> None:
    """Set the rows a field lets people choose from; `blank` is the empty choice, `label` how a row is called."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField), name
    field.queryset = rows
    if blank is not None:
        field.empty_label = blank
    if label is not None:
        field.label_from_instance = label  # type: ignore[assignment, method-assign]  # Django documents overriding it
