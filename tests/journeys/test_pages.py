"""The pages that no other journey passes: each read by somebody who may, in light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Browse, check
from tests.whole import world
from tests.whole.test_matrix import certification
from tests.whole.world import World


@pytest.fixture
def people_and_rows(transactional_db: None) -> World:
    return world.build(with_reports=False)


def of_nobody(w: World) -> list[str]:
    return ["/rules/", "/accessibility/", "/about/", "/accounts/password/reset/"]


def of_supplier(w: World) -> list[str]:
    company, proposal = f"/company/{w.supplier.pk}", f"/proposals/{w.proposal.pk}"
    site = w.supplier.sites.get().pk
    return [
        f"{company}/edit/",
        f"{company}/owners/add/",
        f"{company}/certificates/add/",
        f"{company}/standing/{w.standing.pk}/",
        f"{company}/statements/",
        f"{company}/team/",
        f"{company}/sites/{site}/delete/",
        f"{proposal}/",
        f"{proposal}/revisions/1/",
        f"/proposals/{w.draft.pk}/edit/documents/",
        f"/rfps/{w.number}/",
        f"/rfps/{w.number}/intent/",
        f"/rfps/{w.number}/agreement/",
        f"/rfps/{w.number}/documents/{certification().document_id}/export-control/",
        f"/rfps/{w.number}/events/{w.solicitation.milestones.get().pk}/",
        "/access-code/",
    ]


def of_admin(w: World) -> list[str]:
    setup = f"/setup/{w.draft_rfp.pk}"
    return [
        "/suppliers/",
        f"/suppliers/{w.supplier.pk}/",
        f"/suppliers/standings/{w.standing.pk}/",
        "/suppliers/waivers/",
        "/suppliers/settings/",
        f"/suppliers/settings/{w.settings.pk}/",
        "/suppliers/categories/",
        "/screening/alerts/",
        f"/screening/alerts/{w.alert.pk}/",
        "/screening/lists/",
        f"/screening/lists/{w.snapshot.pk}/",
        "/setup/accounts/",
        "/setup/accounts/new/",
        f"{setup}/dates/new/",
        f"{setup}/documents/",
        f"{setup}/access/",
        f"/setup/{w.solicitation.pk}/dates/{w.solicitation.milestones.get().pk}/sign-ups/",
        f"{setup}/rules/",
        f"{setup}/rules/CE-1/",
        f"{setup}/panel/",
        f"/setup/{w.solicitation.pk}/panel/",
        f"/evaluate/{w.number}/",
    ]


def of_auditor(w: World) -> list[str]:
    return ["/audit/", f"/evaluate/{w.number}/", f"/evaluate/{w.number}/ranking/"]


def of_officer(w: World) -> list[str]:
    return [
        "/suppliers/waivers/new/",
        "/suppliers/settings/new/",
        "/suppliers/categories/regions/new/",
        "/screening/lists/load/",
        f"/suppliers/findings/{w.standing.latest.findings.filter(outcome='not_met').first().pk}/",
        "/screening/alerts/",
        f"/screening/alerts/{w.alert.pk}/",
        "/suppliers/",
        f"/suppliers/{w.supplier.pk}/",
        "/suppliers/waivers/",
        "/suppliers/settings/",
        "/export-control/",
        f"/export-control/{certification().pk}/",
        "/countersign/",
        f"/countersign/{w.countersignature.pk}/",
        f"/evaluate/{w.number}/",
    ]


def of_chair(w: World) -> list[str]:
    proposal = f"/evaluate/proposals/{w.proposal.pk}"
    return [
        f"/evaluate/{w.number}/decisions/",
        f"{proposal}/?part=findings",
        f"{proposal}/?part=bom",
        f"{proposal}/?part=documents",
    ]


READERS: dict[str, tuple[str, Callable[[World], list[str]]]] = {
    "nobody": (world.NOBODY, of_nobody),
    "supplier": ("owner", of_supplier),
    "admin": ("admin", of_admin),
    "officer": ("officer", of_officer),
    "auditor": ("auditor", of_auditor),
    "chair": ("chair", of_chair),
}


@pytest.mark.slow
def test_every_other_page_is_readable(browse: Browse, people_and_rows: World) -> None:
    for who, addresses in READERS.values():
        page = browse(people_and_rows.people.get(who))
        for address in addresses(people_and_rows):
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            assert page.url.endswith(address), f"{address} sent on to {page.url}"
            check(page)


def test_colors_chosen_stay_on_the_next_page(browse: Browse) -> None:
    page = browse()
    page.goto("/rules/")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/accessibility/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    check(page)
