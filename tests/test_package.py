"""The package as others install it, without the repository around it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel has been unpacked."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def printed(installed: Path, program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=installed.parent,
        env=os.environ | {"PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_package_finds_its_own_files(installed: Path) -> None:
    place = printed(installed, "import sim; print(sim.__file__)")

    assert Path(place.strip()).is_relative_to(installed)


@pytest.mark.parametrize(("kind", "folder"), [("scenarios", "."), ("policies", "policies")])
def test_the_package_has_every_file_that_can_be_named(
    installed: Path, kind: str, folder: str
) -> None:
    program = f"from sim.scenario import list_{kind}; print(*(n for n, _ in list_{kind}()))"
    names = {path.stem for path in (ROOT / "scenarios" / folder).glob("*.toml")}

    assert set(printed(installed, program).split()) == names


def test_the_package_reads_its_scenarios_and_parameters(installed: Path) -> None:
    program = "from sim.scenario import load_scenario; print(load_scenario('mixed').name)"

    assert printed(installed, program).strip() == "mixed"


def test_the_package_holds_the_program_and_its_data_alone(installed: Path) -> None:
    tops = {path.name.partition("-")[0] for path in installed.iterdir()}

    assert tops == {"sim", "villagesim"}
    assert (installed / "sim" / "py.typed").is_file()


def test_the_package_knows_the_references_of_reports(installed: Path) -> None:
    program = "from sim.report.knowledge import references; print(len(references()))"
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")

    assert int(printed(installed, program)) > 100
    assert (installed / "sim" / "data" / "sources.md").read_text(encoding="utf-8") == page
