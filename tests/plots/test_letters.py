"""Figures in Chinese, with and without a font that has its letters."""

import inspect
import pkgutil
from datetime import date
from importlib import import_module

import pytest
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from reading import texts_of

import sim.plots
from sim.plots import RunName, letters
from sim.plots.dates import date_axis, day_and_month
from sim.plots.letters import in_letters_at_hand, wrapped
from sim.plots.style import finished, mass_unit, new_figure, percent, years_text, yuan_unit
from sim.words import MissingLetters, t, using_language


@in_letters_at_hand
def year_figure() -> Figure:
    return finished(new_figure(1.0, t("Year"), RunName("reed", 7)))


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_CHINESE_FONTS", ("No Such Font",))
    letters.warn_once.cache_clear()


@pytest.fixture
def a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A font that every matplotlib has; it stands for one with Chinese letters."""
    monkeypatch.setattr(letters, "_CHINESE_FONTS", ("DejaVu Serif",))


@pytest.mark.usefixtures("a_font")
def test_a_figure_is_in_the_language_in_use() -> None:
    with using_language("zh"):
        assert texts_of(year_figure()) == ["年份", "情景\uff1areed\uff0c随机种子\uff1a7。"]
    assert "Year" in texts_of(year_figure())


@pytest.mark.usefixtures("no_font")
def test_without_a_font_a_figure_is_in_english_and_a_warning_names_one() -> None:
    with using_language("zh"), pytest.warns(MissingLetters, match="apt install fonts-noto-cjk"):
        figure = year_figure()
    assert texts_of(figure) == ["Year", "Scenario reed, seed 7."]


@pytest.mark.usefixtures("no_font")
def test_the_missing_font_is_named_once() -> None:
    with using_language("zh"):
        with pytest.warns(MissingLetters):
            year_figure()
        assert texts_of(year_figure())[0] == "Year"


@pytest.mark.usefixtures("a_font")
def test_days_of_an_axis_stay_in_the_language_in_which_it_was_made() -> None:
    figure = new_figure(2.0, "", RunName("reed", 7))
    with using_language("zh"):
        date_axis(figure.add_subplot(), date(2019, 6, 1), date(2019, 6, 9))
        finished(figure)
    (axes,) = figure.axes
    label = axes.xaxis.get_major_formatter()(date2num(date(2019, 6, 1)))
    assert label == "6月1日"
    assert axes.get_xticklabels()[0].get_fontfamily() == ["DejaVu Sans", "DejaVu Serif"]


def test_a_day_is_written_in_the_language_asked_for() -> None:
    assert day_and_month(date2num(date(2019, 6, 1)), "zh") == "6月1日"


@pytest.mark.parametrize(
    ("largest", "name"), [(1_000.0, "元"), (20_000.0, "万元"), (2e8, "亿元"), (5e12, "亿元")]
)
def test_money_is_counted_in_chinese_units(largest: float, name: str) -> None:
    with using_language("zh"):
        assert yuan_unit(largest).name == name


def test_numbers_have_their_chinese_units() -> None:
    with using_language("zh"):
        written = (mass_unit(20_000.0).name, percent(0.12), years_text(2018, 2020))
    assert written == ("吨", "12%", "2018–2020年")


def test_chinese_is_broken_into_lines_of_the_same_width() -> None:
    lines = wrapped("杨梅在六月成熟。" * 10, 40).split("\n")
    assert "".join(lines) == "杨梅在六月成熟。" * 10
    assert all(len(line) <= 40 * letters.CHARACTER_EMS for line in lines)
    assert not any(line.startswith("。") for line in lines)


def test_a_name_in_latin_letters_is_not_broken() -> None:
    lines = wrapped("情景cangtian-without-platform与情景cangtian", 20).split("\n")
    assert "cangtian-without-platform" in "|".join(lines)


def test_every_figure_knows_what_to_do_without_a_font() -> None:
    """Those that draw with words of their own; others hand on what these return."""
    bare = []
    for module in pkgutil.iter_modules(sim.plots.__path__, "sim.plots."):
        if " t(" not in inspect.getsource(import_module(module.name)):
            continue
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            is_own = function.__module__ == module.name and name.endswith("_figure")
            if is_own and "new_figure(" in inspect.getsource(function):
                bare += [] if hasattr(function, "__wrapped__") else [name]
    assert sorted(bare) == ["new_figure", "plain_figure"]
