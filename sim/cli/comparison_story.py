"""A comparison, or an explanation, told on screen."""

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.markup import escape
from rich.table import Table

from sim.cli.terminal import output_console, show
from sim.experiments import explanation_text
from sim.experiments.compare import Comparison
from sim.experiments.comparison_text import (
    COST_HEADS,
    DIFFERENCE_HEADS,
    GAIN_HEADS,
    PAIRING_HEADS,
    Row,
    cost_rows,
    difference_rows,
    family_text,
    gain_rows,
    heads_of,
    pairing_rows,
    remarks,
)
from sim.experiments.explain import Explanation
from sim.words import counted, t

_STYLES: Final = {"better": "green", "worse": "red", "": ""}


def print_comparison_json(comparison: Comparison) -> None:
    """Print a comparison as one JSON object."""
    about = {name: value for name, value in comparison.about.items() if name != "scenarios"}
    tables = {
        name: [_plain(row) for row in getattr(comparison, name).to_dicts()]
        for name in ("differences", "effectiveness", "gains")
    }
    print(json.dumps(about | tables, indent=2, allow_nan=False, ensure_ascii=False))


def print_comparison(comparison: Comparison, folder: Path, figures: Sequence[Path]) -> None:
    """Print what differs, what it costs and for whom, and where the results are."""
    console = output_console()
    for variant in comparison.variants:
        show(console, f"\n[bold]{escape(_against(variant, comparison.base))}[/]")
        show(
            console,
            _table(heads_of(comparison, DIFFERENCE_HEADS), difference_rows(comparison, variant)),
        )
        show(console, escape(family_text(comparison, variant)))
        runs = pairing_rows(comparison, variant)
        if runs:
            show(console, f"\n[bold]{t('How many runs it takes')}[/]")
            show(console, _table(heads_of(comparison, PAIRING_HEADS), runs))
        costs = cost_rows(comparison, variant)
        if costs:
            show(console, f"[bold]{t('What it costs')}[/]")
            show(console, _table(heads_of(comparison, COST_HEADS), costs))
        groups = gain_rows(comparison, variant)
        if groups:
            year = comparison.about["last_year"]
            note = t("(yuan a year, {year})", year=year)
            show(console, f"[bold]{t('Who gains and who loses')}[/] [dim]{note}[/]")
            show(console, _grouped(heads_of(comparison, GAIN_HEADS), groups))
    for remark in remarks(comparison):
        show(console, f"[dim]{escape(remark)}[/]")
    show(console, _places(folder, figures))


def print_explanation_json(explanation: Explanation) -> None:
    """Print an explanation as one JSON object."""
    about = {name: value for name, value in explanation.about.items() if name != "base"}
    shares = [_plain(row) for row in explanation.shares.to_dicts()]
    told = about | {"share": about["shares"], "shares": shares}
    print(json.dumps(told, indent=2, allow_nan=False, ensure_ascii=False))


def print_explanation(explanation: Explanation, folder: Path, figures: Sequence[Path]) -> None:
    """Print what each policy did, and where the results are."""
    console = output_console()
    title = t("What each policy did in {base}", base=explanation.about["scenario"])
    show(console, f"\n[bold]{escape(title)}[/]")
    for heading, rows in explanation_text.rows_of(explanation).items():
        show(console, f"\n{escape(heading)}")
        show(console, _table(explanation_text.heads_of(explanation), rows))
    for remark in explanation_text.remarks(explanation):
        show(console, f"[dim]{escape(remark)}[/]")
    show(console, _places(folder, figures))


def _places(folder: Path, figures: Sequence[Path]) -> str:
    text = t("Results in {folder}", folder=f"[bold]{escape(str(folder))}{os.sep}[/]")
    if figures:
        where = escape(str(figures[0].parent))
        count = counted(len(figures), "figure")
        text += t(" · {figures} in {folder}", figures=count, folder=f"[bold]{where}{os.sep}[/]")
    return text


def _against(variant: str, base: str) -> str:
    return t("{variant} against {base}", variant=variant, base=base)


def _table(heads: Sequence[str], rows: Sequence[Row]) -> Table:
    table = _empty(heads)
    for row in rows:
        table.add_row(*map(escape, row.cells), style=_STYLES[row.verdict])
    return table


def _grouped(heads: Sequence[str], groups: dict[str, list[Row]]) -> Table:
    table = _empty(heads)
    for grouping, rows in groups.items():
        if grouping != "all":
            table.add_row(f"[dim]{escape(t('by {grouping}', grouping=grouping))}[/]")
        for row in rows:
            table.add_row(*map(escape, row.cells), style=_STYLES[row.verdict])
    return table


def _empty(heads: Sequence[str]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, collapse_padding=True, border_style="dim", header_style="dim"
    )
    for place, head in enumerate(heads):
        if place:
            table.add_column(head, justify="right", no_wrap=True)
        else:
            table.add_column(head, overflow="fold")
    return table


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for JSON, which has neither nan nor infinity."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
