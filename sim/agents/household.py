"""A household as a Mesa agent: its columns as attributes, its five decisions as methods."""

from typing import Any

import mesa
import numpy as np

from sim.agents.checks import is_amount
from sim.agents.fields import columns_as_fields
from sim.agents.shop import Shop, rows_of_owner
from sim.rules.channels import ChannelOutlook, adds_channel
from sim.rules.closing import ClosingOutlook, wants_to_close
from sim.rules.labour import HiringOutlook, choose_staff
from sim.rules.opening import OpeningOutlook, wants_to_open
from sim.rules.pricing import PriceOutlook, choose_price_yuan
from sim.world.network import (
    ACQUAINTANCES,
    NEIGHBOURS,
    NO_PEER,
    acquaintance_draws,
    acquaintance_offset,
    neighbour_offset,
)
from sim.world.parameters import good_names
from sim.world.records import Month

DECISIONS = ("wants_to_open", "wants_to_close", "choose_price", "choose_channels", "hire")
"""Methods that a subclass may override; for all others the engine uses the compiled rules."""
KIND_NAMES = ("farmer", "manufacturer", "operator", "incomer")
"""Names of the kinds of households, by number."""


@columns_as_fields("households")
class Household(mesa.Agent):
    """A household: a view of one row of the table of households.

    Every column is an attribute to read, and to change unless it counts or finds something
    (docs/columns.md). Override one of the five decisions in a subclass and hand the class to
    `CommerceModel`, or change single households with `CommerceModel.convert`: the engine then asks
    them and no one else.
    """

    def __init__(self, model: Any, row: int, village_number: int, kind: int, number: int) -> None:
        super().__init__(model)
        self.row = row
        self.village_number = village_number
        self.kind = kind
        """0 farmer, 1 manufacturer, 2 operator, 3 incomer."""
        self.number = number
        """Place among the village's households of its kind, from 0 on."""

    @property
    def state(self) -> Any:
        """The model's state."""
        return self.model.simulation.state

    @property
    def parameters(self) -> Any:
        """The behavioural parameters, as rules take them; ``parameters["open_gain"]`` is one."""
        return self.model.simulation.terms.b[0]

    @property
    def kind_name(self) -> str:
        """Its kind in words, as tables have it: farmer, manufacturer, operator or incomer."""
        return KIND_NAMES[self.kind]

    @property
    def village(self) -> Any:
        """The village it lives in."""
        return self.model.villages[self.village_number]

    @property
    def shop_rows(self) -> np.ndarray:
        """Rows of its open shops, in the order of opening."""
        if self.state.households["shops"][self.row] == 0:
            return np.empty(0, np.int64)
        return rows_of_owner(self.state, self.village_number, self.row)

    @property
    def stores(self) -> list[Shop]:
        """Its open shops, in the order of opening."""
        return [Shop(self, int(self.state.shops["ordinal"][row])) for row in self.shop_rows]

    @property
    def good_name(self) -> str | None:
        """Name of the good of its trade, None before an operator has chosen."""
        slot = int(self.state.households["slot"][self.row])
        if slot < 0:
            return None
        return good_names()[int(self.state.villages["good_of_slot"][self.village_number, slot])]

    @property
    def peers(self) -> list["Household"]:
        """Households of its village that it observes: four neighbours, four acquaintances.

        Fewer where there are none; one met twice stands twice. A neighbouring room without an
        incomer may be among them, but counts for nothing in what the household knows.
        """
        v, villages = self.village_number, self.state.villages
        counts = villages["kind_count"][v]
        own = self.row - int(villages["first_household"][v])
        offsets = [neighbour_offset(k, self.kind, self.number, counts) for k in range(NEIGHBOURS)]
        for place in range(ACQUAINTANCES):
            u = acquaintance_draws(
                self.model.seed, villages["key"][v], self.kind, self.number, place
            )
            offsets.append(acquaintance_offset(u, own, counts))
        households = self.model.households_of(v)
        return [households[offset] for offset in offsets if offset != NO_PEER]

    def wants_to_open(self, outlook: OpeningOutlook) -> bool:
        """Whether to open a shop this month.

        Called on the first of each month for a household that lives in the village and is
        connected. `outlook` is what it knows (see OpeningOutlook); return True or False. A True is
        carried out even without the means; test ``outlook.means_yuan >= outlook.need_yuan``.
        """
        return bool(wants_to_open(outlook, self.parameters))

    def wants_to_close(self, shop: Shop, outlook: ClosingOutlook) -> bool:
        """Whether to close `shop` this month; called on the first of each month for each shop."""
        return bool(wants_to_close(outlook, self.parameters))

    def choose_price(self, shop: Shop, outlook: PriceOutlook) -> float:
        """Price of an order for the month [yuan], above 0; called on the first for each shop."""
        return float(choose_price_yuan(outlook, self.parameters))

    def choose_channels(self, shop: Shop, outlooks: list[ChannelOutlook]) -> list[int]:
        """Numbers of the platforms to join this month.

        Called on the first of each month for each shop, with an outlook for each platform that it
        is not on; return those to join, whose deposits are then paid.
        """
        return [o.platform for o in outlooks if adds_channel(o, self.parameters)]

    def hire(self, shop: Shop, outlook: HiringOutlook) -> int:
        """Hired workers for the month, a whole number from 0 on.

        Called on the first of each month for each shop.
        """
        return int(choose_staff(outlook, self.parameters))

    def pay(self, yuan: float, to: Any) -> None:
        """Pay an agent of yours, such as a live-streamer; `to.cash_yuan` grows by it.

        Raises
        ------
        ValueError
            If `yuan` is not an amount from 0 on.
        """
        if not is_amount(yuan):
            raise ValueError(f"yuan = {yuan}: an amount from 0 on")
        self.cash_yuan -= yuan
        self.state.month[self.village_number, Month.AGENTS_YUAN] -= yuan
        to.cash_yuan += yuan

    def __repr__(self) -> str:
        """Name the household by its class, number and village."""
        name = self.village.name
        return f"<{type(self).__name__} {self.number} of {name}>"
