"""What differs between two worlds that must be alike, named: value, owner, day, and draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sim.agents.household import KIND_NAMES
from sim.experiments.matching import Difference, Match, Place
from sim.world.calendar import date_of
from sim.world.draws import (
    TIMELESS,
    VILLAGE_ITSELF,
    Purpose,
    four_uniforms,
    member_id,
    of_four,
    purpose_of,
    uniforms_of_four,
)

DRAWS: Final[dict[str, Purpose]] = {
    "households.members": Purpose.MEMBERS,
    "households.age_years": Purpose.TRAITS,
    "households.schooling_years": Purpose.TRAITS,
    "households.technical_training": Purpose.TRAITS,
    "households.worked_in_city": Purpose.CITY,
    "households.away": Purpose.CITY,
    "households.internet_rank": Purpose.INTERNET,
    "households.job_rank": Purpose.HIRED,
    "households.cash_yuan": Purpose.SAVINGS,
    "households.knowledge": Purpose.TRAITS,
    "producers.output": Purpose.SIZE,
    "producers.skill": Purpose.SIZE,
    "producers.unit_cost_yuan": Purpose.SIZE,
}
"""The draw behind each value of the first morning, in the order in which they are drawn."""
LATER_DRAWS: Final[dict[str, Purpose]] = {
    "villages.first_ripe_day": Purpose.WEATHER,
    "villages.ripe_days": Purpose.WEATHER,
    "villages.yield_index": Purpose.WEATHER,
    "households.trained": Purpose.TRAINING,
    "shops.closed": Purpose.CLOSE,
    "households.present": Purpose.SETTLE,
    "shops.opened": Purpose.OPEN,
    "households.last_opening_day": Purpose.OPEN,
    "households.shops_ever": Purpose.OPEN,
    "households.slot": Purpose.PRODUCT,
    "shops.appeal": Purpose.APPEAL,
    "shops.price_skill": Purpose.APPEAL,
    "shops.caution": Purpose.APPEAL,
    "shops.window_open_day": Purpose.FORECAST,
    "shops.channels": Purpose.CHANNEL,
    "producers.merchants_luck": Purpose.MERCHANTS,
    "shops.last_order_day": Purpose.ORDERS,
    "shops.backlog": Purpose.ORDERS,
    "shops.pieces": Purpose.SUPPLIER,
}
"""The draw that decides about each value later on, in the order of the month."""
DECIDED_ALONE: Final = ("shops.price_yuan", "shops.staff")
"""Values that are decided without a draw."""

_DECISIONS: Final = {
    "households.last_opening_day": "wants_to_open",
    "households.shops_ever": "wants_to_open",
    "shops.opened": "wants_to_open",
    "shops.closed": "wants_to_close",
    "shops.channels": "choose_channels",
    "shops.price_yuan": "choose_price",
    "shops.staff": "hire",
}
"""The method of an agent that decides about each value."""
_BY_FOUR: Final = {Purpose.OPEN, Purpose.SETTLE}
"""Drawn once for four households of a kind in a row."""
_BY_DAY: Final = {Purpose.ORDERS}
_BY_YEAR: Final = {Purpose.WEATHER, Purpose.FORECAST}
_TIMELESS: Final = {Purpose.APPEAL, Purpose.SUPPLIER}
_OF_SHOPS: Final = {
    Purpose.APPEAL,
    Purpose.CLOSE,
    Purpose.ORDERS,
    Purpose.CHANNEL,
    Purpose.FORECAST,
    Purpose.SUPPLIER,
}


@dataclass(frozen=True)
class Fault:
    """The first value that differs where it must not.

    Attributes
    ----------
    day : date
        The first day after which it differs; the day before the first one if it did from the
        start.
    column : str
        Table and column.
    whose : str
        The household, shop or village that has it.
    ours, theirs : object
        The value in the base and in the other world.
    draw : str
        The draw behind it, with its name, owner and day; empty if there is none.
    draw_value : float, optional
        What `sim.world.draws` gives for it, in any world with the seed.
    decision : str
        The method of an agent that decides about it; empty if there is none.
    others : int
        Further columns that differ on that day.
    """

    day: date
    column: str
    whose: str
    ours: Any
    theirs: Any
    draw: str = ""
    draw_value: float | None = None
    decision: str = ""
    others: int = 0

    def __str__(self) -> str:
        """Tell it in a sentence or two."""
        text = (
            f"first difference on {self.day}: {self.column} of {self.whose} is {self.ours!r} in "
            f"the base and {self.theirs!r} in the other world"
        )
        if self.draw:
            text += (
                f"; first draw that differs: {self.draw}, which is {self.draw_value:.6f} with "
                "this seed in every world, so something else was drawn or something reached it"
            )
        if self.decision:
            text += f"; a class of agents may decide it in {self.decision}"
        more = f"; {self.others} further columns differ on that day" if self.others else ""
        return text + more


def fault_of(match: Match, day: int, differences: Sequence[Difference], seed: int) -> Fault:
    """Name what comes first among the values that differ on a day.

    Parameters
    ----------
    match : Match
        Both worlds.
    day : int
        The day; if it has not been run yet, they differ from the start.
    differences : sequence of Difference
        What differs after it.
    seed : int
        Seed of both worlds.
    """
    is_start = match.ours.day == match.ours.start_day
    draws: dict[str, Any] = dict(DRAWS if is_start else LATER_DRAWS)
    order = [*draws, *DECIDED_ALONE]
    first = min(differences, key=lambda each: _rank(each.place, order))
    name = f"{first.place.table}.{first.place.column}"
    draw, value = _draw(match, day, first.place, draws.get(name), seed)
    return Fault(
        date_of(day),
        name,
        _whose(match, first.place),
        first.ours,
        first.theirs,
        draw,
        value,
        "" if is_start else _DECISIONS.get(name, ""),
        len(differences) - 1,
    )


def _rank(place: Place, order: Sequence[str]) -> tuple[int, int]:
    name = f"{place.table}.{place.column}"
    return (order.index(name) if name in order else len(order), place.household)


def _whose(match: Match, place: Place) -> str:
    village = match.ours.register.names[place.village]
    if place.household < 0:
        return village
    household = f"{_household(match, place)} of {village}"
    return household if place.ordinal < 0 else f"shop {place.ordinal} of {household}"


def _household(match: Match, place: Place) -> str:
    return f"{KIND_NAMES[match.kind[place.household]]} {match.number[place.household]}"


def _draw(
    match: Match, day: int, place: Place, purpose: Purpose | None, seed: int
) -> tuple[str, float | None]:
    """Return the draw behind a value in words, and its number."""
    if purpose is None:
        return "", None
    villages = match.ours.state.villages[place.village]
    owner, key = match.ours.register.names[place.village], int(villages["key"])
    at, words = _time(match, day, purpose)
    if place.household < 0:
        drawn = four_uniforms(seed, key, VILLAGE_ITSELF, at, int(purpose))[0]
        return f"{purpose.name} of {owner}{words}", float(drawn)
    kind, number = int(match.kind[place.household]), int(match.number[place.household])
    if purpose in _BY_FOUR:
        four = uniforms_of_four(seed, key, kind, number, at, int(purpose))
        drawn = of_four(four, number)
    else:
        is_shop = purpose in _OF_SHOPS and place.ordinal > 0
        of_shop = purpose_of(int(purpose), place.ordinal) if is_shop else int(purpose)
        drawn = four_uniforms(seed, key, member_id(kind, number), at, of_shop)[0]
    return f"{purpose.name} of {_household(match, place)} of {owner}{words}", float(drawn)


def _time(match: Match, day: int, purpose: Purpose) -> tuple[int, str]:
    """Return the day number of a draw, and words for it."""
    is_start = match.ours.day == match.ours.start_day
    if is_start or purpose in _TIMELESS:
        return TIMELESS, ", drawn once and for all"
    if purpose in _BY_YEAR:
        year = date_of(day).year
        return year, f" for {year}"
    if purpose not in _BY_DAY:
        day = int(match.ours.terms.m["first_day"][0])
    return day, f" on {date_of(day)}"
