"""That the benchmark of the page measures what it says; in a process of its own."""

import csv
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from benchmarks.app import BROWSERS, FROM, SCENARIO, SPEEDS
from sim.scenario import load_scenario


@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no browser is installed")
def test_the_page_is_painted_and_plays_at_every_speed(tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    file = tmp_path / "app.csv"
    command = [sys.executable, "-m", "benchmarks.app", "--runs", "1", "--seconds", "1"]
    subprocess.run([*command, "--out", str(file)], check=True, capture_output=True)
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    found = {row["measure"]: float(row["median"]) for row in rows}

    assert 0.0 < found["first paint"] < found["all charts are there"]
    assert all(found[name] > 0.0 for name in SPEEDS.values())
    assert len(rows) == 2 + len(SPEEDS)


def test_time_is_measured_inside_the_scenario() -> None:
    scenario = load_scenario(SCENARIO)

    assert scenario.start < date.fromisoformat(FROM) < scenario.end
