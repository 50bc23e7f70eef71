from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import line_of, outside, panels_of, points_of, texts_of

from sim.plots import RunName, shop_sizes_figure
from sim.plots.sizes import LARGE_YUAN, exceedance, large_shares, years_shown

Make = Callable[[dict[int, list[float]]], pl.DataFrame]

SALES = {2018: [0.0, 5e3, 2e5], 2019: [0.0, 4e3, 1e6, 3e6, 6e6]}


def test_exceedance_counts_shops_that_sold_as_much_or_more() -> None:
    sales, share = exceedance(np.array([300.0, 0.0, 100.0, 200.0]))

    assert list(sales) == [100.0, 200.0, 300.0]
    assert list(share) == [0.75, 0.5, 0.25]


@given(st.lists(st.floats(0.0, 1e8), min_size=1))
def test_exceedance_is_what_counting_gives(sales_yuan: list[float]) -> None:
    values = np.array(sales_yuan)
    sales, share = exceedance(values)
    first = np.searchsorted(sales, sales)  # of equal sales only the first share is the whole one

    assert np.allclose(share[first], [(values >= yuan).mean() for yuan in sales])


@pytest.mark.parametrize(
    ("years", "shown"),
    [
        ([2018], [2018]),
        ([2016, 2017, 2018, 2019], [2019, 2018, 2017, 2016]),
        (list(range(2009, 2020)), [2019, 2016, 2013, 2010]),
    ],
)
def test_years_shown_are_at_equal_distances_and_end_with_the_last(
    years: list[int], shown: list[int]
) -> None:
    assert years_shown(years) == shown


def test_the_distribution_is_that_of_the_table(shops: Make, name: RunName) -> None:
    sizes, _ = panels_of(shop_sizes_figure(shops(SALES), name))
    x, y = points_of(line_of(sizes, "2019 (5 shops)"))

    assert x[1:] == [4e3, 1e6, 3e6, 6e6]
    assert y == pytest.approx([80.0, 80.0, 60.0, 40.0, 20.0])
    assert points_of(line_of(sizes, "2018 (3 shops)"))[0][1:] == [5e3, 2e5]
    assert (sizes.get_xscale(), sizes.get_yscale()) == ("log", "log")
    assert sizes.get_xlabel() == "Sales of the year (yuan)"
    assert sizes.get_ylabel() == "Shops that sold as much or more (%)"


def test_the_line_of_large_shops_and_the_share_above_it_are_marked(
    shops: Make, name: RunName
) -> None:
    figure = shop_sizes_figure(shops(SALES), name)
    sizes, _ = panels_of(figure)

    assert ([LARGE_YUAN, LARGE_YUAN], [0.0, 1.0]) in [points_of(line) for line in sizes.lines]
    assert ([LARGE_YUAN], [40.0]) in [points_of(line) for line in sizes.lines]
    assert "40 % of shops\nabove 1 million\nyuan in 2019" in texts_of(figure)


def test_shares_of_large_shops_are_those_of_the_table(shops: Make, name: RunName) -> None:
    _, large = panels_of(shop_sizes_figure(shops(SALES), name))

    assert points_of(line_of(large, "share of shops")) == ([2018.0, 2019.0], [0.0, 40.0])
    assert points_of(line_of(large, "share of sales"))[1] == pytest.approx(
        [0.0, 100.0 * 9e6 / 10_004e3]
    )
    assert large.get_ylabel() == "Shops above 1 million yuan (%)"


def test_a_shop_at_the_line_is_not_above_it(shops: Make) -> None:
    shares = large_shares(shops({2019: [LARGE_YUAN, LARGE_YUAN + 0.01]}))

    assert shares["shops_share"].to_list() == [0.5]


@pytest.mark.parametrize("sales", [{}, {2018: [0.0, 0.0]}])
def test_a_run_without_a_sale_says_so(
    shops: Make, name: RunName, sales: dict[int, list[float]]
) -> None:
    figure = shop_sizes_figure(shops(sales), name)

    assert "No shop was open at the end of a year after a sale." in texts_of(figure)
    assert panels_of(figure) == []


@pytest.mark.parametrize(
    "sales",
    [
        {2018: [12.0]},
        {2018: [0.0], 2019: [3e5]},
        {2018: [5e9, 4e9, 2.0]},
        {year: [10.0 ** (k / 9) for k in range(80)] for year in range(2005, 2026)},
    ],
)
def test_no_text_of_sizes_sticks_out(
    shops: Make, name: RunName, sales: dict[int, list[float]]
) -> None:
    assert outside(shop_sizes_figure(shops(sales), name)) == []


def test_large_shops_have_no_share_of_no_sales(shops: Make) -> None:
    shares = large_shares(shops({2018: [0.0], 2019: [2e6, 2e6]}))

    assert shares["sales_share"].to_list() == [0.0, 1.0]
