"""Nobody's words are lost in a draft: only what a page changed is written, and what moved under it is shown."""

from __future__ import annotations

import json
import random
import re
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from rfp.drafting.forms import merging
from rfp.drafting.forms.draft import SECTIONS, open_section, save_section
from rfp.models import JobsLine, ProcessStep, Revision
from tests import factories as make

pytestmark = pytest.mark.django_db


class Page:
    """A section as somebody opened it: what stands in each field, and what the page was opened with."""

    def __init__(self, proposal: Any, key: str) -> None:
        self.proposal, self.key = proposal, key
        section = open_section(key, self.draft)
        self.base = merging.base_of(section)
        self.data = QueryDict(mutable=True)
        self.names: dict[str, str] = {}
        for unit in merging.units_of(section):
            self.names[unit.id] = unit.name
            values = merging.as_sent(unit.bound)
            if isinstance(unit.bound.field.widget, merging.TableInput):
                merging.put(self.data, unit, values)
            elif values:
                self.data.setlist(unit.name, values)
        for part in merging._parts(section):
            if isinstance(part, merging.BaseFormSet):
                for bound in part.management_form:
                    self.data[bound.html_name] = str(bound.value())
                for form in part.forms:
                    self.data[form["key"].html_name] = str(form["key"].value())

    @property
    def draft(self) -> Revision:
        return Revision.objects.get(proposal=self.proposal, received_at=None)

    def type(self, id_: str, value: str) -> None:
        self.data[self.names[id_]] = value

    def save(self, **extra: str) -> Any:
        data = self.data.copy()
        data["base"] = self.base
        for name, value in extra.items():
            data[name] = value
        owner = make.owner_of(self.proposal.supplier)
        saved = save_section(self.key, self.proposal, data, by=owner, at=make.NOW)
        self.base = saved.base
        return saved


def stored(proposal: Any, key: str) -> dict[str, list[str]]:
    draft = Revision.objects.get(proposal=proposal, received_at=None)
    return {unit.id: merging.as_sent(unit.bound) for unit in merging.units_of(open_section(key, draft))}


@pytest.fixture
def proposal() -> Any:
    return make.make_draft()


def test_two_pages_keep_each_others_fields(proposal):
    one, two = Page(proposal, "product"), Page(proposal, "product")
    one.type("title", "Rack 22")
    two.type("summary", "A better rack.")
    assert one.save().problems == [] and two.save().problems == []
    draft = one.draft
    assert (draft.title, draft.summary) == ("Rack 22", "A better rack.")


def test_a_field_that_moved_is_shown_with_both_texts_and_not_written(proposal):
    one, two = Page(proposal, "product"), Page(proposal, "product")
    one.type("summary", "Mine.")
    two.type("summary", "Theirs.")
    two.save()
    saved = one.save()
    (conflict,) = saved.conflicts
    assert (conflict.mine, conflict.theirs, conflict.target) == ("Mine.", "Theirs.", "summary")
    assert one.draft.summary == "Theirs."
    # It stays a conflict until one is chosen, whatever else the page saves.
    one.type("title", "Another title")
    assert [each.id for each in one.save().conflicts] == ["summary"]
    assert (one.draft.title, one.draft.summary) == ("Another title", "Theirs.")
    assert one.save(keep_mine="summary").conflicts == ()
    assert one.draft.summary == "Mine."


def test_a_page_that_saves_again_and_again_does_not_meet_itself(proposal):
    page = Page(proposal, "product")
    for text in ("One", "One two", "One two three"):
        page.type("summary", text)
        assert page.save().problems == []
    assert page.draft.summary == "One two three"


def test_what_the_server_refused_still_counts_as_changed(proposal):
    page, other = Page(proposal, "price"), Page(proposal, "price")
    name = next(id_ for id_ in page.names if id_.startswith("price-"))
    page.type(name, "many")
    assert len(page.save().problems) == 1
    other.type(name, "99")
    other.save()
    page.type(name, "101")
    assert [each.id for each in page.save().conflicts] == [name]
    assert stored(proposal, "price")[name] == ["99"]


def test_rows_are_merged_by_their_key(proposal):
    ProcessStep.objects.filter(revision__proposal=proposal).delete()
    draft = Page(proposal, "product").draft
    for at, step in enumerate(("Cutting", "Welding", "Painting")):
        ProcessStep.objects.create(revision=draft, position=at, name=step, conversion_cost=1)
    one, two = Page(proposal, "product"), Page(proposal, "product")
    one.type("step|0|name", "Laser cutting")
    two.type("step|2|site", "Plant 2")
    two.type("step|3|name", "Packing")
    assert one.save().problems == [] and two.save().problems == []
    steps = list(ProcessStep.objects.filter(revision=draft).order_by("position").values_list("name", "site"))
    assert steps == [("Laser cutting", ""), ("Welding", ""), ("Painting", "Plant 2"), ("Packing", "")]
    # The first page has never heard of the new row, and leaves it alone.
    one.type("step|1|name", "Robot welding")
    assert one.save().problems == []
    assert ProcessStep.objects.filter(revision=draft).count() == 4


