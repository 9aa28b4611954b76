"""The shapes of what the API says of RFPs and of one's own proposals."""

from __future__ import annotations

from rest_framework import serializers


class WindowShape(serializers.Serializer):
    number = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(help_text="Exclusive.")
    feedback_by = serializers.DateField(allow_null=True)


class RfpShape(serializers.Serializer):
    """A published RFP, in short."""

    number = serializers.CharField()
    title = serializers.CharField()
    buyer = serializers.CharField()
    stage = serializers.CharField(help_text="For example open, closed, complete, cancelled")
    time_zone = serializers.CharField()
    published_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="One more with each addendum.")
    windows = WindowShape(many=True)
    url = serializers.URLField()
    ocds = serializers.URLField(help_text="The OCDS 1.1.5 release package.")


class ItemShape(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    volume = serializers.IntegerField(allow_null=True, help_text="Estimated units per year.")


class LotShape(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    withdrawn = serializers.BooleanField()
    items = ItemShape(many=True)


class CriterionShape(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    weight = serializers.DecimalField(max_digits=6, decimal_places=3)
    minimum = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    guidance = serializers.CharField()


class RequirementShape(serializers.Serializer):
    code = serializers.CharField()
    lot = serializers.CharField(help_text="Blank for all lots.")
    text = serializers.CharField()
    why = serializers.CharField()
    wanted = serializers.CharField(help_text="The limits in words.")
    only_if = serializers.CharField(help_text="When it is asked, in words. Blank for always.")
    effect = serializers.CharField(help_text="knockout, scored or informative")
    data_type = serializers.CharField()


class MilestoneShape(serializers.Serializer):
    title = serializers.CharField()
    kind = serializers.CharField(help_text="conference, visit, award, start, or blank")
    on = serializers.DateField()
    at = serializers.TimeField(allow_null=True, help_text="In the RFP's time zone.")
    by_month = serializers.BooleanField()
    event = serializers.DictField(
        child=serializers.CharField(), help_text="Of a conference or a visit: where, until when, and sign-up."
    )


class RfpDetailShape(RfpShape):
    """Everything that suppliers read of it."""

    summary = serializers.CharField()
    currency = serializers.CharField()
    facts = serializers.DictField(help_text="Contact, contract term, who opens, protests, end of questions.")
    milestones = MilestoneShape(many=True)
    lots = LotShape(many=True)
    criteria = CriterionShape(many=True)
    requirements = RequirementShape(many=True)


class ProposalShape(serializers.Serializer):
    """One of the company's own proposals."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    rfp = serializers.CharField()
    lot = serializers.CharField()
    company = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="As the portal says it.")
    window = serializers.IntegerField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField(allow_null=True, help_text="The revision that was received last.")
