"""Whom a household observes, seen from its agent."""

from typing import Any

import numpy as np
import pytest

from sim.agents import Household, StoreOperator
from sim.engine.outlook import opening_outlook
from sim.world.columns import CROP_SLOT, INCOMER


def sells(peer: Household) -> bool:
    """Whether it had a shop at the end of the last month."""
    return not np.isnan(peer.observed_profit_yuan_per_month)


def share_of_peers_selling(agent: Household) -> float:
    known = [peer for peer in agent.peers if peer.kind != INCOMER or sells(peer)]
    return sum(map(sells, known)) / len(known) if known else 0.0


def test_peers_are_those_whose_shops_the_engine_counts(finished: Any) -> None:
    operators = finished.agents_by_type[StoreOperator]
    state, terms = finished.simulation.state, finished.simulation.terms
    seen = [opening_outlook(0, agent.row, CROP_SLOT, state, terms) for agent in operators]

    assert any(outlook.selling_share > 0 for outlook in seen)
    for agent, outlook in zip(operators, seen, strict=True):
        assert share_of_peers_selling(agent) == pytest.approx(outlook.selling_share)


def test_nobody_is_a_peer_of_itself_or_of_another_village(finished: Any) -> None:
    for agent in finished.agents:
        assert agent not in agent.peers
        assert {peer.village_number for peer in agent.peers} <= {agent.village_number}


def test_neighbours_come_first(finished: Any) -> None:
    farmers = finished.villages[0].farmers.to_list()

    assert farmers[3].peers[:4] == [farmers[1], farmers[2], farmers[4], farmers[5]]
    assert farmers[0].peers[:2] == [farmers[1], farmers[2]]
