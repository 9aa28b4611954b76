"""What a view does that only acts: the act, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
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


def acts_from(form: Form, request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do what a valid form asks and say so; or keep the form, with why not above it. Whether it was done."""
    try:
        said = act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, said)
    return True
