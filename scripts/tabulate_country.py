"""Write docs/validation/country.csv: a run of ``china`` beside the published lists.

    scripts/tabulate_country out/china

Published numbers, and their roles, are those of sim/data/targets.toml. Years and places without a
published number are context: they are shown and not judged.
"""

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from sim.experiments.observables import MEASURES, Found
from sim.experiments.targets import ROLES, load_targets
from sim.results import RunFolder, tables_in

TABLE = Path(__file__).resolve().parents[1] / "docs" / "validation" / "country.csv"
HEADS = ("place", "measure", "year", "simulated", "published", "role")
LISTS = "listed_villages"
YEARS_OF_LISTS = range(2014, 2020)

Row = tuple[str, str, int, float, float | str, str]


def rows_of(found: Found) -> Iterator[Row]:
    """Give what was simulated beside what was published."""
    targets = [t for t in load_targets(ROLES, ("region",)) if not t.is_lower_bound]
    known = {(t.place, t.measure, t.year) for t in targets}
    # Places whose lists are known from the first year on are followed to the last.
    rows = [(t.place, t.measure, t.year, t.published, t.role) for t in targets]
    rows += [
        (place, LISTS, year, "", "context")
        for place, measure, first in sorted(known)
        for year in YEARS_OF_LISTS
        if measure == LISTS and first == YEARS_OF_LISTS[0] and (place, LISTS, year) not in known
    ]
    for place, measure, year, published, role in rows:
        simulated = MEASURES[measure].of(found, place, year)
        if not math.isnan(simulated):
            name = place.rpartition("/")[2]
            yield name, measure.replace("_", " "), year, simulated, published, role


def main() -> None:
    """Read the run folder that is named, and write the table."""
    found = Found(1.0, tables_in(RunFolder(sys.argv[1]))["regions"])
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(rows_of(found))


if __name__ == "__main__":
    main()
