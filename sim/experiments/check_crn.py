"""Proof that worlds share their luck: what must change nothing is tried on a scenario.

Each trial runs two worlds side by side and compares them month by month to the last bit. If they
differ where they must not, the trial is run again, day by day, up to the first day on which they
do, and what differs there is named: the value, whose it is, the day, and the draw behind it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import ScenarioError
from sim.experiments.faults import Fault, fault_of
from sim.experiments.matching import Difference, Match, Selection
from sim.experiments.null_changes import (
    Newcomer,
    newcomers,
    with_household_of_its_own,
    with_null_policies,
)
from sim.experiments.reach import COST, Reach, everything
from sim.experiments.run import Progress
from sim.scenario import Scenario, load_scenario
from sim.world.calendar import date_of, day_of

Make = Callable[..., Any]
"""Makes a model of a scenario."""


@dataclass(frozen=True)
class Trial:
    """What was changed, and whether anything followed from it that must not.

    Attributes
    ----------
    name : str
        What was changed.
    must : str
        What must be the same.
    fault : Fault, optional
        What is not; None if the trial was passed.
    reached_on : date, optional
        From when on a newcomer may have reached others; None if never, or if there is none.
    has_newcomer : bool
        Whether a household was added to a village.
    """

    name: str
    must: str
    fault: Fault | None = None
    reached_on: date | None = None
    has_newcomer: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether everything that must be the same is."""
        return self.fault is None


@dataclass(frozen=True)
class PairingCheck:
    """All trials of a scenario.

    Attributes
    ----------
    scenario : str
        Its name.
    seed : int
        The seed of all worlds.
    trials : tuple of Trial
        In the order in which they were made.
    """

    scenario: str
    seed: int
    trials: tuple[Trial, ...]

    @property
    def has_newcomers(self) -> bool:
        """Whether a household was added to a village; regions that describe none have no trial."""
        return any(trial.has_newcomer for trial in self.trials)

    @property
    def is_passed(self) -> bool:
        """Whether every trial was passed: worlds with the same seed have the same luck."""
        return all(trial.is_passed for trial in self.trials)

    def to_polars(self) -> Any:
        """Return the trials as a Polars data frame."""
        import polars as pl

        rows = [
            {
                "trial": trial.name,
                "must_be_the_same": trial.must,
                "passed": trial.is_passed,
                "reached_on": trial.reached_on,
                "fault": "" if trial.fault is None else str(trial.fault),
            }
            for trial in self.trials
        ]
        return pl.DataFrame(rows, schema_overrides={"reached_on": pl.Date})

    def to_pandas(self) -> Any:
        """Return the trials as a pandas data frame."""
        from sim.experiments.extras import need

        need("pandas", "notebook")
        return self.to_polars().to_arrow().to_pandas()

    def __repr__(self) -> str:
        """Tell in one line whether the check was passed."""
        failed = sum(not trial.is_passed for trial in self.trials)
        told = f"{failed} of {len(self.trials)} trials failed" if failed else "passed"
        return f"<PairingCheck of {self.scenario}, seed {self.seed}: {told}>"

    def _repr_html_(self) -> str:
        """Show the trials, for notebooks."""
        from html import escape

        rows = "".join(
            f"<tr><td>{'passed' if trial.is_passed else '<b>failed</b>'}</td>"
            f"<td style='text-align:left'>{escape(trial.name)}</td>"
            f"<td style='text-align:left'>{escape(str(trial.fault or trial.must))}</td></tr>"
            for trial in self.trials
        )
        return f"<table>{rows}</table>"


class _World(NamedTuple):
    """A world beside the base."""

    name: str
    must: str
    scenario: Scenario
    newcomer: Newcomer | None = None
    is_asked_backwards: bool = False
    excused: tuple[str, ...] = ()
    """Columns that may differ."""


def check_crn(
    scenario: Scenario | str | Path,
    seed: int | None = None,
    until: date | None = None,
    progress: Progress | None = None,
    **classes: Any,
) -> PairingCheck:
    """Prove on a scenario that worlds with the same seed have the same luck.

    Parameters
    ----------
    scenario : Scenario, str or Path
        What is tried: a scenario, the name of one, or a file.
    seed : int, optional
        Seed of all worlds; the scenario's if not given.
    until : date, optional
        Last day; the scenario's if not given. Whole months are run.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.
    **classes : type
        Classes of agents as `CommerceModel` takes them: ``farmer``, ``manufacturer``,
        ``store_operator``. Then households are asked in reverse order too, which must change
        nothing.

    Returns
    -------
    PairingCheck
        A trial for each change that must change nothing, or nothing out of its reach.

    Raises
    ------
    ScenarioError
        If the scenario, the seed or the date is not valid.
    ExtensionError
        If a class is not a subclass of the one it stands for.
    """
    base = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    end = until or base.end
    if not base.start <= end <= base.end:
        allowed = f"a date of the scenario, {base.start} to {base.end}"
        raise ScenarioError("until", given=end.isoformat(), allowed=allowed)
    number = base.seed if seed is None else seed
    worlds = list(_worlds(base, bool(classes)))
    trials = []
    for place, world in enumerate(worlds):
        if progress is not None:
            progress(place / len(worlds), world.name)
        pair = _Pair(base, world, number, day_of(end), classes)
        trials.append(pair.trial())
    return PairingCheck(base.name, number, tuple(trials))


