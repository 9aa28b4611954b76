"""Profile forms that save as one types: what fits is stored, what does not is named and stays in the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from portal.kit import clock
from portal.kit.forms import PortalModelForm
from portal.kit.requests import Request
from portal.models import User
from suppliers.company import actions
from suppliers.company.models import Supplier

# What the form's script sends besides the fields: the names of those that were changed in this window.
CHANGED = "changed_here"


def attributes(request: HttpRequest, key: str, *, is_saved: bool, is_there: bool = True) -> dict[str, str]:
    """Attributes of a form's tag. What is typed is kept on the device; with `is_saved` our server gets it too.

    `is_there`: whether the row exists, so that another window may be changing it too.
    """
    kept = {"data-autosave": f"company:{request.user.pk}:{key}"}
    if is_there:
        kept["data-merge"] = ""
    if not is_saved:
        return kept
    return kept | {
        "hx-post": request.get_full_path(),
        "hx-trigger": "input delay:1200ms, change delay:300ms",
        "hx-target": "#saved",
        "hx-swap": "innerHTML",
        "hx-sync": "this:replace",
    }


def carried(form: PortalModelForm) -> Mapping[str, str]:
    """For a form that comes back with errors: what was typed and is not saved yet counts as changed next time."""
    return {"data-changed": " ".join(form.changed_data)} if form.is_bound else {}


def asked(request: Request) -> bool:
    """Whether this is the form saving itself, not a person sending it."""
    return request.method == "POST" and bool(request.htmx)


def sent(request: HttpRequest, stored: forms.ModelForm[Any]) -> QueryDict | None:
    """What was sent, over what is stored: a field that this window did not change keeps what another one saved.

    stored  the unbound form of the row as it is now
    """
    if request.method != "POST":
        return None
    if CHANGED not in request.POST:  # without the script every field counts
        return request.POST
    names = set(request.POST[CHANGED].split())
    data = request.POST.copy()
    for bound in stored:
        if bound.name not in names and not isinstance(bound.field, forms.FileField):
            data.setlist(bound.html_name, _as_sent(bound))
    return data


def _as_sent(bound: BoundField) -> list[str]:
    """A stored value as a browser would send it."""
    value: Any = bound.value()
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown: Any = widget.format_value(value)
    if isinstance(shown, list | tuple):  # the choices that are taken
        return [str(each) for each in shown]
    return ["" if shown is None else str(shown)]


def answer(
    request: HttpRequest, supplier: Supplier, form: PortalModelForm, *, part: str, by: User
) -> HttpResponse:
    """Store the fields that fit; say which do not."""
    form.is_valid()
    # A rule about several fields at once leaves open which of them is wrong: then nothing is stored.
    is_stored = not form.non_field_errors()
    # Only what was changed: the rest of the row may be another window's by now.
    if is_stored and (fields := form.to_store()):
        actions.change_profile(
            supplier,
            lambda: form.instance.save(update_fields=fields),
            part=part,
            by=by,
            at=clock.wall_time(),
        )
    problems = [
        (errors[0], form[name].id_for_label, form[name].label) if name in form.fields else (errors[0], "", "")
        for name, errors in form.errors.items()
    ]
    fresh = Supplier.objects.only("changed_at").get(pk=supplier.pk)
    context = {"supplier": fresh, "problems": problems, "is_stored": is_stored}
    return render(request, "suppliers/company/profile/saved.html", context)
