"""What every form shares: one look, the error summary first, one primary button named by its verb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms


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
        helper.add_input(Submit("submit", submit))
    return helper


def table_helper(submit: str = "", *, cancel: str = "", tag: bool = True) -> FormHelper:
    """A crispy helper that draws a formset as a table, a form a row; on a phone each row becomes a card."""
    helper = portal_helper(submit, cancel=cancel, tag=tag)
    helper.template = "bootstrap5/table_inline_formset.html"
    return helper


class _InOurLook:
    """Gives a form its `helper`. `submit = ""` for a form whose template brings the button."""

    submit = "Save"
    cancel = ""
    form_tag = True

    @property
    def helper(self) -> FormHelper:
        submit = self.submit if self.form_tag else ""
        return portal_helper(submit, layout=self.layout(), cancel=self.cancel, tag=self.form_tag)

    def layout(self) -> Sequence[Any]:
        """Crispy layout objects; empty for the fields in their own order."""
        return ()


class PortalForm(_InOurLook, forms.Form):
    """A form in our look."""


class PortalModelForm(_InOurLook, forms.ModelForm):  # type: ignore[type-arg]
    """A model's form in our look."""