def _worlds(base: Scenario, has_classes: bool) -> Iterator[_World]:
    all_of_it = "everything"
    yield _World("the same scenario again", all_of_it, base)
    if has_classes:
        yield _World("households asked in reverse order", all_of_it, base, is_asked_backwards=True)
    yield _World("a policy of every kind that does nothing", all_of_it, with_null_policies(base))
    yield _World(
        "one more household, in a village of its own",
        "everything",
        with_household_of_its_own(base),
        excused=(COST,),
    )
    for newcomer, changed in newcomers(base):
        must = "everything before it reaches others; from then on what is drawn for them"
        yield _World(newcomer.words, must, changed, newcomer)


class _Pair:
    """The base and a world beside it, run in step."""

    def __init__(
        self, base: Scenario, world: _World, seed: int, end_day: int, classes: dict[str, Any]
    ) -> None:
        self._base = base
        self._world = world
        self._seed = seed
        self._end_day = end_day
        self._classes = classes

    def trial(self) -> Trial:
        """Run both worlds month by month; if they differ, find the first day."""
        found, since = self._compare(by_day=None)
        if found is not None:
            again, since = self._compare(by_day=found[0])
            # If something is drawn in sequence, the second attempt need not be like the first.
            found = again or found
        fault = None
        if found is not None:
            day, differences = found
            fault = fault_of(self._match, day, differences, self._seed)
        return Trial(
            self._world.name,
            self._world.must,
            fault,
            None if since is None else date_of(since),
            self._world.newcomer is not None,
        )

    def _compare(
        self, by_day: int | None
    ) -> tuple[tuple[int, list[Difference]] | None, int | None]:
        """Return the first day, or first day of the month, that differs; and when reach began."""
        ours, theirs = self._models()
        match = self._match = Match(ours.simulation, theirs.simulation)
        reach = None if self._world.newcomer is None else Reach(match, self._world.newcomer)
        start = ours.simulation.day
        found = self._differing(match, reach)
        if found:
            return (start, found), None
        while ours.simulation.day <= self._end_day:
            month = ours.simulation.day
            for day in self._days(ours, theirs, reach, by_day == month):
                found = self._differing(match, reach)
                if not found and reach is not None and reach.is_decided_alike:
                    found = _all_of(match, reach.decisions)
                    reach.is_decided_alike = False
                if found:
                    return (day if by_day == month else month, found), _since(reach)
        return None, _since(reach)

    def _days(self, ours: Any, theirs: Any, reach: Reach | None, is_by_day: bool) -> Iterator[int]:
        """Run a month in both worlds; stop after its first day, and after its last or each day."""
        month = ours.simulation.day
        last = ours.simulation.month_end_day
        if reach is not None:
            reach.before_decisions(month)
        for model in (ours, theirs):
            model.step()
        if reach is not None:
            reach.after_decisions(month)
            reach.after_days(month)
        yield month
        while ours.simulation.day <= min(last, ours.simulation.end_day):
            day = ours.simulation.day if is_by_day else min(last, ours.simulation.end_day)
            for model in (ours, theirs):
                model.run_until(date_of(day))
            if reach is not None:
                reach.after_days(month)
            yield day

    def _models(self) -> tuple[Any, Any]:
        from sim.engine.recorder import Record
        from sim.model import CommerceModel

        def make(scenario: Scenario, **more: Any) -> Any:
            record = Record("none", "none", "none")
            return CommerceModel(scenario, self._seed, record=record, **self._classes, **more)

        backwards = {"asks_backwards": True} if self._world.is_asked_backwards else {}
        return make(self._base), make(self._world.scenario, **backwards)

    def _differing(self, match: Match, reach: Reach | None) -> list[Difference]:
        if reach is not None:
            return _all_of(match, reach.now)
        return _all_of(match, everything(match, *self._world.excused))


def _all_of(match: Match, chosen: Selection) -> list[Difference]:
    return [*match.differences(chosen), *match.shop_differences(chosen)]


def _since(reach: Reach | None) -> int | None:
    return None if reach is None else reach.since
