"""Open data of RFPs, for everybody. An RFP that is not published does not exist here, for admins neither."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from portal.web.public_files import public_json, whole_address
from rfp.opendata.ocds import package_of
from rfp.opendata.process import process_of
from rfp.publishing.models import Solicitation


def published(number: str) -> Solicitation:
    """Raises Http404."""
    return get_object_or_404(Solicitation, number=number, published_at__isnull=False)


@require_safe
def ocds(request: HttpRequest, number: str) -> HttpResponse:
    """The RFP's release package."""
    package = package_of(process_of(published(number)), whole=partial(whole_address, request))
    return public_json(request, package)
