"""Agents are made village by village, when someone asks for them."""

from sim.agents import Farmer
from sim.model import CommerceModel


class Bold(Farmer):
    """A grower who would rather sell online."""


def bayberry() -> CommerceModel:
    return CommerceModel("bayberry", threads=1)


def test_a_village_makes_its_own_agents_alone() -> None:
    model = bayberry()

    growers = model.village("Kuangyan village 2").farmers

    assert {agent.village_number for agent in growers} == {1}
    assert len(model._all_agents) == len(model.households_of(1))


def test_converting_some_makes_no_others() -> None:
    model = bayberry()
    growers = model.village("Kuangyan village 2").farmers

    model.convert(growers.select(at_most=3), Bold)

    assert len(model._all_agents) == len(model.households_of(1))


def test_agents_of_a_village_stay_the_same_when_all_are_asked_for() -> None:
    model = CommerceModel("mixed", threads=1)
    some = model.households_of(0)

    assert model.agents.to_list() == some
    assert len(some) == model.simulation.state.households.size
