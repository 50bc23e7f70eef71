"""A comparison in words and short tables, for the screen and for notebooks."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple

from sim.experiments.compare import Comparison
from sim.experiments.differences import WAITED
from sim.experiments.outcome_names import NAMES

DIFFERENCE_HEADS: Final = (
    "", "base", "difference", "95 % interval", "better in", "pairing\nworth", "more runs\nwanted"
)  # fmt: skip
COST_HEADS: Final = ("yuan for one …", "costs", "95 % interval")
GAIN_HEADS: Final = (
    "", "house-\nholds", "income", "difference", "95 % interval", "gain", "lose"
)  # fmt: skip

_MILLION: Final = 1e6
_MOST_RATIO: Final = 1e4
"""Ratios of variances above this are not told apart."""
_SMALL_SHARE: Final = 0.01
_NOBODY: Final = 0.5
"""Groups of fewer households, in the mean of the replicates, are not shown."""


class Row(NamedTuple):
    """A row of a table that is shown."""

    cells: tuple[str, ...]
    verdict: str = ""
    """better, worse, or empty where nobody can say."""


def heads_of(comparison: Comparison, heads: Sequence[str]) -> list[str]:
    """Return heads of columns with the confidence that was asked for."""
    percent = f"{100 * comparison.about['confidence']:g} %"
    return [head.replace("95 %", percent) for head in heads]


def difference_rows(comparison: Comparison, variant: str) -> list[Row]:
    """Return what a variant has more than the base, a row for each outcome that is not zero."""
    found = []
    for row in comparison.differences.to_dicts():
        is_nothing = row["base_mean"] == 0.0 and row["variant_mean"] == 0.0
        if row["variant"] != variant or is_nothing:
            continue
        unit, size = row["unit"], max(abs(row["base_mean"]), abs(row["difference"]))
        cells = (
            f"{NAMES[row['outcome']]}{_missing(row, comparison)}",
            quantity(row["base_mean"], unit, size),
            quantity(row["difference"], unit, size, signed=True),
            span(row["low"], row["high"], unit, size),
            percent(row["better_share"]) + ("" if row["better"] else " more"),
            times(row["variance_ratio"]),
            "–" if row["more_replicates"] is None else f"{row['more_replicates']:,}",
        )
        found.append(Row(cells, _verdict(row)))
    return found


def cost_rows(comparison: Comparison, variant: str) -> list[Row]:
    """Return what one unit of each effect of a variant costs."""
    return [
        Row(
            (
                row["bought"],
                quantity(row["yuan_per_unit"], "yuan"),
                span(row["low"], row["high"], "yuan", is_signed=False),
            )
        )
        for row in comparison.effectiveness.to_dicts()
        if row["variant"] == variant
    ]


def gain_rows(comparison: Comparison, variant: str) -> dict[str, list[Row]]:
    """Return who gains and who loses by a variant, the groups of each grouping together."""
    found: dict[str, list[Row]] = {}
    for row in comparison.gains.to_dicts():
        if row["variant"] != variant or row["households"] < _NOBODY:
            continue
        cells = (
            row["group"],
            f"{row['households']:,.0f}",
            quantity(row["base_income_yuan"], "yuan"),
            quantity(row["difference_yuan"], "yuan", signed=True),
            span(row["low"], row["high"], "yuan"),
            percent(row["gaining_share"]),
            percent(row["losing_share"]),
        )
        signs = {"low": row["low"], "high": row["high"], "better": "more"}
        found.setdefault(row["grouping"], []).append(Row(cells, _verdict(signs)))
    return found


def remarks(comparison: Comparison) -> list[str]:
    """Return what a reader must know to understand the tables."""
    about = comparison.about
    width = about["width"]
    year = about["last_year"]
    of_year = f"; numbers of a year are those of {year}" if year is not None else ""
    found = [
        f"Money in yuan, differences of shares in percentage points{of_year}. Fifths, Gini and the "
        "poor are of all households that are there, incomers too.",
        f"{about['replicates']} pairs of runs, seeds {about['seed']} to "
        f"{about['seed'] + about['replicates'] - 1}. {about['method']}.",
        "Pairing worth ×10: without the same luck, the same interval takes ten times the runs. "
        f"Wanted are intervals as wide as {100 * width:g} % of the base's mean, or as asked for.",
        f"Crossing and listing: {WAITED}. Of all others, {about['missing']['all others']}.",
    ]
    if not comparison.effectiveness.is_empty():
        found.append("Costs are those of the whole run, not discounted; intervals are Fieller's.")
    if not comparison.gains.is_empty():
        found.append(
            f"Local households beside their twins, in {year}; groups by income take the mean of "
            f"both worlds; {about['noticed']}."
        )
    return found


def html_of(comparison: Comparison) -> str:
    """Return the comparison as HTML: differences, costs and gains of each variant."""
    parts = []
    for variant in comparison.variants:
        parts.append(f"<h4>{escape(variant)} against {escape(comparison.base)}</h4>")
        parts.append(
            html_table(heads_of(comparison, DIFFERENCE_HEADS), difference_rows(comparison, variant))
        )
        costs = cost_rows(comparison, variant)
        parts += [html_table(heads_of(comparison, COST_HEADS), costs)] if costs else []
        groups = gain_rows(comparison, variant)
        for grouping, rows in groups.items():
            heads = heads_of(comparison, GAIN_HEADS)
            parts.append(html_table([grouping, *heads[1:]], rows))
    parts += [f"<p><small>{escape(remark)}</small></p>" for remark in remarks(comparison)]
    return "".join(parts)


def quantity(value: float, unit: str, size: float = 0.0, *, signed: bool = False) -> str:
    """Return a number as a reader expects it; shares as percentages, their differences in points.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        Its unit.
    size : float
        Size of the numbers beside it, so that all are told in the same unit.
    signed : bool
        Whether it is a difference, which has a sign.
    """
    if math.isnan(value):
        return "–"
    sign = "+" if signed and value > 0 else ""
    if unit == "1":
        decimals = 1 if max(abs(value), size) >= _SMALL_SHARE else 2
        return f"{sign}{100 * value:.{decimals}f}" + ("" if signed else " %")
    if max(abs(value), size) >= 2 * _MILLION:
        return f"{sign}{value / _MILLION:,.1f} m"
    return f"{sign}{value:,.{_decimals(value)}f}"


def span(low: float, high: float, unit: str, size: float = 0.0, *, is_signed: bool = True) -> str:
    """Return an interval in words."""
    if math.isnan(low):
        return "not known"
    if low == high:
        return "the same in all"
    size = max(size, abs(low), abs(high))
    ends = [quantity(end, unit, size, signed=is_signed) for end in (low, high)]
    return " to ".join(ends)


def percent(share: float) -> str:
    """Return a share (0-1) as a percentage."""
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"


def times(ratio: float) -> str:
    """Return a ratio of variances."""
    if math.isnan(ratio):
        return "–"
    if ratio > _MOST_RATIO:
        return f"×{_MOST_RATIO:,.0f}+"
    return f"×{ratio:,.1f}" if ratio < 10 else f"×{ratio:,.0f}"


def _decimals(value: float) -> int:
    """Return how many decimals a number of this size needs."""
    size = abs(value)
    return 0 if size >= 100 or math.isnan(size) else 1 if size >= 1 else 3 if size > 0 else 0


def _missing(row: dict[str, Any], comparison: Comparison) -> str:
    """Say in how many runs of base and variant an outcome is missing."""
    ours, theirs = row["base_missing"], row["variant_missing"]
    if ours == theirs == 0:
        return ""
    word = "never" if row["missing_rule"] == WAITED else "none"
    return f" ({word} in {ours} and {theirs} of {comparison.replicates} runs)"


def _verdict(row: dict[str, Any]) -> str:
    """Say whether a difference is one for the better, if there is one at all."""
    is_more, is_less = row["low"] > 0.0, row["high"] < 0.0
    if not row["better"] or not (is_more or is_less):
        return ""
    return "better" if is_more == (row["better"] == "more") else "worse"


def html_table(heads: Sequence[str], rows: Sequence[Row]) -> str:
    """Return a table as HTML; the first column is words, the others are numbers."""
    top = "".join(
        _cell("th", head.replace("-\n", "").replace("\n", " "), place)
        for place, head in enumerate(heads)
    )
    body = "".join(
        "<tr>" + "".join(_cell("td", text, place) for place, text in enumerate(row.cells)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(tag: str, text: str, place: int) -> str:
    side = "right" if place else "left"
    return f'<{tag} style="text-align:{side}">{escape(text)}</{tag}>'
