"""What an admin does with what was written before: a new RFP from a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.models import User
from portal.record import audit
from rfp.publishing.models import Solicitation
from rfp.reuse.contents import building, reading
from rfp.reuse.contents.schema import schema


def import_solicitation(
    content: bytes, *, number: str, title: str = "", by: User, at: datetime
) -> Solicitation:
    """A new draft from a file. Raises FileWrong with every problem, and then nothing is stored."""
    contents: dict[str, Any] = reading.parse(content)
    reading.check(contents, schema())
    with transaction.atomic():
        made = building.build(contents, number=number, title=title, by=by)
        audit.record("solicitation.imported", made, by=by, at=at)
        return made
