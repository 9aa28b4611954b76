"""Chart geometry: what is drawn where, and that paper and screen agree on color."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from portal.kit.charts import bars, maps, ramps, shapes

ROOT = Path(__file__).parents[3]


def rects(chart, role):
    return [(r.x, r.width) for r in chart.shapes if r.shape == "rect" and r.role == role]


def texts(chart):
    return [t.text for t in chart.shapes if t.shape == "text"]


def test_meter_draws_the_share_the_range_and_the_line():
    chart = bars.meter(value=Decimal(61), high=70, line=65)
    assert rects(chart, "fill") == [(0, 61)]
    assert rects(chart, "unsure") == [(61, 9)]
    assert [s.x1 for s in chart.shapes if s.role == "scribe"] == [65]
    assert "more than 65%" in texts(chart)
    assert chart.desc == "Value 61.0%; uncertain up to 70.0%; needs more than 65%."


@pytest.mark.parametrize(("value", "width"), [(-5, None), (0, None), (140, 100)])
def test_meter_stays_inside_its_frame(value, width):
    assert rects(bars.meter(value=value), "fill") == ([(0, width)] if width else [])


def test_meter_says_at_least_when_the_line_may_be_met():
    assert "at least 55%" in texts(bars.meter(value=60, line=55, strictly=False))


def test_weights_below_100_leave_a_hatched_rest():
    chart = bars.weight_bar([bars.Weight("Performance", 60), bars.Weight("Price", 37, is_price=True)])
    assert rects(chart, "unsure") == [(97, 3)]
    assert rects(chart, "fill-3") == [(60, 36.7)]
    assert chart.table.rows[-1] == ("Total", "97")


def test_weights_over_100_shrink_and_show_the_line():
    chart = bars.weight_bar([bars.Weight("Performance", 75), bars.Weight("Price", 50)])
    assert rects(chart, "unsure") == []
    assert [s.x1 for s in chart.shapes if s.role == "scribe"] == [80]


def test_slots_are_as_wide_as_the_weight_and_filled_to_the_mark():
    slots = [
        bars.Slot("Performance", 30, 50),
        bars.Slot("Resilience", 10, None),
        bars.Slot("Price", 10, 100, is_price=True),
    ]
    chart = bars.mark_slots(slots)
    assert rects(chart, "track") == [(0, 59.5), (60, 19.5), (80, 19.5)]
    assert rects(chart, "fill") == [(0, 29.75)]
    assert rects(chart, "fill-2") == []
    assert rects(chart, "fill-3") == [(80, 19.5)]
    assert chart.desc == "Performance 50.0; Resilience no mark; Price 100.0."


def test_no_slots_is_an_empty_chart():
    assert bars.mark_slots([]).shapes == ()


def test_ramp_hatches_what_is_short_and_says_so():
    chart = ramps.ramp(
        [
            ramps.Period("27 Q3", 1500, 1000),
            ramps.Period("27 Q4", 2500, 3000),
            ramps.Period("28 Q1", 4400, 4200),
        ],
        unit="shelves",
    )
    assert len(rects(chart, "fill")) == 3
    assert len(rects(chart, "unsure")) == 1
    assert chart.desc == "Short in 1 of 3 periods, most in 27 Q4, by 500 shelves."
    steps = [s for s in chart.shapes if s.role == "scribe"]
    assert len(steps) == 5, "three treads and two risers"


def test_ramp_bars_start_at_zero_and_keep_proportion():
    chart = ramps.ramp([ramps.Period("1", 100, 50), ramps.Period("2", 200, 50)])
    first, second = (s.height for s in chart.shapes if s.shape == "rect" and s.role == "fill")
    assert second == pytest.approx(2 * first)


@pytest.mark.parametrize("highest", [0, 1, 7, 49, 120, 999, 10_000, 2_600_000])
def test_ramp_scale_has_a_handful_of_rules(highest):
    chart = ramps.ramp([ramps.Period("1", highest, highest)])
    assert 1 <= len([s for s in chart.shapes if s.role == "rule"]) <= 6


def test_a_ramp_without_periods_is_still_a_chart():
    assert ramps.ramp([]).desc == "Supply meets cumulative demand in every period."


def test_strip_marks_the_cut():
    chart = bars.rank_strip([0.0, 0.5, 0.5], places=2, ranks=4)
    assert [x for x, _ in rects(chart, "fill")] == [25.8]
    assert [x for x, _ in rects(chart, "fill-3")] == [50.8]
    assert [s.x1 for s in chart.shapes if s.role == "scribe"] == [50]


def test_the_map_has_every_state_and_the_district_once():
    assert len(maps.TILES) == 51
    assert len(set(maps.TILES.values())) == 51


@pytest.mark.parametrize(("value", "level"), [(0, 0), (1, 1), (29_999, 1), (30_000, 2), (70_000, 3)])
def test_map_levels(value, level):
    chart = maps.cartogram({"OH": value}, cuts=(30_000, 70_000))
    column, row = maps.TILES["OH"]
    tile = next(s for s in chart.shapes if s.shape == "rect" and (s.x, s.y) == (column * 100 / 12, row * 31))
    assert tile.role == f"cap-{level}"


def test_a_territory_is_in_the_table_only():
    chart = maps.cartogram({"PR": 5}, cuts=(1, 2))
    assert chart.table.rows == (("PR", "5"),)
    assert not rects(chart, "cap-3")


def test_every_role_has_paint_for_paper():
    drawn = [
        bars.meter(value=61, high=70, line=65, later=ramps.Later(75, "2029: 75%")),
        bars.weight_bar([bars.Weight("A", 50), bars.Weight("B", 20), bars.Weight("C", 10, is_price=True)]),
        ramps.ramp([ramps.Period("1", 1, 2)]),
        bars.rank_strip([0.5, 0.5], places=1, labels=True),
        maps.cartogram({"OH": 1, "TX": 2, "GA": 3}, cuts=(2, 3)),
    ]
    assert {shape.role for chart in drawn for shape in chart.shapes} <= set(shapes.PAINT)


def test_paper_uses_the_light_values_of_the_tokens():
    tokens = (ROOT / "static/css/tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}),", tokens))
    paint = shapes.PAINT
    assert {
        "mark": paint["fill"]["fill"],
        "mark-2": paint["fill-2"]["fill"],
        "mark-3": paint["fill-3"]["fill"],
        "track": paint["track"]["fill"],
        "hatch": paint["unsure"]["stroke"],
        "line": paint["rule"]["stroke"],
        "line-2": paint["tick"]["stroke"],
        "scribe": paint["scribe"]["stroke"],
        "ink-2": paint["text"]["fill"],
        "ink": paint["strong"]["fill"],
    }.items() <= light.items()


def test_coordinates_are_short_and_plain():
    attributes = shapes.Rect("fill", 100 / 3, 0.0, 1e-9, 20).attributes
    assert attributes == {"x": "33.333%", "y": "0", "width": "0%", "height": "20"}
