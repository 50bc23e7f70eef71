"""Reports of folders of every kind: whole, self-contained, and true to the tables."""

import hashlib
import json
import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pages import LOADING, NAME, POLICY, QUESTION, TITLE, Reading, read
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import RunError
from sim.experiments import RunOptions, run
from sim.experiments.compare import compare
from sim.experiments.comparison_folder import TABLES
from sim.experiments.design import design_of_numbers, design_of_points
from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import OUTCOMES
from sim.experiments.sweep import Means, run_points, sweep
from sim.experiments.sweep_result import read_sweep
from sim.experiments.variant import FunctionExperiment
from sim.report import report_html
from sim.report.page import Paragraph, Table
from sim.report.scenario_text import changed_parameters, scenario_blocks
from sim.results import RunFolder
from sim.scenario import (
    Scenario,
    is_policy_file,
    load_scenario,
    register_of,
    scenario_hash,
    write_villages,
)
from sim.world.parameters import registry

KINDS = ("run", "comparison", "explanation", "sweep")


@pytest.fixture(scope="session")
def html_of_kind(
    run_folder: Path, comparison_folder: Path, explanation_folder: Path, sweep_folder: Path
) -> Callable[[str], str]:
    """The report of each kind of folder as HTML."""
    paths = (run_folder, comparison_folder, explanation_folder, sweep_folder)
    folders = dict(zip(KINDS, paths, strict=True))
    made = {kind: report_html(folder) for kind, folder in folders.items()}
    return made.__getitem__


