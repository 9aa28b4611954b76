"""An invited RFP doesn't exist for others, and what companies say and sign before they respond."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from portal.kit.refused import Refused
from portal.letters.kinds import kind_of
from portal.letters.models import Notice
from portal.models import Role, User
from rfp.admitting import actions, queries
from rfp.models import AccessCode, Admission, Intent, Solicitation
from rfp.proposals import actions as proposals_actions
from rfp.publishing import queries as publishing_queries
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.rfp.publishing.setup.setup_pages import errors_of, keys_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


def client_of(supplier: Supplier) -> Client:
    return signed_in(make.owner_of(supplier))


# ---- it doesn't exist for others ----------------------------------------------------------------------------------


def patterns(found: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(name with its namespace, pattern) of every route."""
    for each in found if found is not None else get_resolver().url_patterns:
        if isinstance(each, URLResolver):
            inside = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from patterns(each.url_patterns, inside)
        elif each.name:
            yield prefix + each.name, each


def routes_of(rfp: Solicitation) -> list[str]:
    """The address of every route under /rfps/ that names the RFP, with made-up values for the rest."""
    values = {"number": rfp.number, "code": "L1", "pk": 1, "kind": "json", "version": 1}
    found = []
    for name, pattern in patterns():
        asked = pattern.pattern.converters
        if "number" not in asked:
            continue
        try:
            address = reverse(name, kwargs={key: values.get(key, 1) for key in asked})
        except NoReverseMatch:
            continue
        if address.startswith(("/rfps/", "/api/")):
            found.append(address)
    return found


def test_every_public_route_of_it_is_missing_for_others(
    rfp: Solicitation, guest: Supplier, stranger: Supplier
) -> None:
    addresses = routes_of(rfp)
    assert len(addresses) >= 12
    anonymous, other, outsider = Client(), client_of(stranger), signed_in(make.make_user(Role.REVIEWER))
    for address in addresses:
        for client in (other, outsider):
            assert client.get(address).status_code in (404, 405), address
            assert client.post(address).status_code in (404, 405), address
        found = anonymous.get(address)
        # To the sign-in, as for an address that nobody has.
        other_address = address.replace(rfp.number, "no-such-rfp")
        assert found.status_code == anonymous.get(other_address).status_code != 200, address


def test_no_list_feed_or_search_names_it(rfp: Solicitation, guest: Supplier, stranger: Supplier) -> None:
    make.make_solicitation(title="Loud battery modules")
    for client in (Client(), client_of(stranger), signed_in(make.make_user(Role.REVIEWER))):
        for address in (
            reverse("rfp:home"),
            reverse("rfp:solicitation_list"),
            reverse("rfp:solicitation_list") + "?q=battery",
            reverse("rfp:solicitation_list") + "?state=open",
            reverse("rfp:feed", args=["atom"]),
            reverse("rfp:feed", args=["json"]),
            reverse("scoring:home"),
            reverse("rfp:api_rfps"),
        ):
            said = client.get(address, follow=True).content.decode()
            assert "Quiet" not in said and rfp.number not in said, address
    listed = client_of(guest).get(reverse("rfp:solicitation_list")).content.decode()
    assert "Quiet" in listed and "Loud" in listed
    assert "Quiet" in client_of(guest).get(reverse("scoring:home")).content.decode()


def test_staff_who_work_on_it_see_it(rfp: Solicitation) -> None:
    chair, _others = make.make_panel(rfp)
    at = reverse("rfp:solicitation_detail", args=[rfp.number])
    for user in (chair.user, rfp.created_by, make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)):
        assert signed_in(user).get(at).status_code == 200, user.role
    assert signed_in(make.make_user(Role.REVIEWER)).get(at).status_code == 404


def test_only_admitted_companies_start_a_proposal(
    rfp: Solicitation, guest: Supplier, stranger: Supplier
) -> None:
    lot = rfp.lots.get()
    with pytest.raises(Refused, match="not invited"):
        proposals_actions.start_proposal(lot, supplier=stranger, by=make.owner_of(stranger))
    assert proposals_actions.start_proposal(lot, supplier=guest, by=make.owner_of(guest)).pk


def test_a_person_of_two_companies_starts_for_the_invited_one_alone(
    rfp: Solicitation, guest: Supplier, stranger: Supplier
) -> None:
    both = make.owner_of(guest)
    Membership.objects.create(supplier=stranger, user=both, level=Membership.Level.OWNER)
    with pytest.raises(Refused, match="not invited"):
        proposals_actions.start_proposal(rfp.lots.get(), supplier=stranger, by=both)


# ---- invitations --------------------------------------------------------------------------------------------------


