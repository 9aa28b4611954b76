"""Pages that say the same to everyone."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.kit import clients
from portal.letters import mailbox


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html")


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """What a development server would have sent; its route exists only there, and only for who sits at the machine."""
    address = clients.address_of(request)
    if "HTTP_X_FORWARDED_FOR" in request.META or (address and not ip_address(address).is_loopback):
        raise Http404
    return render(request, "portal/record/mail_list.html", {"mails": mailbox.mails()})
