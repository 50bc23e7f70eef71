"""What is recorded: the fields of a village's month and of a day in the season."""

from enum import IntEnum


class Month(IntEnum):
    """Fields of the village-month record. Money in yuan, mass in kg, goods in pieces."""

    ONLINE_SALES_YUAN = 0
    ORDERS_PLACED = 1
    ORDERS_SHIPPED = 2
    ORDERS_CANCELLED = 3
    SHOPS_OPENED = 4
    SHOPS_CLOSED = 5
    RETURNEES = 6
    SETTLERS = 7
    CROSS_BORDER_SALES_YUAN = 8
    PIECES_SHIPPED = 9
    # every yuan that buyers pay
    PLATFORM_FEES_YUAN = 10
    REFUNDS_YUAN = 11
    RECEIPTS_YUAN = 12
    RECEIVABLES_BOOKED_YUAN = 13
    RECEIVABLES_SETTLED_YUAN = 14
    EXCHANGE_GAIN_YUAN = 15
    # what shops pay and get besides
    PARCELS_YUAN = 16
    PACKAGING_YUAN = 17
    PAID_TO_MAKERS_YUAN = 18
    PAID_TO_GROWERS_YUAN = 19
    PAID_TO_OUTSIDE_SUPPLIERS_YUAN = 20
    STAFF_WAGES_YUAN = 21
    STAFF_WAGES_TO_VILLAGERS_YUAN = 22
    FIXED_COSTS_YUAN = 23
    TAXES_YUAN = 24
    SETUP_YUAN = 25
    DEPOSITS_PAID_YUAN = 26
    DEPOSITS_RETURNED_YUAN = 27
    SUBSIDIES_YUAN = 28
    SALVAGE_YUAN = 29
    SHOP_PROFIT_YUAN = 30
    # producers
    PIECES_MADE = 31
    PIECES_TO_MERCHANTS = 32
    PIECES_FROM_OUTSIDE = 33
    PIECES_SALVAGED = 34
    MERCHANTS_YUAN = 35
    PRODUCTION_COSTS_YUAN = 36
    EXPANSION_YUAN = 37
    RIPE_KG = 38
    PICKED_PREMIUM_KG = 39
    PICKED_COMMON_KG = 40
    ONLINE_OWN_KG = 41
    ONLINE_BOUGHT_KG = 42
    WHOLESALE_KG = 43
    PROCESSED_KG = 44
    LEFT_KG = 45
    SPOILED_KG = 46
    WHOLESALE_YUAN = 47
    PROCESSING_YUAN = 48
    PICKING_COSTS_YUAN = 49
    # households
    OUTSIDE_WAGES_YUAN = 50
    CONSUMPTION_YUAN = 51
    # at the end of the month
    OPEN_SHOPS = 52
    ACTIVE_STORES = 53
    STAFF = 54
    FAMILY_HANDS = 55
    HIRED_VILLAGERS = 56
    CASH_YUAN = 57
    RECEIVABLES_YUAN = 58
    PIECES_IN_STOCK = 59
    FRUIT_IN_STOCK_KG = 60
    WAGE_YUAN_PER_MONTH = 61
    POLICY_COST_YUAN = 62
    GROWERS_ONLINE_YUAN = 63
    GROWERS_OFFLINE_YUAN = 64
    TRAINED = 65
    SELLING_HOUSEHOLDS = 66
    # trade with agents that a user adds
    AGENTS_YUAN = 67
    AGENTS_PIECES = 68
    AGENTS_KG = 69
    # labour across the borders of villages
    COMMUTERS_WAGES_YUAN = 70
    HIRED_NEIGHBOURS = 71
    COMMUTERS = 72


MONTH_FIELDS = tuple(field.name.lower() for field in Month)


class Season(IntEnum):
    """Fields of the season-day record: one day of one village with fruit."""

    RIPE_KG = 0
    PICKED_KG = 1
    ONLINE_OWN_KG = 2
    ONLINE_BOUGHT_KG = 3
    WHOLESALE_KG = 4
    PROCESSED_KG = 5
    LEFT_KG = 6
    SPOILED_KG = 7
    ORDERS_SHIPPED = 8
    ONLINE_SALES_YUAN = 9
    WHOLESALE_YUAN_PER_KG = 10
    ORDERS_CANCELLED = 11
    IN_STOCK_KG = 12
    GROWERS_ONLINE_YUAN = 13
    GROWERS_OFFLINE_YUAN = 14


SEASON_FIELDS = tuple(field.name.lower() for field in Season)
DAYS_OF_MONTH = 31
