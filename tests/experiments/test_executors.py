"""Where batches are done, and what becomes of runs that raise or kill their process."""

import math
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from toys import (
    fails_at_odd_x,
    kills_every_process,
    kills_its_process_at_3,
    lacks_an_outcome,
    sum_and_product,
    toy,
)

from sim.errors import RunError, ScenarioError
from sim.experiments import executors
from sim.experiments.executors import (
    DIED,
    Request,
    Result,
    SerialExecutor,
    Workplace,
    do_batch,
    finish_batches,
    workplace_of,
)

SERIAL = Workplace(SerialExecutor(), 1)


def batches(count: int, size: int = 2) -> Iterator[tuple[int, list[Request]]]:
    for number in range(count):
        yield number, [Request({"x": number * size + i, "y": 1.0}, 0) for i in range(size)]


def done(place: Workplace, function: Any, count: int = 3) -> dict[int, list[Result]]:
    return dict(finish_batches(place, toy(function), batches(count)))


class DroppingExecutor(Executor):
    """Loses every batch in the way that it is told."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        if not self.errors:
            return SerialExecutor().submit(function, *given, **named)
        future: Future[Any] = Future()
        future.set_exception(self.errors.pop(0))
        return future


def test_a_batch_gives_the_outcomes_in_order() -> None:
    results = do_batch(toy(), [Request({"x": 2.0, "y": 3.0}, 7)])

    assert results == [Result((6.0, 6.0))]


def test_what_a_run_raises_is_its_result_in_one_line() -> None:
    one, two = do_batch(toy(fails_at_odd_x), [Request({"x": x, "y": 1.0}, 5) for x in (1.0, 2.0)])

    assert one == Result(None, "ValueError: x is 1, and odd; seed 5")
    assert two.numbers is not None


def test_a_run_without_one_of_its_outcomes_has_failed() -> None:
    assert do_batch(toy(lacks_an_outcome), [Request({}, 0)])[0].error == "KeyError: 'product'"


def test_an_outcome_may_be_missing() -> None:
    class Missing:
        outcomes = ("a",)

        def about(self) -> dict[str, Any]:
            return {}

        def __call__(self, values: Any, seed: int) -> dict[str, float]:
            return {"a": math.nan}

    (result,) = do_batch(Missing(), [Request({}, 0)])
    assert result.numbers is not None
    assert math.isnan(result.numbers[0])


# --- places


def test_this_process_does_batches_in_order() -> None:
    assert list(done(SERIAL, sum_and_product)) == [0, 1, 2]


def test_no_more_batches_are_handed_out_than_there_is_room_for() -> None:
    asked: list[int] = []

    def source() -> Iterator[tuple[int, list[Request]]]:
        for batch in batches(100):
            asked.append(batch[0])
            yield batch

    place = Workplace(SerialExecutor(), 5)
    finished = finish_batches(place, toy(), source())
    next(finished)

    assert len(asked) == 5
    finished.close()  # type: ignore[attr-defined]


def test_any_executor_may_be_handed_in_and_stays_open() -> None:
    with ThreadPoolExecutor(2) as pool:
        with workplace_of(pool) as place:
            assert done(place, sum_and_product) == done(SERIAL, sum_and_product)
        assert pool.submit(int, "3").result() == 3


def test_processes_do_the_same_and_give_up_only_the_run_that_kills_them() -> None:
    with workplace_of(2) as place:
        found = done(place, kills_its_process_at_3, 5)
    expected = done(SERIAL, sum_and_product, 5)
    expected[1][1] = Result(None, DIED)

    assert found == expected


def test_processes_leave_ctrl_c_to_their_parent() -> None:
    with workplace_of(2) as place:
        handler = place.executor.submit(signal.getsignal, signal.SIGINT).result()

    assert handler == signal.SIG_IGN


def test_processes_that_all_die_at_work_are_given_up_run_by_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executors, "DEATHS_ALLOWED", 1)
    with workplace_of(2) as place:
        found = dict(finish_batches(place, toy(kills_every_process), batches(1, 1)))

    assert found == {0: [Result(None, DIED)]}


def test_one_worker_is_this_process() -> None:
    with workplace_of(1) as place:
        assert isinstance(place.executor, SerialExecutor)


def test_without_a_number_there_is_a_worker_for_each_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executors, "processors", lambda: 1)
    with workplace_of() as place:
        assert isinstance(place.executor, SerialExecutor)


@pytest.mark.parametrize("workers", [0, -2, 1025])
def test_other_numbers_of_workers_are_refused(workers: int) -> None:
    with pytest.raises(ScenarioError, match="a whole number from 1 to 1024"), workplace_of(workers):
        pass


# --- executors that lose batches


def test_a_batch_whose_process_dies_once_is_done_again() -> None:
    place = Workplace(DroppingExecutor(BrokenProcessPool("gone")), 1)

    assert done(place, sum_and_product) == done(SERIAL, sum_and_product)


def test_a_broken_pool_is_put_right_by_another() -> None:
    always = [BrokenProcessPool("gone")] * 9
    place = Workplace(DroppingExecutor(*always), 2, renew=SerialExecutor)

    assert done(place, sum_and_product) == done(SERIAL, sum_and_product)


def test_a_broken_executor_that_was_handed_in_ends_the_sweep() -> None:
    place = Workplace(DroppingExecutor(*[BrokenProcessPool("gone")] * 9), 2)

    with pytest.raises(RunError, match="the executor is broken"):
        done(place, sum_and_product)


def test_processes_that_die_at_once_are_not_started_for_ever() -> None:
    def broken() -> Executor:
        return DroppingExecutor(*[BrokenProcessPool("gone")] * 9)

    with pytest.raises(RunError, match="if __name__ == '__main__'"):
        done(Workplace(broken(), 2, renew=broken), sum_and_product)


def test_a_dropped_batch_ends_the_sweep() -> None:
    place = Workplace(DroppingExecutor(CancelledError()), 1)

    with pytest.raises(RunError, match="dropped a batch"):
        done(place, sum_and_product)


def test_work_that_cannot_be_sent_ends_the_sweep() -> None:
    place = Workplace(DroppingExecutor(TypeError("cannot pickle a lock")), 1)

    with pytest.raises(RunError, match="TypeError: cannot pickle a lock"):
        done(place, sum_and_product)
