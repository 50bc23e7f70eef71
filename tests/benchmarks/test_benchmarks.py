"""That the benchmarks run and tell what they ran; never how fast."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import commands
from benchmarks.__main__ import main
from benchmarks.commands import Took, measure_commands
from benchmarks.measures import Measure
from benchmarks.models import run_compiled, run_plain
from benchmarks.worlds import MANY_VILLAGES, VILLAGE, World, household_days

ROW = dict[str, str]


def silent(doing: str) -> None:
    pass


@pytest.fixture(scope="module")
def written(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a short benchmark of a tiny village leaves."""
    path = tmp_path_factory.mktemp("benchmarks") / "results" / "tiny.csv"
    tiny = str(tiny_file)
    short = ["--runs", "1", "--cold", "0", "--plain", "1"]
    main([*short, "--village", tiny, "--many", tiny, "--out", str(path)])
    return path


@pytest.fixture(scope="module")
def rows(written: Path) -> dict[str, ROW]:
    lines = written.read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["measure"]: row for row in table}


@pytest.fixture
def caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path | None]]:
    """The folders of compiled code that commands are given, which do not really run."""
    given: list[Path | None] = []

    def run_command(world: World, out: Path, cache: Path | None = None) -> Took:
        given.append(cache)
        return Took(1.0 + len(given), 1.0, 100.0)

    monkeypatch.setattr(commands, "run_command", run_command)
    return given


def test_everything_is_measured(rows: dict[str, ROW]) -> None:
    assert {
        "compute, warm",
        "plain Mesa over compiled",
        "difference of their sales",
        "whole command, warm",
        "one thread",
        "two threads",
    } <= set(rows)


def test_every_time_and_ratio_is_above_zero(rows: dict[str, ROW]) -> None:
    numbers = {name: float(row["median"]) for name, row in rows.items()}
    del numbers["difference of their sales"]

    assert min(numbers.values()) > 0.0


def test_both_models_did_the_same_work(rows: dict[str, ROW]) -> None:
    assert rows["difference of their sales"]["reached"] == "yes"


def test_the_file_says_what_measured_it(written: Path) -> None:
    lines = written.read_text(encoding="utf-8").splitlines()
    about = [line.partition(": ")[0] for line in lines if line.startswith("#")]

    assert about == ["# command", "# machine", "# load before", "# system", "# versions",
                     "# sources", "# date"]  # fmt: skip


def test_the_models_compared_sell_something(tiny_file: Path) -> None:
    scenario = World(str(tiny_file)).load()

    assert run_compiled(scenario).sales_yuan == pytest.approx(run_plain(scenario).sales_yuan)
    assert run_compiled(scenario).sales_yuan > 0.0


def test_each_cold_run_starts_with_a_folder_of_its_own(caches: list[Path | None]) -> None:
    measures = measure_commands(VILLAGE, runs=2, cold_runs=2, tell=silent)

    assert len(set(caches[:2])) == 2
    assert caches[2:] == [caches[1]] * 2
    assert {m.name: list(m.values) for m in measures}["whole command, cold"] == [2.0, 3.0]


def test_without_cold_runs_the_first_warm_one_does_not_count(caches: list[Path | None]) -> None:
    measures = measure_commands(VILLAGE, runs=2, cold_runs=0, tell=silent)

    assert caches == [None] * 3
    assert measures[0].values == [3.0, 4.0]


def test_a_command_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no-such-scenario"):
        commands.run_command(World("no-such-scenario"), tmp_path / "run")


@pytest.mark.parametrize(
    ("values", "at_most", "at_least", "is_reached", "target"),
    [
        ((1.0, 9.0, 2.0), 2.0, None, True, "at most 2"),
        ((1.0, 9.0, 2.1), 2.0, None, False, "at most 2"),
        ((150.0, 200.0, 900.0), None, 200.0, True, "at least 200"),
        ((150.0, 199.0, 900.0), None, 200.0, False, "at least 200"),
        ((1.0,), None, None, None, ""),
    ],
)
def test_the_median_is_held_against_the_target(
    values: tuple[float, ...],
    at_most: float | None,
    at_least: float | None,
    is_reached: bool | None,
    target: str,
) -> None:
    measure = Measure("m", "s", values, "w", at_most=at_most, at_least=at_least)

    assert (measure.is_reached, measure.target) == (is_reached, target)


def test_household_days_are_households_times_days(tiny_file: Path) -> None:
    assert household_days(World(str(tiny_file)).load()) == 30 * 365


def test_the_worlds_measured_span_fourteen_years() -> None:
    for world in (VILLAGE, MANY_VILLAGES):
        scenario = world.load()
        assert (scenario.end - scenario.start).days + 1 == 5113


def test_one_world_is_a_village_and_the_other_has_many() -> None:
    assert len(VILLAGE.load().expanded_villages()) == 1
    assert len(MANY_VILLAGES.load().expanded_villages()) > 20
