"""What a person decides about a finding."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.compliance.models import Finding, Override

# Names the lock on one finding's decision among the database's advisory locks.
DECIDE_LOCK = 0x0A0D19


# ---- decisions on findings ------------------------------------------------------------------------------------------


def override_finding(
    finding: Finding, *, outcome: Outcome, reason: str, by: User, at: datetime, exception: bool = False
) -> Override:
    """A person decides a finding with a reason: not met, met, or kept in by an exception (`exception`, with MET).

    The first decision stands alone; changing it takes a person who made none before. Raises Refused.
    """
    if outcome not in (Outcome.MET, Outcome.NOT_MET) or (exception and outcome is not Outcome.MET):
        raise Refused("Choose met or not met.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        _decide_in_turn(finding)
        if finding.overrides.filter(by=by).exists():
            raise Refused("You made this decision. Only a different person can change it.")
        override = Override.objects.create(
            finding=finding,
            outcome=outcome.value,
            exception=exception,
            reason=reason.strip(),
            by=by,
            at=at,
        )
        audit.record(
            "finding.overridden",
            finding,
            by=by,
            at=at,
            rule=finding.rule,
            part=finding.part,
            outcome=outcome.value,
            exception=exception,
        )
        return override


def _decide_in_turn(finding: Finding) -> None:
    """Until the commit, nobody else decides this finding. Its row never changes, so it cannot be locked as one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [DECIDE_LOCK, str(finding.pk)])