def test_an_invitation_is_a_letter_once(rfp: Solicitation, guest: Supplier, admin: User) -> None:
    assert actions.invite(rfp, [guest], by=admin, at=make.NOW) == 0
    (letter,) = Notice.objects.filter(key__startswith=f"rfp-invited:{rfp.pk}:")
    kind = kind_of(letter.key)
    assert kind is not None and kind.name == "due", "it is no letter about an account"
    assert letter.to == make.owner_of(guest)
    assert letter.subject == f"Buyer invites Guest Works Inc. to RFP {rfp.number}"


def test_invitations_before_publication_are_told_with_it(admin: User) -> None:
    draft = make.make_solicitation(by=admin, published=False, access="invited")
    supplier = make.make_supplier(legal_name="Guest Works Inc.")
    actions.invite(draft, [supplier], by=admin, at=make.NOW)
    assert not Notice.objects.filter(key__startswith="rfp-invited:").exists()
    from rfp.publishing import actions as publishing_actions

    publishing_actions.publish_solicitation(draft, by=admin, looked=keys_of(draft, at=make.NOW), at=make.NOW)
    assert Notice.objects.filter(key__startswith=f"rfp-invited:{draft.pk}:").count() == 1


def test_a_public_rfp_invites_nobody(admin: User) -> None:
    public = make.make_solicitation(by=admin)
    with pytest.raises(Refused, match="Everyone can see"):
        actions.invite(public, [make.make_supplier()], by=admin, at=make.NOW)


def test_companies_are_invited_by_name_or_uei_all_or_none(
    rfp: Solicitation, admin: User, stranger: Supplier
) -> None:
    client = signed_in(admin)
    at = reverse("rfp:access_invite", args=[rfp.pk])
    make.make_supplier(legal_name="Twin Works LLC")
    make.make_supplier(legal_name="Twin Works LLC")
    sent = client.post(at, {"companies": "stranger works inc.\nNobody Inc.\nTwin Works LLC"})
    assert errors_of(sent, "invite_form")["companies"] == [
        "“Nobody Inc.”: no company has this name or UEI",
        "“Twin Works LLC”: several companies have this name, use the UEI",
    ]
    assert "Nobody Inc." in sent.content.decode()
    assert not Admission.objects.exists()
    said = client.post(at, {"companies": "stranger works inc."}, follow=True).content.decode()
    assert "1 company invited. They get an email now." in said
    assert "Stranger Works Inc." in said


def test_the_list_of_companies_is_flat(
    rfp: Solicitation, admin: User, django_assert_num_queries: Any, guest: Supplier
) -> None:
    client = signed_in(admin)
    at = reverse("rfp:setup_access", args=[rfp.pk])
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        client.get(at)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(at).status_code == 200
        counts.append(len(seen))
        actions.invite(rfp, [make.make_supplier(), make.make_supplier()], by=admin, at=make.NOW)
    assert counts[0] == counts[1]


# ---- codes --------------------------------------------------------------------------------------------------------


def code(rfp: Solicitation, **values: Any) -> tuple[AccessCode, str]:
    return actions.make_code(
        rfp,
        **{
            "label": "Trade fair",
            "expires_at": make.NOW + timedelta(days=1),
            "most_uses": 1,
            "by": rfp.created_by,
            "at": make.NOW,
            **values,
        },
    )


def use(typed: str, supplier: Supplier, **values: Any) -> Solicitation:
    return actions.use_code(
        typed, **{"supplier": supplier, "by": make.owner_of(supplier), "at": make.NOW, **values}
    )


def test_a_code_admits_as_many_companies_as_it_says(rfp: Solicitation, stranger: Supplier) -> None:
    made, typed = code(rfp)
    assert typed not in str(vars(made))
    assert use(typed.lower().replace("-", " "), stranger) == rfp
    assert use(typed, stranger) == rfp, "the same company again is no second use"
    with pytest.raises(Refused) as refused:
        use(typed, make.make_supplier())
    assert str(refused.value) == actions.WRONG_CODE
    assert publishing_queries.is_admitted(rfp, stranger)


def test_every_wrong_code_says_the_same(rfp: Solicitation, stranger: Supplier) -> None:
    ended, typed = code(rfp)
    actions.end_code(ended, by=rfp.created_by, at=make.NOW)
    _late, expired = code(rfp, expires_at=make.NOW + timedelta(minutes=1))
    said = set()
    for each, at in (
        (typed, make.NOW),
        (expired, make.NOW + timedelta(minutes=1)),
        ("ABCD", make.NOW),
        ("", make.NOW),
    ):
        with pytest.raises(Refused) as refused:
            use(each, stranger, at=at)
        said.add(str(refused.value))
    assert said == {actions.WRONG_CODE}
    assert not Admission.objects.exists()


