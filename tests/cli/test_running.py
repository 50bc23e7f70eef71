"""run and plot: what is on screen, what is in the folder, what --json says."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sim.cli import story
from sim.results import TABLES, RunFolder

YEAR_KEYS = [
    "online_sales_yuan", "orders", "active_stores", "stores_opened", "stores_closed",
    "jobs_in_stores", "jobs_with_makers_and_carriers", "designated_villages", "listed_villages",
    "designated_by_strict_rule", "designated_by_published_rule", "towns", "clusters_of_10",
    "clusters_of_30", "clusters_of_100", "cluster_share", "farmers_online_income_share", "gini",
]  # fmt: skip
SEASON_KEYS = [
    "first_day", "last_day", "orders", "online_sales_yuan", "online_kg", "wholesale_kg",
    "processed_kg", "lost_kg", "growers_online_income_share",
]  # fmt: skip
KEYS = [
    "scenario", "seed", "start", "end", "villages", "households", "designations", "years",
    "seasons", "wall_s", "compute_s", "peak_mb",
]  # fmt: skip
QUICK = ("--no-figures", "--threads", "1")


def run_json(villagesim: Any, *arguments: str) -> dict[str, Any]:
    result = villagesim("run", "tiny.toml", *QUICK, "--json", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def run_part(folder: Path) -> dict[str, Any]:
    return RunFolder(folder).manifest["run"]


# --- --json


def test_json_is_one_object_with_exactly_the_keys_that_are_promised(villagesim: Any) -> None:
    summary = run_json(villagesim)

    assert list(summary) == KEYS
    assert list(summary["designations"][0]) == ["village", "crossed_on", "listed_on", "lost_on"]
    assert list(summary["years"]) == ["2015"]
    assert list(summary["years"]["2015"]) == YEAR_KEYS
    assert list(summary["seasons"]) == ["bayberry 2015"]
    assert list(summary["seasons"]["bayberry 2015"]) == SEASON_KEYS


def test_json_says_what_was_run(villagesim: Any) -> None:
    summary = run_json(villagesim, "--seed", "11", "--until", "2015-07-31")

    assert {key: summary[key] for key in KEYS[:6]} == {
        "scenario": "tiny", "seed": 11, "start": "2015-01-01", "end": "2015-07-31",
        "villages": 1, "households": 30,
    }  # fmt: skip
    assert 0 < summary["compute_s"] <= summary["wall_s"]


def test_json_agrees_with_the_tables(villagesim: Any, folder: Path) -> None:
    summary = run_json(villagesim)
    out = RunFolder(folder / "out" / "tiny")
    year, months = summary["years"]["2015"], out.table("villages")

    def total(name: str) -> float:
        return sum(months.column(name).to_pylist())

    assert year["online_sales_yuan"] == pytest.approx(total("online_sales_yuan"), abs=0.01)
    assert year["orders"] == total("orders_shipped") > 0
    assert year["stores_opened"] == total("shops_opened") > 0
    assert year["active_stores"] == months.column("active_stores").to_pylist()[-1]
    events = {row["kind"]: row["date"].isoformat() for row in out.table("events").to_pylist()}
    assert summary["designations"] == [
        {"village": "Reed", "crossed_on": events["crossed"], "listed_on": "2015-09-30",
         "lost_on": None}
    ]  # fmt: skip


def test_json_is_the_summary_in_the_folder(villagesim: Any, folder: Path) -> None:
    summary = run_json(villagesim)

    assert RunFolder(folder / "out" / "tiny").summary == summary


# --- the folder


def test_a_run_leaves_its_folder_and_nothing_else(
    villagesim: Any, folder: Path, contents: Any
) -> None:
    before = contents()
    assert villagesim("run", "tiny.toml", *QUICK).exit_code == 0

    new = sorted(contents().keys() - before.keys())
    assert new == [
        "out", "out/tiny",
        *sorted(f"out/tiny/{name}" for name in (
            "figures", "manifest.json", "summary.json", *(f"{t}.parquet" for t in TABLES)
        )),
    ]  # fmt: skip


def test_out_names_the_folder(villagesim: Any, folder: Path) -> None:
    villagesim("run", "tiny.toml", *QUICK, "--out", "a/b")

    assert run_part(folder / "a" / "b")["name"] == "tiny"
    assert not (folder / "out").exists()


def test_a_run_takes_the_place_of_an_earlier_one(villagesim: Any, folder: Path) -> None:
    for seed in ("1", "2"):
        villagesim("run", "tiny.toml", *QUICK, "--seed", seed)

    assert run_part(folder / "out" / "tiny")["seed"] == 2
    assert [path.name for path in (folder / "out").iterdir()] == ["tiny"]


def test_the_same_command_gives_the_same_files(villagesim: Any, folder: Path) -> None:
    for out, threads in (("a", "1"), ("b", "2")):
        villagesim("run", "tiny.toml", "--no-figures", "--threads", threads, "--out", out)

    assert run_part(folder / "a") == run_part(folder / "b")
    for name in ("summary.json", *run_part(folder / "a")["tables"]):
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes()


def test_set_changes_what_is_run(villagesim: Any, folder: Path) -> None:
    summary = run_json(villagesim, "--set", "seed=3", "--set", "platforms=[]")

    assert summary["seed"] == 3
    assert summary["years"]["2015"]["stores_opened"] == 0
    assert run_part(folder / "out" / "tiny")["scenario"]["platforms"] == []


def test_the_option_seed_is_stronger_than_a_set_one(villagesim: Any) -> None:
    assert run_json(villagesim, "--set", "seed=3", "--seed", "4")["seed"] == 4


def test_policies_are_added_to_the_run(villagesim: Any, folder: Path) -> None:
    villagesim("run", "tiny.toml", *QUICK, "--policy", "training", "--policy", "storage")

    policies = run_part(folder / "out" / "tiny")["scenario"]["policies"]
    assert [policy["kind"] for policy in policies] == ["service_platform"] * 2


def test_until_ends_the_run_and_keeps_the_complete_months(villagesim: Any, folder: Path) -> None:
    summary = run_json(villagesim, "--until", "2015-03-10")

    assert summary["end"] == "2015-03-10"
    table = pq.read_table(folder / "out" / "tiny" / "villages.parquet")
    assert [str(day) for day in table.column("month").to_pylist()] == ["2015-01-01", "2015-02-01"]


def test_a_run_may_end_before_its_first_month_does(villagesim: Any) -> None:
    summary = run_json(villagesim, "--until", "2015-01-10")

    assert (summary["end"], summary["years"], summary["seasons"]) == ("2015-01-10", {}, {})
    assert villagesim("run", "tiny.toml", *QUICK, "--until", "2015-01-10").exit_code == 0


@pytest.mark.parametrize(("option", "rows"), [("--households", 36), ("--no-households", 0)])
def test_households_are_kept_as_asked(
    villagesim: Any, folder: Path, option: str, rows: int
) -> None:
    villagesim("run", "tiny.toml", *QUICK, option)

    table = RunFolder(folder / "out" / "tiny").table("households")
    # Rooms that nobody has taken are no households.
    assert 30 <= table.num_rows <= rows if rows else table.num_rows == 0


# --- on screen


def test_the_story_tells_what_happened_when_year_by_year_and_to_whom(villagesim: Any) -> None:
    result = villagesim("run", "tiny.toml", *QUICK)

    assert (result.exit_code, result.stderr) == (0, "")
    for words in (
        r"^A tiny village$",
        r"^tiny · 1 village · 30 households · 1 Jan 2015 to 31 Dec 2015 · seed 7$",
        r"\d+ \w+ 2015  Reed: first order of a store$",
        r"\d+ \w+ 2015  Reed: both thresholds passed$",
        r"30 September 2015  Reed: on the list of 2015$",
        r"^  2015 +\d\.\d\d ",
        r"^Who earned what in 2015 \(mean yuan per household\)$",
        r"^  farmers +8 ",
        r"^  makers +6 ",
        r"^  operators +16 ",
        r"Gini \d\.\d\d · \d+\.\d% below the poverty line",
        r"picked +\d+ Jun – \d+ Jul$",
        r"^Results in out/tiny/$",
        r"^\d+\.\d s, \d+\.\d s of it computing",
    ):
        assert re.search(words, result.stdout, re.MULTILINE), words


def test_the_story_tells_what_has_not_happened(villagesim: Any) -> None:
    nobody = ("--set", "platforms=[]")
    result = villagesim("run", "tiny.toml", *QUICK, *nobody, "--until", "2015-01-31")

    for words in ("the first order of a store", "both thresholds passed", "on the list"):
        assert re.search(rf"not yet  .*{words}", result.stdout)
    assert "Who earned what" not in result.stdout


def test_the_story_tells_policies(villagesim: Any) -> None:
    later = ("--set", "policies.service platform.start=2015-04-01")
    result = villagesim("run", "tiny.toml", *QUICK, "--policy", "service-platform", *later)

    told = (
        r"1 April 2015  service platform begins \(storage, product supply, training, logistics\)$"
    )
    assert re.search(told, result.stdout, re.MULTILINE)


def test_first_stores_that_are_no_events_are_not_said_to_be_missing(
    villagesim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.observer.observer.MOST_FIRST_STORES", 0)
    monkeypatch.setattr("sim.cli.turning_points.MOST_FIRST_STORES", 0)
    result = villagesim("run", "tiny.toml", *QUICK, "--until", "2015-01-31")

    assert "the first order of a store" not in result.stdout
    assert re.search(r"not yet  .*both thresholds passed", result.stdout)


@pytest.mark.parametrize("columns", ["60", "80", "100", "200"])
def test_the_story_fits_the_width_of_the_screen(
    villagesim: Any, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = villagesim("run", "tiny.toml", *QUICK).stdout.splitlines()

    assert max(map(len, lines)) <= max(int(columns), 84)
    assert lines == [line.rstrip() for line in lines]
    titles = [line for line in lines if line.startswith("Year by year")]
    assert titles == ["Year by year (sales in million yuan; all jobs: with makers and carriers)"]


def test_names_that_look_like_markup_are_told_as_they_are(villagesim: Any, folder: Path) -> None:
    text = (folder / "tiny.toml").read_text()
    (folder / "[bold]odd.toml").write_text(
        text.replace('"Reed"', '"[red]Reed"').replace("A tiny", "A [tiny]")
    )
    result = villagesim("run", "[bold]odd.toml", *QUICK)

    assert "A [tiny] village" in result.stdout
    assert "[bold]odd · 1 village" in result.stdout
    assert "[red]Reed: first order" in result.stdout
    assert "Results in out/[bold]odd/" in result.stdout


def test_many_villages_are_told_by_their_first(villagesim: Any) -> None:
    result = villagesim("run", "tiny.toml", *QUICK, "--set", "villages.Reed.count=10")

    assert re.search(r"first order of a store \(and 9 more\)$", result.stdout, re.MULTILINE)
    assert re.search(r"T: an e-commerce town on the list of 2015$", result.stdout, re.MULTILINE)
    assert "C: a cluster of 10 or more villages on the list of 2015" in result.stdout
    assert re.search(r"villages$\n.*listed", result.stdout, re.MULTILINE)


# --- as a process


def test_in_a_pipe_there_is_json_and_nothing_else(folder: Path) -> None:
    command = [str(Path(sys.executable).parent / "villagesim"), "run", "tiny.toml", *QUICK]
    result = subprocess.run(
        [*command, "--json"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert list(json.loads(result.stdout)) == KEYS


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    command = [str(Path(sys.executable).parent / "villagesim"), "schema"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""


# --- plot


def test_run_draws_figures_and_plot_draws_the_same_anew(villagesim: Any, folder: Path) -> None:
    figures = folder / "out" / "tiny" / "figures"
    run = villagesim("run", "tiny.toml", "--threads", "1")
    drawn = sorted(path.name for path in figures.iterdir())
    for path in figures.iterdir():
        path.unlink()
    plot = villagesim("plot", "out/tiny")

    assert (plot.exit_code, plot.stderr) == (0, "")
    named = [Path(line) for line in plot.stdout.splitlines()]
    assert f"{len(named)} figures in out/tiny/figures/" in run.stdout
    assert {path.parent for path in named} == {Path("out/tiny/figures")}
    assert {path.stem for path in named} == {path.stem for path in figures.iterdir()}
    assert sorted(path.name for path in figures.iterdir()) == drawn != []
    assert all(path.stat().st_size > 1000 for path in figures.iterdir())


# --- regions


def test_the_years_of_a_province_fit_on_a_line_in_thousands() -> None:
    years = {
        str(year): {
            "online_sales_yuan": 3.1e9 * times, "orders": 31_000_000 * times,
            "active_stores": 19_000 * times, "stores_opened": 7_654 * times,
            "stores_closed": 1_954 * times, "jobs_in_stores": 47_800.4 * times,
            "jobs_with_makers_and_carriers": 64_800.0 * times, "listed_villages": 33 * times,
        }
        for year, times in ((2012, 1), (2017, 30))
    }  # fmt: skip
    result = SimpleNamespace(summary={"villages": 20_408, "years": years})
    title, table = story._years_part(result)
    console = Console(width=story.output_console().width, file=StringIO())
    console.print(table)
    *_, first, last = console.file.getvalue().rstrip().splitlines()

    assert "sales in billion yuan, orders, stores and jobs in thousands" in title
    assert first.split() == [
        "2012", "3.10", "31,000", "19", "7.65", "1.95", "48", "65", "33", *first.split()[9:],
    ]  # fmt: skip
    assert last.split()[:9] == [
        "2017", "93.0", "930,000", "570", "230", "59", "1,434", "1,944", "990",
    ]  # fmt: skip
