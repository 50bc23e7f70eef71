"""The households as sellers: how they decide to open shops, and what they do with them."""

from benchmarks.plain_mesa.chance import clamp, logistic
from benchmarks.plain_mesa.residents import INCOMER, Resident
from benchmarks.plain_mesa.settings import Month
from benchmarks.plain_mesa.shops import Shop
from sim.world.draws import Purpose


class Household(Resident):
    """A household; subclasses say what it can sell and what else it does."""

    is_producer = False

    # Closing and opening shops.

    def give_up(self, shop: Shop) -> None:
        """Do without a shop that has closed; an incomer without any leaves the room."""
        self.book_shop_profit(shop.till.month_profit_yuan)
        self.shops.remove(shop)
        if self.kind == INCOMER and not self.shops:
            self.is_present = False
            self.income_yuan = 0.0

    def product_slot(self, month: Month) -> int | None:
        """Slot of the good that a new shop would sell, None if there is none."""
        raise NotImplementedError

    def slot_to_open(self, month: Month) -> int | None:
        """The good of a new shop, if some platform is open to it."""
        slot = self.product_slot(month)
        return slot if slot is not None and self._platforms_for(slot, month) else None

    def _platforms_for(self, slot: int, month: Month) -> list[int]:
        good = self.village.goods[slot]
        return self.model.settings.platforms_open_to(good, month.first_day)

    def consider_opening(self, month: Month) -> None:
        """Open a shop if it seems to pay and the means are there."""
        if not self.is_present or not self.is_connected:
            return
        if self.last_opening_day == month.first_day:
            return
        slot = self.slot_to_open(month)
        if slot is None:
            return
        need_yuan = self.need_yuan(slot, month)
        if self.means_yuan < need_yuan:
            return
        chance = logistic(self._opening_utility(slot, need_yuan))
        if self.draw_of_four(Purpose.OPEN, month.first_day) < chance:
            self.open_shop(slot, month)

    def _entry_yuan(self, slot: int, month: Month) -> float:
        """Setup and deposit of a new shop."""
        first = self._platforms_for(slot, month)[0]
        deposit_yuan = self.model.settings.platforms[first].deposit_yuan
        return float(self.behaviour.setup_cost_yuan + deposit_yuan)

    def need_yuan(self, slot: int, month: Month) -> float:
        terms, entry_yuan = self.village.terms, self._entry_yuan(slot, month)
        need_yuan = entry_yuan - min(terms.levers.subsidy_yuan, entry_yuan)
        if self.is_producer or self.village.goods[slot].perishable:
            return need_yuan
        return need_yuan + terms.minimum_lot_pieces * terms.supply_price_yuan[slot]

    def _opening_utility(self, slot: int, need_yuan: float) -> float:
        behaviour, wage = self.behaviour, self.village.terms.wage_yuan
        known = selling = []
        if self.village.seen_shops_all > 0:
            known = [peer for peer in self.peers if peer.is_known_as_peer]
            selling = [peer for peer in known if self.learns_from(peer)]
        time_worth_yuan = self.village.goods[slot].work_share * wage
        expected = self._expected_profit_yuan(selling, time_worth_yuan)
        forgone = time_worth_yuan * (1.0 + behaviour.city_wage_premium * self.is_away)
        gain = clamp((expected - forgone) / wage, -2.0, behaviour.gain_limit)
        return (
            behaviour.open_intercept
            + behaviour.open_gain * gain
            + behaviour.open_imitation * (len(selling) / len(known) if known else 0.0)
            + behaviour.open_knowledge * self.knowledge
            + behaviour.open_schooling * (self.schooling_years - 9) / 3
            - behaviour.open_age * max(0.0, (self.age_years - 30) / 10)
            + behaviour.open_city * self.worked_in_city
            + behaviour.open_producer * self.is_producer
            - behaviour.open_away * self.is_away
            - behaviour.open_span * len(self.shops)
            + self.village.spec.trade_tradition
            - behaviour.open_entry_cost * need_yuan / (12.0 * time_worth_yuan)
        )

    @property
    def is_known_as_peer(self) -> bool:
        """Everybody of the village is; an incomer if it had a shop."""
        return self.kind != INCOMER or self.seen_profit_yuan is not None

    def learns_from(self, peer: "Household") -> bool:
        return peer.seen_profit_yuan is not None

    def _expected_profit_yuan(self, selling: list["Household"], time_worth_yuan: float) -> float:
        behaviour, village = self.behaviour, self.village
        shops, mean_profit_yuan = self.village_experience()
        full = behaviour.learning_village_shops
        by_village = behaviour.learning_village * min(shops, full) / full
        by_own = 0.0 if self.seen_profit_yuan is None else behaviour.learning_own
        by_nearby = behaviour.learning_nearby * village.hearsay_weight
        prior_yuan = behaviour.prior_profit_wages * time_worth_yuan
        return (
            behaviour.learning_prior * prior_yuan
            + behaviour.learning_peer * sum(peer.seen_profit_yuan for peer in selling)
            + by_village * mean_profit_yuan
            + by_own * (self.seen_profit_yuan or 0.0)
            + by_nearby * village.hearsay_profit_yuan
        ) / (
            behaviour.learning_prior
            + behaviour.learning_peer * len(selling)
            + by_village
            + by_own
            + by_nearby
        )

    def village_experience(self) -> tuple[int, float]:
        """Published number of shops in the village and their mean profit."""
        return self.village.seen_shops_all, self.village.seen_profit_all_yuan

    def open_shop(self, slot: int, month: Month) -> None:
        if not self.shops:
            self.main_slot = slot
        shop = Shop(self, self.shops_ever, slot, month)
        setup_yuan, entry_yuan = self.behaviour.setup_cost_yuan, self._entry_yuan(slot, month)
        subsidy_yuan = min(self.village.terms.levers.subsidy_yuan, entry_yuan)
        shop.till.pay(setup_yuan, "setup_yuan")
        shop.till.pay(entry_yuan - setup_yuan, "deposits_paid_yuan")
        shop.till.take(subsidy_yuan, "subsidies_yuan")
        self.book_shop_profit(subsidy_yuan - setup_yuan)
        self.village.record["returnees"] += self.is_away
        self.village.record["shops_opened"] += 1
        self.is_away = False
        self.last_opening_day = month.first_day
        self.shops_ever += 1
        self.shops.append(shop)
        self.village.shops.append(shop)

    def set_aside_boxes(self, shop: Shop) -> int:
        """Boxes of own fruit that a shop ships today."""
        return 0

    def share_hands(self) -> None:
        """Divide the family's hands among its shops."""
        for shop in self.shops:
            shop.hands = self.family_hands / len(self.shops)

    # Every day.

    def source_pieces(self, shop: Shop, wanted_pieces: float) -> float:
        """Pieces at hand for today's shipping, after buying more if they are short."""
        raise NotImplementedError

    def use_pieces(self, shop: Shop, pieces: float, worth_yuan: float) -> None:
        """Take pieces that are shipped from the stock."""
        raise NotImplementedError
