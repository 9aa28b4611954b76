"""Addenda of a published RFP: the list, one in work, its changes. Admins write them; officers read, and may publish."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import pairs
from portal.kit import asked, clock
from portal.kit.refused import Refused
from portal.models import User
from rfp.amending import actions, queries
from rfp.amending.changes import KIND
from rfp.amending.forms.changing import NEW, form_for
from rfp.asking.queries import questions_read_by
from rfp.publishing.addendum_models import Addendum, Change
from rfp.publishing.models import Opening, Solicitation
from rfp.publishing.queries import asked_now
from rfp.publishing.question_models import Requirement

PAGE = 20
# In an address: the change is about the RFP itself.
BLANK = "-"
STATES = {
    "draft": ("draft", "Draft, not published"),
    "awaiting": ("open", "Waiting for a second person"),
    "published": ("met", "Published"),
    "discarded": ("withdrawn", "Discarded"),
}
STANDING_WORDS = {
    Requirement.Standing.STANDS: ("They stand", "Shown, nothing to do"),
    Requirement.Standing.RECONFIRM: ("Reconfirm or change", "If not: incomplete, a person decides"),
    Requirement.Standing.MINOR: ("A correction", "It changes no meaning, so they stand"),
}
HEADINGS = {
    KIND.REQUIREMENT: "Change requirement {}",
    KIND.REQUIREMENT_ADDED: "Add a requirement",
    KIND.REQUIREMENT_REMOVED: "Remove requirement {}",
    KIND.CRITERION: "Change criterion {}",
    KIND.LOT: "Change lot {}",
    KIND.LOT_WITHDRAWN: "Withdraw lot {}",
    KIND.WINDOW: "Change window {}",
    KIND.WINDOW_ADDED: "Add a window",
    KIND.TEXT: "Change the text of the RFP",
    KIND.FACTS: "Change contact and terms",
    KIND.MILESTONE: "Change a date",
    KIND.MILESTONE_ADDED: "Add a date",
    KIND.MILESTONE_REMOVED: "Remove a date",
}


def person_of(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    return user


def amendable(request: HttpRequest, pk: int) -> Solicitation:
    """A published RFP whose addenda the person may read. Raises Http404."""
    return get_object_or_404(queries.solicitations_amendable_by(request.user), pk=pk)


def writable(request: HttpRequest, pk: int) -> Solicitation:
    """The same, for admins. Raises Http404."""
    if not person_of(request).is_admin:
        raise Http404
    return amendable(request, pk)


def addendum_called(solicitation: Solicitation, number: int) -> Addendum:
    found = get_object_or_404(queries.addenda_of(solicitation), number=number)
    found.solicitation = solicitation
    return found


def _context(request: HttpRequest, solicitation: Solicitation) -> dict[str, Any]:
    return {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "may_write": person_of(request).is_admin
        and not solicitation.final_status
        and not queries.reviews(person_of(request), solicitation),
    }


# ---- reading ------------------------------------------------------------------------------------------------------


@login_required
def addendum_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All addenda, newest first; POST starts one, or goes on with the one in work."""
    if request.method == "POST":
        solicitation = writable(request, pk)
        try:
            addendum = actions.start_addendum(solicitation, by=person_of(request), at=clock.wall_time())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("rfp:addendum_list", pk)
        return redirect("rfp:addendum", pk, addendum.number)
    solicitation = amendable(request, pk)
    page = asked.page_of(request, queries.addenda_of(solicitation), PAGE)
    context = _context(request, solicitation) | {
        "page": page,
        "rows": [(each, *STATES[each.state]) for each in page.object_list],
        "in_work": solicitation.addenda.filter(published_at=None, discarded_at=None).exists(),
    }
    return render(request, "rfp/amending/admin/list.html", context)


