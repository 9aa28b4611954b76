"""What an RFP asks for and checks: the sections of a proposal, the rules and their settings. For admins."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.kit.parameters import settings_of
from rfp.publishing.asked_words import rule_uses
from rfp.publishing.forms.rules import RuleForm, shown
from rfp.publishing.forms.sections import SectionsForm
from rfp.publishing.views.setup import keep
from rfp.publishing.views.setup_frame import changeable, frame, readable
from rfp.rules import RULEBOOK
from rfp.sections import OPTIONAL


@login_required
def setup_sections(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        solicitation = changeable(request, pk)
        form = SectionsForm(solicitation, request.POST)
        if keep(request, solicitation, form, what="sections"):
            messages.success(request, "Sections saved.")
            return redirect("rfp:setup_sections", pk)
    else:
        solicitation = readable(request, pk)
        form = SectionsForm(solicitation)
    context = frame(solicitation, "sections") | {
        "form": form,
        "rows": [(each, solicitation.asks_for(each.key)) for each in OPTIONAL],
    }
    return render(request, "rfp/publishing/setup/asked/sections.html", context)


@login_required
@require_GET
def setup_rules(request: HttpRequest, pk: int) -> HttpResponse:
    solicitation = readable(request, pk)
    rules = []
    for use in rule_uses(solicitation):
        form = RuleForm(solicitation, use.rule)
        settings = [
            (about.title, shown(form.values[name]), form.values[name] != form.defaults[name])
            for name, about in settings_of(use.rule.params).items()
        ]
        rules.append({"use": use, "settings": settings})
    context = frame(solicitation, "rules") | {"rules": rules, "rulebook": RULEBOOK.version}
    return render(request, "rfp/publishing/setup/asked/rules.html", context)


@login_required
def setup_rule(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Change the settings of one rule."""
    solicitation = changeable(request, pk)
    try:
        rule = RULEBOOK[code]
    except KeyError:
        raise Http404 from None
    form = RuleForm(solicitation, rule, request.POST or None)
    if not form.fields:
        raise Http404
    form.cancel = reverse("rfp:setup_rules", args=[pk])
    if request.method == "POST" and keep(request, solicitation, form, what=f"rule {code}"):
        messages.success(request, f"Settings for {code} saved.")
        return redirect("rfp:setup_rules", pk)
    context = {**frame(solicitation, "rules"), "form": form, "rule": rule}
    return render(request, "rfp/publishing/setup/asked/rule.html", context)
