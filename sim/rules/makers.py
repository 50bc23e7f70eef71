"""How makers produce and what they charge."""

from sim.compiled import rule


@rule
def making_cost_yuan(
    unit_cost_yuan: float, capacity_pieces: float, reference_pieces: float, scale_elasticity: float
) -> float:
    """Cost of making one piece [yuan], > 0; falls with the maker's monthly capacity.

    Source: assumed, behaviour.toml scale_elasticity, capacity_reference.
    """
    return unit_cost_yuan * (capacity_pieces / reference_pieces) ** (-scale_elasticity)


@rule
def made_pieces(
    capacity_pieces_per_month: float, stock_pieces: float, stock_months: float
) -> float:
    """Pieces made today, >= 0: a thirtieth of the monthly capacity, while the stock has room.

    Source: assumed, behaviour.toml stock_months.
    """
    room = max(0.0, stock_months * capacity_pieces_per_month - stock_pieces)
    return min(capacity_pieces_per_month / 30.0, room)


@rule
def merchants_buy_pieces(
    stock_pieces: float, first_capacity_pieces_per_month: float, merchant_share: float, luck: float
) -> float:
    """Pieces that traditional merchants take today, between 0 and the stock.

    Their custom goes by the maker's capacity at the start: who expands does not sell them more.
    luck has mean 1 over months and makers.
    Source: assumed, behaviour.toml merchant_share, merchant_sigma.
    """
    return min(stock_pieces, first_capacity_pieces_per_month / 30.0 * merchant_share * luck)
