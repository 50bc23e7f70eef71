"""How a household comes to open a shop: learning, gain, entry cost, the monthly logit."""

from math import exp, inf, log, nan
from typing import Any, NamedTuple

from sim.compiled import rule
from sim.rules.chance import logistic

_ROUNDING = 1e-6
"""Room for the last digits of sums that are taken in another order."""


class OpeningOutlook(NamedTuple):
    """What a household knows on the first of a month when it may open a shop."""

    expected_profit_yuan_per_month: float
    """Average monthly profit that it expects of a shop [yuan/month]."""
    forgone_yuan_per_month: float
    """Wage that its time in the shop costs [yuan/month]."""
    wage_yuan_per_month: float
    """The village's wage [yuan/month]."""
    work_share: float
    """Share of a working year that the shop takes (0-1)."""
    need_yuan: float
    """Money needed to open, after any subsidy [yuan]."""
    means_yuan: float
    """Cash and credit at hand [yuan]."""
    selling_share: float
    """Share of the observed peers that sell (0-1)."""
    knowledge: float
    """Knowledge of e-commerce (0-1)."""
    schooling_years: float
    age_years: float
    worked_in_city: bool
    is_producer: bool
    """The household grows or makes what it would sell."""
    away: bool
    """The head still works in a city."""
    shops: int
    """Shops that the household has already."""
    tradition: float
    """Log-odds by which the village's tradition of trade favours opening; 0 is Cangtian's."""
    u: float
    """The household's uniform number for this decision (0-1)."""


@rule
def expected_profit_yuan_per_month(
    time_worth_yuan_per_month: float,
    peers_selling: float,
    peers_profit_yuan: float,
    village_shops: float,
    village_profit_yuan: float,
    has_shop: bool,
    own_profit_yuan: float,
    nearby_weight: float,
    nearby_profit_yuan: float,
    b: Any,
) -> float:
    """Average monthly profit expected of a shop [yuan/month].

    Weighted mean of a prior, a share of what the time in the shop would earn as wages, and of the
    profits seen with peers (given as their sum), in the village, nearby and in one's own shops.
    nearby_weight 0-1.
    Source: assumed form (weighted social learning); weights calibrated, behaviour.toml learning_*.
    """
    village_weight = (
        b.learning_village * min(village_shops, b.learning_village_shops) / b.learning_village_shops
    )
    nearby = b.learning_nearby * nearby_weight
    own = b.learning_own if has_shop else 0.0
    total = b.learning_prior + b.learning_peer * peers_selling + village_weight + own + nearby
    seen = b.learning_prior * b.prior_profit_wages * time_worth_yuan_per_month
    seen += b.learning_peer * peers_profit_yuan
    seen += village_weight * village_profit_yuan
    if has_shop:
        seen += own * own_profit_yuan
    seen += nearby * nearby_profit_yuan
    return seen / total


@rule
def forgone_yuan_per_month(
    wage_yuan_per_month: float, work_share: float, away: bool, city_wage_premium: float
) -> float:
    """Wage that the time in a shop costs [yuan/month], >= 0.

    A seasonal shop takes only work_share (0-1) of the year; city work pays a premium.
    Source: assumed, behaviour.toml city_wage_premium, goods.toml work_share.
    """
    premium = city_wage_premium if away else 0.0
    return work_share * wage_yuan_per_month * (1.0 + premium)


@rule
def first_lot_yuan(minimum_lot_pieces: float, supply_price_yuan: float) -> float:
    """Goods an operator must buy before the first sale [yuan], >= 0.

    Source: assumed, behaviour.toml minimum_lot_pieces.
    """
    return minimum_lot_pieces * supply_price_yuan


@rule
def need_yuan(
    setup_cost_yuan: float, deposit_yuan: float, lot_yuan: float, subsidy_yuan: float
) -> float:
    """Money needed to open a shop after the start-up subsidy [yuan], >= 0.

    The subsidy covers setup and deposit at most.
    Source: deposit platforms.toml; setup assumed, behaviour.toml setup_cost_yuan.
    """
    return (
        setup_cost_yuan
        + deposit_yuan
        - min(subsidy_yuan, setup_cost_yuan + deposit_yuan)
        + lot_yuan
    )


@rule
def head_utility(o: Any, b: Any) -> float:
    """Log-odds of opening from the head's traits, the shops owned and the village; any number.

    o is an OpeningOutlook.
    Source: traits after Qi et al. 2019 (education positive); weights calibrated or assumed,
    behaviour.toml open_*.
    """
    utility = b.open_knowledge * o.knowledge
    utility += b.open_schooling * (o.schooling_years - 9.0) / 3.0
    utility -= b.open_age * max(0.0, (o.age_years - 30.0) / 10.0)
    if o.worked_in_city:
        utility += b.open_city
    if o.is_producer:
        utility += b.open_producer
    if o.away:
        utility -= b.open_away
    return utility - b.open_span * o.shops + o.tradition


