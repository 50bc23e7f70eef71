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
    decimal,
    file_stem,
    million,
    percent,
    plain,
    unbroken,
    whole,
    yuan,
)
from sim.results import RunFolder, tables_in
from sim.results.event_texts import event_text
from sim.results.schema import INCOME_SOURCES
from sim.scenario import Scenario
from sim.words import counted, named, phrase, short_day_of_year, spoken, t, together
from sim.world.place_names import called

ONE_HISTORY: Final = phrase(
    "This is one run, and one run is one history: with other luck it would have gone otherwise, "
    "so nothing here has an interval. A sweep with replicates tells how results spread, a "
    "comparison what a policy changes."
)
_MOST_EVENTS: Final = 25
_KG_PER_TONNE: Final = 1e3
_KINDS: Final = {
    "farmer": phrase("farmers"),
    "manufacturer": phrase("makers"),
    "operator": phrase("operators"),
    "incomer": phrase("incomers"),
}
_SOURCES: Final = {
    "offline_yuan": phrase("farm or workshop"),
    "online_yuan": phrase("own fruit online"),
    "shop_profit_yuan": phrase("store profit"),
    "wages_yuan": phrase("wages"),
}
_PICTURES: Final = {
    "growth": phrase("Active stores and yearly online sales against the thresholds."),
    "incomes": phrase("Income of households by source and kind."),
    "shop_sizes": phrase("How sales are spread over shops."),
    "village_map": phrase("Where villages are, and when each was first listed."),
    "listed_villages": phrase("Villages on the yearly lists, in all and by part of the region."),
    "concentration": phrase("How unevenly listed villages are spread, and where new ones come up."),
    "listed_sizes": phrase("Sales and stores of listed villages."),
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
        Section(t("What came out"), _findings(summary, tables)),
        Section(t("Figures"), _pictures(tables, scenario, about["seed"])),
        Section(t("Tables"), list(_tables(summary, tables))),
        Section(t("The scenario"), scenario_blocks(scenario, last_day)),
        Section(t("Parameters"), parameter_blocks(scenario)),
        Section(t("Sources"), source_blocks(scenario)),
        Section(t("How to get the same bytes"), recipe_blocks(_recipe(about, scenario, tables))),
    ]
    return Page(
        kind=t("Report of a run"),
        title=named(scenario.title or scenario.name),
        question=named(scenario.question.strip()),
        facts=[
            scenario.name,
            counted(about["villages"], "village"),
            counted(about["households"], "household"),
            t("{first} to {last}", first=spoken(scenario.start), last=spoken(last_day)),
            t("seed {seed}", seed=about["seed"]),
        ],
        sections=[section for section in sections if section.blocks],
        made_by=f"villagesim {about['versions']['villagesim']}",
    )


