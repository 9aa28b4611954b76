"""A question from asking to the answer that everyone reads: a supplier, an admin, and a visitor."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.models import Role
from rfp.models import Question
from tests import factories as make
from tests.journeys.conftest import Browse, check


def test_a_private_question_becomes_an_answer_for_everyone(office: Browse) -> None:
    solicitation = make.make_solicitation(number="26-14", title="Warehouse racks")
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    admin = make.make_user(Role.ADMIN)

    owner = office(make.owner_of(supplier))
    owner.goto("/rfps/26-14/")
    owner.get_by_role("link", name="Read the answers or ask").click()
    check(owner)
    owner.get_by_role("button", name="Ask privately").click()
    expect(owner.get_by_role("alert").get_by_text("Write your question")).to_be_visible()
    check(owner)
    owner.get_by_role("textbox", name="Your question").fill("We at Zebulon lease our plant. Is that fine?")
    owner.get_by_role("button", name="Ask privately").click()
    expect(owner.get_by_text("Only the admins who answer see that you asked.")).to_be_visible()
    expect(owner.get_by_text("Being answered")).to_be_visible()
    check(owner)

    desk = office(admin)
    desk.goto("/home/")
    desk.get_by_role("link", name="Answer").click()
    check(desk)
    desk.get_by_role("link", name="We at Zebulon lease our plant.").click()
    check(desk)
    desk.get_by_role("textbox", name="Question as published").fill("Can a plant be leased?")
    desk.get_by_role("textbox", name="Answer", exact=True).fill(
        "Yes, as Zebulon may know, if the lease runs past the delivery years."
    )
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_role("alert").get_by_text("This could tell who asked: Zebulon")).to_be_visible()
    check(desk)
    desk.get_by_role("textbox", name="Answer", exact=True).fill(
        "Yes, if the lease runs past the delivery years."
    )
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_text("Published. The next daily email tells everyone.")).to_be_visible()
    check(desk)

    public = office()
    public.goto("/rfps/26-14/questions/")
    expect(public.get_by_role("heading", name="Can a plant be leased?")).to_be_visible()
    expect(public.get_by_text("Zebulon")).to_have_count(0)
    check(public)
    owner.reload()
    owner.get_by_role("link", name="as 1").click()
    check(owner)
    assert Question.objects.get(solicitation=solicitation).number == 1
