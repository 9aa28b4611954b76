"""Certificates: are they valid now, and long enough?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.kit.compliance import (
    Effect,
    Outcome,
    Verdict,
    distinct,
    met,
    not_applicable,
    not_met,
    refer,
    rule,
)
from portal.kit.formats import day, plus_months
from portal.kit.parameters import setting
from suppliers.facts import CertificateFacts, QualificationFacts

# What a finding about one certificate publishes.
DATES = ("expires", "required_through")


@dataclass(frozen=True, kw_only=True)
class CertificateParams:
    """An answer can rely on the quality schemes. Declarations have no yearly audit."""

    margin_days: int = setting(90, "Validity required after the start of production", unit="days", most=3650)
    longest_term_years: int = setting(3, "Maximum term", unit="years", most=50)
    surveillance_months: int = setting(
        13, "Maximum time since the last surveillance audit", unit="months", most=240
    )
    quality_schemes: tuple[str, ...] = setting(
        ("ISO 9001", "IATF 16949", "AS9100", "ISO 13485"), "Quality schemes that count"
    )
    unsurveyed: tuple[str, ...] = setting(
        ("RoHS", "REACH", "CMRT", "CE", "ITAR"), "Declarations without a yearly audit"
    )


@rule(
    "CE-1",
    title="Certificate validity",
    basis="ISO/IEC 17021-1",
    params=CertificateParams,
    answered_in="certificates",
    numbers=DATES,
)
def validity(facts: QualificationFacts, params: CertificateParams, *, on: date) -> Sequence[Verdict]:
    """All certificates are current, run three years at most and were audited in the last 13 months. The profile has
    the ones that the commodity requires. A certificate that expired after it was renewed does not count.
    """
    held = facts.supplier.certificates
    asked = facts.commodity.schemes if facts.commodity else ()
    verdicts = with_parts(
        [
            (
                each,
                _mandatory(each, certificate_verdict(each, params, required_through=on, on=on), held, asked),
            )
            for each in held
        ]
    )
    verdicts += [
        not_met(
            f"The profile has no {scheme} certificate, which this qualification requires.",
            part=scheme[:50],
            fix="Add it to your profile.",
        ).but(effect=Effect.KNOCKOUT)
        for scheme in asked
        if not any(named_in(each.scheme, (scheme,)) for each in held)
    ]
    return distinct(verdicts) or [not_applicable("No certificates in the profile, and none required.")]


def _mandatory(
    certificate: CertificateFacts,
    verdict: Verdict,
    held: Sequence[CertificateFacts],
    asked: Sequence[str],
) -> Verdict:
    """An expired certificate that is asked for excludes, unless a later one of its scheme is held."""
    if verdict.outcome is not Outcome.NOT_MET:
        return verdict
    last = certificate.expires or date.min
    same = [each for each in held if named_in(each.scheme, (certificate.scheme,))]
    if any((each.expires or date.min) > last for each in same):
        name = f"{certificate.scheme} {certificate.number}".strip()
        return not_applicable(f"{name} has been renewed.")
    return verdict.but(effect=Effect.KNOCKOUT) if named_in(certificate.scheme, asked) else verdict


def named_in(scheme: str, schemes: Iterable[str]) -> bool:
    """Whether a scheme is one of these however it is written: "iso9001:2015" is ISO 9001."""
    return _plain(scheme) in set(map(_plain, schemes))


def _plain(scheme: str) -> str:
    return re.sub(r"[^a-z0-9]", "", scheme.casefold().split(":")[0].replace("/iec", ""))


def with_parts(verdicts: Sequence[tuple[CertificateFacts, Verdict]]) -> list[Verdict]:
    """Each verdict named after its certificate's number, each name once."""
    return distinct(
        verdict.but(part=(certificate.number.strip() or certificate.scheme.strip())[:50])
        for certificate, verdict in verdicts
    )


def certificate_verdict(
    certificate: CertificateFacts, params: CertificateParams, *, required_through: date, on: date
) -> Verdict:
    """One certificate against the date through which it must hold."""
    name = f"{certificate.scheme} {certificate.number}".strip()
    if certificate.expires is None or certificate.issued is None:
        return refer(f"{name} has no issue or expiry date.", fix="Enter both dates from the certificate.")
    expires = certificate.expires
    dates = dict(zip(DATES, (expires, required_through), strict=True))
    if expires < on:
        return not_met(
            f"{name} expired on {day(expires)}.", fix="Upload the renewed certificate.", numbers=dates
        )
    if certificate.issued > on:
        return refer(f"{name} is dated {day(certificate.issued)}, which is in the future.", numbers=dates)
    if expires > plus_months(certificate.issued, 12 * params.longest_term_years) + timedelta(days=1):
        return refer(
            f"{name} runs for more than {params.longest_term_years} years, longer than this type of certificate does.",
            fix="Check both dates on the certificate.",
            numbers=dates,
        )
    # A profile goes on while a proposal is judged as of its receipt: an audit since then is no fault.
    last_audit = min(certificate.last_surveillance or certificate.issued, on)
    audited = plus_months(last_audit, params.surveillance_months)
    if audited < on and not named_in(certificate.scheme, params.unsurveyed):
        return refer(
            f"The last audit of {name} on record is more than {params.surveillance_months} months ago.",
            fix="Enter the date of the latest surveillance audit.",
            numbers=dates,
        )
    if expires < required_through:
        return refer(
            f"{name} expires on {day(expires)}. It must be valid through {day(required_through)}.",
            fix="Tell us when you will renew it.",
            numbers=dates,
        )
    return met(f"{name} is valid through {day(expires)}.", numbers=dates)
