"""The sample's document under export control: released to one company, asked for by another."""

from __future__ import annotations

from portal.demo import Demo
from rfp.controlled import actions
from rfp.publishing.models import Solicitation

# Hockhollow has it, and Saguaro waits for an officer.
RELEASED, WAITS = "S01", "S11"


def build(demo: Demo, solicitation: Solicitation) -> None:
    """Certified by owners and released by an officer, through the same verbs as on the pages."""
    document = solicitation.documents.exclude(export_control="").get()
    first, owner = demo.made[f"supplier:{RELEASED}"], demo.person(RELEASED)
    signed = actions.certify(
        document, first, signed_name=owner.name, by=owner, at=demo.at("2026-06-10T11:31:00-04:00")
    )
    actions.rule(
        signed, release=True, reason="", by=demo.person("officer"), at=demo.at("2026-06-11T09:12:00-04:00")
    )
    actions.log_download(document, signed, by=owner, at=demo.at("2026-06-11T10:02:00-04:00"))
    second, person = demo.made[f"supplier:{WAITS}"], demo.person(WAITS)
    actions.certify(
        document, second, signed_name=person.name, by=person, at=demo.at("2026-06-18T15:40:00-04:00")
    )
