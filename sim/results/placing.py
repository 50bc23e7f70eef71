"""Folders that are written as a whole or not at all."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError

MANIFEST: Final = "manifest.json"
"""Says what a folder holds; its ``format`` says which kind of folder it is."""
LOCK: Final = "lock"
"""Held by the program that works in a folder."""


def holds(path: Path, form: str) -> bool:
    """Whether a folder has a manifest of a format."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == form


def check_place(path: Path, form: str, what: str) -> None:
    """Refuse a folder that must not be written to.

    A new folder, an empty one and one of the same format will do.

    Parameters
    ----------
    path : Path
        Where a folder is to be.
    form : str
        Its format.
    what : str
        What leaves such a folder, in words, such as ``"run"``.

    Raises
    ------
    RunError
        If something else would be lost, or the folder cannot be made.
    """
    target = path.resolve()
    if Path.cwd().is_relative_to(target):
        raise RunError(f"{path}: a {what} folder cannot be the folder you are in, nor one above it")
    if target.is_dir():
        if any(target.iterdir()) and not holds(target, form):
            raise RunError(
                f"{path}: this folder has other files in it and is not that of an earlier {what}; "
                f"allowed: a new folder, an empty one, or one of an earlier {what}"
            )
    elif target.exists():
        raise RunError(f"{path}: this is a file; allowed: a folder")
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir():
        raise RunError(f"{path}: {above.name} is a file; no folder can be made in it")
    if not os.access(above, os.W_OK | os.X_OK):
        raise RunError(f"{path}: no permission to write there")


@contextmanager
def placed(path: Path, form: str, what: str, room: Path | None = None) -> Iterator[Path]:
    """Give a hidden folder to write to, which takes its place when all is written.

    If anything fails on the way, nothing of it stays behind.

    Parameters
    ----------
    path : Path
        Where the folder is to be, in place of an earlier one of the same format.
    form : str
        Its format.
    what : str
        What leaves such a folder, in words.
    room : Path, optional
        A folder on the same disk for what is not finished; beside the place if not given.

    Raises
    ------
    RunError
        If the folder cannot be written or must not be replaced.
    """
    check_place(path, form, what)
    target = path.resolve()
    hidden = target.with_name(f".{target.name}.writing-{os.getpid()}")
    old = target.with_name(f".{target.name}.replaced-{os.getpid()}")
    if room is not None:
        hidden, old = room / "written", room / "replaced"
    missing = [folder for folder in target.parents if not folder.exists()]
    try:
        hidden.mkdir(parents=True)
        yield hidden
        _put_in_place(hidden, target, old)
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        for folder in missing:
            # If nothing came to be written, no empty folders stay behind either.
            with suppress(OSError):
                folder.rmdir()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain JSON, the same bytes on every system."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read JSON.

    Raises
    ------
    RunError
        If it cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}") from error
    except (TypeError, ValueError) as error:
        raise RunError(f"{path}: damaged; {error}") from error


@contextmanager
def kept_to_oneself(path: Path) -> Iterator[None]:
    """Hold a folder that no other program may work in.

    Raises
    ------
    RunError
        If another one does.
    """
    with (path / LOCK).open("a+b") as file:
        try:
            _lock(file)
        except OSError as error:
            raise RunError(f"{path}: another program is working in this folder") from error
        yield


def flush_file(path: Path) -> None:
    """Have a file on the disk before anything else happens."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Have the names in a folder on the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(file: Any) -> None:
    """Lock a file until it is closed, also by the end of the program."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _put_in_place(made: Path, target: Path, old: Path) -> None:
    """Rename a finished folder; what was there before goes as a whole."""
    if not target.exists():
        made.rename(target)
        return
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
