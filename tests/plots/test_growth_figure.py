from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from reading import (
    at,
    footer_of,
    legend_of,
    levels_of,
    line_of,
    outside,
    panels_of,
    points_of,
    texts_of,
    verticals_of,
)

from sim.plots import RunName, Thresholds, growth_figure
from sim.plots.growth import MOST_LINES

Make = Callable[..., pl.DataFrame]

ENDS = (date(2018, 1, 31), date(2018, 2, 28), date(2018, 3, 31))
STARTS = (date(2018, 1, 1), date(2018, 2, 1), date(2018, 3, 1))
STORES, SALES = (10, 60, 120), (1e6, 8e6, 24e6)
CROSSED, LISTED, LOST, BEGUN = (
    date(2018, 2, 14), date(2018, 2, 20), date(2018, 3, 20), date(2018, 2, 1),
)  # fmt: skip


@pytest.fixture
def growing(months: Make) -> pl.DataFrame:
    """A village that grows through both thresholds in three months."""
    return months(
        *(
            {"month": month, "active_stores": stores, "trailing_sales_yuan": sales}
            for month, stores, sales in zip(STARTS, STORES, SALES, strict=True)
        )
    )


@pytest.fixture
def two_villages(months: Make) -> pl.DataFrame:
    """Two villages of the same name in different towns."""
    return months(
        *(
            {
                "village_number": number, "month": month, "active_stores": stores * (1 + number),
                "trailing_sales_yuan": sales * (1 + number), "designated": number == 1,
                "listed": number == 1 and month > STARTS[0],
            }
            for number in (0, 1)
            for month, stores, sales in zip(STARTS, STORES, SALES, strict=True)
        )
    )  # fmt: skip


def stores_and_sales(figure: Figure) -> list[Any]:
    return panels_of(figure)[:2]


