"""A finding with the decision on it in words."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.kit import formats
from portal.kit.compliance import Outcome
from rfp.compliance import queries as compliance_queries
from rfp.models import Finding, Override

# ---- findings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ShownFinding:
    """A finding with the decision on it in words."""

    finding: Finding
    outcome: str
    decided: str
    reason: str
    verb: str = ""

    @property
    def decided_words(self) -> str:
        """ "Kept in by Name, Mar 9, 2028: reason", blank when nobody decided."""
        if not self.decided:
            return ""
        return f"{self.verb} by {self.decided}: {self.reason}"

    @property
    def is_settled_well(self) -> bool:
        return self.outcome in ("met", "not_applicable")


def shown_finding(finding: Finding, *, zone: ZoneInfo) -> ShownFinding:
    """The outcome that stands, who decided and why; the day is the RFP's."""
    overrides = list(finding.overrides.all())
    last = overrides[-1] if overrides else None
    return ShownFinding(
        finding=finding,
        outcome=compliance_queries.standing_outcome(finding).value,
        decided=f"{last.by.name}, {formats.day(last.at.astimezone(zone).date(), short=True)}" if last else "",
        reason=last.reason if last else "",
        verb=_verb(last) if last else "",
    )


def _verb(override: Override) -> str:
    if override.outcome == Outcome.NOT_MET.value:
        return "Knocked out"
    return "Kept in" if override.exception else "Finding overridden"
