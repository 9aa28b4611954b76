"""What is done with a whole addendum: given to a second person, taken back, published, discarded."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.web.acting import act_and_say
from rfp.amending import actions
from rfp.amending.views.admin import addendum_called, amendable, person_of, writable


@login_required
@require_POST
@fresh_sign_in
def addendum_propose(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The first of two people."""
    found = addendum_called(writable(request, pk), number)

    def act() -> str:
        actions.propose_addendum(found, by=person_of(request), at=clock.wall_time())
        return "Ready for a second person. Nothing is published yet."

    act_and_say(request, act)
    return redirect("rfp:addendum", pk, number)


@login_required
@require_POST
def addendum_take_back(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A draft again."""
    found = addendum_called(writable(request, pk), number)

    def act() -> str:
        actions.take_back_addendum(found, by=person_of(request), at=clock.wall_time())
        return "You can change it again."

    act_and_say(request, act)
    return redirect("rfp:addendum", pk, number)


@login_required
@require_POST
@fresh_sign_in
def addendum_publish(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make it public: by the second person, or by one admin where it takes no two."""
    found = addendum_called(amendable(request, pk), number)

    def act() -> str:
        actions.publish_addendum(found, by=person_of(request), at=clock.wall_time())
        return f"{found} is published. Suppliers with a draft or a proposal have a letter."

    act_and_say(request, act)
    return redirect("rfp:addendum", pk, number)


@login_required
@require_POST
def addendum_discard(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Give it up."""
    found = addendum_called(writable(request, pk), number)

    def act() -> str:
        actions.discard_addendum(found, by=person_of(request), at=clock.wall_time())
        return f"{found} is discarded."

    act_and_say(request, act)
    return redirect("rfp:addendum_list", pk)
