"""A sweep as a notebook shows it: what was varied, and what came out."""

from collections.abc import Iterable
from html import escape
from typing import Any, Final

_NUMBER: Final = "text-align: right; font-variant-numeric: tabular-nums"


def html_of(result: Any, words: str) -> str:
    """Return a `SweepResult` as HTML.

    Parameters
    ----------
    result : SweepResult
        The sweep.
    words : str
        What it is, in one line.
    """
    runs = result.to_polars()
    keys = [[key, *_range(runs[key])] for key in result.keys]
    outcomes = [[name, *_spread(runs[name])] for name in result.outcomes]
    return "".join(
        [
            f"<p><b>Sweep</b> of {escape(words)}",
            f"<br>in {escape(str(result.folder))}" if result.folder else "",
            "</p>",
            _table(("key", "lowest or first", "highest or last", "values"), keys),
            _table(
                ("outcome", "runs", "mean", "standard deviation", "lowest", "highest"), outcomes
            ),
        ]
    )


def _range(column: Any) -> list[str]:
    if column.is_empty():
        return ["–", "–", "0"]
    return [_cell(column.min()), _cell(column.max()), f"{column.n_unique():,}"]


def _spread(column: Any) -> list[str]:
    found = column.drop_nulls().drop_nans()
    numbers = (found.mean(), found.std(), found.min(), found.max())
    return [f"{len(found):,}", *map(_cell, numbers)]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def _table(heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    lines = ["<table><thead><tr>", *(f"<th>{head}</th>" for head in heads), "</tr></thead><tbody>"]
    for name, *cells in rows:
        lines.append(f'<tr><td style="text-align: left">{escape(name)}</td>')
        lines += [f'<td style="{_NUMBER}">{escape(cell)}</td>' for cell in cells]
        lines.append("</tr>")
    return "".join([*lines, "</tbody></table>"])
