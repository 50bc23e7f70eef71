"""The model with a part of it taken out, so that one sees what the part is good for.

Parameters are those of the whole model: nothing is fitted again. So an ablation tells what a part
does in the model that was fitted, not how well another model without it could be fitted.

``no_imitation``
    What households see of peers who sell, of shops in their village and of those nearby counts
    nothing, neither for opening, nor for settling, nor for the choice of a product. What they have
    tried themselves does.
``frozen_drivers``
    Retail, exports, parcel prices, internet, incomes, the exchange rate and trends of prices stay
    as they stood in the last year that was fitted: what comes after, the model does by itself.
``random_villages``
    What a county makes and how rich it is neither favour opening a shop nor decide where makers
    are. Traditions of trade vary as much between counties as before (the standard deviation of
    log-odds, and the mean of odds), but by luck alone; as many villages make something, anywhere.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.scenario import Scenario
from sim.scenario.fields import listed, nearest
from sim.world.area import Area
from sim.world.drawn_counties import Counties, counties_of
from sim.world.drawn_trades import trade_shares
from sim.world.parameters import geography

USUAL: Final = "usual"
NO_IMITATION: Final = "no_imitation"
FROZEN_DRIVERS: Final = "frozen_drivers"
RANDOM_VILLAGES: Final = "random_villages"
ABLATIONS: Final = (NO_IMITATION, FROZEN_DRIVERS, RANDOM_VILLAGES)
VARIANTS: Final = (USUAL, *ABLATIONS)
"""The whole model, and the model without a part."""

_UNSEEN: Final = (
    "open_imitation", "learning_peer", "learning_village", "learning_nearby",
    "settle_gain", "settle_stores", "hearsay_town", "hearsay_neighbours", "hearsay_county",
)  # fmt: skip
"""Parameters that are zero without imitation."""
_SHOPS_THAT_ARE_NOT_COPIED: Final = 1e9
"""Weight of supply in the choice of a product beside which existing shops are nothing."""
_STRENGTHS: Final = (1, 2, 3)


def changes_without(variant: str, scenario: Scenario) -> dict[str, float]:
    """Return the changes of a scenario that take a part of the model out.

    Parameters
    ----------
    variant : str
        One of `VARIANTS`. The whole model needs no change, and frozen drivers are no change of a
        scenario (`sim.experiments.frozen_drivers`).
    scenario : Scenario
        The scenario as it is run, its map and its parameters included.

    Raises
    ------
    ScenarioError
        If there is no such variant.
    """
    if variant not in VARIANTS:
        raise ScenarioError("ablation", "", variant, listed(VARIANTS), nearest(variant, VARIANTS))
    if variant == NO_IMITATION:
        off = {f"behaviour.{name}": 0.0 for name in _UNSEEN}
        return off | {"behaviour.choice_base": _SHOPS_THAT_ARE_NOT_COPIED}
    if variant == RANDOM_VILLAGES and scenario.region is not None:
        return _without_trades(scenario)
    return {}


def _without_trades(scenario: Scenario) -> dict[str, float]:
    """Return the geography of a region in which counties differ by luck alone."""
    region = scenario.region
    if region is None:
        return {}
    usual = geography(scenario.geography)
    known = usual | {"tradition_mean": 0.0, "tradition_sd_county": 0.0}
    # Of the whole region, for what thinning leaves is a draw of it.
    counties = counties_of(Area(region.within, 1.0, region.seed), known, None)
    weight = counties.villages / counties.villages.sum()
    mean, sd = _normal_like(counties.tradition, weight)
    shares = {f"trade_share_{name}": value for name, value in _even_shares(counties, usual).items()}
    changes = shares | {
        "tradition_of_trade": 0.0,
        "tradition_of_income": 0.0,
        "tradition_mean": usual["tradition_mean"] + mean,
        "tradition_sd_county": float(np.hypot(usual["tradition_sd_county"], sd)),
    }
    return {f"geography.{name}": value for name, value in changes.items()}


def _even_shares(counties: Counties, usual: dict[str, float]) -> dict[str, float]:
    """Return shares of villages that make a good which are the same in every county on average."""
    weight = counties.villages / counties.villages.sum()
    in_county = np.minimum(trade_shares(counties.strength, usual).sum(axis=1), 1.0)
    share = float(in_county @ weight)
    goods = (counties.strength > 0).sum(axis=1)
    are_known = goods > 0
    of_good = share
    if are_known.any():  # a county that is known for several makes each of them
        of_good = share * float(weight[are_known].sum() / (goods * weight)[are_known].sum())
    return {f"strength_{step}": of_good for step in _STRENGTHS} | {"elsewhere": share}


def _normal_like(log_odds: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and spread of normal log-odds with the same spread and the same mean of odds."""
    sd = float(np.sqrt(((log_odds - log_odds @ weight) ** 2) @ weight))
    return float(np.log(np.exp(log_odds) @ weight)) - 0.5 * sd**2, sd
