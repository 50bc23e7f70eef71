"""Dask as the engine: a real scheduler and real workers on loopback, one of them killed."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from toys import fails_at_odd_x, kills_its_process_at_3, points, sum_and_product, toy, tree

from sim.errors import RunError
from sim.experiments.executors import DIED
from sim.experiments.sweep import Means, Progress, run_points, sweep

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="workers are killed by a signal"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler with two workers, each a process with one thread."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        worker_dashboard_address=None,
    ) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], dict[str, bytes]]:
    """What is in the folder of a sweep that one process has done alone."""

    def swept(function: Any) -> dict[str, bytes]:
        folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
        run_points(toy(function), points(200), folder, 3, 5, Means(1))
        return tree(folder)

    return swept


def test_a_worker_killed_on_the_way_loses_nothing_and_doubles_nothing(
    cluster: Any, undisturbed: Any, tmp_path: Path
) -> None:
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = sorted(client.run(os.getpid).values())
        killed: list[int] = []

        def kill_one(progress: Progress) -> None:
            if progress.done > 100 and not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        run_points(
            toy(fails_at_odd_x),
            points(200),
            tmp_path / "sweep",
            3,
            5,
            Means(client, progress=kill_one),
        )

    assert killed == pids[:1]
    assert tree(tmp_path / "sweep") == undisturbed(fails_at_odd_x)


def test_a_scheduler_may_be_given_by_its_address(
    cluster: Any, undisturbed: Any, tmp_path: Path
) -> None:
    address = cluster.scheduler_address
    run_points(toy(sum_and_product), points(200), tmp_path / "sweep", 3, 5, Means(address))

    assert tree(tmp_path / "sweep") == undisturbed(sum_and_product)


def test_a_village_gives_the_same_bytes_as_in_one_process(
    cluster: Any, tiny_file: Path, tmp_path: Path
) -> None:
    vary = {"behaviour.open_gain": [0.5, 1.0]}
    for name, workers in (("one", 1), ("dask", cluster.scheduler_address)):
        sweep(tiny_file, vary, tmp_path / name, replicates=2, workers=workers)

    assert tree(tmp_path / "one") == tree(tmp_path / "dask")


def test_a_run_that_kills_every_worker_is_given_up(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    with distributed.Client(cluster, set_as_default=False) as client:
        result = run_points(toy(kills_its_process_at_3), points(6), None, 1, 0, Means(client))
    runs = result.to_polars()

    assert runs["error"].to_list() == [None, None, None, DIED, None, None]
    assert runs["sum"].null_count() == 1


def test_a_scheduler_that_does_not_answer_is_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.executors.DASK_TIMEOUT_S", 0.2)

    with pytest.raises(RunError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers there"):
        run_points(toy(), points(3), tmp_path / "sweep", means=Means("tcp://127.0.0.1:9"))
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(RunError, match="nonsense: no Dask scheduler answers there"):
        run_points(toy(), points(3), means=Means("nonsense"))
