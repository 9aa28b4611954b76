"""What docker-compose.yml and Dockerfile say, as an engine would read them; what is not understood is refused."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
# What is told to compose here.
GIVEN = {
    "ONSHORE_HOSTS": "rfp.example.gov",
    "POSTGRES_PASSWORD": "owner0secret",
    "POSTGRES_APP_PASSWORD": "app1secret",
    "REDIS_PASSWORD": "redis2secret",
    "ONSHORE_EMAIL_HOST": "mail",
    "ONSHORE_EMAIL_PORT": "2525",
    "ONSHORE_EMAIL_USER": "portal",
    "ONSHORE_EMAIL_PASSWORD": "mail3secret",
    "ONSHORE_EMAIL_FROM": "Onshore <rfp@example.gov>",
}
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<how>[-?])(?P<words>[^}]*))?\})")
SECONDS = {"s": 1, "m": 60}


class Missing(Exception):
    """A variable that compose insists on is not set; the message is what compose would say."""


@dataclass(frozen=True)
class Check:
    """A health check: its command, and how long it may take, in seconds."""

    command: list[str]
    timeout: float


@dataclass(frozen=True)
class Service:
    """A service of compose with its variables filled in. `command` is None where the image's own runs."""

    name: str
    image: str
    command: list[str] | None
    environment: dict[str, str]
    check: Check | None
    has_check_of_image: bool
    after: dict[str, str]  # service: condition
    restart: str
    volumes: list[str]


def filled(text: str, given: Mapping[str, str]) -> str:
    """Variables as compose fills them in: `${A}`, `${A:-default}`, `${A:?why}`, and `$$` for a dollar sign."""

    def one(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        value = given.get(found["name"], "")
        if not value and found["how"] == "?":
            raise Missing(found["words"])
        return value or (found["words"] if found["how"] == "-" else "")

    left = VARIABLE.sub("", text)
    assert "$" not in left, f"not understood: {text}"
    return VARIABLE.sub(one, text)


def _fill(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return filled(value, given)
    if isinstance(value, list):
        return [_fill(each, given) for each in value]
    if isinstance(value, dict):
        return {name: _fill(each, given) for name, each in value.items()}
    return value


def services(given: Mapping[str, str], text: str = "") -> dict[str, Service]:
    """Every service, with these variables in the environment of `docker compose`. Raises Missing."""
    whole = yaml.safe_load(text or (CHECKOUT / "docker-compose.yml").read_text())
    return {name: _service(name, _fill(about, given)) for name, about in whole["services"].items()}


def _service(name: str, about: dict[str, Any]) -> Service:
    known = {
        *("build", "image", "restart", "environment", "volumes", "command", "healthcheck", "depends_on"),
        *("ports", "stop_grace_period"),
    }
    assert set(about) <= known, f"{name}: {set(about) - known} not understood"
    check = about.get("healthcheck", {})
    return Service(
        name=name,
        image=about["image"],
        command=about.get("command"),
        environment={key: str(value) for key, value in about.get("environment", {}).items()},
        check=_check(check["test"], check["timeout"]) if "test" in check else None,
        has_check_of_image=not check,
        after={other: each["condition"] for other, each in about.get("depends_on", {}).items()},
        restart=about["restart"],
        volumes=about.get("volumes", []),
    )


def _check(test: list[str], timeout: str) -> Check:
    kind, *command = test
    assert kind in ("CMD", "CMD-SHELL")
    return Check(command if kind == "CMD" else ["sh", "-c", *command], seconds(timeout))


def seconds(text: str) -> float:
    return int(text[:-1]) * SECONDS[text[-1]]


# ---- the Dockerfile -------------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """One FROM of the Dockerfile: its steps in order, and what the image is left with."""

    base: str
    name: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)  # of RUN, COPY, WORKDIR and USER
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    check: Check | None = None
    user: str = "root"
    folder: str = "/"
    volumes: list[str] = field(default_factory=list)


def stages(text: str = "") -> list[Stage]:
    """The stages of the Dockerfile; the last one is the image."""
    lines = (text or (CHECKOUT / "Dockerfile").read_text()).splitlines()
    kept = [line for line in lines if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for instruction in re.sub(r"\\\n", " ", "\n".join(kept)).splitlines():
        if instruction.strip():
            word, _, rest = instruction.strip().partition(" ")
            _take(found, word, rest.strip())
    return found


def _take(found: list[Stage], word: str, rest: str) -> None:
    if word == "FROM":
        base, _, name = rest.partition(" AS ")
        found.append(Stage(base, name))
        return
    stage = found[-1]
    if word in ("RUN", "COPY", "WORKDIR", "USER"):
        stage.steps.append((word, rest))
        stage.user = rest if word == "USER" else stage.user
        stage.folder = rest if word == "WORKDIR" else stage.folder
    elif word == "ENV":
        stage.environment |= dict(each.split("=", 1) for each in shlex.split(rest))
    elif word == "CMD":
        stage.command = json.loads(rest)
    elif word == "HEALTHCHECK":
        options, _, command = rest.partition(" CMD ")
        timeout = re.search(r"--timeout=(\d+[sm])", options)
        assert timeout
        stage.check = Check(json.loads(command), seconds(timeout[1]))
    elif word == "VOLUME":
        stage.volumes.append(rest)
    else:
        assert word == "EXPOSE", f"not understood: {word}"


def is_left_out(path: str) -> bool:
    """Whether .dockerignore keeps a path (relative, with slashes) out of `COPY . .`."""
    for pattern in (CHECKOUT / ".dockerignore").read_text().split():
        anywhere = pattern.startswith("**/")
        parts = path.split("/")
        if any(
            fnmatch.fnmatchcase(part, pattern.removeprefix("**/"))
            for part in (parts if anywhere else parts[:1])
        ):
            return True
    return False
