"""The progress bar: on standard error, only on a terminal, only for work that takes a while."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sim.cli.terminal import errors_console

DELAY_S: Final = 1.0
"""Work done sooner shows no bar [s]."""


Tell = Callable[[float, str], None]
"""Is told how far the work is (0-1) and what is being done."""


@contextmanager
def progress_bar(title: str, bar_width: int = 40) -> Iterator[Tell]:
    """Show how far a piece of work is, and take the bar away when it is done."""
    console = errors_console()
    if not console.is_terminal:
        yield lambda share, doing: None
        return
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn(f"[bold]{escape(title)}[/]"),
        BarColumn(bar_width),
        TextColumn("{task.fields[doing]}"),
        TimeElapsedColumn(),
        TextColumn("[dim]left[/]"),
        TimeRemainingColumn(compact=True),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(title, total=1.0, doing="")
    timer = threading.Timer(DELAY_S, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda share, doing: bar.update(task, completed=share, doing=doing)
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()
