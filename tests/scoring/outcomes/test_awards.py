"""Awards after their release: notices, standstill, an end by two people, the reserve, and what winners promised."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import AuditEvent
from rfp.models import Proposal, Solicitation
from scoring.models import AwardEnd, Conflict, Decision, FinalAward, Letter, Release
from scoring.outcomes import award_actions, commitments, letters
from tests import factories as make
from tests.portal.accounts.test_access import PASSWORD, reauthenticated
from tests.scoring.decisions.test_verdicts import decide, fresh, priced
from tests.scoring.outcomes.test_release import V, owner, release
from tests.scoring.rooms import Room, auditor, signed_in

pytestmark = pytest.mark.django_db
REASON = "They wrote on May 3 that they can\u2019t deliver."


def awarded() -> tuple[Room, Letter]:
    made = priced(3)
    decide(made, V.AWARDED, 0)
    decide(made, V.RESERVE, 1, 2)
    return made, whole(release(made)[0])


def whole(letter: Letter) -> Letter:
    found = Letter.objects.select_related("release__window__solicitation", "release__lot", "proposal__window")
    return found.get(pk=letter.pk)


def begin_end(letter: Letter, made: Room) -> AwardEnd:
    return award_actions.propose_end(letter, reason=REASON, by=made.chair.user, at=make.NOW)


def end(letter: Letter, made: Room) -> Decision:
    return award_actions.confirm_end(begin_end(letter, made), by=made.admin, at=make.NOW)


def test_an_award_is_final_only_after_the_standstill() -> None:
    made, letter = awarded()
    until = Release.objects.get().standstill_until
    assert until == letters.standstill_end(make.NOW, 10, "America/New_York")
    assert timedelta(days=10) < until - make.NOW <= timedelta(days=11, hours=1)
    with pytest.raises(Refused, match="standstill period ends"):
        award_actions.finish_award(letter, by=made.chair.user, at=until - timedelta(seconds=1))
    supplier = signed_in(owner(made, 0)).get(reverse("scoring:outcome", args=[letter.proposal_id]))
    assert "Not final yet" in supplier.content.decode()
    award_actions.finish_award(letter, by=made.chair.user, at=until)
    with pytest.raises(Refused, match="already final"):
        award_actions.finish_award(letter, by=made.chair.user, at=until)
    assert FinalAward.objects.count() == 1


# ---- the end of an award ------------------------------------------------------------------------------------------


def test_an_announced_award_ends_by_two_people_and_no_other_way() -> None:
    made, letter = awarded()
    for verdict in (V.WITHDREW, V.ELIMINATED, V.UNDECIDED):
        with pytest.raises(Refused, match="End it on the Letters page, with a second person"):
            decide(made, verdict, 0)
    with pytest.raises(Refused, match="Enter a reason"):
        award_actions.propose_end(letter, reason=" ", by=made.chair.user, at=make.NOW)
    begun = begin_end(letter, made)
    with pytest.raises(Refused, match="already started to end this award"):
        begin_end(letter, made)
    with pytest.raises(Refused, match="Two people end an award"):
        award_actions.confirm_end(begun, by=made.chair.user, at=make.NOW)
    with pytest.raises(Refused, match="Someone started to end this award"):
        award_actions.finish_award(letter, by=made.admin, at=make.NOW + timedelta(days=60))
    assert award_actions.confirm_end(begun, by=made.admin, at=make.NOW).reason == REASON
    with pytest.raises(Refused, match="already ended"):
        award_actions.confirm_end(begun, by=made.admin, at=make.NOW)
    assert {"award.end_proposed", "award.ended"} <= set(AuditEvent.objects.values_list("verb", flat=True))


def test_the_reserve_is_offered_the_place_in_order_and_told_in_a_second_release() -> None:
    made, letter = awarded()
    end(letter, made)
    with pytest.raises(Refused, match="Next on the reserve list: "):
        decide(made, V.AWARDED, 2)
    decide(made, V.AWARDED, 1)
    sent = release(made)
    assert [(each.outcome, each.proposal_id) for each in sent] == [
        ("withdrew", made.proposals[0].pk),
        ("awarded", made.proposals[1].pk),
    ]
    with pytest.raises(Refused, match="taken back"):
        award_actions.finish_award(letter, by=made.chair.user, at=make.NOW + timedelta(days=60))


def test_the_end_can_be_taken_back_while_it_waits() -> None:
    made, letter = awarded()
    begun = begin_end(letter, made)
    award_actions.drop_end(begun, by=made.admin, at=make.NOW)
    with pytest.raises(Refused, match="was taken back"):
        award_actions.confirm_end(begun, by=made.admin, at=make.NOW)
    with pytest.raises(Refused, match="already settled"):
        award_actions.drop_end(begun, by=made.admin, at=make.NOW)
    assert end(letter, made).verdict == V.WITHDREW


def test_the_database_keeps_the_end_of_an_award() -> None:
    made, letter = awarded()
    begun = begin_end(letter, made)
    for change in (
        lambda: AwardEnd.objects.update(reason="Other"),
        lambda: AwardEnd.objects.all().delete(),
        lambda: AwardEnd.objects.create(
            letter=letter,
            reason="x",
            proposed_by=made.admin,
            proposed_at=make.NOW,
            confirmed_by=made.chair.user,
            confirmed_at=make.NOW,
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AwardEnd.objects.get().pk == begun.pk


def letters_page(made: Room) -> str:
    return reverse("scoring:letter_list", args=[made.solicitation.number]) + "?window=1&lot=L1"


def test_the_page_ends_an_award_and_says_who_is_next() -> None:
    made, letter = awarded()
    chair, admin = (
        reauthenticated(make.with_password(each, PASSWORD)) for each in (made.chair.user, made.admin)
    )
    number = made.solicitation.number
    text = chair.get(letters_page(made)).content.decode()
    assert "The supplier withdrew" in text and "Next on the reserve list" in text
    answer = chair.post(reverse("scoring:award_end", args=[number, letter.pk]), {"reason": ""}, follow=True)
    assert "Enter a reason." in answer.content.decode()
    chair.post(reverse("scoring:award_end", args=[number, letter.pk]), {"reason": REASON})
    begun = AwardEnd.objects.get()
    assert "Waiting for a second person." in chair.get(letters_page(made)).content.decode()
    confirm = reverse("scoring:award_end_confirm", args=[number, begun.pk])
    assert confirm in admin.get(letters_page(made)).content.decode()
    said = admin.post(confirm, follow=True).content.decode()
    assert f"Next on the reserve list: {made.proposals[1].supplier.legal_name}." in said
    assert "already ended" in admin.post(confirm, follow=True).content.decode()


# ---- public notices -----------------------------------------------------------------------------------------------


def notices(made: Room) -> str:
    answer = Client().get(reverse("scoring:award_notices", args=[made.solicitation.number]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_is_public_before_the_release_and_the_price_only_if_the_rfp_says_so() -> None:
    made = priced(2)
    decide(made, V.AWARDED, 0)
    decide(made, V.RESERVE, 1)
    rfp = reverse("rfp:solicitation_detail", args=[made.solicitation.number])
    address = reverse("scoring:award_notices", args=[made.solicitation.number])
    name, price = made.proposals[0].supplier.legal_name, Letter.objects
    assert "No awards yet" in notices(made) and name not in notices(made)
    assert address not in Client().get(rfp).content.decode()
    [letter, _other] = release(made)
    text = notices(made)
    assert name in text and "Standstill" in text and "L1" in text
    assert made.proposals[1].supplier.legal_name not in text
    assert address in Client().get(rfp).content.decode()
    assert letter.value is not None and price.exclude(value=None).count() == 1
    shown = f"${letter.value:,.0f}"
    assert shown not in text and "Price" not in text
    Solicitation.objects.update(award_value_shown=True)
    assert shown in notices(made)


def test_a_notice_says_when_the_award_ended_only_once_that_is_released() -> None:
    made, letter = awarded()
    end(letter, made)
    decide(made, V.AWARDED, 1)
    assert "Ended" not in notices(made) and made.proposals[1].supplier.legal_name not in notices(made)
    release(made)
    text = notices(made)
    assert "Ended" in text and "The supplier withdrew." in text
    assert made.proposals[1].supplier.legal_name in text


def test_a_final_award_says_so() -> None:
    made, letter = awarded()
    until = letter.release.standstill_until
    assert until is not None
    award_actions.finish_award(letter, by=made.chair.user, at=until)
    assert "Final" in notices(made)


# ---- what winners promised ----------------------------------------------------------------------------------------


def handoff(made: Room, kind: str = "") -> str:
    args = [made.solicitation.number, kind] if kind else [made.solicitation.number]
    return reverse(f"scoring:handoff{'_export' if kind else ''}", args=args) + "?window=1"


def test_each_promised_number_has_its_day() -> None:
    made, letter = awarded()
    chair = signed_in(made.chair.user)
    page = chair.get(handoff(made)).content.decode()
    name = made.proposals[0].supplier.legal_name
    assert name in page and made.proposals[1].supplier.legal_name not in page
    assert "Lead time, firm order to first shipment" in page and "Domestic content, at least" in page
    data = json.loads(chair.get(handoff(made, "json")).content)
    [award] = data["awards"]
    assert data["format"] == "onshore-commitments/1" and award["proposal"] == letter.proposal.number
    kinds = {each["kind"] for each in award["commitments"]}
    assert {"lead_time", "domestic_share", "delivery"} <= kinds
    days = [each["due"] for each in award["commitments"] if each["due"]]
    assert days == sorted(days)
    answer = chair.get(handoff(made, "csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == commitments.HEADS and len(rows) == len(award["commitments"]) + 1
    assert chair.get(handoff(made, "pdf")).status_code == 404


def test_only_who_decides_reads_what_winners_promised() -> None:
    made, _letter = awarded()
    for user in (made.others[0].user, auditor(), owner(made, 0)):
        assert signed_in(user).get(handoff(made)).status_code == 404
    Conflict.objects.create(
        solicitation=made.solicitation,
        user=made.admin,
        supplier=made.proposals[0].supplier,
        reason="Kin.",
        by=made.admin,
        at=make.NOW,
    )
    page = signed_in(made.admin).get(handoff(made)).content.decode()
    assert "No released award in this window" in page


def test_an_award_that_ends_promises_nothing_anymore() -> None:
    made, letter = awarded()
    end(letter, made)
    assert json.loads(signed_in(made.admin).get(handoff(made, "json")).content)["awards"] == []


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2027Q1", date(2027, 3, 31)),
        ("2027Q4", date(2027, 12, 31)),
        ("2027", None),
        ("", None),
        ("20x7Q1", None),
        ("2027Q5", None),
    ],
)
def test_a_quarter_ends_on_its_last_day(period: str, day: date | None) -> None:
    assert commitments.quarter_end(period) == day


def test_pages_cost_the_same_for_one_award_and_for_two(django_assert_num_queries: object) -> None:
    made = priced(3)
    decide(made, V.AWARDED, 0)
    decide(made, V.RESERVE, 1, 2)
    release(made)
    counts = []
    for more in (False, True):
        if more:
            decide(made, V.AWARDED, 1)
            release(made)
        counts.append(_queries(made))
    assert counts[0] == counts[1]
    assert Proposal.objects.count() == 3 and clock.wall_time() > fresh(made.proposals[0].pk).created_at


def _queries(made: Room) -> list[int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = []
    for client, url in (
        (Client(), reverse("scoring:award_notices", args=[made.solicitation.number])),
        (signed_in(made.admin), handoff(made)),
        (signed_in(made.admin), letters_page(made)),
    ):
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        found.append(len(seen))
    return found
