"""The addresses and forms of a draft's sections."""

from tests import factories as make

SECTIONS = (
    "product",
    "answers",
    "statements",
    "bom",
    "capacity",
    "jobs",
    "documents",
    "price",
    "attestation",
)


def address(proposal, key, tail=""):
    return f"/proposals/{proposal.pk}/edit/{key}/{tail}"


def draft(proposal):
    return make.draft_of(proposal)


def rows(prefix, *values, initial=0):
    """A table as the browser sends it."""
    data = {f"{prefix}-TOTAL_FORMS": len(values), f"{prefix}-INITIAL_FORMS": initial}
    for at, row in enumerate(values):
        data |= {f"{prefix}-{at}-{name}": value for name, value in row.items()}
    return data


def product(proposal, **changes):
    item = proposal.lot.items.get(code="L1-A")
    site = proposal.supplier.sites.get()
    step = {"key": "0", "name": "Welding", "country": "US", "conversion_cost": "141", "is_transforming": "on"}
    return {
        "title": "Rack 22",
        "summary": "A rack.",
        "items": [item.pk],
        "final_site": site.pk,
        **rows("step", step, {"key": "1", "name": "Test", "country": "US"}, {"key": "2", "country": "US"}),
        **changes,
    }
