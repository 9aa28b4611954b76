"""Where a request comes from: one answer for the sign-in guard, the rate limits and the logs.

`ONSHORE_PROXIES` is the number of proxies in front of the portal. Each appends the address it was asked from to
X-Forwarded-For, so with n proxies the n-th entry from the right is the client; what stands further left is whatever
the client wrote. With none, the header is ignored.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Where a field must hold an address and there is none, as on a unix socket without a proxy.
UNKNOWN = "0.0.0.0"
NOT_FOR_THE_PUBLIC = "This server runs in development mode, so it does not respond to public addresses.\n"


class ClientAddress:
    """Middleware that puts the client's address, or nothing, where everybody looks for it: REMOTE_ADDR."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = forwarded_for(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            proxies=settings.PROXIES,
        )
        if settings.DEVELOPMENT and is_public(address_of(request)):
            return HttpResponse(NOT_FOR_THE_PUBLIC, status=403, content_type="text/plain")
        return self.get_response(request)


def forwarded_for(peer: str, header: str, *, proxies: int) -> str:
    """The client's address, as text, from the peer's and the header; empty when it cannot be known."""
    named = [part for part in header.split(",") if part.strip()] if proxies else []
    chosen = named[-proxies] if len(named) >= proxies > 0 else (named or [peer])[0]
    return _clean(chosen) or _clean(peer)


def _clean(text: str) -> str:
    """An address without port, brackets or zone; empty when it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        return ""


def address_of(request: HttpRequest) -> str:
    """The client's address; empty when it is not known. The middleware has run."""
    return str(request.META.get("REMOTE_ADDR", ""))


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, not of this machine or a private network."""
    return bool(address) and ipaddress.ip_address(address).is_global


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 one, which one household has to itself."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)


def browser_of(agent: str) -> str:
    """ "Firefox on Windows", from what a browser says; "Unknown browser" when it says nothing we know."""
    browsers = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for sign, name in browsers if sign in agent), "Unknown browser")
    system = next((name for sign, name in systems if sign in agent), "")
    return f"{browser} on {system}" if system else browser
