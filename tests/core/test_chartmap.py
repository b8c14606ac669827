"""The district drawn from its centres: every place in its own cell, darker is more."""

from eldercare.core import chartmap, charts
from eldercare.core.chartmap import Cell

PLACES = [
    Cell((120.2, 36.3), "A", 1, "1"), Cell((120.5, 36.3), "B", 9, "9"), Cell((120.2, 36.6), "C", None, "—"),
    Cell((120.5, 36.6), "D", 5, "5"),
]  # fmt: skip


def test_every_township_has_its_cell_and_its_words() -> None:
    spec = chartmap.district(PLACES)
    areas, names, texts = (layer["data"]["values"] for layer in spec["layer"])
    assert {row["c"] for row in areas} == {0, 1, 2, 3}
    assert [row["name"] for row in names] == ["A", "B", "C", "D"]
    assert [row["text"] for row in texts] == ["1", "9", "—", "5"]
    fill = {row["c"]: row["fill"] for row in areas}
    assert fill[2] == chartmap.NONE
    assert charts.RAMP.index(fill[0]) < charts.RAMP.index(fill[3]) < charts.RAMP.index(fill[1])


def test_a_name_stands_inside_its_own_cell() -> None:
    spec = chartmap.district(PLACES)
    areas, names, _ = (layer["data"]["values"] for layer in spec["layer"])
    for cell, name in enumerate(names):
        ring = [row for row in areas if row["c"] == cell]
        assert min(row["x"] for row in ring) < name["x"] < max(row["x"] for row in ring)
        assert min(row["y"] for row in ring) < name["y"] < max(row["y"] for row in ring)


def test_townships_with_one_figure_alike_are_drawn() -> None:
    same = [Cell(each.at, each.name, 3, "3") for each in PLACES]
    assert "3" in charts.svg(chartmap.district(same))
