"""Write the generated parts of the documentation, or with --check tell whether they are stale.

The tables of parameters and rules go into docs/ODD.md, the columns of the state into
docs/columns.md, how villages are drawn and the columns of a file of them into docs/geography.md.
They are made from what the model reads, so they cannot disagree with it. The
tables of docs/validation.md are those that ``villagesim validate`` has left in docs/validation, or
that were shipped there, and those of docs/calibration.md come from targets, priors and what was
shipped to docs/calibration.
"""

import argparse
import ast
import csv
import math
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import calibration_docs
import validation_docs

from sim.experiments.validation_tables import (
    BESIDE_FILE,
    COUNTERFACTUALS_FILE,
    FACTS_FILE,
    readable,
)
from sim.scenario.village_columns import VILLAGE_COLUMNS
from sim.world.columns import TABLES, Column
from sim.world.parameters import (
    Parameter,
    good_names,
    platform_names,
    read_data,
    registry,
)

ROOT = Path(__file__).resolve().parents[1]
ODD = ROOT / "docs" / "ODD.md"
COLUMNS = ROOT / "docs" / "columns.md"
GEOGRAPHY = ROOT / "docs" / "geography.md"
VALIDATION = ROOT / "docs" / "validation.md"
VALIDATED = ROOT / "docs" / "validation"
IMAGES = ROOT / "docs" / "images"
CALIBRATION = ROOT / "docs" / "calibration.md"
CALIBRATED = ROOT / "docs" / "calibration"
RULES = ROOT / "sim" / "rules"
BEHAVIOUR = ROOT / "sim" / "data" / "behaviour.toml"


class Rule(NamedTuple):
    """A rule as its docstring describes it."""

    name: str
    summary: str
    source: str


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(escaped, line))} |" for line in lines)


def escaped(cell: object) -> str:
    """Return a cell's text so that it stays one cell."""
    return " ".join(str(cell).replace("|", "\\|").split())


def number(value: object) -> str:
    """Return a value as a reader writes it: without needless zeros."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def sources_of(parameter: Parameter) -> str:
    """Return the grade, and the keys of docs/sources.md where there are some."""
    keys = [f"`{s}`" for s in parameter.sources if s not in {"assumed", "calibrated"}]
    return f"{parameter.grade} ({', '.join(keys)})" if keys else parameter.grade


def range_of(parameter: Parameter) -> str:
    """Return the plausible range."""
    return "" if parameter.low is None else f"{number(parameter.low)} to {number(parameter.high)}"


def behaviour_groups() -> Iterator[tuple[str, list[Parameter]]]:
    """Give the headings of behaviour.toml with the parameters below them."""
    parameters = registry()
    heading, group = "", []
    for line in BEHAVIOUR.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            if group:
                yield heading, group
            heading, group = line.removeprefix("# "), []
        elif line.startswith("["):
            group.append(parameters[line.strip("[]")])
    yield heading, group


def parameters_text() -> str:
    """Return the tables of parameters, with goods and platforms side by side."""
    heads = ("name", "value", "unit", "meaning", "plausible range", "grade (source)")
    parts = ["### Behaviour (`sim/data/behaviour.toml`)"]
    for heading, group in behaviour_groups():
        rows = [
            (f"`{p.name}`", number(p.value), p.unit, p.meaning, range_of(p), sources_of(p))
            for p in group
        ]
        parts += [f"**{heading}**", table(heads, rows)]
    for group, members in (("goods", good_names()), ("platforms", platform_names())):
        parts += [
            f"### {group.capitalize()} (`sim/data/{group}.toml`)",
            members_text(group, members),
        ]
    return "\n\n".join(parts)


def members_text(group: str, members: tuple[str, ...]) -> str:
    """Return goods or platforms as one table, a column each; the letter tells the grade."""
    parameters = registry()
    rows = []
    for field, meaning in read_data(f"{group}.toml")["meanings"].items():
        found = [parameters.get(f"{group}.{member}.{field}") for member in members]
        unit = next(p.unit for p in found if p)
        cells = [f"{number(p.value)} {p.grade[0].upper()}" if p else "" for p in found]
        rows.append((f"`{field}`", unit, meaning, *cells))
    letters = "P published, C computed or calibrated, A assumed, M recalled from memory."
    return f"Grades: {letters}\n\n{table(('field', 'unit', 'meaning', *members), rows)}"


def rules_of(path: Path) -> Iterator[Rule]:
    """Give the rules of a module in order of the file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        if not any(isinstance(d, ast.Name) and d.id == "rule" for d in node.decorator_list):
            continue
        text = ast.get_docstring(node) or ""
        found = re.search(r"Source: (.+?)(?:\n\n|\Z)", text, re.DOTALL)
        yield Rule(node.name, text.partition("\n")[0], found[1] if found else "")


