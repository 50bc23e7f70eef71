"""Money moves only here: every yuan that leaves one account enters another."""

from typing import Any

from sim.compiled import as_int64, kernel
from sim.world.columns import FARMER
from sim.world.parameters import CURRENCIES
from sim.world.records import Month

_FEES, _REFUNDS = as_int64(Month.PLATFORM_FEES_YUAN), as_int64(Month.REFUNDS_YUAN)
_RECEIPTS, _BOOKED = as_int64(Month.RECEIPTS_YUAN), as_int64(Month.RECEIVABLES_BOOKED_YUAN)
_SETTLED, _EXCHANGE = as_int64(Month.RECEIVABLES_SETTLED_YUAN), as_int64(Month.EXCHANGE_GAIN_YUAN)
_SALES, _CROSS = as_int64(Month.ONLINE_SALES_YUAN), as_int64(Month.CROSS_BORDER_SALES_YUAN)
_PROFIT = as_int64(Month.SHOP_PROFIT_YUAN)
_USD = as_int64(CURRENCIES.index("USD"))
_PARCELS, _PACKAGING = as_int64(Month.PARCELS_YUAN), as_int64(Month.PACKAGING_YUAN)


@kernel
def shop_pays(s: Any, v: int, shop: int, yuan: float, field: int) -> None:
    """Take `yuan` from the owner's cash and enter it in the village's record `field`."""
    s.households.cash_yuan[s.shops.owner[shop]] -= yuan
    s.month[v, field] += yuan


@kernel
def shop_receives(s: Any, v: int, shop: int, yuan: float, field: int) -> None:
    """Add `yuan` to the owner's cash and enter it in the village's record `field`."""
    s.households.cash_yuan[s.shops.owner[shop]] += yuan
    s.month[v, field] += yuan


@kernel
def producer_earns_offline(s: Any, v: int, household: int, producer: int, yuan: float) -> None:
    """Add an offline receipt (or, below zero, a cost) to a farmer's or maker's cash and income."""
    s.households.cash_yuan[household] += yuan
    s.households.income_month_yuan[household] += yuan
    s.producers.offline_yuan[producer] += yuan


@kernel
def producer_earns_online(s: Any, v: int, household: int, producer: int, yuan: float) -> None:
    """Add a grower's receipt from fruit that is sold online to cash and income."""
    s.households.cash_yuan[household] += yuan
    s.households.income_month_yuan[household] += yuan
    s.producers.online_yuan[producer] += yuan


@kernel
def shop_uses(s: Any, shop: int, yuan: float) -> None:
    """Charge a shop's profit with goods that it has sold; what was to be paid is paid elsewhere."""
    s.shops.month_profit_yuan[shop] -= yuan


@kernel
def maker_supplies_own_shop(s: Any, household: int, producer: int, shop: int, yuan: float) -> None:
    """Let a maker's own shop buy from the workshop: offline income, and a cost of the shop."""
    s.households.income_month_yuan[household] += yuan
    s.producers.offline_yuan[producer] += yuan
    shop_uses(s, shop, yuan)


@kernel
def grower_supplies_own_shop(s: Any, household: int, producer: int, shop: int, yuan: float) -> None:
    """Let a grower's own shop buy from the orchard: online income, and a cost of the shop."""
    s.households.income_month_yuan[household] += yuan
    s.producers.online_yuan[producer] += yuan
    shop_uses(s, shop, yuan)


@kernel
def picking_was_for_online(s: Any, producer: int, yuan: float) -> None:
    """Charge online income with a cost of picking that was taken from offline income."""
    s.producers.online_yuan[producer] -= yuan
    s.producers.offline_yuan[producer] += yuan


@kernel
def household_earns(s: Any, household: int, yuan: float) -> None:
    """Add wages to a household's cash and income of the month."""
    s.households.cash_yuan[household] += yuan
    s.households.income_month_yuan[household] += yuan


@kernel
def household_consumes(s: Any, household: int, share: float) -> float:
    """Spend a share of the month's income, if there is any, and start a new month; return it."""
    spent = share * max(0.0, s.households.income_month_yuan[household])
    s.households.cash_yuan[household] -= spent
    s.households.income_month_yuan[household] = 0.0
    return spent


