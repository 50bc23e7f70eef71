"""Comparisons under the same luck: what differs, how surely, and for whom."""

import math
import pickle
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

from sim.errors import RunError, ScenarioError
from sim.experiments import RunOptions, RunResult, run
from sim.experiments.compare import Comparison, compare
from sim.experiments.comparison_folder import FORMAT, TABLES, read_comparison
from sim.experiments.comparison_text import (
    SEEDS_USED,
    difference_rows,
    family_text,
    gain_rows,
    pairing_rows,
    quantity,
    seeds_remark,
    span,
    verdict_of,
)
from sim.experiments.differences import LEFT_OUT, WAITED, Wish, differences_of, effectiveness_of
from sim.experiments.executors import Workplace
from sim.experiments.gains import BEFORE, GROUPINGS, gains_of
from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import OUTCOMES, outcomes_of
from sim.experiments.replicates import Pairing, run_replicates
from sim.experiments.twins import (
    NOT_REACHED,
    distances_of,
    observed_households,
    pioneers_of,
    steps_from,
    twins_of,
)
from sim.experiments.worlds import World, worlds_of
from sim.model import CommerceModel
from sim.results.incomes import FIFTHS
from sim.results.tables import income_yuan
from sim.scenario import Scenario, load_scenario
from sim.world.draws import village_key

