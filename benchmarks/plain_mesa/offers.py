"""What an online shop offers: its prices, platforms, staff, season and attraction."""

import math
from typing import TYPE_CHECKING

from benchmarks.plain_mesa.chance import clamp, rounded, standard_normal
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.till import Till
from sim.world.draws import TIMELESS, Purpose

if TYPE_CHECKING:
    from benchmarks.plain_mesa.households import Household

CHANNELS = 4
NEVER = -1


class Offer:
    """A shop as its owner thinks of it on the first day of a month."""

    def __init__(self, owner: "Household", ordinal: int, slot: int, month: Month) -> None:
        self.owner, self.ordinal, self.slot = owner, ordinal, slot
        self.village = owner.village
        self.settings = owner.model.settings
        self.behaviour = self.settings.behaviour
        self.good = self.village.goods[slot]
        work = self.good.work_per_order
        self.orders_per_worker_day = self.behaviour.orders_per_worker_day / work
        self.till = Till(owner)
        self.opened_day = month.first_day
        u = self.draw(Purpose.APPEAL, TIMELESS)
        self.appeal = math.exp(self.behaviour.appeal_sigma * standard_normal(u[0]))
        self.price_skill = standard_normal(u[1])
        self.caution = u[2]
        self.rating = self.behaviour.rating_start
        self.price_yuan = self.hands = self.smoothed_orders = 0.0
        self.staff = self.orders_shipped = self.months_below = self.months_seen = 0
        self.window_open_day = self.window_close_day = NEVER
        self.channels = self.platforms_to_choose_from(month)[:1]
        self.backlog = [0] * CHANNELS
        self.attraction = [0.0] * CHANNELS
        self.orders_per_day = [0.0] * CHANNELS

    def draw(self, purpose: Purpose, day: int) -> tuple[float, float, float, float]:
        return self.owner.draw(purpose + 256 * self.ordinal, day)

    def platforms_to_choose_from(self, month: Month) -> list[int]:
        return self.settings.platforms_open_to(self.good, month.first_day)

    @property
    def deposits_yuan(self) -> float:
        return sum(self.settings.platforms[k].deposit_yuan for k in self.channels)

    @property
    def capacity(self) -> float:
        """Orders that family and staff can handle in a day."""
        return (self.hands + self.staff) * self.orders_per_worker_day

    @property
    def hands_needed(self) -> float:
        """Persons that recent orders and some more keep busy."""
        busy = self.smoothed_orders * (1.0 + self.behaviour.hire_buffer)
        return busy / self.orders_per_worker_day

    @property
    def hands_to_spare(self) -> float:
        """Hands that orders leave; in all shops of a family, one person stays."""
        least = self.hands / self.owner.family_hands
        return max(0.0, self.hands - max(least, self.hands_needed))

    @property
    def orders_waiting(self) -> int:
        return sum(self.backlog)

    @property
    def backlog_days(self) -> float:
        return self.orders_waiting / max(self.capacity, 1.0)

    def wants_to_close(self, month: Month) -> bool:
        behaviour, terms = self.behaviour, self.village.terms
        debt_limit = behaviour.means_months * terms.wage_yuan + terms.levers.credit_yuan
        if self.owner.cash_yuan < -debt_limit:
            return True
        if self.months_below < behaviour.close_patience_months:
            return False
        if self.good.perishable and self.months_seen < 12:
            return False
        return self.draw(Purpose.CLOSE, month.first_day)[0] < behaviour.close_probability

    def set_window(self, month: Month) -> None:
        """Decide when the season's sale begins, if it does this month."""
        season = self.village.season
        if season is None or season.year != month.year or season.close_day < month.first_day:
            return
        if self.window_close_day == season.close_day:
            return
        luck = self.draw(Purpose.FORECAST, month.year)[0]
        error = rounded(self.behaviour.forecast_sd_days * standard_normal(luck))
        delay = rounded(self.behaviour.caution_days * self.caution)
        forecast = season.start_day + error + delay
        if forecast <= month.last_day:
            self.window_open_day, self.window_close_day = forecast, season.close_day

    def is_selling(self, day: int) -> bool:
        """Whether orders can arrive: always, or while the seasonal window is open."""
        if not self.good.perishable:
            return True
        return self.window_open_day <= day <= self.window_close_day

    def choose_price(self) -> None:
        behaviour, terms, good = self.behaviour, self.village.terms, self.good
        domestic = [k for k in self.channels if not self.settings.platforms[k].cross_border]
        channel = (domestic or self.channels)[0]
        unit_cost = (
            terms.goods_yuan_per_order(self.slot)
            + terms.parcel_yuan[self.slot][channel]
            + good.packaging_yuan
        )
        markup = good.price_elasticity / (good.price_elasticity - 1.0)
        pressure = clamp(self.backlog_days / behaviour.backlog_days_reference, 0.0, 1.0)
        self.price_yuan = (
            unit_cost
            / (1.0 - terms.fee_share[channel])
            * markup
            * math.exp(behaviour.price_spread * self.price_skill)
            * (1.0 + behaviour.price_pressure * pressure)
        )

    def further_channels(self, month: Month) -> list[int]:
        """Platforms that the owner wants to join this month."""
        pilot = self.village.terms.levers.cross_border_pilot
        sales_yuan, luck = sum(self.till.sales_of_year), None
        chosen = []
        for channel in self.platforms_to_choose_from(month):
            platform = self.settings.platforms[channel]
            waived = pilot if platform.cross_border else 0.0
            if (
                channel in self.channels
                or sales_yuan < platform.minimum_sales_yuan * (1.0 - waived)
                or self.owner.cash_yuan < platform.deposit_yuan
            ):
                continue
            luck = luck or self.draw(Purpose.CHANNEL, month.first_day)
            if luck[channel] < self.behaviour.channel_rate * self.owner.knowledge:
                chosen.append(channel)
        return chosen

    def join(self, channels: list[int]) -> None:
        for channel in channels:
            self.till.pay(self.settings.platforms[channel].deposit_yuan, "deposits_paid_yuan")
        self.channels = sorted([*self.channels, *channels])

    def hire(self, month: Month) -> None:
        sells = self.window_open_day <= month.last_day and month.first_day <= self.window_close_day
        if self.good.perishable and not sells:
            self.staff = 0
            return
        behaviour = self.behaviour
        wanted = math.ceil(max(0.0, self.hands_needed - self.hands))
        if wanted > self.staff:
            reserve_yuan = behaviour.hire_reserve_months * self.village.terms.wage_yuan
            affordable = math.floor(max(0.0, self.owner.cash_yuan) / reserve_yuan)
            wanted = min(wanted, self.staff + affordable)
        self.staff = wanted

    def publish_attraction(self, month: Month) -> None:
        self.attraction = [0.0] * CHANNELS
        self.orders_per_day = [0.0] * CHANNELS
        if self.good.perishable and self.window_close_day < month.first_day:
            return
        behaviour, terms, platforms = self.behaviour, self.village.terms, self.settings.platforms
        waiting_days = 0.0 if self.good.perishable else self.backlog_days
        offer = self._log_offer()
        for channel in self.channels:
            delivery = terms.handling_days + terms.transit_days[self.slot][channel] + waiting_days
            usual = platforms[channel].transit_days - platforms[0].transit_days
            slow = delivery - behaviour.standard_delivery_days - usual
            loss = terms.transit_loss[self.slot][channel]
            self.attraction[channel] = math.exp(
                offer - behaviour.attraction_delivery * slow - behaviour.attraction_freshness * loss
            )

    def _log_offer(self) -> float:
        """Logarithm of the attraction that is the same on every platform."""
        behaviour, terms = self.behaviour, self.village.terms
        known = min(self.orders_shipped, behaviour.reputation_cap_orders)
        dear = math.log(self.price_yuan / terms.reference_price_yuan[self.slot])
        return (
            math.log(self.appeal)
            + behaviour.appeal_knowledge * (self.owner.knowledge - 0.5)
            + behaviour.attraction_reputation * math.log1p(known / behaviour.reputation_orders)
            + behaviour.attraction_rating * (self.rating - behaviour.rating_start)
            - self.good.price_elasticity * dear
            + behaviour.attraction_brand * terms.levers.brand
        )
