"""Months in which some households decide in Python instead of by the compiled rules."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import numpy as np

from sim.agents.checks import is_amount, is_whole_number
from sim.agents.household import DECISIONS, Household
from sim.engine.closing import closing_outlook
from sim.engine.decisions import channel_outlook, hiring_outlook, price_outlook
from sim.engine.month import CHANNEL, CLOSE, END, OPEN, PRICE, STAFF
from sim.engine.outlook import opening_outlooks
from sim.engine.simulation import Simulation
from sim.errors import ExtensionError
from sim.rules.opening import OpeningOutlook
from sim.world.columns import CHANNELS, NO_ANSWER

MOST_STAFF = 1_000_000
"""Workers that a shop may hire [persons]."""


def overridden(cls: type) -> frozenset[str]:
    """Names of the decisions that a class of households takes in Python."""
    return frozenset(
        name for name in DECISIONS if getattr(cls, name) is not getattr(Household, name)
    )


class PythonDecisions:
    """Runs the stages of a month's first day and asks some agents on the way.

    Parameters
    ----------
    agents : iterable of Household
        Households that may have overridden decisions.
    ask_all : bool
        Ask every agent for every decision, overridden or not; slower, the same to the last bit.
    """

    def __init__(self, agents: Iterable[Household], ask_all: bool) -> None:
        everything = frozenset(DECISIONS)
        self._asked: dict[str, list[Household]] = {name: [] for name in DECISIONS}
        for agent in agents:
            for name in everything if ask_all else overridden(type(agent)):
                self._asked[name].append(agent)

    def __bool__(self) -> bool:
        """Whether there is anyone to ask."""
        return any(self._asked.values())

    def __call__(self, simulation: Simulation) -> None:
        """Run the stages; see sim.engine.month for their order."""
        simulation.run_stages(0, CLOSE)
        self._ask_shops(simulation, "wants_to_close", self._close)
        simulation.run_stages(CLOSE, OPEN)
        self._ask_to_open(simulation)
        simulation.run_stages(OPEN, OPEN + 1)
        simulation.state.households["opens_answer"] = NO_ANSWER
        simulation.state.villages["is_asked"] = False
        # Family hands are shared out when prices are set, and owners must know them to answer: so
        # prices are set once without them, and again with what they have answered.
        simulation.run_stages(OPEN + 1, CHANNEL)
        self._ask_shops(simulation, "choose_price", self._price)
        simulation.run_stages(PRICE, CHANNEL)
        self._ask_shops(simulation, "choose_channels", self._channels)
        simulation.run_stages(CHANNEL, STAFF)
        self._ask_shops(simulation, "hire", self._staff)
        simulation.run_stages(STAFF, END)

    def _ask_shops(
        self, simulation: Simulation, name: str, ask: Callable[[Simulation, Any, Any], None]
    ) -> None:
        for agent in self._asked[name]:
            for shop in agent.stores:
                ask(simulation, agent, shop)

    def _ask_to_open(self, simulation: Simulation) -> None:
        s = simulation.state
        for village, agents in groupby(self._asked["wants_to_open"], _village_number):
            asked = list(agents)
            rows = np.array([agent.row for agent in asked])
            s.villages["is_asked"][village] = True
            known = np.empty((rows.size, len(OpeningOutlook._fields)))
            offsets = rows - s.villages["first_household"][village]
            opening_outlooks(village, offsets, known, s, simulation.terms)
            for place in np.flatnonzero(~np.isnan(known[:, 0])):
                agent = asked[place]
                answer = agent.wants_to_open(_opening_outlook(known[place].tolist()))
                s.households["opens_answer"][agent.row] = _yes_or_no(agent, "wants_to_open", answer)

    @staticmethod
    def _close(simulation: Simulation, agent: Any, shop: Any) -> None:
        s, row = simulation.state, shop.row
        outlook = closing_outlook(agent.village_number, row, s, simulation.terms)
        answer = agent.wants_to_close(shop, outlook)
        s.shops["closes_answer"][row] = _yes_or_no(agent, "wants_to_close", answer)

    @staticmethod
    def _price(simulation: Simulation, agent: Any, shop: Any) -> None:
        s, row = simulation.state, shop.row
        outlook = price_outlook(agent.village_number, row, s, simulation.terms)
        price = agent.choose_price(shop, outlook)
        if not is_amount(price) or price == 0:
            raise _wrong(agent, "choose_price", price, "a price above 0 [yuan]")
        s.shops["price_answer_yuan"][row] = price

    @staticmethod
    def _channels(simulation: Simulation, agent: Any, shop: Any) -> None:
        s, row = simulation.state, shop.row
        now = int(s.shops["channels"][row])
        outlooks = [
            channel_outlook(agent.village_number, row, k, s, simulation.terms)
            for k in range(CHANNELS)
            if not now & (1 << k)
        ]
        allowed = [o.platform for o in outlooks if o.is_open]
        answer = agent.choose_channels(shop, outlooks)
        is_collection = isinstance(answer, Iterable) and not isinstance(answer, str)
        chosen = list(answer) if is_collection else None
        if chosen is None or any(platform not in allowed for platform in chosen):
            raise _wrong(agent, "choose_channels", answer, f"a list of platforms out of {allowed}")
        for platform in chosen:
            now |= 1 << int(platform)
        s.shops["channels_answer"][row] = now

    @staticmethod
    def _staff(simulation: Simulation, agent: Any, shop: Any) -> None:
        s, row = simulation.state, shop.row
        outlook = hiring_outlook(agent.village_number, row, s, simulation.terms)
        staff = agent.hire(shop, outlook)
        if not is_whole_number(staff) or not 0 <= staff <= MOST_STAFF:
            raise _wrong(agent, "hire", staff, f"a whole number from 0 to {MOST_STAFF:,}")
        s.shops["staff_answer"][row] = staff


def _village_number(agent: Household) -> int:
    return agent.village_number


def _opening_outlook(known: list[float]) -> OpeningOutlook:
    """Return what a household knows from a row of numbers, with yes and no as such."""
    outlook = OpeningOutlook(*known)  # type: ignore[arg-type] # put right in the next line
    return outlook._replace(
        worked_in_city=bool(outlook.worked_in_city),
        is_producer=bool(outlook.is_producer),
        away=bool(outlook.away),
        shops=int(outlook.shops),
    )


def _yes_or_no(agent: Any, name: str, answer: Any) -> bool:
    if not isinstance(answer, bool | np.bool_):
        raise _wrong(agent, name, answer, "True or False")
    return bool(answer)


def _wrong(agent: Any, name: str, given: Any, allowed: str) -> ExtensionError:
    cls = type(agent).__name__
    return ExtensionError(f"{cls}.{name} of {agent!r} returned {given!r}; allowed: {allowed}")
