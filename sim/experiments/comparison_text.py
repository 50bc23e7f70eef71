"""A comparison in words and short tables, for the screen and for notebooks."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from sim.experiments.compare import Comparison
from sim.experiments.differences import WAITED
from sim.experiments.gains import BEFORE, NOTICED
from sim.experiments.intervals import share_unseen
from sim.experiments.outcome_names import NAMES
from sim.experiments.parting import BEFORE_TEXTS
from sim.words import (
    ENGLISH,
    language,
    phrase,
    retold,
    scales_of_text,
    t,
)

DIFFERENCE_HEADS: Final = (
    "", phrase("base"), phrase("difference"), phrase("95 % interval"), phrase("verdict"),
    phrase("better/\nsame/worse"),
)  # fmt: skip
PAIRING_HEADS: Final = (
    "", phrase("pairing\nworth"), phrase("95 % interval"), phrase("more runs\nwanted")
)  # fmt: skip
COST_HEADS: Final = (phrase("yuan for one …"), phrase("costs"), phrase("95 % interval"))
GAIN_HEADS: Final = (
    "", phrase("house-\nholds"), phrase("income"), phrase("difference"), phrase("95 % interval"),
    phrase("gain"), phrase("lose"),
)  # fmt: skip

_BETTER: Final = (phrase("better"), phrase("better?"))
_WORSE: Final = (phrase("worse"), phrase("worse?"))
_MORE: Final = (phrase("more"), phrase("more?"))
_LESS: Final = (phrase("less"), phrase("less?"))
_MILLION: Final = 1e6
_SMALL_SHARE: Final = 0.01
_MOST_TIMES: Final = 1000
"""How many times more runs pairing is worth: above this, it is not told exactly."""
_SAME: Final = phrase("the same in all")
SEEDS_USED: Final = {
    phrase("chosen"): range(1, 25),
    phrase("held against published facts"): range(101, 131),
}
"""Seeds by which parameters were chosen, and judged; docs/validation.md says how."""
_NOBODY: Final = 0.5
"""Groups of fewer households, in the mean of the replicates, are not shown."""


class Row(NamedTuple):
    """A row of a table that is shown."""

    cells: tuple[str, ...]
    verdict: str = ""
    """better or worse where that is sure, else empty."""


def heads_of(comparison: Comparison, heads: Sequence[str]) -> list[str]:
    """Return heads of columns with the confidence that was asked for."""
    percent = f"{100 * comparison.about['confidence']:g} %"
    shown = percent if language() == ENGLISH else percent.replace(" ", "")
    return [t(head).replace("95 %", shown).replace("95%", shown) if head else "" for head in heads]


def difference_rows(comparison: Comparison, variant: str) -> list[Row]:
    """Return what a variant has more than the base, a row for each outcome that is not zero."""
    found = []
    for row in comparison.differences.to_dicts():
        is_nothing = row["base_mean"] == 0.0 and row["variant_mean"] == 0.0
        if row["variant"] != variant or is_nothing:
            continue
        unit, size = row["unit"], size_of_difference(row)
        verdict = verdict_of(row, comparison.about["confidence"])
        cells = (
            f"{t(NAMES[row['outcome']])}{_missing(row, comparison)}",
            quantity(row["base_mean"], unit),
            quantity(row["difference"], unit, size, signed=True),
            span(row["low"], row["high"], unit, size),
            t(verdict),
            shares_text(row),
        )
        found.append(Row(cells, _colour(verdict)))
    return found


def pairing_rows(comparison: Comparison, variant: str) -> list[Row]:
    """Return what pairing is worth, and how many runs are wanted, where pairs differ."""
    found = []
    for row in comparison.differences.to_dicts():
        if row["variant"] != variant or row["unseen_share"] is not None:
            continue
        more = row["more_replicates"]
        low, high = row["ratio_low"], row["ratio_high"]
        bounds = t("{low} to {high}", low=times(low), high=times(high))
        if math.isnan(low):
            bounds = t("not determined")
        elif low >= _MOST_TIMES:
            bounds = t("above {times}", times=f"×{_MOST_TIMES:,}")
        cells = (
            t(NAMES[row["outcome"]]),
            times(row["variance_ratio"]),
            bounds,
            "–" if more is None else f"{more:,}",
        )
        found.append(Row(cells))
    return found


def size_of_difference(row: Mapping[str, Any]) -> float:
    """Return the size of a difference and its interval, so that all are told in one unit."""
    sizes = (abs(row[name]) for name in ("difference", "low", "high"))
    return max((size for size in sizes if not math.isnan(size)), default=0.0)


def verdict_of(row: Mapping[str, Any], confidence: float) -> str:
    """Say which way an outcome differs: surely, or with a question mark; a dash if in no way.

    Sure is what survives Holm's adjustment, and what is alike in all pairs. A question mark stands
    where the interval of this outcome alone excludes zero.
    """
    is_more, is_less = row["low"] > 0.0, row["high"] < 0.0
    if not (is_more or is_less):
        return "–"
    if row["better"]:
        words = _BETTER if is_more == (row["better"] == "more") else _WORSE
    else:
        words = _MORE if is_more else _LESS
    return words[0] if is_sure(row, confidence) else words[1]


def is_sure(row: Mapping[str, Any], confidence: float) -> bool:
    """Whether a difference survives Holm's adjustment, or is alike in all pairs."""
    if row["p_holm"] is None:
        return bool(row["low"] > 0.0 or row["high"] < 0.0)
    return bool(row["p_holm"] < 1.0 - confidence)


