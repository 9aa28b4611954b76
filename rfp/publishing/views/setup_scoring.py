"""How an RFP is scored: the choices, and what they would do to three invented offers. For admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.kit.formats import number
from rfp.method.example import MOST, TECHNICAL, examples
from rfp.method.prices import FORMULAS
from rfp.publishing import queries
from rfp.publishing.forms.scoring import ExampleForm, ScoringForm
from rfp.publishing.method_words import criteria_words, method_words, preference_words
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Criterion
from rfp.publishing.views.setup import keep
from rfp.publishing.views.setup_frame import changeable, frame, readable


@dataclass(frozen=True)
class Row:
    """One formula in the example: its figures as text, and whether it is the one that is chosen."""

    title: str
    figures: tuple[str, ...]
    is_total: bool
    is_chosen: bool


@login_required
def setup_scoring(request: HttpRequest, pk: int) -> HttpResponse:
    """The choices. `?example` draws the points of the invented offers for what is chosen so far and stores nothing."""
    if request.method != "POST":
        solicitation = readable(request, pk)
        form, invented = ScoringForm(instance=solicitation), ExampleForm()
    else:
        solicitation = changeable(request, pk)
        # The form fills the row it is given, also with what will not do: the page's own row stays as it is.
        form = ScoringForm(request.POST, instance=changeable(request, pk))
        invented = ExampleForm(request.POST)
        if "example" in request.GET:
            context = _example(solicitation, form, invented)
            return render(request, "rfp/publishing/setup/method/scoring_example.html#example", context)
        if keep(request, solicitation, form, what="scoring"):
            messages.success(request, "Saved.")
            return redirect("rfp:setup_scoring", pk)
    context = frame(solicitation, "scoring") | {"form": form} | _example(solicitation, form, invented)
    preferences = list(solicitation.preferences.all())
    context["preferences"] = list(zip(preferences, preference_words(preferences), strict=True))
    if solicitation.is_published:
        context |= announced(solicitation)
    return render(request, "rfp/publishing/setup/method/scoring.html", context)


def announced(solicitation: Solicitation) -> dict[str, Any]:
    """How it is scored in words; three queries."""
    criteria = list(solicitation.criteria.all())
    feeding = queries.asked_now(solicitation).filter(feeds__isnull=False)
    return {
        "method": [
            *method_words(solicitation, criteria),
            *preference_words(solicitation.preferences.all()),
        ],
        "scored": criteria_words(solicitation, criteria, feeding),
    }


def _example(solicitation: Solicitation, form: ScoringForm, invented: ExampleForm) -> dict[str, Any]:
    """The example for what is chosen on the form; without rows where a price is wrong."""
    chosen = str(form["price_formula"].value())
    formula = FORMULAS.get(chosen)
    priced = next((each for each in form.criteria if each.mode == Criterion.Mode.PRICE), None)
    most = Fraction(priced.weight) if priced else MOST
    context: dict[str, Any] = {
        "invented": invented,
        "chosen_words": formula.words if formula else "",
        "most": number(_decimal(most)),
        "most_is_invented": priced is None,
        "technical": [number(_decimal(each)) for each in TECHNICAL],
    }
    if invented.is_bound and not invented.is_valid():
        return context
    prices = invented.prices()
    found = examples(
        prices=prices, reference=invented.reference(), most=most, cap=bool(form["price_cap"].value())
    )
    return context | {
        "prices": [number(_decimal(price)) for price in prices],
        "rows": [
            Row(each.formula.title, _shown(each.figures), each.is_total, each.formula.name == chosen)
            for each in found
        ],
    }


def _shown(figures: Sequence[Fraction | None]) -> tuple[str, ...]:
    return tuple("" if figure is None else number(_decimal(figure), 2) for figure in figures)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
