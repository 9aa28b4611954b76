"""Admit companies to an invited RFP, hear whether they will respond, and have the agreement signed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal.kit.refused import Refused
from portal.models import User
from portal.people.signing import same_name, wrong_name
from portal.record import audit
from rfp.admitting import letters
from rfp.admitting.queries import nda_sha256, sha256_of
from rfp.publishing.audience_models import AccessCode, Admission, Intent, NdaAcceptance
from rfp.publishing.key_facts import Access
from rfp.publishing.models import Solicitation
from suppliers.company.queries import suppliers_changeable_by
from suppliers.models import Supplier

# Without the letters and digits that are mistaken for each other: 16 of 31 are 79 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
GROUPS, GROUP = 4, 4
WRONG_CODE = "This code doesn’t work. Check it, or ask the buyer for a new one."


def invite(solicitation: Solicitation, suppliers: Iterable[Supplier], *, by: User, at: datetime) -> int:
    """Admit companies, before or after publication; returns how many are new. They get a letter once it is published.

    Raises Refused.
    """
    _must_be_invited_only(solicitation)
    _must_be_admin(by)
    new = 0
    with transaction.atomic():
        for supplier in suppliers:
            admission, is_new = Admission.objects.get_or_create(
                solicitation=solicitation, supplier=supplier, defaults={"by": by, "at": at}
            )
            if not is_new:
                continue
            new += 1
            audit.record("supplier.invited_to_rfp", solicitation, by=by, at=at, supplier=supplier.pk)
            if solicitation.is_published:
                letters.invited(admission, at=at)
    return new


def tell_invited(solicitation: Solicitation, *, at: datetime) -> None:
    """Letters to those who were invited before the RFP was published. Each goes out once."""
    for admission in solicitation.admissions.select_related("supplier", "solicitation"):
        letters.invited(admission, at=at)


def make_code(
    solicitation: Solicitation, *, label: str, expires_at: datetime, most_uses: int, by: User, at: datetime
) -> tuple[AccessCode, str]:
    """(the stored code, what to type). It can't be read again: only its hash is kept. Raises Refused."""
    _must_be_invited_only(solicitation)
    _must_be_admin(by)
    if expires_at <= at:
        raise Refused("The code must expire in the future.")
    typed = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    with transaction.atomic():
        code = AccessCode.objects.create(
            solicitation=solicitation,
            label=label,
            sha256=sha256_of(_plain(typed)),
            ends=typed[-GROUP:],
            expires_at=expires_at,
            most_uses=most_uses,
            made_by=by,
            made_at=at,
        )
        audit.record("access_code.made", solicitation, by=by, at=at, ends=code.ends, most_uses=most_uses)
    return code, typed


def end_code(code: AccessCode, *, by: User, at: datetime) -> None:
    """Nobody is admitted with it anymore; who was stays. Raises Refused."""
    _must_be_admin(by)
    with transaction.atomic():
        held = AccessCode.objects.select_for_update().get(pk=code.pk)
        if held.ended_at is not None:
            raise Refused("This code has already ended.")
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        audit.record("access_code.ended", held.solicitation, by=by, at=at, ends=held.ends)


def use_code(typed: str, *, supplier: Supplier, by: User, at: datetime) -> Solicitation:
    """Admit a company by a code. Raises Refused, in one sentence whatever is wrong: trying tells nothing."""
    if not suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Only owners and editors of a company can use a code for it.")
    with transaction.atomic():
        code = (
            AccessCode.objects.select_for_update(of=("self",))
            .select_related("solicitation")
            .filter(sha256=sha256_of(_plain(typed)), solicitation__published_at__isnull=False)
            .first()
        )
        if code is None or code.ended_at is not None or code.expires_at <= at:
            raise Refused(WRONG_CODE)
        known = Admission.objects.filter(solicitation=code.solicitation, supplier=supplier).exists()
        if known:
            return code.solicitation
        if code.admissions.count() >= code.most_uses:
            raise Refused(WRONG_CODE)
        Admission.objects.create(solicitation=code.solicitation, supplier=supplier, code=code, by=by, at=at)
        audit.record(
            "access_code.used", code.solicitation, by=by, at=at, supplier=supplier.pk, ends=code.ends
        )
        return code.solicitation


def say_intent(
    solicitation: Solicitation, supplier: Supplier, *, will_respond: bool, reason: str, by: User, at: datetime
) -> Intent:
    """A company says that it will respond, or that it won't and why. It binds nobody. Raises Refused."""
    if not suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Only owners and editors of a company can answer for it.")
    if not will_respond and not reason.strip():
        raise Refused("Say why your company won’t respond.")
    return Intent.objects.create(
        solicitation=solicitation,
        supplier=supplier,
        will_respond=will_respond,
        reason="" if will_respond else reason.strip(),
        by=by,
        at=at,
    )


def sign_nda(
    solicitation: Solicitation, supplier: Supplier, *, signed_name: str, sha256: str, by: User, at: datetime
) -> NdaAcceptance:
    """A person signs the agreement for a company. `sha256` is that of the words on the page. Raises Refused."""
    if not suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Only owners and editors of a company can sign for it.")
    if not same_name(signed_name, by.name):
        raise Refused(wrong_name(by.name))
    if sha256 != nda_sha256(solicitation):
        raise Refused("The agreement has changed. Read it again before you sign.")
    with transaction.atomic():
        signed, is_new = NdaAcceptance.objects.get_or_create(
            solicitation=solicitation,
            supplier=supplier,
            user=by,
            sha256=sha256,
            defaults={"signed_name": by.name, "at": at},
        )
        if is_new:
            audit.record("nda.signed", solicitation, by=by, at=at, supplier=supplier.pk, sha256=sha256)
        return signed


def _plain(typed: str) -> str:
    """A code as it is compared: capitals, without blanks and dashes."""
    return "".join(each for each in typed.upper() if each.isalnum())


def _must_be_invited_only(solicitation: Solicitation) -> None:
    if solicitation.access != Access.INVITED:
        raise Refused("Everyone can see this RFP. Invitations are for RFPs that only invited companies see.")


def _must_be_admin(user: User) -> None:
    if not user.is_admin:
        raise Refused("Only an admin can do this.")
