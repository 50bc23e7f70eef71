"""list, show, check and schema: what they print, and that they print nothing else."""

import io
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from sim.cli import app
from sim.scenario import list_policies, list_scenarios, load_scenario, scenario_schema

COMMANDS = [c.name or c.callback.__name__ for c in app.registered_commands]


def test_there_are_the_commands_that_are_promised() -> None:
    assert {"list", "show", "check", "schema", "run", "plot"} <= set(COMMANDS)


def test_the_version_is_that_of_the_package(villagesim: Any) -> None:
    result = villagesim("--version")

    assert (result.exit_code, result.stdout) == (0, f"villagesim {version('villagesim')}\n")


def test_without_a_command_the_commands_are_listed(villagesim: Any) -> None:
    result = villagesim()

    for command in COMMANDS:
        assert re.search(rf"^│ {command} ", result.output, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(villagesim: Any, command: str) -> None:
    result = villagesim(command, "--help")

    assert result.exit_code == 0
    assert f"villagesim {command}" in result.stdout
    assert result.stderr == ""


# --- list


def test_list_has_every_scenario_and_policy_with_its_title(villagesim: Any) -> None:
    result = villagesim("list")

    assert result.exit_code == 0
    lines = [line.split("  ") for line in result.stdout.splitlines()]
    listed = {(parts[1], parts[-1].strip()) for parts in lines if parts[0] == "" and parts[1:]}
    assert {*list_scenarios(), *list_policies()} <= listed


def test_list_has_the_scenarios_of_the_working_directory(villagesim: Any, folder: Path) -> None:
    (folder / "scenarios").mkdir()
    (folder / "tiny.toml").rename(folder / "scenarios" / "tiny.toml")
    (folder / "scenarios" / "broken.toml").write_text("a = [")
    result = villagesim("list")

    assert re.search(r"^  tiny +A tiny village$", result.stdout, re.MULTILINE)
    assert re.search(r"^  broken +not valid: .*line 1", result.stdout, re.MULTILINE)


def test_list_leaves_no_blanks_at_the_ends_of_lines(villagesim: Any) -> None:
    lines = villagesim("list").stdout.splitlines()

    assert lines == [line.rstrip() for line in lines]
    assert lines[-1] != ""


def test_list_is_not_cut_at_the_width_of_a_page(villagesim: Any, folder: Path) -> None:
    title = "A title that goes on and on " * 6
    (folder / "scenarios").mkdir()
    text = (folder / "tiny.toml").read_text().replace("A tiny village", title.strip())
    (folder / "scenarios" / "long.toml").write_text(text)

    assert title.strip() in villagesim("list").stdout


# --- show


@pytest.mark.parametrize("name", ["tiny.toml", "cangtian-without-platform", "mixed"])
def test_show_prints_a_file_that_is_the_same_scenario(
    villagesim: Any, folder: Path, name: str
) -> None:
    result = villagesim("show", name)
    path = folder / "shown.toml"
    path.write_text(result.stdout, encoding="utf-8")

    assert (result.exit_code, result.stderr) == (0, "")
    assert load_scenario(path) == load_scenario(name)


def test_show_has_changes_and_policies_in_it(villagesim: Any, folder: Path) -> None:
    arguments = ("--set", "villages.Reed.people=100", "--set", "seed=5", "--policy", "training")
    result = villagesim("show", "tiny.toml", *arguments)
    path = folder / "shown.toml"
    path.write_text(result.stdout, encoding="utf-8")

    shown = load_scenario(path)
    assert (shown.villages[0].people, shown.seed) == (100, 5)
    assert [policy.kind for policy in shown.policies] == ["service_platform"]


def test_show_has_every_default(villagesim: Any) -> None:
    text = villagesim("show", "tiny.toml").stdout

    assert 'rule = "strict"' in text
    assert "income_index = 1.0" in text


def test_on_a_terminal_show_is_coloured_and_nothing_else(
    villagesim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = villagesim("show", "tiny.toml").stdout
    console = Console(file=io.StringIO(), force_terminal=True, width=200)
    monkeypatch.setattr("sim.cli.listing.output_console", lambda: console)
    villagesim("show", "tiny.toml")

    coloured = console.file.getvalue()
    assert "\x1b[" in coloured
    without = [line.rstrip() for line in Text.from_ansi(coloured).plain.splitlines()]
    assert without == plain.splitlines()


# --- check


def test_check_tells_what_is_in_a_valid_scenario(villagesim: Any) -> None:
    result = villagesim("check", "tiny.toml")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "valid  tiny: 1 village, 30 households, 1 January 2015 to 31 December 2015, 0 policies\n"
    )


def test_check_counts_every_village_and_policy(villagesim: Any) -> None:
    result = villagesim(
        "check", "tiny.toml", "--set", "villages.Reed.count=1200", "--policy", "storage"
    )

    assert "1,200 villages, 36,000 households" in result.stdout
    assert result.stdout.endswith(", 1 policy\n")


def test_check_tells_whom_a_targeted_policy_reaches(villagesim: Any) -> None:
    target = 'policies."storage service".target'
    told = [
        villagesim(
            "check", "tiny.toml", "--set", "villages.Reed.count=10", "--policy", "storage",
            "--set", f"{target}={{{where}}}",
        ).stdout.splitlines()
        for where in ('villages=["Reed 3"]', "share=0.0")
    ]  # fmt: skip

    assert [lines[1:] for lines in told] == [
        [
            f"  storage service reaches {villages} of 10 villages with {households} households, "
            "for 300,000 yuan a year in all"
        ]
        for villages, households in ((1, 30), (0, 0))
    ]


def test_check_counts_the_villages_of_a_region(villagesim: Any) -> None:
    told = villagesim("check", "cixi").stdout
    villages = re.search(r"^valid  cixi: (\d+) villages, ([\d,]+) households", told)

    assert villages
    assert int(villages[1]) > 250
    assert int(villages[2].replace(",", "")) > 200_000


@pytest.mark.parametrize("name", [name for name, _ in list_scenarios()])
def test_every_shipped_scenario_is_valid(villagesim: Any, name: str) -> None:
    assert villagesim("check", name).stdout.startswith(f"valid  {name}: ")


# --- schema


def test_schema_is_one_json_object(villagesim: Any) -> None:
    result = villagesim("schema")

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == scenario_schema()


# --- villages


def test_villages_of_a_scenario_are_written_as_a_file_that_it_can_use(
    villagesim: Any, folder: Path
) -> None:
    result = villagesim("villages", "tiny.toml", "--out", "own.csv")

    assert (result.exit_code, result.stdout) == (0, "own.csv: 1 village\n")
    dates = "start = 2010-01-01\nend = 2010-12-31\n"
    (folder / "own.toml").write_text(f'{dates}region.file = "own.csv"\n', encoding="utf-8")
    checked = villagesim("check", "own.toml")
    assert "valid  own: 1 village, 30 households" in checked.stdout


def test_a_mistake_in_a_file_of_villages_is_told_in_one_line(villagesim: Any, folder: Path) -> None:
    villagesim("villages", "tiny.toml", "--out", "own.csv")
    text = (folder / "own.csv").read_text(encoding="utf-8")
    (folder / "own.csv").write_text(text.replace("bayberry", "bayberi"), encoding="utf-8")
    dates = "start = 2010-01-01\nend = 2010-12-31\n"
    (folder / "own.toml").write_text(f'{dates}region.file = "own.csv"\n', encoding="utf-8")

    result = villagesim("check", "own.toml")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "own.csv, row 2: crop = 'bayberi'" in result.stderr
    assert "did you mean 'bayberry'?" in result.stderr
