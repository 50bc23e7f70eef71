"""Agents as views: reading an attribute reads the column, assigning writes it."""

from typing import Any

import mesa
import numpy as np
import pytest

from sim.agents import Farmer, Household, Manufacturer, Shop, StoreOperator, Village
from sim.model import CommerceModel
from sim.results import schema
from sim.world.columns import TABLES

KINDS = {Farmer: (0,), Manufacturer: (1,), StoreOperator: (2, 3)}


def same(seen: Any, stored: Any) -> bool:
    return bool(np.array_equal(seen, stored, equal_nan=np.issubdtype(stored.dtype, np.floating)))


def views(model: CommerceModel, table: str) -> list[tuple[Any, int]]:
    """Every view of a table with its row."""
    if table == "villages":
        return [(village, village.row) for village in model.villages]
    if table == "shops":
        return [(shop, shop.row) for agent in model.agents for shop in agent.stores]
    if table == "producers":
        return [(a, a.producer_row) for a in model.agents if isinstance(a, Farmer | Manufacturer)]
    return [(agent, agent.row) for agent in model.agents]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_can_be_read_from_a_view(finished: CommerceModel, table: str) -> None:
    columns = getattr(finished.simulation.state, table)
    seen = views(finished, table)
    # A shop's owner is an agent, not a row.
    names = [column.name for column in TABLES[table] if column.name != "owner"]

    assert seen
    for view, row in seen:
        wrong = [name for name in names if not same(getattr(view, name), columns[name][row])]
        assert wrong == []


@pytest.mark.parametrize(
    ("cls", "table"),
    [
        (Household, "households"),
        (Farmer, "producers"),
        (Manufacturer, "producers"),
        (Shop, "shops"),
        (Village, "villages"),
    ],
)
def test_every_column_is_an_attribute_that_tells_its_meaning_and_unit(
    cls: type, table: str
) -> None:
    for column in TABLES[table]:
        if column.name != "owner":
            meaning = f"{column.meaning} [{column.unit}]"
            assert getattr(cls, column.name).__doc__ == meaning


def test_a_number_is_read_as_a_plain_python_number(finished: CommerceModel) -> None:
    agent = next(iter(finished.agents))

    assert type(agent.cash_yuan) is float
    assert type(agent.members) is int
    assert type(agent.worked_in_city) is bool


def test_kinds_are_classes(finished: CommerceModel) -> None:
    for cls, kinds in KINDS.items():
        of_class = finished.agents_by_type[cls]
        assert {agent.kind for agent in of_class} <= set(kinds)
        assert all(isinstance(agent, mesa.Agent) for agent in of_class)
    assert {cls: len(agents) for cls, agents in finished.agents_by_type.items()} == {
        Farmer: 8, Manufacturer: 6, StoreOperator: 22,
    }  # fmt: skip


def test_an_incomer_is_a_store_operator_in_a_room(finished: CommerceModel) -> None:
    operators = finished.agents_by_type[StoreOperator]

    assert sum(agent.is_incomer for agent in operators) == 6


def test_a_kind_has_the_name_that_tables_give_it(finished: CommerceModel) -> None:
    names = {agent.kind: agent.kind_name for agent in finished.agents}

    assert names == dict(enumerate(schema.KINDS))


def test_a_farmer_has_an_orchard_and_a_maker_a_capacity(finished: CommerceModel) -> None:
    farmers = finished.agents_by_type[Farmer]
    makers = finished.agents_by_type[Manufacturer]

    assert sum(farmers.get("orchard_mu")) == pytest.approx(finished.villages[0].orchard_mu)
    assert all(maker.capacity_pieces_per_month > 0 for maker in makers)
    assert farmers.get("orchard_mu") == farmers.get("output")


def test_the_good_of_a_trade_has_a_name(finished: CommerceModel) -> None:
    names = {agent.good_name for agent in finished.agents_by_type[StoreOperator]}

    assert {agent.good_name for agent in finished.agents_by_type[Farmer]} == {"bayberry"}
    assert {agent.good_name for agent in finished.agents_by_type[Manufacturer]} == {"sanitary_ware"}
    assert names <= {None, "bayberry", "sanitary_ware", "small_appliances"}


def test_an_operator_that_never_opened_has_no_good(make_model: Any) -> None:
    operators = make_model().agents_by_type[StoreOperator]

    assert {agent.good_name for agent in operators} == {None}


