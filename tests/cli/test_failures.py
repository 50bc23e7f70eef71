"""What cannot be done: one message on standard error, exit status 2, and nothing written."""

import json
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sim.results import folder as folder_module

QUICK = ("--no-figures", "--threads", "1", "--until", "2015-01-31")


def edited(old: str, new: str) -> Callable[[Path], None]:
    """A mistake in tiny.toml."""

    def edit(folder: Path) -> None:
        path = folder / "tiny.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return edit


def other(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Another file beside tiny.toml."""

    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def nothing(folder: Path) -> None:
    pass


# What is there, what is asked for, and what the message must say.
WRONG: dict[str, tuple[Callable[[Path], None], list[str], list[str]]] = {
    "no scenario": (nothing, ["run"], ["'SCENARIO'", "villagesim run --help"]),
    "unknown command": (nothing, ["rnu", "tiny.toml"], ["'rnu'", "Did you mean 'run'"]),
    "unknown option": (nothing, ["run", "tiny.toml", "--jsn"], ["--jsn", "--json"]),
    "one argument too many": (nothing, ["run", "tiny.toml", "more"], ["unexpected", "more"]),
    "option without its argument": (
        nothing, ["run", "tiny.toml", "--seed"], ["'--seed'", "villagesim run --help"]
    ),
    "unknown name": (
        nothing, ["run", "cangtain"], ["cangtain: no such scenario", "did you mean 'cangtian'?"]
    ),
    "empty name": (nothing, ["run", ""], ["(no name): no such scenario"]),
    "name of a policy": (
        nothing, ["run", "training"], ["training: no such scenario but a policy", "--policy"]
    ),
    "missing file": (
        nothing, ["run", "tinny.toml"], ["tinny.toml: no such file", "did you mean 'tiny.toml'?"]
    ),
    "folder instead of a file": (nothing, ["run", "./"], ["this is a folder"]),
    "empty file": (other("empty.toml", ""), ["run", "empty.toml"], ["the file is empty"]),
    "file with remarks alone": (
        other("empty.toml", "# soon\n"), ["run", "empty.toml"], ["the file is empty"]
    ),
    "file that is no text": (
        other("odd.toml", b"\xff\xfe\x00"), ["run", "odd.toml"], ["odd.toml", "UTF-8"]
    ),
    "syntax error": (
        edited("people = 90", "people 90"), ["run", "tiny.toml"],
        ["tiny.toml: line ", "valid TOML", "Expected '='"],
    ),
    "policy file as a scenario": (
        other("hub.toml", '[[policies]]\nkind = "cold_chain"\nname = "c"\nstart = 2015-01-01\n'),
        ["run", "hub.toml"], ["hub.toml", "only policies"],
    ),
    "unknown key": (
        edited("people = 90", "peeple = 90"), ["run", "tiny.toml"],
        ["tiny.toml: villages.Reed.peeple", "did you mean 'people'?"],
    ),
    "wrong unit in a name": (
        edited("orchard_mu_mean", "orchard_ha_mean"), ["run", "tiny.toml"],
        ["villages.Reed.farmers.orchard_ha_mean", "did you mean 'orchard_mu_mean'?"],
    ),
    "negative area": (
        edited("orchard_mu_mean = 4", "orchard_mu_mean = -4"), ["run", "tiny.toml"],
        ["villages.Reed.farmers.orchard_mu_mean = -4", "greater than 0"],
    ),
    "end before start": (
        edited("end = 2015", "end = 2014"), ["run", "tiny.toml"], ["end = '2014-12-31'"]
    ),
    "start inside a month": (
        edited("start = 2015-01-01", "start = 2015-01-15"), ["run", "tiny.toml"],
        ["start = '2015-01-15'", "the first of a month"],
    ),
    "date out of range": (
        edited("end = 2015", "end = 2035"), ["run", "tiny.toml"],
        ["end = '2035-12-31'", "2009-01-01 to 2022-12-31"],
    ),
    "extended file that is missing": (
        edited("title =", 'extends = "other.toml"\ntitle ='), ["run", "tiny.toml"],
        ["tiny.toml: extends = 'other.toml'", "an existing .toml file"],
    ),
    "service without a village": (
        other("hub.toml", '[[policies]]\nkind = "service_platform"\nname = "hub"\n'
              'start = 2015-01-01\nstorage = {}\ntarget.villages = ["Reed", "Willow"]\n'),
        ["run", "tiny.toml", "--policy", "hub.toml"],
        ["hub.toml: policies.hub.target.villages = 'Willow'", "Reed"],
    ),
    "unknown policy": (
        nothing, ["run", "tiny.toml", "--policy", "trainin"],
        ["trainin: no such policy", "did you mean 'training'?"],
    ),
    "change without a value": (
        nothing, ["run", "tiny.toml", "--set", "seed"], ["key.path=value"]
    ),
    "change of an unknown key": (
        nothing, ["run", "tiny.toml", "--set", "villages.Reed.peple=3"],
        ["villages.Reed.peple", "did you mean 'people'?"],
    ),
    "change of an unknown village": (
        nothing, ["run", "tiny.toml", "--set", "villages.Rede.people=3"],
        ["villages.Rede", "did you mean 'Reed'?"],
    ),
    "change to a wrong value": (
        nothing, ["run", "tiny.toml", "--set", "seed=many"], ["seed = 'many'", "a whole number"]
    ),
    "seed that is no number": (nothing, ["run", "tiny.toml", "--seed", "x"], ["'--seed'", "'x'"]),
    "seed below zero": (nothing, ["run", "tiny.toml", "--seed", "-1"], ["'-1'", "from 0 to"]),
    "seed too large": (
        nothing, ["run", "tiny.toml", "--seed", str(2**63)], ["from 0 to 2**63 - 1"]
    ),
    "until that is no date": (
        nothing, ["run", "tiny.toml", "--until", "2015-02-30"], ["'2015-02-30'", "a date such as"]
    ),
    "until before the start": (
        nothing, ["run", "tiny.toml", "--until", "2014-12-31"],
        ["'2014-12-31'", "2015-01-01 to 2015-12-31"],
    ),
    "until after the end": (
        nothing, ["run", "tiny.toml", "--until", "2016-01-01"],
        ["'2016-01-01'", "2015-01-01 to 2015-12-31"],
    ),
    "no threads": (nothing, ["run", "tiny.toml", "--threads", "0"], ["'0'", "from 1 to 1024"]),
    "folder that is a file": (
        other("results", "mine"), ["run", "tiny.toml", "--out", "results"],
        ["results: this is a file", "a folder"],
    ),
    "folder below a file": (
        other("results", "mine"), ["run", "tiny.toml", "--out", "results/run"],
        ["results is a file"],
    ),
    "folder of another program": (
        other("results/thesis.txt", "mine"), ["run", "tiny.toml", "--out", "results"],
        ["results: this folder has other files in it"],
    ),
    "folder with another manifest": (
        other("results/manifest.json", '{"format": "npm"}'),
        ["run", "tiny.toml", "--out", "results"], ["results: this folder has other files in it"],
    ),
    "the working directory": (
        nothing, ["run", "tiny.toml", "--out", "."], ["cannot be the folder you are in"]
    ),
    "show of an unknown name": (nothing, ["show", "mixd"], ["did you mean 'mixed'?"]),
    "check of a wrong file": (
        edited("seed = 7", "seed = 7.5"), ["check", "tiny.toml"], ["tiny.toml: seed = 7.5"]
    ),
    "plot of nothing": (nothing, ["plot", "nowhere"], ["nowhere: there is no such folder"]),
    "plot of another folder": (nothing, ["plot", "."], ["not a run folder"]),
    "plot of a file": (nothing, ["plot", "tiny.toml"], ["tiny.toml: this is a file"]),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "arguments", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_gets_one_message_and_status_2_and_nothing_is_written(
    villagesim: Any, folder: Path, contents: Any, prepare: Any, arguments: list[str],
    said: list[str],
) -> None:  # fmt: skip
    prepare(folder)
    before = contents()

    result = villagesim(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert [words for words in said if words not in result.stderr] == []
    assert contents() == before


def test_files_that_extend_each_other_in_a_circle_are_named(
    villagesim: Any, folder: Path, contents: Any
) -> None:
    edited("title =", 'extends = "other.toml"\ntitle =')(folder)
    (folder / "other.toml").write_text('extends = "tiny.toml"\nseed = 1\n')
    before = contents()
    result = villagesim("run", "tiny.toml")

    assert result.exit_code == 2
    assert "tiny.toml -> other.toml -> tiny.toml" in result.stderr
    assert contents() == before


def test_a_folder_without_permission_is_refused_before_the_run(
    villagesim: Any, folder: Path, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not hold for everyone, so the system's answer is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(import_module("sim.experiments.run"), "_model", None)
    before = contents()
    result = villagesim("run", "tiny.toml", *QUICK, "--out", "locked")

    assert (result.exit_code, result.stderr) == (2, "Error: locked: no permission to write there\n")
    assert contents() == before


@pytest.mark.parametrize("has_earlier_run", [False, True])
def test_a_full_disk_leaves_what_was_there(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch, has_earlier_run: bool
) -> None:
    if has_earlier_run:
        assert villagesim("run", "tiny.toml", *QUICK).exit_code == 0
    before = contents()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_module, "manifest_of", full)
    result = villagesim("run", "tiny.toml", *QUICK)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: out/tiny: No space left on device\n"
    assert contents() == before


def test_a_mistake_leaves_the_earlier_run_as_it_was(villagesim: Any, contents: Any) -> None:
    villagesim("run", "tiny.toml", *QUICK)
    before = contents()
    result = villagesim("run", "tiny.toml", "--until", "1999-01-01")

    assert result.exit_code == 2
    assert contents() == before


def test_a_run_that_is_stopped_leaves_nothing(
    villagesim: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    before = contents()
    monkeypatch.setattr(folder_module, "manifest_of", stopped)
    result = villagesim("run", "tiny.toml", *QUICK)

    assert (result.exit_code, result.stdout) == (130, "")
    assert contents() == before


def test_a_damaged_run_folder_cannot_be_drawn(villagesim: Any, folder: Path) -> None:
    villagesim("run", "tiny.toml", *QUICK)
    (folder / "out" / "tiny" / "events.parquet").write_bytes(b"PAR1")
    result = villagesim("plot", "out/tiny")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: out/tiny/events.parquet: ")
    assert result.stderr.count("\n") == 1


def test_a_manifest_of_a_later_format_is_no_run_folder(villagesim: Any, folder: Path) -> None:
    villagesim("run", "tiny.toml", *QUICK)
    path = folder / "out" / "tiny" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": "villagesim run 99"}))

    assert "not a run folder" in villagesim("plot", "out/tiny").stderr


def test_standard_output_that_takes_no_more_is_told(
    villagesim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.cli.listing.show", full)
    result = villagesim("check", "tiny.toml")

    assert (result.exit_code, result.stderr) == (2, "Error: No space left on device\n")
