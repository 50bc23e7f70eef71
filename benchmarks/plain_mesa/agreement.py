"""Compare the plain model with the compiled one: ``python -m benchmarks.plain_mesa.agreement``.

Compared are, on the scenario named, every shop that opens or closes, by household and day, every
day on which a village crosses the thresholds or a list changes, and every number of every table.
"""

import argparse
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

import sim.observer
from benchmarks.plain_mesa.model import Event, PlainVillageModel
from sim.engine.recorder import places_of_households
from sim.model import CommerceModel
from sim.scenario import Scenario, load_scenario
from sim.world.calendar import date_of
from sim.world.draws import member_id

RELATIVE_TOLERANCE = 1e-9
SINGLE_PRECISION_TOLERANCE = 1e-6
"""For what the engine keeps in single precision."""
ABSOLUTE_TOLERANCE = 1e-6
"""Sums of large numbers of both signs may come out next to 0 [yuan, kg, pieces]."""
KEYS = {
    "village_months": ("village", "day"),
    "season_days": ("village", "day"),
    "household_years": ("village", "year", "kind", "number"),
    "shop_years": ("village", "year", "owner_kind", "owner_number", "ordinal"),
}
"""What tells the rows of a table apart."""
OF_ADDED_AGENTS = {"agents_yuan", "agents_pieces", "agents_kg"}
"""Columns for agents that a user adds; the plain model has none."""
ALWAYS_TRUE = {"present"}
"""Columns that are the same in every row that is kept."""
MOST_SHOWN = 40

Shops = dict[tuple[int, int, int], tuple[int, int]]
"""Slot and opening day of open shops by village, member and ordinal, in the village's order."""
Row = dict[str, Any]


class Pair(NamedTuple):
    """Both models after their runs on the same scenario."""

    plain: PlainVillageModel
    engine: CommerceModel
    engine_events: list[Event]


def run_both(study: Scenario) -> Pair:
    plain, engine = PlainVillageModel(study), CommerceModel(study)
    plain.run()
    return Pair(plain, engine, run_noting_shops(engine))


def differences(pair: Pair) -> list[str]:
    """Everything in which two runs differ, in words."""
    events = differing_events(in_order(pair.plain.events), in_order(pair.engine_events))
    tables = (
        differing_rows(table, getattr(pair.plain, table), columns)
        for table, columns in pair.engine.tables.items()
        if table in KEYS
    )
    return [*events, *chain(*tables)]


def run_noting_shops(model: CommerceModel) -> list[Event]:
    """Run the compiled model month by month; return what opened, closed and was observed."""
    events: list[Event] = []
    before: Shops = {}
    while not model.simulation.is_over:
        first_day = model.simulation.day
        last_day = min(model.simulation.month_end_day, model.simulation.end_day)
        model.run_until(date_of(last_day))
        after = open_shops(model)
        for (village, member, ordinal), (slot, _) in before.items():
            if (village, member, ordinal) not in after:
                events.append(Event(first_day, "closed", village, member, ordinal, slot))
        for (village, member, ordinal), (slot, opened_day) in after.items():
            if opened_day == first_day:
                events.append(Event(first_day, "opened", village, member, ordinal, slot))
        before = after
    return events + [observed(event) for event in model.observer.events]


def observed(event: sim.observer.Event) -> Event:
    """An event of the compiled model's observer; the text tells towns and clusters apart."""
    if event.kind == "town":
        return Event(event.day, event.kind, event.village, name=event.text.split(":")[0])
    if event.kind == "cluster":
        name, text = event.text.split(": a cluster of ")
        return Event(event.day, event.kind, event.village, name=name, size=int(text.split()[0]))
    return Event(event.day, event.kind, event.village)


def open_shops(model: CommerceModel) -> Shops:
    state = model.simulation.state
    _, kinds, numbers = places_of_households(state)
    found: Shops = {}
    for village, row in enumerate(state.villages):
        first = int(row["first_shop"])
        for shop in state.shops[first : first + int(row["open_shops"])]:
            owner = int(shop["owner"])
            member = member_id(int(kinds[owner]), int(numbers[owner]))
            place = village, member, int(shop["ordinal"])
            found[place] = int(shop["slot"]), int(shop["opened_day"])
    return found


def in_order(events: list[Event]) -> list[Event]:
    """By day and village; what happens in a village on a day stays in its order."""
    return sorted(events, key=lambda event: (event.day, event.village))


def differing_events(plain: list[Event], engine: list[Event]) -> Iterator[str]:
    if plain == engine:
        return
    for event in sorted(set(plain) ^ set(engine)):
        side = "plain" if event in plain else "engine"
        yield f"only in {side}: {date_of(event.day)} {event}"
    if set(plain) == set(engine):
        yield "events are the same in another order"


def differing_rows(table: str, plain: list[Row], engine: dict[str, Any]) -> Iterator[str]:
    """Compare the rows of a table, and that it has the same columns in both models."""
    if not engine:
        if plain:
            yield f"{table}: {len(plain)} rows in the plain model, none in the engine"
        return
    names = set(engine) - OF_ADDED_AGENTS - ALWAYS_TRUE
    if table == "season_days":
        names.discard("good")
    if plain and names != set(plain[0]):
        yield f"{table}: columns that only one has: {sorted(names ^ set(plain[0]))}"
    theirs = {
        tuple(int(engine[key][place]) for key in KEYS[table]): place
        for place in range(len(engine["village"]))
    }
    ours = {tuple(row[key] for key in KEYS[table]): row for row in plain}
    yield from (f"{table} {key}: only in the engine" for key in sorted(theirs.keys() - ours.keys()))
    yield from (f"{table} {key}: only in plain" for key in sorted(ours.keys() - theirs.keys()))
    for key in sorted(ours.keys() & theirs.keys()):
        for name in sorted(names & ours[key].keys()):
            plain_value, engine_value = float(ours[key][name]), float(engine[name][theirs[key]])
            single = engine[name].dtype == np.float32
            relative = SINGLE_PRECISION_TOLERANCE if single else RELATIVE_TOLERANCE
            if not np.isclose(
                plain_value, engine_value, relative, ABSOLUTE_TOLERANCE, equal_nan=True
            ):
                yield f"{table} {key} {name}: plain {plain_value!r}, engine {engine_value!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    found = differences(run_both(load_scenario(arguments.scenario, arguments.overrides)))
    print("\n".join(found[:MOST_SHOWN]))
    print(f"{len(found)} differences")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
