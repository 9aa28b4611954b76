"""Letters about a panel: who sits on it is told to the person, the rest of the panel and the compliance officers; a
change of the chair, to admins and auditors too."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from portal.accounts.queries import overseers
from portal.letters import notices
from portal.models import Role, User
from rfp.models import Solicitation
from scoring.panel.models import ChairChange, Evaluator


def panel_changed(
    solicitation: Solicitation, user: User, *, change: str, event: int, by: User, at: datetime
) -> None:
    """One letter each; `change` is what happened to the person: "joined the panel"; `event` is the audit's number."""
    concerned = Q(pk=user.pk) | Q(pk__in=solicitation.evaluators.values("user")) | Q(role=Role.OFFICER)
    notices.post(
        User.objects.filter(concerned, is_active=True).exclude(pk=by.pk).distinct(),
        key=f"panel:{event}",
        subject=f"The panel for {solicitation.number} changed",
        body=(
            f"{user} {change}: {solicitation.number}, {solicitation.title}. {by} made the change.\n\n"
            "If this is not right, tell your administrator now.\n"
        ),
        at=at,
    )


def chair_asked(change: ChairChange, *, event: int, at: datetime) -> None:
    """An admin asks for another chair: to the panel, the overseers and the person."""
    rfp = change.solicitation
    _to_all(
        change,
        key=f"panel:{event}",
        subject=f"New chair proposed for {rfp.number}",
        body=(
            f"{change.proposed_by} proposed {change.user} to chair the panel for {rfp.number}, {rfp.title}. "
            f"Reason: {change.reason}\n\n"
            "It takes effect when another admin or a compliance officer confirms it on the Overview page.\n\n"
            "If this is not right, tell your administrator now.\n"
        ),
        not_to=change.proposed_by,
        at=at,
    )


def chair_changed(change: ChairChange, *, event: int, by: User, at: datetime) -> None:
    """The second person confirmed: to the same."""
    rfp = change.solicitation
    _to_all(
        change,
        key=f"panel:{event}",
        subject=f"The chair of {rfp.number} changed",
        body=(
            f"{change.user} now chairs the panel for {rfp.number}, {rfp.title}. {change.proposed_by} proposed it, "
            f"and {by} confirmed it. Reason: {change.reason}\n\n"
            "If this is not right, tell your administrator now.\n"
        ),
        not_to=by,
        at=at,
    )


def _to_all(change: ChairChange, *, key: str, subject: str, body: str, not_to: User, at: datetime) -> None:
    concerned = (
        Q(pk=change.user_id)
        | Q(pk__in=change.solicitation.evaluators.values("user"))
        | Q(pk__in=overseers().values("pk"))
    )
    to = User.objects.filter(concerned, is_active=True).exclude(pk=not_to.pk).distinct()
    notices.post(to, key=key, subject=subject, body=body, at=at)


def member_changed(user: User, *, event: int, words: str, at: datetime) -> None:
    """A change of an account that sits on panels, told to the others on them. `words` is one sentence."""
    panels = Evaluator.objects.filter(user=user, solicitation__final_status="").values("solicitation")
    others = User.objects.filter(evaluators__solicitation__in=panels, is_active=True)
    notices.post(
        others.exclude(pk=user.pk).distinct(),
        key=f"account:{event}",
        subject=f"An account on your panel changed: {user}",
        body=f"{words}\n\nIf this is not right, tell your administrator now.\n",
        at=at,
    )
