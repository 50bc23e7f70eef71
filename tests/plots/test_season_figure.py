from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from reading import (
    at,
    bars_of,
    footer_of,
    legend_of,
    line_of,
    outside,
    panels_of,
    points_of,
    texts_of,
)

from sim.plots import RunName, season_figure

Make = Callable[..., pl.DataFrame]

DAYS = (date(2018, 6, 10), date(2018, 6, 11), date(2018, 6, 12))
FATES = {
    "sold online": 30.0,
    "wholesale market": 40.0,
    "spoiled": 5.0,
    "processed": 15.0,
    "left on the tree": 10.0,
}


def day(number: int, **more: Any) -> dict[str, Any]:
    """A day on which 100 kg of fruit go all the ways there are."""
    return {
        "date": DAYS[number], "ripe_kg": 100.0, "picked_kg": 75.0, "online_own_kg": 20.0,
        "online_bought_kg": 10.0, "wholesale_kg": 40.0, "processed_kg": 15.0, "left_kg": 10.0,
        "spoiled_kg": 5.0, "online_sales_yuan": 3000.0, "wholesale_yuan_per_kg": 12.0, **more,
    }  # fmt: skip


@pytest.fixture
def three_days(season: Make) -> pl.DataFrame:
    return season(*(day(number) for number in range(3)))


def test_bars_pile_up_what_became_of_the_fruit(three_days: pl.DataFrame, name: RunName) -> None:
    fruit = panels_of(season_figure(three_days, "bayberry", name))[0]
    bottom = 0.0
    for label, kg in FATES.items():
        assert bars_of(fruit, label) == {x: (bottom, pytest.approx(kg)) for x in at(*DAYS)}
        bottom += kg
    assert fruit.get_ylabel() == "Fruit (kg a day)"


def test_large_amounts_are_in_tonnes(season: Make, name: RunName) -> None:
    table = season(day(0, wholesale_kg=50_000.0), day(1))
    fruit = panels_of(season_figure(table, "bayberry", name))[0]

    assert bars_of(fruit, "wholesale market")[at(DAYS[0])[0]][1] == pytest.approx(50.0)
    assert fruit.get_ylabel() == "Fruit (t a day)"


def test_what_was_picked_is_a_line(three_days: pl.DataFrame, name: RunName) -> None:
    fruit = panels_of(season_figure(three_days, "bayberry", name))[0]

    assert points_of(line_of(fruit, "picked")) == (at(*DAYS), [75.0, 75.0, 75.0])


def test_the_legend_tells_shares_of_what_ripened(three_days: pl.DataFrame, name: RunName) -> None:
    fruit = panels_of(season_figure(three_days, "bayberry", name))[0]

    assert set(legend_of(fruit)) == {
        "sold online (30 %)", "wholesale market (40 %)", "spoiled (5 %)", "processed (15 %)",
        "left on the tree (10 %)", "picked (75 %)",
    }  # fmt: skip


def test_fruit_sold_online_is_told_apart_by_whose_it_was(
    three_days: pl.DataFrame, name: RunName
) -> None:
    online = panels_of(season_figure(three_days, "bayberry", name))[1]

    assert bars_of(online, "the shop owners' own") == dict.fromkeys(at(*DAYS), (0.0, 20.0))
    assert bars_of(online, "bought from growers") == dict.fromkeys(at(*DAYS), (20.0, 10.0))
    assert online.get_ylabel() == "Sold online\n(kg a day)"
    assert legend_of(online) == ["the shop owners' own fruit (67 %)", "bought from growers (33 %)"]


def test_prices_have_axes_of_their_own(three_days: pl.DataFrame, name: RunName) -> None:
    prices = panels_of(season_figure(three_days, "bayberry", name))[-1]

    assert prices.get_ylabel() == "Price (yuan/kg)"
    assert points_of(line_of(prices, "wholesale")) == (at(*DAYS), [12.0, 12.0, 12.0])
    assert points_of(line_of(prices, "online")) == (at(*DAYS), [100.0, 100.0, 100.0])


def test_the_online_price_of_a_day_without_online_sale_is_not_drawn(
    season: Make, name: RunName
) -> None:
    nothing = {"online_own_kg": 0.0, "online_bought_kg": 0.0, "online_sales_yuan": 0.0}
    table = season(day(0), day(1, **nothing), day(2))
    prices = panels_of(season_figure(table, "bayberry", name))[-1]

    assert np.array_equal(
        points_of(line_of(prices, "online"))[1], [100.0, np.nan, 100.0], equal_nan=True
    )


