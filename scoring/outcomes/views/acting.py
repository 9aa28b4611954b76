"""Where every button of the letters' page leads: back to the lot."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from rfp.models import Lot, Window
from scoring.panel.views.room import Room


def back_to(room: Room, window: Window, lot: Lot) -> HttpResponse:
    address = reverse("scoring:letter_list", args=[room.solicitation.number])
    return redirect(f"{address}?window={window.number}&lot={lot.code}")
