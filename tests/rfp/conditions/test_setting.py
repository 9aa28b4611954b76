"""Conditions set, broken, carried and changed: setup, addenda, files, workbooks, the library, copies."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from portal.kit.refused import Refused
from portal.models import Role
from rfp.amending import snapshot
from rfp.amending.actions import start_addendum
from rfp.amending.changes import KIND
from rfp.models import LibraryEntry, Requirement, Response, Solicitation
from rfp.proposals import actions as proposals_actions
from rfp.proposals import reconfirming, revision_facts
from rfp.publishing import actions as publishing_actions
from rfp.publishing import publication
from rfp.reuse import actions, library_actions, workbooks
from rfp.reuse.contents.collecting import as_file, contents_of
from rfp.reuse.contents.problems import FileWrong
from tests import factories as make
from tests.rfp.amending.made import publish, question, values_of
from tests.rfp.publishing.setup.setup_pages import errors_of, keys_of, url

pytestmark = pytest.mark.django_db
NEW = {
    "code": "Q1",
    "lot": "",
    "text": "How heavy?",
    "data_type": "string",
    "answered_by": "response",
    "effect": "scored",
    "position": "1",
}


def row_of(draft: Solicitation, code: str) -> Requirement:
    return draft.requirements.get(code=code, until__isnull=True)


def as_typed(row: Requirement, **changed: Any) -> dict[str, Any]:
    kept = ("code", "text", "why", "data_type", "answered_by", "effect", "envelope", "position", "evidence")
    condition = f"{row.only_if}={row.only_if_answer}" if row.only_if else ""
    typed = {name: str(getattr(row, name)) for name in kept}
    return (
        typed
        | {"lot": str(row.lot_id or ""), "asked_if": condition, "choices": "\n".join(row.choices)}
        | changed
    )


def test_set_and_removed_in_setup(admin_client: Client, draft: Solicitation) -> None:
    lot = str(draft.lots.get().pk)
    page = admin_client.get(url("requirement", draft.pk, row_of(draft, "S2").pk)).content.decode()
    said = " ".join(page.split())
    assert '<option value="S1=yes" selected >Only if S1 is yes: Do you use subcontractors?</option>' in said
    assert 'value="R3=listed"' in page and 'value="S2=' not in page and 'value="S4=' not in page
    for asked_if, stored in (("S1=no", ("S1", "no")), ("R3=listed", ("R3", "listed")), ("", ("", ""))):
        sent = NEW | {"lot": lot, "asked_if": asked_if, "code": f"Q{len(asked_if)}"}
        answer = admin_client.post(url("requirement_new", draft.pk), sent)
        assert answer.status_code == 302, errors_of(answer)
        row = row_of(draft, sent["code"])
        assert (row.only_if, row.only_if_answer) == stored
    listed = admin_client.get(url("requirements", draft.pk)).content.decode()
    assert "Only if S1 is no." in listed and "Only if R3 is “listed”." in listed


@pytest.mark.parametrize(
    ("asked_if", "why"),
    [
        ("ZZ=yes", "There is no requirement ZZ"),
        ("S4=5", "S4 is itself asked only if S1 is yes. Choose one we always ask"),
        ("R1=1800", "R1 isn’t a yes-or-no question or a choice with an answer of its own"),
        ("R3=none", "“none” isn’t an answer to R3"),
        ("S1", "Choose the answer to S1"),
        ("=yes", "Choose the question that decides"),
        ("Q1=yes", "A requirement can’t depend on its own answer"),
        ("S1=<script>", "“<script>” isn’t an answer to S1"),
        ("M1=yes", "M1 is answered in the price envelope, so it can’t decide what else is asked"),
        ("x" * 5000, None),
        ("S1=\x00", None),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    admin_client: Client, draft: Solicitation, asked_if: str, why: str | None
) -> None:
    draft.requirements.create(
        code="M1", text="Discount?", data_type="boolean", envelope="price", lot=draft.lots.get()
    )
    sent = NEW | {"lot": str(draft.lots.get().pk), "asked_if": asked_if}
    answer = admin_client.post(url("requirement_new", draft.pk), sent)
    errors = errors_of(answer)
    assert set(errors) == {"asked_if"} and (why is None or errors["asked_if"] == [why])
    assert "<script>”" not in answer.content.decode()
    assert not draft.requirements.filter(code="Q1").exists()


def test_for_all_lots_only_what_all_lots_are_asked_can_decide(
    admin_client: Client, draft: Solicitation
) -> None:
    answer = admin_client.post(url("requirement_new", draft.pk), NEW | {"asked_if": "S1=yes"})
    assert errors_of(answer) == {"asked_if": ["S1 isn’t asked for all the lots that this requirement is for"]}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "S9"}, "code"),
        ({"data_type": "string"}, "data_type"),
        ({"envelope": "price"}, "envelope"),
        ({"asked_if": "R2=yes"}, "asked_if"),
    ],
)
def test_what_decides_is_not_broken(
    admin_client: Client, draft: Solicitation, changed: dict[str, str], field: str
) -> None:
    s1 = row_of(draft, "S1")
    errors = errors_of(admin_client.post(url("requirement", draft.pk, s1.pk), as_typed(s1, **changed)))
    assert set(errors) == {field} and errors[field][0].startswith("It decides whether we ask S2. ")
    s1.refresh_from_db()
    assert (s1.code, s1.data_type, s1.envelope, s1.only_if) == ("S1", "boolean", "technical", "")


def test_a_choice_keeps_the_answers_that_decide(admin_client: Client, draft: Solicitation) -> None:
    draft.requirements.filter(code="S2").update(only_if="R3", only_if_answer="no")
    r3 = row_of(draft, "R3")
    sent = as_typed(r3, choices="listed\nother", expected="listed")
    errors = errors_of(admin_client.post(url("requirement", draft.pk, r3.pk), sent))
    assert errors == {"choices": ["It decides whether we ask S2. “no” isn’t an answer to R3"]}


def test_what_decides_is_not_removed(admin_client: Client, draft: Solicitation) -> None:
    s1 = row_of(draft, "S1")
    page = admin_client.post(url("requirement_remove", draft.pk, s1.pk), {"sure": "1"}, follow=True)
    assert "S1 decides whether we ask S2, S3, S4. Change when we ask that first." in page.content.decode()
    assert draft.requirements.filter(code="S1").exists()
    draft.requirements.filter(only_if="S1").delete()
    admin_client.post(url("requirement_remove", draft.pk, s1.pk), {"sure": "1"})
    assert not draft.requirements.filter(code="S1").exists()


def test_what_got_past_the_forms_is_not_published(draft: Solicitation) -> None:
    before = publication.gaps(draft)
    draft.requirements.filter(code="S1").update(data_type="string")
    draft.requirements.filter(code="S2").update(only_if="S8")
    words = [each.text for each in publication.gaps(draft) if each not in before]
    assert words[0] == "Requirement S2 is asked only if S8 is yes. There is no requirement S8."
    assert len(words) == 3 and "S1 isn’t a yes-or-no question" in words[1]


def test_the_second_look_finds_a_condition_that_excludes(draft: Solicitation) -> None:
    assert "condition:S2" not in " ".join(keys_of(draft))
    draft.requirements.filter(code="S1").update(expected=False)
    assert [key for key in keys_of(draft) if key.startswith("condition")] == [
        f"condition:{code}" for code in ("S2", "S3", "S4")
    ]


# ---- carried ------------------------------------------------------------------------------------------------------


def conditions_of(rfp: Solicitation) -> dict[str, tuple[str, str]]:
    rows = rfp.requirements.filter(until__isnull=True).exclude(only_if="")
    return {each.code: (each.only_if, each.only_if_answer) for each in rows}


ALL = dict.fromkeys(("S2", "S3", "S4"), ("S1", "yes"))


def test_a_file_carries_it_in_any_order(draft: Solicitation) -> None:
    contents = contents_of(draft)
    contents["requirements"].reverse()
    content = json.dumps(contents).encode()
    made = actions.import_solicitation(content, number="again", by=draft.created_by, at=make.NOW)
    assert conditions_of(made) == ALL
    assert as_file(made).replace(b'"again"', f'"{draft.number}"'.encode()) == as_file(draft)


def test_a_file_with_a_wrong_one_names_the_place(draft: Solicitation) -> None:
    contents = contents_of(draft)
    at = next(at for at, row in enumerate(contents["requirements"]) if row["code"] == "S2")
    for wrong, why in (({"only_if": "S9"}, "There is no"), ({"only_if_answer": "maybe"}, "isn’t an answer")):
        rows = [row | wrong if row["code"] == "S2" else row for row in contents["requirements"]]
        content = json.dumps(contents | {"requirements": rows}).encode()
        with pytest.raises(FileWrong) as caught:
            actions.import_solicitation(content, number="new", by=draft.created_by, at=make.NOW)
        assert [each.where for each in caught.value.problems] == [f"requirements[{at}].only_if"]
        assert why in caught.value.problems[0].why
    assert not Solicitation.objects.filter(number="new").exists()


def test_a_workbook_carries_it(draft: Solicitation) -> None:
    book = load_workbook(io.BytesIO(workbooks.written(draft)))
    page = book["Requirements"]
    heads = {cell.value: at for at, cell in enumerate(page[1])}
    rows = {row[heads["Code"]].value: row for row in page.iter_rows(min_row=2)}
    requirement, answer = (heads[head] for head in ("Only if requirement", "Only if its answer is"))
    assert (rows["S2"][requirement].value, rows["S2"][answer].value) == ("S1", "yes")
    read = [workbooks.Read("Requirements", 2, {"code": "S2", "only_if": "S1", "only_if_answer": "No"})]
    assert workbooks.apply(draft, read).problems == []
    assert conditions_of(draft)["S2"] == ("S1", "no")
    read = [workbooks.Read("Requirements", 2, {"code": "S2", "only_if": "S9"})]
    problem = workbooks.tried(draft, read).problems[0]
    assert (problem.where, problem.why) == (
        "Requirements, row 2, Only if requirement",
        "There is no requirement S9.",
    )


def test_a_copy_and_the_library_carry_it(draft: Solicitation) -> None:
    admin = draft.created_by
    copy = Solicitation(number="copy", title="Copy", buyer="B")
    publishing_actions.create_solicitation(copy, template=draft, by=admin, at=make.NOW)
    assert conditions_of(copy) == ALL
    library_actions.keep(draft, requirements=draft.requirements.all(), by=admin, at=make.NOW)
    other = make.make_solicitation(published=False)
    other.requirements.create(code="S1", text="Another?", data_type="string")
    entries = LibraryEntry.objects.filter(code__in=("S2", "S1"))
    library_actions.add(other, list(entries.order_by("-code")), by=admin, at=make.NOW)
    assert conditions_of(other) == {"S2": ("S1-2", "yes")}
    with pytest.raises(FileWrong, match="Add S1, too"):
        library_actions.add(other, list(entries.filter(code="S2")), by=admin, at=make.NOW)


# ---- addenda ------------------------------------------------------------------------------------------------------


def test_an_addendum_sets_and_removes_it(rfp: Solicitation) -> None:
    values = values_of(question(rfp, "R2"), only_if="S1", only_if_answer="no")
    made = publish(rfp, (KIND.REQUIREMENT, "R2", values))
    assert made.changes.get().says == [{"label": "Asked", "before": "", "after": "Only if S1 is no"}]
    told = {each["code"]: each["only_if"] for each in snapshot.content(rfp)["requirements"]}
    assert told["R2"] == "Only if “Do you use subcontractors?” is no" and told["S1"] == ""
    publish(rfp, (KIND.REQUIREMENT, "R2", values_of(question(rfp, "R2"), only_if="", only_if_answer="")))
    assert question(rfp, "R2").only_if == ""
    assert conditions_of(rfp) == ALL


def test_an_addendum_does_not_take_away_what_decides(rfp: Solicitation) -> None:
    with pytest.raises(Refused, match=r"asked only if S1 is yes\. There is no requirement S1"):
        publish(rfp, (KIND.REQUIREMENT_REMOVED, "S1", {}))


def test_the_form_of_an_addendum_offers_it(rfp: Solicitation, admin_client: Client) -> None:
    start_addendum(rfp, by=make.make_user(Role.ADMIN), at=make.NOW)
    page = admin_client.get(
        reverse("rfp:addendum_change", args=[rfp.pk, 1, KIND.REQUIREMENT.value, "R2"])
    ).content.decode()
    assert 'value="S1=no"' in page


@pytest.mark.parametrize(("uses", "asked"), [(True, {"S4"}), (False, set())])
def test_only_what_applies_is_reconfirmed(rfp: Solicitation, uses: bool, asked: set[str]) -> None:
    proposal = make.make_draft(rfp)
    row = make.draft_of(proposal)
    for code, value in (("S1", uses), ("S4", "35")):
        Response.objects.create(revision=row, requirement=question(rfp, code), value=value)
    owner = make.owner_of(proposal.supplier)
    proposals_actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=make.NOW)
    revision = make.submit(proposal)
    publish(rfp, (KIND.REQUIREMENT, "S4", values_of(question(rfp, "S4"), maximum="30")), S4="reconfirm")
    found = reconfirming.waiting(revision_facts.revision_for_facts(revision.pk))
    assert {each.requirement.code for each in found} == asked
