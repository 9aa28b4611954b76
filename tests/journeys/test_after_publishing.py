"""After publication: an addendum is drafted, published and reconfirmed; a question gets an answer for everyone; and
after the close, a supplier answers what was missing."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.models import Role
from rfp.amending.changes import KIND
from rfp.models import Proposal, Question
from tests import factories as make
from tests.journeys.conftest import Browse, check
from tests.rfp.amending import made
from tests.rfp.curing.made import field, lacking


def test_an_addendum_is_published_by_two_and_one_answer_is_reconfirmed(office: Browse) -> None:
    solicitation = make.make_solicitation(number="26-12", title="Warehouse racks")
    proposal = make.make_draft(solicitation, make.make_supplier(legal_name="Ashland Racks Inc."))
    make.submit(proposal)
    admin, officer = make.make_user(Role.ADMIN), make.make_user(Role.OFFICER, name="Ruth Okafor")

    desk = office(admin)
    desk.goto("/rfps/26-12/")
    desk.get_by_role("link", name="Addenda").click()
    check(desk)
    desk.get_by_role("button", name="Start an addendum").click()
    check(desk)
    desk.get_by_role("link", name="Add a change").click()
    check(desk)
    desk.get_by_role("link", name="Change R1").click()
    check(desk)
    desk.get_by_label("At least").fill("1900")
    desk.get_by_role("button", name="Save the change").click()
    expect(desk.get_by_text("At least 1,900 kg")).to_be_visible()
    desk.get_by_label("Why").fill("The new floor carries more.")
    desk.get_by_role("button", name="Save", exact=True).click()
    check(desk)
    desk.get_by_role("button", name="Ask a second person").click()
    expect(desk.get_by_text("Ready for a second person")).to_be_visible()
    check(desk)

    second = office(officer)
    second.goto(f"/setup/{solicitation.pk}/addenda/1/")
    check(second)
    second.get_by_role("button", name="Publish the addendum").click()
    expect(second.get_by_text("Addendum 1 is published.")).to_be_visible()
    check(second)

    public = office()
    public.goto("/rfps/26-12/")
    check(public)
    public.get_by_role("link", name="Read all changes").click()
    check(public)
    public.get_by_role("link", name="Read the version before").click()
    expect(public.get_by_text("At least 1,500 kg")).to_be_visible()
    check(public)

    owner = office(make.owner_of(proposal.supplier))
    owner.goto(f"/proposals/{proposal.pk}/")
    check(owner)
    owner.get_by_role("link", name="Reconfirm").click()
    expect(owner.get_by_text("You answered: 1,800 kg")).to_be_visible()
    check(owner)
    owner.get_by_text("Change it", exact=True).click()
    owner.get_by_label("New answer").fill("1950")
    owner.get_by_label("Your title").fill("Owner")
    owner.get_by_label("I have read this statement").check()
    owner.get_by_role("button", name="Sign and reconfirm").click()
    expect(owner.get_by_text("Reconfirmed. Revision 2 is submitted.")).to_be_visible()
    found = Proposal.objects.select_related("current_revision").get()
    assert found.current_revision is not None and found.current_revision.rfp_version == 2
    assert found.current_revision.responses.get(requirement__code="R1").value == "1950"


def test_anybody_finds_an_rfp_sees_if_they_qualify_and_a_supplier_watches_it(browse: Browse) -> None:
    solicitation = make.make_solicitation(
        number="26-15", title="Warehouse racks", contact_name="Sourcing", contact_email="office@buyer.example"
    )
    solicitation.requirements.filter(code="R1").update(effect="knockout")
    supplier = make.make_supplier()

    public = browse()
    public.goto("/")
    check(public)
    public.get_by_role("link", name="All RFPs").click()
    public.get_by_label("Search products, lots, buyers").fill("warehouse")
    public.get_by_label("Stage").select_option("Open for proposals")
    public.get_by_role("button", name="Search").click()
    check(public)
    public.get_by_role("link", name="See if you qualify").click()
    check(public)
    public.get_by_role("textbox").first.fill("1200")
    public.get_by_role("button", name="See the result").click()
    expect(public.get_by_role("heading", name="You would not pass")).to_be_visible()
    expect(public.get_by_text("It must be at least 1,500 kg.")).to_be_visible()
    check(public)
    public.goto("/rfps/26-15/")
    expect(public.get_by_role("link", name="office@buyer.example")).to_be_visible()
    check(public)

    # An addendum is published after that visit: here, the visit is made to lie a year back.
    values = made.values_of(made.question(solicitation), minimum="1600")
    made.publish(solicitation, (KIND.REQUIREMENT, "R1", values))
    public.evaluate("localStorage.setItem('visit:26-15', '2020-01-01T12:00:00Z')")
    public.reload()
    public.get_by_role("link", name="See what is new").click()
    expect(public.get_by_text("Changes since January 1, 2020")).to_be_visible()
    check(public)

    owner = browse(make.owner_of(supplier))
    owner.goto("/rfps/26-15/")
    owner.get_by_role("button", name="Watch this RFP").click()
    expect(owner.get_by_role("button", name="Stop watching")).to_be_visible()
    check(owner)


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


def test_a_missing_answer_is_asked_for_and_sent(office: Browse) -> None:
    room, proposal = lacking(number="26-17", title="Warehouse racks")
    owner, requirement = make.owner_of(proposal.supplier), field(proposal, "R1").requirement

    desk = office(room.admin)
    desk.goto("/evaluate/26-17/decisions/?kind=unanswered")
    check(desk)
    desk.get_by_role("link", name="Ask the supplier").click()
    check(desk)
    expect(desk.get_by_label("Answer to R1")).to_be_checked()
    desk.get_by_label("File for R4").check()
    desk.get_by_role("button", name="Ask the supplier").click()
    expect(desk.get_by_text("Asked, due")).to_be_visible()
    check(desk)

    company = office(owner)
    company.goto("/home/")
    company.locator("li, tr").filter(has_text="Answer what is missing").locator("a").first.click()
    expect(company.get_by_text("Seismic version?")).to_have_count(0)
    check(company)
    company.get_by_label(requirement.text).fill("1750")
    company.get_by_role("button", name="Sign and send").first.click()
    expect(company.get_by_text("R4: choose a file").first).to_be_visible()
    check(company)
    company.get_by_label("R4 Test report").set_input_files(
        {"name": "report.txt", "mimeType": "text/plain", "buffer": b"Tested to 1,900 kg."}
    )
    company.get_by_label("Your title").fill("Owner")
    company.get_by_label("These answers are complete and true").check()
    company.get_by_role("button", name="Sign and send").first.click()
    expect(company.get_by_text("Received as revision 2.")).to_be_visible()
    check(company)

    desk.goto("/evaluate/26-17/asked/")
    expect(desk.get_by_text("The answers are in a new revision")).to_be_visible()
    check(desk)
