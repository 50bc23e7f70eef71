"""What of a history is a policy's doing: twins, draws of parameters, and refusals."""

import math
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's
from scipy.stats import beta, spearmanr

from sim.errors import DataError, ScenarioError
from sim.experiments.attribution import ASSUMED, Attribution, _made, attribute
from sim.experiments.luck import luck_of
from sim.experiments.parameter_draws import NO_POSTERIOR, parameter_draws
from sim.experiments.posterior import POSTERIOR_FILE
from sim.experiments.run import RunOptions, simulate
from sim.scenario import Scenario, load_scenario, with_changes
from sim.world.parameters import registry

DRAWS = 6
POLICY = """
[[policies]]
kind = "service_platform"
name = "hub"
start = 2014-01-01
training = {{ intensity = {strength} }}
logistics = {{ intensity = {strength} }}
"""


@pytest.fixture(scope="module", autouse=True)
def _no_posterior(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Parameters of these tests are the registry's, whatever posterior is shipped."""
    path = tmp_path_factory.mktemp("nothing") / "draws.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.experiments.parameter_draws.POSTERIOR_FILE", path)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_text: str) -> Path:
    return tmp_path_factory.mktemp("attribution")


def scenario(place: Path, tiny_text: str, strength: float) -> Scenario:
    text = tiny_text.replace("start = 2015-01-01", "start = 2013-01-01")
    path = place / f"hub-{strength:g}.toml"
    path.write_text(text + POLICY.format(strength=strength), encoding="utf-8")
    return load_scenario(path)


@pytest.fixture(scope="module")
def found(place: Path, tiny_text: str) -> Attribution:
    # Shops are so rare that some villages are listed in time and others are not.
    there = with_changes(scenario(place, tiny_text, 1.0), {"behaviour.open_intercept": -7.0})
    return attribute(there, year=2015, listed_by=2013, draws=DRAWS, replicates=2)


def test_what_comes_before_the_policy_is_the_same_without_it(found: Attribution) -> None:
    early = found.runs.filter(pl.col("listed_with") < 2014)

    assert early.height
    assert early["listed_with"].equals(early["listed_without"])
    assert found.value("listed with")["value"] == found.value("listed without")["value"]


def test_a_policy_without_strength_has_no_share(place: Path, tiny_text: str) -> None:
    nothing = attribute(
        scenario(place, tiny_text, 0.0), year=2015, listed_by=2015, draws=2, replicates=2
    )

    assert nothing.runs["share"].to_list() == [0.0] * 4


def test_a_real_policy_changes_sales(found: Attribution) -> None:
    assert (found.runs["share"] != 0.0).any()


def test_no_two_runs_share_their_luck(found: Attribution) -> None:
    assert found.runs["seed"].to_list() == list(range(7, 7 + 2 * DRAWS))


def test_share_is_what_sales_have_more_with_the_policy(found: Attribution) -> None:
    runs = found.runs
    by_hand = 1.0 - runs["sales_without_yuan"] / runs["sales_with_yuan"]

    assert runs["share"].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert found.value("share of sales")["value"] == pytest.approx(np.median(by_hand))


def test_sales_are_of_their_year_even_if_the_listing_may_come_later(
    place: Path, tiny_text: str
) -> None:
    there = with_changes(scenario(place, tiny_text, 1.0), {"behaviour.open_intercept": -7.0})
    early, late = (
        attribute(there, year=2013, listed_by=by, draws=2, replicates=2).runs for by in (2013, 2014)
    )

    columns = ["sales_with_yuan", "sales_without_yuan"]
    assert late.select(columns).equals(early.select(columns))
    assert 2014 in late["listed_with"]


def test_each_draw_is_run_with_its_own_values(place: Path, tiny_text: str) -> None:
    there = scenario(place, tiny_text, 1.0)
    runs = attribute(
        there, year=2014, listed_by=2014, draws=2, replicates=2, assumed=("open_intercept",)
    ).runs

    for row in runs.iter_rows(named=True):
        value = row["behaviour.open_intercept"]
        world = with_changes(there, {"behaviour.open_intercept": value})
        years = simulate(world, row["seed"], RunOptions(1)).tables["village_years"]
        sold = years["online_sales_yuan"][years["year"] == 2014].sum()
        assert row["sales_with_yuan"] == pytest.approx(sold)


