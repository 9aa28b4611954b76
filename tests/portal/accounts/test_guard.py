"""Wrong passwords: who has to wait, how long, and who must not."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from portal.accounts import guard
from portal.embedded import servers as embedded_servers
from portal.kit import clients, clock
from portal.models import Role, SignInFailures, User
from tests import factories as make
from tests.conftest import worker_environment
from tests.processes.site import Site, Visitor

PASSWORD = "a long enough passphrase"
OFFICE = "203.0.113.7"


def person() -> User:
    return make.with_password(make.make_user(Role.SUPPLIER), PASSWORD)


def try_password(email: str, password: str, *, address: str = OFFICE) -> int:
    """The status of one sign-in by somebody new at that address: 302 in, 200 wrong, 429 locked."""
    client = Client(REMOTE_ADDR=address)
    return client.post(reverse("account_login"), {"login": email, "password": password}).status_code


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The guard is tried here, hundreds of times, not the hasher."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
    ]


# ---- where a request comes from --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "peer", "header", "address"),
    [
        (0, "198.51.100.1", "", "198.51.100.1"),
        (0, "198.51.100.1", "203.0.113.9", "198.51.100.1"),  # nobody is believed
        (0, "", "203.0.113.9", ""),  # a unix socket
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the client wrote 6.6.6.6
        (1, "10.0.0.1", "", "10.0.0.1"),
        (2, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "10.0.0.9", "10.0.0.9"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "203.0.113.9:5123", "203.0.113.9"),
        (1, "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        (1, "10.0.0.1", "fe80::1%eth0", "fe80::1"),
        (1, "", "nonsense", ""),
        (1, "10.0.0.1", ", ,203.0.113.9,", "203.0.113.9"),
    ],
)
def test_client_is_whom_the_nearest_trusted_proxies_name(
    proxies: int, peer: str, header: str, address: str
) -> None:
    assert clients.forwarded_for(peer, header, proxies=proxies) == address


def test_one_household_is_one_client() -> None:
    assert clients.network_of("2001:db8:1:2:3::4") == clients.network_of("2001:db8:1:2:ffff::1")
    assert clients.network_of("2001:db8:1:2::") != clients.network_of("2001:db8:1:3::")
    assert clients.network_of("203.0.113.9") == "203.0.113.9"


# ---- the pause of an account -----------------------------------------------------------------------------------------


def test_pause_grows_with_each_failure(settings: Any) -> None:
    settings.LOGIN_FAILURES = 8
    pauses = [guard.pause_after(n).total_seconds() for n in range(7, 17)]
    assert pauses == [0, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


@pytest.mark.django_db
def test_account_waits_longer_each_time_and_then_gets_in() -> None:
    user, now = person(), clock.wall_time()
    for _ in range(8):
        guard.count_failure(user.email, OFFICE, at=now)
    assert guard.locked_for(user.email, OFFICE, at=now) == timedelta(seconds=30)
    assert guard.locked_for(user.email, "198.51.100.1", at=now) == timedelta(seconds=30)
    later = now + timedelta(seconds=31)
    assert guard.locked_for(user.email, OFFICE, at=later) <= timedelta()
    guard.count_failure(user.email, OFFICE, at=later)
    assert guard.locked_for(user.email, OFFICE, at=later) == timedelta(seconds=60)
    # A day without a failure ends it; so does signing in.
    assert guard.locked_for(user.email, OFFICE, at=later + timedelta(days=1)) <= timedelta()
    guard.count_failure(user.email, OFFICE, at=later + timedelta(hours=25))
    assert guard.locked_for(user.email, OFFICE, at=later + timedelta(hours=25)) <= timedelta()


@pytest.mark.django_db
def test_locked_account_says_how_long_and_a_code_still_works(mailoutbox: list[Any]) -> None:
    user = person()
    answers = [try_password(user.email, "wrong") for _ in range(9)]
    assert answers == [200] * 7 + [429] * 2
    locked = Client(REMOTE_ADDR=OFFICE).post(
        reverse("account_login"), {"login": user.email.upper(), "password": PASSWORD}
    )
    assert (locked.status_code, int(locked["Retry-After"]) <= 30) == (429, True)
    assert "seconds before you try a password again" in locked.content.decode()
    client = Client(REMOTE_ADDR=OFFICE)
    client.post(reverse("account_request_login_code"), {"email": user.email})
    code = mailoutbox[-1].body.split("\n\n")[1].strip()
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert try_password(user.email, PASSWORD) == 302  # the owner is back, so the count is gone


@pytest.mark.django_db
def test_another_address_of_the_account_is_no_way_around() -> None:
    user = person()
    user.emailaddress_set.create(email="second@works.example", verified=True)
    for _ in range(4):
        try_password(user.email, "wrong")
        try_password("second@works.example", "wrong")
    assert try_password("Second@works.example", PASSWORD) == 429


@pytest.mark.django_db
def test_a_name_nobody_has_is_locked_just_the_same() -> None:
    assert [try_password("nobody@works.example", "wrong") for _ in range(9)] == [200] * 7 + [429] * 2


# ---- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_failures_of_a_few_names_never_lock_out_their_neighbors() -> None:
    for name in ("a", "b", "c", "d", "e"):
        for _ in range(8):
            try_password(f"{name}@works.example", "wrong")
    assert try_password(person().email, PASSWORD) == 302


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "count"), [(OFFICE, 500), ("", 100)], ids=["one", "none"])
def test_five_hundred_suppliers_of_one_network_sign_in(address: str, count: int) -> None:
    """A fifth of them mistype first, all at once, as before a deadline; every limit counts as in production."""
    people = User.objects.bulk_create(
        User(email=f"s{n}@works.example", name=f"Supplier {n}", password=make_password(PASSWORD))
        for n in range(count)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=each, email=each.email, verified=True, primary=True) for each in people
    )
    wrong = [try_password(each.email, "wrong", address=address) for each in people[::5]]
    right = [try_password(each.email, PASSWORD, address=address) for each in people]
    assert (set(wrong), set(right), len(right)) == ({200}, {302}, count)


@pytest.mark.django_db
def test_address_that_fails_like_a_machine_is_locked(settings: Any) -> None:
    settings.ADDRESS_FAILURES = 100
    now, user = clock.wall_time(), person()
    for n in range(100):
        guard.count_failure(f"{n}@works.example", OFFICE, at=now)
    assert try_password(user.email, PASSWORD) == 429
    assert try_password(user.email, PASSWORD, address="198.51.100.1") == 302
    assert guard.locked_for(user.email, OFFICE, at=now + timedelta(minutes=61)) <= timedelta()


@pytest.mark.django_db
def test_forged_header_neither_hides_nor_blames(settings: Any) -> None:
    """Behind one proxy, whatever the client writes itself stands left of what the proxy appends."""
    settings.PROXIES, settings.ADDRESS_FAILURES = 1, 100
    now = clock.wall_time()
    for n in range(99):
        guard.count_failure(f"{n}@works.example", OFFICE, at=now)
    user = person()
    for forged in ("198.51.100.1", "198.51.100.2"):
        client = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": f"{forged}, {OFFICE}"})
        client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    assert guard.locked_for("", OFFICE, at=now) > timedelta()
    assert guard.locked_for("", "198.51.100.1", at=now) <= timedelta()


@pytest.mark.django_db
def test_no_name_or_address_is_stored_and_old_counts_go() -> None:
    try_password("someone@works.example", "wrong")
    rows = list(SignInFailures.objects.values_list("key", flat=True))
    assert len(rows) == 2 and all(len(key) == 64 for key in rows)
    assert guard.forget_old(at=clock.wall_time() + timedelta(days=2)) == 2


# ---- as it is served -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_on_a_unix_socket_people_sign_in_and_only_the_account_is_locked(
    servers: embedded_servers.Servers,
) -> None:
    """gunicorn knows no client address there. The log names what the proxy says."""
    first, second = person(), person()
    User.objects.update(password=make_password(PASSWORD, hasher="argon2"))  # as the other process knows it
    with tempfile.TemporaryDirectory(prefix="onshore-s-", dir="/tmp") as folder:
        environment = {**worker_environment(servers), "ONSHORE_ENV": "test", "ONSHORE_LOGIN_FAILURES": "3"}
        with Site(f"unix:{folder}/web.sock", environment, Path(folder) / "web.log") as site:
            answers = [Visitor(site).sign_in(first.email, "wrong").status for _ in range(4)]
            assert answers == [200, 200, 429, 429]
            visitor = Visitor(site)
            assert visitor.sign_in(second.email, PASSWORD).status == 302
            assert visitor.get("/accounts/email/").status == 200
        proxied = {**environment, "ONSHORE_PROXIES": "1"}
        with Site(f"unix:{folder}/web.sock", proxied, Path(folder) / "proxied.log") as site:
            visitor = Visitor(site, headers={"X-Forwarded-For": f"6.6.6.6, {OFFICE}"})
            assert visitor.sign_in(second.email, PASSWORD).status == 302
            log = site.log.read_text()
        assert f"{OFFICE} - - " in log and "6.6.6.6" not in log
