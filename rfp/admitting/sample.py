"""The sample's RFP for invited companies: one will respond and has signed, one declined, one came with a code."""

from __future__ import annotations

from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo import Demo
from portal.files import storing
from rfp.admitting import actions, queries
from rfp.publishing import actions as publishing_actions
from rfp.publishing.models import Solicitation
from rfp.publishing.preparing import second_look

# Hockhollow will respond, Sandlapper won't, and Saguaro was admitted with the code.
INVITED = ("S01", "S02")
WITH_CODE = "S11"
WHY_NOT = "Our enclosure line is booked until May 2027."
# (file, title, behind the agreement, export control)
DOCUMENTS = (
    ("instructions.txt", "Instructions to suppliers (sample)", False, ""),
    ("hall-drawings.txt", "Drawings of the pilot hall (sample)", True, ""),
    ("monitoring.txt", "Encrypted leak monitoring (sample)", False, "EAR, ECCN 5E002, encryption technology"),
)


def build(demo: Demo, solicitation: Solicitation) -> None:
    """Published by the admin, answered and signed by the companies, through the same verbs as on the pages."""
    admin = demo.person("admin")
    for name, title, needs_nda, export_control in DOCUMENTS:
        text = f"{title}\n\n{solicitation.title}\n"
        publishing_actions.add_document(
            solicitation,
            storing.check_file(SimpleUploadedFile(name, text.encode())),
            title=title,
            needs_nda=needs_nda,
            export_control=export_control,
            by=admin,
            at=demo.at("2026-06-02T09:00:00-04:00"),
        )
    companies = [demo.made[f"supplier:{key}"] for key in INVITED]
    actions.invite(solicitation, companies, by=admin, at=demo.at("2026-06-03T09:00:00-04:00"))
    published = demo.at("2026-06-08T09:00:00-04:00")
    looked = [point.key for point in second_look.points(solicitation, now=published)]
    publishing_actions.publish_solicitation(solicitation, by=admin, looked=looked, at=published)
    _answers(demo, solicitation)
    _admit_with_code(demo, solicitation, at=demo.at("2026-06-09T10:00:00-04:00"))


def _answers(demo: Demo, solicitation: Solicitation) -> None:
    yes, no = INVITED
    company, person = demo.made[f"supplier:{yes}"], demo.person(yes)
    actions.say_intent(
        solicitation,
        company,
        will_respond=True,
        reason="",
        by=person,
        at=demo.at("2026-06-10T11:20:00-04:00"),
    )
    actions.sign_nda(
        solicitation,
        company,
        signed_name=person.name,
        sha256=queries.nda_sha256(solicitation),
        by=person,
        at=demo.at("2026-06-10T11:26:00-04:00"),
    )
    actions.say_intent(
        solicitation,
        demo.made[f"supplier:{no}"],
        will_respond=False,
        reason=WHY_NOT,
        by=demo.person(no),
        at=demo.at("2026-06-12T16:05:00-04:00"),
    )


def _admit_with_code(demo: Demo, solicitation: Solicitation, *, at: datetime) -> None:
    """The code stays good for others; it is said here, because it can't be read again."""
    _code, typed = actions.make_code(
        solicitation,
        label="Companies at the Columbus trade fair",
        expires_at=demo.at("2026-07-18T17:00:00-04:00"),
        most_uses=5,
        by=demo.person("admin"),
        at=at,
    )
    supplier, person = demo.made[f"supplier:{WITH_CODE}"], demo.person(WITH_CODE)
    actions.use_code(typed, supplier=supplier, by=person, at=demo.at("2026-06-15T14:30:00-04:00"))
    demo.say(f"  Access code for RFP {solicitation.number}: {typed}")
