import subprocess
import sys

import pytest

from sim.results.manifest import peak_memory_mb

ASK = "from sim.results.manifest import peak_memory_mb; print(peak_memory_mb())"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")


def test_peak_memory_grows_with_what_is_in_use() -> None:
    before = peak_memory_mb()
    held = b"x" * int((before or 0) * 1e6 + 50e6)

    assert before is not None
    assert (peak_memory_mb() or 0) >= len(held) / 1e6


def test_peak_memory_leaves_out_the_program_that_started_this_one() -> None:
    held = b"x" * 400_000_000

    started = subprocess.run([sys.executable, "-c", ASK], check=True, capture_output=True)

    assert 1 < float(started.stdout) < len(held) / 1e6