@kernel
def start_shop_month(s: Any, shop: int) -> None:
    """Set a shop's sales and profit of the month to zero."""
    s.shops.month_sales_yuan[shop] = 0.0
    s.shops.month_profit_yuan[shop] = 0.0


@kernel
def buyers_pay(
    s: Any, t: Any, v: int, shop: int, k: int, orders: float, transit_loss: float
) -> float:
    """Split what buyers pay for shipped orders on platform k; return what the shop keeps [yuan].

    Buyers' money goes to the platform (fee), back to buyers (refund of spoiled fruit), and to the
    owner: at once, or after the platform's settlement time. The owner pays parcels and
    packaging. Conserves: paid = fees + refunds + receipts + booked receivables.
    """
    shops, platforms = s.shops, t.platforms
    good = shops.good[shop]
    paid = shops.price_yuan[shop] * platforms.price_multiple[k] * orders
    fee = fee_share(t, v, k) * paid
    refund = transit_loss * paid
    kept = paid - fee - refund
    month = s.month
    month[v, _SALES] += paid
    month[v, _FEES] += fee
    month[v, _REFUNDS] += refund
    shops.month_sales_yuan[shop] += paid
    if platforms.cross_border[k]:
        month[v, _CROSS] += paid
    if platforms.settlement_months[k] > 0:
        _book_receivable(s, t, v, shop, k, kept)
    else:
        shop_receives(s, v, shop, kept, _RECEIPTS)
    parcels = shops.parcel_yuan[shop, k] * orders
    packaging = t.goods.packaging_yuan[good] * orders
    shop_pays(s, v, shop, parcels, _PARCELS)
    shop_pays(s, v, shop, packaging, _PACKAGING)
    s.villages.parcels_month[v] += orders
    left = kept - parcels - packaging
    shops.month_profit_yuan[shop] += left
    return left


@kernel
def _book_receivable(s: Any, t: Any, v: int, shop: int, k: int, yuan: float) -> None:
    """Let platform k owe the shop, in its currency, until its settlement time is over."""
    shops = s.shops
    months = t.m[0].settlement + t.platforms.settlement_months[k]
    due = months % shops.receivable_yuan.shape[1]
    if t.platforms.currency[k] == _USD:
        shops.receivable_usd[shop, due] += yuan / t.m[0].yuan_per_usd
    else:
        shops.receivable_cny[shop, due] += yuan
    shops.receivable_yuan[shop, due] += yuan
    s.month[v, _BOOKED] += yuan


@kernel
def fee_share(t: Any, v: int, k: int) -> float:
    """Share of the price that platform k keeps, commission and advertising (0-1)."""
    share = t.platforms.commission_share[k] + t.platforms.advertising_share[k]
    return share * t.levers.commission_multiple[v]


@kernel
def settle_receivables(s: Any, t: Any, v: int, shop: int, due: int) -> None:
    """Pay out what is due, dollars at today's rate; the gain on them is part of the profit."""
    shops = s.shops
    booked = shops.receivable_yuan[shop, due]
    if booked == 0.0:
        return
    yuan = shops.receivable_usd[shop, due] * t.m[0].yuan_per_usd
    yuan += shops.receivable_cny[shop, due]
    shop_receives(s, v, shop, yuan, _SETTLED)
    s.month[v, _EXCHANGE] += yuan - booked
    shops.month_profit_yuan[shop] += yuan - booked
    shops.receivable_usd[shop, due] = 0.0
    shops.receivable_cny[shop, due] = 0.0
    shops.receivable_yuan[shop, due] = 0.0


@kernel
def book_profit(s: Any, v: int, household: int, producer: int, yuan: float) -> None:
    """Enter a shop's profit in the owner's income: online farm income for growers, or shop profit.

    Cash has moved before, as receipts and costs.
    """
    s.households.income_month_yuan[household] += yuan
    s.month[v, _PROFIT] += yuan
    if household - s.villages.first_household[v] < s.villages.kind_count[v, FARMER]:
        s.producers.online_yuan[producer] += yuan
    else:
        s.households.shop_profit_yuan[household] += yuan
