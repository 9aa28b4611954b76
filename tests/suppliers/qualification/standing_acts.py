"""Qualifications at each step, and how they are decided."""

from datetime import timedelta

from suppliers.company import actions as company_actions
from suppliers.models import (
    Officer,
    Owner,
    Qualification,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying
from suppliers.reference.attestation_texts import TEXTS
from tests import factories as make

Status = Qualification.Status


TODAY = make.NOW.date()


REASON = "The findings were read."


def pending(**fields):
    supplier = complete(**fields)
    row = make.make_standing(supplier)
    qualification_actions.ask_for_approval(row, by=make.owner_of(supplier), at=make.NOW)
    qualifying.assess_supplier(supplier.pk)
    return make.fresh_standing(row)


def complete(**fields):
    """A supplier with every section that must be there."""
    supplier = make.make_supplier(founded=1998, **fields)
    Owner.objects.create(supplier=supplier, name="Pat Founder", pct_equity=100, pct_votes=100)
    Officer.objects.create(supplier=supplier, name="Sam Chief", title="CEO")
    supplier.certificates.update(
        issued=TODAY - timedelta(days=200),
        expires=TODAY + timedelta(days=700),
        accreditation_body="ANAB",
        edition="2015",
        scope="Manufacture of racks",
    )
    answers = {text.code: (text.favourable, "") for text in TEXTS}
    company_actions.sign_attestations(
        supplier, answers, signer="Pat Founder", title="Owner", by=make.owner_of(supplier), at=make.NOW
    )
    return supplier


def act(row, what, by, **more):
    more = {"reason": REASON, "told": "Done.", **more}
    qualification_actions.act_on_standing(row, what, by=by, at=make.NOW, **more)
    return make.fresh_standing(row)


def look(row, on=None):
    """The rules look again, on another day if one is given."""
    qualifying.assess_supplier(row.supplier_id, on=on)
    return make.fresh_standing(row)
