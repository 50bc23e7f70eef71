"""Does the runs of a calibration, keeps each, and stops when there is no time left."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sim.errors import RunError
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.calibrate.store import Done, RunStore
from sim.experiments.executors import Experiment, Request, Workplace, finish_batches

FEWEST_TO_JUDGE: Final = 20
"""A calibration is given up if so many runs of a stage failed, and more than half of them."""
_SECONDS_PER_MINUTE: Final = 60.0
_SAME: Final = 1e-6
"""Values so near are the same; the last digits of a sequence may differ after a stop."""

Tell = Callable[[float, str], None]
"""Told how far it is (0-1) and what it is doing."""


class OutOfBudget(Exception):  # noqa: N818 - it is no fault
    """No run may begin any more."""


@dataclass
class Budget:
    """How much may be done by this command.

    Attributes
    ----------
    runs : int, optional
        Runs; no limit if not given.
    minutes : float, optional
        Minutes from now; no limit if not given.
    """

    runs: int | None = None
    minutes: float | None = None
    begun: int = 0
    _started: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        """Whether no further run may begin."""
        if self.runs is not None and self.begun >= self.runs:
            return True
        minutes = (time.monotonic() - self._started) / _SECONDS_PER_MINUTE
        return self.minutes is not None and minutes >= self.minutes


@dataclass
class Runner:
    """Does runs.

    Attributes
    ----------
    experiment : Experiment
        What is run.
    store : RunStore
        Where runs are kept.
    place : Workplace
        Where they are done.
    seed : int
        Seed of the calibration.
    budget : Budget
        How much may be done.
    """

    experiment: Experiment
    store: RunStore
    place: Workplace
    seed: int
    budget: Budget

    def do(self, stage: str, points: Iterator[tuple[int, Mapping[str, float]]]) -> Iterator[Done]:
        """Do runs and give each as soon as it is there, those that were there before at once.

        Parameters
        ----------
        stage : str
            What they are for.
        points : iterator
            Number and parameters of each; taken one by one, as there is room.

        Raises
        ------
        OutOfBudget
            After what has begun is done, if there is no room for all.
        RunError
            If most runs fail, or a run that is kept was done with other parameters.
        """
        known: list[Done] = []
        values_of: dict[int, Mapping[str, float]] = {}
        state = {"is_over": False}

        def batches() -> Iterator[tuple[int, Sequence[Request]]]:
            for number, values in points:
                kept = self.store.get(stage, number)
                if kept is not None:
                    self._check(kept, values)
                    known.append(kept)
                    continue
                if self.budget.is_spent:
                    state["is_over"] = True
                    return
                self.budget.begun += 1
                values_of[number] = values
                yield number, [Request(values, run_seed(self.seed, stage, number))]

        failed = total = 0
        for number, (result,) in finish_batches(self.place, self.experiment, batches()):
            values = dict(values_of.pop(number))
            seed = run_seed(self.seed, stage, number)
            done = Done(stage, number, seed, values, result.numbers, result.error)
            self.store.add(done)
            total, failed = total + 1, failed + bool(done.error)
            if failed >= FEWEST_TO_JUDGE and failed > total / 2:
                raise RunError(f"{failed} of {total} runs failed, the last with: {done.error}")
            while known:
                yield known.pop(0)
            yield done
        yield from known
        if state["is_over"]:
            raise OutOfBudget

    def _check(self, kept: Done, values: Mapping[str, float]) -> None:
        """Refuse a run of another version: its results would be taken for those of other values."""
        are_same = kept.values.keys() == values.keys() and all(
            math.isclose(kept.values[path], value, rel_tol=_SAME, abs_tol=_SAME**2)
            for path, value in values.items()
        )
        if not are_same:
            raise RunError(
                f"run {kept.number} of {kept.stage} was done with other parameters, so by another "
                "version of the calibration; allowed: the version that began, or another folder"
            )
