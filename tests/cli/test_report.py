"""``villagesim report``: one file, or one message and nothing written."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

Villagesim = Callable[..., Result]

QUICK = ("--no-figures", "--threads", "1", "--until", "2015-01-31")


@pytest.fixture(scope="module")
def made(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    from sim.experiments import RunOptions, run
    from sim.scenario import load_scenario

    folder = tmp_path_factory.mktemp("made") / "run"
    scenario = load_scenario(tiny_file, ["end=2015-01-31"])
    run(scenario, None, None, folder, None, RunOptions(threads=1))
    return folder


@pytest.fixture
def run_folder(folder: Path, made: Path) -> Path:
    """The folder of a run in the working directory, called ran."""
    return Path(shutil.copytree(made, folder / "ran"))


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """A manifest that says something else."""

    def apply(folder: Path) -> None:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        change(manifest)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return apply


def written(name: str, content: bytes) -> Callable[[Path], None]:
    """A file with other content."""
    return lambda folder: (folder / name).write_bytes(content) and None


def older(folder: Path) -> None:
    """A table without one of its columns."""
    import polars as pl

    path = folder / "shops.parquet"
    pl.read_parquet(path).drop("rating").write_parquet(path)


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def no_table(folder: Path) -> None:
    (folder / "events.parquet").unlink()


# What is wrong with the folder, and what the message must say.
ODD: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "no manifest": (
        no_manifest, ["ran: no manifest.json in it", "a comparison, an explanation or a sweep"]
    ),
    "broken manifest": (written("manifest.json", b"{"), ["manifest.json: "]),
    "manifest in no text": (written("manifest.json", b"\xff\xfe"), ["manifest.json: "]),
    "manifest of a list": (written("manifest.json", b"[1]"), ["manifest.json: "]),
    "other format": (
        changed(lambda m: m.update(format="villagesim run 0")),
        ["manifest.json: format = 'villagesim run 0'; allowed: villagesim run 1"],
    ),
    "no format": (changed(lambda m: m.pop("format")), ["format = None; allowed: "]),
    "no run in it": (changed(lambda m: m.pop("run")), ["damaged", "no 'run'"]),
    "run of a list": (changed(lambda m: m.update(run=[1])), ["damaged"]),
    "no scenario": (changed(lambda m: m["run"].pop("scenario")), ["damaged", "no 'scenario'"]),
    "scenario that is none": (
        changed(lambda m: m["run"].update(scenario={"name": "x"})), ["damaged", "start"]
    ),
    "date that is none": (
        changed(lambda m: m["run"].update(end="soon")), ["damaged", "isoformat string: 'soon'"]
    ),
    "missing table": (no_table, ["events.parquet", "No such file"]),
    "damaged table": (written("events.parquet", b"PAR1"), ["events.parquet"]),
    "damaged summary": (written("summary.json", b""), ["summary.json"]),
    "empty summary": (written("summary.json", b"{}"), ["damaged", "no 'designations'"]),
    "table of another version": (older, ["shops.parquet: no column 'rating'"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_folder_gives_one_message_and_nothing_is_written(
    name: str,
    villagesim: Villagesim,
    run_folder: Path,
    contents: Callable[[], dict[str, bytes]],
) -> None:
    break_it, words = ODD[name]
    break_it(run_folder)
    before = contents()

    result = villagesim("report", "ran")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ran")
    assert result.stderr.count("\n") == 1
    assert [word for word in words if word not in result.stderr] == []
    assert contents() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["'DIR'"]),
        (("nowhere",), ["nowhere: there is no such folder; allowed: the folder of a run"]),
        (("tiny.toml",), ["tiny.toml: this is a file; allowed: the folder of a run"]),
        (("ran", "--out", "ran"), ["ran: this is a folder; allowed: a file"]),
        (("ran", "--out", "tiny.toml/page.html"), ["tiny.toml"]),
    ],
)
def test_a_wrong_call_gives_one_message_and_nothing_is_written(
    arguments: tuple[str, ...],
    words: list[str],
    villagesim: Villagesim,
    run_folder: Path,
    contents: Callable[[], dict[str, bytes]],
) -> None:
    before = contents()

    result = villagesim("report", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert [word for word in words if word not in result.stderr] == []
    assert contents() == before


def test_a_folder_that_cannot_be_written_gives_one_message(
    villagesim: Villagesim,
    run_folder: Path,
    contents: Callable[[], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = contents()
    monkeypatch.setattr(os, "fsync", refuse)

    result = villagesim("report", "ran")

    assert result.exit_code == 2
    assert result.stderr == f"Error: {Path('ran') / 'report.html'}: No space left on device\n"
    assert contents() == before


def test_without_jinja_there_is_one_message_that_says_what_to_install(
    villagesim: Villagesim,
    run_folder: Path,
    contents: Callable[[], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = contents()
    monkeypatch.setitem(sys.modules, "jinja2", None)

    result = villagesim("report", "ran")

    assert result.exit_code == 2
    assert result.stderr == (
        "Error: jinja2 is not installed; install it by: pip install 'villagesim[report]'\n"
    )
    assert contents() == before


@pytest.mark.usefixtures("run_folder")
def test_the_report_lies_in_the_folder_and_its_place_is_printed(
    villagesim: Villagesim, contents: Callable[[], dict[str, bytes]]
) -> None:
    before = contents()

    result = villagesim("report", "ran")

    place = str(Path("ran") / "report.html")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{place}\n", "")
    after = contents()
    assert after.pop(place).startswith(b"<!DOCTYPE html>")
    assert after == before


@pytest.mark.usefixtures("run_folder")
def test_a_report_can_be_written_elsewhere_and_again(villagesim: Villagesim, folder: Path) -> None:
    asked = ("report", "ran", "--out", "pages/mine.html")
    villagesim(*asked)
    first = (folder / "pages" / "mine.html").read_bytes()
    (folder / "pages" / "mine.html").write_bytes(first + b"<!-- of an earlier version -->")

    result = villagesim(*asked)

    assert result.exit_code == 0
    assert (folder / "pages" / "mine.html").read_bytes() == first
    assert [path.name for path in (folder / "pages").iterdir()] == ["mine.html"]


def test_a_run_without_a_year_or_a_season_has_a_report_too(
    villagesim: Villagesim, folder: Path
) -> None:
    assert (
        villagesim("run", "tiny.toml", *QUICK, "--no-households", "--out", "short").exit_code == 0
    )

    result = villagesim("report", "short")

    assert result.exit_code == 0, result.stderr
    text = (folder / "short" / "report.html").read_text(encoding="utf-8")
    assert "No village passed the thresholds" in text


def test_a_report_takes_the_place_of_an_earlier_one_and_of_nothing_else(
    run_folder: Path, villagesim: Villagesim
) -> None:
    page, manifest = run_folder / "page.html", run_folder / "manifest.json"
    before = manifest.read_bytes()

    assert villagesim("report", str(run_folder), "--out", str(page)).exit_code == 0
    assert villagesim("report", str(run_folder), "--out", str(page)).exit_code == 0
    refused = villagesim("report", str(run_folder), "--out", str(manifest))

    assert refused.exit_code == 2
    assert "this is another file; allowed: a new file or an earlier report" in " ".join(
        refused.stderr.split()
    )
    assert manifest.read_bytes() == before
