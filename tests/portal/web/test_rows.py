"""Rows of long lists: Jinja2 templates that know our tags and filters, escape what people wrote, and guess nothing."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template, engines
from django.utils.safestring import mark_safe
from jinja2 import UndefinedError

from portal.templatetags.rows import environment
from portal.templatetags.states import status

AUDIT = "portal/record/audit_rows.jinja"


def row(**values: object) -> SimpleNamespace:
    event = SimpleNamespace(seq=12884, at=None, actor="system", subject="proposal:7")
    given = {"event": event, "is_sealed": False, "words": "", "facts": "", "actor": None, "number": ""}
    return SimpleNamespace(**given | values)


def rendered(name: str, **context: object) -> str:
    return Template(f'{{% rows "{name}" %}}').render(Context(context))


def test_rows_escape_what_people_wrote() -> None:
    text = rendered(AUDIT, rows=[row(words="<script>alert(1)</script>", facts='a "b"')])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "<script>" not in text
    assert "a &#34;b&#34;" in text


def test_rows_know_filters_and_tags() -> None:
    text = rendered(AUDIT, rows=[row(is_sealed=True)])
    assert ">12,884<" in text and "Sealed until the technical opening" in text and '<svg class="shape' in text


def test_a_name_that_the_page_does_not_give_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="rows"):
        rendered(AUDIT)
    with pytest.raises(UndefinedError, match="is_sealed"):
        rendered(AUDIT, rows=[SimpleNamespace(event=row().event)])


def test_a_template_of_djangos_gets_the_page_as_it_is() -> None:
    assert "Nothing yet" in rendered("components/lists/empty.html", title="Nothing yet")


def test_a_cached_status_stays_escaped() -> None:
    """A word that is safe and the same word that is not are two, whichever came first."""
    assert "<b>x</b>" in status("met", mark_safe("<b>x</b>"))
    assert "&lt;b&gt;x&lt;/b&gt;" in status("met", "<b>x</b>")
    assert "<b>y</b>" not in status("met", "<b>y</b>")
    assert "<b>y</b>" in status("met", mark_safe("<b>y</b>"))


def test_every_row_template_compiles() -> None:
    made = environment(autoescape=True, loader=engines["jinja2"].env.loader)
    names = [name for name in made.list_templates() if name.endswith(".jinja")]
    assert len(names) >= 7
    for name in names:
        made.get_template(name)
