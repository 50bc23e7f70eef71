"""A trial by lot: regressions and lots by hand, worlds that are twins, and refusals."""

import math
import subprocess
import sys
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's
from scipy.stats import beta

from sim.errors import ScenarioError
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.randomisation import Lots, randomisation_p, redrawn
from sim.experiments.regressions import Sample, clustered, detectable, instrumented
from sim.experiments.run import RunOptions, run
from sim.experiments.trial import NOTHING, Trial, trial
from sim.experiments.trial_estimates import (
    AT_SCALE,
    EVERYBODY,
    INTENTION,
    LEVEL,
    LOG,
    PROGRAMME,
    SELLERS,
    SELLING,
    placebo_of,
    truths_of,
)
from sim.experiments.trial_worlds import (
    EVERYWHERE,
    OFFLINE,
    TRIAL,
    WITHOUT,
    Households,
    TrialDesign,
    _ever_sold,
    find_programme,
    households_of,
)
from sim.results.incomes import of_year
from sim.results.tables import income_yuan
from sim.scenario import Scenario, load_scenario
from sim.world.columns import INCOMER

VILLAGE = """
[[villages]]
name = "Reed"
province = "P"
prefecture = "Q"
county = "{county}"
town = "T"
count = 6
people = 90
households = 30
internet_ratio = 2.5
broadband_year = 2005
within_reach = ["small_appliances"]

[villages.manufacturers]
households = 6
product = "sanitary_ware"
capacity_pieces_per_month_mean = 300
"""
PLACE = """\
title = "A trial in two counties"
start = 2013-01-01
end = 2016-12-31
seed = 7

[behaviour]
open_intercept = -4.0
setup_cost_yuan = 500.0
""" + "".join(VILLAGE.format(county=county) for county in ("C", "D"))
PROGRAMME_TEXT = """
[[policies]]
kind = "service_platform"
name = "terminals"
start = 2015-01-01
target = {{ share = 0.5, seed = 1 }}
logistics = {{ intensity = {strength} }}
training = {{ intensity = {strength} }}
"""


def place(folder: Path, strength: float, more: str = "") -> Scenario:
    path = folder / "two-counties.toml"
    path.write_text(PLACE + PROGRAMME_TEXT.format(strength=strength) + more, encoding="utf-8")
    return load_scenario(path)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return place(tmp_path_factory.mktemp("real"), 1.0)


@pytest.fixture(scope="module")
def held(scenario: Scenario) -> Trial:
    return trial(scenario, survey=10, replicates=2, placebos=2, permutations=99)


@pytest.fixture(scope="module")
def households(scenario: Scenario) -> Households:
    return households_of(TrialDesign(scenario, "terminals", 1, 10, 7), 0)


