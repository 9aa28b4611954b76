"""The read API: published RFPs for everyone; one's own proposals with a token."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.models import ApiToken
from portal.api.paging import Cursor
from portal.api.permissions import HasScope
from portal.kit import clock
from portal.web.public_files import whole_address
from rfp.amending.snapshot import content
from rfp.api.shapes import ProposalShape, RfpDetailShape, RfpShape
from rfp.drafting.views.public import own_rows
from rfp.proposals.queries import own_proposals
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import public_solicitations, stage_of


class Newest(Cursor):
    ordering = ("-published_at", "-id")


class Latest(Cursor):
    ordering = ("-created_at", "-id")


class RfpList(GenericAPIView[Any]):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    serializer_class = RfpShape
    pagination_class = Newest
    queryset = public_solicitations().prefetch_related("windows")

    @extend_schema(operation_id="rfps", responses=RfpShape(many=True))
    def get(self, request: Request) -> Response:
        """Published RFPs, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        now = clock.wall_time()
        return self.get_paginated_response(
            RfpShape([_rfp(request, each, now) for each in page], many=True).data
        )


class RfpDetail(GenericAPIView[Any]):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    serializer_class = RfpDetailShape

    @extend_schema(operation_id="rfp")
    def get(self, request: Request, number: str) -> Response:
        """One published RFP with everything that is asked."""
        rows = public_solicitations().filter(number=number)
        found = rows.prefetch_related("windows").first()
        if found is None:
            raise Http404
        whole = content(found) | _rfp(request, found, clock.wall_time())
        return Response(RfpDetailShape(whole).data)


def _rfp(request: Request, rfp: Solicitation, now: datetime) -> dict[str, Any]:
    pages = {name: reverse(f"rfp:{name}", args=[rfp.number]) for name in ("solicitation_detail", "ocds")}
    return {
        "number": rfp.number,
        "title": rfp.title,
        "buyer": rfp.buyer,
        "stage": str(stage_of(rfp, now=now)),
        "time_zone": rfp.time_zone,
        "published_at": rfp.published_at,
        "version": rfp.version,
        "windows": list(rfp.windows.all()),
        "url": whole_address(request._request, pages["solicitation_detail"]),
        "ocds": whole_address(request._request, pages["ocds"]),
    }


class ProposalList(GenericAPIView[Any]):
    permission_classes = (HasScope,)
    scope = ApiToken.Scope.PROPOSALS
    serializer_class = ProposalShape
    pagination_class = Latest

    def get_queryset(self) -> QuerySet[Any]:
        return own_proposals(self.request.user)

    @extend_schema(operation_id="proposals", responses=ProposalShape(many=True))
    def get(self, request: Request) -> Response:
        """The proposals of the companies that the token's owner works for, the newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        ids = [each.pk for each in page]
        rows = {row["proposal"].pk: row for row in _own(request.user, ids)}
        shown = [_proposal(rows[pk]) for pk in ids if pk in rows]
        return self.get_paginated_response(ProposalShape(shown, many=True).data)


class ProposalDetail(GenericAPIView[Any]):
    permission_classes = (HasScope,)
    scope = ApiToken.Scope.PROPOSALS
    serializer_class = ProposalShape

    @extend_schema(operation_id="proposal")
    def get(self, request: Request, pk: Any) -> Response:
        """One of them."""
        for row in _own(request.user, [pk]):
            return Response(ProposalShape(_proposal(row)).data)
        raise Http404


def _own(user: Any, ids: Iterable[Any]) -> list[dict[str, Any]]:
    return own_rows(own_proposals(user).filter(pk__in=list(ids)), clock.wall_time())


def _proposal(row: dict[str, Any]) -> dict[str, Any]:
    proposal = row["proposal"]
    received = proposal.current_revision
    return {
        "id": proposal.pk,
        "number": proposal.number,
        "rfp": proposal.lot.solicitation.number,
        "lot": proposal.lot.code,
        "company": proposal.supplier.legal_name,
        "title": row["title"],
        "state": row["words"],
        "window": proposal.window.number if proposal.window else None,
        "received_at": received.received_at if received else None,
        "revision": received.number if received else None,
    }
