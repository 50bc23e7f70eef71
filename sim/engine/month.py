"""The order of a month, once in words and once in code (ODD section 3).

First day of a month:

1. season_village: the year's season is drawn, two months before it begins
2. train_village: owners learn, training reaches households
3. receive_village: dollars due are paid out
4. close_village: shops close
5. weigh_village: operators weigh what they could sell
6. open_village: outside operators settle, households open shops
7. window_village: seasonal sellers decide when to open
8. price_village: prices are set
9. channel_village: platforms are added
10. staff_village: staff is hired or laid off
11. attraction_village: attraction is published
12. publish_commuting: places are filled from the rest of the town; publish_competition: attraction
    of all villages is set against outside sellers
13. share_village: mean orders a day are published

Every day:

1. make_goods: makers produce and sell to merchants
2. receive_orders: orders arrive at every open shop
3. serve_durable: shops with durable goods source, ship, are paid and rated
4. harvest_village: fruit is picked, sold, processed, lost

Last day of a month:

1. close_month: wages, costs and taxes are paid, households consume, profits are published

Between villages nothing passes but what step 12 and publish_hearsay (before step 1) publish, so
villages are walked through a month one by one, in any order and by any number of threads.
"""

from typing import Any

from sim.compiled import entry_kernel, kernel
from sim.engine.accounts import close_month
from sim.engine.closing import close_village, receive_village, train_village
from sim.engine.decisions import channel_village, price_village, staff_village, window_village
from sim.engine.goods import draw_merchants, make_goods
from sim.engine.harvest import harvest_village, is_in_season
from sim.engine.market import attraction_village, share_village
from sim.engine.opening import open_village, weigh_village
from sim.engine.season import season_village
from sim.engine.trade import is_selling, receive_orders, serve_durable
from sim.world.columns import MANUFACTURER

SEASON, TRAIN, RECEIVE, CLOSE, WEIGH, OPEN, WINDOW, PRICE, CHANNEL, STAFF, ATTRACTION, END = range(
    12
)
"""The stages of a month's first day that a village goes through alone, in order."""


@kernel
def serve_shops(v: int, day: int, s: Any, t: Any) -> float:
    """Take the day's orders of all shops, then serve durable ones; return their sales [yuan]."""
    villages, shops = s.villages, s.shops
    first = villages.first_shop[v]
    last = first + villages.open_shops[v]
    for shop in range(first, last):
        if is_selling(shop, day, s, t):
            receive_orders(v, shop, day, s, t)
    sales = 0.0
    for shop in range(first, last):
        if not t.goods.perishable[shops.good[shop]]:
            sales += serve_durable(v, shop, day, s, t)
    return sales


@kernel
def active_stores(v: int, day: int, s: Any, t: Any) -> float:
    """Open stores with an order in the last `active_within_days` days, today included."""
    shops = s.shops
    first = s.villages.first_shop[v]
    active = 0.0
    for shop in range(first, first + s.villages.open_shops[v]):
        last = shops.last_order_day[shop]
        if last >= 0 and last > day - t.m[0].active_within_days:
            active += 1.0
    return active


@kernel
def walk_village(v: int, from_day: int, to_day: int, s: Any, t: Any) -> None:
    """Run the days from_day … to_day of one month in one village."""
    has_makers = s.villages.kind_count[v, MANUFACTURER] > 0
    draw_merchants(v, s, t)
    for day in range(from_day, to_day + 1):
        d = day - t.m[0].first_day
        if has_makers:
            make_goods(v, s, t)
        sales = serve_shops(v, day, s, t)
        if is_in_season(v, day, s, t):
            sales += harvest_village(v, day, d, s, t)
        s.day_sales_yuan[v, d] = sales
        s.day_active_stores[v, d] = active_stores(v, day, s, t)
        if day == t.m[0].last_day:
            close_month(v, s, t)


@kernel
def _decide_village(  # noqa: C901, PLR0912 - one branch for each stage
    v: int, first_stage: int, end_stage: int, s: Any, t: Any
) -> None:
    """Run the stages; stop at the opening stage if it finds no room in the table of shops."""
    for stage in range(first_stage, end_stage):
        if stage == SEASON:
            season_village(v, s, t)
        elif stage == TRAIN:
            train_village(v, s, t)
        elif stage == RECEIVE:
            receive_village(v, s, t)
        elif stage == CLOSE:
            close_village(v, s, t)
        elif stage == WEIGH:
            weigh_village(v, s, t)
        elif stage == OPEN:
            if not open_village(v, s, t):
                return
        elif stage == WINDOW:
            window_village(v, s, t)
        elif stage == PRICE:
            price_village(v, s, t)
        elif stage == CHANNEL:
            channel_village(v, s, t)
        elif stage == STAFF:
            staff_village(v, s, t)
        elif stage == ATTRACTION:
            attraction_village(v, s, t)


@entry_kernel
def decide_villages(
    first: int, last: int, s: Any, t: Any, first_stage: int, end_stage: int, resumes: bool
) -> None:
    """Stages first_stage … end_stage - 1 of a month's first day in villages first … last - 1.

    A village without room for a new shop stops at the opening stage. With `resumes`, only those
    are gone through, from there on.
    """
    for v in range(first, last):
        if not resumes or s.villages.next_to_open[v] > 0:
            _decide_village(v, first_stage, end_stage, s, t)


@entry_kernel
def share_villages(first: int, last: int, s: Any, t: Any) -> None:
    """Step 13 in villages first … last - 1."""
    for v in range(first, last):
        share_village(v, s, t)


@entry_kernel
def walk_villages(first: int, last: int, s: Any, t: Any, from_day: int, to_day: int) -> None:
    """Days from_day … to_day of one month in villages first … last - 1."""
    for v in range(first, last):
        walk_village(v, from_day, to_day, s, t)
