import xml.etree.ElementTree as ET

import numpy as np
import pytest

from sim.app.svg import MOST_POINTS, Box, Drawing, Panel, nice_ticks, short_number, thinned


def test_lines_are_thinned_to_a_bounded_number_of_points():
    panel = Panel(Box(0, 0, 100, 100), (0, 10_000), (0, 1))
    path = panel.path(np.arange(10_001.0), np.linspace(0, 1, 10_001))
    assert path.count("L") < MOST_POINTS
    assert path.startswith("M0.0 100.0L")
    assert path.endswith("L100.0 0.0")


def test_thinning_keeps_both_ends_and_short_lines():
    assert thinned(5).tolist() == [0, 1, 2, 3, 4]
    assert thinned(1000, 10).tolist()[:: len(thinned(1000, 10)) - 1] == [0, 999]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 400, [0, 100, 200, 300, 400]), (0, 1, [0, 0.5, 1.0]), (0, 7, [0, 2, 4, 6]), (3, 3, [3])],
)
def test_ticks_are_round(low, high, ticks):
    assert nice_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (950, "950"), (1500, "1,500"), (25_000, "25k"), (2.5e6, "2.5M"), (3e9, "3G")],
)
def test_numbers_on_axes_are_short(value, text):
    assert short_number(value) == text


def test_texts_cannot_break_out_of_a_drawing():
    drawing = Drawing('<b>&"', "a < b", 40)
    drawing.text(0, 0, "</text><script>")
    drawing.rect(Box(0, 0, 1, 1), "#000000", hint="<x>")
    root = ET.fromstring(drawing.svg())
    assert [element.text for element in root.iter() if element.text] == [
        '<b>&"', "a < b", "</text><script>", "<x>"
    ]  # fmt: skip
