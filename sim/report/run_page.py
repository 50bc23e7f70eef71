"""The page of a run: what happened, year by year and to whom."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from sim.plots import all_figures
from sim.report.knowledge import parameter_blocks, source_blocks
from sim.report.page import Block, Page, Paragraph, Picture, Points, Row, Section, Table
from sim.report.pictures import address_of
from sim.report.places import place_tables, whole_region
from sim.report.recipe import Recipe, recipe_blocks
from sim.report.scenario_text import scenario_blocks
from sim.report.words import (
    command,
    counted,
    decimal,
    file_stem,
    million,
    percent,
    plain,
    spoken,
    unbroken,
    whole,
    yuan,
)
from sim.results import RunFolder, tables_in
from sim.results.schema import INCOME_SOURCES
from sim.scenario import Scenario

ONE_HISTORY: Final = (
    "This is one run, and one run is one history: with other luck it would have gone otherwise, "
    "so nothing here has an interval. A sweep with replicates tells how results spread, a "
    "comparison what a policy changes."
)
_MOST_EVENTS: Final = 25
_KG_PER_TONNE: Final = 1e3
_KINDS: Final = {
    "farmer": "farmers",
    "manufacturer": "makers",
    "operator": "operators",
    "incomer": "incomers",
}
_SOURCES: Final = {
    "offline_yuan": "farm or workshop",
    "online_yuan": "own fruit online",
    "shop_profit_yuan": "store profit",
    "wages_yuan": "wages",
}
_PICTURES: Final = {
    "growth": "Active stores and yearly online sales against the thresholds.",
    "incomes": "Income of households by source and kind.",
    "shop_sizes": "How sales are spread over shops.",
    "village_map": "Where villages are, and when each was first listed.",
    "listed_villages": "Villages on the yearly lists, in all and by part of the region.",
    "concentration": "How unevenly listed villages are spread, and where new ones come up.",
    "listed_sizes": "Sales and stores of listed villages.",
}


def run_page(folder: Path) -> Page:
    """Return the page of a run folder.

    Raises
    ------
    RunError
        If it is no run folder, or is damaged.
    """
    run = RunFolder(folder)
    about, summary = run.manifest["run"], run.summary
    scenario = Scenario.model_validate(about["scenario"])
    tables = tables_in(run)
    last_day = date.fromisoformat(about["end"])
    sections = [
        Section("What came out", _findings(summary, tables)),
        Section("Figures", _pictures(tables, scenario, about["seed"])),
        Section("Tables", list(_tables(summary, tables))),
        Section("The scenario", scenario_blocks(scenario, last_day)),
        Section("Parameters", parameter_blocks(scenario)),
        Section("Sources", source_blocks(scenario)),
        Section("How to get the same bytes", recipe_blocks(_recipe(about, scenario, tables))),
    ]
    return Page(
        kind="Report of a run",
        title=scenario.title or scenario.name,
        question=scenario.question.strip(),
        facts=[
            scenario.name,
            counted(about["villages"], "village"),
            counted(about["households"], "household"),
            f"{spoken(scenario.start)} to {spoken(last_day)}",
            f"seed {about['seed']}",
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _findings(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Block]:
    texts = [*_designations(summary), *_last_year(summary, tables), *_last_season(summary)]
    cost = float(whole_region(tables["regions"])["policy_cost_yuan"].sum())
    texts += [f"Policies cost {yuan(cost)} in the whole run."] if cost else []
    return [Points(texts), Paragraph(ONE_HISTORY, note=True)]


def _designations(summary: Mapping[str, Any]) -> Iterator[str]:
    crossed = [each for each in summary["designations"] if each["crossed_on"]]
    villages = summary["villages"]
    if not crossed:
        yield "No village passed the thresholds of an e-commerce village."
        return
    first = crossed[0]
    word = "" if villages == 1 else "first "
    text = f"{first['village']} passed the thresholds {word}on {_day(first['crossed_on'])}"
    text += f" and was listed on {_day(first['listed_on'])}" if first["listed_on"] else ""
    lost = f" It fell below them again on {_day(first['lost_on'])}." if first["lost_on"] else ""
    yield f"{text}.{lost}"
    if villages > 1:
        years = list(summary["years"].values())
        listed = years[-1]["listed_villages"] if years else 0
        yield f"{counted(listed, 'village')} of {villages:,} stood on the last list."


def _last_year(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    if not summary["years"]:
        return
    name, year = list(summary["years"].items())[-1]
    part = "" if f"{name}-12-31" <= summary["end"] else " (not complete)"
    yield (
        f"In {name}{part}, {counted(year['active_stores'], 'active store')} sold "
        f"{yuan(year['online_sales_yuan'])} online in {counted(year['orders'], 'order')}. "
        f"{year['jobs_in_stores']:,.0f} people worked in stores, "
        f"{year['jobs_with_makers_and_carriers']:,.0f} with makers and carriers."
    )
    households = tables["households"]
    if not households.is_empty() and year["gini"] is not None:
        last = households.filter(households["year"] == households["year"].max())
        mean = float(last["income_yuan"].to_numpy().mean())
        yield (
            f"A household earned {yuan(mean)} in {last['year'][0]}, in the mean; the Gini "
            f"coefficient of income per head was {year['gini']:.2f}."
        )


def _last_season(summary: Mapping[str, Any]) -> Iterator[str]:
    for name, season in list(summary["seasons"].items())[-1:]:
        if season["first_day"] is None:
            continue
        share = season["growers_online_income_share"]
        text = f"The season of {plain(name)} lasted from {_day(season['first_day'])} to "
        text += f"{_day(season['last_day'])}; {yuan(season['online_sales_yuan'])} of it were sold "
        text += f"online in {counted(season['orders'], 'order')}"
        yield text + ("." if share is None else f", {percent(share)} of growers' income from it.")


def _pictures(tables: Mapping[str, pl.DataFrame], scenario: Scenario, seed: int) -> list[Block]:
    return [
        Picture(address_of(figure), _PICTURES.get(name) or _season_text(name))
        for name, figure in all_figures(tables, scenario, seed).items()
    ]


def _season_text(name: str) -> str:
    return f"The season of {plain(name.removeprefix('season_'))}: what becomes of the crop."


def _tables(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Iterator[Block]:
    yield from _events(tables["events"])
    yield from _years(summary)
    yield from place_tables(tables["regions"])
    yield from _incomes(tables["households"])
    yield from _seasons(summary)


def _events(events: pl.DataFrame) -> Iterator[Table]:
    if len(events) > _MOST_EVENTS:  # where there are many villages, one first store will do
        is_store = (pl.col("kind") == "first_store").fill_null(value=False)
        shown = events.filter(~is_store | (is_store.cum_sum() == 1)).head(_MOST_EVENTS)
    else:
        shown = events
    told = shown.select("date", "text").iter_rows()
    rows = [Row((unbroken(spoken(day)), text)) for day, text in told]
    left = len(events) - len(shown)
    rows += [Row((f"and {left:,} more",), "group")] if left else []
    if rows:
        yield Table(("day", "event"), rows, "What happened", frozenset({0, 1}))


def _years(summary: Mapping[str, Any]) -> Iterator[Table]:
    region = summary["villages"] > 1
    heads = [
        "year", "online sales, million yuan", "orders", "active stores", "opened", "closed",
        "jobs in stores", "all jobs", "online share of farmers' income", "Gini",
    ]  # fmt: skip
    heads += ["villages listed"] if region else []
    rows = []
    for name, year in summary["years"].items():
        cells = [
            name,
            million(year["online_sales_yuan"]),
            whole(year["orders"]),
            whole(year["active_stores"]),
            whole(year["stores_opened"]),
            whole(year["stores_closed"]),
            whole(year["jobs_in_stores"]),
            whole(year["jobs_with_makers_and_carriers"]),
            percent(year["farmers_online_income_share"]),
            "–" if year["gini"] is None else f"{year['gini']:.2f}",
        ]
        rows.append(Row([*cells, whole(year["listed_villages"])] if region else cells))
    if rows:
        yield Table(heads, rows, "Year by year (all jobs: with makers and carriers)")


def _incomes(households: pl.DataFrame) -> Iterator[Table]:
    if households.is_empty():
        return
    year = int(households["year"].to_numpy().max())
    of_year = households.filter(pl.col("year") == year)
    means = of_year.group_by(pl.col("kind").cast(pl.String)).agg(
        pl.len(), *(pl.col(name).mean() for name in (*INCOME_SOURCES, "income_yuan"))
    )
    by_kind = {row["kind"]: row for row in means.to_dicts()}
    rows = [
        Row(
            (
                words,
                whole(by_kind[kind]["len"]),
                *(whole(by_kind[kind][source]) for source in _SOURCES),
                whole(by_kind[kind]["income_yuan"]),
            )
        )
        for kind, words in _KINDS.items()
        if kind in by_kind
    ]
    heads = ("", "households", *_SOURCES.values(), "income")
    yield Table(heads, rows, f"Who earned what in {year} (mean yuan of a household)")


def _seasons(summary: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        Row(
            (
                plain(name),
                "–" if season["first_day"] is None else _span(season),
                whole(season["orders"]),
                million(season["online_sales_yuan"]),
                *(
                    decimal(season[f"{way}_kg"] / _KG_PER_TONNE)
                    for way in ("online", "wholesale", "processed", "lost")
                ),
                percent(season["growers_online_income_share"]),
            )
        )
        for name, season in summary["seasons"].items()
    ]
    heads = (
        "season", "picked", "online orders", "online sales, million yuan", "online, t",
        "wholesale, t", "processed, t", "lost, t", "growers' income from online",
    )  # fmt: skip
    if rows:
        yield Table(heads, rows, "Seasons")


def _recipe(
    about: Mapping[str, Any], scenario: Scenario, tables: Mapping[str, pl.DataFrame]
) -> Recipe:
    stem = file_stem(scenario.name)
    options = ["--seed", str(about["seed"])]
    if about["end"] != scenario.end.isoformat():
        options += ["--until", about["end"]]
    # Whether households are kept is decided by their number, unless one says so.
    is_kept = not tables["households"].is_empty()
    options += ["--households" if is_kept else "--no-households"]
    return Recipe(
        scenarios={scenario.name: scenario},
        hashes={scenario.name: about["scenario_sha256"]},
        commands=[command("run", f"{stem}.toml", *options, "--out", f"{stem}-again")],
        versions=about["versions"],
        checksums={name: table["sha256"] for name, table in about["tables"].items()},
    )


def _day(text: str) -> str:
    return spoken(date.fromisoformat(text))


def _span(season: Mapping[str, Any]) -> str:
    first, last = (date.fromisoformat(season[end]) for end in ("first_day", "last_day"))
    return unbroken(f"{first.day} {first:%b} – {last.day} {last:%b}")
