"""Sealed means sealed: what is in a closed envelope changes not one byte that a buyer's user can get.

The world is told twice in one transaction, from the same sequences and at the same moment: once with one price, one
scale of costs and one offer in the windows that nobody has opened, once with others. Every page, fragment, export,
PDF, letter and operators' page that staff may ask for is compared.
"""

from __future__ import annotations

import io
import random
import re
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.kit import clock
from portal.kit.compliance import Envelope, Outcome
from portal.models import Document, Notice, Role, User
from rfp.models import Proposal, Revision, Window
from scoring.decisions import actions, opening_actions
from scoring.ranking import order
from scoring.reading import queries as reading_queries
from scoring.reading.views import PARTS
from suppliers.models import Invitation
from suppliers.screening import lookup
from tests import factories as make
from tests.conftest import as_owner
from tests.whole import world
from tests.whole.test_matrix import MATRIX, PANEL, client_of, own_routes
from tests.whole.world import World

pytestmark = pytest.mark.django_db

BUYERS = sorted(PANEL | {"undeclared", "elsewhere", "admin", "officer", "auditor"})
MOMENT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
# Cross-site request tokens are masked anew in every answer. A PDF's fingerprint covers the time its fonts were cut at;
# what the PDF says and carries is compared itself.
TOKEN = re.compile(
    rb'csrfmiddlewaretoken" value="[^"]+"|X-CSRFToken": "[^"]+"|evaluation.json inside\.\s+Fingerprint\s+<span[^<]+'
)
CHEAP = {"price": "120", "cost_scale": "1"}
DEAR = {"price": "987654.32", "cost_scale": "7.25"}


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clock of the portal stands still, and random ids come out the same in both tellings."""
    monkeypatch.setattr(clock, "wall_time", lambda: MOMENT)
    monkeypatch.setattr("django.utils.timezone.now", lambda: MOMENT)
    fields: list[Any] = [Proposal._meta.pk, Document._meta.pk, Invitation._meta.get_field("key")]
    for field in fields:
        monkeypatch.setattr(field, "default", lambda: uuid.UUID(int=DICE.getrandbits(128), version=4))
        monkeypatch.delattr(field, "_get_default", raising=False)


DICE = random.Random()


def told(look: Any, **options: Any) -> Any:
    """Build the world with these options, let `look` read it, and take everything back, sequences too."""
    DICE.seed(7)
    with transaction.atomic():
        sequences = _sequences()
        make._number = iter(range(1, 10_000))  # type: ignore[assignment]
        seen = look(world.build(**options))
        transaction.set_rollback(True)
    with as_owner() as cursor:
        for name, value, called in sequences:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])
    lookup.forget()
    reading_queries._new_jobs.cache_clear()  # kept by ids, which are the same in both worlds
    return seen


def _sequences() -> list[tuple[str, int, bool]]:
    with as_owner() as cursor:
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
            seen[f"{who} {name}"] = _content(client.get(url))
        for name, url in _fragments(made):
            seen[f"{who} fragment {name}"] = _content(client.get(url, headers={"HX-Request": "true"}))
        for name, url in _posts(made):
            with transaction.atomic():
                answer = client.post(url)
                transaction.set_rollback(True)
            seen[f"{who} POST {name}"] = _content(answer)
    staff = Notice.objects.exclude(to__role=Role.SUPPLIER).exclude(to=None).order_by("pk")
    letters = staff.values_list("to__email", "key", "subject", "body")
    seen["letters to staff"] = repr(list(letters)).encode()
    operator = make.make_user("admin", is_staff=True, is_superuser=True)
    made.people["operator"] = operator
    client = client_of(made, "operator")
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        seen[f"admin {url}"] = _content(client.get(url))
        for row in list(model._default_manager.order_by("pk")[:20]):
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
    for report in (made.shortlist, *made.lot_reports):
        yield f"{report.kind} file", reverse("scoring:report_file", args=[report.pk])
    yield "knocked", reverse("scoring:proposal_detail", args=[made.knocked.pk])
    yield "search", reverse("scoring:proposal_list", args=[made.number]) + "?q=987654"
    yield "ranking of all lots", reverse("scoring:ranking", args=[made.number]) + "?window=1&lot=all"
    yield "audit of submissions", reverse("portal:audit_list") + "?verb=proposal.submitted"
    for words in ("Zebulon", made.hidden.number, world.LISTED):
        yield f"audit {words}", reverse("portal:audit_list") + f"?q={words}"
        yield f"suppliers {words}", reverse("suppliers:supplier_list") + f"?q={words}"
        yield f"alerts {words}", reverse("suppliers:alert_list") + f"?q={words}"
    for name in ("overview", "proposal_list", "ranking", "decision_list", "queue", "report_list"):
        for window in (2, 3):
            yield f"{name} {window}", reverse(f"scoring:{name}", args=[made.number]) + f"?window={window}"
    yield "decided", reverse("scoring:decision_list", args=[made.number]) + "?state=decided"
    for which in ("hidden", "received"):
        yield from _of(which, getattr(made, which))
    for part, _label in PARTS:
        yield f"part {part}", reverse("scoring:proposal_detail", args=[made.proposal.pk]) + f"?part={part}"
        yield f"desk {part}", reverse("scoring:proposal_mark", args=[made.proposal.pk]) + f"?part={part}"


def _of(which: str, proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Everything that could be asked about a proposal whose technical envelope is not open."""
    assert proposal.current_revision is not None, "it is submitted"
    attachment = proposal.current_revision.attachments.get()
    for name in ("proposal_detail", "proposal_trace", "proposal_mark"):
        yield f"{which} {name}", reverse(f"scoring:{name}", args=[proposal.pk])
    yield f"{which} file", reverse("scoring:proposal_file", args=[proposal.pk, attachment.pk])
    for name in ("proposal_detail", "proposal_progress"):
        yield f"{which} rfp {name}", reverse(f"rfp:{name}", args=[proposal.pk])
    yield f"{which} supplier", reverse("suppliers:supplier_detail", args=[proposal.supplier_id])
    finding = proposal.current_revision.assessments.latest().findings.get(rule="RQ-1", part="R1")
    path = reverse(
        "scoring:decision_evidence", args=[proposal.lot.solicitation.number, "finding", finding.pk]
    )
    yield f"{which} evidence", f"{path}?window=2"


