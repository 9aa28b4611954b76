"""Preparing an RFP: the list, a new one, its sections, the preview and the publication. For admins only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.files.storing import hand_out
from portal.kit import asked, clock
from portal.kit.charts import bars
from portal.kit.refused import Refused
from rfp.method.prices import FORMULAS
from rfp.publishing import actions as publishing_actions
from rfp.publishing import queries
from rfp.publishing.forms.criterion import WeightsForm
from rfp.publishing.forms.heads import DocumentForm, HeadForm, NewForm
from rfp.publishing.key_facts import OPENED_BY, milestone_words
from rfp.publishing.models import Item, Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.publishing.showing import STAGE_WORDS, solicitation_context
from rfp.publishing.views.setup_frame import admin_of, changeable, frame, look_again, readable
from rfp.publishing.words import ideal, only_if, wanted

PAGE = 50


# ---- all RFPs -----------------------------------------------------------------------------------------------------


@login_required
@require_GET
def setup_list(request: HttpRequest) -> HttpResponse:
    admin = admin_of(request)
    found = queries.solicitations_visible_to(admin)
    words = asked.text(request, "q")
    if words:
        found = found.filter(Q(title__icontains=words) | Q(number__icontains=words))
    page = asked.page_of(request, found.prefetch_related("windows").order_by("-pk"), PAGE)
    now = clock.wall_time()
    rows = [(each, *STAGE_WORDS[queries.stage_of(each, now=now)]) for each in page.object_list]
    return render(
        request, "rfp/publishing/setup/frame/list.html", {"page": page, "rows": rows, "words": words}
    )


@login_required
def setup_new(request: HttpRequest) -> HttpResponse:
    admin = admin_of(request)
    templates = queries.solicitations_visible_to(admin).order_by("title")
    form = NewForm(request.POST or None, templates=templates)
    form.cancel = reverse("rfp:setup_list")
    if request.method == "POST" and form.is_valid():
        solicitation = publishing_actions.create_solicitation(
            form.save(commit=False),
            template=form.cleaned_data["template"],
            parts=form.cleaned_data["parts"],
            by=admin,
            at=clock.wall_time(),
        )
        return redirect("rfp:setup_basics", solicitation.pk)
    return render(request, "rfp/publishing/setup/new.html", {"form": form})


# ---- sections -----------------------------------------------------------------------------------------------------


@login_required
def setup_basics(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        solicitation = changeable(request, pk)
        # The form fills the row it is given, also with what will not do: the page's own row stays as it is.
        form = HeadForm(request.POST, instance=changeable(request, pk))
        if keep(request, solicitation, form, what="basics"):
            messages.success(request, "Saved.")
            return redirect("rfp:setup_basics", pk)
    else:
        solicitation = readable(request, pk)
        form = HeadForm(instance=solicitation)
    context = {**frame(solicitation, "basics"), "form": form, "opened_by": OPENED_BY}
    return render(request, "rfp/publishing/setup/basics.html", context)


@login_required
@require_GET
def setup_dates(request: HttpRequest, pk: int) -> HttpResponse:
    solicitation = readable(request, pk)
    context = frame(solicitation, "dates") | {
        "windows": list(solicitation.windows.all()),
        "milestones": [
            (each, milestone_words(each, solicitation.zone)) for each in solicitation.milestones.all()
        ],
    }
    return render(request, "rfp/publishing/setup/dates.html", context)


@login_required
@require_GET
def setup_lots(request: HttpRequest, pk: int) -> HttpResponse:
    solicitation = readable(request, pk)
    lots = list(solicitation.lots.prefetch_related(Prefetch("items", queryset=Item.objects.order_by("code"))))
    context = frame(solicitation, "lots") | {
        "lots": lots,
        "readable": queries.lots_with_readable_references(solicitation),
    }
    return render(request, "rfp/publishing/setup/asked/lots.html", context)


@login_required
def setup_criteria(request: HttpRequest, pk: int) -> HttpResponse:
    """The weights of all criteria. `?total` draws the running total of what is typed and stores nothing."""
    if request.method == "POST":
        solicitation = changeable(request, pk)
        form = WeightsForm(solicitation, request.POST)
        if "total" in request.GET:
            return render(request, "rfp/publishing/setup/asked/criteria.html#total", _total(form))
        if keep(request, solicitation, form, what="weights"):
            messages.success(request, "Weights saved.")
            return redirect("rfp:setup_criteria", pk)
    else:
        solicitation = readable(request, pk)
        form = WeightsForm(solicitation)
    formula = FORMULAS.get(solicitation.price_formula)
    context = {**frame(solicitation, "criteria"), "form": form, **_total(form)}
    context["formula_title"] = formula.title.lower() if formula else ""
    return render(request, "rfp/publishing/setup/asked/criteria.html", context)


def _total(form: WeightsForm) -> dict[str, Any]:
    weights = form.weights()
    total = sum((weight for _criterion, weight in weights), Decimal(0))
    bar = bars.weight_bar(
        [
            bars.Weight(each.title, weight, each.mode == Criterion.Mode.PRICE)
            for each, weight in weights
            if weight
        ],
        title=f"Weights total {total.normalize():f} of 100",
    )
    return {
        "total": total,
        "left": 100 - total,
        "over": total - 100,
        "bar": bar,
        "has_criteria": bool(weights),
    }


@login_required
@require_GET
def setup_requirements(request: HttpRequest, pk: int) -> HttpResponse:
    solicitation = readable(request, pk)
    found = queries.asked_now(solicitation).select_related("lot", "feeds").prefetch_related("applies_to")
    words, lot = asked.text(request, "q"), asked.text(request, "lot")
    if words:
        found = found.filter(Q(text__icontains=words) | Q(code__icontains=words))
    if lot == "all":
        found = found.filter(lot__isnull=True)
    elif lot.isdigit():
        found = found.filter(lot=int(lot))
    page = asked.page_of(request, found.order_by("lot__position", "position", "code"), PAGE)
    context = frame(solicitation, "requirements") | {
        "page": page,
        "rows": [_requirement_row(each) for each in page.object_list],
        "lots": list(solicitation.lots.all()),
        "lot": lot,
        "words": words,
    }
    return render(request, "rfp/publishing/setup/asked/requirements.html", context)


def _requirement_row(requirement: Requirement) -> dict[str, Any]:
    limits = [text for text in (wanted(requirement), ideal(requirement)) if text]
    own = requirement.answered_by == Requirement.AnsweredBy.RESPONSE
    items: list[Item] = list(requirement.applies_to.all())
    return {
        "requirement": requirement,
        "only_if": only_if(requirement),
        "answer": requirement.get_data_type_display() if own else requirement.get_answered_by_display(),
        "limits": ". ".join(limits),
        "scope": ", ".join(item.code for item in items)
        or (requirement.lot.code if requirement.lot else "All lots"),
    }


@login_required
def setup_documents(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        solicitation = changeable(request, pk)
        form = DocumentForm(request.POST, request.FILES)
        if form.is_valid():
            publishing_actions.add_document(
                solicitation,
                form.checked,
                title=form.cleaned_data["title"],
                needs_nda=form.cleaned_data["needs_nda"],
                export_control=form.cleaned_data["export_control"],
                by=admin_of(request),
                at=clock.wall_time(),
            )
            messages.success(request, f"{form.checked.name} added.")
            return redirect("rfp:setup_documents", pk)
    else:
        solicitation = readable(request, pk)
        form = DocumentForm()
    documents = list(solicitation.documents.select_related("document"))
    context = {**frame(solicitation, "documents"), "form": form, "documents": documents}
    return render(request, "rfp/publishing/setup/documents.html", context)


@login_required
@require_GET
def setup_document(request: HttpRequest, pk: int, part: int) -> HttpResponseBase:
    """A document of an RFP, as its file."""
    row = get_object_or_404(readable(request, pk).documents.select_related("document"), pk=part)
    return hand_out(row.document, request)


# ---- rules --------------------------------------------------------------------------------------------------------


# ---- preview and publication ----------------------------------------------------------------------------------------


@login_required
@require_GET
def setup_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The public page, as suppliers will see it."""
    solicitation = readable(request, pk)
    context = solicitation_context(solicitation, request.user, clock.wall_time(), mine={})
    return render(
        request,
        "rfp/publishing/setup/preview.html",
        {**context, "back": reverse("rfp:setup_publish", args=[pk])},
    )


