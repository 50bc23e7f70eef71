"""A run that is asked to stop does so at the end of a month, so that its results are valid."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_NOTICE: Final = "Stopping at the end of this month; once more stops at once.\n"


class StopRequest:
    """Whether a signal has asked to stop.

    Attributes
    ----------
    signal : int, optional
        The number of the signal; None if there was none.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.signal is not None

    @property
    def exit_status(self) -> int:
        """Exit status of a command that was stopped."""
        return 128 + (self.signal or 0)


@contextmanager
def stops_in_order() -> Iterator[StopRequest]:
    """Take note of the first Ctrl-C or request to end; a second one acts as it always does."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request  # only the main thread may say what signals do
        return
    before: dict[int, Any] = {}

    def note(number: int, frame: object) -> None:
        request.signal = number
        _put_back(before)
        sys.stderr.write(_NOTICE)

    for number in _SIGNALS:
        before[number] = signal.signal(number, note)
    try:
        yield request
    finally:
        _put_back(before)


def _put_back(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
