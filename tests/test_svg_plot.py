"""The plots of bench/ are XML, with a mark for each value where the axis says it is."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import svg_plot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("log", [False, True])
def test_a_bar_is_as_high_as_its_value(log: bool, tmp_path: Path) -> None:
    svg_plot.bars(tmp_path / "p.svg", "<A> & B", "ms", ["1"], {"a": [1.0], "b": [10.0], "c": [100.0]}, log=log)
    plot = ElementTree.parse(tmp_path / "p.svg").getroot()
    heights = [float(bar.attrib["height"]) for bar in plot.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]
    whole = svg_plot.HEIGHT - svg_plot.TOP - svg_plot.BOTTOM
    assert heights == pytest.approx([0, whole / 2, whole] if log else [whole / 100, whole / 10, whole], abs=0.1)


def test_a_line_has_a_point_for_each_number(tmp_path: Path) -> None:
    svg_plot.lines(tmp_path / "p.svg", "A", "ms", [10, 100, 1_000], {"a": [0, 1, 2], "b": [2, 1, 0]})
    plot = ElementTree.parse(tmp_path / "p.svg").getroot()
    points = [
        tuple(map(float, point.split(",")))
        for line in plot.iter(f"{SVG}polyline")
        for point in line.attrib["points"].split()
    ]
    assert len(points) == 6
    assert points[0][1] == points[5][1] == svg_plot.HEIGHT - svg_plot.BOTTOM
    assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0])


def test_numbers_above_a_bar_are_short() -> None:
    assert [svg_plot._short(value) for value in (0.01234, 1.2, 999.4, 999.6, 1487.3)] == ["0.0123", "1.2", "999", "1000", "1487"]  # fmt: skip
