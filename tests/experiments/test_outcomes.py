"""What a run is judged by: one number for each outcome, nan where a run has none."""

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiments.outcomes import OUTCOMES, outcomes_of, outcomes_of_record
from sim.experiments.run import RunOptions, RunResult, run
from sim.results.schema import KINDS
from sim.scenario import load_scenario

ONE_THREAD = RunOptions(threads=1)
INCOMER = KINDS.index("incomer")


@pytest.fixture(scope="module")
def result(tiny_file: Path) -> RunResult:
    """The tiny village over its year, crossing and listed."""
    return run(tiny_file, options=ONE_THREAD)


@pytest.fixture(scope="module")
def found(result: RunResult) -> dict[str, float]:
    return outcomes_of(result)


@pytest.fixture(scope="module")
def two_years(tiny_file: Path) -> RunResult:
    """The tiny village from the middle of 2014 to the middle of 2016."""
    return run(load_scenario(tiny_file, ["start=2014-07-01", "end=2016-06-30"]), options=ONE_THREAD)


def test_every_outcome_has_a_number_in_the_order_of_columns(found: dict[str, float]) -> None:
    assert list(found) == [outcome.name for outcome in OUTCOMES]
    assert all(type(value) is float for value in found.values())


def test_names_are_unique_and_tell_their_unit() -> None:
    names = [outcome.name for outcome in OUTCOMES]

    assert len(set(names)) == len(names)
    for outcome in OUTCOMES:
        assert outcome.unit
        assert outcome.meaning
        assert ("yuan" in outcome.unit) == ("_yuan" in outcome.name)


def test_dates_are_days_since_the_first_day(result: RunResult, found: dict[str, float]) -> None:
    (designation,) = result.summary["designations"]
    start = date(2015, 1, 1)

    assert designation["crossed_on"]
    for name in ("crossed", "listed"):
        day = date.fromisoformat(designation[f"{name}_on"])
        assert found[f"{name}_after_days"] == (day - start).days
    assert found["followed_days"] == 365


def test_what_never_comes_is_nan_within_the_days_followed(tiny_file: Path) -> None:
    scenario = load_scenario(tiny_file, ["observer.stores_threshold=10_000"])
    found = outcomes_of(run(scenario, options=ONE_THREAD))

    assert math.isnan(found["crossed_after_days"])
    assert math.isnan(found["listed_after_days"])
    assert found["followed_days"] == 365
    assert found["designated_villages"] == 0


def test_the_first_of_many_villages_counts(tiny_file: Path) -> None:
    result = run(load_scenario(tiny_file, ["villages.Reed.count=4"]), options=ONE_THREAD)
    crossed = [each["crossed_on"] for each in result.summary["designations"]]

    assert len(crossed) == 4
    first = min(date.fromisoformat(day) for day in crossed if day)
    assert outcomes_of(result)["crossed_after_days"] == (first - date(2015, 1, 1)).days


def test_numbers_of_a_year_are_those_of_the_summary(
    result: RunResult, found: dict[str, float]
) -> None:
    year = result.summary["years"]["2015"]
    common = year.keys() & found.keys()

    assert len(common) >= 11
    assert {name: found[name] for name in common} == {name: year[name] for name in common}
    assert found["online_sales_yuan"] > 0
    assert found["active_stores"] > 0


def test_numbers_of_a_year_are_those_of_the_last_complete_one(two_years: RunResult) -> None:
    found = outcomes_of(two_years)

    assert found["online_sales_yuan"] == two_years.summary["years"]["2015"]["online_sales_yuan"]
    assert found["orders"] != two_years.summary["years"]["2016"]["orders"]


def test_numbers_of_a_season_are_those_of_the_last_one(
    result: RunResult, two_years: RunResult
) -> None:
    for each in (result, two_years):
        name, season = list(each.summary["seasons"].items())[-1]
        found = outcomes_of(each)
        assert name.startswith("bayberry")
        assert found["season_orders"] == season["orders"]
        assert found["season_lost_kg"] == season["lost_kg"]
        assert found["season_growers_online_income_share"] == season["growers_online_income_share"]


def test_totals_are_those_of_all_months(two_years: RunResult) -> None:
    months = two_years.record.tables["village_months"]
    found = outcomes_of(two_years)

    assert months["day"].size == 24
    assert found["total_online_sales_yuan"] == pytest.approx(months["online_sales_yuan"].sum())
    assert found["total_online_sales_yuan"] > found["online_sales_yuan"]