def test_luck_of_draws_with_seeds_of_their_own_is_known_from_two_of_each() -> None:
    random = default_rng(5)
    shares = random.normal(0.0, math.sqrt(3.0), (120, 1)) + random.normal(0.0, 1.0, (120, 2))
    rows = [
        {
            "draw": draw,
            "replicate": replicate,
            "listed_with": 2016,
            "listed_without": 2016,
            "sales_with_yuan": 1.0,
            "sales_without_yuan": 1.0 - shares[draw, replicate],
        }
        for draw in range(120)
        for replicate in range(2)
    ]
    about = {"draws": 120, "replicates": 2, "listed_by": 2016, "assumed": [], "parameters": "it"}

    told = _made(about, rows, [{}] * 120).value("luck in the share's variance")

    assert told["low"] > 0.1
    assert told["high"] < 0.5


def test_bounds_of_shares_are_quantiles_of_runs(found: Attribution) -> None:
    told = found.value("share of sales")
    bounds = np.quantile(found.runs["share"].to_numpy(), [0.05, 0.95])

    assert (told["low"], told["high"]) == pytest.approx(tuple(bounds))
    assert told["count"] == 2 * DRAWS


def test_share_of_all_sales_is_a_ratio_of_sums(found: Attribution) -> None:
    with_it, without = (found.runs[f"sales_{name}_yuan"].sum() for name in ("with", "without"))

    told = found.value("share of all sales together")

    assert told["value"] == pytest.approx(1.0 - without / with_it)


def test_share_if_listed_in_time_leaves_out_the_others(found: Attribution) -> None:
    in_time = found.runs.filter(pl.col("listed_with") <= 2013)

    told = found.value("share of sales if listed in time")

    assert 0 < in_time.height < 2 * DRAWS
    assert told["value"] == pytest.approx(in_time["share"].median())
    assert told["count"] == in_time.height


def test_luck_is_told_from_seeds_that_no_two_draws_share(found: Attribution) -> None:
    shares = found.runs["share"].to_numpy().reshape(DRAWS, 2)
    luck = luck_of(shares, is_crossed=False)

    told = found.value("luck in the share's variance")

    assert (told["value"], told["low"], told["high"]) == (luck.share, luck.low, luck.high)


def test_chance_has_the_interval_of_clopper_and_pearson_by_draws(found: Attribution) -> None:
    told = found.value("listed with")
    hits = told["value"] * DRAWS
    low = beta.ppf(0.025, hits, DRAWS - hits + 1)
    high = beta.ppf(0.975, hits + 1, DRAWS - hits)

    assert 0 < hits < DRAWS
    assert (told["low"], told["high"]) == pytest.approx((low, high))


def test_dependence_is_that_of_the_mean_share_of_draws(found: Attribution) -> None:
    means = found.runs["share"].to_numpy().reshape(DRAWS, 2).mean(axis=1)
    values = found.runs["behaviour.settle_services"].to_numpy()[::2]
    row = found.dependence.row(by_predicate=pl.col("parameter") == "settle_services", named=True)

    assert row["correlation"] == pytest.approx(spearmanr(values, means).statistic)
    ranked = means[np.argsort(values)]
    assert row["share_lowest_third"] == pytest.approx(ranked[:2].mean())
    assert row["share_highest_third"] == pytest.approx(ranked[-2:].mean())


def test_notes_say_where_parameters_come_from(found: Attribution) -> None:
    assert found.about["parameters"] in found.notes[-1]
    assert ASSUMED[0] in found.notes[-1]


def test_chance_is_the_share_of_runs_that_are_listed(found: Attribution) -> None:
    listed = (found.runs["listed_with"].fill_null(9999) <= 2013).mean()

    assert found.value("listed with")["value"] == pytest.approx(listed)


def test_it_is_told_and_drawn(found: Attribution) -> None:
    assert found.headline() in repr(found)
    assert escape(found.headline()) in found._repr_html_()
    assert len(found.plot().axes) == 3


def test_tables_are_written(place: Path, tiny_text: str, tmp_path: Path) -> None:
    there = scenario(place, tiny_text, 1.0)
    made = attribute(
        there, year=2013, listed_by=2013, draws=2, replicates=2, assumed=(), out=tmp_path / "out"
    )

    assert pl.read_parquet(tmp_path / "out" / "runs.parquet").equals(made.runs)


