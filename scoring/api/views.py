"""The read API: the marks that the token's owner gave."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.models import ApiToken
from portal.api.paging import Cursor
from portal.api.permissions import HasScope
from scoring.panel.access import proposals_visible_to
from scoring.ranking.mark_models import Mark


class MarkShape(serializers.Serializer):
    """One mark, or an abstention. No names: an RFP may hide them."""

    rfp = serializers.CharField()
    lot = serializers.CharField()
    window = serializers.IntegerField()
    proposal = serializers.CharField()
    revision = serializers.IntegerField()
    criterion = serializers.CharField()
    mark = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    abstained = serializers.BooleanField()
    comment = serializers.CharField()
    marked_at = serializers.DateTimeField()


class LastMarked(Cursor):
    ordering = ("-marked_at", "-id")


class EvaluationList(GenericAPIView[Any]):
    permission_classes = (HasScope,)
    scope = ApiToken.Scope.EVALUATIONS
    serializer_class = MarkShape
    pagination_class = LastMarked

    def get_queryset(self) -> QuerySet[Mark]:
        """The person's own marks of proposals that the person may read now."""
        rows = Mark.objects.filter(
            evaluator__user=self.request.user,
            revision__proposal__in=proposals_visible_to(self.request.user).values("pk"),
        )
        return rows.select_related(
            "revision__proposal__lot__solicitation", "revision__proposal__window", "criterion"
        )

    @extend_schema(operation_id="evaluations", responses=MarkShape(many=True))
    def get(self, request: Request) -> Response:
        """The owner's own marks, the latest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(MarkShape([_mark(each) for each in page], many=True).data)


def _mark(mark: Mark) -> dict[str, Any]:
    proposal = mark.revision.proposal
    return {
        "rfp": proposal.lot.solicitation.number,
        "lot": proposal.lot.code,
        "window": proposal.window.number if proposal.window else 0,
        "proposal": proposal.number,
        "revision": mark.revision.number,
        "criterion": mark.criterion.code,
        "mark": mark.anchor,
        "abstained": mark.abstained,
        "comment": mark.comment,
        "marked_at": mark.marked_at,
    }