def made_up(villages: int = 12, size: int = 5) -> tuple[Any, Any, Sample]:
    """Incomes, lots and villages in two strata, half of each drawn."""
    luck = default_rng(3)
    village = np.repeat(np.arange(villages), size)
    lots = np.arange(villages) % 2 == 0
    income = 100.0 + 10.0 * luck.normal(size=villages)[village] + luck.normal(size=village.size)
    return income, lots[village].astype(float), Sample((village >= 30 // size).astype(int), village)


# Regressions


def test_intention_to_treat_is_the_difference_of_means_in_a_balanced_design() -> None:
    income, lots, sample = made_up()

    shown = clustered(income, lots, Sample(np.zeros_like(sample.stratum), sample.cluster))

    assert shown.effect == pytest.approx(income[lots == 1].mean() - income[lots == 0].mean())


def test_clustered_errors_are_those_of_the_formula() -> None:
    income, lots, sample = made_up()
    columns = np.column_stack([lots, sample.stratum == 0, sample.stratum == 1]).astype(float)
    left = income - columns @ np.linalg.lstsq(columns, income)[0]
    bread = np.linalg.inv(columns.T @ columns)
    meat = sum(
        np.outer(score, score)
        for village in range(12)
        for score in [columns[sample.cluster == village].T @ left[sample.cluster == village]]
    )
    correction = 12 / 11 * 59 / 57

    shown = clustered(income, lots, sample)

    assert shown.error == pytest.approx(math.sqrt(correction * (bread @ meat @ bread)[0, 0]))


def test_p_value_and_interval_are_students_with_as_many_villages_less_one() -> None:
    income, lots, sample = made_up()
    columns = np.column_stack([lots, sample.stratum == 0, sample.stratum == 1]).astype(float)
    fitted = statsmodels.api.OLS(income, columns).fit(
        cov_type="cluster", cov_kwds={"groups": sample.cluster}, use_t=True
    )

    shown = clustered(income, lots, sample)

    assert shown.p_value == pytest.approx(fitted.pvalues[0])
    assert (shown.low, shown.high) == pytest.approx(tuple(fitted.conf_int()[0]))


def test_a_treatment_that_all_of_a_stratum_have_cannot_be_told() -> None:
    income, _, sample = made_up()

    assert math.isnan(clustered(income, sample.stratum.astype(float), sample).effect)


def test_instrument_divides_the_effect_of_lots_by_that_on_uptake() -> None:
    income, lots, sample = made_up()
    uptake = lots * (np.arange(lots.size) % 3 == 0)
    first, reduced = clustered(uptake, lots, sample), clustered(income, lots, sample)

    found = instrumented(income, uptake, lots, sample)

    assert found.effect == pytest.approx(reduced.effect / first.effect)


def test_instrument_has_the_error_of_the_lots_where_all_take_up() -> None:
    income, lots, sample = made_up()

    found, plain = instrumented(income, lots, lots, sample), clustered(income, lots, sample)

    assert found.error == pytest.approx(plain.error)


def test_what_nobody_takes_up_has_no_effect_to_be_told() -> None:
    income, lots, sample = made_up()

    assert math.isnan(instrumented(income, np.zeros_like(lots), lots, sample).effect)


def test_detectable_effect_is_that_of_the_textbook_for_many_villages() -> None:
    assert detectable(1.0, 100_000) == pytest.approx(1.96 + 0.8416, abs=1e-3)


def test_a_power_of_one_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"power.*above 0 and below 1"):
        detectable(1.0, 10, 1.0)


# Lots


def test_redrawn_lots_keep_how_many_are_drawn_in_each_stratum() -> None:
    stratum = np.array([1, 0, 1, 0, 1, 0, 0])
    lots = Lots(np.array([True, True, False, False, True, False, False]), stratum)

    drawn = redrawn(lots, 200, 1)

    assert set(drawn[:, stratum == 0].sum(axis=1).tolist()) == {1}
    assert set(drawn[:, stratum == 1].sum(axis=1).tolist()) == {2}
    assert len({tuple(row) for row in drawn.tolist()}) == 4 * 3


def test_randomisation_p_counts_drawings_that_show_as_much() -> None:
    """Of the six ways to draw two of four villages, two show as much as the largest two."""
    lots = Lots(np.array([True, True, False, False]), np.zeros(4, int))

    p_value = randomisation_p(np.array([9.0, 8.0, 1.0, 0.0]), np.arange(4), lots, 5999, 1)

    assert p_value == pytest.approx(2 / 6, abs=0.02)


def test_randomisation_p_is_uniform_where_nothing_was_done() -> None:
    luck = default_rng(5)
    stratum, village = np.repeat([0, 1], 8), np.repeat(np.arange(16), 4)
    p_values = []
    for number in range(200):
        order = np.concatenate([luck.permutation(8), 8 + luck.permutation(8)])
        drawn = np.isin(np.arange(16), order[[0, 1, 2, 3, 8, 9, 10, 11]])
        income = luck.lognormal(size=16)[village]
        p_values.append(randomisation_p(income, village, Lots(drawn, stratum), 199, number))
    ranked, even = np.sort(p_values), (np.arange(200) + 0.5) / 200

    assert np.abs(ranked - even).max() < 1.36 / math.sqrt(200) + 1 / 200


def test_no_permutation_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"permutations.*from 1 on"):
        redrawn(Lots(np.array([True, False]), np.zeros(2, int)), 0, 1)


# Worlds


