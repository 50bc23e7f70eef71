"""How far a sweep is, and what it amounts to, in words."""

import os
from pathlib import Path
from typing import Any, Final

from sim.cli.progress import Tell
from sim.cli.terminal import errors_console, output_console, show
from sim.experiments.sweep import Progress, Shard
from sim.words import counted

_FAILURES_SHOWN: Final = 3
_SHORT_S: Final = 90.0
_LONG_S: Final = 90.0 * 60.0


class Meter:
    """Tells a progress bar how far a sweep is, how fast, and how long it will still take.

    The pace is that since the first batch, for before it workers start.

    Parameters
    ----------
    tell : callable
        The progress bar.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._first: Progress | None = None
        self.progress = Progress(0, 0)

    def __call__(self, progress: Progress) -> None:
        """Take note of how far the sweep is, and tell it."""
        self.progress = progress
        if self._first is None and progress.done:
            self._first = progress
        there = progress.before + progress.done
        share = there / progress.runs if progress.runs else 1.0
        self._tell(share, " · ".join(self._words(there)))

    @property
    def runs_per_s(self) -> float | None:
        """Pace since the first batch [runs/s]; None before there is a second one."""
        first, now = self._first, self.progress
        if first is None or now.done == first.done or now.elapsed_s <= first.elapsed_s:
            return None
        return (now.done - first.done) / (now.elapsed_s - first.elapsed_s)

    def _words(self, there: int) -> list[str]:
        progress, pace = self.progress, self.runs_per_s
        words = [f"{there:,} of {counted(progress.runs, 'run')}"]
        if not progress.done and there < progress.runs:
            words.append("starting")
        if pace is not None:
            left_s = (progress.runs - there) / pace
            words += [f"{pace:.1f} a second", f"{spoken_time(left_s)} left"]
        if progress.failed:
            words.append(f"{progress.failed:,} failed")
        return words


def print_closing(result: Any, progress: Progress, shard: Shard) -> None:
    """Print what a sweep has done, and what can be done next."""
    lines = [_done(result, progress)]
    lines += _failures(result)
    if shard.of > 1:
        lines.append(
            f"[dim]This was part {shard.number} of {shard.of}. Parts in folders of their own are "
            "put together by:[/] villagesim merge DIR… --out DIR"
        )
    for line in lines:
        show(output_console(), line)


def print_merged(result: Any, folders: int) -> None:
    """Print what a merged folder holds."""
    runs, there = result.about["runs"], result.runs_there
    line = f"{counted(there, 'run')} from {counted(folders, 'folder')}, in {_place(result.folder)}"
    show(output_console(), line)
    for failure in _failures(result):
        show(output_console(), failure)
    if there < runs:
        missing = counted(runs - there, "run is", "runs are")
        text = f"[yellow]{missing} missing; the sweep's own command with this folder runs them[/]"
        show(output_console(), text)


def print_stopped(folder: Path) -> None:
    """Print how to go on after Ctrl-C."""
    from sim.errors import RunError
    from sim.experiments.sweep_result import read_sweep

    console = errors_console()
    try:
        result = read_sweep(folder)
    except RunError:
        console.print("Stopped before anything was begun.", soft_wrap=True)
        return
    there = f"{result.runs_there:,} of {counted(result.about['runs'], 'run')}"
    text = f"Stopped. {there} are in {_place(folder)}; the same command goes on from there."
    console.print(text, soft_wrap=True, highlight=False)


def spoken_time(seconds: float) -> str:
    """Return a time as it is spoken: seconds, minutes or hours."""
    if seconds < _SHORT_S:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _LONG_S else f"{seconds / 3600:.1f} h"


def _done(result: Any, progress: Progress) -> str:
    there = progress.before + progress.done
    parts = [f"{counted(there, 'run')} in {_place(result.folder)}"]
    if progress.before:
        how_many = f"{progress.before:,}" if progress.done else "all"
        parts.append(f"{how_many} of them there before")
    if progress.done:
        pace = progress.done / max(progress.elapsed_s, 1e-9)
        took = spoken_time(progress.elapsed_s)
        parts.append(f"{progress.done:,} done in {took}, {pace:.1f} a second")
    return " · ".join(parts)


def _failures(result: Any) -> list[str]:
    from rich.markup import escape

    errors = result.errors
    if not errors:
        return []
    lines = [f"[yellow]{counted(errors.total(), 'run')} failed:[/]"]
    shown = errors.most_common(_FAILURES_SHOWN)
    lines += [f"  {times:,} × {escape(error)}" for error, times in shown]
    if len(errors) > len(shown):
        lines.append(f"  … and {counted(len(errors) - len(shown), 'other error')}")
    return lines


def _place(folder: Path) -> str:
    from rich.markup import escape

    return f"[bold]{escape(str(folder))}{os.sep}[/]"
