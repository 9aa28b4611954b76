"""Words beside shapes, and shapes that paper can show."""

import pytest
from django.template import TemplateSyntaxError

from portal.kit.compliance import Outcome
from portal.templatetags import states
from tests.portal import gallery


def test_every_state_has_a_shape_and_a_word():
    for name, state in states.STATES.items():
        text = gallery.render("{% status name %}", name=name)
        assert 'aria-hidden="true"' in text
        assert state.word in text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_a_state(outcome):
    assert states.STATES[outcome].shape in states._SHAPES


def test_an_unknown_state_is_a_bug():
    with pytest.raises(TemplateSyntaxError, match="pending"):
        gallery.render('{% status "pending" %}')


def test_words_are_escaped():
    assert "&lt;b&gt;" in gallery.render("{% status 'met' word %}", word="<b>")
    assert "<b>Plant" not in gallery.page()


def test_shapes_on_paper_carry_their_own_color():
    assert "currentColor" not in gallery.render('{% shape "not" paper=True %}')


@pytest.mark.parametrize(("done", "total", "shape"), [(0, 4, "todo"), (4, 4, "met"), (0, 0, "todo")])
def test_pie_ends(done, total, shape):
    assert states.pie(done, total) == states.shape(shape)


def test_icons_are_read_by_name_only():
    with pytest.raises(TemplateSyntaxError):
        states.icon("../../settings")
