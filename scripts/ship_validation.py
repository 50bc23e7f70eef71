"""Take what a validation of regions has found into the documentation.

    scripts/ship_validation out/validate-regions

Small tables go to docs/validation, figures to docs/images; then ``scripts/docs`` tells them.
"""

import argparse
import shutil
import sys
from pathlib import Path

from sim.experiments.validate_regions import (
    ABLATIONS_FILE,
    FORECAST_FILE,
    PARAMETERS_FILE,
    SCORES_FILE,
)

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "docs" / "validation"
IMAGES = ROOT / "docs" / "images"
REQUIRED = (FORECAST_FILE, SCORES_FILE, PARAMETERS_FILE)
OPTIONAL = (ABLATIONS_FILE,)
FIGURES = ("forecast", "scores", "ablations", "patterns")


def ship(folder: Path, tables: Path = TABLES, images: Path = IMAGES) -> list[Path]:
    """Copy tables and figures of a validation in place of earlier ones; return what was written."""
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        sys.exit(f"{folder}: no {missing[0]}; allowed: the folder of a validation of regions")
    pairs = [(folder / name, tables / name) for name in (*REQUIRED, *OPTIONAL)]
    pairs += [(folder / f"{name}.png", images / f"validation_{name}.png") for name in FIGURES]
    written = []
    for source, target in pairs:
        target.unlink(missing_ok=True)  # what this validation does not have must not be left over
        if source.is_file():
            shutil.copyfile(source, target)
            written.append(target)
    return written


def main() -> None:
    """Do what is asked for, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for path in ship(parser.parse_args().folder):
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
