"""Regressions beside their formulas, and groups that are too few for the usual errors."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's
from scipy.linalg import sqrtm

from sim.experiments.regressions import Sample, clustered, compared, detectable, instrumented

VILLAGES = 12


def surveyed(seed: int = 3) -> tuple[Any, Any, Any, Sample]:
    """Incomes, lots, who sells and villages of several sizes, in two strata."""
    luck = default_rng(seed)
    village = np.repeat(np.arange(VILLAGES), luck.integers(3, 8, VILLAGES))
    lots = (np.arange(VILLAGES) % 2 == 0)[village].astype(float)
    sells = (luck.random(village.size) < 0.15 + 0.3 * lots).astype(float)
    income = sells + luck.normal(size=VILLAGES)[village] + luck.normal(size=village.size)
    return income, lots, sells, Sample((village >= 6).astype(int), village)


def constants(sample: Sample) -> list[Any]:
    return [sample.stratum == 0, sample.stratum == 1]


def test_instrumented_error_is_that_of_the_formula() -> None:
    income, lots, sells, sample = surveyed()
    regressors = np.column_stack([sells, *constants(sample)]).astype(float)
    # Two stages: what lots tell of selling takes its place.
    instruments = np.column_stack([lots, *constants(sample)]).astype(float)
    told = instruments @ np.linalg.lstsq(instruments, regressors)[0]
    bread = np.linalg.inv(told.T @ told)
    effects = bread @ told.T @ income
    left = income - regressors @ effects
    scores = [told[sample.cluster == each].T @ left[sample.cluster == each] for each in range(12)]
    meat = sum(np.outer(score, score) for score in scores)
    correction = 12 / 11 * (income.size - 1) / (income.size - 3)

    found = instrumented(income, sells, lots, sample)

    assert found.effect == pytest.approx(effects[0])
    assert found.error == pytest.approx(math.sqrt(correction * (bread @ meat @ bread)[0, 0]))
    assert found.freedom == 11


def test_controls_are_among_the_regressors() -> None:
    income, lots, sells, sample = surveyed()
    columns = np.column_stack([lots, sells, *constants(sample)]).astype(float)

    found = clustered(income, lots, sample, (sells,))

    assert found.effect == pytest.approx(np.linalg.lstsq(columns, income)[0][0])


def test_errors_of_a_group_are_corrected_cluster_by_cluster() -> None:
    """The formula of Bell and McCaffrey with matrices written out."""
    income, _, sells, sample = surveyed()
    columns = np.column_stack([sells, *constants(sample)]).astype(float)
    bread = np.linalg.inv(columns.T @ columns)
    maker = np.eye(income.size) - columns @ bread @ columns.T
    parts, variance = [], 0.0
    for each in range(VILLAGES):
        rows = sample.cluster == each
        root = np.linalg.inv(sqrtm(maker[np.ix_(rows, rows)]).real)
        weights = root @ columns[rows] @ bread[:, 0]
        variance += float(weights @ (maker @ income)[rows]) ** 2
        parts.append(maker[:, rows] @ weights)
    shared = np.array(parts) @ np.array(parts).T

    found = compared(income, sells, sample)

    assert found.effect == pytest.approx((bread @ columns.T @ income)[0])
    assert found.error == pytest.approx(math.sqrt(variance))
    assert found.freedom == pytest.approx(np.trace(shared) ** 2 / (shared**2).sum())


@pytest.mark.parametrize("few", [2, 3, 8])
def test_a_few_who_differ_in_nothing_are_seldom_found_to(few: int) -> None:
    luck = default_rng(few)
    village = np.repeat(np.arange(40), 10)
    sample = Sample(village // 20, village)
    p_values = {compared: [], clustered: []}
    for _ in range(300):
        belongs = np.zeros(village.size)
        belongs[luck.choice(village.size, few, replace=False)] = 1.0
        income = luck.normal(size=40)[village] + luck.normal(size=village.size)
        for how, found in p_values.items():
            found.append(how(income, belongs, sample).p_value)
    share = {how: np.nanmean(np.array(found) < 0.05) for how, found in p_values.items()}

    assert share[compared] < 0.09
    assert share[clustered] > share[compared]


def test_a_group_in_a_single_village_cannot_be_told() -> None:
    income, _, _, sample = surveyed()
    belongs = (sample.cluster == 4) * (np.arange(income.size) % 2 == 0)

    assert math.isnan(compared(income, belongs.astype(float), sample).effect)


def test_a_group_that_is_all_of_a_stratum_cannot_be_told() -> None:
    income, _, _, sample = surveyed()

    assert math.isnan(compared(income, sample.stratum.astype(float), sample).effect)


def test_detectable_effect_is_in_errors() -> None:
    assert detectable(3.0, 20) == pytest.approx(3.0 * detectable(1.0, 20))


def test_of_an_error_that_is_not_known_nothing_is_detectable() -> None:
    assert math.isnan(detectable(math.nan, math.nan))
