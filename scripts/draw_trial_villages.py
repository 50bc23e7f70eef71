"""Draw the hundred villages of the scenario `trial`, or with --check tell whether they are stale.

    scripts/draw_trial_villages

Eight counties, three of Anhui and Henan each and two of Guizhou, are drawn by lot from all that are
counties proper, neither districts nor cities; then twelve or thirteen villages of each, from those
that the map has there (docs/geography.md). Nothing that a village is like decides whether it is
drawn. The table is scenarios/villages/trial.csv.
"""

import argparse
import csv
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.scenario import Scenario, load_scenario, register_of, write_villages
from sim.world.draws import TIMELESS, VILLAGE_ITSELF, Purpose, four_uniforms, village_key
from sim.world.places import counties

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "scenarios" / "villages" / "trial.csv"
SEED = 2016
"""Of the lots; that of the map is the scenarios' usual one."""
COUNTIES = {"Anhui": 3, "Henan": 3, "Guizhou": 2}
VILLAGES = 100
PLACES = ("province", "prefecture", "county", "town", "name")


def lot(path: str) -> float:
    """Return the lot of a county or village, which depends on its path alone (0-1)."""
    key = village_key(path)
    return four_uniforms(SEED, key, VILLAGE_ITSELF, TIMELESS, Purpose.TARGET)[0]


def chosen_counties() -> list[str]:
    """Return the paths of the counties, province by province."""
    table = counties()
    rows = zip(table.province, table.prefecture, table.county, table.kind, strict=True)
    proper = [names[:3] for names in rows if names[3] == "county"]
    found: list[str] = []
    for province, count in COUNTIES.items():
        paths = ["/".join(names) for names in proper if names[0] == province]
        found += sorted(paths, key=lot)[:count]
    return found


def rows_of(scenario: Scenario, folder: Path) -> list[list[str]]:
    """Return the heads and all villages of a scenario as rows of text."""
    path = folder / "all.csv"
    write_villages(register_of(scenario), path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def trial_rows() -> list[list[str]]:
    """Return the heads and the hundred villages."""
    chosen = chosen_counties()
    with TemporaryDirectory() as name:
        text = 'title = "counties"\nstart = 2009-01-01\nend = 2009-12-31\n'
        scenario = Path(name) / "counties.toml"
        scenario.write_text(f"{text}region.within = {chosen!r}\n", encoding="utf-8")
        heads, *rows = rows_of(load_scenario(scenario), Path(name))
    places = [heads.index(place) for place in PLACES]
    found = [heads]
    for number, county in enumerate(chosen):
        own = [row for row in rows if "/".join(row[place] for place in places[:3]) == county]
        drawn = sorted(own, key=lambda row: lot("/".join(row[place] for place in places)))
        count = VILLAGES // len(chosen) + (number < VILLAGES % len(chosen))
        found += [row for row in own if row in drawn[:count]]
    return found


def main() -> None:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    wanted = trial_rows()
    if parser.parse_args().check:
        with TABLE.open(encoding="utf-8", newline="") as file:
            if list(csv.reader(file)) != wanted:
                sys.exit(f"{TABLE}: stale; allowed: what scripts/draw_trial_villages writes")
        return
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(wanted)


if __name__ == "__main__":
    main()
