"""One online store, seen as an object."""

from typing import Any

import numpy as np

from sim.agents.checks import is_whole_number
from sim.agents.fields import columns_as_fields
from sim.world.columns import CHANNELS
from sim.world.parameters import good_names, platform_names
from sim.world.records import Month


@columns_as_fields("shops")
class Shop:
    """A view of one shop, found again by its owner and ordinal after shops have moved.

    Every column of shops is an attribute (docs/columns.md); `owner` is the household's agent.
    """

    def __init__(self, household: Any, ordinal: int) -> None:
        self.household = household
        self.opened_before = ordinal
        """Shops that the household had opened before: with the household it names the shop."""

    @property
    def state(self) -> Any:
        """The model's state."""
        return self.household.state

    @property
    def row(self) -> int:
        """Row of the shop in the table of shops now.

        Raises
        ------
        LookupError
            If the shop has closed.
        """
        for row in self.household.shop_rows:
            if self.state.shops["ordinal"][row] == self.opened_before:
                return int(row)
        raise LookupError(f"shop {self.opened_before} of {self.household!r} has closed")

    @property
    def owner(self) -> Any:
        """The household that owns the shop."""
        return self.household

    @property
    def is_open(self) -> bool:
        """Whether the shop still exists."""
        rows = self.household.shop_rows
        return bool((self.state.shops["ordinal"][rows] == self.opened_before).any())

    @property
    def good_name(self) -> str:
        """Name of the good it sells."""
        return good_names()[int(self.state.shops["good"][self.row])]

    @property
    def platform_names(self) -> tuple[str, ...]:
        """Names of the platforms it is on."""
        bits = int(self.state.shops["channels"][self.row])
        return tuple(name for k, name in enumerate(platform_names()) if bits & (1 << k))

    @property
    def is_selling(self) -> bool:
        """Whether it takes orders today; a shop with fruit does so in its window alone."""
        row, simulation = self.row, self.household.model.simulation
        shops = self.state.shops
        if not simulation.terms.goods["perishable"][shops["good"][row]]:
            return True
        opens, closes = shops["window_open_day"][row], shops["window_close_day"][row]
        return bool(opens <= simulation.day <= closes)

    @property
    def year_sales_yuan(self) -> float:
        """Sales of the last twelve complete months [yuan]."""
        return float(self.state.shops["sales_ring_yuan"][self.row].sum())

    @property
    def year_profit_yuan(self) -> float:
        """Profit of the last twelve complete months [yuan]."""
        return float(self.state.shops["profit_ring_yuan"][self.row].sum())

    def place_orders(self, orders: int, platform: int = 0) -> None:
        """Order from the shop, as a buyer or for buyers; it is served with today's orders.

        Call it from your agent's `step`, which runs in the morning before the day's trade. Orders
        for fruit that are placed before its window (see `is_selling`) wait for it.

        Parameters
        ----------
        orders : int
            Orders to place, at the shop's price.
        platform : int
            Number of the platform; the shop must be on it.

        Raises
        ------
        ValueError
            If `orders` is not a whole number from 0 on, or the shop is not on the platform.
        """
        if not is_whole_number(orders) or orders < 0:
            raise ValueError(f"orders = {orders!r}: a whole number from 0 on")
        row, shops = self.row, self.state.shops
        bits, known = int(shops["channels"][row]), platform_names()
        used = {k: known[k] for k in range(CHANNELS) if bits & (1 << k)}
        if platform not in used:
            names = ", ".join(f"{k} ({name})" for k, name in used.items())
            raise ValueError(f"platform = {platform!r}: this shop is on {names}")
        if orders == 0:
            return
        simulation = self.household.model.simulation
        shops["backlog"][row, platform] += orders
        shops["last_order_day"][row] = simulation.day
        self.state.month[self.household.village_number, Month.ORDERS_PLACED] += orders
        if not simulation.terms.goods["perishable"][shops["good"][row]]:
            # The engine smooths over the orders that it draws itself: s ← s + w (orders - s).
            weight = float(simulation.terms.b[0]["smoothing"])
            if weight < 1.0:
                shops["smoothed_orders_per_day"][row] += orders * weight / (1.0 - weight)

    def __repr__(self) -> str:
        """Name the shop by its order of opening and its owner."""
        return f"<Shop {self.opened_before} of {self.household!r}>"


def rows_of_owner(state: Any, village: int, owner: int) -> np.ndarray:
    """Return the rows of a household's open shops, in the order of opening."""
    first = int(state.villages["first_shop"][village])
    last = first + int(state.villages["open_shops"][village])
    return first + np.flatnonzero(state.shops["owner"][first:last] == owner)
