"""A document under export control goes to a company once an officer has released it, and to nobody before or after."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.letters.kinds import kind_of
from portal.models import AuditEvent, Notice, Role
from rfp.admitting import actions as admitting
from rfp.controlled import actions, queries
from rfp.controlled.models import ControlledDownload, ExportCertification
from rfp.models import Solicitation, SolicitationDocument
from rfp.publishing import actions as publishing_actions
from suppliers.models import Membership, Supplier
from tests import factories as make
from tests.rfp.controlled import made
from tests.rfp.controlled.made import file_of, member, owner, page_of, taken
from tests.rfp.publishing.setup.setup_pages import errors_of
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


# ---- what is public -----------------------------------------------------------------------------------------------


def test_everyone_reads_that_it_exists_and_how_to_get_it(document: SolicitationDocument) -> None:
    rfp = reverse("rfp:solicitation_detail", args=[document.solicitation.number])
    said = " ".join(Client().get(rfp).content.decode().split())
    assert "Layout" in said and made.CONTROL in said
    assert "an officer releases it to you" in said
    assert not taken(Client(), document)
    assert Client().get(page_of(document)).status_code == 302, "to sign in"
    ocds = Client().get(reverse("rfp:ocds", args=[document.solicitation.number])).content.decode()
    assert f"Export-controlled: {made.CONTROL}." in ocds


def test_of_an_invited_rfp_others_learn_nothing(supplier: Supplier) -> None:
    rfp = make.make_solicitation(access="invited")
    row = made.document(rfp)
    for client in (owner(supplier), signed_in(make.make_user(Role.REVIEWER))):
        assert client.get(file_of(row)).status_code == client.get(page_of(row)).status_code == 404
    with pytest.raises(Refused, match="needs no certification"):
        made.certified(row, supplier)
    admitting.invite(rfp, [supplier], by=rfp.created_by, at=make.NOW)
    assert owner(supplier).get(page_of(row)).status_code == 200


def test_a_document_without_control_has_no_such_page(supplier: Supplier) -> None:
    free = made.document(export_control="  ")
    assert free.export_control == ""
    assert owner(supplier).get(page_of(free)).status_code == 404
    assert taken(Client(), free)
    assert not ControlledDownload.objects.exists()
    with pytest.raises(Refused, match="needs no certification"):
        made.certified(free, supplier)


# ---- from certification to download ---------------------------------------------------------------------------------


def test_a_company_gets_it_once_an_officer_released_it(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    client, rival = owner(supplier), owner(make.make_supplier())
    viewer = member(supplier, Membership.Level.VIEWER)
    assert not taken(client, document)
    page = client.get(page_of(document))
    assert "Antenna Works Inc. is a U.S. person as defined in 22 CFR 120.62" in page.content.decode()
    sent = {"supplier": supplier.pk, "signed_name": make.owner_of(supplier).name.upper()}
    said = client.post(page_of(document), sent, follow=True).content.decode()
    assert "A compliance officer decides" in said and 'name="signed_name"' not in said
    assert not taken(client, document), "a certification alone opens nothing"
    (row,) = ExportCertification.objects.all()
    assert (row.signed_name, row.statement) == (make.owner_of(supplier).name, actions.statement_for(supplier))

    officer = make.make_user(Role.OFFICER)
    desk = signed_in(officer)
    at = reverse("rfp:export_rule", args=[row.pk])
    said = desk.post(at, {"ruling": "release", "reason": ""}, follow=True).content.decode()
    assert "Released. Antenna Works Inc. gets an email." in said
    assert taken(client, document) and taken(viewer, document)
    assert not taken(rival, document) and not taken(Client(), document)
    first, _second = ControlledDownload.objects.order_by("id")
    assert (first.certification, first.by) == (row, make.owner_of(supplier))
    assert AuditEvent.objects.filter(verb="export.downloaded").count() == 2
    assert (
        make.owner_of(supplier).name
        in desk.get(reverse("rfp:export_certification", args=[row.pk])).content.decode()
    )


def test_a_release_is_for_one_document_and_one_company(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    other = made.document(document.solicitation)
    made.released(made.certified(document, supplier))
    assert taken(owner(supplier), document)
    assert not taken(owner(supplier), other)
    both = make.make_supplier()
    Membership.objects.create(supplier=supplier, user=make.owner_of(both), level=Membership.Level.VIEWER)
    assert taken(owner(both), document), "a person of a company that has it"


def test_who_leaves_the_company_loses_the_document(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    made.released(made.certified(document, supplier))
    editor = member(supplier, Membership.Level.EDITOR)
    assert taken(editor, document)
    supplier.memberships.filter(level=Membership.Level.EDITOR).delete()
    assert not taken(editor, document)


def test_the_agreement_comes_first_where_a_document_needs_both(supplier: Supplier) -> None:
    rfp = make.make_solicitation(nda="Keep this to yourself.")
    row = made.document(rfp, needs_nda=True)
    made.released(made.certified(row, supplier))
    client = owner(supplier)
    nda = reverse("rfp:nda", args=[rfp.number])
    assert client.get(file_of(row)).headers["location"] == nda
    assert nda in client.get(page_of(row)).content.decode()
    assert not ControlledDownload.objects.exists()


def test_a_refused_company_reads_why_and_can_certify_again(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    row = made.certified(document, supplier)
    desk = signed_in(make.make_user(Role.OFFICER))
    at = reverse("rfp:export_rule", args=[row.pk])
    blank = desk.post(at, {"ruling": "refuse", "reason": "  "})
    assert errors_of(blank, "rule_form") == {"reason": ["Say why you don’t release the document"]}
    assert "checked" in blank.content.decode()
    assert set(errors_of(desk.post(at, {"reason": "Because."}), "rule_form")) == {"ruling"}
    desk.post(at, {"ruling": "refuse", "reason": "Your parent is abroad."})
    page = owner(supplier).get(page_of(document)).content.decode()
    assert "Your parent is abroad." in page and 'name="signed_name"' in page
    assert not taken(owner(supplier), document)
    again = made.certified(document, supplier)
    made.released(again)
    assert taken(owner(supplier), document)


def test_a_revoked_release_ends_the_downloads(document: SolicitationDocument, supplier: Supplier) -> None:
    row = made.certified(document, supplier)
    made.released(row)
    desk = signed_in(make.make_user(Role.OFFICER))
    at = reverse("rfp:export_revoke", args=[row.pk])
    assert set(errors_of(desk.post(at, {"reason": ""}), "revoke_form")) == {"reason"}
    assert taken(owner(supplier), document)
    desk.post(at, {"reason": "Sold abroad."})
    assert not taken(owner(supplier), document)
    assert "Sold abroad." in owner(supplier).get(page_of(document)).content.decode()
    assert "already" in desk.post(at, {"reason": "Again."}, follow=True).content.decode()
    assert row.rulings.count() == 2


def test_an_older_release_doesnt_outlive_a_later_refusal(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    """Revoked, certified again, refused: nothing of the first release is left."""
    officer = make.make_user(Role.OFFICER)
    first = made.certified(document, supplier)
    made.released(first)
    actions.revoke(first, reason="Sold abroad.", by=officer, at=make.NOW)
    second = made.certified(document, supplier)
    assert not taken(owner(supplier), document)
    actions.rule(second, release=False, reason="Still abroad.", by=officer, at=make.NOW)
    assert not taken(owner(supplier), document)


# ---- who is told ----------------------------------------------------------------------------------------------------


def test_officers_and_the_company_get_letters(document: SolicitationDocument, supplier: Supplier) -> None:
    officer = make.make_user(Role.OFFICER)
    row = made.certified(document, supplier)
    (asks,) = Notice.objects.filter(key__startswith="export-certified:")
    assert asks.to == officer and asks.link == reverse("rfp:export_certification", args=[row.pk])
    assert "Antenna Works Inc. asks for an export-controlled document" in asks.subject
    made.released(row, by=officer)
    actions.revoke(row, reason="Sold abroad.", by=officer, at=make.NOW)
    yes, no = Notice.objects.filter(key__startswith="export-ruled:").order_by("id")
    assert yes.to == no.to == make.owner_of(supplier) and yes.link == page_of(document)
    assert "You can download “Layout”" in yes.subject
    assert "You can no longer download" in no.subject and "Sold abroad." in no.body
    for letter, kind in ((asks, "work"), (yes, "decisions")):
        found = kind_of(letter.key)
        assert found is not None and found.name == kind


def test_it_waits_on_the_officers_first_page(document: SolicitationDocument, supplier: Supplier) -> None:
    client = signed_in(make.make_user(Role.OFFICER))
    words = "1 certification for export-controlled documents"
    assert words not in client.get(reverse("scoring:home")).content.decode()
    row = made.certified(document, supplier)
    assert words in client.get(reverse("scoring:home")).content.decode()
    assert "Antenna Works Inc." in client.get(reverse("rfp:export_list")).content.decode()
    made.released(row)
    assert words not in client.get(reverse("scoring:home")).content.decode()
    assert "Antenna Works Inc." not in client.get(reverse("rfp:export_list")).content.decode()
    assert "Antenna Works Inc." in client.get(reverse("rfp:export_list") + "?show=released").content.decode()


def test_rivals_see_nothing_of_it(document: SolicitationDocument, supplier: Supplier, settings: Any) -> None:
    """A rival's and everyone's pages are the same to the byte before and after a company got the document."""
    rival, anyone = owner(make.make_supplier()), Client()
    number = document.solicitation.number
    addresses = [
        reverse("rfp:solicitation_detail", args=[number]),
        reverse("rfp:solicitation_list"),
        reverse("rfp:rfp_changes", args=[number]),
        reverse("rfp:feed_of_rfp", args=[number, "json"]),
        reverse("rfp:api_rfp", args=[number]),
    ]
    own = [*addresses, page_of(document), reverse("scoring:home"), reverse("portal:notice_list")]

    def told() -> list[str]:
        pages = [rival.get(each) for each in own] + [anyone.get(each) for each in addresses]
        return [without_tokens(each.content.decode()) for each in pages]

    before = told()
    row = made.certified(document, supplier)
    made.released(row)
    assert taken(owner(supplier), document)
    for was, now in zip(before, told(), strict=True):
        assert was == now


def without_tokens(text: str) -> str:
    import re

    text = re.sub(r'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"', "", text)
    return re.sub(r"\d+ days? [\d hmin]+|\d\d?:\d\d(:\d\d)? [ap]m|T\d\d:\d\d:\d\d[^\"<]*", "", text)


# ---- setting up ---------------------------------------------------------------------------------------------------


def test_an_admin_marks_a_document_of_a_draft() -> None:
    draft = make.make_solicitation(published=False)
    client, at = signed_in(draft.created_by), reverse("rfp:setup_documents", args=[draft.pk])
    long = client.post(
        at, {"file": SimpleUploadedFile("a.txt", b"A"), "title": "A", "export_control": "x" * 201}
    )
    assert set(errors_of(long)) == {"export_control"}
    client.post(
        at, {"file": SimpleUploadedFile("a.txt", b"A"), "title": "A", "export_control": " EAR, ECCN 3A001 "}
    )
    (row,) = draft.documents.all()
    assert row.export_control == "EAR, ECCN 3A001"
    assert "EAR, ECCN 3A001" in client.get(at).content.decode()
    copy = publishing_actions.create_solicitation(
        Solicitation(number="COPY-1", title="Copy", buyer="Buyer", summary="A copy."),
        template=draft,
        by=draft.created_by,
        at=make.NOW,
    )
    assert [each.export_control for each in copy.documents.all()] == ["EAR, ECCN 3A001"], (
        "a copy stays controlled"
    )


def test_a_document_of_a_draft_can_be_looked_at_and_removed() -> None:
    draft = make.make_solicitation(published=False)
    row, client = made.document(draft), signed_in(draft.created_by)
    assert client.get(file_of(row)).status_code == 200
    assert client.get(reverse("rfp:setup_document", args=[draft.pk, row.pk])).status_code == 200
    client.post(reverse("rfp:setup_document_remove", args=[draft.pk, row.pk]), {"sure": "yes"})
    assert not draft.documents.exists()


def test_the_officers_page_is_flat_in_rulings_and_downloads(
    document: SolicitationDocument, supplier: Supplier
) -> None:
    row = made.certified(document, supplier)
    made.released(row)
    client = signed_in(make.make_user(Role.OFFICER))
    at, counts = reverse("rfp:export_certification", args=[row.pk]), []
    actions.log_download(document, row, by=row.by, at=make.NOW)
    client.get(at)
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(at).status_code == 200
        counts.append(len(seen))
        for _more in range(2):
            person = make.make_user(Role.SUPPLIER)
            Membership.objects.create(supplier=supplier, user=person, level=Membership.Level.VIEWER)
            actions.log_download(document, row, by=person, at=make.NOW)
    assert counts[0] == counts[1]


def test_state_is_of_the_last_ruling(document: SolicitationDocument, supplier: Supplier) -> None:
    row = made.certified(document, supplier)
    assert list(queries.waiting()) == [row]
    made.released(row)
    assert list(queries.waiting()) == []
    (found,) = queries.own_states(make.owner_of(supplier), document)
    assert (found.state, found.may_certify) == ("released", False)
