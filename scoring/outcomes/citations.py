"""Citations in debriefs: a supplier is only ever quoted to itself."""

from __future__ import annotations

from collections.abc import Iterable

from rfp.models import Revision
from scoring.reading import citing
from scoring.reading.answers import answers_of
from scoring.reading.queries import statements_of


def foreign_in(texts: Iterable[str], revision: Revision) -> list[str]:
    """Citations in these texts that quote no answer, statement or document of this revision, as they stand there."""
    found = [match for text in texts for match in citing.CITATION.finditer(text)]
    if not found:
        return []
    answers = {each.code: each for each in answers_of(revision, price_open=True)}
    codes = {each.pk: each.code for each in revision.proposal.lot.solicitation.criteria.all()}
    written = {codes.get(pk, ""): text for pk, text in statements_of(revision).items()}
    files = revision.attachments.count()
    foreign = []
    for match in found:
        code = match["code"]
        if match["document"]:
            is_own = 1 <= int(match["document"]) <= files
        elif match["words"]:
            said = written.get(code, "") if match["statement"] else getattr(answers.get(code), "value", "")
            is_own = _plain(match["words"].removesuffix("…")) in _plain(said)
        else:
            is_own = code in answers and bool(answers[code].rows)
        if not is_own:
            foreign.append(match[0])
    return foreign


def _plain(text: str) -> str:
    return " ".join(text.replace("“", '"').replace("”", '"').split()).casefold()
