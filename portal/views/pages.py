"""Pages that say the same to everyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal import mailbox


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html")


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """What a development server would have sent; its route exists only there."""
    return render(request, "portal/mail_list.html", {"mails": mailbox.mails()})