def shares_text(row: dict[str, Any]) -> str:
    """Return in which shares of pairs a variant is better, the same and worse."""
    shares = (row["better_share"], row["same_share"], row["worse_share"])
    return t("{number} %", number="/".join(f"{100 * share:.0f}" for share in shares))


def family_text(comparison: Comparison, variant: str) -> str:
    """Say how many outcomes of a variant differ, one by one and all together."""
    rows = [row for row in comparison.differences.to_dicts() if row["variant"] == variant]
    family = [row for row in rows if row["p_value"] is not None]
    level = 1.0 - comparison.about["confidence"]
    singly = sum(row["p_value"] < level for row in family)
    surely = sum(row["p_holm"] < level for row in family)
    share = percent(comparison.about["confidence"])
    if not family:
        return t("No outcome varies between pairs, so that there is nothing to test.")
    if not surely:
        sentence = phrase(
            "Of {all} outcomes that vary between pairs, {singly} differ by their own {share} "
            "interval and none by Holm's adjustment for so many: it may all be luck."
        )
    elif surely == 1:
        sentence = phrase(
            "Of {all} outcomes that vary between pairs, {singly} differ by their own {share} "
            "interval and {surely} by Holm's adjustment: it is real with {share} confidence."
        )
    else:
        sentence = phrase(
            "Of {all} outcomes that vary between pairs, {singly} differ by their own {share} "
            "interval and {surely} by Holm's adjustment: these {surely} are all real with {share} "
            "confidence."
        )
    numbers = {"all": len(family), "singly": singly, "surely": surely, "share": share}
    return t(sentence, **{name: numbers[name] for name in numbers if f"{{{name}}}" in sentence})


