"""Charts, on screen and on paper."""

from __future__ import annotations

from typing import Any

from django import template

from portal.kit.charts import shapes as charts_shapes

register = template.Library()


@register.inclusion_tag("charts/svg.html")
def chart(drawing: charts_shapes.Chart, paper: bool = False) -> dict[str, Any]:
    """A chart's SVG. `paper=True` writes colors as attributes and carries its own hatch, for the PDF."""
    shapes = [
        {
            "name": item.shape,
            "attributes": {
                **item.attributes,
                **(charts_shapes.PAINT[item.role] if paper else {"class": item.role}),
            },
            "text": getattr(item, "text", ""),
        }
        for item in drawing.shapes
    ]
    return {"chart": drawing, "shapes": shapes, "paper": paper}


@register.inclusion_tag("charts/figure.html")
def figure(
    drawing: charts_shapes.Chart, says: str, about: str = "", key: Any = None, table: bool = True
) -> dict[str, Any]:
    """A chart with its finding as the caption, its key and its data as a table.

    `key` is a sequence of (class, words): k-fill, k-fill-2, k-fill-3, k-scribe, k-hatch, k-0 … k-3.
    """
    return {
        "chart": drawing,
        "says": says,
        "about": about,
        "key": key,
        "table": drawing.table if table else None,
    }


@register.inclusion_tag("charts/key.html")
def chart_key(key: Any) -> dict[str, Any]:
    """The key of a chart; see `figure`."""
    return {"key": key}
