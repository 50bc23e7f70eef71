"""What a trial shows to those who hold it, and what it did, which only a model knows.

Estimates use what a researcher has: the lots, a baseline and the answers of a survey. Truths are
differences between a household and itself in another world.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.randomisation import Lots, randomisation_p
from sim.experiments.regressions import (
    Estimate,
    Sample,
    clustered,
    compared,
    detectable,
    instrumented,
    strata_removed,
)
from sim.experiments.trial_worlds import EVERYWHERE, OFFLINE, TRIAL, WITHOUT, Households

INTENTION: Final = "intention to treat"
TREATED: Final = "treatment on the treated"
SELLERS: Final = "sellers less others"
LEVEL: Final = "income"
LOG: Final = "log income"
CHANGE: Final = "income given baseline"
SURVEY: Final = "survey"
EVERYBODY: Final = "everybody"
PROGRAMME: Final = "the programme as drawn"
AT_SCALE: Final = "the programme everywhere"
SELLING: Final = "selling online at all"

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Row = dict[str, Any]


class Asked(NamedTuple):
    """Some households, and what is estimated of them."""

    who: str
    rows: Flags


def estimates_of(found: Households, permutations: int, seed: int) -> Iterator[Row]:
    """Give what the trial shows.

    Parameters
    ----------
    found : Households
        All households in all worlds.
    permutations : int
        Further lots that are drawn for randomisation inference.
    seed : int
        Seed of these.

    Yields
    ------
    dict
        ``analysis``, ``outcome``, ``who``, the parts of `Estimate`, ``randomisation_p``,
        ``detectable`` and ``mean_others``, the mean of those that are not treated.
    """
    lots = Lots(found.lots, found.strata)
    for asked in (Asked(SURVEY, found.surveyed), Asked(EVERYBODY, np.ones_like(found.surveyed))):
        for outcome in (LEVEL, LOG, CHANGE):
            yield _intention(found, asked, TRIAL, outcome, lots) | {
                "randomisation_p": _p_of_lots(
                    found, asked, TRIAL, outcome, lots, permutations, seed
                )
            }
        for outcome in (LEVEL, LOG):
            values, rows = _outcome(found, asked, TRIAL, outcome)
            sample = _sample(found, rows)
            used = found.takes_up[rows].astype(np.float64)
            assigned = found.assigned[rows].astype(np.float64)
            treated = instrumented(values, used, assigned, sample)
            yield _row(TREATED, outcome, asked.who, treated, values[assigned == 0])
        for outcome in (LEVEL, LOG):
            values, rows = _outcome(found, asked, TRIAL, outcome)
            sells = found.sells[TRIAL][rows].astype(np.float64)
            ahead = compared(values, sells, _sample(found, rows))
            yield _row(SELLERS, outcome, asked.who, ahead, values[sells == 0])


def placebo_of(found: Households, lots: Flags, permutations: int, seed: int) -> Iterator[Row]:
    """Give what a trial shows whose lots have no consequence.

    Parameters
    ----------
    found : Households
        All households; those of the world without the programme are taken.
    lots : array (villages,)
        Which villages are drawn.
    permutations : int
        Further lots that are drawn for randomisation inference.
    seed : int
        Seed of these.
    """
    drawn = found._replace(lots=lots, assigned=lots[found.village])
    asked = Asked(SURVEY, found.surveyed)
    of_villages = Lots(lots, found.strata)
    for outcome in (LEVEL, LOG, CHANGE):
        yield _intention(drawn, asked, WITHOUT, outcome, of_villages) | {
            "randomisation_p": _p_of_lots(
                drawn, asked, WITHOUT, outcome, of_villages, permutations, seed
            )
        }


def truths_of(found: Households) -> Iterator[Row]:
    """Give what was done, household by household.

    Yields
    ------
    dict
        ``cause``, ``group``, ``households``, ``share`` of all, ``income_without_yuan`` in the world
        without the cause, ``difference_yuan``, its ``median_yuan``, ``log_difference`` of those
        with incomes above 0 in both worlds, and the shares of them that gain and that lose at all.
    """
    assigned, sells = found.assigned, found.sells
    for cause, world, group, rows in [
        (PROGRAMME, TRIAL, "drawn villages", assigned),
        (PROGRAMME, TRIAL, "other villages", ~assigned),
        *_by_selling(PROGRAMME, TRIAL, sells, assigned),
        (AT_SCALE, EVERYWHERE, "all", np.ones_like(assigned)),
        *_by_selling(AT_SCALE, EVERYWHERE, sells, np.ones_like(assigned)),
    ]:
        yield _truth(cause, group, rows, found.income[world], found.income[WITHOUT])
    for group, rows in (
        ("all", np.ones_like(assigned)),
        ("sellers", sells[TRIAL]),
        ("others", ~sells[TRIAL]),
        ("all who ever sold", found.ever_sold),
        ("those who gave up", found.ever_sold & ~sells[TRIAL]),
    ):
        yield _truth(SELLING, group, rows, found.income[TRIAL], found.income[OFFLINE])


def ahead_anyway_yuan(found: Households) -> float:
    """Return by how much sellers are ahead where nothing is sold online [yuan], counties apart."""
    sells = found.sells[TRIAL].astype(np.float64)
    sample = _sample(found, np.ones_like(found.assigned))
    return clustered(found.income[OFFLINE], sells, sample).effect


def _by_selling(
    cause: str, world: str, sells: Mapping[str, Flags], among: Flags
) -> list[tuple[str, str, str, Flags]]:
    with_it, without = sells[world], sells[WITHOUT]
    groups = {
        "sellers in any case": with_it & without,
        "sellers by the programme": with_it & ~without,
        "sellers without it alone": ~with_it & without,
        "never sellers": ~with_it & ~without,
    }
    return [(cause, world, name, rows & among) for name, rows in groups.items()]


def _truth(cause: str, group: str, rows: Flags, with_it: Floats, without: Floats) -> Row:
    difference = (with_it - without)[rows]
    there = rows & (with_it > 0.0) & (without > 0.0)
    return {
        "cause": cause,
        "group": group,
        "households": int(rows.sum()),
        "share": float(rows.mean()),
        "income_without_yuan": _mean(without[rows]),
        "difference_yuan": _mean(difference),
        "median_yuan": float(np.median(difference)) if difference.size else np.nan,
        "log_difference": _mean(np.log(with_it[there]) - np.log(without[there])),
        "gaining_share": _mean(difference > 0.0),
        "losing_share": _mean(difference < 0.0),
    }


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else np.nan


def _outcome(found: Households, asked: Asked, world: str, outcome: str) -> tuple[Floats, Flags]:
    """Return what is explained, and of whom: logarithms are of incomes above 0."""
    income = found.income[world]
    if outcome != LOG:
        return income[asked.rows], asked.rows
    rows = asked.rows & (income > 0.0)
    return np.log(income[rows]), rows


def _sample(found: Households, rows: Flags) -> Sample:
    return Sample(found.stratum[rows], found.village[rows])


def _intention(found: Households, asked: Asked, world: str, outcome: str, lots: Lots) -> Row:
    values, rows = _outcome(found, asked, world, outcome)
    controls = (found.baseline[rows],) if outcome == CHANGE else ()
    assigned = lots.assigned[found.village[rows]].astype(np.float64)
    shown = clustered(values, assigned, _sample(found, rows), controls)
    return _row(INTENTION, outcome, asked.who, shown, values[assigned == 0])


def _p_of_lots(  # noqa: PLR0913 - what is asked of whom, and by which lots
    found: Households,
    asked: Asked,
    world: str,
    outcome: str,
    lots: Lots,
    permutations: int,
    seed: int,
) -> float:
    values, rows = _outcome(found, asked, world, outcome)
    if outcome == CHANGE:
        values = _left_by(found.baseline[rows], values, found.stratum[rows])
    return randomisation_p(values, found.village[rows], lots, permutations, seed)


def _left_by(control: Floats, values: Floats, stratum: NDArray[np.int64]) -> Floats:
    """Return what a control leaves of values, with a constant for each stratum."""
    known, left = strata_removed(control, stratum), strata_removed(values, stratum)
    spread = float(known @ known)
    return left - known * (float(known @ left) / spread) if spread > 0.0 else left


def _row(analysis: str, outcome: str, who: str, shown: Estimate, others: Floats) -> Row:
    return {
        "analysis": analysis,
        "outcome": outcome,
        "who": who,
        **shown._asdict(),
        "randomisation_p": np.nan,
        "detectable": detectable(shown.error, shown.freedom),
        "mean_others": _mean(others),
    }
