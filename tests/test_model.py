"""The model as a Mesa user meets it: time, agents of one's own, data collection, batch runs."""

import multiprocessing
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

from sim.agents import Farmer, Manufacturer, StoreOperator
from sim.errors import ExtensionError, ScenarioError
from sim.model import CommerceModel
from sim.rules.opening import OpeningOutlook
from sim.scenario import load_scenario
from sim.world.calendar import date_of

MakeModel = Callable[..., CommerceModel]


@pytest.fixture(scope="session")
def make(tiny_file: Path) -> MakeModel:
    """Make a model of the tiny village."""

    def model(**arguments: Any) -> CommerceModel:
        return CommerceModel(tiny_file, **{"threads": 1, **arguments})

    return model


@pytest.fixture(scope="session")
def finished(make: MakeModel) -> CommerceModel:
    """A model at its end, to look at and not to change."""
    model = make()
    model.run()
    return model


class Streamer(mesa.Agent):
    """A live-streamer, a plain Mesa agent: buys stock, brings orders, is paid for them."""

    def __init__(self, model: CommerceModel) -> None:
        super().__init__(model)
        self.cash_yuan = 10_000.0
        self.days: list[date] = []

    def step(self) -> None:
        self.days.append(self.model.date)
        makers = self.model.villages[0].manufacturers
        for maker in makers.select(lambda agent: agent.stock > 20):
            maker.sell(1, 50.0, self)
        for seller in makers.select(lambda agent: agent.shops > 0):
            for shop in seller.stores[:1]:
                shop.place_orders(1 + self.model.date.day % 3)
                seller.pay(5.0, to=self)


def with_streamer(make: MakeModel) -> tuple[CommerceModel, Streamer]:
    model = make()
    return model, Streamer(model)


def bits(model: CommerceModel) -> dict[str, bytes]:
    """Everything that a run has changed or recorded, byte by byte."""
    state = model.simulation.state
    found = {
        f"{name}.{column}": getattr(state, name)[column].tobytes()
        for name in ("households", "producers", "villages")
        for column in getattr(state, name).dtype.names
    }
    shops = state.shops[state.villages["first_shop"][0] :][: state.villages["open_shops"][0]]
    found |= {f"shops.{column}": shops[column].tobytes() for column in shops.dtype.names}
    for name, table in model.tables.items():
        found |= {f"{name}.{column}": values.tobytes() for column, values in table.items()}
    observer = model.observer
    for name in ("trailing_fen", "active_stores", "holds", "crossed_day", "listed_day"):
        found[name] = getattr(observer, name).tobytes()
    return found | {"events": repr(model.events).encode(), "time": repr(model.time).encode()}


def different(a: CommerceModel, b: CommerceModel) -> list[str]:
    one, two = bits(a), bits(b)
    return [name for name in {**one, **two} if one.get(name) != two.get(name)]


# --- time


def test_a_day_at_a_time_or_months_at_a_time_gives_the_same_bits(
    make: MakeModel, finished: CommerceModel
) -> None:
    model = make()
    while model.running:
        model.step()

    assert different(model, finished) == []


def test_any_mixture_of_steps_and_runs_gives_the_same_bits(
    make: MakeModel, finished: CommerceModel
) -> None:
    model = make()
    model.run_until("2015-02-10")
    model.step()
    model.run_until(date(2015, 2, 28))
    model.run_for(40)
    model.run_until(model.time + 100)
    model.agents.select(lambda agent: agent.shops > 0)
    model.run()

    assert different(model, finished) == []


def test_time_is_counted_in_days_as_mesa_does(make: MakeModel) -> None:
    model = make()
    assert (model.steps, model.time, model.date) == (0, 0, date(2015, 1, 1))
    model.step()
    assert (model.steps, model.time, model.date) == (1, 1, date(2015, 1, 2))
    model.run_until("2015-03-31")
    assert (model.steps, model.time, model.date) == (90, 90, date(2015, 4, 1))
    model.run_until(95)
    assert (model.steps, model.time, model.date) == (95, 95, date(2015, 4, 6))


@pytest.mark.parametrize(
    "end",
    [
        "2015-02-10",
        date(2015, 2, 10),
        datetime(2015, 2, 10, 12, tzinfo=UTC),
        41,
        41.0,
        np.int64(41),
    ],
)
def test_a_day_may_be_said_in_many_ways(make: MakeModel, end: Any) -> None:
    model = make()
    model.run_until(end)

    assert (model.steps, model.date) == (41, date(2015, 2, 11))


def test_leap_days_are_run(tiny_text: str, tmp_path: Path) -> None:
    path = tmp_path / "leap.toml"
    path.write_text(tiny_text.replace("2015-01-01", "2016-02-01").replace("2015-", "2016-"))
    model = CommerceModel(path)
    model.run_until("2016-02-29")

    assert (model.steps, model.date) == (29, date(2016, 3, 1))


