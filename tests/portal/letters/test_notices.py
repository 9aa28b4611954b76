"""The outbox: no name makes a letter impossible, and no letter holds up the others."""

from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail

from portal.letters import notices
from portal.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["A Works\nBcc: all@test.example", "L" * 200, "\u2028Works\r\n"])
def test_whatever_a_name_holds_the_subject_is_one_line_that_fits(name):
    person = make.make_user()
    notices.post([person], key="a", subject=f"Person invites you to {name}", body="Hello.", at=make.NOW)
    notices.post_to("new@test.example", key="b", subject=f"{name}: news", body="Hello.", at=make.NOW)
    assert notices.send_waiting(at=make.NOW) == 2
    assert all(len(each.subject) <= 200 and "\n" not in each.subject for each in mail.outbox)


@pytest.mark.parametrize(("code", "is_given_up"), [(550, True), (451, False)])
def test_an_address_that_is_refused_holds_up_nobody(monkeypatch, code, is_given_up):
    for place in range(3):
        notices.post_to(f"p{place}@test.example", key=str(place), subject="Hello", body=".", at=make.NOW)
    send = notices.EmailMultiAlternatives.send

    def refuse(message):
        if message.to == ["p1@test.example"]:
            raise SMTPRecipientsRefused({"p1@test.example": (code, b"no such person")})
        return send(message)

    monkeypatch.setattr(notices.EmailMultiAlternatives, "send", refuse)
    assert notices.send_waiting(at=make.NOW) == 2
    kept = Notice.objects.get(sent_at=None)
    assert (kept.refused_at is not None) is is_given_up
    assert (kept.error, kept.attempts) == (f"{code} no such person", 1)


def test_what_was_sent_before_the_server_went_down_is_not_sent_again(monkeypatch):
    for place in range(3):
        notices.post_to(f"p{place}@test.example", key=str(place), subject="Hello", body=".", at=make.NOW)
    send = notices.EmailMultiAlternatives.send

    def drop(message):
        if message.to == ["p1@test.example"]:
            raise SMTPServerDisconnected
        return send(message)

    monkeypatch.setattr(notices.EmailMultiAlternatives, "send", drop)
    assert notices.send_waiting(at=make.NOW) == 1
    monkeypatch.undo()
    assert notices.send_waiting(at=make.NOW) == 2
    assert sorted(message.to[0] for message in mail.outbox) == [
        f"p{place}@test.example" for place in range(3)
    ]
