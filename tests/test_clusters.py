"""The page on clusters: its commands run, and each way leads to the same bytes."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli import app

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "clusters.md").read_text(encoding="utf-8")
PARTS = 3
SMALL = {"cangtian": "tiny.toml", "256": "2", "10": "2"}
"""What is written smaller, so that a sweep takes a moment."""


def blocks(language: str) -> list[str]:
    """The blocks of the page that are written in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def commands(word: str) -> list[str]:
    """The commands of the page that hold a word, without what a shell's loop puts around them."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    found = [re.search(r"villagesim [^;#]+", line) for line in lines if word in line]
    return [match[0].strip() for match in found if match]


def arguments(command: str, **variables: str) -> list[str]:
    """The arguments of a command as a shell would pass them on, and smaller."""
    text = Template(command).substitute(variables)
    return [SMALL.get(word, word) for word in shlex.split(text)[1:]]


def call(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the laptop's command leaves behind."""
    folder = tmp_path_factory.mktemp("laptop")
    (command,) = [each for each in commands("sweep") if "shard" not in each and "dask" not in each]
    words = arguments(command)
    words[words.index("tiny.toml")] = str(tiny_file)
    words[words.index("out/learning")] = str(folder / "whole")
    call([*words, "--workers", "1"])
    return tree(folder / "whole")


@pytest.fixture
def desk(tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(tiny_file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def merged(desk: Path) -> dict[str, bytes]:
    """What the page's command makes of the parts."""
    (command,) = commands("merge")
    words = arguments(command)
    place = words.index("parts/*")
    words[place : place + 1] = sorted(path.as_posix() for path in Path("parts").iterdir())
    call(words)
    return tree(desk / "out" / "learning")


@pytest.mark.parametrize(
    ("word", "variables"),
    [
        (
            "SLURM",
            lambda part: {
                "SLURM_CPUS_PER_TASK": "1",
                "SLURM_ARRAY_TASK_ID": str(part),
                "SLURM_ARRAY_TASK_COUNT": str(PARTS),
            },
        ),
        ("for part", lambda part: {"part": str(part)}),
    ],
)
def test_parts_merged_are_the_bytes_of_the_laptop(
    word: str,
    variables: Callable[[int], dict[str, str]],
    whole: dict[str, bytes],
    desk: Path,
) -> None:
    (command,) = commands(word)
    for part in range(1, PARTS + 1):
        words = arguments(command, **variables(part))
        call([*words, *([] if "--workers" in words else ["--workers", "1"])])

    assert len(whole) > 3
    assert merged(desk) == whole


@pytest.mark.skipif(shutil.which("bash") is None, reason="the script is for bash")
def test_the_script_for_slurm_is_one_that_bash_can_read(tmp_path: Path) -> None:
    (script,) = [block for block in blocks("sh") if block.startswith("#!/bin/bash")]
    path = tmp_path / "learning.sh"
    path.write_text(script, encoding="utf-8", newline="\n")

    checked = subprocess.run(["bash", "-n", str(path)], check=False, capture_output=True, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")
    lines = script.splitlines()
    asked = [place for place, line in enumerate(lines) if line.startswith("#SBATCH ")]
    assert asked == list(range(1, 1 + len(asked)))  # SLURM stops reading at the first command


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    """A scheduler and two workers on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        worker_dashboard_address=None,
    ) as cluster:
        yield cluster


def test_the_command_for_dask_gives_the_bytes_of_the_laptop(
    dask: Any, whole: dict[str, bytes], desk: Path
) -> None:
    (command,) = commands("--dask tcp")
    words = arguments(command)
    words[words.index("--dask") + 1] = dask.scheduler_address

    call(words)

    assert tree(desk / "out" / "learning") == whole


def test_the_program_for_dask_gives_the_bytes_of_the_laptop(
    dask: Any, whole: dict[str, bytes], desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = blocks("python")[1]
    for large, small in SMALL.items():
        program = re.sub(rf"(?<![\w.]){large}(?!\w)", small, program)
    monkeypatch.setattr(dask, "adapt", lambda **how: None)  # two workers will do

    exec(compile(program, "docs/clusters.md", "exec"), {"cluster": dask})

    assert tree(desk / "out" / "learning") == whole


def test_the_job_of_dask_jobqueue_asks_for_a_worker_a_core(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dask_jobqueue = pytest.importorskip("dask_jobqueue")
    made: list[Any] = []

    def on_loopback(**options: Any) -> Any:
        quiet = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        made.append(make(**options, scheduler_options=quiet))
        return made[0]

    make = dask_jobqueue.SLURMCluster
    monkeypatch.setattr(dask_jobqueue, "SLURMCluster", on_loopback)
    try:
        exec(compile(blocks("python")[0], "docs/clusters.md", "exec"), {})
    finally:
        for cluster in made:
            cluster.close()
    script = capsys.readouterr().out

    lines = script.splitlines()
    assert lines[0].startswith("#!")
    assert {"#SBATCH -p normal", "#SBATCH --cpus-per-task=16", "#SBATCH -t 02:00:00"} <= {*lines}
    worker = shlex.split(lines[-1] or lines[-2])
    assert worker[worker.index("--nworkers") + 1] == "16"
    assert worker[worker.index("--nthreads") + 1] == "1"
    assert lines.index(". .venv/bin/activate") < lines.index(shlex.join(worker))


def test_dask_has_the_commands_of_the_page() -> None:
    pytest.importorskip("distributed")
    named = re.findall(r"^dask (scheduler|worker) (.*)$", "".join(blocks("sh")), re.MULTILINE)

    assert [name for name, _ in named] == ["scheduler", "worker"]
    from importlib import import_module

    for name, line in named:
        command = import_module(f"distributed.cli.dask_{name}").main
        known = {option for each in command.params for option in each.opts}
        assert {word for word in shlex.split(line) if word.startswith("--")} <= known


def test_the_page_names_only_keys_that_can_be_varied() -> None:
    keys = set(re.findall(r"--vary (\S+)", PAGE))

    assert keys == set(re.findall(r'"(behaviour\.\w+)"', PAGE))
