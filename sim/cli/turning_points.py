"""The few events of a run that its story is told by."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sim.observer.observer import MOST_FIRST_STORES
from sim.results.event_texts import event_text
from sim.results.record import RunRecord
from sim.words import enumerated, in_brackets, named, phrase, t
from sim.world.calendar import date_of

FEW_VILLAGES: Final = 3
"""Up to so many villages, each one's events are told; beyond, the first of each kind."""
MOST_OF_A_KIND: Final = 6

_BEGINS: Final = phrase("{policy} begins")
_ENDS: Final = phrase("{policy} ends")
_STYLES: Final = {"crossed": "bold green", "listed": "green", "lost": "red"}
_MILESTONES: Final = {
    "first_store": phrase("the first order of a store"),
    "crossed": phrase("both thresholds passed"),
    "listed": phrase("on the list of e-commerce villages"),
}


class TurningPoint(NamedTuple):
    """One line of the story."""

    day: date | None
    """None if it has not come."""
    text: str
    style: str = ""


def turning_points(record: RunRecord) -> list[TurningPoint]:
    """Return what to tell, in order; milestones that were never reached come last."""
    by_kind: dict[str, list[Any]] = {}
    for event in record.events:
        by_kind.setdefault(event.kind, []).append(event)
    by_kind.pop("policy", None)  # told below, with all its services in one line
    most = MOST_OF_A_KIND if len(record.villages) <= FEW_VILLAGES else 1
    told = [point for kind in by_kind for point in _of_kind(kind, by_kind[kind], most)]
    told += policy_points(record)
    told.sort(key=lambda point: point.day or date.max)
    missing = [kind for kind in _MILESTONES if kind not in by_kind]
    if len(record.villages) > MOST_FIRST_STORES and "first_store" in missing:
        missing.remove("first_store")  # in so many villages it is no event
    return told + [TurningPoint(None, t(_MILESTONES[kind]), "dim") for kind in missing]


def _of_kind(kind: str, events: list[Any], most: int) -> Iterator[TurningPoint]:
    """Give the first events of a kind; the last one given counts those left out."""
    more = len(events) - most
    for place, event in enumerate(events[:most], start=1):
        rest = ""
        if more > 0 and place == most:
            rest = t(" (and {number} more)", number=f"{more:,}")
        yield TurningPoint(date_of(event.day), event_text(event.text) + rest, _STYLES.get(kind, ""))


def policy_points(record: RunRecord) -> list[TurningPoint]:
    """Return the starts and ends of policies inside the run, services of a day in one line."""
    parts: dict[tuple[date, str, str], list[str]] = {}
    for policy in record.scenario.policies:
        for measure in policy.measures():
            for day, verb in ((measure.start, _BEGINS), (measure.end, _ENDS)):
                if day is not None and record.scenario.start <= day <= record.end:
                    of_day = parts.setdefault((day, policy.name, verb), [])
                    of_day += [t(measure.part.replace("_", " "))] if measure.part else []
    return [
        TurningPoint(day, t(verb, policy=named(name)) + _of(of), "cyan")
        for (day, name, verb), of in parts.items()
    ]


def _of(services: Sequence[str]) -> str:
    return in_brackets(enumerated(services)) if services else ""
