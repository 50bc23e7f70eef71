"""What analyses have found, as tables on screen."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sim.cli.terminal import output_console, show
from sim.experiments.analysis import Analysis, percent, shown

_WIDEST_RULE: Final = 44
_LUCK: Final = {"interactions": "interactions of keys", "luck": "plain luck"}


def print_analysis(found: Analysis, folder: Path) -> None:
    """Print what an analysis has found, what one must know about it, and where it is."""
    from rich.markup import escape

    tables = {"sensitivity": _sensitivity, "discover": _discover, "survival": _survival}
    console = output_console()
    show(console, f"[bold]{escape(found.headline())}[/]")
    for table in tables[found.name](found):
        print()
        show(console, table)
    for note in found.notes:
        show(console, f"[dim]{escape(note)}[/]")
    show(console, f"Tables and figures are in [bold]{escape(str(folder))}{os.sep}[/]")


def _sensitivity(found: Any) -> list[Any]:
    made = []
    is_morris = found.method == "morris"
    has_total = "total" in found.table.columns
    for outcome in found.about["outcomes"]:
        heads = ["", "effect (mu*)", "95 % interval", "mu", "sigma", "luck alone"]
        if not is_morris:
            heads = ["", "share of variance", "95 % interval"]
            heads += ["with interactions"] if has_total else []
        table = _table(outcome, heads)
        for row in found.table.iter_rows(named=True):
            if row["outcome"] == outcome:
                table.add_row(*(_effect_cells(row) if is_morris else _share_cells(row, has_total)))
        made.append(table)
    return made


def _share_cells(row: dict[str, Any], has_total: bool) -> list[str]:
    cells = [_LUCK.get(row["parameter"], row["parameter"]), percent(row["share"])]
    cells.append(_between(percent, row["share_low"], row["share_high"]))
    return [*cells, *([percent(row["total_share"])] if has_total else [])]


def _effect_cells(row: dict[str, Any]) -> list[str]:
    if row["parameter"] == "luck":
        share = f"{percent(row['share'])} of variance"
        return ["plain luck", share, _between(percent, row["share_low"], row["share_high"])]
    bounds = _between(shown, row["mu_star_low"], row["mu_star_high"])
    rest = [shown(row[name]) for name in ("mu", "sigma", "luck_alone")]
    return [row["parameter"], shown(row["mu_star"]), bounds, *rest]


def _discover(found: Any) -> list[Any]:
    from rich.markup import escape

    heads = ["rule", "found: yes", "covers", "runs", "fresh: yes", "fresh, else", ""]
    table = _table(f"{found.about['question']}?", heads)
    for row in found.table.iter_rows(named=True):
        lines = row["rule"].replace(" and ", "\nand ")
        table.columns[0].min_width = min(max(map(len, lines.split("\n"))), _WIDEST_RULE)
        verdict = {None: "not tested", True: "[green]held[/]", False: "[red]did not hold[/]"}
        fresh = [
            f"{percent(row[side])}\n{_between(percent, row[f'{side}_low'], row[f'{side}_high'])}"
            for side in ("inside", "outside")
        ]
        table.add_row(
            escape(lines),
            percent(row["density"]),
            percent(row["coverage"]),
            f"{row['runs']:,}",
            *(fresh if row["pairs"] else ["–", "–"]),
            verdict[row["is_confirmed"]],
        )
    return [table] if table.row_count else []


def _survival(found: Any) -> list[Any]:
    heads = ["", "runs", "came about", "half by day", "95 % interval", "mean days without"]
    table = _table(f"Time until {found.about['event']}", heads)
    for row in found.table.iter_rows(named=True):
        table.add_row(
            row["group"],
            f"{row['runs']:,}",
            f"{row['events']:,} ({percent(row['came'])})",
            shown(row["median_days"]),
            _between(shown, row["median_days_low"], row["median_days_high"]),
            shown(row["restricted_mean_days"]),
        )
    return [table]


def _table(title: str, heads: Sequence[str]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _between(write: Any, low: float | None, high: float | None) -> str:
    ends = [write(end) for end in (low, high)]
    return "–" if ends == ["–", "–"] else " to ".join(ends)
