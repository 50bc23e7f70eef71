"""Which events of a run a figure marks, and what it says about them."""

from collections import defaultdict
from datetime import date
from typing import Final

import polars as pl

from sim.plots.marks import CROSSED, LISTED, LOST, POLICY, Look, Mark
from sim.scenario.policy import SERVICES

MOST_POLICIES: Final = 10
"""Policies that get a label of their own; later ones are only counted."""

_KINDS: Final[tuple[tuple[str, str, Look], ...]] = (
    ("crossed", "both thresholds crossed", CROSSED),
    ("listed", "listed", LISTED),
    ("lost", "off the list", LOST),
)
_BEGINS: Final = " begins"


def village_marks(events: pl.DataFrame) -> list[Mark]:
    """Return every crossing, listing and loss of a single village."""
    return [
        Mark(day, f"{words}, {day}", look)
        for kind, words, look in _KINDS
        for day in events.filter(pl.col("kind") == kind)["date"].sort()
    ]


def first_marks(events: pl.DataFrame) -> list[Mark]:
    """Return the first crossing and the first listing among many villages."""
    marks = []
    for kind, words, look in (("crossed", "to cross", CROSSED), ("listed", "on the list", LISTED)):
        of_kind = events.filter(pl.col("kind") == kind).sort("date", maintain_order=True)
        if of_kind.is_empty():
            continue
        day = of_kind["date"][0]
        names = of_kind.filter(pl.col("date") == day)["village"].to_list()
        who = names[0] if len(names) == 1 else f"{len(names)} villages"
        marks.append(Mark(day, f"first {words}: {who}, {day}", look))
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
        name = policy if "" in services else f"{policy}: {', '.join(services)}"
        marks.append(Mark(max(day, first), f"{name}, {day}", POLICY))
    more = len(starts) - MOST_POLICIES
    if more > 0:
        day = list(starts)[MOST_POLICIES][0]
        marks.append(Mark(max(day, first), f"and {more} more from {day} on", POLICY))
    return marks


def _policy_and_service(text: str) -> tuple[str, str]:
    policy, colon, service = text.rpartition(": ")
    if colon and service in SERVICES:
        return policy, service.replace("_", " ")
    return text, ""