HUB = """\
[[policies]]
kind = "service_platform"
name = "hub"
start = 2015-03-01
training = {}
storage = { yearly_cost_yuan = 12_000 }
"""
NOTHING = """\
[[policies]]
kind = "cold_chain"
name = "idle"
start = 2015-01-01
intensity = 0.0
"""
OUTCOME_NAMES = [outcome.name for outcome in OUTCOMES]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, tiny_text: str) -> Path:
    """A folder with tiny.toml, hub.toml and idle.toml."""
    folder = tmp_path_factory.mktemp("worlds")
    (folder / "tiny.toml").write_text(tiny_text, encoding="utf-8")
    (folder / "hub.toml").write_text(HUB, encoding="utf-8")
    (folder / "idle.toml").write_text(NOTHING, encoding="utf-8")
    (folder / "without-net.toml").write_text(
        'extends = "tiny.toml"\nplatforms = []\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def compared(files: Path) -> Comparison:
    """The tiny village with a hub, with a policy that does nothing, and without any platform."""
    variants = [files / f"{name}.toml" for name in ("hub", "idle", "without-net")]
    return compare(files / "tiny.toml", *variants, replicates=4, workers=1)


def row(comparison: Comparison, variant: str, outcome: str) -> dict[str, Any]:
    """The difference of an outcome."""
    rows = comparison.differences.filter(
        (pl.col("variant") == variant) & (pl.col("outcome") == outcome)
    )
    return rows.row(0, named=True)


def runs_of(**worlds: Mapping[str, list[float]]) -> pl.DataFrame:
    """A table of runs with some outcomes; followed for 100 days, everything else missing."""
    rows = []
    for world, outcomes in worlds.items():
        count = len(next(iter(outcomes.values())))
        for replicate in range(count):
            values = dict.fromkeys(OUTCOME_NAMES, math.nan) | {"followed_days": 100.0}
            values |= {name: numbers[replicate] for name, numbers in outcomes.items()}
            rows.append({"scenario": world, "replicate": replicate, "seed": replicate} | values)
    return pl.DataFrame(rows)


# --- pairs have the same luck


def test_each_run_is_what_a_single_run_with_its_seed_gives(
    files: Path, compared: Comparison
) -> None:
    for variant, policies in (("tiny", []), ("tiny+hub", [files / "hub.toml"])):
        scenario = load_scenario(files / "tiny.toml", policies=policies)
        for replicate in (0, 3):
            alone = outcomes_of(run(scenario, 7 + replicate, options=RunOptions(threads=1)))
            kept = compared.runs.filter(
                (pl.col("scenario") == variant) & (pl.col("replicate") == replicate)
            ).row(0, named=True)
            assert kept["seed"] == 7 + replicate
            assert {name: kept[name] for name in alone} == pytest.approx(alone, nan_ok=True, rel=0)


def test_a_policy_that_does_nothing_makes_no_difference_in_any_pair(compared: Comparison) -> None:
    idle = compared.differences.filter(pl.col("variant") == "tiny+idle")

    assert idle.height > 20
    for column in ("difference", "low", "high"):
        assert (idle[column] == 0.0).all()
    assert (idle["same_share"] == 1.0).all()
    assert (idle["better_share"] + idle["worse_share"] == 0.0).all()
    twins = compared.households.filter(pl.col("variant") == "tiny+idle")
    assert (twins["base_income_yuan"] == twins["variant_income_yuan"]).all()


def test_a_policy_that_does_something_makes_a_difference(compared: Comparison) -> None:
    hub = compared.differences.filter(pl.col("variant") == "tiny+hub")

    assert (hub["difference"] != 0.0).sum() > 10
    cost = row(compared, "tiny+hub", "total_policy_cost_yuan")
    assert cost["difference"] == cost["low"] == cost["high"] == pytest.approx(10_000.0)


def test_pairing_is_worth_more_than_one(compared: Comparison) -> None:
    """Else the two worlds would not share their luck."""
    hub = compared.differences.filter(pl.col("variant") == "tiny+hub")
    ratios = hub["variance_ratio"].to_numpy()

    assert np.nanmedian(ratios[np.isfinite(ratios)]) > 1.5


def test_who_runs_and_in_what_order_changes_no_number(files: Path, compared: Comparison) -> None:
    again = compare(
        files / "tiny.toml",
        *(files / f"{name}.toml" for name in ("hub", "idle", "without-net")),
        replicates=4,
        workers=LastFirst(),
    )

    for table in TABLES:
        assert getattr(again, table).equals(getattr(compared, table))
    assert again.about == compared.about


class LastFirst(Executor):
    """Does what it was given, the last first, as another process would: all travels by pickle."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Future[Any], bytes]] = []

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting.append((future, pickle.dumps((function, given))))
        if len(self._waiting) == 4:
            for waiting, packed in reversed(self._waiting):
                work, with_what = pickle.loads(packed)
                waiting.set_result(pickle.loads(pickle.dumps(work(*with_what))))
        return future


def test_a_dead_worker_ends_the_comparison(files: Path) -> None:
    class Dying(Executor):
        def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("gone"))
            return future

    with pytest.raises(RunError, match="a worker process has died"):
        compare(files / "tiny.toml", files / "hub.toml", replicates=2, workers=Dying())


class DiesOnce(Executor):
    """Loses everything that it was given up to a number, and nothing after it is renewed."""

    def __init__(self, dying: int) -> None:
        self._dying = dying

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self._dying:
            future.set_exception(BrokenProcessPool("gone"))
        else:
            future.set_result(function(*given))
        return future


@pytest.mark.parametrize(("deaths", "ends"), [(2, "well"), (3, "in an error")])
def test_replicates_whose_process_dies_are_begun_anew(
    files: Path, compared: Comparison, monkeypatch: pytest.MonkeyPatch, deaths: int, ends: str
) -> None:
    left = iter(range(deaths, -1, -1))
    place = Workplace(DiesOnce(next(left)), 2, renew=lambda: DiesOnce(next(left)))
    monkeypatch.setattr(
        "sim.experiments.replicates.workplace_of", lambda workers: nullcontext(place)
    )
    given = (files / "tiny.toml", files / "hub.toml")

    if ends == "well":
        again = compare(*given, replicates=4, workers=2)
        kept = compared.runs.filter(pl.col("scenario").is_in(["tiny", "tiny+hub"]))
        assert again.runs.equals(kept)
    else:
        with pytest.raises(RunError, match="a worker process has died"):
            compare(*given, replicates=4, workers=2)


def test_a_run_that_fails_says_which_seed(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any, **named: Any) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("sim.experiments.replicates.run", fail)
    with pytest.raises(RunError, match="seed 7: ZeroDivisionError: by nothing"):
        compare(files / "tiny.toml", files / "hub.toml", replicates=2, workers=1)


def test_the_first_replicate_is_run_here_where_processes_would_not_pay(files: Path) -> None:
    told: list[str] = []
    compare(
        files / "tiny.toml",
        files / "hub.toml",
        replicates=2,
        until=date(2015, 2, 28),
        progress=lambda share, doing: told.append(f"{share:.1f} {doing}"),
    )

    assert told == [
        "0.0 replicate 0 of 2",
        "0.5 replicate 1 of 2",
        "1.0 replicate 2 of 2",
    ]


# --- outcomes that are missing


def test_never_listed_counts_as_the_days_of_the_run() -> None:
    runs = runs_of(
        base={"listed_after_days": [40.0, math.nan, math.nan]},
        variant={"listed_after_days": [30.0, 60.0, math.nan]},
    )
    rows = differences_of(runs, "base", ["variant"])
    found = rows.filter(pl.col("outcome") == "listed_after_days").row(0, named=True)

    assert (found["base_mean"], found["variant_mean"]) == pytest.approx((80.0, 190.0 / 3))
    assert found["difference"] == pytest.approx((-10.0 - 40.0 + 0.0) / 3)
    assert (found["base_missing"], found["variant_missing"]) == (2, 1)
    assert (found["missing_rule"], found["pairs"]) == (WAITED, 3)
    # Sooner is better: in two pairs of three it is, and one is a tie.
    shares = [found[f"{name}_share"] for name in ("better", "same", "worse")]
    assert shares == pytest.approx([2 / 3, 1 / 3, 0.0])


def test_never_in_any_run_is_no_difference() -> None:
    runs = runs_of(
        base={"crossed_after_days": [math.nan] * 2}, variant={"crossed_after_days": [math.nan] * 2}
    )
    rows = differences_of(runs, "base", ["variant"])
    found = rows.filter(pl.col("outcome") == "crossed_after_days").row(0, named=True)

    assert (found["base_mean"], found["difference"]) == (100.0, 0.0)
    assert (found["base_missing"], found["variant_missing"]) == (2, 2)


def test_of_other_outcomes_pairs_without_one_are_left_out() -> None:
    runs = runs_of(
        base={"gini": [0.5, math.nan, 0.6, 0.4]}, variant={"gini": [0.4, 0.3, math.nan, 0.5]}
    )
    rows = differences_of(runs, "base", ["variant"])
    found = rows.filter(pl.col("outcome") == "gini").row(0, named=True)

    assert (found["pairs"], found["missing_rule"]) == (2, LEFT_OUT)
    assert found["base_mean"] == pytest.approx(0.45)
    assert found["difference"] == pytest.approx(0.0)
    assert (found["base_missing"], found["variant_missing"]) == (1, 1)


def test_an_outcome_that_no_pair_has_has_no_row(compared: Comparison) -> None:
    runs = runs_of(base={"gini": [math.nan]}, variant={"gini": [0.5]})
    rows = differences_of(runs, "base", ["variant"])

    assert set(rows["outcome"]) == {"crossed_after_days", "listed_after_days"}
    # Without platforms nobody takes a room, so that there is no income of incomers to compare.
    without = compared.differences.filter(pl.col("variant") == "without-net")
    assert "mean_income_incomer_yuan" not in set(without["outcome"])


# --- widths and costs


def test_the_replicates_wanted_are_those_for_the_width_that_was_stated() -> None:
    values = [10.0, 12.0, 8.0, 11.0, 9.0]
    runs = runs_of(base={"active_stores": [100.0] * 5}, variant={"active_stores": values})

    def more(**wish: Any) -> int:
        rows = differences_of(runs, "base", ["variant"], Wish(**wish))
        return int(rows.filter(pl.col("outcome") == "active_stores")["more_replicates"][0])

    # Five values with a standard deviation of 1.58 have an interval of 3.93.
    assert more(widths={"active_stores": 4.0}) == 0
    assert more(widths={"active_stores": 3.9}) == 1
    assert more(width=0.04) == 0  # of 100 stores
    assert more(width=0.039) == 1
    assert more(confidence=0.8, widths={"active_stores": 2.2}) == 0


def test_what_the_base_has_none_of_needs_a_width_of_its_own() -> None:
    runs = runs_of(base={"active_stores": [0.0, 0.0]}, variant={"active_stores": [1.0, 3.0]})
    rows = differences_of(runs, "base", ["variant"])

    assert rows.filter(pl.col("outcome") == "active_stores")["more_replicates"].to_list() == [None]


def test_cost_effectiveness_divides_what_it_costs_by_what_it_brings() -> None:
    runs = runs_of(
        base={"total_policy_cost_yuan": [0.0] * 3, "active_stores": [10.0, 20.0, 30.0]},
        variant={"total_policy_cost_yuan": [6000.0] * 3, "active_stores": [12.0, 23.0, 34.0]},
    )
    (found,) = effectiveness_of(runs, "base", ["variant"]).to_dicts()

    assert (found["outcome"], found["cost_yuan"]) == ("active_stores", 6000.0)
    assert (found["effect"], found["yuan_per_unit"]) == pytest.approx((3.0, 2000.0))
    # The interval of 2, 3 and 4 stores, turned over.
    assert (found["low"], found["high"]) == pytest.approx((6000 / 5.4841377, 6000 / 0.5158623))


def test_what_costs_nothing_has_no_cost_effectiveness(compared: Comparison) -> None:
    assert set(compared.effectiveness["variant"]) == {"tiny+hub"}
    assert {"active_stores", "jobs_in_stores"} <= set(compared.effectiveness["outcome"])


# --- households and their twins


@pytest.fixture(scope="module")
def worlds(files: Path) -> tuple[RunResult, RunResult]:
    """The tiny village without and with the hub, once."""
    options = RunOptions(threads=1)
    plain = load_scenario(files / "tiny.toml")
    hub = load_scenario(files / "tiny.toml", policies=[files / "hub.toml"])
    return run(plain, 7, options=options), run(hub, 7, options=options)


def test_twins_are_the_same_household_in_both_worlds(worlds: tuple[RunResult, RunResult]) -> None:
    base, variant = worlds
    twins = twins_of(base, variant)

    assert twins["kind"].size == 30  # all but the rooms
    ours, theirs = (each.record.tables["household_years"] for each in worlds)
    for place in range(30):
        key = (twins["kind"][place], twins["number"][place])
        for table, income in ((ours, "base"), (theirs, "variant")):
            at = (table["kind"] == key[0]) & (table["number"] == key[1])
            assert income_yuan(table)[at] == twins[f"{income}_income_yuan"][place]
            assert table["schooling_years"][at] == twins["schooling_years"][place]


def test_a_household_without_a_twin_is_left_out(files: Path) -> None:
    more = ["villages.Reed.households=31", "villages.Reed.rooms_per_household=0.19"]
    options = RunOptions(threads=1)
    base, variant = (
        run(load_scenario(files / "tiny.toml", changes), 7, options=options)
        for changes in ([], more)
    )

    assert twins_of(base, variant)["kind"].size == twins_of(variant, base)["kind"].size == 30


def test_the_pioneer_is_who_opened_first(worlds: tuple[RunResult, RunResult]) -> None:
    shops = {
        "village": np.array([0, 0, 0, 1]),
        "opened_day": np.array([40, 30, 30, 9]),
        "owner_kind": np.array([0, 2, 1, 3]),
        "owner_number": np.array([5, 7, 1, 0]),
    }

    assert pioneers_of(shops) == {0: [(1, 1), (2, 7)], 1: [(3, 0)]}
    assert pioneers_of({}) == {}


def test_whom_a_household_observes_is_what_the_model_says(files: Path) -> None:
    model = CommerceModel(str(files / "tiny.toml"))
    counts = model.simulation.state.villages["kind_count"][0]
    observed = observed_households(7, village_key("P/Q/C/T/Reed"), counts)

    for household in model.households_of(0)[:30]:
        peers = [peer.row for peer in household.peers]
        assert [place for place in observed[household.row] if place >= 0] == peers
    assert (observed[30:] == -1).all()


def test_word_goes_from_the_observed_to_those_who_observe_them() -> None:
    observed = np.array([[-1, -1], [0, -1], [1, 3], [2, -1], [-1, -1]])

    assert steps_from(observed, [0]).tolist() == [0, 1, 2, 3, NOT_REACHED]
    assert steps_from(observed, [2]).tolist() == [NOT_REACHED, NOT_REACHED, 0, 1, NOT_REACHED]
    assert steps_from(observed, [0, 4]).tolist() == [0, 1, 2, 3, 0]


def test_where_nothing_is_sold_nobody_is_a_pioneer(files: Path) -> None:
    alone = run(files / "without-net.toml", 7, options=RunOptions(threads=1)).record
    households = alone.tables["household_years"]
    local = {name: values[households["kind"] < 3] for name, values in households.items()}

    assert (distances_of(alone, local) == NOT_REACHED).all()


def test_the_pioneer_is_at_distance_zero(worlds: tuple[RunResult, RunResult]) -> None:
    twins = twins_of(*worlds)
    pioneers = pioneers_of(worlds[0].record.tables["shop_years"])[0]
    local = [(kind, number) for kind, number in pioneers if kind < 3]

    at_zero = twins["distance_to_pioneer"] == 0
    assert local
    assert [
        (int(kind), int(number))
        for kind, number in zip(twins["kind"][at_zero], twins["number"][at_zero], strict=True)
    ] == local
    assert (twins["distance_to_pioneer"] == 1).any()


def households(**columns: Any) -> pl.DataFrame:
    """A table of households beside their twins."""
    count = len(columns["base_income_yuan"])
    usual: dict[str, Any] = {
        "variant": ["v"] * count,
        "replicate": [0] * count,
        "kind": ["farmer"] * count,
        "members": [1] * count,
        "schooling_years": [9] * count,
        "distance_to_pioneer": [1] * count,
        "before_yuan": columns["base_income_yuan"],
    }
    return pl.DataFrame(usual | columns)


def gains(table: pl.DataFrame, grouping: str) -> dict[str, dict[str, Any]]:
    """The groups of a grouping."""
    rows = gains_of(table).filter(pl.col("grouping") == grouping).to_dicts()
    return {row["group"]: row for row in rows}


def test_who_gains_and_who_loses_is_counted_beyond_one_per_cent_of_the_mean_income() -> None:
    table = households(
        base_income_yuan=[1000.0] * 5,
        variant_income_yuan=[1011.0, 1009.0, 1000.0, 991.0, 989.0],
    )
    found = gains(table, "all")["all"]

    assert (found["gaining_share"], found["losing_share"]) == (0.2, 0.2)
    assert (found["difference_yuan"], found["households"]) == (0.0, 5.0)


def test_groups_are_averaged_in_each_replicate_and_then_over_them() -> None:
    table = households(
        replicate=[0, 0, 0, 1, 1],
        kind=["farmer", "farmer", "operator", "farmer", "operator"],
        base_income_yuan=[100.0, 100.0, 100.0, 100.0, 100.0],
        variant_income_yuan=[110.0, 130.0, 100.0, 160.0, 90.0],
    )
    found = gains(table, "kind")

    # Farmers: 20 in the first replicate, 60 in the second; Student's t with one degree is 12.7.
    assert list(found) == ["farmer", "operator"]
    assert found["farmer"]["difference_yuan"] == pytest.approx(40.0)
    assert found["farmer"]["high"] == pytest.approx(40.0 + 12.706205 * 20.0)
    assert found["farmer"]["households"] == 1.5
    assert found["operator"]["difference_yuan"] == pytest.approx(-5.0)


def test_groups_are_in_their_order_and_named() -> None:
    table = households(
        schooling_years=[15, 0, 6, 12, 9, 9, 9, 9],
        distance_to_pioneer=[0, 1, 2, 4, 5, 9, NOT_REACHED, 3],
        base_income_yuan=[float(n) for n in range(8)],
        variant_income_yuan=[float(n) for n in range(8)],
    )

    assert list(gains(table, "schooling")) == [
        "none", "primary school", "junior middle school", "senior middle school", "college"
    ]  # fmt: skip
    assert list(gains(table, "distance to the pioneer")) == [
        "pioneer", "1 step", "2 steps", "3 steps", "4 steps", "5 steps or more", "not linked to it"
    ]  # fmt: skip
    assert list(gains(table, BEFORE)) == ["poorest", "second", "third", "fourth", "richest"]


def test_fifths_are_of_what_a_household_had_per_head_before() -> None:
    """Nothing that happens in either world decides in which fifth a household is."""
    before = [50.0, 40.0, 30.0, 20.0, 10.0, 60.0, 70.0, 80.0, 90.0, 900.0]
    members = [1] * 9 + [100]  # the last one is the poorest by head
    table = households(
        before_yuan=before,
        members=members,
        base_income_yuan=[100.0] * 10,
        variant_income_yuan=[100.0 + place for place in range(10)],
    )

    found = gains(table, BEFORE)
    assert {group: row["households"] for group, row in found.items()} == dict.fromkeys(FIFTHS, 2.0)
    # Poorest: the last two of those numbered 0 to 4, and so on.
    changes = [found[group]["difference_yuan"] for group in FIFTHS]
    assert changes == [(9 + 4) / 2, (3 + 2) / 2, (1 + 0) / 2, (5 + 6) / 2, (7 + 8) / 2]


def test_where_nothing_differs_on_the_whole_no_fifth_seems_to_gain() -> None:
    """Luck alone, drawn anew in each world: by an income of one world, the poorest would gain."""
    trial = default_rng(3)
    before, luck = trial.lognormal(10.0, 0.5, 5000), trial.normal(0.0, 5000.0, (2, 5000))
    table = households(
        before_yuan=before,
        replicate=np.repeat(np.arange(50), 100),
        base_income_yuan=before + luck[0],
        variant_income_yuan=before + luck[1],
    )
    by_base = table.with_columns(pl.col("base_income_yuan").alias("before_yuan"))

    assert [row["low"] < 0.0 < row["high"] for row in gains(table, BEFORE).values()] == [True] * 5
    wrong = gains(by_base, BEFORE)
    assert wrong["poorest"]["low"] > 0.0 > wrong["richest"]["high"]


def test_every_grouping_of_a_comparison_has_all_households(compared: Comparison) -> None:
    hub = compared.gains.filter(pl.col("variant") == "tiny+hub")

    assert set(hub["grouping"]) == set(GROUPINGS)
    for grouping in ("all", "kind", "schooling", BEFORE):
        groups = hub.filter(pl.col("grouping") == grouping)
        assert (groups["households"] * groups["replicates"]).sum() == pytest.approx(4 * 30.0)


def test_without_households_there_are_no_gains(files: Path) -> None:
    plain = compare(
        files / "tiny.toml", files / "hub.toml", replicates=2, workers=1, keep_households=False
    )

    assert plain.households.is_empty()
    assert plain.gains.is_empty()
    assert "gini" not in set(plain.differences["outcome"])
    assert "online_sales_yuan" in set(plain.differences["outcome"])


# --- worlds


def test_a_variant_is_a_scenario_or_policies_added_to_the_base(files: Path) -> None:
    tiny, hub = files / "tiny.toml", files / "hub.toml"
    loaded = load_scenario(tiny)
    named = {
        "storage": "tiny+storage",
        "storage+training": "tiny+storage+training",
        hub: "tiny+hub",
        files / "without-net.toml": "without-net",
    }
    for variant, label in named.items():
        for base in (tiny, loaded):
            world = worlds_of(base, [variant])[1]
            assert world.label == label
    both = worlds_of(tiny, ["storage+training"])[1].scenario
    assert [policy.name for policy in both.policies] == ["storage service", "training service"]


def test_policy_files_may_be_joined_too(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    base, variant = worlds_of("tiny.toml+idle.toml", ["hub.toml+storage"])

    assert (base.label, variant.label) == ("tiny+idle", "tiny+idle+hub+storage")
    names = [policy.name for policy in variant.scenario.policies]
    assert names == ["idle", "hub", "storage service"]


def test_changes_and_policies_hold_in_every_world(files: Path) -> None:
    worlds = worlds_of(
        files / "tiny.toml",
        [files / "without-net.toml", "storage"],
        ["end=2015-06-30"],
        [files / "hub.toml"],
    )

    for world in worlds:
        assert world.scenario.end == date(2015, 6, 30)
        assert "hub" in [policy.name for policy in world.scenario.policies]


WRONG_WORLDS: dict[str, tuple[list[Any], str]] = {
    "no variant": ([], "at least one variant"),
    "unknown variant": (["storrage"], "no such variant.*did you mean 'storage'"),
    "unknown policy of several": (["storage+trainning"], "no such policy.*'training'"),
    "the base itself": (["tiny.toml"], "names that differ"),
    "a variant twice": (["storage", "storage"], "names that differ"),
    "another period": (["cangtian"], "start = '2009-01-01'.*one time"),
    "other villages": (["elsewhere.toml"], "at least one village of tiny"),
    "a name missing after a plus": (["storage+"], r"'storage\+'; allowed: a name on both sides"),
    "a name missing before a plus": (["+storage"], "a name on both sides"),
    "a policy twice in a variant": (["storage+storage"], "'storage'; allowed: each policy once"),
    "a file that is missing": (["hob.toml"], "no such file.*did you mean 'hub.toml'"),
}


@pytest.mark.parametrize("name", WRONG_WORLDS)
def test_worlds_that_cannot_be_compared_are_refused(
    files: Path, tiny_text: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    elsewhere = tiny_text.replace('name = "Reed"', 'name = "Willow"')
    (files / "elsewhere.toml").write_text(elsewhere, encoding="utf-8")
    variants, message = WRONG_WORLDS[name]

    with pytest.raises(ScenarioError, match=message):
        worlds_of("tiny.toml", variants)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replicates": 1}, "replicates: 1; allowed: a whole number from 2"),
        ({"replicates": 2_000_000}, "replicates: 2000000"),
        ({"seed": -1}, "seed: -1; allowed"),
        ({"seed": 2**63 - 2}, r"seed: .*allowed: .*2\*\*63"),
        ({"until": date(2016, 1, 1)}, "until: '2016-01-01'; allowed: .*2015-12-31"),
        ({"workers": 0}, "workers: 0"),
        ({"overrides": ["seed"]}, "key.path=value"),
    ],
)
def test_what_cannot_be_run_is_refused(
    files: Path, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        compare(
            files / "tiny.toml",
            files / "hub.toml",
            out=tmp_path / "out",
            **{"replicates": 4, "workers": 1} | given,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"confidence": 1.0}, "confidence: 1.0; allowed: above 0"),
        ({"confidence": 0.0}, "confidence: 0.0"),
        ({"width": 0.0}, "width: 0.0; allowed: a number above 0"),
        ({"width": math.nan}, "width: nan"),
        (
            {"widths": {"activ_stores": 3.0}},
            "activ_stores; allowed: .*did you mean 'active_stores'",
        ),
        ({"widths": {"gini": -1.0}}, "gini = -1.0"),
        ({"widths": {"followed_days": 1.0}}, "followed_days; allowed"),
    ],
)
def test_a_wish_that_nobody_can_fulfil_is_refused(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        Wish(**wish)


def test_changes_of_a_scenario_made_before_are_refused(files: Path) -> None:
    loaded: Scenario = load_scenario(files / "tiny.toml")

    with pytest.raises(ScenarioError, match="change it first"):
        compare(loaded, "storage", overrides=["seed=3"])


# --- folders and results


def test_a_folder_holds_the_whole_comparison(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared"
    made = compare(files / "tiny.toml", files / "hub.toml", replicates=2, workers=1, out=out)
    read = read_comparison(out)

    for table in TABLES:
        assert getattr(read, table).equals(getattr(made, table))
    assert read.about == made.about
    assert sorted(path.name for path in out.iterdir()) == [
        "differences.parquet", "effectiveness.parquet", "figures", "gains.parquet",
        "households.parquet", "manifest.json", "runs.parquet",
    ]  # fmt: skip


def test_the_same_comparison_writes_the_same_bytes(files: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        compare(
            files / "tiny.toml", files / "hub.toml", replicates=2, workers=1, out=tmp_path / name
        )

    for path in (tmp_path / "one").glob("*.*"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_folder_with_other_files_is_refused_before_anything_runs(
    files: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    told: list[Any] = []

    with pytest.raises(RunError, match="not that of an earlier comparison"):
        compare(
            files / "tiny.toml",
            files / "hub.toml",
            out=tmp_path,
            progress=lambda *doing: told.append(doing),
        )
    assert told == []
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_failure_while_writing_leaves_the_earlier_comparison(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    given = (files / "tiny.toml", files / "hub.toml")
    compare(*given, replicates=2, workers=1, out=out)
    before = {path.name: path.read_bytes() for path in out.glob("*.*")}

    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.experiments.comparison_folder.write_json", full)
    with pytest.raises(RunError, match="No space left on device"):
        compare(*given, replicates=3, workers=1, out=out)
    assert {path.name: path.read_bytes() for path in out.glob("*.*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_no_comparison_or_is_damaged_is_refused(
    files: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="not the folder of a comparison"):
        read_comparison(tmp_path)
    (tmp_path / "manifest.json").write_text(f'{{"format": "{FORMAT}", "comparison": {{}}}}')
    with pytest.raises(RunError, match=r"runs\.parquet"):
        read_comparison(tmp_path)


def test_a_notebook_sees_what_differs(compared: Comparison) -> None:
    html = compared._repr_html_()

    assert repr(compared) == (
        "<Comparison of tiny with tiny+hub, tiny+idle, without-net: 4 pairs of runs each>"
    )
    assert html.count("<h4>") == 3
    assert "Active stores" in html
    assert html.count("<table>") == html.count("</table>") > 10
    assert compared.to_polars() is compared.differences


def test_pandas_gets_the_same_numbers(compared: Comparison) -> None:
    pytest.importorskip("pandas")
    frame = compared.to_pandas()

    assert frame["difference"].tolist() == compared.differences["difference"].to_list()


def test_variants_and_outcomes_are_dimensions_of_arrays(compared: Comparison) -> None:
    pytest.importorskip("xarray")
    row = compared.differences.row(0, named=True)

    found = compared.to_xarray().sel(variant=row["variant"], outcome=row["outcome"])

    assert found["difference"].item() == row["difference"]


def test_the_verdict_of_a_row_follows_what_is_better(compared: Comparison) -> None:
    cells = {row.cells[0]: row for row in difference_rows(compared, "without-net")}

    assert cells["Online sales"].verdict in ("worse", "")
    cost = {r.cells[0]: r for r in difference_rows(compared, "tiny+hub")}
    assert cost["Cost of policies, whole run"].verdict == "worse"
    assert cost["Cost of policies, whole run"].cells[3] == "the same in all"
    # The hub starts in the first year, before any income is known.
    assert list(gain_rows(compared, "tiny+hub")) == [
        *GROUPINGS[:-1], "savings per head at the start"
    ]  # fmt: skip
    assert list(gain_rows(compared, "tiny+idle"))[-1] == "savings per head at the start"


def told(p_holm: float | None, low: float, high: float, better: str = "more") -> str:
    return verdict_of({"p_holm": p_holm, "low": low, "high": high, "better": better}, 0.95)


def test_a_verdict_is_sure_only_if_it_survives_holm() -> None:
    assert told(0.04, 1.0, 2.0) == "better"
    assert told(0.06, 1.0, 2.0) == "better?"
    assert told(0.04, -2.0, -1.0) == "worse"
    assert told(0.04, 1.0, 2.0, "less") == "worse"
    assert told(0.06, -2.0, -1.0, "sooner") == "better?"
    assert told(0.04, 1.0, 2.0, "") == "more"
    assert told(0.06, -2.0, -1.0, "") == "less?"
    assert told(0.5, -1.0, 2.0) == "–"
    assert told(None, 3.0, 3.0) == "better"  # all pairs alike: nothing is left to chance
    assert told(None, 0.0, 0.0) == "–"


def normal_worlds(effects: Mapping[str, float], pairs: int = 10) -> pl.DataFrame:
    """Runs in which some outcomes differ by so many standard deviations, all others by luck."""
    trial = default_rng(5)
    worlds: dict[str, dict[str, list[float]]] = {"base": {}, "variant": {}}
    for name in OUTCOME_NAMES[3:]:
        base = trial.normal(100.0, 1.0, pairs)
        worlds["base"][name] = base.tolist()
        luck = trial.normal(effects.get(name, 0.0), 1.0, pairs)
        worlds["variant"][name] = (base + luck).tolist()
    return runs_of(**worlds)


def test_p_values_are_adjusted_for_all_outcomes_of_a_variant() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    table = differences_of(normal_worlds({"gini": -3.0, "orders": 1.0}), "base", ["variant"])
    family = table.drop_nulls("p_value")

    assert family.height == len(OUTCOME_NAMES) - 3  # all but days, and crossing and listing
    expected = multitest.multipletests(family["p_value"].to_numpy(), method="holm")[1]
    assert family["p_holm"].to_list() == pytest.approx(expected)
    sure = family.filter(pl.col("p_holm") < 0.05)["outcome"].to_list()
    assert sure == ["gini"]
    assert family.filter(pl.col("p_value") < 0.05).height > 1


def test_a_constant_difference_is_no_member_of_the_family() -> None:
    runs = runs_of(
        base={"active_stores": [1.0, 2.0, 3.0], "gini": [0.5, 0.6, 0.7]},
        variant={"active_stores": [2.0, 3.0, 4.0], "gini": [0.4, 0.6, 0.9]},
    )
    rows = {row["outcome"]: row for row in differences_of(runs, "base", ["variant"]).to_dicts()}

    for name in ("active_stores", "listed_after_days"):
        assert rows[name]["p_value"] is rows[name]["p_holm"] is None
    assert rows["gini"]["p_holm"] == rows["gini"]["p_value"] > 0.0


def test_of_what_is_alike_in_all_pairs_it_is_said_how_rare_another_is() -> None:
    runs = runs_of(
        base={"active_stores": [1.0] * 8, "gini": [0.5] * 8},
        variant={"active_stores": [1.0] * 8, "gini": [0.5] * 7 + [0.4]},
    )
    rows = {row["outcome"]: row for row in differences_of(runs, "base", ["variant"]).to_dicts()}

    assert rows["active_stores"]["unseen_share"] == pytest.approx(1 - 0.05 ** (1 / 8))
    assert rows["active_stores"]["more_replicates"] is None
    assert math.isnan(rows["active_stores"]["variance_ratio"])
    assert rows["gini"]["unseen_share"] is None


def test_a_comparison_says_how_many_outcomes_differ_together(compared: Comparison) -> None:
    hub = compared.differences.filter(pl.col("variant") == "tiny+hub").drop_nulls("p_value")
    singly, together = (int((hub[name] < 0.05).sum()) for name in ("p_value", "p_holm"))
    text = family_text(compared, "tiny+hub")

    assert text.startswith(f"Of {hub.height} outcomes that vary between pairs, {singly} differ")
    assert (f"{together} by Holm" if together else "none by Holm") in text
    assert family_text(compared, "tiny+idle").startswith("No outcome varies")


def test_seeds_that_chose_or_judged_parameters_are_named() -> None:
    assert seeds_remark(25, 76) == seeds_remark(1001, 500) == []
    assert "chosen (1 to 24)" in seeds_remark(24, 1)[0]
    assert "facts (101 to 130)" in seeds_remark(100, 2)[0]
    assert "chosen (1 to 24) and those by which" in seeds_remark(7, 100)[0]


def test_those_seeds_are_the_ones_of_the_page_on_validation() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
    text = " ".join(page.read_text(encoding="utf-8").split())

    for seeds in SEEDS_USED.values():
        assert f"{seeds[0]} to {seeds[-1]}" in text


def test_more_runs_are_wanted_only_where_pairs_differ(compared: Comparison) -> None:
    names = {row.cells[0] for row in pairing_rows(compared, "tiny+hub")}
    hub = compared.differences.filter(pl.col("variant") == "tiny+hub")
    varying = hub.filter(pl.col("low") < pl.col("high"))["outcome"]

    assert names == {NAMES[name] for name in varying}
    assert pairing_rows(compared, "tiny+idle") == []


@pytest.mark.parametrize(
    ("value", "unit", "size", "signed", "text"),
    [
        (2_500_000.0, "yuan", 0.0, False, "2.5 m"),
        (-150_000.0, "yuan", 9e6, True, "-0.1 m"),
        (1234.5, "yuan", 0.0, True, "+1,234"),
        (0.123, "1", 0.0, False, "12.3 %"),
        (0.123, "1", 0.0, True, "+12.3"),
        (-0.00061, "1", 0.0012, True, "-0.06"),
        (-0.00061, "1", 0.3, True, "-0.1"),
        (3.14159, "stores", 0.0, True, "+3.1"),
        (0.0, "stores", 0.0, True, "0"),
        (math.nan, "stores", 0.0, False, "–"),
    ],
)
def test_numbers_are_told_as_a_reader_expects_them(
    value: float, unit: str, size: float, signed: bool, text: str
) -> None:
    assert quantity(value, unit, size, signed=signed) == text


def test_intervals_are_told_in_words() -> None:
    assert span(-3.0, 250.0, "stores") == "-3.0 to +250"
    assert span(math.nan, math.nan, "stores") == "not known"
    assert span(0.0, 0.0, "stores") == "the same in all"
    assert span(-1e5, 9e6, "yuan") == "-0.1 m to +9.0 m"


def test_replicates_come_in_their_order(files: Path) -> None:
    tiny = load_scenario(files / "tiny.toml")
    pairing = Pairing((World("a", tiny), World("b", tiny)), 3, 11, date(2015, 1, 31))
    done = run_replicates(pairing, workers=1)

    assert [replicate.number for replicate in done] == [0, 1, 2]
    assert all(len(replicate.outcomes) == 2 for replicate in done)