@login_required
def addendum(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One addendum: what it changes, what becomes of old answers, why. POST saves the two."""
    solicitation = writable(request, pk) if request.method == "POST" else amendable(request, pk)
    found = addendum_called(solicitation, number)
    if request.method == "POST":
        why = request.POST.get("why", "").replace("\x00", "")[:2000]
        try:
            actions.save_addendum(
                found,
                why=why,
                standings=_standings(request, found),
                by=person_of(request),
                at=clock.wall_time(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Saved.")
        return redirect("rfp:addendum", pk, number)
    return render(request, "rfp/amending/admin/addendum.html", _page(request, solicitation, found))


def _standings(request: HttpRequest, found: Addendum) -> dict[int, str]:
    typed = {change.pk: request.POST.get(f"standing-{change.pk}", "") for change in found.changes.all()}
    return {pk: text for pk, text in typed.items() if text}


def _page(request: HttpRequest, solicitation: Solicitation, found: Addendum) -> dict[str, Any]:
    user, now = person_of(request), clock.wall_time()
    is_draft = found.state == "draft"
    rows, two, stale = [], False, ""
    for change in found.changes.all():
        try:
            two = two or actions.changes.takes_two(solicitation, change)
            offered = actions.standings_of(solicitation, change) if is_draft else []
        except Refused as refusal:
            # What it is about has gone since; a published one stays as it was said.
            stale, offered = stale or str(refusal), []
        rows.append(
            {
                "change": change,
                "address": change.subject or BLANK,
                "offered": _offered(change, offered),
                "stands": _stands(change),
            }
        )
    state, words = STATES[found.state]
    context = _context(request, solicitation) | {
        "addendum": found,
        "rows": rows,
        "state": state,
        "words": words,
        "two": two,
        "stale": stale if found.state in ("draft", "awaiting") else "",
        "version": found.version or solicitation.version + 1,
        "cards": pairs.cards_about([found], user, at=now) if found.state == "awaiting" else [],
        "reconfirm": sum(change.standing == Requirement.Standing.RECONFIRM for change in found.changes.all()),
        "questions": asked_now(solicitation).count(),
        "discarded_by": found.discarded_by,
        "tied": questions_read_by(user).filter(addendum=found, duplicate_of__isnull=True)[:PAGE],
    }
    context["may_edit"] = context["may_write"] and is_draft
    context["may_publish"] = _may_publish(user, solicitation, found, two=two)
    return context


def _offered(change: Change, offered: list[str]) -> list[dict[str, Any]]:
    found = []
    for standing in offered:
        label, says = STANDING_WORDS[Requirement.Standing(standing)]
        if change.kind == KIND.REQUIREMENT_ADDED:
            label, says = (
                ("Old proposals stand", "They don’t have to answer it")
                if standing == Requirement.Standing.STANDS
                else ("Everyone answers it", "If not: incomplete, a person decides")
            )
        found.append(
            {"key": standing, "label": label, "says": says, "is_chosen": standing == change.standing}
        )
    return found


def _stands(change: Change) -> str:
    """What becomes of old answers, in a sentence; blank where there are none."""
    if not change.standing:
        return ""
    if change.kind == KIND.REQUIREMENT_ADDED:
        is_asked = change.standing == Requirement.Standing.RECONFIRM
        return "Everyone answers it." if is_asked else "Proposals that are in don’t have to answer it."
    return {
        Requirement.Standing.STANDS: "Old answers stand.",
        Requirement.Standing.RECONFIRM: "Suppliers reconfirm or change their answer.",
        Requirement.Standing.MINOR: "A correction that changes no meaning. Old answers stand.",
    }[Requirement.Standing(change.standing)]


def _may_publish(user: User, solicitation: Solicitation, found: Addendum, *, two: bool) -> bool:
    if queries.reviews(user, solicitation) or solicitation.final_status:
        return False
    if two:
        return found.state == "awaiting" and found.proposed_by_id != user.pk
    return found.state in ("draft", "awaiting") and (user.is_admin or found.state == "awaiting")


# ---- changes ------------------------------------------------------------------------------------------------------


@login_required
@require_GET
def addendum_add(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What can be changed: everything that is published, questions with a search."""
    solicitation = writable(request, pk)
    found = addendum_called(solicitation, number)
    questions = asked_now(solicitation).select_related("lot")
    words = asked.text(request, "q")
    if words:
        questions = questions.filter(Q(text__icontains=words) | Q(code__icontains=words))
    context = _context(request, solicitation) | {
        "addendum": found,
        "page": asked.page_of(request, questions.order_by("lot__position", "position", "code"), PAGE),
        "words": words,
        "criteria": list(solicitation.criteria.all()),
        "criteria_stay": Opening.objects.filter(window__solicitation=solicitation).exists(),
        "lots": list(solicitation.lots.filter(withdrawn_at__isnull=True)),
        "windows": list(solicitation.windows.all()),
        "milestones": list(solicitation.milestones.all()),
    }
    return render(request, "rfp/amending/admin/add.html", context)


@login_required
def addendum_change(request: HttpRequest, pk: int, number: int, kind: str, subject: str) -> HttpResponse:
    """The form of one change; POST puts it into the addendum. `?rebuild` draws a new question's form anew."""
    solicitation = writable(request, pk)
    found = addendum_called(solicitation, number)
    if kind not in KIND.values or "\x00" in subject:
        raise Http404
    about = "" if subject == BLANK else subject
    known = next((each for each in found.changes.all() if (each.kind, each.subject) == (kind, about)), None)
    is_rebuild = request.method == "POST" and "rebuild" in request.GET and kind == KIND.REQUIREMENT_ADDED
    try:
        form = form_for(
            solicitation,
            kind,
            about,
            data=request.POST if request.method == "POST" and not is_rebuild else None,
            typed=_typed(request) if is_rebuild else None,
            change=known,
            now=clock.wall_time(),
        )
    except Refused:
        raise Http404 from None
    is_sent = request.method == "POST" and not is_rebuild
    if is_sent and form.is_valid() and _saved(request, found, form, kind=kind, known=known):
        return redirect("rfp:addendum", pk, number)
    context = _context(request, solicitation) | {
        "addendum": found,
        "form": form,
        "kind": kind,
        "subject": subject,
        "is_removal": kind in (KIND.REQUIREMENT_REMOVED, KIND.LOT_WITHDRAWN, KIND.MILESTONE_REMOVED),
        "heading": HEADINGS[KIND(kind)].format("" if subject == NEW else about),
    }
    template = "rfp/amending/admin/change.html#form" if is_rebuild else "rfp/amending/admin/change.html"
    return render(request, template, context)


def _saved(request: HttpRequest, found: Addendum, form: Any, *, kind: str, known: Change | None) -> bool:
    """Put the change into the draft, in place of the one that was edited; or say on the form why not."""
    by, now = person_of(request), clock.wall_time()
    try:
        with transaction.atomic():
            if known is not None and known.subject != form.subject():
                actions.remove_change(known, by=by, at=now)
            actions.set_change(found, kind=kind, subject=form.subject(), values=form.values(), by=by, at=now)
    except Refused as refusal:
        form.add_error(None, str(refusal).rstrip("."))
        return False
    messages.success(request, "Change saved in the draft. Nothing is published yet.")
    return True


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What the form holds so far, as first values of a form that has not been sent."""
    typed: dict[str, Any] = dict(request.POST.items())
    return {"evidence_required": False} | typed | {"applies_to": request.POST.getlist("applies_to")}


@login_required
@require_POST
def addendum_remove(request: HttpRequest, pk: int, number: int, change: int) -> HttpResponse:
    """Take one change out of the draft."""
    found = addendum_called(writable(request, pk), number)
    row = get_object_or_404(found.changes, pk=change)
    row.addendum = found
    try:
        actions.remove_change(row, by=person_of(request), at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Change removed from the draft.")
    return redirect("rfp:addendum", pk, number)
