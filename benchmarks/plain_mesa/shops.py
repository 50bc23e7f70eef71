"""An online shop from day to day: the orders it gets, how it ships them and what it earns."""

import math
from typing import TYPE_CHECKING

from benchmarks.plain_mesa.chance import clamp, poisson
from benchmarks.plain_mesa.offers import CHANNELS, NEVER, Offer
from benchmarks.plain_mesa.settings import Month
from sim.world.draws import Purpose
from sim.world.drivers import CROSS_BORDER, DOMESTIC

if TYPE_CHECKING:
    from benchmarks.plain_mesa.households import Household


class Shop(Offer):
    """One online store of one household, selling one good."""

    def __init__(self, owner: "Household", ordinal: int, slot: int, month: Month) -> None:
        super().__init__(owner, ordinal, slot, month)
        self.pieces = 0.0
        self.own_boxes = self.bought_boxes = 0
        self.last_order_day = NEVER
        factors = self.settings.day_factor[self.village.good_names[slot]]
        self.factors = [
            factors[CROSS_BORDER if platform.cross_border else DOMESTIC]
            for platform in self.settings.platforms
        ]

    # Every day.

    def receive_orders(self, day: int) -> None:
        if not self.is_selling(day):
            return
        place = day - self.owner.model.first_day
        luck = self.draw(Purpose.ORDERS, day)
        orders = 0
        for channel in self.channels:
            mean = self.orders_per_day[channel] * self.factors[channel][place]
            arrived = poisson(mean, luck[channel])
            self.backlog[channel] += arrived
            orders += arrived
        if orders > 0:
            self.last_order_day = day
            self.village.record["orders_placed"] += orders
        if not self.good.perishable:
            self.smooth(orders)

    def smooth(self, orders: int) -> None:
        """Move the idea of a usual day towards today's orders."""
        self.smoothed_orders += self.behaviour.smoothing * (orders - self.smoothed_orders)

    def ship_durables(self, month: Month) -> None:
        """Source, ship, be paid and be rated for a day."""
        waiting = self.orders_waiting
        if waiting == 0:
            return
        capacity = math.floor(self.capacity)
        per_order = self.good.pieces_per_order
        wanted = min(waiting, capacity)
        pieces = self.owner.source_pieces(self, wanted * per_order)
        shipped = min(wanted, math.floor(pieces / per_order))
        used = shipped * per_order
        worth_yuan = used * self.village.terms.supply_price_yuan[self.slot]
        self.owner.use_pieces(self, used, worth_yuan)
        self.till.charge(worth_yuan)
        self.village.record["pieces_shipped"] += used
        self._ship(shipped, month)
        cancelled = self._cancel_late() if waiting - shipped > capacity else 0
        self._be_rated(shipped, cancelled, self.orders_waiting / max(capacity, 1), 0.0)

    def _cancel_late(self) -> int:
        cancelled = 0
        for channel, waiting in enumerate(self.backlog):
            gone = math.floor(waiting * self.behaviour.cancel_share)
            self.backlog[channel] -= gone
            cancelled += gone
        self.village.record["orders_cancelled"] += cancelled
        return cancelled

    def ship_fruit(self, shipped: int, month: Month) -> float:
        """Ship so many orders and cancel the others; return what is kept of the sales [yuan]."""
        today, till = self.village.fruit.today, self.till
        sales_before, profit_before = till.month_sales_yuan, till.month_profit_yuan
        spoiled_share = self._ship(shipped, month)
        cancelled = self.orders_waiting
        self.backlog = [0] * CHANNELS
        self.village.record["orders_cancelled"] += cancelled
        self._be_rated(shipped, cancelled, 0.0, spoiled_share)
        today["orders_shipped"] += shipped
        today["orders_cancelled"] += cancelled
        today["online_sales_yuan"] += till.month_sales_yuan - sales_before
        return till.month_profit_yuan - profit_before

    def _ship(self, orders: int, month: Month) -> float:
        """Take orders from the channels in turn; return the share that spoils on the way."""
        left, spoiled = orders, 0.0
        for channel, waiting in enumerate(self.backlog):
            taken = min(waiting, left)
            if taken > 0:
                self.backlog[channel] -= taken
                left -= taken
                spoiled += taken * self._sell(channel, taken, month)
        self.orders_shipped += orders
        self.village.record["orders_shipped"] += orders
        return spoiled / orders if orders else 0.0

    def _sell(self, channel: int, orders: int, month: Month) -> float:
        """Split the buyers' money among platform, carrier, owner; return the share refunded."""
        village, till, terms = self.village, self.till, self.village.terms
        platform, record = self.settings.platforms[channel], self.village.record
        loss_share = terms.transit_loss[self.slot][channel]
        sales = orders * self.price_yuan * platform.price_multiple
        fees, refunds = sales * terms.fee_share[channel], sales * loss_share
        till.take_from_buyers(sales, sales - fees - refunds, platform, month)
        till.pay_for_order(orders * terms.parcel_yuan[self.slot][channel], "parcels_yuan")
        till.pay_for_order(orders * self.good.packaging_yuan, "packaging_yuan")
        record["platform_fees_yuan"] += fees
        record["refunds_yuan"] += refunds
        if platform.cross_border:
            record["cross_border_sales_yuan"] += sales
        village.online_sales_today_yuan += sales
        return loss_share

    def _be_rated(self, shipped: int, cancelled: int, delay_days: float, spoiled: float) -> None:
        judged = shipped + cancelled
        if judged == 0:
            return
        behaviour = self.behaviour
        score = clamp(
            behaviour.rating_best
            - behaviour.rating_delay * delay_days
            - behaviour.rating_cancel * cancelled / judged
            - behaviour.rating_spoilage * spoiled,
            1.0,
            5.0,
        )
        self.rating += (score - self.rating) * judged / (judged + behaviour.rating_memory_orders)

    # The last day of a month, and the last of the shop.

    def close_books(self, staff_wage_yuan: float) -> None:
        """Pay wages, fixed costs and tax; see whether the shop pays."""
        behaviour, work_share = self.behaviour, self.good.work_share
        taxed_yuan = self.till.month_sales_yuan - behaviour.tax_exempt_yuan_per_month
        self.till.close_month(
            self.staff * staff_wage_yuan,
            behaviour.fixed_cost_yuan_per_month * work_share,
            behaviour.tax_share * max(0.0, taxed_yuan),
        )
        self.months_seen += 1
        line_yuan = behaviour.close_wage_ratio * work_share * self.village.terms.wage_yuan
        is_below = self.till.average_profit_yuan < line_yuan
        self.months_below = self.months_below + 1 if is_below else 0

    def close(self, month: Month) -> None:
        """Turn deposits, receivables and stock into cash and cancel the orders that wait."""
        record, till = self.village.record, self.till
        till.settle(month, everything=True)
        till.take(self.deposits_yuan, "deposits_returned_yuan")
        record["orders_cancelled"] += self.orders_waiting
        if self.pieces > 0:
            worth_yuan = self.pieces * self.village.terms.supply_price_yuan[self.slot]
            salvage_yuan = self.behaviour.salvage_share * worth_yuan
            till.take(salvage_yuan, "salvage_yuan")
            till.charge(worth_yuan - salvage_yuan)
            record["pieces_salvaged"] += self.pieces
        self.owner.give_up(self)
        record["shops_closed"] += 1
