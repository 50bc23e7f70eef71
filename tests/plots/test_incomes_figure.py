from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from reading import bars_of, line_of, outside, panels_of, points_of, texts_of

from sim.plots import RunName, incomes_figure

Make = Callable[..., pl.DataFrame]


def household(year: int, kind: str = "farmer", **more: Any) -> dict[str, Any]:
    return {
        "year": year, "kind": kind, "wages_yuan": 30_000.0, "offline_yuan": 8_000.0,
        "online_yuan": 2_000.0, "shop_profit_yuan": -1_000.0, **more,
    }  # fmt: skip


def test_bars_are_means_of_each_source_in_the_unit_of_the_label(
    households: Make, name: RunName
) -> None:
    table = households(household(2018), household(2018, wages_yuan=10_000.0), household(2019))
    (farmers,) = panels_of(incomes_figure(table, name))

    assert farmers.get_ylabel() == "Mean income\n(thousand yuan a year)"
    assert bars_of(farmers, "wages") == {2018.0: (0.0, 20.0), 2019.0: (0.0, 30.0)}
    assert bars_of(farmers, "own fruit or goods") == {2018.0: (20.0, 8.0), 2019.0: (30.0, 8.0)}
    assert bars_of(farmers, "own fruit, online") == {2018.0: (28.0, 2.0), 2019.0: (38.0, 2.0)}


def test_a_loss_hangs_below_zero(households: Make, name: RunName) -> None:
    (farmers,) = panels_of(incomes_figure(households(household(2018)), name))

    assert bars_of(farmers, "profit of shops") == {2018.0: (0.0, -1.0)}
    assert farmers.get_ylim()[0] < -1.0


def test_the_line_is_the_income_from_all_sources(households: Make, name: RunName) -> None:
    (farmers,) = panels_of(incomes_figure(households(household(2018), household(2019)), name))

    assert points_of(line_of(farmers, "income")) == (
        [2018.0, 2019.0],
        [pytest.approx(39.0), pytest.approx(39.0)],
    )


def test_each_kind_of_household_there_is_has_a_panel(households: Make, name: RunName) -> None:
    table = households(
        household(2018, "incomer", shops=1),
        household(2018, "operator"),
        household(2018, "operator", shops=2),
        household(2019, "operator", shops=2),
        household(2019, "operator"),
        household(2019, "operator"),
        household(2019, "operator"),
        household(2018, "manufacturer"),
    )
    titles = [axes.get_title("left") for axes in panels_of(incomes_figure(table, name))]

    assert titles == [
        "Makers (1, 0 % with shops)",
        "Other households (4, 25 % with shops)",
        "Incomers (1, 100 % with shops)",
    ]


def test_kinds_without_a_household_in_a_year_have_no_bar_there(
    households: Make, name: RunName
) -> None:
    table = households(household(2018), household(2019), household(2019, "incomer"))
    farmers, incomers = panels_of(incomes_figure(table, name))

    assert list(bars_of(incomers, "wages")) == [2019.0]
    assert incomers.get_xlim() == farmers.get_xlim()


def test_large_incomes_are_in_a_larger_unit(households: Make, name: RunName) -> None:
    (farmers,) = panels_of(incomes_figure(households(household(2018, wages_yuan=4e6)), name))

    assert "million yuan" in farmers.get_ylabel()
    assert bars_of(farmers, "wages") == {2018.0: (0.0, 4.0)}


def test_households_without_any_income_can_be_drawn(households: Make, name: RunName) -> None:
    nothing = dict.fromkeys(("wages_yuan", "offline_yuan", "online_yuan", "shop_profit_yuan"), 0.0)
    (farmers,) = panels_of(incomes_figure(households(household(2018, **nothing)), name))

    assert points_of(line_of(farmers, "income")) == ([2018.0], [0.0])


def test_a_run_that_kept_no_household_says_so(households: Make, name: RunName) -> None:
    figure = incomes_figure(households(), name)

    assert "No household was kept at the end of a year in this run." in texts_of(figure)
    assert panels_of(figure) == []


def test_no_text_of_incomes_sticks_out(households: Make, name: RunName) -> None:
    kinds = ("farmer", "manufacturer", "operator", "incomer")
    table = households(*(household(year, kind) for year in range(2005, 2026) for kind in kinds))

    assert outside(incomes_figure(table, name)) == []