def test_a_model_stops_on_the_last_day_of_its_scenario(make: MakeModel) -> None:
    model = make()
    model.run_until("2030-01-01")

    assert (model.running, model.steps, model.date) == (False, 365, date(2016, 1, 1))


def test_nothing_happens_after_the_end(make: MakeModel, finished: CommerceModel) -> None:
    model = make()
    model.run()
    model.run()
    model.step()

    assert (model.running, model.date) == (False, date(2016, 1, 1))
    assert set(different(model, finished)) <= {"time"}


@pytest.mark.parametrize("end", ["2015-03-30", date(2014, 1, 1), 40])
def test_time_does_not_run_backwards(make: MakeModel, end: Any) -> None:
    model = make()
    model.run_until("2015-03-31")

    with pytest.raises(ValueError, match="the next day to run is 2015-04-01"):
        model.run_until(end)


@pytest.mark.parametrize("end", ["tomorrow", "2015-02-30", None, [1]])
def test_a_date_that_is_none_is_refused(make: MakeModel, end: Any) -> None:
    with pytest.raises(ValueError, match="a date such as 2015-12-31"):
        make().run_until(end)


def test_a_run_that_ends_inside_a_month_has_no_end_of_it(make: MakeModel) -> None:
    model = make()
    model.run_until("2015-03-15")

    assert len(model.tables["village_months"]["day"]) == 2
    assert model.tables["household_years"] == {}


# --- seeds and scenarios


def test_the_seed_is_the_scenarios_if_none_is_given(make: MakeModel) -> None:
    assert make().seed == 7
    assert make(rng=3).seed == 3
    assert make(seed=4).seed == 4


def test_the_same_seed_gives_the_same_bits(make: MakeModel, finished: CommerceModel) -> None:
    again = make(rng=7)
    again.run()

    assert different(again, finished) == []


def test_another_seed_gives_another_history(make: MakeModel, finished: CommerceModel) -> None:
    other = make(rng=8)
    other.run()

    assert different(other, finished) != []


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "seven", True])
def test_a_seed_is_a_whole_number(make: MakeModel, seed: object) -> None:
    with pytest.raises(ScenarioError, match=r"rng = .*; allowed: a whole number from 0 to 2\*\*63"):
        make(rng=seed)


def test_keys_of_the_scenario_can_be_changed(make: MakeModel) -> None:
    model = make(
        end="2015-06-30",
        platforms=["taobao"],
        **{
            "observer.rule": "published",
            "villages.Reed.farmers.orchard_mu_mean": 7.5,
            "goods.bayberry.exportable": False,
            "behaviour.open_gain": np.float64(0.5),
        },
    )

    scenario = model.scenario
    assert (scenario.end, scenario.platforms) == (date(2015, 6, 30), ("taobao",))
    assert scenario.observer.rule == "published"
    assert scenario.villages[0].farmers.orchard_mu_mean == 7.5
    assert scenario.goods == load_scenario(
        "cangtian", ["goods.bayberry.exportable=false"]
    ).goods | {name: scenario.goods[name] for name in ("sanitary_ware", "small_appliances")}
    assert scenario.behaviour["open_gain"] == 0.5


def test_a_date_may_be_given_as_a_date(make: MakeModel) -> None:
    assert make(end=date(2015, 6, 30)).scenario.end == date(2015, 6, 30)


def test_a_key_that_is_not_there_is_refused(make: MakeModel) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'platforms'"):
        make(platform=["taobao"])


def test_a_scenario_made_before_can_be_run(tiny_file: Path, finished: CommerceModel) -> None:
    model = CommerceModel(load_scenario(tiny_file))
    model.run()

    assert model.scenario is not None
    assert different(model, finished) == []


def test_a_scenario_made_before_takes_no_changes(tiny_file: Path) -> None:
    with pytest.raises(ExtensionError, match=r"\['end'\] need a scenario by name or file"):
        CommerceModel(load_scenario(tiny_file), end="2015-06-30")


@pytest.mark.parametrize("kind", ["farmer", "manufacturer", "store_operator"])
@pytest.mark.parametrize("cls", [mesa.Agent, int, "Farmer"])
def test_a_class_of_agents_must_be_a_subclass_of_its_kind(
    make: MakeModel, kind: str, cls: Any
) -> None:
    with pytest.raises(ExtensionError, match=f"{kind} = .*: a subclass of "):
        make(**{kind: cls})


# --- Mesa's face


def test_the_model_is_a_mesa_model(finished: CommerceModel) -> None:
    assert isinstance(finished, mesa.Model)
    assert set(finished.agent_types) == {Farmer, Manufacturer, StoreOperator}
    assert len(finished.agents) == 36


