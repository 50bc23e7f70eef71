"""An online shop: what it offers, the orders it gets, how it ships them and what it earns."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.plain_mesa.settings import Month, clamp
from sim.rules.chance import poisson_count, standard_normal
from sim.world.draws import TIMELESS, Purpose
from sim.world.drivers import CROSS_BORDER, DOMESTIC

if TYPE_CHECKING:
    from benchmarks.plain_mesa.households import Household
    from benchmarks.plain_mesa.village import Village

CROP, PRODUCT = 0, 1
"""Good slots; 2 and 3 are goods from outside."""
CHANNELS = 4
NEVER = -1


@dataclass(slots=True)
class Books:
    """What a shop took and spent in a month [yuan]."""

    sales: float = 0.0
    refunds: float = 0.0
    fees: float = 0.0
    parcels: float = 0.0
    packaging: float = 0.0
    goods: float = 0.0


@dataclass(eq=False)
class Shop:
    """One online store of one household, selling one good."""

    owner: "Household"
    ordinal: int
    slot: int
    opened_on: int
    opened_in_month: int
    channels: list[int]
    appeal: float = 0.0
    price_skill: float = 0.0
    caution: float = 0.0
    rating: float = 0.0
    price_yuan: float = 0.0
    staff: int = 0
    pieces: float = 0.0
    smoothed_orders: float = 0.0
    orders_shipped: int = 0
    last_order_day: int = NEVER
    months_below: int = 0
    window_year: int = NEVER
    window_open_day: int = NEVER
    attraction: list[float] = field(default_factory=lambda: [0.0] * CHANNELS)
    orders_per_day: list[float] = field(default_factory=lambda: [0.0] * CHANNELS)
    orders_today: list[int] = field(default_factory=lambda: [0] * CHANNELS)
    backlog: list[int] = field(default_factory=lambda: [0] * CHANNELS)
    receivables: list[tuple[int, float]] = field(default_factory=list)
    """Month in which it is due, and US dollars."""
    books: Books = field(default_factory=Books)
    monthly_sales: deque[float] = field(default_factory=lambda: deque(maxlen=12))
    monthly_profits: deque[float] = field(default_factory=lambda: deque(maxlen=12))

    def __post_init__(self) -> None:
        behaviour = self.behaviour
        u = self.draw(Purpose.APPEAL, TIMELESS)
        self.appeal = math.exp(behaviour.appeal_sigma * standard_normal(u[0]))
        self.price_skill = standard_normal(u[1])
        self.caution = u[2]
        self.rating = behaviour.rating_start

    @property
    def village(self) -> "Village":
        return self.owner.village

    @property
    def behaviour(self) -> Any:
        return self.owner.model.settings.behaviour

    @property
    def good(self) -> Any:
        return self.village.goods[self.slot]

    @property
    def capacity(self) -> float:
        """Orders that family and staff can handle in a day."""
        return (self.owner.hands_per_shop + self.staff) * self.behaviour.orders_per_worker_day

    @property
    def average_profit_yuan(self) -> float:
        profits = self.monthly_profits
        return sum(profits) / len(profits) if profits else 0.0

    def draw(self, purpose: Purpose, day: int) -> tuple[float, float, float, float]:
        return self.owner.draw(purpose + 256 * self.ordinal, day)

    def channel_price_yuan(self, channel: int) -> float:
        return self.price_yuan * self.owner.model.settings.platforms[channel].price_multiple

    # Decisions on the first day of a month, in their order.

    def settle_receivables(self, month: Month, everything: bool = False) -> None:
        due = [usd for when, usd in self.receivables if everything or when <= month.number]
        self.receivables = [
            (when, usd) for when, usd in self.receivables if not everything and when > month.number
        ]
        for usd in due:
            self.owner.earn(usd * month.yuan_per_usd)

    def wants_to_close(self, month: Month) -> bool:
        behaviour, village = self.behaviour, self.village
        debt_limit = behaviour.means_months * village.wage_yuan + village.levers.credit_yuan
        if self.owner.cash_yuan < -debt_limit:
            return True
        if self.months_below < behaviour.close_patience_months:
            return False
        if self.good.perishable and month.number - self.opened_in_month < 12:
            return False
        return self.draw(Purpose.CLOSE, month.first_day)[0] < behaviour.close_probability

    def choose_price(self) -> None:
        behaviour, village, good = self.behaviour, self.village, self.good
        platforms = self.owner.model.settings.platforms
        domestic = [k for k in self.channels if not platforms[k].cross_border]
        channel = (domestic or self.channels)[0]
        unit_cost = (
            village.goods_cost_per_order_yuan(self.slot)
            + village.parcel_yuan[self.slot][channel]
            + good.packaging_yuan
        )
        markup = good.price_elasticity / (good.price_elasticity - 1.0)
        waiting_days = sum(self.backlog) / self.capacity
        pressure = clamp(waiting_days / behaviour.backlog_days_reference, 0.0, 1.0)
        self.price_yuan = (
            unit_cost
            / (1.0 - village.fee_share[channel])
            * markup
            * math.exp(behaviour.price_spread * self.price_skill)
            * (1.0 + behaviour.price_pressure * pressure)
        )

    def add_channels(self, month: Month) -> None:
        settings = self.owner.model.settings
        sales = sum(self.monthly_sales)
        u = self.draw(Purpose.CHANNEL, month.first_day)
        for channel in settings.platforms_open_to(self.good, month.first_day):
            platform = settings.platforms[channel]
            needed = platform.minimum_sales_yuan
            if platform.cross_border:
                needed *= 1.0 - self.village.levers.cross_border_pilot
            if (
                channel not in self.channels
                and sales >= needed
                and self.owner.cash_yuan >= platform.deposit_yuan
                and u[channel] < self.behaviour.channel_rate * self.owner.knowledge
            ):
                self.owner.cash_yuan -= platform.deposit_yuan
                self.channels = sorted([*self.channels, channel])

    def hire(self, month: Month) -> None:
        if self.good.perishable and not self._window_touches(month):
            self.staff = 0
            return
        behaviour, wage = self.behaviour, self.village.wage_yuan
        needed = self.smoothed_orders * (1.0 + behaviour.hire_buffer)
        hands = needed / behaviour.orders_per_worker_day - self.owner.hands_per_shop
        wanted = math.ceil(max(0.0, hands))
        if wanted > self.staff:
            reserve = behaviour.hire_reserve_months * wage
            affordable = math.floor(max(0.0, self.owner.cash_yuan) / reserve)
            self.staff = min(wanted, self.staff + affordable)
        else:
            self.staff = wanted

    def set_window(self, month: Month) -> None:
        season = self.village.season
        u = self.draw(Purpose.FORECAST, month.year)
        error = round(self.behaviour.forecast_sd_days * standard_normal(u[0]))
        delay = round(self.behaviour.caution_days * self.caution)
        forecast = season.start_day + error + delay
        already_set = self.window_year == month.year
        late = forecast < month.first_day <= season.last_ripe_day and not already_set
        if late or month.first_day <= forecast < self.village.next_month_day:
            self.window_year = month.year
            self.window_open_day = forecast

    def window_is_open(self, day: int) -> bool:
        season = self.village.season
        return self.window_year == season.year and self.window_open_day <= day <= season.close_day

    def _window_touches(self, month: Month) -> bool:
        season = self.village.season
        return (
            self.window_year == month.year
            and self.window_open_day < self.village.next_month_day
            and month.first_day <= season.close_day
        )

    def publish_attraction(self, month: Month) -> None:
        behaviour, village, good = self.behaviour, self.village, self.good
        platforms = self.owner.model.settings.platforms
        shipped = min(self.orders_shipped, behaviour.reputation_cap_orders)
        waiting_days = sum(self.backlog) / self.capacity
        offer = (
            math.log(self.appeal)
            + behaviour.appeal_knowledge * (self.owner.knowledge - 0.5)
            + behaviour.attraction_reputation * math.log1p(shipped / behaviour.reputation_orders)
            + behaviour.attraction_rating * (self.rating - behaviour.rating_start)
            - good.price_elasticity
            * math.log(self.price_yuan / village.reference_price_yuan[self.slot])
            + behaviour.attraction_brand * village.levers.brand
        )
        self.attraction = [0.0] * CHANNELS
        if good.perishable and month.first_day > village.season.close_day:
            return
        for channel in self.channels:
            delivery = village.handling_days + village.transit_days[channel] + waiting_days
            usual = platforms[channel].transit_days - platforms[0].transit_days
            slow = delivery - behaviour.standard_delivery_days - usual
            loss = village.transit_loss[self.slot][channel]
            self.attraction[channel] = math.exp(
                offer - behaviour.attraction_delivery * slow - behaviour.attraction_freshness * loss
            )

    # Every day.

    def receive_orders(self, day: int) -> None:
        self.orders_today = [0] * CHANNELS
        perishable = self.good.perishable
        if perishable and not self.window_is_open(day):
            return
        settings = self.owner.model.settings
        factors = settings.day_factor[self.village.good_names[self.slot]]
        place = day - self.owner.model.first_day
        u = self.draw(Purpose.ORDERS, day)
        for channel in self.channels:
            abroad = CROSS_BORDER if settings.platforms[channel].cross_border else DOMESTIC
            mean = self.orders_per_day[channel] * factors[abroad][place]
            self.orders_today[channel] = poisson_count(mean, u[channel])
        orders = sum(self.orders_today)
        if orders > 0:
            self.last_order_day = day
        self.smoothed_orders += self.behaviour.smoothing * (orders - self.smoothed_orders)
        self.village.orders_placed += orders
        if not perishable:
            for channel in self.channels:
                self.backlog[channel] += self.orders_today[channel]

    def ship_durables(self, month: Month) -> None:
        """Source, ship, be paid and be rated for a day."""
        capacity = math.floor(self.capacity)
        per_order = self.good.pieces_per_order
        wanted = min(sum(self.backlog), capacity)
        pieces = self.owner.source_pieces(self, wanted)
        left = shipped = min(wanted, math.floor(pieces / per_order))
        self.owner.take_pieces(self, shipped * per_order)
        for channel in range(CHANNELS):
            taken = min(left, self.backlog[channel])
            left -= taken
            self.backlog[channel] -= taken
            if taken:
                self.sell(channel, taken, month)
        cancelled = 0
        if sum(self.backlog) > capacity:
            for channel in range(CHANNELS):
                lost = math.floor(self.backlog[channel] * self.behaviour.cancel_share)
                self.backlog[channel] -= lost
                cancelled += lost
        self.books.goods += shipped * self.village.goods_cost_per_order_yuan(self.slot)
        self.count(shipped, cancelled, spoiled_share=0.0)

    def ship_fruit(self, available_kg: float, month: Month) -> float:
        """Ship today's orders as far as fruit and hands allow [kg shipped]."""
        orders = sum(self.orders_today)
        if orders == 0:
            return 0.0
        boxes = math.floor(available_kg / self.good.box_kg)
        shipped = min(orders, math.floor(self.capacity), boxes)
        spoiled_share = 0.0
        for channel in self.channels:
            share = self.orders_today[channel] / orders
            spoiled_share += share * self.village.transit_loss[self.slot][channel]
            if share > 0.0 and shipped > 0:
                self.sell(channel, shipped * share, month)
        self.count(shipped, orders - shipped, spoiled_share)
        return shipped * self.good.box_kg

    def sell(self, channel: int, orders: float, month: Month) -> None:
        """Take the buyers' money, pay platform, parcels, packaging and refunds."""
        village, owner = self.village, self.owner
        platform = owner.model.settings.platforms[channel]
        sales = orders * self.channel_price_yuan(channel)
        fees = sales * village.fee_share[channel]
        refunds = sales * village.transit_loss[self.slot][channel]
        parcels = orders * village.parcel_yuan[self.slot][channel]
        packaging = orders * self.good.packaging_yuan
        if owner.model.is_paid_in_usd(platform) and platform.settlement_months > 0:
            due = month.number + platform.settlement_months
            self.receivables.append((due, (sales - fees) / month.yuan_per_usd))
        else:
            owner.earn(sales - fees)
        owner.earn(-refunds - parcels - packaging)
        books = self.books
        books.sales += sales
        books.fees += fees
        books.refunds += refunds
        books.parcels += parcels
        books.packaging += packaging
        village.online_sales_today_yuan += sales

    def count(self, shipped: int, cancelled: int, spoiled_share: float) -> None:
        """Remember a day's orders; buyers rate them."""
        self.orders_shipped += shipped
        self.village.orders_shipped += shipped
        self.village.orders_cancelled += cancelled
        rated = shipped + cancelled
        if rated == 0:
            return
        behaviour = self.behaviour
        score = clamp(
            behaviour.rating_best
            - behaviour.rating_delay * sum(self.backlog) / max(self.capacity, 1.0)
            - behaviour.rating_cancel * cancelled / rated
            - behaviour.rating_spoilage * spoiled_share,
            1.0,
            5.0,
        )
        self.rating += (score - self.rating) * rated / (rated + behaviour.rating_memory_orders)

    # The last day of a month.

    def close_books(self, wages_yuan: float) -> None:
        """Pay wages, fixed costs and tax, and remember the month's profit."""
        behaviour, books = self.behaviour, self.books
        work_share = self.good.work_share
        fixed = behaviour.fixed_cost_yuan_per_month * work_share
        taxed = max(0.0, books.sales - behaviour.tax_exempt_yuan_per_month)
        dues = wages_yuan + fixed + behaviour.tax_share * taxed
        self.owner.earn(-dues)
        costs = books.refunds + books.fees + books.parcels + books.packaging + books.goods
        self.monthly_sales.append(books.sales)
        self.monthly_profits.append(books.sales - costs - dues)
        line = behaviour.close_wage_ratio * work_share * self.village.wage_yuan
        self.months_below = self.months_below + 1 if self.average_profit_yuan < line else 0
        self.books = Books()
