from typing import Any

import pytest

from sim.agents import Farmer, Manufacturer, StoreOperator
from sim.model import CommerceModel


def test_a_village_knows_its_households_by_kind(finished: CommerceModel) -> None:
    village = finished.villages[0]

    for name, cls, count in (
        ("farmers", Farmer, 8),
        ("manufacturers", Manufacturer, 6),
        ("store_operators", StoreOperator, 22),
    ):
        agents = getattr(village, name)
        assert len(agents) == count
        assert {type(agent) for agent in agents} == {cls}
        assert {agent.village for agent in agents} == {village}


def test_a_village_knows_what_the_observer_sees(finished: CommerceModel) -> None:
    village, observer = finished.villages[0], finished.observer

    assert village.year_sales_yuan == observer.trailing_fen[0] / 100 > 0
    assert village.active_stores == observer.active_stores[0] > 0
    assert village.is_designated is True


def test_sales_of_the_year_are_those_of_its_months(finished: CommerceModel) -> None:
    months = finished.tables["village_months"]["online_sales_yuan"]

    # The observer rounds every day to the fen.
    assert finished.villages[0].year_sales_yuan == pytest.approx(months.sum(), abs=365 * 0.005)


def test_households_know_their_village(tiny_text: str, tmp_path: Any) -> None:
    path = tmp_path / "two.toml"
    path.write_text(tiny_text.replace('name = "Reed"', 'name = "Reed"\ncount = 2'))
    model = CommerceModel(path)
    first, second = (model.village(f"Reed {number}") for number in (1, 2))

    assert [agent.village for agent in model.agents] == [first] * 36 + [second] * 36
    assert [agent.row for agent in second.farmers] == list(range(36, 44))
    assert [agent.producer_row for agent in second.farmers] == list(range(14, 22))


@pytest.mark.parametrize("name", ["Willow", "reed"])
def test_a_village_that_is_not_there_is_not_found(finished: CommerceModel, name: str) -> None:
    with pytest.raises(KeyError, match=f"no village is called '{name}'; there is Reed"):
        finished.village(name)


def test_a_name_that_two_towns_have_is_refused(tiny_text: str, tmp_path: Any) -> None:
    head, _, village = tiny_text.partition("[[villages]]")
    other = village.replace('town = "T"', 'town = "U"')
    path = tmp_path / "two.toml"
    path.write_text(f"{head}[[villages]]{village}[[villages]]{other}")

    with pytest.raises(KeyError, match="2 villages are called 'Reed'"):
        CommerceModel(path).village("Reed")
