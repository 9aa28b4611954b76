"""Sealed means sealed: proposals that differ only in price look the same to every buyer, byte for byte.

The world is told twice in one transaction, from the same sequences and at the same moment: once with one price and one
scale of costs, once with others. Every page, export, PDF and admin page that a buyer's user may ask for is compared.
"""

from __future__ import annotations

import io
import random
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.compliance import Envelope
from portal.models import User
from rfp.models import Proposal, Revision
from scoring import actions as scoring_actions
from scoring import evaluation
from suppliers import matching
from tests import factories as make
from tests import world
from tests.test_matrix import MATRIX, PANEL, client_of
from tests.world import World

pytestmark = pytest.mark.django_db

BUYERS = sorted(PANEL | {"undeclared", "elsewhere", "admin", "officer", "auditor"})
MOMENT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
# Cross-site request tokens are masked anew in every answer. A PDF's fingerprint covers the time its fonts were cut at;
# what the PDF says and carries is compared itself.
TOKEN = re.compile(
    rb'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|evaluation.json inside. Fingerprint <span[^<]+'
)
CHEAP, DEAR = ("120", "1"), ("987654.32", "7.25")


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clock of the portal stands still, and random ids come out the same in both tellings."""
    monkeypatch.setattr(clock, "wall_time", lambda: MOMENT)
    monkeypatch.setattr("django.utils.timezone.now", lambda: MOMENT)
    for model in (Proposal, world.files.Document):
        field: Any = model._meta.pk
        monkeypatch.setattr(field, "default", lambda: uuid.UUID(int=DICE.getrandbits(128), version=4))
        monkeypatch.delattr(field, "_get_default", raising=False)


DICE = random.Random()


def told(price: str, scale: str, look: Any) -> Any:
    """Build the world with that price, let `look` read it, and take everything back, sequences too."""
    DICE.seed(7)
    with transaction.atomic():
        sequences = _sequences()
        make._number = iter(range(1, 10_000))  # type: ignore[assignment]
        seen = look(world.build(price=price, cost_scale=scale))
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        for name, value, called in sequences:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])
    matching.forget()
    return seen


def _sequences() -> list[tuple[str, int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f"SELECT last_value, is_called FROM {name}")
            found.append((name, *cursor.fetchone()))
        return found


def everything(made: World) -> dict[str, bytes]:
    """What each buyer gets from each route, PDFs opened; the operators' admin too."""
    seen = {}
    for who in BUYERS:
        client = client_of(made, who)
        for name, url in _addresses(made):
            answer = client.get(url)
            seen[f"{who} {name}"] = _content(answer)
        for name, url in _posts(made):
            with transaction.atomic():
                answer = client.post(url)
                transaction.set_rollback(True)
            seen[f"{who} POST {name}"] = _content(answer)
    operator = make.make_user("admin", is_staff=True, is_superuser=True)
    made.people["operator"] = operator
    client = client_of(made, "operator")
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        seen[f"admin {url}"] = _content(client.get(url))
        for row in list(model._default_manager.all()[:20]):
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
            seen[f"admin {page}"] = _content(client.get(page))
    return seen


def _addresses(made: World) -> Iterator[tuple[str, str]]:
    for name, route in MATRIX.items():
        if route.method == "get":
            yield name, reverse(name, args=route.args(made)) + route.query
    yield "ranking xlsx", reverse("scoring:ranking_export", args=[made.number, "xlsx"]) + "?window=1"
    yield "ranking by score", reverse("scoring:ranking", args=[made.number]) + "?window=1&sort=price"
    yield "ranking by technical", reverse("scoring:ranking", args=[made.number]) + "?window=1&sort=-score"
    yield "shortlist report", reverse("scoring:report_file", args=[made.shortlist.pk])
    yield "knocked", reverse("scoring:proposal_detail", args=[made.knocked.pk])
    yield "search", reverse("scoring:proposal_list", args=[made.number]) + "?q=987654"


def _posts(made: World) -> Iterator[tuple[str, str]]:
    for name, route in MATRIX.items():
        if route.method == "post" and name.startswith("scoring:"):
            yield name, reverse(name, args=route.args(made))


