"""Over random addenda and drafts: what an addendum doesn't touch is the same row, to the byte."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.db import connection

from rfp.amending import queries, supplier_actions
from rfp.amending.changes import KIND
from rfp.amending.supplier_actions import Answer
from rfp.models import Proposal, Requirement, Response, Revision, Solicitation
from rfp.proposals import reconfirming
from tests import factories as make
from tests.rfp.amending import made

pytestmark = pytest.mark.django_db

STANDING = Requirement.Standing
WORDS = ("18", "Steel", "naïve – Größe", "№ 5", "", " 0 ", "1e9", "\u200b", "年")


def asks(solicitation: Solicitation, count: int) -> list[str]:
    """Questions Q01 and on, of the lot or of all lots; their codes."""
    lot = solicitation.lots.get()
    solicitation.requirements.all().delete()
    for number in range(1, count + 1):
        Requirement.objects.create(
            solicitation=solicitation,
            lot=lot if number % 3 else None,
            code=f"Q{number:02d}",
            text=f"Question {number}?",
            data_type="string",
            position=number,
        )
    return list(solicitation.requirements.order_by("code").values_list("code", flat=True))


def offers(solicitation: Solicitation, dice: random.Random, *, drafts: int, submitted: int) -> list[Revision]:
    """Drafts and received revisions with random answers; some leave questions blank."""
    lot, window = solicitation.lots.get(), solicitation.windows.get()
    asked, found = list(solicitation.requirements.order_by("code")), []
    for number in range(drafts + submitted):
        supplier = make.make_supplier()
        proposal = Proposal.objects.create(
            number=f"P-T{solicitation.pk}-{number}",
            supplier=supplier,
            lot=lot,
            created_by=make.owner_of(supplier),
        )
        revision = Revision.objects.create(
            proposal=proposal, number=1, title=f"Offer {number}", attested_at=make.NOW
        )
        revision.items.set(lot.items.all())
        Response.objects.bulk_create(
            Response(revision=revision, requirement=each, value=f"{dice.choice(WORDS)} {dice.random()}")
            for each in asked
            if number < 2 or dice.random() < 0.9
        )
        if number >= drafts:
            Revision.objects.filter(pk=revision.pk).update(received_at=make.NOW)
            proposal.window, proposal.current_revision = window, revision
            proposal.save()
        found.append(revision)
    return found


def rows_of(revision: Revision, codes: set[str]) -> dict[str, tuple[Any, ...]]:
    """Code → the stored row of its answer: where it lies in the table, its id, question and value. A row that was
    written again lies elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.code, r.ctid::text, r.id, r.requirement_id, r.value::text FROM rfp_response r "
            "JOIN rfp_requirement q ON q.id = r.requirement_id WHERE r.revision_id = %s",
            [revision.pk],
        )
        return {code: tuple(rest) for code, *rest in cursor.fetchall() if code in codes}


def waits_of(revision: Revision) -> set[str]:
    found = reconfirming.waiting(queries.for_reconfirming(revision.pk))
    return {each.requirement.code for each in found}


def test_one_question_of_forty_leaves_39_answers_of_70_proposals_as_they_were() -> None:
    solicitation, dice = make.make_solicitation(), random.Random(40)
    codes = asks(solicitation, 40)
    revisions = offers(solicitation, dice, drafts=50, submitted=20)
    others = set(codes) - {"Q07"}
    before = {each.pk: rows_of(each, others) for each in revisions}
    touched = {each.pk: rows_of(each, {"Q07"}) for each in revisions}
    values = made.values_of(made.question(solicitation, "Q07"), text="Another question altogether?")
    made.publish(solicitation, (KIND.REQUIREMENT, "Q07", values))
    assert {each.pk: rows_of(each, others) for each in revisions} == before
    for each in revisions:
        each.refresh_from_db()
        answered = bool(touched[each.pk])
        # What is submitted has to be looked at even where it was left blank.
        is_asked = answered or each.received_at is not None
        assert waits_of(each) == ({"Q07"} if is_asked else set())
        # The answer itself keeps its words; a frozen row is the very same row.
        now = rows_of(each, {"Q07"})
        assert [row[-1] for row in now.values()] == [row[-1] for row in touched[each.pk].values()]
        if each.received_at is not None:
            assert now == touched[each.pk]
        else:
            assert (each.attested_at is None) == answered


@pytest.mark.parametrize("seed", range(6))
def test_random_addenda_touch_what_they_name_and_nothing_else(seed: int) -> None:
    solicitation, dice = make.make_solicitation(), random.Random(seed)
    codes = asks(solicitation, 12)
    revisions = offers(solicitation, dice, drafts=4, submitted=3)
    asked_again: dict[int, set[str]] = {each.pk: set() for each in revisions}
    for round_ in range(3):
        chosen = dice.sample(codes, dice.randint(1, 3))
        removed = chosen.pop() if len(chosen) > 1 and dice.random() < 0.4 else ""
        standing = {code: str(dice.choice(STANDING.values)) for code in chosen}
        before = {each.pk: rows_of(each, set(codes) - set(chosen) - {removed}) for each in revisions}
        words = {each.pk: rows_of(each, set(chosen)) for each in revisions}
        changes = [
            (
                KIND.REQUIREMENT,
                code,
                made.values_of(made.question(solicitation, code), text=f"Round {round_}, {code}?"),
            )
            for code in chosen
        ]
        if removed:
            changes.append((KIND.REQUIREMENT_REMOVED, removed, {}))
            codes.remove(removed)
        made.publish(solicitation, *changes, **standing)
        for each in revisions:
            each.refresh_from_db()
            assert rows_of(each, set(before[each.pk])) == before[each.pk]
            now = rows_of(each, set(chosen))
            assert {code: row[-1] for code, row in now.items()} == {
                code: row[-1] for code, row in words[each.pk].items()
            }
            is_draft = each.received_at is None
            again = {code for code in chosen if standing[code] == STANDING.RECONFIRM}
            asked_again[each.pk] |= again & set(now) if is_draft else again
            asked_again[each.pk] -= {removed}
            assert waits_of(each) == asked_again[each.pk]
            if is_draft and asked_again[each.pk] and dice.random() < 0.5:
                some_stand(each, asked_again[each.pk], dice)


def some_stand(draft: Revision, waits: set[str], dice: random.Random) -> None:
    """Reconfirm one of them, kept or changed; the other answers are the same rows afterwards."""
    code = dice.choice(sorted(waits))
    solicitation = draft.proposal.lot.solicitation
    others = set(solicitation.requirements.values_list("code", flat=True)) - {code}
    before, words = rows_of(draft, others), rows_of(draft, {code})
    is_kept = dice.random() < 0.5
    answer = Answer(
        made.question(solicitation, code), is_kept=is_kept, value=None if is_kept else "New words"
    )
    owner = make.owner_of(draft.proposal.supplier)
    supplier_actions.reconfirm_draft(made.fresh(draft.proposal), [answer], by=owner, at=make.NOW)
    assert rows_of(draft, others) == before
    expected = words[code][-1] if is_kept else json.dumps("New words")
    assert rows_of(draft, {code})[code][-1] == expected
    waits.discard(code)
