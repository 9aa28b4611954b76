"""Profile forms that save as one types: what fits is stored, what does not is named and stays in the form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import clock
from portal.forms import PortalModelForm
from portal.models import User
from suppliers import actions
from suppliers.models import Supplier


def attributes(request: HttpRequest, key: str, *, is_saved: bool) -> dict[str, str]:
    """Attributes of a form's tag. What is typed is kept on the device; with `is_saved` our server gets it too."""
    kept = {"data-autosave": f"company:{request.user.pk}:{key}"}
    if not is_saved:
        return kept
    return kept | {
        "hx-post": request.get_full_path(),
        "hx-trigger": "input delay:1200ms, change delay:300ms",
        "hx-target": "#saved",
        "hx-swap": "innerHTML",
        "hx-sync": "this:replace",
    }


def asked(request: HttpRequest) -> bool:
    """Whether this is the form saving itself, not a person sending it."""
    return request.method == "POST" and bool(request.htmx)  # type: ignore[attr-defined]


def answer(
    request: HttpRequest, supplier: Supplier, form: PortalModelForm, *, part: str, by: User
) -> HttpResponse:
    """Store the fields that fit; say which do not."""
    form.is_valid()
    at = clock.wall_time()
    # A rule about several fields at once leaves open which of them is wrong: then nothing is stored.
    if not form.non_field_errors():
        actions.change_profile(supplier, form.instance.save, part=part, by=by, at=at)
        at = clock.wall_time()
    problems = [
        (errors[0], form[name].id_for_label if name in form.fields else "")
        for name, errors in form.errors.items()
    ]
    fresh = Supplier.objects.only("changed_at").get(pk=supplier.pk)
    return render(request, "suppliers/saved.html", {"supplier": fresh, "problems": problems})
