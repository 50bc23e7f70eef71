"""The progress bar: on a terminal, for work that takes a while, and gone at the end."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from sim.cli import progress
from sim.cli.progress import progress_bar


class AtOnce:
    """A timer whose time has come when it is started."""

    def __init__(self, delay_s: float, function: Callable[[], None]) -> None:
        self.function = function

    def start(self) -> None:
        self.function()

    def cancel(self) -> None:
        pass

    def join(self) -> None:
        pass


class Never(AtOnce):
    """A timer whose time does not come."""

    def start(self) -> None:
        pass


def shown(monkeypatch: pytest.MonkeyPatch, timer: type, *, terminal: bool) -> Any:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    monkeypatch.setattr(progress, "errors_console", lambda: console)
    monkeypatch.setattr(progress.threading, "Timer", timer)
    return console.file


def test_on_a_terminal_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch, AtOnce, terminal=True)
    with progress_bar("cangtian") as tell:
        tell(0.5, "2014")

    assert "cangtian" in screen.getvalue()
    assert "2014" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")  # the line is erased


def test_work_that_is_done_soon_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch, Never, terminal=True)
    with progress_bar("cangtian") as tell:
        tell(0.5, "2014")

    assert screen.getvalue() == ""


def test_in_a_pipe_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch, AtOnce, terminal=False)
    with progress_bar("cangtian") as tell:
        tell(0.5, "2014")

    assert screen.getvalue() == ""


def test_the_bar_goes_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch, AtOnce, terminal=True)
    with pytest.raises(ValueError, match="no rain"), progress_bar("cangtian"):
        raise ValueError("no rain")

    assert "\x1b[?25h" in screen.getvalue()  # the cursor is there again


def test_names_that_look_like_markup_are_shown_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = shown(monkeypatch, AtOnce, terminal=True)
    with progress_bar("[red]odd"):
        pass

    assert "[red]odd" in screen.getvalue()
