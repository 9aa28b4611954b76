"""What an admin does with the library: keep rows of an RFP, add some to a draft, take one out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.kit.codec import canonical
from portal.models import User
from portal.record import audit
from rfp.publishing import actions as publishing_actions
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.reuse.contents.building import criterion_form, is_conditional, problems_of, requirement_form
from rfp.reuse.contents.collecting import criterion_of, requirement_of
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.reuse.models import LibraryEntry

KIND = LibraryEntry.Kind


def keep(
    solicitation: Solicitation,
    *,
    requirements: Iterable[Requirement] = (),
    criteria: Iterable[Criterion] = (),
    by: User,
    at: datetime,
) -> int:
    """Keep rows of the RFP in the library; how many were new to it."""
    found = [(KIND.REQUIREMENT, each.text, _free(requirement_of(each))) for each in requirements]
    found += [(KIND.CRITERION, each.title, criterion_of(each)) for each in criteria]
    rows = [
        LibraryEntry(
            kind=kind,
            code=content["code"],
            words=words,
            content=content,
            digest=hashlib.sha256(canonical([kind.value, content]).encode()).hexdigest(),
            source=solicitation.number,
            added_by=by,
            added_at=at,
        )
        for kind, words, content in found
    ]
    with transaction.atomic():
        before = LibraryEntry.objects.count()
        LibraryEntry.objects.bulk_create(rows, ignore_conflicts=True)
        new = LibraryEntry.objects.count() - before
        if new:
            audit.record("library.kept", solicitation, by=by, at=at, entries=new)
        return new


def _free(content: dict[str, Any]) -> dict[str, Any]:
    """A requirement without the rows of its RFP that it names."""
    return content | {"lot": None, "feeds": None, "applies_to": [], "position": 0}


def add(solicitation: Solicitation, entries: Sequence[LibraryEntry], *, by: User, at: datetime) -> None:
    """Add them to a draft, for all lots, each under a code of its own. Raises Refused, FileWrong; then nothing is."""
    publishing_actions.save_part(solicitation, _Picked(solicitation, entries), what="library", by=by, at=at)


def remove(entry: LibraryEntry, *, by: User, at: datetime) -> None:
    """Take an entry out. RFPs that it was added to keep what they have."""
    with transaction.atomic():
        audit.record("library.removed", entry, by=by, at=at, code=entry.code)
        entry.delete()


class _Picked:
    """Entries on their way into a draft, as `save_part` stores a form."""

    def __init__(self, solicitation: Solicitation, entries: Sequence[LibraryEntry]) -> None:
        self.solicitation, self.entries = solicitation, entries
        # The code of an entry → the one that it has in the draft.
        self.codes: dict[str, str] = {}

    def is_valid(self) -> bool:
        return True

    def save(self) -> None:
        problems: list[Problem] = []
        # A question that decides whether another is asked comes before it.
        for entry in sorted(self.entries, key=lambda each: is_conditional(each.content)):
            problems += self._add(entry)
        if problems:
            raise FileWrong(problems)

    def _add(self, entry: LibraryEntry) -> Iterable[Problem]:
        rfp = self.solicitation
        is_requirement = entry.kind == KIND.REQUIREMENT
        # Every wording counts: a code is never used twice in an RFP.
        rows: Any = rfp.requirements if is_requirement else rfp.criteria
        codes = {code.casefold() for code in rows.values_list("code", flat=True)}
        content = entry.content | {"code": _unused(entry.code, codes), "position": len(codes) + 1}
        if is_requirement and is_conditional(content):
            if (decides := content["only_if"]) not in self.codes:
                yield Problem(
                    entry.code, f"It’s asked only if {decides} has a given answer. Add {decides}, too."
                )
                return
            content["only_if"] = self.codes[decides]
        form: Any = requirement_form(rfp, content)[0] if is_requirement else criterion_form(rfp, content)
        if not form.is_valid():
            yield from problems_of(form, entry.code)
            return
        form.save()
        if is_requirement:
            self.codes.setdefault(entry.code, content["code"])


def _unused(code: str, codes: set[str]) -> str:
    """The code, or with the first number behind it that makes it new."""
    if code.casefold() not in codes:
        return code
    numbered = (f"{code[: 19 - len(str(at))]}-{at}" for at in range(2, 10_000))
    return next(each for each in numbered if each.casefold() not in codes)