def _findings(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> list[Block]:
    texts = [*_designations(summary), *_last_year(summary, tables), *_last_season(summary)]
    cost = float(whole_region(tables["regions"])["policy_cost_yuan"].sum())
    texts += [t("Policies cost {yuan} in the whole run.", yuan=yuan(cost))] if cost else []
    return [Points(texts), Paragraph(t(ONE_HISTORY), note=True)]


def _designations(summary: Mapping[str, Any]) -> Iterator[str]:
    crossed = [each for each in summary["designations"] if each["crossed_on"]]
    villages = summary["villages"]
    if not crossed:
        yield t("No village passed the thresholds of an e-commerce village.")
        return
    first = crossed[0]
    where, day = called(first["village"]), _day(first["crossed_on"])
    text = t("{village} passed the thresholds on {day}", village=where, day=day)
    if villages > 1:
        text = t("{village} passed the thresholds first on {day}", village=where, day=day)
    if first["listed_on"]:
        text += t(" and was listed on {day}", day=_day(first["listed_on"]))
    lost = ""
    if first["lost_on"]:
        lost = t("It fell below them again on {day}.", day=_day(first["lost_on"]))
    yield together(t("{sentence}.", sentence=text), lost)
    if villages > 1:
        years = list(summary["years"].values())
        listed = years[-1]["listed_villages"] if years else 0
        yield t(
            "{villages} of {all} stood on the last list.",
            villages=counted(listed, "village"),
            all=f"{villages:,}",
        )


def _last_year(summary: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    if not summary["years"]:
        return
    name, year = list(summary["years"].items())[-1]
    part = "" if f"{name}-12-31" <= summary["end"] else t(" (not complete)")
    sold = t(
        "In {year}{part}, {stores} sold {yuan} online in {orders}.",
        year=name,
        part=part,
        stores=counted(year["active_stores"], "active store"),
        yuan=yuan(year["online_sales_yuan"]),
        orders=counted(year["orders"], "order"),
    )
    worked = t(
        "{in_stores} people worked in stores, {all} with makers and carriers.",
        in_stores=f"{year['jobs_in_stores']:,.0f}",
        all=f"{year['jobs_with_makers_and_carriers']:,.0f}",
    )
    yield together(sold, worked)
    households = tables["households"]
    if not households.is_empty() and year["gini"] is not None:
        last = households.filter(households["year"] == households["year"].max())
        mean = float(last["income_yuan"].to_numpy().mean())
        yield t(
            "A household earned {yuan} in {year}, in the mean; the Gini coefficient of income per "
            "head was {gini}.",
            yuan=yuan(mean),
            year=last["year"][0],
            gini=f"{year['gini']:.2f}",
        )


def _last_season(summary: Mapping[str, Any]) -> Iterator[str]:
    for name, season in list(summary["seasons"].items())[-1:]:
        if season["first_day"] is None:
            continue
        share = season["growers_online_income_share"]
        text = t(
            "The season of {season} lasted from {first} to {last}; {yuan} of it were sold online "
            "in {orders}",
            season=_season(name),
            first=_day(season["first_day"]),
            last=_day(season["last_day"]),
            yuan=yuan(season["online_sales_yuan"]),
            orders=counted(season["orders"], "order"),
        )
        if share is not None:
            text += t(", {percent} of growers' income from it", percent=percent(share))
        yield t("{sentence}.", sentence=text)


def _pictures(tables: Mapping[str, pl.DataFrame], scenario: Scenario, seed: int) -> list[Block]:
    return [
        Picture(address_of(figure), t(_PICTURES[name]) if name in _PICTURES else _season_text(name))
        for name, figure in all_figures(tables, scenario, seed).items()
    ]


def _season_text(name: str) -> str:
    good = plain(name.removeprefix("season_"))
    return t("The season of {good}: what becomes of the crop.", good=good)


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
    rows = [Row((unbroken(spoken(day)), event_text(text))) for day, text in told]
    left = len(events) - len(shown)
    rows += [Row((t("and {number} more", number=f"{left:,}"),), "group")] if left else []
    if rows:
        yield Table((t("day"), t("event")), rows, t("What happened"), frozenset({0, 1}))


def _years(summary: Mapping[str, Any]) -> Iterator[Table]:
    region = summary["villages"] > 1
    heads = [t("year"), t("online sales, million yuan"), t("orders"), t("active stores")]
    heads += [t("opened"), t("closed"), t("jobs in stores"), t("all jobs")]
    heads += [t("online share of farmers' income"), t("Gini")]
    heads += [t("villages listed")] if region else []
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
        yield Table(heads, rows, t("Year by year (all jobs: with makers and carriers)"))


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
                t(words),
                whole(by_kind[kind]["len"]),
                *(whole(by_kind[kind][source]) for source in _SOURCES),
                whole(by_kind[kind]["income_yuan"]),
            )
        )
        for kind, words in _KINDS.items()
        if kind in by_kind
    ]
    heads = ("", t("households"), *map(t, _SOURCES.values()), t("income"))
    title = t("Who earned what in {year} (mean yuan of a household)", year=year)
    yield Table(heads, rows, title)


def _seasons(summary: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        Row(
            (
                _season(name),
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
        t("season"), t("picked"), t("online orders"), t("online sales, million yuan"),
        t("online, t"), t("wholesale, t"), t("processed, t"), t("lost, t"),
        t("growers' income from online"),
    )  # fmt: skip
    if rows:
        yield Table(heads, rows, t("Seasons"))


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
    return unbroken(f"{short_day_of_year(first)} – {short_day_of_year(last)}")


def _season(name: str) -> str:
    """Return a season such as ``bayberry 2019``."""
    good, _, year = name.rpartition(" ")
    return t("{good} {year}", good=plain(good), year=year)
