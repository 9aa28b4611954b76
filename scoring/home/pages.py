"""First pages: what to do next for each role, the nearest date first, and where things stand."""

from __future__ import annotations

from datetime import datetime

from portal.models import Role, User
from scoring.home.panel import reviewer_home
from scoring.home.shapes import Home
from scoring.home.staff import admin_home, auditor_home, officer_home
from scoring.home.suppliers import supplier_home


def home_of(user: User, *, now: datetime) -> Home:
    """The first page of this user; a fixed number of queries for each role."""
    made = {
        Role.SUPPLIER: supplier_home,
        Role.REVIEWER: reviewer_home,
        Role.ADMIN: admin_home,
        Role.OFFICER: officer_home,
        Role.AUDITOR: auditor_home,
    }
    return made[Role(user.role)](user, now)
