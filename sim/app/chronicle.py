"""The lives of households as dated events, noted month by month from what changes in the state."""

from collections import deque
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.world.columns import CHANNELS, State

MOST_EVENTS: Final = 400_000
"""Events that are remembered; beyond it the oldest months are forgotten."""
_ORDINALS: Final = 1 << 16


class Happening(IntEnum):
    """What can happen to a household."""

    OPENED = 0
    """A shop was opened; of it the ordinal, and the good it sells."""
    CLOSED = 1
    """A shop was closed; its ordinal."""
    JOINED = 2
    """A shop joined a platform; its ordinal, and the platform."""
    HIRED = 3
    """A household without staff hired; how many persons."""
    DISMISSED = 4
    """A household has no staff any more."""
    RETURNED = 5
    """The head came back from the city."""
    ARRIVED = 6
    """An incomer moved into a room."""
    LEFT = 7
    """An incomer moved away."""
    TRAINED = 8
    """The household was reached by e-commerce training."""


class LifeEvent(NamedTuple):
    """One event of one household."""

    day: int
    """Days since 2000-01-01."""
    what: Happening
    ordinal: int
    """The shop, by how many the household had opened before; -1 if it is about none."""
    detail: int
    """Good, platform or persons, by the kind of event; -1 if it has none."""


class OpenShops(NamedTuple):
    """The open shops of all villages, (shops,)."""

    village: NDArray[np.int64]
    row: NDArray[np.int64]


def open_shops(state: State) -> OpenShops:
    """Return the village and the row of every open shop, in order of villages."""
    counts = state.villages["open_shops"].astype(np.int64)
    village = np.repeat(np.arange(counts.size), counts)
    ends = np.cumsum(counts)
    place = np.arange(village.size) - np.repeat(ends - counts, counts)
    return OpenShops(village, state.villages["first_shop"][village] + place)


class _Seen(NamedTuple):
    """What was there when it was last looked at."""

    shops: NDArray[np.int64]
    """Sorted names of open shops: owner and ordinal as one number."""
    channels: NDArray[np.int64]
    staff: NDArray[np.int64]
    """Hired persons of every household."""
    away: NDArray[np.bool_]
    present: NDArray[np.bool_]
    trained: NDArray[np.bool_]


class Chronicle:
    """Notes what happens to households.

    Parameters
    ----------
    state : State
        The state on the first morning.
    most : int
        Events that are remembered.
    """

    def __init__(self, state: State, most: int = MOST_EVENTS) -> None:
        self._most = most
        self._parts: deque[NDArray[np.int64]] = deque()
        self._count = 0
        self._seen = _seen(state)

    def __len__(self) -> int:
        """Return the number of events that are remembered."""
        return self._count

    def observe(self, state: State, first_day: int) -> None:
        """Note what has changed in a month.

        Parameters
        ----------
        state : State
            The state on any day of the month: what is noted changes on its first day alone.
        first_day : int
            First day of the month [days since 2000-01-01].
        """
        before, now = self._seen, _seen(state)
        self._seen = now
        for what, changed in (
            (Happening.RETURNED, before.away & ~now.away & now.present),
            (Happening.ARRIVED, now.present & ~before.present),
            (Happening.TRAINED, now.trained & ~before.trained),
        ):
            self._note(what, np.flatnonzero(changed), first_day)
        self._note_shops(before, now, state, first_day)
        had, has = before.staff > 0, now.staff > 0
        hired = np.flatnonzero(has & ~had)
        self._note(Happening.HIRED, hired, first_day, detail=now.staff[hired])
        self._note(Happening.DISMISSED, np.flatnonzero(had & ~has), first_day)
        left = before.present & ~now.present
        self._note(Happening.LEFT, np.flatnonzero(left), first_day)
        while self._count > self._most:
            self._count -= self._parts.popleft().shape[1]

    def of_household(self, row: int) -> list[LifeEvent]:
        """Return the events of a household, in order.

        Parameters
        ----------
        row : int
            Its row in the table of households.
        """
        found = [part[1:, part[0] == row] for part in self._parts]
        events = np.concatenate(found, axis=1) if found else np.zeros((4, 0), np.int64)
        return [
            LifeEvent(day, Happening(what), ordinal, detail)
            for day, what, ordinal, detail in events.T.tolist()
        ]

    def _note_shops(self, before: _Seen, now: _Seen, state: State, day: int) -> None:
        opened = np.setdiff1d(now.shops, before.shops, assume_unique=True)
        closed = np.setdiff1d(before.shops, now.shops, assume_unique=True)
        rows = open_shops(state).row
        names = _names(state, rows)
        order = np.argsort(names, kind="stable")
        place = rows[order][np.searchsorted(names[order], opened)]
        self._note(
            Happening.OPENED, opened // _ORDINALS, day, opened % _ORDINALS,
            state.shops["good"][place].astype(np.int64),
        )  # fmt: skip
        self._note(Happening.CLOSED, closed // _ORDINALS, day, closed % _ORDINALS)
        earlier = _looked_up(before.shops, before.channels, now.shops)
        for platform in range(CHANNELS):
            joined = now.shops[(now.channels & ~earlier & (1 << platform)) != 0]
            self._note(
                Happening.JOINED, joined // _ORDINALS, day, joined % _ORDINALS,
                np.full(joined.size, platform),
            )  # fmt: skip

    def _note(
        self,
        what: Happening,
        households: NDArray[Any],
        day: int,
        ordinals: NDArray[Any] | None = None,
        detail: NDArray[Any] | None = None,
    ) -> None:
        if households.size == 0:
            return
        none = np.full(households.size, -1)
        columns = (
            households,
            np.full(households.size, day),
            np.full(households.size, int(what)),
            none if ordinals is None else ordinals,
            none if detail is None else detail,
        )
        self._parts.append(np.stack(columns).astype(np.int64))
        self._count += households.size


def _names(state: State, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return owner and ordinal of shops as one number each."""
    owner = state.shops["owner"][rows].astype(np.int64)
    names: NDArray[np.int64] = owner * _ORDINALS + state.shops["ordinal"][rows]
    return names


def _seen(state: State) -> _Seen:
    rows = open_shops(state).row
    names = _names(state, rows)
    order = np.argsort(names, kind="stable")
    staff = np.zeros(state.households.size, np.int64)
    np.add.at(staff, state.shops["owner"][rows], state.shops["staff"][rows])
    households = state.households
    return _Seen(
        names[order],
        state.shops["channels"][rows][order].astype(np.int64),
        staff,
        households["away"].copy(),
        households["present"].copy(),
        households["trained"].copy(),
    )


def _looked_up(
    names: NDArray[np.int64], values: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the values that belong to some names; 0 for names that are not there."""
    if names.size == 0:
        return np.zeros(wanted.size, np.int64)
    place = np.minimum(np.searchsorted(names, wanted), names.size - 1)
    return np.where(names[place] == wanted, values[place], 0)
