"""Which program made a result: a hash of all that it may depend on."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from sim.errors import RunError

_PACKAGE: Final = Path(__file__).resolve().parents[1]
# What a result depends on: everything but the faces, and of the experiments only the run.
_SOURCES: Final = (
    "agents",
    "compiled.py",
    "data",
    "engine",
    "experiments/outcomes.py",
    "experiments/recording.py",
    "experiments/run.py",
    "model.py",
    "observer",
    "results",
    "rules",
    "scenario",
    "world",
)
_UNREAD: Final = ("data/posterior", "data/targets.toml")
"""What runs are held against, and what came of it, are no part of a run."""


@cache
def program_hash() -> str:
    """Return the SHA-256 of all sources and data that a result depends on, in hexadecimal."""
    made = hashlib.sha256()
    for path in _files(_SOURCES):
        text = path.read_bytes()
        made.update(f"{path.relative_to(_PACKAGE).as_posix()} {len(text)}\n".encode())
        made.update(text)
    return made.hexdigest()


def check_program(began: str, what: str) -> None:
    """Refuse to go on with other code or data.

    Parameters
    ----------
    began : str
        `program_hash` of the program that began.
    what : str
        What it began, such as ``"sweep"``.

    Raises
    ------
    RunError
        If this process has other sources or data.
    """
    if program_hash() != began:
        raise RunError(
            f"a worker has other code or data than the program that began the {what}; allowed: "
            "the same version everywhere, and no changes on the way"
        )


def _files(names: Sequence[str]) -> list[Path]:
    found = []
    for name in names:
        path = _PACKAGE / name
        found += [path] if path.is_file() else [p for p in path.rglob("*.*") if p.is_file()]
    unread = [_PACKAGE / name for name in _UNREAD]
    return sorted(
        path
        for path in found
        if path.suffix in {".py", ".toml", ".csv"}
        and not any(path == other or other in path.parents for other in unread)
    )
