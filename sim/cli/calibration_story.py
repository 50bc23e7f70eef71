"""What a calibration has found, on screen and as figures."""

import os
from typing import Any, Final

from sim.cli.terminal import output_console, show

_SHOWN_TARGETS: Final = 12
_SHADES: Final = {"identified": "green", "weakly": "yellow", "not informed": "dim"}


def draw_figures(found: Any) -> None:
    """Draw the figures of a calibration into its folder."""
    if "posterior" not in found.tables:
        return
    from sim.plots.calibration import CalibrationName, fit_figure, marginals_figure
    from sim.plots.drawing import write_figures

    name = CalibrationName(found.block, found.tables["posterior"].height)
    tables = dict(found.tables)
    figures = {"marginals": marginals_figure(name, tables), "fit": fit_figure(name, tables)}
    write_figures(figures, found.folder)


def print_calibration(found: Any) -> None:
    """Print what a calibration has found, and where it is."""
    from rich.markup import escape

    console = output_console()
    show(console, f"[bold]{escape(_headline(found))}[/]")
    if "search" in found.tables:
        show(console, _search(found.tables["search"]))
    if "summary" in found.tables:
        show(console, _summary(found.tables["summary"]))
        show(console, _fit(found.tables["fit"]))
    if "recovery" in found.tables:
        show(console, _recovery(found.tables["recovery"]))
    for error, times in list(found.about.get("errors", {}).items())[:3]:
        show(console, f"[yellow]{times} runs failed: {escape(error)}[/]")
    show(console, f"Tables and figures are in [bold]{escape(str(found.folder))}{os.sep}[/]")


def _headline(found: Any) -> str:
    about = found.about
    text = f"Block {found.block}, {found.method}"
    if "runs" in about:
        text += f", {about['runs']:,} runs"
    if about.get("generation", -1) >= 0:
        of = about["how"]["generations"]
        text += f", generation {about['generation'] + 1} of {of}"
        text += f", threshold {about['threshold']:.3g}"
    return text


def _summary(table: Any) -> Any:
    made = _table("Parameters", ["", "registry", "5 %", "median", "95 %", "contraction", ""])
    for row in table.iter_rows(named=True):
        shade = _SHADES[row["verdict"]]
        numbers = [f"{row[name]:.4g}" for name in ("registry", "q05", "q50", "q95")]
        cells = [row["parameter"], *numbers, f"{row['contraction']:.2f}"]
        made.add_row(*cells, f"[{shade}]{row['verdict']}[/]")
    return made


def _fit(table: Any) -> Any:
    worst = table.filter(table["z"].is_not_null())
    worst = worst.sort(worst["z"].abs(), descending=True).head(_SHOWN_TARGETS)
    made = _table("Targets that are furthest off", ["", "published", "5 %", "median", "95 %", "z"])
    for row in worst.iter_rows(named=True):
        numbers = [f"{row[name]:,.4g}" for name in ("published", "q05", "q50", "q95")]
        made.add_row(row["target"], *numbers, f"{row['z']:+.1f}")
    return made


def _recovery(table: Any) -> Any:
    heads = ["", "sets", "contraction", "50 % hold", "90 % hold", ""]
    made = _table("Known parameters fitted back", heads)
    for row in table.iter_rows(named=True):
        shares = [f"{row[name]:.2f}" for name in ("contraction", "coverage_50", "coverage_90")]
        made.add_row(row["parameter"], f"{row['sets']}", *shares, row["verdict"])
    return made


def _search(table: Any) -> Any:
    made = _table("Best points", ["", *(f"{place}." for place in range(1, table.height + 1))])
    for name in table.columns:
        made.add_row(name, *(f"{value:.4g}" for value in table[name].to_list()))
    return made


def _table(title: str, heads: list[str]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        is_name = place == 0
        table.add_column(head, justify="left" if is_name else "right", no_wrap=is_name)
    return table
