"""The decorators that compile rules and kernels, and the folder that keeps what they compiled.

Numba notices that a file has changed, but not that a function called from that file has: after
an edit in one rule, kernels in other files would go on with the old one. So the cache folder is
named by a hash of every compiled source, and any edit starts a new folder.

``fastmath`` is never on: with it, a rule inside a kernel and the same rule called from Python
differ in the last digits, and so would two ways of running one simulation.

Compiled code makes no arrays, so it is compiled without Numba's counting of references to them
(``_nrt``). With it every call of a kernel counted the arrays of state and terms up and down, which
took four fifths of a run's time. A kernel that makes an array does not compile.
"""

import hashlib
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import numba
import numpy as np

_SETTINGS: Any = numba.config  # a module, though its settings only appear at run time
_NJIT: Any = numba.njit  # its declared types leave out some of the options
_PACKAGE: Final = Path(__file__).resolve().parent
_COMPILED_FOLDERS: Final = ("engine", "rules", "world")
# Settings that change the machine code, though Numba does not tell their results apart.
_CODE_SETTINGS: Final = ("BOUNDSCHECK", "LOOP_VECTORIZE", "OPT", "SLP_VECTORIZE")
_FOLDERS_KEPT: Final = 5
_FOLDER_NAME: Final = re.compile(r"kernels-[0-9a-f]{16}")


def cache_folder_name(package: Path) -> str:
    """Name of the cache folder for the sources of a package, ``kernels-`` and 16 hex digits.

    It depends on the path and text of every source that is compiled or holds constants that
    compiled code takes in, on the names of the behavioural parameters, on the versions of Numba
    and Python, and on Numba settings that change the machine code.

    Parameters
    ----------
    package : Path
        The folder of the package ``sim``.
    """
    digest = hashlib.blake2s(digest_size=8)
    settings = [(name, getattr(_SETTINGS, name, None)) for name in _CODE_SETTINGS]
    digest.update(repr((numba.__version__, platform.python_version(), settings)).encode())
    sources = [package / "compiled.py"]
    # Compiled code finds a behavioural parameter by its place among the tables of the file.
    names = list(tomllib.loads((package / "data" / "behaviour.toml").read_text(encoding="utf-8")))
    digest.update(repr(names).encode())
    for folder in _COMPILED_FOLDERS:
        sources += sorted((package / folder).rglob("*.py"))
    for source in sources:
        text = source.read_bytes()
        digest.update(f"\n{source.relative_to(package).as_posix()} {len(text)}\n".encode())
        digest.update(text)
    return f"kernels-{digest.hexdigest()}"


def remove_old_folders(parent: Path, keep: int) -> None:
    """Remove cache folders used longest ago, as far as the system allows it.

    Parameters
    ----------
    parent : Path
        The folder that holds the cache folders; anything else in it stays.
    keep : int
        How many of the most recently used cache folders stay.
    """
    try:
        dated = [
            (folder.stat().st_mtime_ns, folder)
            for folder in parent.iterdir()
            if _FOLDER_NAME.fullmatch(folder.name)
        ]
    except OSError:  # another process is tidying up as well
        return
    for _, folder in sorted(dated, reverse=True)[keep:]:
        shutil.rmtree(folder, ignore_errors=True)


def as_int64(number: int) -> int:
    """Return a number, such as a member of an enumeration, as compiled code counts.

    Parameters
    ----------
    number : int
        The value of a module's constant that is handed on to rules and kernels.
    """
    return cast("int", np.int64(number))


def rule[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a rule: a scalar function that describes how one actor behaves."""
    return _compile(function)


def kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on the rows of a village, for other kernels only.

    It cannot be called from Python: leaving out what that takes halves the time to compile. It is
    always inlined: a call would pass every array of state and terms one by one.
    """
    return _compile(function, no_cpython_wrapper=True, forceinline=True)


def entry_kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that Python calls; threads run it side by side."""
    return _compile(function, nogil=True)


def _compile[**P, R](function: Callable[P, R], **options: Any) -> Callable[P, R]:
    # Numba fixes a function's cache folder while decorating it. The setting is put back at once,
    # so that the user's own Numba functions keep their folder.
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(CACHE_FOLDER or "")
    try:
        compiled: Callable[P, R] = _NJIT(
            cache=CACHE_FOLDER is not None,
            error_model="numpy",
            no_cfunc_wrapper=True,
            _nrt=False,
            **options,
        )(function)
    finally:
        _SETTINGS.CACHE_DIR = before
    return compiled


def _user_cache() -> Path:
    if _SETTINGS.CACHE_DIR:  # this is NUMBA_CACHE_DIR, if the environment has it
        return Path(_SETTINGS.CACHE_DIR)
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"])
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"])
    home = Path("~").expanduser()
    return home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"


def _prepared_folder() -> Path | None:
    """Make the cache folder, or return None where nothing can be kept between runs."""
    try:
        folder = _user_cache().absolute() / "villagesim" / cache_folder_name(_PACKAGE)
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # a folder in use counts as recent
    except (OSError, RuntimeError):  # not writable, or a user without a home
        return None
    if not os.access(folder, os.W_OK | os.X_OK):
        return None
    if is_new:
        remove_old_folders(folder.parent, _FOLDERS_KEPT)
    return folder


CACHE_FOLDER: Final = _prepared_folder()
"""Where compiled code is kept; None if it is compiled anew in every process."""
