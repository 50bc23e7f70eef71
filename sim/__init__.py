"""How Chinese villages grow into e-commerce villages: an agent-based simulation.

The names below are the public face for notebooks. Each is loaded from its module when it is
first asked for, so that ``import sim`` stays quick.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents import Farmer, Household, Manufacturer, StoreOperator, Village
    from sim.model import CommerceModel
    from sim.scenario import Scenario, load_scenario

__all__ = [
    "CommerceModel",
    "Farmer",
    "Household",
    "Manufacturer",
    "Scenario",
    "StoreOperator",
    "Village",
    "load_scenario",
]

_MODULES = {
    "CommerceModel": "sim.model",
    "Farmer": "sim.agents",
    "Household": "sim.agents",
    "Manufacturer": "sim.agents",
    "Scenario": "sim.scenario",
    "StoreOperator": "sim.agents",
    "Village": "sim.agents",
    "load_scenario": "sim.scenario",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """List the public names besides those already loaded."""
    return sorted({*globals(), *__all__})
