import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import sim

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = {"matplotlib", "mesa", "numba", "pandas", "polars", "pyarrow", "scipy"}

# Written so that the patterns do not match their own source.
REGISTRY_HOST = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|deb\.debia[n]\.org|[a]naconda\.org"
)
MACHINE_PATH = re.compile(
    r"(?<![\w.~*)}-])/(?:home|root|Users|work|farm|mnt|srv)/\w|\b[A-Z]:\\+Users\\"
)


def tracked_texts() -> list[tuple[str, str]]:
    """Every tracked text file: its path and what it says."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    texts = []
    for name in filter(None, listing.split("\0")):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content:
            texts.append((name, content.decode("utf-8")))
    return texts


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def imported_by(command: list[str]) -> set[str]:
    """Names of the modules that a command imports before it ends."""
    result = subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPROFILEIMPORTTIME": "1"},
    )
    return set(re.findall(r"^import time:[^|]*\|[^|]*\|\s*(\S+)$", result.stderr, re.MULTILINE))


def configured_paths() -> list[str]:
    """Every path or pattern that pyproject.toml names, from the folder it lies in."""
    tool = PYPROJECT["tool"]
    return [
        PYPROJECT["project"]["readme"],
        *PYPROJECT["project"]["license-files"],
        *tool["hatch"]["build"]["dev-mode-dirs"],
        *tool["hatch"]["build"]["targets"]["wheel"]["only-include"],
        *tool["ruff"]["extend-exclude"],
        *tool["ruff"]["lint"]["per-file-ignores"],
        *tool["mypy"]["files"],
        *tool["pytest"]["ini_options"]["testpaths"],
        *tool["coverage"]["run"]["source"],
    ]


def configured_modules() -> list[str]:
    """Every module of this project that pyproject.toml sets types or floors for."""
    tool = PYPROJECT["tool"]
    typed = [name for override in tool["mypy"]["overrides"] for name in override["module"]]
    floors = [
        f"sim.{name}"
        for contract in tool["importlinter"]["contracts"]
        for floor in contract["layers"]
        for name in floor.split(" | ")
    ]
    own = [name.removesuffix(".*") for name in typed if name.startswith("sim.")]
    return sorted({*floors, *own})


def test_a_floor_imports_only_from_the_floors_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("pattern", configured_paths())
def test_every_configured_path_exists(pattern: str) -> None:
    # A plain path may be the project's own folder, which glob() refuses.
    assert (ROOT / pattern).exists() or list(ROOT.glob(pattern))


@pytest.mark.parametrize("module", configured_modules())
def test_every_configured_module_exists(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))

    assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def test_the_public_names_are_sorted() -> None:
    assert sim.__all__ == sorted(sim.__all__)


def test_the_public_names_are_what_can_be_imported() -> None:
    for name in sim.__all__:
        getattr(sim, name)
    importable = {
        name
        for name in dir(sim)
        if not name.startswith("_") and not isinstance(getattr(sim, name), ModuleType)
    }

    assert importable - {"TYPE_CHECKING"} == set(sim.__all__)


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Shopkeeper'"):
        _ = sim.Shopkeeper


def test_import_sim_imports_nothing_heavy() -> None:
    imported = imported_by([sys.executable, "-c", "import sim"])

    assert "sim" in imported
    assert {name.partition(".")[0] for name in imported}.isdisjoint(HEAVY)


def test_the_help_of_the_command_imports_nothing_heavy() -> None:
    imported = imported_by([str(Path(sys.executable).parent / "villagesim"), "--help"])

    assert "sim.cli" in imported
    assert {name.partition(".")[0] for name in imported} & HEAVY == set()


def test_the_command_is_the_one_that_pyproject_names() -> None:
    (script,) = entry_points(group="console_scripts", name="villagesim")

    assert script.value == PYPROJECT["project"]["scripts"]["villagesim"]


def test_the_lock_has_every_requirement_with_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    locked = {
        re.split(r"[\[=]", line)[0]: line.count("--hash=sha256:")
        for line in lock.splitlines()
        if line and not line.startswith("#")
    }
    project = PYPROJECT["project"]
    required = [
        *PYPROJECT["build-system"]["requires"],
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]

    assert min(locked.values()) > 0
    # The lock writes names in small letters.
    assert {re.split(r"[\[<>=!~ ]", name)[0].lower() for name in required} <= set(locked)


def test_the_citation_states_the_version_of_the_package() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert f"\nversion: {PYPROJECT['project']['version']}\n" in citation


def test_no_tracked_file_names_a_package_registry() -> None:
    assert lines_matching(REGISTRY_HOST) == []


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    assert lines_matching(MACHINE_PATH) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY_HOST, "https://files.python" + "hosted.org/packages"),
        (MACHINE_PATH, "open('/" + "home/li/run.toml')"),
        (MACHINE_PATH, "C:" + "\\Users\\li"),
    ],
)
def test_the_forbidden_patterns_find_what_they_should(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)