def test_villages_are_added_up_and_their_prices_weighted(season: Make, name: RunName) -> None:
    small = {"wholesale_kg": 40.0, "wholesale_yuan_per_kg": 12.0}
    large = {"wholesale_kg": 120.0, "wholesale_yuan_per_kg": 8.0, "village_number": 1}
    unsold = (
        {"wholesale_kg": 0.0, "wholesale_yuan_per_kg": yuan, "village_number": 2}
        for yuan in (99.0, 1.0)
    )
    table = season(*(day(k, **which) for which in (small, large) for k in range(2)))
    table = table.vstack(season(*(day(k, **which) for k, which in enumerate(unsold))))
    figure = season_figure(table, "bayberry", name)
    fruit, _, prices = panels_of(figure)

    assert [high for _, high in bars_of(fruit, "wholesale").values()] == [160.0, 160.0]
    assert points_of(line_of(prices, "wholesale"))[1] == [9.0, 9.0]
    (band,) = prices.collections
    assert {8.0, 12.0} == set(band.get_paths()[0].vertices[:, 1])
    assert figure.get_suptitle() == "The bayberry season of 2018 in 3 villages, day by day"


def test_days_without_fruit_have_no_bars_and_no_prices(season: Make, name: RunName) -> None:
    fruit, _, prices = panels_of(season_figure(season(day(0), day(2)), "bayberry", name))

    assert list(bars_of(fruit, "processed")) == at(DAYS[0], DAYS[2])
    assert points_of(line_of(fruit, "picked")) == (at(*DAYS), [75.0, 0.0, 75.0])
    assert np.isnan(points_of(line_of(prices, "wholesale"))[1][1])


def test_a_season_without_online_sale_has_no_panel_for_it(season: Make, name: RunName) -> None:
    nothing = {"online_own_kg": 0.0, "online_bought_kg": 0.0, "online_sales_yuan": 0.0}
    figure = season_figure(season(day(0, **nothing), day(1, **nothing)), "bayberry", name)

    assert [axes.get_ylabel() for axes in panels_of(figure)] == [
        "Fruit (kg a day)",
        "Price (yuan/kg)",
    ]
    assert "sold online (0 %)" in texts_of(figure)


def test_another_fruit_is_left_out(season: Make, name: RunName) -> None:
    table = season(day(0), day(1), day(1, good="grape", village_number=1, left_kg=7000.0))
    fruit = panels_of(season_figure(table, "bayberry", name))[0]

    assert [high for _, high in bars_of(fruit, "left").values()] == pytest.approx([10.0, 10.0])


SEASONS = (date(2017, 6, 20), date(2018, 6, 29), date(2018, 6, 30))


@pytest.mark.parametrize(
    ("last_day", "year", "is_cut"),
    [
        (date(2018, 7, 31), 2018, False),
        (date(2018, 6, 30), 2017, False),
        (None, 2018, False),
    ],
)
def test_the_season_shown_is_the_last_that_the_run_saw_to_its_end(
    season: Make, name: RunName, last_day: date | None, year: int, is_cut: bool
) -> None:
    table = season(*(day(0, date=when) for when in SEASONS))
    figure = season_figure(table, "bayberry", name, last_day=last_day)

    assert f"season of {year} " in figure.get_suptitle()
    assert ("The run ended during the season." in footer_of(figure)) is is_cut


def test_a_season_that_the_run_cut_short_is_shown_if_there_is_no_other(
    season: Make, name: RunName
) -> None:
    table = season(*(day(0, date=when) for when in SEASONS[1:]))
    figure = season_figure(table, "bayberry", name, last_day=SEASONS[-1])

    assert "season of 2018 " in figure.get_suptitle()
    assert "The run ended during the season." in footer_of(figure)


def test_a_year_can_be_asked_for(season: Make, name: RunName) -> None:
    table = season(*(day(0, date=when) for when in SEASONS))
    figure = season_figure(table, "bayberry", name, year=2017)

    assert list(bars_of(panels_of(figure)[0], "left")) == at(SEASONS[0])


@pytest.mark.parametrize("year", [None, 2018])
def test_a_run_without_ripe_fruit_says_so(season: Make, name: RunName, year: int | None) -> None:
    figure = season_figure(season(), "bayberry", name, year=year)

    assert "No fruit was ripe in a complete month of this run." in texts_of(figure)
    assert panels_of(figure) == []


def test_no_text_of_a_season_sticks_out(season: Make, name: RunName) -> None:
    rows = [
        day(0, date=date(2018, 6, 28 + k) if k < 3 else date(2018, 7, k - 2), village_number=v)
        for k in range(30)
        for v in range(2)
    ]

    assert outside(season_figure(season(*rows), "bayberry", name)) == []