@login_required
def setup_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The checklist, what to look at again, and the one button that makes the RFP public."""
    refused = ""
    if request.method == "POST":
        solicitation = changeable(request, pk)
        looked = request.POST.getlist("looked") if "anyway" in request.POST else []
        try:
            publishing_actions.publish_solicitation(solicitation, by=admin_of(request), looked=looked)
        except Refused:
            refused = "Not published. See the points below."
        else:
            messages.success(request, f"{solicitation.title} published.")
            return redirect("rfp:setup_publish", pk)
    solicitation = readable(request, pk)
    context = frame(solicitation, "publish") | {
        "windows": list(solicitation.windows.all()),
        "refused": refused,
    }
    if not solicitation.is_published:
        context |= look_again(solicitation, now=clock.wall_time())
    return render(request, "rfp/publishing/setup/publish.html", context)


# ---- helpers ------------------------------------------------------------------------------------------------------


def keep(
    request: HttpRequest, solicitation: Solicitation, form: publishing_actions.Filled, *, what: str
) -> bool:
    """Store a checked form; whoever published meanwhile wins, and the page is gone."""
    try:
        return publishing_actions.save_part(
            solicitation, form, what=what, by=admin_of(request), at=clock.wall_time()
        )
    except Refused:
        raise Http404 from None
