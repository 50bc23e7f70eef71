"""Where a run keeps its rows and checkpoints until it is finished: a hidden folder beside its own.

A run with checkpoints has a folder of a fixed name, which stays if the run is killed; another
run's folder bears the number of its process and goes with it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.errors import RunError
from sim.results.folder import RunFolder, is_run_folder
from sim.results.placing import (
    LOCK,
    flush_file,
    flush_folder,
    kept_to_oneself,
    read_json,
    write_json,
)
from sim.world.register import Register

CHECKPOINTS: Final = ("none", "yearly", "monthly")
"""How often a run writes a checkpoint."""
_ABOUT: Final = "run.json"
_SAYS: Final = {
    "checkpoint": str,
    "name": str,
    "scenario_sha256": str,
    "seed": int,
    "end": str,
    "record": dict,
    "villages_sha256": str,
    "versions": dict,
    "program_sha256": str,
    "scenario": dict,
}
"""What is written of a run that may go on, and as what."""


@dataclass(frozen=True)
class Workplace:
    """A folder to work in.

    Attributes
    ----------
    path : Path
        The folder.
    checkpoint : str
        One of `CHECKPOINTS`.
    """

    path: Path
    checkpoint: str

    @property
    def rows(self) -> Path:
        """Folder of rows that memory does not keep."""
        return self.path / "rows"

    @property
    def room(self) -> Path | None:
        """Where the run folder is written before it gets its name, if that is here."""
        return None if self.checkpoint == "none" else self.path

    def save(self, model: Any, totals: Any, store: Any, *, is_stopped: bool) -> None:
        """Write a checkpoint at the end of a month, if one is due.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        from sim.results.checkpoint import save_checkpoint

        is_due = self.checkpoint == "monthly" or model.date.month == 1 or is_stopped
        if self.checkpoint == "none" or not is_due or model.date.day != 1:
            return
        try:
            save_checkpoint(self.path, model, totals, store.saved())
        except OSError as error:
            raise RunError(f"{self.path}: {error.strerror or error}") from error

    def discard(self) -> None:
        """Let nothing of it stay; a folder of a half removed run is not taken for one to go on."""
        done = self.path.with_suffix(".done")
        with suppress(OSError):
            shutil.rmtree(done, ignore_errors=True)
            self.path.rename(done)
            shutil.rmtree(done, ignore_errors=True)


def lasting_path(folder: Path) -> Path:
    """Return where a run with checkpoints works, whose results are to be in `folder`."""
    target = folder.resolve()
    return target.with_name(f".{target.name}.unfinished")


@contextmanager
def new_workplace(folder: Path, about: Mapping[str, Any]) -> Iterator[Workplace]:
    """Give a run that begins a folder to work in.

    Parameters
    ----------
    folder : Path
        Where its results are to be.
    about : mapping
        What is run; ``checkpoint`` says how often a checkpoint is written.

    Raises
    ------
    RunError
        If it cannot be made, or another program works in it.
    """
    checkpoint = about["checkpoint"]
    if checkpoint == "none":
        with _passing(folder) as path:
            yield Workplace(path, checkpoint)
        _discard_old(folder)
        return
    place = Workplace(lasting_path(folder), checkpoint)
    try:
        place.path.mkdir(parents=True, exist_ok=True)
        with kept_to_oneself(place.path):
            for path in place.path.iterdir():
                if path.name != LOCK:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            unfinished = place.path / f"{_ABOUT}.unfinished"
            write_json(unfinished, about)
            flush_file(unfinished)
            unfinished.replace(place.path / _ABOUT)
            flush_folder(place.path)
            yield place
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error


@contextmanager
def old_workplace(folder: Path) -> Iterator[tuple[Workplace, dict[str, Any]]]:
    """Give the folder of a run that did not come to its end, and what was run.

    Parameters
    ----------
    folder : Path
        Where its results are to be.

    Raises
    ------
    RunError
        If there is none, or another program works in it.
    """
    path = lasting_path(folder)
    if not (path / _ABOUT).is_file():
        raise RunError(f"{folder}: {_why_nothing_is_left(folder)}")
    try:
        with kept_to_oneself(path):
            about = _read_about(path / _ABOUT)
            for room in ("written", "replaced"):
                shutil.rmtree(path / room, ignore_errors=True)
            yield Workplace(path, about["checkpoint"]), about
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error


def _read_about(path: Path) -> dict[str, Any]:
    about = read_json(path)
    for key, kind in _SAYS.items():
        if not isinstance(about.get(key), kind):
            raise RunError(f"{path}: damaged, {key} is missing; the run cannot go on from here")
    return about


def digest_of(villages: Register) -> str:
    """Return a hash of who the villages are and where."""
    made = hashlib.sha256()
    for names in (villages.names, villages.town_paths):
        made.update("\n".join(names).encode())
    # Its fields alone: what has been found by them depends on who has asked.
    for name in sorted(field.name for field in fields(villages)):
        values = getattr(villages, name)
        if isinstance(values, np.ndarray):
            made.update(f"{name} {values.shape} {values.dtype}".encode())
            made.update(np.ascontiguousarray(values).tobytes())
    return made.hexdigest()


def _why_nothing_is_left(folder: Path) -> str:
    if not is_run_folder(folder):
        return "there is no run to continue"
    if RunFolder(folder).is_complete:
        return "this run is finished; there is nothing to continue"
    return "this run has no checkpoint; run it again with --checkpoint yearly"


@contextmanager
def _passing(folder: Path) -> Iterator[Path]:
    """Give a folder that goes at the end; it is made by whoever needs it."""
    target = folder.resolve()
    path = target.with_name(f".{target.name}.rows-{os.getpid()}")
    missing = [above for above in target.parents if not above.exists()]
    try:
        yield path
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(path, ignore_errors=True)
        for above in missing:
            with suppress(OSError):
                above.rmdir()


def _discard_old(folder: Path) -> None:
    """Remove what an unfinished run has left whose place another run has taken."""
    path = lasting_path(folder)
    if path.is_dir():
        with suppress(RunError), kept_to_oneself(path):
            Workplace(path, "none").discard()