def test_the_stores_of_a_village_are_those_of_the_table(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    stores, _ = stores_and_sales(growth_figure(growing, events(), name))

    assert (at(*ENDS), list(STORES)) in [points_of(line) for line in stores.lines]
    assert stores.get_ylabel() == "Active stores"


def test_the_sales_of_a_village_are_those_of_the_table_in_the_unit_of_the_label(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    _, sales = stores_and_sales(growth_figure(growing, events(), name))

    assert (at(*ENDS), [1.0, 8.0, 24.0]) in [points_of(line) for line in sales.lines]
    assert sales.get_ylabel() == "Online sales of the\nlast 365 days (million yuan)"


def test_the_thresholds_are_those_that_are_given(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    rule = Thresholds(sales_yuan=5e6, stores=(40.0, 40.0), trailing_days=90)
    figure = growth_figure(growing, events(), name, rule)
    stores, sales = stores_and_sales(figure)

    assert (levels_of(stores), levels_of(sales)) == ([40.0], [5.0])
    assert {"threshold: 40 stores", "threshold: 5 million yuan"} <= set(texts_of(figure))
    assert "last 90 days" in sales.get_ylabel()


def test_thresholds_that_differ_between_villages_are_a_band(
    two_villages: pl.DataFrame, events: Make, name: RunName
) -> None:
    figure = growth_figure(two_villages, events(), name, Thresholds(stores=(30.0, 100.0)))
    stores, _ = stores_and_sales(figure)

    assert levels_of(stores) == [30.0, 100.0]
    assert "village's threshold: 30 to 100 stores by its size" in legend_of(stores)


def test_the_unit_of_sales_suits_the_threshold_of_a_village(
    months: Make, events: Make, name: RunName
) -> None:
    rich = {"month": STARTS[0], "active_stores": 9, "trailing_sales_yuan": 4e9}
    table = months(*({"village_number": number, **rich} for number in range(2)))
    _, sales = stores_and_sales(growth_figure(table, events(), name))

    assert "million yuan" in sales.get_ylabel()
    assert "village's threshold: 10 million yuan" in legend_of(sales)


def test_thresholds_of_nothing_can_be_drawn(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    rule = Thresholds(sales_yuan=0.0, stores=(0.0, 0.0))
    stores, sales = stores_and_sales(growth_figure(growing, events(), name, rule))

    assert (levels_of(stores), levels_of(sales)) == ([0.0], [0.0])


@pytest.mark.parametrize(
    ("kind", "day", "text"),
    [
        ("crossed", CROSSED, "both thresholds crossed, 2018-02-14"),
        ("listed", LISTED, "listed, 2018-02-20"),
        ("lost", LOST, "off the list, 2018-03-20"),
    ],
)
def test_an_event_is_marked_in_both_panels_on_its_day(
    growing: pl.DataFrame, events: Make, name: RunName, kind: str, day: date, text: str
) -> None:
    figure = growth_figure(growing, events((day, kind)), name)

    assert [verticals_of(panel) for panel in panels_of(figure)] == [at(day), at(day)]
    assert text in texts_of(figure)


def test_the_start_of_a_policy_is_marked_on_its_day(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    figure = growth_figure(growing, events((BEGUN, "policy", {"text": "Hub begins"})), name)

    assert verticals_of(panels_of(figure)[0]) == at(BEGUN)
    assert "Hub, 2018-02-01" in texts_of(figure)


def test_events_after_the_last_complete_month_are_shown_too(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    day = date(2018, 4, 9)
    figure = growth_figure(growing, events((day, "crossed")), name)

    assert panels_of(figure)[0].get_xlim()[1] == at(day)[0]


def test_a_village_that_never_crossed_is_said_not_to_have(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    never = "No village crossed both thresholds."
    without = growth_figure(growing, events(), name)
    crossed = growth_figure(growing, events((CROSSED, "crossed")), name)

    assert never in footer_of(without)
    assert never not in footer_of(crossed)


def test_the_lines_of_many_villages_are_their_own_and_the_sum(
    two_villages: pl.DataFrame, events: Make, name: RunName
) -> None:
    stores, sales = stores_and_sales(growth_figure(two_villages, events(), name))
    drawn = [points_of(line)[1] for line in stores.lines]

    assert [10.0, 60.0, 120.0] in drawn
    assert [20.0, 120.0, 240.0] in drawn
    assert points_of(line_of(stores, "all villages"))[1] == [30.0, 180.0, 360.0]
    assert points_of(line_of(sales, "all villages"))[1] == [3.0, 24.0, 72.0]


def test_only_the_villages_that_sell_most_have_lines(
    months: Make, events: Make, name: RunName
) -> None:
    table = months(
        *(
            {"village_number": number, "month": STARTS[0], "active_stores": number,
             "trailing_sales_yuan": 1e4 * number}
            for number in range(MOST_LINES + 5)
        )
    )  # fmt: skip
    figure = growth_figure(table, events(), name, Thresholds(stores=(12.5, 100.0)))
    stores, _ = stores_and_sales(figure)
    drawn = [points_of(line)[1] for line in stores.lines if line.get_linewidth() < 1.0]

    assert sorted(drawn) == [[float(number)] for number in range(5, MOST_LINES + 5)]
    assert f"the {MOST_LINES} that sell most" in legend_of(stores)
    assert outside(figure) == []


def test_of_many_villages_only_the_first_to_cross_is_marked(
    two_villages: pl.DataFrame, events: Make, name: RunName
) -> None:
    crossings = events(
        (CROSSED, "crossed", {"village": "Birch"}), (LOST, "crossed", {"village": "Alder"})
    )
    figure = growth_figure(two_villages, crossings, name)

    assert verticals_of(panels_of(figure)[0]) == at(CROSSED)
    assert "first to cross: Birch, 2018-02-14" in texts_of(figure)


def test_the_villages_that_count_are_counted(
    two_villages: pl.DataFrame, events: Make, name: RunName
) -> None:
    counted = panels_of(growth_figure(two_villages, events(), name))[2]

    assert counted.get_ylabel() == "Villages"
    assert points_of(line_of(counted, "thresholds crossed"))[1] == [1.0, 1.0, 1.0]
    assert points_of(line_of(counted, "on the list"))[1] == [0.0, 1.0, 1.0]


def test_nothing_is_counted_where_no_village_ever_counted(
    two_villages: pl.DataFrame, events: Make, name: RunName
) -> None:
    never = two_villages.with_columns(designated=False, listed=False)

    assert len(panels_of(growth_figure(never, events(), name))) == 2


def test_zeros_are_not_drawn_on_a_logarithmic_axis(
    months: Make, events: Make, name: RunName
) -> None:
    table = months(
        *(
            {"month": month, "active_stores": stores, "trailing_sales_yuan": sales}
            for month, stores, sales in zip(STARTS, (0, 1, 500), (0.0, 5e4, 5e7), strict=True)
        )
    )
    stores, sales = stores_and_sales(growth_figure(table, events(), name))

    assert (stores.get_yscale(), sales.get_yscale()) == ("linear", "log")
    assert any(
        np.array_equal(points_of(line)[1], [np.nan, 0.05, 50.0], equal_nan=True)
        for line in sales.lines
    )


@pytest.mark.parametrize("rows", [0, 2])
def test_a_run_without_an_order_says_so(
    months: Make, events: Make, name: RunName, rows: int
) -> None:
    table = months(*({"month": month} for month in STARTS[:rows]))
    figure = growth_figure(table, events(), name)

    assert "No shop had an order in a complete month of this run." in texts_of(figure)
    assert panels_of(figure) == []


def test_the_footer_names_the_run(growing: pl.DataFrame, events: Make, name: RunName) -> None:
    footer = footer_of(growth_figure(growing, events(), name))

    assert footer.startswith("Scenario handmade, seed 7.")


def test_no_text_sticks_out_however_much_there_is_to_mark(
    growing: pl.DataFrame, events: Make, name: RunName
) -> None:
    policies = [
        (STARTS[0] + timedelta(days=6 * k), "policy", {"text": f"{'Policy ' * (3 + k)} {k} begins"})
        for k in range(14)
    ]
    marked = events(*policies, (CROSSED, "crossed"), (LISTED, "listed"))
    figure = growth_figure(growing, marked, name)

    assert outside(figure) == []
    assert all(low < high for low, high in pairwise(verticals_of(panels_of(figure)[0])))


@pytest.mark.parametrize(
    "stores",
    [
        [*range(90, 120)] + [120] * 30,
        [*range(120, 90, -1)] + [90] * 30,
        [104] * 60,
        [96] * 60,
        [104] * 30 + [10] * 30,
        [10, 400] * 10 + [20] * 40,
    ],
)
def test_the_label_of_the_threshold_stands_where_the_line_is_not(
    months: Make, events: Make, name: RunName, stores: list[int]
) -> None:
    table = months(
        *(
            {"month": date(2010 + k // 12, 1 + k % 12, 1), "active_stores": number}
            for k, number in enumerate(stores)
        )
    )
    figure = growth_figure(table, events(), name)
    figure.draw_without_rendering()
    panel = panels_of(figure)[0]
    (label,) = (text for text in panel.texts if text.get_text() == "threshold: 100 stores")
    line = next(line for line in panel.lines if len(points_of(line)[0]) == len(stores))
    points = panel.transData.transform(np.column_stack(points_of(line)))
    between = np.linspace(points[:-1], points[1:], 20).reshape(-1, 2)
    box = label.get_window_extent()

    assert not [point for point in between if box.contains(*point)]
