"""A chart has a name, on screen and on paper."""

from portal.kit.charts import bars
from tests.portal import gallery


def test_a_chart_has_a_name_and_needs_no_page_for_paper():
    drawing = bars.meter(value=61, high=70, line=65, title="Domestic content")
    screen = gallery.render("{% chart drawing %}", drawing=drawing)
    assert 'role="img"' in screen
    assert "<title>Domestic content</title><desc>" in screen
    paper = gallery.render("{% chart drawing paper=True %}", drawing=drawing)
    assert 'class="fill"' not in paper
    assert "#3a50b5" in paper
    assert 'id="ph"' in paper