def test_a_programme_without_strength_does_nothing_to_any_household(tmp_path: Path) -> None:
    found = households_of(TrialDesign(place(tmp_path, 0.0), "terminals", 1, 10, 7), 0)

    assert found.assigned.any()
    assert found.sells[TRIAL].any()
    assert np.array_equal(found.income[TRIAL], found.income[WITHOUT])
    assert np.array_equal(found.income[EVERYWHERE], found.income[WITHOUT])


def test_a_real_programme_changes_incomes(households: Households) -> None:
    changed = households.income[TRIAL] != households.income[WITHOUT]

    assert changed[households.assigned].any()


def test_nobody_sells_where_there_is_no_platform(households: Households) -> None:
    assert households.sells[WITHOUT].any()
    assert not households.sells[OFFLINE].any()


def test_who_sells_now_has_ever_sold(households: Households) -> None:
    assert households.ever_sold[households.sells[TRIAL]].all()


def test_as_many_households_of_each_village_are_asked(households: Households) -> None:
    asked = np.bincount(households.village, households.surveyed)

    assert asked.tolist() == [10] * 12


def test_each_trial_has_luck_and_a_survey_of_its_own(
    scenario: Scenario, households: Households
) -> None:
    other = households_of(TrialDesign(scenario, "terminals", 1, 10, 7), 1)

    assert not np.array_equal(other.income[WITHOUT], households.income[WITHOUT])
    assert not np.array_equal(other.surveyed, households.surveyed)


def test_a_survey_asks_by_lot(households: Households) -> None:
    first = [households.surveyed[households.village == each][:10].all() for each in range(12)]

    assert not any(first)


def test_worlds_are_runs_with_the_seed_of_the_replicate(scenario: Scenario) -> None:
    design = TrialDesign(scenario, "terminals", 1, 10, 7)
    found = households_of(design, 1)
    options = RunOptions(1, keep_households=True)
    for name in (TRIAL, WITHOUT, EVERYWHERE, OFFLINE):
        world = design.trial_world(1) if name == TRIAL else design.world(name)
        record = run(world, 8, date(2015, 12, 31), options=options).record
        for year, income in ((2014, found.baseline), (2015, found.income[name])):
            rows = of_year(record.tables["household_years"], year)
            local = rows["kind"] != INCOMER
            same = np.array_equal(income_yuan(rows)[local], income)
            assert same or (name == OFFLINE and year == 2014)


def test_who_has_a_shop_at_the_end_of_any_year_has_ever_sold() -> None:
    rows = {
        "village": np.zeros(6, int),
        "kind": np.zeros(6, int),
        "number": np.array([0, 1, 2, 0, 1, 2]),
        "shops": np.array([1, 0, 0, 0, 1, 0]),
    }
    last = {name: values[3:] for name, values in rows.items()}

    assert _ever_sold(rows, last).tolist() == [True, True, False]


