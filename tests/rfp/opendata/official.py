"""The official schema of OCDS 1.1.5 with the extensions that we declare: what a package breaks of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

HERE = Path(__file__).parent / "ocds_1_1_5"
# A part of the address that we declare → the file with what that extension adds.
EXTENSIONS = {
    "ocds_lots_extension": "extension-lots.json",
    "ocds_enquiry_extension": "extension-enquiries.json",
    "ocds_bid_extension": "extension-bids.json",
    "ocds_requirements_extension": "extension-requirements.json",
}
formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_moment(text: Any) -> bool:
    return not isinstance(text, str) or ("T" in text and datetime.fromisoformat(text).tzinfo is not None)


@formats.checks("uri", raises=ValueError)
def is_address(text: Any) -> bool:
    return not isinstance(text, str) or bool(urlsplit(text).scheme and urlsplit(text).netloc)


def loaded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name).read_text())
    return found


def patched(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A JSON merge patch, as extensions of OCDS are applied."""
    for name, value in patch.items():
        is_deep = isinstance(value, dict) and isinstance(target.get(name), dict)
        target[name] = patched(target[name], value) if is_deep else value
    return target


def release_schema(extensions: list[str]) -> dict[str, Any]:
    schema = loaded("release-schema.json")
    for part, name in EXTENSIONS.items():
        if any(part in each for each in extensions):
            patched(schema, loaded(name))
    return schema


def broken(package: dict[str, Any]) -> list[str]:
    """Every rule of the schemas that the package breaks, and every field that no schema knows or that is deprecated."""
    schema = release_schema(package.get("extensions", []))
    registry: Registry[Any] = Registry().with_resource(
        schema["id"], Resource.from_contents(schema, default_specification=DRAFT4)
    )
    validator = Draft4Validator(
        loaded("release-package-schema.json"), format_checker=formats, registry=registry
    )
    found = [f"{list(each.absolute_path)}: {each.message}"[:300] for each in validator.iter_errors(package)]
    for at, release in enumerate(package["releases"]):
        found += [f"releases/{at}{path}" for path in unknown(release, schema, schema["definitions"])]
    return found


def unknown(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    """Paths of fields that the schema does not name."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, dict) and "properties" in schema:
        for name, inner in value.items():
            if name not in schema["properties"]:
                yield f"/{name}: not in the schema"
            elif "deprecated" in schema["properties"][name]:
                yield f"/{name}: deprecated"
            else:
                yield from (
                    f"/{name}{path}" for path in unknown(inner, schema["properties"][name], definitions)
                )
    elif isinstance(value, list) and "items" in schema:
        for at, inner in enumerate(value):
            yield from (f"/{at}{path}" for path in unknown(inner, schema["items"], definitions))
