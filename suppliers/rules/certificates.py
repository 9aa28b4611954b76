"""Certificates: are they valid now, and long enough?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.compliance import Verdict, met, not_applicable, not_met, refer, rule
from portal.formats import day
from suppliers.facts import CertificateFacts, SupplierFacts


@dataclass(frozen=True, kw_only=True)
class CertificateParams:
    """`quality_schemes` are those an answer may rely on; the margin runs from the start of production."""

    margin_days: int = 90
    longest_term_years: int = 3
    surveillance_months: int = 13
    quality_schemes: tuple[str, ...] = ("ISO 9001", "IATF 16949", "AS9100", "ISO 13485")


@rule("CE-1", title="Certificate validity", basis="ISO/IEC 17021-1", params=CertificateParams)
def validity(facts: SupplierFacts, params: CertificateParams, *, on: date) -> Sequence[Verdict]:
    """Every certificate is in force, runs three years at most and was audited in the last 13 months."""
    if not facts.certificates:
        return [not_applicable("No certificates in the profile.")]
    return with_parts(
        [(each, certificate_verdict(each, params, required_through=on, on=on)) for each in facts.certificates]
    )


def with_parts(verdicts: Sequence[tuple[CertificateFacts, Verdict]]) -> list[Verdict]:
    """Each verdict named after its certificate's number, each name once."""
    named: dict[str, Verdict] = {}
    for certificate, verdict in verdicts:
        part = base = (certificate.number or certificate.scheme)[:50]
        count = 1
        while part in named:
            count += 1
            part = f"{base} #{count}"
        named[part] = verdict.but(part=part)
    return list(named.values())


def certificate_verdict(
    certificate: CertificateFacts, params: CertificateParams, *, required_through: date, on: date
) -> Verdict:
    """One certificate against the date through which it must hold."""
    name = f"{certificate.scheme} {certificate.number}".strip()
    if certificate.expires is None or certificate.issued is None:
        return refer(f"{name} has no issue or expiry date.", fix="Enter both dates as printed on it.")
    expires = certificate.expires
    dates = {"expires": expires, "required_through": required_through}
    if expires < on:
        return not_met(
            f"{name} expired on {day(expires)}.", fix="Upload the renewed certificate.", numbers=dates
        )
    if certificate.issued > on:
        return refer(f"{name} is dated {day(certificate.issued)}, which is still to come.", numbers=dates)
    if expires > _plus_months(certificate.issued, 12 * params.longest_term_years) + timedelta(days=1):
        return refer(
            f"{name} runs for more than {params.longest_term_years} years, longer than such certificates do.",
            fix="Check both dates against the certificate.",
            numbers=dates,
        )
    if _plus_months(certificate.last_surveillance or certificate.issued, params.surveillance_months) < on:
        return refer(
            f"The last audit of {name} on record is more than {params.surveillance_months} months ago.",
            fix="Enter the date of the latest surveillance audit.",
            numbers=dates,
        )
    if expires < required_through:
        return refer(
            f"{name} expires on {day(expires)}; it must hold through {day(required_through)}.",
            fix="Say when it will be renewed.",
            numbers=dates,
        )
    return met(f"{name} is valid through {day(expires)}.", numbers=dates)


def _plus_months(start: date, months: int) -> date:
    """The same day of the month some months on, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for last in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(start.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
