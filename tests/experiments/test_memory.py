"""What a run on disk holds in memory does not grow with the years it simulates."""

import gc
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from sim.experiments import RunOptions, run
from sim.results import store
from sim.scenario import load_scenario

VILLAGES = """
name = "Reed"
start = 2009-01-01
end = 2022-12-31
[[villages]]
name = "Reed"
province = "P"
prefecture = "Q"
county = "C"
town = "T"
count = 300
people = 30
households = 10
broadband_year = 2009
"""
MOST_BYTES = 4_000_000
MOST_GROWTH_BYTES = 5_000_000
"""Nine more years of months of these villages are 21 million bytes."""


@pytest.fixture
def peak_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """The most memory in use at once during a run to the end of a year."""
    monkeypatch.setattr(store, "MOST_BYTES_IN_MEMORY", MOST_BYTES)
    file = tmp_path / "reed.toml"
    file.write_text(VILLAGES, encoding="utf-8")
    scenario = load_scenario(file)
    options = RunOptions(threads=1, keep_households=False, record={"shops": "none"})

    def measured(year: int, out: Path | None = tmp_path / "run") -> int:
        gc.collect()
        tracemalloc.start()
        try:
            run(scenario, until=date(year, 12, 31), out=out, options=options)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measured(2009)  # imports and compiles
    return measured


def test_memory_does_not_grow_with_simulated_years(peak_bytes: object) -> None:
    short, long = peak_bytes(2013), peak_bytes(2022)  # type: ignore[operator]

    assert long - short < MOST_GROWTH_BYTES


def test_without_a_folder_it_does(peak_bytes: object) -> None:
    short, long = peak_bytes(2013, None), peak_bytes(2022, None)  # type: ignore[operator]

    assert long - short > MOST_GROWTH_BYTES
