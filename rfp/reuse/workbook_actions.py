"""What an admin does with a workbook of an RFP: see what it would change, then store just that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from portal.kit.codec import canonical
from portal.kit.refused import Refused
from portal.models import User
from rfp.bom.sheet.apart import unpacked_apart
from rfp.bom.sheet.table import NotATable
from rfp.publishing import actions as publishing_actions
from rfp.publishing.models import Solicitation
from rfp.reuse import workbooks
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.reuse.workbooks import Change, Plan, Read


def open_workbook(data: bytes) -> list[Read]:
    """The rows of an uploaded workbook, opened in a child process. Raises FileWrong."""
    if not data.startswith(b"PK\x03\x04"):
        raise FileWrong([Problem("The file", "It is not an XLSX workbook.")])
    try:
        return workbooks.read(unpacked_apart(data))
    except NotATable as refusal:
        raise FileWrong([Problem("The file", str(refusal))]) from None


def preview(solicitation: Solicitation, rows: Sequence[Read]) -> Plan:
    """What they would change. Raises FileWrong with every cell that won't do."""
    plan = workbooks.tried(solicitation, rows)
    if plan.problems:
        raise FileWrong(plan.problems)
    return plan


def seen(changes: Sequence[Change]) -> str:
    """What tells one preview from another."""
    return hashlib.sha256(canonical(list(changes)).encode()).hexdigest()


def store(solicitation: Solicitation, rows: Sequence[Read], *, as_seen: str, by: User, at: datetime) -> None:
    """Store what the preview showed. Raises Refused where it would be something else by now, or FileWrong."""
    rows_form = _Rows(solicitation, rows, as_seen)
    publishing_actions.save_part(solicitation, rows_form, what="workbook", by=by, at=at)


class _Rows:
    """Rows on their way into a draft, as `save_part` stores a form."""

    def __init__(self, solicitation: Solicitation, rows: Sequence[Read], as_seen: str) -> None:
        self.solicitation, self.rows, self.as_seen = solicitation, rows, as_seen

    def is_valid(self) -> bool:
        return True

    def save(self) -> None:
        plan = workbooks.apply(self.solicitation, self.rows)
        if plan.problems:
            raise FileWrong(plan.problems)
        if seen(plan.changes) != self.as_seen:
            raise Refused("The RFP has changed since the preview. Check it again.")
