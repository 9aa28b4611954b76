"""Where a company signs up for a conference or a site visit."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.models import User
from portal.web.acting import act_and_say, acts_from
from rfp.admitting.views.suppliers import cannot_sign, supplier_of
from rfp.events import actions, queries
from rfp.events.forms import SignUpForm
from rfp.publishing.key_facts import event_words
from rfp.publishing.models import Milestone
from rfp.publishing.queries import published_visible_to
from suppliers.company.queries import suppliers_changeable_by


def _event(request: HttpRequest, number: str, pk: int) -> Milestone:
    solicitation = get_object_or_404(published_visible_to(request.user), number=number)
    event = get_object_or_404(solicitation.milestones.filter(sign_up_until__isnull=False), pk=pk)
    event.solicitation = solicitation
    return event


@login_required
def event(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The event, who of the reader's company comes, and the form to say so."""
    row, now, user = _event(request, number, pk), clock.wall_time(), request.user
    assert isinstance(user, User)
    companies = list(suppliers_changeable_by(user).order_by("legal_name")[:20])
    own = queries.own_sign_ups(user, row)
    form = None
    if companies and queries.takes_sign_ups(row, now=now):
        names = next((each.names for _company, each in own if each and len(companies) == 1), [])
        form = SignUpForm(
            row,
            row.per_company or actions.MOST_PEOPLE,
            companies,
            request.POST or None,
            initial={"names": "\n".join(names)},
        )
        form.submit = "Save who comes" if names else "Sign up"
        if request.method == "POST" and form.is_valid() and _signed_up(request, row, form, user):
            return redirect("rfp:event", number, pk)
    context = {
        "solicitation": row.solicitation,
        "zone": row.solicitation.time_zone,
        "event": row,
        "words": event_words(row, row.solicitation.zone).split("\n"),
        "own": [(company, each) for company, each in own if each is not None],
        "may_cancel": {each.pk for each in companies} if form else set(),
        "form": form,
        "takes": queries.takes_sign_ups(row, now=now),
        **({} if companies else cannot_sign(user)),
    }
    return render(request, "rfp/events/event.html", context)


def _signed_up(request: HttpRequest, row: Milestone, form: SignUpForm, user: User) -> bool:
    def act() -> str:
        actions.sign_up(
            row,
            form.cleaned_data["supplier"],
            names=form.cleaned_data["names"],
            by=user,
            at=clock.wall_time(),
        )
        return "Signed up. You get an email with the details."

    return acts_from(form, request, act)


@login_required
@require_POST
def event_cancel(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Nobody of a company comes."""
    user, row = supplier_of(request), _event(request, number, pk)
    chosen = request.POST.get("supplier", "")
    companies = suppliers_changeable_by(user)
    company = get_object_or_404(companies, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)

    def act() -> str:
        actions.cancel(row, company, by=user, at=clock.wall_time())
        return "Canceled. You can sign up again until sign-up closes."

    act_and_say(request, act)
    return redirect("rfp:event", number, pk)