@pytest.fixture
def page_of_kind(html_of_kind: Callable[[str], str]) -> Callable[[str], Reading]:
    return lambda kind: read(html_of_kind(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_well_formed(kind: str, page_of_kind: Callable[[str], Reading]) -> None:
    page = page_of_kind(kind)

    assert page.values("lang", "html") == ["en"]
    assert [tag for tag, _ in page.tags].count("h1") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_loads_nothing(kind: str, html_of_kind: Callable[[str], str]) -> None:
    html = html_of_kind(kind)
    page = read(html)
    addresses = [address for name in LOADING for address in page.values(name)]
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)

    assert addresses
    assert [a for a in addresses if not a.startswith("data:image/")] == []
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object", "base"})
    assert not re.search(r"url\(|@import", "".join(style))


@pytest.mark.parametrize("kind", KINDS)
def test_links_of_the_contents_lead_to_sections(
    kind: str, page_of_kind: Callable[[str], Reading]
) -> None:
    page = page_of_kind(kind)
    inside = [link.removeprefix("#") for link in page.values("href") if link.startswith("#")]

    assert len(inside) >= 6
    assert inside == page.values("id", "section")


@pytest.mark.parametrize("kind", KINDS)
def test_names_with_any_letters_are_text(kind: str, html_of_kind: Callable[[str], str]) -> None:
    html = html_of_kind(kind)
    page = read(html)

    assert QUESTION in page.text or kind == "comparison"  # whose base asks something else
    assert all(text in page.text for text in (TITLE, NAME, POLICY))
    assert "<b>bold" not in html
    assert "<script" not in html


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_says_what_it_shows(kind: str, page_of_kind: Callable[[str], Reading]) -> None:
    page = page_of_kind(kind)

    assert page.values("src", "img")
    assert all(len(text) > 20 for text in page.values("alt", "img"))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_have_their_value_grade_and_source(
    kind: str, page_of_kind: Callable[[str], Reading], scenario: Scenario
) -> None:
    page = page_of_kind(kind)
    known = registry()["household_size_share_2"]

    row = page.row("household_size_share_2")

    assert row[1] == str(known.value)
    assert row[5:] == [known.grade, known.source]
    assert known.source in page.text.partition("Sources")[2]
    assert [row[5] for row in page.rows if row[:1] == ["open_intercept"] and len(row) == 7] == [
        "set here"
    ]
    assert "goods.grape" not in page.text  # no village grows any


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_folder_gives_the_same_page(
    kind: str,
    html_of_kind: Callable[[str], str],
    request: pytest.FixtureRequest,
) -> None:
    assert report_html(request.getfixturevalue(f"{kind}_folder")) == html_of_kind(kind)


def test_a_run_tells_what_its_summary_says(
    page_of_kind: Callable[[str], Reading], run_folder: Path
) -> None:
    year = RunFolder(run_folder).summary["years"]["2015"]

    row = page_of_kind("run").row("2015")

    assert year["active_stores"] > 0
    assert row[2:5] == [f"{year[name]:,}" for name in ("orders", "active_stores", "stores_opened")]
    assert row[1] == f"{year['online_sales_yuan'] / 1e6:.2f}"


def test_a_run_tells_mean_incomes_of_its_households(
    page_of_kind: Callable[[str], Reading], run_folder: Path
) -> None:
    households = pl.read_parquet(run_folder / "households.parquet")
    farmers = households.filter(pl.col("kind").cast(pl.String) == "farmer")

    row = page_of_kind("run").row("farmers")

    assert row[1] == str(len(farmers))
    assert row[-1] == f"{farmers['income_yuan'].mean():,.0f}"


def test_a_run_tells_its_policies_with_dates_and_cost(
    page_of_kind: Callable[[str], Reading], run_folder: Path
) -> None:
    rows = [row for row in page_of_kind("run").rows if row and row[0] == POLICY]
    cost = pl.read_parquet(run_folder / "villages.parquet")["policy_cost_yuan"].sum()

    assert rows[1][1:] == [
        "training, 50 % of what it can do", "all villages", "1\N{NO-BREAK SPACE}February"
        "\N{NO-BREAK SPACE}2015", "it stays", "12,345",
    ]  # fmt: skip
    assert cost > 0
    assert f"Policies cost {cost:,.0f} yuan in the whole run." in page_of_kind("run").text


def test_a_comparison_tells_differences_with_intervals(
    page_of_kind: Callable[[str], Reading], comparison_folder: Path
) -> None:
    table = pl.read_parquet(comparison_folder / "differences.parquet")
    stores = table.filter(pl.col("outcome") == "active_stores").row(0, named=True)
    page = page_of_kind("comparison")

    row = page.row("Active stores")

    assert float(row[1]) == pytest.approx(stores["base_mean"], abs=0.05)
    assert float(row[2]) == pytest.approx(stores["difference"], abs=0.05)
    assert "Active stores at the end: " in page.text
    assert "2 pairs of runs" in page.text


def test_a_comparison_tells_how_many_outcomes_differ_together(
    page_of_kind: Callable[[str], Reading], comparison_folder: Path
) -> None:
    table = pl.read_parquet(comparison_folder / "differences.parquet").drop_nulls("p_holm")
    page = page_of_kind("comparison")

    assert f"Of {table.height} outcomes that vary between pairs, " in page.text
    assert "at most 78 % of seeds would not" in page.text
    varying = NAMES[table["outcome"][0]]
    assert len([row for row in page.rows if row[:1] == [varying]]) == 2


def test_an_explanation_tells_values_with_intervals_and_shares(
    page_of_kind: Callable[[str], Reading], explanation_folder: Path
) -> None:
    shares = pl.read_parquet(explanation_folder / "shares.parquet")
    stores = shares.filter(pl.col("outcome") == "active_stores")
    value = {row["policy"]: row for row in stores.to_dicts()}
    page = page_of_kind("explanation")

    rows = [row for row in page.rows if row[:1] == ["storage"]]
    assert len(rows) == 6  # one for each outcome that is shown
    assert float(rows[1][1]) == pytest.approx(value["storage"]["value"], abs=0.05)
    assert "Active stores at the end: all together " in page.text
    assert "2 replicates of each" in page.text
    assert f"What {POLICY} and storage did in {TITLE}" in page.text
    policies = {
        row[0]: row[1:] for row in page.rows if row and row[0] in (POLICY, "storage service")
    }
    assert set(policies) == {POLICY, "storage service"}  # the latter is added


def test_a_comparison_of_stored_runs_has_a_page_that_can_be_followed(
    explanation_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables but for households, which stored runs of an explanation do not have."""
    folder = tmp_path / "stored"
    compare(runs=explanation_folder, out=folder)
    page = read(report_html(folder))
    monkeypatch.chdir(tmp_path)
    command, *files = page.code
    for name, text in zip(page.values("download", "a"), files, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")

    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--no-figures", "--workers", "1"])

    assert result.exit_code == 0, result.stderr
    (again,) = tmp_path.glob("*-again")
    told = [name for name in TABLES if _sha256(folder / f"{name}.parquet") in page.text]
    assert told == ["runs", "differences", "effectiveness"]
    for name in told:
        assert _sha256(folder / f"{name}.parquet") == _sha256(again / f"{name}.parquet")


def test_a_sweep_tells_means_by_each_key(
    page_of_kind: Callable[[str], Reading], sweep_folder: Path
) -> None:
    runs = pl.concat([pl.read_parquet(f) for f in sorted((sweep_folder / "runs").iterdir())])
    means = [
        runs.filter(pl.col("behaviour.open_intercept") == value)["stores_opened"].mean()
        for value in (-3.0, -2.0)
    ]

    row = page_of_kind("sweep").row("stores opened, stores/year")

    assert means[0] < means[1]
    for mean, cell in zip(means, row[1:], strict=True):
        assert float(cell.partition(" ")[0]) == pytest.approx(mean, abs=0.5)


def test_a_sweep_tells_every_outcome_that_runs_have(
    page_of_kind: Callable[[str], Reading], sweep_folder: Path
) -> None:
    runs = pl.concat([pl.read_parquet(f) for f in sorted((sweep_folder / "runs").iterdir())])
    names = {row[0].partition(",")[0] for row in page_of_kind("sweep").rows if row}
    there = [
        outcome.meaning
        for outcome in OUTCOMES
        if outcome.name != "followed_days" and (runs[outcome.name].fill_nan(0.0) != 0.0).any()
    ]

    assert len(there) > 10
    assert set(there) <= names


def test_a_sweep_that_is_not_finished_says_so(sweep_folder: Path, tmp_path: Path) -> None:
    part = tmp_path / "part"
    (part / "runs").mkdir(parents=True)
    (part / "manifest.json").write_bytes((sweep_folder / "manifest.json").read_bytes())
    for file in sorted((sweep_folder / "runs").iterdir())[:3]:
        (part / "runs" / file.name).write_bytes(file.read_bytes())

    page = read(report_html(part))

    assert "3 of 8 runs are there; the sweep's own command runs those" in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_page_tells_to_type_gives_the_same_bytes(
    kind: str,
    page_of_kind: Callable[[str], Reading],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder: Path = request.getfixturevalue(f"{kind}_folder")
    page = page_of_kind(kind)
    monkeypatch.chdir(tmp_path)
    command, *files = page.code
    names = page.values("download", "a")
    for name, text in zip(names, files, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    _, *arguments = shlex.split(command)
    arguments += [] if kind == "sweep" else ["--no-figures"]
    arguments += [] if kind == "run" else ["--workers", "1"]

    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0, result.stderr
    again = tmp_path / arguments[arguments.index("--out") + 1]
    tables = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet"))
    assert tables
    assert [t for t in tables if _sha256(folder / t) != _sha256(again / t)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_hashes_are_those_of_the_files_to_be_saved(
    kind: str, page_of_kind: Callable[[str], Reading], tmp_path: Path
) -> None:
    page = page_of_kind(kind)
    for name, text in zip(page.values("download", "a"), page.code[1:], strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")

        if not is_policy_file(tmp_path / name):
            assert scenario_hash(load_scenario(tmp_path / name)) in page.text


def test_checksums_are_those_of_the_tables(
    page_of_kind: Callable[[str], Reading], run_folder: Path
) -> None:
    text = page_of_kind("run").text

    for path in run_folder.glob("*.parquet"):
        assert f"{path.name}{_sha256(path)}" in text.replace(f"{path.name} ", path.name)
    versions = json.loads((run_folder / "manifest.json").read_text())["run"]["versions"]
    assert all(f"{name} {version}" in text for name, version in versions.items())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_points_of_ones_own_come_as_a_file(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    points = [
        {"behaviour.open_gain": 0.5, "platforms": ["taobao"], "end": date(2015, 3, 31)},
        {"behaviour.open_gain": 1.5, "platforms": ["taobao", "jd"], "end": date(2015, 2, 28)},
    ]
    made = sweep(
        scenario, (), tmp_path / "own", design=design_of_points(scenario, points), workers=1
    )
    page = read(report_html(tmp_path / "own"))
    command, *files = page.code
    for name, text in zip(page.values("download", "a"), files, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")

    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--workers", "1"])

    assert result.exit_code == 0, result.stderr
    again = read_sweep(tmp_path / "tiny-sweep-again")
    assert again.to_polars().equals(made.to_polars(), null_equal=True)
    assert again.about["points_sha256"] in page.text


def test_a_sweep_of_luck_alone_has_a_page(scenario: Scenario, tmp_path: Path) -> None:
    short = scenario.model_copy(update={"end": date(2015, 1, 31), "policies": ()})
    sweep(
        short, (), tmp_path / "luck", design=design_of_points(short, [{}]), replicates=3, workers=1
    )

    page = read(report_html(tmp_path / "luck"))

    assert page.text.count("luck alone") >= 1
    assert "3 of 3 runs are there." in page.text


def test_a_sweep_of_a_function_is_refused(tmp_path: Path) -> None:
    experiment = FunctionExperiment(height, ("height",))
    run_points(experiment, design_of_numbers({"x": [1.0]}), tmp_path / "f", means=Means(1))

    with pytest.raises(RunError, match="f: a sweep of a function; allowed: a sweep of a scenario"):
        report_html(tmp_path / "f")


def height(values: dict[str, float], seed: int) -> dict[str, float]:
    return {"height": values["x"] + seed}


@pytest.fixture(scope="module")
def region_page(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """The page of a run of 32 villages in two towns of a county."""
    (reed,) = scenario.villages
    villages = [reed.model_copy(update={"town": town, "count": 16}) for town in ("A", "B")]
    region = scenario.model_copy(update={"villages": tuple(villages)})
    folder = tmp_path_factory.mktemp("region") / "run"
    run(region, 7, None, folder, None, RunOptions(threads=1))
    return read(report_html(folder))


def test_a_region_has_a_table_of_its_places(region_page: Reading) -> None:
    heads = region_page.row("town")

    for town in ("A", "B"):
        row = dict(zip(heads, region_page.row(town), strict=True))
        assert (row["villages"], row["households"]) == ("16", "480")
    assert "Towns in 2015 (all jobs: with makers and carriers)" in region_page.text


def test_of_the_first_stores_of_a_region_one_is_told(region_page: Reading) -> None:
    told = [row[1] for row in region_page.rows if len(row) == 2]

    assert sum("first order of a store" in text for text in told) == 1
    assert sum("both thresholds" in text for text in told) > 1


def test_figures_of_a_region_say_what_they_show(region_page: Reading) -> None:
    for said in ("when each was first listed", "Villages on the yearly lists, in all and by part"):
        assert said in region_page.text


def test_a_region_that_is_drawn_says_how_many_villages_it_has(scenario: Scenario) -> None:
    drawn = scenario.model_dump(mode="json") | {"region": {"within": ["Zhejiang/Ningbo/Cixi"]}}
    _, who, *_ = scenario_blocks(Scenario.model_validate(drawn))

    assert isinstance(who, Paragraph)
    assert who.text.startswith("298 villages with ")
    assert "297 villages of them, of Cixi, are drawn from what is known of their county" in who.text


def test_a_region_from_a_file_says_so(scenario: Scenario, tmp_path: Path) -> None:
    drawn = scenario.model_dump(mode="json") | {"region": {"within": ["Zhejiang/Ningbo/Cixi"]}}
    file = tmp_path / "own.csv"
    write_villages(register_of(Scenario.model_validate(drawn)), file)
    read_ones = Scenario.model_validate(drawn | {"region": {"file": str(file)}})
    _, who, *_ = scenario_blocks(read_ones)

    assert isinstance(who, Paragraph)
    assert "297 villages of them are read from own.csv" in who.text


def test_parameters_of_drawn_villages_that_a_scenario_sets_are_told(scenario: Scenario) -> None:
    changed = scenario.model_copy(update={"geography": {"household_sigma": 0.25}})

    assert ("geography.household_sigma", 0.25) in list(changed_parameters(changed))
    assert any(
        row.cells[0] == "geography.household_sigma"
        for block in scenario_blocks(changed)
        if isinstance(block, Table)
        for row in block.rows
    )
