"""Discovery: planted boxes are found, counted by hand, confirmed or not, and refusals are clear."""

import math
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from known_answers import own_words, swept, unit
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

import sim
from sim.errors import RunError, ScenarioError
from sim.experiments.analysis import percent, write_analysis
from sim.experiments.box_search import find_boxes
from sim.experiments.boxes import Box, Condition, Input, bounded, counted_box, inside, pruned
from sim.experiments.confirmation import PairedExperiment, confirmed, paired_design, wilson
from sim.experiments.design import design_of_factors, design_of_numbers
from sim.experiments.discover import Discovery, discover, discovery_of, put_to_test
from sim.experiments.factors import Factor
from sim.experiments.question import read_question
from sim.experiments.sensitivity_designs import sensitivity_design
from sim.experiments.sweep import Means
from sim.experiments.variant import FunctionExperiment

FOLLOWED_DAYS = 3000.0
OUTCOMES = ("followed_days", "listed_after_days")
DAYS = tuple(date(2012, 1, 1) + timedelta(days=30 * month) for month in range(60))
FACTORS = (
    unit("gain"),
    Factor("year", "whole", "", range(2005, 2015)),
    Factor("start", "date", "", DAYS),
    Factor("rule", "choice", "", ("strict", "published", "early")),
    Factor("training", "switch", "", (False, True)),
    unit("noise"),
)
QUESTION = read_question("listed within 5 years")
LOWEST_GAIN, LAST_YEAR = 0.4, 2010


