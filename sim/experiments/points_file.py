"""Points of an experiment from a file: a column for each key, a row for each point."""

import csv
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.factors import value_of
from sim.scenario import Key, Scenario, find_key
from sim.scenario.merging import value_from_text

_SUFFIXES: Final = (".csv", ".parquet")


def read_points(scenario: Scenario, path: Path) -> dict[str, list[Any]]:
    """Return the columns of a file of points.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    path : Path
        A CSV file with a header, or a Parquet file.

    Raises
    ------
    ScenarioError
        If the file cannot be read, or has a key or a value that is not possible.
    """
    if path.suffix not in _SUFFIXES:
        raise ScenarioError("design", "", str(path), "a file that ends in .csv or .parquet")
    if not path.is_file():
        raise ScenarioError(str(path), "no such file", None, "an existing .csv or .parquet file")
    header, rows = _csv(path) if path.suffix == ".csv" else _parquet(path)
    if not header or not rows:
        raise ScenarioError(str(path), allowed="a header with keys, and at least one point")
    keys = [_key(scenario, path, text) for text in header]
    if len({key.name for key in keys}) < len(keys):
        raise ScenarioError(str(path), allowed="each key once in the header")
    columns: dict[str, list[Any]] = {key.name: [] for key in keys}
    for line, row in rows:
        if len(row) != len(keys):
            allowed = f"{len(keys)} values, one for each key; there are {len(row)}"
            raise ScenarioError(f"{path}: line {line}", allowed=allowed)
        for key, given in zip(keys, row, strict=True):
            columns[key.name].append(_value(path, line, key, given))
    return columns


def _csv(path: Path) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row]
    except OSError as error:
        raise ScenarioError(str(path), given=error.strerror, allowed="a readable file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(str(path), allowed=f"a CSV file in UTF-8; {error}") from error
    return (lines[0][1] if lines else []), lines[1:]


def _parquet(path: Path) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ScenarioError(str(path), allowed=f"a Parquet file; {error}") from error
    columns = [column.to_pylist() for column in table.columns]
    rows = [(number, list(row)) for number, row in enumerate(zip(*columns, strict=True), start=1)]
    return table.column_names, rows


def _key(scenario: Scenario, path: Path, text: str) -> Key:
    try:
        return find_key(scenario, text.strip())
    except ScenarioError as error:
        where = f"{path}: {error.where}"
        raise ScenarioError(where, error.key, None, error.allowed, error.nearest) from error


def _value(path: Path, line: int, key: Key, given: Any) -> Any:
    where = f"{path}: line {line}"
    try:
        value = _read(key, given.strip()) if isinstance(given, str) else given
        if key.kind == "whole" and isinstance(value, float) and value.is_integer():
            value = int(value)  # tables with gaps elsewhere write whole numbers so
        return value_of(key, value)
    except ScenarioError as error:
        shown = "" if given is None else given.isoformat() if isinstance(given, date) else given
        raise ScenarioError(where, key.name, shown, error.allowed, error.nearest) from error


def _read(key: Key, text: str) -> Any:
    """Read a cell: as it stands for a choice, else as in TOML; True and False may be large."""
    if key.kind == "choice" and not text.startswith("["):
        return text
    return value_from_text(text.lower() if key.kind == "switch" else text)
