"""Who asked a question is for admins alone: for everyone else, two worlds that differ in the asker are the same."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.models import AuditEvent, Notice
from tests.rfp.asking.made import ASKERS
from tests.whole.test_matrix import EVERYBODY, client_of
from tests.whole.test_seal import _addresses, _content, _first_difference, same_moment, told
from tests.whole.world import NOBODY, World

pytestmark = pytest.mark.django_db
assert same_moment  # a fixture of this module, too


def seen_by_all_but_admins(made: World) -> dict[str, bytes]:
    seen = {}
    for who in EVERYBODY:
        if who in ("admin", NOBODY):
            continue
        client = client_of(made, who)
        for name, url in _addresses(made):
            seen[f"{who} {name}"] = _content(client.get(url))
    letters = Notice.objects.filter(key__startswith="question").order_by("pk")
    seen["letters"] = repr(list(letters.values_list("to__email", "key", "subject", "body"))).encode()
    events = AuditEvent.objects.filter(verb__startswith="question.").order_by("seq")
    seen["record"] = repr(list(events.values_list("actor", "subject", "facts"))).encode()
    return seen


@pytest.mark.slow
def test_nobody_but_an_admin_can_tell_who_asked() -> None:
    one, other = (told(seen_by_all_but_admins, asker=each) for each in range(len(ASKERS)))
    assert one.keys() == other.keys() and len(one) > 300
    differing = [name for name in one if one[name] != other[name]]
    assert differing == [], _first_difference(one, other, differing)


def test_the_comparison_sees_what_an_admin_reads() -> None:
    def queue(made: World) -> bytes:
        return _content(client_of(made, "admin").get(reverse("rfp:question_queue", args=[made.number])))

    pages = [told(queue, asker=each) for each in range(len(ASKERS))]
    assert [name.encode() in page for name, page in zip(ASKERS, pages, strict=True)] == [True, True]
    assert pages[0] != pages[1]
