"""An explanation in short tables, for the screen and for notebooks."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from sim.experiments.comparison_text import (
    Row,
    html_table,
    percent,
    quantity,
    same_remark,
    seeds_remark,
    span,
)
from sim.experiments.explain import SHOWN, TOGETHER, Explanation
from sim.experiments.outcome_names import NAMES
from sim.words import ENGLISH, enumerated, language, named, phrase, t

HEADS: Final = (
    "", phrase("value"), phrase("{confidence} interval"), phrase("share"),
    phrase("{confidence}\ninterval"), phrase("alone"), phrase("added\nlast"),
)  # fmt: skip


def heads_of(explanation: Explanation) -> list[str]:
    """Return the heads of the columns."""
    confidence = f"{100 * explanation.about['confidence']:g} %"
    confidence = confidence if language() == ENGLISH else confidence.replace(" ", "")
    return [t(head).replace("{confidence}", confidence) if head else "" for head in HEADS]


def rows_of(explanation: Explanation) -> dict[str, list[Row]]:
    """Return the rows of each outcome that is shown, by what it means and its unit."""
    found: dict[str, list[Row]] = {}
    shown = {name: place for place, name in enumerate(SHOWN)}
    rows = [row for row in explanation.shares.to_dicts() if row["outcome"] in shown]
    sizes = dict.fromkeys(SHOWN, 0.0)
    for row in rows:
        largest = max(abs(row[name]) for name in ("value", "alone", "last"))
        sizes[row["outcome"]] = max(sizes[row["outcome"]], largest)
    for row in sorted(rows, key=lambda row: shown[row["outcome"]]):
        unit, size = row["unit"], sizes[row["outcome"]]
        cells = (
            named(row["policy"]),
            quantity(row["value"], unit, size, signed=True),
            span(row["low"], row["high"], unit, size),
            *_share(row),
            quantity(row["alone"], unit, size, signed=True),
            quantity(row["last"], unit, size, signed=True),
        )
        verdict = ""
        if row["low"] > 0.0 or row["high"] < 0.0:
            is_better = (row["low"] > 0.0) == (row["better"] == "more")
            verdict = "better" if is_better else "worse"
        name = t(NAMES[row["outcome"]])
        heading = t("{outcome}, {unit}", outcome=name, unit=unit if unit == "1" else t(unit))
        heading += missing_text(explanation, row["outcome"])
        found.setdefault(heading, []).append(Row(cells, verdict))
    return found


def missing_text(explanation: Explanation, outcome: str) -> str:
    """Say in how many runs an outcome is missing, in brackets; empty if in none."""
    values = explanation.runs[outcome]
    missing = int(values.is_nan().sum())
    if not missing:
        return ""
    word = phrase(" (none in {missing} of {runs} runs)")
    if outcome.endswith("_after_days"):
        word = phrase(" (never in {missing} of {runs} runs)")
    return t(word, missing=f"{missing:,}", runs=f"{values.len():,}")


def _share(row: dict[str, Any]) -> tuple[str, str]:
    """Return a share of what all do together, and its interval."""
    if row["policy"] == TOGETHER:
        return "", ""
    if row["share"] is None:
        return "–", "–"
    if row["share_low"] == row["share_high"]:
        return percent(row["share"]), t("same in all")
    return percent(row["share"]), t(
        "{low} to {high}", low=f"{100 * row['share_low']:.0f}", high=percent(row["share_high"])
    )


def remarks(explanation: Explanation) -> list[str]:
    """Return what a reader must know to understand the tables."""
    about = explanation.about
    last = about["seed"] + about["replicates"] - 1
    stored = "" if about["runs"] == "new" else f", {about['runs']}"
    return [
        t(
            "{worlds} worlds, each combination of {policies}, with the same luck; {replicates} "
            "replicates, seeds {first} to {last}{stored}.",
            worlds=about["worlds"],
            policies=enumerated(map(named, explanation.policies)),
            replicates=about["replicates"],
            first=about["seed"],
            last=last,
            stored=stored,
        ),
        *seeds_remark(about["seed"], about["replicates"]),
        t(
            "Value: the Shapley value, what a policy adds on average over all orders in which the "
            "policies may come; the values add up to what all do together. Intervals are "
            "Student's, over the replicates, and hold one by one."
        ),
        t(
            "Share: the value as a share of what all do together, with Fieller's interval; a dash "
            "where all together may do nothing, for shares of nothing mean nothing. Alone: what a "
            "policy does where no other is; added last: what it adds to all others."
        ),
        same_remark(phrase("replicate"), about["replicates"], about["confidence"]),
        t("Crossing and listing: {waited}.", waited=t(about["missing"]["crossing and listing"])),
    ]


def html_of(explanation: Explanation) -> str:
    """Return the explanation as HTML."""
    heads: Sequence[str] = heads_of(explanation)
    parts = []
    for heading, rows in rows_of(explanation).items():
        parts += [f"<h4>{escape(heading)}</h4>", html_table(heads, rows)]
    parts += [f"<p><small>{escape(remark)}</small></p>" for remark in remarks(explanation)]
    return "".join(parts)
