"""A sweep that is killed at any moment ends with the bytes of an undisturbed one."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from toys import fails_at_odd_x, points, shards, toy, tree

from sim.experiments.sweep import Means, run_points

POINTS, REPLICATES, SEED = 300, 2, 11
BATCHES = 150
PROGRAM = f"""
import sys
from pathlib import Path
from toys import fails_at_odd_x, points, toy
from sim.experiments.sweep import Means, run_points

def tell(progress):
    print(progress.before + progress.done, flush=True)

if __name__ == "__main__":
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    means = Means(workers, progress=tell)
    run_points(toy(fails_at_odd_x), points({POINTS}), folder, {REPLICATES}, {SEED}, means)
"""

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="the system has no signal that kills at once"
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is in the folder of a sweep that nobody has killed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
    run_points(toy(fails_at_odd_x), points(POINTS), folder, REPLICATES, SEED, Means(1))
    return tree(folder)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script that runs the sweep."""
    path = tmp_path_factory.mktemp("program") / "sweeps.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


@contextmanager
def running(program: Path, folder: Path, workers: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(program), str(folder), str(workers)]
    toys = str(Path(__file__).parent)
    environment = {"PYTHONPATH": toys, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def chance(number: int, of: int) -> int:
    """A number below `of`, different for each kill but the same in every test."""
    digest = hashlib.blake2s(str(number).encode()).digest()
    return int.from_bytes(digest[:8], "little") % of


def kill_after_batches(process: subprocess.Popen[str], batches: int, further_s: float) -> bool:
    """Let a sweep finish so many batches, go on for a moment, and kill it; tell if it had ended."""
    assert process.stdout is not None
    for _ in range(1 + batches):
        if not process.stdout.readline():
            return process.wait() == 0
    try:
        return process.wait(further_s) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.wait() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sweep_killed_again_and_again_ends_with_the_same_bytes(
    undisturbed: dict[str, bytes], program: Path, tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "sweep"
    seen = [0]
    for kill in range(4):
        batches = chance(2 * kill + 100 * workers, 30)
        further_s = chance(2 * kill + 1 + 100 * workers, 1000) * 2e-5
        with running(program, folder, workers) as process:
            assert not kill_after_batches(process, batches, further_s)
        whole = {name: content for name, content in tree(folder).items() if "/." not in name}
        assert whole.items() <= undisturbed.items()
        seen.append(len(shards(folder)))
    with running(program, folder, workers) as process:
        assert kill_after_batches(process, 2 * BATCHES, 60.0)

    assert seen == sorted(seen)
    assert 0 < seen[-1] < BATCHES
    assert tree(folder) == undisturbed


def test_workers_end_in_the_middle_of_a_run_when_their_parent_is_killed(
    program: Path, tmp_path: Path
) -> None:
    endless = program.with_name("endless.py")
    endless.write_text(PROGRAM.replace("fails_at_odd_x", "never_ends_from_20_on"))
    with running(endless, tmp_path / "sweep", 2) as process:
        assert not kill_after_batches(process, 9, 0.0)
        # The workers have inherited the pipe: it ends when the last of them has.
        process.communicate(timeout=60.0)

    assert process.returncode == -signal.SIGKILL
