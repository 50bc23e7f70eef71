"""A village, seen as an object."""

from typing import Any

from mesa.agentset import AgentSet

from sim.agents.fields import columns_as_fields
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OPERATOR
from sim.world.register import RegisteredVillage


@columns_as_fields("villages")
class Village:
    """A view of one village; every column of villages is an attribute (docs/columns.md)."""

    def __init__(self, model: Any, number: int) -> None:
        self.model = model
        self.row = number
        self.name = model.simulation.register.names[number]

    @property
    def entry(self) -> RegisteredVillage:
        """Where it is and how many live there."""
        found: RegisteredVillage = self.model.simulation.register[self.row]
        return found

    @property
    def state(self) -> Any:
        """The model's state."""
        return self.model.simulation.state

    def _of_kinds(self, *kinds: int) -> AgentSet:
        return AgentSet(
            [a for a in self.model.households_of(self.row) if a.kind in kinds],
            random=self.model.random,
        )

    @property
    def farmers(self) -> AgentSet:
        """Households that grow the crop."""
        return self._of_kinds(FARMER)

    @property
    def manufacturers(self) -> AgentSet:
        """Households that make the product."""
        return self._of_kinds(MANUFACTURER)

    @property
    def store_operators(self) -> AgentSet:
        """Households without production, and incomers' rooms."""
        return self._of_kinds(OPERATOR, INCOMER)

    @property
    def year_sales_yuan(self) -> float:
        """Online sales of the observer's trailing days [yuan]."""
        return float(self.model.observer.trailing_fen[self.row] / 100.0)

    @property
    def active_stores(self) -> int:
        """Stores with an order in the observer's days."""
        return int(self.model.observer.active_stores[self.row])

    @property
    def is_designated(self) -> bool:
        """Whether the rule for e-commerce villages holds today."""
        return bool(self.model.observer.holds[self.row])

    def __repr__(self) -> str:
        """Name the village."""
        return f"<Village {self.name}>"
