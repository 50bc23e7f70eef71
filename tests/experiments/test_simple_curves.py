"""The curves of a sceptic: exact ones are found back, and the national series is drawn on."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.experiments.simple_curves import CURVES, FEWEST_YEARS, LINE, fit_curve
from sim.world.parameters import read_data

YEARS = range(2010, 2018)
LATER = (2018, 2020, 2025)


def bass(t: float) -> float:
    left = math.exp(-(0.01 + 0.6) * (t + 1))
    return 5000 * (1 - left) / (1 + 0.6 / 0.01 * left)


EXACT: dict[str, Callable[[float], float]] = {
    "bass": bass,
    "gompertz": lambda t: 8000 * math.exp(-6 * math.exp(-0.35 * t)),
    "logistic": lambda t: 3000 / (1 + 40 * math.exp(-0.7 * t)),
    "line": lambda t: 100 + 25 * t,
}


@pytest.mark.parametrize("name", CURVES)
def test_an_exact_curve_is_found_back_and_gone_on_with(name: str) -> None:
    of = EXACT[name]
    curve = fit_curve(name, {year: of(year - 2010) for year in YEARS})
    for year in (*YEARS, *LATER):
        assert curve.at(year) == pytest.approx(of(year - 2010), rel=1e-4)


def test_parameters_are_those_of_the_exact_curve() -> None:
    fitted = fit_curve("logistic", {year: EXACT["logistic"](year - 2010) for year in YEARS})
    assert fitted.parameters == pytest.approx(
        {"ceiling": 3000, "odds_against": 40, "rate_per_year": 0.7}, rel=1e-3
    )


@pytest.mark.parametrize("name", [name for name in CURVES if name != LINE])
def test_three_years_are_enough_and_are_met(name: str) -> None:
    levels = {2014: 62.0, 2015: 280.0, 2016: 506.0}
    curve = fit_curve(name, levels)
    assert [curve.at(year) for year in levels] == pytest.approx([*levels.values()], rel=0.02)


@pytest.mark.parametrize("name", [name for name in CURVES if name != LINE])
def test_a_curve_with_a_ceiling_never_falls(name: str) -> None:
    curve = fit_curve(name, {2014: 62.0, 2015: 280.0, 2016: 506.0})
    levels = [curve.at(year) for year in range(2014, 2040)]
    assert np.all(np.diff(levels) >= -1e-9)
    assert levels[-1] <= curve.parameters["ceiling"] * (1 + 1e-9)


@pytest.mark.parametrize("name", CURVES)
def test_units_do_not_matter(name: str) -> None:
    levels = {2013: 20.0, 2014: 212.0, 2015: 780.0, 2016: 1311.0}
    ones = fit_curve(name, levels).at(2019)
    thousands = fit_curve(name, {year: 1000 * level for year, level in levels.items()}).at(2019)
    assert thousands == pytest.approx(1000 * ones, rel=1e-3)


def test_the_line_goes_on_with_the_last_rise() -> None:
    curve = fit_curve(LINE, {2009: 3.0, 2013: 20.0, 2015: 780.0, 2016: 1311.0})
    assert curve.at(2018) == pytest.approx(1311 + 2 * 531)


def test_curves_through_the_national_lists_to_2017_fall_short_of_those_that_came() -> None:
    # Of 2018 and 2019 alone, the years after these that the project holds. Gaps grow with time.
    facts = read_data("facts.toml")
    levels = {year: float(facts[f"cn_villages_{year}"]["value"]) for year in range(2013, 2020)}
    levels[2009] = float(facts["cn_villages_2009"]["value"])
    past = {year: level for year, level in levels.items() if year <= 2017}
    misses = {}
    for name in CURVES:
        curve = fit_curve(name, past)
        shares = [curve.at(year) / levels[year] - 1 for year in (2018, 2019)]
        assert max(shares) < 0
        misses[name] = -np.mean(shares)
    assert {name: round(100 * miss) for name, miss in misses.items()} == {
        "bass": 28, "gompertz": 19, "logistic": 28, "line": 11,
    }  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_too_few_years_are_refused(name: str) -> None:
    levels = {2014 + n: 10.0 * (n + 1) for n in range(FEWEST_YEARS[name] - 1)}
    with pytest.raises(ScenarioError, match=f"at least {FEWEST_YEARS[name]} years"):
        fit_curve(name, levels)


@pytest.mark.parametrize("level", [0.0, -1.0, math.nan, math.inf])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ScenarioError, match=r"bass\.2015.*a number above 0"):
        fit_curve("bass", {2014: 1.0, 2015: level, 2016: 3.0})


def test_an_unknown_curve_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'gompertz'"):
        fit_curve("gomperz", {2014: 1.0, 2015: 2.0, 2016: 3.0})
