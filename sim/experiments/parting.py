"""When two worlds part, and what each household had before that.

Groups by income must not be formed by an income that the worlds compared have brought about: the
poorest of one of them are those with bad luck there, who would seem to gain in any other. Until the
first thing that differs between two worlds acts, each household has the same income in both; the
income of the last complete year before that is fixed before the worlds part. If there is no such
year, savings at the start take its place.
"""

from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.results.incomes import of_year
from sim.results.record import Columns, RunRecord
from sim.results.schema import KINDS
from sim.results.tables import income_yuan
from sim.scenario import Scenario
from sim.scenario.policy import PolicyBase
from sim.words import phrase

_ACTS_ON_NOBODY: Final = {"name", "title", "question", "seed", "end", "observer", "policies"}
"""Keys of a scenario that change nothing that happens, and policies, which have dates."""


def parting_day(base: Scenario, variant: Scenario) -> date | None:
    """Return the first day on which two worlds may differ; None if nothing in them does.

    It is the first date of the policies, and services of them, that are in one world only or are
    not the same in both; the first day of the run if anything else differs.
    """
    ours, theirs = (
        world.model_dump(mode="json", exclude=_ACTS_ON_NOBODY) for world in (base, variant)
    )
    if ours != theirs:
        return base.start
    one, other = (_parts(world) for world in (base, variant))
    differing = [part for part in one if part not in other]
    differing += [part for part in other if part not in one]
    return min((part["start"] for part in differing), default=None)


def year_before(base: Scenario, variant: Scenario, last_year: int) -> int | None:
    """Return the last year that was run from January to December before two worlds part.

    Parameters
    ----------
    base, variant : Scenario
        The worlds.
    last_year : int
        The last complete year of the run.

    Returns
    -------
    int or None
        The year; None if they part before a year is complete.
    """
    day = parting_day(base, variant)
    year = last_year if day is None else min(day.year - 1, last_year)
    return year if date(year, 1, 1) >= base.start else None


BEFORE_TEXTS: Final = (
    phrase("savings per head at the start"),
    phrase("income per head in {year}"),
)
"""The sentences that `before_text` has."""


def before_text(year: int | None) -> str:
    """Say by what groups by income are formed, for a year as of `year_before`."""
    if year is None:
        return "savings per head at the start"
    return f"income per head in {year}"


def before_yuan(record: RunRecord, variant: Scenario, households: Columns) -> NDArray[np.float64]:
    """Return what local households of the base had before the worlds part [yuan].

    Parameters
    ----------
    record : RunRecord
        Run of the base, with its households.
    variant : Scenario
        The other world.
    households : mapping
        Local households of the last complete year, of ``household_years``.

    Returns
    -------
    array (households,)
        Their income in the year of `year_before`, or their savings at the start.
    """
    year = year_before(record.scenario, variant, int(households["year"].max()))
    if year is None:
        return _savings_at_the_start(record, households)
    of_then = of_year(record.tables["household_years"], year)
    keys = household_keys(of_then["village"], of_then)
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], household_keys(households["village"], households))
    found: NDArray[np.float64] = income_yuan(of_then)[order][place]
    return found


def household_keys(village: NDArray[Any], households: Columns) -> NDArray[np.int64]:
    """Return one number for village, kind and number of each household."""
    kinds = village.astype(np.int64) * len(KINDS) + households["kind"]
    return (kinds << 32) + households["number"]


def _savings_at_the_start(record: RunRecord, households: Columns) -> NDArray[np.float64]:
    """Return the money at hand on the first morning, which scenario and seed alone decide."""
    from sim.engine.recorder import Record
    from sim.model import CommerceModel

    nothing = Record(households="none", shops="none")
    state = CommerceModel(
        record.scenario, record.seed, threads=1, record=nothing, collect=False
    ).simulation
    villages, cash = state.state.villages, state.state.households["cash_yuan"]
    counts = villages["kind_count"].astype(np.int64)
    starts = villages["first_household"][:, None] + np.cumsum(counts, axis=1) - counts
    rows = starts[households["village"], households["kind"]] + households["number"]
    return np.asarray(cash[rows], np.float64)


def _parts(world: Scenario) -> list[dict[str, Any]]:
    """Return everything that policies do, with whom it reaches and from when on."""
    return [part for policy in world.policies for part in _parts_of(policy)]


def _parts_of(policy: PolicyBase) -> list[dict[str, Any]]:
    target = policy.target.model_dump(mode="json")
    return [
        {**measure._asdict(), "levers": dict(measure.levers), "target": target}
        for measure in policy.measures()
    ]
