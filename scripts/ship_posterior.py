"""Take what a calibration has found into the package and its documentation.

    scripts/ship_posterior out/calibrate-village
    scripts/ship_posterior out/calibrate-region --draws [--values]

Small tables go to docs/calibration, figures to docs/images. With ``--draws`` the draws are those of
the package from then on. With ``--values`` the values of behaviour.toml, goods.toml and
geography.toml become the central draw: the one nearest to the mean, so that values go together.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

from sim.errors import SimError
from sim.experiments.calibrate.priors import parameters_of
from sim.experiments.calibrate.shipping import ship
from sim.experiments.posterior import POSTERIOR_FILE
from sim.results.placing import read_json

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "sim" / "data"
TABLES = ROOT / "docs" / "calibration"
DIGITS = 3


def central_values(folder: Path) -> dict[str, float]:
    """Return the central draw by key of a scenario."""
    with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["parameter"]: float(row["central"]) for row in csv.DictReader(file)}
    found = {}
    for prior in parameters_of(list(rows)):
        # Rounding must not take a value out of its range.
        value = min(max(float(f"{rows[prior.path]:.{DIGITS}g}"), prior.low), prior.high)
        found |= dict.fromkeys(prior.keys, value)
    return found


def put_values(values: dict[str, float]) -> None:
    """Write values into the files of parameters."""
    for key, value in values.items():
        group, _, name = key.partition(".")
        path = DATA / f"{group}.toml"
        text = path.read_text(encoding="utf-8")
        if group == "goods":
            good, _, field = name.partition(".")
            pattern = rf"(^\[{good}\]\n(?:(?!\[).*\n)*?{field} = \{{ value = )[^,]+(,)"
        else:
            pattern = rf"(^\[{name}\]\nvalue = ).+?(\n)"
        changed, times = re.subn(pattern, rf"\g<1>{value!r}\g<2>", text, count=1, flags=re.M)
        if times != 1:
            sys.exit(f"{path}: no value of {key}")
        path.write_text(changed, encoding="utf-8", newline="\n")


def main() -> None:
    """Do what is asked for, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", action="store_true")
    parser.add_argument("--values", action="store_true")
    asked = parser.parse_args()
    try:
        written = ship(asked.folder, POSTERIOR_FILE if asked.draws else None, TABLES)
        for name in ("marginals", "fit"):
            picture = asked.folder / f"{name}.png"
            if picture.is_file():
                block = read_json(asked.folder / "provenance.json")["block"]
                target = ROOT / "docs" / "images" / f"calibration_{block}_{name}.png"
                target.write_bytes(picture.read_bytes())
                written.append(target)
        if asked.values:
            put_values(central_values(asked.folder))
    except SimError as error:
        sys.exit(str(error))
    for path in written:
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
