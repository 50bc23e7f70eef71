"""What a trial shows and what is true, of households made up, each number by hand."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

from sim.experiments.randomisation import Lots, _effects, randomisation_p, redrawn
from sim.experiments.regressions import Sample, clustered, compared, detectable, instrumented
from sim.experiments.trial_estimates import (
    AT_SCALE,
    CHANGE,
    EVERYBODY,
    INTENTION,
    LEVEL,
    LOG,
    PROGRAMME,
    SELLERS,
    SELLING,
    SURVEY,
    TREATED,
    ahead_anyway_yuan,
    estimates_of,
    placebo_of,
    truths_of,
)
from sim.experiments.trial_worlds import EVERYWHERE, OFFLINE, TRIAL, WITHOUT, Households

VILLAGES = 12
WORLDS = (TRIAL, WITHOUT, EVERYWHERE, OFFLINE)
PERMUTATIONS = 49


@pytest.fixture(scope="module")
def found() -> Households:
    """Households of twelve villages in two counties; all worlds and groups are different."""
    luck = default_rng(11)
    village = np.repeat(np.arange(VILLAGES), luck.integers(8, 15, VILLAGES))
    strata = (np.arange(VILLAGES) >= 7).astype(int)
    lots = np.array([1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0], bool)
    baseline = luck.normal(100.0, 40.0, village.size)
    income = {
        name: baseline + luck.normal(5.0 * place, 60.0, village.size)
        for place, name in enumerate(WORLDS)
    }
    sells = {name: luck.random(village.size) < 0.3 for name in WORLDS}
    return Households(
        village=village,
        stratum=strata[village],
        surveyed=luck.random(village.size) < 0.6,
        baseline=baseline,
        income=income,
        sells=sells,
        ever_sold=sells[TRIAL] | (luck.random(village.size) < 0.2),
        trained=luck.random(village.size) < 0.3,
        assigned=lots[village],
        lots=lots,
        strata=strata,
    )


def row(rows: Any, *names: str) -> dict[str, Any]:
    kept = [each for each in rows if (each["analysis"], each["outcome"], each["who"]) == names]
    assert len(kept) == 1
    return kept[0]


def answers(found: Households, outcome: str, world: str, asked: Any) -> tuple[Any, Any]:
    """Outcomes by hand, and whose."""
    income = found.income[world]
    rows = asked & (income > 0.0) if outcome == LOG else asked
    return (np.log(income[rows]) if outcome == LOG else income[rows]), rows


@pytest.mark.parametrize("who", [SURVEY, EVERYBODY])
@pytest.mark.parametrize("outcome", [LEVEL, LOG, CHANGE])
def test_intention_to_treat_is_the_regression_on_lots(
    found: Households, who: str, outcome: str
) -> None:
    asked = found.surveyed if who == SURVEY else np.ones_like(found.surveyed)
    values, rows = answers(found, outcome, TRIAL, asked)
    controls = (found.baseline[rows],) if outcome == CHANGE else ()
    sample = Sample(found.stratum[rows], found.village[rows])
    by_hand = clustered(values, found.assigned[rows].astype(float), sample, controls)

    shown = row(estimates_of(found, PERMUTATIONS, 3), INTENTION, outcome, who)

    assert rows.sum() < asked.sum() or outcome != LOG
    assert {name: shown[name] for name in by_hand._fields} == pytest.approx(by_hand._asdict())
    assert shown["mean_others"] == pytest.approx(values[~found.assigned[rows]].mean())
    assert shown["detectable"] == pytest.approx(detectable(by_hand.error, VILLAGES - 1))


@pytest.mark.parametrize("outcome", [LEVEL, LOG])
def test_treatment_on_the_treated_has_the_lots_as_instrument_of_being_served(
    found: Households, outcome: str
) -> None:
    values, rows = answers(found, outcome, TRIAL, found.surveyed)
    served = found.assigned & (found.trained | found.sells[TRIAL])
    sample = Sample(found.stratum[rows], found.village[rows])
    by_hand = instrumented(
        values, served[rows].astype(float), found.assigned[rows].astype(float), sample
    )

    shown = row(estimates_of(found, PERMUTATIONS, 3), TREATED, outcome, SURVEY)

    assert {name: shown[name] for name in by_hand._fields} == pytest.approx(by_hand._asdict())
    assert math.isnan(shown["randomisation_p"])


@pytest.mark.parametrize("outcome", [LEVEL, LOG])
def test_sellers_are_compared_as_a_small_group(found: Households, outcome: str) -> None:
    values, rows = answers(found, outcome, TRIAL, found.surveyed)
    sells = found.sells[TRIAL][rows]
    sample = Sample(found.stratum[rows], found.village[rows])
    by_hand = compared(values, sells.astype(float), sample)

    shown = row(estimates_of(found, PERMUTATIONS, 3), SELLERS, outcome, SURVEY)

    assert {name: shown[name] for name in by_hand._fields} == pytest.approx(by_hand._asdict())
    assert shown["mean_others"] == pytest.approx(values[~sells].mean())


def test_lots_without_consequence_are_drawn_over_the_world_without_the_programme(
    found: Households,
) -> None:
    lots = np.roll(found.lots, 1)
    values, rows = answers(found, LEVEL, WITHOUT, found.surveyed)
    assigned = lots[found.village[rows]].astype(float)
    sample = Sample(found.stratum[rows], found.village[rows])
    drawn = Lots(lots, found.strata)

    shown = row(placebo_of(found, lots, PERMUTATIONS, 3), INTENTION, LEVEL, SURVEY)

    assert shown["effect"] == pytest.approx(clustered(values, assigned, sample).effect)
    assert shown["randomisation_p"] == randomisation_p(
        values, found.village[rows], drawn, PERMUTATIONS, 3
    )


@pytest.mark.parametrize("outcome", [LEVEL, LOG, CHANGE])
def test_randomisation_compares_with_regressions_on_other_lots(
    found: Households, outcome: str
) -> None:
    values, rows = answers(found, outcome, TRIAL, found.surveyed)
    sample = Sample(found.stratum[rows], found.village[rows])
    if outcome == CHANGE:
        # What the baseline leaves of incomes, with a constant for each county.
        columns = np.column_stack(
            [found.baseline[rows], sample.stratum == 0, sample.stratum == 1]
        ).astype(float)
        values = values - columns @ np.linalg.lstsq(columns, values)[0]
    drawn = Lots(found.lots, found.strata)
    effects = [
        abs(clustered(values, lots[sample.cluster].astype(float), sample).effect)
        for lots in (found.lots, *redrawn(drawn, PERMUTATIONS, 3))
    ]

    shown = row(estimates_of(found, PERMUTATIONS, 3), INTENTION, outcome, SURVEY)

    as_much = sum(effect >= effects[0] * (1.0 - 1e-9) for effect in effects)
    assert shown["randomisation_p"] == as_much / (PERMUTATIONS + 1)


def test_effects_of_other_lots_are_coefficients_where_villages_differ_in_size() -> None:
    luck = default_rng(4)
    sizes = np.array([1, 40, 3, 20, 2, 2, 30, 5])
    village, stratum = np.repeat(np.arange(8), sizes), np.repeat([0, 1], 4)
    income, lots = luck.normal(size=village.size), Lots(np.arange(8) % 2 == 0, stratum)
    drawn = redrawn(lots, 20, 1)
    sample = Sample(stratum[village], village)
    by_hand = [clustered(income, each[village].astype(float), sample).effect for each in drawn]

    shown = _effects(drawn, np.bincount(village, income), sizes.astype(float), stratum)

    assert shown == pytest.approx(by_hand)


def test_no_p_value_of_lots_is_below_one_in_all_drawings() -> None:
    """The real drawing is among them."""
    lots = Lots(np.arange(40) < 20, np.zeros(40, int))

    assert randomisation_p(np.where(lots.assigned, 9.0, 0.0), np.arange(40), lots, 19, 1) == 0.05


def truths(found: Households) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["cause"], each["group"]): each for each in truths_of(found)}


def test_truths_are_differences_between_a_household_and_itself(found: Households) -> None:
    with_it, without, ever = found.sells[TRIAL], found.sells[WITHOUT], found.ever_sold
    drawn, at_scale = found.assigned, found.sells[EVERYWHERE]
    everybody = np.ones_like(drawn)
    expected = {
        (PROGRAMME, "drawn villages"): (drawn, TRIAL, WITHOUT),
        (PROGRAMME, "other villages"): (~drawn, TRIAL, WITHOUT),
        (PROGRAMME, "sellers in any case"): (drawn & with_it & without, TRIAL, WITHOUT),
        (PROGRAMME, "sellers by the programme"): (drawn & with_it & ~without, TRIAL, WITHOUT),
        (PROGRAMME, "sellers without it alone"): (drawn & ~with_it & without, TRIAL, WITHOUT),
        (PROGRAMME, "never sellers"): (drawn & ~with_it & ~without, TRIAL, WITHOUT),
        (AT_SCALE, "all"): (everybody, EVERYWHERE, WITHOUT),
        (AT_SCALE, "sellers in any case"): (at_scale & without, EVERYWHERE, WITHOUT),
        (AT_SCALE, "sellers by the programme"): (at_scale & ~without, EVERYWHERE, WITHOUT),
        (AT_SCALE, "sellers without it alone"): (~at_scale & without, EVERYWHERE, WITHOUT),
        (AT_SCALE, "never sellers"): (~at_scale & ~without, EVERYWHERE, WITHOUT),
        (SELLING, "all"): (everybody, TRIAL, OFFLINE),
        (SELLING, "sellers"): (with_it, TRIAL, OFFLINE),
        (SELLING, "others"): (~with_it, TRIAL, OFFLINE),
        (SELLING, "all who ever sold"): (ever, TRIAL, OFFLINE),
        (SELLING, "those who gave up"): (ever & ~with_it, TRIAL, OFFLINE),
    }

    shown = truths(found)

    assert set(shown) == set(expected)
    for names, (rows, world, other) in expected.items():
        difference = (found.income[world] - found.income[other])[rows]
        told = shown[names]
        assert told["households"] == rows.sum()
        assert told["share"] == pytest.approx(rows.mean())
        assert told["difference_yuan"] == pytest.approx(difference.mean())
        assert told["median_yuan"] == pytest.approx(np.median(difference))
        assert told["income_without_yuan"] == pytest.approx(found.income[other][rows].mean())


def test_differences_of_logarithms_are_of_incomes_above_zero_in_both_worlds(
    found: Households,
) -> None:
    with_it, without = found.income[TRIAL], found.income[WITHOUT]
    rows = found.assigned & (with_it > 0.0) & (without > 0.0)
    by_hand = np.log(with_it[rows] / without[rows]).mean()

    shown = truths(found)[PROGRAMME, "drawn villages"]

    assert shown["log_difference"] == pytest.approx(by_hand)


def test_who_has_the_same_neither_gains_nor_loses(found: Households) -> None:
    income = {name: np.zeros(found.village.size) for name in WORLDS}
    income[TRIAL] = np.where(np.arange(found.village.size) % 4 == 0, 1.0, 0.0)
    income[TRIAL][1::4] = -1.0
    income[TRIAL][2::8] = 1.0
    changed = found._replace(income=income)
    of_drawn = income[TRIAL][found.assigned]

    shown = truths(changed)[PROGRAMME, "drawn villages"]

    assert shown["gaining_share"] == pytest.approx((of_drawn == 1.0).mean())
    assert shown["losing_share"] == pytest.approx((of_drawn == -1.0).mean())


def test_ahead_anyway_is_of_incomes_where_nothing_is_sold(found: Households) -> None:
    sample = Sample(found.stratum, found.village)
    sells = found.sells[TRIAL].astype(float)

    shown = ahead_anyway_yuan(found)

    assert shown == pytest.approx(clustered(found.income[OFFLINE], sells, sample).effect)


def test_sellers_are_ahead_by_what_selling_gave_and_by_what_they_had_anyway(
    found: Households,
) -> None:
    """The gap is the effect on sellers less that on others, and the gap where nothing is sold."""
    one = found._replace(stratum=np.zeros_like(found.stratum))
    shown = row(estimates_of(one, 1, 0), SELLERS, LEVEL, EVERYBODY)
    known = truths(one)

    gave = (
        known[SELLING, "sellers"]["difference_yuan"] - known[SELLING, "others"]["difference_yuan"]
    )
    assert shown["effect"] == pytest.approx(gave + ahead_anyway_yuan(one))
