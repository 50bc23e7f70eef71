"""The pages a newcomer reads first: what they tell to type works, what they name is there."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(ROOT.glob("*.md"))
README, CONTRIBUTING, CHANGELOG = (
    (ROOT / f"{name}.md").read_text(encoding="utf-8")
    for name in ("README", "CONTRIBUTING", "CHANGELOG")
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
SHORT = ("--until", "2009-02-28", "--no-figures")
"""What is added to runs, so that they take a moment: the scenarios named start with 2009."""
START_OF = {"mixed": "2012-01-31"}
THINNED = {
    "zhejiang": ("--set", "region.county_share=0.0125"),
    "china": ("--set", "region.county_share=0.001"),
}
"""What is added to runs of large regions."""
MOST_IMAGE_BYTES = 200_000


def blocks(text: str, language: str) -> list[str]:
    """The blocks of a page that are written in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines of a page that call the program."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [line.partition(" #")[0].strip() for line in lines if line.startswith("villagesim ")]


def anchors(page: Path) -> set[str]:
    """What a link may name in a page: its headings as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def shortened(command: str) -> list[str]:
    """The arguments of a command; a run ends after a month or two."""
    _, *arguments = shlex.split(command)
    if arguments[0] == "compare":
        return [*arguments, "--replicates", "2", "--until", "2010-12-31"]
    if arguments[0] != "run":
        return arguments
    until = START_OF.get(arguments[1], SHORT[1])
    return [*arguments, SHORT[0], until, SHORT[2], *THINNED.get(arguments[1], ())]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's commands are typed: it has the run that `make run` leaves."""
    folder = tmp_path_factory.mktemp("desk")
    result = invoke(*shortened(f"villagesim run cangtian --out {folder / 'out' / 'cangtian'}"))
    assert result.exit_code == 0, result.stderr
    return folder


@pytest.fixture
def at_desk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(desk)
    return desk


# A run to go on with takes one that was stopped: tests/experiments/test_continuing.py has them.
@pytest.mark.parametrize("command", [c for c in commands(README) if "--continue" not in c])
@pytest.mark.usefixtures("at_desk")
def test_a_command_of_the_readme_works(command: str) -> None:
    result = invoke(*shortened(command))

    assert (result.exit_code, result.stderr) == (0, "")


def test_the_readme_calls_the_commands_that_newcomers_need() -> None:
    assert {shlex.split(command)[1] for command in commands(README)} >= {
        "list", "show", "run", "compare", "plot"
    }  # fmt: skip


def test_the_scenario_of_the_readme_is_valid(at_desk: Path) -> None:
    (text,) = blocks(README, "toml")
    name = text.splitlines()[0].removeprefix("# ")
    (at_desk / name).write_text(text, encoding="utf-8")

    assert f"villagesim run {name}" in README
    assert invoke("check", name).exit_code == 0


def test_the_program_of_the_readme_counts_shops(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = blocks(README, "python")
    names: dict[str, Any] = {}

    exec(compile(program, "README.md", "exec"), names)

    assert 0 < len(names["sellers"]) < len(names["households"])
    assert "households have a shop" in capsys.readouterr().out


def test_the_readme_lists_every_file_of_a_run_folder(desk: Path) -> None:
    (table,) = re.findall(r"^\| file \| what \|\n(?:\|.*\n)+", README, re.MULTILINE)
    listed = {name.rstrip("/") for name in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)}

    there = {path.name for path in (desk / "out" / "cangtian").iterdir()}

    assert listed == there | {"figures", "report.html"}


def test_the_readme_names_every_notebook() -> None:
    assert set(re.findall(r"\(notebooks/([^)]+)\)", README)) == {
        path.name for path in (ROOT / "notebooks").glob("*.ipynb")
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not is_there(page, link)] == []


def test_images_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").glob("*")}

    assert sizes
    assert max(sizes.values()) < MOST_IMAGE_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = [*re.findall(r"`(make [^`\n]+)`", text), *"".join(blocks(text, "sh")).splitlines()]
    named = {line.split()[1] for line in code if line.startswith("make ")}

    assert named <= TARGETS


def test_the_help_of_make_names_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    helped = re.findall(r"@echo 'make ([\w-]+) ", MAKEFILE)

    assert sorted([*helped, "help"]) == sorted(phony.split())
    assert set(helped) <= TARGETS


def test_every_path_that_contributors_are_told_exists() -> None:
    code = re.findall(r"`([\w./-]+)(<?)", CONTRIBUTING)
    # Before a <name> that contributors choose, the folder counts.
    paths = [path.rpartition("/")[0] if chosen else path for path, chosen in code]
    paths = [path for path in paths if re.match(r"(sim|tests|docs|scripts|scenarios|bench)", path)]

    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_floors_that_contributors_are_told_are_those_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = project["tool"]["importlinter"]["contracts"]
    quoted = " ".join(re.findall(r"^> (.+)$", CONTRIBUTING, re.MULTILINE))

    floors = [set(floor.split(", ")) for floor in quoted.split(" · ")]

    assert floors == [set(floor.split(" | ")) for floor in reversed(contract["layers"])]


def test_the_changelog_knows_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    newest = CHANGELOG.partition("\n## ")[2].partition("\n## ")[0]

    assert project["project"]["version"] in newest
    assert "### Numbers" in newest
