"""What the parts of a page write: words beside shapes, links that keep the address, no inline style."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory

from portal import charts
from portal.compliance import Outcome
from portal.models import User
from portal.templatetags import portal as tags
from tests.portal import kit


def render(source, query="", **context):
    request = RequestFactory().get(f"/proposals/{query}")
    return engines["django"].from_string("{% load portal %}" + source).render(context, request)


@pytest.fixture(scope="module")
def kit_page():
    return kit.page(query="?sort=-score&page=2&lot=3")


def test_a_page_has_no_inline_style_script_or_handler(kit_page):
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", kit_page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", kit_page))


def test_every_state_has_a_shape_and_a_word():
    for name, state in tags.STATES.items():
        text = render("{% status name %}", name=name)
        assert 'aria-hidden="true"' in text
        assert state.word in text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_a_state(outcome):
    assert tags.STATES[outcome].shape in tags._SHAPES


def test_an_unknown_state_is_a_bug():
    with pytest.raises(TemplateSyntaxError, match="pending"):
        render('{% status "pending" %}')


def test_words_are_escaped():
    assert "&lt;b&gt;" in render("{% status 'met' word %}", word="<b>")
    assert "<b>Plant" not in kit.page()


def test_shapes_on_paper_carry_their_own_color():
    assert "currentColor" not in render('{% shape "not" paper=True %}')


@pytest.mark.parametrize(("done", "total", "shape"), [(0, 4, "todo"), (4, 4, "met"), (0, 0, "todo")])
def test_pie_ends(done, total, shape):
    assert tags.pie(done, total) == tags.shape(shape)


def test_query_with_keeps_the_other_parameters():
    text = render("{% query_with page=3 q='' %}", query="?lot=3&page=2&q=fan")
    assert text == "?lot=3&amp;page=3"


@pytest.mark.parametrize(
    ("query", "href", "sort"),
    [
        ("", "?sort=-score", None),
        ("?sort=-score&page=4", "?sort=score", "descending"),
        ("?sort=score&lot=3", "?sort=-score&amp;lot=3", "ascending"),
    ],
)
def test_sort_th_turns_round_and_goes_back_to_the_first_page(query, href, sort):
    text = render('{% sort_th "score" "Score" first="descending" %}', query=query)
    assert f'href="{href}"' in text
    assert ("aria-sort" in text) == bool(sort)
    assert not sort or f'aria-sort="{sort}"' in text


def test_the_pager_says_where_one_is(kit_page):
    assert "Page 2 of 5" in kit_page
    assert "101 to 200 of 412" in kit_page
    assert 'href="?sort=-score&amp;page=3&amp;lot=3"' in kit_page


def test_findings_come_in_order_with_what_is_met_folded():
    text = render("{% findings items %}", items=[kit.finding(o) for o in reversed(Outcome)])
    folded = text.index("<details")
    assert text.index('aria-label="Not met"') < text.index('aria-label="A person decides"') < folded
    assert text.count("<details") == 2


def test_what_a_person_accepted_is_folded_apart_and_counted_apart():
    accepted = SimpleNamespace(**vars(kit.finding(Outcome.REFER)), is_known=True)
    text = render(
        "{% findings items %}", items=[accepted, kit.finding(Outcome.REFER), kit.finding(Outcome.MET)]
    )
    assert text.index('aria-label="A person decides"') < text.index("1 rule: known and accepted")
    assert text.index("1 rule: known and accepted") < text.index("1 rule: met")
    assert text.count("<details") == 2
    assert "nown and accepted" not in render("{% findings items %}", items=[kit.finding(Outcome.REFER)])


def test_a_sealed_finding_says_so_and_nothing_else():
    text = render("{% finding item %}", item=kit.finding(Outcome.NOT_MET, message="", fix=""))
    assert "Sealed until its envelope opens" in text
    assert "Fix:" not in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.NOT_MET, "Fix: Re-source"),
        (Outcome.REFER, "What helps: Re-source"),
        (Outcome.MET, "Re-source"),
    ],
)
def test_a_finding_says_what_to_do(outcome, words):
    assert f'<p class="fix">{words}' in render("{% finding item %}", item=kit.finding(outcome))


def test_moments_carry_their_zone():
    at = datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert "Tue June 30, 2026, 11:59:59 pm ET</time>" in render("{% deadline at %}", at=at)
    assert "July 1, 2026, 12:00 am ET</time>" in render("{% when at %}", at=at)
    assert "2026-07-01T03:59:59" in render("{% your_time at %}", at=at)
    assert render("{% deadline at %}{% when at %}{% time_left at %}", at=None) == ""


def test_time_left_ends_in_a_word():
    at = datetime(2026, 6, 30, 21, tzinfo=UTC)
    before = datetime(2026, 6, 18, 18, 14, tzinfo=UTC)
    assert "12 days 2 h 46 min" in render("{% time_left at now %}", at=at, now=before)
    assert "Closed" in render("{% time_left at now %}", at=at, now=at)


def test_a_chart_has_a_name_and_needs_no_page_for_paper():
    drawing = charts.meter(value=61, high=70, line=65, title="Domestic content")
    screen = render("{% chart drawing %}", drawing=drawing)
    assert 'role="img"' in screen
    assert "<title>Domestic content</title><desc>" in screen
    paper = render("{% chart drawing paper=True %}", drawing=drawing)
    assert 'class="fill"' not in paper
    assert "#3a50b5" in paper
    assert 'id="ph"' in paper


def test_no_tab_points_nowhere():
    for role in ("", "supplier", "reviewer", "admin", "auditor"):
        user = User(email="a@example.com", name="A", role=role) if role else None
        text = kit.page(user)
        assert 'aria-label="Main"' in text
        assert 'href=""' not in text


def test_icons_are_read_by_name_only():
    with pytest.raises(TemplateSyntaxError):
        tags.icon("../../settings")


def test_the_error_summary_links_to_the_fields_and_repeats_their_words(kit_page):
    summary = kit_page[kit_page.index('class="error-summary') :]
    summary = summary[: summary.index("</ul>")]
    assert "Five answers to fix" in summary
    assert "<li>The address does not hold together</li>" in summary
    assert '<a href="#id_zip_code">ZIP 43215 belongs to Ohio, not Texas</a>' in summary
    assert '<a href="#div_id_owned">Answer “Who owns it?”</a>' in summary
    assert 'id="div_id_owned"' in kit_page


def test_a_wrong_field_is_tied_to_its_error_and_help(kit_page):
    field = re.search(r'<input[^>]*name="zip_code"[^>]*>', kit_page)[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_zip_code_error"' in field
    assert 'autocomplete="postal-code"' in field
    assert 'id="id_zip_code_error"' in kit_page
    ids = re.findall(r'\sid="([^"]+)"', kit_page)
    described = re.findall(r'aria-describedby="([^"]+)"', kit_page)
    assert {target for text in described for target in text.split()} <= set(ids)
    assert len(ids) == len(set(ids)), "each id stands once"


@pytest.mark.parametrize(
    ("typed", "cost"),
    [("12,000", 12000), ("1,234,567.50", 1234567.5), (" 7 ", 7), ("1,5", None), ("1,00", None)],
)
def test_only_commas_at_every_third_place_are_taken_out(typed, cost):
    form = kit.LineForm({"part": "Fan", "cost": typed})
    assert form.is_valid() == (cost is not None)
    assert form.cleaned_data.get("cost") == cost
    assert cost is not None or form.errors["cost"] == ["Cost: use digits only, for example 12.5"]


def test_a_form_keeps_its_own_messages():
    class Own(kit.PortalForm):
        name = kit.forms.CharField(error_messages={"required": "Tell us the name"})

    assert Own({}).errors["name"] == ["Tell us the name"]
