"""How orders are handled, shipped and judged."""

from math import exp, floor
from typing import Any

from sim.compiled import rule


@rule
def handling_days(storage: float, b: Any) -> float:
    """Days from order to dispatch [days], >= 0; a storage service (0-1) shortens them.

    Source: assumed, behaviour.toml handling_days, storage_handling_cut.
    """
    return b.handling_days * (1.0 - b.storage_handling_cut * storage)


@rule
def transit_days(platform_days: float, logistics: float, b: Any) -> float:
    """Days on the way [days], at least half a day; a logistics service (0-1) saves some.

    Source: platforms.toml transit_days; saving assumed, behaviour.toml logistics_days_saved.
    """
    return max(0.5, platform_days - b.logistics_days_saved * logistics)


@rule
def capacity_orders_per_day(hands: float, staff: float, orders_per_worker_day: float) -> float:
    """Orders that a shop can handle in a day, >= 0.

    Source: calibrated on jobs per shop, behaviour.toml orders_per_worker_day.
    """
    return (hands + staff) * orders_per_worker_day


@rule
def storeroom_pieces(storage: float, b: Any) -> float:
    """Pieces that an operator can store [pieces], > 0; a storage service (0-1) adds room.

    Source: assumed, behaviour.toml storeroom_pieces, storage_room_gain.
    """
    return b.storeroom_pieces * (1.0 + b.storage_room_gain * storage)


@rule
def minimum_lot_pieces(product_supply: float, b: Any) -> float:
    """Smallest lot that a maker sells to an operator [pieces], at least 1.

    A product-supply service (0-1) brings it down to single pieces (drop-shipping). Halves are
    rounded up.
    Source: assumed, behaviour.toml minimum_lot_pieces.
    """
    return max(1.0, floor(b.minimum_lot_pieces * (1.0 - product_supply) + 0.5))


@rule
def lot_pieces(
    short_pieces: float,
    smallest_lot_pieces: float,
    cover_pieces: float,
    room_pieces: float,
    affordable_pieces: float,
) -> float:
    """Lot that an operator orders [pieces], 0 when the smallest lot cannot be paid.

    Enough for today and for cover_pieces, within the storeroom, within cash and credit. All whole
    numbers >= 0.
    Source: assumed (reorder-up-to rule), behaviour.toml cover_days.
    """
    lot = max(short_pieces, smallest_lot_pieces, cover_pieces)
    lot = min(lot, max(room_pieces, short_pieces))
    paid = min(lot, affordable_pieces)
    if paid < min(smallest_lot_pieces, lot):
        return 0.0
    return paid


@rule
def score(delay_days: float, cancelled_share: float, spoiled_share: float, b: Any) -> float:
    """Buyers' score of a day's orders, between 1 and 5.

    Late, cancelled and spoiled orders cost points.
    Source: assumed, behaviour.toml rating_*.
    """
    points = b.rating_best - b.rating_delay * delay_days
    points -= b.rating_cancel * cancelled_share + b.rating_spoilage * spoiled_share
    return min(max(points, 1.0), 5.0)


@rule
def updated_rating(rating: float, day_score: float, orders: float, b: Any) -> float:
    """Rating after a day's orders, between 1 and 5; moves with the number of orders.

    Source: assumed, behaviour.toml rating_memory_orders.
    """
    return rating + (day_score - rating) * orders / (orders + b.rating_memory_orders)


@rule
def transit_loss_share(days: float, shelf_life_days: float, shape: float) -> float:
    """Share of fruit spoiled on the way, between 0 and 1 (Weibull in time over shelf life).

    days >= 0; shelf_life_days > 0.
    Source: assumed form, behaviour.toml spoilage_shape; shelf lives goods.toml.
    """
    return 1.0 - exp(-((days / shelf_life_days) ** shape))


@rule
def between(without: float, full: float, intensity: float) -> float:
    """Value between `without` and `full` as a service's or policy's intensity goes from 0 to 1.

    Source: definition.
    """
    return without + (full - without) * intensity
