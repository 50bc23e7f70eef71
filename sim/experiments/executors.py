"""Where runs are done: in this process, in others on this machine, or wherever an executor reaches.

Interface
---------
An `Experiment` is what is done at each point; it must survive pickling. A `Workplace` is a
`concurrent.futures.Executor` with what one must know about it. `finish_batches` hands batches to a
workplace and gives their results as they come; a batch whose process dies is tried again, run by
run, and only a run that kills its process twice is given up, as a result with an error.

``with workplace_of(4) as place`` gives processes of this machine, ``workplace_of("tcp://…")`` those
of a Dask scheduler, ``workplace_of(executor)`` any executor that was made elsewhere.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol

from sim.errors import RunError, ScenarioError
from sim.experiments.extras import need
from sim.scenario.changes import Value

BATCHES_AHEAD: Final = 2
"""Batches that wait for each process of this machine, so that none is idle."""
BATCHES_OUTSTANDING: Final = 512
"""Batches handed out at a time where nobody knows how many can be done at once."""
MOST_WORKERS: Final = 1024
DASK_TIMEOUT_S: Final = 10
DEATHS_ALLOWED: Final = 2
"""So many processes may die on a run before it is given up."""
DIED: Final = "WorkerDied: the process ended without a word; it was killed or out of memory"
"""Error of a run that was given up."""


class Experiment(Protocol):
    """What is done at each point."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the numbers that a run gives."""

    def about(self) -> Mapping[str, Any]:
        """Return what is done, for the manifest: plain JSON."""

    def __call__(self, values: Mapping[str, Value], seed: int) -> Mapping[str, float]:
        """Run a point with a seed; return every outcome, nan where the run has none.

        What it raises becomes the result of that run, but for a RunError, which ends the sweep.
        """


class Request(NamedTuple):
    """A run to be done."""

    values: Mapping[str, Value]
    seed: int


class Result(NamedTuple):
    """A run that is done."""

    numbers: tuple[float, ...] | None
    """The outcomes, in order; None if the run failed."""
    error: str = ""


@dataclass
class Workplace:
    """An executor, and what one must know about it.

    Attributes
    ----------
    executor : Executor
        Where batches are done.
    width : int
        Batches to hand out at a time.
    deaths : tuple of type
        What a future raises if its process has died.
    renew : callable, optional
        Makes another executor in place of one that is broken; None if that cannot be done.
    """

    executor: Executor
    width: int
    deaths: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    renew: Callable[[], Executor] | None = None


class SerialExecutor(Executor):
    """Does everything at once, in this process."""

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Call the function and return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*given, **named))
        except Exception as error:  # noqa: BLE001 - whatever it is, the future tells
            future.set_exception(error)
        return future


def do_batch(experiment: Experiment, requests: Sequence[Request]) -> list[Result]:
    """Do the runs of a batch; what one raises becomes its result."""
    return [_do(experiment, request) for request in requests]


def _do(experiment: Experiment, request: Request) -> Result:
    try:
        found = experiment(request.values, request.seed)
        return Result(tuple(float(found[name]) for name in experiment.outcomes))
    except RunError:
        raise  # not the run is at fault, but the process that it is done in
    except Exception as error:  # noqa: BLE001 - a run that fails is a result too
        return Result(None, " ".join(f"{type(error).__name__}: {error}".split()))


def finish_batches(
    place: Workplace, experiment: Experiment, batches: Iterable[tuple[int, Sequence[Request]]]
) -> Iterator[tuple[int, list[Result]]]:
    """Have batches done, and give each with its results as soon as they are there.

    Parameters
    ----------
    place : Workplace
        Where they are done.
    experiment : Experiment
        What is done at each point.
    batches : iterable of (int, sequence of Request)
        Number and runs of each batch; taken one by one, as there is room.

    Raises
    ------
    RunError
        If the executor is broken for good.
    """
    source = iter(batches)
    waiting: dict[Future[Any], tuple[int, Sequence[Request]]] = {}
    try:
        while True:
            for number, requests in islice(source, place.width - len(waiting)):
                waiting[_submit(place, experiment, requests)] = (number, requests)
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                number, requests = waiting.pop(future)
                results = _results(future, place)
                yield (
                    number,
                    _one_by_one(place, experiment, requests) if results is None else results,
                )
    finally:
        for future in waiting:
            future.cancel()


def _submit(place: Workplace, experiment: Experiment, requests: Sequence[Request]) -> Future[Any]:
    try:
        return place.executor.submit(do_batch, experiment, requests)
    except place.deaths as error:
        future: Future[Any] = Future()
        future.set_exception(error)
        return future


def _results(future: Future[Any], place: Workplace) -> list[Result] | None:
    """Return the results of a batch, or None if its process has died."""
    try:
        results: list[Result] = future.result()
    except place.deaths:
        return None
    except CancelledError as error:
        raise RunError("the workers have dropped a batch: are they still there?") from error
    except RunError:
        raise
    except Exception as error:
        raise RunError(f"the workers cannot do it: {type(error).__name__}: {error}") from error
    return results


