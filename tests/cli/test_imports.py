"""Nothing heavy is imported before it is needed."""

import subprocess
import sys

import pytest

from sim.cli import app

HEAVY = ("matplotlib", "mesa", "networkx", "numba", "pandas", "polars", "pyarrow", "scipy")
HEAVY_FOR_HELP = (*HEAVY, "numpy")
PROGRAM = """
import contextlib, io, sys
from sim.cli import app
for command in {commands!r}:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        app(command)
    assert out.getvalue(), command
print(sorted(set({heavy!r}) & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("commands", "heavy"),
    [
        ([[c.name or c.callback.__name__, "--help"] for c in app.registered_commands],
         HEAVY_FOR_HELP),
        ([["--help"], ["--version"]], HEAVY_FOR_HELP),
        ([["list"], ["show", "mixed"], ["check", "mixed"], ["schema"]], HEAVY),
    ],
    ids=["help of commands", "help", "scenarios"],
)  # fmt: skip
def test_commands_that_run_nothing_import_nothing_heavy(
    commands: list[list[str]], heavy: tuple[str, ...]
) -> None:
    program = PROGRAM.format(commands=commands, heavy=heavy)
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