def _fragments(made: World) -> Iterator[tuple[str, str]]:
    """What pages ask for in passing: the parts of a proposal, and whatever else answers htmx in another way."""
    detail = reverse("scoring:proposal_detail", args=[made.proposal.pk])
    for part, _label in PARTS:
        for on in ("", "desk"):
            yield f"{part} on {on}", f"{detail}?part={part}&on={on}"
    yield "report", reverse("scoring:report_detail", args=[made.report.pk])
    yield "settings", reverse("suppliers:settings_detail", args=[made.settings.pk])


def _posts(made: World) -> Iterator[tuple[str, str]]:
    for name, route in MATRIX.items():
        if route.method == "post":
            yield name, reverse(name, args=route.args(made))


def _content(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type") == "application/pdf":
        body = _pdf(body)
    elif answer.headers.get("Content-Type") == "application/zip":
        body = _zip(body)
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


def _zip(body: bytes) -> bytes:
    """All that a dossier holds, its PDFs opened."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    return b"\n".join(
        name.encode() + b": " + (_pdf(part) if name.endswith(".pdf") else part) for name, part in held.items()
    )


def _sheet(body: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(archive.read(name) for name in sorted(archive.namelist()) if "docProps" not in name)


@pytest.mark.slow
def test_what_is_sealed_changes_not_one_byte() -> None:
    """Prices before their opening, and everything in windows whose technical envelope is not open."""
    cheap = told(everything, **CHEAP)
    dear = told(everything, **DEAR, sealed_offer=world.OTHER_OFFER)
    assert cheap.keys() == dear.keys()
    assert len(cheap) > 600
    assert b"marks.csv: " in cheap["chair dossier file"]
    assert cheap["chair evaluation file"].startswith(b"(200")
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
        actions.decide_findings(
            [made.finding],
            outcome=Outcome.NOT_MET,
            reason="Read.",
            by=made.people["admin"],
            at=MOMENT,
        )
        lots = list(made.solicitation.lots.all())
        opening_actions.propose_openings(
            made.closed, envelope=Envelope.PRICE, lots=lots, by=chair.user, fewer_marks_reason="Two are away."
        )
        opening_actions.confirm_openings(
            made.closed, envelope=Envelope.PRICE, lots=lots, by=made.people["admin"]
        )
        order.rescore_window(made.closed)
        order.rank_window(made.closed)
        client = client_of(made, "chair")
        pages = [
            reverse("scoring:ranking", args=[made.number]) + "?window=1",
            reverse("scoring:proposal_detail", args=[made.proposal.pk]),
        ]
        return b"".join(_content(client.get(url)) for url in pages)

    cheap, dear = told(opened, **CHEAP), told(opened, **DEAR)
    assert cheap != dear
    assert b"987,654.32" in dear


def test_the_comparison_sees_an_offer_once_it_is_open() -> None:
    """The same tellings with the other window's technical envelope open do differ."""

    def opened(made: World) -> bytes:
        window = Window.objects.select_related("solicitation").get(pk=made.hidden.window_id)
        chair = made.solicitation.evaluators.get(is_chair=True)
        make.open_envelope(
            window, Envelope.TECHNICAL, chair=chair, admin=made.people["admin"], declared=False
        )
        client = client_of(made, "auditor")
        page = client.get(reverse("scoring:proposal_detail", args=[made.hidden.pk]) + "?part=bom")
        listed = client.get(reverse("scoring:proposal_list", args=[made.number]) + f"?window={window.number}")
        return _content(page) + _content(listed)

    plain, other = told(opened), told(opened, sealed_offer=world.OTHER_OFFER)
    assert b"Frame Zebulon" in other and b"Frame Zebulon" not in plain


def test_every_route_of_ours_is_compared() -> None:
    """A page that is not asked for here is not known to be sealed."""
    made = world.build(with_reports=False)
    asked = {name for name, _url in _addresses(made)} | {name for name, _url in _posts(made)}
    assert own_routes() <= asked


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
    rooms = ("overview", "proposal_list", "queue", "decision_list", "opening_list", "ranking", "report_list")
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
