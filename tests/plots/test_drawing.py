import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure
from PIL import Image
from reading import (
    at,
    bars_of,
    levels_of,
    line_of,
    outside,
    panels_of,
    points_of,
    texts_of,
    verticals_of,
)

from sim.errors import RunError
from sim.experiments import RunOptions, run
from sim.plots import all_figures, draw_all, thresholds_of
from sim.results import TABLES, RunFolder
from sim.scenario import Scenario, load_scenario

NAMES = ["growth", "season_bayberry", "incomes", "shop_sizes"]
FILES = sorted(f"{name}.{kind}" for name in NAMES for kind in ("png", "pdf"))
UNITS = re.compile(r"stores|Villages|yuan|\((kg|t) a day\)|\(%\)")

Tables = dict[str, pl.DataFrame]


def tables_in(folder: Path) -> Tables:
    return {name: pl.DataFrame(pl.from_arrow(RunFolder(folder).table(name))) for name in TABLES}


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def tables(tiny_run: Path) -> Tables:
    return tables_in(tiny_run)


@pytest.fixture(scope="module")
def figures(tables: Tables, tiny_scenario: Scenario) -> dict[str, Figure]:
    """The figures of the tiny village, to look at and not to change."""
    return all_figures(tables, tiny_scenario, 7)