def _one_by_one(
    place: Workplace, experiment: Experiment, requests: Sequence[Request]
) -> list[Result]:
    """Do the runs of a batch whose process has died; give up those on which processes die again.

    A broken pool fails every batch that it had. Which run is to blame shows when nothing else is
    done beside it.
    """
    return [_alone(place, experiment, request) for request in requests]


def _alone(place: Workplace, experiment: Experiment, request: Request) -> Result:
    for _ in range(DEATHS_ALLOWED):
        _mend(place)
        found = _results(_submit(place, experiment, [request]), place)
        if found is not None:
            return found[0]
    return Result(None, DIED)


def _mend(place: Workplace) -> None:
    """Put another executor in the place of one that is broken."""
    if _is_alive(place):
        return
    if place.renew is None:
        raise RunError("the executor is broken: its processes have died")
    place.executor.shutdown(wait=False, cancel_futures=True)
    place.executor = place.renew()
    if not _is_alive(place):
        raise RunError(
            "worker processes die as soon as they start; a script that sweeps must do so below "
            "if __name__ == '__main__':"
        )


def _is_alive(place: Workplace) -> bool:
    try:
        return place.executor.submit(os.getpid).result() > 0
    except place.deaths:
        return False


def do_all(
    workers: Any,
    function: Callable[..., Any],
    jobs: Sequence[tuple[Any, ...]],
    done: Callable[[int], None],
) -> list[Any]:
    """Call a function once for each job, and return what it gives, in the order of the jobs.

    Parameters
    ----------
    workers : int, str, Executor or distributed.Client
        Who does it; see `workplace_of`.
    function : callable
        Can be sent to other processes.
    jobs : sequence of tuple
        The arguments of each call.
    done : callable
        Told how many jobs are done.

    Raises
    ------
    RunError
        If a process dies.
    """
    done(0)
    with workplace_of(workers) as place:
        futures = []
        for job in jobs:
            futures.append(place.executor.submit(function, *job))
            done(sum(future.done() for future in futures))
        found = []
        for future in futures:
            try:
                found.append(future.result())
            except place.deaths as error:
                message = "a worker process has died; it was killed or out of memory"
                raise RunError(message) from error
            done(len(found))
        return found


@contextmanager
def workplace_of(workers: Any = None) -> Iterator[Workplace]:
    """Give a workplace, and close it at the end unless it was handed in.

    Parameters
    ----------
    workers : int, str, Executor or distributed.Client, optional
        Processes of this machine (1 is this process itself), the address of a Dask scheduler such
        as ``tcp://10.0.0.1:8786``, or any executor of `concurrent.futures`, which stays open. One
        process for each processor if not given.

    Raises
    ------
    RunError
        If the scheduler does not answer, or Dask is not installed.
    ScenarioError
        If the number of workers is not possible.
    """
    if isinstance(workers, str):
        with _dask_client(workers) as client:
            yield _handed_in(client)
    elif isinstance(workers, int | None):
        count = processors() if workers is None else _checked(workers)
        with _processes(count) if count > 1 else nullcontext(Workplace(SerialExecutor(), 1)) as own:
            yield own
    else:
        yield _handed_in(workers)


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _checked(workers: int) -> int:
    if not 1 <= workers <= MOST_WORKERS:
        allowed = f"a whole number from 1 to {MOST_WORKERS}"
        raise ScenarioError("workers", "", workers, allowed)
    return workers


def _handed_in(executor: Any) -> Workplace:
    if not hasattr(executor, "get_executor"):
        return Workplace(executor, BATCHES_OUTSTANDING)
    distributed = need("distributed", "cluster")
    # Batches are told apart by their futures, so Dask need not work out names for them.
    return Workplace(
        executor.get_executor(pure=False), BATCHES_OUTSTANDING, (distributed.KilledWorker,)
    )


@contextmanager
def _dask_client(address: str) -> Iterator[Any]:
    distributed = need("distributed", "cluster")
    try:
        client = distributed.Client(address, timeout=DASK_TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            f"{address}: no Dask scheduler answers there; allowed: an address such as "
            "tcp://10.0.0.1:8786"
        ) from error
    with client:
        yield client


@contextmanager
def _processes(workers: int) -> Iterator[Workplace]:
    # Spawned everywhere: a fork of a process with threads may hang.
    context = multiprocessing.get_context("spawn")

    def make() -> Executor:
        return ProcessPoolExecutor(workers, context, _settle)

    place = Workplace(make(), workers * (1 + BATCHES_AHEAD), renew=make)
    try:
        yield place
    except BaseException:
        _stop_at_once(place.executor)
        raise
    place.executor.shutdown()


def _settle() -> None:
    """Prepare a process for work: it leaves Ctrl-C to its parent, and ends when that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stop_at_once(executor: Any) -> None:
    """End the processes of a pool in the middle of what they do: nobody waits for it any more."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
