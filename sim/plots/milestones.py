"""Which events of a run a figure marks, and what it says about them."""

from collections import defaultdict
from datetime import date
from typing import Final

import polars as pl

from sim.plots.marks import CROSSED, LISTED, LOST, POLICY, Look, Mark
from sim.scenario.policy import SERVICES
from sim.words import dated, enumerated, named, phrase, t

MOST_POLICIES: Final = 10
"""Policies that get a label of their own; later ones are only counted."""

_KINDS: Final[tuple[tuple[str, str, Look], ...]] = (
    ("crossed", phrase("both thresholds crossed"), CROSSED),
    ("listed", phrase("listed"), LISTED),
    ("lost", phrase("off the list"), LOST),
)
_FIRSTS: Final[tuple[tuple[str, str, Look], ...]] = (
    ("crossed", phrase("first to cross: {who}"), CROSSED),
    ("listed", phrase("first on the list: {who}"), LISTED),
)
_BEGINS: Final = " begins"


def village_marks(events: pl.DataFrame) -> list[Mark]:
    """Return every crossing, listing and loss of a single village."""
    return [
        Mark(day, _dated(t(words), day), look)
        for kind, words, look in _KINDS
        for day in events.filter(pl.col("kind") == kind)["date"].sort()
    ]


def first_marks(events: pl.DataFrame) -> list[Mark]:
    """Return the first crossing and the first listing among many villages."""
    marks = []
    for kind, words, look in _FIRSTS:
        of_kind = events.filter(pl.col("kind") == kind).sort("date", maintain_order=True)
        if of_kind.is_empty():
            continue
        day = of_kind["date"][0]
        names = of_kind.filter(pl.col("date") == day)["village"].to_list()
        who = names[0] if len(names) == 1 else t("{number} villages", number=len(names))
        marks.append(Mark(day, _dated(t(words, who=who), day), look))
    return marks


def policy_marks(events: pl.DataFrame, first: date) -> list[Mark]:
    """Return the starts of policies, a platform and its services of the same day as one.

    Parameters
    ----------
    events : polars.DataFrame
        The events of a run.
    first : date
        First day shown; what began before is marked there.
    """
    starts: dict[tuple[date, str], list[str]] = defaultdict(list)
    of_kind = events.filter(pl.col("kind") == "policy").sort("date", maintain_order=True)
    for day, text in of_kind.select("date", "text").iter_rows():
        policy, service = _policy_and_service(text.removesuffix(_BEGINS))
        starts[day, policy].append(service)
    marks = []
    for (day, policy), services in list(starts.items())[:MOST_POLICIES]:
        name = named(policy)
        if "" not in services:
            parts = enumerated([t(service) for service in services])
            name = t("{policy}: {services}", policy=name, services=parts)
        marks.append(Mark(max(day, first), _dated(name, day), POLICY))
    more = len(starts) - MOST_POLICIES
    if more > 0:
        day = list(starts)[MOST_POLICIES][0]
        marks.append(
            Mark(
                max(day, first),
                t("and {number} more from {day} on", number=more, day=dated(day)),
                POLICY,
            )
        )
    return marks


def _dated(what: str, day: date) -> str:
    return t("{what}, {day}", what=what, day=dated(day))


def _policy_and_service(text: str) -> tuple[str, str]:
    policy, colon, service = text.rpartition(": ")
    if colon and service in SERVICES:
        return policy, service.replace("_", " ")
    return text, ""
