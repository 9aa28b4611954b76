"""Companies that look like one another: asked of their owners, never told to the one who registers.

Everybody who registers gets the same answer at once and a profile of their own; so nobody learns who is here, and
nobody can occupy a name. Officers see the likeness beside the qualification.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from portal.kit import clock
from portal.letters import notices
from portal.models import User
from suppliers.company.models import JoinRequest, Membership, Supplier
from suppliers.matching.names import normalize
from suppliers.reference.mail_domains import is_public_mail


def domain_of(email: str) -> str:
    """The domain of a company's own address; blank for a public mail provider."""
    domain = email.rpartition("@")[2].lower()
    return "" if is_public_mail(domain) else domain


def namesakes(supplier: Supplier) -> Iterator[tuple[Supplier, str]]:
    """Older companies that share the name, the UEI or an owner's mail domain, each once with what is shared."""
    others = Supplier.objects.exclude(pk=supplier.pk).filter(pk__lt=supplier.pk).order_by("pk")
    key = normalize(supplier.legal_name).joined
    seen: set[int] = set()
    domains = {domain_of(email) for email in _owners(supplier).values_list("email", flat=True)} - {""}
    at = Q()
    for domain in domains:
        at |= Q(memberships__user__email__iendswith=f"@{domain}", memberships__level=Membership.Level.OWNER)
    shared = [
        ("uei", others.filter(uei=supplier.uei) if supplier.uei else others.none()),
        ("domain", others.filter(at).distinct() if domains else others.none()),
    ]
    for why, rows in shared:
        for row in rows:
            if row.pk not in seen:
                seen.add(row.pk)
                yield row, why
    for pk, name in others.values_list("pk", "legal_name").iterator():
        if pk not in seen and normalize(name).joined == key:
            yield Supplier.objects.get(pk=pk), "name"


def ask_owners(supplier_id: int) -> None:
    """Leave a request with each namesake's owners. Doing it twice asks once."""
    supplier = Supplier.objects.get(pk=supplier_id)
    at = clock.wall_time()
    for other, why in namesakes(supplier):
        for user in _owners(supplier).exclude(memberships__supplier=other):
            _, is_new = JoinRequest.objects.get_or_create(
                supplier=other, user=user, defaults={"registered": supplier, "why": why, "at": at}
            )
            if is_new:
                notices.post(
                    _owners(other),
                    key=f"join:{other.pk}:{user.pk}",
                    subject=f"Does this person work for {other.legal_name}?",
                    body=(
                        f"{user.name or user.email} ({user.email}) registered a company that looks like yours.\n\n"
                        "If they work with you, approve the request on the Team page. If not, decline. They don’t "
                        "know that your company is on Onshore.\n"
                    ),
                    at=at,
                )


def _owners(supplier: Supplier) -> QuerySet[User]:
    return User.objects.filter(
        memberships__supplier=supplier, memberships__level=Membership.Level.OWNER, is_active=True
    )
