"""Several worlds with the same luck: each replicate runs all of them with one seed.

Replicate r of every world has the seed `seed` + r. Replicates are done wherever an executor
reaches; their results do not depend on where, or in what order.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

from sim.errors import RunError, ScenarioError
from sim.experiments.executors import DEATHS_ALLOWED, SerialExecutor, Workplace, workplace_of
from sim.experiments.outcomes import outcomes_of
from sim.experiments.run import Progress, RunOptions, run
from sim.experiments.twins import twins_of
from sim.experiments.worlds import World

FEWEST_REPLICATES: Final = 2
MOST_REPLICATES: Final = 100_000
PROCESSES_PAY_S: Final = 15.0
"""Processes are started by default if the work would take one process longer than this [s]."""
_SEED_LIMIT: Final = 2**63


@dataclass(frozen=True)
class Pairing:
    """What is run with the same luck.

    Attributes
    ----------
    worlds : tuple of World
        The worlds; the first one is the base.
    replicates : int
        Runs of each world.
    seed : int
        Seed of the first replicate.
    until : date, optional
        Last day to run; the scenarios' if not given.
    keep_households : bool, optional
        Whether households are kept, so that incomes are known; if not given, only where they are
        few.
    has_twins : bool
        Whether households that are kept are joined with their twins.

    Raises
    ------
    ScenarioError
        If the number of replicates or the seed is not possible.
    """

    worlds: tuple[World, ...]
    replicates: int
    seed: int
    until: date | None = None
    keep_households: bool | None = None
    has_twins: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not FEWEST_REPLICATES <= self.replicates <= MOST_REPLICATES:
            allowed = f"a whole number from {FEWEST_REPLICATES} to {MOST_REPLICATES:,}"
            raise ScenarioError("replicates", "", self.replicates, allowed)
        if not 0 <= self.seed <= _SEED_LIMIT - self.replicates:
            allowed = "a whole number from 0 to 2**63 less the replicates"
            raise ScenarioError("seed", "", self.seed, allowed)
        base = self.worlds[0].scenario
        if self.until is not None and not base.start <= self.until <= base.end:
            allowed = f"a date of the scenarios, {base.start} to {base.end}"
            raise ScenarioError("until", given=self.until.isoformat(), allowed=allowed)


class Replicate(NamedTuple):
    """All worlds once, with one seed."""

    number: int
    outcomes: tuple[dict[str, float], ...]
    """The outcomes of each world."""
    twins: tuple[dict[str, NDArray[Any]], ...]
    """Households of the base beside those of each variant; see `twins_of`."""


def run_replicate(pairing: Pairing, number: int, threads: int | None = 1) -> Replicate:
    """Run every world once with the seed of a replicate.

    Parameters
    ----------
    pairing : Pairing
        The worlds.
    number : int
        Number of the replicate, from 0.
    threads : int, optional
        Threads that run villages side by side.
    """
    options = RunOptions(threads, pairing.keep_households)
    seed = pairing.seed + number
    base = run(pairing.worlds[0].scenario, seed, pairing.until, options=options)
    outcomes, twins = [outcomes_of(base)], []
    for world in pairing.worlds[1:]:
        variant = run(world.scenario, seed, pairing.until, options=options)
        outcomes.append(outcomes_of(variant))
        twins.append(twins_of(base, variant) if pairing.has_twins else {})
    return Replicate(number, tuple(outcomes), tuple(twins))


def run_replicates(
    pairing: Pairing, workers: Any = None, progress: Progress | None = None
) -> list[Replicate]:
    """Run every world with every seed.

    Parameters
    ----------
    pairing : Pairing
        The worlds.
    workers : int, str, Executor or distributed.Client, optional
        Who runs; see `sim.experiments.executors.workplace_of`. If not given, the first replicate
        is run here, and the others by a process for each processor if that is worth it.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.

    Returns
    -------
    list of Replicate
        In the order of their numbers.

    Raises
    ------
    RunError
        If a run fails, or the workers are gone.
    """
    numbers = iter(range(pairing.replicates))
    started = time.perf_counter()
    done: list[Replicate] = []
    tell = _teller(pairing, progress)
    tell(0)
    if workers is None:
        done.append(run_replicate(pairing, next(numbers), None))
        tell(1)
        left_s = (time.perf_counter() - started) * (pairing.replicates - 1)
        workers = 1 if left_s < PROCESSES_PAY_S else None
    with workplace_of(workers) as place:
        for replicate in _finished(place, pairing, numbers):
            done.append(replicate)
            tell(len(done))
    return sorted(done, key=lambda replicate: replicate.number)


def _teller(pairing: Pairing, progress: Progress | None) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if progress is not None:
            progress(done / pairing.replicates, f"replicate {done} of {pairing.replicates}")

    return tell


def _finished(place: Workplace, pairing: Pairing, numbers: Iterator[int]) -> Iterator[Replicate]:
    """Give replicates as they come; those whose process has died are begun anew."""
    waiting: dict[Future[Replicate], int] = {}
    deaths = 0
    try:
        while True:
            for number in islice(numbers, max(place.width - len(waiting), 0)):
                waiting[_submitted(place, pairing, number)] = number
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            lost = []
            for future in done:
                number = waiting.pop(future)
                try:
                    yield _result(future, place, pairing.seed + number)
                except place.deaths as error:
                    lost.append((number, error))
            if lost:
                deaths += 1
                _renew(place, deaths, lost[0][1])
                # A pool that is broken fails everything that it had.
                again = [number for number, _ in lost] + list(waiting.values())
                _cancel(list(waiting))
                waiting.clear()
                numbers = chain(again, numbers)
    finally:
        _cancel(list(waiting))


def _submitted(place: Workplace, pairing: Pairing, number: int) -> Future[Replicate]:
    try:
        # Alone, a replicate has all processors; beside others it has one.
        threads = None if isinstance(place.executor, SerialExecutor) else 1
        return place.executor.submit(run_replicate, pairing, number, threads)
    except place.deaths as error:
        future: Future[Replicate] = Future()
        future.set_exception(error)
        return future


def _renew(place: Workplace, deaths: int, error: BaseException) -> None:
    """Put another executor in the place of one whose process has died, once or twice."""
    if place.renew is None or deaths > DEATHS_ALLOWED:
        raise RunError("a worker process has died; it was killed or out of memory") from error
    place.executor.shutdown(wait=False, cancel_futures=True)
    place.executor = place.renew()


def _result(future: Future[Replicate], place: Workplace, seed: int) -> Replicate:
    try:
        return future.result()
    except place.deaths:
        raise
    except Exception as error:
        raise RunError(f"seed {seed}: {type(error).__name__}: {error}") from error


def _cancel(futures: Sequence[Future[Any]]) -> None:
    for future in futures:
        future.cancel()