def test_policies_cost_what_they_say(tiny_file: Path, tmp_path: Path) -> None:
    policy = tmp_path / "cold.toml"
    policy.write_text(
        '[[policies]]\nkind = "cold_chain"\nname = "c"\nstart = 2015-01-01\n'
        "yearly_cost_yuan = 12_000\n"
    )
    costly = run(load_scenario(tiny_file, policies=[policy]), options=ONE_THREAD)
    free = run(tiny_file, options=ONE_THREAD)

    assert outcomes_of(costly)["total_policy_cost_yuan"] == pytest.approx(12_000, rel=0.01)
    assert outcomes_of(free)["total_policy_cost_yuan"] == 0.0


# --- incomes


def incomes(rows: Any) -> Any:
    return sum(rows[n] for n in ("offline_yuan", "online_yuan", "shop_profit_yuan", "wages_yuan"))


def test_incomes_are_means_of_households(result: RunResult, found: dict[str, float]) -> None:
    rows = result.record.tables["household_years"]
    for number, kind in enumerate(KINDS):
        of_kind = incomes(rows)[rows["kind"] == number]
        expected = of_kind.mean() if of_kind.size else math.nan
        assert found[f"mean_income_{kind}_yuan"] == pytest.approx(expected, nan_ok=True)
    local = incomes(rows)[rows["kind"] != INCOMER]
    assert local.size == 30
    assert found["mean_income_local_yuan"] == pytest.approx(local.mean())
    assert found["total_local_income_yuan"] == pytest.approx(local.sum())


def test_fifths_rise_from_the_poorest_to_the_richest(found: dict[str, float]) -> None:
    fifths = [found[f"income_fifth_{place}_yuan_per_head"] for place in range(1, 6)]

    assert fifths == sorted(fifths)
    assert fifths[4] > fifths[0]


def test_poverty_is_a_share_below_the_line(result: RunResult, found: dict[str, float]) -> None:
    rows = result.record.tables["household_years"]
    from sim.results.accounting import accounting

    poor = incomes(rows) / rows["members"] < accounting().poverty_line_yuan_per_year
    assert found["poverty_share"] == pytest.approx(float(np.mean(poor)))


def test_income_of_a_part_of_a_year_does_not_count(two_years: RunResult) -> None:
    rows = two_years.record.tables["household_years"]
    local = (rows["kind"] != INCOMER) & (rows["year"] == 2015)
    found = outcomes_of(two_years)

    assert set(rows["year"].tolist()) == {2014, 2015}
    assert found["total_local_income_yuan"] == pytest.approx(incomes(rows)[local].sum())


def test_without_households_incomes_are_nan_and_nothing_else_is(tiny_file: Path) -> None:
    options = RunOptions(threads=1, keep_households=False)
    kept, found = (outcomes_of(run(tiny_file, options=each)) for each in (ONE_THREAD, options))
    missing = {name for name in found if math.isnan(found[name]) and not math.isnan(kept[name])}

    assert missing
    for name in missing:
        assert "income" in name or name in ("gini", "poverty_share")
    assert found["online_sales_yuan"] == kept["online_sales_yuan"]


def test_a_record_gives_the_same_without_a_summary_of_every_year(
    result: RunResult, two_years: RunResult, tiny_file: Path
) -> None:
    part = run(tiny_file, until=date(2015, 8, 20), options=ONE_THREAD)
    for each in (result, two_years, part):
        found = outcomes_of_record(each.record)
        assert list(found) == [outcome.name for outcome in OUTCOMES]
        assert found == pytest.approx(outcomes_of(each), rel=0, abs=0, nan_ok=True)


def test_a_run_of_a_month_has_only_what_a_month_has(tiny_file: Path) -> None:
    found = outcomes_of(run(tiny_file, until=date(2015, 1, 31), options=ONE_THREAD))

    known = {name for name, value in found.items() if not math.isnan(value)}
    assert "online_sales_yuan" not in known
    assert {"followed_days", "total_online_sales_yuan", "total_policy_cost_yuan"} <= known
    assert found["followed_days"] == 31


def test_a_run_of_a_day_has_no_total(tiny_file: Path) -> None:
    found = outcomes_of(run(tiny_file, until=date(2015, 1, 1), options=ONE_THREAD))

    assert (found["followed_days"], found["total_online_sales_yuan"]) == (1.0, 0.0)


def test_totals_of_the_run_are_known_where_villages_were_kept_by_year(tiny_file: Path) -> None:
    months, years = (
        outcomes_of(run(tiny_file, options=RunOptions(threads=1, record={"villages": level})))
        for level in ("month", "year")
    )

    for name in ("total_online_sales_yuan", "total_policy_cost_yuan"):
        assert years[name] == pytest.approx(months[name])
    assert years["total_online_sales_yuan"] > 0.0