def test_assumed_values_cover_their_range_evenly() -> None:
    source, draws = parameter_draws(20, ASSUMED)
    room = registry()["storage_room_gain"]
    low, high = float(room.low or 0.0), float(room.high or 0.0)
    parts = [(draw["behaviour.storage_room_gain"] - low) / (high - low) * 20 for draw in draws]

    assert sorted(int(part) for part in parts) == list(range(20))
    assert len(draws[0]) >= len(ASSUMED)
    assert source


def test_a_range_over_powers_of_ten_is_even_in_the_logarithm_as_in_a_calibration() -> None:
    _, draws = parameter_draws(20, ("training_reach",))
    reach = registry()["training_reach"]
    low, high = float(reach.low or 0.0), float(reach.high or 0.0)
    span = math.log(high / low)
    parts = [math.log(draw["behaviour.training_reach"] / low) / span * 20 for draw in draws]

    assert sorted(int(part) for part in parts) == list(range(20))


def test_goods_that_are_tied_have_the_same_value_in_each_draw() -> None:
    _, draws = parameter_draws(5, ("goods.*.typical_sales_yuan_per_year",))

    assert all(len(draw) > 1 for draw in draws)
    assert [len(set(draw.values())) for draw in draws] == [1] * 5
    assert len({value for draw in draws for value in draw.values()}) == 5


def test_assumed_values_are_drawn_apart_from_each_other() -> None:
    _, draws = parameter_draws(200, ASSUMED)
    table = np.array([[draw[f"behaviour.{name}"] for name in ASSUMED] for draw in draws])
    correlations = np.corrcoef(table.T) - np.eye(len(ASSUMED))

    assert np.abs(correlations).max() < 0.25


def test_what_was_fitted_is_taken_from_a_posterior(tmp_path: Path) -> None:
    path = tmp_path / "posterior.csv"
    path.write_text("behaviour.open_gain,weight\n0.7,1\n", encoding="utf-8")

    source, draws = parameter_draws(2, ("open_age",), path)

    assert source == "posterior.csv"
    assert [draw["behaviour.open_gain"] for draw in draws] == [0.7, 0.7]
    assert "behaviour.open_age" in draws[0]


def test_the_posterior_that_is_shipped_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.parameter_draws.POSTERIOR_FILE", POSTERIOR_FILE)
    source, (draw, other) = parameter_draws(2)

    assert source == "draws.csv"
    assert draw.keys() == other.keys() >= {"behaviour.open_intercept"}
    assert draw["behaviour.open_intercept"] != other["behaviour.open_intercept"]


def test_without_a_posterior_values_are_those_of_the_registry() -> None:
    assert parameter_draws(2) == (NO_POSTERIOR, [{}, {}])


def test_a_posterior_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv"):
        parameter_draws(2, (), tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"policy": "hob"}, "hob.*hub"),
        ({"year": 2016}, "year: 2016.*2013 to 2015"),
        ({"listed_by": 2012}, "listed_by: 2012.*2013 to 2015"),
        ({"draws": 1}, "draws: 1.*from 2 to"),
        ({"replicates": 0}, "replicates: 0.*from 2 to"),
        ({"assumed": ("trainings_reach",)}, "assumed: 'trainings_reach'.*training_reach"),
        ({"assumed": "training_reach"}, "assumed: 'training_reach'.*a list of names"),
        ({"draws": 2.5}, "draws: 2.5.*a whole number"),
        ({"replicates": "2"}, "replicates: '2'.*a whole number"),
        ({"year": 2015.0}, "year: 2015.0.*2013 to 2015"),
        ({"seed": 2**63 - 1}, "seed: 9223372036854775807.*less the runs, 160"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    place: Path, tiny_text: str, given: dict[str, Any], message: str
) -> None:
    asked = {"year": 2015, "listed_by": 2015} | given

    with pytest.raises(ScenarioError, match=message):
        attribute(scenario(place, tiny_text, 1.0), **asked)


def test_a_year_that_is_cut_at_the_start_is_refused(place: Path, tiny_text: str) -> None:
    late = scenario(place, tiny_text, 1.0).model_copy(update={"start": date(2013, 3, 1)})

    with pytest.raises(ScenarioError, match=r"year: 2013.*2014 to 2015"):
        attribute(late, year=2013, listed_by=2015, draws=2, replicates=2)


def test_a_scenario_without_policies_has_nothing_to_attribute() -> None:
    with pytest.raises(ScenarioError, match="a scenario with a policy"):
        attribute("cangtian-without-platform")