def test_served_is_who_learns_or_sells_in_a_drawn_village(households: Households) -> None:
    count = households.village.size
    drawn, trained, sells = (np.arange(count) // step % 2 == 0 for step in (1, 2, 4))
    made = households._replace(assigned=drawn, trained=trained, sells={TRIAL: sells})

    assert made.takes_up[:8].tolist() == [True, False, True, False, True, False, False, False]


def test_lots_hang_on_the_seed_of_the_trial(scenario: Scenario) -> None:
    one, other = (TrialDesign(scenario, "terminals", 1, 10, seed) for seed in (7, 1007))

    assert not np.array_equal(one.lots(0), other.lots(0))


def test_each_trial_draws_other_lots(scenario: Scenario) -> None:
    design = TrialDesign(scenario, "terminals", 1, 10, 7)
    drawn = [design.lots(number, drawing) for number in range(3) for drawing in range(3)]

    assert len({tuple(lots.tolist()) for lots in drawn}) == 9


def test_only_drawn_villages_are_served(households: Households) -> None:
    assert households.takes_up.any()
    assert not households.takes_up[~households.assigned].any()


def test_truths_of_groups_add_up_to_that_of_all(households: Households) -> None:
    rows = [row for row in truths_of(households) if row["cause"] == AT_SCALE and row["households"]]
    total = {row["group"]: row["households"] * row["difference_yuan"] for row in rows}

    assert total.pop("all") == pytest.approx(sum(total.values()))


# The whole


def test_effect_of_everybody_is_the_difference_of_means_within_counties(
    held: Trial, households: Households
) -> None:
    row = held.estimates.row(
        by_predicate=(pl.col("replicate") == 0)
        & (pl.col("world") == PROGRAMME)
        & (pl.col("analysis") == INTENTION)
        & (pl.col("outcome") == LEVEL)
        & (pl.col("who") == EVERYBODY),
        named=True,
    )
    sample = Sample(households.stratum, households.village)
    by_hand = clustered(households.income[TRIAL], households.assigned.astype(float), sample)

    assert row["effect"] == pytest.approx(by_hand.effect)


def test_true_effect_is_the_mean_difference_of_drawn_households(
    held: Trial, scenario: Scenario
) -> None:
    design = TrialDesign(scenario, "terminals", 1, 10, 7)
    means = []
    for number in range(2):
        found = households_of(design, number)
        means.append((found.income[TRIAL] - found.income[WITHOUT])[found.assigned].mean())

    row = held.row(INTENTION, LEVEL, EVERYBODY)

    assert row["true_effect"] == pytest.approx(np.mean(means))


def test_summaries_are_means_over_trials(held: Trial) -> None:
    for row in held.table.iter_rows(named=True):
        keys = ("world", "analysis", "outcome", "who")
        part = held.estimates.filter(*(pl.col(key) == row[key] for key in keys)).drop_nans(
            "p_value"
        )
        found = (part["p_value"] < 0.05).sum()
        low, high = (
            beta.ppf(0.025, found, row["trials"] - found + 1),
            beta.ppf(0.975, found + 1, row["trials"] - found),
        )
        lots = part["randomisation_p"].drop_nans()

        assert row["trials"] == part.height
        assert row["effect"] == pytest.approx(part["effect"].mean())
        assert row["spread"] == pytest.approx(part["effect"].std())
        assert row["error"] == pytest.approx(part["error"].mean())
        assert row["found_share"] == pytest.approx(found / part.height)
        assert row["found_low"] == pytest.approx(0.0 if np.isnan(low) else low)
        assert row["found_high"] == pytest.approx(1.0 if np.isnan(high) else high)
        if len(lots):
            assert row["randomisation_share"] == pytest.approx((lots < 0.05).mean())


def test_true_effects_are_those_of_the_truths(held: Trial) -> None:
    drawn, sellers = held.truth(PROGRAMME, "drawn villages"), held.truth(SELLING, "sellers")
    for row in held.table.iter_rows(named=True):
        column = "log_difference" if row["outcome"] == LOG else "difference_yuan"
        expected = {INTENTION: drawn[column], SELLERS: sellers[column]}
        if row["world"] == NOTHING:
            expected = {INTENTION: 0.0}
        told = expected.get(row["analysis"], math.nan)
        assert row["true_effect"] == pytest.approx(told, nan_ok=True)


def test_each_placebo_has_lots_of_its_own(held: Trial, scenario: Scenario) -> None:
    design = TrialDesign(scenario, "terminals", 1, 10, 7)
    found = households_of(design, 1)
    for drawing in (1, 2):
        seed = run_seed(7, "permutations", 1) % 2**32
        by_hand = next(iter(placebo_of(found, design.lots(1, drawing), 99, seed)))
        shown = held.estimates.row(
            by_predicate=(pl.col("world") == NOTHING)
            & (pl.col("replicate") == 1)
            & (pl.col("drawing") == drawing)
            & (pl.col("outcome") == LEVEL),
            named=True,
        )
        assert shown["effect"] == pytest.approx(by_hand["effect"])
        assert shown["randomisation_p"] == by_hand["randomisation_p"]


def test_there_is_a_placebo_for_each_drawing(held: Trial) -> None:
    lots = held.estimates.filter(pl.col("world") == NOTHING).select("replicate", "drawing").unique()

    assert sorted(lots.rows()) == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_selling_does_something_to_sellers(held: Trial) -> None:
    assert held.truth(SELLING, "sellers")["difference_yuan"] != 0.0


def test_what_is_found_is_told_and_drawn(held: Trial) -> None:
    assert "trials find an effect" in held.headline()
    assert escape(held.headline()) in held._repr_html_()
    assert held.headline() in repr(held)
    assert len(held.plot().axes) == 2


def test_tables_are_written(scenario: Scenario, tmp_path: Path) -> None:
    found = trial(
        scenario, survey=5, replicates=2, placebos=1, permutations=9, out=tmp_path / "found"
    )

    assert pl.read_parquet(tmp_path / "found" / "truths.parquet").equals(found.truths)
    assert (tmp_path / "found" / "about.json").is_file()


# Refusals


def test_a_scenario_without_lots_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"policies.*target\.share below 1"):
        find_programme(load_scenario("cangtian"))


