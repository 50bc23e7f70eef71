"""The three kinds of household."""

from typing import Any

from sim.agents.checks import is_amount
from sim.agents.fields import columns_as_fields
from sim.agents.household import Household
from sim.world.columns import INCOMER
from sim.world.records import Month


class _Producer(Household):
    """A household with production of its own: a row of the table of producers as well."""

    @property
    def producer_row(self) -> int:
        """Row in the table of producers."""
        villages = self.state.villages
        offset = self.row - int(villages["first_household"][self.village_number])
        return int(villages["first_producer"][self.village_number]) + offset

    def _hand_over(self, quantity: float, yuan_each: float, buyer: Any, field: Month) -> float:
        if not (is_amount(quantity) and is_amount(yuan_each)):
            raise ValueError(f"quantity = {quantity}, price = {yuan_each}: both from 0 on")
        producers, row = self.state.producers, self.producer_row
        sold = min(quantity, float(producers["stock"][row]))
        yuan = sold * yuan_each
        producers["stock"][row] -= sold
        producers["offline_yuan"][row] += yuan
        self.cash_yuan += yuan
        self.income_month_yuan += yuan
        month = self.state.month
        month[self.village_number, Month.AGENTS_YUAN] += yuan
        month[self.village_number, field] += sold
        buyer.cash_yuan -= yuan
        return sold


@columns_as_fields("producers", row="producer_row")
class Farmer(_Producer):
    """A household that grows the village's crop."""

    @property
    def orchard_mu(self) -> float:
        """Area of the orchard [mu]."""
        return float(self.state.producers["output"][self.producer_row])

    def sell(self, kg: float, yuan_per_kg: float, buyer: Any) -> float:
        """Sell premium fruit in stock to an agent of yours, which pays from `cash_yuan`.

        Growers keep fruit overnight only for the orders of their own shops.

        Returns
        -------
        float
            Fruit handed over [kg], at most what is in stock.

        Raises
        ------
        ValueError
            If an amount is not a number from 0 on.
        """
        return self._hand_over(kg, yuan_per_kg, buyer, Month.AGENTS_KG)


@columns_as_fields("producers", row="producer_row")
class Manufacturer(_Producer):
    """A household that makes the village's product."""

    @property
    def capacity_pieces_per_month(self) -> float:
        """Capacity [pieces/month]."""
        return float(self.state.producers["output"][self.producer_row])

    def sell(self, pieces: float, yuan_per_piece: float, buyer: Any) -> float:
        """Sell goods in stock to an agent of yours, which pays from `cash_yuan`.

        Returns
        -------
        float
            Pieces handed over, at most what is in stock.

        Raises
        ------
        ValueError
            If an amount is not a number from 0 on.
        """
        return self._hand_over(pieces, yuan_per_piece, buyer, Month.AGENTS_PIECES)


class StoreOperator(Household):
    """A household without production of its own, or an incomer's room."""

    @property
    def is_incomer(self) -> bool:
        """Whether it came, or may come, from elsewhere."""
        return bool(self.kind == INCOMER)
