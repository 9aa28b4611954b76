"""Writing a draft, section by section. Saving is not submitting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.kit import clock
from portal.kit.refused import Refused
from portal.kit.requests import Request
from rfp.drafting.forms import merging
from rfp.drafting.forms.draft import SECTIONS, Saved, open_section, save_section
from rfp.drafting.forms.sections.bom import BomUploadForm
from rfp.drafting.forms.sections.parts import Section
from rfp.drafting.views.domestic import domestic_content
from rfp.drafting.views.frame import draft_of, frame, own_proposal, page_number, person
from rfp.proposals import completeness
from rfp.proposals.models import Proposal, Revision

# Lines of a bill of materials that are added up before its page is shown.
MOST_AT_ONCE = 1000


@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To the first section that is not complete."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        return redirect("rfp:proposal_detail", pk=pk)
    context = frame(proposal, draft, key="", user=person(request), now=clock.wall_time())
    unfinished = [each for each in context["sections"] if not each["section"].is_complete]
    return redirect((unfinished or context["sections"])[0]["url"])


@login_required
def section(request: Request, pk: UUID, key: str) -> HttpResponse:
    """One section: the form, saved field by field. From htmx only the words that say when come back."""
    proposal = own_proposal(request, pk)
    if key not in SECTIONS or not completeness.is_asked(proposal.lot.solicitation, key):
        raise Http404
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has been submitted. Revise it to make changes.")
        return redirect("rfp:proposal_detail", pk=pk)
    options = _options(request, key)
    if request.method != "POST":
        section = open_section(key, draft, **options)
        return _page(request, proposal, draft, key, section, base=merging.base_of(section))
    try:
        saved = save_section(key, proposal, request.POST, by=person(request), at=clock.wall_time(), **options)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:proposal_detail", pk=pk)
    draft.refresh_from_db()
    if request.htmx:
        return _page(request, proposal, draft, key, saved.section, base=saved.base, saved=saved)
    if saved.problems:
        # The whole page again: it shows what is stored where somebody else's text stands, and starts from there.
        base = merging.base_of(open_section(key, draft, **options))
        return _page(request, proposal, draft, key, saved.section, base=base, saved=saved)
    return redirect(_onward(request, proposal, draft, key))


def _options(request: HttpRequest, key: str) -> dict[str, Any]:
    return {"page": page_number(request)} if key == "bom" else {}


def _onward(request: HttpRequest, proposal: Proposal, draft: Revision, key: str) -> str:
    context = frame(proposal, draft, key=key, user=person(request), now=clock.wall_time())
    if "next" in request.POST and context["following"]:
        url: str = context["following"]["url"]
        return url
    return request.get_full_path()


def _page(
    request: Request,
    proposal: Proposal,
    draft: Revision,
    key: str,
    form: Section,
    *,
    base: str,
    saved: Saved | None = None,
) -> HttpResponse:
    now = clock.wall_time()
    context = frame(proposal, draft, key=key, user=person(request), now=now)
    context |= {
        "form": form,
        "base": base,
        "problems": saved.problems if saved else [],
        "conflicts": saved.conflicts if saved else (),
    }
    if key == "bom":
        is_long = draft.bom_lines.count() > MOST_AT_ONCE
        context |= {
            "upload": BomUploadForm(),
            # Adding up a long bill takes seconds, so its page asks for the share when it is there.
            "share_later": is_long,
            "domestic": None if is_long else domestic_content(draft, now=now, window=context["window"]),
        }
    if request.htmx and request.method == "POST":
        return render(request, "rfp/drafting/draft/frame/saved.html", context)
    is_edited = key == "bom" and ("edit" in request.GET or context["problems"])
    return render(
        request,
        "rfp/drafting/draft/bom/edit.html" if is_edited else f"rfp/drafting/draft/sections/{key}.html",
        context,
    )
