"""Where a calibration comes from: command, versions, sources, and the targets of each role."""

import hashlib
import subprocess  # git alone is called, with fixed arguments
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from sim.experiments.targets import role_digests

ROOT: Final = Path(__file__).resolve().parents[3]
_COMPILED: Final = ("compiled.py", "rules", "engine", "world")
_PACKAGES: Final = ("pyabc", "optuna", "scipy", "scikit-learn", "pandas")
_GIT_SECONDS: Final = 10


def provenance() -> dict[str, Any]:
    """Return what is to be known of the program and its data, as plain JSON."""
    return {
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": {name: _version(name) for name in _PACKAGES},
        "git": git_state(),
        "compiled_sources_sha256": compiled_digest(),
        "targets_sha256": role_digests(),
        "targets_read": ["fit"],
    }


def compiled_digest() -> str:
    """Return the SHA-256 of all sources that are compiled, in hexadecimal."""
    made = hashlib.sha256()
    package = ROOT / "sim"
    for name in _COMPILED:
        path = package / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            made.update(f"{file.relative_to(package).as_posix()}\n".encode())
            made.update(file.read_bytes())
    return made.hexdigest()


def git_state() -> dict[str, Any] | None:
    """Return the commit, and whether sources differ from it; None outside of a repository."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return None
    return {"commit": commit, "is_changed": bool(_git("status", "--porcelain", "--", "sim"))}


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
