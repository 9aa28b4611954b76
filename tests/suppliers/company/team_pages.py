"""Invitations for the tests of teams."""

from suppliers.company import actions as company_actions
from tests import factories as make

LINK = "https://onshore.example/invitations/{key}/"


def invited(supplier, email="new@works.example", level="editor"):
    return company_actions.invite(
        supplier, email=email, level=level, link=LINK, by=make.owner_of(supplier), at=make.NOW
    )