@pytest.fixture(scope="module")
def drawn(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A run folder with its figures, not to be changed, and what drawing them returned."""
    folder = shutil.copytree(tiny_run, tmp_path_factory.mktemp("drawn") / "run")
    (folder / "figures").rmdir()
    return folder, draw_all(folder)


@pytest.fixture
def folder(drawn: tuple[Path, list[Path]], tmp_path: Path) -> Path:
    """A run folder with its figures."""
    return shutil.copytree(drawn[0], tmp_path / "run")


# --- what is written


def test_a_png_and_a_pdf_are_written_of_every_figure(
    drawn: tuple[Path, list[Path]], tiny_run: Path
) -> None:
    folder, paths = drawn
    written = files_in(folder)
    tables = files_in(tiny_run)

    assert paths == [folder / "figures" / f"{name}.png" for name in NAMES]
    assert sorted(set(written) - set(tables)) == [f"figures/{name}" for name in FILES]
    assert {name: written[name] for name in tables} == tables


def test_the_files_are_what_they_are_called(drawn: tuple[Path, list[Path]]) -> None:
    for path in drawn[1]:
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert image.width > 1000
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_figures_drawn_again_replace_earlier_ones_and_are_the_same_to_the_last_byte(
    folder: Path,
) -> None:
    before = files_in(folder)
    (folder / "figures" / "growth.png").write_bytes(b"old")
    (folder / "figures" / "mine.txt").write_bytes(b"mine")
    draw_all(folder)

    assert files_in(folder) == before | {"figures/mine.txt": b"mine"}


def test_a_figure_that_cannot_be_written_leaves_the_earlier_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_in(folder)

    def fail(figure: Figure, path: Path, **options: Any) -> None:
        path.write_bytes(b"half a figure")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(RunError, match=r"run.figures: No space left on device"):
        draw_all(folder)
    assert files_in(folder) == before


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        draw_all(tmp_path)


def test_a_table_of_another_version_is_refused(folder: Path) -> None:
    path = folder / "shops.parquet"
    pq.write_table(pq.read_table(path).drop_columns("sales_yuan"), path)
    with pytest.raises(RunError, match=r"shops\.parquet: no column 'sales_yuan'.*run the scenario"):
        draw_all(folder)


def test_only_what_figures_show_is_read_of_tables_that_may_be_large(folder: Path) -> None:
    (folder / "village_years.parquet").unlink()
    before = draw_all(folder)
    for name, shown in (("villages", "active_stores"), ("households", "year"), ("shops", "year")):
        path = folder / f"{name}.parquet"
        table = pq.read_table(path)
        unseen = {"villages": "cash_yuan", "households": "knowledge", "shops": "rating"}[name]
        assert {unseen, shown} <= set(table.column_names)
        pq.write_table(table.drop_columns(unseen), path)
    drawn = {path: path.read_bytes() for path in before}

    assert {path: path.read_bytes() for path in draw_all(folder)} == drawn


def test_drawing_leaves_no_trace_in_settings_and_needs_no_window(tiny_run: Path) -> None:
    code = (
        "import matplotlib, sys; before = dict(matplotlib.rcParams)\n"
        "from pathlib import Path; from sim.plots import all_figures\n"
        "import polars as pl; from sim.results import TABLES, RunFolder\n"
        "from sim.scenario import Scenario\n"
        f"run = RunFolder({str(tiny_run)!r})\n"
        "tables = {n: pl.DataFrame(pl.from_arrow(run.table(n))) for n in TABLES}\n"
        "scenario = Scenario.model_validate(run.manifest['run']['scenario'])\n"
        "for figure in all_figures(tables, scenario, 7).values(): figure.draw_without_rendering()\n"
        "assert dict(matplotlib.rcParams) == before, 'settings were changed'\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot was imported'\n"
    )
    command = [sys.executable, "-c", code]
    # With a backend named, looking at the settings does not choose one.
    environment = os.environ | {"MPLBACKEND": "agg"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    assert (result.returncode, result.stderr) == (0, "")


# --- what the figures say


def test_growth_shows_the_table_of_villages(tables: Tables, figures: dict[str, Figure]) -> None:
    stores, sales = panels_of(figures["growth"])
    months = tables["villages"].sort("month")
    ends = at(*months["month"].dt.month_end())
    drawn = [points_of(line) for line in stores.lines]
    (sold,) = (points_of(line)[1] for line in sales.lines if points_of(line)[0] == ends)
    unit = 1e3 if "thousand" in sales.get_ylabel() else 1e6

    assert (ends, [float(number) for number in months["active_stores"]]) in drawn
    assert [unit * yuan for yuan in sold if yuan > 0] == pytest.approx(
        [yuan for yuan in months["trailing_sales_yuan"] if yuan > 0]
    )


def test_growth_marks_the_events_of_the_run(tables: Tables, figures: dict[str, Figure]) -> None:
    marked = tables["events"].filter(pl.col("kind").is_in(["crossed", "listed", "lost"]))

    assert {"crossed", "listed"} <= set(marked["kind"])
    for panel in panels_of(figures["growth"]):
        assert verticals_of(panel) == sorted(at(*marked["date"]))


def test_growth_shows_the_thresholds_of_the_scenario(
    tiny_scenario: Scenario, figures: dict[str, Figure]
) -> None:
    stores, sales = panels_of(figures["growth"])
    rule = tiny_scenario.observer
    unit = 1e3 if "thousand" in sales.get_ylabel() else 1e6

    assert levels_of(stores) == [rule.stores_threshold]
    assert [unit * level for level in levels_of(sales)] == [rule.sales_threshold_yuan]


def test_the_season_shows_the_table_of_seasons(tables: Tables, figures: dict[str, Figure]) -> None:
    fruit, online, _ = panels_of(figures["season_bayberry"])
    season = tables["seasons"]

    assert sum(high for _, high in bars_of(fruit, "wholesale").values()) == pytest.approx(
        season["wholesale_kg"].sum()
    )
    assert sum(high for _, high in bars_of(online, "bought").values()) == pytest.approx(
        season["online_bought_kg"].sum()
    )
    assert sum(points_of(line_of(fruit, "picked"))[1]) == pytest.approx(season["picked_kg"].sum())


def test_incomes_show_the_table_of_households(tables: Tables, figures: dict[str, Figure]) -> None:
    by_kind = tables["households"].group_by("kind").agg(pl.col("income_yuan").mean())
    means = dict(by_kind.iter_rows())
    drawn = [points_of(line_of(panel, "income"))[1] for panel in panels_of(figures["incomes"])]
    kinds = [kind for kind in ("farmer", "manufacturer", "operator", "incomer") if kind in means]

    assert [1e3 * income for (income,) in drawn] == pytest.approx([means[kind] for kind in kinds])


def test_sizes_show_the_table_of_shops(tables: Tables, figures: dict[str, Figure]) -> None:
    sizes, _ = panels_of(figures["shop_sizes"])
    sales = tables["shops"]["sales_yuan"]
    line = line_of(sizes, f"2015 ({len(sales)} shops)")

    assert points_of(line)[0][1:] == pytest.approx(sorted(yuan for yuan in sales if yuan > 0))


def test_every_axis_tells_its_unit(figures: dict[str, Figure]) -> None:
    labels = [panel.get_ylabel() for figure in figures.values() for panel in panels_of(figure)]

    assert len(labels) >= 10
    assert [label for label in labels if not UNITS.search(label)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_text_sticks_out(figures: dict[str, Figure], name: str) -> None:
    assert outside(figures[name]) == []


# --- thresholds


def observed(scenario: Scenario, **rule: Any) -> Scenario:
    return scenario.model_copy(update={"observer": scenario.observer.model_copy(update=rule)})


def test_the_thresholds_are_those_of_the_observer(tiny_scenario: Scenario) -> None:
    chosen = observed(
        tiny_scenario, sales_threshold_yuan=5e6, stores_threshold=12, trailing_days=100
    )
    thresholds = thresholds_of(chosen)

    assert (thresholds.sales_yuan, thresholds.stores) == (5e6, (12.0, 12.0))
    assert thresholds.trailing_days == 100


def test_the_published_rule_needs_fewer_stores_of_small_villages(tiny_scenario: Scenario) -> None:
    (small,) = tiny_scenario.villages
    large = small.model_copy(update={"name": "Birch", "people": 9000, "households": 3000})
    both = tiny_scenario.model_copy(update={"villages": (small, large)})
    rule = {"rule": "published", "stores_threshold": None, "sales_threshold_yuan": None}

    assert thresholds_of(observed(both, **rule)).stores == (3.0, 100.0)


def test_the_stores_that_a_village_needs_are_whole(tiny_scenario: Scenario) -> None:
    (small,) = tiny_scenario.villages
    odd = small.model_copy(update={"households": 121})
    chosen = tiny_scenario.model_copy(update={"villages": (odd,)})
    rule = {"rule": "published", "stores_threshold": None, "sales_threshold_yuan": None}

    assert thresholds_of(observed(chosen, **rule)).stores == (13.0, 13.0)


def test_a_run_with_other_villages_than_the_scenario_now_has_is_refused(
    tiny_scenario: Scenario, tables: Tables
) -> None:
    (village,) = tiny_scenario.villages
    more = tiny_scenario.model_copy(
        update={"villages": (village, village.model_copy(update={"name": "Birch"}))}
    )

    with pytest.raises(RunError, match="villages = 1, where this version draws 2"):
        all_figures(tables, more, 7)


# --- runs with little or with odd names in them


def draw(text: str, folder: Path, **options: Any) -> tuple[list[str], dict[str, Figure]]:
    """Run a scenario file and draw it; return the files and the figures."""
    path = folder / "odd.toml"
    path.write_text(text, encoding="utf-8")
    scenario = load_scenario(path)
    keep = options.pop("keep_households", None)
    run(scenario, out=folder / "run", options=RunOptions(1, keep), **options)
    names = [path.stem for path in draw_all(folder / "run")]
    return names, all_figures(tables_in(folder / "run"), scenario, 7)


def sentences(figure: Figure) -> list[str]:
    return [text for text in texts_of(figure) if text.startswith("No ")]


@pytest.mark.parametrize("until", [date(2015, 1, 20), date(2015, 2, 28)])
def test_a_run_of_a_few_weeks_is_drawn_as_far_as_it_goes(
    tiny_text: str, tmp_path: Path, until: date
) -> None:
    names, figures = draw(tiny_text, tmp_path, until=until)

    assert names == NAMES
    assert [len(sentences(figures[name])) for name in NAMES[1:]] == [1, 1, 1]
    assert all(outside(figure) == [] for figure in figures.values())


def test_a_run_without_shops_is_drawn(tiny_text: str, tmp_path: Path) -> None:
    names, figures = draw(f"platforms = []\n{tiny_text}", tmp_path)

    assert names == NAMES
    assert [len(sentences(figures[name])) for name in NAMES] == [1, 0, 0, 1]
    assert [axes.get_ylabel() for axes in panels_of(figures["season_bayberry"])] == [
        "Fruit (kg a day)",
        "Price (yuan/kg)",
    ]


def test_a_run_that_keeps_no_households_is_drawn(tiny_text: str, tmp_path: Path) -> None:
    names, figures = draw(tiny_text, tmp_path, keep_households=False)

    assert names == NAMES
    assert [len(sentences(figures[name])) for name in NAMES] == [0, 0, 1, 0]


def test_a_village_without_fruit_has_no_figure_of_a_season(tiny_text: str, tmp_path: Path) -> None:
    lines = [line for line in tiny_text.splitlines() if not line.startswith("farmers")]
    names, _ = draw("\n".join(lines), tmp_path)

    assert names == ["growth", "incomes", "shop_sizes"]


def test_names_in_chinese_and_with_dollar_signs_are_drawn(tiny_text: str, tmp_path: Path) -> None:
    name = "沧田村 $A_1$ and $B$"
    names, figures = draw(tiny_text.replace('"Reed"', f'"{name}"'), tmp_path)

    assert names == NAMES
    assert all(name in figure.get_suptitle() for figure in figures.values())


def test_a_run_that_keeps_no_months_is_drawn_by_years(tiny_text: str, tmp_path: Path) -> None:
    keep = {"villages": "none", "seasons": "none"}
    path = tmp_path / "odd.toml"
    path.write_text(tiny_text, encoding="utf-8")
    scenario = load_scenario(path)
    run(scenario, out=tmp_path / "run", options=RunOptions(1, record=keep))
    figures = all_figures(tables_in(tmp_path / "run"), scenario, 7)

    assert list(figures) == ["growth", "incomes", "shop_sizes"]
    assert figures["growth"].get_suptitle() == "Stores, online sales and jobs of 1 village, 2015"
    assert all(outside(figure) == [] for figure in figures.values())
