"""The development mail page: it reads what was written, and exists nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import NoReverseMatch, reverse

from portal.letters import mailbox


def write(folder: Path, settings: Any, *subjects: str) -> None:
    settings.EMAIL_FILE_PATH = str(folder)
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    backend.open()
    for subject in subjects:
        EmailMessage(
            subject,
            f"Your code: ABC-123\n\nÜber {subject}\n",
            "a@b.example",
            ["c@d.example"],
            connection=backend,
        ).send()
    backend.close()


def test_letters_of_one_and_of_several_connections_are_read(tmp_path: Path, settings: Any) -> None:
    write(tmp_path, settings, "One", "Two with –")
    write(tmp_path, settings, "Three")
    found = mailbox.mails()
    assert {mail.subject for mail in found} == {"One", "Two with –", "Three"}
    assert {mail.to for mail in found} == {"c@d.example"}
    assert all("Your code: ABC-123" in mail.body and "Über" in mail.body for mail in found)
    assert all(mail.sent_at and mail.sent_at.tzinfo for mail in found)
    assert "Über Three" in render_to_string("portal/record/mail_list.html", {"mails": found})


def test_empty_or_missing_folder(tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert mailbox.mails() == []


@pytest.mark.django_db
def test_page_does_not_exist_here() -> None:
    """Tests don't run in development, as production doesn't."""
    with pytest.raises(NoReverseMatch):
        reverse("portal:mail_list")
    assert Client().get("/mail/").status_code == 404


@pytest.mark.parametrize(
    ("environment", "there"), [("production", "no"), ("test", "no"), ("development", "yes")]
)
def test_page_exists_in_development_only(environment: str, there: str, tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from portal.urls import own\n"
        "print('yes' if any(p.name == 'mail_list' for p in own) else 'no')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "ONSHORE_ENV": environment,
            "ONSHORE_HOSTS": "onshore.example",
            "ONSHORE_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stdout.strip().splitlines()[-1:] == [there], done.stderr[-2000:]