def planted(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Listed in time in the planted box, and late or never outside of it."""
    is_inside = (
        values["gain"] >= LOWEST_GAIN and values["year"] <= LAST_YEAR and values["rule"] != "strict"
    )
    words = [int(values["gain"] * 1e9), values["year"], int(values["noise"] * 1e9)]
    day = default_rng([seed, *words]).uniform(100.0, 1800.0 if is_inside else 30_000.0)
    if not is_inside:
        day += 1900.0
    return {
        "followed_days": FOLLOWED_DAYS,
        "listed_after_days": day if day < FOLLOWED_DAYS else math.nan,
    }


def planted_sweep(points: int = 400, replicates: int = 2) -> Any:
    random = default_rng(5)
    columns = {each.key: each.values_at(random.random(points)) for each in FACTORS}
    return swept(planted, design_of_factors("lhs", FACTORS, columns, {}), replicates, OUTCOMES)


@pytest.fixture(scope="module")
def sweep() -> Any:
    return planted_sweep()


@pytest.fixture(scope="module", params=["prim", "cart"])
def found(request: pytest.FixtureRequest, sweep: Any) -> Discovery:
    return discovery_of(sweep, QUESTION, request.param, 0.9)[0]


def experiment(function: Any = planted) -> FunctionExperiment:
    return FunctionExperiment(function, OUTCOMES)


# --- the planted box


def test_the_planted_box_is_found_with_its_keys_alone(found: Discovery) -> None:
    assert found.conditions["key"].to_list() == ["gain", "year", "rule"]


def test_the_planted_bounds_are_found(found: Discovery) -> None:
    conditions = {row["key"]: row for row in found.conditions.iter_rows(named=True)}

    assert conditions["gain"]["low"] == pytest.approx(LOWEST_GAIN, abs=0.05)
    assert conditions["gain"]["high"] == math.inf
    assert conditions["year"]["high"] == LAST_YEAR
    assert conditions["rule"]["values"] == "early or published"


def test_the_planted_box_holds_nearly_every_yes_and_hardly_any_no(found: Discovery) -> None:
    box = found.table.row(0, named=True)

    assert box["coverage"] > 0.97
    assert box["density"] > 0.9


def test_density_and_coverage_are_those_of_the_rule_as_it_is_written(
    found: Discovery, sweep: Any
) -> None:
    runs = sweep.to_polars().with_columns(
        yes=(pl.col("listed_after_days") <= 5 * 365.25).fill_null(value=False)
    )
    low = found.conditions.filter(pl.col("key") == "gain")["low"][0]
    within = runs.filter(
        (pl.col("gain") >= low) & (pl.col("year") <= LAST_YEAR) & (pl.col("rule") != "strict")
    )
    yes = within["yes"] & within["listed_after_days"].is_not_nan()
    every = (runs["yes"] & runs["listed_after_days"].is_not_nan()).sum()
    box = found.table.row(0, named=True)

    assert box["runs"] == len(within)
    assert box["density"] == pytest.approx(yes.sum() / len(within))
    assert box["coverage"] == pytest.approx(yes.sum() / every)


def test_the_rule_reads_as_a_sentence(found: Discovery) -> None:
    gain = found.conditions["text"][0]

    assert found.rules == (f"{gain} and year ≤ 2010 and rule is early or published",)
    assert f"if {gain} and year ≤ 2010" in found.headline()


def test_the_same_runs_give_the_same_rule_again(found: Discovery, sweep: Any) -> None:
    again, _ = discovery_of(sweep, QUESTION, found.about["method"], 0.9)

    assert again.table.equals(found.table)


@pytest.mark.parametrize("method", ["prim", "cart"])
def test_switches_and_dates_are_restricted_too(method: str) -> None:
    random = default_rng(7)
    days = np.array([day.toordinal() - 719_163 for day in DAYS], dtype=float)
    inputs = (
        Input("start", "date", days[random.integers(0, 60, 600)], ()),
        Input("training", "switch", random.integers(0, 2, 600).astype(float), ("off", "on")),
    )
    yes = (inputs[0].codes <= days[29]) & (inputs[1].codes == 1.0)
    (box,) = find_boxes(method, inputs, yes.astype(float), 0.95, 1)

    assert box.rule == f"start until {DAYS[29]} and training is on"


def test_a_second_box_is_looked_for_in_what_the_first_one_leaves() -> None:
    random = default_rng(8)
    x, y = random.random(800), random.random(800)
    yes = (x <= 0.2) | (y >= 0.8)
    inputs = (Input("x", "number", x, ()), Input("y", "number", y, ()))
    boxes = find_boxes("prim", inputs, yes.astype(float), 0.95, 2)
    within = inside(boxes[0].conditions, inputs) | inside(boxes[1].conditions, inputs)

    assert len(boxes) == 2
    assert (within == yes).mean() > 0.95


def test_no_rule_is_shown_where_nothing_tells_yes_from_no(tmp_path: Path) -> None:
    design = sensitivity_design("rbd-fast", [unit("a")], 100, 0)
    found, boxes = discovery_of(swept(same_for_all, design, 2, OUTCOMES), QUESTION)

    assert not [box for box in boxes if box.density <= found.about["base_share"]]
    assert found.plot().get_suptitle().startswith("When is the answer yes")


def same_for_all(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"followed_days": FOLLOWED_DAYS, "listed_after_days": 100.0 + 2000.0 * seed}


# --- boxes by hand


X = Input("x", "number", np.array([1.0, 2.0, 3.0, 4.0, 5.0]), ())
ANSWERS = np.array([0.0, 0.0, 1.0, 1.0, 0.0])


def test_a_box_of_five_runs_by_hand() -> None:
    box = counted_box([Condition("x", "number", low=3.0)], [X], ANSWERS)

    assert (box.runs, box.density, box.coverage, box.mass) == (3, 2 / 3, 1.0, 0.6)


def test_conditions_that_add_nothing_are_left_out() -> None:
    other = Input("z", "number", np.arange(5.0), ())
    conditions = [Condition("x", "number", low=3.0, high=4.0), Condition("z", "number", high=3.0)]
    box = pruned(counted_box(conditions, [X, other], ANSWERS), [X, other], ANSWERS, 0.9)

    assert box.rule == "x from 3 to 4"


def test_bounds_are_rounded_outwards_but_not_past_the_next_value() -> None:
    steps = Input("x", "number", np.array([0.1234, 0.1236, 0.5, 0.9]), ())
    condition = bounded(steps, 0.0, 0.1234)

    assert condition is not None
    assert condition.high == pytest.approx(0.1234)
    assert list(condition.holds(steps.codes)) == [True, False, False, False]


def test_a_bound_that_leaves_nothing_out_is_no_condition() -> None:
    assert bounded(X, 1.0, 5.0) is None


# --- questions


@pytest.mark.parametrize(
    ("text", "outcome", "sign", "limit"),
    [
        ("listed within 5 years", "listed_after_days", "<=", 1826.25),
        ("crossed within 18 months", "crossed_after_days", "<=", 547.875),
        ("crossed within 1 day", "crossed_after_days", "<=", 1.0),
        ("active_stores>=100", "active_stores", ">=", 100.0),
        (" gini < .4 ", "gini", "<", 0.4),
    ],
)
def test_questions_are_read(text: str, outcome: str, sign: str, limit: float) -> None:
    asked = read_question(text)

    assert (asked.outcome, asked.sign, asked.limit) == (outcome, sign, limit)


@pytest.mark.parametrize("text", ["", "listed soon", "gini = 0.3", "gini < much", "listed within"])
def test_what_is_no_question_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="allowed: 'listed within 5 years', 'crossed"):
        read_question(text)


def test_a_village_that_is_never_listed_is_a_no(sweep: Any) -> None:
    days = sweep.to_polars()["listed_after_days"].to_numpy()

    assert np.array_equal(QUESTION.answers(sweep), (days <= 1826.25).astype(float))


def test_a_time_longer_than_the_runs_is_refused(sweep: Any) -> None:
    with pytest.raises(ScenarioError, match=r"some of which end after 3,000 days without it"):
        read_question("listed within 9 years").answers(sweep)


# --- fresh runs


@pytest.fixture(scope="module")
def tested_discovery(sweep: Any) -> Discovery:
    found = discovery_of(sweep, QUESTION, "prim", 0.9)
    return put_to_test(found, sweep, QUESTION, experiment(), FACTORS, 60, Means(1))


def test_a_true_box_is_confirmed_by_fresh_runs(tested_discovery: Discovery) -> None:
    row = tested_discovery.table.row(0, named=True)

    assert row["is_confirmed"]
    assert row["inside"] > 0.9
    assert row["outside"] < 0.1


def test_the_headline_tells_the_share_of_fresh_runs_first(tested_discovery: Discovery) -> None:
    row = tested_discovery.table.row(0, named=True)
    said = tested_discovery.headline()

    assert said.startswith(f"listed within 5 years in {percent(row['inside'])} of 60 fresh runs if")
    assert f"and in {percent(row['outside'])} else; found with {percent(row['density'])}" in said
    assert said.endswith("the rule held")


def test_a_rule_without_fresh_runs_says_that_it_is_not_tested(found: Discovery) -> None:
    assert found.headline().endswith("not put to the test by fresh runs")


def test_each_of_several_rules_is_tested_at_its_part_of_the_level() -> None:
    box = Box((Condition("gain", "number", low=0.4),), 0.5, 0.9, 0.6, 100)
    alone, of_five = (
        confirmed(box, QUESTION, experiment(), FACTORS, 60, 100, Means(1), tests)[0]
        for tests in (1, 5)
    )

    assert of_five.difference.mean == alone.difference.mean
    # Quantiles of Student's t with 59 degrees of freedom at 0.995 and at 0.975.
    assert of_five.difference.width / alone.difference.width == pytest.approx(
        2.6618 / 2.0010, abs=1e-3
    )
    assert of_five.inside.width > alone.inside.width


def chance(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Listed in time in half of the cases, whatever the keys are."""
    day = 4000.0 * default_rng([seed, *own_words({"x": values["x"]})]).random()
    return {"followed_days": FOLLOWED_DAYS, "listed_after_days": day}


def test_rules_of_chance_are_seldom_held_to_be_true() -> None:
    factors = (unit("x"), unit("y"))
    box = Box((Condition("x", "number", low=0.5),), 0.5, 0.5, 0.5, 100)
    held = [
        confirmed(box, QUESTION, experiment(chance), factors, 40, 1000 * n, Means(1), 5)[0]
        for n in range(60)
    ]

    # Of 60 tests at 0.005 on the side of yes, 0.3 are expected.
    assert sum(each.is_confirmed for each in held) <= 3


def test_fresh_runs_have_seeds_that_no_run_had(tested_discovery: Discovery, sweep: Any) -> None:
    fresh = tested_discovery.tables()["fresh_runs"]
    before = set(sweep.to_polars()["seed"])

    assert not before & set(fresh["seed"] + fresh["pair"])
    assert len(fresh) == 120


def test_a_box_that_noise_has_made_is_not_confirmed() -> None:
    box = Box((Condition("noise", "number", high=0.3),), 0.9, 0.3, 0.3, 100)
    verdict, _ = confirmed(box, QUESTION, experiment(), FACTORS, 60, 100, Means(1))

    assert not verdict.is_confirmed
    assert verdict.difference.low <= 0.0 <= verdict.difference.high


def test_pairs_differ_by_the_keys_of_the_rule_alone() -> None:
    conditions = (
        Condition("gain", "number", low=0.4),
        Condition("rule", "choice", names=("early", "published"), codes=(0.0, 1.0)),
        Condition("training", "switch", names=("on",), codes=(1.0,)),
        Condition("start", "date", high=float(DAYS[20].toordinal() - 719_163)),
    )
    points = paired_design(Box(conditions, 1.0, 1.0, 0.1, 1), FACTORS, 50, 3).values()

    for without, within in zip(points[::2], points[1::2], strict=True):
        assert [without[key] == within[key] for key in ("year", "noise", "pair")] == [True] * 3
        assert _satisfies(within)
        assert not _satisfies(without)


def _satisfies(point: Mapping[str, Any]) -> bool:
    is_named = point["rule"] != "strict" and point["training"]
    return bool(point["gain"] >= 0.4 and is_named and point["start"] <= DAYS[20])


def test_places_inside_are_spread_over_the_whole_box() -> None:
    box = Box((Condition("gain", "number", low=0.4),), 1.0, 1.0, 0.6, 1)
    inside_gains = [point["gain"] for point in paired_design(box, FACTORS, 400, 3).values()[1::2]]

    assert np.quantile(inside_gains, [0.1, 0.5, 0.9]) == pytest.approx([0.46, 0.7, 0.94], abs=0.02)


def test_each_pair_has_a_seed_of_its_own() -> None:
    paired = PairedExperiment(FunctionExperiment(tell_seed, ("seed",)))

    assert [paired({"x": 1.0, "pair": pair}, 100)["seed"] for pair in (0, 7)] == [100.0, 107.0]


def tell_seed(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    assert "pair" not in values
    return {"seed": float(seed)}


def test_wilsons_interval_by_hand() -> None:
    # 8 of 10: (0.8 + 3.8415/20 ± 1.96 √(0.016 + 3.8415/400)) / (1 + 0.38415)
    found = wilson(np.array([1.0] * 8 + [0.0] * 2))

    assert tuple(found) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)


def test_a_rule_from_one_seed_alone_comes_with_a_warning() -> None:
    found, _ = discovery_of(planted_sweep(200, 1), QUESTION)

    assert any("have the luck of the same one seed" in note for note in found.notes)


# --- results


def test_tables_on_disk_hold_the_findings(tmp_path: Path, found: Discovery) -> None:
    names = {path.name for path in write_analysis(found, tmp_path)}

    assert names >= {"discover.parquet", "conditions.csv", "cases.parquet", "about.json"}
    assert pl.read_parquet(tmp_path / "discover.parquet").equals(found.table)


def test_a_notebook_shows_the_rule(found: Discovery) -> None:
    assert "year ≤ 2010" in found._repr_html_()
    assert found.to_pandas()["rule"][0] == found.rules[0]


def test_boxes_are_a_dimension_of_arrays(found: Discovery) -> None:
    pytest.importorskip("xarray")

    assert found.to_xarray()["rule"].sel(box=1).item() == found.rules[0]


def test_the_figure_has_a_panel_for_each_condition_and_one_for_the_test(
    found: Discovery, tested_discovery: Discovery
) -> None:
    assert len(found.plot().axes) == 4
    assert tested_discovery.plot().axes[-1].get_title("left") == "Rule held"


# --- wrong input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "prism"}, r"method: 'prism'; allowed: prim, cart; did you mean 'prim'\?"),
        ({"threshold": 0.0}, r"threshold: 0.0; allowed: a share above 0, up to 1"),
        ({"threshold": 80.0}, "threshold: 80.0"),
        ({"boxes": 0}, "boxes: 0; allowed: a whole number from 1 to 10"),
        ({"confirm": 5}, "confirm: 5; allowed: 0 for none, or a whole number from 10"),
        ({"question": "gni<0.3"}, "outcome: 'gni'; allowed: followed_days"),
    ],
)
def test_a_search_that_is_not_possible_is_refused(
    sweep: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        discover(runs=sweep, **options)


def test_an_answer_that_is_always_the_same_is_refused(sweep: Any) -> None:
    with pytest.raises(RunError, match="the answer is yes in only 0 of 800 runs"):
        discover(runs=sweep, question="listed within 10 days")


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(RunError, match="40 runs have an answer; allowed: 50 or more"):
        discover(runs=planted_sweep(20))


def test_morris_trajectories_are_refused() -> None:
    sweep = swept(planted_x, sensitivity_design("morris", [unit("x")], 50, 0), 2, OUTCOMES)

    with pytest.raises(ScenarioError, match="design: 'morris'; allowed: a grid, lhs"):
        discover(runs=sweep)


def planted_x(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    luck = default_rng([seed, *own_words(values)]).random()
    return {"followed_days": FOLLOWED_DAYS, "listed_after_days": 4000.0 * values["x"] * luck}


def test_runs_of_no_scenario_cannot_be_confirmed(sweep: Any) -> None:
    with pytest.raises(RunError, match="this sweep ran no scenario"):
        discover(runs=sweep, confirm=20)


def test_a_box_that_leaves_nothing_outside_cannot_be_tested() -> None:
    everything = Box((Condition("gain", "number", low=-1.0),), 1.0, 1.0, 1.0, 1)

    with pytest.raises(RunError, match="leaves hardly anything outside"):
        paired_design(everything, FACTORS, 20, 0)


def test_a_sweep_without_times_has_no_answer() -> None:
    sweep = swept(only_y, design_of_numbers({"x": range(60)}))

    with pytest.raises(ScenarioError, match="outcome: 'listed_after_days'; allowed: y"):
        discover(runs=sweep)


def only_y(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"y": 1.0}


def test_a_missing_library_is_told_with_how_to_install_it(
    sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis.prim", None)

    with pytest.raises(RunError, match=r"ema_workbench is not installed.*villagesim"):
        discover(runs=sweep)


def test_the_analysis_is_a_public_name() -> None:
    assert sim.discover is discover
