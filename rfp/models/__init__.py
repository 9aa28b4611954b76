"""Everything the rfp app stores: what is asked, what is offered, what the rules found."""

from rfp.models.assessment import Assessment, Finding, Override
from rfp.models.bom import BomHeadings, BomUpload
from rfp.models.proposal import (
    Attachment,
    BomLine,
    Capacity,
    DeliveryLine,
    JobsLine,
    PriceLine,
    ProcessStep,
    Proposal,
    RampPeriod,
    Response,
    Revision,
    Statement,
)
from rfp.models.solicitation import (
    Criterion,
    Item,
    Lot,
    Milestone,
    Opening,
    Requirement,
    Solicitation,
    SolicitationDocument,
    Window,
)

__all__ = [
    "Assessment",
    "Attachment",
    "BomHeadings",
    "BomLine",
    "BomUpload",
    "Capacity",
    "Criterion",
    "DeliveryLine",
    "Finding",
    "Item",
    "JobsLine",
    "Lot",
    "Milestone",
    "Opening",
    "Override",
    "PriceLine",
    "ProcessStep",
    "Proposal",
    "RampPeriod",
    "Requirement",
    "Response",
    "Revision",
    "Solicitation",
    "SolicitationDocument",
    "Statement",
    "Window",
]
