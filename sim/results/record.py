"""What a finished run leaves behind in memory, apart from the live model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.world.register import Register

_DESIGNATIONS: Final = ("crossed_day", "listed_day", "lost_day")

Columns = Mapping[str, NDArray[Any]]
"""A table as the recorder makes it; a table without rows may be empty altogether."""


class Cost(NamedTuple):
    """What a run took; it differs from machine to machine and from time to time."""

    wall_s: float
    """Time from start to finish [s]."""
    compute_s: float
    """Time of the simulation alone, compiling included if it was the first one [s]."""
    peak_mb: float | None
    """Most memory in use [MB]; None where the system does not tell."""


@dataclass(frozen=True)
class RunRecord:
    """A finished run: what was asked and what came out.

    Attributes
    ----------
    scenario : Scenario
        The scenario as resolved.
    seed : int
        Seed of the draws.
    end : date
        Last day that was run.
    villages : Register
        The villages; their place is the village's number in the tables.
    tables : mapping
        ``village_months``, ``village_years``, ``season_days``, ``household_years`` and
        ``shop_years``: columns by name. A table that has grown too large for memory is only in the
        run folder.
    events : sequence
        What has a date, in order: `day`, `kind`, `village` (-1 if none), `text`.
    designations : mapping
        ``crossed_day``, ``listed_day`` and ``lost_day`` of every village; -1 if not reached.
    town_years, lists : sequence
        What towns had in each year, and the lists, as the observer keeps them.
    planned_end : date, optional
        Last day that was to be run, if the run was stopped before.
    recorded : object, optional
        The `sim.engine.recorder.Record`, what was to be recorded.
    totals : object, optional
        The `sim.results.totals.Totals`, if they were added up while the run went on.
    store : object, optional
        The `sim.results.store.Store` that holds the tables, if they may be on disk.
    """

    scenario: Scenario
    seed: int
    end: date
    villages: Register
    tables: Mapping[str, Columns]
    events: Sequence[Any]
    designations: Columns
    town_years: Sequence[Any] = ()
    lists: Sequence[Any] = ()
    planned_end: date | None = None
    recorded: Any = None
    totals: Any = None
    store: Any = None

    @property
    def is_complete(self) -> bool:
        """Whether the run came to the day that it was to come to."""
        return self.planned_end is None

    @property
    def keeps_all_households(self) -> bool:
        """Whether the table of households, if there is one, has those of all villages."""
        return self.recorded is None or self.recorded.households == "year"

    @property
    def households(self) -> int:
        """Local households of all villages; rooms for outside operators are not counted."""
        return int(self.villages.households.sum())


def record_of(model: Any, store: Any = None, totals: Any = None) -> RunRecord:
    """Take what a run has left out of a model.

    Parameters
    ----------
    model : CommerceModel
        The model.
    store : Store, optional
        Holds the rows, if the model's recorder has handed them to one.
    totals : Totals, optional
        What was added up while the run went on.
    """
    return RunRecord(
        scenario=model.scenario,
        seed=model.seed,
        end=model.date - timedelta(days=1),
        villages=model.simulation.register,
        tables=model.tables if store is None else store.tables,
        events=model.events,
        designations={name: getattr(model.observer, name) for name in _DESIGNATIONS},
        town_years=tuple(model.observer.town_years),
        lists=tuple(model.observer.lists),
        recorded=model.recorder.record,
        totals=totals,
        store=store,
    )
