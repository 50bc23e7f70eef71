"""``--lang``: what is told and drawn is in Chinese; what programs read is not."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import Result

from sim.plots import letters
from sim.words import language

Villagesim = Callable[..., Result]

QUICK = ("run", "tiny.toml", "--threads", "1", "--until", "2015-02-28")
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_a_run_is_told_in_chinese(villagesim: Villagesim) -> None:
    result = villagesim(*QUICK, "--no-figures", "--lang", "zh")

    assert (result.exit_code, result.stderr) == (0, "")
    for words in ("大事记", "逐年情况", "网络", "活跃", "2015年1月1日至2015年2月28日"):
        assert words in result.stdout
    assert "What happened" not in result.stdout


def test_the_environment_says_the_language(
    villagesim: Villagesim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VILLAGESIM_LANG", "zh")

    assert "大事记" in villagesim(*QUICK, "--no-figures").stdout
    assert "What happened" in villagesim(*QUICK, "--no-figures", "--lang", "en").stdout


def test_a_language_is_that_of_its_command_only(villagesim: Villagesim) -> None:
    villagesim(*QUICK, "--no-figures", "--lang", "zh")

    assert language() == "en"
    assert not CHINESE.search(villagesim(*QUICK, "--no-figures").stdout)


def test_json_and_tables_are_the_same_in_both(villagesim: Villagesim, folder: Path) -> None:
    told = [
        json.loads(
            villagesim(*QUICK, "--no-figures", "--json", "--lang", code, "--out", code).stdout
        )
        for code in ("en", "zh")
    ]

    assert told[0]["years"] == told[1]["years"]
    assert told[0].keys() == told[1].keys()
    events = [pl.read_parquet(folder / code / "events.parquet") for code in ("en", "zh")]
    assert events[0].equals(events[1])


@pytest.mark.parametrize("command", ["run", "plot", "report", "compare", "explain"])
def test_an_unknown_language_is_refused(
    command: str, villagesim: Villagesim, contents: Callable[[], dict[str, bytes]]
) -> None:
    before = contents()

    result = villagesim(command, "tiny.toml", "--lang", "cn")

    assert result.exit_code == 2
    assert result.stderr == "Error: --lang: 'cn'; allowed: en (English) or zh (中文)\n"
    assert contents() == before


def test_the_environment_is_blamed_for_its_language(
    villagesim: Villagesim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VILLAGESIM_LANG", "chinese")

    assert villagesim(*QUICK).stderr.startswith("Error: VILLAGESIM_LANG: 'chinese'; allowed: en")


@pytest.mark.filterwarnings("default")
def test_without_a_font_figures_are_english_and_one_line_says_so(
    villagesim: Villagesim, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "_CHINESE_FONTS", ("No Such Font",))
    letters.warn_once.cache_clear()
    villagesim(*QUICK, "--out", "en")

    result = villagesim(*QUICK, "--out", "zh", "--lang", "zh")

    assert result.exit_code == 0
    assert result.stderr.startswith("No font with Chinese letters is installed")
    assert result.stderr.count("\n") == 1
    english, chinese = (folder / code / "figures" / "growth.png" for code in ("en", "zh"))
    assert english.read_bytes() == chinese.read_bytes()
