from datetime import date

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from reading import at, footer_of, texts_of

from sim.plots import RunName, letters
from sim.plots.dates import date_axis, day_and_month
from sim.plots.style import (
    Unit,
    amount,
    finished,
    mass_unit,
    new_figure,
    of_place,
    percent,
    plain_figure,
    spans_orders,
    years_axis,
    years_text,
    yuan_unit,
)

CHINESE = "沧田 $A_1$ and $B$"


@pytest.mark.parametrize(
    ("largest", "unit"),
    [
        (0.0, Unit("yuan", 1.0)),
        (1_999.0, Unit("yuan", 1.0)),
        (2_000.0, Unit("thousand yuan", 1e3)),
        (2e6, Unit("million yuan", 1e6)),
        (5e10, Unit("billion yuan", 1e9)),
    ],
)
def test_the_unit_of_money_suits_its_size(largest: float, unit: Unit) -> None:
    assert yuan_unit(largest) == unit


def test_the_unit_of_mass_suits_its_size() -> None:
    assert (mass_unit(19_999.0), mass_unit(20_000.0)) == (Unit("kg", 1.0), Unit("t", 1000.0))


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (0.01, "0.01"), (2.5, "2.5"), (1000.0, "1,000")]
)
def test_amounts_are_written_plainly(value: float, text: str) -> None:
    assert amount(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.0042, "0.42 %"), (0.083, "8.3 %"), (0.12345, "12 %"), (1.0, "100 %")],
)
def test_percentages_have_two_digits_that_count(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_logarithmic_axis_is_for_values_that_differ_by_orders() -> None:
    assert spans_orders([0.0, 1.0, 101.0])
    assert not spans_orders([0.0, 1.0, 100.0])
    assert not spans_orders([0.0, 0.0])


def test_a_place_is_a_name_or_a_number_of_villages() -> None:
    table = pl.DataFrame({"village_number": [0, 1, 1], "village": ["Reed", "Reed", "Reed"]})

    assert of_place(table) == " of 2 villages"
    assert of_place(table[1:], "in") == " in Reed"
    assert of_place(table[:0]) == ""


def test_a_period_of_one_year_is_that_year() -> None:
    assert (years_text(2018, 2018), years_text(2018, 2020)) == ("2018", "2018–2020")


@pytest.mark.parametrize(("first", "last"), [(2018, 2018), (2009, 2019), (1990, 2050)])
def test_an_axis_of_years_has_few_ticks_and_all_of_them_whole(first: int, last: int) -> None:
    axes = Figure().add_subplot()
    years_axis(axes, first, last)
    ticks = axes.get_xticks()

    assert ticks[0] == first
    assert len(ticks) <= 6
    assert all(tick == round(tick) for tick in ticks)
    assert axes.get_xlim()[0] < first - 0.5
    assert axes.get_xlim()[1] > last + 0.5


@pytest.mark.parametrize("days", [1, 5, 20, 50, 112, 113, 400, 800, 20_000])
def test_an_axis_of_dates_has_few_ticks(days: int) -> None:
    axes = Figure().add_subplot()
    first = date(2012, 1, 1)
    last = date.fromordinal(first.toordinal() + days - 1)
    date_axis(axes, first, last, margin_days=0.5)
    low, high = axes.get_xlim()

    assert (low, high) == (at(first)[0] - 0.5, at(last)[0] + 0.5)
    assert 1 <= len([tick for tick in axes.get_xticks() if low <= tick <= high]) <= 14


def test_days_are_written_as_a_reader_expects() -> None:
    assert day_and_month(at(date(2018, 6, 9))[0]) == "9 June"


def test_dollar_signs_are_not_read_as_mathematics() -> None:
    name = RunName("run", 7)
    figure = plain_figure("$A_1$ and $B$", "$C$", name)

    assert {"$A_1$ and $B$", "$C$"} <= set(texts_of(figure))
    assert not any(text.get_parse_math() for text in figure.findobj(Text))
    figure.draw_without_rendering()


def test_a_figure_says_that_a_font_for_chinese_names_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "_CHINESE_FONTS", ("No Such Font",))
    name = RunName("run", 7)

    assert "No font for Chinese names" in footer_of(plain_figure(CHINESE, "", name))
    assert footer_of(plain_figure("Cangtian", "", name)) == "Scenario run, seed 7."


def test_chinese_names_have_the_font_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_CHINESE_FONTS", ("No Such Font", "DejaVu Serif"))
    figure = plain_figure(CHINESE, "Cangtian", RunName("run", 7))
    fonts = {text.get_text(): text.get_fontfamily() for text in figure.findobj(Text)}

    assert fonts[CHINESE] == ["DejaVu Sans", "DejaVu Serif"]
    assert fonts["Cangtian"] == ["DejaVu Sans"]
    assert "No font" not in footer_of(figure)


def test_long_titles_are_broken_into_lines() -> None:
    figure = new_figure(3.0, "word " * 40, RunName("run", 7))

    assert "\n" in figure.get_suptitle()
    assert figure.get_suptitle().split() == ["word"] * 40


def test_a_finished_figure_does_not_depend_on_the_users_fonts() -> None:
    figure = new_figure(3.0, "Title", RunName("run", 7))
    axes = figure.add_subplot()
    axes.plot(np.arange(3), np.arange(3))
    finished(figure)
    figure.draw_without_rendering()

    assert {tuple(label.get_fontfamily()) for label in axes.get_xticklabels()} == {("DejaVu Sans",)}
