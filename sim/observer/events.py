"""What has a date: kept as numbers, told in words when asked for."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.calendar import date_of

KINDS: Final = ("first_store", "crossed", "listed", "lost", "town", "cluster")
"""Kinds of events, in the order in which those of one day are told."""
_FIRST_STORE, _CROSSED, _LISTED, _LOST, _TOWN, _CLUSTER = range(len(KINDS))
_NO_VILLAGE: Final = -1


class Event(NamedTuple):
    """Something worth a date."""

    day: int
    """Days since 2000-01-01."""
    kind: str
    """first_store, crossed, listed, lost, policy, town or cluster."""
    village: int
    """Number of the village; -1 if it is not about one village."""
    text: str


class _Part(NamedTuple):
    """Events of one kind that were noted together."""

    kind: int
    day: NDArray[np.int32]
    place: NDArray[np.int32]
    """Village, town or county."""
    detail: NDArray[np.int32]
    """Whether a village is listed again; the size of a cluster."""


class EventLog:
    """Notes events, a dozen bytes each.

    Parameters
    ----------
    crossing : str
        What is said of a village that crosses.
    villages, towns, counties : sequence of str
        Names by number.
    """

    def __init__(
        self,
        crossing: str,
        villages: Sequence[str],
        towns: Sequence[str],
        counties: Sequence[str],
    ) -> None:
        self._crossing = crossing
        self._villages, self._towns, self._counties = villages, towns, counties
        self._parts: list[_Part] = []

    def note(
        self,
        kind: str,
        day: int | NDArray[np.int32],
        place: NDArray[Any],
        detail: NDArray[Any] | None = None,
    ) -> None:
        """Note events of a kind: their day or days, who they are about and what sets them apart."""
        if place.size == 0:
            return
        days = np.full(place.size, day, np.int32) if isinstance(day, int) else day
        more = np.zeros(place.size, np.int32) if detail is None else detail.astype(np.int32)
        self._parts.append(_Part(KINDS.index(kind), days, place.astype(np.int32), more))

    @property
    def events(self) -> list[Event]:
        """All events by day, those of one day by kind."""
        if not self._parts:
            return []
        kind = np.concatenate([np.full(part.day.size, part.kind) for part in self._parts])
        day, place, detail = (
            np.concatenate([getattr(part, name) for part in self._parts])
            for name in ("day", "place", "detail")
        )
        order = np.lexsort((place, kind, day))
        columns = (column[order].tolist() for column in (kind, day, place, detail))
        return [self._told(*row) for row in zip(*columns, strict=True)]

    def _told(self, kind: int, day: int, place: int, detail: int) -> Event:
        where = f"the list of {date_of(day).year}"
        village = place if kind < _TOWN else _NO_VILLAGE
        names = (self._counties if kind == _CLUSTER else self._towns) if kind >= _TOWN else None
        name = (self._villages if names is None else names)[place]
        said = {
            _FIRST_STORE: "first order of a store",
            _CROSSED: self._crossing,
            _LISTED: f"{'again ' if detail else ''}on {where}",
            _LOST: f"off {where}",
            _TOWN: f"an e-commerce town on {where}",
            _CLUSTER: f"a cluster of {detail} or more villages on {where}",
        }[kind]
        return Event(day, KINDS[kind], village, f"{name}: {said}")