def _content(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type") == "application/pdf":
        body = _pdf(body)
    elif "spreadsheetml" in answer.headers.get("Content-Type", ""):
        body = _sheet(body)
    headers = {name: answer.headers.get(name) for name in ("Location", "Content-Disposition", "ETag")}
    return str((answer.status_code, headers)).encode() + TOKEN.sub(b"", body)


def _pdf(body: bytes) -> bytes:
    """Text, attachments and metadata of a PDF, without the file's own identifiers."""
    with pikepdf.open(io.BytesIO(body)) as pdf:
        streams = [page.Contents.read_bytes() for page in pdf.pages]
        attached = [
            f"{name}: ".encode() + pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments
        ]
        return b"\n".join([*streams, *attached, str(dict(pdf.docinfo)).encode()])


def _sheet(body: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(archive.read(name) for name in sorted(archive.namelist()) if "docProps" not in name)


def test_prices_change_not_one_byte_before_they_are_open() -> None:
    cheap, dear = told(*CHEAP, everything), told(*DEAR, everything)
    assert cheap.keys() == dear.keys()
    assert len(cheap) > 300
    differing = [name for name in cheap if cheap[name] != dear[name]]
    assert differing == [], _first_difference(cheap, dear, differing)


def _first_difference(cheap: dict[str, bytes], dear: dict[str, bytes], names: list[str]) -> str:
    name = names[-1]
    one, two = cheap[name], dear[name]
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"{name}\n{one[max(0, at - 300) : at + 200]!r}\n{two[max(0, at - 300) : at + 200]!r}\nand {names}"


def test_the_comparison_sees_a_price_once_it_is_open() -> None:
    """The same tellings with the price envelope open do differ: the test above can fail."""

    def opened(made: World) -> bytes:
        chair = made.solicitation.evaluators.get(is_chair=True)
        scoring_actions.decide_knockout(
            made.finding,
            outcome=scoring_actions.Outcome.NOT_MET,
            reason="Read.",
            by=made.people["admin"],
            at=MOMENT,
        )
        make.open_envelope(made.closed, Envelope.PRICE, chair=chair, admin=made.people["admin"])
        evaluation.rescore_window(made.closed)
        evaluation.rank_window(made.closed)
        client = client_of(made, "chair")
        pages = [
            reverse("scoring:ranking", args=[made.number]) + "?window=1",
            reverse("scoring:proposal_detail", args=[made.proposal.pk]),
        ]
        return b"".join(_content(client.get(url)) for url in pages)

    cheap, dear = told(*CHEAP, opened), told(*DEAR, opened)
    assert cheap != dear
    assert b"987,654.32" in dear


def test_nothing_of_a_proposal_shows_before_the_technical_opening() -> None:
    """Before two people open the window, a buyer's user sees that proposals exist and nothing of them."""
    proposal = make.make_proposal()
    make.assess_and_score(proposal)
    solicitation = proposal.lot.solicitation
    chair, (reviewer, *_rest) = make.make_panel(solicitation)
    make.close(solicitation.windows.get())
    people: dict[str, User] = {
        "chair": chair.user,
        "reviewer": reviewer.user,
        "admin": solicitation.created_by,
        "auditor": make.make_user("auditor"),
    }
    secrets = [proposal.number, proposal.supplier.legal_name, "Rack 21", str(proposal.pk)]
    rooms = ("overview", "proposal_list", "queue", "knockout_list", "opening_list", "ranking", "report_list")
    for person in people.values():
        client = Client()
        client.force_login(person)
        for room in rooms:
            answer = client.get(reverse(f"scoring:{room}", args=[solicitation.number]))
            text = answer.content.decode()
            assert [secret for secret in secrets if secret in text] == [], f"{person.role} {room}"
        for page in ("proposal_detail", "proposal_trace", "proposal_mark"):
            assert client.get(reverse(f"scoring:{page}", args=[proposal.pk])).status_code == 404


def test_reviewers_mark_alone_until_prices_are_open() -> None:
    made = world.build(with_reports=False)
    make.mark_all(made.proposal, [made.solicitation.evaluators.get(user=made.people["chair"])], 5)
    client = client_of(made, "reviewer")
    score = made.proposal.current_revision.score  # type: ignore[union-attr]
    assert score.technical is not None
    for url in (
        reverse("scoring:ranking", args=[made.number]) + "?window=1",
        reverse("scoring:proposal_detail", args=[made.proposal.pk]),
        reverse("scoring:proposal_list", args=[made.number]),
        reverse("scoring:proposal_mark", args=[made.proposal.pk]),
    ):
        text = client.get(url).content.decode()
        assert f"{score.technical:.1f}" not in text, url
        assert made.people["chair"].name not in text, url
    assert "Subject Works" not in client.get(reverse("scoring:ranking", args=[made.number])).content.decode()


def test_suppliers_learn_nothing_of_screening_or_rivals() -> None:
    """Two suppliers, one with a name close to a listed party: the same words to both, and no rival's name."""
    make.make_list("Zyxtrovic Armaments Trust")
    solicitation = make.make_solicitation()
    pages = {}
    for name in ("Zyxtrovic Armaments Trust", "Plainfield Valley Trust Co"):
        proposal = make.make_proposal(solicitation, make.make_supplier(legal_name=name))
        make.assess_and_score(proposal)
        client = Client()
        client.force_login(make.owner_of(proposal.supplier))
        url = reverse("rfp:proposal_detail", args=[proposal.pk])
        text = client.get(url).content.decode() + client.get(reverse("rfp:proposal_list")).content.decode()
        pages[name] = text.replace(name, "NAME").replace(str(proposal.pk), "PK").replace(proposal.number, "P")
        revision = Revision.objects.get(proposal=proposal)
        found = revision.assessments.latest().findings.get(rule="SC-1", part="")
        assert (found.outcome == "refer") == name.startswith("Zyx")
    one, two = (_without_ids(text) for text in pages.values())
    assert one == two
    assert "Zyxtrovic" not in one + two
    assert settings.DEBUG is False


def _without_ids(text: str) -> str:
    text = TOKEN.sub(b"", text.encode()).decode()
    text = re.sub(r"(?:[0-9a-f]{4} ?){16}", "HASH", text)
    return re.sub(r"\bC-\d+\b|person\d+@|Person \d+", "N", text)