def test_agents_are_made_only_when_they_are_asked_for(make: MakeModel) -> None:
    model = make()
    model.run_until("2015-03-31")
    made_before = model.agent_id_counter - 1

    assert made_before == 0
    assert len(model.agents_by_type[Farmer]) == 8
    assert model.agent_id_counter - 1 == 36


def test_looking_at_agents_changes_nothing(make: MakeModel, finished: CommerceModel) -> None:
    model = make()
    for _ in range(12):
        assert len(model.agents) == 36
        model.run_until(model.time + 30)
    model.run()

    assert different(model, finished) == []


def test_data_is_collected_at_the_end_of_each_month(finished: CommerceModel) -> None:
    frame = finished.datacollector.get_model_vars_dataframe()

    assert frame["date"].tolist() == [
        *(date(2015, month + 1, 1).replace(day=1) - date.resolution for month in range(1, 12)),
        date(2015, 12, 31),
    ]
    last = frame.iloc[-1]
    assert last["year_sales_yuan"] == finished.villages[0].year_sales_yuan
    assert last["active_stores"] == finished.villages[0].active_stores
    assert last["open_shops"] == finished.villages[0].open_shops
    crossed = next(date_of(e.day) for e in finished.events if e.kind == "crossed")
    designated = [int(day >= crossed) for day in frame["date"]]
    assert frame["designated_villages"].tolist() == designated
    assert frame["listed_villages"].tolist() == [0] * 8 + [1] * 4


def test_a_run_that_ends_inside_a_month_is_collected_once(make: MakeModel) -> None:
    model = make(end="2015-03-15")
    model.run()
    frame = model.datacollector.get_model_vars_dataframe()

    assert frame["date"].tolist() == [date(2015, 1, 31), date(2015, 2, 28), date(2015, 3, 15)]


def test_a_data_collector_of_ones_own_sees_agents(make: MakeModel) -> None:
    model = make(end="2015-03-31")
    model.datacollector = mesa.DataCollector(
        {"cash_yuan": lambda m: m.agents.agg("cash_yuan", sum)},
        agent_reporters={"shops": "shops"},
        agenttype_reporters={Farmer: {"fruit_kg": "stock"}},
    )
    model.run()

    collector = model.datacollector
    households = model.simulation.state.households
    assert len(collector.model_vars["cash_yuan"]) == 3
    assert collector.model_vars["cash_yuan"][-1] == pytest.approx(households["cash_yuan"].sum())
    assert len(collector.get_agent_vars_dataframe()) == 3 * 36
    assert len(collector.get_agenttype_vars_dataframe(Farmer)) == 3 * 8


