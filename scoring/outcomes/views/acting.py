"""What every button of the letters' page does: the act, what is said of it, and back to the lot."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.kit.refused import Refused
from rfp.models import Lot, Window
from scoring.panel.views.room import Room


def back_to(room: Room, window: Window, lot: Lot) -> HttpResponse:
    address = reverse("scoring:letter_list", args=[room.solicitation.number])
    return redirect(f"{address}?window={window.number}&lot={lot.code}")


def act_and_say(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do it, and say what was done or why not."""
    try:
        said = act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
