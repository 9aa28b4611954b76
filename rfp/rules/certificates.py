"""CE-1 for a proposal: the certificate it relies on holds past the start of production."""

from collections.abc import Sequence
from datetime import date, timedelta

from portal.kit.compliance import Effect, Verdict, distinct, refer, rule
from rfp.facts import ProposalFacts, ResponseFacts
from suppliers.facts import CertificateFacts
from suppliers.rules.certificates import (
    DATES,
    CertificateParams,
    certificate_verdict,
    named_in,
    with_parts,
)


@rule(
    "CE-1",
    title="Certificate validity",
    basis="ISO/IEC 17021-1",
    params=CertificateParams,
    answered_in="offer",
    numbers=DATES,
)
def validity(facts: ProposalFacts, params: CertificateParams, *, on: date) -> Sequence[Verdict]:
    """The proposal’s quality certificate is valid until 90 days after the start of production."""
    answers = [response for response in facts.responses if response.value in params.quality_schemes]
    wanted = list(dict.fromkeys(response.value for response in answers))
    relied_on = [found for scheme in wanted if (found := _of_scheme(facts, scheme))]
    effect = _effect(answers)
    absent = [scheme for scheme in wanted if not _of_scheme(facts, scheme)]
    if not wanted:
        return [
            refer(
                "The proposal does not name a quality certificate.", fix="Name the one that covers the site."
            )
        ]
    if facts.start_of_production is None:
        return [
            refer(
                "The start of production is missing, so we can’t check the certificate’s dates.",
                fix="Enter the start of production.",
            )
        ]
    through = facts.start_of_production + timedelta(days=params.margin_days)
    verdicts = with_parts(
        [(each, certificate_verdict(each, params, required_through=through, on=on)) for each in relied_on]
    )
    verdicts += [
        refer(f"The profile has no {scheme} certificate.", part=scheme, fix="Add it to your profile.")
        for scheme in absent
    ]
    return [verdict.but(effect=effect) for verdict in distinct(verdicts)]


def _of_scheme(facts: ProposalFacts, scheme: str) -> CertificateFacts | None:
    """That scheme's certificate which covers the site of final manufacture, else the one lasting longest."""
    held = [each for each in facts.supplier.certificates if named_in(each.scheme, (scheme,))]
    return max(
        held, key=lambda each: (facts.final_site in each.sites, each.expires or date.min), default=None
    )


def _effect(answers: Sequence[ResponseFacts]) -> Effect:
    mandatory = any(response.requirement.effect == "knockout" for response in answers)
    return Effect.KNOCKOUT if mandatory else Effect.ADVISORY
