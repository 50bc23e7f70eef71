"""One online store, seen as an object."""

from typing import Any

import numpy as np

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
    def year_sales_yuan(self) -> float:
        """Sales of the last twelve complete months [yuan]."""
        return float(self.state.shops["sales_ring_yuan"][self.row].sum())

    def place_orders(self, orders: int, platform: int = 0) -> None:
        """Order from the shop, as a buyer or for buyers; it is served with today's orders.

        Call it from your agent's `step`, which runs in the morning before the day's trade.

        Parameters
        ----------
        orders : int
            Orders to place, at the shop's price.
        platform : int
            Number of the platform; the shop must be on it.

        Raises
        ------
        ValueError
            If `orders` is negative or the shop is not on the platform.
        """
        row, shops = self.row, self.state.shops
        if orders < 0:
            raise ValueError(f"orders = {orders}: a number from 0 on")
        if not 0 <= platform < CHANNELS or not int(shops["channels"][row]) & (1 << platform):
            raise ValueError(f"platform = {platform}: this shop is on {self.platform_names}")
        shops["backlog"][row, platform] += orders
        if orders:
            shops["last_order_day"][row] = self.household.model.simulation.day
        self.state.month[self.household.village_number, Month.ORDERS_PLACED] += orders

    def __repr__(self) -> str:
        """Name the shop by its order of opening and its owner."""
        return f"<Shop {self.opened_before} of {self.household!r}>"


def rows_of_owner(state: Any, village: int, owner: int) -> np.ndarray:
    """Return the rows of a household's open shops, in the order of opening."""
    first = int(state.villages["first_shop"][village])
    last = first + int(state.villages["open_shops"][village])
    return first + np.flatnonzero(state.shops["owner"][first:last] == owner)
