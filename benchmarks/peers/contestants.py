"""Who runs the core, and how one of them is run in a process of its own."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.peers.outcome import Outcome

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS_PYTHON: Final = ROOT / ".venv-peers" / "bin" / "python"


class Contestant(NamedTuple):
    """A way to run the core."""

    name: str
    module: str
    """Module with the function, in this package."""
    function: str = "run"
    threads: int | None = None
    """Threads, where the function can be told."""
    packages: Sequence[str] = ()
    """What it is built on."""

    @property
    def is_ours(self) -> bool:
        return self.module == "ours"

    def run(self, households: int, seed: int, months: int) -> Outcome:
        """Run the core in this process."""
        function = getattr(
            importlib.import_module(f"benchmarks.peers.{self.module}"), self.function
        )
        options = {} if self.threads is None else {"threads": self.threads}
        outcome: Outcome = function(households, seed, months, **options)
        return outcome


OURS: Final = Contestant(
    "this project", "ours", threads=1, packages=("villagesim", "numba", "numpy")
)
CONTESTANTS: Final = {
    each.name: each
    for each in (
        OURS,
        OURS._replace(name="this project, two threads", threads=2),
        Contestant("plain Mesa", "in_mesa", packages=("mesa", "numpy")),
        Contestant("mesa-frames", "in_mesa_frames", packages=("mesa-frames", "polars", "numpy")),
        Contestant("Starsim", "in_starsim", packages=("starsim", "numpy", "scipy")),
        Contestant(
            "Starsim, without CRN", "in_starsim", "run_without_crn", packages=("starsim", "numpy")
        ),
    )
}


class ContestantError(RuntimeError):
    """A contestant's process failed."""


def asked(contestant: Contestant, job: dict[str, object]) -> dict[str, object]:
    """Let a contestant do a job of `benchmarks.peers.process` in a process of its own."""
    python = sys.executable if contestant.is_ours else str(PEERS_PYTHON)
    done = subprocess.run(
        [python, "-W", "ignore", "-m", "benchmarks.peers.process", contestant.name],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"STARSIM_INSTALL_FONTS": "0", "MPLBACKEND": "agg"},
    )
    if done.returncode:
        raise ContestantError(f"{contestant.name} failed with job {job}:\n{done.stderr}")
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer
