"""A server of the page and a browser that looks at it, for the tests that drive both."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
COMMAND = [sys.executable, "-c", "from sim.cli import app; app()", "app"]
STOPS_WITHIN_S = 30


def browser_path() -> str | None:
    """Where the browser of this machine is; None if it has none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def served(scenario: str) -> Iterator[str]:
    """Serve a scenario on a free port; give the address, and end as Ctrl-C does."""
    command = [*COMMAND, scenario, "--no-open", "--port", "0"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **streams) as server:
        try:
            line = server.stdout.readline()
            assert "http://" in line, "the server has not said where it listens"
            yield line.split()[4]
        finally:
            server.send_signal(signal.SIGINT)
            assert (server.wait(STOPS_WITHIN_S), server.stderr.read()) == (0, "")
