import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app

Villagesim = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the user: it holds tiny.toml and nothing else."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(tiny_file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def villagesim(folder: Path) -> Villagesim:
    """Runs a command in the working directory of the user."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    """Every file and folder below a folder, hidden ones included, with what is in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def contents(folder: Path) -> Callable[[], dict[str, bytes]]:
    """Everything in the working directory of the user."""
    return lambda: tree(folder)
