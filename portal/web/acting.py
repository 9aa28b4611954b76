"""What a view does that only acts: the act, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from portal.kit.refused import Refused


def act_and_say(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do it, and say what was done or why not."""
    try:
        said = act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
