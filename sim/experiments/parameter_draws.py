"""Parameters that may be true: draws of what was fitted, and of what is assumed over its range."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import ScenarioError
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.priors import Prior, parameters_of
from sim.experiments.posterior import POSTERIOR_FILE, draws_in

BEHAVIOUR: Final = "behaviour."
"""Before the registry's plain names, in the keys of a scenario."""
NO_POSTERIOR: Final = "the registry: no posterior is there"


def parameter_draws(
    count: int, assumed: Sequence[str] = (), posterior: Path | str | None = None
) -> tuple[str, list[dict[str, float]]]:
    """Return where parameters come from, and changes of a scenario for each draw.

    Parameters
    ----------
    count : int
        How many draws.
    assumed : sequence of str
        Parameters that are drawn from all of their range, whatever was fitted, as a calibration
        believes of them beforehand (see `sim.experiments.calibrate.priors`): names of the
        registry, or with ``*`` for goods that are tied.
    posterior : Path or str, optional
        A file of draws, as `calibrate` writes them; that of the package if there is one.

    Raises
    ------
    ScenarioError
        If a name is not that of a parameter with a range.
    DataError
        If the file is missing or damaged.
    """
    if isinstance(assumed, str):
        raise ScenarioError("assumed", "", assumed, "a list of names")
    priors = [_prior(name) for name in assumed]
    path = POSTERIOR_FILE if posterior is None else Path(posterior)
    if posterior is None and not path.is_file():
        source, fitted = NO_POSTERIOR, [dict[str, float]() for _ in range(count)]
    else:
        source, fitted = path.name, draws_in(path, count)
    for prior in priors:
        name = prior.path.removeprefix(BEHAVIOUR)
        order = np.argsort([uniform(0, f"order of {name}", n) for n in range(count)])
        for place, number in enumerate(order.tolist()):
            # One draw in each part of the range, in an order of its own.
            value = prior.at_place((place + uniform(0, name, number)) / count)
            fitted[number] |= dict.fromkeys(prior.keys, value)
    return source, fitted


def _prior(name: str) -> Prior:
    try:
        return parameters_of((name,))[0]
    except ScenarioError as error:
        allowed = "names of parameters with a range"
        raise ScenarioError("assumed", "", name, allowed, error.nearest) from error
