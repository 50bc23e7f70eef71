"""That the benchmarks of regions run and tell what they ran; never how fast."""

import csv
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import regions
from benchmarks.commands import Took
from benchmarks.progress import progress
from benchmarks.region_process import RegionTook, in_own_process, run_once
from benchmarks.regions import REGIONS, Region, main, measure_region, parsed, results_file
from benchmarks.worlds import World

ROW = dict[str, str]
TOOK = RegionTook(wall_s=2.0, cpu_s=3.0, peak_mb=100.0, households=1_000_000, days=5113)


def silent(doing: str) -> None:
    pass


def rows_of(path: Path) -> dict[str, ROW]:
    lines = path.read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["measure"]: row for row in table}


@pytest.fixture
def worlds_run(monkeypatch: pytest.MonkeyPatch) -> list[World]:
    """The worlds that are to be run, which do not really run."""
    given: list[World] = []

    def stand_in(world: World, threads: int, tell: object) -> RegionTook:
        given.append(world)
        return TOOK

    monkeypatch.setattr(regions, "in_own_process", stand_in)
    return given


def test_a_region_is_measured_in_a_process_of_its_own(
    tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = World(str(tiny_file))
    monkeypatch.setitem(REGIONS, "tiny", Region(tiny, compute_s=1e9))
    monkeypatch.setattr(regions, "SMALL", tiny)
    main(["tiny", "--threads", "1", "--out", str(tmp_path / "results" / "tiny.csv")])
    rows = rows_of(tmp_path / "results" / "tiny.csv")

    assert (rows["households"]["median"], rows["days"]["median"]) == ("30", "365")
    assert (rows["compute"]["target"], rows["compute"]["reached"]) == ("at most 1e+09", "yes")
    assert float(rows["speed"]["median"]) > 0.0
    assert rows["compute"]["scenario"] == f"{tiny_file} --threads 1"


def test_a_run_tells_how_far_it_is_month_by_month(tiny_file: Path) -> None:
    told: list[str] = []
    took = run_once(World(str(tiny_file)), 1, told.append)

    assert [text.partition(",")[0] for text in told[:2]] == ["January 2015", "February 2015"]
    assert len(told) == 12
    assert (took.households, took.days, took.household_days) == (30, 365, 30 * 365)


def test_progress_of_another_process_is_passed_on(tiny_file: Path) -> None:
    told: list[str] = []
    in_own_process(World(str(tiny_file), ("end=2015-02-28",)), 1, told.append)

    assert [text.partition(",")[0] for text in told] == [
        f"{tiny_file}: January 2015",
        f"{tiny_file}: February 2015",
    ]


def test_a_run_that_fails_ends_the_benchmark_with_its_message() -> None:
    with pytest.raises(SystemExit, match=r"failed:\n(.|\n)*no-such-scenario"):
        in_own_process(World("no-such-scenario"), 1, silent)


def test_rows_say_what_a_region_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "in_own_process", lambda *_: TOOK)
    region = Region(World("china"), compute_s=1.0, peak_mb=200.0)
    found = {m.name: m for m in measure_region(region, 2, silent)}

    assert found["speed"].median == pytest.approx(5113 / 2)
    assert (found["compute"].is_reached, found["peak memory"].is_reached) == (False, True)


def test_a_thinned_region_has_no_target_and_says_that_it_is_thinned(
    tmp_path: Path, worlds_run: list[World]
) -> None:
    main(["cixi", "--thin", "0.1", "--out", str(tmp_path / "thin.csv")])

    assert worlds_run[-1].overrides == ("end=2022-12-31", "region.county_share=0.1")
    assert "# thinned: a share of 0.1 " in (tmp_path / "thin.csv").read_text(encoding="utf-8")
    assert {row["target"] for row in rows_of(tmp_path / "thin.csv").values()} == {""}


def test_numbers_of_a_thinned_region_are_what_ran(tmp_path: Path, worlds_run: list[World]) -> None:
    main(["china", "--thin", "0.1", "--out", str(tmp_path / "thin.csv")])

    assert rows_of(tmp_path / "thin.csv")["households"]["median"] == str(TOOK.households)


def test_a_thinned_region_is_not_written_over_a_whole_one() -> None:
    assert results_file(["china"], None).name == "china.csv"
    assert results_file(["china"], 0.1).name == "china_thinned.csv"
    assert results_file(["cixi", "zhejiang"], None).name == "regions.csv"


def test_the_whole_command_runs_if_asked_for(
    tmp_path: Path, worlds_run: list[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def run_command(world: World, out: Path, options: tuple[str, ...]) -> Took:
        asked.append((world.name, *options))
        return Took(7.0, 9.0, 300.0)

    monkeypatch.setattr(regions, "run_command", run_command)
    out = str(tmp_path / "regions.csv")
    main(["cixi", "--threads", "1", "--commands", "--out", out])

    assert asked == [("cixi", "--threads", "1")]
    assert rows_of(Path(out))["whole command"]["median"] == "7"


@pytest.mark.parametrize("wrong", [["--thin", "0"], ["--thin", "1.5"], ["--threads", "0"], ["x"]])
def test_what_cannot_be_measured_is_refused(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(["cixi", *wrong])
    assert wrong[-1] in capsys.readouterr().err


def test_the_regions_measured_span_fourteen_years() -> None:
    for region in REGIONS.values():
        scenario = region.world.load()
        assert (scenario.end - scenario.start).days + 1 == 5113


def test_without_a_terminal_progress_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 110.0, 131.0])
    monkeypatch.setattr("benchmarks.progress.time.monotonic", lambda: next(clock))
    with progress(Console(stderr=True, force_terminal=False)) as tell:
        for doing in ("one", "two", "three"):
            tell(doing)

    assert capsys.readouterr().err == "measuring one ...\nmeasuring three ...\n"
