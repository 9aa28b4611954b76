"""Windows, dates, lots, criteria, requirements: add, change and remove one. For admins, while nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.kit.forms import table_helper
from portal.kit.refused import Refused
from rfp.publishing import actions as publishing_actions
from rfp.publishing.forms.criterion import CriterionForm
from rfp.publishing.forms.lots import LotForm
from rfp.publishing.forms.preference import PreferenceForm
from rfp.publishing.forms.requirement import RequirementForm
from rfp.publishing.forms.windows import MilestoneForm, WindowForm
from rfp.publishing.models import Lot, Milestone, Solicitation, SolicitationDocument, Window
from rfp.publishing.question_models import Criterion, Preference, Requirement
from rfp.publishing.views.setup import keep
from rfp.publishing.views.setup_frame import admin_of, changeable, frame


@dataclass(frozen=True)
class Part:
    """One kind of row: its section, its words, and how it is filled in."""

    section: str
    word: str
    model: Any
    form: Callable[..., Any] | None = None
    template: str = "rfp/publishing/setup/frame/part.html"


PARTS = {
    "window": Part("dates", "window", Window, WindowForm),
    "milestone": Part("dates", "date", Milestone, MilestoneForm),
    "lot": Part("lots", "lot", Lot, LotForm, "rfp/publishing/setup/asked/lot.html"),
    "criterion": Part("criteria", "criterion", Criterion, CriterionForm),
    "requirement": Part("requirements", "requirement", Requirement, RequirementForm),
    "preference": Part("scoring", "preference", Preference, PreferenceForm),
    "document": Part("documents", "document", SolicitationDocument),
}


@login_required
def edit(request: HttpRequest, pk: int, kind: str, part: int | None = None) -> HttpResponse:
    """Add or change a row. `?rebuild` draws the form for what is chosen so far and stores nothing."""
    solicitation = changeable(request, pk)
    spec = PARTS[kind]
    assert spec.form is not None, "a document is removed and added, not changed"
    back = reverse(f"rfp:setup_{spec.section}", args=[pk])
    if request.method == "POST" and "rebuild" in request.GET and hasattr(spec.form, "rebuilds"):
        form = spec.form(solicitation, instance=_row(solicitation, spec, part), initial=_typed(request))
        return render(
            request,
            "rfp/publishing/setup/frame/part.html#form",
            _context(solicitation, spec, form, part, back),
        )
    form = spec.form(solicitation, request.POST or None, instance=_row(solicitation, spec, part))
    if request.method == "POST" and keep(request, solicitation, form, what=kind):
        messages.success(request, f"{spec.word.capitalize()} saved.")
        return redirect(back)
    context = frame(solicitation, spec.section) | _context(solicitation, spec, form, part, back)
    return render(request, spec.template, context)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, kind: str, part: int) -> HttpResponse:
    """Ask, then take the row out."""
    solicitation = changeable(request, pk)
    spec = PARTS[kind]
    row = get_object_or_404(spec.model, solicitation=solicitation, pk=part)
    back = reverse(f"rfp:setup_{spec.section}", args=[pk])
    if "sure" in request.POST:
        try:
            publishing_actions.remove_part(
                solicitation, row, what=kind, by=admin_of(request), at=clock.wall_time()
            )
        except publishing_actions.Needed as needed:
            messages.error(request, str(needed))
            return redirect(back)
        except Refused:
            raise Http404 from None
        messages.success(request, f"{str(row)[:80]} removed.")
        return redirect(back)
    context = frame(solicitation, spec.section) | {"row": row, "word": spec.word, "back": back}
    return render(request, "rfp/publishing/setup/frame/remove.html", context)


def _row(solicitation: Solicitation, spec: Part, part: int | None) -> Any:
    return get_object_or_404(spec.model, solicitation=solicitation, pk=part) if part is not None else None


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What the form holds so far, as first values of a form that has not been sent."""
    typed: dict[str, Any] = dict(request.POST.items())
    # A box that is not ticked is not sent: without this, the stored row's would come back.
    unticked = {"fallback_to_evaluator": False, "evidence_required": False}
    return unticked | typed | {"applies_to": request.POST.getlist("applies_to")}


def _context(
    solicitation: Solicitation, spec: Part, form: Any, part: int | None, back: str
) -> dict[str, Any]:
    return {
        "solicitation": solicitation,
        "form": form,
        "word": spec.word,
        "is_new": part is None,
        "back": back,
        "items_helper": table_helper(tag=False),
    }