def test_a_code_is_shown_once_and_used_on_a_page(rfp: Solicitation, admin: User, stranger: Supplier) -> None:
    client = signed_in(admin)
    at = reverse("rfp:access_code_make", args=[rfp.pk])
    late = errors_of(
        client.post(at, {"label": "Fair", "expires_at": "2001-01-01T10:00", "most_uses": "0"}), "code_form"
    )
    assert set(late) == {"expires_at", "most_uses"}
    made = client.post(at, {"label": "Fair", "expires_at": "2031-01-01T10:00", "most_uses": "2"})
    typed = made.context["typed"]
    assert typed in made.content.decode()
    assert typed not in client.get(reverse("rfp:setup_access", args=[rfp.pk])).content.decode()
    user = client_of(stranger)
    wrong = user.post(reverse("rfp:access_code"), {"code": "ABCD-EFGH", "supplier": stranger.pk})
    assert errors_of(wrong) == {"code": [actions.WRONG_CODE]}
    assert "ABCD-EFGH" in wrong.content.decode()
    seen = user.post(reverse("rfp:access_code"), {"code": typed, "supplier": stranger.pk}, follow=True)
    assert "Your company can now see RFP" in seen.content.decode()
    assert "Quiet battery modules" in seen.content.decode()


# ---- will you respond, and the agreement ----------------------------------------------------------------------------


def test_a_company_says_whether_it_will_respond(rfp: Solicitation, guest: Supplier, admin: User) -> None:
    client = client_of(guest)
    at = reverse("rfp:intent", args=[rfp.number])
    blank = client.post(at, {"supplier": guest.pk, "will_respond": "no", "reason": " "})
    assert errors_of(blank) == {"reason": ["Say why your company won’t respond"]}
    client.post(at, {"supplier": guest.pk, "will_respond": "no", "reason": "Too busy."})
    client.post(at, {"supplier": guest.pk, "will_respond": "yes", "reason": ""})
    assert list(Intent.objects.values_list("will_respond", "reason")) == [(False, "Too busy."), (True, "")]
    (row,) = queries.companies_of(rfp)
    assert (row.will_respond, row.why_not) == (True, "")
    page = signed_in(admin).get(reverse("rfp:setup_access", args=[rfp.pk])).content.decode()
    assert "Will respond" in page and "Guest Works Inc." in page
    with pytest.raises(DatabaseError), transaction.atomic():
        Intent.objects.update(will_respond=True)


def test_who_is_invited_finds_on_the_first_page_that_the_buyer_waits_for_an_answer(
    rfp: Solicitation, guest: Supplier, stranger: Supplier
) -> None:
    asks = f"Say whether you will respond: {rfp.title}"
    home = reverse("scoring:home")
    assert asks in client_of(guest).get(home).content.decode()
    assert rfp.title not in client_of(stranger).get(home).content.decode()
    viewer = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=guest, user=viewer, level=Membership.Level.VIEWER)
    assert asks not in signed_in(viewer).get(home).content.decode(), "a viewer can't answer"
    actions.say_intent(
        rfp, guest, will_respond=False, reason="Too busy.", by=make.owner_of(guest), at=make.NOW
    )
    assert asks not in client_of(guest).get(home).content.decode()


def test_an_answer_for_another_company_of_the_person_is_none_for_this_one(
    rfp: Solicitation, guest: Supplier, stranger: Supplier
) -> None:
    both = make.owner_of(guest)
    Membership.objects.create(supplier=stranger, user=both, level=Membership.Level.OWNER)
    actions.say_intent(rfp, stranger, will_respond=True, reason="", by=both, at=make.NOW)
    assert list(queries.to_answer(both, now=make.NOW)) == [rfp]
    page = client_of(guest).get(reverse("rfp:solicitation_detail", args=[rfp.number])).content.decode()
    assert "No answer" in page and "Will respond" in page


def test_a_viewer_answers_for_nobody(rfp: Solicitation, guest: Supplier) -> None:
    viewer = make.make_user(Role.SUPPLIER)
    Membership.objects.create(supplier=guest, user=viewer, level=Membership.Level.VIEWER)
    client = signed_in(viewer)
    page = client.get(reverse("rfp:solicitation_detail", args=[rfp.number]))
    intent = reverse("rfp:intent", args=[rfp.number])
    assert intent not in page.content.decode(), "no link to a page that isn't there"
    assert client.get(intent).status_code == 404
    with pytest.raises(Refused, match="Only owners and editors"):
        actions.say_intent(rfp, guest, will_respond=True, reason="", by=viewer, at=make.NOW)


def test_only_admins_see_who_is_invited(rfp: Solicitation, guest: Supplier) -> None:
    at = reverse("rfp:setup_access", args=[rfp.pk])
    for user in (make.owner_of(guest), make.make_user(Role.OFFICER), make.make_user(Role.AUDITOR)):
        assert signed_in(user).get(at).status_code == 404
