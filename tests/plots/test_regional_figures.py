"""Figures of regions: what they show is what the tables say, and nothing sticks out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from made_regions import Tables, scenario_of, tables_of_lists
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from reading import footer_of, legend_of, line_of, outside, panels_of, points_of, texts_of

from sim.plots import RunName, all_figures
from sim.plots.concentration import concentration_figure, gini_of, lorenz_curve
from sim.plots.listed_sizes import listed_sizes_figure
from sim.plots.listed_villages import MOST_PARTS, listed_villages_figure
from sim.plots.published import Published
from sim.plots.region_growth import region_growth_figure
from sim.plots.regions import is_region, regional_figures
from sim.plots.village_map import village_map_figure
from sim.scenario import Scenario, register_of

NAMES = ["village_map", "listed_villages", "concentration", "listed_sizes"]

# County A: towns of 12 and 8 villages; B: of 6 and 6; C: of 4.
SHAPE = {"A": [12, 8], "B": [6, 6], "C": [4]}
LISTS = {
    2014: {0: 20.0, 20: 15.0},
    2015: {**dict.fromkeys(range(11), 20.0), 21: 50.0},
    2016: {**dict.fromkeys(range(11), 30.0), 12: 40.0, 21: 90.0, 32: 11.0, 33: 12.0},
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return scenario_of(SHAPE)


@pytest.fixture(scope="module")
def tables(scenario: Scenario) -> Tables:
    return tables_of_lists(scenario, LISTS)


@pytest.fixture(scope="module")
def figures(tables: Tables, scenario: Scenario) -> dict[str, Figure]:
    """The figures of the region, to look at and not to change."""
    return regional_figures(tables, scenario, register_of(scenario), RunName("region", 7))


def parts_of(figure: Figure) -> dict[str, Axes]:
    """Small panels by the name written in them."""
    return {axes.texts[0].get_text(): axes for axes in figure.axes if axes.texts}


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_region_sticks_out(figures: dict[str, Figure], name: str) -> None:
    assert outside(figures[name]) == []


def test_a_region_has_more_than_thirty_villages_in_several_towns(tables: Tables) -> None:
    one_town = tables_of_lists(scenario_of({"A": [40]}), {})["regions"]
    few = tables_of_lists(scenario_of({"A": [20, 10]}), {})["regions"]

    assert is_region(tables["regions"])
    assert not is_region(one_town)
    assert not is_region(few)
    assert not is_region(few.clear())


# --- villages by year


def test_listed_villages_are_counted_by_year_and_rule(figures: dict[str, Figure]) -> None:
    whole = figures["listed_villages"].axes[0]

    assert points_of(line_of(whole, "simulated, on the list (published rule)")) == (
        [2014, 2015, 2016], [2, 12, 15],
    )  # fmt: skip
    # A hundred stores reach the published threshold and do not pass the strict one.
    assert points_of(line_of(whole, "simulated, by the strict rule"))[1] == [0, 0, 0]


def test_the_rule_of_the_scenario_is_named(tables: Tables, name: RunName) -> None:
    figure = listed_villages_figure(tables["regions"], name, rule="strict")

    assert legend_of(figure.axes[0])[:2] == [
        "simulated, on the list (strict rule)", "simulated, by the published rule",
    ]  # fmt: skip


def test_parts_are_counties_where_there_is_one_prefecture(figures: dict[str, Figure]) -> None:
    parts = parts_of(figures["listed_villages"])

    assert list(parts) == ["A", "C", "B"]  # with 12, 2 and 1 in 2016
    assert points_of(parts["A"].lines[0])[1] == [1, 11, 12]
    assert points_of(parts["C"].lines[0])[1] == [0, 0, 2]


def test_only_the_parts_with_the_most_villages_are_shown(name: RunName) -> None:
    scenario = scenario_of({f"C{number:02}": [2] for number in range(15)})
    listed = dict.fromkeys(range(0, 30, 2), 20.0) | {29: 20.0}
    figure = listed_villages_figure(tables_of_lists(scenario, {2016: listed})["regions"], name)

    assert len(parts_of(figure)) == MOST_PARTS
    assert next(iter(parts_of(figure))) == "C14"
    assert "Small panels: the 12 of 15 with the most villages." in footer_of(figure)


def test_published_counts_of_the_years_shown_are_drawn_beside(
    tables: Tables, name: RunName
) -> None:
    published = Published(("Zhejiang",))
    figure = listed_villages_figure(tables["regions"], name, published)

    assert points_of(line_of(figure.axes[0], "published")) == ([2014, 2015, 2016], [62, 280, 506])
    assert "Zhejiang" in figure.get_suptitle()


def test_lower_bounds_are_open_and_said_to_be_such(name: RunName) -> None:
    early = scenario_of({"A": [4, 4]}, start="2009-01-01")
    regions = tables_of_lists(early, {2016: {0: 20.0}})["regions"]
    figure = listed_villages_figure(regions, name, Published(("",)))
    (bounds,) = (line for line in figure.axes[0].lines if line.get_markerfacecolor() == "white")

    assert points_of(bounds) == ([2009, 2013], [3, 20])
    assert "Open diamonds are lower bounds" in footer_of(figure)


def test_parts_of_a_thinned_region_stand_beside_the_counts_of_the_same_counties(
    tables: Tables, name: RunName
) -> None:
    names = {"A": "Cixi", "B": "Yuyao", "C": "Yiwu"}
    real = tables["regions"].with_columns(
        pl.lit("Zhejiang").alias("province"),
        pl.when(pl.col("county") == "C").then(pl.lit("Jinhua")).otherwise(pl.lit("Ningbo"))
        .alias("prefecture"),
        pl.col("county").cast(pl.String).replace(names),
    )  # fmt: skip
    counties = real.filter(pl.col("level") == "county")
    prefectures = counties.group_by("year", "prefecture", maintain_order=True).agg(
        pl.col("province").first(), pl.col("listed_villages").sum()
    )
    prefectures = prefectures.with_columns(
        pl.lit("prefecture").cast(counties.schema["level"]).alias("level")
    )
    regions = pl.concat(
        [real.filter(pl.col("level") != "prefecture"), prefectures], how="diagonal_relaxed"
    )
    published = Published(("Zhejiang",), county_share=0.1)
    figure = listed_villages_figure(regions, name, published)
    ningbo = points_of(parts_of(figure)["Ningbo"].lines[1])

    assert ningbo == ([2014, 2015, 2016], [
        published.villages("Zhejiang/Ningbo/Cixi")[year]
        + published.villages("Zhejiang/Ningbo/Yuyao")[year]
        for year in (2014, 2015, 2016)
    ])  # fmt: skip
    assert "counts of the counties that are simulated" in footer_of(figure)


# --- concentration


def test_lorenz_curve_by_hand() -> None:
    places, villages = lorenz_curve(np.array([6.0, 0.0, 2.0, 0.0]))

    assert places.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert villages.tolist() == [0, 0, 0, 0.25, 1]


@pytest.mark.parametrize(
    ("sizes", "gini"), [([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)]
)
def test_gini_by_hand(sizes: list[float], gini: float) -> None:
    assert gini_of(np.array(sizes, float)) == pytest.approx(gini)


def test_the_lorenz_curve_is_that_of_counties(figures: dict[str, Figure]) -> None:
    lorenz = figures["concentration"].axes[0]
    counties, villages = points_of(line_of(lorenz, "2016, simulated"))

    assert counties == pytest.approx([0, 100 / 3, 200 / 3, 100])
    assert villages == pytest.approx([0, 100 / 15, 300 / 15, 100])
    assert lorenz.get_xlabel() == "Counties, those with the fewest first (%)"


def test_shares_in_clusters_and_of_new_villages_are_drawn(figures: dict[str, Figure]) -> None:
    """In 2015 all new ones are where one was; in 2016 one is, in another town, and two are in C."""
    _, new, clustered, counties = figures["concentration"].axes

    assert points_of(line_of(clustered, "10 or more"))[1] == pytest.approx([0, 1100 / 12, 80])
    assert points_of(line_of(new, "county"))[1] == pytest.approx([100, 100 / 3])
    assert points_of(line_of(new, "town"))[1] == pytest.approx([100, 0])
    assert points_of(line_of(counties, "exactly one"))[1] == [2, 1, 1]


def test_one_county_is_looked_at_by_its_towns(name: RunName) -> None:
    listed = dict.fromkeys([0, 1, 2, 12], 20.0)
    tables = tables_of_lists(scenario_of({"A": [12, 8, 5]}), {2015: listed, 2016: listed})
    figure = concentration_figure(tables["regions"], name)
    lorenz, _ = panels_of(figure)

    assert lorenz.get_xlabel() == "Towns, those with the fewest first (%)"
    assert points_of(line_of(lorenz, "2016"))[1] == pytest.approx([0, 0, 25, 100])


def test_new_villages_of_the_first_list_are_said_to_have_none_before(name: RunName) -> None:
    tables = tables_of_lists(scenario_of(SHAPE), {2016: {0: 20.0}})
    figure = concentration_figure(tables["regions"], name)

    assert [text.get_text() for text in figure.axes[1].texts] == ["no list before"]


def test_published_concentration_is_drawn_in_open_markers(tables: Tables, name: RunName) -> None:
    figure = concentration_figure(tables["regions"], name, Published(("Zhejiang",)))
    lorenz, _, clustered, _ = figure.axes
    open_points = [
        points_of(line) for line in clustered.lines if line.get_markerfacecolor() == "white"
    ]

    assert line_of(lorenz, "2016, published").get_label() == "2016, published (Gini 0.73)"
    assert open_points[0][0] == [2014, 2015, 2016]
    assert open_points[0][1] == pytest.approx([0, 56.79, 74.11], abs=0.01)
    assert "Open markers: published." in footer_of(figure)


# --- sizes


def test_sizes_are_those_of_the_lists(figures: dict[str, Figure]) -> None:
    sales, means, stores, _ = figures["listed_sizes"].axes

    assert points_of(line_of(sales, "2016 (15 villages)"))[0][1:] == pytest.approx(
        [11, 12, *[30] * 11, 40, 90]
    )
    assert points_of(line_of(means, "mean"))[1] == pytest.approx(
        [17.5, 270 / 12, (330 + 40 + 90 + 23) / 15]
    )
    assert points_of(line_of(means, "median"))[1] == pytest.approx([17.5, 20, 30])
    assert set(points_of(line_of(stores, "2015"))[0]) == {100.0}


def test_a_year_with_one_listed_village_has_no_distribution(name: RunName) -> None:
    lists = {2014: {0: 20.0}, 2015: {0: 20.0, 1: 30.0}, 2016: {0: 20.0, 1: 30.0, 2: 40.0}}
    figure = listed_sizes_figure(tables_of_lists(scenario_of(SHAPE), lists)["lists"], name)
    sales, means, _, _ = figure.axes

    assert legend_of(sales) == ["2016 (3 villages)", "2015 (2 villages)"]
    assert points_of(line_of(means, "mean"))[0] == [2014, 2015, 2016]


def test_published_means_of_the_years_shown_are_drawn(figures: dict[str, Figure]) -> None:
    _, _, _, means = figures["listed_sizes"].axes

    assert points_of(line_of(means, "published")) == ([2014, 2015, 2016], [330, 256, 229])


# --- the map


def scatters_of(figure: Figure) -> list[PathCollection]:
    return [item for item in figure.axes[0].collections if isinstance(item, PathCollection)]


def test_the_map_shows_every_village_and_the_year_of_its_first_list(
    figures: dict[str, Figure], tables: Tables
) -> None:
    every, listed = scatters_of(figures["village_map"])
    first = tables["lists"].group_by("village_number").agg(pl.col("year").min())

    assert len(every.get_offsets()) == 36
    assert sorted(np.asarray(listed.get_array())) == sorted(first["year"])
    assert "Listed at some time: 16; on the list of 2016: 15." in footer_of(figures["village_map"])


def test_the_map_names_the_counties(figures: dict[str, Figure]) -> None:
    axes = figures["village_map"].axes[0]
    names = {text.get_text() for text in axes.texts}

    assert {"A", "B", "C"} <= names
    assert any(name.endswith(" km") for name in names)


def test_names_on_the_map_do_not_cover_each_other(name: RunName) -> None:
    scenario = scenario_of({f"A county with a long name {n}": [2] for n in range(60)})
    tables = tables_of_lists(scenario, {2016: {0: 20.0}})
    figure = village_map_figure(tables["lists"], register_of(scenario), name)
    figure.draw_without_rendering()
    boxes = [
        text.get_window_extent() for text in figure.axes[0].texts if "county" in text.get_text()
    ]

    assert 1 < len(boxes) < 60
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_name_of_a_small_place_stands_above_its_villages(
    figures: dict[str, Figure], scenario: Scenario
) -> None:
    register = register_of(scenario)
    county = np.array([path.split("/")[2] for path in register.paths()])
    (label,) = (t for t in figures["village_map"].axes[0].texts if t.get_text() == "C")

    assert label.get_position()[1] > register.position_km[county == "C", 1].max()


def test_the_name_of_a_province_stands_in_it_however_small(name: RunName) -> None:
    made = scenario_of({"A": [12], "B": [12], "C": [12]}).model_dump(mode="json")
    for place, entry in enumerate(made["villages"]):
        entry["province"] = f"Province {place}"
        entry["position"] = {"x_km": 1500.0 * place, "y_km": 900.0 * place}
    scenario = Scenario.model_validate(made)
    tables = tables_of_lists(scenario, {2016: {0: 20.0}})
    axes = village_map_figure(tables["lists"], register_of(scenario), name).axes[0]

    places = {t.get_text(): t.get_position() for t in axes.texts if "Province" in t.get_text()}
    expected = {f"Province {n}": (1500.0 * n, pytest.approx(900.0 * n)) for n in range(3)}
    assert places == expected


def test_the_map_says_that_positions_are_drawn(tables: Tables, scenario: Scenario) -> None:
    drawn, known = (
        village_map_figure(tables["lists"], register_of(scenario), RunName("r", 7), (), is_drawn)
        for is_drawn in (True, False)
    )

    assert "Positions within counties are drawn." in footer_of(drawn)
    assert "drawn" not in footer_of(known)


def test_outlines_are_drawn_below_and_widen_the_map_where_they_are_not_much_larger(
    scenario: Scenario, tables: Tables, name: RunName
) -> None:
    near = np.array([[-2.0, 0.0], [25.0, 0.0], [25.0, 12.0], [-2.0, 0.0]])
    far = 1000.0 * near
    figure = village_map_figure(tables["lists"], register_of(scenario), name, [near, far])
    axes = figure.axes[0]

    assert [len(line.get_xdata()) for line in axes.lines[:2]] == [4, 4]
    west, east = axes.get_xlim()
    assert west < -2.0 < 25.0 < east < 100.0


def test_villages_without_positions_have_no_map(
    scenario: Scenario, tables: Tables, name: RunName
) -> None:
    villages = [village.model_copy(update={"position": None}) for village in scenario.villages]
    nowhere = scenario.model_copy(update={"villages": tuple(villages)})
    figure = village_map_figure(tables["lists"], register_of(nowhere), name)

    assert "The villages of this scenario have no positions." in texts_of(figure)


# --- regions with little in them


@pytest.mark.parametrize("lists", [{}, {2016: {0: 20.0}}])
def test_a_region_with_hardly_a_list_is_drawn(lists: Mapping[int, Any]) -> None:
    scenario = scenario_of(SHAPE)
    tables = tables_of_lists(scenario, lists)
    figures = regional_figures(tables, scenario, register_of(scenario), RunName("region", 7))
    sentences = [
        text for name in NAMES for text in texts_of(figures[name]) if text.startswith("No village")
    ]

    assert list(figures) == NAMES
    assert len(sentences) == (0 if lists else 3)
    assert all(outside(figure) == [] for figure in figures.values())


def test_a_region_of_the_country_is_drawn_with_what_is_published(name: RunName) -> None:
    cixi = Scenario.model_validate(
        {
            "name": "cixi",
            "start": "2014-01-01",
            "end": "2016-12-31",
            "observer": {"rule": "published"},
            "region": {"within": ["Zhejiang/Ningbo/Cixi"]},
        }
    )
    tables = tables_of_lists(cixi, {2015: {3: 20.0}, 2016: {3: 20.0, 200: 30.0}}, 400.0)
    figures = regional_figures(tables, cixi, register_of(cixi), name)

    whole = figures["listed_villages"].axes[0]
    assert points_of(line_of(whole, "published")) == ([2014, 2015, 2016], [0, 6, 10])
    assert len(figures["village_map"].axes[0].lines) > 1
    assert "Changhe" in texts_of(figures["village_map"])
    assert all(outside(figure) == [] for figure in figures.values())


def test_sizes_without_lists_say_so(tables: Tables, name: RunName) -> None:
    figure = listed_sizes_figure(tables["lists"].clear(), name)

    assert "No village was on a list in this run." in texts_of(figure)


# --- growth


def test_growth_of_a_region_shows_its_years(tables: Tables, name: RunName) -> None:
    figure = region_growth_figure(tables["regions"], name)
    stores, sales, jobs = panels_of(figure)

    assert points_of(line_of(stores, "active stores")) == ([2014, 2015, 2016], [3600] * 3)
    assert points_of(line_of(stores, "open shops"))[1] == [7200] * 3
    assert points_of(sales.lines[0])[1] == pytest.approx([35, 270, 483])
    assert sales.get_ylabel() == "Online sales\n(million yuan a year)"
    assert points_of(line_of(jobs, "in stores"))[1] == [10_800] * 3
    assert outside(figure) == []


def test_growth_of_a_region_without_sales_says_so(name: RunName) -> None:
    regions = tables_of_lists(scenario_of(SHAPE), {})["regions"]

    for table in (regions, regions.clear()):
        assert "No shop had an order in a complete month of this run." in texts_of(
            region_growth_figure(table, name)
        )


def test_a_region_without_months_grows_by_years_and_lacks_figures_of_what_is_not_kept(
    tables: Tables, scenario: Scenario
) -> None:
    figures = all_figures(tables, scenario, 7)

    assert list(figures) == ["growth", *NAMES]
    assert "Stores, online sales and jobs of 36 villages" in figures["growth"].get_suptitle()
