"""The Mesa face: households as agents that are light views of one row."""

from sim.agents.household import Household
from sim.agents.kinds import Farmer, Manufacturer, StoreOperator
from sim.agents.shop import Shop
from sim.agents.village import Village

__all__ = ["Farmer", "Household", "Manufacturer", "Shop", "StoreOperator", "Village"]