def cost_rows(comparison: Comparison, variant: str) -> list[Row]:
    """Return what one unit of each effect of a variant costs."""
    return [
        Row(
            (
                t(row["bought"]),
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
        runs = row["replicates"]
        cells = (
            _group(row["group"], runs, comparison.replicates),
            f"{row['households']:,.0f}",
            quantity(row["base_income_yuan"], "yuan"),
            quantity(row["difference_yuan"], "yuan", signed=True),
            span(row["low"], row["high"], "yuan"),
            percent(row["gaining_share"]),
            percent(row["losing_share"]),
        )
        verdict = "better" if row["low"] > 0.0 else "worse" if row["high"] < 0.0 else ""
        grouping = grouping_text(comparison, variant, row["grouping"])
        found.setdefault(grouping, []).append(Row(cells, verdict))
    return found


def _group(group: str, runs: int, replicates: int) -> str:
    if runs == replicates:
        return t(group)
    return t("{group} (in {runs} runs)", group=t(group), runs=runs)


def grouping_text(comparison: Comparison, variant: str, grouping: str) -> str:
    """Return by what households are grouped, in words."""
    if grouping != BEFORE:
        return grouping
    before = str(comparison.about["income_before"].get(variant, grouping))
    return retold(before, BEFORE_TEXTS)


def remarks(comparison: Comparison) -> list[str]:
    """Return what a reader must know to understand the tables."""
    about = comparison.about
    width = about["width"]
    year = about["last_year"]
    of_year = t("; numbers of a year are those of {year}", year=year) if year is not None else ""
    count = about["replicates"]
    found = [
        t(
            "Money in yuan, differences of shares in percentage points{of_year}. Fifths, Gini and "
            "the poor are of all households that are there, incomers too.",
            of_year=of_year,
        ),
        t(
            "{count} pairs of runs, seeds {first} to {last}{stored}. {method}.",
            count=count,
            first=about["seed"],
            last=about["seed"] + count - 1,
            stored="" if about["runs"] == "new" else f", {about['runs']}",
            method=t(about["method"]),
        ),
        *seeds_remark(about["seed"], count),
        t(
            "Verdict: better, worse, more or less holds for all outcomes of the variant together, "
            "by Holm's adjustment; with a question mark, by the interval of this outcome alone. "
            "Better/same/worse: shares of pairs; more/same/less where nobody can say what is "
            "better."
        ),
        same_remark(phrase("pair"), count, about["confidence"]),
        t(
            "Pairing worth ×10: without the same luck, the same interval takes ten times the runs; "
            "not determined where that hangs on a single pair. Wanted are intervals as wide as "
            "{percent} % of the base's mean, or as asked for.",
            percent=f"{100 * width:g}",
        ),
        t(
            "Crossing and listing: {waited}. Of all others, {left_out}.",
            waited=t(WAITED),
            left_out=t(about["missing"]["all others"]),
        ),
    ]
    if not comparison.effectiveness.is_empty():
        costs = t("Costs are those of the whole run, not discounted; intervals are Fieller's.")
        found.append(costs)
    if not comparison.gains.is_empty():
        found.append(
            t(
                "Local households beside their twins, in {year}; groups by income or savings are "
                "formed before the worlds part; intervals hold group by group; {noticed}.",
                year=year,
                noticed=retold(about["noticed"], (NOTICED,)),
            )
        )
    return found


def same_remark(what: str, count: int, confidence: float) -> str:
    """Say what is known where nothing differed between pairs, or replicates."""
    unseen = percent(share_unseen(count, confidence))
    return t(
        "The same in all: no {what} differed from another in this. With {percent} confidence at "
        "most {unseen} of all seeds would.",
        what=t(what),
        percent=percent(confidence),
        unseen=unseen,
    )


def seeds_remark(seed: int, count: int) -> list[str]:
    """Say if seeds are among those by which the parameters were chosen or judged."""
    used = [
        t(
            "those by which parameters were {what} ({first} to {last})",
            what=t(what),
            first=seeds[0],
            last=seeds[-1],
        )
        for what, seeds in SEEDS_USED.items()
        if seed <= seeds[-1] and seed + count > seeds[0]
    ]
    if not used:
        return []
    return [
        t(
            "Some of these seeds are among {used}; --seed 1001 takes fresh ones.",
            used=t(" and ").join(used),
        )
    ]


def html_of(comparison: Comparison) -> str:
    """Return the comparison as HTML: differences, costs and gains of each variant."""
    parts = []
    for variant in comparison.variants:
        against = t("{variant} against {base}", variant=variant, base=comparison.base)
        parts.append(f"<h4>{escape(against)}</h4>")
        parts.append(
            html_table(heads_of(comparison, DIFFERENCE_HEADS), difference_rows(comparison, variant))
        )
        parts.append(f"<p>{escape(family_text(comparison, variant))}</p>")
        runs = pairing_rows(comparison, variant)
        parts += [html_table(heads_of(comparison, PAIRING_HEADS), runs)] if runs else []
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
        number = f"{sign}{100 * value:.{decimals}f}"
        return number if signed else t("{number} %", number=number)
    if language() != ENGLISH:
        for name, yuan in scales_of_text()[:-1]:
            if max(abs(value), size) >= 2 * yuan:
                return f"{sign}{value / yuan:,.1f}{name[0]}"
    elif max(abs(value), size) >= 2 * _MILLION:
        return f"{sign}{value / _MILLION:,.1f} m"
    return f"{sign}{value:,.{_decimals(value)}f}"


def with_unit(number: str, unit: str) -> str:
    """Return a number with its unit, which shares do not have."""
    return number if unit == "1" else t("{number} {unit}", number=number, unit=t(unit))


def span(low: float, high: float, unit: str, size: float = 0.0, *, is_signed: bool = True) -> str:
    """Return an interval in words."""
    if math.isnan(low):
        return t("not known")
    if low == high:
        return t(_SAME)
    size = max(size, abs(low), abs(high))
    ends = [quantity(end, unit, size, signed=is_signed) for end in (low, high)]
    return t("{low} to {high}", low=ends[0], high=ends[1])


def percent(share: float) -> str:
    """Return a share (0-1) as a percentage."""
    return "–" if math.isnan(share) else t("{number} %", number=f"{100 * share:.0f}")


def times(ratio: float) -> str:
    """Return a ratio of variances; a dash where it is not determined."""
    if math.isnan(ratio):
        return "–"
    if ratio >= _MOST_TIMES:
        return f"×{_MOST_TIMES:,}+"
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
    word = phrase(" (none in {ours} and {theirs} of {runs} runs)")
    if row["missing_rule"] == WAITED:
        word = phrase(" (never in {ours} and {theirs} of {runs} runs)")
    return t(word, ours=ours, theirs=theirs, runs=comparison.replicates)


def _colour(verdict: str) -> str:
    return verdict if verdict in ("better", "worse") else ""


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
