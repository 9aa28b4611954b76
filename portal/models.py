"""Everything the portal stores."""

from portal.accounts.models import AccessEvent, Countersignature, FactorReset, SignInFailures
from portal.api.models import ApiToken
from portal.files.models import Document
from portal.letters.models import Notice, NoticePreference
from portal.people.models import STAFF_ROLES, Role, User
from portal.record.assessed import AssessmentBase, FindingBase, OverrideBase
from portal.record.models import AuditEvent

__all__ = [
    "STAFF_ROLES",
    "AccessEvent",
    "ApiToken",
    "AssessmentBase",
    "AuditEvent",
    "Countersignature",
    "Document",
    "FactorReset",
    "FindingBase",
    "Notice",
    "NoticePreference",
    "OverrideBase",
    "Role",
    "SignInFailures",
    "User",
]
