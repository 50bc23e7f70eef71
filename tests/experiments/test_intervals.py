"""Intervals hold what they promise: known answers, and coverage on simulated pairs."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator, default_rng  # noqa: TID251 - data for tests, not the model's
from numpy.typing import NDArray

from sim.experiments import intervals
from sim.experiments.intervals import (
    MOST_REPLICATES_NEEDED,
    holm,
    mean_interval,
    p_value,
    ratio_interval,
    replicates_needed,
    share_unseen,
    shares_of,
    variance_ratio,
    variance_ratio_interval,
)

Floats = NDArray[np.float64]
TRIALS = 4000
PAIRS = 20


def of(*values: float) -> Floats:
    return np.array(values, np.float64)


def luck(seed: int) -> Generator:
    return default_rng(seed)


def covered(intervals: list[tuple[float, float]], truth: float) -> float:
    """Share of intervals that hold the truth."""
    return float(np.mean([low <= truth <= high for low, high in intervals]))


# --- means


def test_the_interval_of_three_differences_by_hand() -> None:
    # Mean 2, standard error 1/sqrt(3), quantile of Student's t with two degrees 4.302653.
    found = mean_interval(of(1.0, 2.0, 3.0))

    assert found.mean == 2.0
    assert (found.low, found.high) == pytest.approx((2 - 2.4841377, 2 + 2.4841377))
    assert found.width == pytest.approx(2 * 2.4841377)
    assert not found.excludes_zero


def test_a_wider_interval_is_surer() -> None:
    values = of(1.0, 2.0, 3.0, 5.0)

    assert mean_interval(values, 0.99).width > mean_interval(values, 0.9).width


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_stated_share_of_intervals_covers_a_normal_mean(confidence: float) -> None:
    draws = luck(1).normal(3.0, 2.0, (TRIALS, PAIRS))
    found = [mean_interval(row, confidence) for row in draws]

    share = covered([(each.low, each.high) for each in found], 3.0)
    # Four standard errors of the share itself.
    assert share == pytest.approx(confidence, abs=4 * math.sqrt(confidence * 0.2 / TRIALS))


def test_the_stated_share_covers_the_difference_of_pairs_with_common_luck() -> None:
    common = luck(2).lognormal(0.0, 1.0, (TRIALS, PAIRS))
    base = common + luck(3).normal(0.0, 0.5, (TRIALS, PAIRS))
    variant = 1.1 * common + 0.4 + luck(4).normal(0.0, 0.5, (TRIALS, PAIRS))
    truth = 0.1 * math.exp(0.5) + 0.4
    found = [mean_interval(row) for row in variant - base]

    share = covered([(each.low, each.high) for each in found], truth)
    assert share == pytest.approx(0.95, abs=0.015)


NORMAL = [0.95, 0.95, 0.95, 0.95]
MEASURED = {
    "normal": NORMAL,
    "lognormal, sigma 0.5": [0.92, 0.93, 0.94, 0.95],
    "lognormal, sigma 1": [0.83, 0.87, 0.90, 0.92],
    "one in a fifth": [0.83, 0.92, 0.94, 0.94],
    "one in a tenth": [0.57, 0.88, 0.88, 0.93],
    "one in a twentieth": [0.34, 0.64, 0.92, 0.88],
}
"""What the module says of 8, 20, 50 and 100 pairs."""


def drawn(kind: str, pairs: int) -> tuple[Floats, float]:
    """Differences of many comparisons, and their true mean."""
    trial, shape = luck(100 + pairs), (TRIALS, pairs)
    if kind == "normal":
        return trial.normal(0.0, 1.0, shape), 0.0
    if kind.startswith("lognormal"):
        sigma = float(kind.rpartition(" ")[2])
        return trial.lognormal(0.0, sigma, shape), math.exp(0.5 * sigma**2)
    share = 1.0 / {"fifth": 5, "tenth": 10, "twentieth": 20}[kind.rpartition(" ")[2]]
    return (trial.random(shape) < share).astype(float), share


@pytest.mark.parametrize("kind", MEASURED)
def test_as_many_intervals_cover_the_mean_as_the_module_says(kind: str) -> None:
    """Skew and rare differences are covered less often than promised, and that is stated."""
    for pairs, stated in zip((8, 20, 50, 100), MEASURED[kind], strict=True):
        draws, truth = drawn(kind, pairs)
        found = [mean_interval(row) for row in draws]
        share = covered([(each.low, each.high) for each in found], truth)
        assert share == pytest.approx(stated, abs=0.025), pairs


DOCS = Path(__file__).resolve().parents[2] / "docs" / "comparing.md"


@pytest.mark.parametrize("text", [str(intervals.__doc__), DOCS.read_text(encoding="utf-8")])
def test_what_is_written_of_coverage_is_what_is_measured(text: str) -> None:
    rows = [re.findall(r"(\d+) %", line) for line in text.splitlines()]
    stated = [[float(cell) / 100 for cell in row] for row in rows if len(row) == 4]

    assert stated == list(MEASURED.values())


def test_one_value_has_a_mean_and_no_interval() -> None:
    found = mean_interval(of(4.0))

    assert found.mean == 4.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not found.excludes_zero


def test_no_value_has_no_mean() -> None:
    assert all(math.isnan(part) for part in mean_interval(of()))


def test_differences_that_are_all_alike_leave_no_doubt() -> None:
    assert mean_interval(of(2.0, 2.0, 2.0)) == (2.0, 2.0, 2.0)


def test_differences_that_are_alike_but_for_rounding_leave_no_doubt() -> None:
    values = 1.4e7 + of(0.0, 2e-9, -2e-9)

    assert mean_interval(values).width == 0.0
    assert math.isnan(p_value(values))
    assert math.isnan(variance_ratio(np.zeros(3), values))
    assert replicates_needed(values, 1e-12) == 2


# --- ratios


def test_a_ratio_by_a_constant_is_the_interval_of_the_other_turned_over() -> None:
    effects = of(8.0, 10.0, 12.0, 10.0)
    ratio = ratio_interval(np.full(4, 100.0), effects)
    mean = mean_interval(effects)

    assert ratio.mean == pytest.approx(10.0)
    assert (ratio.low, ratio.high) == pytest.approx((100 / mean.high, 100 / mean.low))


def test_the_stated_share_covers_a_ratio() -> None:
    cost = luck(6).normal(50.0, 5.0, (TRIALS, PAIRS))
    effect = 0.1 * cost + luck(7).normal(5.0, 3.0, (TRIALS, PAIRS))
    found = [ratio_interval(*pair) for pair in zip(cost, effect, strict=True)]

    share = covered([(each.low, each.high) for each in found], 5.0)
    assert share == pytest.approx(0.95, abs=0.015)


def test_a_ratio_by_what_may_be_nothing_has_no_bounds() -> None:
    found = ratio_interval(np.full(3, 100.0), of(-1.0, 1.0, 3.0))

    assert found.mean == pytest.approx(100.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_ratio_by_nothing_is_not_known() -> None:
    assert math.isnan(ratio_interval(of(1.0, 1.0), of(0.0, 0.0)).mean)


def test_the_sign_of_cost_and_effect_together_does_not_matter() -> None:
    costs, effects = of(10.0, 12.0, 11.0), of(2.0, 2.5, 2.1)

    assert ratio_interval(-costs, -effects) == pytest.approx(ratio_interval(costs, effects))


# --- better, the same or worse


def test_better_the_same_and_worse_are_told_apart() -> None:
    base, variant = of(1.0, 2.0, 3.0, 4.0, 5.0), of(2.0, 2.0, 2.0, 5.0, 6.0)

    assert shares_of(base, variant) == (0.6, 0.2, 0.2)
    assert all(math.isnan(share) for share in shares_of(of(), of()))


def test_values_that_differ_by_rounding_alone_are_the_same() -> None:
    assert shares_of(of(1.4e7, 1.4e7), of(1.4e7 + 2e-9, 1.4e7 + 2.0)) == (0.5, 0.5, 0.0)


def test_what_none_of_some_seeds_shows_may_be_rare() -> None:
    assert share_unseen(8) == pytest.approx(1 - 0.05 ** (1 / 8))
    for count in (2, 8, 20, 100):
        assert (1 - share_unseen(count)) ** count == pytest.approx(0.05)
        assert (1 - share_unseen(count, 0.9)) ** count == pytest.approx(0.1)


# --- many outcomes at once


def test_a_p_value_is_that_of_the_textbook() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = luck(20).normal(0.4, 1.0, 12)

    assert p_value(values) == pytest.approx(stats.ttest_1samp(values, 0.0).pvalue)
    assert math.isnan(p_value(of(1.0)))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_an_interval_excludes_zero_where_the_p_value_says_so(confidence: float) -> None:
    for values in luck(21).normal(0.5, 1.0, (300, 8)):
        is_sure = mean_interval(values, confidence).excludes_zero
        assert is_sure == (p_value(values) < 1.0 - confidence)


def test_holm_by_hand() -> None:
    # 4 x 0.01, 3 x 0.015, 2 x 0.03, then no less than the one before.
    found = holm(of(0.03, 0.01, math.nan, 0.015, 0.04))

    assert found[[1, 3, 0, 4]] == pytest.approx([0.04, 0.045, 0.06, 0.06])
    assert math.isnan(found[2])
    assert holm(of(0.6, 0.9)).tolist() == [1.0, 1.0]


def test_holm_agrees_with_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for values in luck(22).beta(0.3, 1.0, (50, 30)):
        assert holm(values) == pytest.approx(multitest.multipletests(values, method="holm")[1])


def test_of_many_outcomes_without_a_difference_hardly_one_survives() -> None:
    """Of thirty outcomes, one by one, most comparisons would show something; by Holm 5 % do."""
    outcomes = luck(23).normal(0.0, 1.0, (1000, 30, PAIRS))
    singly = np.array([[p_value(row) for row in family] for family in outcomes])
    together = np.array([holm(family) for family in singly])

    assert (singly < 0.05).any(axis=1).mean() > 0.7
    assert (together < 0.05).any(axis=1).mean() == pytest.approx(0.05, abs=0.025)


# --- what pairing is worth


def test_pairing_is_worth_what_the_variances_say() -> None:
    common = luck(8).normal(0.0, 3.0, 20_000)
    base = common + luck(9).normal(0.0, 1.0, common.size)
    variant = common + luck(10).normal(0.0, 1.0, common.size)

    # Twenty without pairing, two with it.
    assert variance_ratio(base, variant) == pytest.approx(10.0, rel=0.05)


def test_without_common_luck_pairing_is_worth_nothing() -> None:
    base, variant = luck(11).normal(0.0, 1.0, (2, 20_000))

    assert variance_ratio(base, variant) == pytest.approx(1.0, rel=0.05)


def test_where_differences_are_all_alike_nobody_knows_what_pairing_is_worth() -> None:
    assert math.isnan(variance_ratio(of(1.0, 2.0), of(3.0, 4.0)))
    assert math.isnan(variance_ratio(of(1.0, 1.0), of(2.0, 2.0)))
    assert math.isnan(variance_ratio(of(1.0), of(2.0)))


def paired(pairs: int, sigma: float | None) -> tuple[Floats, Floats, float]:
    """Many bases and variants with common luck, and the true ratio of variances."""
    trial, shape = luck(200 + pairs), (TRIALS // 4, pairs)
    base = trial.normal(0.0, 3.0, shape)
    if sigma is None:
        return base, base + trial.normal(0.0, 1.0, shape), 19.0
    variance = (math.exp(sigma**2) - 1.0) * math.exp(sigma**2)
    return base, base + trial.lognormal(0.0, sigma, shape), (18.0 + variance) / variance


@pytest.mark.parametrize("pairs", [8, 20, 50])
@pytest.mark.parametrize(("sigma", "stated"), [(None, 0.94), (1.0, 0.80)])
def test_as_many_intervals_cover_the_ratio_as_the_module_says(
    pairs: int, sigma: float | None, stated: float
) -> None:
    bases, variants, truth = paired(pairs, sigma)
    found = [variance_ratio_interval(*pair) for pair in zip(bases, variants, strict=True)]

    share = covered([(each.low, each.high) for each in found], truth)
    assert share == pytest.approx(stated, abs=0.035)


def test_the_interval_of_a_ratio_is_around_it_and_wider_if_surer() -> None:
    bases, variants, _ = paired(8, None)
    found = variance_ratio_interval(bases[0], variants[0])

    assert found.mean == variance_ratio(bases[0], variants[0])
    assert 0.0 < found.low < found.mean < found.high
    assert variance_ratio_interval(bases[0], variants[0], 0.8).width < found.width


@pytest.mark.parametrize(
    ("base", "variant"),
    [
        (of(1.0, 2.0), of(1.0, 3.0)),  # too few
        (of(1.0, 2.0, 5.0), of(2.0, 3.0, 6.0)),  # all differ by the same
        (of(1.0, 2.0, 5.0, 4.0), of(1.0, 2.0, 5.0, 9.0)),  # it hangs on the last pair
    ],
)
def test_a_ratio_that_is_not_determined_has_no_bounds(base: Floats, variant: Floats) -> None:
    found = variance_ratio_interval(base, variant)

    assert math.isnan(found.low)
    assert math.isnan(found.high)


# --- replicates needed


@pytest.mark.parametrize("width", [3.0, 1.0, 0.3, 0.05])
def test_the_replicates_needed_are_the_fewest_that_do(width: float) -> None:
    differences = luck(12).normal(0.0, 1.0, 30)
    needed = replicates_needed(differences, width)

    def width_of(count: int) -> float:
        # As many values as that with the same spread.
        centred = np.tile([-1.0, 1.0], (count + 1) // 2)[:count]
        scale = differences.std(ddof=1) / centred.std(ddof=1)
        return mean_interval(scale * centred).width

    assert width_of(needed) <= width
    assert needed == 2 or width_of(needed - 1) > width


def test_so_many_replicates_do_give_that_width() -> None:
    trial = luck(13)
    needed = replicates_needed(trial.normal(0.0, 1.0, 5000), 0.2)
    widths = [mean_interval(trial.normal(0.0, 1.0, needed)).width for _ in range(200)]

    assert float(np.mean(widths)) == pytest.approx(0.2, rel=0.03)


def test_what_does_not_vary_needs_two_and_what_nobody_can_run_is_bounded() -> None:
    assert replicates_needed(of(1.0, 1.0), 0.1) == 2
    assert replicates_needed(of(-1e9, 1e9), 1e-9) == MOST_REPLICATES_NEEDED
