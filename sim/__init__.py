"""How Chinese villages grow into e-commerce villages: an agent-based simulation.

The names below are the public face for notebooks. Each is loaded from its module when it is
first asked for, so that ``import sim`` stays quick.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents import Farmer, Household, Manufacturer, Shop, StoreOperator, Village
    from sim.engine.recorder import Record
    from sim.experiments.attribution import Attribution, attribute
    from sim.experiments.calibrate.fitting import calibrate
    from sim.experiments.check_crn import PairingCheck, check_crn
    from sim.experiments.compare import Comparison, compare
    from sim.experiments.comparison_folder import read_comparison
    from sim.experiments.discover import Discovery, discover
    from sim.experiments.explain import Explanation, explain
    from sim.experiments.explanation_folder import read_explanation
    from sim.experiments.sensitivity import Sensitivity, sensitivity
    from sim.experiments.survival import Survival, survival
    from sim.experiments.sweep import sweep
    from sim.experiments.sweep_result import SweepResult, read_sweep
    from sim.experiments.trial import Trial, trial
    from sim.model import CommerceModel
    from sim.plots import figures_of
    from sim.results import summary_of, tables_of
    from sim.results.concentration import concentration
    from sim.rules.channels import ChannelOutlook
    from sim.rules.closing import ClosingOutlook
    from sim.rules.labour import HiringOutlook
    from sim.rules.opening import OpeningOutlook
    from sim.rules.pricing import PriceOutlook
    from sim.scenario import Scenario, list_policies, list_scenarios, load_scenario

__all__ = [
    "Attribution",
    "ChannelOutlook",
    "ClosingOutlook",
    "CommerceModel",
    "Comparison",
    "Discovery",
    "Explanation",
    "Farmer",
    "HiringOutlook",
    "Household",
    "Manufacturer",
    "OpeningOutlook",
    "PairingCheck",
    "PriceOutlook",
    "Record",
    "Scenario",
    "Sensitivity",
    "Shop",
    "StoreOperator",
    "Survival",
    "SweepResult",
    "Trial",
    "Village",
    "attribute",
    "calibrate",
    "check_crn",
    "compare",
    "concentration",
    "discover",
    "explain",
    "figures_of",
    "list_policies",
    "list_scenarios",
    "load_scenario",
    "read_comparison",
    "read_explanation",
    "read_sweep",
    "sensitivity",
    "summary_of",
    "survival",
    "sweep",
    "tables_of",
    "trial",
]

_MODULES = {
    "Attribution": "sim.experiments.attribution",
    "ChannelOutlook": "sim.rules.channels",
    "ClosingOutlook": "sim.rules.closing",
    "CommerceModel": "sim.model",
    "Comparison": "sim.experiments.compare",
    "Discovery": "sim.experiments.discover",
    "Explanation": "sim.experiments.explain",
    "Farmer": "sim.agents",
    "HiringOutlook": "sim.rules.labour",
    "Household": "sim.agents",
    "Manufacturer": "sim.agents",
    "OpeningOutlook": "sim.rules.opening",
    "PairingCheck": "sim.experiments.check_crn",
    "PriceOutlook": "sim.rules.pricing",
    "Record": "sim.engine.recorder",
    "Scenario": "sim.scenario",
    "Sensitivity": "sim.experiments.sensitivity",
    "Shop": "sim.agents",
    "StoreOperator": "sim.agents",
    "Survival": "sim.experiments.survival",
    "SweepResult": "sim.experiments.sweep_result",
    "Trial": "sim.experiments.trial",
    "Village": "sim.agents",
    "attribute": "sim.experiments.attribution",
    "calibrate": "sim.experiments.calibrate.fitting",
    "check_crn": "sim.experiments.check_crn",
    "compare": "sim.experiments.compare",
    "concentration": "sim.results.concentration",
    "discover": "sim.experiments.discover",
    "explain": "sim.experiments.explain",
    "figures_of": "sim.plots",
    "list_policies": "sim.scenario",
    "list_scenarios": "sim.scenario",
    "load_scenario": "sim.scenario",
    "read_comparison": "sim.experiments.comparison_folder",
    "read_explanation": "sim.experiments.explanation_folder",
    "read_sweep": "sim.experiments.sweep_result",
    "sensitivity": "sim.experiments.sensitivity",
    "summary_of": "sim.results",
    "survival": "sim.experiments.survival",
    "sweep": "sim.experiments.sweep",
    "tables_of": "sim.results",
    "trial": "sim.experiments.trial",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """List the public names besides those already loaded."""
    return sorted({*globals(), *__all__})