@pytest.fixture
def _start_method_is_kept() -> Iterator[None]:
    """Mesa's batch runs set how processes start, for good."""
    before = multiprocessing.get_start_method(allow_none=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.usefixtures("_start_method_is_kept")
@pytest.mark.parametrize("processes", [1, 2])
def test_mesas_batch_run_varies_keys_of_the_scenario(
    tiny_file: Path, finished: CommerceModel, processes: int
) -> None:
    rows = mesa.batch_run(
        CommerceModel,
        {
            "scenario": str(tiny_file),
            "threads": 1,
            "end": ["2015-04-30", "2015-12-31"],
            "behaviour.open_gain": [0.1, 2.0],
        },
        rng=[7, 8],
        number_processes=processes,
        display_progress=False,
    )

    assert len(rows) == 8
    by_key = {(row["end"], row["behaviour.open_gain"], row["rng"]): row for row in rows}
    assert len(by_key) == 8
    assert {row["date"].isoformat() for row in rows} == {"2015-04-30", "2015-12-31"}
    alone = CommerceModel(tiny_file, 8, threads=1, **{"behaviour.open_gain": 2.0})
    alone.run()
    assert by_key["2015-12-31", 2.0, 8]["year_sales_yuan"] == alone.villages[0].year_sales_yuan
    assert len({row["year_sales_yuan"] for row in rows}) == 8


@pytest.mark.usefixtures("_start_method_is_kept")
def test_mesas_batch_run_gives_every_month_on_request(tiny_file: Path) -> None:
    rows = mesa.batch_run(
        CommerceModel,
        {"scenario": str(tiny_file), "threads": 1},
        data_collection_period=1,
        display_progress=False,
    )

    assert [row["date"].month for row in rows] == list(range(1, 13))


# --- agents of the user's own


def test_a_streamer_acts_every_morning(make: MakeModel) -> None:
    model, streamer = with_streamer(make)
    model.run_until("2015-02-10")

    assert streamer.days == [date(2015, 1, 1) + n * date.resolution for n in range(41)]


def test_with_a_streamer_days_and_months_give_the_same_bits(make: MakeModel) -> None:
    (stepped, one), (run, two) = with_streamer(make), with_streamer(make)
    while stepped.running:
        stepped.step()
    run.run_until("2015-04-17")
    run.run()

    assert different(stepped, run) == []
    assert (one.cash_yuan, one.days) == (two.cash_yuan, two.days)


def test_a_streamer_changes_what_shops_sell(make: MakeModel, finished: CommerceModel) -> None:
    model, streamer = with_streamer(make)
    model.run()

    months = model.tables["village_months"]
    assert months["agents_pieces"].sum() > 0
    usual = finished.tables["village_months"]
    assert (months["orders_placed"] > usual["orders_placed"]).any()
    # What the streamer has more, households have paid, and the other way round.
    assert streamer.cash_yuan - 10_000 == pytest.approx(-months["agents_yuan"].sum())


def test_a_streamer_that_does_nothing_changes_nothing(
    make: MakeModel, finished: CommerceModel
) -> None:
    model = make()
    mesa.Agent(model)
    model.run()

    assert different(model, finished) == []


def test_a_streamer_that_joins_on_the_way_acts_from_that_morning_on(make: MakeModel) -> None:
    streamers: list[Streamer] = []

    class Inviting(StoreOperator):
        def wants_to_open(self, outlook: OpeningOutlook) -> bool:
            if self.model.date == date(2015, 3, 1) and not streamers:
                streamers.append(Streamer(self.model))
            return super().wants_to_open(outlook)

    make(store_operator=Inviting).run_until("2015-03-20")

    assert streamers[0].days == [date(2015, 3, day) for day in range(1, 21)]


def test_a_streamer_may_leave(make: MakeModel) -> None:
    model, streamer = with_streamer(make)
    model.run_until("2015-01-20")
    streamer.remove()
    model.run_until("2015-02-28")

    assert len(streamer.days) == 20
    assert len(model.agents) == 36


def test_agents_of_ones_own_act_in_the_order_of_joining(make: MakeModel) -> None:
    acted = []

    class First(mesa.Agent):
        def step(self) -> None:
            acted.append(self.unique_id)

    class Second(First):
        pass

    model = make()
    ids = [cls(model).unique_id for cls in (First, Second, First)]
    assert len(model.agents) == 39
    model.step()

    assert acted == ids


def test_what_is_scheduled_with_mesa_happens_on_its_day(make: MakeModel) -> None:
    model = make()
    seen = []

    def note() -> None:
        seen.append(model.date)

    model.schedule_event(note, at=45.0)
    model.run_until("2015-03-31")

    assert seen == [date(2015, 2, 15)]


# --- what the observer is told


def test_a_store_sleeps_for_a_year_before_it_stops_being_active(
    tiny_text: str, tmp_path: Path
) -> None:
    """In a world without buyers one order is placed; it is seen for 365 days, over 29 February."""
    path = tmp_path / "quiet.toml"
    text = tiny_text.replace("end = 2015-12-31", "end = 2016-12-31")
    text = text.replace(
        "typical_sales_yuan_per_year = 300_000", "typical_sales_yuan_per_year = 1e-9"
    )
    text += "\n[goods.bayberry]\ntypical_sales_yuan_per_year = 1e-9\n"
    text = text.replace("close_patience_months = 3.0", "close_patience_months = 1000")
    path.write_text(text.replace("[behaviour]", "[behaviour]\nmeans_months = 1e6"))
    model = CommerceModel(path)
    model.run_until("2015-03-10")
    farmer = next(agent for agent in model.agents if agent.stores)
    farmer.stores[0].place_orders(1)
    active = []
    while model.running:
        model.step()
        if model.villages[0].active_stores:
            active.append(model.date - date.resolution)

    assert (active[0], active[-1]) == (date(2015, 3, 11), date(2016, 3, 9))
    assert len(active) == 365


def test_events_have_days_in_order(finished: CommerceModel) -> None:
    assert [event.kind for event in finished.events] == ["first_store", "crossed", "listed"]
    assert [e.day for e in finished.events] == sorted(e.day for e in finished.events)


def test_the_start_of_a_policy_is_an_event(tiny_text: str, tmp_path: Path) -> None:
    policy = """
        [[policies]]
        kind = "service_platform"
        name = "hub"
        start = 2015-05-01
        training = { intensity = 1.0, yearly_cost_yuan = 1200 }
        storage = { intensity = 1.0, start = 2015-07-01 }
        """
    path = tmp_path / "hub.toml"
    path.write_text(tiny_text + "\n".join(line.strip() for line in policy.splitlines()))
    model = CommerceModel(path)
    model.run_until("2015-06-30")
    assert [e.text for e in model.events if e.kind == "policy"] == [
        "hub begins",
        "hub: training begins",
    ]
    model.run()

    starts = [e.text for e in model.events if e.kind == "policy"]
    assert starts == ["hub begins", "hub: training begins", "hub: storage begins"]
    assert model.agents.agg("trained", any)
