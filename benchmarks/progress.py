"""What is being measured now: a line that changes on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from benchmarks.measures import Tell

SILENCE_S = 30.0
"""Where lines stay, there is at most one in so many seconds."""


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Give a function to tell what is being measured."""
    if console.is_terminal:
        with console.status("") as status:
            yield lambda doing: status.update(f"measuring {doing} ...")
        return
    last = -SILENCE_S

    def tell(doing: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SILENCE_S:
            last = now
            console.print(f"measuring {doing} ...", highlight=False, soft_wrap=True)

    yield tell
