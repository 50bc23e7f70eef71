"""Parameters that may be true: draws of what was fitted, and of what is assumed over its range."""

from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import ScenarioError
from sim.experiments.calibrate.luck import uniform
from sim.experiments.posterior import POSTERIOR_FILE, draws_in
from sim.scenario.fields import nearest
from sim.world.parameters import registry

BEHAVIOUR: Final = "behaviour."
"""Before the registry's plain names, in the keys of a scenario."""
NO_POSTERIOR: Final = "values of the registry: no posterior is there"


def parameter_draws(
    count: int, assumed: tuple[str, ...] = (), posterior: Path | str | None = None
) -> tuple[str, list[dict[str, float]]]:
    """Return where parameters come from, and changes of a scenario for each draw.

    Parameters
    ----------
    count : int
        How many draws.
    assumed : tuple of str
        Parameters that are drawn from all of their range, whatever was fitted: names of the
        registry.
    posterior : Path or str, optional
        A file of draws, as `calibrate` writes them; that of the package if there is one.

    Raises
    ------
    ScenarioError
        If a name is not that of a parameter with a range.
    DataError
        If the file is missing or damaged.
    """
    known = registry()
    for name in assumed:
        if name not in known or known[name].low is None:
            names = [each for each, of in known.items() if of.low is not None]
            allowed = "names of parameters with a range"
            raise ScenarioError("assumed", "", name, allowed, nearest(name, names))
    path = POSTERIOR_FILE if posterior is None else Path(posterior)
    if posterior is None and not path.is_file():
        source, fitted = NO_POSTERIOR, [dict[str, float]() for _ in range(count)]
    else:
        source, fitted = path.name, draws_in(path, count)
    for name in assumed:
        parameter, key = known[name], name if "." in name else f"{BEHAVIOUR}{name}"
        low, high = float(parameter.low or 0.0), float(parameter.high or 0.0)
        order = np.argsort([uniform(0, f"order of {name}", n) for n in range(count)])
        for place, number in enumerate(order.tolist()):
            # One draw in each part of the range, in an order of its own.
            share = (place + uniform(0, name, number)) / count
            fitted[number][key] = low + share * (high - low)
    return source, fitted
