"""See if you qualify: the lot's knock-outs, tested by the rule that tests proposals; nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.compliance import Envelope
from rfp.models import Requirement, Solicitation
from tests import factories as make

pytestmark = pytest.mark.django_db


def asks(**kinds: dict[str, Any]) -> Solicitation:
    solicitation = make.make_solicitation()
    solicitation.requirements.all().delete()
    for code, values in kinds.items():
        given = {"effect": "knockout", **values}
        Requirement.objects.create(solicitation=solicitation, code=code, text=f"{code}?", **given)
    return solicitation


def whole() -> Solicitation:
    return asks(
        N={"data_type": "number", "minimum": "1500", "unit": "kg"},
        B={"data_type": "boolean", "expected": True},
        C={"data_type": "choice", "choices": ["Steel", "Tin"], "expected": ["Steel"]},
        D={"data_type": "date", "maximum": "2031-01-31"},
        T={"data_type": "table", "columns": ["step"]},
        S={"data_type": "string", "answered_by": "site"},
        P={"data_type": "number", "maximum": "100", "envelope": Envelope.PRICE.value},
        X={"data_type": "number", "minimum": "5", "effect": "scored"},
    )


def said(client: Client, solicitation: Solicitation, **answers: str) -> Any:
    address = reverse("rfp:qualify", args=[solicitation.number])
    answer = client.post(address, {f"q-{code}": text for code, text in answers.items()})
    assert answer.status_code == 200
    return answer


def states(answer: Any) -> dict[str, str]:
    return {each.asked.facts.code: each.state for each in answer.context["said"]}


GOOD = {"N": "1,500", "B": "true", "C": "Steel", "D": "2031-01-31", "T": "yes", "S": "yes"}


def test_only_knock_outs_are_asked_and_no_price(client: Client) -> None:
    form = client.get(reverse("rfp:qualify", args=[whole().number])).context["form"]
    assert set(form.fields) == {f"q-{code}" for code in "NBCDTS"}


def test_who_meets_all_would_pass(client: Client) -> None:
    answer = said(client, whole(), **GOOD)
    assert set(states(answer).values()) == {"met"}
    html = answer.content.decode()
    assert "You would pass 6 knock-outs" in " ".join(html.split())
    assert "This is no decision." in html


@pytest.mark.parametrize(
    ("code", "text", "because"),
    [
        ("N", "1499.99", "1,499.99 kg. It must be at least 1,500 kg."),
        ("B", "false", "No. The answer must be yes."),
        ("C", "Tin", "Tin. Accepted: Steel."),
        ("D", "2031-02-01", "It must be January 31, 2031 or earlier."),
        ("T", "no", "You say no."),
    ],
)
def test_who_fails_one_reads_which_and_why(client: Client, code: str, text: str, because: str) -> None:
    answer = said(client, whole(), **{**GOOD, code: text})
    assert states(answer)[code] == "not"
    html = answer.content.decode()
    assert because in html
    assert "You would not pass: 1 of 6" in " ".join(html.split())


def test_what_is_left_out_stays_open(client: Client) -> None:
    answer = said(client, whole(), N="1600", S="unsure")
    assert states(answer) == {"N": "met", "B": "open", "C": "open", "D": "open", "T": "open", "S": "open"}
    assert "Nothing excludes you so far" in answer.content.decode()


@pytest.mark.parametrize("text", ["a lot", "1e400", "NaN", "9" * 200, "\x00", "<script>"])
def test_what_is_no_number_stands_beside_its_field_and_stays_typed(client: Client, text: str) -> None:
    answer = said(client, whole(), N=text, B="perhaps", D="soon")
    assert {"q-N", "q-B", "q-D"} == set(answer.context["form"].errors)
    assert answer.context["said"] == []
    assert "<script>" not in answer.content.decode().split("<main", 1)[1].split("</main", 1)[0]


def test_nothing_is_kept(client: Client) -> None:
    solicitation = whole()
    with CaptureQueriesContext(connection) as queries:
        answer = said(client, solicitation, **GOOD)
    assert not [each["sql"] for each in queries if not each["sql"].startswith("SELECT")]
    assert "no-store" in answer["Cache-Control"]
    assert "sessionid" not in client.cookies


def test_a_lot_of_its_own_asks_its_own(client: Client) -> None:
    solicitation = whole()
    other = make.make_lot(solicitation, "L2")
    Requirement.objects.create(
        solicitation=solicitation, lot=other, code="L2-1", text="?", data_type="boolean", effect="knockout"
    )
    address = reverse("rfp:qualify_lot", args=[solicitation.number, "L2"])
    assert "q-L2-1" in client.get(address).context["form"].fields
    assert (
        "q-L2-1" not in client.get(reverse("rfp:qualify", args=[solicitation.number])).context["form"].fields
    )
    other.withdrawn_at = make.NOW
    other.save()
    for code in ("L2", "nothing", "%00"):
        assert client.get(f"/rfps/{solicitation.number}/qualify/{code}/").status_code == 404


def test_a_lot_without_knock_outs_says_so(client: Client) -> None:
    solicitation = asks(A={"data_type": "string", "effect": "informative"})
    assert "No knock-outs" in client.get(reverse("rfp:qualify", args=[solicitation.number])).content.decode()
    draft = make.make_solicitation(published=False)
    assert client.get(reverse("rfp:qualify", args=[draft.number])).status_code == 404