@rule
def opening_probability(o: Any, b: Any) -> float:
    """Chance that a household with the means opens a shop this month, between 0 and 1.

    Logit on perceived gain in wages, peers that sell, the head's traits, and entry cost against a
    year's wages for the time that the shop takes: a shop of a few weeks a year pays it back later.
    o is an OpeningOutlook.
    Source: traits after Qi et al. 2019 (education positive); weights calibrated, behaviour.toml
    open_*.
    """
    gain = (o.expected_profit_yuan_per_month - o.forgone_yuan_per_month) / o.wage_yuan_per_month
    gain = min(max(gain, -2.0), b.gain_limit)
    utility = b.open_intercept + b.open_gain * gain + b.open_imitation * o.selling_share
    utility += head_utility(o, b)
    utility -= b.open_entry_cost * o.need_yuan / (12.0 * o.work_share * o.wage_yuan_per_month)
    return logistic(utility)


@rule
def utility_needed(u: float) -> float:
    """Log-odds that a household with the uniform number u (0-1) must exceed to open a shop.

    Source: definition, the inverse of the logistic function.
    """
    return log(u / (1.0 - u))


@rule
def highest_expected_profit(
    seen_yuan: float, peers_selling: float, peers_profit_yuan: float, b: Any
) -> float:
    """Bound on the profit expected with so many peers that sell [yuan/month].

    seen_yuan is the highest of the prior, the village's, nearby and own profit; the peers earn
    peers_profit_yuan together at most.
    Source: definition, from expected_profit_yuan_per_month.
    """
    pull = b.learning_peer * peers_selling
    expected = b.learning_prior * seen_yuan + b.learning_peer * peers_profit_yuan
    return max(seen_yuan, expected / (b.learning_prior + pull))


@rule
def highest_opening_utility(
    o: Any, expected_yuan: float, forgone_yuan: float, selling_share: float, b: Any
) -> float:
    """Bound on the log-odds of opening, any number.

    The household expects expected_yuan at most, forgoes forgone_yuan at least, and sees a
    selling_share (0-1) at most; of o, an OpeningOutlook, the head's traits, the shops, the wage and
    what is made count. Whoever needs more need not look any further.
    Source: definition, from opening_probability.
    """
    if b.open_entry_cost < 0.0:
        return inf
    gain = (expected_yuan - forgone_yuan) / o.wage_yuan_per_month
    gain = min(max(gain, -2.0), b.gain_limit)
    best = max(b.open_gain * gain, -2.0 * b.open_gain)
    best += max(0.0, b.open_imitation) * selling_share
    return b.open_intercept + best + head_utility(o, b) + _ROUNDING


@rule
def most_willing(
    is_producer: bool, wage_yuan_per_month: float, tradition: float, b: Any
) -> OpeningOutlook:
    """The OpeningOutlook of a head whose traits favour opening most; nan where no trait counts.

    Source: definition, from head_utility.
    """
    shops = 0 if b.open_span >= 0.0 else 127
    return OpeningOutlook(
        nan,
        nan,
        wage_yuan_per_month,
        nan,
        nan,
        nan,
        nan,
        1.0 if b.open_knowledge > 0.0 else 0.0,
        15.0 if b.open_schooling > 0.0 else 0.0,
        30.0 if b.open_age >= 0.0 else 75.0,
        b.open_city > 0.0,
        is_producer,
        b.open_away < 0.0,
        shops,
        tradition,
        nan,
    )


@rule
def wants_to_open(o: Any, b: Any) -> bool:
    """Whether the household opens a shop this month.

    It needs the means, and its uniform number below the opening probability.
    Source: as opening_probability.
    """
    return o.means_yuan >= o.need_yuan and o.u < opening_probability(o, b)


@rule
def settling_probability(
    village_profit_yuan: float,
    wage_yuan_per_month: float,
    services: float,
    village_shops: float,
    b: Any,
) -> float:
    """Chance that an outside operator takes a free room this month, between 0 and 1.

    Logit on what shops earn here, the services offered (mean intensity 0-1) and the shops there.
    Source: assumed form (agglomeration); weights calibrated, behaviour.toml settle_*.
    """
    gain = (village_profit_yuan - wage_yuan_per_month) / wage_yuan_per_month
    gain = min(max(gain, -2.0), b.gain_limit)
    utility = b.settle_intercept + b.settle_gain * gain
    utility += b.settle_services * services
    utility += b.settle_stores * log(1.0 + village_shops)
    return logistic(utility)


@rule
def product_weight(
    mean_profit_yuan: float, wage_yuan_per_month: float, shops: float, supply: float, b: Any
) -> float:
    """Weight with which an operator chooses a good, >= 0.

    Grows with what the good earns and with the shops that already sell it; before there are any,
    supply decides: the share of the village's producers that make it, or less for outside goods.
    Source: assumed form (copying what pays next door); weights calibrated, behaviour.toml choice_*.
    """
    gain = min(max(mean_profit_yuan / wage_yuan_per_month, -2.0), b.gain_limit)
    return exp(b.choice_profit * gain) * (b.choice_base * supply + shops)
