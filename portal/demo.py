"""What the sample data of all apps share: the day it is told on, its people, and waiting for the workers.

Each app's `demo.py` has `build(demo)`; they run in the order portal, suppliers, rfp, scoring and refer to each other
through `demo.made`. Past acts go through the real actions with an explicit time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from portal.kit import clock
from portal.models import Role, User
from portal.record import audit

# How long before the telling the staff have had their accounts: before the sample's first act.
STAFF_SINCE = timedelta(days=400)
PASSWORD = "onshore-sample-2026"

# The day of the sample's calendar that "today" stands for: its last window is open, nine days before it closes.
SAMPLE_TODAY = date(2026, 6, 21)

STAFF = (
    ("admin", "Avery Lindqvist", Role.ADMIN),
    ("chair", "Priya Raman", Role.REVIEWER),
    ("reviewer", "Tomas Ekberg", Role.REVIEWER),
    ("third", "Noor Haddad", Role.REVIEWER),
    ("officer", "Ruth Okafor", Role.OFFICER),
    # Clearing a strong hit takes two.
    ("officer2", "Martin Voss", Role.OFFICER),
    ("auditor", "Ines Carvalho", Role.AUDITOR),
)


class DemoError(Exception):
    """A step of the demo did not come about."""


@dataclass
class Demo:
    """One telling of the sample: `today` decides by how many days every date of the sample is moved."""

    today: date
    now: datetime
    varied: int = 40
    made: dict[str, Any] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(20260115))
    say: Callable[[str], None] = lambda _text: None

    @property
    def shift(self) -> timedelta:
        return self.today - SAMPLE_TODAY

    def on(self, text: str) -> date:
        """A date of the sample, moved."""
        return date.fromisoformat(text) + self.shift

    def at(self, text: str) -> datetime:
        """A moment of the sample, moved."""
        return datetime.fromisoformat(text) + self.shift

    def person(self, key: str) -> User:
        person: User = self.made[f"user:{key}"]
        return person

    def make_person(self, key: str, email: str, *, name: str, role: Role) -> User:
        """An account with the sample's password, hashed once for all of them."""
        if "password" not in self.made:
            self.made["password"] = make_password(PASSWORD)
        person = User.objects.create(
            email=email,
            name=name,
            role=role,
            password=self.made["password"],
            seated_at=self.now - STAFF_SINCE,
        )
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        self.made[f"user:{key}"] = person
        return person

    def wait_for(self, what: str, is_done: Callable[[], bool], *, seconds: float = 180.0) -> None:
        """Wait until the workers have done something. Raises DemoError when they have not in time."""
        until = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() > until:
                raise DemoError(f"After {seconds:.0f} seconds still waiting for: {what}.")
            time.sleep(0.2)


def start(today: date | None = None, **options: Any) -> Demo:
    """A demo told today, on the database's clock."""
    now = clock.wall_time()
    return Demo(today=today or now.date(), now=now, **options)


def build(demo: Demo) -> None:
    """The staff accounts."""
    for key, name, role in STAFF:
        person = demo.make_person(key, f"{key}@onshore.example", name=name, role=role)
        audit.record("account.created", person, by=None, at=demo.now - STAFF_SINCE, role=str(role))
