"""Run a scenario and print its years: ``python -m benchmarks.plain_mesa cangtian``."""

import argparse
import time
from collections import defaultdict

from benchmarks.plain_mesa.model import PlainVillageModel
from sim.scenario import load_scenario
from sim.world.calendar import date_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    began = time.perf_counter()
    model = PlainVillageModel(load_scenario(arguments.scenario, arguments.overrides))
    ready = time.perf_counter()
    model.run()
    seconds = time.perf_counter() - ready
    years = (model.last_day - model.first_day + 1) / 365.25
    print_years(model)
    for event in model.events:
        if event.kind in {"crossed", "listed", "lost"}:
            print(f"{date_of(event.day)} {model.villages[event.village].spec.name} {event.kind}")
    print(f"set up {ready - began:.2f} s, run {seconds:.2f} s, {seconds / years:.2f} s a year")


def print_years(model: PlainVillageModel) -> None:
    rows = defaultdict(list)
    for row in model.village_months:
        rows[model.villages[row["village"]].spec.name, date_of(row["day"]).year].append(row)
    for (village, year), months in rows.items():
        sales = sum(row["online_sales_yuan"] for row in months)
        placed = sum(row["orders_placed"] for row in months)
        shipped = sum(row["orders_shipped"] for row in months)
        last = months[-1]
        print(
            f"{village} {year}: {sales:14,.0f} yuan online, {placed:8.0f} orders,"
            f" {shipped:8.0f} shipped,"
            f" {last['open_shops']:5} shops, {last['active_stores']:5} active,"
            f" {max(row['staff'] for row in months):5} staff,"
            f" {last['cash_yuan']:16,.0f} yuan cash"
        )


if __name__ == "__main__":
    main()
