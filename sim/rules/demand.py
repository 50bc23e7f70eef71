"""How buyers share their orders among shops: an attraction model (Bell, Keeney and Little 1975)."""

from math import log
from typing import Any

from sim.compiled import rule


@rule
def log_reputation(orders_shipped: float, b: Any) -> float:
    """Logarithm of the attraction gained by orders shipped so far, >= 0.

    Source: assumed form (rank and reputation grow with sales); behaviour.toml
    attraction_reputation.
    """
    counted = min(orders_shipped, b.reputation_cap_orders)
    return b.attraction_reputation * log(1.0 + counted / b.reputation_orders)


@rule
def log_offer(
    log_appeal: float, knowledge: float, rating: float, transit_loss: float, brand: float, b: Any
) -> float:
    """Logarithm of the attraction of what is offered, apart from price and delivery.

    log_appeal is the shop's luck; knowledge, transit_loss and brand are shares (0-1); rating 1-5.
    Source: calibrated, behaviour.toml appeal_*, attraction_*.
    """
    offer = log_appeal + b.appeal_knowledge * (knowledge - 0.5)
    offer += b.attraction_rating * (rating - b.rating_start)
    return offer - b.attraction_freshness * transit_loss + b.attraction_brand * brand


@rule
def log_price(price_yuan: float, reference_price_yuan: float, price_elasticity: float) -> float:
    """Logarithm of the attraction of the price: 0 at the reference price, less above it.

    Source: constant elasticity; goods.toml price_elasticity (assumed).
    """
    return -price_elasticity * log(price_yuan / reference_price_yuan)


@rule
def log_delivery(delivery_days: float, platform_extra_days: float, b: Any) -> float:
    """Logarithm of the attraction of the delivery time: 0 at the standard, less when slower.

    platform_extra_days are usual on the platform and cost nothing.
    Source: assumed, behaviour.toml attraction_delivery, standard_delivery_days.
    """
    return -b.attraction_delivery * (delivery_days - b.standard_delivery_days - platform_extra_days)


@rule
def crowding_factor(origin_attraction: float, crowding: float) -> float:
    """Factor on each shop's demand from similar shops of the same origin, between 0 and 1.

    Nested attraction: the origin as a whole counts as origin_attraction**crowding.
    0 < crowding <= 1.
    Source: nested logit; exponent calibrated, behaviour.toml crowding.
    """
    return max(origin_attraction, 1.0) ** (crowding - 1.0)


@rule
def inside_attraction(origin_attraction: float, crowding: float) -> float:
    """Attraction with which an origin stands against outside sellers, >= 0.

    Source: as crowding_factor.
    """
    if origin_attraction <= 0.0:
        return 0.0
    return origin_attraction * crowding_factor(origin_attraction, crowding)


@rule
def daily_sales_yuan(
    market_yuan_per_day: float,
    attraction: float,
    crowding: float,
    outside_attraction: float,
    inside_total: float,
) -> float:
    """Sales of a shop on a platform on a day with day factor 1 [yuan/day], >= 0.

    The market times the shop's share of attraction; crowding is the factor of crowding_factor.
    Source: attraction model.
    """
    return market_yuan_per_day * attraction * crowding / (outside_attraction + inside_total)


@rule
def outside_sellers(outside_shops: float, market_index: float, outside_growth: float) -> float:
    """Attraction of sellers elsewhere, in typical shops of 2015, > 0.

    Grows less than in proportion to the market (index, 2015 = 1).
    Source: calibrated, behaviour.toml outside_growth.
    """
    return outside_shops * market_index**outside_growth
