"""The folder of a calibration: what was asked, and every run that was done, failed ones included.

Runs are kept one by one in a small database, so that a command that was stopped in the middle goes
on with the run that comes next, and all runs together can be read as one table.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import RunError
from sim.results.placing import kept_to_oneself, read_json, write_json

ABOUT_FILE: Final = "calibration.json"
RUNS_FILE: Final = "runs.db"
_ASKED: Final = "asked"
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS runs (stage TEXT, number INTEGER, seed INTEGER, place TEXT, "
    "found TEXT, error TEXT, PRIMARY KEY (stage, number))"
)


class Done(NamedTuple):
    """A run that is done."""

    stage: str
    """What it was done for: luck, table, generation-0 …"""
    number: int
    seed: int
    values: dict[str, float]
    """Parameters by path."""
    found: tuple[float, ...] | None
    """What it has for each target; None if it failed."""
    error: str


class RunStore:
    """Keeps runs.

    Parameters
    ----------
    path : Path
        The database; made if it is not there.

    Raises
    ------
    RunError
        If it cannot be opened or is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._database = sqlite3.connect(path)
            with self._database:
                self._database.execute(_TABLE)
        except sqlite3.Error as error:
            raise RunError(f"{path}: {error}") from error

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def add(self, done: Done) -> None:
        """Keep a run; it is on the disk afterwards.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        found = None if done.found is None else json.dumps(done.found)
        row = (done.stage, done.number, done.seed, json.dumps(done.values), found, done.error)
        try:
            with self._database:
                self._database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            raise RunError(f"{self._path}: {error}") from error

    def get(self, stage: str, number: int) -> Done | None:
        """Return a run, or None if it has not been done."""
        query = "SELECT * FROM runs WHERE stage = ? AND number = ?"
        row = self._database.execute(query, (stage, number)).fetchone()
        return None if row is None else _read(row)

    def all(self) -> list[Done]:
        """Return every run, in the order of stages and numbers."""
        query = "SELECT * FROM runs ORDER BY stage, number"
        return [_read(row) for row in self._database.execute(query)]

    def count(self) -> int:
        """Return how many runs are there."""
        return int(self._database.execute("SELECT COUNT(*) FROM runs").fetchone()[0])


def _read(row: Sequence[Any]) -> Done:
    stage, number, seed, place, found, error = row
    numbers = None if found is None else tuple(json.loads(found))
    return Done(stage, number, seed, json.loads(place), numbers, error)


@contextmanager
def opened(folder: Path, asked: Mapping[str, Any]) -> Iterator[RunStore]:
    """Open the folder of a calibration, and keep other programs out of it.

    Parameters
    ----------
    folder : Path
        The folder; made if it is not there.
    asked : mapping
        All that its results depend on, as plain JSON.

    Raises
    ------
    RunError
        If the folder holds something else or another calibration, or cannot be written.
    """
    asked = json.loads(json.dumps(asked))
    try:
        _check(folder, asked)
        folder.mkdir(parents=True, exist_ok=True)
        with kept_to_oneself(folder):
            if not (folder / ABOUT_FILE).exists():
                write_json(folder / ABOUT_FILE, {_ASKED: asked})
            with closing(RunStore(folder / RUNS_FILE)) as store:
                yield store
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error


def _check(folder: Path, asked: Mapping[str, Any]) -> None:
    """Refuse a folder that holds anything but the calibration that is asked for."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / ABOUT_FILE).is_file():
        raise RunError(
            f"{folder}: holds something that is no calibration; allowed: an empty folder, or that "
            "of the same calibration"
        )
    there = read_json(folder / ABOUT_FILE).get(_ASKED, {})
    for key in sorted({*there, *asked}):
        if there.get(key) != asked.get(key):
            name, was, now = _first_difference(key, there.get(key), asked.get(key))
            raise RunError(
                f"{folder}: holds a calibration with {name} = {_short(was)}; asked for is "
                f"{_short(now)}; allowed: the same command, or another folder"
            )


def _first_difference(name: str, was: Any, now: Any) -> tuple[str, Any, Any]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            if was.get(key) != now.get(key):
                return _first_difference(f"{name}.{key}", was.get(key), now.get(key))
    return name, was, now


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
