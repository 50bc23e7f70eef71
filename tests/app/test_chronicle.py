from datetime import date

import numpy as np

from sim.app.chronicle import Chronicle, Happening
from sim.app.world import World
from sim.scenario import load_scenario


def test_lives_tell_of_every_open_shop(tiny_file):
    world = World(load_scenario(tiny_file), date(2015, 12, 31))
    state = world.model.simulation.state
    assert state.households["shops"].sum() > 0
    for row in range(state.households.size):
        events = world.chronicle.of_household(row)
        opened = sum(event.what == Happening.OPENED for event in events)
        closed = sum(event.what == Happening.CLOSED for event in events)
        assert opened - closed == state.households["shops"][row]
        assert opened == state.households["shops_ever"][row]


def test_lives_do_not_depend_on_how_time_was_cut(tiny_file):
    whole = World(load_scenario(tiny_file), date(2015, 12, 31))
    parts = World(load_scenario(tiny_file))
    while not parts.is_over:
        parts.advance(date.fromordinal(parts.date.toordinal() + 8))
    for row in range(whole.model.simulation.state.households.size):
        assert whole.chronicle.of_household(row) == parts.chronicle.of_household(row)


def test_the_oldest_events_are_forgotten(tiny_file):
    world = World(load_scenario(tiny_file))
    few = Chronicle(world.model.simulation.state, most=10)
    world.chronicle = few
    world.advance(date(2015, 12, 31))
    assert len(few) <= 10
    all_days = [e.day for row in np.arange(40) for e in few.of_household(int(row))]
    assert min(all_days) > world.model.simulation.start_day
