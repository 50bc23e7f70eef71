"""Checkpoints: a run in its middle, on disk, from which it goes on as if nothing had happened.

A checkpoint is a folder with an array in each file, small ones together in ``small.npz``, and
``checkpoint.json``, which has everything else and the checksum of every file. It gets its name
when all of it is on the disk; only then does the one before it go.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError
from sim.observer import Rule
from sim.results.frozen import freeze, thaw
from sim.results.placing import flush_file, flush_folder, read_json
from sim.scenario import Scenario
from sim.world.calendar import date_of
from sim.world.register import Register

CONTENT: Final = "checkpoint.json"
_PREFIX: Final = "checkpoint-"
_UNFINISHED: Final = ".unfinished"
_SMALL: Final = "small.npz"
_SMALL_BYTES: Final = 1_000_000
_SETTLED: Final = (Register, Rule, range)
"""Types of objects that the scenario decides on, the same in every run of it."""

Arrays = dict[str, NDArray[Any]]


class Stored(NamedTuple):
    """A checkpoint that has been read."""

    arrays: Arrays
    content: dict[str, Any]

    @property
    def rows(self) -> dict[str, Any]:
        """What is known of the rows on disk: files and their checksums by table."""
        rows: dict[str, Any] = self.content["rows"]
        return rows


def save_checkpoint(folder: Path, model: Any, totals: Any, rows: Mapping[str, Any]) -> None:
    """Write a checkpoint of a model at the start of a month, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        Folder of the checkpoints.
    model : CommerceModel
        The model.
    totals : Totals
        What has been added up so far.
    rows : mapping
        What is to be known of the rows on disk.

    Raises
    ------
    OSError
        If it cannot be written. The one before it is still there.
    """
    from sim.engine.resuming import carried_arrays, carried_parts

    path = folder / f"{_PREFIX}{model.date.isoformat()}"
    arrays: Arrays = {f"state.{n}": a for n, a in carried_arrays(model.simulation).items()}
    parts = {
        "simulation": carried_parts(model.simulation),
        "observer": model.observer,
        "year": model.recorder.year_so_far,
        "totals": totals.saved(),
    }
    tree = {name: freeze(part, arrays, name, _SETTLED) for name, part in parts.items()}
    unfinished = path.with_suffix(_UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    content = {"tree": tree, "rows": dict(rows), "files": _write_arrays(unfinished, arrays)}
    text = json.dumps(content)
    sealed = {"sha256": _digest_of(text), "content": text}
    (unfinished / CONTENT).write_text(json.dumps(sealed), encoding="utf-8")
    flush_file(unfinished / CONTENT)
    flush_folder(unfinished)
    if path.exists():  # of the same day: the run was stopped and went on from here
        shutil.rmtree(path)
    unfinished.rename(path)
    flush_folder(folder)
    for other in folder.glob(f"{_PREFIX}*"):
        if other != path:
            shutil.rmtree(other)


def read_checkpoint(folder: Path) -> Stored | None:
    """Read the last checkpoint in a folder; return None if there is none.

    Raises
    ------
    RunError
        If it is damaged.
    """
    found = sorted(p for p in folder.glob(f"{_PREFIX}*") if p.suffix != _UNFINISHED)
    if not found:
        return None
    path = found[-1]
    sealed = read_json(path / CONTENT)
    if _digest_of(str(sealed.get("content"))) != sealed.get("sha256"):
        raise RunError(f"{path / CONTENT}: damaged; the run cannot go on from here")
    content = json.loads(sealed["content"])
    for name, digest in content["files"].items():
        check_file(path / name, digest)
    return Stored(_read_arrays(path, content["files"]), content)


def resumed_model(
    stored: Stored, scenario: Scenario, seed: int, totals: Any, **options: Any
) -> Any:
    """Return the model of a checkpoint, and put what had been added up into `totals`.

    Parameters
    ----------
    stored : Stored
        The checkpoint.
    scenario : Scenario
        Its scenario.
    seed : int
        Its seed.
    totals : Totals
        Where nothing has been added up yet.
    **options
        Further arguments of `sim.model.CommerceModel`.
    """
    from sim.engine.resuming import resumed
    from sim.model import CommerceModel

    state = {
        name.removeprefix("state."): array
        for name, array in stored.arrays.items()
        if name.startswith("state.")
    }
    simulation = resumed(scenario, seed, options.get("threads"), state)
    tree = stored.content["tree"]
    carried = {**vars(simulation), "terms": simulation.terms._asdict()}
    for name, value in thaw(carried, tree["simulation"], stored.arrays).items():
        if name not in ("state", "terms"):  # arrays of the terms have been filled
            setattr(simulation, name, value)
    model = CommerceModel(scenario, seed, simulation=simulation, collect=False, **options)
    thaw(model.observer, tree["observer"], stored.arrays)
    thaw(model.recorder.year_so_far, tree["year"], stored.arrays)
    totals.restore(thaw(None, tree["totals"], stored.arrays))
    return model


def day_of_checkpoint(stored: Stored) -> str:
    """Return the next day to run, such as ``2015-01-01``."""
    pairs = dict(stored.content["tree"]["simulation"]["pairs"])
    return date_of(pairs["day"]).isoformat()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_file(path: Path, digest: str) -> None:
    """Refuse a file that is not what it was.

    Raises
    ------
    RunError
        If it is missing or damaged.
    """
    try:
        is_whole = file_digest(path) == digest
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}; the run cannot go on") from error
    if not is_whole:
        raise RunError(f"{path}: damaged; the run cannot go on from here")


def _write_arrays(folder: Path, arrays: Arrays) -> dict[str, str]:
    """Write arrays; return the checksum of each file."""
    digests = {}
    small = {}
    for name, array in arrays.items():
        if array.nbytes <= _SMALL_BYTES:
            small[name] = array
            continue
        path = folder / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        digests[path.name] = file_digest(path)
        flush_file(path)
    with (folder / _SMALL).open("wb") as file:
        np.savez(file, allow_pickle=False, **small)
    digests[_SMALL] = file_digest(folder / _SMALL)
    flush_file(folder / _SMALL)
    return digests


def _read_arrays(folder: Path, names: Mapping[str, str]) -> Arrays:
    arrays: Arrays = {}
    for name in names:
        if name == _SMALL:
            with np.load(folder / name, allow_pickle=False) as small:
                arrays |= {each: small[each] for each in small.files}
        else:
            arrays[name.removesuffix(".npy")] = np.load(folder / name, allow_pickle=False)
    return arrays


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