def test_a_row_added_on_both_sides_is_not_lost(proposal):
    JobsLine.objects.filter(revision__proposal=proposal).delete()
    one, two = Page(proposal, "jobs"), Page(proposal, "jobs")
    one.type("jobs|NEW0|state", "OH")
    one.type("jobs|NEW0|new", "5")
    two.type("jobs|NEW0|state", "TX")
    two.type("jobs|NEW0|new", "7")
    one.save()
    two.save()
    assert dict(JobsLine.objects.values_list("state", "new")) == {"OH": 5, "TX": 7}


def test_answers_in_a_table_are_one_value(proposal):
    lot = proposal.lot
    lot.requirements.filter(code="R3").update(
        data_type="table", columns=["Year", "Hours"], choices=[], expected=None
    )
    proposal.revisions.get().responses.filter(requirement__code="R3").delete()
    name = f"requirement-{lot.requirements.get(code='R3').pk}"
    one, two = Page(proposal, "answers"), Page(proposal, "answers")
    for page, hours in ((one, "10"), (two, "20")):
        page.data[f"{name}-0-0"], page.data[f"{name}-0-1"] = "2025", hours
    one.save()
    (conflict,) = two.save().conflicts
    assert "20" in conflict.mine and "10" in conflict.theirs
    assert json.loads(stored(proposal, "answers")[name][0]) == [{"Hours": "10", "Year": "2025"}]


def test_a_stale_page_is_refused_by_the_server_whatever_the_page_says(client: Client, proposal):
    owner = make.owner_of(proposal.supplier)
    client.force_login(owner)
    path = f"/proposals/{proposal.pk}/edit/product/"
    opened = client.get(path).content.decode()
    base = unescape(re.search(r'name="base"[^>]*value="([^"]*)"', opened, re.DOTALL)[1])
    Page(proposal, "product")
    other = Page(proposal, "product")
    other.type("summary", "Saved by a teammate.")
    other.save()
    data = Page(proposal, "product").data
    data["summary"], data["base"] = "Typed before that.", base
    page = client.post(path, data).content.decode()
    assert "Saved by a teammate." in page and "Typed before that." in page
    assert "someone else changed this while you were writing" in page
    assert "One answer is not saved" in page
    assert Page(proposal, "product").draft.summary == "Saved by a teammate."


def test_an_autosave_says_what_is_not_saved_at_the_field_and_on_the_button(client: Client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    page = Page(proposal, "price")
    name = next(id_ for id_ in page.names if id_.startswith("price-"))
    page.type(name, "many")
    data = page.data.copy()
    data["base"] = page.base
    path = f"/proposals/{proposal.pk}/edit/price/"
    answer = client.post(path, data, headers={"HX-Request": "true"}).content.decode()
    assert f'data-problem="{page.names[name]}"' in answer
    assert "data-not-saved" in answer and "One answer is not saved" in answer
    assert 'id="base"' in answer and "hx-swap-oob" in answer


KEYS = ("product", "answers", "statements", "capacity", "jobs", "price", "bom")
WORDS = ("Alpha", "Beta", "Gamma", "Delta", "12", "7", "350")


@pytest.mark.parametrize("seed", range(6))
def test_four_writers_over_all_sections_lose_nothing(proposal, seed):
    """Random pages, opened and saved in any order: what was accepted stays until a page that changed it is accepted;
    what was not accepted was shown to its writer."""
    dice = random.Random(seed)
    accepted = {key: stored(proposal, key) for key in KEYS}
    pages: list[Page] = [Page(proposal, dice.choice(KEYS)) for _ in range(4)]
    for _ in range(60):
        at = dice.randrange(4)
        if dice.random() < 0.25:
            pages[at] = Page(proposal, dice.choice(KEYS))
        page = pages[at]
        typed = [id_ for id_ in page.names if _is_typed(page, id_)]
        before = dict(accepted[page.key])
        chosen = dice.sample(typed, k=min(len(typed), dice.randint(1, 3)))
        held = {id_: page.data.getlist(page.names[id_]) for id_ in chosen}
        for id_ in chosen:
            page.type(id_, dice.choice(WORDS))
        # Typing what stands there is no change.
        chosen = [id_ for id_ in chosen if page.data.getlist(page.names[id_]) != held[id_]]
        mine = {id_: page.data.getlist(page.names[id_]) for id_ in typed}
        saved = page.save()
        now = stored(proposal, page.key)
        told = {target for _words, target in saved.problems}
        for id_, value in now.items():
            if merging.print_of(value) == merging.print_of(before.get(id_, [])):
                continue
            # Whatever moved is what this page holds: nobody else's value was changed by it.
            assert id_ in mine or "|" in id_, id_
            if id_ in mine:
                assert merging.print_of(value) == merging.print_of(mine[id_]), (page.key, id_)
        for id_ in chosen:
            is_stored = id_ in now and merging.print_of(now[id_]) == merging.print_of(mine[id_])
            assert is_stored or told, (page.key, id_)
        accepted[page.key] = now


def _is_typed(page: Page, id_: str) -> bool:
    """Texts and numbers that a word can stand in; rows that are there."""
    if "|" in id_:
        return id_.endswith(("|name", "|part", "|manufacturer"))
    section = SECTIONS[page.key](page.draft)
    units = {unit.id: unit for unit in merging.units_of(section)}
    widget = units[id_].bound.field.widget
    return type(widget).__name__ in ("TextInput", "Textarea", "NumberText")
