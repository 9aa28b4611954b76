"""The check before an RFP is published: what a person should look at again. Pure: facts in, points out."""

from rfp.checks import asked, dates, people
from rfp.checks.declared import Check, Found, Point, points_of

CHECKS: tuple[Check, ...] = (*people.CHECKS, *dates.CHECKS, *asked.CHECKS)

__all__ = ["CHECKS", "Check", "Found", "Point", "points_of"]
