"""What a run amounts to, told on screen: what happened when, year by year, and to whom."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich import box
from rich.markup import escape
from rich.table import Table

from sim.cli.terminal import output_console, show
from sim.cli.turning_points import turning_points
from sim.experiments import RunResult
from sim.results.record import RunRecord
from sim.results.totals import Incomes, totals_of_run
from sim.words import (
    counted,
    named,
    phrase,
    scales_of_money,
    short,
    short_day_of_year,
    spoken,
    t,
    yuan_of_column,
)

SEASONS_SHOWN: Final = 3
_BAR: Final = 16
_WIDE_ENOUGH_FOR_BARS: Final = 90
_KG_PER_TONNE: Final = 1e3
_MANY_ORDERS: Final = 50_000_000
"""Orders of a year from which a table of years counts in thousands."""
_FEW_THOUSANDS: Final = 10.0
"""Up to so many thousands, decimals are shown."""
_YEAR_HEADS: Final = (
    phrase("online\nsales"),
    phrase("online\norders"),
    phrase("active\nstores"),
    phrase("opened\n"),
    phrase("closed\n"),
    phrase("jobs in\nstores"),
    phrase("all\njobs"),
)
_LISTED_HEAD: Final = phrase("villages\nlisted")
_WEIGHTS: Final = {
    "online_kg": phrase("online, tonnes"),
    "wholesale_kg": phrase("wholesale, tonnes"),
    "processed_kg": phrase("processed, tonnes"),
    "lost_kg": phrase("lost, tonnes"),
}
_KIND_NAMES: Final = {
    "farmer": phrase("farmers"),
    "manufacturer": phrase("makers"),
    "operator": phrase("operators"),
    "incomer": phrase("incomers"),
}
_SOURCE_NAMES: Final = {
    "offline_yuan": phrase("farm or\nworkshop"),
    "online_yuan": phrase("own fruit\nonline"),
    "shop_profit_yuan": phrase("store\nprofit"),
    "wages_yuan": phrase("wages\n"),
}


def print_json(summary: dict[str, Any]) -> None:
    """Print a summary as one JSON object."""
    print(json.dumps(summary, indent=2, allow_nan=False))


def print_story(result: RunResult, figures: Sequence[Path]) -> None:
    """Print what happened in a run and where its results are."""
    console = output_console()
    parts = ["", *_heading(result.record), "", *_events_part(result.record)]
    parts += [*_years_part(result), *_incomes_part(result), *_seasons_part(result)]
    for part in [*parts, *_places_part(result, figures)]:
        show(console, part)


def _heading(record: RunRecord) -> list[str]:
    scenario = record.scenario
    facts = [
        counted(len(record.villages), "village"),
        counted(record.households, "household"),
        t("{first} to {last}", first=short(scenario.start), last=short(record.end)),
        t("seed {seed}", seed=record.seed),
    ]
    lines = [
        f"[bold]{escape(named(scenario.title or scenario.name))}[/]",
        f"[dim]{escape(scenario.name)} · {' · '.join(facts)}[/]",
    ]
    if record.planned_end is not None:
        stopped = t("Stopped: it was to go on to {day}", day=short(record.planned_end))
        lines.append(f"[yellow]{stopped}[/]")
    return lines


def _title(text: str, note: str = "") -> str:
    return f"[bold]{text}[/]" + (f" [dim]{note}[/]" if note else "")


def _table(**options: Any) -> Table:
    return Table(
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        border_style="dim",
        header_style="dim",
        **options,
    )


def _events_part(record: RunRecord) -> list[Table | str]:
    table = _table(show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for point in turning_points(record):
        day = t("not yet") if point.day is None else spoken(point.day)
        table.add_row(day, escape(point.text), style=point.style)
    return [_title(t("What happened")), table]


def _years_part(result: RunResult) -> list[Table | str]:
    years = result.summary["years"]
    if not years:
        return []
    region = result.summary["villages"] > 1
    units = _units(years)
    note = t("({units}; all jobs: with makers and carriers)", units=units.note)
    title = _title(t("Year by year"), note)
    table = _table()
    for head in ("", *_YEAR_HEADS, *([_LISTED_HEAD] if region else [])):
        table.add_column(t(head) if head else "", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    most = max((year["online_sales_yuan"] for year in years.values()), default=0.0) or 1.0
    bars = output_console().width >= _WIDE_ENOUGH_FOR_BARS
    for name, year in years.items():
        bar = _bar(year["online_sales_yuan"] / most) if bars else ""
        row = [*_year_cells(name, year, units, region=region), bar]
        table.add_row(*row, style="" if year["active_stores"] else "dim")
    return [title, table]


class _Units(NamedTuple):
    """What the numbers of a year are counted in."""

    yuan: float
    things: float
    """Orders, stores and jobs."""
    note: str


def _units(years: Mapping[str, Mapping[str, Any]]) -> _Units:
    """Return units in which the years of a village, or of a province, fit on a line."""
    if max(year["orders"] for year in years.values()) < _MANY_ORDERS:
        return _Units(yuan_of_column(), 1.0, t("sales in million yuan"))
    note = t("sales in billion yuan, orders, stores and jobs in thousands")
    return _Units(scales_of_money()[0].yuan, 1e3, note)


def _year_cells(name: str, year: dict[str, Any], units: _Units, *, region: bool) -> list[str]:
    counts = (
        "orders", "active_stores", "stores_opened", "stores_closed", "jobs_in_stores",
        "jobs_with_makers_and_carriers",
    )  # fmt: skip
    cells = [name, _decimal(year["online_sales_yuan"] / units.yuan)]
    cells += [_counted(year[count] / units.things, units) for count in counts]
    return [*cells, _whole(year["listed_villages"])] if region else cells


def _counted(value: float, units: _Units) -> str:
    """Return a number of things: whole ones, or thousands with a decimal where they are few."""
    is_whole = units.things == 1.0 or value >= _FEW_THOUSANDS
    return _whole(value) if is_whole else _decimal(value)


def _incomes_part(result: RunResult) -> list[Table | str]:
    """Who earned what in the last year that was recorded to its end."""
    incomes = totals_of_run(result.record).incomes
    if incomes is None:
        return []
    title = _title(
        t("Who earned what in {year}", year=incomes.year), t("(mean yuan per household)")
    )
    table = _table()
    heads = (phrase("households\n"), *_SOURCE_NAMES.values(), phrase("income\n"))
    for head in ("", *map(t, heads)):
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for mean in incomes.means:
        sources = [_whole(mean.by_source[source]) for source in _SOURCE_NAMES]
        row = [t(_KIND_NAMES[mean.kind]), _whole(mean.households), *sources]
        table.add_row(*row, f"[bold]{_whole(mean.income_yuan)}[/]")
    return [title, table, _equality(incomes), ""]


def _equality(incomes: Incomes) -> str:
    gini = incomes.gini
    shares = {
        phrase("{percent} below the poverty line"): incomes.poverty_share,
        phrase("{percent} of farmers' income from online"): incomes.farmers_online_income_share,
    }
    parts = [t(what, percent=_percent(s)) for what, s in shares.items() if s is not None]
    parts = [t("Gini {gini}", gini=f"{gini:.2f}"), *parts] if gini is not None else parts
    return f"  [dim]{' · '.join(parts)}[/]"


def _seasons_part(result: RunResult) -> list[Table | str]:
    """The last seasons side by side."""
    seasons = result.summary["seasons"]
    if not seasons:
        return []
    shown = list(seasons)[-SEASONS_SHOWN:]
    note = ""
    if len(shown) < len(seasons):
        note = t("(the last {shown} of {all})", shown=len(shown), all=len(seasons))
    table = _table()
    table.add_column("", no_wrap=True)
    for name in shown:
        table.add_column(_season_name(name), justify="right", no_wrap=True)
    cells = [_season_cells(seasons[name]) for name in shown]
    for measure in cells[0]:
        table.add_row(f"[dim]{measure}[/]", *(column[measure] for column in cells))
    return [_title(t("The season"), note), table]


def _season_name(season: str) -> str:
    """Return a season such as ``bayberry 2019``."""
    good, _, year = season.rpartition(" ")
    return t("{good} {year}", good=named(good), year=year)


def _season_cells(season: dict[str, Any]) -> dict[str, str]:
    share = season["growers_online_income_share"]
    return {
        t("picked"): _span(season["first_day"], season["last_day"]),
        t("online orders"): _whole(season["orders"]),
        t("online sales, million yuan"): _decimal(season["online_sales_yuan"] / yuan_of_column()),
        **{t(words): _decimal(season[name] / _KG_PER_TONNE) for name, words in _WEIGHTS.items()},
        t("growers' fruit income from online"): "–" if share is None else _percent(share),
    }


def _places_part(result: RunResult, figures: Sequence[Path]) -> list[str]:
    lines = []
    if result.folder is not None:
        where = f"[bold]{escape(str(result.folder))}{os.sep}[/]"
        lines.append(t("Results in {folder}", folder=where))
    if figures:
        where = f"[bold]{escape(str(figures[0].parent))}{os.sep}[/]"
        count = counted(len(figures), "figure")
        lines[-1] += t(" · {figures} in {folder}", figures=count, folder=where)
    if result.can_continue:
        command = f"villagesim run --continue {escape(str(result.folder))}"
        lines.append(t("To go on: {command}", command=command))
    cost = result.cost
    took = t(
        "{wall} s, {compute} s of it computing",
        wall=f"{cost.wall_s:.1f}",
        compute=f"{cost.compute_s:.1f}",
    )
    if cost.peak_mb is not None:
        took += t(" · at most {mb} MB of memory", mb=f"{cost.peak_mb:,.0f}")
    lines.append(f"[dim]{took}[/]")
    return lines


def _span(first: str | None, last: str | None) -> str:
    """Return two dates of a year as a reader writes them."""
    if first is None or last is None:
        return "–"
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return f"{short_day_of_year(start)} – {short_day_of_year(end)}"


def _whole(value: float) -> str:
    return f"{value:,.0f}" if round(value) else "–"


def _percent(share: float) -> str:
    return f"{round(share, 3) + 0.0:.1%}"


def _decimal(value: float) -> str:
    """Return a number with one decimal, or two if it is small; a dash for none."""
    if value == 0:
        return "–"
    if abs(value) < 0.005:
        return "0.00"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _bar(share: float) -> str:
    """Return a bar, drawn in eighths of a character."""
    full, rest = divmod(round(share * _BAR * 8), 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