def rules_text() -> str:
    """Return one table of rules for each module."""
    parts = []
    for path in sorted(RULES.glob("*.py")):
        rows = [(f"`{r.name}`", r.summary, r.source) for r in rules_of(path)]
        if rows:
            parts += [
                f"### `sim/rules/{path.name}`",
                table(("rule", "what it gives", "source"), rows),
            ]
    return "\n\n".join(parts)


def initial_of(column: Column) -> str:
    """Return the value that a column starts with."""
    return "missing" if math.isnan(column.initial) else number(column.initial)


def columns_text() -> str:
    """Return the page of columns."""
    parts = [
        "# Columns",
        "The state of the model, made from `sim/world/columns.py`. Owners are the modules of"
        " `sim/engine/` that\nwrite a column once its row is set up; `setup` columns stay as they"
        " are, and `agents` columns are\nwritten by decisions taken in Python alone.",
    ]
    heads = ("column", "type", "unit", "meaning", "at first", "owner")
    for name, columns in TABLES.items():
        rows = [
            (
                f"`{c.name}`" + (f" × {c.width}" if c.width > 1 else ""),
                f"`{c.dtype}`",
                c.unit,
                c.meaning,
                initial_of(c),
                c.owner,
            )
            for c in columns
        ]
        parts += [f"## {name}", table(heads, rows)]
    return "\n\n".join(parts) + "\n"


def geography_text() -> str:
    """Return the table of the parameters by which villages are drawn."""
    heads = ("name", "value", "unit", "meaning", "plausible range", "grade (source)")
    group = "geography."
    rows = [
        (
            f"`{name.removeprefix(group)}`",
            number(p.value),
            p.unit,
            p.meaning,
            range_of(p),
            sources_of(p),
        )
        for name, p in registry().items()
        if name.startswith(group)
    ]
    return table(heads, rows)


def village_columns_text() -> str:
    """Return the table of the columns of a file of villages."""
    kinds = {
        "name": "a name",
        "whole": "whole number",
        "number": "number",
        "crop": "a perishable good",
        "product": "a durable good",
    }
    rows = []
    for column in VILLAGE_COLUMNS:
        limits = f"{number(column.low)} to {number(column.high)}" if column.high else ""
        if column.is_required:
            default = "required"
        else:
            default = "none" if column.default is None else number(column.default)
        kind = " ".join(filter(None, [kinds[column.kind], limits]))
        rows.append((f"`{column.name}`", column.meaning, kind, default))
    return table(("column", "meaning", "what it may be", "if empty or left out"), rows)


def spread(row: dict[str, str], prefix: str = "") -> tuple[str, str]:
    """Return the median, and the 5th to the 95th of a hundred seeds."""
    median, low, high = (readable(float(row[prefix + at]), row["unit"]) for at in _SPREAD)
    return median, f"{low} to {high}"


_SPREAD = ("median", "p05", "p95")
_HOW = ("less", "same", "more")


def facts_text() -> str:
    """Return the table of published facts against runs."""
    heads = (
        "fact", "role", "scenario", "published", "accepted",
        "median", "5 to 95 %", "seeds within", "",
    )  # fmt: skip
    rows = []
    for row in _rows(FACTS_FILE):
        published, low, high = (
            readable(float(row[name]), row["unit"])
            for name in ("published", "lower_bound", "upper_bound")
        )
        rows.append(
            (
                f"{row['measure']} (`{row['fact']}`)",
                row["role"],
                f"`{row['scenario']}`",
                published,
                f"{low} to {high}",
                *spread(row),
                f"{float(row['share_of_seeds_within']):.0%} of {row['seeds']}",
                "reached" if row["reached"] == "true" else "**missed**",
            )
        )
    return table(heads, rows)