def test_a_policy_for_all_is_no_programme(tmp_path: Path) -> None:
    more = '[[policies]]\nkind = "startup_credit"\nname = "credit"\nstart = 2015-01-01\n'
    scenario = place(tmp_path, 1.0, f"{more}yuan_per_household = 1000\n")

    with pytest.raises(ScenarioError, match=r"credit.*terminals"):
        find_programme(scenario, "credit")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"years": 3}, "years: 3.*1 to 2"),
        ({"years": 10_000}, "years: 10000.*1 to 2"),
        ({"years": 1.5}, "years: 1.5.*a whole number"),
        ({"survey": 2.5}, "survey: 2.5.*a whole number"),
        ({"replicates": "3"}, "replicates: '3'.*a whole number"),
        ({"permutations": 0}, "permutations: 0.*from 1 to"),
        ({"seed": 1.5}, "seed: 1.5.*a whole number"),
        ({"seed": 2**63 - 1}, "seed: 9223372036854775807.*less the runs, 20"),
        ({"survey": 0}, "survey: 0.*from 1 to"),
        ({"replicates": 1}, "replicates: 1.*from 2 to"),
        ({"placebos": 0}, "placebos: 0.*from 1 to"),
        ({"seed": -1}, "seed: -1"),
        ({"overrides": ["seed=1"]}, "scenario made before"),
    ],
)
def test_a_trial_that_cannot_be_held_is_refused(
    scenario: Scenario, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        trial(scenario, **given)


def test_a_programme_without_a_year_before_it_is_refused(tmp_path: Path) -> None:
    scenario = load_scenario(place(tmp_path, 1.0) and tmp_path / "two-counties.toml")
    early = scenario.model_copy(update={"start": scenario.policies[0].start})

    with pytest.raises(ScenarioError, match="complete year after"):
        trial(early)


def test_years_of_a_programme_that_starts_within_a_year_are_those_after_it(
    scenario: Scenario,
) -> None:
    policy = scenario.policies[0].model_copy(update={"start": date(2015, 7, 1)})
    later = scenario.model_copy(update={"policies": (policy,)})
    design = TrialDesign(later, "terminals", 1, 10, 7)

    assert (design.baseline, design.endline) == (2014, 2016)
    with pytest.raises(ScenarioError, match=r"years: 2; allowed: 1 to 1, for terminals starts on"):
        TrialDesign(later, "terminals", 2, 10, 7)


def test_a_programme_without_a_complete_year_is_refused(scenario: Scenario) -> None:
    policy = scenario.policies[0].model_copy(update={"start": date(2016, 7, 1)})
    late = scenario.model_copy(update={"policies": (policy,)})

    with pytest.raises(ScenarioError, match=r"years: 1; allowed: none, for terminals"):
        TrialDesign(late, "terminals", 1, 10, 7)


def test_the_hundred_villages_are_those_that_are_drawn() -> None:
    root = Path(__file__).resolve().parents[2]
    checked = subprocess.run(
        [sys.executable, "scripts/draw_trial_villages.py", "--check"],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )

    assert (checked.returncode, checked.stderr) == (0, "")
