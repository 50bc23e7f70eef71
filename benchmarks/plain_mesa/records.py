"""What a run leaves behind: rows of a village's month, of a household's and of a shop's year."""

from typing import Any

from benchmarks.plain_mesa.observer import FEN_PER_YUAN, Observer
from benchmarks.plain_mesa.residents import OFFLINE, ONLINE, SHOP_PROFIT, WAGES, Resident
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from benchmarks.plain_mesa.village import Village

COUNTED = (
    *("online_sales_yuan", "cross_border_sales_yuan"),
    *("orders_placed", "orders_shipped", "orders_cancelled"),
    *("shops_opened", "shops_closed", "returnees", "settlers", "trained"),
    *("platform_fees_yuan", "refunds_yuan", "receipts_yuan"),
    *("receivables_booked_yuan", "receivables_settled_yuan", "exchange_gain_yuan"),
    *("parcels_yuan", "packaging_yuan", "staff_wages_yuan", "staff_wages_to_villagers_yuan"),
    *("paid_to_makers_yuan", "paid_to_growers_yuan", "paid_to_outside_suppliers_yuan"),
    *("fixed_costs_yuan", "taxes_yuan", "setup_yuan", "subsidies_yuan", "salvage_yuan"),
    *("deposits_paid_yuan", "deposits_returned_yuan", "shop_profit_yuan"),
    *("pieces_shipped", "pieces_made", "pieces_to_merchants", "pieces_from_outside"),
    *("pieces_salvaged", "merchants_yuan", "production_costs_yuan", "expansion_yuan"),
    *("ripe_kg", "picked_premium_kg", "picked_common_kg", "online_own_kg"),
    *("online_bought_kg", "wholesale_kg", "processed_kg", "left_kg", "spoiled_kg"),
    *("wholesale_yuan", "processing_yuan", "picking_costs_yuan"),
    *("growers_online_yuan", "growers_offline_yuan"),
    *("outside_wages_yuan", "commuters_wages_yuan", "consumption_yuan"),
)
"""What a village counts and pays in a month."""
SEASON_DAY = (
    *("ripe_kg", "picked_kg", "online_own_kg", "online_bought_kg", "wholesale_kg"),
    *("processed_kg", "left_kg", "spoiled_kg", "in_stock_kg", "wholesale_yuan_per_kg"),
    *("orders_shipped", "orders_cancelled", "online_sales_yuan"),
    *("growers_online_yuan", "growers_offline_yuan"),
)
"""What is recorded of a day on which there is fruit or an order for it."""


def month_row(village: Village, observer: Observer, month: Month) -> dict[str, Any]:
    """What is recorded of a village at the end of a month."""
    shops, terms = village.shops, village.terms
    return {
        "village": village.place,
        "day": month.first_day,
        **{name: village.record[name] for name in COUNTED},
        "open_shops": len(shops),
        "active_stores": observer.active_stores,
        "staff": village.staff,
        "family_hands": sum(shop.hands for shop in shops),
        "hired_villagers": village.hired_villagers,
        "hired_neighbours": village.hired_neighbours,
        "commuters": village.commuters,
        "cash_yuan": sum(village.households.get("cash_yuan")),
        "receivables_yuan": sum(due.booked_yuan for shop in shops for due in shop.till.receivables),
        "pieces_in_stock": sum(village.makers.get("stock_pieces"))
        + sum(shop.pieces for shop in shops),
        "fruit_in_stock_kg": sum(village.farmers.get("stock_kg")),
        "wage_yuan_per_month": terms.wage_yuan,
        "policy_cost_yuan": terms.levers.policy_cost_yuan,
        "selling_households": len({shop.owner for shop in shops}),
        "trailing_sales_yuan": observer.trailing_fen / FEN_PER_YUAN,
        "designated": observer.holds,
        "listed": observer.is_listed,
    }


def season_row(village: Village, day: int, today: dict[str, float]) -> dict[str, Any]:
    """What is recorded of a day in the season."""
    return {"village": village.place, "day": day, **{name: today[name] for name in SEASON_DAY}}


def household_row(who: Resident, year: int) -> dict[str, Any]:
    """What is recorded of a household on 31 December."""
    return {
        "village": who.village.place,
        "year": year,
        "kind": who.kind,
        "number": who.number,
        "members": who.members,
        "age_years": who.age_years,
        "schooling_years": who.schooling_years,
        "knowledge": who.knowledge,
        "trained": who.is_trained,
        "away": who.is_away,
        "slot": who.main_slot,
        "shops": len(who.shops),
        "cash_yuan": who.cash_yuan,
        "sales_yuan": sum(sum(shop.till.sales_of_year) for shop in who.shops),
        **{name: who.year_income_yuan[name] for name in (SHOP_PROFIT, WAGES, OFFLINE, ONLINE)},
    }


def shop_row(shop: Shop, year: int) -> dict[str, Any]:
    """What is recorded of a shop on 31 December."""
    return {
        "village": shop.village.place,
        "year": year,
        "owner_kind": shop.owner.kind,
        "owner_number": shop.owner.number,
        "ordinal": shop.ordinal,
        "good": list(shop.settings.goods).index(shop.village.good_names[shop.slot]),
        "opened_day": shop.opened_day,
        "channels": sum(1 << channel for channel in shop.channels),
        "orders_shipped": shop.orders_shipped,
        "rating": shop.rating,
        "staff": shop.staff,
        "hands": shop.hands,
        "price_yuan": shop.price_yuan,
        "sales_yuan": sum(shop.till.sales_of_year),
        "profit_yuan": sum(shop.till.profits_of_year),
    }
