"""How fruit ripens, keeps and fetches its price."""

from sim.compiled import rule


@rule
def ripening_share(day: int, days: int) -> float:
    """Share of the year's fruit that ripens on the day (1 is the first), between 0 and 1.

    A parabola over the window that sums to exactly 1; 0 outside it. days >= 1.
    Source: assumed shape; window length goods.toml window_days.
    """
    if day < 1 or day > days:
        return 0.0
    n = float(days)
    return (day - 0.5) * (n - day + 0.5) / (n * n * n / 6.0 + n / 12.0)


@rule
def spoiled_kg(stock_kg: float, age_days: float, shelf_life_days: float) -> float:
    """Kept fruit that spoils overnight [kg], between 0 and stock_kg.

    One shelf-life-th of the stock a day until the shelf life, then all of it.
    stock_kg >= 0; age_days >= 0; shelf_life_days >= 1.
    Source: assumed form; shelf lives goods.toml (2-3 days at room temperature, 1-2 weeks near 0 C).
    """
    if age_days >= shelf_life_days:
        return stock_kg
    return stock_kg / shelf_life_days


@rule
def picks_common(expected_price_yuan_per_kg: float, picking_cost_yuan_per_kg: float) -> bool:
    """Whether a grower picks common fruit today: the price of yesterday covers the picking.

    Source: in big years picking common fruit costs more than it fetches and part stays on the tree.
    """
    return expected_price_yuan_per_kg >= picking_cost_yuan_per_kg


@rule
def wholesale_price_ratio(
    supply_kg: float, reference_supply_kg: float, exponent: float, lowest: float, highest: float
) -> float:
    """Wholesale price over its reference, between lowest and highest; falls with the day's supply.

    supply_kg > 0; reference_supply_kg > 0.
    Source: assumed constant-elasticity demand of the local market, behaviour.toml glut_exponent.
    """
    ratio = (supply_kg / reference_supply_kg) ** (-exponent)
    return min(max(ratio, lowest), highest)


@rule
def hand_picked_yuan_per_kg(
    premium_yuan_per_kg: float, reference_yuan_per_kg: float, procurement_premium: float
) -> float:
    """What a shop pays a grower for a kg of hand-picked fruit [yuan/kg].

    Agreed for the season, above the premium wholesale price of a normal day (reference); a grower
    gets the premium wholesale price of the day if that is more. All >= 0.
    Source: assumed form; behaviour.toml procurement_premium.
    """
    return max(premium_yuan_per_kg, reference_yuan_per_kg * (1.0 + procurement_premium))
