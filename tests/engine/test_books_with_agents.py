"""Books balance as well where agents of a user buy, order and are paid."""

from typing import Any

import mesa
import numpy as np
import pytest
from books import FEN, GRAM, assert_close, cash_flows
from small_worlds import scenario

from sim.agents import Farmer, Household, Manufacturer
from sim.model import CommerceModel
from sim.world.records import MONTH_FIELDS, Month


class Streamer(mesa.Agent):  # type: ignore[misc]
    """Buys from producers, orders for its viewers from all shops, and is paid by owners."""

    def __init__(self, model: CommerceModel) -> None:
        super().__init__(model)
        self.cash_yuan = 0.0
        self.pieces = 0.0
        self.kg = 0.0

    def step(self) -> None:
        """Trade on every fifth day."""
        if self.model.date.day % 5:
            return
        for agent in self.model.agents.select(agent_type=Household):
            if isinstance(agent, Manufacturer):
                self.pieces += agent.sell(2.5, 60.0, self)
            elif isinstance(agent, Farmer):
                self.kg += agent.sell(0.75, 25.0, self)
            for shop in agent.stores:
                shop.place_orders(1)
                agent.pay(4.0, self)


@pytest.fixture(scope="module")
def streamed() -> CommerceModel:
    """A busy village of two years with a streamer; to be looked at only."""
    model = CommerceModel(scenario(), threads=1)
    Streamer(model)
    model.run()
    return model


@pytest.fixture(scope="module")
def record(streamed: CommerceModel) -> np.ndarray:
    """What was recorded of the village, (months, fields)."""
    columns = streamed.tables["village_months"]
    return np.array([columns[name] for name in MONTH_FIELDS]).T


def streamer_of(model: CommerceModel) -> Any:
    return model.agents_by_type[Streamer].to_list()[0]


def test_a_streamer_has_traded_in_every_way(record: np.ndarray) -> None:
    """Else the tests below would see nothing."""
    assert (record[:, [Month.AGENTS_PIECES, Month.AGENTS_KG]] > 0.0).any(axis=0).all()
    assert (record[:, Month.AGENTS_YUAN] < 0.0).any()
    assert (record[:, Month.AGENTS_YUAN] > 0.0).any()


def test_cash_changes_by_flows_and_by_what_a_streamer_pays_and_gets(record: np.ndarray) -> None:
    cash = record[:, Month.CASH_YUAN]

    assert_close(np.diff(cash), cash_flows(record)[1:], FEN)


def test_a_streamer_has_what_the_village_has_not(
    streamed: CommerceModel, record: np.ndarray
) -> None:
    streamer = streamer_of(streamed)

    assert streamer.cash_yuan == pytest.approx(-record[:, Month.AGENTS_YUAN].sum(), abs=FEN)
    assert streamer.pieces == pytest.approx(record[:, Month.AGENTS_PIECES].sum(), abs=GRAM)
    assert streamer.kg == pytest.approx(record[:, Month.AGENTS_KG].sum(), abs=GRAM)


def test_pieces_that_a_streamer_takes_leave_the_stock(record: np.ndarray) -> None:
    came = record[:, [Month.PIECES_MADE, Month.PIECES_FROM_OUTSIDE]].sum(axis=1)
    sold = [Month.PIECES_TO_MERCHANTS, Month.PIECES_SHIPPED, Month.PIECES_SALVAGED]
    went = record[:, [*sold, Month.AGENTS_PIECES]].sum(axis=1)

    assert_close(np.diff(record[:, Month.PIECES_IN_STOCK]), (came - went)[1:], GRAM)


def test_fruit_that_a_streamer_takes_leaves_the_stock(record: np.ndarray) -> None:
    wholesale = record[:, Month.WHOLESALE_KG] - record[:, Month.PICKED_COMMON_KG]
    online = record[:, [Month.ONLINE_OWN_KG, Month.ONLINE_BOUGHT_KG]].sum(axis=1)
    went = wholesale + online + record[:, Month.SPOILED_KG] + record[:, Month.AGENTS_KG]

    change = np.diff(record[:, Month.FRUIT_IN_STOCK_KG])
    assert_close(change, (record[:, Month.PICKED_PREMIUM_KG] - went)[1:], GRAM)


def test_orders_of_viewers_are_shipped_cancelled_or_wait(
    streamed: CommerceModel, record: np.ndarray
) -> None:
    state = streamed.simulation.state
    rows = state.shops[state.villages["first_shop"][0] :][: state.villages["open_shops"][0]]
    waiting = rows["backlog"].sum()

    done = record[:, [Month.ORDERS_SHIPPED, Month.ORDERS_CANCELLED]].sum()
    assert record[:, Month.ORDERS_PLACED].sum() == done + waiting
