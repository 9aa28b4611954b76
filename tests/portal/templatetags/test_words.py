"""Moments carry their zone; time that is left ends in a word."""

from datetime import UTC, datetime

from tests.portal import gallery


def test_moments_carry_their_zone():
    at = datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert "Tue June 30, 2026, 11:59:59 pm ET</time>" in gallery.render("{% deadline at %}", at=at)
    assert "July 1, 2026, 12:00 am ET</time>" in gallery.render("{% when at %}", at=at)
    assert "2026-07-01T03:59:59" in gallery.render("{% your_time at %}", at=at)
    assert gallery.render("{% deadline at %}{% when at %}{% time_left at %}", at=None) == ""


def test_time_left_ends_in_a_word():
    at = datetime(2026, 6, 30, 21, tzinfo=UTC)
    before = datetime(2026, 6, 18, 18, 14, tzinfo=UTC)
    assert "12 days 2 h 46 min" in gallery.render("{% time_left at now %}", at=at, now=before)
    assert "Closed" in gallery.render("{% time_left at now %}", at=at, now=at)


def test_prose_is_one_line_and_stays_escaped():
    text = gallery.render(
        "{% prose as about %}\n  Two\n  {{ word }}\n{% endprose %}[{{ about }}]", word="<b>"
    )
    assert text == "[Two &lt;b&gt;]"
