"""Consoles: where the command line prints, and how wide."""

import os
import sys
from typing import Any, Final

WIDTH_WITHOUT_TERMINAL: Final = 100
"""Columns of what is printed into a file or a pipe, where COLUMNS does not say otherwise."""
NARROWEST: Final = 80
"""Columns that tables get at least; on a narrower terminal a broken line beats a cut number."""


def output_console() -> Any:
    """Return the console for standard output."""
    from rich.console import Console

    plain = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    console = Console(width=WIDTH_WITHOUT_TERMINAL if plain else None, highlight=False)
    console.width = max(console.width, NARROWEST)
    return console


def show(console: Any, part: Any) -> None:
    """Print a text as one line, or a table; without blanks at the ends of lines in a file."""
    is_text = isinstance(part, str)
    if console.is_terminal or is_text:
        console.print(part, soft_wrap=is_text)
        return
    with console.capture() as captured:
        console.print(part)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def errors_console() -> Any:
    """Return the console for messages and progress, which go to standard error."""
    from rich.console import Console

    return Console(stderr=True)
