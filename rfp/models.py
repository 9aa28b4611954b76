"""Everything the rfp app stores: what is asked, what is offered, what the rules found."""

from rfp.asking.models import Advice, AnswerBatch, Question
from rfp.compliance.models import Assessment, Finding, MakersScreened, Override, PreCheck
from rfp.controlled.models import ControlledDownload, ExportCertification, ExportRuling
from rfp.curing.models import Clarification, Cure, CureField
from rfp.drafting.models import BomHeadings, BomUpload
from rfp.events.models import SignUp
from rfp.proposals.line_models import (
    BomLine,
    Capacity,
    DeliveryLine,
    JobsLine,
    PriceLine,
    ProcessStep,
    RampPeriod,
)
from rfp.proposals.models import Attachment, Proposal, Reconfirmed, Response, Revision, Statement
from rfp.publishing.addendum_models import Addendum, Change, PublishedVersion
from rfp.publishing.audience_models import AccessCode, Admission, Intent, NdaAcceptance, Watch
from rfp.publishing.key_facts import Access
from rfp.publishing.models import (
    COST_LABELS,
    CostUse,
    Item,
    Lot,
    MarksShown,
    Milestone,
    Opening,
    Solicitation,
    SolicitationDocument,
    Window,
)
from rfp.publishing.question_models import Criterion, Preference, Requirement
from rfp.reuse.models import LibraryEntry

__all__ = [
    "COST_LABELS",
    "Access",
    "AccessCode",
    "Addendum",
    "Admission",
    "Advice",
    "AnswerBatch",
    "Assessment",
    "Attachment",
    "BomHeadings",
    "BomLine",
    "BomUpload",
    "Capacity",
    "Change",
    "Clarification",
    "ControlledDownload",
    "CostUse",
    "Criterion",
    "Cure",
    "CureField",
    "DeliveryLine",
    "ExportCertification",
    "ExportRuling",
    "Finding",
    "Intent",
    "Item",
    "JobsLine",
    "LibraryEntry",
    "Lot",
    "MakersScreened",
    "MarksShown",
    "Milestone",
    "NdaAcceptance",
    "Opening",
    "Override",
    "PreCheck",
    "Preference",
    "PriceLine",
    "ProcessStep",
    "Proposal",
    "PublishedVersion",
    "Question",
    "RampPeriod",
    "Reconfirmed",
    "Requirement",
    "Response",
    "Revision",
    "SignUp",
    "Solicitation",
    "SolicitationDocument",
    "Statement",
    "Watch",
    "Window",
]