def beside_text() -> str:
    """Return the table of facts that were neither fitted nor judged."""
    heads = ("fact", "scenario", "published", "median", "5 to 95 %")
    rows = [
        (
            f"{row['measure']} (`{row['fact']}`)",
            f"`{row['scenario']}`",
            readable(float(row["published"]), row["unit"]),
            *spread(row),
        )
        for row in _rows(BESIDE_FILE)
    ]
    return table(heads, rows)


def counterfactuals_text() -> str:
    """Return the table of scenarios against the same without something, seed by seed."""
    heads = (
        "measure",
        "without",
        "median",
        "median without",
        "difference by seed",
        "5 to 95 %",
        "seeds with less, the same, more",
    )
    rows = [
        (
            row["measure"],
            f"`{row['without']}`",
            spread(row, "scenario_")[0],
            spread(row, "without_")[0],
            *spread(row, "paired_difference_"),
            ", ".join(f"{float(row[f'share_of_seeds_{how}']):.0%}" for how in _HOW),
        )
        for row in _rows(COUNTERFACTUALS_FILE)
    ]
    return table(heads, rows)


def country_text() -> str:
    """Return the tables of the country's run beside the published lists."""
    rows = _rows("country.csv")
    lists = [row for row in rows if row["measure"] == "listed villages"]
    years = sorted({row["year"] for row in lists})
    found = {(row["place"], row["year"]): row for row in lists}
    places = dict.fromkeys(row["place"] for row in lists)
    by_year = [
        (place, *(_beside(found[place, year]) for year in years))
        for place in places
        if (place, years[0]) in found
    ]
    single = [
        (f"{row['place']}: {row['measure']}", row["year"], *_beside(row).split(" / "), row["role"])
        for row in rows
        if row["measure"] != "listed villages" or (row["place"], years[0]) not in found
    ]
    return "\n\n".join(
        [
            "Listed villages, simulated / published:",
            table(("place", *years), by_year),
            "Other measures:",
            table(("measure", "year", "simulated", "published", "role"), single),
        ]
    )


def _beside(row: dict[str, str]) -> str:
    return " / ".join(_plain(row[name]) for name in ("simulated", "published"))


def _plain(cell: str) -> str:
    if not cell:
        return "–"
    value = float(cell)
    return f"{value:.2f}" if 0.0 < value < 1.0 else f"{value:,.0f}"


def _rows(name: str) -> list[dict[str, str]]:
    with (VALIDATED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def filled(text: str, name: str, content: str) -> str:
    """Return a page with the part of this name written anew."""
    begin, end = f"<!-- generated: {name} -->", f"<!-- end of generated: {name} -->"
    if begin not in text:
        sys.exit(f"a page has no place {begin}")
    before, _, after = text.partition(begin)
    after = after.partition(end)[2] if end in after else after
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def pages() -> dict[Path, str]:
    """Return the text of every page that has generated parts, as it ought to be."""
    odd = ODD.read_text(encoding="utf-8")
    odd = filled(filled(odd, "parameters", parameters_text()), "rules", rules_text())
    geography = GEOGRAPHY.read_text(encoding="utf-8")
    geography = filled(geography, "geography", geography_text())
    geography = filled(geography, "village columns", village_columns_text())
    validation = VALIDATION.read_text(encoding="utf-8")
    validation = filled(validation, "facts", facts_text())
    validation = filled(validation, "beside", beside_text())
    validation = filled(validation, "counterfactuals", counterfactuals_text())
    validation = filled(validation, "country", country_text())
    for part in validation_docs.parts(VALIDATED, IMAGES, table).items():
        validation = filled(validation, *part)
    calibration = CALIBRATION.read_text(encoding="utf-8")
    for part in calibration_docs.parts(CALIBRATED, table).items():
        calibration = filled(calibration, *part)
    return {
        ODD: f"{odd.rstrip()}\n",
        CALIBRATION: f"{calibration.rstrip()}\n",
        COLUMNS: columns_text(),
        GEOGRAPHY: f"{geography.rstrip()}\n",
        VALIDATION: f"{validation.rstrip()}\n",
    }


def main() -> int:
    """Write stale pages; with --check only name them, and return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    only_check = parser.parse_args().check
    stale = {
        path: text
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        print(f"{path.relative_to(ROOT)} is stale; run scripts/docs" if only_check else path.name)
        if not only_check:
            path.write_text(text, encoding="utf-8")
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