def test_agents_say_who_they_are(finished: CommerceModel) -> None:
    farmer = finished.agents.to_list()[0]

    assert repr(farmer) == "<Farmer 0 of Reed>"
    assert repr(farmer.village) == "<Village Reed>"
    seller = next(agent for agent in finished.agents if agent.stores)
    assert repr(seller.stores[0]).startswith(f"<Shop {seller.stores[0].ordinal} of <")


# --- writing


@pytest.mark.parametrize(
    ("cls", "table", "column", "value"),
    [
        (Household, "households", "knowledge", 0.25),
        (Household, "households", "cash_yuan", -12.5),
        (Household, "households", "technical_training", True),
        (Farmer, "producers", "output", 3.5),
        (Manufacturer, "producers", "unit_cost_yuan", 9.0),
    ],
)
def test_assigning_writes_the_column_at_this_row_alone(
    make_model: Any, cls: type, table: str, column: str, value: Any
) -> None:
    model = make_model()
    agent = next(a for a in model.agents if isinstance(a, cls))
    before = getattr(model.simulation.state, table)[column].copy()
    setattr(agent, column, value)

    after = getattr(model.simulation.state, table)[column]
    row = agent.row if table == "households" else agent.producer_row
    assert after[row] == value
    assert np.array_equal(np.delete(after, row), np.delete(before, row))


def test_a_shop_and_a_village_can_be_written_too(make_model: Any) -> None:
    model = make_model("2015-06-30")
    shop = next(shop for agent in model.agents for shop in agent.stores)
    shop.rating = 1.5
    model.villages[0].income_index = 2.0

    assert model.simulation.state.shops["rating"][shop.row] == 1.5
    assert model.simulation.state.villages["income_index"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("households", "shops"),
        ("households", "slot"),
        ("shops", "ordinal"),
        ("shops", "channels"),
        ("shops", "price_answer_yuan"),
        ("villages", "first_household"),
        ("villages", "open_shops"),
        ("villages", "kind_count"),
        ("villages", "good_of_slot"),
    ],
)
def test_what_says_where_things_lie_cannot_be_assigned(
    make_model: Any, table: str, column: str
) -> None:
    model = make_model("2015-06-30")
    view, row = views(model, table)[0]
    before = getattr(model.simulation.state, table)[column][row].copy()

    with pytest.raises(AttributeError, match=f"{column} .* cannot be assigned"):
        setattr(view, column, before)
    assert same(before, getattr(model.simulation.state, table)[column][row])


def test_what_cannot_be_assigned_cannot_be_changed_in_place_either(make_model: Any) -> None:
    village = make_model().villages[0]

    with pytest.raises(ValueError, match="read-only"):
        village.kind_count[0] = 5


def test_what_is_written_changes_what_comes(make_model: Any) -> None:
    base, rich = make_model(), make_model()
    for agent in rich.agents_by_type[StoreOperator]:
        agent.cash_yuan += 1e6
    for model in (base, rich):
        model.run_until("2015-12-31")

    opened = [m.tables["village_months"]["shops_opened"].sum() for m in (base, rich)]
    assert opened[1] > opened[0]


# --- Mesa's sets of agents


def test_agent_sets_select_get_and_aggregate_columns(finished: CommerceModel) -> None:
    agents, columns = finished.agents, finished.simulation.state.households
    sellers = agents.select(lambda agent: agent.shops > 0)

    assert sellers.get("cash_yuan") == columns["cash_yuan"][columns["shops"] > 0].tolist()
    assert agents.agg("cash_yuan", max) == columns["cash_yuan"].max()
    assert agents.agg("shops", sum) == finished.villages[0].open_shops
    assert {kind: len(group) for kind, group in agents.groupby("kind")} == {0: 8, 1: 6, 2: 16, 3: 6}


def test_agent_sets_write_columns(make_model: Any) -> None:
    model = make_model()
    model.agents_by_type[Farmer].set("knowledge", 0.5)

    assert model.simulation.state.households["knowledge"][:8].tolist() == [0.5] * 8


def test_agent_sets_call_methods(finished: CommerceModel) -> None:
    farmers = finished.agents_by_type[Farmer]

    assert farmers.map(lambda a: a.village.name) == ["Reed"] * 8


def test_all_households_are_in_the_order_of_their_rows(finished: CommerceModel) -> None:
    assert [agent.row for agent in finished.agents] == list(range(36))
